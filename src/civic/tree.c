/* civic/tree.c */
#include "civic/tree.h"

#include "base/arena.h"
#include "base/err.h"

#include <string.h>

struct sha256 tree_leaf_hash(struct text entry)
{
    return sha256_node(0x00, entry, TEXT(""));
}

struct sha256 tree_node_hash(const struct sha256 *left, const struct sha256 *right)
{
    return sha256_node(0x01, sha256_text(left), sha256_text(right));
}

static bool hash_equal(const struct sha256 *a, const struct sha256 *b)
{
    return memcmp(a->bytes, b->bytes, SHA256_SIZE) == 0;
}

static struct sha256 empty_root(void)
{
    return sha256_of(TEXT(""));
}

/* ---- growing: a binary counter whose digits are subtrees ---- */

void tree_append(struct tree_front *front, const struct sha256 *leaf, struct tree_done *ret_done)
{
    if (front->size >= (UINT64_C(1) << TREE_LEVELS) - 1)
        BUG("a tree can't hold more than 2^63 - 1 leaves");
    struct sha256 hash = *leaf;
    uint64_t size = front->size + 1;
    unsigned level = 0;
    if (ret_done)
        ret_done->count = 0;
    while (front->size >> level & 1) {
        hash = tree_node_hash(&front->at[level], &hash);
        level++;
        if (level % 8 == 0 && ret_done) {
            unsigned n = ret_done->count++;
            ret_done->hashes[n].level = level / 8;
            ret_done->hashes[n].index = (size >> level) - 1;
            ret_done->hashes[n].hash = hash;
        }
    }
    front->at[level] = hash;
    front->size = size;
}

struct sha256 tree_root(const struct tree_front *front)
{
    if (front->size == 0)
        return empty_root();
    unsigned level = (unsigned)__builtin_ctzll(front->size);
    struct sha256 root = front->at[level];
    while (++level < TREE_LEVELS)
        if (front->size >> level & 1)
            root = tree_node_hash(&front->at[level], &root);
    return root;
}

size_t tree_front_write(const struct tree_front *front, uint8_t out[static TREE_FRONT_BYTES])
{
    size_t size = 0;
    for (int shift = 56; shift >= 0; shift -= 8)
        out[size++] = (uint8_t)(front->size >> shift);
    for (unsigned level = TREE_LEVELS; level-- > 0;) {
        if (front->size >> level & 1) {
            memcpy(out + size, front->at[level].bytes, SHA256_SIZE);
            size += SHA256_SIZE;
        }
    }
    return size;
}

bool tree_front_read(struct text bytes, struct tree_front *ret)
{
    struct tree_front front = { 0 };
    if (bytes.size < 8)
        return false;
    for (int i = 0; i < 8; i++)
        front.size = front.size << 8 | (uint8_t)bytes.at[i];
    size_t subtrees = (size_t)__builtin_popcountll(front.size);
    if (front.size >> TREE_LEVELS || bytes.size != 8 + subtrees * SHA256_SIZE)
        return false;
    const char *at = bytes.at + 8;
    for (unsigned level = TREE_LEVELS; level-- > 0;) {
        if (front.size >> level & 1) {
            memcpy(front.at[level].bytes, at, SHA256_SIZE);
            at += SHA256_SIZE;
        }
    }
    *ret = front;
    return true;
}

/* ---- proving ----
 * Every hash a proof needs is the root of a range of leaves. A complete range of 2^k leaves lies inside one tile of row
 * k / 8; an incomplete one is at the right edge and splits as the tree does. Walking from the leaf upward never comes
 * back to a tile it has left, so one kept tile a row is enough to read each tile once. */

enum { ROWS = 8 };

struct reader {
    struct tree_tiles *tiles;
    struct arena *arena;
    uint64_t size;
    struct {
        uint8_t *hashes; /* NULL while nothing was read */
        uint64_t index;
    } kept[ROWS];
};

static uint64_t split_of(uint64_t count)
{
    return UINT64_C(1) << (63 - __builtin_clzll(count - 1));
}

/* The hashes of tile INDEX in row LEVEL, as wide as the tree's size makes it; NULL if they can't be had. */
static const uint8_t *read_tile(struct reader *reader, unsigned level, uint64_t index)
{
    if (reader->kept[level].hashes && reader->kept[level].index == index)
        return reader->kept[level].hashes;
    uint64_t left = (reader->size >> 8 * level) - index * TREE_TILE_WIDTH;
    unsigned width = left < TREE_TILE_WIDTH ? (unsigned)left : TREE_TILE_WIDTH;
    if (!reader->kept[level].hashes)
        reader->kept[level].hashes = arena_alloc(reader->arena, TREE_TILE_WIDTH * SHA256_SIZE);
    if (!reader->tiles->tile(reader->tiles, level, index, width, reader->kept[level].hashes)) {
        reader->kept[level].hashes = NULL;
        return NULL;
    }
    reader->kept[level].index = index;
    return reader->kept[level].hashes;
}

/* The root of the complete subtree of 2^LEVEL leaves that begins at leaf START. */
static bool complete_root(struct reader *reader, uint64_t start, unsigned level, struct sha256 *ret)
{
    unsigned row = level / 8, count = 1u << level % 8;
    uint64_t first = start >> 8 * row;
    const uint8_t *tile = read_tile(reader, row, first / TREE_TILE_WIDTH);
    if (!tile)
        return false;
    struct sha256 hashes[TREE_TILE_WIDTH / 2];
    memcpy(hashes, tile + first % TREE_TILE_WIDTH * SHA256_SIZE, count * sizeof hashes[0]);
    for (; count > 1; count /= 2) {
        for (unsigned i = 0; i < count / 2; i++)
            hashes[i] = tree_node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
    }
    *ret = hashes[0];
    return true;
}

static bool range_root(struct reader *reader, uint64_t start, uint64_t end, struct sha256 *ret)
{
    uint64_t count = end - start;
    if ((count & (count - 1)) == 0)
        return complete_root(reader, start, (unsigned)__builtin_ctzll(count), ret);
    uint64_t split = split_of(count);
    struct sha256 left, right;
    if (!complete_root(reader, start, (unsigned)__builtin_ctzll(split), &left) ||
        !range_root(reader, start + split, end, &right))
        return false;
    *ret = tree_node_hash(&left, &right);
    return true;
}

static bool add_range(struct reader *reader, uint64_t start, uint64_t end, struct tree_proof *proof)
{
    return range_root(reader, start, end, &proof->hashes[proof->count++]);
}

/* RFC 6962, 2.1.1: PATH(m, D[n]). */
static bool add_path(struct reader *reader, uint64_t index, uint64_t start, uint64_t end, struct tree_proof *proof)
{
    if (end - start == 1)
        return true;
    uint64_t middle = start + split_of(end - start);
    if (index < middle)
        return add_path(reader, index, start, middle, proof) && add_range(reader, middle, end, proof);
    return add_path(reader, index, middle, end, proof) && add_range(reader, start, middle, proof);
}

/* RFC 6962, 2.1.2: SUBPROOF(m, D[n], b); OLD_END is where the old tree ends. */
static bool add_subproof(struct reader *reader, uint64_t old_end, uint64_t start, uint64_t end, bool is_known,
                         struct tree_proof *proof)
{
    if (old_end == end)
        return is_known || add_range(reader, start, end, proof);
    uint64_t middle = start + split_of(end - start);
    if (old_end <= middle)
        return add_subproof(reader, old_end, start, middle, is_known, proof) && add_range(reader, middle, end, proof);
    return add_subproof(reader, old_end, middle, end, false, proof) && add_range(reader, start, middle, proof);
}

static bool begin_reading(struct arena *arena, struct tree_tiles *tiles, uint64_t size, struct reader *ret)
{
    *ret = (struct reader){ .tiles = tiles, .arena = arena, .size = size };
    return size >> TREE_LEVELS == 0;
}

bool tree_root_at(struct arena *arena, struct tree_tiles *tiles, uint64_t size, struct sha256 *ret)
{
    struct reader reader;
    if (!begin_reading(arena, tiles, size, &reader))
        return false;
    if (size == 0) {
        *ret = empty_root();
        return true;
    }
    return range_root(&reader, 0, size, ret);
}

bool tree_prove_inclusion(struct arena *arena, struct tree_tiles *tiles, uint64_t index, uint64_t size,
                          struct tree_proof *ret)
{
    struct reader reader;
    ret->count = 0;
    return begin_reading(arena, tiles, size, &reader) && index < size && add_path(&reader, index, 0, size, ret);
}

bool tree_prove_consistency(struct arena *arena, struct tree_tiles *tiles, uint64_t old_size, uint64_t new_size,
                            struct tree_proof *ret)
{
    struct reader reader;
    ret->count = 0;
    if (!begin_reading(arena, tiles, new_size, &reader) || old_size > new_size)
        return false;
    return old_size == 0 || add_subproof(&reader, old_size, 0, new_size, true, ret);
}

bool tree_front_at(struct arena *arena, struct tree_tiles *tiles, uint64_t size, struct tree_front *ret)
{
    struct reader reader;
    struct tree_front front = { .size = size };
    if (!begin_reading(arena, tiles, size, &reader))
        return false;
    uint64_t start = 0;
    for (unsigned level = TREE_LEVELS; level-- > 0;) {
        if (!(size >> level & 1))
            continue;
        if (!complete_root(&reader, start, level, &front.at[level]))
            return false;
        start += UINT64_C(1) << level;
    }
    *ret = front;
    return true;
}

/* ---- checking: RFC 9162, 2.1.3.2 and 2.1.4.2 ---- */

bool tree_check_inclusion(const struct sha256 *leaf, uint64_t index, uint64_t size, const struct sha256 *proof,
                          size_t count, const struct sha256 *root)
{
    if (index >= size)
        return false;
    uint64_t first = index, last = size - 1;
    struct sha256 hash = *leaf;
    for (size_t i = 0; i < count; i++) {
        if (last == 0)
            return false;
        if (first & 1 || first == last) {
            hash = tree_node_hash(&proof[i], &hash);
            while (!(first & 1) && first != 0) {
                first >>= 1;
                last >>= 1;
            }
        } else {
            hash = tree_node_hash(&hash, &proof[i]);
        }
        first >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&hash, root);
}

bool tree_check_consistency(uint64_t old_size, uint64_t new_size, const struct sha256 *proof, size_t count,
                            const struct sha256 *old_root, const struct sha256 *new_root)
{
    if (old_size == 0 || old_size > new_size)
        return false;
    if (old_size == new_size)
        return count == 0 && hash_equal(old_root, new_root);
    uint64_t first = old_size - 1, last = new_size - 1;
    while (first & 1) {
        first >>= 1;
        last >>= 1;
    }
    /* A power of two: the old root itself is a node of the new tree and starts the walk. */
    bool starts_at_root = (old_size & (old_size - 1)) == 0;
    if (!starts_at_root && count == 0)
        return false;
    struct sha256 old_hash = starts_at_root ? *old_root : proof[0], new_hash = old_hash;
    for (size_t i = starts_at_root ? 0 : 1; i < count; i++) {
        if (last == 0)
            return false;
        if (first & 1 || first == last) {
            old_hash = tree_node_hash(&proof[i], &old_hash);
            new_hash = tree_node_hash(&proof[i], &new_hash);
            while (!(first & 1) && first != 0) {
                first >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = tree_node_hash(&new_hash, &proof[i]);
        }
        first >>= 1;
        last >>= 1;
    }
    return last == 0 && hash_equal(&old_hash, old_root) && hash_equal(&new_hash, new_root);
}
