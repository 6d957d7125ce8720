/* When this fails, look in src/http/url.c, request.c, proxy.c or routes.c. */
#include "fixture.h"

#include "http/http_inside.h"

#include <arpa/inet.h>

static void names_and_values_are_decoded_strictly(void **state)
{
    struct fixture *f = *state;
    struct pairs pairs = { 0 };
    assert_ok(f, url_read_pairs(f->ctx, TEXT("a=1+2&b=%E6%9D%91&a=again&&=x&flag"), &pairs));
    assert_true(text_is(pairs_find(&pairs, TEXT("a")), "1 2"));
    assert_true(text_is(pairs_find(&pairs, TEXT("b")), "村"));
    assert_true(pairs_find(&pairs, TEXT("flag")).at && !pairs_find(&pairs, TEXT("flag")).size);
    assert_null(pairs_find(&pairs, TEXT("none")).at);
    static const char *const bad[] = { "a=%", "a=%4", "a=%4g", "a=%00", "a=%ff", "a=%ed%a0%80", "a=%c0%80" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        pairs = (struct pairs){ 0 };
        const struct err *err = url_read_pairs(f->ctx, text_of(bad[i]), &pairs);
        assert_fails(err, ERR_INPUT, "http.bad_text");
        assert_string_equal(err->field, "a");
    }
    pairs = (struct pairs){ 0 };
    assert_ok(f, url_read_pairs(f->ctx, TEXT("a=%E2%80%AAx%07"), &pairs)); /* for whoever asked to refuse, with the text in hand */
    assert_true(text_is(pairs_find(&pairs, TEXT("a")), "\xe2\x80\xaa" "x\a"));
    struct buffer many = { 0 };
    for (int i = 0; i <= URL_MOST_PAIRS; i++)
        buffer_string(&many, "a=1&");
    pairs = (struct pairs){ 0 };
    assert_fails(url_read_pairs(f->ctx, buffer_view(&many), &pairs), ERR_INPUT, "http.too_many_fields");
    buffer_clear(&many);
}

static void a_path_is_segments(void **state)
{
    struct fixture *f = *state;
    struct url_path path;
    assert_ok(f, url_read_path(f->ctx, TEXT("/"), &path));
    assert_int_equal(path.count, 0);
    assert_ok(f, url_read_path(f->ctx, TEXT("/a/%E6%9D%91/"), &path));
    assert_int_equal(path.count, 3);
    assert_true(text_is(path.whole, "/a/村/"));
    assert_true(text_is(path.segments[1], "村") && !path.segments[2].size);
    assert_ok(f, url_read_path(f->ctx, TEXT("/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17"), &path));
    assert_int_equal(path.count, -1);
    static const char *const bad[] = { "", "a", "*", "http://a/", "/..", "/a/../b", "/%2e%2e/", "/a%2fb", "/a%00", "/a%0d%0a", "/%" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(url_read_path(f->ctx, text_of(bad[i]), &path), ERR_INPUT, "http.bad_address");
}

static void own_addresses_lead_nowhere_else(void **state)
{
    (void)state;
    static const char *const own[] = { "/", "/requests/new?q=%20", "/a//b" };
    static const char *const foreign[] = { "", "a", "//evil.test", "/\\evil.test", "http://evil.test/", "/a\nb", "/a b", "/\x7f" };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_true(http_is_own_address(text_of(own[i])));
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        assert_false(http_is_own_address(text_of(foreign[i])));
}

static void what_a_client_accepts(void **state)
{
    (void)state;
    static const char *const json[] = { "application/json", "application/json, */*", "text/html;q=0.9, application/json",
                                        "application/json;q=0.5, text/html;q=0.4", "Application/JSON,text/html" };
    static const char *const html[] = { "", "*/*", "text/html", "text/html, application/json", "application/json;q=0",
                                        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                                        "application/json;q=0.1, text/html;q=0.2" };
    for (size_t i = 0; i < sizeof json / sizeof *json; i++)
        assert_true(request_prefers_json(text_of(json[i])));
    for (size_t i = 0; i < sizeof html / sizeof *html; i++)
        assert_false(request_prefers_json(text_of(html[i])));
    assert_true(request_accepts_encoding(TEXT("deflate, gzip;q=0.5"), "gzip"));
    assert_false(request_accepts_encoding(TEXT("gzip;q=0, br"), "gzip"));
    assert_false(request_accepts_encoding(TEXT("gzip;q=0.000"), "gzip"));
    assert_false(request_accepts_encoding(TEXT(""), "gzip"));
    assert_false(request_accepts_encoding(TEXT("xgzip"), "gzip"));
}

static void cookies_are_read_and_written(void **state)
{
    struct fixture *f = *state;
    struct request *request = request_new(f->ctx);
    pairs_add(&request->headers, f->ctx->arena, TEXT("cookie"), TEXT("a=1; session=\"s\";b=\xff; =x;session=second"));
    request_read_cookies(request);
    assert_true(text_is(request_cookie(request, "a"), "1"));
    assert_true(text_is(request_cookie(request, "session"), "s"));
    assert_null(request_cookie(request, "b").at);
    const char *before = request_csrf(f->ctx, request);
    struct answer answer = { 0 };
    request->is_secure = true;
    answer_cookie(f->ctx, &answer, "note", NULL, 60);
    answer_cookie(f->ctx, &answer, HTTP_SESSION_COOKIE, "fresh", 60);
    assert_string_equal(answer.cookies->header, "note=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure");
    assert_string_equal(answer.cookies->next->header, "session=fresh; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure");
    assert_true(text_is(request_cookie(request, "session"), "fresh"));
    assert_string_not_equal(before, request_csrf(f->ctx, request));
}

static void kept_texts_are_bounded_and_hold_no_secret(void **state)
{
    struct fixture *f = *state;
    struct request *request = request_new(f->ctx);
    char *wide = arena_alloc(f->ctx->arena, HTTP_MOST_KEPT / 4);
    memset(wide, 'x', HTTP_MOST_KEPT / 4);
    struct pairs *fields = &request->form.fields;
    pairs_add(fields, f->ctx->arena, TEXT("csrf"), TEXT("t"));
    pairs_add(fields, f->ctx->arena, TEXT("new_password"), TEXT("p"));
    pairs_add(fields, f->ctx->arena, TEXT("wide"), (struct text){ wide, HTTP_MOST_KEPT / 4 });
    pairs_add(fields, f->ctx->arena, TEXT("story"), TEXT("s"));
    assert_int_equal(request_kept(f->ctx, request)->count, 0);
    request->may_keep = true;
    request->form.had_files = true;
    struct buffer out = { 0 };
    node_write(request_kept(f->ctx, request), &out);
    assert_true(text_is(buffer_view(&out), "[{\"name\":\"kept.story\",\"value\":\"s\"},{\"name\":\"kept.had_files\",\"value\":\"yes\"}]"));
    buffer_clear(&out);
}

static void proxies_are_believed_by_network(void **state)
{
    struct fixture *f = *state;
    static const char *const list[] = { "10.0.0.0/8", "192.168.1.7", "fd00::/9", "::1", NULL };
    struct networks trusted;
    assert_ok(f, networks_read(f->ctx, f->ctx->arena, list, &trusted));
    static const struct {
        const char *address;
        bool is_trusted;
    } cases[] = { { "10.255.0.1", true },   { "11.0.0.1", false }, { "192.168.1.7", true }, { "192.168.1.8", false }, { "fd7f::1", true },
                  { "fd80::1", false },     { "::1", true },       { "::2", false },        { "::ffff:10.0.0.1", true } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct address address;
        assert_true(address_read(text_of(cases[i].address), &address));
        assert_int_equal(networks_hold(&trusted, &address), cases[i].is_trusted);
    }
    static const struct {
        const char *peer, *forwarded, *client;
    } chains[] = { { "10.0.0.1", "1.1.1.1, 2.2.2.2", "2.2.2.2" },
                   { "10.0.0.1", "1.1.1.1, 2.2.2.2, 10.9.9.9", "2.2.2.2" },
                   { "9.9.9.9", "1.1.1.1", "9.9.9.9" },
                   { "10.0.0.1", "", "10.0.0.1" },
                   { "10.0.0.1", "1.1.1.1, rubbish", "10.0.0.1" },
                   { "10.0.0.1", "2001:db8::5", "2001:db8::5" },
                   { "10.0.0.1", "[2001:db8::5]:444", "2001:db8::5" },
                   { "10.0.0.1", "5.6.7.8:99", "5.6.7.8" },
                   { "10.0.0.1", "10.0.0.2", "10.0.0.2" } };
    for (size_t i = 0; i < sizeof chains / sizeof *chains; i++) {
        struct address peer;
        assert_true(address_read(text_of(chains[i].peer), &peer));
        struct address client = proxy_client(&trusted, peer, text_of(chains[i].forwarded));
        assert_string_equal(address_string(f->ctx->arena, &client), chains[i].client);
    }
    static const char *const bad[] = { "10.0.0.0/33", "fd00::/129", "10.0.0", "10.0.0.0/", "10.0.0.0/x", "", "host" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *const one[] = { bad[i], NULL };
        assert_fails(networks_read(f->ctx, f->ctx->arena, one, &trusted), ERR_INPUT, "http.bad_proxy");
    }
}

static const struct err *no_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    (void)ctx;
    (void)request;
    (void)answer;
    return NULL;
}

static const struct err *no_check(struct ctx *ctx, struct request *request, struct change *change)
{
    (void)ctx;
    (void)request;
    (void)change;
    return NULL;
}

static void the_most_literal_route_answers(void **state)
{
    struct fixture *f = *state;
    static const struct route table[] = {
        { "GET", "/{any...}", ACCESS_ANYONE, .page = no_page },
        { "GET", "/requests/{number}", ACCESS_ANYONE, .page = no_page },
        { "POST", "/requests/{number}", ACCESS_ANYONE, .check = no_check },
        { "GET", "/requests/new", ACCESS_ANYONE, .page = no_page },
        { "GET", "/requests/{number}/receipt", ACCESS_ANYONE, .page = no_page },
        { 0 },
    };
    static const struct route *const tables[] = { table, NULL };
    static const struct {
        const char *method, *path;
        int route; /* -1: none */
        const char *allowed;
    } cases[] = { { "GET", "/requests/new", 3, NULL },          { "HEAD", "/requests/new", 3, NULL },
                  { "GET", "/requests/7", 1, NULL },            { "POST", "/requests/7", 2, NULL },
                  { "POST", "/requests/new", -1, "GET, HEAD" }, { "PUT", "/requests/7", -1, "GET, HEAD, POST" },
                  { "GET", "/requests/7/receipt", 4, NULL },    { "GET", "/a/b", 0, NULL },
                  { "GET", "/", -1, NULL } };
    struct routes *routes;
    assert_ok(f, routes_compile(f->ctx, f->ctx->arena, tables, NULL, NULL, &routes));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct url_path path;
        struct pairs params = { 0 };
        const char *allowed;
        assert_ok(f, url_read_path(f->ctx, text_of(cases[i].path), &path));
        const struct route *found = routes_find(f->ctx, routes, &path, text_of(cases[i].method), &params, &allowed);
        assert_ptr_equal(found, cases[i].route < 0 ? NULL : &table[cases[i].route]);
        if (cases[i].allowed)
            assert_string_equal(allowed, cases[i].allowed);
        else
            assert_null(allowed);
    }
}

/* What one subscriber has is 2^64 addresses: they count as one. */
static void connections_are_counted_by_network(void **state)
{
    struct fixture *f = *state;
    struct http http = { .settings = { .connections_per_address = 2, .idle_seconds = 60 } };
    struct client *clients[2];
    struct sockaddr_in6 from = { .sin6_family = AF_INET6 };
    assert_ok(f, clients_start(f->ctx, &http.clients));
    inet_pton(AF_INET6, "2001:db8::1", &from.sin6_addr);
    clients[0] = clients_enter(&http, (struct sockaddr *)&from, -1);
    inet_pton(AF_INET6, "2001:db8::2:0:0:2", &from.sin6_addr);
    assert_true(clients_may_enter(&http, (struct sockaddr *)&from));
    clients[1] = clients_enter(&http, (struct sockaddr *)&from, -1);
    inet_pton(AF_INET6, "2001:db8::3", &from.sin6_addr);
    assert_false(clients_may_enter(&http, (struct sockaddr *)&from));
    inet_pton(AF_INET6, "2001:db8:0:1::1", &from.sin6_addr);
    assert_true(clients_may_enter(&http, (struct sockaddr *)&from));
    clients_leave(&http, clients[0]);
    clients_leave(&http, clients[1]);
    clients_stop(&http.clients);
}

static int begin(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_and_values_are_decoded_strictly, begin, end),
        cmocka_unit_test_setup_teardown(a_path_is_segments, begin, end),
        cmocka_unit_test_setup_teardown(own_addresses_lead_nowhere_else, begin, end),
        cmocka_unit_test_setup_teardown(what_a_client_accepts, begin, end),
        cmocka_unit_test_setup_teardown(cookies_are_read_and_written, begin, end),
        cmocka_unit_test_setup_teardown(kept_texts_are_bounded_and_hold_no_secret, begin, end),
        cmocka_unit_test_setup_teardown(proxies_are_believed_by_network, begin, end),
        cmocka_unit_test_setup_teardown(connections_are_counted_by_network, begin, end),
        cmocka_unit_test_setup_teardown(the_most_literal_route_answers, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
