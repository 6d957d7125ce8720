/* civic/tiles.h -- how the ledger is cut into static files: tiles of hashes and bundles of entries.
 * Owns:          the paths of tiles, their widths, the bytes of an entry bundle
 * Must not know: where the files lie and who serves them
 * Basis:         C2SP tlog-tiles (the layout without the older height element)
 * Begin at:      tile_path_parse(), tile_width()
 *
 *     tile/0/x001/x234/067      level 0, index 1234067, all 256 hashes        (8,192 bytes)
 *     tile/1/004.p/77           level 1, index 4, the first 77 hashes: the right edge at some signed size
 *     tile/entries/004          entries 1024 to 1279, each as a 16-bit big-endian length and its bytes
 */
#ifndef CIVIC_TILES_H
#define CIVIC_TILES_H
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct buffer;

enum {
    TILE_FULL = 256,         /* hashes of a full tile, entries of a full bundle */
    TILE_MOST_LEVEL = 63,    /* the highest level a path may name */
    TILE_ENTRY_MOST = 65535, /* bytes of one entry */
};

struct tile {
    bool is_entries; /* a bundle of entries; level is 0 then */
    unsigned level;
    uint64_t index;
    unsigned width; /* 1 to 255 of a partial tile, 256 of a full one */
};

/* Strict: "tile/…" without a slash before it; every tile has exactly one path. False for anything else. */
bool tile_path_parse(struct text path, struct tile *ret);
const char *tile_path_print(struct arena *arena, const struct tile *tile);

/* How many hashes (entries) the tile holds in a tree of SIZE leaves: 0 if it isn't there, 256 if it is full. */
unsigned tile_width(unsigned level, uint64_t index, uint64_t size);
/* How many hashes the whole row LEVEL holds: floor(size / 256^level). */
uint64_t tile_row_count(unsigned level, uint64_t size);
/* Is TILE one that a tree of SIZE leaves may serve: full there, or partial and not wider than it was at SIZE? */
bool tile_is_within(const struct tile *tile, uint64_t size);

/* Appends an entry to a bundle; false (nothing added) if it is too long. */
bool entry_bundle_add(struct buffer *bundle, struct text entry);
/* Takes the next entry off REST; false at its end or when the bytes are broken (then rest->size is not 0). */
bool entry_bundle_next(struct text *rest, struct text *ret_entry);
#endif
