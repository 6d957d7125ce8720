/* http/http_inside.h -- the room's own view of a server, a connection, a request.
 *
 * Three lives:
 *   http      from http_start() until the last exchange is gone (counted: the writer may still hold one after a hurried stop)
 *   client    one TCP connection: its address, its socket, and when it will have been too slow
 *   exchange  one request and its answer; held by the connection, and while it sleeps by whoever will wake it. Its ctx and
 *             arena go with the last holder, so a client who leaves takes nothing away from the writer.
 *
 * States of an exchange; all moves between them happen under http->lock:
 *
 *     RUNNING --sleep()--> SLEEPING --wake()--> WOKEN --> (the server thread settles) RUNNING …
 *                             `--- http_stop() ran out of patience --> ABANDONED (503, the arena is not touched any more)
 */
#ifndef HTTP_INSIDE_H
#define HTTP_INSIDE_H
#include "http/form.h"
#include "http/http.h"
#include "http/mustache.h"
#include "http/proxy.h"
#include "http/routes.h"
#include "http/url.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct answer_cookie {
    struct answer_cookie *next;
    const char *header; /* the whole Set-Cookie value */
};

struct request {
    struct ctx *ctx;
    struct text method, target; /* target: as sent, path and query */
    struct url_path path;
    struct text query_string;
    struct pairs headers, query, cookies, params;
    struct form form;
    struct text remote, network;
    struct text host; /* that the client addressed: Host, or what a trusted proxy says */
    bool is_secure, wants_json;
    void *session;
    const char *visit;         /* a visit cookie to be set */
    const char *fresh_session; /* a session cookie that this answer sets */
    bool has_fresh_session;
    bool may_keep; /* a form that was denied: its fields are worth keeping */
};

struct client {
    struct client *next, **link;
    struct address address, network;
    int socket;
    _Atomic int64_t deadline; /* monotonic milliseconds; INT64_MAX while we are the slow ones */
};

enum { CLIENT_BUCKETS = 256 };

struct clients {
    pthread_mutex_t lock;
    struct client *buckets[CLIENT_BUCKETS]; /* by network */
    atomic_size_t bodies[CLIENT_BUCKETS];   /* bytes of bodies that the networks of a bucket send, for the one behind a proxy too */
    int count;
    pthread_t reaper;
    pthread_cond_t stop;
    bool is_stopping, is_running;
};

enum exchange_state { EXCHANGE_RUNNING, EXCHANGE_SLEEPING, EXCHANGE_WOKEN, EXCHANGE_ABANDONED };

struct exchange {
    atomic_int holders;
    struct http *http;
    struct ctx *ctx;
    struct request *request;
    struct MHD_Connection *connection;
    struct client *client;
    struct address from; /* the network of the client's address */
    struct exchange *next_sleeper, **sleeper_link;
    enum exchange_state state;

    bool is_open;       /* the header has been read */
    bool must_close;    /* nothing more is read from this connection */
    bool has_arrived;   /* leave is owed */
    const struct asset *asset;
    const struct route *route;
    const struct err *refusal; /* found while reading; answered once the body is in or dropped */
    int refusal_status;
    const char *refusal_allow;

    struct buffer body;
    size_t received, most_body, counted; /* counted: of http->body_bytes */
    int64_t body_began;

    struct change change;
    int checks;
    int64_t turn; /* in the lane */
    bool checks_again; /* in the lane: once more after a conflict */
    struct MHD_Response *response; /* ready to be queued */
    int status;
};

struct asset {
    const struct embedded *file;
    const char *address;
    struct MHD_Response *plain, *gzip, *brotli;
};

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct exchange **queue, **running; /* queue: by turns; running: a place for each thread */
    int room, count;
    int64_t turn; /* of the one taken last */
    pthread_t *threads;
    int thread_count;
    bool is_stopping;
};

struct http {
    atomic_int holders;
    struct arena *arena;
    struct ctx *ctx; /* of the start; for nothing but its arena */
    struct http_settings settings;
    struct http_house house;
    struct ctx model;
    struct networks trusted;
    struct routes *routes;
    struct mustache *views[LANGUAGE_COUNT];
    struct asset *assets;
    int asset_count;
    struct MHD_Daemon *daemon;
    int listening, port;
    struct clients clients;
    struct lane lane;
    struct MHD_Response *hurried; /* 503 without a page, for the abandoned */

    pthread_mutex_t lock;
    pthread_cond_t calm; /* nothing in the air */
    struct exchange *sleepers;
    int in_air;
    bool is_draining, is_stopping; /* stopping: nobody may fall asleep any more */

    _Atomic int64_t requests, waiting_lane, waiting_writer;
    atomic_size_t body_bytes;
};

/* request.c */
struct request *request_new(struct ctx *ctx);
void request_read_cookies(struct request *request);
bool request_prefers_json(struct text accept);
bool request_accepts_encoding(struct text accept_encoding, const char *encoding);
/* What was kept comes under its own names into the form of REQUEST. */
void request_refill(struct request *request);

/* guard.c */
/* A changing request must come from our own pages: ERR_DENIED otherwise. */
fallible guard_origin(struct ctx *ctx, const struct request *request);
fallible guard_token(struct ctx *ctx, struct request *request);

/* server.c: what libmicrohttpd calls */
enum MHD_Result server_handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *bytes, size_t *size, void **con_cls);
void *server_uri_seen(void *cls, const char *uri, struct MHD_Connection *connection);
void server_completed(void *cls, struct MHD_Connection *connection, void **con_cls, enum MHD_RequestTerminationCode why);
void server_connection(void *cls, struct MHD_Connection *connection, void **context,
                       enum MHD_ConnectionNotificationCode what);
enum MHD_Result server_may_enter(void *cls, const struct sockaddr *socket, socklen_t size);
size_t server_leave_encoded(void *cls, struct MHD_Connection *connection, char *string);

/* life.c: what happens to a request, on whatever thread */
enum verdict { VERDICT_READY, VERDICT_PLAN, VERDICT_LANE };
enum verdict life_run(struct exchange *exchange);    /* page or check; READY: exchange->response is made */
/* After the writer, on a server thread. LANE: a slow check must run once more, by life_run() in the lane. */
enum verdict life_settle(struct exchange *exchange);
/* Asked with the header alone: whether the caller may use this route, and route.may_send. */
fallible life_may_send(struct exchange *exchange);
/* Whether the check of this request is known to be slow. */
bool life_is_slow(const struct exchange *exchange);
void life_refuse(struct exchange *exchange, const struct err *err, int status);

/* reply.c */
/* Makes exchange->response; fails when the view can't be rendered. */
fallible reply_compose(struct exchange *exchange, struct answer *answer, const char *view);
void reply_plain(struct exchange *exchange, int status); /* when nothing else can be made */
int reply_status_of(enum err_kind kind);
void reply_add_security(struct MHD_Response *response);

/* assets.c */
fallible assets_start(struct ctx *ctx, struct http *http);
void assets_stop(struct http *http);
const struct asset *assets_find(const struct http *http, struct text hashed_name);
struct MHD_Response *assets_response(const struct asset *asset, struct text accept_encoding);

/* clients.c */
fallible clients_start(struct ctx *ctx, struct clients *clients);
void clients_stop(struct clients *clients);
bool clients_may_enter(struct http *http, const struct sockaddr *socket);
struct client *clients_enter(struct http *http, const struct sockaddr *from, int socket); /* FROM may be NULL */
void clients_leave(struct http *http, struct client *client);
int64_t clients_now(void);
/* MORE bytes of a body from NETWORK may be held: not beyond its share nor beyond all. Each is given back by clients_drop_body(). */
bool clients_hold_body(struct http *http, const struct address *network, size_t more);
void clients_drop_body(struct http *http, const struct address *network, size_t size);
/* The next thing from this client, or the end of what it takes from us, is due in SECONDS; below 0: never. */
void client_must(struct client *client, int64_t seconds);

/* lane.c */
fallible lane_start(struct ctx *ctx, struct http *http);
void lane_stop(struct http *http);
bool lane_take(struct http *http, struct exchange *exchange); /* false when full */

/* exchange.c */
struct exchange *exchange_new(struct http *http);
void exchange_release(struct exchange *exchange);
/* On the server thread; takes a second hold. False when the server is stopping. */
bool exchange_sleep(struct exchange *exchange);
void exchange_wake(struct exchange *exchange);  /* on any thread; gives that hold back */
void exchange_submit(struct exchange *exchange);/* to the writer; sleeping already */
void exchange_abandon_all(struct http *http);
bool exchange_is_abandoned(struct exchange *exchange);
void http_release(struct http *http);
#endif
