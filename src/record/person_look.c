/* record/person_look.c -- numbers in full: sealed, masked, and looked at only through an event. */
#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "record/keys.h"
#include "record/people_sql.h"
#include "record/person.h"
#include "record/person_inside.h"
#include "record/rights.h"
#include "store/plan.h"

#include "base/id.h"

enum { PURPOSE_LEAST = 2, PURPOSE_MOST = 200 };

#define LOOK_LASTS (10 * MICROS_PER_MINUTE)

static const char *const personal_keys[PERSONAL_COUNT] = { "identity", "phone" };

const char *personal_key(enum personal which)
{
    return personal_keys[which];
}

int personal_find(struct text key)
{
    for (int i = 0; i < PERSONAL_COUNT; i++)
        if (text_is(key, personal_keys[i]))
            return i;
    return -1;
}

const char *person_seal_context(struct ctx *ctx, struct who who, enum personal which)
{
    return arena_printf(ctx->arena, "%s/%lld/%s", who.realm, (long long)who.id, personal_keys[which]);
}

struct numbers {
    const char *sealed[PERSONAL_COUNT];
    const char *place_path;
};

static fallible numbers_load(struct ctx *ctx, struct who who, struct numbers *ret)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_person_numbers, VALUES(value_string(who.realm), value_int(who.id)), &rows));
    bool found = rows_next(&rows);
    if (found)
        *ret = (struct numbers){ { rows_string(&rows, 0), rows_string(&rows, 1) }, rows_string(&rows, 2) };
    TRY(rows_close(&rows));
    return found ? NULL : err_new(ctx, ERR_MISSING, "person.missing");
}

static fallible number_open(struct ctx *ctx, struct keys *keys, struct who who, enum personal which,
                            const struct numbers *numbers, struct text *ret)
{
    return keys_unseal(ctx, keys, person_seal_context(ctx, who, which), text_of(numbers->sealed[which]), ret);
}

fallible person_masked(struct ctx *ctx, struct keys *keys, struct who who, enum personal which, const char **ret)
{
    struct numbers numbers = { 0 };
    *ret = NULL;
    TRY(numbers_load(ctx, who, &numbers));
    if (!numbers.sealed[which])
        return NULL;
    struct text number;
    TRY(number_open(ctx, keys, who, which, &numbers, &number));
    *ret = which == PERSONAL_IDENTITY ? identity_mask(ctx->arena, number) : phone_mask(ctx->arena, number);
    return NULL;
}

/* --- looks --- */

struct text person_look_event(struct ctx *ctx, const struct look_sealed *look)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_printf(&out, "{\"actor\":{\"id\":\"%lld\",\"realm\":\"%s\"},\"kind\":\"look\",\"look\":\"%lld\"",
                  (long long)look->by.id, look->by.realm, (long long)look->id);
    buffer_printf(&out, ",\"person\":\"%lld\",\"purpose\":", (long long)look->who.id);
    buffer_json(&out, look->purpose);
    buffer_printf(&out, ",\"realm\":\"%s\",\"time\":%s,\"which\":\"%s\"}", look->who.realm, look->time, look->which);
    return text_copy(ctx->arena, buffer_view(&out));
}

static fallible look_plan(struct ctx *ctx, struct who who, enum personal which, struct text purpose, const char *number,
                          const struct numbers *numbers, struct plan **ret, int64_t *ret_look)
{
    if (!numbers->sealed[which])
        return err_new(ctx, ERR_MISSING, "people.look.none");
    purpose = text_trim(purpose);
    size_t size = text_characters(purpose);
    if (size < PURPOSE_LEAST || size > PURPOSE_MOST || !text_is_clean(purpose))
        return err_field(ctx, "purpose", "people.look.purpose");
    if (number) /* about which matter, whatever the words */
        purpose = text_of(arena_printf(ctx->arena, "%.*s · %s", (int)purpose.size, purpose.at, number));

    int64_t look = id_next(ctx);
    uint8_t salt[PLAN_SALT_SIZE];
    ctx_random(ctx, salt, sizeof(salt));
    struct plan *plan = plan_new(ctx, arena_string(ctx->arena, who.realm));
    struct who by = person_who(ctx->person);
    const struct look_sealed sealed = { by, who, look, personal_keys[which], purpose, PLAN_TIME };
    int slot = plan_leaf(plan, TEXT("{}"), person_look_event(ctx, &sealed), salt);
    const char *kept_salt = arena_copy(ctx->arena, salt, sizeof(salt));
    plan_step(plan, &sql_look_insert, 1, NULL,
              VALUES(value_string(plan->realm), value_int(look), value_int(who.id), value_string(personal_keys[which]),
                     value_text(text_copy(ctx->arena, purpose)), value_string(by.realm), value_int(by.id),
                     value_late_time(), value_late_slot(slot), value_blob((struct text){ kept_salt, sizeof(salt) })));
    *ret = plan;
    *ret_look = look;
    return NULL;
}

fallible person_look(struct ctx *ctx, struct who who, enum personal which, struct text purpose, struct plan **ret,
                     int64_t *ret_look)
{
    struct numbers numbers = { 0 };
    TRY(numbers_load(ctx, who, &numbers));
    struct thing thing = { .realm = who.realm, .place_path = numbers.place_path, .author = who };
    if (!may(ctx->person, "people.look", &thing))
        return err_new(ctx, ERR_DENIED, "people.look.denied");
    return look_plan(ctx, who, which, purpose, NULL, &numbers, ret, ret_look);
}

fallible person_look_for(struct ctx *ctx, struct who who, enum personal which, struct text purpose, const char *number,
                         struct plan **ret, int64_t *ret_look)
{
    struct numbers numbers = { 0 };
    TRY(numbers_load(ctx, who, &numbers));
    return look_plan(ctx, who, which, purpose, number, &numbers, ret, ret_look);
}

fallible person_look_read(struct ctx *ctx, struct keys *keys, struct who who, int64_t look, const char **ret)
{
    bool is_own = false;
    int which = -1;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_look_by_id, VALUES(value_string(who.realm), value_int(look)), &rows));
    if (rows_next(&rows)) {
        struct who by = { rows_string(&rows, 2), rows_int(&rows, 3) };
        which = personal_find(rows_text(&rows, 1));
        is_own = rows_int(&rows, 0) == who.id && who_is(by, person_who(ctx->person)) &&
                 clock_now(ctx->clock) < rows_int(&rows, 4) + LOOK_LASTS;
    }
    TRY(rows_close(&rows));
    if (!is_own || which < 0)
        return err_new(ctx, ERR_DENIED, "people.look.denied");
    struct numbers numbers = { 0 };
    TRY(numbers_load(ctx, who, &numbers));
    if (!numbers.sealed[which])
        return err_new(ctx, ERR_MISSING, "people.look.none");
    struct text number;
    TRY(number_open(ctx, keys, who, (enum personal)which, &numbers, &number));
    *ret = text_string(ctx->arena, number);
    return NULL;
}

fallible person_looks(struct ctx *ctx, struct who who, int most, struct look **ret, int *ret_count)
{
    struct look *looks = NULL;
    int count = 0;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_looks_at_person,
                  VALUES(value_string(who.realm), value_int(who.id), value_int(most)), &rows));
    while (rows_next(&rows)) {
        looks = arena_grow(ctx, looks, count, sizeof(*looks));
        int which = personal_find(rows_text(&rows, 2));
        looks[count++] = (struct look){
            .id = rows_int(&rows, 0),
            .at = rows_int(&rows, 1),
            .which = which < 0 ? PERSONAL_IDENTITY : (enum personal)which,
            .purpose = rows_string(&rows, 3),
            .by = { rows_string(&rows, 4), rows_int(&rows, 5) },
            .by_name = rows_string(&rows, 6),
            .leaf = rows_int(&rows, 7),
        };
    }
    TRY(rows_close(&rows));
    *ret = looks;
    *ret_count = count;
    return NULL;
}

/* --- a newer field key --- */

static fallible number_reseal(struct ctx *ctx, struct keys *keys, struct who who, enum personal which,
                              const char *sealed, struct value *ret)
{
    *ret = value_null();
    if (!sealed)
        return NULL;
    const char *context = person_seal_context(ctx, who, which);
    struct text plain;
    TRY(keys_unseal(ctx, keys, context, text_of(sealed), &plain));
    *ret = value_string(keys_seal(ctx, keys, context, plain));
    return NULL;
}

fallible person_reseal(struct ctx *ctx, struct keys *keys, int most, struct plan **ret, int *ret_rows)
{
    struct plan *plan = NULL;
    int count = 0;
    uint32_t version = keys_version(keys);
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_person_sealed_before, VALUES(value_int(version), value_int(most)), &rows));
    while (rows_next(&rows)) {
        struct who who = { rows_string(&rows, 0), rows_int(&rows, 1) };
        if (!plan)
            plan = plan_new(ctx, who.realm);
        if (strcmp(who.realm, plan->realm) != 0) /* another realm's: the next plan */
            continue;
        struct value identity, phone;
        const struct err *failed = number_reseal(ctx, keys, who, PERSONAL_IDENTITY, rows_string(&rows, 2), &identity);
        if (!failed)
            failed = number_reseal(ctx, keys, who, PERSONAL_PHONE, rows_string(&rows, 3), &phone);
        if (failed) {
            const struct err *closing = rows_close(&rows);
            return closing ? closing : failed;
        }
        plan_step(plan, &sql_person_reseal, 1, NULL,
                  VALUES(value_string(who.realm), value_int(who.id), value_int(rows_int(&rows, 4)), identity, phone,
                         value_int(version)));
        count++;
    }
    TRY(rows_close(&rows));
    *ret = plan;
    *ret_rows = count;
    return NULL;
}
