/* record/grow_inside.h -- rows of unknown number, gathered in an arena.
 * Owns:          how much room there is at which count
 * Must not know: what is gathered
 * Begin at:      arena_grow()
 *
 *     things = arena_grow(ctx, things, count, sizeof *things);
 *     things[count++] = …;
 */
#ifndef RECORD_GROW_INSIDE_H
#define RECORD_GROW_INSIDE_H
#include "base/arena.h"
#include "base/ctx.h"

#include <string.h>

/* THINGS (NULL: none yet) of SIZE bytes each, COUNT of them, with room for one more. Grows at 8, 16, 32 …: the room is
 * known from the count. */
static inline void *arena_grow(struct ctx *ctx, void *things, int count, size_t size)
{
    if (count != 0 && (count < 8 || (count & (count - 1))))
        return things;
    void *grown = arena_alloc(ctx->arena, size * (size_t)(count ? count * 2 : 8));
    if (count)
        memcpy(grown, things, size * (size_t)count);
    return grown;
}
#endif
