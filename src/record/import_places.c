/* record/import_places.c -- rows of places, organisations and households. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "civic/identity.h"
#include "record/import_inside.h"
#include "record/people_sql.h"
#include "record/places_sql.h"

/* --- places --- */

static bool is_digits(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.size > 0;
}

/* 12 digits; a group: 12 digits "-Z" 2 digits; a grid: 15 digits. */
static bool code_fits(struct text code, enum place_kind kind)
{
    struct text first = { code.at, code.size < 12 ? code.size : 12 };
    if (kind == PLACE_GRID)
        return code.size == 15 && is_digits(code);
    if (kind == PLACE_GROUP)
        return code.size == 16 && is_digits(first) && code.at[12] == '-' && code.at[13] == 'Z' &&
               is_digits((struct text){ code.at + 14, 2 });
    return code.size == 12 && is_digits(code);
}

/* -180.000000 … 180.000000 as millionths; at most six decimals are kept. */
static bool degrees_read(struct text cell, int64_t most, int64_t *ret)
{
    struct text fraction, rest = cell;
    bool is_negative = rest.size && rest.at[0] == '-';
    if (is_negative)
        rest = (struct text){ rest.at + 1, rest.size - 1 };
    struct text whole = text_cut(rest, '.', &fraction);
    if (!is_digits(whole) || whole.size > 3 || (fraction.size && !is_digits(fraction)) || fraction.size > 15)
        return false;
    int64_t number = 0;
    for (size_t i = 0; i < whole.size; i++)
        number = number * 10 + (whole.at[i] - '0');
    for (size_t i = 0; i < 6; i++)
        number = number * 10 + (i < fraction.size ? fraction.at[i] - '0' : 0);
    *ret = is_negative ? -number : number;
    return number <= most * 1000000;
}

static const char *const place_kinds_zh[][3] = {
    [PLACE_DISTRICT] = { "区县", "区", "县" },  [PLACE_TOWN] = { "镇街", "镇", "街道" },
    [PLACE_VILLAGE] = { "村居", "村", "社区" }, [PLACE_GROUP] = { "组", "村民小组", "小组" },
    [PLACE_GRID] = { "网格", "网格", "网格" },
};

static int place_kind_read(struct text cell)
{
    int kind = place_kind_find(cell);
    for (int i = 0; i < PLACE_KIND_COUNT && kind < 0; i++)
        for (int k = 0; k < 3; k++)
            if (text_is(cell, place_kinds_zh[i][k]))
                kind = i;
    return kind;
}

static void place_read_point(struct import *import, struct place *place)
{
    struct text longitude = import_cell(import, P_LONGITUDE), latitude = import_cell(import, P_LATITUDE);
    if (!longitude.size && !latitude.size)
        return;
    int64_t east, north;
    if (!degrees_read(longitude, 180, &east) || !degrees_read(latitude, 90, &north)) {
        import_blame(import, "import.point", NULL);
        return;
    }
    place->has_point = true;
    place->longitude = east;
    place->latitude = north;
}

/* Sets parent, path, realm; *RET_LATER when the parent isn't known yet. */
static fallible place_read_parent(struct import *import, struct place *place, bool *ret_later)
{
    struct arena *arena = import->ctx->arena;
    struct text code = import_cell(import, P_PARENT);
    *ret_later = false;
    if (place->kind == PLACE_DISTRICT) {
        if (code.size)
            import_blame(import, "import.parent_none", NULL);
        place->path = arena_printf(arena, "/%s/", place->code);
        place->realm = place->code;
        return NULL;
    }
    struct place *parent = NULL;
    if (code.size)
        TRY(import_place(import, code, &parent));
    if (!parent && code.size && !import->is_last_round) {
        *ret_later = true;
        return NULL;
    }
    if (!code.size) {
        import_blame(import, "import.empty", import_column_name(import, P_PARENT), NULL);
        return NULL;
    }
    if (!parent || parent->kind >= place->kind) {
        import_blame(import, parent ? "import.parent_kind" : "import.parent_unknown", import_string(import, code),
                     NULL);
        return NULL;
    }
    place->parent = parent->code;
    place->path = arena_printf(arena, "%s%s/", parent->path, place->code);
    place->realm = place->kind == PLACE_TOWN ? place->code : parent->realm;
    return NULL;
}

static bool place_same(const struct place *a, const struct place *b)
{
    return same(a->name, b->name) && a->has_point == b->has_point && a->longitude == b->longitude &&
           a->latitude == b->latitude && a->valid_from == b->valid_from && a->valid_to == b->valid_to;
}

static void place_write(struct import *import, const struct place *place, bool is_new)
{
    struct text codes = text_of(place->path + 1), rest;
    const char *root = import_string(import, text_cut(codes, '/', &rest)); /* one queue for a district's places */
    struct value east = place->has_point ? value_int(place->longitude) : value_null();
    struct value north = place->has_point ? value_int(place->latitude) : value_null();
    if (is_new)
        import_step(import, root, &sql_place_insert, 1,
                    VALUES(value_string(place->code), value_string(place->name), value_string(place->path),
                           value_string(place->realm), value_string(place->parent),
                           value_string(place_kind_key(place->kind)), east, north, value_int(place->valid_from),
                           value_day(place->valid_to)));
    else
        import_step(import, root, &sql_place_update, 1,
                    VALUES(value_string(place->code), value_string(place->name), east, north,
                           value_int(place->valid_from), value_day(place->valid_to)));
}

/* --- the service desk of a place --- */

static fallible known_desk_load(struct import *import, const struct place *place, struct service_desk *ret)
{
    struct service_desk *nearest = NULL;
    *ret = (struct service_desk){ .place = place->code };
    TRY(place_desk(import->batch, place->path, &nearest));
    if (nearest && strcmp(nearest->place, place->code) == 0)
        *ret = *nearest;
    return NULL;
}

/* *RET_CHANGED: what the row says of the desk is new, and the step is there. */
static fallible desk_write(struct import *import, const struct place *place, bool *ret_changed)
{
    struct text address = import_cell_short(import, P_DESK_ADDRESS, WORDS_MOST);
    struct text hours = import_cell_short(import, P_DESK_HOURS, WORDS_MOST);
    struct text phone = import_cell_office_phone(import, P_DESK_PHONE), rest;
    struct service_desk known, desk;
    *ret_changed = false;
    if (import_is_blamed(import) || !(address.size || hours.size || phone.size))
        return NULL;
    TRY(known_desk_load(import, place, &known));
    desk = known;
    desk.address = import_keep(import, address, known.address);
    desk.hours = import_keep(import, hours, known.hours);
    desk.phone = import_keep(import, phone, known.phone);
    *ret_changed = !same(desk.address, known.address) || !same(desk.hours, known.hours) || !same(desk.phone, known.phone);
    if (*ret_changed)
        import_step(import, import_string(import, text_cut(text_of(place->path + 1), '/', &rest)), &sql_desk_put, 1,
                    VALUES(value_string(desk.place), value_string(desk.address), value_string(desk.hours), value_string(desk.phone)));
    return NULL;
}

fallible import_check_place(struct import *import, enum fate *ret)
{
    struct arena *arena = import->ctx->arena;
    struct text code = import_cell_needed(import, P_CODE, KEY_MOST),
                name = import_cell_needed(import, P_NAME, WORDS_MOST);
    int kind = place_kind_read(import_cell(import, P_KIND));
    if (kind < 0)
        import_blame(import, "import.kind", import_string(import, import_cell(import, P_KIND)), NULL);
    else if (code.size && !code_fits(code, (enum place_kind)kind))
        import_blame(import, "import.code", import_string(import, code), NULL);
    int32_t from = import_cell_day(import, P_FROM), to = import_cell_day(import, P_TO);
    if (import_is_blamed(import))
        return NULL;

    struct place *known;
    TRY(import_place(import, code, &known));
    struct place *place = arena_new_of(arena, struct place);
    *place = known ? *known : (struct place){ .valid_from = DAY_NONE, .valid_to = DAY_NONE };
    place->code = text_string(arena, code);
    place->name = text_string(arena, name);
    place->kind = (enum place_kind)kind;
    place->valid_from = import_keep_day(from, place->valid_from);
    place->valid_to = import_keep_day(to, place->valid_to);
    bool is_later;
    TRY(place_read_parent(import, place, &is_later));
    if (is_later) {
        *ret = FATE_LATER;
        return NULL;
    }
    import_blame_repeated(import, "place", place->code);
    place_read_point(import, place);
    if (place->valid_from == DAY_NONE)
        import_blame(import, "import.empty", import_column_name(import, P_FROM), NULL);
    if (place->valid_to != DAY_NONE && place->valid_to < place->valid_from)
        import_blame(import, "import.days_turned", NULL);
    if (known && (known->kind != place->kind || !same(known->path, place->path)))
        import_blame(import, "import.place_fixed", place->code, NULL);
    if (!import_is_blamed(import))
        import_blame_unless_allowed(import, place->realm, place->path);
    if (import_is_blamed(import))
        return NULL;
    bool is_desk_changed;
    TRY(desk_write(import, place, &is_desk_changed));
    if (import_is_blamed(import))
        return NULL;
    bool is_same = known && place_same(known, place);
    *ret = !known ? FATE_NEW : is_same && !is_desk_changed ? FATE_UNCHANGED : FATE_CHANGED;
    if (!is_same)
        place_write(import, place, !known);
    seen_put(import->ctx, &import->places, place->code, place);
    return NULL;
}

/* --- organisations --- */

static const char *const organisation_kinds_zh[ORGANISATION_KIND_COUNT] = {
    [ORGANISATION_COMMITTEE] = "委员会", [ORGANISATION_BRANCH] = "党支部",   [ORGANISATION_ENTERPRISE] = "企业",
    [ORGANISATION_ALLIANCE] = "联盟",    [ORGANISATION_DEPARTMENT] = "部门", [ORGANISATION_LAW_FIRM] = "律师事务所",
    [ORGANISATION_COUNCIL] = "议事会",
};

static int organisation_kind_read(struct text cell)
{
    int kind = organisation_kind_find(cell);
    for (int i = 0; i < ORGANISATION_KIND_COUNT && kind < 0; i++)
        if (text_is(cell, organisation_kinds_zh[i]))
            kind = i;
    return kind;
}

static bool is_slug(struct text code)
{
    for (size_t i = 0; i < code.size; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-", code.at[i]))
            return false;
    return code.size >= 2;
}

fallible import_check_organisation(struct import *import, enum fate *ret)
{
    struct text code = import_cell_needed(import, O_CODE, KEY_MOST),
                name = import_cell_needed(import, O_NAME, WORDS_MOST);
    struct text kind_cell = import_cell(import, O_KIND), credit = import_cell(import, O_CREDIT);
    int kind = organisation_kind_read(kind_cell);
    struct place *place;
    if (code.size && !is_slug(code))
        import_blame(import, "import.slug", import_string(import, code), NULL);
    else if (code.size)
        import_blame_repeated(import, "organisation", import_string(import, code));
    if (kind < 0)
        import_blame(import, "import.kind", import_string(import, kind_cell), NULL);
    TRY(import_cell_place(import, O_PLACE, &place));
    if (credit.size) {
        const struct err *refused = credit_code_check(import->batch, credit);
        if (refused)
            import_blame_err(import, refused);
    }
    if (place)
        import_blame_unless_allowed(import, place->realm, place->path);
    if (import_is_blamed(import))
        return NULL;

    struct organisation *known;
    TRY(organisation_find(import->batch, code, &known));
    const char *credit_code = import_keep(import, credit, known ? known->credit_code : NULL);
    struct value kind_value = value_string(organisation_kind_key((enum organisation_kind)kind));
    if (!known) {
        *ret = FATE_NEW;
        import_step(import, place->realm, &sql_organisation_insert, 1,
                    VALUES(value_int(id_next(import->batch)), value_text(code), value_text(name), kind_value,
                           value_string(place->code), value_string(credit_code)));
        return NULL;
    }
    *ret = text_is(name, known->name) && (int)known->kind == kind && same(known->place, place->code) &&
                   same(known->credit_code, credit_code)
               ? FATE_UNCHANGED
               : FATE_CHANGED;
    if (*ret == FATE_CHANGED)
        import_step(import, place->realm, &sql_organisation_update, 1,
                    VALUES(value_int(known->id), value_text(name), kind_value, value_string(place->code),
                           value_string(credit_code)));
    return NULL;
}

/* --- households --- */

fallible import_check_household(struct import *import, enum fate *ret)
{
    struct text key = import_cell_needed(import, H_KEY, KEY_MOST),
                address = import_cell_needed(import, H_ADDRESS, WORDS_MOST);
    struct text head_cell = import_cell(import, H_HEAD);
    struct place *place;
    if (key.size)
        import_blame_repeated(import, "household", import_string(import, key));
    TRY(import_cell_place(import, H_PLACE, &place));
    if (place)
        import_blame_unless_allowed(import, place->realm, place->path);
    if (text_characters(head_cell) > KEY_MOST)
        import_blame(import, "import.long", import_column_name(import, H_HEAD), "64", NULL);
    struct known_household known = { 0 };
    if (key.size)
        TRY(import_household(import, key, &known));
    if (known.id && place && !same(known.realm, place->realm))
        import_blame(import, "import.other_realm", import_string(import, key), NULL);
    if (import_is_blamed(import))
        return NULL;

    const char *head = import_keep(import, head_cell, known.head);
    if (!known.id) {
        *ret = FATE_NEW;
        import_step(import, place->realm, &sql_household_insert, 1,
                    VALUES(value_string(place->realm), value_int(id_next(import->batch)), value_text(key),
                           value_string(place->code), value_text(address), value_string(head)));
        return NULL;
    }
    *ret = same(known.place, place->code) && text_is(address, known.address) && same(known.head, head) ? FATE_UNCHANGED
                                                                                                       : FATE_CHANGED;
    if (*ret == FATE_CHANGED)
        import_step(import, place->realm, &sql_household_update, 1,
                    VALUES(value_string(place->realm), value_int(known.id), value_string(place->code),
                           value_text(address), value_string(head)));
    if (!same(known.place, place->code))
        import_step(import, place->realm, &sql_household_members_move, PLAN_ANY_ROWS,
                    VALUES(value_string(place->realm), value_int(known.id), value_string(place->code)));
    return NULL;
}
