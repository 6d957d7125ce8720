/* store/writer_postgres.c -- the writer's transaction on PostgreSQL: a pipeline.
 *
 * Steps are sent without waiting; what each is expected to do waits in a ring until its answer comes. A read makes the
 * server flush and takes in every answer before its own. The commit is sent only after all row counts were right, for a
 * wrong count is no error to the server.
 */
#include "store/postgres_inside.h"
#include "store/writer_inside.h"

#include "base/arena.h"
#include "store/fault.h"

#include <string.h>
#include <sys/socket.h>

enum { MOST_WAITING = 512 }; /* so that neither side's socket fills while nobody reads */

static const struct statement begin_statement = { .name = "begin", .sql = "begin", .changes = true };
static const struct statement commit_statement = { .name = "commit", .sql = "commit", .changes = true };

static struct postgres *link_of(struct tx *tx)
{
    return postgres_of(tx->connection);
}

static bool fail(struct tx *tx, const struct expected *expected, const PGresult *result)
{
    struct postgres *self = link_of(tx);
    const struct err *err = postgres_failure(tx->ctx, self, result, expected->statement->name);
    tx_fail_step(tx, expected, self->head.trouble, err);
    return false;
}

/* --- what is in the air --- */

static void expect(struct tx *tx, const struct expected *expected)
{
    if (tx->waiting_count == tx->waiting_room) {
        int room = tx->waiting_room ? tx->waiting_room * 2 : 64;
        struct expected *larger = arena_array_of(tx->ctx->arena, struct expected, room);
        for (int i = 0; i < tx->waiting_count; i++)
            larger[i] = tx->waiting[(tx->waiting_first + i) & (tx->waiting_room - 1)];
        tx->waiting = larger;
        tx->waiting_first = 0;
        tx->waiting_room = room;
    }
    tx->waiting[(tx->waiting_first + tx->waiting_count++) & (tx->waiting_room - 1)] = *expected;
}

/* The answer to the oldest step in the air, with the NULL that ends it; NULL when the connection is gone. */
static PGresult *take_answer(struct tx *tx, struct expected *ret_expected)
{
    *ret_expected = tx->waiting[tx->waiting_first];
    tx->waiting_first = (tx->waiting_first + 1) & (tx->waiting_room - 1);
    tx->waiting_count--;
    PGresult *answer = PQgetResult(link_of(tx)->link);
    if (answer && PQstatus(link_of(tx)->link) == CONNECTION_OK)
        PQclear(PQgetResult(link_of(tx)->link));
    return answer;
}

/* Checks one answer. *RET keeps it for a read; otherwise it is freed. */
static bool check_answer(struct tx *tx, PGresult **ret)
{
    struct expected expected;
    PGresult *answer = take_answer(tx, &expected);
    ExecStatusType status = PQresultStatus(answer);
    bool is_right = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    if (!is_right && expected.what == STEP_PREPARES)
        tx->has_failed_prepare = true;
    if (!is_right && status != PGRES_PIPELINE_ABORTED)
        fail(tx, &expected, answer);
    else if (!is_right)
        tx_fail(tx, VERDICT_ERROR, NULL, err_broken(tx->ctx, "the pipeline was ended without a reason"));
    else if (expected.what != STEP_PREPARES && !ret)
        is_right = tx_check_rows(tx, &expected, postgres_touched(answer));
    if (ret && is_right)
        *ret = answer;
    else
        PQclear(answer);
    return is_right;
}

/* Takes in all answers but the last KEEP. Goes on after a failure, so that the ring is empty afterwards. */
static bool take_answers(struct tx *tx, int keep)
{
    while (tx->waiting_count > keep) {
        if (PQstatus(link_of(tx)->link) != CONNECTION_OK) {
            fail(tx, &tx->waiting[tx->waiting_first], NULL);
            tx->waiting_count = 0;
            return false;
        }
        check_answer(tx, NULL);
    }
    return tx->verdict == VERDICT_NONE;
}

static bool flush(struct tx *tx)
{
    PGconn *link = link_of(tx)->link;
    return PQsendFlushRequest(link) == 1 && PQflush(link) == 0;
}

/* --- steps --- */

static bool injected(struct tx *tx)
{
    switch (fault_here()) {
    case FAULT_NONE:
        return false;
    case FAULT_LOST:
        shutdown(PQsocket(link_of(tx)->link), SHUT_RDWR);
        return false; /* what follows finds out by itself */
    case FAULT_FULL:
        tx_fail(tx, VERDICT_ERROR, NULL, err_new(tx->ctx, ERR_BROKEN, "store.disk_full"));
        return true;
    default:
        tx_fail(tx, VERDICT_ERROR, NULL, err_broken(tx->ctx, "a failure that a test asked for"));
        return true;
    }
}

static bool prepare(struct tx *tx, const struct expected *expected)
{
    struct postgres *self = link_of(tx);
    const struct statement *statement = expected->statement;
    const struct expected prepares = { STEP_PREPARES, statement, PLAN_ANY_ROWS, NULL };
    if (postgres_is_prepared(self, statement))
        return true;
    if (!PQsendPrepare(self->link, statement->name, postgres_sql(statement), 0, NULL))
        return fail(tx, expected, NULL);
    postgres_note_prepared(self, statement);
    expect(tx, &prepares);
    return true;
}

static bool put(struct tx *tx, const struct expected *expected, const struct value *values, int count)
{
    struct postgres *self = link_of(tx);
    const struct statement *statement = expected->statement;
    if (injected(tx))
        return false;
    if (!prepare(tx, expected))
        return false;
    struct postgres_bound_room room;
    struct postgres_bound bound = POSTGRES_BOUND(room);
    postgres_bind(&bound, statement, values, count);
    if (!PQsendQueryPrepared(self->link, statement->name, count, bound.at, bound.size, bound.format, 1))
        return fail(tx, expected, NULL);
    expect(tx, expected);
    return true;
}

static bool types(struct tx *tx, const struct statement *statement, Oid ret[STATEMENT_PARAMETERS])
{
    const struct expected describes = { STEP_OF_HOUSE, statement, PLAN_ANY_ROWS, NULL };
    PGresult *answer = NULL;
    if (!prepare(tx, &describes))
        return false;
    if (!PQsendDescribePrepared(link_of(tx)->link, statement->name))
        return fail(tx, &describes, NULL);
    expect(tx, &describes);
    if (!flush(tx))
        return fail(tx, &describes, NULL);
    if (!take_answers(tx, 1) || !check_answer(tx, &answer))
        return false;
    for (int i = 0; i < statement->parameters; i++)
        ret[i] = PQparamtype(answer, i);
    PQclear(answer);
    return true;
}

static const struct merge_verbs merging = { put, types };

static bool step(struct tx *tx, const struct expected *expected, const struct value *values, int count)
{
    if (merge_takes(tx, expected, values, count))
        return true;
    if (!merge_send(tx, &merging) || !put(tx, expected, values, count))
        return false;
    if (tx->waiting_count < MOST_WAITING)
        return true;
    return flush(tx) ? take_answers(tx, 0) : fail(tx, expected, NULL);
}

static const struct err *read_rows(struct ctx *ctx, struct tx *tx, const struct statement *statement,
                                   const struct value *values, int count, struct rows *ret)
{
    *ret = (struct rows){ .ctx = ctx };
    const struct expected expected = { STEP_OF_SEAL, statement, PLAN_ANY_ROWS, NULL };
    PGresult *answer = NULL;
    if (merge_send(tx, &merging) && put(tx, &expected, values, count) && (flush(tx) || fail(tx, &expected, NULL)) &&
        take_answers(tx, 1))
        check_answer(tx, &answer);
    if (!answer)
        return tx->err ? tx->err : err_broken(ctx, "the transaction has failed already");
    struct cursor *cursor;
    const struct err *err = postgres_cursor(ctx, link_of(tx), statement, answer, &cursor);
    if (err) {
        tx_fail(tx, VERDICT_ERROR, NULL, err);
        return err;
    }
    ret->inside = cursor;
    return NULL;
}

static bool settle(struct tx *tx)
{
    static const struct expected last = { STEP_OF_HOUSE, &commit_statement, PLAN_ANY_ROWS, NULL };
    if (!merge_send(tx, &merging))
        return false;
    return tx->waiting_count == 0 || (flush(tx) ? take_answers(tx, 0) : fail(tx, &last, NULL));
}

/* --- begin and end --- */

static bool begin(struct tx *tx)
{
    static const struct expected begins = { STEP_OF_HOUSE, &begin_statement, PLAN_ANY_ROWS, NULL };
    const struct err *err = db_writing_take(tx->ctx, tx->db, NULL, &tx->connection);
    if (err) {
        tx->connection = NULL;
        tx_fail(tx, VERDICT_LOST, NULL, err);
        return false;
    }
    if (!PQenterPipelineMode(link_of(tx)->link))
        return fail(tx, &begins, NULL);
    return put(tx, &begins, VALUES_NONE);
}

/* Reads to the end of the pipeline, which its last sync marks, and leaves it. False when the connection is gone. */
static bool leave_pipeline(struct tx *tx, bool is_synced)
{
    PGconn *link = link_of(tx)->link;
    if (PQpipelineStatus(link) == PQ_PIPELINE_OFF)
        return PQstatus(link) == CONNECTION_OK;
    if (!is_synced && !PQpipelineSync(link))
        return false;
    take_answers(tx, 0);
    while (PQstatus(link) == CONNECTION_OK) {
        PGresult *answer = PQgetResult(link);
        ExecStatusType status = PQresultStatus(answer);
        PQclear(answer);
        if (status == PGRES_PIPELINE_SYNC)
            return PQexitPipelineMode(link) == 1;
    }
    return false;
}

static void rollback(struct tx *tx)
{
    if (!tx->connection)
        return;
    struct postgres *self = link_of(tx);
    if (leave_pipeline(tx, false)) {
        PQclear(PQexec(self->link, "rollback"));
        if (tx->has_failed_prepare)
            postgres_forget_prepared(self);
    }
    db_writing_give(tx->db); /* a connection that is still in some transaction is dropped there, which ends it */
}

static enum fate commit(struct tx *tx)
{
    static const struct expected commits = { STEP_OF_HOUSE, &commit_statement, PLAN_ANY_ROWS, NULL };
    struct postgres *self = link_of(tx);
    if (!put(tx, &commits, VALUES_NONE)) { /* nothing was sent */
        rollback(tx);
        return FATE_NOTHING;
    }
    enum fate fate = FATE_UNKNOWN;
    if (PQpipelineSync(self->link)) {
        bool is_prepared = tx->waiting_count == 1 || check_answer(tx, NULL);
        struct expected expected;
        PGresult *answer = is_prepared ? take_answer(tx, &expected) : NULL;
        if (PQresultStatus(answer) == PGRES_COMMAND_OK) /* of a transaction that had failed the server says ROLLBACK */
            fate = strcmp(PQcmdStatus(answer), "COMMIT") == 0 ? FATE_COMMITTED : FATE_NOTHING;
        else if (answer && PQresultErrorField(answer, PG_DIAG_SQLSTATE)) {
            fail(tx, &expected, answer);
            fate = tx->verdict == VERDICT_LOST ? FATE_UNKNOWN : FATE_NOTHING;
        }
        PQclear(answer);
    }
    if (fate == FATE_COMMITTED && fault_here() == FAULT_LOST) {
        shutdown(PQsocket(self->link), SHUT_RDWR);
        fate = FATE_UNKNOWN;
    }
    if (fate == FATE_NOTHING)
        tx_fail(tx, VERDICT_AGAIN, NULL, err_new(tx->ctx, ERR_BUSY, "store.busy"));
    if (fate == FATE_COMMITTED)
        leave_pipeline(tx, true);
    db_writing_give(tx->db); /* a connection that is still in its pipeline is dropped; what was committed stays so */
    return fate;
}

const struct tx_verbs tx_postgres = {
    .begin = begin,
    .step = step,
    .read = read_rows,
    .settle = settle,
    .commit = commit,
    .rollback = rollback,
    .most_plans = 64,
    .one_realm = true,
    .asks_after_lost_commit = true,
};
