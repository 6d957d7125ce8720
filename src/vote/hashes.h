/* vote/hashes.h -- a set of SHA-256 values, each with a number; at most 60 bytes for each, whatever their count.
 * Owns:          struct hashes (heap memory, freed by hashes_clear())
 * Must not know: what was hashed
 * Begin at:      hashes_put(), hashes_find()
 */
#ifndef VOTE_HASHES_H
#define VOTE_HASHES_H
#include "base/encode.h"

#include <stdbool.h>
#include <stdint.h>

struct hashes_entry {
    struct sha256 hash;
    uint32_t number;
};

/* The entries one after the other, and where to look for them: slots hold their place and one, or 0. */
struct hashes {
    struct hashes_entry *entries;
    uint32_t *slots;
    size_t count, entry_room, room; /* room, that of the slots, is a power of two */
};

/* False if it was there already. */
bool hashes_put(struct hashes *hashes, const struct sha256 *hash, uint32_t number);
bool hashes_find(const struct hashes *hashes, const struct sha256 *hash, uint32_t *ret);
void hashes_clear(struct hashes *hashes);
#endif
