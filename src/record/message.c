/* record/message.c -- writing, listing and saying what people are told. */
#include "record/message.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "record/matter_sql.h"
#include "store/plan.h"

void message_step(struct ctx *ctx, struct plan *plan, struct who reader, const char *matter_realm,
                  const char *late_number, const char *flow, const char *move, const char *what, int64_t due)
{
    plan_step(plan, &sql_message_add, 1, "error.conflict",
              VALUES(value_string(reader.realm), value_int(reader.id), value_int(id_next(ctx)),
                     value_string(matter_realm), value_late_text(text_of(late_number)), value_string(flow),
                     value_string(move), value_string(what), due ? value_int(due) : value_null(), value_late_time()));
}

fallible message_list(struct ctx *ctx, bool unread_only, int64_t after, int most, struct message **ret, int *ret_count)
{
    struct who reader = person_who(ctx->person);
    struct rows rows;
    int count = 0;
    *ret = arena_array_of(ctx->arena, struct message, most + 1);
    *ret_count = 0;
    if (!reader.id)
        return NULL;
    TRY(rows_open(
        ctx, ctx->snapshot, unread_only ? &sql_message_list_unread : &sql_message_list,
        VALUES(value_string(reader.realm), value_int(reader.id), value_int(after ? after : INT64_MAX), value_int(most)),
        &rows));
    while (rows_next(&rows))
        (*ret)[count++] = (struct message){ .id = rows_int(&rows, 0),
                                            .matter_realm = rows_string(&rows, 1),
                                            .number = rows_string(&rows, 2),
                                            .flow = rows_string(&rows, 3),
                                            .move = rows_string(&rows, 4),
                                            .what = rows_string(&rows, 5),
                                            .due = rows_int(&rows, 6),
                                            .made = rows_int(&rows, 7),
                                            .read = rows_int(&rows, 8) };
    *ret_count = count;
    return rows_close(&rows);
}

fallible message_count_unread(struct ctx *ctx, int most, int *ret)
{
    struct message *messages;
    return message_list(ctx, true, 0, most, &messages, ret);
}

fallible message_read_check(struct ctx *ctx, int64_t up_to, struct plan **ret)
{
    struct who reader = person_who(ctx->person);
    if (!reader.id)
        return err_new(ctx, ERR_DENIED, "rights.denied");
    struct plan *plan = plan_new(ctx, reader.realm);
    plan_step(
        plan, &sql_message_mark_read, PLAN_ANY_ROWS, NULL,
        VALUES(value_string(reader.realm), value_int(reader.id), value_int(up_to), value_int(clock_now(ctx->clock))));
    *ret = plan;
    return NULL;
}
