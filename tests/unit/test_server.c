/* When this fails, look in src/http/server.c (reading), life.c (the order of things), reply.c (headers) or exchange.c (sleeping).
 * A real server on a port of the kernel's choice, asked over raw sockets. */
#include "toy_house.h"

#include "http/http_inside.h"

static void a_page_is_html_or_json(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *html = toy_get(toy, "/requests/QZ-1?q=%E6%9D%91&q=second", "");
    assert_says(html, "HTTP/1.1 200 ");
    assert_says(html, "Content-Type: text/html; charset=utf-8");
    assert_says(html, "Content-Language: zh-CN");
    assert_says(html, "Cache-Control: no-store");
    assert_says(html, "Content-Security-Policy: default-src 'self';");
    assert_says(html, "frame-ancestors 'none'");
    assert_says(html, "X-Content-Type-Options: nosniff");
    assert_says(html, "Referrer-Policy: same-origin");
    assert_says(html, "Vary: Accept");
    assert_says(html, "Set-Cookie: visit=");
    assert_says(html, "HttpOnly; SameSite=Lax");
    assert_says(html, "/requests/QZ-1|QZ-1||村|||csrf=");
    assert_says(html, "|/static/style.0123.css");
    const char *json = toy_get(toy, "/requests/QZ-1?q=%E6%9D%91", "Accept: application/json\r\n");
    assert_says(json, "Content-Type: application/json");
    assert_says(json, "{\"path\":\"/requests/QZ-1\",\"number\":\"QZ-1\",");
    assert_says(json, "\"csrf\":\"");
    assert_says(toy_get(toy, "/", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"), "text/html");
    assert_says(toy_get(toy, "/", "Accept: application/json;q=0.5, text/html\r\n"), "text/html");
    assert_says(toy_get(toy, "/log/tile/0/x001/067", ""), "/log/tile/0/x001/067||tile/0/x001/067|");
    assert_says(toy_get(toy, "/requests/%E6%9D%91%20a", ""), "/requests/村 a|村 a|");
    toy_close(toy);
}

static void head_sends_no_body(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *answer = toy_ask(toy, "HEAD / HTTP/1.1\r\n" TOY_HOST "\r\n");
    assert_says(answer, "HTTP/1.1 200 ");
    assert_says(answer, "Content-Length: ");
    assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
    toy_close(toy);
}

static void wrong_addresses_are_refused(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    static const char *const bad[] = { "/requests/%00", "/requests/%ff", "/requests/%E6%9D", "/requests/a%2Fb", "/requests/%2e%2e",
                                       "/requests/..", "/./requests", "/requests/%", "/requests/%4", "/requests/%zz",
                                       "/requests/%0a", "/?q=%ff", "/?q=%00", "/?%ff=1" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_says(toy_get(toy, bad[i], ""), "HTTP/1.1 400 ");
    assert_says(toy_get(toy, "/?q=%ff", ""), "said=http.bad_text field=q");
    static const char *const missing[] = { "/nothing", "/requests/", "/requests/1/2", "//", "/requests//", "/log", "/log/",
                                           "/static/style.css", "/static/../etc/passwd0" };
    for (size_t i = 0; i + 1 < sizeof missing / sizeof *missing; i++)
        assert_says(toy_get(toy, missing[i], ""), "HTTP/1.1 404 ");
    const char *wrong = toy_ask(toy, "DELETE /requests/1 HTTP/1.1\r\n" TOY_HOST "\r\n");
    assert_says(wrong, "HTTP/1.1 405 ");
    assert_says(wrong, "Allow: GET, HEAD\r\n");
    assert_says(toy_get(toy, "/echo", ""), "Allow: POST\r\n");
    assert_says(toy_get(toy, "/nothing", "Accept: application/json\r\n"), "{\"said\":\"http.no_page\",");
    toy_close(toy);
}

static void static_files_never_change(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *plain = toy_get(toy, "/static/style.0123.css", "");
    assert_says(plain, "HTTP/1.1 200 ");
    assert_says(plain, "Cache-Control: public, max-age=31536000, immutable");
    assert_says(plain, "X-Content-Type-Options: nosniff");
    assert_says(plain, "\r\n\r\np{}");
    const char *brotli = toy_get(toy, "/static/style.0123.css", "Accept-Encoding: gzip, br\r\n");
    assert_says(brotli, "Content-Encoding: br");
    assert_says(brotli, "\r\n\r\nB");
    assert_says(toy_get(toy, "/static/style.0123.css", "Accept-Encoding: gzip, br;q=0\r\n"), "Content-Encoding: gzip");
    assert_says(toy_ask(toy, "POST /static/style.0123.css HTTP/1.1\r\n" TOY_HOST "Content-Length: 0\r\n\r\n"), "HTTP/1.1 405 ");
    toy_close(toy);
}

static void large_pages_are_packed(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    for (int i = 0; i < 3; i++) { /* the thread's packer is used again */
        const char *packed = toy_get(toy, "/big", "Accept-Encoding: gzip\r\n");
        assert_says(packed, "Content-Encoding: gzip");
        assert_silent(packed, "xxxx");
        assert_silent(toy_get(toy, "/", "Accept-Encoding: gzip\r\n"), "Content-Encoding");
    }
    assert_says(toy_get(toy, "/big", ""), "xxxxxxxx");
    toy_close(toy);
    struct http_settings settings = toy_settings();
    settings.gzip_level = -1;
    toy_open(toy, settings);
    assert_silent(toy_get(toy, "/big", "Accept-Encoding: gzip\r\n"), "Content-Encoding");
    toy_close(toy);
}

static void requests_on_one_connection_are_answered_in_order(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    int handle = raw_connect(http_port(toy->http));
    struct buffer in = { 0 };
    raw_string(handle, "GET /requests/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
                       "GET /requests/3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    raw_rest(handle, &in);
    const char *first = strstr(in.at, "/requests/1|1|"), *second = strstr(in.at, "http.no_page"),
               *third = strstr(in.at, "/requests/3|3|");
    assert_true(first && second && third && first < second && second < third);
    assert_int_equal(http_count(toy->http).requests, 3);
    buffer_clear(&in);
    close(handle);
    toy_close(toy);
}

static void a_change_sleeps_until_the_writer_is_done(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *answer = toy_post(toy, "/requests", "session=alive", "", "text=well");
    assert_says(answer, "HTTP/1.1 303 ");
    assert_says(answer, "Location: /requests/1\r\n");
    assert_int_equal(toy->settled, 1);
    const char *empty = toy_post(toy, "/requests", "session=alive", "", "text=");
    assert_says(empty, "HTTP/1.1 400 ");
    assert_says(empty, "said=toy.empty field=text");
    toy_close(toy);
}

static void a_check_runs_again_but_not_for_ever(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    toy->again = true;
    const char *answer = toy_post(toy, "/requests", "session=alive", "", "text=well");
    assert_says(answer, "HTTP/1.1 409 ");
    assert_says(answer, "said=http.still_changing");
    assert_int_equal(toy->checked, 3);
    toy_close(toy);
}

static void a_form_from_elsewhere_is_refused(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    assert_says(toy_post(toy, "/requests", "session=alive", "Origin: http://village.test\r\nSec-Fetch-Site: same-origin\r\n", "text=a"),
                "HTTP/1.1 303 ");
    static const char *const foreign[] = { "Origin: http://evil.test\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
                                           "Sec-Fetch-Site: same-site\r\n", "Origin: http://village.test.evil.test\r\n",
                                           "X-Forwarded-Host: evil.test\r\nOrigin: http://evil.test\r\n" };
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        const char *answer = toy_post(toy, "/requests", "session=alive", foreign[i], "text=a");
        assert_says(answer, "HTTP/1.1 403 ");
        assert_says(answer, "said=http.foreign");
        assert_silent(answer, "[kept.");
    }
    static const char *const forms[] = { "", "csrf=", "csrf=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" };
    for (size_t i = 0; i < 3; i++) {
        const char *answer = toy_ask(
            toy, arena_printf(toy->fixture.ctx->arena, "POST /requests HTTP/1.1\r\n" TOY_HOST "Cookie: session=alive\r\nContent-Type: "
                              "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s", strlen(forms[i]), forms[i]));
        assert_says(answer, "HTTP/1.1 403 ");
        assert_says(answer, "said=http.csrf");
    }
    assert_int_equal(toy->checked, 1);
    /* a stranger's token is made from the visit cookie, and only fits that */
    const char *token = toy_csrf(toy, "visit=one");
    assert_string_equal(token, toy_csrf(toy, "visit=one"));
    assert_string_not_equal(token, toy_csrf(toy, "visit=two"));
    assert_says(toy_post(toy, "/echo", "visit=one", "", "a=1"), "a=1;");
    toy_close(toy);
}

static void a_stranger_is_led_to_the_sign_in_and_back(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *answer = toy_get(toy, "/requests/new?q=a%20b", "");
    assert_says(answer, "HTTP/1.1 303 ");
    assert_says(answer, "Location: /sign-in?back=/requests/new%3Fq%3Da%2520b\r\n");
    assert_says(toy_get(toy, "/requests/new", "Accept: application/json\r\n"), "HTTP/1.1 401 ");
    assert_says(toy_get(toy, "/requests/new", "Cookie: session=alive\r\n"), "known /requests/new|");
    assert_says(toy_get(toy, "/never", "Cookie: session=alive\r\n"), "HTTP/1.1 403 ");
    toy_close(toy);
}

static void a_text_survives_the_sign_in(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    const char *denied = toy_post(toy, "/requests", "session=ended", "Referer: http://village.test/requests/new\r\n",
                                  "text=a+long+%3Cstory%3E&password=hidden");
    assert_says(denied, "HTTP/1.1 403 ");
    assert_says(denied, "said=toy.who");
    assert_says(denied, "back=/requests/new ");
    assert_says(denied, "[kept.text=a long &lt;story&gt;]");
    assert_silent(denied, "hidden");
    assert_silent(denied, "kept.csrf");
    /* the wrong password shows it again */
    const char *again = toy_post(toy, "/sign-in", "session=ended", "", "password=wrong&back=/requests/new&kept.text=story");
    assert_says(again, "said=wrong password");
    assert_says(again, "back=/requests/new ");
    assert_says(again, "[kept.text=story]");
    /* the right one shows the form, filled, to the new session */
    const char *shown = toy_post(toy, "/sign-in", "session=ended", "",
                                 "password=right&back=/requests/new?q=7&kept.text=story&kept.csrf=x&kept.had_files=yes");
    assert_says(shown, "HTTP/1.1 200 ");
    assert_says(shown, "Set-Cookie: session=alive; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax\r\n");
    assert_says(shown, "known /requests/new|||7|story|files|csrf=");
    assert_says(shown, arena_printf(toy->fixture.ctx->arena, "csrf=%s|", toy_csrf(toy, "session=alive")));
    /* where that person may not be, or nothing is: come in all the same, and sent there without the text */
    shown = toy_post(toy, "/sign-in", "session=ended", "", "password=right&back=/never&kept.text=story");
    assert_says(shown, "HTTP/1.1 303 ");
    assert_says(shown, "Location: /never\r\n");
    assert_says(shown, "Set-Cookie: session=alive; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax\r\n");
    assert_says(toy_post(toy, "/sign-in", "session=ended", "", "password=right&back=/nothing/here&kept.text=story"),
                "Set-Cookie: session=alive;");
    /* nothing kept: an ordinary way back; never to another site */
    assert_says(toy_post(toy, "/sign-in", "visit=v", "", "password=right&back=/requests/new"), "Location: /requests/new\r\n");
    assert_says(toy_post(toy, "/sign-in", "visit=v", "", "password=right&back=//evil.test/"), "Location: /\r\n");
    assert_says(toy_post(toy, "/sign-in", "visit=v", "", "password=right&back=/%5Cevil.test/"), "Location: /\r\n");
    assert_says(toy_post(toy, "/requests", "session=ended", "Referer: http://evil.test/requests/new\r\n", "text=a"), "back=/ ");
    toy_close(toy);
}

static void bodies_that_are_too_large_are_cut(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    struct arena *arena = toy->fixture.ctx->arena;
    static const char head[] = "POST %s HTTP/1.1\r\n" TOY_HOST "Content-Type: application/x-www-form-urlencoded\r\n%s\r\n%s";
    assert_says(toy_ask(toy, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"), "HTTP/1.1 400 ");
    const char *answer;
    /* said, not sent: 200 MB are refused before a byte of them has come */
    assert_says(toy_ask(toy, arena_printf(arena, head, "/echo", "Content-Length: 209715200\r\n", "")), "HTTP/1.1 413 ");
    assert_says(toy_ask(toy, arena_printf(arena, head, "/plain", "Content-Length: 65537\r\nExpect: 100-continue\r\n", "")),
                "HTTP/1.1 413 ");
    assert_says(toy_ask(toy, arena_printf(arena, head, "/plain", "Content-Length: -1\r\n", "")), "HTTP/1.1 400 ");
    assert_says(toy_ask(toy, arena_printf(arena, head, "/plain", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
                "HTTP/1.1 400 ");
    /* where another might see another end of it, nothing that follows is taken for a request */
    static const char *const doubtful[] = { "Content-Length : 4", "Content-Length\t: 4", "X\rContent-Length: 4", "Transfer-Encoding: gzip", "Transfer-Encoding: xchunked",
                                            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "Content-Length: 4\r\nContent-Length: 5" };
    answer = toy_ask(toy, arena_printf(arena, head, "/plain", "Content-Length:\r\n 4\r\n", "a=bcGET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_says(answer, "HTTP/1.1 400 ");
    assert_says(answer, "said=http.bad_length");
    assert_silent(answer, "HTTP/1.1 405 ");
    for (size_t i = 0; i < sizeof doubtful / sizeof *doubtful; i++) {
        answer = toy_ask(toy, arena_printf(arena, "GET / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\n", doubtful[i]));
        assert_says(answer, "HTTP/1.1 400 ");
        assert_silent(answer, "HTTP/1.1 200 ");
    }
    /* a little too large is read and dropped, so that the client reads our words */
    char *wide = arena_alloc(arena, 70001);
    memset(wide, 'a', 70000);
    answer = toy_ask(toy, arena_printf(arena, head, "/plain", "Content-Length: 70000\r\n", wide));
    assert_says(answer, "HTTP/1.1 413 ");
    assert_says(answer, "said=http.too_large");
    assert_says(toy_ask(toy, arena_printf(arena, head, "/plain", "Transfer-Encoding: chunked\r\n",
                                          arena_printf(arena, "%x\r\n%s\r\n0\r\n\r\n", 70000, wide))),
                "HTTP/1.1 413 ");
    /* chunks without end are cut */
    int handle = raw_connect(http_port(toy->http));
    const char *chunk = arena_printf(arena, "%x\r\n%s\r\n", 70000, wide);
    raw_string(handle, arena_printf(arena, head, "/plain", "Transfer-Encoding: chunked\r\n", ""));
    int sent = 0;
    while (sent < 1000 && raw_string(handle, chunk) == strlen(chunk))
        sent++;
    assert_true(sent < 1000);
    close(handle);
    /* a GET has no body */
    assert_says(toy_ask(toy, "GET / HTTP/1.1\r\n" TOY_HOST "Content-Length: 4\r\n\r\nbody"), "HTTP/1.1 413 ");
    toy_close(toy);
}

/* COOKIE and HEADERS with a body that is announced and never sent, unless BODY is there. */
static const char *post_long(struct toy *toy, const char *path, const char *cookie, const char *headers, size_t size,
                             const char *body)
{
    struct arena *arena = toy->fixture.ctx->arena;
    const char *head = arena_printf(arena,
                                    "POST %s HTTP/1.1\r\n" TOY_HOST "Cookie: %s\r\nX-CSRF: %s\r\n%s"
                                    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n",
                                    path, cookie, toy_csrf(toy, cookie), headers, size);
    return toy_ask(toy, body ? arena_printf(arena, "%s%s", head, body) : head);
}

static void a_long_body_is_read_only_from_whoever_may_send_it(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings();
    enum { LONG = 150 * 1024, SHORT = 1000 };
    char *wide = arena_alloc(toy->fixture.ctx->arena, LONG + 1);
    memset(wide, 'a', LONG);
    memcpy(wide, "text=", 5);
    settings.body_memory = LONG / 2; /* held for nobody: who may send it would be told that there is no room */
    toy_open(toy, settings);
    static const char waits[] = "Expect: 100-continue\r\n", json[] = "Accept: application/json\r\n";
    assert_says(post_long(toy, "/sealed", "session=alive", "", LONG, wide), "HTTP/1.1 503 ");
    assert_says(post_long(toy, "/sealed", "visit=v", json, LONG, wide), "HTTP/1.1 401 ");
    assert_says(post_long(toy, "/sealed", "visit=v", waits, LONG, NULL), "said=toy.who");
    assert_says(post_long(toy, "/sealed", "session=alive", "X-Never: 1\r\n", LONG, wide), "said=toy.nothing_to_send");
    assert_says(post_long(toy, "/sealed", "session=alive", "X-Never: 1\r\nExpect: 100-continue\r\n", LONG, NULL), "HTTP/1.1 403 ");
    assert_says(post_long(toy, "/sealed", "session=alive", "Origin: http://elsewhere.example\r\n", LONG, wide), "said=http.foreign");
    assert_says(toy_ask(toy, "POST /sealed HTTP/1.1\r\n" TOY_HOST "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"),
                "said=toy.who");
    assert_int_equal(toy->checked, 0);
    wide[SHORT] = '\0'; /* a short one costs less than asking twice */
    assert_says(post_long(toy, "/sealed", "session=alive", "X-Never: 1\r\n", SHORT, wide), "HTTP/1.1 303 ");
    assert_int_equal(toy->checked, 1);
    toy_close(toy);
    settings.body_memory = 0;
    toy_open(toy, settings);
    wide[SHORT] = 'a';
    assert_says(post_long(toy, "/sealed", "session=alive", "", LONG, wide), "HTTP/1.1 303 ");
    const char *kept = post_long(toy, "/requests", "visit=v", "", 70 * 1024, arena_printf(toy->fixture.ctx->arena, "%.*s", 70 * 1024, wide));
    assert_says(kept, "said=toy.who"); /* read first: its text would have been kept, had it been shorter */
    toy_close(toy);
}

static void who_has_a_version_already_gets_no_body(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    struct arena *arena = toy->fixture.ctx->arena;
    static const char get[] = "GET /versioned?q=%s HTTP/1.1\r\n" TOY_HOST "%sConnection: close\r\n\r\n";
    static const char *const has[] = { "If-None-Match: \"v1\"\r\n", "If-None-Match: \"v0\", W/\"v1\"\r\n", "If-None-Match: *\r\n" };
    static const char *const has_not[] = { "", "If-None-Match: \"v2\"\r\n", "If-None-Match: v1\r\n", "If-None-Match: \"v11\"\r\n",
                                           "If-None-Match: \"\r\n" };
    for (size_t i = 0; i < sizeof has / sizeof *has; i++)
        for (int k = 0; k < 2; k++) {
            const char *answer = toy_ask(toy, arena_printf(arena, get, k ? "stream" : "", has[i]));
            assert_says(answer, "HTTP/1.1 304 ");
            assert_says(answer, "ETag: \"v1\"\r\n");
            assert_string_equal(strstr(answer, "\r\n\r\n"), "\r\n\r\n");
            assert_int_equal(toy->streamed, k ? -1 : 3);
        }
    for (size_t i = 0; i < sizeof has_not / sizeof *has_not; i++) {
        const char *answer = toy_ask(toy, arena_printf(arena, get, "", has_not[i]));
        assert_says(answer, "HTTP/1.1 200 ");
        assert_says(answer, "ETag: \"v1\"\r\n");
        assert_says(answer, "\r\n\r\nwhole");
    }
    assert_says(toy_ask(toy, arena_printf(arena, get, "stream", "")), "2");
    toy_close(toy);
    assert_int_equal(toy->streamed, -1);
}

static void all_bodies_together_are_bounded(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings();
    settings.body_memory = settings.body_share = 1000;
    toy_open(toy, settings);
    char wide[1200];
    memset(wide, 'a', sizeof wide);
    wide[sizeof wide - 1] = '\0';
    wide[1] = '=';
    const char *busy = toy_post(toy, "/plain", "visit=v", "", wide);
    assert_says(busy, "HTTP/1.1 503 ");
    assert_says(busy, "Retry-After: 5\r\n");
    wide[500] = '\0';
    assert_says(toy_post(toy, "/plain", "visit=v", "", wide), "HTTP/1.1 200 ");
    toy_close(toy);
}

static const char *post_as(struct toy *toy, const char *path, const char *type, const char *body, size_t size)
{
    struct arena *arena = toy->fixture.ctx->arena;
    struct buffer in = { 0 };
    int handle = raw_connect(http_port(toy->http));
    raw_string(handle, arena_printf(arena, "POST %s HTTP/1.1\r\n" TOY_HOST "Cookie: visit=v\r\nX-CSRF: %s\r\nContent-Type: %s\r\n"
                                           "Content-Length: %zu\r\n\r\n", path, toy_csrf(toy, "visit=v"), type, size));
    raw_send(handle, body, size);
    raw_rest(handle, &in);
    close(handle);
    const char *copy = arena_copy(arena, in.at, in.size);
    buffer_clear(&in);
    return copy;
}

static const char *post_json(struct toy *toy, const char *body)
{
    return post_as(toy, "/echo", "application/json", body, strlen(body));
}

static const char *post_parts(struct toy *toy, const char *path, const char *body)
{
    return post_as(toy, path, "multipart/form-data; boundary=XX", body, strlen(body));
}

static void forms_come_in_three_shapes(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    assert_says(toy_post(toy, "/echo", "visit=v", "", "a=1+2&a=3&b=%E6%9D%91&%E6%96%87=x"), "a=1 2;b=村;文=x;");
    assert_says(post_json(toy, "{\"a\":\"村\",\"n\":-7,\"yes\":true,\"b\":false}"), "a=村;yes=yes;n=-7;");
    assert_says(post_json(toy, "{\"a\":{}}"), "said=http.not_flat field=a");
    assert_says(post_json(toy, "[1]"), "said=http.not_flat");
    assert_says(post_json(toy, "{\"a\""), "said=json.malformed");
    assert_says(post_json(toy, "{\"a\":\"\\u0007\"}"), "a=\a;");
    assert_says(post_parts(toy, "/echo",
                           "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nline\r\nline\r\n--XX\r\nContent-Disposition: "
                           "form-data; name=\"photo\"; filename=\"C:\\dir\\照片.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n--XX--\r\n"),
                "a=line\r\nline;file photo 照片.jpg 4;");
    assert_says(post_parts(toy, "/echo", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--XX--\r\n"),
                "said=http.bad_text field=a");
    assert_says(post_parts(toy, "/echo", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nno end"), "said=http.bad_multipart");
    assert_says(post_parts(toy, "/plain",
                           "--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a\"\r\n\r\nx\r\n--XX--\r\n"),
                "said=http.no_files_here field=f");
    assert_says(post_as(toy, "/echo", "text/xml", "<a/>", 4), "HTTP/1.1 415 ");
    assert_says(toy_post(toy, "/echo", "visit=v", "", "a=%ff"), "said=http.bad_text field=a");
    assert_says(toy_post(toy, "/echo", "visit=v", "", "a=%E2%80%AEabc"), "a=\xe2\x80\xae" "abc;");
    assert_says(toy_post(toy, "/echo", "visit=v", "", "a=x%00y"), "said=http.bad_text field=a");
    toy_close(toy);
}

static void who_asks_behind_a_proxy(void **state)
{
    struct toy *toy = *state;
    static const char forwarded[] = "X-Forwarded-For: 9.9.9.9, 203.0.113.7, 10.1.2.3\r\nX-Forwarded-Proto: https\r\n";
    toy_open(toy, toy_settings());
    const char *direct = toy_get(toy, "/remote", forwarded);
    assert_says(direct, "from 127.0.0.1");
    assert_silent(direct, "secure");
    assert_silent(direct, "; Secure");
    assert_says(direct, "Content-Disposition: attachment; filename=\"____1.csv\"; filename*=UTF-8''%E8%A1%A8%201.csv");
    toy_close(toy);
    static const char *const trusted[] = { "127.0.0.0/8", "10.0.0.0/8", NULL };
    struct http_settings settings = toy_settings();
    settings.trusted_proxies = trusted;
    toy_open(toy, settings);
    const char *behind = toy_get(toy, "/remote", forwarded);
    assert_says(behind, "from 203.0.113.7 secure");
    assert_says(behind, "; Secure\r\n");
    /* a proxy that adds a line of its own below the client's */
    assert_says(toy_get(toy, "/remote", "X-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 203.0.113.9\r\n"), "from 203.0.113.9");
    assert_silent(toy_get(toy, "/remote", "X-Forwarded-Proto: https\r\nX-Forwarded-Proto: http\r\n"), "secure");
    assert_says(toy_post(toy, "/echo", "visit=v", "X-Forwarded-Host: cun.example\r\nOrigin: https://cun.example\r\n", "a=1"), "a=1;");
    toy_close(toy);
}

static int post_from(struct toy *toy, const char *path, const char *cookie, const char *headers, const char *form)
{
    struct arena *arena = toy->fixture.ctx->arena;
    const char *body = arena_printf(arena, "csrf=%s&%s", toy_csrf(toy, cookie), form);
    int handle = raw_connect(http_port(toy->http));
    raw_string(handle, arena_printf(arena, "POST %s HTTP/1.1\r\n" TOY_HOST "Cookie: %s\r\n%sContent-Type: "
                                           "application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                                    path, cookie, headers, strlen(body), body));
    return handle;
}

static int post_open(struct toy *toy, const char *path, const char *cookie, const char *form)
{
    return post_from(toy, path, cookie, "", form);
}

static void expect_rest(int handle, const char *words)
{
    struct buffer in = { 0 };
    raw_rest(handle, &in);
    assert_says(in.at, words);
    buffer_clear(&in);
    close(handle);
}

static void a_client_who_leaves_takes_nothing_along(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    toy->holds_writer = true;
    close(post_open(toy, "/requests", "session=alive", "text=well"));
    toy_wait(toy, &toy->held_count, 1);
    assert_int_equal(http_count(toy->http).waiting_writer, 1);
    toy_release_writer(toy);
    toy_close(toy);
    assert_int_equal(toy->settled, 1);
}

static void the_slow_lane_is_bounded(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    toy->gate_is_shut = true;
    int first = post_open(toy, "/slow", "visit=v", "text=plan");
    toy_wait(toy, &toy->in_gate, 1);
    int second = post_open(toy, "/slow", "visit=v", "a=1");
    while (http_count(toy->http).waiting_lane < 2)
        sched_yield();
    const char *full = toy_post(toy, "/slow", "visit=v", "", "a=1");
    assert_says(full, "HTTP/1.1 503 ");
    assert_says(full, "Retry-After: 5\r\n");
    assert_says(full, "said=http.busy");
    assert_says(toy_get(toy, "/", ""), "HTTP/1.1 200 "); /* no page waits for the lane */
    toy_open_gate(toy);
    expect_rest(first, "slowly");
    expect_rest(second, "slowly");
    assert_int_equal(toy->submitted, 1);
    toy_close(toy);
}

static void a_slow_check_that_runs_again_runs_in_the_lane_again(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings()); /* one thread in the lane */
    toy->again = true;
    const char *answer = toy_post(toy, "/slow", "visit=v", "", "text=plan");
    assert_says(answer, "HTTP/1.1 409 ");
    assert_says(answer, "said=http.still_changing");
    assert_int_equal(toy->in_gate, 3);
    for (int i = 1; i < 3; i++)
        assert_true(pthread_equal(toy->slow_threads[0], toy->slow_threads[i]));
    /* And when the lane is full meanwhile, it says so. */
    struct http_settings settings = toy_settings();
    toy_close(toy);
    toy_open(toy, settings);
    toy->holds_writer = true;
    int late = post_open(toy, "/slow", "visit=v", "text=plan");
    toy_wait(toy, &toy->held_count, 1);
    toy->gate_is_shut = true;
    int first = post_open(toy, "/slow", "visit=v", "a=1");
    toy_wait(toy, &toy->in_gate, 5);
    int second = post_open(toy, "/slow", "visit=v", "a=1");
    while (http_count(toy->http).waiting_lane < 2)
        sched_yield();
    toy_release_writer(toy);
    expect_rest(late, "said=http.busy");
    toy_open_gate(toy);
    expect_rest(first, "slowly");
    expect_rest(second, "slowly");
    toy_close(toy);
}

#define FROM(address) "X-Forwarded-For: " address "\r\n"

static void wait_for_lane(struct toy *toy, int waiting)
{
    while (http_count(toy->http).waiting_lane < waiting)
        sched_yield();
}

static void one_network_fills_no_more_than_its_share_of_the_slow_lane(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings();
    settings.trusted_proxies = (const char *const[]){ "127.0.0.1", NULL };
    settings.lane_queue = 8;
    toy_open(toy, settings);
    toy->gate_is_shut = true;
    int handles[4];
    handles[0] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.7"), "a=1");
    toy_wait(toy, &toy->in_gate, 1); /* the one that runs counts too */
    handles[1] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.7"), "a=1");
    wait_for_lane(toy, 2);
    assert_says(toy_post(toy, "/slow", "visit=v", FROM("203.0.113.7"), "a=1"), "HTTP/1.1 503 ");
    /* Of IPv6, whatever one subscriber may choose among is one. */
    handles[2] = post_from(toy, "/slow", "visit=v", FROM("2001:db8:1:2::1"), "a=1");
    handles[3] = post_from(toy, "/slow", "visit=v", FROM("2001:db8:1:2:ffff::9"), "a=1");
    wait_for_lane(toy, 4);
    assert_says(toy_post(toy, "/slow", "visit=v", FROM("2001:db8:1:2:3:4:5:6"), "a=1"), "HTTP/1.1 503 ");
    int other = post_from(toy, "/slow", "visit=v", FROM("2001:db8:1:3::1"), "a=1");
    int neighbour = post_from(toy, "/slow", "visit=v", FROM("203.0.113.8"), "a=1");
    wait_for_lane(toy, 6);
    toy_open_gate(toy);
    for (int i = 0; i < 4; i++)
        expect_rest(handles[i], "slowly");
    expect_rest(other, "slowly");
    expect_rest(neighbour, "slowly");
    assert_says(toy_post(toy, "/slow", "visit=v", FROM("203.0.113.7"), "a=1"), "slowly"); /* the share is free again */
    toy_close(toy);
}

static void whoever_comes_waits_for_no_crowd_of_another_network(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings(); /* one thread in the lane */
    settings.trusted_proxies = (const char *const[]){ "127.0.0.1", NULL };
    settings.lane_queue = settings.lane_share = 8;
    toy_open(toy, settings);
    toy->gate_is_shut = true;
    int handles[7], count = 0;
    handles[count++] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.7"), "who=a");
    toy_wait(toy, &toy->in_gate, 1);
    for (; count < 4; wait_for_lane(toy, count))
        handles[count++] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.7"), "who=a");
    for (; count < 6; wait_for_lane(toy, count))
        handles[count++] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.8"), "who=b");
    handles[count++] = post_from(toy, "/slow", "visit=v", FROM("203.0.113.9"), "who=c");
    wait_for_lane(toy, count);
    toy_open_gate(toy);
    for (int i = 0; i < count; i++)
        expect_rest(handles[i], "slowly");
    assert_string_equal(toy->order, "aabcaba");
    toy_close(toy);
}

static void quick_checks_of_one_kind_go_to_the_writer_together(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings(); /* one thread in the lane */
    settings.lane_queue = settings.lane_share = 16;
    toy_open(toy, settings);
    toy->gate_is_shut = true;
    enum { SAME = 10, ALL = SAME + 3 };
    int handles[ALL];
    for (int i = 0; i < ALL; i++) {
        handles[i] = post_open(toy, i < SAME ? "/slow" : "/slower", "visit=v", i == SAME + 1 ? "text=none" : "text=plan");
        if (i)
            wait_for_lane(toy, i + 1);
        else
            toy_wait(toy, &toy->in_gate, 1);
    }
    toy_open_gate(toy);
    for (int i = 0; i < ALL; i++)
        expect_rest(handles[i], "slowly");
    /* Eight at once; the two behind them don't wait for another kind; nobody waits for a check that made no plan. */
    static const int begun[ALL - 1] = { 8, 8, 8, 8, 8, 8, 8, 8, 10, 10, 12, 13 };
    assert_int_equal(toy->submitted, ALL - 1);
    assert_memory_equal(toy->gates_before, begun, sizeof begun);
    toy_close(toy);
}

static void *stop_it(void *of)
{
    struct toy *toy = of;
    http_stop(toy->http, 20);
    return NULL;
}

static void one_network_fills_no_more_than_its_share_of_bodies(void **state)
{
    struct toy *toy = *state;
    static const char *const trusted[] = { "127.0.0.1", NULL };
    struct http_settings settings = toy_settings();
    settings.trusted_proxies = trusted;
    settings.body_memory = 4000; /* of which half */
    toy_open(toy, settings);
    toy->holds_writer = true;
    char wide[1600];
    memset(wide, 'a', sizeof wide);
    memcpy(wide, "text=", 5);
    wide[sizeof wide - 1] = '\0';
    int first = post_from(toy, "/requests", "session=alive", "X-Forwarded-For: 198.51.100.1\r\n", wide);
    toy_wait(toy, &toy->held_count, 1);
    const char *busy = toy_post(toy, "/plain", "visit=v", "X-Forwarded-For: 198.51.100.1\r\n", wide);
    assert_says(busy, "HTTP/1.1 503 ");
    assert_says(busy, "said=http.busy");
    assert_says(toy_post(toy, "/plain", "visit=v", "X-Forwarded-For: 198.51.100.2\r\n", wide), "HTTP/1.1 200 ");
    toy_release_writer(toy);
    expect_rest(first, "HTTP/1.1 303 ");
    assert_says(toy_post(toy, "/plain", "visit=v", "X-Forwarded-For: 198.51.100.1\r\n", wide), "HTTP/1.1 200 ");
    toy_close(toy);
}

/* --- downloads --- */

struct streaming {
    int pieces;
    int64_t left[4]; /* milliseconds until this client would be cut, at each piece */
};

static int64_t read_piece(void *self, char *out, size_t room)
{
    struct streaming *streaming = self;
    struct clients *clients = &toy_of_tests->http->clients;
    pthread_mutex_lock(&clients->lock);
    for (int i = 0; i < CLIENT_BUCKETS; i++)
        if (clients->buckets[i])
            streaming->left[streaming->pieces] = clients->buckets[i]->deadline - clients_now();
    pthread_mutex_unlock(&clients->lock);
    memset(out, 'x', room);
    return streaming->pieces++ < 3 ? (int64_t)room : 0;
}

static void end_pieces(void *self)
{
    (void)self;
}

static struct streaming streamed;

static const struct err *stream_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    (void)ctx;
    (void)request;
    answer->content_type = "text/plain";
    answer->stream = (struct answer_stream){ &streamed, read_piece, end_pieces };
    return NULL;
}

/* An archive of a hundred megabytes on a village's line: only a client that stops taking is cut. */
static void a_download_takes_as_long_as_its_line_needs(void **state)
{
    struct toy *toy = *state;
    static const struct route routes[] = { { "GET", "/stream", ACCESS_ANYONE, .page = stream_page }, { 0 } };
    static const struct route *const tables[] = { routes, NULL };
    struct http_settings settings = toy_settings();
    settings.routes = tables;
    streamed = (struct streaming){ 0 };
    toy_open(toy, settings);
    assert_says(toy_get(toy, "/stream", ""), "xxxx");
    toy_close(toy);
    assert_int_equal(streamed.pieces, 4);
    for (int i = 0; i < 4; i++)
        assert_in_range(streamed.left[i], 30 * 1000, 60 * 1000);
}

static void a_stop_lets_requests_in_the_air_finish(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    int port = http_port(toy->http);
    toy->holds_writer = true;
    int one = post_open(toy, "/requests", "session=alive", "text=one");
    int two = post_open(toy, "/requests", "session=alive", "text=two");
    toy_wait(toy, &toy->held_count, 2);
    pthread_t stopper;
    assert_int_equal(pthread_create(&stopper, NULL, stop_it, toy), 0);
    for (bool is_shut = false; !is_shut;) { /* until nobody is let in: whoever knocks finds the line closed at once */
        char byte;
        int late = raw_connect(port);
        struct pollfd ended = { late, POLLIN, 0 };
        is_shut = late < 0 || (poll(&ended, 1, 50) == 1 && recv(late, &byte, 1, 0) <= 0);
        if (late >= 0)
            close(late);
    }
    struct pollfd silence = { one, POLLIN, 0 };
    assert_int_equal(poll(&silence, 1, 200), 0); /* still waited for */
    toy_release_writer(toy);
    expect_rest(one, "HTTP/1.1 303 ");
    expect_rest(two, "HTTP/1.1 303 ");
    pthread_join(stopper, NULL);
    assert_int_equal(toy->settled, 2);
    assert_int_equal(toy->arrived, toy->left);
}

static void a_hurried_stop_leaves_the_writer_its_arena(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    toy->holds_writer = true;
    int one = post_open(toy, "/requests", "session=alive", "text=one");
    toy_wait(toy, &toy->held_count, 1);
    http_stop(toy->http, 0);
    expect_rest(one, "HTTP/1.1 503 ");
    toy_release_writer(toy); /* after the server has gone */
    assert_int_equal(toy->settled, 0);
}

static void one_address_has_so_many_connections(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings();
    settings.connections_per_address = 3;
    toy_open(toy, settings);
    int handles[3];
    for (int i = 0; i < 3; i++) {
        struct buffer in = { 0 };
        handles[i] = raw_connect(http_port(toy->http));
        raw_string(handles[i], "GET /requests/1 HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_true(raw_until(handles[i], &in, "/requests/1|1|"));
        buffer_clear(&in);
    }
    assert_int_equal(http_count(toy->http).connections, 3);
    int fourth = raw_connect(http_port(toy->http));
    raw_string(fourth, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(raw_is_ended(fourth));
    close(fourth);
    close(handles[0]);
    while (http_count(toy->http).connections > 2)
        sched_yield();
    assert_says(toy_get(toy, "/", ""), "HTTP/1.1 200 ");
    close(handles[1]);
    close(handles[2]);
    toy_close(toy);
}

static void slow_clients_are_cut(void **state)
{
    struct toy *toy = *state;
    struct http_settings settings = toy_settings();
    settings.idle_seconds = 1;
    toy_open(toy, settings);
    toy->holds_writer = true;
    int patient = post_open(toy, "/requests", "session=alive", "text=well");
    toy_wait(toy, &toy->held_count, 1);
    int silent = raw_connect(http_port(toy->http)), dripping = raw_connect(http_port(toy->http)),
        body = raw_connect(http_port(toy->http));
    raw_string(body, "POST /echo HTTP/1.1\r\n" TOY_HOST "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9999\r\n\r\n");
    raw_string(dripping, "GET / HTTP/1.1\r\nX: ");
    /* a byte every 50 ms keeps a connection from being idle, but a header must come to its end */
    int drops = 0;
    struct pollfd ended = { dripping, POLLIN, 0 };
    for (; drops < 200; drops++) {
        if (poll(&ended, 1, 50) == 1 || raw_string(dripping, "x") != 1 || raw_string(body, "x") != 1)
            break;
    }
    assert_true(drops < 200);
    assert_true(raw_is_ended(silent));
    assert_true(raw_is_ended(dripping));
    assert_true(raw_is_ended(body));
    close(silent);
    close(dripping);
    close(body);
    toy_release_writer(toy);
    expect_rest(patient, "HTTP/1.1 303 "); /* who waits for us is not slow */
    assert_says(toy_get(toy, "/", ""), "HTTP/1.1 200 ");
    toy_close(toy);
}

static void a_header_has_a_limit(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    char *wide = arena_alloc(toy->fixture.ctx->arena, 40001);
    memset(wide, 'a', 40000);
    const char *answer = toy_get(toy, "/", arena_printf(toy->fixture.ctx->arena, "X: %s\r\n", wide));
    assert_says(answer, "HTTP/1.1 431 ");
    assert_says(toy_get(toy, "/", ""), "HTTP/1.1 200 ");
    toy_close(toy);
}

static void a_closed_house_answers_503(void **state)
{
    struct toy *toy = *state;
    toy_open(toy, toy_settings());
    toy->arrive_fails = true;
    assert_says(toy_get(toy, "/", ""), "HTTP/1.1 503 ");
    toy_close(toy);
}

static void bad_tables_stop_the_start(void **state)
{
    struct toy *toy = *state;
    static const struct {
        struct route routes[3];
        const char *says;
    } cases[] = {
        { { { "GET", "/a", .page = toy_page } }, "access is not set" },
        { { { "GET", "/a", ACCESS_ANYONE } }, "no page function" },
        { { { "POST", "/a", ACCESS_ANYONE } }, "no check function" },
        { { { "PUT", "/a", ACCESS_ANYONE, .page = toy_page } }, "the method must be" },
        { { { "GET", "a", ACCESS_ANYONE, .page = toy_page } }, "must begin with /" },
        { { { "GET", "/a//b", ACCESS_ANYONE, .page = toy_page } }, "an empty segment" },
        { { { "GET", "/a/", ACCESS_ANYONE, .page = toy_page } }, "an empty segment" },
        { { { "GET", "/{x...}/b", ACCESS_ANYONE, .page = toy_page } }, "must come last" },
        { { { "GET", "/{}", ACCESS_ANYONE, .page = toy_page } }, "can't be read" },
        { { { "GET", "/a", ACCESS_ACT, .page = toy_page } }, "no act" },
        { { { "GET", "/a", ACCESS_ANYONE, .page = toy_page, .view = "nothing" } }, "an unknown view" },
        { { { "GET", "/a/{x}", ACCESS_ANYONE, .page = toy_page }, { "GET", "/a/{y}", ACCESS_ANYONE, .page = toy_page } },
          "another one for the same path" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct route *const tables[] = { cases[i].routes, NULL };
        struct http_settings settings = toy_settings();
        struct http_house house = toy_house(toy);
        settings.routes = tables;
        const struct err *err = http_start(toy->fixture.ctx, &settings, &house, &toy->http);
        assert_non_null(err);
        assert_says(err->detail ? err->detail : err->said, cases[i].says);
    }
    struct http_settings settings = toy_settings();
    struct http_house house = toy_house(toy);
    static const char *const bad[] = { "10.0.0.0/33", NULL };
    settings.trusted_proxies = bad;
    assert_fails(http_start(toy->fixture.ctx, &settings, &house, &toy->http), ERR_INPUT, "http.bad_proxy");
    settings = toy_settings();
    settings.listen = "nowhere";
    assert_fails(http_start(toy->fixture.ctx, &settings, &house, &toy->http), ERR_INPUT, "http.bad_listen");
    toy->http = NULL;
}

static int begin(void **state)
{
    static struct toy toy;
    toy_begin(&toy);
    *state = &toy;
    return 0;
}

static int end(void **state)
{
    toy_end(*state);
    return 0;
}

#define test_of(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test_of(a_page_is_html_or_json),
        test_of(head_sends_no_body),
        test_of(wrong_addresses_are_refused),
        test_of(static_files_never_change),
        test_of(large_pages_are_packed),
        test_of(requests_on_one_connection_are_answered_in_order),
        test_of(a_change_sleeps_until_the_writer_is_done),
        test_of(a_check_runs_again_but_not_for_ever),
        test_of(a_form_from_elsewhere_is_refused),
        test_of(a_stranger_is_led_to_the_sign_in_and_back),
        test_of(a_text_survives_the_sign_in),
        test_of(bodies_that_are_too_large_are_cut),
        test_of(a_long_body_is_read_only_from_whoever_may_send_it),
        test_of(who_has_a_version_already_gets_no_body),
        test_of(all_bodies_together_are_bounded),
        test_of(one_network_fills_no_more_than_its_share_of_bodies),
        test_of(a_download_takes_as_long_as_its_line_needs),
        test_of(forms_come_in_three_shapes),
        test_of(who_asks_behind_a_proxy),
        test_of(a_client_who_leaves_takes_nothing_along),
        test_of(the_slow_lane_is_bounded),
        test_of(a_slow_check_that_runs_again_runs_in_the_lane_again),
        test_of(one_network_fills_no_more_than_its_share_of_the_slow_lane),
        test_of(whoever_comes_waits_for_no_crowd_of_another_network),
        test_of(quick_checks_of_one_kind_go_to_the_writer_together),
        test_of(a_stop_lets_requests_in_the_air_finish),
        test_of(a_hurried_stop_leaves_the_writer_its_arena),
        test_of(one_address_has_so_many_connections),
        test_of(slow_clients_are_cut),
        test_of(a_header_has_a_limit),
        test_of(a_closed_house_answers_503),
        test_of(bad_tables_stop_the_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
