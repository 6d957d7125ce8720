/* record/session.c -- sessions: found by one read, listed, ended. */
#include "record/session.h"

#include "base/arena.h"
#include "base/day.h"
#include "base/encode.h"
#include "base/id.h"
#include "record/accounts_sql.h"
#include "record/person_inside.h"
#include "record/place_inside.h"
#include "record/records.h"
#include "record/session_memory.h"
#include "store/plan.h"

enum { SECRET_SIZE = 32, REALM_SIZE = 12, DEVICE_MOST = 120 };

static const char *hash_text(struct ctx *ctx, const struct sha256 *hash)
{
    return hex_encode(ctx->arena, sha256_text(hash));
}

/* REALM.SECRET of 12 digits and 32 bytes in base64url; false for anything else. */
static bool cookie_read(struct ctx *ctx, struct text cookie, struct session_cookie *ret)
{
    struct text encoded, secret;
    struct text realm = text_cut(cookie, '.', &encoded);
    if (realm.size != REALM_SIZE || encoded.size > 64)
        return false;
    for (size_t i = 0; i < realm.size; i++)
        if (realm.at[i] < '0' || realm.at[i] > '9')
            return false;
    if (!base64url_decode(ctx->arena, encoded, &secret) || secret.size != SECRET_SIZE)
        return false;
    *ret = (struct session_cookie){ realm, sha256_of(secret) };
    return true;
}

enum { PERSON_FIRST = 9, ROLE_FIRST = 21, ROLE_PATH = 23, HOME_FIRST = 31 }; /* columns of session_by_secret */

/* A person without any role has one row without one. */
static void add_role(struct ctx *ctx, const struct rows *rows, struct person *person)
{
    if (!rows_is_null(rows, ROLE_FIRST) && !rows_is_null(rows, ROLE_PATH))
        person_add_role(ctx, rows, ROLE_FIRST, person);
}

static struct session *read_session(struct ctx *ctx, const struct rows *rows)
{
    struct session *session = arena_new_of(ctx->arena, struct session);
    *session = (struct session){
        .realm = rows_string(rows, 0),
        .id = rows_int(rows, 1),
        .account = rows_int(rows, 2),
        .device = rows_string(rows, 3),
        .made = rows_int(rows, 4),
        .seen = rows_int(rows, 5),
        .expires = rows_int(rows, 6),
        .span = rows_int(rows, 7),
        .must_change = rows_int(rows, 8) != 0,
        .person = arena_new_of(ctx->arena, struct person),
    };
    person_read(rows, PERSON_FIRST, session->person);
    struct place *home = arena_new_of(ctx->arena, struct place);
    place_read(rows, HOME_FIRST, home);
    session->person->home = home;
    return session;
}

static const struct err *read_live(struct ctx *ctx, const struct session_cookie *cookie, const struct session **ret)
{
    int64_t now = clock_now(ctx->clock);
    struct session *session = NULL;
    struct rows rows;
    TRY(rows_open_early(ctx, ctx->snapshot, &sql_session_by_secret,
                        VALUES(value_text(cookie->realm), value_string(hash_text(ctx, &cookie->secret)), value_int(now),
                               value_int(day_of(now))),
                        &rows));
    while (rows_next(&rows)) {
        if (!session)
            session = read_session(ctx, &rows);
        add_role(ctx, &rows, session->person);
    }
    *ret = session;
    return rows_close(&rows);
}

fallible session_find(struct ctx *ctx, struct text cookie, const struct session **ret)
{
    struct session_cookie taken_apart;
    *ret = NULL;
    if (!cookie.at || !cookie_read(ctx, cookie, &taken_apart))
        return NULL;
    if (!ctx->records || !ctx->records->sessions)
        return read_live(ctx, &taken_apart, ret);
    return session_memory_find(ctx, ctx->records->sessions, &taken_apart, read_live, ret);
}

struct plan *session_seen(struct ctx *ctx, const struct session *session)
{
    int64_t now = clock_now(ctx->clock);
    if (now - session->seen < SESSION_SEEN_EVERY)
        return NULL;
    const char *realm = arena_string(ctx->arena, session->realm); /* the plan outlives the session's memory */
    struct plan *plan = plan_new(ctx, realm);
    plan_step(plan, &sql_session_note_seen, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(realm), value_int(session->id), value_int(now), value_int(now + session->span)));
    return plan;
}

/* What a browser calls itself, cut to a length and without anything unclean. */
static struct text device_name(struct ctx *ctx, struct text device)
{
    device = text_trim(device);
    if (!device.at || !text_is_clean(device))
        return TEXT("");
    size_t size = 0;
    for (int i = 0; i < DEVICE_MOST && size < device.size; i++)
        size += text_character_size((struct text){ device.at + size, device.size - size });
    return text_copy(ctx->arena, (struct text){ device.at, size });
}

/* Villagers keep a phone signed in for a month; whoever holds any office is asked again after half a day. */
static int64_t session_span(const struct person *person)
{
    bool is_villager = !(person->role_mask & ~ROLE_BIT(ROLE_VILLAGER));
    return is_villager ? SESSION_VILLAGER_SPAN : SESSION_OFFICE_SPAN;
}

const char *session_begin(struct ctx *ctx, struct plan *plan, const struct person *person, int64_t account,
                          struct text device, int64_t *ret_seconds)
{
    uint8_t bytes[SECRET_SIZE];
    ctx_random(ctx, bytes, sizeof(bytes));
    struct text secret = { (const char *)bytes, sizeof(bytes) };
    struct sha256 hash = sha256_of(secret);
    int64_t now = clock_now(ctx->clock);
    int64_t span = session_span(person);
    plan_step(plan, &sql_session_insert, 1, NULL,
              VALUES(value_string(person->realm), value_int(id_next(ctx)), value_int(person->id),
                     account ? value_int(account) : value_null(), value_string(hash_text(ctx, &hash)),
                     value_text(device_name(ctx, device)), value_int(span), value_int(now), value_int(now + span)));
    *ret_seconds = span == SESSION_VILLAGER_SPAN ? span / MICROS_PER_SECOND : 0;
    return arena_printf(ctx->arena, "%s.%s", person->realm, base64url_encode(ctx->arena, secret));
}

fallible session_plan(struct ctx *ctx, const struct person *person, struct text device, struct plan **ret,
                      const char **ret_cookie, int64_t *ret_seconds)
{
    struct plan *plan = plan_new(ctx, person->realm);
    *ret_cookie = session_begin(ctx, plan, person, 0, device, ret_seconds);
    *ret = plan;
    return NULL;
}

fallible session_list(struct ctx *ctx, struct who who, struct session **ret, int *ret_count)
{
    struct session *sessions = NULL;
    int count = 0;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_sessions_of_person,
                  VALUES(value_string(who.realm), value_int(who.id), value_int(clock_now(ctx->clock))), &rows));
    while (rows_next(&rows)) {
        sessions = arena_grow(ctx, sessions, count, sizeof(*sessions));
        sessions[count++] = (struct session){
            .realm = rows_string(&rows, 0),
            .id = rows_int(&rows, 1),
            .account = rows_int(&rows, 2),
            .device = rows_string(&rows, 3),
            .made = rows_int(&rows, 4),
            .seen = rows_int(&rows, 5),
            .expires = rows_int(&rows, 6),
            .span = rows_int(&rows, 7),
        };
    }
    TRY(rows_close(&rows));
    *ret = sessions;
    *ret_count = count;
    return NULL;
}

struct plan *session_end_one(struct ctx *ctx, struct who who, int64_t session)
{
    struct plan *plan = plan_new(ctx, who.realm);
    plan_step(plan, &sql_session_end, 1, NULL,
              VALUES(value_string(who.realm), value_int(who.id), value_int(session), value_int(clock_now(ctx->clock))));
    return plan;
}

struct plan *session_end_all(struct ctx *ctx, struct who who, int64_t keep)
{
    struct plan *plan = plan_new(ctx, who.realm);
    plan_step(plan, &sql_sessions_end, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(who.realm), value_int(who.id), value_int(keep), value_int(clock_now(ctx->clock))));
    return plan;
}

void sessions_forget(struct plan *plan, int64_t before)
{
    plan_step(plan, &sql_sessions_forget, PLAN_ANY_ROWS, NULL, VALUES(value_string(plan->realm), value_int(before)));
}
