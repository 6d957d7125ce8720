/* tests/lib/memory_tiles.h -- a tree whose tiles lie in memory: grows leaf by leaf, serves tree_tiles, counts what it
 * is asked. */
#ifndef TESTS_MEMORY_TILES_H
#define TESTS_MEMORY_TILES_H
#include "fixture.h"

#include "civic/tree.h"

#include <stdlib.h>

struct memory_tiles {
    struct tree_tiles tiles; /* first: the callback finds the rest behind it */
    struct tree_front front;
    struct {
        struct sha256 *hashes;
        size_t count, room;
    } rows[TREE_DONE_LEVELS + 1];
    unsigned asked;      /* tiles read since the last reset */
    unsigned fails_from; /* the nth read and all after it fail; 0 never */
};

static inline bool memory_tile(struct tree_tiles *self, unsigned level, uint64_t index, unsigned width, uint8_t *hashes)
{
    struct memory_tiles *m = (struct memory_tiles *)self;
    m->asked++;
    if (m->fails_from && m->asked >= m->fails_from)
        return false;
    if (width == 0 || width > TREE_TILE_WIDTH || index * TREE_TILE_WIDTH + width > m->rows[level].count)
        fail_msg("asked for tile %u/%llu of width %u, row holds %zu", level, (unsigned long long)index, width,
                 m->rows[level].count);
    memcpy(hashes, m->rows[level].hashes + index * TREE_TILE_WIDTH, width * sizeof(struct sha256));
    return true;
}

static inline void memory_put(struct memory_tiles *m, unsigned level, uint64_t index, const struct sha256 *hash)
{
    if (index != m->rows[level].count)
        fail_msg("hash %llu of row %u comes after %zu", (unsigned long long)index, level, m->rows[level].count);
    if (m->rows[level].count == m->rows[level].room) {
        m->rows[level].room = m->rows[level].room ? 2 * m->rows[level].room : 64;
        m->rows[level].hashes = realloc(m->rows[level].hashes, m->rows[level].room * sizeof *hash);
        assert_non_null(m->rows[level].hashes);
    }
    m->rows[level].hashes[m->rows[level].count++] = *hash;
}

static inline void memory_append(struct memory_tiles *m, const struct sha256 *leaf)
{
    struct tree_done done;
    memory_put(m, 0, m->front.size, leaf);
    tree_append(&m->front, leaf, &done);
    for (unsigned i = 0; i < done.count; i++)
        memory_put(m, done.hashes[i].level, done.hashes[i].index, &done.hashes[i].hash);
}

static inline void memory_tiles_clear(struct memory_tiles *m)
{
    for (size_t i = 0; i < sizeof m->rows / sizeof m->rows[0]; i++)
        free(m->rows[i].hashes);
    *m = (struct memory_tiles){ 0 };
}
#endif
