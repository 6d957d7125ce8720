/* store/plan.c -- making plans, and filling in what is known only at the writer's turn. */
#include "store/plan.h"

#include "base/arena.h"
#include "store/writer_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct plan *plan_new(struct ctx *ctx, const char *realm)
{
    struct plan *plan = arena_new_of(ctx->arena, struct plan);
    plan->arena = ctx->arena;
    plan->realm = arena_string(ctx->arena, realm);
    return plan;
}

void plan_step(struct plan *plan, const struct statement *statement, int rows, const char *conflict,
               const struct value *values, int count)
{
    if (count != statement->parameters)
        BUG("%s takes %d values, not %d", statement->name, statement->parameters, count);
    struct plan_step *step = arena_new_of(plan->arena, struct plan_step);
    *step = (struct plan_step){ .statement = statement, .count = count, .rows = rows, .conflict = conflict };
    if (count) {
        step->values = arena_alloc_raw(plan->arena, sizeof *values * (size_t)count);
        memcpy(step->values, values, sizeof *values * (size_t)count);
    }
    if (plan->last)
        plan->last->next = step;
    else
        plan->first = step;
    plan->last = step;
}

int plan_leaf(struct plan *plan, struct text open, struct text bytes, const uint8_t salt[PLAN_SALT_SIZE])
{
    struct plan_leaf *leaf = arena_new_of(plan->arena, struct plan_leaf);
    *leaf = (struct plan_leaf){ .open = open, .bytes = bytes };
    memcpy(leaf->salt, salt, PLAN_SALT_SIZE);
    if (plan->last_leaf)
        plan->last_leaf->next = leaf;
    else
        plan->first_leaf = leaf;
    plan->last_leaf = leaf;
    return plan->leaves++;
}

void plan_wants_number(struct plan *plan, const char *serial_key, const char *number_prefix, int serial_digits)
{
    plan->serial_key = arena_string(plan->arena, serial_key);
    plan->number_prefix = arena_string(plan->arena, number_prefix);
    plan->serial_digits = serial_digits;
}

void plan_token(struct plan *plan, struct text token, struct text result)
{
    plan->token = token;
    plan->result = result;
}

/* --- late parts --- */

const char *plan_number(const struct plan *plan, int64_t serial)
{
    return arena_printf(plan->arena, "%s%0*" PRId64, plan->number_prefix, plan->serial_digits, serial);
}

/* Where the next mark stands, or the end. */
static size_t marks_begin(struct text text, size_t at)
{
    while (at < text.size && text.at[at] != PLAN_NUMBER[0] && text.at[at] != PLAN_TIME[0])
        at++;
    return at;
}

struct text plan_fill(struct arena *arena, struct text late, const char *number, int64_t time)
{
    size_t at = marks_begin(late, 0);
    if (at == late.size)
        return late;
    char digits[24];
    struct text filled_time = { digits, (size_t)snprintf(digits, sizeof digits, "%" PRId64, time) };
    struct text filled_number = text_of(number ? number : "");
    size_t size = late.size;
    for (size_t i = at; i < late.size; i = marks_begin(late, i + 1))
        size += (late.at[i] == PLAN_TIME[0] ? filled_time : filled_number).size;
    char *out = arena_alloc_raw(arena, size);
    size_t written = 0, from = 0;
    for (; at < late.size; from = at + 1, at = marks_begin(late, from)) {
        struct text fill = late.at[at] == PLAN_TIME[0] ? filled_time : filled_number;
        memcpy(out + written, late.at + from, at - from);
        written += at - from;
        memcpy(out + written, fill.at, fill.size);
        written += fill.size;
    }
    memcpy(out + written, late.at + from, late.size - from);
    return (struct text){ out, written + late.size - from };
}
