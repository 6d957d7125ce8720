/* base/arena.c -- chunks that double, the newest first. */
#include "base/arena.h"

#include "base/err.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 256 * 1024, ALIGNMENT = 16 };

struct chunk {
    struct chunk *older;
    size_t size, used;
    _Alignas(ALIGNMENT) unsigned char at[];
};

struct at_end {
    struct at_end *earlier;
    void (*call)(void *);
    void *what;
};

struct arena {
    struct chunk *chunk;
    struct at_end *at_end;
    size_t used;
    bool has_secrets;
};

static struct chunk *chunk_new(struct chunk *older, size_t size)
{
    struct chunk *chunk = malloc(sizeof *chunk + size);
    if (!chunk)
        BUG("out of memory");
    chunk->older = older;
    chunk->size = size;
    chunk->used = 0;
    return chunk;
}

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (!arena)
        BUG("out of memory");
    return arena;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    for (struct at_end *end = arena->at_end; end; end = end->earlier)
        end->call(end->what);
    for (struct chunk *chunk = arena->chunk; chunk;) {
        struct chunk *older = chunk->older;
        if (arena->has_secrets)
            sodium_memzero(chunk->at, chunk->used);
        free(chunk);
        chunk = older;
    }
    free(arena);
}

void arena_keep_secrets(struct arena *arena)
{
    arena->has_secrets = true;
}

void *arena_alloc_raw(struct arena *arena, size_t size)
{
    if (size > SIZE_MAX / 2)
        BUG("an allocation of %zu bytes", size);
    size_t wanted = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    struct chunk *chunk = arena->chunk;
    if (!chunk || chunk->size - chunk->used < wanted) {
        size_t next = chunk ? chunk->size * 2 : FIRST_CHUNK - sizeof *chunk;
        if (next > LARGEST_CHUNK)
            next = LARGEST_CHUNK;
        if (next < wanted)
            next = wanted;
        chunk = arena->chunk = chunk_new(chunk, next);
    }
    void *at = chunk->at + chunk->used;
    chunk->used += wanted;
    arena->used += wanted;
    return at;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    void *at = arena_alloc_raw(arena, size);
    memset(at, 0, size);
    return at;
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *copy = arena_alloc_raw(arena, size + 1);
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string));
}

/* Printed straight into what is left of the chunk; only what doesn't fit there is printed a second time. */
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    struct chunk *chunk = arena->chunk;
    size_t room = chunk ? chunk->size - chunk->used : 0;
    char *left = room ? (char *)chunk->at + chunk->used : NULL;
    int size = vsnprintf(left, room, format, arguments);
    if (size < 0)
        BUG("a format that cannot be printed: %s", format);
    char *at = arena_alloc_raw(arena, (size_t)size + 1);
    if (at != left) {
        if (left && arena->has_secrets) /* what was printed there is no part of what is used, and wiped with it */
            sodium_memzero(left, room);
        vsnprintf(at, (size_t)size + 1, format, again);
    }
    va_end(again);
    return at;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *at = arena_vprintf(arena, format, arguments);
    va_end(arguments);
    return at;
}

void arena_at_end(struct arena *arena, void (*call)(void *), void *what)
{
    struct at_end *end = arena_new_of(arena, struct at_end);
    end->earlier = arena->at_end;
    end->call = call;
    end->what = what;
    arena->at_end = end;
}

size_t arena_used(const struct arena *arena)
{
    return arena->used;
}
