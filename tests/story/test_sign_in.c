/* tests/story/test_sign_in.c -- coming in, staying in, being shown out; what was typed survives it.
 * When this fails: src/app/sign_in.c, src/record/account.c and session.c; for kept texts src/http/life.c. */
#include "story.h"

#include "app/app_sql.h"
#include "app/sign_in.h"
#include "base/day.h"
#include "store/plan.h"

static struct page sign_in(struct browser *browser, const char *login, const char *password)
{
    struct page page = browser_get(browser, "/sign-in");
    assert_status(browser, &page, 200);
    return browser_press(browser, &page, "/sign-in", FIELDS({ "login", login }, { "password", password }));
}

static bool is_in(struct browser *browser)
{
    struct page page = story_json(browser, "/sessions");
    return page.status == 200;
}

static void the_first_password_must_be_changed_before_anything_else(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, true);
    struct browser *browser = story_browser(s);
    struct page page = sign_in(browser, "LI", PASSWORD);
    assert_status(browser, &page, 200);
    assert_string_equal(page.path, "/password");
    const char *const closed[] = { "/", "/requests", "/requests/new", "/sessions", ("/places/" VILLAGE) };
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++) {
        page = browser_get(browser, closed[i]);
        assert_string_equal(page.path, "/password");
    }
    const char *csrf = page_field(browser, &page, "/password", "csrf");
    struct page refused = browser_post(browser, "/requests", FIELDS({ "csrf", csrf }, { "category", "help" },
                                                                    { "topic", "safety" }, { "text", "还没有换密码" }));
    assert_string_equal(refused.path, "/password");
    assert_int_equal(story_leaves(s), 0);
    page = browser_press(browser, &page, "/password", FIELDS({ "old", PASSWORD }, { "new", "12345678" }, { "again", "12345678" }));
    assert_status(browser, &page, 400);
    assert_says(browser, &page, "太容易被猜到");
    page = browser_press(browser, &page, "/password", FIELDS({ "old", PASSWORD }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao" }));
    assert_says(browser, &page, "两次输入的新密码不一样");
    page = browser_press(browser, &page, "/password", FIELDS({ "old", PASSWORD }, { "new", PASSWORD }, { "again", PASSWORD }));
    assert_says(browser, &page, "与原密码相同");
    const char *before = arena_string(browser->ctx->arena, browser_cookie(browser, "session"));
    page = browser_press(browser, &page, "/password",
                         FIELDS({ "old", PASSWORD }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao-mai-lu-deng" }));
    assert_status(browser, &page, 200);
    assert_string_equal(page.path, "/");
    assert_string_not_equal(before, browser_cookie(browser, "session"));
    page = browser_get(browser, "/requests/new");
    assert_string_equal(page.path, "/requests/new");
    struct browser *thief = story_browser(s);
    browser_set_cookie(thief, "session", before);
    assert_false(is_in(thief));
    page = browser_press(browser, &page, "/sign-out", NO_FIELDS);
    assert_string_equal(page.path, "/");
    assert_false(is_in(browser));
    page = sign_in(browser, "li@" TOWN, "xiao-mai-lu-deng");
    assert_status(browser, &page, 200);
    assert_string_equal(page.path, "/");
    assert_true(is_in(browser));
}

/* A browser that keeps no cookies, or a page that was left open: an empty form again and no word would be a riddle. */
static void whoever_is_refused_at_the_door_is_told_why(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_browser(s);
    struct page page = browser_post(browser, "/sign-in", FIELDS({ "login", "li" }, { "password", PASSWORD }));
    assert_status(browser, &page, 403);
    assert_says(browser, &page, "没有提交成功");
    assert_string_equal(page_field(browser, &page, "/sign-in", "login"), "li");
    page = browser_press(browser, &page, "/sign-in", FIELDS({ "password", PASSWORD }));
    assert_true(is_in(browser));
    page = browser_get(story_browser(s), "/requests/new");
    assert_silent(browser, &page, "请先登录。"); /* the sign-in page says that itself */
}

static void a_wrong_old_password_changes_nothing_and_says_so(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_browser(s);
    struct page page = sign_in(browser, "li", PASSWORD);
    page = browser_get(browser, "/password");
    const struct field wrong[] = { { "old", "not-the-old-one" }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao-mai-lu-deng" } };
    for (int i = 0; i < 5; i++) {
        page = browser_press(browser, &page, "/password", wrong, 3);
        assert_status(browser, &page, 400);
        assert_says(browser, &page, "原密码不对");
        assert_silent(browser, &page, "xiao-mai-lu-deng");
        assert_true(is_in(browser));
        assert_true(page_has_form(&page, "/password"));
    }
    page = browser_press(browser, &page, "/password", FIELDS({ "old", PASSWORD }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao-mai-lu-deng" }));
    assert_status(browser, &page, 400); /* there is a wait, for this form too */
    assert_says(browser, &page, "09:01");
    assert_true(is_in(browser));
    story_set_clock(s, day_from(2026, 3, 2), 9, 1);
    struct page fresh = sign_in(story_browser(s), "li", "xiao-mai-lu-deng");
    assert_status(browser, &fresh, 401);
}

static void a_password_is_never_kept_over_a_sign_in(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_browser(s);
    struct page page = sign_in(browser, "li", PASSWORD);
    struct page form = browser_get(browser, "/password");
    struct browser *elsewhere = story_enter(s, VILLAGER);
    page = browser_get(elsewhere, "/sessions");
    page = browser_press_button(elsewhere, &page, "/sessions", "session=others", NO_FIELDS);
    page = browser_press(browser, &form, "/password", FIELDS({ "old", PASSWORD }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao-mai-lu-deng" }));
    assert_true(page_has_form(&page, "/sign-in"));
    assert_silent(browser, &page, PASSWORD);
    assert_silent(browser, &page, "xiao-mai-lu-deng");
}

static void whoever_guesses_waits_and_the_one_meant_notices_nothing(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *guesser = story_browser(s), *li = story_browser(s);
    guesser->headers = "X-Forwarded-For: 203.0.113.7\r\n";
    struct page page;
    for (int i = 0; i < 5; i++) {
        page = sign_in(guesser, "li", "wrong-wrong-wrong");
        assert_status(guesser, &page, 401);
        assert_string_equal(page_field(guesser, &page, "/sign-in", "login"), "li");
        assert_silent(guesser, &page, "wrong-wrong-wrong");
    }
    page = sign_in(guesser, "li", PASSWORD);
    assert_status(guesser, &page, 401);
    assert_says(guesser, &page, "输错次数过多");
    assert_says(guesser, &page, "09:01");
    assert_false(is_in(guesser));
    page = sign_in(li, "li", PASSWORD); /* from another address */
    assert_status(li, &page, 200);
    assert_true(is_in(li));
    /* A name that nobody has waits in the same words. */
    for (int i = 0; i < 6; i++)
        page = sign_in(guesser, "nobody", "wrong-wrong-wrong");
    assert_status(guesser, &page, 401);
    assert_says(guesser, &page, "09:01");
    story_set_clock(s, day_from(2026, 3, 2), 9, 1);
    page = sign_in(guesser, "li", PASSWORD);
    assert_status(guesser, &page, 200);
    assert_true(is_in(guesser));
}

static void an_unknown_name_is_told_nothing_else_than_a_wrong_password(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_browser(s);
    browser->wants_json = true;
    struct page page = story_json(browser, "/sign-in");
    const char *csrf = page_string(browser, &page, "frame.csrf");
    struct page unknown = browser_post(browser, "/sign-in", FIELDS({ "csrf", csrf }, { "login", "nobody" }, { "password", "x" }));
    struct page wrong = browser_post(browser, "/sign-in", FIELDS({ "csrf", csrf }, { "login", "li" }, { "password", "x" }));
    assert_status(browser, &unknown, 401);
    assert_status(browser, &wrong, 401);
    assert_string_equal(page_string(browser, &unknown, "problem"), page_string(browser, &wrong, "problem"));
}

static void what_was_done_is_said_once(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    story_enter(s, VILLAGER);
    struct page page = browser_get(villager, "/sessions");
    page = browser_press_button(villager, &page, "/sessions", "session=others", NO_FIELDS);
    assert_says(villager, &page, "class=\"flash\"");
    page = browser_get(villager, "/sessions"); /* looked at again at once */
    assert_silent(villager, &page, "class=\"flash\"");
}

static void sessions_are_listed_and_ended(void **state)
{
    struct story *s = *state;
    struct browser *phone = story_enter(s, VILLAGER), *tablet = story_enter(s, VILLAGER), *lost = story_enter(s, VILLAGER);
    struct browser *neighbour = story_enter(s, NEIGHBOUR);
    struct page page = story_json(phone, "/sessions");
    assert_int_equal(page_node(&page, "sessions")->count, 3);
    /* Somebody else's session is none that one could end. */
    struct page theirs = story_json(neighbour, "/sessions");
    const char *id = page_string(neighbour, &theirs, "sessions.0.id");
    page = browser_post(phone, "/sessions", FIELDS({ "csrf", page_string(phone, &page, "frame.csrf") }, { "session", id }));
    assert_status(phone, &page, 409);
    assert_true(is_in(neighbour));
    page = story_json(lost, "/sessions");
    for (int i = 0; i < 3; i++)
        if (strcmp(page_string(lost, &page, arena_printf(lost->ctx->arena, "sessions.%d.here", i)), "true") == 0)
            id = page_string(lost, &page, arena_printf(lost->ctx->arena, "sessions.%d.id", i));
    page = browser_get(phone, "/sessions");
    page = browser_press_button(phone, &page, "/sessions", arena_printf(phone->ctx->arena, "session=%s", id), NO_FIELDS);
    assert_status(phone, &page, 200);
    assert_false(is_in(lost));
    assert_true(is_in(tablet));
    page = browser_get(phone, "/sessions");
    page = browser_press_button(phone, &page, "/sessions", "session=others", NO_FIELDS);
    assert_false(is_in(tablet));
    assert_true(is_in(phone));
}

static void an_office_session_ends_after_half_a_day_of_silence(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *villager = story_enter(s, VILLAGER);
    story_set_clock(s, day_from(2026, 3, 2), 20, 0);
    assert_true(is_in(desk));
    assert_true(is_in(villager));
    story_stop(s); /* the note that both were seen is written by now; a new start knows it */
    story_start(s);
    story_set_clock(s, day_from(2026, 3, 3), 7, 0);
    assert_true(is_in(desk));
    story_stop(s);
    story_start(s);
    story_set_clock(s, day_from(2026, 3, 3), 20, 0);
    assert_false(is_in(desk));
    assert_true(is_in(villager));
    story_set_clock(s, day_from(2026, 4, 20), 9, 0);
    assert_false(is_in(villager));
}

static void forged_cookies_are_strangers(void **state)
{
    struct story *s = *state;
    const char *const forged[] = { TOWN ".AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x", TOWN ".", "..", "500116106000.'; drop table session; --" };
    struct browser *browser = story_browser(s);
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++) {
        browser_set_cookie(browser, "session", forged[i]);
        assert_false(is_in(browser));
        struct page page = browser_get(browser, "/");
        assert_status(browser, &page, 200);
    }
}

static void language_and_large_type_are_remembered_by_the_device(void **state)
{
    struct story *s = *state;
    struct browser *browser = story_browser(s);
    struct page page = browser_get(browser, "/");
    assert_says(browser, &page, "lang=\"zh-CN\"");
    browser->language = "en-GB,en;q=0.9";
    page = browser_get(browser, "/");
    assert_says(browser, &page, "lang=\"en\"");
    browser->language = NULL;
    page = browser_get(browser, "/settings?language=en&back=/log/" TOWN);
    assert_string_equal(page.path, "/log/" TOWN);
    page = browser_get(browser, "/settings?elder=1&back=/");
    assert_says(browser, &page, "lang=\"en\" class=\"elder\"");
    page = browser_get(browser, "/settings?elder=0&back=/");
    assert_silent(browser, &page, "class=\"elder\"");
    page = browser_get(browser, "/settings?language=zh-CN&back=//evil.example/");
    assert_string_equal(page.path, "/"); /* never to another site */
    assert_says(browser, &page, "lang=\"zh-CN\"");
}

static void what_was_being_written_survives_the_sign_in(void **state)
{
    struct story *s = *state;
    static const char text[] = "写了半个钟头：<b>水</b> & \"路\" 都坏了。\n第二行。";
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_enter(s, VILLAGER), *elsewhere = story_enter(s, VILLAGER);
    struct page form = browser_get(browser, "/requests/new");
    struct page page = browser_get(elsewhere, "/sessions");
    page = browser_press_button(elsewhere, &page, "/sessions", "session=others", NO_FIELDS);
    page = browser_press(browser, &form, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", text }));
    assert_true(page_has_form(&page, "/sign-in"));
    assert_int_equal(story_leaves(s), 0);
    page = browser_press(browser, &page, "/sign-in", FIELDS({ "login", "li" }, { "password", "not-this-one" }));
    assert_status(browser, &page, 401);
    page = browser_press(browser, &page, "/sign-in", FIELDS({ "login", "li" }, { "password", PASSWORD }));
    assert_status(browser, &page, 200);
    assert_string_equal(page_field(browser, &page, "/requests", "text"), text);
    assert_string_equal(page_field(browser, &page, "/requests", "category"), "help");
    page = browser_press(browser, &page, "/requests", NO_FIELDS);
    assert_status(browser, &page, 200);
    assert_true(text_ends(text_of(page.path), "/filed"));
    assert_int_equal(story_leaves(s), 1);
}

/* The desk gave a new password meanwhile, which ended the session. */
static void what_was_being_written_survives_the_first_change_too(void **state)
{
    struct story *s = *state;
    static const char text[] = "写了半个钟头：水和路都坏了。";
    struct browser *browser = story_enter(s, VILLAGER), *elsewhere = story_enter(s, VILLAGER);
    story_give_account(s, VILLAGER, PASSWORD, true);
    struct page form = browser_get(browser, "/requests/new");
    struct page page = browser_get(elsewhere, "/sessions");
    browser_press_button(elsewhere, &page, "/sessions", "session=others", NO_FIELDS);
    page = browser_press(browser, &form, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", text }));
    page = browser_press(browser, &page, "/sign-in", FIELDS({ "login", "li" }, { "password", PASSWORD }));
    assert_status(browser, &page, 200);
    assert_true(page_has_form(&page, "/password"));
    page = browser_press(browser, &page, "/password", FIELDS({ "old", PASSWORD }, { "new", "12345678" }, { "again", "12345678" }));
    assert_status(browser, &page, 400);
    page = browser_press(browser, &page, "/password",
                         FIELDS({ "old", PASSWORD }, { "new", "xiao-mai-lu-deng" }, { "again", "xiao-mai-lu-deng" }));
    assert_status(browser, &page, 200);
    assert_string_equal(page_field(browser, &page, "/requests", "text"), text);
    page = browser_press(browser, &page, "/requests", NO_FIELDS);
    assert_true(text_ends(text_of(page.path), "/filed"));
    assert_int_equal(story_leaves(s), 1);
}

/* Also what is too long: to be told so is better than to have it lost. */
static void the_longest_text_survives_the_sign_in(void **state)
{
    struct story *s = *state;
    story_give_account(s, VILLAGER, PASSWORD, false);
    struct browser *browser = story_enter(s, VILLAGER), *elsewhere = story_enter(s, VILLAGER);
    struct page form = browser_get(browser, "/requests/new");
    struct page page = browser_get(elsewhere, "/sessions");
    browser_press_button(elsewhere, &page, "/sessions", "session=others", NO_FIELDS);
    struct buffer text = { 0 };
    for (int i = 0; i < 20000; i++)
        buffer_string(&text, "长");
    buffer_byte(&text, '\0');
    page = browser_press(browser, &form, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", text.at }));
    assert_true(page_has_form(&page, "/sign-in"));
    page = browser_press(browser, &page, "/sign-in", FIELDS({ "login", "li" }, { "password", PASSWORD }));
    assert_status(browser, &page, 200);
    assert_string_equal(page_field(browser, &page, "/requests", "text"), text.at);
    buffer_clear(&text);
}

static void the_demos_doors_are_shut_without_demo(void **state)
{
    struct story *s = *state;
    struct browser *browser = story_browser(s);
    struct page page = browser_get(browser, "/");
    assert_false(page_has_form(&page, "/doors"));
    page = story_json(browser, "/");
    const char *csrf = page_string(browser, &page, "frame.csrf");
    page = browser_post(browser, "/doors", FIELDS({ "csrf", csrf }, { "door", "1" }));
    assert_status(browser, &page, 404);
    assert_false(is_in(browser));
}

static void put_up_a_door(struct story *s, const char *person)
{
    struct ctx *ctx = ctx_begin(&s->house->model);
    story_give_account(s, person, PASSWORD, false);
    struct plan *plan = plan_new(ctx, HOUSE_REALM);
    plan_step(plan, &sql_setting_put, 1, NULL,
              VALUES(value_string("door.1"), value_string(door_setting(ctx, TOWN, person + 2, "desk"))));
    assert_ok(s->f, house_run(s->house, ctx, plan));
    ctx_end(ctx);
}

static void what_began_at_a_door_of_the_demo_counts_only_there(void **state)
{
    struct story *s = *state;
    put_up_a_door(s, DESK);
    s->house->is_demo = true;
    struct browser *visitor = story_browser(s);
    struct page page = browser_get(visitor, "/doors"); /* where the doors are */
    assert_string_equal(page.path, "/sign-in");
    struct page doors = story_json(visitor, "/sign-in");
    assert_string_equal(page_string(visitor, &doors, "doors.list.0.place"), "永兴镇");
    page = browser_press_button(visitor, &page, "/doors", "door=1", NO_FIELDS);
    assert_status(visitor, &page, 200);
    assert_true(is_in(visitor));
    page = browser_get(visitor, "/inbox");
    assert_status(visitor, &page, 200);
    story_stop(s);
    story_start(s); /* the same database, no demo any more */
    assert_false(is_in(visitor));
    page = story_json(visitor, "/inbox");
    assert_status(visitor, &page, 401);
    page = browser_get(visitor, "/doors");
    assert_status(visitor, &page, 404);
    page = browser_get(visitor, "/sign-in");
    assert_false(page_has_form(&page, "/doors"));
    page = browser_press(visitor, &page, "/sign-in", FIELDS({ "login", &DESK[2] }, { "password", PASSWORD }));
    assert_true(is_in(visitor));
}

/* A form carries a token only where it keeps what was sent from happening twice. */
static void forms_that_may_be_sent_twice_carry_no_token(void **state)
{
    struct story *s = *state;
    struct browser *stranger = story_browser(s), *villager = story_enter(s, VILLAGER);
    static const char *const pages[] = { "/password", "/sessions", "/messages" };
    struct page page = browser_get(stranger, "/sign-in");
    assert_silent(stranger, &page, "name=\"token\"");
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        page = browser_get(villager, pages[i]);
        assert_status(villager, &page, 200);
        assert_silent(villager, &page, "name=\"token\"");
    }
    page = browser_get(villager, "/requests/new");
    assert_says(villager, &page, "name=\"token\"");
    /* Ending a session twice ends it once, and says so. */
    struct browser *phone = story_enter(s, VILLAGER);
    struct page form = browser_get(villager, "/sessions");
    page = browser_press_button(villager, &form, "/sessions", "session=others", NO_FIELDS);
    assert_false(is_in(phone));
    page = browser_press_button(villager, &form, "/sessions", "session=others", NO_FIELDS);
    assert_status(villager, &page, 200);
    assert_true(is_in(villager));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(the_first_password_must_be_changed_before_anything_else),
        STORY(whoever_is_refused_at_the_door_is_told_why),
        STORY(a_wrong_old_password_changes_nothing_and_says_so),
        STORY(a_password_is_never_kept_over_a_sign_in),
        STORY(whoever_guesses_waits_and_the_one_meant_notices_nothing),
        STORY(an_unknown_name_is_told_nothing_else_than_a_wrong_password),
        STORY(what_was_done_is_said_once),
        STORY(sessions_are_listed_and_ended),
        STORY(an_office_session_ends_after_half_a_day_of_silence),
        STORY(forged_cookies_are_strangers),
        STORY(language_and_large_type_are_remembered_by_the_device),
        STORY(what_was_being_written_survives_the_sign_in),
        STORY(what_was_being_written_survives_the_first_change_too),
        STORY(the_longest_text_survives_the_sign_in),
        STORY(the_demos_doors_are_shut_without_demo),
        STORY(forms_that_may_be_sent_twice_carry_no_token),
        STORY(what_began_at_a_door_of_the_demo_counts_only_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
