/* tests/unit/test_clocks.c -- clocks warn, fire once, whoever is first, and move when a calendar comes.
 * When this fails: record/clocks.c, matter_step.c (what a fired clock writes). */
#include "desk.h"

#include "record/message.h"

static void drop_snapshot(struct desk *k)
{
    snapshot_end(k->ctx->snapshot);
    k->ctx->snapshot = NULL;
}

static int fire(struct desk *k)
{
    int done;
    drop_snapshot(k);
    assert_ok(k->f, clocks_fire_all(k->ctx, k->v->writer, clock_now(k->ctx->clock), &done));
    village_look(k->v);
    return done;
}

static int unread(struct desk *k, const char *who, const char *what)
{
    struct message *messages;
    int count, found = 0;
    desk_as(k, who);
    assert_ok(k->f, message_list(k->ctx, true, 0, 100, &messages, &count));
    for (int i = 0; i < count; i++)
        found += strcmp(messages[i].what, what) == 0;
    return found;
}

static void nothing_fires_before_its_moment(void **state)
{
    struct desk *k = *state;
    struct clock_due *due;
    int count;
    desk_file(k, "zhang", VILLAGE, "help");
    assert_ok(k->f, clocks_due(k->ctx, clock_now(k->ctx->clock), 10, &due, &count));
    assert_int_equal(count, 0);
    desk_pass(k, 2 * MICROS_PER_HOUR); /* the last moment still belongs to the period */
    assert_int_equal(fire(k), 0);
}

static void a_late_dispatch_escalates_once_and_tells_desk_and_leader(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    desk_pass(k, 3 * MICROS_PER_HOUR);
    assert_int_equal(fire(k), 1);
    assert_int_equal(fire(k), 0);
    m = desk_again(k, m);
    assert_string_equal(m->state->key, "filed");
    assert_int_equal(m->version, 2);
    const struct matter_event *event = &m->events[1];
    assert_string_equal(event->move->name, "escalate");
    assert_int_equal(event->actor.id, 0);
    assert_string_equal(event->actor_role, "system");
    assert_int_equal(event->due, FIXTURE_NOW + 2 * MICROS_PER_HOUR);
    assert_int_equal(event->recorded, FIXTURE_NOW + 3 * MICROS_PER_HOUR);
    assert_int_equal(desk_clock(m, "dispatch")->fired, event->recorded);
    assert_int_equal(m->due, FIXTURE_NOW + 2 * MICROS_PER_HOUR); /* it stays late until somebody acts */
    assert_int_equal(unread(k, "wu", "message.moved"), 1);
    assert_int_equal(unread(k, "ling", "message.moved"), 1);
    assert_int_equal(unread(k, "gao", "message.moved"), 0);
    /* The move isn't public: whoever reads the log learns that something happened, and not of which request. */
    struct text *entries;
    int count;
    assert_ok(k->f, ledger_entries(k->ctx, TOWN, 0, 2, &entries, &count));
    assert_int_equal(count, 2);
    assert_false(matter_event_is_public(m, event));
    assert_true(text_starts(entries[1], "{\"commitment\":\""));
    assert_int_equal(entries[1].size, strlen("{\"commitment\":\"\"}") + 64);
}

static void a_late_accusation_is_told_to_the_desk_alone_and_not_to_whom_it_names(void **state)
{
    struct desk *k = *state;
    desk_open(k, "zhang", "request", VILLAGE, SAID("category=report", "topic=safety", "text=占用公款", "accused=某个外地老板"));
    desk_pass(k, 3 * MICROS_PER_HOUR);
    assert_int_equal(fire(k), 1);
    assert_int_equal(unread(k, "wu", "message.moved"), 1);
    assert_int_equal(unread(k, "ling", "message.moved"), 0);
    desk_open(k, "zhang", "request", VILLAGE, SAID("category=report", "topic=safety", "text=占用公款", "accused=吴台"));
    desk_pass(k, 3 * MICROS_PER_HOUR);
    assert_int_equal(fire(k), 1);
    assert_int_equal(unread(k, "wu", "message.moved"), 1); /* alone at the desk, and named */
}

static void of_two_schedulers_that_race_one_fires(void **state)
{
    struct desk *k = *state;
    struct clock_due *due;
    struct plan *first, *second;
    int count;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    desk_pass(k, 3 * MICROS_PER_HOUR);
    int64_t now = clock_now(k->ctx->clock);
    assert_ok(k->f, clocks_due(k->ctx, now, 10, &due, &count));
    assert_int_equal(count, 1);
    assert_ok(k->f, clock_fire_check(k->ctx, due, now, &first));
    assert_ok(k->f, clock_fire_check(k->ctx, due, now, &second));
    village_run(k->v, first);
    struct outcome outcome = village_try(k->v, second);
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_int_equal(desk_again(k, m)->version, 2);
    assert_ok(k->f, clock_fire_check(k->ctx, due, now, &second));
    assert_null(second);
}

static void a_scheduler_and_a_clerk_who_race_agree(void **state)
{
    struct desk *k = *state;
    struct clock_due *due;
    struct plan *plan;
    int count;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    desk_pass(k, 3 * MICROS_PER_HOUR);
    int64_t now = clock_now(k->ctx->clock);
    assert_ok(k->f, clocks_due(k->ctx, now, 10, &due, &count));
    assert_ok(k->f, clock_fire_check(k->ctx, due, now, &plan));
    m = desk_dispatch(k, m);
    assert_int_equal(village_try(k->v, plan).kind, OUTCOME_CONFLICT);
    assert_int_equal(desk_again(k, m)->version, 2);
    assert_int_equal(fire(k), 0); /* the dispatch stopped it */
}

static void the_handler_is_warned_before_the_end_and_once(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    const struct running_clock *finish = desk_clock(m, "finish");
    fake_clock_set(&k->f->clock, finish->warn_at);
    assert_int_equal(fire(k), 1);
    assert_int_equal(fire(k), 0);
    assert_int_equal(unread(k, "he", "message.warn"), 1);
    m = desk_again(k, m);
    assert_int_equal(m->version, 3); /* a warning is no event */
    assert_int_equal(desk_clock(m, "finish")->warned, finish->warn_at);
    desk_as(k, "he");
    struct message *messages;
    int count;
    assert_ok(k->f, message_list(k->ctx, true, 0, 1, &messages, &count));
    assert_int_equal(messages[0].due, finish->due);
    fake_clock_set(&k->f->clock, finish->due + 1);
    assert_int_equal(fire(k), 1);
    m = desk_again(k, m);
    assert_string_equal(m->events[3].move->name, "escalate");
}

/* The plan for what is due now, as a scheduler has it in hand. */
static struct plan *plan_in_hand(struct desk *k)
{
    struct clock_due *due;
    struct plan *plan;
    int count;
    int64_t now = clock_now(k->ctx->clock);
    assert_ok(k->f, clocks_due(k->ctx, now, 10, &due, &count));
    assert_int_equal(count, 1);
    assert_ok(k->f, clock_fire_check(k->ctx, due, now, &plan));
    assert_non_null(plan);
    return plan;
}

static void a_warning_gives_way_to_whoever_was_quicker(void **state)
{
    struct desk *k = *state;
    struct clock_due *due;
    int count;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    fake_clock_set(&k->f->clock, desk_clock(m, "finish")->warn_at);
    struct plan *plan = plan_in_hand(k);
    m = desk_move(k, "he", m, "suspend", SAID("ground=force_majeure", "reason=暴雨"));
    assert_int_equal(village_try(k->v, plan).kind, OUTCOME_CONFLICT);
    assert_int_equal(unread(k, "he", "message.warn"), 0);
    assert_int_equal(desk_clock(desk_again(k, m), "finish")->warned, 0);
    desk_pass(k, 60 * MICROS_PER_DAY); /* it stands still: nobody needs to look */
    assert_ok(k->f, clocks_due(k->ctx, clock_now(k->ctx->clock), 10, &due, &count));
    assert_int_equal(count, 0);
}

static void a_clock_without_a_move_gives_way_as_well(void **state)
{
    struct desk *k = *state;
    static const char none[] = "clocks: {}\n";
    const char *clocks = strstr(desk_second_flow, none);
    struct plan *plan;
    desk_flow(k, 1, "second",
              text_of(arena_printf(k->ctx->arena, "%.*sclocks:\n  look: {zh: 看, en: Look, days: 3, starts: file, paused_in: checked}\n%s",
                                   (int)(clocks - desk_second_flow), desk_second_flow, clocks + strlen(none))),
              k->law.rules);
    assert_ok(k->f, flows_store_check(k->ctx, TOWN, &plan));
    village_run(k->v, plan);
    struct matter *m = desk_open(k, "zhang", "second", VILLAGE, SAID("category=plain"));
    desk_pass(k, 10 * MICROS_PER_DAY);
    plan = plan_in_hand(k);
    m = desk_move(k, "shu", m, "check", SAID_NOTHING);
    assert_int_equal(village_try(k->v, plan).kind, OUTCOME_CONFLICT);
    m = desk_again(k, m);
    assert_int_equal(desk_clock(m, "look")->paused_since, m->changed);
    assert_int_equal(desk_clock(m, "look")->fired, 0);
}

static void an_answer_without_a_rating_lapses(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    m = desk_move(k, "he", m, "answer", SAID("result=已修好"));
    fake_clock_set(&k->f->clock, desk_clock(m, "silence")->due + 1);
    assert_int_equal(fire(k), 1);
    m = desk_again(k, m);
    assert_string_equal(m->state->key, "closed");
    assert_true(desk_clock(m, "silence")->stopped != 0);
    assert_true(desk_clock(m, "silence")->fired != 0);
    assert_int_equal(m->due, MATTER_NO_DUE);
    desk_pass(k, 100 * MICROS_PER_DAY);
    assert_int_equal(fire(k), 0);
}

static void a_clock_that_stands_still_does_not_fire(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    m = desk_move(k, "he", m, "suspend", SAID("ground=force_majeure", "reason=暴雨"));
    desk_pass(k, 60 * MICROS_PER_DAY);
    assert_int_equal(fire(k), 0);
    m = desk_move(k, "he", m, "resume", SAID_NOTHING);
    assert_true(desk_clock(m, "finish")->due > clock_now(k->ctx->clock));
    assert_int_equal(fire(k), 0);
}

static void a_hundred_late_matters_all_fire(void **state)
{
    struct desk *k = *state;
    for (int i = 0; i < 103; i++)
        desk_file(k, "zhang", i % 2 ? VILLAGE : VILLAGE "-Z02", "help");
    desk_pass(k, 3 * MICROS_PER_HOUR);
    assert_int_equal(fire(k), 103);
}

static void a_matter_that_cannot_be_read_holds_up_no_other(void **state)
{
    struct desk *k = *state;
    static const struct statement damage = { .name = "damage", .parameters = 2, .changes = true,
                                             .sql = "update matter set state = 'nowhere' where realm = $1 and id <= $2" };
    int64_t last = 0;
    for (int i = 0; i < 101; i++) /* more than one round takes */
        last = desk_file(k, "zhang", VILLAGE, "help")->id;
    struct matter *sound = desk_file(k, "li", VILLAGE, "help");
    struct plan *plan = plan_new(k->ctx, TOWN);
    plan_step(plan, &damage, 101, NULL, VALUES(value_string(TOWN), value_int(last)));
    village_run(k->v, plan);
    desk_pass(k, 3 * MICROS_PER_HOUR);
    int done;
    drop_snapshot(k);
    assert_fails(clocks_fire_all(k->ctx, k->v->writer, clock_now(k->ctx->clock), &done), ERR_BROKEN, "error.broken");
    village_look(k->v);
    assert_int_equal(done, 1);
    assert_int_equal(desk_again(k, sound)->version, 2);
}

/* --- the calendar --- */

static void bring_calendar(struct desk *k, const char *csv)
{
    struct calendar_row *rows;
    struct plan *plan;
    struct calendar *calendar;
    int count;
    assert_ok(k->f, calendar_read_rows(k->ctx, "list.csv", text_of(csv), &rows, &count));
    assert_ok(k->f, calendar_import_check(k->ctx, TOWN, rows, count, &plan));
    village_run(k->v, plan);
    assert_ok(k->f, calendar_load(k->ctx, &calendar));
    struct law *law = arena_new_of(k->ctx->arena, struct law);
    *law = (struct law){ k->law.rules, calendar };
    atomic_store(&k->records.law, law);
}

/* How many matters' clocks moved; *FAILED can't be read. */
static int recount_but(struct desk *k, int *failed)
{
    const char *realm = NULL;
    int64_t matter = 0;
    int moved = 0, count;
    *failed = 0;
    do {
        struct clocks_recomputed *list;
        assert_ok(k->f, clocks_recompute(k->ctx, realm, matter, 2, &list, &count));
        for (int i = 0; i < count; i++) {
            if (list[i].plan) {
                village_run(k->v, list[i].plan);
                moved++;
            }
            *failed += list[i].failed != NULL;
            realm = list[i].realm;
            matter = list[i].matter;
        }
    } while (count);
    return moved;
}

static int recount(struct desk *k)
{
    int failed, moved = recount_but(k, &failed);
    assert_int_equal(failed, 0);
    return moved;
}

static void a_calendar_that_comes_later_moves_what_was_provisional(void **state)
{
    struct desk *k = *state;
    bring_calendar(k, "date,type,name\n2026-10-01,off,国庆节\n");
    fake_clock_set(&k->f->clock, day_start(day_from(2027, 9, 27)) + 9 * MICROS_PER_HOUR); /* a Monday */
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    for (int i = 0; i < 3; i++)
        desk_file(k, "li", VILLAGE, "help");
    assert_true(desk_clock(m, "finish")->is_provisional);
    int64_t before = desk_clock(m, "finish")->due;
    assert_int_equal(before, day_end(day_from(2027, 10, 4)));
    bring_calendar(k, "date,type,name\n2027-10-01,off,国庆节\n2027-10-04,off,国庆节\n2027-10-05,off,国庆节\n"
                      "2027-10-06,off,国庆节\n2027-10-07,off,国庆节\n2027-10-09,work,国庆节\n");
    assert_true(calendar_knows(law_now(k->ctx)->calendar, 2026)); /* the other year stands as it was */
    assert_int_equal(recount(k), 1);                              /* hours don't move */
    struct matter *again = desk_again(k, m);
    assert_false(desk_clock(again, "finish")->is_provisional);
    assert_int_equal(desk_clock(again, "finish")->due, day_end(day_from(2027, 10, 9)));
    assert_int_equal(again->version, m->version);
    assert_int_equal(recount(k), 0);
}

static void a_matter_that_cannot_be_read_is_passed_over_by_a_calendar(void **state)
{
    struct desk *k = *state;
    static const struct statement damage = { .name = "damage_one", .parameters = 2, .changes = true,
                                             .sql = "update matter set state = 'nowhere' where realm = $1 and id = $2" };
    fake_clock_set(&k->f->clock, day_start(day_from(2027, 9, 27)) + 9 * MICROS_PER_HOUR);
    struct matter *broken = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    struct matter *sound = desk_dispatch(k, desk_file(k, "li", VILLAGE, "help"));
    struct plan *plan = plan_new(k->ctx, TOWN);
    plan_step(plan, &damage, 1, NULL, VALUES(value_string(TOWN), value_int(broken->id)));
    village_run(k->v, plan);
    bring_calendar(k, "date,type,name\n2027-10-01,off,国庆节\n2027-10-04,off,国庆节\n");
    int failed;
    assert_int_equal(recount_but(k, &failed), 1);
    assert_int_equal(failed, 1);
    assert_false(desk_clock(desk_again(k, sound), "finish")->is_provisional);
}

static void a_list_replaces_its_year_whole(void **state)
{
    struct desk *k = *state;
    bring_calendar(k, "date,type,name\n2027-05-03,off,劳动节\n2027-10-01,off,国庆节\n");
    bring_calendar(k, "date,type,name\n2027-10-01,off,国庆节\n2028-01-03,off,元旦\n");
    const struct calendar *calendar = law_now(k->ctx)->calendar;
    bool is_provisional = false;
    assert_true(calendar_is_workday(calendar, day_from(2027, 5, 3), &is_provisional));
    assert_false(calendar_is_workday(calendar, day_from(2027, 10, 1), &is_provisional));
    assert_false(is_provisional);
    assert_false(calendar_knows(calendar, 2028));
    assert_false(calendar_is_workday(calendar, day_from(2028, 1, 3), NULL));
}

static void the_next_years_list_leaves_this_years_whole(void **state)
{
    struct desk *k = *state;
    bring_calendar(k, "date,type,name\n2027-05-03,off,劳动节\n2027-10-01,off,国庆节\n");
    bring_calendar(k, "date,type,name\n2027-12-31,off,元旦\n2028-05-01,off,劳动节\n");
    const struct calendar *calendar = law_now(k->ctx)->calendar;
    assert_true(calendar_knows(calendar, 2027));
    assert_false(calendar_is_workday(calendar, day_from(2027, 5, 3), NULL));
    assert_false(calendar_is_workday(calendar, day_from(2027, 12, 31), NULL));
    assert_true(calendar_knows(calendar, 2028));
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        AT_DESK(nothing_fires_before_its_moment),
        AT_DESK(a_late_dispatch_escalates_once_and_tells_desk_and_leader),
        AT_DESK(a_late_accusation_is_told_to_the_desk_alone_and_not_to_whom_it_names),
        AT_DESK(of_two_schedulers_that_race_one_fires),
        AT_DESK(a_scheduler_and_a_clerk_who_race_agree),
        AT_DESK(the_handler_is_warned_before_the_end_and_once),
        AT_DESK(a_warning_gives_way_to_whoever_was_quicker),
        AT_DESK(a_clock_without_a_move_gives_way_as_well),
        AT_DESK(an_answer_without_a_rating_lapses),
        AT_DESK(a_clock_that_stands_still_does_not_fire),
        AT_DESK(a_hundred_late_matters_all_fire),
        AT_DESK(a_matter_that_cannot_be_read_holds_up_no_other),
        AT_DESK(a_calendar_that_comes_later_moves_what_was_provisional),
        AT_DESK(a_matter_that_cannot_be_read_is_passed_over_by_a_calendar),
        AT_DESK(a_list_replaces_its_year_whole),
        AT_DESK(the_next_years_list_leaves_this_years_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
