/* tests/story/test_people.c -- numbers are masked; a whole one asks what for, and everybody can see who asked about them.
 * When this fails: src/commons/person_page.c, src/record/person_look.c, src/record/rights.c (act people.look). */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_number_is_shown_only_for_a_purpose_and_the_look_is_known),
        STORY(the_number_of_a_look_is_gone_after_ten_minutes_and_for_others),
        STORY(who_may_not_ask_finds_no_such_page),
        STORY(nothing_of_a_look_is_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
