/* record/matter.h -- everything that moves: one record, one history; and who may see how much of it.
 * Owns:          tables matter, matter_event, matter_file, flow_version (matter.schema.sql)
 * Must not know: pages; what a single flow means (civic/flow.h runs it); how people are kept (person.h, rights.h)
 * Basis:         design 2.1, 2.3, 5, 6; accusations: 信访条例 30, 46
 * Begin at:      matter_load(), matter_sight(); changing one: matter_change.h; lists: matter_list.h
 *
 * A matter is its row and its events. The row holds what lists and conditions need; everything that was said stands
 * once, in the stored bytes of the events, which are only ever added. Event n makes version n of the matter, so "where
 * version = $n" is the condition of every change, and `version` is what a form sends back so that a stale page is
 * noticed.
 *
 *     event bytes (canonical JSON, sealed in the log by commitment):
 *     {"actor":{"id":"…","realm":"…","role":"desk"},"answers":{"handler":"…"},"flow":"request","flow_version":"<sha-256>",
 *      "from":"filed","matter":"…","move":"dispatch","number":"500116106200-QZ-2026-00042","place":"…","realm":"…",
 *      "seq":2,"time":1772413200000000,"to":"assigned"}
 *
 * A matter keeps the version of the flow it began with: the bytes of every version are kept in flow_version.
 */
#ifndef RECORD_MATTER_H
#define RECORD_MATTER_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"
#include "civic/flow.h"
#include "record/person.h"

#include <stdbool.h>
#include <stdint.h>

struct plan;

enum { MATTER_NO_DUE = 0 };

struct matter_event {
    int64_t seq;                        /* from 1, the opening */
    const struct flow_move *move;       /* of the matter's flow */
    const struct flow_state *from, *to; /* from is NULL of the opening; equal when the state stayed */
    struct who actor;                   /* nobody: the system */
    const char *actor_role;             /* key of civic/role.h: as what they did it */
    int64_t recorded;                   /* the moment */
    int64_t due;                        /* of a move that a clock made: when it was due; otherwise 0 */
    int64_t position;                   /* of its leaf in the realm's log */
    struct text bytes;                  /* as stored; empty when erased */
    struct text salt;                   /* 32 bytes; empty when erased */
    const struct node *answers;         /* read from the bytes: what was asked and given, by field key; never NULL */
};

struct matter {
    const char *realm; /* 12-digit code whose log seals it */
    int64_t id;
    const char *number;      /* 500116106200-QZ-2026-00042 */
    const struct flow *flow; /* in the version it began with */
    const struct flow_state *state;
    const char *place, *place_path; /* code, down to a grid; record/place.h */
    const char *village;            /* code of the village it lies in, or of the town when it lies in none */
    struct who author;              /* nobody: written down at the desk for someone without an account */
    struct who handler;       /* who was given it; nobody before, and again once it is back in the flow's first state */
    int64_t handler_unit;     /* organisation of the handler, or 0 */
    const char *kind, *topic; /* keys: fields that the flow maps to these columns; NULL without */
    int64_t accused;          /* person or organisation that an accusation names, or 0 */
    bool is_sealed;           /* an accusation: nothing of it is public */
    int64_t version, filed, changed;
    int64_t closed; /* 0 while open */
    int64_t due;    /* the next last moment of a running clock, or MATTER_NO_DUE */
    /* Filled by matter_load(), not in lists: */
    const struct node *data; /* fields as filed, overlaid by every answer since */
    const struct matter_event *events;
    int event_count;
    struct running_clock *clocks; /* all, also the stopped ones, oldest first */
    int clock_count;
    struct flow_matter known; /* the same for civic's machine */
};

/* Whole, with events and clocks. ERR_MISSING "matter.missing". */
fallible matter_load(struct ctx *ctx, const char *realm, struct text number, struct matter **ret);
fallible matter_load_by_id(struct ctx *ctx, const char *realm, int64_t id, struct matter **ret);

/* The code of the place that a number begins with; empty for what is no number. */
struct text matter_place_of(struct text number);
/* The realm of a number is that of the place it begins with. ERR_MISSING "matter.missing" when there is none. */
fallible matter_realm_of(struct ctx *ctx, struct text number, const char **ret);

/* --- who may see how much --- */

enum sight {
    SIGHT_NONE,     /* answer as if it did not exist */
    SIGHT_PROGRESS, /* the public line: number, kind, state, dates */
    SIGHT_WHOLE,
};

/* The roles that PERSON (NULL: a stranger, no roles) has in respect of this matter now: rights_roles(), and OWNER if
 * the present state waits for one of them. The mask for flow_moves_for(). */
role_mask matter_roles(const struct person *person, const struct matter *matter);

/* WHOLE if one of PERSON's roles is in the flow's visible_to; otherwise PROGRESS. `owner` in visible_to means: author
 * and handler if any state of the flow waits for them; every other role while the present state waits for it. Of a
 * sealed matter WHOLE only for its author, its handler, the desk and whom its state waits for, and NONE for everybody
 * else. The accused and people of the accused organisation see no more than a stranger, whatever they are.
 * matter_list() shows exactly the rows whose sight is WHOLE. */
enum sight matter_sight(const struct person *person, const struct matter *matter);

/* Whether an accusation that names the accused in words has NAME (of a person or an organisation; NULL: no) among them.
 * Needs `data`. Whoever is so named is never its handler and is told nothing, also when several bear the name. */
bool matter_names(const struct matter *matter, const char *name);

/* Which events may stand on the public progress line, and in clear in the log: of public moves, into public states. */
bool matter_event_is_public(const struct matter *matter, const struct matter_event *event);

/* --- pictures --- */

struct matter_file {
    int64_t id;       /* as it stands in the answers of its field */
    const char *hash; /* name in store/files.h */
    const char *type; /* image/jpeg … */
    int64_t event;    /* seq of the event that brought it */
};
/* In the order they came. The event that brought a picture seals its hash: {"files":[{"hash":…,"id":…,"type":…}]}. */
fallible matter_files(struct ctx *ctx, const struct matter *matter, struct matter_file **ret, int *ret_count);
/* The bytes of one, with its type. ERR_MISSING "matter.file.missing". Ask matter_sight() first. */
fallible matter_file_read(struct ctx *ctx, const struct matter *matter, int64_t id, struct text *ret_bytes,
                          const char **ret_type);

/* --- versions of flows --- */

/* The present version of a flow from ctx->records. NULL when no system brought it. */
const struct flow *flow_now(const struct ctx *ctx, struct text key);
/* A version by its column value; kept for the process once read. ERR_BROKEN when it is unknown or can't be read. */
fallible flow_of_version(struct ctx *ctx, const char *key, int64_t version, const struct flow **ret);
/* What the column holds of flow->version: its first 63 bits. */
int64_t flow_version_id(const struct flow *flow);
/* A plan that stores the bytes of every flow in ctx->records that the database doesn't know yet, or NULL when it knows
 * all. To be run at start, before the first matter. REALM: any; it only names the queue. ERR_INPUT "matter.flow" {key,
 * reason} for a flow that can't be kept: known columns are category (kept as kind) and topic, both choices, accused (also a text) and
 * handler, a person or org; a person field with the key handler needs no column. The number is {place}-…{serial:N}. */
fallible flows_store_check(struct ctx *ctx, const char *realm, struct plan **ret);
#endif
