/* vote/hashes.h -- a set of SHA-256 values, each with a number.
 * Owns:          struct hashes (heap memory, freed by hashes_clear())
 * Must not know: what was hashed
 * Begin at:      hashes_put(), hashes_find()
 */
#ifndef VOTE_HASHES_H
#define VOTE_HASHES_H
#include "base/encode.h"

#include <stdbool.h>
#include <stdint.h>

struct hashes_slot {
    struct sha256 hash;
    uint32_t number_and_one; /* 0: empty */
};

struct hashes {
    struct hashes_slot *slots;
    size_t count, room; /* room is a power of two */
};

/* False if it was there already. */
bool hashes_put(struct hashes *hashes, const struct sha256 *hash, uint32_t number);
bool hashes_find(const struct hashes *hashes, const struct sha256 *hash, uint32_t *ret);
void hashes_clear(struct hashes *hashes);
#endif
