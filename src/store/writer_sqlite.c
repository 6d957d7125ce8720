/* store/writer_sqlite.c -- the writer's transaction on SQLite: each step at once, savepoints when asked for. */
#include "store/writer_inside.h"

#include "store/fault.h"

/* The few words of the transaction itself, prepared once like any statement. */
static const struct statement commit_statement = { .name = "commit", .sql = "commit", .changes = true };
static const struct statement mark_statement = { .name = "mark", .sql = "savepoint plan", .changes = true };
static const struct statement keep_statement = { .name = "keep", .sql = "release plan", .changes = true };
static const struct statement undo_statement = { .name = "undo", .sql = "rollback to plan", .changes = true };

static bool begin(struct tx *tx)
{
    const struct err *err = db_writing_take(tx->ctx, tx->db, "begin immediate", &tx->connection);
    if (!err)
        return true;
    tx->connection = NULL;
    tx_fail(tx, VERDICT_AGAIN, NULL, err);
    return false;
}

static bool step(struct tx *tx, const struct expected *expected, const struct value *values, int count)
{
    int64_t rows;
    const struct err *err = tx->connection->backend->change(tx->ctx, tx->connection, expected->statement, values, count,
                                                            &rows);
    if (!err)
        return tx_check_rows(tx, expected, rows);
    tx_fail_step(tx, expected, tx->connection->trouble, err);
    return false;
}

static const struct err *read_rows(struct ctx *ctx, struct tx *tx, const struct statement *statement,
                                   const struct value *values, int count, struct rows *ret)
{
    const struct err *err = connection_rows(ctx, tx->connection, statement, values, count, ret);
    if (err) {
        const struct expected expected = { STEP_OF_SEAL, statement, PLAN_ANY_ROWS, NULL };
        tx_fail_step(tx, &expected, tx->connection->trouble, err);
    }
    return err;
}

static bool word(struct tx *tx, const struct statement *statement)
{
    const struct expected expected = { STEP_OF_HOUSE, statement, PLAN_ANY_ROWS, NULL };
    return step(tx, &expected, VALUES_NONE);
}

static bool mark(struct tx *tx)
{
    return word(tx, &mark_statement);
}

static bool keep(struct tx *tx)
{
    return word(tx, &keep_statement);
}

/* The verdict stays as it is: it is what is being undone. */
static bool undo(struct tx *tx)
{
    int64_t rows;
    const struct backend *backend = tx->connection->backend;
    return sqlite_in_transaction(tx->connection) &&
           !backend->change(tx->ctx, tx->connection, &undo_statement, VALUES_NONE, &rows) &&
           !backend->change(tx->ctx, tx->connection, &keep_statement, VALUES_NONE, &rows);
}

static bool settle(struct tx *tx)
{
    (void)tx; /* every step was answered as it was made */
    return true;
}

static void rollback(struct tx *tx)
{
    if (!tx->connection)
        return;
    sqlite_rollback(tx->connection);
    db_writing_give(tx->db);
}

static enum fate commit(struct tx *tx)
{
    if (!word(tx, &commit_statement)) {
        rollback(tx);
        return FATE_NOTHING;
    }
    (void)fault_here(); /* durable, and nobody has been told: a good moment to die in a test */
    db_writing_give(tx->db);
    return FATE_COMMITTED;
}

const struct tx_verbs tx_sqlite = {
    .begin = begin,
    .step = step,
    .read = read_rows,
    .settle = settle,
    .commit = commit,
    .rollback = rollback,
    .mark = mark,
    .keep = keep,
    .undo = undo,
    .most_plans = 256,
    .waits_for_crowd = true,
};
