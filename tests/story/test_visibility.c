/* tests/story/test_visibility.c -- who sees how much of a matter, on every page, as HTML and as JSON.
 * When this fails: matter_sight() in src/record, seen.c and matter_page.c in src/commons. */
#include "story.h"

#include "base/day.h"

#define SECRET "王家院子后面私设电网"
#define ANSWER "已责令拆除电网"
#define REMARK "谢谢周干部跑了三趟"
#define REASON "要等供电所的人"

/* A request with something private in each of its steps. */
static const char *walk(struct story *s)
{
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    struct page page = browser_get(villager, "/requests/new");
    page = browser_press(villager, &page, "/requests",
                         FIELDS({ "category", "complaint" }, { "topic", "safety" }, { "text", SECRET }, { "where", "王家院子" }));
    assert_status(villager, &page, 200);
    page = story_json(villager, "/requests");
    const char *number = page_string(villager, &page, "rows.0.number");
    story_dispatch(desk, number, "周强");
    page = story_move(handler, number, "sign", NO_FIELDS);
    page = story_move(handler, number, "ask_more_time", FIELDS({ "reason", REASON }, { "workdays", "2" }));
    page = story_move(desk, number, "grant", NO_FIELDS);
    page = story_move(handler, number, "answer", FIELDS({ "result", ANSWER }));
    page = story_move(villager, number, "rate", FIELDS({ "solved", "yes" }, { "grade", "satisfied" }, { "remark", REMARK }));
    assert_status(villager, &page, 200);
    return number;
}

static void assert_nothing_private(struct browser *browser, const struct page *page)
{
    static const char *const words[] = { SECRET, "王家院子", ANSWER, REMARK, REASON, "李秀兰", "周强", "陈静", "村镇建设办" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        assert_silent(browser, page, words[i]);
}

static void assert_progress_only(struct browser *browser, const char *number)
{
    struct page page = story_see(browser, number);
    assert_status(browser, &page, 200);
    assert_says(browser, &page, number);
    assert_says(browser, &page, "投诉");
    assert_says(browser, &page, "已办结");
    assert_nothing_private(browser, &page);
    assert_false(page_has_form(&page, "/moves/rate"));
    page = story_see_json(browser, number);
    assert_status(browser, &page, 200);
    assert_nothing_private(browser, &page);
    static const char *const shown[] = { "number", "kind", "state", "filed", "due", "late" };
    node_each(link, page_node(&page, "matter")) {
        bool is_shown = false;
        for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
            is_shown = is_shown || strcmp(link->key->name, shown[i]) == 0;
        if (!is_shown)
            fail_msg("the public line tells %s", link->key->name);
    }
    assert_int_equal(page_node(&page, "steps")->count, 7);
}

/* Whatever hangs on a matter is as if it did not exist for who is not one of its people. */
static void assert_no_papers(struct browser *browser, const char *number)
{
    static const char *const papers[] = { "/filed", "/receipt", "/receipt.tlog-proof", "/receipt?event=2", "/photos/0" };
    for (size_t i = 0; i < sizeof papers / sizeof *papers; i++) {
        struct page page = browser_get(browser, story_href(browser, number, papers[i]));
        assert_status(browser, &page, 404);
        assert_nothing_private(browser, &page);
        page = story_json(browser, story_href(browser, number, papers[i]));
        assert_status(browser, &page, 404);
        assert_nothing_private(browser, &page);
    }
}

static void a_stranger_sees_the_progress_line_and_never_a_name_or_a_word(void **state)
{
    struct story *s = *state;
    const char *number = walk(s);
    struct browser *stranger = story_browser(s);
    assert_progress_only(stranger, number);
    stranger->language = "en";
    struct page page = story_see(stranger, number);
    assert_says(stranger, &page, "Complaint");
    assert_nothing_private(stranger, &page);
    stranger->language = NULL;
    /* Looked up by number, typed in small letters. */
    page = browser_get(stranger, "/requests?number=500116106200-qz-2026-00001");
    assert_status(stranger, &page, 200);
    assert_string_equal(page.path, story_href(stranger, number, ""));
    page = browser_get(stranger, "/requests?number=500116106200-QZ-2026-00002");
    assert_status(stranger, &page, 404);
    /* Papers need a name first. */
    page = browser_get(stranger, story_href(stranger, number, "/receipt"));
    assert_true(text_starts(text_of(page.path), "/sign-in"));
    page = story_json(stranger, story_href(stranger, number, "/receipt.tlog-proof"));
    assert_status(stranger, &page, 401);
    assert_nothing_private(stranger, &page);
}

static void a_neighbour_and_another_towns_desk_see_no_more_than_a_stranger(void **state)
{
    struct story *s = *state;
    const char *number = walk(s);
    const char *const others[] = { NEIGHBOUR, STRANGER_FROM_AFAR, OTHER_DESK, OTHER_HANDLER, ADMINISTRATOR };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct browser *other = story_enter(s, others[i]);
        assert_progress_only(other, number);
        assert_no_papers(other, number);
        struct page page = story_json(other, "/requests");
        assert_nothing_private(other, &page);
        assert_silent(other, &page, number);
        page = story_json(other, "/places/" VILLAGE);
        assert_status(other, &page, 200);
        assert_nothing_private(other, &page);
    }
    struct browser *leader = story_enter(s, LEADER);
    struct page page = story_see(leader, number);
    assert_says(leader, &page, SECRET); /* the flow shows it to the town's leader */
}

static void nobody_moves_what_is_not_theirs(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "help", "safety", SECRET);
    struct page page = story_see(desk, number);
    const char *handler = page_option(desk, &page, "/moves/dispatch", "handler", "周强");
    const char *const others[] = { NEIGHBOUR, OTHER_DESK, OTHER_HANDLER, LEADER, VILLAGER };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct browser *other = story_enter(s, others[i]);
        page = story_json(other, "/");
        const char *csrf = page_string(other, &page, "frame.csrf");
        page = browser_post(other, story_href(other, number, "/moves/dispatch"),
                            FIELDS({ "csrf", csrf }, { "version", "1" }, { "handler", handler }));
        bool is_let_in = strcmp(others[i], LEADER) == 0 || strcmp(others[i], VILLAGER) == 0;
        assert_status(other, &page, is_let_in ? 403 : 404);
    }
    assert_string_equal(story_state(villager, number), "filed");
    assert_int_equal(story_leaves(s), 1);
}

/* --- accusations --- */

static void assert_unknown(struct browser *browser, const char *number)
{
    static const char *const pages[] = { "", "/filed", "/receipt", "/receipt.tlog-proof", "/photos/0" };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        bool is_stranger = !browser_cookie(browser, "session");
        struct page there = story_json(browser, story_href(browser, number, pages[i]));
        struct page nowhere = story_json(browser, story_href(browser, "500116106200-QZ-2026-00099", pages[i]));
        assert_status(browser, &there, is_stranger && i > 0 ? 401 : 404);
        assert_int_equal(there.status, nowhere.status);
        /* Not a word tells that this one exists. */
        assert_string_equal(page_string(browser, &there, "said"), page_string(browser, &nowhere, "said"));
        assert_silent(browser, &there, SECRET);
    }
    struct page page = story_see(browser, number);
    assert_status(browser, &page, 404);
    page = browser_get(browser, arena_printf(browser->ctx->arena, "/requests?number=%s", number));
    assert_status(browser, &page, 404);
}

static void an_accusation_exists_for_its_author_the_desk_and_the_handler_alone(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "report", "safety", SECRET);
    struct page page = story_see(villager, number);
    assert_says(villager, &page, SECRET);
    assert_unknown(story_browser(s), number);
    const char *const others[] = { NEIGHBOUR, STRANGER_FROM_AFAR, OTHER_DESK, LEADER, HANDLER };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct browser *other = story_enter(s, others[i]);
        assert_unknown(other, number);
        page = story_json(other, "/requests");
        assert_silent(other, &page, number);
    }
    story_dispatch(desk, number, "周强");
    page = story_see(handler, number);
    assert_status(handler, &page, 200);
    assert_says(handler, &page, SECRET);
    assert_silent(handler, &page, "李秀兰"); /* who accuses stays with the desk */
    assert_silent(handler, &page, "李某");
    page = story_json(handler, story_href(handler, number, "/receipt"));
    assert_status(handler, &page, 404); /* a receipt of the opening would name the author */
    /* Of the same office, but it was not given to him: on no page, in no list, as HTML or JSON. */
    const char *plain = story_file(villager, "help", "safety", "路灯坏了");
    story_dispatch(desk, plain, "周强");
    struct browser *colleague = story_enter(s, COLLEAGUE);
    assert_unknown(colleague, number);
    static const char *const lists[] = { "/today", "/requests", "/requests?list=given", "/requests?late=1" };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        page = story_json(colleague, lists[i]);
        assert_silent(colleague, &page, number);
        page = browser_get(colleague, lists[i]);
        assert_silent(colleague, &page, number);
    }
    page = story_json(colleague, "/today");
    assert_says(colleague, &page, plain); /* what is no accusation is the office's */
    page = story_json(handler, "/today");
    assert_says(handler, &page, number);
    page = story_see(desk, number);
    assert_says(desk, &page, "李秀兰");
    /* The log says that something was recorded, and nothing else. */
    page = browser_get(story_browser(s), "/log/" TOWN "/tile/entries/000.p/2");
    assert_int_equal(page.status, 200);
    assert_null(memmem(page.body.at, page.body.size, "report", 6));
    assert_null(memmem(page.body.at, page.body.size, "number", 6));
    assert_non_null(memmem(page.body.at, page.body.size, "commitment", 10));
    /* Late, it reaches the leader's list no more than before. */
    story_set_clock(s, day_from(2026, 3, 30), 12, 0);
    assert_true(story_fire_clocks(s) > 0);
    struct browser *leader = story_enter(s, LEADER);
    page = story_json(leader, "/today");
    assert_silent(leader, &page, number);
    assert_unknown(leader, number);
}

/* --- receipts, event by event --- */

/* For each event from 1 to LAST, '1' in HELD where READER gets its receipt, page and file; the others don't exist. */
static void assert_receipts(struct browser *reader, const char *number, const char *held)
{
    int last = (int)strlen(held);
    for (int event = 0; event <= last + 1; event++) {
        bool is_held = event >= 1 && event <= last && held[event - 1] == '1';
        struct page page = story_json(reader, story_href(reader, number, arena_printf(reader->ctx->arena, "/receipt?event=%d", event)));
        if (page.status != (is_held ? 200 : 404))
            fail_msg("event %d of %s: %d for held %s", event, number, page.status, held);
        page = browser_get(reader, story_href(reader, number, arena_printf(reader->ctx->arena, "/receipt.tlog-proof?event=%d", event)));
        if (page.status != (is_held ? 200 : 404))
            fail_msg("the file of event %d of %s: %d for held %s", event, number, page.status, held);
        if (is_held)
            assert_true(text_starts(page.body, "c2sp.org/tlog-proof@v1\n"));
    }
}

static void each_event_has_a_receipt_for_whom_it_is_told(void **state)
{
    struct story *s = *state;
    const char *number = walk(s); /* 7 events */
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    assert_receipts(villager, number, "1111111");
    assert_receipts(desk, number, "1111111");
    assert_receipts(handler, number, "1111111");
    assert_receipts(story_enter(s, LEADER), number, "1111111");
    assert_receipts(story_enter(s, NEIGHBOUR), number, "0000000");
    assert_receipts(story_enter(s, OTHER_DESK), number, "0000000");
    /* Of an accusation the handler gets none that would name who accuses. */
    number = story_file(villager, "report", "safety", SECRET);
    story_dispatch(desk, number, "周强");
    struct page page = story_move(handler, number, "sign", NO_FIELDS);
    page = story_move(handler, number, "answer", FIELDS({ "result", ANSWER }));
    page = story_move(villager, number, "rate", FIELDS({ "solved", "yes" }, { "grade", "satisfied" }));
    assert_status(villager, &page, 200);
    assert_receipts(villager, number, "11111");
    assert_receipts(desk, number, "11111");
    assert_receipts(handler, number, "01110");
    assert_receipts(story_enter(s, COLLEAGUE), number, "00000");
    assert_receipts(story_enter(s, LEADER), number, "00000");
}

/* --- every page as JSON --- */

static void every_page_is_json_for_a_program(void **state)
{
    struct story *s = *state;
    const char *number = walk(s);
    static const struct {
        const char *who, *path;
    } pages[] = {
        { VILLAGER, "/" },         { VILLAGER, "/requests" },        { VILLAGER, "/requests/new" },
        { VILLAGER, "NUMBER" },    { VILLAGER, "NUMBER/receipt" },   { VILLAGER, "NUMBER/filed" },
        { DESK, "/inbox" },        { DESK, "/inbox?view=late" },     { DESK, "/requests?state=closed&kind=complaint" },
        { DESK, "/today" },        { HANDLER, "/today" },            { HANDLER, "NUMBER" },
        { VILLAGER, "/sessions" }, { VILLAGER, "/places/" VILLAGE }, { NULL, "/places/" TOWN },
        { NULL, "/" },             { NULL, "/sign-in" },             { NULL, "/log/" TOWN },
        { NULL, "/health" },       { NULL, "NUMBER" },               { VILLAGER, "/password" },
    };
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct browser *browser = pages[i].who ? story_enter(s, pages[i].who) : story_browser(s);
        bool is_matter = strncmp(pages[i].path, "NUMBER", 6) == 0;
        struct page page = story_json(browser, is_matter ? story_href(browser, number, pages[i].path + 6) : pages[i].path);
        assert_status(browser, &page, 200);
        if (!page.json || page.json->kind != NODE_OBJECT)
            fail_msg("%s is no JSON object: %s", page.path, page_header(browser, &page, "Content-Type"));
    }
}

static void a_program_files_and_moves_with_json_alone(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    villager->wants_json = desk->wants_json = true;
    struct page page = browser_get(villager, "/requests/new");
    struct buffer body = { 0 };
    buffer_printf(&body, "{\"category\":\"help\",\"topic\":\"safety\",\"text\":\"%s\",\"token\":\"%s\",\"csrf\":\"%s\"}", SECRET,
                  page_string(villager, &page, "token"), page_string(villager, &page, "frame.csrf"));
    page = browser_post_body(villager, "/requests", "application/json", buffer_view(&body));
    assert_status(villager, &page, 200);
    const char *number = page_string(villager, &page, "matter.number");
    assert_string_equal(number, "500116106200-QZ-2026-00001");
    buffer_clear(&body);
    page = browser_get(desk, story_href(desk, number, ""));
    buffer_printf(&body, "{\"version\":%s,\"ground\":\"secret\",\"reason\":\"涉密\",\"token\":\"%s\"}",
                  page_string(desk, &page, "matter.version"), page_string(desk, &page, "moves.1.token"));
    desk->headers = arena_printf(desk->ctx->arena, "X-CSRF: %s\r\n", page_string(desk, &page, "frame.csrf"));
    page = browser_post_body(desk, story_href(desk, number, "/moves/decline"), "application/json", buffer_view(&body));
    assert_status(desk, &page, 200);
    assert_string_equal(page_string(desk, &page, "matter.state.key"), "declined");
    buffer_clear(&body);
    /* What is wrong comes back as JSON as well, named by field. */
    page = browser_get(villager, "/requests/new");
    buffer_printf(&body, "{\"category\":\"none\",\"csrf\":\"%s\"}", page_string(villager, &page, "frame.csrf"));
    page = browser_post_body(villager, "/requests", "application/json", buffer_view(&body));
    assert_status(villager, &page, 422);
    assert_string_equal(page_string(villager, &page, "has_problems"), "true");
    buffer_clear(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_stranger_sees_the_progress_line_and_never_a_name_or_a_word),
        STORY(a_neighbour_and_another_towns_desk_see_no_more_than_a_stranger),
        STORY(nobody_moves_what_is_not_theirs),
        STORY(an_accusation_exists_for_its_author_the_desk_and_the_handler_alone),
        STORY(each_event_has_a_receipt_for_whom_it_is_told),
        STORY(every_page_is_json_for_a_program),
        STORY(a_program_files_and_moves_with_json_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
