/* http/http.h -- the server: sockets to requests, routes to pages and checks, answers to bytes.
 * Owns:          libmicrohttpd, routing, bounds, forms and uploads, cookies, CSRF, suspended connections, the slow lane
 * Must not know: who people are, which database runs, what a plan does (callbacks: struct http_house)
 * Begin at:      http_start(), struct route; a page's life is in HACKING.md
 *
 * The life of a request on a server thread:
 *   GET   parse -> house.arrive (session, person, snapshot) -> house.admit (route's access) -> route.page -> template or
 *         JSON -> house.leave
 *   POST  the same to admit, plus CSRF (admit and route.may_send before a body is read that is long and of which nothing would be
 *         kept over a sign-in, and admit once more behind it) -> route.check makes a plan (in the slow lane when route.is_slow) -> house.leave,
 *         house.submit, the connection sleeps -> woken: house.arrive, house.settle -> answer
 * Behind arrive comes leave, always and once, also when arrive failed; a write arrives twice (check, settle), each time with a
 * new snapshot. Arrive, admit and check of a slow route run on a lane's thread. The request's arena lives until both the
 * connection and the writer are done with it, so a plan outlives a client who goes away.
 *
 * A page function builds one node; a browser gets it through the route's template, a program (Accept: application/json)
 * gets it as JSON. Texts, buttons and rights are the page function's; templates hold no logic.
 */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan; /* store's; http only hands it on */
struct http;
struct answer;

/* --- requests --- */

struct upload {
    struct upload *next;
    struct text field;
    struct text file_name; /* as sent, cleaned of folders; never use it as a path */
    struct text bytes;
};

struct request; /* lives in its ctx's arena, with all its texts */

struct text request_method(const struct request *request);
struct text request_path(const struct request *request);                          /* decoded, without the query */
struct text request_param(const struct request *request, const char *name);       /* {name} of the route's path */
struct text request_query(const struct request *request, const char *name);       /* first value; at NULL when absent */
/* Of a form, or of a JSON object (strings, whole numbers; true is "yes", false and null are absent); strict UTF-8 without NUL, the
 * first value of a name; at NULL when absent. */
struct text request_field(const struct request *request, const char *name);
struct text request_cookie(const struct request *request, const char *name);
struct text request_header(const struct request *request, const char *name);
const struct upload *request_uploads(const struct request *request);
struct text request_query_string(const struct request *request);                  /* as sent, for links to the next page */
struct text request_remote(const struct request *request); /* the client's address; behind a trusted proxy what that says */
/* As far as one subscriber's addresses reach: an IPv4 address itself, the first half (/64) of any other. */
struct text request_network(const struct request *request);
bool request_is_secure(const struct request *request);     /* TLS at the trusted proxy: cookies get Secure */
bool request_wants_json(const struct request *request);
/* Every form carries it as the field csrf; a changing request without it is refused before its check runs. It is made from
 * the session cookie, or for a stranger from a `visit` cookie that this call has http set. When the answer of this request
 * sets a new session cookie, it is that session's. */
const char *request_csrf(struct ctx *ctx, struct request *request);

/* The cookie whose value is the session's secret: the app sets it with answer_cookie(), arrive reads it. */
#define HTTP_SESSION_COOKIE "session"
#define HTTP_VISIT_COOKIE "visit"

/* --- what was being written when the session ended ---
 *
 * No state on the server: the text travels in the sign-in page and comes back with it.
 *  1. A stranger's POST is denied: http calls complain, which for this error shows the sign-in page. request_kept() gives the
 *     form's fields, each with a name beginning "kept." (nothing of a route that is_secret; without csrf, without files, 64
 *     KiB at most), to stand in the sign-in form as hidden fields; request_back() where the form stood, as the field back.
 *  2. The sign-in route's check sees them again in request_kept() and request_back(): shown anew when the password was wrong.
 *  3. When it was right the answer sets `show` to request_back(): http shows that page within the same request, as GET, with
 *     the new session, and with the kept fields under their own names in request_field(). A page function of a form fills
 *     it from request_field(), as its check does when it shows the form again with problems. When nothing was kept, `show`
 *     is an ordinary 303.
 */
/* The most_body of a route whose form carries what is kept. */
#define HTTP_MOST_KEPT ((size_t)256 * 1024)
/* A list of {name, value}; empty when nothing is kept. */
struct node *request_kept(struct ctx *ctx, const struct request *request);
bool request_had_files(const struct request *request); /* they can't be kept: the person must choose them again */
/* Where to go after signing in: the field or query `back` if it is an address of our own; else for a denied GET itself, for a
 * denied POST the page it came from; else "/". */
const char *request_back(struct ctx *ctx, const struct request *request);
/* An address of this site: begins with one slash and leads nowhere else. */
bool http_is_own_address(struct text address);
/* For house.arrive: where it keeps what it found about the caller (a session), for the request's life. */
void request_set_session(struct request *request, void *session);
void *request_session(const struct request *request);

/* --- answers --- */

/* Zeroed by http. A page fills model (+ view if not the route's); anything else fills what it needs. */
struct answer_cookie;

/* A body that is made while it is sent: READ puts at most ROOM bytes at OUT and says how many; 0 at the end, -1 when it can't go
 * on (the connection is cut, so that nobody takes a part for the whole). Called on a server thread after leave; END always,
 * once, perhaps long after. SELF must not lie in the request's memory. */
struct answer_stream {
    void *self;
    int64_t (*read)(void *self, char *out, size_t room);
    void (*end)(void *self);
};

struct answer {
    int status;               /* 0 means 200, or 303 with a location */
    struct node *model;
    const char *view;         /* instead of the route's */
    const char *location;     /* where to go: 303 See Other */
    const char *show;         /* instead of 303: our own page under this address, filled with what was kept (see above) */
    const char *content_type; /* with body: a raw answer */
    struct text body;
    struct answer_stream stream; /* instead of body, when it has a read */
    const char *file_name;    /* offered as a download under this name */
    const char *cache;        /* Cache-Control; NULL means no-store */
    const char *version;      /* of a raw answer to a GET, as ETag: whoever has it already gets 304 and no body; plain ASCII, no quotes */
    struct answer_cookie *cookies;
    int retry_after;          /* seconds, with 429 and 503 */
};

/* HttpOnly, SameSite=Lax, Path=/, Secure where request_is_secure(). A value of NULL clears it; 0 SECONDS keep it until the
 * browser is closed. */
void answer_cookie(struct ctx *ctx, struct answer *answer, const char *name, const char *value, int64_t seconds);

/* --- routes --- */

enum access {
    ACCESS_UNSET, /* the server refuses to start with it */
    ACCESS_ANYONE,
    ACCESS_SIGNED_IN,
    ACCESS_ACT, /* house.admit() asks the rights about route.act */
};

typedef const struct err *page_function(struct ctx *ctx, struct request *request, struct answer *answer);

/* What a check decided: either a finished answer (plan NULL), or a plan and what to say once it is done. */
struct change {
    struct plan *plan;
    struct answer answer; /* answered when plan is NULL, and after a plan that is done unless `after` changes it */
    /* After a plan that is done, on a server thread with a snapshot; OUTCOME is store's struct outcome. NULL keeps answer. */
    const struct err *(*after)(struct ctx *ctx, struct request *request, const void *outcome, void *self,
                               struct answer *answer);
    void *self; /* for after */
};
typedef const struct err *check_function(struct ctx *ctx, struct request *request, struct change *change);

struct route {
    const char *method; /* GET (serves HEAD too) or POST */
    const char *path;   /* /requests/{number}: a {name} matches one segment, {name...} the rest */
    enum access access;
    const char *act;       /* with ACCESS_ACT */
    page_function *page;   /* of a GET */
    const char *view;      /* its template */
    check_function *check; /* of a POST */
    bool is_slow;          /* check runs in the slow lane (passwords) */
    bool is_slow_with_uploads; /* only when files were sent (pictures): without them it runs at once */
    bool takes_uploads;    /* multipart/form-data with files */
    bool is_secret;        /* what was typed into its form is never kept over a sign-in: passwords */
    size_t most_body;      /* bytes; 0 means 64 KiB */
    /* With most_body above that, whether this caller has anything to send here at all: asked after access, before a long body is
     * read, so without its fields; what it allows may still be refused by check. May be NULL. */
    const struct err *(*may_send)(struct ctx *ctx, struct request *request);
};

/* --- the house --- */

struct http_house {
    void *self;
    const struct ctx *model; /* clock, ids, chance; records */
    /* All are called from several threads at once; frame and complain also without a snapshot, when arrive failed or the
     * request could not be read. A stranger is who has no ctx->person after arrive.
     * Opens a snapshot into ctx, finds the session and the person, sets language. A failure answers 503. */
    const struct err *(*arrive)(void *self, struct ctx *ctx, struct request *request);
    /* May this caller use this route? ERR_DENIED for a stranger becomes the sign-in page that leads back here (a form's
     * text survives), for a person 403; as JSON it is 401 for a stranger. */
    const struct err *(*admit)(void *self, struct ctx *ctx, struct request *request, const struct route *route);
    /* Gives the snapshot back. Called exactly once after each arrive. */
    void (*leave)(void *self, struct ctx *ctx, struct request *request);
    /* Hands the plan to the writer (from a server or lane thread, without a snapshot); DONE(WAITING) from any thread, once. */
    void (*submit)(void *self, struct ctx *ctx, struct request *request, struct change *change, void (*done)(void *waiting),
                   void *waiting);
    /* After DONE, between arrive and leave: fills CHANGE->answer, or sets *RET_AGAIN to have the check run once more. */
    const struct err *(*settle)(void *self, struct ctx *ctx, struct request *request, struct change *change,
                                bool *ret_again);
    /* Adds what every page has (place, person, navigation, csrf …) to the answer's model; it may set cookies too. */
    void (*frame)(void *self, struct ctx *ctx, struct request *request, struct answer *answer);
    /* Fills the answer for an error: model and view. ANSWER's status is what http would say (of the kind, or 413 and the like);
     * whoever sets a location instead clears it. */
    void (*complain)(void *self, struct ctx *ctx, struct request *request, const struct err *err, struct answer *answer);
};

/* Templates and static files are tables made at build by tools/embed.py, as src/app/meson.build shows. A view's name may end in
 * ".mustache" or not; packed forms may be absent. */
struct embedded {
    const char *name; /* "start.mustache", "style.css" */
    struct text bytes;
    struct text gzip, brotli;  /* of static files */
    const char *hashed_name;   /* "style.3f2a….css": served under /static/ as immutable */
    const char *content_type;
};

struct http_settings {
    const char *listen; /* HOST:PORT; port 0 lets the kernel choose */
    int threads;        /* server threads; 0 takes the number of processors */
    int lanes;          /* slow-lane threads; 0 takes 1 */
    int lane_queue;     /* waiting slow checks before 503; 0 takes 128 */
    int lane_share;     /* of them, running ones counted too, at most from one network; 0 takes three quarters of lane_queue */
    int connections;    /* most at once; 0 takes 1024 */
    int connections_per_address; /* or per /64 (request_network()); 0 takes 128; not applied to trusted proxies */
    int idle_seconds;   /* slow clients are cut; 0 takes 15 */
    int gzip_level;     /* of pages over 1 kB; 0 takes 2, below 0 never */
    size_t body_memory; /* all bodies being read or held at once; 0 takes 256 MiB; beyond, 503 */
    size_t body_share;  /* of it, at most from one network (they are told apart by a hash); 0 takes half of body_memory */
    const char *const *trusted_proxies; /* addresses or CIDR, NULL-ended: whose X-Forwarded-For and -Proto are believed */
    const struct route *const *routes;  /* tables, each ended by a zero row; NULL-ended */
    const struct embedded *views;       /* ended by a NULL name */
    const struct embedded *assets;      /* ended by a NULL name */
};

fallible http_start(struct ctx *ctx, const struct http_settings *settings, const struct http_house *house, struct http **ret);
int http_port(const struct http *http);
/* Takes no new connections, lets requests in the air finish (at most SECONDS), stops. */
void http_stop(struct http *http, int seconds);

/* Fields that templates may write unescaped, NULL-ended; each with its reason in start.c. */
extern const char *const templates_raw_allowed[];

/* Numbers for /health. */
struct http_counts {
    int64_t requests, connections, waiting_lane, waiting_writer;
};
struct http_counts http_count(const struct http *http);
#endif
