/* store/writer.c -- the queue, its thread, and the doors that lead to them.
 *
 * Whoever submits appends under a lock that is held for a few instructions; the thread takes the whole list by one
 * exchange and keeps for the next round what one batch can't hold. While a batch is being synced the next one gathers.
 */
#include "store/writer_inside.h"

#include "base/arena.h"
#include "store/store_sql.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_QUEUED = 8192 };
/* From how many plans at once on it is a crowd, and how long one waits for it to be together. */
enum { CROWD_LEAST = 8, CROWD_MOST = 64, CROWD_PAUSES = 4, CROWD_PAUSE = 200 * 1000 /* nanoseconds */ };

struct list {
    struct entry *first, **end;
};

struct writer {
    struct writer_core core;
    struct ctx model;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct list queue; /* under the lock, as the next two */
    int queued;
    bool is_draining;
    struct list taken; /* the thread's own, as the next */
    int crowd;         /* how many are expected to come together, or 0 */
};

static void list_clear(struct list *list)
{
    *list = (struct list){ NULL, &list->first };
}

static void list_add(struct list *list, struct entry *entry)
{
    entry->next = NULL;
    *list->end = entry;
    list->end = &entry->next;
}

/* --- the thread --- */

/* Under the lock. Whoever was answered by the last batch is about to come again. While the queue still grows a moment is
 * waited for about as many as last time: one commit for sixty costs little more than one for thirty. A writer with few to
 * serve waits for nobody; nor does one whose server works in another process, for whoever comes is served meanwhile. */
static void wait_for_crowd(struct writer *writer)
{
    const struct timespec pause = { .tv_nsec = CROWD_PAUSE };
    int before = 0;
    for (int i = 0; i < CROWD_PAUSES && writer->queued < writer->crowd && writer->queued > before; i++) {
        if (writer->is_draining)
            break;
        before = writer->queued;
        pthread_mutex_unlock(&writer->lock);
        nanosleep(&pause, NULL);
        pthread_mutex_lock(&writer->lock);
    }
    int expected = writer->queued + 2 < CROWD_MOST ? writer->queued + 2 : CROWD_MOST;
    writer->crowd = writer->queued < CROWD_LEAST ? 0 : expected;
}

/* Waits until something is queued, and appends all of it to what was taken before. False at the end of a drain. */
static bool take_all(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    while (!writer->queue.first && !writer->taken.first && !writer->is_draining)
        pthread_cond_wait(&writer->arrived, &writer->lock);
    if (!writer->taken.first && writer->core.verbs->waits_for_crowd)
        wait_for_crowd(writer);
    if (writer->queue.first) {
        *writer->taken.end = writer->queue.first;
        writer->taken.end = writer->queue.end;
        list_clear(&writer->queue);
    }
    pthread_mutex_unlock(&writer->lock);
    return writer->taken.first != NULL;
}

/* The first plans that may share a transaction; the rest stays in order. */
static struct entry *cut_batch(struct writer *writer, int *ret_count)
{
    const struct tx_verbs *verbs = writer->core.verbs;
    struct list batch, rest;
    list_clear(&batch);
    list_clear(&rest);
    const char *realm = writer->taken.first->plan->realm;
    int count = 0;
    struct entry *entry = writer->taken.first;
    for (struct entry *next; entry && count < verbs->most_plans; entry = next) {
        next = entry->next;
        if (!verbs->one_realm || strcmp(entry->plan->realm, realm) == 0) {
            list_add(&batch, entry);
            count++;
        } else {
            list_add(&rest, entry);
        }
    }
    *rest.end = entry;
    if (entry)
        rest.end = writer->taken.end;
    writer->taken.first = rest.first;
    writer->taken.end = rest.first ? rest.end : &writer->taken.first;
    *ret_count = count;
    return batch.first;
}

static void *work(void *self)
{
    struct writer *writer = self;
    while (take_all(writer)) {
        int count;
        struct entry *batch = cut_batch(writer, &count);
        batch_run(&writer->core, batch);
        pthread_mutex_lock(&writer->lock);
        writer->queued -= count;
        pthread_mutex_unlock(&writer->lock);
    }
    return NULL;
}

/* --- the doors --- */

const struct err *writer_start(struct ctx *ctx, const struct ctx *model, struct db *db, const struct seal *seal,
                               struct writer **ret)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        BUG("out of memory");
    writer->model = *model;
    writer->model.arena = NULL;
    writer->core = (struct writer_core){ .db = db,
                                         .verbs = db_kind_of(db) == DB_SQLITE ? &tx_sqlite : &tx_postgres,
                                         .model = &writer->model };
    if (seal) {
        writer->core.seal = *seal;
        writer->core.has_seal = true;
    }
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->arrived, NULL);
    list_clear(&writer->queue);
    list_clear(&writer->taken);
    int code = pthread_create(&writer->thread, NULL, work, writer);
    if (code) {
        free(writer);
        return err_broken(ctx, "the writer's thread: %s", strerror(code));
    }
    *ret = writer;
    return NULL;
}

void writer_submit(struct writer *writer, struct plan *plan, void (*done)(void *self, const struct outcome *outcome),
                   void *self)
{
    struct entry *entry = arena_new_of(plan->arena, struct entry);
    entry->plan = plan;
    entry->done = done;
    entry->self = self;
    pthread_mutex_lock(&writer->lock);
    const char *refused = writer->is_draining             ? "store.stopping"
                          : writer->queued >= MOST_QUEUED ? "store.queue_full"
                                                          : NULL;
    if (!refused) {
        if (!writer->queue.first)
            pthread_cond_signal(&writer->arrived);
        list_add(&writer->queue, entry);
        writer->queued++;
    }
    pthread_mutex_unlock(&writer->lock);
    if (refused) {
        struct ctx ctx = writer->model;
        ctx.arena = plan->arena;
        entry->outcome = (struct outcome){ .kind = OUTCOME_FAILED, .err = err_new(&ctx, ERR_BUSY, refused) };
        done(self, &entry->outcome);
    }
}

void writer_watch(struct writer *writer, void (*wrote)(void *self, const char *table), void *self)
{
    writer->core.wrote = wrote;
    writer->core.watcher = self;
}

struct waiting {
    pthread_mutex_t lock;
    pthread_cond_t told;
    bool is_told;
    struct outcome outcome;
};

static void tell_waiting(void *self, const struct outcome *outcome)
{
    struct waiting *waiting = self;
    pthread_mutex_lock(&waiting->lock);
    waiting->outcome = *outcome;
    waiting->is_told = true;
    pthread_cond_signal(&waiting->told);
    pthread_mutex_unlock(&waiting->lock);
}

const struct err *writer_run(struct ctx *ctx, struct writer *writer, struct plan *plan, struct outcome *ret)
{
    struct waiting waiting = { .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER };
    writer_submit(writer, plan, tell_waiting, &waiting);
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_told)
        pthread_cond_wait(&waiting.told, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.told);
    pthread_mutex_destroy(&waiting.lock);
    *ret = waiting.outcome;
    return waiting.outcome.kind == OUTCOME_FAILED ? err_wrap(ctx, waiting.outcome.err, "a plan of %s", plan->realm)
                                                  : NULL;
}

void writer_forget_tokens(struct plan *plan, int64_t before)
{
    plan_step(plan, &sql_request_token_forget, PLAN_ANY_ROWS, NULL, VALUES(value_string(plan->realm), value_int(before)));
}

const struct err *writer_find_token(struct ctx *ctx, struct snapshot *snapshot, const char *realm, struct text token,
                                    const char **ret)
{
    struct rows rows;
    TRY(rows_open(ctx, snapshot, &sql_request_token_find, VALUES(value_string(realm), value_text(token)), &rows));
    *ret = rows_next(&rows) ? rows_string(&rows, 0) : NULL;
    return rows_close(&rows);
}

void writer_stop(struct writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->is_draining = true;
    pthread_cond_signal(&writer->arrived);
    pthread_mutex_unlock(&writer->lock);
    pthread_join(writer->thread, NULL);
    pthread_cond_destroy(&writer->arrived);
    pthread_mutex_destroy(&writer->lock);
    free(writer);
}
