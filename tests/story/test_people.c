/* tests/story/test_people.c -- numbers are masked; a whole one asks what for, and everybody can see who asked about them.
 * When this fails: src/commons/person_page.c, src/commons/matter_reach.c, src/record/person_look.c, src/record/person_stated.c,
 * src/record/rights.c (act people.look). */
#include "story.h"

#define PHONE "19900005838"
#define IDENTITY "11010519620324856X"

static const char *person_address(struct story *s, struct browser *browser)
{
    int64_t id = story_number(s, "select id from person where key = '" VILLAGER "'");
    return arena_printf(browser->ctx->arena, "/people/" TOWN "/%lld", (long long)id);
}

static const char *looks_address(struct story *s, struct browser *browser)
{
    return arena_printf(browser->ctx->arena, "%s/looks", person_address(s, browser));
}

static bool shows(const struct page *page, const char *words)
{
    return memmem(page->body.at, page->body.size, words, strlen(words)) != NULL;
}

static void a_number_is_shown_only_for_a_purpose_and_the_look_is_known(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *villager = story_enter(s, VILLAGER);
    struct page page = browser_get(desk, person_address(s, desk));
    assert_status(desk, &page, 200);
    assert_says(desk, &page, "199****5838");
    assert_false(shows(&page, PHONE));
    page = browser_press(desk, &page, looks_address(s, desk), FIELDS({ "which", "phone" }, { "purpose", "" }));
    assert_status(desk, &page, 400);
    assert_int_equal(story_leaves(s), 0);
    assert_false(shows(&page, PHONE));
    page = browser_press(desk, &page, looks_address(s, desk), FIELDS({ "which", "phone" }, { "purpose", "电话回访" }));
    assert_status(desk, &page, 200);
    assert_says(desk, &page, PHONE);
    assert_int_equal(story_leaves(s), 1);
    struct page own = browser_get(villager, person_address(s, villager));
    assert_says(villager, &own, "电话回访");
    assert_says(villager, &own, "陈静");
    assert_false(shows(&own, PHONE));
    story_assert_sound(s);
    /* Who looked, at whom, when and why can't be rewritten afterwards. */
    static const char *const changes[][2] = { { "purpose = '例行检查'", "purpose = '电话回访'" },
                                              { "by_person = by_person + 1", "by_person = by_person - 1" },
                                              { "at = at + 1", "at = at - 1" },
                                              { "which = 'identity'", "which = 'phone'" } };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        story_disturb(s, arena_printf(villager->ctx->arena, "update personal_look set %s", changes[i][0]));
        assert_int_equal(story_faults(s), 1);
        story_disturb(s, arena_printf(villager->ctx->arena, "update personal_look set %s", changes[i][1]));
        story_assert_sound(s);
    }
}

static void the_number_of_a_look_is_gone_after_ten_minutes_and_for_others(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *villager = story_enter(s, VILLAGER);
    struct page page = browser_get(desk, person_address(s, desk));
    page = browser_press(desk, &page, looks_address(s, desk), FIELDS({ "which", "phone" }, { "purpose", "电话回访" }));
    assert_true(shows(&page, PHONE));
    const char *address = arena_printf(desk->ctx->arena, "%s?look=%lld", person_address(s, desk),
                                       (long long)story_number(s, "select id from personal_look"));
    page = browser_get(villager, address);
    assert_status(villager, &page, 200);
    assert_false(shows(&page, PHONE));
    fake_clock_set(&s->f->clock, FIXTURE_NOW + 11 * MICROS_PER_MINUTE);
    page = browser_get(desk, address);
    assert_status(desk, &page, 200);
    assert_false(shows(&page, PHONE));
}

static void who_may_not_ask_finds_no_such_page(void **state)
{
    struct story *s = *state;
    static const char *const others[] = { NEIGHBOUR, OTHER_DESK, HANDLER, LEADER };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct browser *browser = story_enter(s, others[i]);
        struct page page = browser_get(browser, person_address(s, browser));
        assert_status(browser, &page, 404);
        assert_false(shows(&page, "李秀兰"));
    }
    struct browser *stranger = story_browser(s);
    struct page page = browser_get(stranger, person_address(s, stranger));
    assert_string_equal(page.path, arena_printf(stranger->ctx->arena, "/sign-in?back=%s", person_address(s, stranger)));
}

static void nothing_of_a_look_is_public(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *stranger = story_browser(s);
    struct page page = browser_get(desk, person_address(s, desk));
    browser_press(desk, &page, looks_address(s, desk), FIELDS({ "which", "identity" }, { "purpose", "核对身份" }));
    page = browser_get(stranger, "/log/" TOWN "/tile/entries/000.p/1");
    assert_status(stranger, &page, 200);
    assert_true(shows(&page, "commitment"));
    assert_false(shows(&page, "核对身份") || shows(&page, IDENTITY) || shows(&page, "look"));
}

/* --- reaching whoever asked, from the matter --- */

static const char *given_to_handler(struct browser *asker, struct browser *desk, const char *category)
{
    const char *number = story_file(asker, category, "safety", "三组水井旁的路塌了一半。");
    struct page page = story_dispatch(desk, number, "周强");
    assert_status(desk, &page, 200);
    return number;
}

static void the_handler_reaches_whoever_asked_and_they_can_read_it(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = given_to_handler(villager, desk, "help");
    const char *look = story_href(handler, number, "/look");
    struct page page = story_see(handler, number);
    assert_says(handler, &page, "李某某");
    assert_says(handler, &page, "199****5838");
    int64_t before = story_leaves(s);
    page = browser_press(handler, &page, look, FIELDS({ "purpose", " " }));
    assert_status(handler, &page, 400);
    assert_says(handler, &page, "请写明查看的用途");
    assert_false(shows(&page, PHONE));
    assert_int_equal(story_leaves(s), before);
    page = browser_press(handler, &page, look, FIELDS({ "purpose", "约时间去看路" }));
    assert_status(handler, &page, 200);
    assert_says(handler, &page, PHONE);
    assert_int_equal(story_leaves(s), before + 1);
    page = browser_get(villager, person_address(s, villager));
    assert_says(villager, &page, arena_printf(villager->ctx->arena, "约时间去看路 · %s", number));
    assert_says(villager, &page, "周强");
    const char *address = arena_printf(handler->ctx->arena, "%s?look=%lld", story_href(handler, number, ""),
                                       (long long)story_number(s, "select id from personal_look"));
    page = browser_get(desk, address); /* another's look shows nothing */
    assert_false(shows(&page, PHONE));
    fake_clock_set(&s->f->clock, FIXTURE_NOW + 11 * MICROS_PER_MINUTE);
    page = browser_get(handler, address);
    assert_false(shows(&page, PHONE));
    story_assert_sound(s);
}

static void nobody_else_is_reached_from_a_matter(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    struct browser *leader = story_enter(s, LEADER), *other = story_enter(s, OTHER_HANDLER);
    const char *number = given_to_handler(villager, desk, "help"), *report = given_to_handler(villager, desk, "report");
    struct page page = story_see(handler, number);
    const char *csrf = page_field(handler, &page, "/look", "csrf");
    assert_false(page_has_form(&(struct page){ .body = story_see(leader, number).body }, "/look"));
    page = story_see(villager, number);
    assert_false(page_has_form(&page, "/look"));
    page = story_see(handler, report); /* who accuses is not told */
    assert_false(page_has_form(&page, "/look"));
    assert_silent(handler, &page, "5838");
    page = browser_post(handler, story_href(handler, report, "/look"), FIELDS({ "csrf", csrf }, { "purpose", "想知道是谁" }));
    assert_status(handler, &page, 403);
    page = story_see(other, number);
    const char *others = page_field(other, &page, "/sign-out", "csrf");
    page = browser_post(other, story_href(other, number, "/look"), FIELDS({ "csrf", others }, { "purpose", "想知道是谁" }));
    assert_status(other, &page, 404);
    story_move(handler, number, "sign", NO_FIELDS);
    page = story_see(handler, number);
    assert_true(page_has_form(&page, "/look"));
    story_move(handler, number, "answer", FIELDS({ "result", "好了" }));
    story_move(villager, number, "rate", FIELDS({ "solved", "yes" }, { "grade", "satisfied" }));
    page = story_see(handler, number); /* over: nothing to ask any more */
    assert_false(page_has_form(&page, "/look"));
    assert_int_equal(story_number(s, "select count(*) from personal_look"), 0);
}

static struct page written_down(struct browser *desk, const char *name, const char *phone)
{
    struct page page = browser_get(desk, "/requests/new");
    return browser_press(desk, &page, "/requests",
                         FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", "院坝的灯坏了" }, { "place", VILLAGE },
                                { "asker_name", name }, { "asker_phone", phone }));
}

static void somebody_in_no_list_is_written_down_with_a_telephone(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    int64_t people = story_number(s, "select count(*) from person");
    struct page page = browser_get(desk, "/inbox");
    assert_says(desk, &page, "代为登记");
    page = written_down(desk, "", "19900007777");
    assert_status(desk, &page, 422);
    assert_says(desk, &page, "请把姓名也填上");
    page = written_down(desk, "何来生", "1990000777");
    assert_status(desk, &page, 422);
    page = written_down(desk, "何来生", "199 0000-7777");
    assert_status(desk, &page, 200);
    page = story_json(desk, "/inbox");
    const char *number = page_string(desk, &page, "rows.0.number");
    page = story_see(desk, number);
    assert_says(desk, &page, "代谁登记");
    assert_says(desk, &page, "何来生");
    assert_says(desk, &page, "陈静 · 受理台");
    story_dispatch(desk, number, "周强");
    page = story_see(handler, number);
    assert_says(handler, &page, "代谁登记");
    assert_says(handler, &page, "何某某");
    assert_says(handler, &page, "199****7777");
    assert_silent(handler, &page, "何来生");
    page = browser_press(handler, &page, story_href(handler, number, "/look"), FIELDS({ "purpose", "约时间" }));
    assert_says(handler, &page, "19900007777");
    /* Sealed like everybody's number, and the same person when they come again. */
    assert_int_equal(story_number(s, "select count(*) from person where phone_sealed like '%7777%'"), 0);
    assert_int_equal(story_number(s, "select count(*) from person where name = '何来生' and phone_sealed is not null"), 1);
    page = written_down(desk, "何来生", "19900007777");
    assert_status(desk, &page, 200);
    assert_int_equal(story_number(s, "select count(*) from person"), people + 1);
    assert_int_equal(story_number(s, "select count(*) from role_held r join person p on p.id = r.person where p.name = '何来生'"), 0);
    page = written_down(desk, "何来兰", "19900007777"); /* of one household, one telephone */
    assert_status(desk, &page, 200);
    assert_int_equal(story_number(s, "select count(*) from person"), people + 2);
    story_assert_sound(s);
}

static void a_number_and_a_name_must_belong_together(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK);
    struct page page = browser_get(desk, "/requests/new");
    page = browser_press(desk, &page, "/requests",
                         FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", "灯坏了" }, { "place", VILLAGE },
                                { "asker", PHONE }, { "asker_name", "王大明" }));
    assert_status(desk, &page, 422);
    assert_says(desk, &page, "在册的这个号码不是此人");
    assert_silent(desk, &page, "李秀兰");
    page = browser_press(desk, &page, "/requests", FIELDS({ "asker_name", "李秀兰" }));
    assert_status(desk, &page, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_number_is_shown_only_for_a_purpose_and_the_look_is_known),
        STORY(the_number_of_a_look_is_gone_after_ten_minutes_and_for_others),
        STORY(who_may_not_ask_finds_no_such_page),
        STORY(nothing_of_a_look_is_public),
        STORY(the_handler_reaches_whoever_asked_and_they_can_read_it),
        STORY(nobody_else_is_reached_from_a_matter),
        STORY(somebody_in_no_list_is_written_down_with_a_telephone),
        STORY(a_number_and_a_name_must_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
