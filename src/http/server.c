/* http/server.c -- libmicrohttpd's callbacks: reading a request, bounded, and sending what life.c decided.
 *
 * A long body is read only from whoever may send it (may_be_long()).
 * libmicrohttpd calls, for one request: uri_seen (the request line), handle (header complete), handle (a piece of the body) …,
 * handle (body complete), after a sleep handle again, and completed. What is wrong with a request is kept in
 * exchange->refusal and answered when its body has been read, or at once when the body is too large to be waited for.
 */
#include "http/http_inside.h"

#include "base/arena.h"

#include <netinet/in.h>
#include <strings.h>

/* A body that is refused is still taken off the wire up to this size, thrown away, because a client that is writing does not read
 * and would see a broken connection instead of our words. */
enum { MOST_DROPPED = 1024 * 1024, DEFAULT_BODY = 64 * 1024, SLOWEST_BYTES_PER_SECOND = 4096 };

void *server_uri_seen(void *cls, const char *uri, struct MHD_Connection *connection)
{
    struct http *http = cls;
    struct exchange *exchange = exchange_new(http);
    exchange->connection = connection;
    exchange->request->target = text_of(arena_string(exchange->ctx->arena, uri));
    return exchange;
}

/* --- the header --- */

static enum MHD_Result copy_header(void *cls, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct request *request = cls;
    struct arena *arena = request->ctx->arena;
    (void)kind;
    pairs_add(&request->headers, arena, text_of(arena_string(arena, name)), text_of(arena_string(arena, value ? value : "")));
    return MHD_YES;
}

static int count_header(const struct request *request, const char *name)
{
    int count = 0;
    for (const struct pair *pair = request->headers.first; pair; pair = pair->next)
        count += pairs_find_header(&(struct pairs){ .first = &(struct pair){ NULL, pair->name, pair->value } }, name).at != NULL;
    return count;
}

/* A proxy may add a line of its own below the client's: all lines in order, as one list. */
static struct text joined_header(const struct request *request, const char *name)
{
    struct text first = request_header(request, name);
    if (count_header(request, name) < 2)
        return first;
    struct buffer all = { 0 };
    for (const struct pair *pair = request->headers.first; pair; pair = pair->next)
        if (pairs_find_header(&(struct pairs){ .first = &(struct pair){ NULL, pair->name, pair->value } }, name).at) {
            buffer_string(&all, all.size ? "," : "");
            buffer_text(&all, pair->value);
        }
    first = text_copy(request->ctx->arena, buffer_view(&all));
    buffer_clear(&all);
    return first;
}

/* What the nearest proxy says: the last of a list. */
static struct text last_of(struct text list)
{
    size_t from = list.size;
    while (from && list.at[from - 1] != ',')
        from--;
    return from < list.size ? text_trim((struct text){ list.at + from, list.size - from }) : (struct text){ NULL, 0 };
}

static void refuse(struct exchange *exchange, const struct err *err, int status)
{
    if (!exchange->refusal) {
        exchange->refusal = err;
        exchange->refusal_status = status;
    }
}

static void find_client(struct exchange *exchange)
{
    struct request *request = exchange->request;
    struct http *http = exchange->http;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    exchange->client = info ? info->socket_context : NULL;
    struct address peer = { { 0 } };
    if (exchange->client)
        peer = exchange->client->address;
    struct address client = peer;
    request->host = request_header(request, "Host");
    if (networks_hold(&http->trusted, &peer)) {
        struct text host = last_of(joined_header(request, "X-Forwarded-Host"));
        client = proxy_client(&http->trusted, peer, joined_header(request, "X-Forwarded-For"));
        request->is_secure = text_is(last_of(joined_header(request, "X-Forwarded-Proto")), "https");
        if (host.size)
            request->host = host;
    }
    request->remote = text_of(address_string(exchange->ctx->arena, &client));
    exchange->from = address_network(&client);
    request->network = text_of(address_string(exchange->ctx->arena, &exchange->from));
}

static const struct err *read_target(struct exchange *exchange)
{
    struct request *request = exchange->request;
    struct text path = text_cut(request->target, '?', &request->query_string);
    TRY(url_read_path(exchange->ctx, path, &request->path));
    return url_read_pairs(exchange->ctx, request->query_string, &request->query);
}

static void find_route(struct exchange *exchange)
{
    struct ctx *ctx = exchange->ctx;
    struct http *http = exchange->http;
    struct request *request = exchange->request;
    bool is_read = text_is(request->method, "GET") || text_is(request->method, "HEAD");
    if (request->path.count == 2 && text_is(request->path.segments[0], "static")) {
        exchange->asset = assets_find(http, request->path.segments[1]);
        if (!exchange->asset) {
            refuse(exchange, err_new(ctx, ERR_MISSING, "http.no_page"), 0);
        } else if (!is_read) {
            exchange->refusal_allow = "GET, HEAD";
            refuse(exchange, err_new(ctx, ERR_INPUT, "http.wrong_method"), 405);
        }
        return;
    }
    exchange->route =
        routes_find(ctx, http->routes, &request->path, request->method, &request->params, &exchange->refusal_allow);
    if (!exchange->route && exchange->refusal_allow)
        refuse(exchange, err_new(ctx, ERR_INPUT, "http.wrong_method"), 405);
    else if (!exchange->route)
        refuse(exchange, err_new(ctx, ERR_MISSING, "http.no_page"), 0);
}

static void too_large(struct exchange *exchange)
{
    const char *most = arena_printf(exchange->ctx->arena, "%zu", exchange->most_body / 1024);
    refuse(exchange, err_new(exchange->ctx, ERR_INPUT, "http.too_large", most), 413);
}

/* Nobody fills memory with what they will be refused for in any case. Of a form whose text is kept over a sign-in the text comes
 * first: it is read. */
static void check_sender(struct exchange *exchange, bool is_long)
{
    const struct route *route = exchange->route;
    if (exchange->refusal || !is_long || !route || !route->check || (route->access == ACCESS_ANYONE && !route->may_send) ||
        (!route->is_secret && !exchange->request->wants_json))
        return;
    const struct err *err = life_may_send(exchange);
    if (!err)
        return;
    refuse(exchange, err, 0);
    exchange->most_body = 0; /* only what is worth throwing away */
}

/* --- where the body ends ---
 *
 * Where a proxy before us might see another end than we do, what follows could pass for a request of somebody else's (RFC 9112
 * 5.1, 5.2, 6.1, 6.3). */

/* WORD and something behind it: what libmicrohttpd (0.9.75) makes of a name whose value stands in the next line. */
static bool runs_on(const struct pair *pair, const char *word)
{
    return pair->name.size > strlen(word) && strncasecmp(pair->name.at, word, strlen(word)) == 0;
}

static bool is_header(const struct pair *pair)
{
    if (runs_on(pair, "Content-Length") || runs_on(pair, "Transfer-Encoding"))
        return false;
    for (size_t i = 0; i < pair->name.size; i++)
        if ((unsigned char)pair->name.at[i] <= ' ' || (unsigned char)pair->name.at[i] >= 0x7F)
            return false;
    return pair->name.size && !memchr(pair->value.at, '\r', pair->value.size) && !memchr(pair->value.at, '\n', pair->value.size);
}

static bool has_doubtful_end(const struct request *request)
{
    struct text length = request_header(request, "Content-Length"), coding = request_header(request, "Transfer-Encoding");
    int64_t size;
    for (const struct pair *pair = request->headers.first; pair; pair = pair->next)
        if (!is_header(pair))
            return true;
    return (length.at && (!text_int(length, &size) || size < 0)) || count_header(request, "Content-Length") > 1 ||
           (coding.at && (length.at || coding.size != 7 || strncasecmp(coding.at, "chunked", 7) != 0)) ||
           count_header(request, "Transfer-Encoding") > 1 || count_header(request, "Host") > 1;
}

/* True when the answer must not wait for the body. */
static bool check_length(struct exchange *exchange)
{
    struct request *request = exchange->request;
    struct text length = request_header(request, "Content-Length");
    int64_t size = 0;
    bool is_chunked = request_header(request, "Transfer-Encoding").at != NULL;
    if (has_doubtful_end(request)) {
        refuse(exchange, err_new(exchange->ctx, ERR_INPUT, "http.bad_length"), 400);
        exchange->must_close = true;
        return true;
    }
    text_int(length, &size);
    exchange->most_body = exchange->route && exchange->route->most_body ? exchange->route->most_body : DEFAULT_BODY;
    if (exchange->route && !exchange->route->check)
        exchange->most_body = 0;
    if ((size_t)size > exchange->most_body)
        too_large(exchange);
    check_sender(exchange, size > DEFAULT_BODY || (is_chunked && exchange->most_body > DEFAULT_BODY));
    return exchange->refusal && (size > 0 || is_chunked) &&
           (size > MOST_DROPPED || request_header(request, "Expect").at != NULL);
}

/* Reads the header; true when the refusal must be answered at once. */
static bool open_exchange(struct exchange *exchange, const char *method)
{
    struct http *http = exchange->http;
    struct request *request = exchange->request;
    exchange->is_open = true;
    pthread_mutex_lock(&http->lock);
    http->in_air++;
    pthread_mutex_unlock(&http->lock);
    http->requests++;
    request->method = text_of(arena_string(exchange->ctx->arena, method));
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, copy_header, request);
    request_read_cookies(request);
    request->wants_json = request_prefers_json(request_header(request, "Accept"));
    find_client(exchange);
    const struct err *err = read_target(exchange);
    if (err)
        refuse(exchange, err, 0);
    else
        find_route(exchange);
    exchange->body_began = clients_now();
    client_must(exchange->client, 2 * (int64_t)http->settings.idle_seconds);
    return check_length(exchange);
}

/* --- the body --- */

static bool take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    struct http *http = exchange->http;
    exchange->received += size;
    int64_t allowed = 2 * (int64_t)http->settings.idle_seconds * 1000 +
                      (int64_t)exchange->received * 1000 / SLOWEST_BYTES_PER_SECOND;
    if (exchange->client)
        exchange->client->deadline = exchange->body_began + allowed;
    if (exchange->received > exchange->most_body)
        too_large(exchange);
    if (exchange->refusal) {
        buffer_clear(&exchange->body);
        return exchange->received <= exchange->most_body + MOST_DROPPED;
    }
    size_t room = exchange->body.size + size;
    if (room > exchange->counted) {
        size_t more = room - exchange->counted;
        if (!clients_hold_body(http, &exchange->from, more)) {
            refuse(exchange, err_new(exchange->ctx, ERR_BUSY, "http.busy"), 503);
            return true;
        }
        exchange->counted += more;
    }
    buffer_add(&exchange->body, bytes, size);
    return true;
}

static void read_form(struct exchange *exchange)
{
    struct request *request = exchange->request;
    bool is_unknown;
    const struct err *err = form_read(exchange->ctx, request_header(request, "Content-Type"), buffer_view(&exchange->body),
                                      exchange->route->takes_uploads, &request->form, &is_unknown);
    if (err)
        refuse(exchange, err, is_unknown ? 415 : 0);
}

/* --- the answer --- */

static enum MHD_Result send_response(struct exchange *exchange, struct MHD_Response *response, int status)
{
    const struct http *http = exchange->http;
    client_must(exchange->client, 4 * (int64_t)http->settings.idle_seconds + 600);
    return MHD_queue_response(exchange->connection, (unsigned)status, response);
}

static enum MHD_Result send_ready(struct exchange *exchange)
{
    return send_response(exchange, exchange->response, exchange->status);
}

static enum MHD_Result sleep_for_writer(struct exchange *exchange)
{
    if (exchange_sleep(exchange)) {
        exchange_submit(exchange);
        return MHD_YES;
    }
    life_refuse(exchange, err_new(exchange->ctx, ERR_BUSY, "http.busy"), 503);
    return send_ready(exchange);
}

static enum MHD_Result run(struct exchange *exchange)
{
    struct http *http = exchange->http;
    if (!exchange->refusal && exchange->asset)
        return send_response(exchange, assets_response(exchange->asset, request_header(exchange->request, "Accept-Encoding")),
                             200);
    if (!exchange->refusal && exchange->route->check)
        read_form(exchange);
    if (!exchange->refusal && life_is_slow(exchange)) {
        if (lane_take(http, exchange))
            return MHD_YES;
        refuse(exchange, err_new(exchange->ctx, ERR_BUSY, "http.busy"), 503);
    }
    if (exchange->refusal)
        life_refuse(exchange, exchange->refusal, exchange->refusal_status);
    else if (life_run(exchange) == VERDICT_PLAN)
        return sleep_for_writer(exchange);
    return send_ready(exchange);
}

static enum MHD_Result wake_up(struct exchange *exchange)
{
    struct http *http = exchange->http;
    pthread_mutex_lock(&http->lock);
    bool is_abandoned = exchange->state == EXCHANGE_ABANDONED;
    if (!is_abandoned)
        exchange->state = EXCHANGE_RUNNING;
    pthread_mutex_unlock(&http->lock);
    if (is_abandoned)
        return send_response(exchange, http->hurried, 503);
    if (exchange->response)
        return send_ready(exchange);
    switch (life_settle(exchange)) {
    case VERDICT_PLAN:
        return sleep_for_writer(exchange);
    case VERDICT_LANE:
        if (lane_take(http, exchange))
            return MHD_YES;
        life_refuse(exchange, err_new(exchange->ctx, ERR_BUSY, "http.busy"), 503);
        break;
    case VERDICT_READY:
        break;
    }
    return send_ready(exchange);
}

/* --- libmicrohttpd calls --- */

enum MHD_Result server_handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *bytes, size_t *size, void **con_cls)
{
    struct exchange *exchange = *con_cls;
    (void)cls;
    (void)connection;
    (void)url;
    (void)version;
    if (!exchange->is_open) {
        if (!open_exchange(exchange, method))
            return MHD_YES;
        life_refuse(exchange, exchange->refusal, exchange->refusal_status);
        return send_ready(exchange);
    }
    if (*size) {
        bool goes_on = take_body(exchange, bytes, *size);
        *size = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    pthread_mutex_lock(&exchange->http->lock);
    enum exchange_state state = exchange->state;
    pthread_mutex_unlock(&exchange->http->lock);
    if (state == EXCHANGE_SLEEPING)
        BUG("a sleeping request was called");
    return state == EXCHANGE_RUNNING ? run(exchange) : wake_up(exchange);
}

void server_completed(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why)
{
    struct exchange *exchange = *con_cls;
    struct http *http = cls;
    (void)connection;
    (void)why;
    if (!exchange)
        return;
    *con_cls = NULL;
    client_must(exchange->client, 3 * (int64_t)http->settings.idle_seconds);
    if (exchange->is_open) {
        pthread_mutex_lock(&http->lock);
        if (--http->in_air == 0)
            pthread_cond_broadcast(&http->calm);
        pthread_mutex_unlock(&http->lock);
    }
    exchange_release(exchange);
}

/* Each question is answered in the same place, so one after the other. */
static struct client *enter(struct http *http, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    int socket = info ? info->connect_fd : -1;
    info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return clients_enter(http, info ? info->client_addr : NULL, socket);
}

void server_connection(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what)
{
    struct http *http = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = enter(http, connection);
    } else if (*context) {
        clients_leave(http, *context);
        *context = NULL;
    }
}

enum MHD_Result server_may_enter(void *cls, const struct sockaddr *socket, socklen_t size)
{
    struct http *http = cls;
    (void)size;
    pthread_mutex_lock(&http->lock);
    bool is_draining = http->is_draining;
    pthread_mutex_unlock(&http->lock);
    return !is_draining && clients_may_enter(http, socket) ? MHD_YES : MHD_NO;
}

/* Addresses are decoded in url.c. */
size_t server_leave_encoded(void *cls, struct MHD_Connection *connection, char *string)
{
    (void)cls;
    (void)connection;
    return strlen(string);
}
