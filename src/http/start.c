/* http/start.c -- starting and stopping. */
#include "http/http_inside.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/texts.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTION_MEMORY = 32 * 1024 };

const char *const templates_raw_allowed[] = { NULL };

/* --- settings --- */

static int or_else(int value, int otherwise)
{
    return value ? value : otherwise;
}

static void fill_settings(struct http_settings *settings)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    settings->threads = or_else(settings->threads, processors > 0 ? (int)processors : 1);
    settings->lanes = or_else(settings->lanes, 1);
    settings->lane_queue = or_else(settings->lane_queue, 128);
    settings->lane_share = or_else(settings->lane_share, settings->lane_queue > 4 ? settings->lane_queue / 4 * 3 : 1);
    settings->connections = or_else(settings->connections, 1024);
    settings->connections_per_address = or_else(settings->connections_per_address, 128);
    settings->idle_seconds = or_else(settings->idle_seconds, 15);
    settings->body_memory = settings->body_memory ? settings->body_memory : 256u * 1024 * 1024;
    settings->body_share = settings->body_share ? settings->body_share : settings->body_memory / 2;
}

/* --- templates --- */

struct words {
    struct http *http;
    enum language language;
};

static const char *word_of(void *self, const char *key)
{
    return texts_find(((struct words *)self)->language, key);
}

static const char *address_of(void *self, const char *name)
{
    const struct http *http = ((struct words *)self)->http;
    for (int i = 0; i < http->asset_count; i++)
        if (!strcmp(http->assets[i].file->name, name))
            return http->assets[i].address;
    return NULL;
}

static const char *stem_of(struct arena *arena, const char *name)
{
    struct text text = text_of(name);
    if (text_ends(text, ".mustache"))
        text.size -= strlen(".mustache");
    return text_string(arena, text);
}

static const struct err *compile_views(struct ctx *ctx, struct http *http)
{
    int count = 0;
    while (http->settings.views && http->settings.views[count].name)
        count++;
    struct mustache_source *sources = arena_array_of(ctx->arena, struct mustache_source, count + 1);
    for (int i = 0; i < count; i++)
        sources[i] = (struct mustache_source){ stem_of(ctx->arena, http->settings.views[i].name), http->settings.views[i].bytes };
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        struct words words = { http, (enum language)i };
        struct mustache_settings settings = { word_of, address_of, &words, templates_raw_allowed, true };
        TRY(mustache_compile(ctx, sources, count, &settings, &http->views[i]));
    }
    return NULL;
}

static bool has_view(void *self, const char *view)
{
    return mustache_has(((struct http *)self)->views[0], view);
}

/* --- the socket --- */

static const struct err *open_socket(struct ctx *ctx, struct http *http)
{
    const char *listen_at = http->settings.listen ? http->settings.listen : "127.0.0.1:0";
    const char *colon = strrchr(listen_at, ':');
    int64_t port; /* getaddrinfo() would take 99999 for 34463 */
    if (!colon || colon == listen_at || !text_int(text_of(colon + 1), &port) || port < 0 || port > 65535)
        return err_new(ctx, ERR_INPUT, "http.bad_listen", listen_at);
    struct text host = { listen_at, (size_t)(colon - listen_at) };
    if (host.at[0] == '[' && host.at[host.size - 1] == ']')
        host = (struct text){ host.at + 1, host.size - 2 };
    struct addrinfo wanted = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV }, *found = NULL;
    if (getaddrinfo(text_string(ctx->arena, host), colon + 1, &wanted, &found) != 0)
        return err_new(ctx, ERR_INPUT, "http.bad_listen", listen_at);
    int one = 1, handle = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_storage bound;
    socklen_t size = sizeof bound;
    bool is_listening = handle >= 0 && !setsockopt(handle, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) &&
                        !bind(handle, found->ai_addr, found->ai_addrlen) && !listen(handle, 1024) &&
                        !getsockname(handle, (struct sockaddr *)&bound, &size);
    int failed = errno;
    freeaddrinfo(found);
    if (!is_listening) {
        if (handle >= 0)
            close(handle);
        return err_new(ctx, ERR_BROKEN, "http.cannot_listen", listen_at, strerror(failed));
    }
    http->listening = handle;
    http->port = bound.ss_family == AF_INET6 ? ntohs(((struct sockaddr_in6 *)(void *)&bound)->sin6_port) :
                                               ntohs(((struct sockaddr_in *)(void *)&bound)->sin_port);
    return NULL;
}

/* --- start --- */

static const struct err *start_daemon(struct ctx *ctx, struct http *http)
{
    const struct http_settings *settings = &http->settings;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME;
    int threads = settings->threads > settings->connections ? settings->connections : settings->threads;
    http->daemon = MHD_start_daemon(
        flags, 0, server_may_enter, http, server_handle, http, MHD_OPTION_LISTEN_SOCKET, http->listening,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned)(threads > 1 ? threads : 0), MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)settings->connections, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)settings->idle_seconds, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_URI_LOG_CALLBACK, server_uri_seen, http, MHD_OPTION_UNESCAPE_CALLBACK, server_leave_encoded, NULL,
        MHD_OPTION_NOTIFY_COMPLETED, server_completed, http, MHD_OPTION_NOTIFY_CONNECTION, server_connection, http,
        MHD_OPTION_END);
    return http->daemon ? NULL : err_broken(ctx, "libmicrohttpd did not start: %s", strerror(errno));
}

static void make_hurried(struct http *http)
{
    static const char words[] = "503\n";
    http->hurried = MHD_create_response_from_buffer(sizeof words - 1, (void *)(uintptr_t)words, MHD_RESPMEM_PERSISTENT);
    if (!http->hurried)
        BUG("out of memory");
    reply_add_security(http->hurried);
    MHD_add_response_header(http->hurried, "Content-Type", "text/plain");
    MHD_add_response_header(http->hurried, "Retry-After", "5");
    MHD_add_response_header(http->hurried, "Cache-Control", "no-store");
    MHD_add_response_header(http->hurried, "Connection", "close");
}

static const struct err *start(struct ctx *ctx, struct http *http)
{
    TRY(networks_read(ctx, http->arena, http->settings.trusted_proxies, &http->trusted));
    TRY(assets_start(ctx, http));
    TRY(compile_views(ctx, http));
    TRY(routes_compile(ctx, http->arena, http->settings.routes, has_view, http, &http->routes));
    TRY(open_socket(ctx, http));
    make_hurried(http);
    TRY(clients_start(ctx, &http->clients));
    TRY(lane_start(ctx, http));
    return start_daemon(ctx, http);
}

void http_release(struct http *http)
{
    if (atomic_fetch_sub(&http->holders, 1) != 1)
        return;
    assets_stop(http);
    for (int i = 0; i < LANGUAGE_COUNT; i++)
        mustache_free(http->views[i]);
    if (http->hurried)
        MHD_destroy_response(http->hurried);
    struct ctx *ctx = http->ctx;
    free(http);
    ctx_end(ctx);
}

const struct err *http_start(struct ctx *ctx, const struct http_settings *settings, const struct http_house *house,
                             struct http **ret)
{
    struct http *http = calloc(1, sizeof *http);
    if (!http)
        BUG("out of memory");
    http->holders = 1;
    http->listening = -1;
    http->settings = *settings;
    http->house = *house;
    http->model = *house->model;
    http->ctx = ctx_begin(house->model);
    http->arena = http->ctx->arena;
    pthread_mutex_init(&http->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&http->calm, &monotonic);
    pthread_condattr_destroy(&monotonic);
    fill_settings(&http->settings);
    const struct err *err = start(ctx, http);
    if (err)
        http_stop(http, 0);
    else
        *ret = http;
    return err;
}

/* --- stop --- */

/* Waits until nothing is in the air, at most until UNTIL; true when it is calm. From that moment on nobody falls asleep any
 * more: a connection that was kept alive may bring one request yet, and libmicrohttpd ends the process when it is stopped
 * with a suspended connection. */
static bool wait_for_calm(struct http *http, const struct timespec *until)
{
    int waited = 0;
    pthread_mutex_lock(&http->lock);
    while (http->in_air > 0 && !waited)
        waited = pthread_cond_timedwait(&http->calm, &http->lock, until);
    bool is_calm = http->in_air == 0;
    http->is_stopping = http->is_stopping || is_calm;
    pthread_mutex_unlock(&http->lock);
    return is_calm;
}

static struct timespec after_seconds(int seconds)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds;
    return until;
}

void http_stop(struct http *http, int seconds)
{
    if (!http)
        return;
    pthread_mutex_lock(&http->lock);
    http->is_draining = true;
    pthread_mutex_unlock(&http->lock);
    struct timespec until = after_seconds(seconds);
    if (http->daemon) {
        /* Who knocks now is shut out by server_may_enter(). MHD_quiesce_daemon() would be the word for it, but it takes the
         * listening socket away from threads that may be doing so themselves, and then ends the process (0.9.75). */
        if (!wait_for_calm(http, &until)) {
            log_warning("requests in the air were not waited for any longer");
            until = after_seconds(2);
            exchange_abandon_all(http);
            wait_for_calm(http, &until);
        }
    }
    lane_stop(http);
    if (http->daemon)
        MHD_stop_daemon(http->daemon); /* closes the listening socket too */
    else if (http->listening >= 0)
        close(http->listening);
    clients_stop(&http->clients);
    http_release(http);
}

/* --- asked from outside --- */

int http_port(const struct http *http)
{
    return http->port;
}

struct http_counts http_count(const struct http *http)
{
    struct http *counted = (struct http *)(uintptr_t)http;
    pthread_mutex_lock(&counted->clients.lock);
    int connections = counted->clients.count;
    pthread_mutex_unlock(&counted->clients.lock);
    return (struct http_counts){ http->requests, connections, http->waiting_lane, http->waiting_writer };
}
