/* vote/shelf.c -- a short list under one lock. What is lent stays, however many others come; the rest is dropped by
 * age. */
#include "vote/shelf.h"

#include "base/arena.h"
#include "base/ctx.h"

#include <pthread.h>
#include <stdlib.h>

struct kept {
    struct kept *next;
    struct ctx *ctx; /* its memory */
    struct sha256 hash;
    struct election election;
    int lent;
};

/* The one lent last stands first. */
struct shelf {
    pthread_mutex_t lock;
    struct kept *first;
};

/* What one ctx has borrowed. */
struct loan {
    struct shelf *shelf;
    struct kept *kept;
};

struct shelf *shelf_new(void)
{
    struct shelf *shelf = calloc(1, sizeof(*shelf));
    if (!shelf)
        BUG("memory has run out");
    pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

void shelf_free(struct shelf *shelf)
{
    if (!shelf)
        return;
    for (struct kept *kept = shelf->first; kept;) {
        struct kept *next = kept->next;
        if (kept->lent > 0)
            BUG("an election has not been given back");
        ctx_end(kept->ctx);
        kept = next;
    }
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

/* Takes the one with HASH (of its text), or NULL and UUID, off the list, if it is there. */
static struct kept *take(struct shelf *shelf, const struct sha256 *hash, struct text uuid)
{
    for (struct kept **at = &shelf->first; *at; at = &(*at)->next) {
        struct kept *kept = *at;
        if (hash ? memcmp(kept->hash.bytes, hash->bytes, SHA256_SIZE) != 0 : !text_equal(kept->election.uuid, uuid))
            continue;
        *at = kept->next;
        return kept;
    }
    return NULL;
}

/* The oldest beyond SHELF_MOST that nobody has borrowed go. */
static void tidy(struct shelf *shelf)
{
    int count = 0;
    for (struct kept **at = &shelf->first; *at;) {
        struct kept *kept = *at;
        if (++count <= SHELF_MOST || kept->lent > 0) {
            at = &kept->next;
            continue;
        }
        *at = kept->next;
        ctx_end(kept->ctx);
    }
}

static void give_back(void *what)
{
    struct loan *loan = what;
    pthread_mutex_lock(&loan->shelf->lock);
    loan->kept->lent--;
    tidy(loan->shelf);
    pthread_mutex_unlock(&loan->shelf->lock);
}

static const struct err *read_kept(struct ctx *ctx, struct text bytes, const struct sha256 *hash, struct kept **ret)
{
    static const struct ctx none;
    struct ctx *own = ctx_begin(&none);
    struct kept *kept = arena_new_of(own->arena, struct kept);
    const struct err *e = err_again(ctx, election_read(own, bytes, &kept->election));
    if (e) {
        ctx_end(own);
        return e;
    }
    kept->ctx = own;
    kept->hash = *hash;
    *ret = kept;
    return NULL;
}

/* Under the lock; until CTX goes, which gives it back. */
static const struct election *lend(struct ctx *ctx, struct shelf *shelf, struct kept *kept)
{
    kept->next = shelf->first;
    shelf->first = kept;
    kept->lent++;
    tidy(shelf);
    struct loan *loan = arena_new_of(ctx->arena, struct loan);
    *loan = (struct loan){ shelf, kept };
    arena_at_end(ctx->arena, give_back, loan);
    return &kept->election;
}

bool shelf_find(struct ctx *ctx, struct shelf *shelf, struct text uuid, const struct election **ret)
{
    if (!shelf)
        return false;
    pthread_mutex_lock(&shelf->lock);
    struct kept *kept = take(shelf, NULL, uuid);
    if (kept)
        *ret = lend(ctx, shelf, kept);
    pthread_mutex_unlock(&shelf->lock);
    return kept != NULL;
}

/* Whoever comes for the same election while it is being read waits for it: reading it twice would take as long. */
static const struct err *find_or_read(struct ctx *ctx, struct shelf *shelf, struct text bytes, const struct election **ret)
{
    struct sha256 hash = sha256_of(bytes);
    struct kept *kept = take(shelf, &hash, TEXT(""));
    if (!kept)
        TRY(read_kept(ctx, bytes, &hash, &kept));
    *ret = lend(ctx, shelf, kept);
    return NULL;
}

const struct err *shelf_lend(struct ctx *ctx, struct shelf *shelf, struct text bytes, const struct election **ret)
{
    if (!shelf) {
        struct election *read = arena_new_of(ctx->arena, struct election);
        *ret = read;
        return election_read(ctx, bytes, read);
    }
    pthread_mutex_lock(&shelf->lock);
    const struct err *e = find_or_read(ctx, shelf, bytes, ret);
    pthread_mutex_unlock(&shelf->lock);
    return e;
}
