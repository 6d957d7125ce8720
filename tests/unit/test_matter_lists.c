/* tests/unit/test_matter_lists.c -- lists, filters, pages, the inbox, today: what each reader finds in them.
 * When it fails: src/commons/matter_lists.c, matter_table.c. */
#include "shared_routes.h"
#include "world.h"

#include "commons/commons.h"
#include "systems/requests/requests.h"

const struct route *const world_routes[] = { commons_routes, requests_routes, shared_routes, NULL };

static void a_villager_has_a_plain_list_of_their_own(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch");
    world_file(w, "chen", "category=consult&topic=errands&text=别人的事");
    struct visit *page = world_get(w, "zhang", "/requests");
    assert_says(page, "title", "我的诉求");
    assert_says(page, "new_href", "/requests/new");
    assert_silent(page, "filters");
    assert_int_equal(world_at(page->model, "rows")->count, 1);
    assert_says(page, "rows.0.number", number);
    assert_says(page, "rows.0.href", arena_printf(w->ctx->arena, "/requests/%s", number));
    assert_says(page, "rows.0.kind", "求助");
    assert_says(page, "rows.0.topic", "安全");
    assert_says(page, "rows.0.place", "黄庄村一组");
    assert_says(page, "rows.0.owner", "何办");
    assert_says(page, "rows.0.state", "{\"key\":\"assigned\",\"name\":\"已派单\",\"shape\":\"waiting\"}");
    assert_says(page, "rows.0.due.text", "3月3日 24:00");
    assert_says(page, "rows.0.late", "false");
    assert_says(page, "rows.0.filed.text", "今天 09:00");
    assert_says(page, "page", "{\"first_href\":null,\"next_href\":null}");
    assert_says(page, "rows.0.heading", "求助 · 安全");
    assert_says(page, "rows.0.mark", "null");
    assert_silent(page, "张大山");
    assert_says(world_get(w, "li", "/requests"), "has_rows", "false");
}

/* Nobody in particular has it: then the office is named. */
static void what_an_office_was_given_shows_its_name(void **state)
{
    static const struct statement unassigned = { .name = "test_unassigned",
                                                 .sql = "update matter set handler = null, handler_realm = null where number = $1",
                                                 .parameters = 1,
                                                 .changes = true };
    struct world *w = *state;
    const char *lamps = world_lamps(w, "dispatch sign");
    world_lamps(w, "dispatch");
    assert_says(world_get(w, "wu", "/requests"), "rows.1.owner", "何办");
    struct plan *plan = plan_new(w->ctx, "500116106000");
    plan_step(plan, &unassigned, 1, NULL, VALUES(value_string(lamps)));
    world_run(w, w->ctx, plan);
    assert_says(world_get(w, "wu", "/requests"), "rows.1.owner", "永兴镇民生办");
    assert_says(world_get(w, "wu", "/requests"), "rows.0.owner", "何办");
}

/* --- the first words --- */

static const char *said_in(struct world *w, const char *who, const char *text)
{
    world_file(w, who, arena_printf(w->ctx->arena, "category=complaint&topic=complaints&text=%s", text));
    return world_said(world_get(w, who, "/requests"), "rows.0.said");
}

static void a_list_shows_the_first_words(void **state)
{
    struct world *w = *state;
    assert_string_equal(said_in(w, "zhang", "水管漏了"), "水管漏了");
    assert_string_equal(said_in(w, "zhang", "一二三四五六七八九十一二三四五六七八九十"), "一二三四五六七八九十一二三四五六七八九十");
    assert_string_equal(said_in(w, "zhang", "一二三四五六七八九十一二三四五六七八九十尾"), "一二三四五六七八九十一二三四五六七八九十…");
    /* Quotes, backslashes and lines, as they stand escaped in the stored bytes. */
    assert_string_equal(said_in(w, "zhang", "%22text%22:%22a%5Cb%22%0D%0A%0D%0A%09c++d"), "\"text\":\"a\\b\" c d");
    assert_string_equal(world_said(world_get(w, "wu", "/inbox"), "rows.0.said"), "水管漏了");
    assert_string_equal(world_said(world_get(w, "zhang", "/requests"), "rows.0.heading"), "投诉"); /* not 投诉 · 投诉 */
    w->f->model.language = LANGUAGE_EN;
    assert_string_equal(world_said(world_get(w, "zhang", "/requests"), "rows.0.heading"), "Complaint");
}

static void an_accusations_words_are_in_no_list_of_others(void **state)
{
    struct world *w = *state;
    world_file(w, "ren", "category=report&topic=safety&text=有人占用公款");
    assert_says(world_get(w, "wu", "/requests"), "rows.0.said", "有人占用公款");
    assert_silent(world_get(w, "ling", "/requests"), "占用");
    assert_silent(world_get(w, "he", "/requests"), "占用");
    assert_silent(world_get(w, "shu", "/today"), "占用");
}

/* Bytes and salt of every event go, as erasure empties them. */
static void erase_events(struct world *w)
{
    static const struct statement emptied = { .name = "test_emptied",
                                              .sql = "update matter_event set bytes = null, salt = null where seq > $1",
                                              .parameters = 1,
                                              .changes = true };
    struct plan *plan = plan_new(w->ctx, "500116106000");
    plan_step(plan, &emptied, PLAN_ANY_ROWS, NULL, VALUES(value_int(0)));
    world_run(w, w->ctx, plan);
}

static void what_was_erased_leaves_no_first_words(void **state)
{
    struct world *w = *state;
    assert_string_equal(said_in(w, "zhang", "水管漏了"), "水管漏了");
    const char *lamps = world_lamps(w, "dispatch");
    world_move(w, "he", lamps, "return", "ground=not_my_area&reason=不是我们片区");
    erase_events(w);
    struct visit *page = world_get(w, "zhang", "/requests");
    assert_int_equal(world_at(page->model, "rows")->count, 2);
    assert_says(page, "rows.0.said", "null");
    assert_says(page, "rows.1.said", "null");
    assert_says(page, "rows.0.mark", "{\"label\":\"退回\",\"ground\":null}");
    assert_silent(page, "水管");
}

/* Looked for only in matters old enough for it: the shortest way must be long enough. */
static void what_was_reopened_the_shortest_way_is_marked(void **state)
{
    struct world *w = *state;
    const char *lamps = world_lamps(w, "dispatch sign answer");
    world_move(w, "zhang", lamps, "reopen", "reason=又坏了");
    world_lamps(w, "dispatch sign");
    struct visit *page = world_get(w, "wu", "/requests?state=working");
    assert_says(page, "rows.0.mark", "null");
    assert_says(page, "rows.1.number", lamps);
    assert_says(page, "rows.1.mark", "{\"label\":\"重办\",\"ground\":null}");
}

static void what_came_back_is_marked(void **state)
{
    struct world *w = *state;
    const char *lamps = world_lamps(w, "dispatch");
    world_move(w, "he", lamps, "return", "ground=not_my_area&reason=不是我们片区");
    const char *mark = "{\"label\":\"退回\",\"ground\":\"不属于本单位辖区\"}";
    const char *href = arena_printf(w->ctx->arena, "/requests/%s", lamps);
    assert_says(world_get(w, "wu", "/inbox"), "rows.0.mark", mark);
    assert_says(world_get(w, "wu", href), "matter.mark", mark);
    world_move(w, "wu", lamps, "dispatch", arena_printf(w->ctx->arena, "handler=%s", world_id(w, "bai")));
    assert_says(world_get(w, "bai", "/today"), "soon.rows.0.mark", "null"); /* given again */
    world_move(w, "bai", lamps, "sign", "");
    world_move(w, "bai", lamps, "answer", "result=好了");
    world_move(w, "zhang", lamps, "reopen", "reason=又坏了");
    mark = "{\"label\":\"重办\",\"ground\":null}";
    assert_says(world_get(w, "bai", "/requests"), "rows.0.mark", mark);
    assert_says(world_get(w, "bai", href), "matter.mark", mark);
    world_move(w, "bai", lamps, "answer", "result=这次真好了");
    world_move(w, "zhang", lamps, "rate", "solved=yes&grade=satisfied");
    assert_says(world_get(w, "zhang", "/requests"), "rows.0.mark", "null"); /* over */
    assert_says(world_get(w, "zhang", href), "matter.mark", "null");
}

static void a_stranger_is_asked_to_sign_in(void **state)
{
    struct world *w = *state;
    assert_fails(world_get(w, NULL, "/requests")->err, ERR_DENIED, "sign_in.needed");
    assert_fails(world_get(w, NULL, "/today")->err, ERR_DENIED, "sign_in.needed");
    assert_fails(world_get(w, "zhang", "/inbox")->err, ERR_DENIED, "rights.denied");
}

static void the_desk_filters_the_towns_list(void **state)
{
    struct world *w = *state;
    const char *lamps = world_lamps(w, "dispatch");
    const char *question = world_file(w, "chen", "category=consult&topic=errands&text=怎么办证");
    const char *report = world_file(w, "ren", "category=report&topic=safety&text=举报");
    struct visit *page = world_get(w, "wu", "/requests");
    assert_says(page, "title", "永兴镇的诉求");
    assert_string_equal(world_each(page, "rows", "number"), arena_printf(w->ctx->arena, "%s %s %s", report, question, lamps));
    assert_says(page, "filters.active", "false");
    assert_string_equal(world_each(page, "filters.kind", "value"), "consult help complaint report suggestion");
    assert_string_equal(world_each(page, "filters.state", "value"),
                        "filed assigned working asking suspended answered closed declined");
    page = world_get(w, "wu", "/requests?kind=help");
    assert_string_equal(world_each(page, "rows", "number"), lamps);
    assert_says(page, "filters.active", "true");
    assert_says(page, "filters.kind.1.chosen", "true");
    assert_string_equal(world_each(world_get(w, "wu", "/requests?state=filed&topic=errands"), "rows", "number"), question);
    assert_string_equal(world_each(world_get(w, "wu", "/requests?state=filed&topic=safety"), "rows", "number"), report);
    assert_string_equal(world_each(world_get(w, "wu", "/requests?state=nothing&kind=&topic="), "rows", "number"),
                        arena_printf(w->ctx->arena, "%s %s %s", report, question, lamps));
    assert_says(world_get(w, "wu", "/requests?late=1"), "has_rows", "false");
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 3 * MICROS_PER_HOUR);
    page = world_get(w, "wu", "/requests?late=1");
    assert_string_equal(world_each(page, "rows", "number"), arena_printf(w->ctx->arena, "%s %s", question, report));
    assert_says(page, "rows.0.late", "true");
    assert_says(world_get(w, "gao", "/requests"), "has_rows", "false");
    assert_fails(world_get(w, "wu", "/requests?after=zzz")->err, ERR_INPUT, "matters.after");
}

static void a_leader_sees_the_town_but_no_accusations(void **state)
{
    struct world *w = *state;
    const char *lamps = world_lamps(w, "");
    world_file(w, "ren", "category=report&topic=safety&text=举报");
    assert_string_equal(world_each(world_get(w, "ling", "/requests"), "rows", "number"), lamps);
}

static void a_handler_sees_what_was_given(void **state)
{
    struct world *w = *state;
    const char *lamps = world_lamps(w, "dispatch");
    world_lamps(w, "");
    struct visit *page = world_get(w, "he", "/requests");
    assert_says(page, "title", "交给我办的诉求");
    assert_string_equal(world_each(page, "rows", "number"), lamps);
    assert_silent(page, "new_href");
    assert_says(world_get(w, "bai", "/requests"), "has_rows", "false");
}

static void fifty_rows_make_a_page(void **state)
{
    struct world *w = *state;
    for (int i = 0; i < 55; i++)
        world_file(w, i % 2 ? "zhang" : "chen", i % 3 ? "category=help&topic=safety&text=灯" : "category=consult&topic=errands&text=证");
    struct visit *page = world_get(w, "wu", "/requests");
    assert_int_equal(world_at(page->model, "rows")->count, 50);
    assert_says(page, "page.first_href", "null");
    const char *next = world_said(page, "page.next_href");
    assert_true(text_starts(text_of(next), "/requests?after="));
    struct visit *second = world_get(w, "wu", next);
    assert_int_equal(world_at(second->model, "rows")->count, 5);
    assert_says(second, "page.next_href", "null");
    assert_says(second, "page.first_href", "/requests");
    for (int i = 0; i < 5; i++) {
        const char *number = world_said(second, arena_printf(w->ctx->arena, "rows.%d.number", i));
        assert_silent(page, number);
    }
    page = world_get(w, "wu", "/requests?kind=help&late=0");
    assert_int_equal(world_at(page->model, "rows")->count, 36);
    assert_says(page, "page.next_href", "null");
}

static void a_number_is_looked_up_by_anyone(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "");
    const char *report = world_file(w, "ren", "category=report&topic=safety&text=举报");
    const char *there = arena_printf(w->ctx->arena, "/requests/%s", number);
    assert_string_equal(world_get(w, NULL, arena_printf(w->ctx->arena, "/requests?number=%s", number))->answer.location, there);
    char *lower = arena_printf(w->ctx->arena, "/requests?number=+%s+", number);
    for (char *at = lower; *at; at++)
        *at = *at == 'Q' ? 'q' : *at == 'Z' ? 'z' : *at;
    assert_string_equal(world_get(w, NULL, lower)->answer.location, there);
    /* As a Chinese keyboard types it: a wide 5 (５) first, wide dashes (－) and blanks. */
    struct buffer wide = { 0 };
    for (const char *at = number; *at; at++)
        buffer_string(&wide, at == number && *at == '5' ? "%EF%BC%95"
                             : *at == '-'               ? "+%EF%BC%8D+"
                                                        : arena_printf(w->ctx->arena, "%c", *at));
    assert_string_equal(world_get(w, NULL, arena_printf(w->ctx->arena, "/requests?number=%.*s", (int)wide.size, wide.at))->answer.location, there);
    buffer_clear(&wide);
    static const char *const wrong[] = { "%s0", "", "x", NULL };
    for (int i = 0; wrong[i]; i++) {
        const char *typed = i == 0 ? arena_printf(w->ctx->arena, "%s0", number) : wrong[i];
        struct visit *page = world_get(w, NULL, arena_printf(w->ctx->arena, "/requests?number=%s", typed));
        assert_int_equal(page->answer.status, 404);
        assert_string_equal(page->view, "start");
        assert_says(page, "lookup_number", typed);
        assert_says(page, "lookup_error", "没有找到这个编号，请对照小票再输一次。");
    }
    assert_int_equal(world_get(w, NULL, arena_printf(w->ctx->arena, "/requests?number=%s", report))->answer.status, 404);
}

/* --- the inbox --- */

static void the_inbox_has_its_views(void **state)
{
    struct world *w = *state;
    const char *fresh = world_lamps(w, ""), *asking = world_lamps(w, "dispatch sign");
    world_move(w, "he", asking, "ask_more_time", "reason=等配件&workdays=2");
    struct visit *page = world_get(w, "wu", "/inbox");
    assert_says(page, "title", "永兴镇收件箱");
    assert_string_equal(world_each(page, "views", "label"), "待派单 申请延期 超期 全部未办结");
    assert_string_equal(world_each(page, "views", "count"), "1 1  2");
    assert_says(page, "views.0.current", "true");
    assert_string_equal(world_each(page, "rows", "number"), fresh);
    page = world_get(w, "wu", "/inbox?view=asking");
    assert_string_equal(world_each(page, "rows", "number"), asking);
    assert_says(page, "views.1.current", "true");
    assert_says(page, "views.1.href", "/inbox?view=asking");
    assert_says(page, "rows.0.owner", "受理台");
    assert_says(world_get(w, "gao", "/inbox"), "has_rows", "false");
}

/* --- today --- */

static void today_is_dealt_into_three(void **state)
{
    struct world *w = *state;
    const char *sign = world_lamps(w, "dispatch"), *work = world_lamps(w, "dispatch sign");
    struct visit *page = world_get(w, "he", "/today");
    assert_says(page, "day", "3月2日（星期一） · 工作日");
    assert_says(page, "overdue.count", "0");
    assert_string_equal(world_each(page, "soon.rows", "number"), sign); /* by the end of tomorrow */
    assert_string_equal(world_each(page, "waiting.rows", "number"), work);
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 2 * MICROS_PER_DAY);
    page = world_get(w, "he", "/today");
    assert_string_equal(world_each(page, "overdue.rows", "number"), sign);
    assert_says(page, "overdue.rows.0.late", "true");
    assert_says(page, "overdue.has_rows", "true");
    assert_says(page, "soon.has_rows", "false");
    assert_string_equal(world_each(page, "waiting.rows", "number"), work);
    assert_string_equal(world_each(world_get(w, "ling", "/today"), "overdue.rows", "number"), sign);
    assert_says(world_get(w, "ling", "/today"), "waiting.count", "0");
    assert_says(world_get(w, "wu", "/today"), "overdue.count", "0"); /* nothing waits for the desk */
    assert_says(world_get(w, "bai", "/today"), "overdue.count", "0");
    assert_fails(world_get(w, "zhang", "/today")->err, ERR_DENIED, "rights.denied");
}

static void whoever_has_an_office_begins_with_their_numbers(void **state)
{
    struct world *w = *state;
    world_lamps(w, "dispatch");
    world_lamps(w, "dispatch sign");
    world_lamps(w, "");
    struct visit *page = world_get(w, "he", "/");
    assert_string_equal(world_each(page, "staff.numbers", "count"), "0 1 1");
    assert_string_equal(world_each(page, "staff.numbers", "label"), "已超期 今天到期或快到期 等我办");
    assert_says(page, "staff.has_views", "false");
    assert_silent(page, "by_hand_href");
    page = world_get(w, "wu", "/");
    assert_says(page, "staff.day", "3月2日（星期一） · 工作日");
    assert_string_equal(world_each(page, "staff.numbers", "count"), "0 1 0");
    assert_string_equal(world_each(page, "staff.views", "label"), "待派单 申请延期 超期 全部未办结");
    assert_string_equal(world_each(page, "staff.views", "count"), "1   3");
    assert_says(page, "staff.by_hand_href", "/requests/new");
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 2 * MICROS_PER_DAY);
    page = world_get(w, "ling", "/");
    assert_string_equal(world_each(page, "staff.numbers", "count"), "2 0 0");
    assert_says(page, "staff.numbers.0.late", "true");
    assert_silent(page, "by_hand_href");
    assert_silent(world_get(w, "zhang", "/"), "staff");
    assert_silent(world_get(w, NULL, "/"), "staff");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_villager_has_a_plain_list_of_their_own),
        IN_WORLD(what_an_office_was_given_shows_its_name),
        IN_WORLD(a_list_shows_the_first_words),
        IN_WORLD(an_accusations_words_are_in_no_list_of_others),
        IN_WORLD(what_was_erased_leaves_no_first_words),
        IN_WORLD(what_was_reopened_the_shortest_way_is_marked),
        IN_WORLD(what_came_back_is_marked),
        IN_WORLD(a_stranger_is_asked_to_sign_in),
        IN_WORLD(the_desk_filters_the_towns_list),
        IN_WORLD(a_leader_sees_the_town_but_no_accusations),
        IN_WORLD(a_handler_sees_what_was_given),
        IN_WORLD(fifty_rows_make_a_page),
        IN_WORLD(a_number_is_looked_up_by_anyone),
        IN_WORLD(the_inbox_has_its_views),
        IN_WORLD(today_is_dealt_into_three),
        IN_WORLD(whoever_has_an_office_begins_with_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
