/* tests/story/test_errand.c -- a request on its whole way, through the pages that people see.
 * When this fails: src/commons/matter_page.c (what is offered), src/record/matter_change.c (what becomes of it),
 * src/systems/requests/flow.yaml (what should). */
#include "story.h"

#include "base/day.h"
#include "record/clocks.h"

static const char well[] = "三组水井旁的路塌了一半，晚上看不见，孩子上学要走这里。";

/* --- from filing to the two questions --- */

static void assert_first_steps(struct browser *villager, struct browser *desk, struct browser *handler, const char *number)
{
    assert_string_equal(story_state(villager, number), "filed");
    assert_string_equal(story_moves(villager, number), "");
    assert_string_equal(story_moves(desk, number), "decline dispatch");
    struct page page = story_json(desk, "/inbox");
    assert_string_equal(page_string(desk, &page, "rows.0.number"), number);
    page = story_dispatch(desk, number, "周强");
    assert_string_equal(story_state(desk, number), "assigned");
    assert_string_equal(story_moves(desk, number), "reassign urge");
    page = story_json(handler, "/today");
    assert_non_null(page_node(&page, "soon.rows.0"));
    assert_string_equal(page_string(handler, &page, "soon.rows.0.number"), number);
    assert_string_equal(story_moves(handler, number), "return sign");
}

static void the_villagers_whole_errand(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", well);
    assert_string_equal(number, "500116106200-QZ-2026-00001");
    struct page page = browser_get(villager, story_href(villager, number, "/filed"));
    assert_says(villager, &page, number);
    assert_first_steps(villager, desk, handler, number);
    handler->stays = true;
    page = story_move(handler, number, "sign", NO_FIELDS);
    assert_status(handler, &page, 303);
    assert_non_null(memmem(page.head.at, page.head.size, "done=flash.moved; Path=/; Max-Age=60;", 37)); /* for slow phones */
    handler->stays = false;
    assert_string_equal(story_moves(handler, number), "answer ask_more_time suspend");
    page = story_move(handler, number, "ask_more_time", FIELDS({ "reason", "石料要等三天" }, { "workdays", "3" }));
    assert_status(handler, &page, 200);
    assert_string_equal(story_moves(handler, number), "");
    assert_string_equal(story_moves(desk, number), "grant refuse");
    page = story_see_json(desk, number);
    const char *due_before = page_string(desk, &page, "matter.next.due.iso");
    page = story_move(desk, number, "grant", NO_FIELDS);
    assert_status(desk, &page, 200);
    page = story_see_json(desk, number);
    /* Five working days from Monday 2 March end on Monday the 9th; three more on Thursday the 12th. */
    assert_memory_equal(due_before, "2026-03-09", 10);
    const char *due_after = page_string(desk, &page, "matter.next.due.iso");
    assert_memory_equal(due_after, "2026-03-12", 10);
    assert_string_equal(story_moves(handler, number), "answer suspend"); /* more time once only */
    page = story_move(handler, number, "answer", FIELDS({ "result", "路基已砌好，装了两盏灯。" }));
    assert_status(handler, &page, 200);
    page = story_see(villager, number);
    assert_says(villager, &page, "路基已砌好，装了两盏灯。");
    assert_string_equal(story_moves(villager, number), "rate reopen");
    page = story_move(villager, number, "rate", FIELDS({ "solved", "yes" }, { "grade", "satisfied" }, { "remark", "谢谢" }));
    assert_status(villager, &page, 200);
    assert_string_equal(story_state(villager, number), "closed");
    assert_string_equal(story_moves(villager, number), "");
    assert_int_equal(story_number(s, "select count(*) from matter_event"), 7);
    assert_int_equal(story_leaves(s), 7);
    story_assert_sound(s);
}

/* --- the other ways --- */

static void answer(struct browser *desk, struct browser *handler, const char *number)
{
    story_dispatch(desk, number, "周强");
    struct page page = story_move(handler, number, "sign", NO_FIELDS);
    assert_status(handler, &page, 200);
    page = story_move(handler, number, "answer", FIELDS({ "result", "已经处理。" }));
    assert_status(handler, &page, 200);
}

static void reopened_once_and_not_twice(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "complaint", "errands", well);
    answer(desk, handler, number);
    struct page page = story_see(villager, number);
    const char *token = page_field(villager, &page, "/moves/reopen", "token");
    const char *csrf = page_field(villager, &page, "/moves/reopen", "csrf");
    page = story_move(villager, number, "reopen", FIELDS({ "reason", "灯没有亮" }));
    assert_status(villager, &page, 200);
    assert_string_equal(story_state(villager, number), "working");
    page = story_move(handler, number, "answer", FIELDS({ "result", "换了线路。" }));
    assert_status(handler, &page, 200);
    assert_string_equal(story_moves(villager, number), "rate");
    /* Sent by hand all the same: refused, and the page shows how it stands. */
    page = browser_post(villager, story_href(villager, number, "/moves/reopen"),
                        FIELDS({ "csrf", csrf }, { "token", arena_printf(villager->ctx->arena, "%sx", token) },
                               { "version", "6" }, { "reason", "再来一次" }));
    assert_status(villager, &page, 409);
    assert_says(villager, &page, story_href(villager, number, ""));
    assert_string_equal(story_state(villager, number), "answered");
    page = story_move(villager, number, "rate", FIELDS({ "solved", "no" }, { "grade", "very_dissatisfied" }));
    assert_status(villager, &page, 200);
    assert_string_equal(story_state(villager, number), "closed");
}

/* --- what is late is urged, and given to another --- */

static const char *last_message(struct browser *browser)
{
    struct page page = story_json(browser, "/messages");
    return page_string(browser, &page, "messages.0.words");
}

static const char *due_of(struct browser *browser, const char *number, const char *clock)
{
    struct page page = story_see_json(browser, number);
    for (int i = 0; i < 4; i++) /* the latest round stands first */
        if (strcmp(page_string(browser, &page, arena_printf(browser->ctx->arena, "clocks.%d.name", i)), clock) == 0)
            return page_string(browser, &page, arena_printf(browser->ctx->arena, "clocks.%d.due.iso", i));
    fail_msg("no clock %s", clock);
    return NULL;
}

static void a_late_one_is_urged_and_given_to_another(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", well);
    story_dispatch(desk, number, "周强");
    story_move(handler, number, "sign", NO_FIELDS);
    const char *answer_due = due_of(desk, number, "办结");
    story_set_clock(s, day_from(2026, 3, 10), 9, 0);
    story_fire_clocks(s);
    struct browser *other = story_enter(s, OTHER_HANDLER), *leader = story_enter(s, LEADER);
    desk = story_enter(s, DESK); /* an office's session has ended over the week */
    handler = story_enter(s, HANDLER);
    assert_string_equal(story_moves(leader, number), "reassign urge");
    struct page page = story_move(leader, number, "urge", FIELDS({ "reason", "群众等着走路" }));
    assert_status(leader, &page, 200);
    assert_non_null(strstr(last_message(handler), "催办"));
    assert_string_equal(story_state(desk, number), "working");
    page = story_see(handler, number);
    assert_says(handler, &page, "群众等着走路");
    /* Whoever has it can't be chosen; sent all the same it is refused. */
    page = story_see(desk, number);
    const char *csrf = page_field(desk, &page, "/moves/reassign", "csrf"), *own = arena_printf(desk->ctx->arena, "%lld",
        (long long)story_number(s, "select id from person where key = '" HANDLER "'"));
    page = browser_post(desk, story_href(desk, number, "/moves/reassign"),
                        FIELDS({ "csrf", csrf }, { "handler", own }, { "reason", "还是他" }));
    assert_status(desk, &page, 422);
    assert_says(desk, &page, "此事已在该承办人手里");
    page = story_see(desk, number);
    page = browser_press(desk, &page, "/moves/reassign",
                         FIELDS({ "handler", page_option(desk, &page, "/moves/reassign", "handler", "吴敏") }, { "reason", "原承办人出差" }));
    assert_status(desk, &page, 200);
    assert_string_equal(story_state(desk, number), "assigned");
    /* A day to sign anew; the answer was due when it was due. */
    assert_memory_equal(due_of(desk, number, "签收"), "2026-03-11", 10);
    assert_string_equal(due_of(desk, number, "办结"), answer_due);
    assert_non_null(strstr(last_message(handler), "已改由他人承办"));
    assert_non_null(strstr(last_message(other), "改派给您办理，请在3月11日（星期三）24:00 前签收"));
    page = story_see(handler, number);
    assert_silent(handler, &page, well);
    assert_string_equal(story_moves(other, number), "return sign");
    page = story_move(other, number, "sign", NO_FIELDS);
    page = story_move(other, number, "answer", FIELDS({ "result", "路修好了。" }));
    assert_status(other, &page, 200);
    assert_string_equal(story_moves(desk, number), "");
    story_assert_sound(s);
}

static void declined_with_a_ground_from_the_list(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "suggestion", "education", "希望高速公路改道。");
    struct page page = story_move(desk, number, "decline", FIELDS({ "ground", "other_area" }, { "reason", "" }));
    assert_status(desk, &page, 422); /* a reason is asked too, and what was chosen stays chosen */
    assert_string_equal(page_field(desk, &page, "/moves/decline", "ground"), "other_area");
    page = browser_press(desk, &page, "/moves/decline", FIELDS({ "reason", "属于交通运输部门" }));
    assert_status(desk, &page, 200);
    page = story_see(villager, number);
    assert_says(villager, &page, "属于交通运输部门");
    assert_says(villager, &page, "不属于本辖区");
    assert_string_equal(story_state(villager, number), "declined");
    assert_string_equal(story_moves(desk, number), "");
}

static void returned_twice_at_most(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    struct browser *other = story_enter(s, OTHER_HANDLER);
    const char *number = story_file(villager, "help", "errands", well);
    for (int i = 0; i < 2; i++) {
        story_dispatch(desk, number, "周强");
        struct page page = story_move(handler, number, "return",
                                      FIELDS({ "ground", "not_my_duty" }, { "reason", "应由民政办承办" }, { "suggest_unit", "民政办" }));
        assert_status(handler, &page, 200);
        assert_string_equal(story_state(desk, number), "filed");
        page = story_see(handler, number); /* no longer theirs */
        assert_silent(handler, &page, well);
    }
    story_dispatch(desk, number, "吴敏");
    assert_string_equal(story_moves(other, number), "sign");
    struct page page = story_move(other, number, "sign", NO_FIELDS);
    assert_status(other, &page, 200);
    assert_string_equal(story_state(villager, number), "working");
}

static void suspended_while_the_clock_stands_still(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", well);
    story_dispatch(desk, number, "周强");
    struct page page = story_move(handler, number, "sign", NO_FIELDS);
    page = story_see_json(villager, number);
    assert_memory_equal(page_string(villager, &page, "matter.next.due.iso"), "2026-03-09", 10);
    page = story_move(handler, number, "suspend", FIELDS({ "ground", "force_majeure" }));
    assert_status(handler, &page, 200);
    page = story_see_json(villager, number);
    assert_string_equal(page_string(villager, &page, "matter.next.what"), "");
    /* Two weeks of flood: nothing is late, nothing escalates. */
    story_set_clock(s, day_from(2026, 3, 16), 9, 0);
    handler = story_enter(s, HANDLER);
    assert_int_equal(story_fire_clocks(s), 0);
    page = story_move(handler, number, "resume", NO_FIELDS);
    assert_status(handler, &page, 200);
    page = story_see_json(villager, number);
    /* All five working days are still to come: a day counts by the state at its end, so the 16th is the first. */
    assert_memory_equal(page_string(villager, &page, "matter.next.due.iso"), "2026-03-20", 10);
    assert_string_equal(page_string(villager, &page, "matter.next.late"), "false");
}

/* --- what time does --- */

static void late_things_escalate_once_and_silence_closes(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *leader = story_enter(s, LEADER);
    const char *number = story_file(villager, "help", "safety", well);
    assert_int_equal(story_fire_clocks(s), 0);
    story_set_clock(s, day_from(2026, 3, 2), 11, 1);
    assert_int_equal(story_fire_clocks(s), 1);
    assert_int_equal(story_fire_clocks(s), 0);
    struct page page = story_see(villager, number);
    assert_says(villager, &page, "超时提级");
    page = story_json(desk, "/inbox?view=late");
    assert_string_equal(page_string(desk, &page, "rows.0.number"), number);
    page = story_json(leader, "/today");
    assert_string_equal(page_string(leader, &page, "overdue.rows.0.number"), number);
    assert_string_equal(story_state(villager, number), "filed");
    struct browser *handler = story_enter(s, HANDLER);
    answer(desk, handler, number);
    /* Ten days without a word: closed by the house itself, never rated. */
    story_set_clock(s, day_from(2026, 3, 13), 0, 1);
    assert_int_equal(story_fire_clocks(s), 1);
    assert_string_equal(story_state(villager, number), "closed");
    page = story_see(villager, number);
    assert_says(villager, &page, "逾期未评价，自动办结");
    story_assert_sound(s);
}

static void the_desk_writes_down_what_an_old_neighbour_says(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *villager = story_enter(s, VILLAGER), *neighbour = story_enter(s, NEIGHBOUR);
    struct page page = browser_get(desk, "/requests/new");
    assert_status(desk, &page, 200);
    page = browser_press(desk, &page, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", well },
                                                          { "asker", "13800000000" }, { "place", VILLAGE }));
    assert_status(desk, &page, 422);
    assert_says(desk, &page, well); /* still there */
    page = browser_press(desk, &page, "/requests", FIELDS({ "asker", "19900005838" }));
    assert_status(desk, &page, 200);
    page = story_json(villager, "/requests");
    const char *number = page_string(villager, &page, "rows.0.number");
    assert_true(*number);
    page = story_see(villager, number);
    assert_says(villager, &page, well);
    page = story_see(neighbour, number);
    assert_silent(neighbour, &page, well);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_villagers_whole_errand),
        STORY(reopened_once_and_not_twice),
        STORY(a_late_one_is_urged_and_given_to_another),
        STORY(declined_with_a_ground_from_the_list),
        STORY(returned_twice_at_most),
        STORY(suspended_while_the_clock_stands_still),
        STORY(late_things_escalate_once_and_silence_closes),
        STORY(the_desk_writes_down_what_an_old_neighbour_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
