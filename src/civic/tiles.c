/* civic/tiles.c */
#include "civic/tiles.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "civic/note_inside.h"

#include <inttypes.h>
#include <stdio.h>

/* Three digits, appended to NUMBER. */
static bool add_three_digits(struct text digits, uint64_t *number)
{
    if (digits.size != 3 || __builtin_mul_overflow(*number, UINT64_C(1000), number))
        return false;
    unsigned group = 0;
    for (size_t i = 0; i < 3; i++) {
        unsigned digit = (unsigned)(uint8_t)digits.at[i] - '0';
        if (digit > 9)
            return false;
        group = group * 10 + digit;
    }
    return !__builtin_add_overflow(*number, group, number);
}

/* "x001/x234/067" or "x001/x234/067.p/77": no group but the only one may be all zeros in front. */
static bool read_index(struct text rest, struct tile *tile)
{
    struct text group = text_cut(rest, '/', &rest);
    bool is_first = true;
    for (; group.size > 0 && group.at[0] == 'x'; is_first = false) {
        if (!add_three_digits((struct text){ group.at + 1, group.size - 1 }, &tile->index) ||
            (is_first && tile->index == 0))
            return false;
        group = text_cut(rest, '/', &rest);
    }
    tile->width = TILE_FULL;
    if (text_ends(group, ".p")) {
        uint64_t width;
        group.size -= 2;
        if (!note_number_read(rest, &width) || width == 0 || width >= TILE_FULL)
            return false;
        tile->width = (unsigned)width;
        rest = TEXT("");
    }
    return add_three_digits(group, &tile->index) && rest.size == 0;
}

bool tile_path_parse(struct text path, struct tile *ret)
{
    struct tile tile = { 0 };
    struct text rest;
    uint64_t level = 0;
    if (path.size == 0 || path.at[path.size - 1] == '/' || !text_is(text_cut(path, '/', &rest), "tile"))
        return false;
    struct text row = text_cut(rest, '/', &rest);
    tile.is_entries = text_is(row, "entries");
    if (!tile.is_entries && (!note_number_read(row, &level) || level > TILE_MOST_LEVEL))
        return false;
    tile.level = (unsigned)level;
    if (!read_index(rest, &tile))
        return false;
    *ret = tile;
    return true;
}

const char *tile_path_print(struct arena *arena, const struct tile *tile)
{
    char row[24], index[64] = "", width[8] = "";
    size_t size = 0;
    uint64_t unit = 1; /* 1000 to the number of groups after the first */
    snprintf(row, sizeof row, "%u", tile->level);
    while (tile->index / unit >= 1000)
        unit *= 1000;
    for (; unit >= 1; unit /= 1000)
        size += (size_t)snprintf(index + size, sizeof index - size, "%s%03" PRIu64 "%s", unit > 1 ? "x" : "",
                                 tile->index / unit % 1000, unit > 1 ? "/" : "");
    if (tile->width != TILE_FULL)
        snprintf(width, sizeof width, ".p/%u", tile->width);
    return arena_printf(arena, "tile/%s/%s%s", tile->is_entries ? "entries" : row, index, width);
}

uint64_t tile_row_count(unsigned level, uint64_t size)
{
    return level < 8 ? size >> 8 * level : 0;
}

unsigned tile_width(unsigned level, uint64_t index, uint64_t size)
{
    uint64_t count = tile_row_count(level, size);
    if (index > count / TILE_FULL)
        return 0;
    uint64_t left = count - index * TILE_FULL;
    return left < TILE_FULL ? (unsigned)left : TILE_FULL;
}

bool tile_is_within(const struct tile *tile, uint64_t size)
{
    return tile->width > 0 && tile->width <= tile_width(tile->level, tile->index, size);
}

bool entry_bundle_add(struct buffer *bundle, struct text entry)
{
    if (entry.size > TILE_ENTRY_MOST)
        return false;
    buffer_byte(bundle, (char)(entry.size >> 8));
    buffer_byte(bundle, (char)(entry.size & 0xff));
    buffer_text(bundle, entry);
    return true;
}

bool entry_bundle_next(struct text *rest, struct text *ret_entry)
{
    if (rest->size < 2)
        return false;
    size_t size = (size_t)(uint8_t)rest->at[0] << 8 | (uint8_t)rest->at[1];
    if (rest->size - 2 < size)
        return false;
    *ret_entry = (struct text){ rest->at + 2, size };
    *rest = (struct text){ rest->at + 2 + size, rest->size - 2 - size };
    return true;
}
