/* civic/tree.h -- the Merkle tree under the ledger: hashes, growing, proving, checking.
 * Owns:          struct tree_front (what must be kept to grow a tree), proofs of inclusion and consistency
 * Must not know: where hashes are kept (a callback gives them), who signs the root (civic/note.h)
 * Basis:         RFC 6962, section 2.1; the same tree as in RFC 9162
 * Begin at:      tree_append(), tree_prove_inclusion(), tree_check_inclusion()
 *
 *            root 0..5                 A tree of n > 1 leaves splits at the largest power of two below n.
 *           /         \                Nothing is padded and no leaf is doubled.
 *      node 0..3     node 4..5         The front of this tree of 6 leaves: size 6 (binary 110) and the two
 *      /      \        /    \          hashes of its complete subtrees, 0..3 (level 2) and 4..5 (level 1).
 *    0..1    2..3     4      5
 *
 * A tree grown here holds fewer than 2^63 leaves. The two checks take any unsigned 64-bit sizes.
 */
#ifndef CIVIC_TREE_H
#define CIVIC_TREE_H
#include "base/encode.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

enum {
    TREE_LEVELS = 63,                                 /* of a front: sizes below 2^63 */
    TREE_FRONT_BYTES = 8 + TREE_LEVELS * SHA256_SIZE, /* the longest written front */
    TREE_PROOF_HASHES = 64,                           /* the longest proof made here */
    TREE_DONE_LEVELS = TREE_LEVELS / 8,               /* tile levels 1 to 7 */
    TREE_TILE_WIDTH = 256,
};

struct sha256 tree_leaf_hash(struct text entry);                                     /* SHA-256(0x00 ‖ entry) */
struct sha256 tree_node_hash(const struct sha256 *left, const struct sha256 *right); /* SHA-256(0x01 ‖ left ‖ right) */

/* ---- growing ---- */

/* The right edge of a tree: all that must be kept to append to it. {0} is the empty tree. */
struct tree_front {
    uint64_t size;
    struct sha256 at[TREE_LEVELS]; /* at[k]: the complete subtree of 2^k leaves, there if bit k of size is set */
};

/* The hashes of tile levels ≥ 1 that one append has made final, lowest level first. */
struct tree_done {
    unsigned count;
    struct {
        unsigned level; /* of the tile row to which the hash belongs, 1 to 7 */
        uint64_t index; /* of the hash in its row: tile index / 256, place index % 256 */
        struct sha256 hash;
    } hashes[TREE_DONE_LEVELS];
};

/* Appends one leaf hash; its own place is (level 0, index = the size before). RET_DONE may be NULL.
 * Most appends finish nothing; every 256th finishes one hash of level 1, every 65,536th also one of level 2 … */
void tree_append(struct tree_front *front, const struct sha256 *leaf, struct tree_done *ret_done);

struct sha256 tree_root(const struct tree_front *front);

/* Written form, for a database row: size as 8 big-endian bytes, then the hashes, largest subtree first.
 * tree_front_write() returns how many bytes of OUT it filled; reading refuses any other length. */
size_t tree_front_write(const struct tree_front *front, uint8_t out[static TREE_FRONT_BYTES]);
bool tree_front_read(struct text bytes, struct tree_front *ret);

/* ---- proving ---- */

/* Where hashes come from. Put it first in a struct of your own.
 * tile() writes to HASHES the first WIDTH hashes (1 to 256, 32 bytes each) of tile INDEX of row LEVEL: level 0 holds
 * leaf hashes, a hash of level L is the root of a full tile of level L-1. WIDTH is what the tile holds at the size
 * asked about, so a tile that has grown since answers with its beginning. False if it can't (keep the reason in your
 * struct). */
struct tree_tiles {
    bool (*tile)(struct tree_tiles *self, unsigned level, uint64_t index, unsigned width, uint8_t *hashes);
};

struct tree_proof {
    size_t count;
    struct sha256 hashes[TREE_PROOF_HASHES];
};

/* All three read each tile they need once, are false if a tile can't be had or the numbers make no sense
 * (index ≥ size, old_size > new_size, size ≥ 2^63). ARENA holds tiles while they work. */
bool tree_root_at(struct arena *arena, struct tree_tiles *tiles, uint64_t size, struct sha256 *ret);
bool tree_prove_inclusion(struct arena *arena, struct tree_tiles *tiles, uint64_t index, uint64_t size,
                          struct tree_proof *ret);
bool tree_prove_consistency(struct arena *arena, struct tree_tiles *tiles, uint64_t old_size, uint64_t new_size,
                            struct tree_proof *ret);

/* The front of the tree as it was at SIZE: for starting again from stored hashes. */
bool tree_front_at(struct arena *arena, struct tree_tiles *tiles, uint64_t size, struct tree_front *ret);

/* ---- checking ---- */

/* Does PROOF show that LEAF is at INDEX of the tree of SIZE leaves with ROOT? */
bool tree_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size, const struct sha256 *proof,
                          size_t count, const struct sha256 *root);

/* Does PROOF show that the tree of NEW_SIZE begins with the tree of OLD_SIZE? An OLD_SIZE of 0 is refused: every tree
 * begins with nothing, so there is nothing to show. */
bool tree_check_consistency(uint64_t old_size, uint64_t new_size, const struct sha256 *proof, size_t count,
                            const struct sha256 *old_root, const struct sha256 *new_root);
#endif
