/* record/session_memory.h -- sessions that were asked for a moment ago, so that a crowd of requests asks the database once.
 * Owns:          struct session_memory, at most 1,024 sessions with their persons and roles
 * Must not know: cookies' form, what the database is asked (session.c gives both)
 * Begin at:      session_find() in record/session.h; session_memory_wrote() for writer_watch()
 *
 * Nothing stale is told of what this process has changed: whatever its writer does to a table that a session is read from
 * makes all of it forgotten before anybody is told of the change. What another process changed (a command beside a running
 * server, a second server on PostgreSQL) is known after SESSION_MEMORY_SPAN at the latest. Sessions that are not there are
 * never remembered.
 */
#ifndef RECORD_SESSION_MEMORY_H
#define RECORD_SESSION_MEMORY_H
#include "base/encode.h"
#include "record/session.h"

#define SESSION_MEMORY_SPAN INT64_C(1000000000) /* nanoseconds: one second */

struct session_memory;

/* NOW tells nanoseconds of a clock that nobody sets; NULL takes the system's. */
struct session_memory *session_memory_new(int64_t (*now)(void));
void session_memory_free(struct session_memory *memory); /* nobody holds a ctx that asked it; NULL is fine */

/* For writer_watch(): SELF is the memory. Any thread. */
void session_memory_wrote(void *self, const char *table);

/* A cookie taken apart: its secret by its hash. */
struct session_cookie {
    struct text realm;
    struct sha256 secret;
};

/* Reads a live session from ctx->snapshot into ctx's arena; NULL when there is none. */
typedef fallible session_read(struct ctx *ctx, const struct session_cookie *cookie, const struct session **ret);

/* Remembered, or read by READ and then remembered. *RET lives as long as ctx's arena. Any thread. */
fallible session_memory_find(struct ctx *ctx, struct session_memory *memory, const struct session_cookie *cookie,
                             session_read *read, const struct session **ret);
#endif
