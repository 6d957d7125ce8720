/* store/writer.h -- the only one who changes anything: takes plans from a queue and commits them together.
 * Owns:          the queue, batches, savepoints, replay after failure, request tokens
 * Must not know: HTTP connections (a callback), Merkle trees and keys (the seal's verbs)
 * Begin at:      writer_start(), writer_submit(), writer_run()
 *
 * SQLite: one thread takes what is waiting, one commit for all, one sync; when a plan is refused all is done again with a
 * savepoint per plan. PostgreSQL: pipelined batches per realm (at most 64) without savepoints; any failure rolls the batch
 * back and replays its plans singly.
 * Only after the commit is durable are outcomes told. After any error the database is asked whether the transaction still
 * stands (a full disk ends it whole); when the outcome of a commit is unknown its own token is looked up first.
 *
 * The seal is how record's ledger takes part without the store knowing it: inside the writer's transaction, per realm
 * and commit: open (the head), then per plan mark, serial, append; then close (one signed
 * checkpoint, new head row; not called for a head in which no plan stayed). After the commit: committed; after a rollback,
 * and for a head in which no plan stayed: lost. A batch that failed is run again, so any of this may be called anew.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H
#include "store/plan.h"

struct writer;
struct tx; /* the writer's transaction, for the seal's own statements */

enum outcome_kind {
    OUTCOME_DONE,     /* durable */
    OUTCOME_REPLAYED, /* the token had been used: `result` says where it led; nothing was done again */
    OUTCOME_CONFLICT, /* a step touched another number of rows, or ran into a unique or foreign key: nothing was done */
    OUTCOME_FAILED,   /* nothing was done; err says why (ERR_BUSY: try again later; ERR_BROKEN: our side). One exception
                         says so itself, "store.outcome_unknown": the server went away at the commit and did not come back */
};

struct outcome {
    enum outcome_kind kind;
    const char *conflict;  /* text key of the step's conflict */
    const struct err *err; /* in the plan's arena, as all below */
    const char *number;    /* the number given, or NULL */
    int64_t time;          /* the recorded moment */
    int64_t *slots;        /* leaf positions */
    const char *result;    /* the filled result text; the first one's when replayed */
};

/* The ledger's part. All calls come from the writer's thread; `self` is the ledger's own. */
struct seal {
    void *self;
    /* The realm's head as the last close left it, or read (on PostgreSQL: locked) when that is not known. *RET_NOT_BEFORE is
     * the realm's last recorded time: time never runs backwards per realm, the writer records the later of now and that. */
    const struct err *(*open)(void *self, struct ctx *ctx, struct tx *tx, const char *realm, void **ret_head,
                              int64_t *ret_not_before);
    /* The next serial under KEY, kept in HEAD until close. */
    const struct err *(*serial)(void *self, struct ctx *ctx, struct tx *tx, void *head, const char *key, int64_t *ret);
    /* Adds one leaf (OPEN and BYTES already filled); *RET_POSITION is its index. */
    const struct err *(*append)(void *self, struct ctx *ctx, struct tx *tx, void *head, struct text open,
                                struct text bytes, const uint8_t salt[PLAN_SALT_SIZE], int64_t time,
                                int64_t *ret_position);
    /* A plan that fails leaves no serials and no leaves in the head. */
    void (*mark)(void *self, void *head);
    void (*take_back)(void *self, void *head);
    /* Writes leaves, tiles, serials, the signed checkpoint and the head row. */
    const struct err *(*close)(void *self, struct ctx *ctx, struct tx *tx, void *head, int64_t time);
    void (*committed)(void *self, void *head);
    void (*lost)(void *self, void *head);
};

/* Statements of the seal inside the writer's transaction. In pipelined batches tx_step() may be queued: its row count is
 * checked at the latest before the batch is committed. tx_read() gets its answer at once. */
fallible tx_step(struct ctx *ctx, struct tx *tx, const struct statement *statement, int rows, const struct value *values,
                 int count);
fallible tx_read(struct ctx *ctx, struct tx *tx, const struct statement *statement, const struct value *values, int count,
                 struct rows *ret);

/* MODEL gives clock, ids and chance. SEAL may be NULL in tests; it is copied. */
fallible writer_start(struct ctx *ctx, const struct ctx *model, struct db *db, const struct seal *seal,
                      struct writer **ret);

/* From now on WROTE is told, on the writer's thread, of each table that a transaction's plans have changed or may have: once
 * the transaction has ended, before any outcome is told. For what memory holds of these tables. Before the first plan. */
void writer_watch(struct writer *writer, void (*wrote)(void *self, const char *table), void *self);

/* Takes the plan; DONE is called on the writer's thread once its fate is certain. Never blocks: a full queue (8192) or a
 * draining writer calls DONE with OUTCOME_FAILED and ERR_BUSY at once. */
void writer_submit(struct writer *writer, struct plan *plan, void (*done)(void *self, const struct outcome *outcome),
                   void *self);
/* Submits and waits: for commands, the scheduler and tests. Fails with the outcome's err for OUTCOME_FAILED only. */
fallible writer_run(struct ctx *ctx, struct writer *writer, struct plan *plan, struct outcome *ret);

/* Looks a token up in a snapshot: the stored result, or NULL. */
fallible writer_find_token(struct ctx *ctx, struct snapshot *snapshot, const char *realm, struct text token,
                           const char **ret);

/* Adds to PLAN that the tokens of its realm from before BEFORE are forgotten: a form is not sent again after days. */
void writer_forget_tokens(struct plan *plan, int64_t before);

/* Takes no more, finishes what is queued, ends the thread. */
void writer_stop(struct writer *writer);

/* The tables that store itself owns (request_token); first in every list of migrations. */
extern const struct migration store_migrations[];
extern const int store_migration_count;
#endif
