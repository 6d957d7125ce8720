/* tests/unit/test_session_memory.c -- who is remembered, for how long, and what makes all of it forgotten. */
#include "fixture.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "record/session_memory.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static int64_t steady;
static atomic_int reads;
static struct session_memory *interfered; /* its table is written while a session is being read */
static bool is_there;

static int64_t steady_now(void)
{
    return steady;
}

static const struct err *read_one(struct ctx *ctx, const struct session_cookie *cookie, const struct session **ret)
{
    reads++;
    struct session *session = arena_new_of(ctx->arena, struct session);
    *session = (struct session){ .realm = text_string(ctx->arena, cookie->realm),
                                 .id = reads,
                                 .expires = clock_now(ctx->clock) + SESSION_OFFICE_SPAN };
    if (interfered)
        session_memory_wrote(interfered, "session");
    *ret = is_there ? session : NULL;
    return NULL;
}

static const struct err *read_nothing(struct ctx *ctx, const struct session_cookie *cookie, const struct session **ret)
{
    (void)cookie, (void)ret;
    return err_new(ctx, ERR_BUSY, "store.unreachable");
}

static struct session_cookie cookie_of(const char *realm, const char *secret)
{
    return (struct session_cookie){ text_of(realm), sha256_of(text_of(secret)) };
}

struct test {
    struct fixture f[1];
    struct session_memory *memory;
    struct session_cookie cookie;
};

static int set_up(void **state)
{
    struct test *t = calloc(1, sizeof *t);
    fixture_begin(t->f);
    steady = 0;
    reads = 0;
    interfered = NULL;
    is_there = true;
    t->memory = session_memory_new(steady_now);
    t->cookie = cookie_of("500116106000", "one");
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct test *t = *state;
    session_memory_free(t->memory);
    fixture_end(t->f);
    free(t);
    return 0;
}

static int64_t find(struct test *t, const struct session_cookie *cookie)
{
    const struct session *found;
    assert_ok(t->f, session_memory_find(t->f->ctx, t->memory, cookie, read_one, &found));
    return found ? found->id : 0;
}

static void asked_once_for_a_moment(void **state)
{
    struct test *t = *state;
    assert_int_equal(find(t, &t->cookie), 1);
    assert_int_equal(find(t, &t->cookie), 1);
    steady += SESSION_MEMORY_SPAN - 1;
    assert_int_equal(find(t, &t->cookie), 1);
    steady++;
    assert_int_equal(find(t, &t->cookie), 2); /* another process may have ended it */
}

static void both_realm_and_secret_must_be_its(void **state)
{
    struct test *t = *state;
    struct session_cookie other_realm = cookie_of("500230109000", "one"), other_secret = cookie_of("500116106000", "two");
    assert_int_equal(find(t, &t->cookie), 1);
    assert_int_equal(find(t, &other_realm), 2);
    assert_int_equal(find(t, &other_secret), 3);
}

static void a_change_of_its_tables_makes_it_forgotten(void **state)
{
    static const char *const tables[] = { "session", "account", "person", "role_held", "place", "organisation" };
    struct test *t = *state;
    int64_t before = find(t, &t->cookie);
    session_memory_wrote(t->memory, "matter");
    assert_int_equal(find(t, &t->cookie), before);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        session_memory_wrote(t->memory, tables[i]);
        int64_t now = find(t, &t->cookie);
        assert_int_equal(now, before + 1);
        before = now;
    }
}

/* Read before the change, kept after it: that would be remembered for good. */
static void what_changes_while_it_is_read_is_not_remembered(void **state)
{
    struct test *t = *state;
    interfered = t->memory;
    assert_int_equal(find(t, &t->cookie), 1);
    interfered = NULL;
    assert_int_equal(find(t, &t->cookie), 2);
    assert_int_equal(find(t, &t->cookie), 2);
}

static void its_end_and_the_end_of_the_day_are_kept(void **state)
{
    struct test *t = *state;
    int64_t noon = day_start(day_of(clock_now(t->f->ctx->clock))) + 12 * MICROS_PER_HOUR;
    fake_clock_set(&t->f->clock, noon);
    assert_int_equal(find(t, &t->cookie), 1);
    fake_clock_set(&t->f->clock, noon + 11 * MICROS_PER_HOUR);
    assert_int_equal(find(t, &t->cookie), 1);
    fake_clock_set(&t->f->clock, noon + 12 * MICROS_PER_HOUR); /* another day: other roles; and it has ended */
    assert_int_equal(find(t, &t->cookie), 2);
}

static void nobody_is_not_remembered(void **state)
{
    struct test *t = *state;
    is_there = false;
    assert_int_equal(find(t, &t->cookie), 0);
    is_there = true;
    assert_int_equal(find(t, &t->cookie), 2);
}

static void it_outlives_being_forgotten(void **state)
{
    struct test *t = *state;
    struct ctx *later = ctx_begin(&t->f->model);
    const struct session *mine, *theirs;
    assert_ok(t->f, session_memory_find(t->f->ctx, t->memory, &t->cookie, read_one, &mine));
    session_memory_wrote(t->memory, "session");
    assert_ok(t->f, session_memory_find(later, t->memory, &t->cookie, read_one, &theirs));
    ctx_end(later);
    assert_ptr_not_equal(mine, theirs);
    assert_string_equal(mine->realm, "500116106000");
}

static void a_failure_lives_as_long_as_who_asked(void **state)
{
    struct test *t = *state;
    const struct session *found;
    assert_fails(session_memory_find(t->f->ctx, t->memory, &t->cookie, read_nothing, &found), ERR_BUSY, "store.unreachable");
    assert_int_equal(find(t, &t->cookie), 1);
}

static void *ask_again_and_again(void *self)
{
    static char wrong[] = "another's";
    struct test *t = self;
    for (int i = 0; i < 500; i++) {
        const struct session *found;
        struct ctx *ctx = ctx_begin(&t->f->model);
        const struct err *failed = session_memory_find(ctx, t->memory, &t->cookie, read_one, &found);
        bool is_its = !failed && strcmp(found->realm, "500116106000") == 0;
        if (i % 50 == 0)
            session_memory_wrote(t->memory, "session");
        ctx_end(ctx);
        if (!is_its)
            return wrong;
    }
    return NULL;
}

static void threads_ask_and_forget_at_once(void **state)
{
    enum { THREADS = 4 };
    struct test *t = *state;
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_again_and_again, t), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(reads >= THREADS * 10 && reads < THREADS * 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(asked_once_for_a_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_realm_and_secret_must_be_its, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_of_its_tables_makes_it_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_changes_while_it_is_read_is_not_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_end_and_the_end_of_the_day_are_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_is_not_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(it_outlives_being_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(threads_ask_and_forget_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_lives_as_long_as_who_asked, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
