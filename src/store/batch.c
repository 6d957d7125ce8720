/* store/batch.c -- one transaction from its begin to its commit, and what to do when it fails.
 *
 *     begin ── plan, plan, … ── close every head ── settle ── commit ── tell
 *                │ refused: the transaction is undone. SQLite runs it again with a savepoint round each plan and undoes only
 *                │ those that are refused (savepoints copy every page they might have to put back, and almost every
 *                │ transaction needs none); PostgreSQL gives the batch up
 *                ▼
 *     given up: nothing was done, and each plan has a transaction of its own, where its reason is its outcome
 *
 * A plan's order inside: mark, serial, leaves (they give the slots), token, steps.
 */
#include "store/writer_inside.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "store/fault.h"
#include "store/store_sql.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { MOST_TRIES = 6, MOST_QUESTIONS = 40 };

struct batch {
    const struct writer_core *core;
    struct ctx *ctx;
    struct entry *first;
    int count;
    struct head *heads;
    bool has_marks; /* savepoints round each plan: from the second run on */
    struct tx tx;
    const char *token_realm; /* this transaction's own token: whether it is there tells whether it was committed */
    struct text token;
};

/* --- verdicts --- */

void tx_fail(struct tx *tx, enum verdict_kind verdict, const char *conflict, const struct err *err)
{
    if (tx->verdict != VERDICT_NONE)
        return;
    tx->verdict = verdict;
    tx->conflict = conflict;
    tx->err = err;
}

void tx_fail_step(struct tx *tx, const struct expected *expected, enum trouble trouble, const struct err *err)
{
    switch (trouble) {
    case TROUBLE_CONSTRAINT:
        if (expected->what == STEP_OF_PLAN)
            tx_fail(tx, VERDICT_CONFLICT, expected->conflict, err);
        else
            tx_fail(tx, VERDICT_AGAIN, NULL, err); /* another process wrote the head meanwhile: read it anew */
        break;
    case TROUBLE_AGAIN:
        tx_fail(tx, VERDICT_AGAIN, NULL, err);
        break;
    case TROUBLE_LOST:
        tx_fail(tx, VERDICT_LOST, NULL, err);
        break;
    default:
        tx_fail(tx, VERDICT_ERROR, NULL, err);
    }
}

bool tx_check_rows(struct tx *tx, const struct expected *expected, int64_t rows)
{
    if (expected->rows == PLAN_ANY_ROWS || rows == expected->rows)
        return true;
    if (expected->what == STEP_OF_PLAN)
        tx_fail(tx, VERDICT_CONFLICT, expected->conflict, NULL);
    else if (expected->what == STEP_OF_TOKEN)
        tx_fail(tx, VERDICT_TOKEN, NULL, NULL);
    else /* of the seal: another process wrote the head meanwhile, or it is damaged, which reading it anew tells */
        tx_fail(tx, expected->what == STEP_OF_SEAL ? VERDICT_AGAIN : VERDICT_ERROR, NULL,
                err_broken(tx->ctx, "%s touched %" PRId64 " rows, not %d", expected->statement->name, rows,
                           expected->rows));
    return false;
}

/* For the seal, which speaks in errors: the verdict as one. */
static const struct err *verdict_err(struct tx *tx)
{
    return tx->err ? tx->err : err_broken(tx->ctx, "the transaction has failed already");
}

const struct err *tx_step(struct ctx *ctx, struct tx *tx, const struct statement *statement, int rows,
                          const struct value *values, int count)
{
    (void)ctx;
    const struct expected expected = { STEP_OF_SEAL, statement, rows, NULL };
    return tx->verdict == VERDICT_NONE && tx->verbs->step(tx, &expected, values, count) ? NULL : verdict_err(tx);
}

const struct err *tx_read(struct ctx *ctx, struct tx *tx, const struct statement *statement, const struct value *values,
                          int count, struct rows *ret)
{
    *ret = (struct rows){ .ctx = ctx };
    return tx->verdict == VERDICT_NONE ? tx->verbs->read(ctx, tx, statement, values, count, ret) : verdict_err(tx);
}

/* What the seal returned; its own failures that are none of the database's count as errors. */
static bool sealed(struct tx *tx, const struct err *err)
{
    if (err)
        tx_fail(tx, VERDICT_ERROR, NULL, err);
    return tx->verdict == VERDICT_NONE;
}

/* --- plans --- */

static struct head *head_of(struct batch *batch, const char *realm)
{
    for (struct head *head = batch->heads; head; head = head->next)
        if (strcmp(head->realm, realm) == 0)
            return head;
    struct head *head = arena_new_of(batch->ctx->arena, struct head);
    head->realm = realm;
    head->time = clock_now(batch->ctx->clock);
    head->next = batch->heads;
    batch->heads = head;
    return head;
}

static bool needs_seal(const struct plan *plan)
{
    return plan->serial_key || plan->leaves;
}

/* The realm's head is taken by the first plan that has something for the log: a sign-in leaves it alone. */
static bool head_open(struct batch *batch, struct head *head)
{
    const struct seal *seal = &batch->core->seal;
    if (head->is_open)
        return true;
    if (!batch->core->has_seal)
        BUG("a plan with a number or leaves, and a writer without a seal");
    int64_t not_before = head->time;
    if (!sealed(&batch->tx, seal->open(seal->self, batch->ctx, &batch->tx, head->realm, &head->sealed, &not_before)))
        return false;
    if (not_before > head->time)
        head->time = not_before;
    head->is_open = true;
    return true;
}

static bool run_serial_and_leaves(struct batch *batch, struct entry *entry, struct head *head)
{
    struct plan *plan = entry->plan;
    struct tx *tx = &batch->tx;
    const struct seal *seal = &batch->core->seal;
    if (!needs_seal(plan))
        return true;
    if (plan->serial_key) {
        int64_t serial;
        if (!sealed(tx, seal->serial(seal->self, batch->ctx, tx, head->sealed, plan->serial_key, &serial)))
            return false;
        entry->outcome.number = plan_number(plan, serial);
    }
    entry->outcome.slots = arena_array_of(plan->arena, int64_t, plan->leaves);
    int slot = 0;
    for (struct plan_leaf *leaf = plan->first_leaf; leaf; leaf = leaf->next, slot++) {
        struct text open = plan_fill(plan->arena, leaf->open, entry->outcome.number, head->time);
        struct text bytes = plan_fill(plan->arena, leaf->bytes, entry->outcome.number, head->time);
        if (!sealed(tx, seal->append(seal->self, batch->ctx, tx, head->sealed, open, bytes, leaf->salt, head->time,
                                     &entry->outcome.slots[slot])))
            return false;
    }
    return true;
}

static struct value fill_value(const struct entry *entry, const struct value *value, int64_t time)
{
    switch (value->kind) {
    case VALUE_LATE_TEXT:
        return value_text(plan_fill(entry->plan->arena, value->text, entry->outcome.number, time));
    case VALUE_LATE_TIME:
        return value_int(time);
    case VALUE_LATE_SLOT:
        if (value->number < 0 || value->number >= entry->plan->leaves)
            BUG("slot %" PRId64 " of %d", value->number, entry->plan->leaves);
        return value_int(entry->outcome.slots[value->number]);
    default:
        return *value;
    }
}

static bool run_steps(struct batch *batch, struct entry *entry, int64_t time)
{
    struct value values[STATEMENT_PARAMETERS];
    for (const struct plan_step *step = entry->plan->first; step; step = step->next) {
        for (int i = 0; i < step->count; i++)
            values[i] = fill_value(entry, &step->values[i], time);
        const struct expected expected = { STEP_OF_PLAN, step->statement, step->rows, step->conflict };
        if (!batch->tx.verbs->step(&batch->tx, &expected, values, step->count))
            return false;
    }
    return true;
}

static bool take_token(struct batch *batch, const char *realm, struct text token, struct text result, int64_t time)
{
    static const struct expected new_token = { STEP_OF_TOKEN, &sql_request_token_take, 1, NULL };
    return batch->tx.verbs->step(&batch->tx, &new_token,
                                 VALUES(value_string(realm), value_text(token), value_text(result), value_int(time)));
}

static bool run_plan(struct batch *batch, struct entry *entry)
{
    struct plan *plan = entry->plan;
    entry->outcome = (struct outcome){ 0 };
    struct head *head = head_of(batch, plan->realm);
    bool is_marked = needs_seal(plan);
    if (is_marked && !head_open(batch, head))
        return false;
    entry->outcome.time = head->time;
    batch->tx.merge_floor = 0;
    if (is_marked)
        batch->core->seal.mark(batch->core->seal.self, head->sealed);
    bool is_in = run_serial_and_leaves(batch, entry, head);
    if (is_in && plan->result.at)
        entry->outcome.result = text_string(plan->arena,
                                            plan_fill(plan->arena, plan->result, entry->outcome.number, head->time));
    if (is_in && plan->token.at)
        is_in = take_token(batch, plan->realm, plan->token, text_of(entry->outcome.result ? entry->outcome.result : ""),
                           head->time);
    if (is_in && run_steps(batch, entry, head->time)) {
        head->plans++;
        head->sealed_plans += is_marked;
        return true;
    }
    if (is_marked)
        batch->core->seal.take_back(batch->core->seal.self, head->sealed);
    return false;
}

/* --- outcomes --- */

/* The error as the plan keeps it: everything copied into the plan's arena. */
static const struct err *err_into(struct arena *arena, const struct err *err)
{
    if (!err)
        return NULL;
    struct err *copy = arena_alloc_raw(arena, sizeof *copy);
    *copy = *err;
    for (int i = 0; i < ERR_ARGUMENTS && err->arguments[i]; i++)
        copy->arguments[i] = arena_string(arena, err->arguments[i]);
    copy->field = err->field ? arena_string(arena, err->field) : NULL;
    copy->detail = err->detail ? arena_string(arena, err->detail) : NULL;
    copy->cause = err_into(arena, err->cause);
    return copy;
}

static void refuse(struct entry *entry, enum outcome_kind kind, const char *conflict, const struct err *err)
{
    entry->outcome = (struct outcome){ .kind = kind, .conflict = conflict, .err = err_into(entry->plan->arena, err) };
    entry->is_refused = true;
}

static void replay(struct entry *entry, const char *result)
{
    entry->outcome = (struct outcome){ .kind = OUTCOME_REPLAYED, .result = arena_string(entry->plan->arena, result) };
    entry->is_refused = true;
}

/* Where the plan with the same token led, read through READ; false when the token is not there (any more). */
static bool find_result(struct entry *entry, struct ctx *ctx, struct rows *rows, const struct err *err)
{
    bool found = !err && rows_next(rows);
    if (found)
        replay(entry, rows_string(rows, 0));
    if (!err)
        err = rows_close(rows);
    if (!found)
        refuse(entry, OUTCOME_FAILED, NULL, err ? err : err_new(ctx, ERR_BUSY, "store.busy"));
    return found;
}

/* The verdict on a plan that stands alone, after its transaction has been undone. */
static void settle_refused(struct batch *batch, struct entry *entry, enum verdict_kind verdict, const char *conflict,
                           const struct err *err)
{
    struct ctx *ctx = batch->ctx;
    switch (verdict) {
    case VERDICT_CONFLICT:
        refuse(entry, OUTCOME_CONFLICT, conflict ? conflict : "error.conflict", NULL);
        break;
    case VERDICT_TOKEN: {
        struct rows rows;
        struct connection *connection;
        err = db_writing_take(ctx, batch->core->db, NULL, &connection);
        if (err) {
            refuse(entry, OUTCOME_FAILED, NULL, err);
            break;
        }
        err = connection_rows(ctx, connection, &sql_request_token_find,
                              VALUES(value_string(entry->plan->realm), value_text(entry->plan->token)), &rows);
        find_result(entry, ctx, &rows, err);
        db_writing_give(batch->core->db);
        break;
    }
    default:
        refuse(entry, OUTCOME_FAILED, NULL, err ? err : err_broken(ctx, "a transaction failed without a reason"));
    }
}

static void heads_end(struct batch *batch, bool is_committed)
{
    const struct seal *seal = &batch->core->seal;
    for (struct head *head = batch->heads; head; head = head->next)
        if (head->is_open)
            (is_committed && head->sealed_plans ? seal->committed : seal->lost)(seal->self, head->sealed);
    batch->heads = NULL;
}

/* --- one transaction --- */

/* Undoes one plan of several; false when the transaction did not survive. A verdict that isn't about this plan but
 * about the database gives the whole transaction up. */
static bool put_back(struct batch *batch, struct entry *entry)
{
    struct tx *tx = &batch->tx;
    bool is_about_plan = tx->verdict == VERDICT_CONFLICT || tx->verdict == VERDICT_TOKEN;
    if (!is_about_plan || !tx->verbs->undo || !tx->verbs->undo(tx))
        return false;
    enum verdict_kind verdict = tx->verdict;
    const char *conflict = tx->conflict;
    tx->verdict = VERDICT_NONE;
    tx->err = NULL;
    if (verdict == VERDICT_CONFLICT) {
        refuse(entry, OUTCOME_CONFLICT, conflict ? conflict : "error.conflict", NULL);
        return true;
    }
    struct rows rows;
    const struct err *err = tx->verbs->read(batch->ctx, tx, &sql_request_token_find,
                                            VALUES(value_string(entry->plan->realm), value_text(entry->plan->token)),
                                            &rows);
    find_result(entry, batch->ctx, &rows, err);
    return tx->verdict == VERDICT_NONE;
}

static bool run_plans(struct batch *batch)
{
    struct tx *tx = &batch->tx;
    bool has_marks = batch->has_marks;
    for (struct entry *entry = batch->first; entry; entry = entry->next) {
        entry->is_refused = false;
        if (has_marks && !tx->verbs->mark(tx))
            return false;
        if (run_plan(batch, entry)) {
            if (has_marks && !tx->verbs->keep(tx))
                return false;
        } else if (!has_marks || !put_back(batch, entry)) {
            return false;
        }
    }
    return true;
}

/* A token of the transaction's own tells whether it was committed, for it is all or nothing: a form's may have been taken
 * by another process meanwhile. Chance besides the id: a process that has no number of its own yet (base/id.h) commits too. */
static bool note_token(struct batch *batch)
{
    uint64_t chance;
    if (!batch->tx.verbs->asks_after_lost_commit)
        return true;
    ctx_random(batch->ctx, &chance, sizeof chance);
    batch->token_realm = batch->first->plan->realm;
    batch->token = text_of(arena_printf(batch->ctx->arena, "commit %" PRId64 " %016" PRIx64, id_next(batch->ctx), chance));
    return take_token(batch, batch->token_realm, batch->token, TEXT(""), clock_now(batch->ctx->clock));
}

static bool close_heads(struct batch *batch)
{
    const struct seal *seal = &batch->core->seal;
    for (struct head *head = batch->heads; head; head = head->next)
        if (head->sealed_plans &&
            !sealed(&batch->tx, seal->close(seal->self, batch->ctx, &batch->tx, head->sealed, head->time)))
            return false;
    return true;
}

static bool anything_is_in(const struct batch *batch)
{
    for (const struct head *head = batch->heads; head; head = head->next)
        if (head->plans)
            return true;
    return false;
}

/* Everything once. After FATE_COMMITTED outcomes stand; after FATE_NOTHING tx.verdict says why. */
static enum fate run_once(struct batch *batch)
{
    struct tx *tx = &batch->tx;
    const struct writer_core *core = batch->core;
    *tx = (struct tx){ .verbs = core->verbs, .db = core->db, .ctx = batch->ctx, .may_merge = batch->count > 1 };
    batch->heads = NULL;
    bool is_in = tx->verbs->begin(tx) && run_plans(batch);
    if (is_in && anything_is_in(batch))
        is_in = note_token(batch) && close_heads(batch) && tx->verbs->settle(tx);
    else if (is_in)
        is_in = tx->verbs->settle(tx);
    enum fate fate = FATE_NOTHING;
    if (is_in)
        fate = tx->verbs->commit(tx);
    else
        tx->verbs->rollback(tx);
    if (fate != FATE_UNKNOWN)
        heads_end(batch, fate == FATE_COMMITTED);
    return fate;
}

/* --- after a lost commit --- */

static void wait_a_little(int tries)
{
    if (atomic_load(&fault_is_armed))
        return; /* a test is breaking things: it need not sleep as well */
    const struct timespec pause = { .tv_nsec = (tries < 9 ? 1000000L << tries : 500000000L) };
    nanosleep(&pause, NULL);
}

/* Whether the token was committed. Asked by taking it again in a transaction that is then undone: that waits for the
 * lost session, should the server not yet have ended it. */
static const struct err *ask(struct batch *batch, bool *ret_is_there)
{
    struct db *db = batch->core->db;
    struct connection *connection;
    TRY(db_writing_take(batch->ctx, db, "begin", &connection));
    int64_t rows = 0;
    const struct err *err = connection->backend->change(
        batch->ctx, connection, &sql_request_token_take,
        VALUES(value_string(batch->token_realm), value_text(batch->token), value_string(""), value_int(0)), &rows);
    const struct err *ignored = connection->backend->execute(batch->ctx, connection, "rollback");
    (void)ignored; /* it only asked */
    db_writing_give(db);
    *ret_is_there = rows == 0;
    return err;
}

static enum fate find_out(struct batch *batch)
{
    const struct err *err = NULL;
    for (int tries = 0; tries < MOST_QUESTIONS; tries++) {
        bool is_there;
        err = ask(batch, &is_there);
        if (!err)
            return is_there ? FATE_COMMITTED : FATE_NOTHING;
        wait_a_little(tries);
    }
    log_trouble("writer: the outcome of a commit stays unknown: %s", err_trace(batch->ctx, err));
    return FATE_UNKNOWN;
}

/* --- the whole life of a batch --- */

static void fail_all(struct batch *batch, const struct err *err)
{
    for (struct entry *entry = batch->first; entry; entry = entry->next)
        refuse(entry, OUTCOME_FAILED, NULL, err);
}

static void run_singly(const struct batch *batch);

/* Tries until the batch has a fate. False: nothing was done, and its plans should be run one by one. */
static bool run_to_an_end(struct batch *batch)
{
    for (int tries = 0;; tries++) {
        enum fate fate = run_once(batch);
        if (fate == FATE_UNKNOWN) {
            fate = find_out(batch);
            heads_end(batch, fate == FATE_COMMITTED);
            if (fate == FATE_NOTHING)
                tx_fail(&batch->tx, VERDICT_AGAIN, NULL, err_new(batch->ctx, ERR_BUSY, "store.unreachable"));
        }
        if (fate == FATE_COMMITTED)
            return true;
        if (fate == FATE_UNKNOWN) {
            fail_all(batch, err_new(batch->ctx, ERR_BROKEN, "store.outcome_unknown"));
            return true;
        }
        const struct tx *tx = &batch->tx;
        bool may_work_again = tx->verdict == VERDICT_AGAIN || tx->verdict == VERDICT_LOST;
        if (!tx->connection && may_work_again) { /* not even a transaction could be had: one by one won't do better */
            fail_all(batch, tx->err);
            return true;
        }
        if (may_work_again && tries + 1 < MOST_TRIES) {
            if (tries > 0)
                wait_a_little(tries);
            continue;
        }
        if (batch->count > 1 && batch->tx.verbs->mark && !batch->has_marks) {
            batch->has_marks = true; /* a plan was refused: again, so that the others stay in */
            continue;
        }
        if (batch->count > 1)
            return false;
        settle_refused(batch, batch->first, tx->verdict, tx->conflict, tx->err);
        return true;
    }
}

/* A plan whose fate is unknown counts as done. */
static void tell_tables(const struct writer_core *core, const struct entry *first)
{
    if (!core->wrote)
        return;
    for (const struct entry *entry = first; entry; entry = entry->next)
        for (const struct plan_step *step = entry->plan->first; step; step = step->next)
            if (step->statement->table)
                core->wrote(core->watcher, step->statement->table);
}

static void tell(const struct writer_core *core, struct entry *first)
{
    tell_tables(core, first);
    for (struct entry *entry = first, *next; entry; entry = next) {
        next = entry->next; /* the arena may go with the answer */
        entry->done(entry->self, &entry->outcome);
    }
}

static void run_list(const struct writer_core *core, struct entry *first)
{
    struct batch batch = { .core = core, .ctx = ctx_begin(core->model), .first = first };
    for (struct entry *entry = first; entry; entry = entry->next)
        batch.count++;
    if (run_to_an_end(&batch))
        tell(core, first);
    else
        run_singly(&batch);
    ctx_end(batch.ctx);
}

static void run_singly(const struct batch *batch)
{
    for (struct entry *entry = batch->first, *next; entry; entry = next) {
        next = entry->next;
        entry->next = NULL;
        run_list(batch->core, entry);
    }
}

void batch_run(const struct writer_core *core, struct entry *first)
{
    run_list(core, first);
}
