/* record/place.c -- reading places and organisations; what a path says. */
#include "record/place_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/day.h"
#include "record/grow_inside.h"
#include "record/places_sql.h"
#include "store/db.h"

enum { PLACE_DEEPEST = 16 };

static const char *const place_kinds[PLACE_KIND_COUNT] = { "district", "town", "village", "group", "grid" };
static const char *const place_texts[PLACE_KIND_COUNT] = { "place.kind.district", "place.kind.town",
                                                           "place.kind.village", "place.kind.group",
                                                           "place.kind.grid" };
static const char *const organisation_kinds[ORGANISATION_KIND_COUNT] = { "committee", "branch",     "enterprise",
                                                                         "alliance",  "department", "law_firm",
                                                                         "council" };

static int key_find(const char *const *keys, int count, struct text key)
{
    for (int i = 0; i < count; i++)
        if (text_is(key, keys[i]))
            return i;
    return -1;
}

int place_kind_find(struct text key)
{
    return key_find(place_kinds, PLACE_KIND_COUNT, key);
}

const char *place_kind_key(enum place_kind kind)
{
    return place_kinds[kind];
}

const char *place_kind_text(enum place_kind kind)
{
    return place_texts[kind];
}

int organisation_kind_find(struct text key)
{
    return key_find(organisation_kinds, ORGANISATION_KIND_COUNT, key);
}

const char *organisation_kind_key(enum organisation_kind kind)
{
    return organisation_kinds[kind];
}

/* --- reading --- */

void place_read(const struct rows *rows, int first, struct place *place)
{
    int kind = place_kind_find(rows_text(rows, first + 5));
    *place = (struct place){
        .code = rows_string(rows, first),
        .name = rows_string(rows, first + 1),
        .path = rows_string(rows, first + 2),
        .realm = rows_string(rows, first + 3),
        .parent = rows_string(rows, first + 4),
        .kind = kind < 0 ? PLACE_GRID : (enum place_kind)kind,
        .has_point = !rows_is_null(rows, first + 6) && !rows_is_null(rows, first + 7),
        .longitude = rows_int(rows, first + 6),
        .latitude = rows_int(rows, first + 7),
        .valid_from = (int32_t)rows_int(rows, first + 8),
        .valid_to = rows_is_null(rows, first + 9) ? DAY_NONE : (int32_t)rows_int(rows, first + 9),
    };
}

fallible place_find(struct ctx *ctx, struct text code, struct place **ret)
{
    struct place *place = NULL;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_place_by_code, VALUES(value_text(code)), &rows));
    if (rows_next(&rows)) {
        place = arena_new_of(ctx->arena, struct place);
        place_read(&rows, 0, place);
    }
    TRY(rows_close(&rows));
    *ret = place;
    return NULL;
}

fallible place_load(struct ctx *ctx, struct text code, struct place **ret)
{
    struct place *place;
    TRY(place_find(ctx, code, &place));
    if (!place)
        return err_new(ctx, ERR_MISSING, "place.missing", text_string(ctx->arena, code));
    *ret = place;
    return NULL;
}

fallible place_desk(struct ctx *ctx, const char *place_path, struct service_desk **ret)
{
    enum { DEPTH = 6 };
    const struct text *codes;
    struct value values[DEPTH];
    struct rows rows;
    int count = place_codes(ctx, place_path, &codes);
    *ret = NULL;
    if (!count)
        return NULL;
    for (int i = 0; i < DEPTH; i++)
        values[i] = value_text(codes[i < count ? i : count - 1]);
    TRY(rows_open(ctx, ctx->snapshot, &sql_desk_nearest, values, DEPTH, &rows));
    if (rows_next(&rows)) {
        *ret = arena_new_of(ctx->arena, struct service_desk);
        **ret = (struct service_desk){ rows_string(&rows, 0), rows_string(&rows, 1), rows_string(&rows, 2),
                                       rows_string(&rows, 3), rows_string(&rows, 4) };
    }
    return rows_close(&rows);
}

/* All rows of an opened statement. */
static fallible places_read(struct ctx *ctx, struct rows *rows, struct place **ret, int *ret_count)
{
    int count = 0;
    struct place *places = NULL;
    while (rows_next(rows)) {
        places = arena_grow(ctx, places, count, sizeof *places);
        place_read(rows, 0, &places[count++]);
    }
    TRY(rows_close(rows));
    *ret = places;
    *ret_count = count;
    return NULL;
}

/* DAY as the range in which a place must stand: one day, or all time. */
static struct value last_first(int32_t day)
{
    return value_int(day == DAY_NONE ? INT32_MAX : day);
}

static struct value first_last(int32_t day)
{
    return value_int(day == DAY_NONE ? INT32_MIN : day);
}

fallible place_children(struct ctx *ctx, struct text parent, int32_t day, struct place **ret, int *ret_count)
{
    struct rows rows;
    if (parent.at)
        TRY(rows_open(ctx, ctx->snapshot, &sql_place_children,
                      VALUES(value_text(parent), last_first(day), first_last(day)), &rows));
    else
        TRY(rows_open(ctx, ctx->snapshot, &sql_place_districts, VALUES(last_first(day), first_last(day)), &rows));
    return places_read(ctx, &rows, ret, ret_count);
}

fallible place_realms(struct ctx *ctx, int32_t day, struct place **ret, int *ret_count)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_place_realms, VALUES(last_first(day), first_last(day)), &rows));
    return places_read(ctx, &rows, ret, ret_count);
}

int place_codes(struct ctx *ctx, const char *path, const struct text **ret)
{
    struct text found[PLACE_DEEPEST];
    int count = 0;
    struct text rest = text_of(path);
    while (rest.size && count < PLACE_DEEPEST) {
        struct text code = text_cut(rest, '/', &rest);
        if (code.size)
            found[count++] = code;
    }
    struct text *codes = arena_array_of(ctx->arena, struct text, count + 1);
    for (int i = 0; i < count; i++)
        codes[i] = found[count - 1 - i];
    *ret = codes;
    return count;
}

const char *place_village(struct ctx *ctx, const char *path)
{
    enum { CODE = 12 }; /* of villages, towns and districts; groups and grids have longer ones */
    const struct text *codes;
    int count = place_codes(ctx, path, &codes), at = 0;
    while (at + 1 < count && codes[at].size != CODE)
        at++;
    return count ? text_string(ctx->arena, codes[at]) : "";
}

fallible place_ancestors(struct ctx *ctx, const struct place *place, struct place **ret, int *ret_count)
{
    const struct text *codes;
    int count = place_codes(ctx, place->path, &codes);
    struct place *places = arena_array_of(ctx->arena, struct place, count);
    for (int i = 1; i < count; i++) {
        struct place *ancestor;
        TRY(place_load(ctx, codes[i], &ancestor));
        places[i - 1] = *ancestor;
    }
    *ret = places;
    *ret_count = count > 0 ? count - 1 : 0;
    return NULL;
}

const char *place_join(struct ctx *ctx, const char *outer, const char *inner)
{
    return strncmp(inner, outer, strlen(outer)) == 0 ? inner : arena_printf(ctx->arena, "%s%s", outer, inner);
}

fallible place_words(struct ctx *ctx, const struct place *place, const char **ret)
{
    struct place *above;
    int count;
    TRY(place_ancestors(ctx, place, &above, &count));
    const char *words = place->name;
    if (place->kind != PLACE_TOWN)
        for (int i = 0; i < count && above[i].kind != PLACE_DISTRICT; i++)
            words = place_join(ctx, above[i].name, words);
    *ret = words;
    return NULL;
}

/* --- paths --- */

bool place_covers(const char *outer_path, const char *inner_path)
{
    return outer_path && inner_path && *outer_path && strncmp(outer_path, inner_path, strlen(outer_path)) == 0;
}

/* A path ends with '/', and '0' is the next byte: "/a/" … "/a0" holds exactly what begins with "/a/". */
const char *place_path_after(struct ctx *ctx, const char *path)
{
    char *after = arena_string(ctx->arena, path);
    size_t size = strlen(after);
    if (size && after[size - 1] == '/')
        after[size - 1] = '0';
    return after;
}

/* --- organisations --- */

static void organisation_read(struct rows *rows, struct organisation *organisation)
{
    int kind = organisation_kind_find(rows_text(rows, 6));
    *organisation = (struct organisation){
        .id = rows_int(rows, 0),
        .code = rows_string(rows, 1),
        .name = rows_string(rows, 2),
        .place = rows_string(rows, 3),
        .place_path = rows_string(rows, 4),
        .credit_code = rows_string(rows, 5),
        .kind = kind < 0 ? ORGANISATION_DEPARTMENT : (enum organisation_kind)kind,
    };
}

static fallible organisation_one(struct ctx *ctx, const struct statement *statement, struct value value,
                                 struct organisation **ret)
{
    struct organisation *organisation = NULL;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, statement, VALUES(value), &rows));
    if (rows_next(&rows)) {
        organisation = arena_new_of(ctx->arena, struct organisation);
        organisation_read(&rows, organisation);
    }
    TRY(rows_close(&rows));
    *ret = organisation;
    return NULL;
}

fallible organisation_load(struct ctx *ctx, int64_t id, struct organisation **ret)
{
    TRY(organisation_one(ctx, &sql_organisation_by_id, value_int(id), ret));
    return *ret ? NULL : err_new(ctx, ERR_MISSING, "organisation.missing");
}

fallible organisation_find(struct ctx *ctx, struct text code, struct organisation **ret)
{
    return organisation_one(ctx, &sql_organisation_by_code, value_text(code), ret);
}

fallible organisation_list(struct ctx *ctx, const char *place_path, struct organisation **ret, int *ret_count)
{
    int count = 0;
    struct organisation *list = NULL;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_organisation_within,
                  VALUES(value_string(place_path), value_string(place_path_after(ctx, place_path))), &rows));
    while (rows_next(&rows)) {
        list = arena_grow(ctx, list, count, sizeof *list);
        organisation_read(&rows, &list[count++]);
    }
    TRY(rows_close(&rows));
    *ret = list;
    *ret_count = count;
    return NULL;
}
