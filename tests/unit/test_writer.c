/* tests/unit/test_writer.c -- plans and their outcomes, batches, tokens, late values, drain: on both databases.
 * When this fails: src/store/writer.c, batch.c, writer_sqlite.c or writer_postgres.c. */
#include "crowd.h"

#include "base/log.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

static const char *const town = "500116106000", *const other_town = "500230109000";

static struct ctx *ctx_of(struct world *world)
{
    return world->d->f->ctx;
}

/* --- one plan --- */

static void a_plan_is_done_and_its_late_values_are_filled(void **state)
{
    struct world *world = *state;
    struct outcome outcome = world_run(world, world_item(ctx_of(world), town, 1, "路灯", "token-1"));
    assert_int_equal(outcome.kind, OUTCOME_DONE);
    assert_string_equal(outcome.number, "QZ-2026-00001");
    assert_int_equal(outcome.slots[0], 0);
    assert_true(outcome.time == FIXTURE_NOW);
    assert_string_equal(outcome.result, "/items/QZ-2026-00001");
    outcome = world_run(world, world_item(ctx_of(world), town, 2, "水管", "token-2"));
    assert_string_equal(outcome.number, "QZ-2026-00002");
    assert_int_equal(outcome.slots[0], 1);

    struct snapshot *snapshot;
    struct rows rows;
    assert_ok(world->d->f, snapshot_begin(ctx_of(world), world->d->db, &snapshot));
    assert_ok(world->d->f,
              rows_open(ctx_of(world), snapshot, &item_find, VALUES(value_string(town), value_int(2)), &rows));
    assert_true(rows_next(&rows));
    assert_string_equal(rows_string(&rows, 0), "水管");
    assert_string_equal(rows_string(&rows, 1), "QZ-2026-00002");
    assert_int_equal(rows_int(&rows, 3), 1);
    assert_true(rows_int(&rows, 4) == FIXTURE_NOW);
    assert_string_equal(rows_string(&rows, 5), "at 1772413200000000 as QZ-2026-00002.");
    assert_ok(world->d->f, rows_close(&rows));
    const char *led;
    assert_ok(world->d->f, writer_find_token(ctx_of(world), snapshot, town, TEXT("token-2"), &led));
    assert_string_equal(led, "/items/QZ-2026-00002");
    assert_ok(world->d->f, writer_find_token(ctx_of(world), snapshot, other_town, TEXT("token-2"), &led));
    assert_null(led);
    snapshot_end(snapshot);
    world_check(world);
}

static void a_token_used_twice_is_replayed(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 1, "路灯", "same"));
    struct outcome outcome = world_run(world, world_item(ctx_of(world), town, 2, "路灯", "same"));
    assert_int_equal(outcome.kind, OUTCOME_REPLAYED);
    assert_string_equal(outcome.result, "/items/QZ-2026-00001");
    assert_null(outcome.number);
    assert_int_equal(world_count(world, &items_count), 1);
    outcome = world_run(world, world_item(ctx_of(world), other_town, 2, "路灯", "same"));
    assert_int_equal(outcome.kind, OUTCOME_DONE); /* another realm, another counter, another token */
    assert_string_equal(outcome.number, "QZ-2026-00001");
    world_check(world);
}

static void a_stale_plan_is_a_conflict_and_does_nothing(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 1, "路灯", "a"));
    assert_int_equal(world_run(world, world_rename(ctx_of(world), town, 1, "路灯坏了", 1)).kind, OUTCOME_DONE);
    struct outcome outcome = world_run(world, world_rename(ctx_of(world), town, 1, "又坏了", 1));
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "item.changed");
    assert_int_equal(database_number(world->d, &item_by_name, VALUES(value_string(town), value_string("又坏了"))), 0);
    /* a plan that fails at a late step leaves nothing of its earlier ones: not the number, leaf or token */
    outcome = world_run(world, world_item(ctx_of(world), town, 1, "同号", "b"));
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "item.taken");
    assert_int_equal(world_count(world, &tokens_count),
                     db_kind_of(world->d->db) == DB_SQLITE ? 1 : 3); /* each commit has one to be asked by */
    outcome = world_run(world, world_item(ctx_of(world), town, 2, "下一个", "b"));
    assert_string_equal(outcome.number, "QZ-2026-00002");
    assert_int_equal(outcome.slots[0], 1);
    world_check(world);
}

static void a_key_that_is_taken_or_missing_is_a_conflict(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 1, "路灯", "a"));
    struct plan *plan = plan_new(ctx_of(world), town);
    plan_step(plan, &visit_add, 1, "visit.nothing",
              VALUES(value_string(town), value_int(5), value_int(999), value_string("x")));
    struct outcome outcome = world_run(world, plan);
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "visit.nothing");
    plan = plan_new(ctx_of(world), town);
    for (int i = 0; i < 2; i++)
        plan_step(plan, &visit_add, 1, NULL, VALUES(value_string(town), value_int(6), value_int(1), value_string("x")));
    outcome = world_run(world, plan);
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "error.conflict");
    world_check(world);
}

static void our_own_mistake_is_a_failure(void **state)
{
    struct world *world = *state;
    static const struct statement wrong = { .name = "test_wrong_change",
                                            .sql = "delete from nowhere",
                                            .changes = true };
    struct plan *plan = plan_new(ctx_of(world), town);
    plan_step(plan, &wrong, PLAN_ANY_ROWS, NULL, VALUES_NONE);
    struct outcome outcome;
    assert_fails(writer_run(ctx_of(world), world->writer, plan, &outcome), ERR_BROKEN, "error.broken");
    assert_int_equal(outcome.kind, OUTCOME_FAILED);
    /* a null where none may be is ours as well */
    plan = plan_new(ctx_of(world), town);
    plan_step(plan, &visit_add, 1, NULL, VALUES(value_string(town), value_int(1), value_int(1), value_null()));
    assert_fails(writer_run(ctx_of(world), world->writer, plan, &outcome), ERR_BROKEN, "error.broken");
    assert_int_equal(world_run(world, world_item(ctx_of(world), town, 1, "之后照常", "a")).kind, OUTCOME_DONE);
    world_check(world);
}

static void a_condition_may_be_a_select(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 1, "路灯", "a"));
    for (int id = 1; id <= 2; id++) {
        struct plan *plan = plan_new(ctx_of(world), town);
        plan_step(plan, &item_find, 1, "item.gone", VALUES(value_string(town), value_int(id)));
        struct outcome outcome = world_run(world, plan);
        assert_int_equal(outcome.kind, id == 1 ? OUTCOME_DONE : OUTCOME_CONFLICT);
    }
}

static void time_never_runs_backwards(void **state)
{
    struct world *world = *state;
    fake_clock_set(&world->d->f->clock, FIXTURE_NOW + 5);
    assert_true(world_run(world, world_item(ctx_of(world), town, 1, "a", "a")).time == FIXTURE_NOW + 5);
    fake_clock_set(&world->d->f->clock, FIXTURE_NOW - MICROS_PER_DAY);
    assert_true(world_run(world, world_item(ctx_of(world), town, 2, "b", "b")).time == FIXTURE_NOW + 5);
    assert_true(world_run(world, world_item(ctx_of(world), other_town, 2, "b", "b")).time ==
                FIXTURE_NOW - MICROS_PER_DAY);
    world_check(world);
}

static void old_tokens_are_forgotten_and_young_ones_kept(void **state)
{
    struct world *world = *state;
    const char *result;
    struct snapshot *snapshot;
    world_run(world, world_item(ctx_of(world), town, 1, "a", "old"));
    fake_clock_set(&world->d->f->clock, FIXTURE_NOW + 8 * MICROS_PER_DAY);
    world_run(world, world_item(ctx_of(world), town, 2, "b", "young"));
    struct plan *plan = plan_new(ctx_of(world), town);
    writer_forget_tokens(plan, FIXTURE_NOW + MICROS_PER_DAY);
    assert_int_equal(world_run(world, plan).kind, OUTCOME_DONE);
    assert_ok(world->d->f, snapshot_begin(ctx_of(world), world->d->db, &snapshot));
    assert_ok(world->d->f, writer_find_token(ctx_of(world), snapshot, town, TEXT("old"), &result));
    assert_null(result);
    assert_ok(world->d->f, writer_find_token(ctx_of(world), snapshot, town, TEXT("young"), &result));
    assert_non_null(result);
    snapshot_end(snapshot);
}

/* A sign-in has nothing for the log: it must not make a log where there is none, nor wait for one that is busy. */
static void a_plan_without_leaves_leaves_the_head_alone(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 1, "a", "a"));
    struct plan *plan = plan_new(ctx_of(world), other_town);
    plan_token(plan, TEXT("b"), TEXT("/"));
    assert_int_equal(world_run(world, plan).kind, OUTCOME_DONE);
    assert_int_equal(world_count(world, &heads_count), 1);
    world_check(world);
}

/* --- many plans --- */

static void a_batch_with_one_failing_plan_does_the_others(void **state)
{
    struct world *world = *state;
    enum { COUNT = 40 };
    struct gate gate;
    struct answer answers[COUNT];
    world_run(world, world_item(ctx_of(world), town, 1000, "早先", "early"));
    gate_close(world, &gate);
    for (int i = 0; i < COUNT; i++) {
        char token[16];
        snprintf(token, sizeof token, i == 20 ? "early" : "token-%d", i);
        struct plan *plan = i == 10 ? world_rename(ctx_of(world), town, 1000, "x", 77)
                                    : world_item(ctx_of(world), town, i == 30 ? 1000 : i, "批", token);
        crowd_submit(world, &gate, plan, &answers[i]);
    }
    gate_open(&gate);
    crowd_await(&gate, answers, COUNT);
    int64_t slot = 1;
    for (int i = 0; i < COUNT; i++) {
        const struct outcome *outcome = &answers[i].outcome;
        if (i == 10 || i == 30) {
            assert_int_equal(outcome->kind, OUTCOME_CONFLICT);
            assert_string_equal(outcome->conflict, i == 10 ? "item.changed" : "item.taken");
        } else if (i == 20) {
            assert_int_equal(outcome->kind, OUTCOME_REPLAYED);
            assert_string_equal(outcome->result, "/items/QZ-2026-00001");
        } else {
            assert_int_equal(outcome->kind, OUTCOME_DONE);
            assert_int_equal(outcome->slots[0], slot++); /* in the order of submitting, without holes */
        }
        assert_true(i == 0 || answers[i].order > answers[i - 1].order);
    }
    assert_int_equal(world_count(world, &items_count), COUNT - 3 + 1);
    world_check(world);
}

static void several_realms_share_the_writer(void **state)
{
    struct world *world = *state;
    enum { COUNT = 90 };
    static const char *const realms[] = { "500116106000", "500230109000", "500116000000" };
    struct gate gate;
    struct answer answers[COUNT];
    gate_close(world, &gate);
    for (int i = 0; i < COUNT; i++) {
        char token[16];
        snprintf(token, sizeof token, "token-%d", i);
        crowd_submit(world, &gate, world_item(ctx_of(world), realms[i % 3], i, "三地", token), &answers[i]);
    }
    gate_open(&gate);
    crowd_await(&gate, answers, COUNT);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(answers[i].outcome.kind, OUTCOME_DONE);
        assert_int_equal(answers[i].outcome.slots[0], i / 3);
    }
    world_check(world);
}

/* Inserts of different shapes, updates between them, rows that point to rows of their own plan: all in one transaction,
 * whatever PostgreSQL's half merges. */
static void plans_of_all_shapes_share_a_batch(void **state)
{
    static const struct statement odd = {
        .name = "test_odd_insert",
        .sql = "insert into visit (realm, id, item, token) values ($2, $1, $3, ' (odd) ''' || cast($4 as text) || ')')",
        .parameters = 4,
        .changes = true,
    };
    static const struct statement odd_count = {
        .name = "test_odd_count",
        .sql = "select count(*) from visit where token = ' (odd) ''twice)'",
    };
    struct world *world = *state;
    struct ctx *ctx = ctx_of(world);
    enum { COUNT = 30 };
    struct gate gate;
    struct answer answers[COUNT];
    world_run(world, world_item(ctx, town, 1000, "早先", "early"));
    gate_close(world, &gate);
    int lost = world->sealing.lost, committed = world->sealing.committed;
    for (int i = 0; i < COUNT; i++) {
        struct plan *plan;
        if (i % 3 == 0) { /* children of an older row, long before the first parent of their kind */
            plan = plan_new(ctx, town);
            for (int k = 0; k < 2; k++)
                plan_step(plan, &visit_add, 1, NULL,
                          VALUES(value_string(town), value_int(id_next(ctx)), value_int(1000), value_string("twice")));
            plan_step(plan, &odd, 1, NULL,
                      VALUES(value_int(id_next(ctx)), value_string(town), value_int(1000), value_string("twice")));
        } else if (i % 3 == 1) {
            plan = world_item(ctx, town, i, "夹在中间", arena_printf(ctx->arena, "token-%d", i));
            plan_step(plan, &item_rename, 1, NULL,
                      VALUES(value_string(town), value_int(i), value_string("改过"), value_int(1)));
            plan_step(plan, &visit_add, 1, NULL,
                      VALUES(value_string(town), value_int(id_next(ctx)), value_int(i), value_string("after")));
        } else {
            plan = world_item(ctx, town, i, "改过", arena_printf(ctx->arena, "token-%d", i));
        }
        crowd_submit(world, &gate, plan, &answers[i]);
    }
    gate_open(&gate);
    crowd_await(&gate, answers, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(answers[i].outcome.kind, OUTCOME_DONE);
    world_stop(world);
    assert_int_equal(world->sealing.lost, lost);
    assert_int_equal(world->sealing.committed - committed, 1); /* nothing had to be run singly */
    assert_int_equal(world_count(world, &odd_count), COUNT / 3);
    assert_int_equal(world_count(world, &items_without), 0);
    assert_int_equal(database_number(world->d, &item_by_name, VALUES(value_string(town), value_string("改过"))), 20);
    assert_int_equal(world_count(world, &items_count), 1 + 20);
    assert_int_equal(world_count(world, &visits_count), 1 + 3 * 10 + 2 * 10 + 10);
}

/* Rows sent together are refused as one alone would be: no number is cut to the bytes its column has. */
static void a_number_too_large_for_its_column_is_a_failure(void **state)
{
    static const struct statement small = {
        .name = "test_small_insert",
        .sql = "insert into visit (realm, id, item, token) values ($1, $2, $3, cast(cast($4 as smallint) as text))",
        .parameters = 4,
        .changes = true,
    };
    struct world *world = *state;
    struct ctx *ctx = ctx_of(world);
    world_run(world, world_item(ctx, town, 1, "路灯", "a"));
    int64_t before = world_count(world, &visits_count);
    struct gate gate;
    struct answer answers[2];
    gate_close(world, &gate);
    for (int i = 0; i < 2; i++) {
        struct plan *plan = plan_new(ctx, town);
        plan_step(plan, &small, 1, NULL,
                  VALUES(value_string(town), value_int(id_next(ctx)), value_int(1), value_int(65536 + i)));
        crowd_submit(world, &gate, plan, &answers[i]);
    }
    gate_open(&gate);
    crowd_await(&gate, answers, 2);
    for (int i = 0; i < 2; i++)
        assert_int_equal(answers[i].outcome.kind, OUTCOME_FAILED);
    assert_int_equal(world_count(world, &visits_count), before);
}

static void of_two_racing_plans_one_wins(void **state)
{
    struct world *world = *state;
    struct gate gate;
    struct answer answers[2];
    world_run(world, world_item(ctx_of(world), town, 1, "路灯", "a"));
    gate_close(world, &gate);
    crowd_submit(world, &gate, world_rename(ctx_of(world), town, 1, "甲", 1), &answers[0]);
    crowd_submit(world, &gate, world_rename(ctx_of(world), town, 1, "乙", 1), &answers[1]);
    gate_open(&gate);
    crowd_await(&gate, answers, 2);
    assert_int_equal(answers[0].outcome.kind, OUTCOME_DONE);
    assert_int_equal(answers[1].outcome.kind, OUTCOME_CONFLICT);
    assert_int_equal(database_number(world->d, &item_by_name, VALUES(value_string(town), value_string("甲"))), 1);
}

static void the_same_token_twice_in_one_batch_is_filed_once(void **state)
{
    struct world *world = *state;
    struct gate gate;
    struct answer answers[3];
    gate_close(world, &gate);
    for (int i = 0; i < 3; i++)
        crowd_submit(world, &gate, world_item(ctx_of(world), town, i, "按了三次", "pressed"), &answers[i]);
    gate_open(&gate);
    crowd_await(&gate, answers, 3);
    assert_int_equal(answers[0].outcome.kind, OUTCOME_DONE);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(answers[i].outcome.kind, OUTCOME_REPLAYED);
        assert_string_equal(answers[i].outcome.result, answers[0].outcome.result);
    }
    assert_int_equal(world_count(world, &items_count), 1);
    world_check(world);
}

static void a_snapshot_stands_still_while_the_writer_writes(void **state)
{
    struct world *world = *state;
    struct snapshot *snapshot;
    struct rows rows;
    world_run(world, world_item(ctx_of(world), town, 0, "先", "a"));
    assert_ok(world->d->f, snapshot_begin(ctx_of(world), world->d->db, &snapshot));
    for (int i = 1; i < 20; i++) {
        char token[16];
        snprintf(token, sizeof token, "b%d", i);
        assert_ok(world->d->f, rows_open(ctx_of(world), snapshot, &items_count, VALUES_NONE, &rows));
        assert_true(rows_next(&rows));
        assert_int_equal(rows_int(&rows, 0), 1);
        world_run(world,
                  world_item(ctx_of(world), town, i, "后", token)); /* with rows open: readers and writer never wait */
        assert_ok(world->d->f, rows_close(&rows));
    }
    snapshot_end(snapshot);
    assert_int_equal(world_count(world, &items_count), 20);
}

/* --- ends --- */

static void a_stop_finishes_what_is_queued_and_takes_no_more(void **state)
{
    struct world *world = *state;
    enum { COUNT = 50 };
    struct gate gate;
    struct answer answers[COUNT];
    gate_close(world, &gate);
    for (int i = 0; i < COUNT; i++) {
        char token[16];
        snprintf(token, sizeof token, "token-%d", i);
        crowd_submit(world, &gate, world_item(ctx_of(world), town, i, "停", token), &answers[i]);
    }
    gate_open(&gate);
    world_stop(world);
    for (int i = 0; i < COUNT; i++) {
        assert_true(answers[i].is_told);
        assert_int_equal(answers[i].outcome.kind, OUTCOME_DONE);
    }
    world_check(world);
}

static void *stop(void *self)
{
    world_stop(self);
    return NULL;
}

static void a_full_queue_refuses_at_once(void **state)
{
    struct world *world = *state;
    enum { BOUND = 8192, MORE = 3 };
    struct gate gate;
    struct answer *answers = calloc(BOUND + MORE, sizeof *answers);
    int refused = 0;
    gate_close(world, &gate);
    for (int i = 0; i < BOUND + MORE; i++) {
        crowd_submit(world, &gate, plan_new(ctx_of(world), town), &answers[i]);
        if (answers[i].is_told) {
            refused++;
            assert_int_equal(answers[i].outcome.kind, OUTCOME_FAILED);
            assert_fails(answers[i].outcome.err, ERR_BUSY, "store.queue_full");
        }
    }
    assert_int_equal(refused, MORE + 1); /* the one in hand counts until it is finished */
    gate_open(&gate);
    crowd_await(&gate, answers, BOUND + MORE);
    free(answers);
}

static void what_comes_during_a_drain_is_told_so(void **state)
{
    struct world *world = *state;
    enum { MOST = 100 };
    struct gate gate;
    struct answer answers[MOST], last;
    pthread_t stopping;
    gate_close(world, &gate);
    for (int i = 0; i < MOST; i++)
        crowd_submit(world, &gate, plan_new(ctx_of(world), town), &answers[i]);
    assert_int_equal(pthread_create(&stopping, NULL, stop, world), 0);
    /* Until the stop has begun; it can't end before, for the writer is held. */
    struct answer *early = NULL;
    for (;;) {
        struct answer *one = arena_new_of(ctx_of(world)->arena, struct answer);
        crowd_submit(world, &gate, plan_new(ctx_of(world), town), one);
        if (one->is_told && strcmp(err_root(one->outcome.err)->said, "store.stopping") == 0) {
            last = *one;
            break;
        }
        early = one->is_told ? early : one;
        sched_yield();
    }
    assert_int_equal(last.outcome.kind, OUTCOME_FAILED);
    assert_fails(last.outcome.err, ERR_BUSY, "store.stopping");
    gate_open(&gate);
    pthread_join(stopping, NULL);
    for (int i = 0; i < MOST; i++) {
        assert_true(answers[i].is_told);
        assert_int_equal(answers[i].outcome.kind, OUTCOME_DONE);
    }
    assert_true(!early || early->is_told);
}

static void writers_of_two_processes_share_a_database(void **state)
{
    struct world *world = *state;
    struct world second = { .d = calloc(1, sizeof *second.d) };
    *second.d = *world->d;
    second.d->f = &second.d->fixture;
    fixture_begin(second.d->f);
    id_source_init(&second.d->f->ids, 2);
    second.d->db = NULL;
    database_open(second.d);
    world_start(&second);
    for (int i = 0; i < 20; i++) {
        char token[16];
        snprintf(token, sizeof token, "token-%d", i);
        struct world *one = i % 2 ? &second : world;
        assert_int_equal(world_run(one, world_item(ctx_of(one), town, i, "两边", token)).slots[0], i);
    }
    world_stop(&second);
    database_shut(second.d);
    fixture_end(second.d->f);
    free(second.d);
    world_check(world);
}

/* --- PostgreSQL's session --- */

struct counting {
    struct world_seal sealing; /* first: world_open() takes it */
    int64_t session;
    int sessions;
};

static const struct err *open_and_count(void *self, struct ctx *ctx, struct tx *tx, const char *realm, void **ret_head,
                                        int64_t *ret_not_before)
{
    static const struct statement own = { .name = "test_own_session", .sql = "select pg_backend_pid()" };
    struct counting *counting = self;
    struct rows rows;
    TRY(tx_read(ctx, tx, &own, VALUES_NONE, &rows));
    if (rows_next(&rows) && rows_int(&rows, 0) != counting->session) {
        counting->session = rows_int(&rows, 0);
        counting->sessions++;
    }
    TRY(rows_close(&rows));
    return world_open(self, ctx, tx, realm, ret_head, ret_not_before);
}

static void one_session_serves_all_batches(void **state)
{
    struct world *world = *state;
    world_stop(world);
    struct counting counting = { .session = 0 };
    struct seal seal = world_seal_of(&counting.sealing);
    seal.open = open_and_count;
    assert_ok(world->d->f, writer_start(ctx_of(world), &world->d->f->model, world->d->db, &seal, &world->writer));
    for (int i = 0; i < 10; i++) {
        char token[16];
        snprintf(token, sizeof token, "t%d", i / 2);
        world_run(world, world_item(ctx_of(world), town, i, "同一条连接", token)); /* every other one is replayed */
    }
    assert_int_equal(counting.sessions, 1);
    world_stop(world);
}

static void a_lost_connection_in_mid_transaction_loses_nothing(void **state)
{
    struct world *world = *state;
    world_run(world, world_item(ctx_of(world), town, 0, "前", "t0"));
    for (int i = 1; i < 6; i++) { /* ended while idle, between two plans: nobody notices */
        char token[16];
        snprintf(token, sizeof token, "t%d", i);
        database_cut(world->d, "idle");
        assert_int_equal(world_run(world, world_item(ctx_of(world), town, i, "断", token)).kind, OUTCOME_DONE);
    }
    world_check(world);
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        WORLD_ON_BOTH(a_plan_is_done_and_its_late_values_are_filled),
        WORLD_ON_BOTH(a_token_used_twice_is_replayed),
        WORLD_ON_BOTH(a_stale_plan_is_a_conflict_and_does_nothing),
        WORLD_ON_BOTH(a_key_that_is_taken_or_missing_is_a_conflict),
        WORLD_ON_BOTH(our_own_mistake_is_a_failure),
        WORLD_ON_BOTH(a_condition_may_be_a_select),
        WORLD_ON_BOTH(time_never_runs_backwards),
        WORLD_ON_BOTH(a_plan_without_leaves_leaves_the_head_alone),
        WORLD_ON_BOTH(old_tokens_are_forgotten_and_young_ones_kept),
        WORLD_ON_BOTH(a_batch_with_one_failing_plan_does_the_others),
        WORLD_ON_BOTH(several_realms_share_the_writer),
        WORLD_ON_BOTH(plans_of_all_shapes_share_a_batch),
        WORLD_ON_BOTH(of_two_racing_plans_one_wins),
        WORLD_ON_BOTH(the_same_token_twice_in_one_batch_is_filed_once),
        WORLD_ON_BOTH(a_snapshot_stands_still_while_the_writer_writes),
        WORLD_ON_BOTH(a_stop_finishes_what_is_queued_and_takes_no_more),
        WORLD_ON_BOTH(a_full_queue_refuses_at_once),
        WORLD_ON_BOTH(what_comes_during_a_drain_is_told_so),
        WORLD_ON_BOTH(writers_of_two_processes_share_a_database),
        WORLD_ON_POSTGRES(a_number_too_large_for_its_column_is_a_failure),
        WORLD_ON_POSTGRES(one_session_serves_all_batches),
        WORLD_ON_POSTGRES(a_lost_connection_in_mid_transaction_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
