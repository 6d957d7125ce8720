/* tests/lib/toy_house.h -- a house with one person, a writer that can be held, and pages that say what they were asked. */
#ifndef TESTS_TOY_HOUSE_H
#define TESTS_TOY_HOUSE_H
#include "fixture.h"
#include "raw_client.h"

#include "base/texts.h"
#include "http/http.h"

#include <pthread.h>
#include <stdatomic.h>

struct toy {
    struct fixture fixture;
    struct http *http;
    atomic_int arrived, left, checked, settled, submitted, streamed;
    atomic_bool arrive_fails, again, holds_writer, gate_is_shut;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct {
        void (*done)(void *);
        void *waiting;
    } held[16];
    int held_count, in_gate;
    pthread_t slow_threads[8]; /* on which the slow check ran, by in_gate */
    char order[32];            /* which slow checks ran, by the first letter of their text "who" */
    int gates_before[16];      /* how many slow checks had begun when each plan was submitted */
};

static struct toy *toy_of_tests;
static const int toy_person = 1;

static inline const struct err *toy_arrive(void *self, struct ctx *ctx, struct request *request)
{
    struct toy *toy = self;
    toy->arrived++;
    ctx->person = NULL;
    if (toy->arrive_fails)
        return err_new(ctx, ERR_BUSY, "toy.closed");
    if (text_is(request_cookie(request, HTTP_SESSION_COOKIE), "alive"))
        ctx->person = (const struct person *)(const void *)&toy_person;
    return NULL;
}

static inline const struct err *toy_admit(void *self, struct ctx *ctx, struct request *request, const struct route *route)
{
    (void)self;
    (void)request;
    if (route->access != ACCESS_ANYONE && !ctx->person)
        return err_new(ctx, ERR_DENIED, "toy.who");
    if (route->act && !strcmp(route->act, "never"))
        return err_new(ctx, ERR_DENIED, "toy.never");
    return NULL;
}

static inline void toy_leave(void *self, struct ctx *ctx, struct request *request)
{
    (void)ctx;
    (void)request;
    ((struct toy *)self)->left++;
}

static inline void toy_submit(void *self, struct ctx *ctx, struct request *request, struct change *change,
                              void (*done)(void *), void *waiting)
{
    struct toy *toy = self;
    (void)ctx;
    (void)request;
    (void)change;
    int nth = toy->submitted++;
    pthread_mutex_lock(&toy->lock);
    if (nth < 16)
        toy->gates_before[nth] = toy->in_gate;
    pthread_mutex_unlock(&toy->lock);
    if (!toy->holds_writer) {
        done(waiting);
        return;
    }
    pthread_mutex_lock(&toy->lock);
    toy->held[toy->held_count].done = done;
    toy->held[toy->held_count++].waiting = waiting;
    pthread_cond_broadcast(&toy->changed);
    pthread_mutex_unlock(&toy->lock);
}

static inline const struct err *toy_settle(void *self, struct ctx *ctx, struct request *request, struct change *change,
                                           bool *ret_again)
{
    struct toy *toy = self;
    (void)ctx;
    (void)request;
    (void)change;
    toy->settled++;
    *ret_again = toy->again;
    return NULL;
}

static inline void toy_frame(void *self, struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct node *model = answer->model;
    (void)self;
    node_put_string(model, KEY("csrf"), request_csrf(ctx, request));
    node_put_bool(model, KEY("known"), ctx->person != NULL);
}

static inline void toy_complain(void *self, struct ctx *ctx, struct request *request, const struct err *err,
                                struct answer *answer)
{
    (void)self;
    const struct err *root = err_root(err);
    answer->model = node_object(ctx->arena);
    answer->view = "error";
    node_put_string(answer->model, KEY("said"), root->said);
    node_put_string(answer->model, KEY("field"), root->field);
    node_put_string(answer->model, KEY("back"), request_back(ctx, request));
    node_put(answer->model, KEY("kept"), *request_kept(ctx, request));
}

/* --- pages --- */

static inline const struct err *toy_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    answer->model = node_object(ctx->arena);
    node_put_text(answer->model, KEY("path"), request_path(request));
    node_put_text(answer->model, KEY("number"), request_param(request, "number"));
    node_put_text(answer->model, KEY("rest"), request_param(request, "rest"));
    node_put_text(answer->model, KEY("q"), request_query(request, "q"));
    node_put_text(answer->model, KEY("text"), request_field(request, "text"));
    node_put_bool(answer->model, KEY("had_files"), request_had_files(request));
    return NULL;
}

static inline const struct err *toy_big(struct ctx *ctx, struct request *request, struct answer *answer)
{
    TRY(toy_page(ctx, request, answer));
    char *wide = arena_alloc(ctx->arena, 20001);
    memset(wide, 'x', 20000);
    node_put_string(answer->model, KEY("text"), wide);
    return NULL;
}

static inline const struct err *toy_remote(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct text remote = request_remote(request);
    answer->content_type = "text/plain";
    answer->body = text_of(arena_printf(ctx->arena, "from %.*s%s", (int)remote.size, remote.at,
                                        request_is_secure(request) ? " secure" : ""));
    answer_cookie(ctx, answer, "note", "1", 60);
    answer->file_name = "表 1.csv";
    return NULL;
}

static inline const struct err *toy_file(struct ctx *ctx, struct request *request, struct change *change)
{
    toy_of_tests->checked++;
    if (!request_field(request, "text").size)
        return err_field(ctx, "text", "toy.empty");
    change->plan = (struct plan *)(void *)arena_alloc(ctx->arena, 16);
    change->answer.location = "/requests/1";
    return NULL;
}

static inline const struct err *toy_echo(struct ctx *ctx, struct request *request, struct change *change)
{
    struct buffer out = { 0 };
    static const char *const names[] = { "a", "b", "文", "yes", "n" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct text value = request_field(request, names[i]);
        if (value.at)
            buffer_printf(&out, "%s=%.*s;", names[i], (int)value.size, value.at);
    }
    for (const struct upload *upload = request_uploads(request); upload; upload = upload->next)
        buffer_printf(&out, "file %.*s %.*s %zu;", (int)upload->field.size, upload->field.at, (int)upload->file_name.size,
                      upload->file_name.at, upload->bytes.size);
    change->answer.content_type = "text/plain";
    change->answer.body = text_copy(ctx->arena, buffer_view(&out));
    buffer_clear(&out);
    return NULL;
}

/* Who comes with the header X-Never has nothing to send. */
static inline const struct err *toy_may_send(struct ctx *ctx, struct request *request)
{
    return request_header(request, "X-Never").at ? err_new(ctx, ERR_DENIED, "toy.nothing_to_send") : NULL;
}

/* What is answered has a version, and a stream is ended whether it is read or not. */
static inline int64_t toy_stream_read(void *self, char *out, size_t room)
{
    atomic_int *left = self;
    if (!*left || !room)
        return 0;
    *out = (char)('0' + --*left);
    return 1;
}

static inline void toy_stream_end(void *self)
{
    *(atomic_int *)self = -1;
}

static inline const struct err *toy_versioned(struct ctx *ctx, struct request *request, struct answer *answer)
{
    (void)ctx;
    toy_of_tests->streamed = 3;
    answer->content_type = "text/plain";
    answer->version = "v1";
    if (text_is(request_query(request, "q"), "stream"))
        answer->stream = (struct answer_stream){ &toy_of_tests->streamed, toy_stream_read, toy_stream_end };
    else
        answer->body = TEXT("whole");
    return NULL;
}

static inline const struct err *toy_slow(struct ctx *ctx, struct request *request, struct change *change)
{
    struct toy *toy = toy_of_tests;
    (void)ctx;
    pthread_mutex_lock(&toy->lock);
    if (toy->in_gate < 8)
        toy->slow_threads[toy->in_gate] = pthread_self();
    struct text who = request_field(request, "who");
    if (who.size && toy->in_gate < (int)sizeof toy->order - 1)
        toy->order[toy->in_gate] = who.at[0];
    toy->in_gate++;
    pthread_cond_broadcast(&toy->changed);
    while (toy->gate_is_shut)
        pthread_cond_wait(&toy->changed, &toy->lock);
    pthread_mutex_unlock(&toy->lock);
    if (text_is(request_field(request, "text"), "plan"))
        change->plan = (struct plan *)(void *)arena_alloc(ctx->arena, 16);
    change->answer.content_type = "text/plain";
    change->answer.body = TEXT("slowly");
    return NULL;
}

static inline const struct err *toy_sign_in(struct ctx *ctx, struct request *request, struct change *change)
{
    if (text_is(request_field(request, "password"), "right")) {
        answer_cookie(ctx, &change->answer, HTTP_SESSION_COOKIE, "alive", 3600);
        change->answer.show = request_back(ctx, request);
        change->plan = (struct plan *)(void *)arena_alloc(ctx->arena, 16);
        return NULL;
    }
    struct answer *answer = &change->answer;
    answer->model = node_object(ctx->arena);
    answer->view = "error";
    node_put_string(answer->model, KEY("said"), "wrong password");
    node_put_string(answer->model, KEY("back"), request_back(ctx, request));
    node_put(answer->model, KEY("kept"), *request_kept(ctx, request));
    return NULL;
}

static const struct route toy_routes[] = {
    { "GET", "/", ACCESS_ANYONE, .page = toy_page, .view = "page" },
    { "GET", "/big", ACCESS_ANYONE, .page = toy_big, .view = "page" },
    { "GET", "/remote", ACCESS_ANYONE, .page = toy_remote },
    { "GET", "/requests/new", ACCESS_SIGNED_IN, .page = toy_page, .view = "page" },
    { "GET", "/requests/{number}", ACCESS_ANYONE, .page = toy_page, .view = "page" },
    { "GET", "/log/{rest...}", ACCESS_ANYONE, .page = toy_page, .view = "page" },
    { "GET", "/never", ACCESS_ACT, .act = "never", .page = toy_page, .view = "page" },
    { "GET", "/versioned", ACCESS_ANYONE, .page = toy_versioned },
    { "POST", "/sealed", ACCESS_SIGNED_IN, .check = toy_file, .is_secret = true, .most_body = 300 * 1024, .may_send = toy_may_send },
    { "POST", "/requests", ACCESS_SIGNED_IN, .check = toy_file, .takes_uploads = true, .most_body = 200 * 1024 },
    { "POST", "/echo", ACCESS_ANYONE, .check = toy_echo, .takes_uploads = true, .most_body = 200 * 1024 },
    { "POST", "/plain", ACCESS_ANYONE, .check = toy_echo },
    { "POST", "/slow", ACCESS_ANYONE, .check = toy_slow, .is_slow = true },
    { "POST", "/slower", ACCESS_ANYONE, .check = toy_slow, .is_slow = true },
    { "POST", "/sign-in", ACCESS_ANYONE, .check = toy_sign_in, .is_slow = true, .is_secret = true },
    { 0 },
};
static const struct route *const toy_tables[] = { toy_routes, NULL };

#define TOY_BYTES(literal) { literal, sizeof(literal) - 1 }
static const struct embedded toy_views[] = {
    { .name = "page.mustache",
      .bytes = TOY_BYTES("{{#known}}known {{/known}}{{path}}|{{number}}|{{rest}}|{{q}}|{{text}}|"
                         "{{#had_files}}files{{/had_files}}|csrf={{csrf}}|{{asset.style.css}}\n") },
    { .name = "error.mustache",
      .bytes = TOY_BYTES("said={{said}} field={{field}} back={{back}} csrf={{csrf}} "
                         "{{#kept}}[{{name}}={{value}}]{{/kept}}\n") },
    { .name = NULL },
};
static const struct embedded toy_assets[] = {
    { .name = "style.css", .bytes = TOY_BYTES("p{}"), .gzip = TOY_BYTES("GZ"), .brotli = TOY_BYTES("B"),
      .hashed_name = "style.0123.css", .content_type = "text/css" },
    { .name = NULL },
};

static inline struct http_settings toy_settings(void)
{
    return (struct http_settings){ .listen = "127.0.0.1:0", .threads = 2, .lanes = 1, .lane_queue = 1, .lane_share = 2, .idle_seconds = 5,
                                   .routes = toy_tables, .views = toy_views, .assets = toy_assets };
}

static inline struct http_house toy_house(struct toy *toy)
{
    return (struct http_house){ .self = toy, .model = &toy->fixture.model, .arrive = toy_arrive, .admit = toy_admit,
                                .leave = toy_leave, .submit = toy_submit, .settle = toy_settle, .frame = toy_frame,
                                .complain = toy_complain };
}

static inline void toy_begin(struct toy *toy)
{
    memset(toy, 0, sizeof *toy);
    fixture_begin(&toy->fixture);
    toy->fixture.model.chance = chance_system();
    toy->fixture.model.clock = clock_system();
    pthread_mutex_init(&toy->lock, NULL);
    pthread_cond_init(&toy->changed, NULL);
    toy_of_tests = toy;
}

static inline void toy_open(struct toy *toy, struct http_settings settings)
{
    struct http_house house = toy_house(toy);
    assert_ok(&toy->fixture, http_start(toy->fixture.ctx, &settings, &house, &toy->http));
}

/* Waits until N plans are held, or N checks stand at the gate. */
static inline void toy_wait(struct toy *toy, const int *number, int n)
{
    pthread_mutex_lock(&toy->lock);
    while (*number < n)
        pthread_cond_wait(&toy->changed, &toy->lock);
    pthread_mutex_unlock(&toy->lock);
}

static inline void toy_release_writer(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    int count = toy->held_count;
    toy->held_count = 0;
    pthread_mutex_unlock(&toy->lock);
    for (int i = 0; i < count; i++)
        toy->held[i].done(toy->held[i].waiting);
}

static inline void toy_open_gate(struct toy *toy)
{
    pthread_mutex_lock(&toy->lock);
    toy->gate_is_shut = false;
    pthread_cond_broadcast(&toy->changed);
    pthread_mutex_unlock(&toy->lock);
}

static inline void toy_close(struct toy *toy)
{
    toy_open_gate(toy);
    http_stop(toy->http, 5);
    toy->http = NULL;
    assert_int_equal(toy->arrived, toy->left);
}

static inline void toy_end(struct toy *toy)
{
    toy_release_writer(toy);
    fixture_end(&toy->fixture);
    pthread_mutex_destroy(&toy->lock);
    pthread_cond_destroy(&toy->changed);
}

/* Sends one request and reads to the end of the connection. In the fixture's arena. */
static inline const char *toy_ask(struct toy *toy, const char *request)
{
    struct buffer in = { 0 };
    int handle = raw_connect(http_port(toy->http));
    assert_true(handle >= 0);
    raw_string(handle, request);
    raw_rest(handle, &in);
    close(handle);
    const char *copy = arena_copy(toy->fixture.ctx->arena, in.at, in.size);
    buffer_clear(&in);
    return copy;
}

#define TOY_HOST "Host: village.test\r\nConnection: close\r\n"

static inline const char *toy_get(struct toy *toy, const char *path, const char *headers)
{
    return toy_ask(toy, arena_printf(toy->fixture.ctx->arena, "GET %s HTTP/1.1\r\n" TOY_HOST "%s\r\n", path, headers));
}

/* A form with the token that fits the session cookie of HEADERS (or of a stranger with visit=v). */
static inline const char *toy_csrf(struct toy *toy, const char *cookie)
{
    const char *page = toy_get(toy, "/", arena_printf(toy->fixture.ctx->arena, "Cookie: %s\r\n", cookie));
    const char *at = strstr(page, "csrf=");
    assert_non_null(at);
    at += strlen("csrf=");
    return arena_copy(toy->fixture.ctx->arena, at, strcspn(at, "|"));
}

static inline const char *toy_post(struct toy *toy, const char *path, const char *cookie, const char *headers,
                                   const char *form)
{
    struct arena *arena = toy->fixture.ctx->arena;
    const char *body = arena_printf(arena, "csrf=%s&%s", toy_csrf(toy, cookie), form);
    return toy_ask(toy, arena_printf(arena, "POST %s HTTP/1.1\r\n" TOY_HOST "Cookie: %s\r\n%s"
                                            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %zu\r\n\r\n%s",
                                     path, cookie, headers, strlen(body), body));
}

#define assert_says(answer, words)                                                                                     \
    do {                                                                                                               \
        const char *answer_ = (answer);                                                                                \
        if (!strstr(answer_, words))                                                                                   \
            fail_msg("no \"%s\" in:\n%s", words, answer_);                                                             \
    } while (0)
#define assert_silent(answer, words)                                                                                   \
    do {                                                                                                               \
        const char *answer_ = (answer);                                                                                \
        if (strstr(answer_, words))                                                                                    \
            fail_msg("\"%s\" in:\n%s", words, answer_);                                                                \
    } while (0)
#endif
