/* tests/unit/test_account.c -- passwords against published strings; signing in, failing, resting, changing. */
#include "village.h"

#include "vectors.h"

#include "record/account.h"
#include "record/session.h"

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

static void add(struct village *v, const char *key, const char *login, bool must_change)
{
    struct plan *plan;
    assert_ok(v->f, account_add(v->ctx, village_person(v, key), text_of(login), TEXT(PASSWORD), must_change,
                                PASSWORD_CHEAP, &plan));
    village_run(v, plan);
}

static struct sign_in sign_in(struct village *v, const char *realm, const char *login, const char *password)
{
    struct sign_in result;
    assert_ok(v->f, account_sign_in(v->ctx, realm, text_of(login), text_of(password), DEVICE, PASSWORD_CHEAP, &result));
    if (result.plan)
        village_run(v, result.plan);
    return result;
}

static struct session *session(struct village *v, const char *cookie)
{
    struct session *found;
    assert_ok(v->f, session_find(v->ctx, text_of(cookie), &found));
    return found;
}

static void the_right_password_begins_a_session(void **state)
{
    struct village *v = *state;
    add(v, "zhang", "Zhang", true);
    struct sign_in result = sign_in(v, NULL, " zhang ", PASSWORD);
    assert_true(result.is_right);
    assert_true(result.must_change);
    assert_int_equal(result.seconds, 30 * 24 * 3600);
    struct session *found = session(v, result.cookie);
    assert_non_null(found);
    assert_string_equal(found->person->name, "张大山");
    assert_true(found->must_change);
    add(v, "wu", "wu", false);
    result = sign_in(v, "500116106000", "wu", PASSWORD);
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
        struct sign_in result = sign_in(v, NULL, cases[i][0], cases[i][1]);
        assert_false(result.is_right);
        assert_null(result.cookie);
        assert_string_equal(result.why->said, "sign_in.wrong");
    }
}

static void one_login_in_two_realms_needs_its_realm(void **state)
{
    struct village *v = *state;
    add(v, "wu", "desk", false);
    add(v, "gao", "desk", false);
    assert_false(sign_in(v, NULL, "desk", PASSWORD).is_right);
    assert_string_equal(sign_in(v, NULL, "desk@500230109000", PASSWORD).who.realm, "500230109000");
    assert_string_equal(sign_in(v, "500116106000", "desk", PASSWORD).who.realm, "500116106000");
}

static void five_failures_in_a_row_lock_for_a_growing_time(void **state)
{
    struct village *v = *state;
    int64_t now = FIXTURE_NOW;
    add(v, "wu", "wu", false);
    for (int i = 0; i < 4; i++)
        assert_string_equal(sign_in(v, NULL, "wu", "wrong").why->said, "sign_in.wrong");
    assert_true(sign_in(v, NULL, "wu", PASSWORD).is_right); /* starts the count again */
    for (int i = 0; i < 5; i++)
        assert_string_equal(sign_in(v, NULL, "wu", "wrong").why->said, "sign_in.wrong");
    static const int minutes[] = { 15, 60, 135, 240, 375, 540, 735, 960, 1215, 1440, 1440 };
    for (size_t i = 0; i < sizeof minutes / sizeof *minutes; i++) {
        fake_clock_set(&v->f->clock, now + minutes[i] * MICROS_PER_MINUTE - 1);
        struct sign_in locked = sign_in(v, NULL, "wu", PASSWORD);
        assert_false(locked.is_right);
        assert_string_equal(locked.why->said, "sign_in.locked");
        assert_null(locked.plan);
        now += minutes[i] * MICROS_PER_MINUTE;
        fake_clock_set(&v->f->clock, now);
        assert_string_equal(sign_in(v, NULL, "wu", "wrong").why->said, "sign_in.wrong");
    }
    fake_clock_set(&v->f->clock, now + MICROS_PER_DAY);
    assert_true(sign_in(v, NULL, "wu", PASSWORD).is_right);
    assert_string_equal(sign_in(v, NULL, "wu", "wrong").why->said, "sign_in.wrong");
    assert_true(sign_in(v, NULL, "wu", PASSWORD).is_right);
}

static void guesses_made_side_by_side_all_count(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    struct sign_in guesses[6];
    for (int i = 0; i < 6; i++) /* all checked on one snapshot, before any is written */
        assert_ok(v->f, account_sign_in(v->ctx, NULL, TEXT("wu"), i < 5 ? TEXT("wrong") : TEXT(PASSWORD), DEVICE,
                                        PASSWORD_CHEAP, &guesses[i]));
    for (int i = 0; i < 5; i++)
        village_run(v, guesses[i].plan);
    assert_int_equal(village_try(v, guesses[5].plan).kind, OUTCOME_CONFLICT); /* the right one came too late */
    assert_null(session(v, guesses[5].cookie));
    assert_string_equal(sign_in(v, NULL, "wu", PASSWORD).why->said, "sign_in.locked");
}

static void a_change_of_password_ends_every_session(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", true);
    const char *phone = sign_in(v, NULL, "wu", PASSWORD).cookie, *desk = sign_in(v, NULL, "wu", PASSWORD).cookie;
    struct person *wu = village_person(v, "wu");
    struct sign_in changed;
    assert_ok(v->f, account_change_password(v->ctx, wu, TEXT("wrong"), TEXT("quiet-mountain-7"), DEVICE, PASSWORD_CHEAP,
                                            &changed));
    assert_false(changed.is_right);
    assert_string_equal(changed.why->said, "password.old_wrong");
    village_run(v, changed.plan);
    assert_fails(account_change_password(v->ctx, wu, TEXT(PASSWORD), TEXT(PASSWORD), DEVICE, PASSWORD_CHEAP, &changed),
                 ERR_INPUT, "password.same");
    assert_non_null(session(v, phone));
    assert_ok(v->f, account_change_password(v->ctx, wu, TEXT(PASSWORD), TEXT("quiet-mountain-7"), DEVICE,
                                            PASSWORD_CHEAP, &changed));
    village_run(v, changed.plan);
    assert_null(session(v, phone));
    assert_null(session(v, desk));
    struct session *now = session(v, changed.cookie);
    assert_non_null(now);
    assert_false(now->must_change);
    assert_false(sign_in(v, NULL, "wu", PASSWORD).is_right);
    assert_true(sign_in(v, NULL, "wu", "quiet-mountain-7").is_right);
}

static void a_reset_lifts_the_lock_and_must_be_changed(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const char *cookie = sign_in(v, NULL, "wu", PASSWORD).cookie;
    for (int i = 0; i < 5; i++)
        sign_in(v, NULL, "wu", "wrong");
    struct account *account;
    assert_ok(v->f, account_find(v->ctx, NULL, TEXT("WU"), &account));
    assert_int_equal(account->failures, 5);
    struct plan *plan;
    assert_ok(v->f, account_reset(v->ctx, account, TEXT("given-at-the-desk"), PASSWORD_CHEAP, &plan));
    village_run(v, plan);
    assert_null(session(v, cookie));
    struct sign_in result = sign_in(v, NULL, "wu", "given-at-the-desk");
    assert_true(result.is_right);
    assert_true(result.must_change);
    assert_int_equal(village_try(v, plan).kind, OUTCOME_CONFLICT); /* another's change is not undone */
}

static void a_closed_account_is_as_if_there_were_none(void **state)
{
    struct village *v = *state;
    add(v, "wu", "wu", false);
    const char *cookie = sign_in(v, NULL, "wu", PASSWORD).cookie;
    struct account *account;
    struct plan *plan;
    assert_ok(v->f, account_of(v->ctx, person_who(village_person(v, "wu")), &account));
    assert_ok(v->f, account_end(v->ctx, account, &plan));
    village_run(v, plan);
    assert_null(session(v, cookie));
    assert_string_equal(sign_in(v, NULL, "wu", PASSWORD).why->said, "sign_in.wrong");
    struct sign_in changed;
    assert_fails(account_change_password(v->ctx, village_person(v, "wu"), TEXT(PASSWORD), TEXT("quiet-mountain-7"),
                                         DEVICE, PASSWORD_CHEAP, &changed),
                 ERR_MISSING, "account.missing");
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
    add(v, "gao", "wu", false); /* of another realm */
    add(v, "he", "何办", false);
    assert_true(sign_in(v, NULL, "何办", PASSWORD).is_right);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_strings_fit_or_not),
        cmocka_unit_test(weak_passwords_are_refused),
        IN_VILLAGE(the_right_password_begins_a_session),
        IN_VILLAGE(an_unknown_login_gets_the_answer_of_a_wrong_password),
        IN_VILLAGE(one_login_in_two_realms_needs_its_realm),
        IN_VILLAGE(five_failures_in_a_row_lock_for_a_growing_time),
        IN_VILLAGE(guesses_made_side_by_side_all_count),
        IN_VILLAGE(a_change_of_password_ends_every_session),
        IN_VILLAGE(a_reset_lifts_the_lock_and_must_be_changed),
        IN_VILLAGE(a_closed_account_is_as_if_there_were_none),
        IN_VILLAGE(logins_are_unique_and_well_formed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
