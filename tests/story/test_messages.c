/* tests/story/test_messages.c -- those whom a move concerns are told, and only they.
 * When this fails: src/commons/messages_page.c, told.c, src/record/message.c, `tells` in src/systems/requests/flow.yaml. */
#include "story.h"

#include "base/day.h"

static const char *unread(struct browser *browser)
{
    struct page page = story_json(browser, "/messages");
    assert_status(browser, &page, 200);
    return page_node(&page, "frame.messages.count") ? page_string(browser, &page, "frame.messages.count") : "0";
}

static void whom_a_move_concerns_is_told_once(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER),
                   *other = story_enter(s, OTHER_HANDLER);
    const char *number = story_file(villager, "help", "safety", "三组水井旁的路塌了一半。");
    assert_string_equal(unread(handler), "0");
    story_dispatch(desk, number, "周强");
    assert_string_equal(unread(handler), "1");
    assert_string_equal(unread(villager), "1");
    assert_string_equal(unread(other), "0");
    struct page page = browser_get(handler, "/messages");
    assert_says(handler, &page, story_href(handler, number, ""));
    assert_says(handler, &page, "派给您办理");
    struct page today = browser_get(handler, "/today");
    assert_says(handler, &today, "未读");
}

static void what_was_read_is_no_longer_counted(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    story_dispatch(desk, story_file(villager, "help", "safety", "三组水井旁的路塌了一半。"), "周强");
    struct page page = browser_get(handler, "/messages");
    page = browser_press(handler, &page, "/messages/read", NO_FIELDS);
    assert_status(handler, &page, 200);
    assert_string_equal(unread(handler), "0");
    assert_string_equal(unread(villager), "1"); /* another's reading changes nothing */
    story_dispatch(desk, story_file(villager, "help", "safety", "路灯也不亮。"), "周强");
    assert_string_equal(unread(handler), "1");
}

static const char *latest(struct browser *browser)
{
    struct page page = story_json(browser, "/messages");
    return page_string(browser, &page, "messages.0.words");
}

static void what_happened_is_told_in_a_sentence(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", "三组水井旁的路塌了一半，晚上看不见，孩子要走。");
    story_dispatch(desk, number, "周强");
    assert_string_equal(latest(villager), "您反映的“三组水井旁的路塌了一半，晚上看不见，孩子…”已交给周强（村镇建设办）办理，预计3月9日（星期一）24:00 前办结。");
    assert_string_equal(latest(handler), "“三组水井旁的路塌了一半，晚上看不见，孩子…”派给您办理，请在3月3日（星期二）24:00 前签收。");
    story_move(handler, number, "return", FIELDS({ "ground", "not_my_duty" }, { "reason", "应由民政办承办" }));
    assert_string_equal(latest(desk), "“三组水井旁的路塌了一半，晚上看不见，孩子…”被退回：不属于本单位职责。请在今天 11:00 前重新派单。");
    /* Whoever no longer sees it is told its number and nothing of its words. */
    assert_string_equal(latest(handler), arena_printf(handler->ctx->arena, "%s：派单", number));
    story_dispatch(desk, number, "吴敏");
    struct browser *other = story_enter(s, OTHER_HANDLER);
    story_move(other, number, "sign", NO_FIELDS);
    story_move(other, number, "ask_more_time", FIELDS({ "reason", "等石料" }, { "workdays", "3" }));
    assert_string_equal(latest(desk), "吴敏（民政办）为“三组水井旁的路塌了一半，晚上看不见，孩子…”申请延期3个工作日，请在3月9日（星期一）24:00 前答复同意或者不同意。");
    story_move(desk, number, "grant", NO_FIELDS);
    story_move(other, number, "answer", FIELDS({ "result", "路修好了。" }));
    story_move(villager, number, "rate", FIELDS({ "solved", "yes" }, { "grade", "satisfied" }));
    assert_string_equal(latest(other), "“三组水井旁的路塌了一半，晚上看不见，孩子…”收到评价：已解决，满意。");
    villager->language = "en";
    assert_non_null(strstr(latest(villager), "is answered; please read it and rate it by Thursday 12 March, 24:00."));
}

static const char *told(struct browser *browser, int back)
{
    struct page page = story_json(browser, "/messages");
    return page_string(browser, &page, arena_printf(browser->ctx->arena, "messages.%d.words", back));
}

/* What comes later changes no message that was there before: neither another round of a clock, nor more time, nor a pause. */
static void a_message_goes_on_saying_what_held_when_it_came(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", "路灯不亮");
    story_dispatch(desk, number, "周强");
    const char *first = "您反映的“路灯不亮”已交给周强（村镇建设办）办理，预计3月9日（星期一）24:00 前办结。";
    assert_string_equal(told(villager, 0), first);
    story_move(handler, number, "sign", NO_FIELDS);
    story_set_clock(s, day_from(2026, 3, 3), 9, 0);
    villager = story_enter(s, VILLAGER), desk = story_enter(s, DESK), handler = story_enter(s, HANDLER);
    story_move(handler, number, "suspend", FIELDS({ "ground", "force_majeure" }, { "reason", "山洪" }));
    story_set_clock(s, day_from(2026, 3, 4), 9, 0);
    villager = story_enter(s, VILLAGER), desk = story_enter(s, DESK), handler = story_enter(s, HANDLER);
    story_move(handler, number, "resume", NO_FIELDS);
    const char *second = "您反映的“路灯不亮”已恢复办理，预计3月10日（星期二）24:00 前办结。";
    assert_string_equal(told(villager, 0), second);
    story_move(handler, number, "ask_more_time", FIELDS({ "reason", "等配件" }, { "workdays", "3" }));
    story_move(desk, number, "grant", NO_FIELDS);
    assert_string_equal(told(villager, 0), "您反映的“路灯不亮”需要多一些时间，预计3月13日（星期五）24:00 前办结。");
    assert_string_equal(told(villager, 1), second);
    assert_string_equal(told(villager, 3), first);
    const char *answered = "您反映的“路灯不亮”有答复了，请打开看看，并在3月16日（星期一）24:00 前评价。"; /* the 14th is a Saturday */
    story_move(handler, number, "answer", FIELDS({ "result", "换了灯。" }));
    assert_string_equal(told(villager, 0), answered);
    story_set_clock(s, day_from(2026, 3, 6), 9, 0);
    villager = story_enter(s, VILLAGER), handler = story_enter(s, HANDLER);
    story_move(villager, number, "reopen", FIELDS({ "reason", "又坏了" }));
    story_move(handler, number, "answer", FIELDS({ "result", "又换了。" }));
    assert_string_equal(told(villager, 1), answered);
    assert_string_equal(told(villager, 2), "您反映的“路灯不亮”需要多一些时间，预计3月13日（星期五）24:00 前办结。");
    assert_string_equal(told(villager, 5), first);
}

static void a_warning_says_the_day_in_words(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", "路灯不亮");
    story_dispatch(desk, number, "周强");
    story_move(handler, number, "sign", NO_FIELDS);
    story_set_clock(s, day_from(2026, 3, 9), 8, 0);
    assert_int_equal(story_fire_clocks(s), 1);
    handler = story_enter(s, HANDLER);
    assert_string_equal(latest(handler), "“路灯不亮”的办结时限快到了，请在今天 24:00 前完成。");
}

static void an_accusation_is_named_by_its_number(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "report", "errands", "有人占用公款");
    story_dispatch(desk, number, "周强");
    assert_null(strstr(latest(villager), "公款"));
    assert_non_null(strstr(latest(villager), number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(whom_a_move_concerns_is_told_once),
        STORY(what_was_read_is_no_longer_counted),
        STORY(what_happened_is_told_in_a_sentence),
        STORY(a_message_goes_on_saying_what_held_when_it_came),
        STORY(a_warning_says_the_day_in_words),
        STORY(an_accusation_is_named_by_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
