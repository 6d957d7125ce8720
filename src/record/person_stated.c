/* record/person_stated.c */
#include "record/person_stated.h"

#include "base/arena.h"
#include "base/id.h"
#include "record/keys.h"
#include "record/people_sql.h"
#include "record/person_inside.h"
#include "store/plan.h"

struct text phone_plain(struct ctx *ctx, struct text written)
{
    char *plain = arena_alloc_raw(ctx->arena, written.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < written.size; i++)
        if (written.at[i] != ' ' && written.at[i] != '-')
            plain[size++] = written.at[i];
    return (struct text){ plain, size };
}

/* An error about what was typed, told where it was typed. */
static const struct err *at_field(struct ctx *ctx, const struct err *failed, const char *field)
{
    struct err *told = (struct err *)arena_copy(ctx->arena, failed, sizeof *failed);
    told->field = field;
    return told;
}

static const struct err *find_known(struct ctx *ctx, struct stated *stated)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_person_by_phone_and_name,
                  VALUES(value_string(stated->who.realm), value_string(stated->phone_index), value_string(stated->name)), &rows));
    if (rows_next(&rows)) {
        stated->who.id = rows_int(&rows, 0);
        stated->is_known = true;
    }
    return rows_close(&rows);
}

const struct err *person_stated(struct ctx *ctx, struct keys *keys, const struct place *place, struct text name,
                                struct text phone, const char *field_name, const char *field_phone, struct stated *ret)
{
    struct text number = phone_plain(ctx, phone);
    const struct err *failed = name_check(ctx, name);
    if (failed)
        return at_field(ctx, failed, field_name);
    failed = number.size ? phone_check(ctx, number) : NULL;
    if (failed)
        return at_field(ctx, failed, field_phone);
    *ret = (struct stated){ .who = { place->realm, id_next(ctx) }, .name = text_string(ctx->arena, name), .place = place->code };
    if (!number.size)
        return NULL;
    ret->phone_index = keys_index(ctx, keys, personal_key(PERSONAL_PHONE), number);
    TRY(find_known(ctx, ret));
    if (ret->is_known)
        return NULL;
    ret->field_version = keys_version(keys); /* before it is sealed: a row may claim too old a key, never too new a one */
    ret->phone_sealed = keys_seal(ctx, keys, person_seal_context(ctx, ret->who, PERSONAL_PHONE), number);
    return NULL;
}

void person_stated_step(struct ctx *ctx, struct plan *plan, const struct stated *stated)
{
    if (stated->is_known)
        return;
    const char *key = arena_printf(ctx->arena, "stated-%lld", (long long)stated->who.id);
    plan_step(plan, &sql_person_insert, 1, "error.conflict",
              VALUES(value_string(stated->who.realm), value_int(stated->who.id), value_string(key), value_string(stated->name),
                     value_int(SEX_UNKNOWN), value_null(), value_string(stated->place), value_null(), value_null(), value_null(),
                     value_null(), value_string(stated->phone_sealed), value_string(stated->phone_index),
                     value_int(stated->field_version), value_null()));
}
