/* vote/hashes.c -- open addressing; the hash's own first bytes say where to look. */
#include "vote/hashes.h"

#include "base/err.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

/* The slot that leads to HASH, or the empty one where it belongs. */
static uint32_t *slot_of(const struct hashes *hashes, const struct sha256 *hash)
{
    uint64_t at;
    memcpy(&at, hash->bytes, sizeof(at));
    for (;; at++) {
        uint32_t *slot = &hashes->slots[at & (hashes->room - 1)];
        if (*slot == 0 || memcmp(hashes->entries[*slot - 1].hash.bytes, hash->bytes, SHA256_SIZE) == 0)
            return slot;
    }
}

/* The slots twice, the entries half as much again: memory that is only set aside costs nothing until it is used. */
static void grow(struct hashes *hashes)
{
    hashes->room = hashes->room ? 2 * hashes->room : FIRST_ROOM;
    free(hashes->slots);
    hashes->slots = calloc(hashes->room, sizeof(*hashes->slots));
    if (!hashes->slots)
        BUG("memory has run out");
    for (size_t i = 0; i < hashes->count; i++)
        *slot_of(hashes, &hashes->entries[i].hash) = (uint32_t)i + 1;
}

static void grow_entries(struct hashes *hashes)
{
    hashes->entry_room += hashes->entry_room / 2 + FIRST_ROOM;
    hashes->entries = reallocarray(hashes->entries, hashes->entry_room, sizeof(*hashes->entries));
    if (!hashes->entries || hashes->entry_room > UINT32_MAX)
        BUG("memory has run out");
}

bool hashes_put(struct hashes *hashes, const struct sha256 *hash, uint32_t number)
{
    if (hashes->count >= hashes->room / 4 * 3)
        grow(hashes);
    if (hashes->count == hashes->entry_room)
        grow_entries(hashes);
    uint32_t *slot = slot_of(hashes, hash);
    if (*slot)
        return false;
    hashes->entries[hashes->count++] = (struct hashes_entry){ *hash, number };
    *slot = (uint32_t)hashes->count;
    return true;
}

bool hashes_find(const struct hashes *hashes, const struct sha256 *hash, uint32_t *ret)
{
    if (hashes->room == 0)
        return false;
    const uint32_t *slot = slot_of(hashes, hash);
    if (*slot == 0)
        return false;
    *ret = hashes->entries[*slot - 1].number;
    return true;
}

void hashes_clear(struct hashes *hashes)
{
    free(hashes->slots);
    free(hashes->entries);
    *hashes = (struct hashes){ 0 };
}
