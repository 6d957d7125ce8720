/* vote/hashes.c -- open addressing; the hash's own first bytes say where to look. */
#include "vote/hashes.h"

#include "base/err.h"

#include <stdlib.h>

enum { FIRST_ROOM = 64 };

/* The slot that holds HASH, or the empty one where it belongs. */
static struct hashes_slot *slot_of(const struct hashes *hashes, const struct sha256 *hash)
{
    uint64_t at;
    memcpy(&at, hash->bytes, sizeof(at));
    for (;; at++) {
        struct hashes_slot *slot = &hashes->slots[at & (hashes->room - 1)];
        if (slot->number_and_one == 0 || memcmp(slot->hash.bytes, hash->bytes, SHA256_SIZE) == 0)
            return slot;
    }
}

static void grow(struct hashes *hashes)
{
    struct hashes wider = { .count = hashes->count, .room = hashes->room ? 2 * hashes->room : FIRST_ROOM };
    wider.slots = calloc(wider.room, sizeof(*wider.slots));
    if (!wider.slots)
        BUG("memory has run out");
    for (size_t i = 0; i < hashes->room; i++)
        if (hashes->slots[i].number_and_one)
            *slot_of(&wider, &hashes->slots[i].hash) = hashes->slots[i];
    free(hashes->slots);
    *hashes = wider;
}

bool hashes_put(struct hashes *hashes, const struct sha256 *hash, uint32_t number)
{
    if (hashes->count >= hashes->room / 4 * 3)
        grow(hashes);
    struct hashes_slot *slot = slot_of(hashes, hash);
    if (slot->number_and_one)
        return false;
    *slot = (struct hashes_slot){ *hash, number + 1 };
    hashes->count++;
    return true;
}

bool hashes_find(const struct hashes *hashes, const struct sha256 *hash, uint32_t *ret)
{
    if (hashes->room == 0)
        return false;
    const struct hashes_slot *slot = slot_of(hashes, hash);
    if (slot->number_and_one == 0)
        return false;
    *ret = slot->number_and_one - 1;
    return true;
}

void hashes_clear(struct hashes *hashes)
{
    free(hashes->slots);
    *hashes = (struct hashes){ 0 };
}
