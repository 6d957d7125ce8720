/* http/reply.c -- an answer becomes bytes and headers. */
#include "http/http_inside.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/texts.h"

#include <stdlib.h>
#include <zlib.h>

int reply_status_of(enum err_kind kind)
{
    static const int statuses[ERR_KIND_COUNT] = {
        [ERR_INPUT] = 400,    [ERR_DENIED] = 403, [ERR_MISSING] = 404,
        [ERR_CONFLICT] = 409, [ERR_BUSY] = 503,   [ERR_BROKEN] = 500,
    };
    return statuses[kind];
}

void reply_add_security(struct MHD_Response *response)
{
    static const char *const headers[][2] = {
        { "Content-Security-Policy",
          "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
          "base-uri 'none'; form-action 'self'; frame-ancestors 'none'" },
        { "X-Content-Type-Options", "nosniff" },
        { "Referrer-Policy", "same-origin" },
    };
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
}

/* --- gzip --- */

/* A thread keeps its deflate state: setting one up costs more than a page. */
static pthread_key_t packer_key;
static pthread_once_t packer_once = PTHREAD_ONCE_INIT;

static void packer_end(void *packer)
{
    deflateEnd(packer);
    free(packer);
}

static void packer_make_key(void)
{
    if (pthread_key_create(&packer_key, packer_end))
        BUG("no key for thread storage");
}

static z_stream *packer_of_thread(int level)
{
    pthread_once(&packer_once, packer_make_key);
    z_stream *packer = pthread_getspecific(packer_key);
    if (packer && deflateReset(packer) == Z_OK)
        return packer;
    packer = calloc(1, sizeof *packer);
    if (!packer)
        BUG("out of memory");
    if (deflateInit2(packer, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
        free(packer);
        return NULL;
    }
    pthread_setspecific(packer_key, packer);
    return packer;
}

/* Packs OUT in place; false leaves it as it was. */
static bool pack(struct buffer *out, int level)
{
    z_stream *packer = packer_of_thread(level);
    if (!packer)
        return false;
    struct buffer packed = { 0 };
    buffer_reserve(&packed, deflateBound(packer, out->size));
    packer->next_in = (unsigned char *)out->at;
    packer->avail_in = (unsigned)out->size;
    packer->next_out = (unsigned char *)packed.at;
    packer->avail_out = (unsigned)packed.room;
    bool is_done = deflate(packer, Z_FINISH) == Z_STREAM_END;
    packed.size = packed.room - packer->avail_out;
    if (!is_done || packed.size >= out->size) {
        buffer_clear(&packed);
        return false;
    }
    buffer_clear(out);
    *out = packed;
    return true;
}

/* --- headers --- */

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
    if (MHD_add_response_header(response, name, value) != MHD_YES)
        log_warning("the header %s could not be sent", name);
}

static const char *as_location(struct ctx *ctx, const char *location)
{
    struct buffer out = { 0 };
    url_encode(&out, text_of(location), "/?&=#%:;,+@!$'()*[]");
    char *copy = arena_copy(ctx->arena, out.at ? out.at : "", out.size);
    buffer_clear(&out);
    return copy;
}

static const char *as_attachment(struct ctx *ctx, const char *file_name)
{
    struct buffer out = { 0 };
    buffer_string(&out, "attachment; filename=\"");
    for (const char *at = file_name; *at; at++)
        buffer_byte(&out, *at > ' ' && *at < 0x7F && *at != '"' && *at != '\\' ? *at : '_');
    buffer_string(&out, "\"; filename*=UTF-8''");
    url_encode(&out, text_of(file_name), "");
    char *copy = arena_copy(ctx->arena, out.at, out.size);
    buffer_clear(&out);
    return copy;
}

static bool is_draining(struct http *http)
{
    pthread_mutex_lock(&http->lock);
    bool is = http->is_draining;
    pthread_mutex_unlock(&http->lock);
    return is;
}

static void add_headers(struct exchange *exchange, const struct answer *answer, struct MHD_Response *response, int status)
{
    struct ctx *ctx = exchange->ctx;
    reply_add_security(response);
    add_header(response, "Cache-Control", answer->cache ? answer->cache : "no-store");
    add_header(response, "Vary", "Accept, Accept-Encoding, Accept-Language, Cookie");
    if (answer->location)
        add_header(response, "Location", as_location(ctx, answer->location));
    if (answer->file_name)
        add_header(response, "Content-Disposition", as_attachment(ctx, answer->file_name));
    for (const struct answer_cookie *cookie = answer->cookies; cookie; cookie = cookie->next)
        add_header(response, "Set-Cookie", cookie->header);
    int retry = answer->retry_after ? answer->retry_after : status == 503 ? 5 : 0;
    if (retry)
        add_header(response, "Retry-After", arena_printf(ctx->arena, "%d", retry));
    if (status == 405 && exchange->refusal_allow)
        add_header(response, "Allow", exchange->refusal_allow);
    if (exchange->must_close || (exchange->http && is_draining(exchange->http)))
        add_header(response, "Connection", "close");
}

/* --- bodies --- */

static void set_response(struct exchange *exchange, const struct answer *answer, struct MHD_Response *response, int status)
{
    if (!response)
        BUG("out of memory");
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    add_headers(exchange, answer, response, status);
    exchange->response = response;
    exchange->status = status;
}

static struct MHD_Response *response_of_nothing(void)
{
    return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *response_of_buffer(struct buffer *out)
{
    size_t size;
    char *bytes = buffer_take(out, &size);
    if (!size) {
        free(bytes);
        return response_of_nothing();
    }
    return MHD_create_response_from_buffer(size, bytes, MHD_RESPMEM_MUST_FREE);
}

/* --- bodies made while they are sent --- */

enum { STREAM_PIECE = 64 << 10, STREAM_PIECE_SECONDS = 60 };

struct stream_sent {
    struct answer_stream stream;
    struct client *client; /* there as long as it is being read to */
};

/* How long all of it takes is the line's affair; the client must only go on taking one piece after the other. */
static ssize_t read_stream(void *self, uint64_t at, char *out, size_t room)
{
    const struct stream_sent *sent = self;
    (void)at;
    client_must(sent->client, STREAM_PIECE_SECONDS);
    int64_t size = sent->stream.read(sent->stream.self, out, room);
    return size > 0 ? (ssize_t)size : size == 0 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void end_stream(void *self)
{
    const struct stream_sent *sent = self;
    sent->stream.end(sent->stream.self);
    free(self);
}

static struct MHD_Response *response_of_stream(const struct answer_stream *stream, struct client *client)
{
    struct stream_sent *sent = malloc(sizeof *sent);
    if (!sent)
        BUG("out of memory");
    *sent = (struct stream_sent){ *stream, client };
    return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_PIECE, read_stream, sent, end_stream);
}

/* --- what the client has already --- */

/* If-None-Match: a list of "…", each perhaps with W/ before it, or an asterisk. */
static bool has_version(const struct request *request, const char *version)
{
    struct text list = request_header(request, "If-None-Match");
    while (list.size) {
        struct text one = text_trim(text_cut(list, ',', &list));
        if (text_starts(one, "W/"))
            one = (struct text){ one.at + 2, one.size - 2 };
        if (text_is(one, "*") || (one.size == strlen(version) + 2 && one.at[0] == '"' && text_ends(one, "\"") &&
                                  memcmp(one.at + 1, version, strlen(version)) == 0))
            return true;
    }
    return false;
}

static void add_visit_cookie(struct ctx *ctx, struct request *request, struct answer *answer)
{
    enum { HALF_A_YEAR = 180 * 24 * 3600 };
    if (request->visit)
        answer_cookie(ctx, answer, HTTP_VISIT_COOKIE, request->visit, HALF_A_YEAR);
    request->visit = NULL;
}

static const struct err *compose_model(struct exchange *exchange, struct answer *answer, const char *view, int status)
{
    struct ctx *ctx = exchange->ctx;
    struct http *http = exchange->http;
    struct request *request = exchange->request;
    bool is_json = request->wants_json || !view;
    struct buffer out = { 0 };
    if (http->house.frame)
        http->house.frame(http->house.self, ctx, request, answer);
    if (is_json) {
        node_write(answer->model, &out);
    } else {
        const struct err *err = mustache_render(ctx, http->views[ctx->language], view, answer->model, &out);
        if (err) {
            buffer_clear(&out);
            return err;
        }
    }
    add_visit_cookie(ctx, request, answer);
    int level = http->settings.gzip_level;
    bool is_packed = out.size > 1024 && level >= 0 &&
                     request_accepts_encoding(request_header(request, "Accept-Encoding"), "gzip") &&
                     pack(&out, level ? level : 2);
    struct MHD_Response *response = response_of_buffer(&out);
    set_response(exchange, answer, response, status);
    add_header(response, "Content-Type", is_json ? "application/json" : "text/html; charset=utf-8");
    if (is_packed)
        add_header(response, "Content-Encoding", "gzip");
    if (!is_json)
        add_header(response, "Content-Language", language_code(ctx->language));
    return NULL;
}

const struct err *reply_compose(struct exchange *exchange, struct answer *answer, const char *view)
{
    int status = answer->status ? answer->status : answer->location ? 303 : 200;
    if (answer->model && !(answer->location && !exchange->request->wants_json))
        return compose_model(exchange, answer, answer->view ? answer->view : view, status);
    add_visit_cookie(exchange->ctx, exchange->request, answer);
    bool is_known = answer->version && status == 200 && has_version(exchange->request, answer->version);
    struct MHD_Response *response =
        is_known              ? response_of_nothing()
        : answer->stream.read ? response_of_stream(&answer->stream, exchange->client)
                              : MHD_create_response_from_buffer(answer->body.size,
                                                                (void *)(uintptr_t)(answer->body.size ? answer->body.at : ""),
                                                                MHD_RESPMEM_PERSISTENT);
    if (is_known && answer->stream.read)
        answer->stream.end(answer->stream.self);
    set_response(exchange, answer, response, is_known ? 304 : status);
    if (answer->version)
        add_header(response, "ETag", arena_printf(exchange->ctx->arena, "\"%s\"", answer->version));
    if (answer->content_type && !is_known)
        add_header(response, "Content-Type", answer->content_type);
    return NULL;
}

void reply_plain(struct exchange *exchange, int status)
{
    const char *said = texts_say(exchange->ctx->language, "http.plain");
    struct answer answer = { .body = text_of(said) };
    struct MHD_Response *response =
        MHD_create_response_from_buffer(answer.body.size, (void *)(uintptr_t)said, MHD_RESPMEM_PERSISTENT);
    set_response(exchange, &answer, response, status);
    add_header(response, "Content-Type", "text/plain; charset=utf-8");
}
