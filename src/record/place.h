/* record/place.h -- the tree of places: district, town, village, group, grid.
 * Owns:          tables place, service_desk and organisation; what a path and a realm are
 * Must not know: people and matters; who may see what
 * Begin at:      place_load(), place_covers()
 *
 * A place's path lists the codes from the root to itself, "/500116000000/500116106000/500116106200/", so that "within"
 * is "the path begins with" and a subtree is one range of an index. A realm is the nearest self or ancestor of kind
 * town, else the district: 500116106000 for everything in 永兴镇. Code, parent, kind and with them path and realm never
 * change. Everything is read from ctx->snapshot and lives in ctx's arena.
 */
#ifndef RECORD_PLACE_H
#define RECORD_PLACE_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum place_kind { PLACE_DISTRICT, PLACE_TOWN, PLACE_VILLAGE, PLACE_GROUP, PLACE_GRID, PLACE_KIND_COUNT };

/* "district" …; -1 when unknown. */
int place_kind_find(struct text key);
const char *place_kind_key(enum place_kind kind);
/* A text key: "place.kind.district". */
const char *place_kind_text(enum place_kind kind);

struct place {
    const char *code, *name, *path, *realm;
    const char *parent; /* NULL of a district */
    enum place_kind kind;
    bool has_point;
    int64_t longitude, latitude;  /* WGS-84, millionths of a degree */
    int32_t valid_from, valid_to; /* days, the last one included; DAY_NONE while it stands */
};

/* ERR_MISSING "place.missing" {code} when there is none. Past places are found too. */
fallible place_load(struct ctx *ctx, struct text code, struct place **ret);
/* The same, but absence is ordinary: *RET is NULL then. */
fallible place_find(struct ctx *ctx, struct text code, struct place **ret);
/* Those that stand on DAY, by code; DAY_NONE for all there ever were. PARENT at NULL: the districts. */
fallible place_children(struct ctx *ctx, struct text parent, int32_t day, struct place **ret, int *ret_count);
/* From the nearest (its parent) to the district. */
fallible place_ancestors(struct ctx *ctx, const struct place *place, struct place **ret, int *ret_count);
/* Its own code and those of its ancestors, nearest first, cut from the path: for flow_world.places. */
int place_codes(struct ctx *ctx, const char *path, const struct text **ret);
/* Code of the village that PATH lies in, else of the town or district: the nearest of 12 digits. */
const char *place_village(struct ctx *ctx, const char *path);
/* Names from the town down to itself, as people say it: "永兴镇黄庄村一组"; a district alone is its own name. */
fallible place_words(struct ctx *ctx, const struct place *place, const char **ret);
/* A name within another, once: 黄庄村 and 二组, or 黄庄村 and 黄庄村二组, are 黄庄村二组. */
const char *place_join(struct ctx *ctx, const char *outer, const char *inner);
/* Every place that is a realm (towns, districts) and stands on DAY, by code. */
fallible place_realms(struct ctx *ctx, int32_t day, struct place **ret, int *ret_count);

struct service_desk {
    const char *place, *place_name; /* whose desk it is */
    const char *address, *hours, *phone; /* NULL where not known */
};
/* The desk that serves a place: its own or the nearest above; NULL when none is known. */
fallible place_desk(struct ctx *ctx, const char *place_path, struct service_desk **ret);

/* Whether INNER is OUTER or lies within it; false when one is NULL. */
bool place_covers(const char *outer_path, const char *inner_path);
/* The end of the range of paths within PATH: "path >= PATH and path < AFTER" in SQL. */
const char *place_path_after(struct ctx *ctx, const char *path);

/* --- organisations --- */

enum organisation_kind {
    ORGANISATION_COMMITTEE,
    ORGANISATION_BRANCH,
    ORGANISATION_ENTERPRISE,
    ORGANISATION_ALLIANCE,
    ORGANISATION_DEPARTMENT,
    ORGANISATION_LAW_FIRM,
    ORGANISATION_COUNCIL,
    ORGANISATION_KIND_COUNT
};

int organisation_kind_find(struct text key);
const char *organisation_kind_key(enum organisation_kind kind);

struct organisation {
    int64_t id;
    const char *code, *name, *place, *place_path;
    const char *credit_code; /* or NULL */
    enum organisation_kind kind;
};

/* ERR_MISSING "organisation.missing". */
fallible organisation_load(struct ctx *ctx, int64_t id, struct organisation **ret);
/* NULL when there is none. */
fallible organisation_find(struct ctx *ctx, struct text code, struct organisation **ret);
/* Of a place and everything within it, by code. */
fallible organisation_list(struct ctx *ctx, const char *place_path, struct organisation **ret, int *ret_count);
#endif
