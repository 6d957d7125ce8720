/* record/person.c -- reading people, who holds a role, households, and names that are shown in part. */
#include "record/person.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/day.h"
#include "base/encode.h"
#include "record/keys.h"
#include "record/people_sql.h"
#include "record/person_inside.h"
#include "record/place.h"
#include "record/rights.h"

#include <string.h>

/* --- one person --- */

void person_read(const struct rows *rows, int first, struct person *person)
{
    int64_t sex = rows_int(rows, first + 4);
    *person = (struct person){
        .realm = rows_string(rows, first),
        .id = rows_int(rows, first + 1),
        .key = rows_string(rows, first + 2),
        .name = rows_string(rows, first + 3),
        .sex = sex == SEX_MALE || sex == SEX_FEMALE ? (enum sex)sex : SEX_UNKNOWN,
        .birth = rows_is_null(rows, first + 5) ? DAY_NONE : (int32_t)rows_int(rows, first + 5),
        .place = rows_string(rows, first + 6),
        .place_path = rows_string(rows, first + 7),
        .place_name = rows_string(rows, first + 8),
        .household = rows_int(rows, first + 9),
        .relation = rows_string(rows, first + 10),
        .abode = rows_string(rows, first + 11),
    };
}

void person_add_role(struct ctx *ctx, const struct rows *rows, int first, struct person *person)
{
    int role = role_find(rows_text(rows, first));
    if (role < 0) /* of a newer program: gives no right here */
        return;
    person->roles = arena_grow(ctx, person->roles, person->role_count, sizeof(*person->roles));
    person->roles[person->role_count++] = (struct held_role){
        .role = (enum role)role,
        .place = rows_string(rows, first + 1),
        .place_path = rows_string(rows, first + 2),
        .place_name = rows_string(rows, first + 3),
        .place_realm = rows_string(rows, first + 4),
        .organisation = rows_int(rows, first + 5),
        .organisation_code = rows_string(rows, first + 6),
        .organisation_name = rows_string(rows, first + 7),
        .from = (int32_t)rows_int(rows, first + 8),
        .to = rows_is_null(rows, first + 9) ? DAY_NONE : (int32_t)rows_int(rows, first + 9),
    };
    person->role_mask |= ROLE_BIT(role);
}

fallible person_read_roles(struct ctx *ctx, struct person *person, int32_t day)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_roles_of_person,
                  VALUES(value_string(person->realm), value_int(person->id), value_int(day)), &rows));
    while (rows_next(&rows))
        person_add_role(ctx, &rows, 0, person);
    return rows_close(&rows);
}

static fallible person_one(struct ctx *ctx, const struct statement *statement, const struct value *values, int count,
                           int32_t day, struct person **ret)
{
    struct person *person = NULL;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, statement, values, count, &rows));
    if (rows_next(&rows)) {
        person = arena_new_of(ctx->arena, struct person);
        person_read(&rows, 0, person);
    }
    TRY(rows_close(&rows));
    if (person)
        TRY(person_read_roles(ctx, person, day));
    *ret = person;
    return NULL;
}

fallible person_load(struct ctx *ctx, struct who who, int32_t day, struct person **ret)
{
    TRY(person_one(ctx, &sql_person_by_id, VALUES(value_string(who.realm), value_int(who.id)), day, ret));
    return *ret ? NULL : err_new(ctx, ERR_MISSING, "person.missing");
}

fallible person_find(struct ctx *ctx, const char *realm, struct text key, int32_t day, struct person **ret)
{
    if (realm)
        return person_one(ctx, &sql_person_by_key, VALUES(value_string(realm), value_text(key)), day, ret);
    return person_one(ctx, &sql_person_by_key_anywhere, VALUES(value_text(key)), day, ret);
}

fallible person_find_identity(struct ctx *ctx, struct keys *keys, const char *realm, struct text number, int32_t day,
                              struct person **ret)
{
    char *capital = text_string(ctx->arena, text_trim(number));
    size_t size = strlen(capital);
    if (size == IDENTITY_SIZE && capital[size - 1] == 'x')
        capital[size - 1] = 'X';
    const char *index = keys_index(ctx, keys, personal_key(PERSONAL_IDENTITY), text_of(capital));
    return person_one(ctx, &sql_person_by_identity, VALUES(value_string(realm), value_string(index)), day, ret);
}

fallible person_find_phone(struct ctx *ctx, struct keys *keys, const char *realm, struct text phone, int32_t day,
                           struct person **ret, bool *ret_shared)
{
    const char *index = keys_index(ctx, keys, personal_key(PERSONAL_PHONE), text_trim(phone));
    struct rows rows;
    struct who who = { realm, 0 };
    *ret = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_person_by_phone, VALUES(value_string(realm), value_string(index)), &rows));
    if (rows_next(&rows))
        who.id = rows_int(&rows, 1);
    *ret_shared = rows_next(&rows);
    TRY(rows_close(&rows));
    return who.id && !*ret_shared ? person_load(ctx, who, day, ret) : NULL;
}

fallible person_name(struct ctx *ctx, struct who who, const char **ret)
{
    *ret = NULL;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_person_name, VALUES(value_string(who.realm), value_int(who.id)), &rows));
    if (rows_next(&rows))
        *ret = rows_string(&rows, 0);
    return rows_close(&rows);
}

struct text person_token(struct ctx *ctx, struct text token)
{
    struct who who = person_who(ctx->person);
    if (!token.size)
        return (struct text){ NULL, 0 };
    struct sha256 hash = sha256_of(text_of(arena_printf(ctx->arena, "%s/%lld/%.*s", who.realm ? who.realm : "",
                                                        (long long)who.id, (int)token.size, token.at)));
    return text_of(hex_encode(ctx->arena, sha256_text(&hash)));
}

/* --- who holds a role --- */

static fallible holders_read(struct ctx *ctx, struct rows *rows, enum role role, struct holder **ret, int *ret_count)
{
    struct holder *holders = NULL;
    int count = 0;
    while (rows_next(rows)) {
        holders = arena_grow(ctx, holders, count, sizeof(*holders));
        holders[count++] = (struct holder){
            .who = { rows_string(rows, 0), rows_int(rows, 1) },
            .name = rows_string(rows, 2),
            .role = role,
            .place = rows_string(rows, 3),
            .place_path = rows_string(rows, 4),
            .place_name = rows_string(rows, 5),
            .organisation = rows_int(rows, 6),
            .organisation_name = rows_string(rows, 7),
            .phone = rows_string(rows, 8),
        };
    }
    TRY(rows_close(rows));
    *ret = holders;
    *ret_count = count;
    return NULL;
}

fallible person_holders_above(struct ctx *ctx, enum role role, const char *place_path, int32_t day, struct holder **ret,
                              int *ret_count)
{
    const struct text *codes;
    int count = place_codes(ctx, place_path, &codes);
    *ret = NULL;
    *ret_count = 0;
    if (!count)
        return NULL;
    struct value values[8] = { value_string(role_key(role)), value_int(day) };
    for (int i = 0; i < 6; i++)
        values[2 + i] = value_text(codes[i < count ? i : count - 1]);
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_role_holders_at, values, 8, &rows));
    return holders_read(ctx, &rows, role, ret, ret_count);
}

fallible person_holders_within(struct ctx *ctx, enum role role, const char *place_path, int32_t day,
                               struct holder **ret, int *ret_count)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_role_holders_within,
                  VALUES(value_string(role_key(role)), value_int(day), value_string(place_path),
                         value_string(place_path_after(ctx, place_path))),
                  &rows));
    return holders_read(ctx, &rows, role, ret, ret_count);
}

/* --- names --- */

/* Family names of two characters that are still met; every other Chinese family name has one. */
static const char *const long_family_names[] = { "欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟", "公孙", "慕容",
                                                 "令狐", "司徒", "端木", "夏侯", "东方", "南宫", "轩辕", "司空",
                                                 "长孙", "宇文", "申屠", "淳于", "单于", "太史", "公羊", "赫连",
                                                 "澹台", "濮阳", "钟离", "西门", "独孤", "呼延" };

/* Bytes of the part of a name that may always be read: the family name, or one character of any other name. */
static size_t family_name_size(struct text name)
{
    for (size_t i = 0; i < sizeof(long_family_names) / sizeof(*long_family_names); i++)
        if (text_starts(name, long_family_names[i]) && name.size > strlen(long_family_names[i]))
            return strlen(long_family_names[i]);
    return text_character_size(name);
}

const char *person_name_public(struct arena *arena, struct text name)
{
    enum { MOST = 2 };
    size_t family = family_name_size(name);
    size_t rest = text_characters((struct text){ name.at + family, name.size - family });
    if (rest == 0)
        rest = 1;
    if (rest > MOST)
        rest = MOST;
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_add(&out, name.at, family);
    for (size_t i = 0; i < rest; i++)
        buffer_string(&out, "某");
    return arena_copy(arena, out.at, out.size);
}

const char *person_name_shown(struct ctx *ctx, const struct person *viewer, struct who who, int64_t household,
                              const char *place_path, struct text name)
{
    struct thing thing = { .realm = who.realm, .place_path = place_path, .author = who };
    bool is_home = viewer && household && viewer->household == household && who.realm &&
                   !strcmp(viewer->realm, who.realm);
    if (viewer && (who_is(person_who(viewer), who) || is_home || may(viewer, "place.show_private", &thing)))
        return text_string(ctx->arena, name);
    return person_name_public(ctx->arena, name);
}
