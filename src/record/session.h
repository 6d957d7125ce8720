/* record/session.h -- who is signed in on which device: rows that can be seen and ended.
 * Owns:          table session; the form of the cookie
 * Must not know: how a cookie is sent (http), passwords (account.h)
 * Begin at:      session_find(), on the path of every page: one read for session and person, one for the roles
 *
 * The cookie is "REALM.SECRET", the secret 32 random bytes in base64url; the table holds only its SHA-256. A session
 * ends when it was idle for its span (12 hours for whoever holds an office, 30 days for villagers' phones), when its
 * person ends it, and with every change of the password. `seen` is written at most every ten minutes, by a plan nobody
 * waits for, so an idle session may end up to ten minutes early.
 */
#ifndef RECORD_SESSION_H
#define RECORD_SESSION_H
#include "base/clock.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"
#include "record/person.h"

#include <stdbool.h>
#include <stdint.h>

struct plan;

#define SESSION_OFFICE_SPAN (12 * MICROS_PER_HOUR)
#define SESSION_VILLAGER_SPAN (30 * MICROS_PER_DAY)
#define SESSION_SEEN_EVERY (10 * MICROS_PER_MINUTE)

struct session {
    const char *realm;
    int64_t id;
    int64_t account; /* 0: through a role door of the demo, which counts only while serving one */
    const char *device;
    int64_t made, seen, expires, span;
    bool must_change; /* the password was given by someone else: only its change is allowed */
    struct person *person;
};

/* The live session of a cookie with its person and today's roles, as the database says it or said it within the last second
 * (session_memory.h); *RET is NULL for no cookie, a wrong one, or one that has ended. It lives as long as ctx's arena. Asked
 * before anything else is read from ctx->snapshot: what a view fixed earlier shows must not be remembered. */
fallible session_find(struct ctx *ctx, struct text cookie, const struct session **ret);
/* The plan that notes it was seen, or NULL while the last note is fresh. Lost without harm. */
struct plan *session_seen(struct ctx *ctx, const struct session *session);

/* Adds to PLAN the steps that begin a session for PERSON; returns the cookie. ACCOUNT 0 for the demo's doors. */
const char *session_begin(struct ctx *ctx, struct plan *plan, const struct person *person, int64_t account,
                          struct text device, int64_t *ret_seconds);
/* For a whole sign-in without a password: the demo's doors. */
fallible session_plan(struct ctx *ctx, const struct person *person, struct text device, struct plan **ret,
                      const char **ret_cookie, int64_t *ret_seconds);

/* The live sessions of a person, the latest seen first; without person. */
fallible session_list(struct ctx *ctx, struct who who, struct session **ret, int *ret_count);
/* Ends one session of WHO (conflict when it isn't theirs or has ended), or all but KEEP (0: all). */
struct plan *session_end_one(struct ctx *ctx, struct who who, int64_t session);
struct plan *session_end_all(struct ctx *ctx, struct who who, int64_t keep);
/* Adds to PLAN that the sessions of its realm that were over before BEFORE go: until then their rows tell who was signed in. */
void sessions_forget(struct plan *plan, int64_t before);
#endif
