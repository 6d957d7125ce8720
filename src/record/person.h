/* record/person.h -- people, their households, the roles they hold; what of them is shown to whom.
 * Owns:          tables household, person, role_held, personal_look
 * Must not know: what a role may do (record/rights.h), how people sign in (account.h, session.h), HTTP
 * Basis:         个人信息保护法 6, 28–30, 51: as little as is needed, encrypted, each look with a purpose
 * Begin at:      person_load(), person_name_public(), person_look()
 *
 * A person has a home realm: everything else names one by (realm, id), struct who. Identity number and telephone are
 * encrypted (record/keys.h), found by keyed index and masked on every page; no function but person_look_read() gives a
 * full one. Roles are read as of a day: those whose first day has come and whose last day has not passed.
 * Everything is read from ctx->snapshot and lives in ctx's arena.
 */
#ifndef RECORD_PERSON_H
#define RECORD_PERSON_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"
#include "civic/identity.h"
#include "civic/role.h"

#include <stdbool.h>
#include <stdint.h>

struct keys;
struct plan;

/* One person anywhere; id 0 is nobody. */
struct who {
    const char *realm;
    int64_t id;
};

static inline bool who_is(struct who a, struct who b)
{
    return a.id && a.id == b.id && a.realm && b.realm && strcmp(a.realm, b.realm) == 0;
}

struct held_role {
    enum role role;
    const char *place, *place_path, *place_name, *place_realm;
    int64_t organisation;                              /* 0: in nobody's name but one's own */
    const char *organisation_code, *organisation_name; /* NULL without one */
    int32_t from, to;                                  /* days, the last one included; DAY_NONE: open */
};

struct place;

struct person {
    const char *realm;
    int64_t id;
    const char *key, *name;
    enum sex sex;
    int32_t birth; /* day, or DAY_NONE */
    /* Of the household, whose village cares for this person; of a person without one where they live. */
    const char *place, *place_path, *place_name;
    const struct place *home; /* the same whole, of whoever came by a session; NULL of others */
    const char *abode;    /* code of the place lived in when that is another one; NULL */
    int64_t household;    /* 0: none */
    const char *relation; /* to the head of the household, or NULL */
    struct held_role *roles;
    int role_count;
    role_mask role_mask; /* of all of them, wherever they are held */
};

static inline struct who person_who(const struct person *person)
{
    return person ? (struct who){ person->realm, person->id } : (struct who){ NULL, 0 };
}

/* A request token as it is kept: the form of ctx->person and of nobody else, so that no two people's tokens can meet
 * however they are made. At NULL when TOKEN is empty. */
struct text person_token(struct ctx *ctx, struct text token);

/* With the roles held on DAY. ERR_MISSING "person.missing". */
fallible person_load(struct ctx *ctx, struct who who, int32_t day, struct person **ret);
/* By the key of the list it came from, in one realm or (REALM NULL) in any; *RET is NULL when there is none. */
fallible person_find(struct ctx *ctx, const char *realm, struct text key, int32_t day, struct person **ret);
/* By the whole number, through the keyed index; NULL when there is none. Several people may share a telephone:
 * then it names none of them, and *RET_SHARED is true. */
fallible person_find_identity(struct ctx *ctx, struct keys *keys, const char *realm, struct text number, int32_t day,
                              struct person **ret);
fallible person_find_phone(struct ctx *ctx, struct keys *keys, const char *realm, struct text phone, int32_t day,
                           struct person **ret, bool *ret_shared);
/* Only the name, for the "by" of a history: NULL when there is no such person. */
fallible person_name(struct ctx *ctx, struct who who, const char **ret);

/* --- who holds a role --- */

struct holder {
    struct who who;
    const char *name;
    enum role role;
    const char *place, *place_path, *place_name;
    int64_t organisation;
    const char *organisation_name; /* or NULL */
    const char *phone;             /* of the office, for everybody; or NULL */
};

/* Those who hold ROLE on DAY in a place at or above PLACE_PATH, nearest first: whom a matter there concerns. */
fallible person_holders_above(struct ctx *ctx, enum role role, const char *place_path, int32_t day, struct holder **ret,
                              int *ret_count);
/* Those who hold ROLE on DAY in a place at or within PLACE_PATH, by place and name: from whom a desk chooses. */
fallible person_holders_within(struct ctx *ctx, enum role role, const char *place_path, int32_t day,
                               struct holder **ret, int *ret_count);

/* --- names and numbers, masked --- */

/* For the public: 张某, 张某某, 欧阳某某; a name that isn't Chinese keeps its first character. */
const char *person_name_public(struct arena *arena, struct text name);
/* What VIEWER (NULL: a stranger) sees of the name of WHO who lives at PLACE_PATH: the whole name for oneself, one's own
 * household and those who may "place.show_private" there; person_name_public() for everybody else. */
const char *person_name_shown(struct ctx *ctx, const struct person *viewer, struct who who, int64_t household,
                              const char *place_path, struct text name);

enum personal { PERSONAL_IDENTITY, PERSONAL_PHONE, PERSONAL_COUNT };
const char *personal_key(enum personal which); /* "identity", "phone" */
int personal_find(struct text key);

/* 500116********0012, 138****0000; NULL when none is known. */
fallible person_masked(struct ctx *ctx, struct keys *keys, struct who who, enum personal which, const char **ret);

/* --- a look at a full number: first an event, then the number --- */

/* Checks that ctx->person may (act people.look) and that PURPOSE says something (2 to 200 characters), and makes the
 * plan that records the look: a row and a private leaf. *RET_LOOK is the id to ask with once the plan is done.
 * ERR_DENIED "people.look.denied", ERR_MISSING "person.missing" or "people.look.none", ERR_INPUT "people.look.purpose".
 */
fallible person_look(struct ctx *ctx, struct who who, enum personal which, struct text purpose, struct plan **ret,
                     int64_t *ret_look);
/* The full number, for the one who made this look, within ten minutes of it; ERR_DENIED "people.look.denied" otherwise.
 */
fallible person_look_read(struct ctx *ctx, struct keys *keys, struct who who, int64_t look, const char **ret);

/* What was sealed of a look: bytes that stand nowhere but under its leaf's commitment. For the check of rows against logs. */
struct look_sealed {
    struct who by, who;
    int64_t id;
    const char *which; /* personal_key() */
    struct text purpose;
    const char *time; /* decimal microseconds, or PLAN_TIME while it is being recorded */
};
/* Canonical JSON. */
struct text person_look_event(struct ctx *ctx, const struct look_sealed *look);

struct look {
    int64_t id, at;
    enum personal which;
    const char *purpose;
    struct who by;
    const char *by_name; /* NULL when no longer known */
    int64_t leaf;
};
/* Every look at a person's numbers, the latest first, at most MOST: what each may ask about oneself. */
fallible person_looks(struct ctx *ctx, struct who who, int most, struct look **ret, int *ret_count);

/* --- keys grown old --- */

/* A plan that seals up to MOST rows of one realm anew under the newest field key; *RET is NULL when none is left. */
fallible person_reseal(struct ctx *ctx, struct keys *keys, int most, struct plan **ret, int *ret_rows);
#endif
