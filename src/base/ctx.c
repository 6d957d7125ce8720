/* base/ctx.c */
#include "base/ctx.h"

#include "base/arena.h"

#include <sodium.h>

struct ctx *ctx_begin(const struct ctx *model)
{
    struct arena *arena = arena_new();
    struct ctx *ctx = arena_new_of(arena, struct ctx);
    *ctx = *model;
    ctx->arena = arena;
    return ctx;
}

void ctx_end(struct ctx *ctx)
{
    if (ctx)
        arena_free(ctx->arena);
}

static void fill_from_system(struct chance *chance, void *bytes, size_t size)
{
    (void)chance;
    randombytes_buf(bytes, size);
}

struct chance *chance_system(void)
{
    static struct chance system = { fill_from_system };
    return &system;
}

void ctx_random(struct ctx *ctx, void *bytes, size_t size)
{
    ctx->chance->fill(ctx->chance, bytes, size);
}

const char *language_code(enum language language)
{
    static const char *const codes[LANGUAGE_COUNT] = { [LANGUAGE_ZH] = "zh-CN", [LANGUAGE_EN] = "en" };
    return codes[language];
}
