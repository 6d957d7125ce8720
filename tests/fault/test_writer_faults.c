/* tests/fault/test_writer_faults.c -- every guarded call of the writer fails once, a few times, for long; a full disk;
 * a connection cut in mid-transaction. Always: all or nothing, and what was told is what is there. When this fails:
 * src/store/batch.c, then the database's own file (sqlite.c, writer_postgres.c). */
#include "crowd.h"
#include "full_disk.h"

#include "base/log.h"
#include "store/fault.h"

static const char *const town = "500116106000", *const other_town = "500230109000";

enum { PLANS = 4 };

static struct plan *plan_of(struct world *world, int64_t id)
{
    char token[32];
    snprintf(token, sizeof token, "token-%lld", (long long)id);
    return world_item(world->d->f->ctx, id % 3 == 2 ? other_town : town, id, "故障", token);
}

static int64_t is_there(struct world *world, int64_t id)
{
    static const struct statement find = { .name = "fault_find",
                                           .sql = "select count(*) from item where id = $1",
                                           .parameters = 1 };
    return database_number(world->d, &find, VALUES(value_int(id)));
}

/* What was told is what is there; a plan that failed is filed by sending it again. Returns how many were done at once.
 */
static int check_answers(struct world *world, const struct answer *answers, int64_t first_id)
{
    int done = 0;
    world_check(world);
    for (int i = 0; i < PLANS; i++) {
        const struct outcome *outcome = &answers[i].outcome;
        assert_true(outcome->kind == OUTCOME_DONE || outcome->kind == OUTCOME_FAILED);
        if (outcome->kind == OUTCOME_DONE) {
            assert_int_equal(is_there(world, first_id + i), 1);
            done++;
        } else if (strcmp(err_root(outcome->err)->said, "store.outcome_unknown") != 0) {
            assert_int_equal(is_there(world, first_id + i), 0);
        }
        struct outcome again = world_run(world, plan_of(world, first_id + i));
        bool was_there = outcome->kind == OUTCOME_DONE || again.kind == OUTCOME_REPLAYED;
        assert_int_equal(again.kind, was_there ? OUTCOME_REPLAYED : OUTCOME_DONE);
        if (outcome->kind == OUTCOME_DONE)
            assert_string_equal(again.result, outcome->result);
    }
    return done;
}

static void break_everywhere(struct world *world, enum fault fault, int times)
{
    struct gate gate;
    struct answer answers[PLANS];
    for (int n = 0;; n++) {
        int64_t first_id = id_next(world->d->f->ctx);
        for (int i = 1; i < PLANS; i++)
            id_next(world->d->f->ctx);
        gate_close(world, &gate);
        for (int i = 0; i < PLANS; i++)
            crowd_submit(world, &gate, plan_of(world, first_id + i), &answers[i]);
        fault_arm(fault, n, times);
        gate_open(&gate);
        crowd_await(&gate, answers, PLANS);
        bool fired = fault_fired();
        int done = check_answers(world, answers, first_id);
        if (!fired || (fault == FAULT_LOST && times == 1))
            assert_int_equal(done, PLANS); /* a connection lost once costs nobody anything */
        if (!fired) {
            assert_true(n > 20); /* the guards are really there */
            break;
        }
    }
}

static void a_call_fails_once(void **state)
{
    break_everywhere(*state, FAULT_FAIL, 1);
}

static void a_call_fails_and_goes_on_failing(void **state)
{
    break_everywhere(*state, FAULT_FAIL, 1000000);
}

static void the_disk_is_full_once(void **state)
{
    break_everywhere(*state, FAULT_FULL, 1);
}

static void the_disk_stays_full(void **state)
{
    break_everywhere(*state, FAULT_FULL, 3);
    break_everywhere(*state, FAULT_FULL, 1000000);
}

static void the_connection_is_lost_once(void **state)
{
    break_everywhere(*state, FAULT_LOST, 1);
}

static void the_connection_is_lost_again_and_again(void **state)
{
    break_everywhere(*state, FAULT_LOST, 3);
}

static void the_connection_stays_lost(void **state)
{
    break_everywhere(*state, FAULT_LOST, 1000000);
}

/* --- a server's operator ends our session inside a transaction --- */

struct cutting {
    struct world_seal sealing; /* first: world_close() takes it */
    struct database *d;
    int cuts;
};

static const struct err *close_after_a_cut(void *self, struct ctx *ctx, struct tx *tx, void *head, int64_t time)
{
    struct cutting *cutting = self;
    if (cutting->cuts-- > 0)
        database_cut(cutting->d, "%");
    return world_close(self, ctx, tx, head, time);
}

static void a_session_ended_in_mid_transaction_loses_nothing(void **state)
{
    struct world *world = *state;
    world_stop(world);
    struct cutting cutting = { .d = world->d };
    struct seal seal = world_seal_of(&cutting.sealing);
    seal.close = close_after_a_cut;
    assert_ok(world->d->f, writer_start(world->d->f->ctx, &world->d->f->model, world->d->db, &seal, &world->writer));
    for (int cuts = 1; cuts <= 3; cuts++) {
        cutting.cuts = cuts;
        assert_int_equal(world_run(world, plan_of(world, cuts)).kind, OUTCOME_DONE);
        assert_true(cutting.cuts <= 0);
    }
    cutting.cuts = 1000000;
    struct outcome outcome;
    assert_fails(writer_run(world->d->f->ctx, world->writer, plan_of(world, 9), &outcome), ERR_BUSY,
                 "store.unreachable");
    cutting.cuts = 0;
    world_check(world);
    assert_int_equal(world_run(world, plan_of(world, 9)).kind, OUTCOME_DONE);
    world_stop(world);
    assert_int_equal(cutting.sealing.opened, cutting.sealing.committed + cutting.sealing.lost);
}

/* --- SQLite on a disk that is really full: its files can't grow --- */

static void a_disk_without_room_refuses_and_recovers(void **state)
{
    struct world *world = *state;
    struct gate gate;
    struct answer answers[PLANS];
    int full = 0;
    for (int64_t room = 0;; room += 3000) {
        int64_t first_id = id_next(world->d->f->ctx);
        for (int i = 1; i < PLANS; i++)
            id_next(world->d->f->ctx);
        gate_close(world, &gate);
        for (int i = 0; i < PLANS; i++)
            crowd_submit(world, &gate, plan_of(world, first_id + i), &answers[i]);
        full_disk_leave(room);
        gate_open(&gate);
        crowd_await(&gate, answers, PLANS);
        bool was_full = full_disk_end();
        for (int i = 0; i < PLANS; i++)
            if (answers[i].outcome.kind == OUTCOME_FAILED) {
                assert_fails(answers[i].outcome.err, ERR_BROKEN, "store.disk_full");
                full++;
            }
        int done = check_answers(world, answers, first_id);
        if (!was_full) {
            assert_int_equal(done, PLANS);
            break;
        }
    }
    assert_true(full > PLANS);
}

static int setup_on_a_disk_that_can_be_full(void **state)
{
    full_disk_install();
    return world_setup_sqlite(state);
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        WORLD_ON_BOTH(a_call_fails_once),
        WORLD_ON_BOTH(a_call_fails_and_goes_on_failing),
        WORLD_ON_BOTH(the_disk_is_full_once),
        WORLD_ON_BOTH(the_disk_stays_full),
        WORLD_ON_POSTGRES(the_connection_is_lost_once),
        WORLD_ON_POSTGRES(the_connection_is_lost_again_and_again),
        WORLD_ON_POSTGRES(the_connection_stays_lost),
        WORLD_ON_POSTGRES(a_session_ended_in_mid_transaction_loses_nothing),
        cmocka_unit_test_setup_teardown(a_disk_without_room_refuses_and_recovers, setup_on_a_disk_that_can_be_full,
                                        world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
