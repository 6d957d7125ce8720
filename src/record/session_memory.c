/* record/session_memory.c -- sessions that were asked for a moment ago. */
#include "record/session_memory.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PLACES = 1024 }; /* a power of two; what comes later takes the place of what was there */

/* Never changed once it is in the memory; goes with whoever lets go of it last. */
struct remembered {
    atomic_int holders;
    struct arena *arena; /* it and all that hangs on it */
    const struct session *session;
    struct sha256 secret;
    int64_t generation;
    int64_t asked; /* by the memory's own clock */
    int32_t day;   /* whose roles it has */
};

struct session_memory {
    pthread_mutex_t lock;
    _Atomic int64_t generation; /* of what the database holds */
    int64_t (*now)(void);
    struct remembered *places[PLACES];
};

static int64_t steady_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

struct session_memory *session_memory_new(int64_t (*now)(void))
{
    struct session_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        BUG("out of memory");
    pthread_mutex_init(&memory->lock, NULL);
    memory->now = now ? now : steady_now;
    return memory;
}

static void let_go(void *what)
{
    struct remembered *remembered = what;
    if (remembered && atomic_fetch_sub(&remembered->holders, 1) == 1)
        arena_free(remembered->arena);
}

void session_memory_free(struct session_memory *memory)
{
    if (!memory)
        return;
    for (int i = 0; i < PLACES; i++)
        let_go(memory->places[i]);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

void session_memory_wrote(void *self, const char *table)
{
    static const char *const tables[] = { "session", "account", "person", "role_held", "place", "organisation" };
    struct session_memory *memory = self;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(table, tables[i]) == 0)
            atomic_fetch_add(&memory->generation, 1);
}

static struct remembered **place_of(struct session_memory *memory, const struct sha256 *secret)
{
    uint32_t at; /* a hash is as good as chance */
    memcpy(&at, secret->bytes, sizeof at);
    return &memory->places[at & (PLACES - 1)];
}

/* The realm stands in the cookie beside the secret: both must be its. */
static bool is_still_good(const struct session_memory *memory, const struct remembered *remembered, int64_t now,
                          const struct session_cookie *cookie)
{
    return remembered && bytes_equal_in_constant_time(&remembered->secret, &cookie->secret, sizeof cookie->secret) &&
           text_is(cookie->realm, remembered->session->realm) &&
           remembered->generation == atomic_load(&memory->generation) && remembered->day == day_of(now) &&
           remembered->session->expires > now && memory->now() - remembered->asked < SESSION_MEMORY_SPAN;
}

static const struct session *lend(struct ctx *ctx, struct session_memory *memory, const struct session_cookie *cookie)
{
    int64_t now = clock_now(ctx->clock);
    pthread_mutex_lock(&memory->lock);
    struct remembered *found = *place_of(memory, &cookie->secret);
    bool is_good = is_still_good(memory, found, now, cookie);
    if (is_good)
        atomic_fetch_add(&found->holders, 1);
    pthread_mutex_unlock(&memory->lock);
    if (!is_good)
        return NULL;
    arena_at_end(ctx->arena, let_go, found);
    return found->session;
}

static void keep(struct session_memory *memory, struct remembered *remembered)
{
    struct remembered **place = place_of(memory, &remembered->secret);
    pthread_mutex_lock(&memory->lock);
    struct remembered *before = *place;
    *place = remembered;
    pthread_mutex_unlock(&memory->lock);
    let_go(before);
}

const struct err *session_memory_find(struct ctx *ctx, struct session_memory *memory, const struct session_cookie *cookie,
                                      session_read *read, const struct session **ret)
{
    *ret = lend(ctx, memory, cookie);
    if (*ret)
        return NULL;
    struct arena *arena = arena_new();
    struct remembered *remembered = arena_new_of(arena, struct remembered);
    *remembered = (struct remembered){ .holders = 1,
                                       .arena = arena,
                                       .secret = cookie->secret,
                                       .generation = atomic_load(&memory->generation), /* before the database is asked */
                                       .asked = memory->now(),
                                       .day = day_of(clock_now(ctx->clock)) };
    arena_at_end(ctx->arena, let_go, remembered); /* errors may lie in there too */
    struct ctx reading = *ctx;
    reading.arena = arena;
    TRY(read(&reading, cookie, &remembered->session));
    *ret = remembered->session;
    if (!*ret)
        return NULL;
    atomic_fetch_add(&remembered->holders, 1);
    keep(memory, remembered);
    return NULL;
}
