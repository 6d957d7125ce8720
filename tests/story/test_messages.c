/* tests/story/test_messages.c -- those whom a move concerns are told, and only they.
 * When this fails: src/commons/messages_page.c, src/record/message.c, `tells` in src/systems/requests/flow.yaml. */
#include "story.h"

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
    assert_says(handler, &page, number);
    assert_says(handler, &page, "派单");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(whom_a_move_concerns_is_told_once),
        STORY(what_was_read_is_no_longer_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
