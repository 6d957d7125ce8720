/* tests/unit/test_account.c -- passwords against published strings; signing in, failing, waiting, changing. When
 * waiting fails: record/guesses.c. */
#include "village.h"

#include "file.h"
#include "vectors.h"

#include "record/account.h"
#include "record/accounts_sql.h"
#include "record/records.h"
#include "record/session.h"

#include <time.h>

#define PASSWORD "sunny-river-42"
#define DEVICE TEXT("Firefox")

static void published_strings_fit_or_not(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    const struct node *cases = vector_json(&f, "argon2id.json");
    assert_true(cases->count >= 10);
    node_each (link, cases) {
        struct text password = node_find_text(&link->value, KEY("password"));
        struct text encoded = node_find_text(&link->value, KEY("encoded"));
        if (password_fits(text_string(f.ctx->arena, encoded), password) !=
            node_find_bool(&link->value, KEY("ok")))
            fail_msg("%.*s", (int)encoded.size, encoded.at);
    }
    const char *encoded;
    assert_ok(&f, password_hash(f.ctx, TEXT(PASSWORD), PASSWORD_CHEAP, &encoded));
    assert_true(text_starts(text_of(encoded), "$argon2id$v=19$"));
    assert_true(password_fits(encoded, TEXT(PASSWORD)));
    assert_false(password_fits(encoded, TEXT("Sunny-river-42")));
    fixture_end(&f);
}

static void weak_passwords_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    const struct {
        const char *password, *said;
    } cases[] = { { "seven77", "password.short" },
                  { "aaaaaaaaaa", "password.guessable" },
                  { "12345678", "password.guessable" },
                  { "87654321", "password.guessable" },
                  { "abcdefgh", "password.guessable" },
                  { "WuTai2024", "password.guessable" },
                  { "tab\x01tab\x01tab", "password.unclean" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(password_check(f.ctx, text_of(cases[i].password), "wutai20", "吴台"), ERR_INPUT, cases[i].said);
    assert_ok(&f, password_check(f.ctx, TEXT("春天的河流很清澈"), "wu", "吴台"));
    assert_ok(&f, password_check(f.ctx, TEXT(PASSWORD), "wu", "吴台"));
    char *long_one = arena_alloc(f.ctx->arena, 200);
    memset(long_one, 'x', 129);
    long_one[5] = 'y';
    assert_fails(password_check(f.ctx, text_of(long_one), "wu", NULL), ERR_INPUT, "password.long");
    for (int i = 0; i < 50; i++) {
        const char *made = password_make(f.ctx);
        assert_int_equal(strlen(made), 14);
        assert_ok(&f, password_check(f.ctx, text_of(made), "wu", "吴台"));
    }
    fixture_end(&f);
}

#define HERE TEXT("203.0.113.7")
#define ELSEWHERE TEXT("203.0.113.8")

/* The village with what the process holds for signing in. */
static void furnish(struct village *v)
{
    struct records *records = arena_new_of(v->ctx->arena, struct records);
    const char *file = "src/app/sign_in.yaml";
    records->keys = v->keys;
    assert_ok(v->f, guess_limits_read(v->ctx, file, read_file(v->f, file), &records->guess_limits, &records->sessions_kept));
    v->ctx->records = records;
}

static int setup_sqlite(void **state)
{
    village_setup_sqlite(state);
    furnish(*state);
    return 0;
}

static int setup_postgres(void **state)
{
    village_setup_postgres(state);
    furnish(*state);
    return 0;
}

#undef IN_VILLAGE
/* clang-format off */
#define IN_VILLAGE(test)                                                                                               \
    { #test " (SQLite)", test, setup_sqlite, village_teardown, NULL },                                                 \
    { #test " (PostgreSQL)", test, setup_postgres, village_teardown, NULL }
/* clang-format on */

static void add(struct village *v, const char *key, const char *login, bool must_change)
{
    struct plan *plan;
    assert_ok(v->f, account_add(v->ctx, village_person(v, key), text_of(login), TEXT(PASSWORD), must_change,
                                PASSWORD_CHEAP, &plan));
    village_run(v, plan);
}

static struct sign_in check(struct village *v, struct text from, const char *login, const char *password)
{
    struct sign_in result;
    const struct comer comer = { DEVICE, from, PASSWORD_CHEAP };
    assert_ok(v->f, account_sign_in(v->ctx, text_of(login), text_of(password), &comer, &result));
    return result;
}

static struct sign_in sign_in_from(struct village *v, struct text from, const char *login, const char *password)
{
    struct sign_in result = check(v, from, login, password);
    if (result.plan)
        village_run(v, result.plan);
    return result;
}

static struct sign_in sign_in(struct village *v, const char *login, const char *password)
{
    return sign_in_from(v, HERE, login, password);
}

static const struct err *change(struct village *v, const char *who, const char *old, const char *password,
                                struct sign_in *ret)
{
    const struct comer comer = { DEVICE, HERE, PASSWORD_CHEAP };
    return account_change_password(v->ctx, village_person(v, who), text_of(old), text_of(password), &comer, ret);
}

static const struct session *session(struct village *v, const char *cookie)
{
    const struct session *found;
    assert_ok(v->f, session_find(v->ctx, text_of(cookie), &found));
    return found;
}

static void the_right_password_begins_a_session(void **state)
{
    struct village *v = *state;
    add(v, "zhang", "Zhang", true);
    struct sign_in result = sign_in(v, " zhang ", PASSWORD);
    assert_true(result.is_right);
    assert_true(result.must_change);
    assert_int_equal(result.seconds, 30 * 24 * 3600);
    const struct session *found = session(v, result.cookie);
    assert_non_null(found);
    assert_string_equal(found->person->name, "张大山");
    assert_true(found->must_change);
    add(v, "wu", "wu", false);
    result = sign_in(v, "wu@500116106000", PASSWORD);
    assert_true(result.is_right);
    assert_false(result.must_change);
    assert_int_equal(result.seconds, 0);
}

static void an_unknown_login_gets_the_answer_of_a_wrong_password(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const char *const cases[][2] = { { "wu", "wrong-password" },
                                     { "nobody", PASSWORD },
                                     { "wu@500230109000", PASSWORD } };
    for (int i = 0; i < 3; i++) {
        struct sign_in result = sign_in(v, cases[i][0], cases[i][1]);
        assert_false(result.is_right);
        assert_null(result.cookie);
        assert_string_equal(result.why->said, "sign_in.wrong");
    }
}

/* What a check costs this thread's processor, in seconds: no clock on the wall, so other tests beside it don't matter. */
static double cost_of(struct village *v, const char *login, const char *password)
{
    struct timespec from, to;
    struct sign_in result;
    const struct comer comer = { DEVICE, ELSEWHERE, PASSWORD_COST };
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    assert_ok(v->f, account_sign_in(v->ctx, text_of(login), text_of(password), &comer, &result));
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    assert_string_equal(result.why->said, "sign_in.wrong");
    return (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec);
}

/* A real hash costs at least ten times what all the rest does: whether one was made shows. */
static void an_unknown_login_costs_what_a_known_one_costs(void **state)
{
    struct village *v = *state;
    struct plan *plan;
    assert_ok(v->f, account_add(v->ctx, village_person(v, "wu"), TEXT("wu"), TEXT(PASSWORD), false, PASSWORD_COST, &plan));
    village_run(v, plan);
    char *overlong = arena_alloc(v->ctx->arena, PASSWORD_MOST * 4 + 2);
    memset(overlong, 'x', PASSWORD_MOST * 4 + 1);
    double known = cost_of(v, "wu", "wrong"), unknown = cost_of(v, "nobody", "wrong");
    assert_true(known < 3 * unknown && unknown < 3 * known);
    /* What no password can be is refused before the work, for both alike. */
    assert_true(cost_of(v, "wu", overlong) < known / 4);
    assert_true(cost_of(v, "nobody", overlong) < known / 4);
}

static void a_login_is_given_once_whatever_the_realm(void **state)
{
    struct village *v = *state;
    struct plan *plan;
    add(v, "wu", "desk", false);
    const struct err *refused = account_add(v->ctx, village_person(v, "gao"), TEXT(" DESK"), TEXT(PASSWORD), true, PASSWORD_CHEAP, &plan);
    assert_fails(refused, ERR_INPUT, "account.login_elsewhere");
    assert_string_equal(refused->arguments[0], "desk");
    assert_string_equal(refused->arguments[1], "500116106000");
    assert_string_equal(sign_in(v, "desk", PASSWORD).who.realm, "500116106000");
    assert_string_equal(sign_in(v, "desk@500116106000", PASSWORD).who.realm, "500116106000");
    assert_false(sign_in(v, "desk@500230109000", PASSWORD).is_right);
}

/* Two commands in the same moment, or two databases that were brought together. */
static void one_login_in_two_realms_needs_its_realm(void **state)
{
    struct village *v = *state;
    struct plan *plans[2];
    const char *const keys[] = { "wu", "gao" };
    for (int i = 0; i < 2; i++)
        assert_ok(v->f, account_add(v->ctx, village_person(v, keys[i]), TEXT("desk"), TEXT(PASSWORD), false, PASSWORD_CHEAP, &plans[i]));
    for (int i = 0; i < 2; i++)
        village_run(v, plans[i]);
    assert_false(sign_in(v, "desk", PASSWORD).is_right);
    assert_string_equal(sign_in(v, "desk@500230109000", PASSWORD).who.realm, "500230109000");
    assert_string_equal(sign_in(v, "desk@500116106000", PASSWORD).who.realm, "500116106000");
}

/* Says when it may be tried again. */
static void assert_waits(struct village *v, struct text from, const char *login, int64_t until)
{
    struct sign_in result = check(v, from, login, PASSWORD);
    assert_false(result.is_right);
    assert_null(result.plan); /* not even tried */
    assert_string_equal(result.why->said, "sign_in.locked");
    assert_string_equal(result.why->arguments[0], time_print(v->ctx->arena, until));
}

static void whoever_guesses_waits_longer_each_time(void **state)
{
    struct village *v = *state;
    int64_t now = FIXTURE_NOW;
    add(v, "wu", "wu", false);
    for (int i = 0; i < 4; i++)
        assert_string_equal(sign_in(v, "wu", "wrong").why->said, "sign_in.wrong");
    assert_true(sign_in(v, "wu", PASSWORD).is_right); /* starts the count again */
    for (int i = 0; i < 5; i++)
        assert_string_equal(sign_in(v, "wu", "wrong").why->said, "sign_in.wrong");
    static const int minutes[] = { 1, 4, 9, 16, 25, 36, 49, 60, 60 };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        int64_t until = now + minutes[i] * MICROS_PER_MINUTE;
        fake_clock_set(&v->f->clock, until - 1);
        assert_waits(v, HERE, "wu", until);
        assert_waits(v, HERE, " WU@500116106000 ", until); /* another way to write it is no other name */
        now = until;
        fake_clock_set(&v->f->clock, now);
        assert_string_equal(sign_in(v, "wu", "wrong").why->said, "sign_in.wrong");
    }
    fake_clock_set(&v->f->clock, now + 60 * MICROS_PER_MINUTE);
    assert_true(sign_in(v, "wu", PASSWORD).is_right);
    assert_string_equal(sign_in(v, "wu", "wrong").why->said, "sign_in.wrong");
    assert_true(sign_in(v, "wu", PASSWORD).is_right);
    /* What was long ago doesn't count. */
    for (int i = 0; i < 4; i++)
        sign_in(v, "wu", "wrong");
    fake_clock_set(&v->f->clock, now + 2 * MICROS_PER_DAY);
    sign_in(v, "wu", "wrong");
    sign_in(v, "wu", "wrong");
    assert_true(sign_in(v, "wu", PASSWORD).is_right);
}

static void nobody_is_shut_out_by_a_stranger(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    for (int i = 0; i < 5; i++)
        sign_in(v, "wu", "wrong");
    assert_waits(v, HERE, "wu", FIXTURE_NOW + MICROS_PER_MINUTE);
    assert_true(sign_in_from(v, ELSEWHERE, "wu", PASSWORD).is_right);
    assert_waits(v, HERE, "wu", FIXTURE_NOW + MICROS_PER_MINUTE); /* which doesn't help the stranger */
    assert_string_equal(sign_in_from(v, ELSEWHERE, "wu", "wrong").why->said, "sign_in.wrong");
}

static void a_wait_does_not_tell_whether_the_name_exists(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    static const char *const names[] = { "wu", "nobody", "wu@500230109000", "", "@" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text from = text_of(arena_printf(v->ctx->arena, "203.0.113.%zu", 100 + i));
        for (int k = 0; k < 5; k++)
            assert_string_equal(sign_in_from(v, from, names[i], "wrong").why->said, "sign_in.wrong");
        assert_waits(v, from, names[i], FIXTURE_NOW + MICROS_PER_MINUTE);
    }
}

static void many_names_from_one_address_make_it_wait(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    for (int i = 0; i < 30; i++)
        assert_string_equal(sign_in(v, arena_printf(v->ctx->arena, "name%d", i), PASSWORD).why->said, "sign_in.wrong");
    assert_waits(v, HERE, "wu", FIXTURE_NOW + MICROS_PER_MINUTE);
    assert_true(sign_in_from(v, ELSEWHERE, "wu", PASSWORD).is_right);
    fake_clock_set(&v->f->clock, FIXTURE_NOW + MICROS_PER_MINUTE);
    assert_true(sign_in(v, "wu", PASSWORD).is_right);
    sign_in(v, "another", PASSWORD); /* a right one from the same address doesn't give it new tries */
    assert_waits(v, HERE, "wu", FIXTURE_NOW + 5 * MICROS_PER_MINUTE);
    fake_clock_set(&v->f->clock, FIXTURE_NOW + 2 * MICROS_PER_HOUR);
    sign_in(v, "another", PASSWORD);
    assert_true(sign_in(v, "wu", PASSWORD).is_right);
}

static void guesses_made_side_by_side_all_count(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    struct sign_in guesses[6];
    for (int i = 0; i < 6; i++) /* all checked on one snapshot, before any is written */
        guesses[i] = check(v, HERE, "wu", i < 5 ? "wrong" : PASSWORD);
    for (int i = 0; i < 5; i++)
        village_run(v, guesses[i].plan);
    assert_int_equal(village_try(v, guesses[5].plan).kind, OUTCOME_CONFLICT); /* the right one came too late */
    assert_null(session(v, guesses[5].cookie));
    assert_string_equal(sign_in(v, "wu", PASSWORD).why->said, "sign_in.locked");
}

static int64_t count_rows(struct village *v, const struct statement *statement)
{
    struct rows rows;
    assert_ok(v->f, rows_open(v->ctx, v->ctx->snapshot, statement, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    int64_t count = rows_int(&rows, 0);
    assert_ok(v->f, rows_close(&rows));
    return count;
}

static void what_was_typed_is_not_kept_and_old_counts_go(void **state)
{
    struct village *v = *state;
    static const struct statement plain = { .name = "guess_in_clear",
                                      .sql = "select count(*) from guess where login like '%hunter%' or address like '%203%'" };
    static const struct statement all = { .name = "guess_every", .sql = "select count(*) from guess" };
    sign_in(v, "my-password-is-hunter2", "wrong"); /* into the wrong field */
    sign_in(v, "wu", "wrong");
    assert_int_equal(count_rows(v, &all), 3);
    assert_int_equal(count_rows(v, &plain), 0);
    for (int i = 0; i < 2; i++) {
        struct plan *plan = plan_new(v->ctx, HOUSE_REALM);
        fake_clock_set(&v->f->clock, FIXTURE_NOW + MICROS_PER_DAY + i);
        guesses_forget(v->ctx, plan);
        village_run(v, plan);
        assert_int_equal(count_rows(v, &all), i ? 0 : 3);
    }
}

static void a_change_of_password_ends_every_session(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", true);
    const char *phone = sign_in(v, "wu", PASSWORD).cookie, *desk = sign_in(v, "wu", PASSWORD).cookie;
    struct sign_in changed;
    assert_ok(v->f, change(v, "wu", "wrong", "quiet-mountain-7", &changed));
    assert_false(changed.is_right);
    assert_string_equal(changed.why->said, "password.old_wrong");
    village_run(v, changed.plan);
    assert_fails(change(v, "wu", PASSWORD, PASSWORD, &changed), ERR_INPUT, "password.same");
    assert_non_null(session(v, phone));
    assert_ok(v->f, change(v, "wu", PASSWORD, "quiet-mountain-7", &changed));
    village_run(v, changed.plan);
    assert_null(session(v, phone));
    assert_null(session(v, desk));
    const struct session *now = session(v, changed.cookie);
    assert_non_null(now);
    assert_false(now->must_change);
    assert_false(sign_in(v, "wu", PASSWORD).is_right);
    assert_true(sign_in(v, "wu", "quiet-mountain-7").is_right);
}

static void a_reset_ends_every_wait_and_must_be_changed(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const char *cookie = sign_in(v, "wu", PASSWORD).cookie;
    for (int i = 0; i < 5; i++)
        sign_in(v, "wu", "wrong");
    struct account *account;
    assert_ok(v->f, account_find(v->ctx, NULL, TEXT("WU"), &account));
    assert_waits(v, HERE, "wu", FIXTURE_NOW + MICROS_PER_MINUTE);
    struct plan *plan;
    assert_ok(v->f, account_reset(v->ctx, account, TEXT("given-at-the-desk"), PASSWORD_CHEAP, &plan));
    village_run(v, plan);
    assert_null(session(v, cookie));
    struct sign_in result = sign_in(v, "wu", "given-at-the-desk");
    assert_true(result.is_right);
    assert_true(result.must_change);
    assert_int_equal(village_try(v, plan).kind, OUTCOME_CONFLICT); /* another's change is not undone */
}

static void a_closed_account_is_as_if_there_were_none(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const char *cookie = sign_in(v, "wu", PASSWORD).cookie;
    struct account *account;
    struct plan *plan;
    assert_ok(v->f, account_of(v->ctx, person_who(village_person(v, "wu")), &account));
    assert_ok(v->f, account_end(v->ctx, account, &plan));
    village_run(v, plan);
    assert_null(session(v, cookie));
    assert_string_equal(sign_in(v, "wu", PASSWORD).why->said, "sign_in.wrong");
    struct sign_in changed;
    assert_fails(change(v, "wu", PASSWORD, "quiet-mountain-7", &changed), ERR_MISSING, "account.missing");
}

/* Between the look at a password and the session there are others: a new password, the end of the account. */
static void a_right_password_that_is_over_meanwhile_lets_nobody_in(void **state)
{
    struct village *v = *state;
    struct account *account;
    struct sign_in changed;
    struct plan *end;
    add(v, "wu", "wu", false);
    struct sign_in late = check(v, HERE, "wu", PASSWORD);
    assert_ok(v->f, change(v, "wu", PASSWORD, "quiet-mountain-7", &changed));
    village_run(v, changed.plan);
    assert_int_equal(village_try(v, late.plan).kind, OUTCOME_CONFLICT);
    assert_null(session(v, late.cookie));
    late = check(v, HERE, "wu", "quiet-mountain-7");
    assert_ok(v->f, account_of(v->ctx, person_who(village_person(v, "wu")), &account));
    assert_ok(v->f, account_end(v->ctx, account, &end));
    village_run(v, end);
    assert_int_equal(village_try(v, late.plan).kind, OUTCOME_CONFLICT);
    assert_null(session(v, late.cookie));
}

static void logins_are_unique_and_well_formed(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const struct {
        const char *key, *login, *said;
    } cases[] = { { "he", "WU", "account.login_taken" }, { "wu", "wu2", "account.has_one" },
                  { "he", "a b", "account.login_form" }, { "he", "x", "account.login_form" },
                  { "he", "a@b", "account.login_form" }, { "he", "<script>", "account.login_form" } };
    struct plan *plan;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_fails(account_add(v->ctx, village_person(v, cases[i].key), text_of(cases[i].login), TEXT(PASSWORD), true,
                                 PASSWORD_CHEAP, &plan),
                     ERR_INPUT, cases[i].said);
    add(v, "he", "何办", false);
    assert_true(sign_in(v, "何办", PASSWORD).is_right);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_strings_fit_or_not),
        cmocka_unit_test(weak_passwords_are_refused),
        IN_VILLAGE(the_right_password_begins_a_session),
        IN_VILLAGE(an_unknown_login_gets_the_answer_of_a_wrong_password),
        IN_VILLAGE(an_unknown_login_costs_what_a_known_one_costs),
        IN_VILLAGE(a_login_is_given_once_whatever_the_realm),
        IN_VILLAGE(one_login_in_two_realms_needs_its_realm),
        IN_VILLAGE(whoever_guesses_waits_longer_each_time),
        IN_VILLAGE(nobody_is_shut_out_by_a_stranger),
        IN_VILLAGE(a_wait_does_not_tell_whether_the_name_exists),
        IN_VILLAGE(many_names_from_one_address_make_it_wait),
        IN_VILLAGE(guesses_made_side_by_side_all_count),
        IN_VILLAGE(what_was_typed_is_not_kept_and_old_counts_go),
        IN_VILLAGE(a_change_of_password_ends_every_session),
        IN_VILLAGE(a_reset_ends_every_wait_and_must_be_changed),
        IN_VILLAGE(a_closed_account_is_as_if_there_were_none),
        IN_VILLAGE(a_right_password_that_is_over_meanwhile_lets_nobody_in),
        IN_VILLAGE(logins_are_unique_and_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
