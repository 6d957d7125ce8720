/* http/lane.c -- the slow lane: a bounded queue and a few threads for checks known to be slow.
 *
 * A hundred voters in one hall come from one address, and so does a guesser. So a network may fill most of the queue, but those
 * of other networks go in between: whoever comes waits for one of each network that is waiting, not for a crowd of another's.
 */
#include "http/http_inside.h"

#include "base/arena.h"

#include <sys/resource.h>

enum { LANE_NICENESS = 10 };
/* Checks quicker than this are handed on in groups, of so many at most: one commit for eight ballots instead of eight. */
enum { HELD_MOST = 8, HELD_QUICK = 2 * 1000 * 1000 /* nanoseconds */ };

/* Plans that are ready, and not yet with the writer. Of one thread alone. */
struct held {
    struct exchange *list[HELD_MOST];
    int count;
};

static bool is_from(const struct exchange *exchange, const struct address *network)
{
    return exchange && memcmp(&exchange->from, network, sizeof *network) == 0;
}

/* What EXCHANGE's network has in the lane already, and its turn behind them. Under the lane's lock. */
static int count_held(const struct http *http, const struct exchange *exchange, int64_t *ret_turn)
{
    const struct lane *lane = &http->lane;
    int held = 0;
    *ret_turn = lane->turn + 1;
    for (int i = 0; i < lane->count + http->settings.lanes; i++) {
        const struct exchange *other = i < lane->count ? lane->queue[i] : lane->running[i - lane->count];
        if (!is_from(other, &exchange->from))
            continue;
        held++;
        if (other->turn >= *ret_turn)
            *ret_turn = other->turn + 1;
    }
    return held;
}

/* Behind all whose turn comes no later. */
static void put_in_line(struct lane *lane, struct exchange *exchange)
{
    int at = lane->count++;
    for (; at && lane->queue[at - 1]->turn > exchange->turn; at--)
        lane->queue[at] = lane->queue[at - 1];
    lane->queue[at] = exchange;
}

bool lane_take(struct http *http, struct exchange *exchange)
{
    struct lane *lane = &http->lane;
    int64_t turn;
    pthread_mutex_lock(&lane->lock);
    /* it sleeps before a thread of the lane can see it: under the lane's lock */
    bool is_taken = lane->count < lane->room && !lane->is_stopping &&
                    count_held(http, exchange, &turn) < http->settings.lane_share && exchange_sleep(exchange);
    if (is_taken) {
        exchange->turn = turn;
        put_in_line(lane, exchange);
        http->waiting_lane++;
        pthread_cond_signal(&lane->changed);
    }
    pthread_mutex_unlock(&lane->lock);
    return is_taken;
}

/* Its place among the running ones in *RET_PLACE. */
static struct exchange *next_of(struct lane *lane, struct exchange ***ret_place)
{
    while (!lane->count && !lane->is_stopping)
        pthread_cond_wait(&lane->changed, &lane->lock);
    if (!lane->count)
        return NULL;
    struct exchange *exchange = lane->queue[0];
    memmove(lane->queue, lane->queue + 1, sizeof *lane->queue * (size_t)--lane->count);
    lane->turn = exchange->turn;
    struct exchange **place = lane->running;
    while (*place)
        place++;
    *ret_place = place;
    return *place = exchange;
}

/* Niceness is a thread's own on Linux: a page that comes while a password is being hashed gets the processor at once. */
static void give_way(void)
{
    setpriority(PRIO_PROCESS, (id_t)gettid(), LANE_NICENESS);
}

static void hand_on(struct http *http, struct held *held)
{
    for (int i = 0; i < held->count; i++) {
        if (exchange_is_abandoned(held->list[i]))
            exchange_wake(held->list[i]);
        else
            exchange_submit(held->list[i]);
        http->waiting_lane--;
    }
    held->count = 0;
}

/* Whether the next check promises to be as quick as the one that has just ended, so that its plan may come along. Under the
 * lane's lock. */
static bool is_same_next(const struct lane *lane, const struct route *route, int64_t took)
{
    return took < HELD_QUICK && lane->count && lane->queue[0]->route == route;
}

static int64_t nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *work(void *of)
{
    struct http *http = of;
    struct lane *lane = &http->lane;
    struct held held = { .count = 0 };
    give_way();
    pthread_mutex_lock(&lane->lock);
    struct exchange **place;
    for (struct exchange *exchange; (exchange = next_of(lane, &place));) {
        pthread_mutex_unlock(&lane->lock);
        const struct route *route = exchange->route;
        int64_t began = nanoseconds();
        bool is_plan = !exchange_is_abandoned(exchange) && life_run(exchange) == VERDICT_PLAN;
        int64_t took = nanoseconds() - began;
        pthread_mutex_lock(&lane->lock);
        *place = NULL; /* before anybody else may let it go */
        bool is_held = is_plan && held.count + 1 < HELD_MOST && is_same_next(lane, route, took);
        pthread_mutex_unlock(&lane->lock);
        if (is_plan) {
            held.list[held.count++] = exchange;
        } else {
            exchange_wake(exchange);
            http->waiting_lane--;
        }
        if (!is_held)
            hand_on(http, &held);
        pthread_mutex_lock(&lane->lock);
        if (held.count && !lane->count) { /* another thread took what they were to wait for */
            pthread_mutex_unlock(&lane->lock);
            hand_on(http, &held);
            pthread_mutex_lock(&lane->lock);
        }
    }
    pthread_mutex_unlock(&lane->lock);
    return NULL;
}

const struct err *lane_start(struct ctx *ctx, struct http *http)
{
    struct lane *lane = &http->lane;
    pthread_mutex_init(&lane->lock, NULL);
    pthread_cond_init(&lane->changed, NULL);
    lane->room = http->settings.lane_queue;
    lane->queue = arena_array_of(http->arena, struct exchange *, lane->room);
    lane->running = arena_array_of(http->arena, struct exchange *, http->settings.lanes);
    lane->threads = arena_array_of(http->arena, pthread_t, http->settings.lanes);
    for (int i = 0; i < http->settings.lanes; i++) {
        int failed = pthread_create(&lane->threads[i], NULL, work, http);
        if (failed)
            return err_broken(ctx, "no thread for the slow lane: %s", strerror(failed));
        lane->thread_count++;
    }
    return NULL;
}

void lane_stop(struct http *http)
{
    struct lane *lane = &http->lane;
    if (!lane->thread_count)
        return;
    pthread_mutex_lock(&lane->lock);
    lane->is_stopping = true;
    pthread_cond_broadcast(&lane->changed);
    pthread_mutex_unlock(&lane->lock);
    for (int i = 0; i < lane->thread_count; i++)
        pthread_join(lane->threads[i], NULL);
    lane->thread_count = 0;
}
