/* record/tries.c */
#include "record/tries.h"

#include "base/clock.h"
#include "base/err.h"

#include <pthread.h>
#include <stdlib.h>

struct trying {
    int64_t of, who, minute, count; /* a count of 0: a free place */
};

struct tries {
    pthread_mutex_t lock;
    struct trying all[TRIES_MOST];
};

struct tries *tries_new(void)
{
    struct tries *tries = calloc(1, sizeof *tries);
    if (!tries)
        BUG("out of memory");
    pthread_mutex_init(&tries->lock, NULL);
    return tries;
}

void tries_free(struct tries *tries)
{
    if (!tries)
        return;
    pthread_mutex_destroy(&tries->lock);
    free(tries);
}

static bool is_of(const struct trying *one, int64_t of, int64_t who, int64_t minute)
{
    return one->count && one->of == of && one->who == who && one->minute == minute;
}

/* Theirs of this minute, or the place that has been idle longest, cleared. */
static struct trying *place_of(struct tries *tries, int64_t of, int64_t who, int64_t minute)
{
    struct trying *oldest = &tries->all[0];
    for (int i = 0; i < TRIES_MOST; i++) {
        struct trying *one = &tries->all[i];
        if (is_of(one, of, who, minute))
            return one;
        if (oldest->count && (!one->count || one->minute < oldest->minute))
            oldest = one;
    }
    *oldest = (struct trying){ .of = of, .who = who, .minute = minute };
    return oldest;
}

bool tries_take(struct tries *tries, int64_t of, int64_t who, int64_t now, int64_t most)
{
    if (!tries)
        return true;
    pthread_mutex_lock(&tries->lock);
    struct trying *one = place_of(tries, of, who, now / MICROS_PER_MINUTE);
    bool may = one->count < most;
    one->count += may;
    pthread_mutex_unlock(&tries->lock);
    return may;
}

void tries_give_back(struct tries *tries, int64_t of, int64_t who, int64_t now)
{
    if (!tries)
        return;
    pthread_mutex_lock(&tries->lock);
    /* Their place may have gone to another meanwhile, who keeps it. */
    for (int i = 0; i < TRIES_MOST; i++)
        tries->all[i].count -= is_of(&tries->all[i], of, who, now / MICROS_PER_MINUTE);
    pthread_mutex_unlock(&tries->lock);
}
