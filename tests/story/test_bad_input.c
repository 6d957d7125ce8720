/* tests/story/test_bad_input.c -- whatever is sent: a status, a sentence, and nothing changed or lost.
 * When this fails: src/http for what can't be read, src/commons/form.c and matter_forms.c for what is wrong in it. */
#include "story.h"

#include "raw_client.h"

#include <pthread.h>

static const char well[] = "三组水井旁的路塌了一半。";

/* STATUS and WORDS, and no leaf more than LEAVES. */
#define assert_refused(s, browser, page, expected, words, leaves)                                                      \
    do {                                                                                                               \
        assert_status(browser, page, expected);                                                                        \
        assert_says(browser, page, words);                                                                             \
        assert_int_equal(story_leaves(s), leaves);                                                                     \
    } while (0)

static const char *csrf_of(struct browser *browser)
{
    struct page page = story_json(browser, "/");
    return page_string(browser, &page, "frame.csrf");
}

/* --- bodies --- */

static struct page send_bytes(struct browser *browser, const char *head, const char *rest)
{
    const char *cookie = browser_cookie(browser, "session");
    const char *bytes = arena_printf(browser->ctx->arena, "%sHost: 127.0.0.1:%d\r\nCookie: session=%s\r\nConnection: close\r\n%s",
                                     head, browser->port, cookie ? cookie : "", rest);
    return browser_raw(browser, text_of(bytes));
}

static void a_body_too_large_is_refused_in_words(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    /* The "200 MB photo": refused before a byte of it is read. */
    struct page page = send_bytes(villager, "POST /requests HTTP/1.1\r\n",
                                  "Content-Type: multipart/form-data; boundary=between\r\nContent-Length: 209715200\r\n\r\n"
                                  "--between\r\n");
    assert_refused(s, villager, &page, 413, "提交的内容太大了", 0);
    struct buffer large = { 0 };
    buffer_printf(&large, "csrf=%s&session=", csrf_of(villager));
    for (int i = 0; i < 100 * 1024; i++)
        buffer_byte(&large, '1');
    page = browser_post_body(villager, "/sessions", "application/x-www-form-urlencoded", buffer_view(&large));
    assert_refused(s, villager, &page, 413, "最多 64 KB", 0);
    buffer_clear(&large);
    const char *const lengths[] = { "Content-Length: -1\r\n\r\n", "Content-Length: 12x\r\n\r\n",
                                    "Content-Length: 99999999999999999999999\r\n\r\n" };
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        page = send_bytes(villager, "POST /requests HTTP/1.1\r\n", lengths[i]);
        assert_true(page.status == 400 || page.status == 413);
    }
    page = story_json(villager, "/");
    assert_status(villager, &page, 200);
}

/* Chunks without end: cut off soon behind the limit; chunks that end just behind it: told why. */
static void a_body_without_an_end_is_cut_off(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    static char chunk[65536 + 9];
    int size = snprintf(chunk, sizeof chunk, "10000\r\n");
    memset(chunk + size, 'x', 65536);
    memcpy(chunk + size + 65536, "\r\n", 2);
    const char *head = arena_printf(villager->ctx->arena,
                                    "POST /requests HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: session=%s\r\n"
                                    "Content-Type: multipart/form-data; boundary=between\r\nTransfer-Encoding: chunked\r\n\r\n",
                                    villager->port, browser_cookie(villager, "session"));
    enum { LIMIT = 48 << 20, MORE = 20 << 20 };
    size_t sent = 0;
    int endless = raw_connect(villager->port);
    raw_string(endless, head);
    while (sent < LIMIT + MORE) {
        if (raw_send(endless, chunk, (size_t)size + 65538) != (size_t)size + 65538)
            break;
        sent += 65536;
    }
    if (sent >= LIMIT + MORE)
        fail_msg("%zu bytes were taken", sent);
    close(endless);
    int ending = raw_connect(villager->port);
    struct buffer in = { 0 };
    raw_string(ending, head);
    for (sent = 0; sent <= LIMIT; sent += 65536)
        raw_send(ending, chunk, (size_t)size + 65538);
    raw_string(ending, "0\r\n\r\n");
    assert_true(raw_until(ending, &in, "</html>"));
    assert_non_null(strstr(in.at, "HTTP/1.1 413 "));
    assert_non_null(strstr(in.at, "提交的内容太大了"));
    buffer_clear(&in);
    close(ending);
    assert_int_equal(story_leaves(s), 0);
}

static void broken_multipart_is_refused(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    static const struct {
        const char *type, *body;
        int status;
    } cases[] = {
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhalf of it", 400 },
        { "multipart/form-data; boundary=b", "nothing of the kind", 400 },
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--b--\r\n", 400 },
        { "multipart/form-data; boundary=b", "--b\r\n\r\nno header\r\n--b--\r\n", 400 },
        { "multipart/form-data; boundary=b", "", 400 },
        { "multipart/form-data", "--b--\r\n", 400 },
        { "multipart/form-data; boundary=\"\"", "----\r\n", 400 },
        { "text/xml", "<a/>", 415 },
        { "application/json", "{\"text\":[1,2]}", 400 },
        { "application/json", "{\"text\":", 400 },
        { "application/x-www-form-urlencoded", "text=%zz", 400 },
        { "application/x-www-form-urlencoded", "text=%ff%fe", 400 },
        { "application/x-www-form-urlencoded", "text=%c0%80", 400 },
        { "application/x-www-form-urlencoded", "text=a%00b", 400 },
        { "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\xff\xfe\r\n--b--\r\n", 400 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct page page = browser_post_body(villager, "/requests", cases[i].type, text_of(cases[i].body));
        if (page.status != cases[i].status)
            fail_msg("case %zu answered %d: %s", i, page.status, page_words(villager, &page));
        assert_says(villager, &page, "<h1>"); /* a page of ours, in words */
    }
    assert_int_equal(story_leaves(s), 0);
}

/* --- what is in the fields --- */

static struct page file_with(struct browser *browser, const struct field *fields, int count)
{
    struct page page = browser_get(browser, "/requests/new");
    struct field all[20];
    assert_true(count < 16);
    memcpy(all, fields, (size_t)count * sizeof *all);
    all[count] = (struct field){ .name = "csrf", .value = page_field(browser, &page, "/requests", "csrf") };
    all[count + 1] = (struct field){ .name = "token", .value = page_field(browser, &page, "/requests", "token") };
    return browser_post(browser, "/requests", all, count + 2);
}

static void wrong_fields_come_back_with_what_was_typed(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    struct page page = file_with(villager, FIELDS({ "category", "help" }, { "topic", "safety" }));
    assert_refused(s, villager, &page, 422, "请填写“您要说的事”。", 0);
    page = file_with(villager, FIELDS({ "category", "nonsense" }, { "topic", "safety" }, { "text", well }));
    assert_refused(s, villager, &page, 422, "请从列出的选项中选一项", 0);
    assert_string_equal(page_field(villager, &page, "/requests", "text"), well);
    struct buffer longer = { 0 };
    for (int i = 0; i < 2001; i++)
        buffer_string(&longer, "长");
    buffer_byte(&longer, '\0');
    page = file_with(villager, FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", longer.at }));
    assert_refused(s, villager, &page, 422, "最多写 2000 个字", 0);
    assert_string_equal(page_field(villager, &page, "/requests", "text"), longer.at);
    buffer_clear(&longer);
    page = file_with(villager, FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", "倒\xe2\x80\xae着" }));
    assert_refused(s, villager, &page, 422, "看不见的特殊符号", 0);
    assert_string_equal(page_field(villager, &page, "/requests", "text"), "倒着"); /* so that it can be sent as it stands */
    /* All at once, each with its own sentence. */
    page = file_with(villager, FIELDS({ "category", "" }, { "topic", "" }, { "text", "" }));
    assert_refused(s, villager, &page, 422, "请填写“类别”。", 0);
    assert_says(villager, &page, "请填写“领域”。");
    assert_says(villager, &page, "请填写“您要说的事”。");
    /* A place that is not of this town. */
    page = browser_get(villager, "/requests/new");
    page = browser_post(villager, "/requests?place=" OTHER_VILLAGE,
                        FIELDS({ "csrf", page_field(villager, &page, "/requests", "csrf") }, { "category", "help" },
                               { "topic", "safety" }, { "text", well }));
    assert_true(page.status == 403 || page.status == 422);
    assert_int_equal(story_leaves(s), 0);
    /* The same form, put right, is filed. */
    page = file_with(villager, FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", "" }));
    page = browser_press(villager, &page, "/requests", FIELDS({ "text", well }));
    assert_status(villager, &page, 200);
    assert_int_equal(story_leaves(s), 1);
}

static void whoever_goes_back_and_sends_the_same_again_meets_the_first(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *neighbour = story_enter(s, NEIGHBOUR);
    const char *first = story_file(villager, "help", "safety", well);
    struct page page = file_with(villager, FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", well }));
    assert_status(villager, &page, 200);
    assert_string_equal(page.path, story_href(villager, first, "/filed"));
    assert_says(villager, &page, "没有重复登记");
    assert_int_equal(story_leaves(s), 1);
    /* Other words, another person, another hour: another request. */
    assert_string_not_equal(story_file(villager, "help", "safety", "路灯也不亮。"), first);
    browser_set_cookie(neighbour, "filed", first); /* on one device after the other */
    assert_string_not_equal(story_file(neighbour, "help", "safety", well), first);
    fake_clock_set(&s->f->clock, FIXTURE_NOW + 11 * MICROS_PER_MINUTE);
    story_file(villager, "help", "safety", "路灯也不亮。");
    assert_int_equal(story_leaves(s), 4);
}

static void wrong_answers_to_a_move_change_nothing(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", well), *csrf = csrf_of(desk);
    const char *dispatch = story_href(desk, number, "/moves/dispatch");
    /* A handler who is none: nobody, words, a number too large, the villager, somebody of another town. */
    const char *const handlers[] = { "", "abc", "99999999999999999999999", "1", "-5",
                                     arena_printf(desk->ctx->arena, "%lld", (long long)story_number(s, "select id from person where key = 'p-li'")),
                                     arena_printf(desk->ctx->arena, "%lld", (long long)story_number(s, "select id from person where key = 'p-liu'")) };
    for (size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        struct page page = browser_post(desk, dispatch, FIELDS({ "csrf", csrf }, { "version", "1" }, { "handler", handlers[i] }));
        assert_status(desk, &page, 422);
        assert_true(page_has_form(&page, "/moves/dispatch"));
    }
    const char *const versions[] = { "abc", "-1", "1e3", "99999999999999999999" };
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++) {
        struct page page = browser_post(desk, dispatch, FIELDS({ "csrf", csrf }, { "version", versions[i] }, { "handler", "1" }));
        assert_true(page.status == 400 || page.status == 422);
    }
    assert_int_equal(story_leaves(s), 1);
    story_dispatch(desk, number, "周强");
    story_move(handler, number, "sign", NO_FIELDS);
    csrf = csrf_of(handler);
    const char *const days[] = { "0", "16", "-3", "3.5", "三", "9223372036854775808" };
    for (size_t i = 0; i < sizeof days / sizeof *days; i++) {
        struct page page = browser_post(handler, story_href(handler, number, "/moves/ask_more_time"),
                                        FIELDS({ "csrf", csrf }, { "reason", "等石料" }, { "workdays", days[i] }));
        assert_status(handler, &page, 422);
        assert_string_equal(page_field(handler, &page, "/moves/ask_more_time", "reason"), "等石料");
    }
    struct page page = browser_post(handler, story_href(handler, number, "/moves/fly"), FIELDS({ "csrf", csrf }));
    assert_status(handler, &page, 404);
    page = browser_post(handler, story_href(handler, number, "/moves/escalate"), FIELDS({ "csrf", csrf }));
    assert_status(handler, &page, 403); /* only the house itself */
    page = browser_post(handler, story_href(handler, number, "/moves/file"), FIELDS({ "csrf", csrf }));
    assert_true(page.status >= 400 && page.status < 500);
    assert_int_equal(story_leaves(s), 3);
}

/* --- pictures --- */

static size_t small_photo(char *out)
{
    static const unsigned char bytes[] = {
        0xFF, 0xD8,                                                            /* start */
        0xFF, 0xE1, 0, 18, 'E', 'x', 'i', 'f', 0, 0, 'S', 'E', 'C', 'R', 'E', 'T', '-', 'G', 'P', 'S', /* EXIF */
        0xFF, 0xDB, 0, 67, 0,                                                  /* a table, 64 values behind it */
    };
    static const unsigned char rest[] = {
        0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0,                       /* 8 by 8, grey */
        0xFF, 0xC4, 0, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0x34, 0xFF, 0xD9,           /* scan, end */
    };
    memcpy(out, bytes, sizeof bytes);
    memset(out + sizeof bytes, 1, 64);
    memcpy(out + sizeof bytes + 64, rest, sizeof rest);
    return sizeof bytes + 64 + sizeof rest;
}

static struct page file_photo(struct browser *browser, const char *name, const char *bytes, size_t size)
{
    struct page page = browser_get(browser, "/requests/new");
    return browser_press(browser, &page, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", well },
                                                             { "photos", bytes, name, size }));
}

static void only_pictures_are_taken_and_they_lose_the_place(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *neighbour = story_enter(s, NEIGHBOUR), *desk = story_enter(s, DESK);
    static const char *const none[] = { "no picture at all", "<html><script>alert(1)</script></html>", "GIF89a\1\0\1\0\0\0\0;",
                                        "%PDF-1.7", "\xFF\xD8\xFF\xE0 cut", "\x89PNG\r\n\x1a\n" };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct page page = file_photo(villager, "holiday.jpg", none[i], strlen(none[i]));
        assert_status(villager, &page, 422);
        assert_says(villager, &page, "照片");
        assert_string_equal(page_field(villager, &page, "/requests", "text"), well);
    }
    static char photo[2048], large[16 << 20];
    size_t size = small_photo(photo);
    memcpy(large, photo, size);
    struct page page = file_photo(villager, "large.jpg", large, sizeof large);
    assert_status(villager, &page, 422);
    assert_string_equal(page_field(villager, &page, "/requests", "text"), well);
    assert_int_equal(story_leaves(s), 0);
    page = file_photo(villager, "../../etc/passwd", photo, size);
    assert_status(villager, &page, 200);
    page = story_json(villager, "/requests");
    const char *number = page_string(villager, &page, "rows.0.number");
    page = browser_get(desk, story_href(desk, number, "/photos/0"));
    assert_status(desk, &page, 200);
    assert_string_equal(page_header(desk, &page, "Content-Type"), "image/jpeg");
    assert_string_equal(page_header(desk, &page, "X-Content-Type-Options"), "nosniff");
    assert_string_equal(page_header(desk, &page, "Cache-Control"), "no-store");
    assert_null(memmem(page.body.at, page.body.size, "SECRET-GPS", 10));
    assert_true(page.body.size > 100);
    page = browser_get(neighbour, story_href(neighbour, number, "/photos/0"));
    assert_status(neighbour, &page, 404);
    page = browser_get(desk, story_href(desk, number, "/photos/1"));
    assert_status(desk, &page, 404);
    page = browser_get(desk, story_href(desk, number, "/photos/-1"));
    assert_status(desk, &page, 404);
    story_assert_sound(s);
}

/* --- texts that would like to be more --- */

static void html_and_formulas_stay_letters(void **state)
{
    struct story *s = *state;
    static const char evil[] = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'{{frame.csrf}}{{{t.frame.log}}}=HYPERLINK(\"http://evil\")";
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    struct page page = browser_get(villager, "/requests/new");
    page = browser_press(villager, &page, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", evil }, { "where", "<b onclick=x>'\">" }));
    assert_status(villager, &page, 200);
    page = story_json(villager, "/requests");
    const char *number = page_string(villager, &page, "rows.0.number");
    story_dispatch(desk, number, "周强");
    story_move(handler, number, "return", FIELDS({ "ground", "unclear" }, { "reason", evil }, { "suggest_unit", "<i>=1+1" }));
    story_dispatch(desk, number, "周强");
    story_move(handler, number, "sign", NO_FIELDS);
    story_move(handler, number, "ask_more_time", FIELDS({ "reason", evil }, { "workdays", "1" }));
    story_move(desk, number, "refuse", FIELDS({ "reason", evil }));
    story_move(handler, number, "answer", FIELDS({ "result", evil }));
    story_move(villager, number, "rate", FIELDS({ "solved", "no" }, { "grade", "satisfied" }, { "remark", evil }));
    assert_string_equal(story_state(villager, number), "closed");
    const char *const shown[] = { "", "/receipt", "/receipt?event=3", "/receipt?event=9", "/filed" };
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        page = browser_get(villager, story_href(villager, number, shown[i]));
        assert_status(villager, &page, 200);
        assert_silent(villager, &page, "<script>alert");
        assert_silent(villager, &page, "<img src=x");
        assert_silent(villager, &page, "<b onclick");
        assert_silent(villager, &page, "<i>=1");
        assert_non_null(strstr(page_header(villager, &page, "Content-Security-Policy"), "script-src 'self'"));
    }
    page = story_see(villager, number);
    assert_says(villager, &page, "&lt;script&gt;alert(1)&lt;/script&gt;");
    assert_says(villager, &page, "{{frame.csrf}}");
    page = story_see_json(villager, number);
    assert_string_equal(page_string(villager, &page, "matter.text"), evil); /* kept as it was sent */
    /* In an address, in a form that comes back, in the name of who signs in. */
    struct browser *stranger = story_browser(s);
    const char *const addresses[] = { "/requests?number=%3Cscript%3Ealert(1)%3C/script%3E", "/%3Cscript%3Ealert(1)%3C/script%3E",
                                      "/sign-in?back=/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "/places/%3Cscript%3Ealert" };
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        page = browser_get(stranger, addresses[i]);
        assert_silent(stranger, &page, "<script>alert");
    }
    page = browser_get(stranger, "/sign-in");
    page = browser_press(stranger, &page, "/sign-in", FIELDS({ "login", evil }, { "password", evil }));
    assert_status(stranger, &page, 401);
    assert_silent(stranger, &page, "<script>alert");
    story_assert_sound(s);
}

/* --- twice, late, at once --- */

static void a_form_sent_twice_counts_once(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    struct page form = browser_get(villager, "/requests/new");
    struct page first = browser_press(villager, &form, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", well }));
    struct page second = browser_press(villager, &form, "/requests", FIELDS({ "category", "help" }, { "topic", "safety" }, { "text", well }));
    assert_status(villager, &first, 200);
    assert_status(villager, &second, 200);
    assert_string_equal(first.path, second.path);
    assert_int_equal(story_leaves(s), 1);
    struct page page = story_json(villager, "/requests");
    const char *number = page_string(villager, &page, "rows.0.number");
    page = story_see(desk, number);
    first = browser_press(desk, &page, "/moves/decline", FIELDS({ "ground", "other_area" }, { "reason", "一" }));
    second = browser_press(desk, &page, "/moves/decline", FIELDS({ "ground", "other_area" }, { "reason", "一" }));
    assert_status(desk, &first, 200);
    assert_status(desk, &second, 200);
    assert_int_equal(story_leaves(s), 2);
    story_assert_sound(s);
}

static void a_stale_page_says_so_and_loses_nothing(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK), *colleague = story_enter(s, DESK);
    const char *number = story_file(villager, "help", "safety", well);
    struct page stale = story_see(desk, number);
    story_dispatch(colleague, number, "周强");
    struct page page = browser_press(desk, &stale, "/moves/decline", FIELDS({ "ground", "court_procedure" }, { "reason", "写了很久的理由" }));
    assert_refused(s, desk, &page, 409, "已有新进展", 2);
    assert_says(desk, &page, "写了很久的理由");
    assert_says(desk, &page, "已派单");
    assert_says(desk, &page, arena_printf(desk->ctx->arena, "href=\"%s\"", story_href(desk, number, "")));
    desk->wants_json = true;
    page = browser_post(desk, story_href(desk, number, "/moves/decline"),
                        FIELDS({ "csrf", page_field(desk, &stale, "/moves/decline", "csrf") }, { "version", "1" }, { "ground", "secret" }, { "reason", "二" }));
    assert_status(desk, &page, 409);
    assert_string_equal(page_string(desk, &page, "matter.state.key"), "assigned");
    desk->wants_json = false;
    /* An old version on a move that would still be possible is stale as well: the person has not seen what happened. */
    struct browser *handler = story_enter(s, HANDLER);
    page = browser_post(handler, story_href(handler, number, "/moves/sign"), FIELDS({ "csrf", csrf_of(handler) }, { "version", "1" }));
    assert_status(handler, &page, 409);
    assert_int_equal(story_leaves(s), 2);
}

struct press {
    struct browser *browser;
    struct page page, answer;
    const char *action;
    struct field fields[2];
    int count;
    pthread_barrier_t *barrier;
};

static void *press(void *of)
{
    struct press *press = of;
    pthread_barrier_wait(press->barrier);
    press->answer = browser_press(press->browser, &press->page, press->action, press->fields, press->count);
    return NULL;
}

static void two_clerks_press_at_once_and_one_is_told(void **state)
{
    struct story *s = *state;
    enum { ROUNDS = 8 };
    struct browser *villager = story_enter(s, VILLAGER), *clerks[2] = { story_enter(s, DESK), story_enter(s, DESK) };
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    for (int round = 0; round < ROUNDS; round++) {
        const char *number = story_file(villager, "help", "safety", well);
        struct press presses[2];
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            presses[i] = (struct press){ .browser = clerks[i], .page = story_see(clerks[i], number), .barrier = &barrier };
        presses[0].action = "/moves/dispatch";
        presses[0].fields[0] = (struct field){ "handler", page_option(clerks[0], &presses[0].page, "/moves/dispatch", "handler", "吴敏") };
        presses[0].count = 1;
        presses[1].action = "/moves/decline";
        presses[1].fields[0] = (struct field){ "ground", "other_area" };
        presses[1].fields[1] = (struct field){ "reason", "不在本镇" };
        presses[1].count = 2;
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, press, &presses[i]), 0);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        int won = presses[0].answer.status == 200 ? 0 : 1;
        assert_status(clerks[won], &presses[won].answer, 200);
        assert_status(clerks[1 - won], &presses[1 - won].answer, 409);
        assert_string_equal(story_state(villager, number), won == 0 ? "assigned" : "declined");
    }
    pthread_barrier_destroy(&barrier);
    assert_int_equal(story_leaves(s), 2 * ROUNDS);
    story_assert_sound(s);
}

static void the_same_form_from_two_fingers_is_filed_once(void **state)
{
    struct story *s = *state;
    struct browser *fingers[2] = { story_enter(s, VILLAGER), story_browser(s) };
    browser_set_cookie(fingers[1], "session", browser_cookie(fingers[0], "session"));
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    for (int round = 0; round < 6; round++) {
        const char *words = arena_printf(fingers[0]->ctx->arena, "%s这是第%d处。", well, round + 1);
        struct page page = browser_get(fingers[0], "/requests/new");
        struct press presses[2];
        pthread_t threads[2];
        page = browser_press(fingers[0], &page, "/requests", FIELDS({ "category", "help" }, { "topic", "errands" })); /* comes back */
        assert_status(fingers[0], &page, 422);
        for (int i = 0; i < 2; i++) {
            presses[i] = (struct press){ .browser = fingers[i], .page = page, .barrier = &barrier, .action = "/requests",
                                         .fields = { { "text", words } }, .count = 1 };
            assert_int_equal(pthread_create(&threads[i], NULL, press, &presses[i]), 0);
        }
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        assert_status(fingers[0], &presses[0].answer, 200);
        assert_status(fingers[1], &presses[1].answer, 200);
        assert_string_equal(presses[0].answer.path, presses[1].answer.path);
        assert_int_equal(story_leaves(s), round + 1);
    }
    pthread_barrier_destroy(&barrier);
}

/* --- forms from elsewhere --- */

static void forms_from_elsewhere_do_nothing(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *neighbour = story_enter(s, NEIGHBOUR);
    const struct field plain[] = { { "category", "help" }, { "topic", "safety" }, { "text", well } };
    struct page page = browser_post(villager, "/requests", plain, 3);
    assert_refused(s, villager, &page, 403, "没有提交成功", 0);
    struct field with_csrf[] = { { "category", "help" }, { "topic", "safety" }, { "text", well }, { "csrf", csrf_of(neighbour) } };
    page = browser_post(villager, "/requests", with_csrf, 4);
    assert_refused(s, villager, &page, 403, "没有提交成功", 0);
    with_csrf[3].value = csrf_of(villager);
    const char *const foreign[] = { "Origin: http://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
                                    "Sec-Fetch-Site: same-site\r\n" };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        villager->headers = foreign[i];
        page = browser_post(villager, "/requests", with_csrf, 4);
        assert_refused(s, villager, &page, 403, "来自别的网站", 0);
    }
    villager->headers = "Sec-Fetch-Site: same-origin\r\n";
    page = browser_post(villager, "/requests", with_csrf, 4);
    assert_status(villager, &page, 200);
    assert_int_equal(story_leaves(s), 1);
}

/* What our own pages never send. */
static void a_form_that_does_not_say_what_is_told_so(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    const char *number = story_file(villager, "help", "safety", well);
    int64_t id = story_number(s, "select id from person where key = '" VILLAGER "'"), before = story_leaves(s);
    const char *looks = arena_printf(villager->ctx->arena, "/people/" TOWN "/%lld/looks", (long long)id);
    const char *flight = story_href(villager, number, "/moves/fly");
    const struct {
        const char *path, *name, *value;
        int status;
        const char *words;
    } cases[] = {
        { "/messages/read", "up_to", "", 400, "请选择要标为已读的消息" },
        { "/messages/read", "up_to", "1e3", 400, "请选择要标为已读的消息" },
        { "/sessions", "session", "all", 400, "请选择要结束的登录" },
        { looks, "which", "shoe", 400, "没有登记这个号码" },
        { "/people/" TOWN "/zhang/looks", "which", "phone", 404, "没有这个人" },
        { "/people/" OTHER_TOWN "/1/looks", "which", "phone", 404, "没有这个人" },
        { flight, "version", "1", 404, "没有“fly”这一步" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct page page = browser_post(villager, cases[i].path, FIELDS({ "csrf", csrf_of(villager) }, { cases[i].name, cases[i].value }));
        if (page.status != cases[i].status)
            fail_msg("%s answered %d: %s", cases[i].path, page.status, page_words(villager, &page));
        assert_says(villager, &page, cases[i].words);
    }
    assert_int_equal(story_leaves(s), before);
}

/* --- addresses --- */

static void odd_addresses_get_a_page_that_says_so(void **state)
{
    struct story *s = *state;
    struct browser *desk = story_enter(s, DESK), *villager = story_enter(s, VILLAGER);
    const char *number = story_file(villager, "help", "safety", well);
    (void)number;
    static const struct {
        const char *path;
        int least, most; /* statuses */
    } cases[] = {
        { "/nowhere", 404, 404 },
        { "/requests/", 404, 404 },
        { "/requests/1", 404, 404 },
        { "/requests/500116106200-QZ-2026-99999", 404, 404 },
        { "/requests/000000000000-QZ-2026-00001", 404, 404 },
        { "/requests/500116106200-QZ-2026-00001'--", 404, 404 },
        { "/requests/%ff", 400, 404 },
        { "/requests/..%2f..%2fetc", 400, 404 },
        { "/requests/../today", 400, 404 },
        { "/requests?after=garbage", 400, 400 },
        { "/requests?after=1.2.3", 400, 400 },
        { "/requests?state=nowhere&kind=none", 200, 200 },
        { "/requests?a=%zz", 400, 400 },
        { "/inbox?view=none", 200, 200 },
        { "/places/abc", 404, 404 },
        { "/places/500999999999", 404, 404 },
        { "/log/abc/checkpoint", 404, 404 },
        { "/log/" OTHER_TOWN "/checkpoint", 404, 404 },
        { "/log/" VILLAGE "/checkpoint", 404, 404 },
        { "/log/" TOWN "/tile/0/000.p/99", 404, 404 },
        { "/log/" TOWN "/tile/9/x", 404, 404 },
        { "/log/" TOWN "/tile/entries/000", 404, 404 },
        { "/static/none.css", 404, 404 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct page page = browser_get(desk, cases[i].path);
        if (page.status < cases[i].least || page.status > cases[i].most)
            fail_msg("%s answered %d: %s", cases[i].path, page.status, page_words(desk, &page));
        assert_says(desk, &page, "<h1>");
        if (page.status >= 400)
            assert_says(desk, &page, "href=\"/\"");
    }
    struct page page = send_bytes(desk, "DELETE /requests HTTP/1.1\r\n", "\r\n");
    assert_status(desk, &page, 405);
    page = send_bytes(desk, "POST /today HTTP/1.1\r\n", "Content-Length: 0\r\n\r\n");
    assert_status(desk, &page, 405);
    page = send_bytes(desk, "GET /moves HTTP/1.1\r\n", "\r\n");
    assert_status(desk, &page, 404);
    page = browser_get(villager, "/inbox");
    assert_status(villager, &page, 403);
    page = browser_get(villager, "/today");
    assert_status(villager, &page, 403);
}

static void a_watcher_may_knock_before_the_start_is_over(void **state)
{
    struct story *s = *state;
    s->house->http = NULL; /* as between the first thread of the server and the end of http_start() */
    struct browser *watcher = story_browser(s);
    struct page page = browser_get(watcher, "/health");
    assert_status(watcher, &page, 200);
    assert_string_equal(page_string(watcher, &page, "status"), "ok");
    s->house->http = s->http;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_body_too_large_is_refused_in_words),
        STORY(a_body_without_an_end_is_cut_off),
        STORY(broken_multipart_is_refused),
        STORY(wrong_fields_come_back_with_what_was_typed),
        STORY(whoever_goes_back_and_sends_the_same_again_meets_the_first),
        STORY(wrong_answers_to_a_move_change_nothing),
        STORY(only_pictures_are_taken_and_they_lose_the_place),
        STORY(html_and_formulas_stay_letters),
        STORY(a_form_sent_twice_counts_once),
        STORY(a_stale_page_says_so_and_loses_nothing),
        STORY(two_clerks_press_at_once_and_one_is_told),
        STORY(the_same_form_from_two_fingers_is_filed_once),
        STORY(forms_from_elsewhere_do_nothing),
        STORY(a_watcher_may_knock_before_the_start_is_over),
        STORY(a_form_that_does_not_say_what_is_told_so),
        STORY(odd_addresses_get_a_page_that_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
