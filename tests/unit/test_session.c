/* tests/unit/test_session.c -- sessions are found by their cookie alone, grow idle, are listed and ended. */
#include "village.h"

#include "record/accounts_sql.h"
#include "record/session.h"

static const char *begin(struct village *v, const char *key, const char *device)
{
    struct plan *plan;
    const char *cookie;
    int64_t seconds;
    assert_ok(v->f, session_plan(v->ctx, village_person(v, key), text_of(device), &plan, &cookie, &seconds));
    village_run(v, plan);
    return cookie;
}

static const struct session *find(struct village *v, const char *cookie)
{
    const struct session *found;
    assert_ok(v->f, session_find(v->ctx, text_of(cookie), &found));
    return found;
}

static void at(struct village *v, int64_t time)
{
    fake_clock_set(&v->f->clock, time);
}

static void a_cookie_finds_the_person_with_roles(void **state)
{
    struct village *v = *state;
    const char *cookie = begin(v, "wu", "Firefox on Linux");
    const struct session *session = find(v, cookie);
    assert_non_null(session);
    assert_string_equal(session->device, "Firefox on Linux");
    assert_string_equal(session->person->name, "吴台");
    assert_string_equal(session->person->place_path, "/500116000000/500116106000/");
    assert_int_equal(session->person->role_mask, ROLE_BIT(ROLE_DESK));
    struct place *home; /* comes with the session as it stands in its own table */
    assert_ok(v->f, place_load(v->ctx, text_of(session->person->place), &home));
    assert_string_equal(session->person->home->code, home->code);
    assert_string_equal(session->person->home->name, home->name);
    assert_string_equal(session->person->home->path, home->path);
    assert_string_equal(session->person->home->realm, home->realm);
    assert_string_equal(session->person->home->parent, home->parent);
    assert_int_equal(session->person->home->kind, home->kind);
    assert_int_equal(session->person->home->has_point, home->has_point);
    assert_int_equal(session->person->home->longitude, home->longitude);
    assert_int_equal(session->person->home->latitude, home->latitude);
    assert_int_equal(session->person->home->valid_from, home->valid_from);
    assert_int_equal(session->person->home->valid_to, home->valid_to);
    assert_int_equal(session->account, 0);
    assert_false(session->must_change);
}

static void nothing_else_finds_it(void **state)
{
    struct village *v = *state;
    const char *cookie = begin(v, "wu", "");
    assert_null(find(v, NULL));
    const char *const wrong[] = { "",
                                  ".",
                                  "500116106000",
                                  "500116106000.",
                                  "500116106000.AAAA",
                                  "'; drop table session--",
                                  "x00116106000.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_null(find(v, wrong[i]));
    for (size_t i = 0; i < strlen(cookie); i++) {
        char *changed = arena_string(v->ctx->arena, cookie);
        changed[i] = changed[i] == '1' ? '2' : '1';
        assert_null(find(v, changed));
    }
    assert_null(find(v, arena_printf(v->ctx->arena, "%sA", cookie)));
    assert_non_null(find(v, cookie));
}

static void an_idle_session_ends_after_its_span(void **state)
{
    struct village *v = *state;
    const char *office = begin(v, "wu", ""), *phone = begin(v, "zhang", "");
    at(v, FIXTURE_NOW + SESSION_OFFICE_SPAN - 1);
    assert_non_null(find(v, office));
    at(v, FIXTURE_NOW + SESSION_OFFICE_SPAN);
    assert_null(find(v, office));
    at(v, FIXTURE_NOW + SESSION_VILLAGER_SPAN - 1);
    assert_non_null(find(v, phone));
    at(v, FIXTURE_NOW + SESSION_VILLAGER_SPAN);
    assert_null(find(v, phone));
}

static void being_seen_is_noted_every_ten_minutes_and_keeps_it_alive(void **state)
{
    struct village *v = *state;
    const char *cookie = begin(v, "wu", "");
    at(v, FIXTURE_NOW + SESSION_SEEN_EVERY - 1);
    assert_null(session_seen(v->ctx, find(v, cookie)));
    at(v, FIXTURE_NOW + SESSION_SEEN_EVERY);
    struct plan *plan = session_seen(v->ctx, find(v, cookie)), *twice = session_seen(v->ctx, find(v, cookie));
    assert_non_null(plan);
    village_run(v, plan);
    village_run(v, twice); /* by another thread at the same moment: no harm */
    assert_null(session_seen(v->ctx, find(v, cookie)));
    at(v, FIXTURE_NOW + SESSION_SEEN_EVERY + SESSION_OFFICE_SPAN - 1);
    assert_non_null(find(v, cookie));
}

static void sessions_are_listed_and_ended_by_their_own_person_only(void **state)
{
    struct village *v = *state;
    const char *first = begin(v, "zhang", "phone");
    at(v, FIXTURE_NOW + MICROS_PER_MINUTE);
    const char *second = begin(v, "zhang", "desk");
    const char *other = begin(v, "li", "");
    struct who zhang = person_who(village_person(v, "zhang")), li = person_who(village_person(v, "li"));
    struct session *sessions;
    int count;
    assert_ok(v->f, session_list(v->ctx, zhang, &sessions, &count));
    assert_int_equal(count, 2);
    assert_string_equal(sessions[0].device, "desk");
    int64_t id = find(v, first)->id;
    assert_int_equal(village_try(v, session_end_one(v->ctx, li, id)).kind, OUTCOME_CONFLICT);
    assert_non_null(find(v, first));
    village_run(v, session_end_one(v->ctx, zhang, id));
    assert_null(find(v, first));
    assert_int_equal(village_try(v, session_end_one(v->ctx, zhang, id)).kind, OUTCOME_CONFLICT);
    const char *third = begin(v, "zhang", "third");
    village_run(v, session_end_all(v->ctx, zhang, find(v, third)->id));
    assert_null(find(v, second));
    assert_non_null(find(v, third));
    village_run(v, session_end_all(v->ctx, zhang, 0));
    assert_null(find(v, third));
    assert_non_null(find(v, other));
}

static void the_secret_is_not_in_the_table(void **state)
{
    struct village *v = *state;
    const char *cookie = begin(v, "wu", "x");
    struct rows rows;
    assert_ok(v->f, rows_open(v->ctx, v->ctx->snapshot, &sql_session_by_secret,
                              VALUES(value_string("500116106000"), value_string(strchr(cookie, '.') + 1),
                                     value_int(FIXTURE_NOW), value_int(day_of(FIXTURE_NOW))),
                              &rows));
    assert_false(rows_next(&rows));
    assert_ok(v->f, rows_close(&rows));
}

static void a_device_is_cut_and_cleaned(void **state)
{
    struct village *v = *state;
    char *long_name = arena_alloc(v->ctx->arena, 1000);
    for (int i = 0; i < 300; i++)
        memcpy(long_name + 3 * i, "机", 3);
    assert_int_equal(strlen(find(v, begin(v, "wu", long_name))->device), 360);
    assert_string_equal(find(v, begin(v, "wu",
                                      "a\x01"
                                      "b"))
                            ->device,
                        "");
}

static void what_ended_long_ago_is_forgotten(void **state)
{
    struct village *v = *state;
    const char *old = begin(v, "wu", "old");
    at(v, FIXTURE_NOW + SESSION_OFFICE_SPAN + MICROS_PER_HOUR);
    const char *fresh = begin(v, "wu", "fresh");
    struct plan *plan = plan_new(v->ctx, "500116106000");
    sessions_forget(plan, FIXTURE_NOW + SESSION_OFFICE_SPAN); /* it ended just then: still kept */
    village_run(v, plan);
    at(v, FIXTURE_NOW);
    assert_non_null(find(v, old));
    plan = plan_new(v->ctx, "500116106000");
    sessions_forget(plan, FIXTURE_NOW + SESSION_OFFICE_SPAN + 1);
    village_run(v, plan);
    assert_null(find(v, old));
    assert_non_null(find(v, fresh));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_VILLAGE(a_cookie_finds_the_person_with_roles),
        IN_VILLAGE(nothing_else_finds_it),
        IN_VILLAGE(what_ended_long_ago_is_forgotten),
        IN_VILLAGE(an_idle_session_ends_after_its_span),
        IN_VILLAGE(being_seen_is_noted_every_ten_minutes_and_keeps_it_alive),
        IN_VILLAGE(sessions_are_listed_and_ended_by_their_own_person_only),
        IN_VILLAGE(the_secret_is_not_in_the_table),
        IN_VILLAGE(a_device_is_cut_and_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
