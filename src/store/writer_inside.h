/* store/writer_inside.h -- a batch of plans on its way through one transaction.
 * Owns:          struct entry, struct batch, struct tx, the verbs that differ between the databases
 * Must not know: the queue (writer.c)
 * Begin at:      batch_run(), struct tx_verbs
 *
 *     writer.c           the queue, the thread, who is told when
 *     batch.c            one transaction from its begin to its commit, the same for both databases
 *     writer_sqlite.c    savepoints; each step is done at once
 *     writer_postgres.c  a pipeline; steps are sent ahead and their row counts checked as answers come in
 *     writer_merge.c     … and the same insert of many plans becomes one
 */
#ifndef STORE_WRITER_INSIDE_H
#define STORE_WRITER_INSIDE_H
#include "store/store_inside.h"
#include "store/writer.h"

/* A plan in the queue. Lives in the plan's arena. */
struct entry {
    struct entry *next;
    struct plan *plan;
    void (*done)(void *self, const struct outcome *outcome);
    void *self;
    struct outcome outcome;
    bool is_refused; /* in this batch: its outcome is known and it is not DONE */
};

/* A realm that takes part in this transaction. */
struct head {
    struct head *next;
    const char *realm;
    bool is_open; /* the seal has been asked for the realm's head */
    void *sealed; /* the seal's own, while it is open */
    int64_t time;
    int plans;        /* that went in and stayed in */
    int sealed_plans; /* of these, with a number or leaves */
};

/* Why a plan, or the whole batch, can't go in. The first reason counts. */
enum verdict_kind {
    VERDICT_NONE,
    VERDICT_TOKEN,    /* its token had been used */
    VERDICT_CONFLICT, /* a step touched another number of rows, or ran into a key */
    VERDICT_AGAIN,    /* busy, deadlock, serialization */
    VERDICT_LOST,     /* the connection broke before the commit was asked for: nothing was done */
    VERDICT_ERROR,
};

/* What a step in the air is expected to do, and whose it is. */
struct expected {
    enum { STEP_OF_PLAN, STEP_OF_TOKEN, STEP_OF_SEAL, STEP_OF_HOUSE, STEP_PREPARES } what;
    const struct statement *statement;
    int rows;
    const char *conflict;
};

struct tx {
    const struct tx_verbs *verbs;
    struct db *db;
    struct connection *connection;
    struct ctx *ctx; /* the batch's */
    enum verdict_kind verdict;
    const char *conflict;
    const struct err *err;
    /* PostgreSQL: what has been sent and not yet answered, oldest first. */
    struct expected *waiting;
    int waiting_first, waiting_count, waiting_room;
    bool has_failed_prepare;
    /* PostgreSQL: inserts that wait to be sent together. */
    bool may_merge; /* not when a plan stands alone: its reason must be found */
    struct merge_group *groups;
    int group_count, merge_floor; /* the plan at hand joins no group before this one */
};

enum fate {
    FATE_COMMITTED,
    FATE_NOTHING, /* rolled back or never begun: nothing was done */
    FATE_UNKNOWN, /* the commit was asked for and the connection broke before the answer */
};

struct tx_verbs {
    /* A failure sets the verdict and returns false. */
    bool (*begin)(struct tx *tx);
    bool (*step)(struct tx *tx, const struct expected *expected, const struct value *values, int count);
    const struct err *(*read)(struct ctx *ctx, struct tx *tx, const struct statement *statement,
                              const struct value *values, int count, struct rows *ret);
    /* Waits until every step has been answered and checked. */
    bool (*settle)(struct tx *tx);
    enum fate (*commit)(struct tx *tx);
    void (*rollback)(struct tx *tx); /* after a failed begin as well */
    /* Savepoints round one plan; NULL where the database has none of use. UNDO is false when the transaction is gone.
     */
    bool (*mark)(struct tx *tx);
    bool (*keep)(struct tx *tx);
    bool (*undo)(struct tx *tx);
    int most_plans; /* in one batch */
    bool waits_for_crowd; /* a commit for sixty costs little more than one for thirty */
    bool one_realm; /* a batch's plans are of one realm */
    bool asks_after_lost_commit;
};

extern const struct tx_verbs tx_sqlite, tx_postgres;

/* Notes the first reason; what comes later follows from it. */
void tx_fail(struct tx *tx, enum verdict_kind verdict, const char *conflict, const struct err *err);
/* The verdict that a failed step of EXPECTED's kind means. */
void tx_fail_step(struct tx *tx, const struct expected *expected, enum trouble trouble, const struct err *err);
/* Whether ROWS are what was expected; sets the verdict when not. */
bool tx_check_rows(struct tx *tx, const struct expected *expected, int64_t rows);

struct writer_core {
    struct db *db;
    const struct tx_verbs *verbs;
    const struct ctx *model;
    struct seal seal;
    bool has_seal;
    void (*wrote)(void *self, const char *table); /* or NULL */
    void *watcher;
};

/* Runs the plans from FIRST on (a list) to their outcomes: in one transaction when that works, one by one when not. */
void batch_run(const struct writer_core *core, struct entry *first);

/* What sending a group needs of the pipeline. */
struct merge_verbs {
    bool (*put)(struct tx *tx, const struct expected *expected, const struct value *values, int count);
    /* The types of a statement's parameters (PostgreSQL's Oid), waited for. */
    bool (*types)(struct tx *tx, const struct statement *statement, unsigned ret[STATEMENT_PARAMETERS]);
};

/* writer_merge.c: whether the step waits in a group; sending all groups. */
bool merge_takes(struct tx *tx, const struct expected *expected, const struct value *values, int count);
bool merge_send(struct tx *tx, const struct merge_verbs *verbs);

/* plan.c: the late parts. */
struct text plan_fill(struct arena *arena, struct text late, const char *number, int64_t time);
const char *plan_number(const struct plan *plan, int64_t serial);
#endif
