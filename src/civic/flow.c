/* civic/flow.c -- the machine: which moves are possible, and what one changes. */
#include "civic/flow_inside.h"

int flow_times(const struct flow_matter *matter, const struct flow_move *move)
{
    for (int i = 0; i < matter->done_count; i++)
        if (strcmp(matter->done[i].move, move->name) == 0)
            return matter->done[i].times;
    return 0;
}

static bool is_before_due(const struct flow_matter *matter, const struct flow_clock *clock, int64_t now)
{
    for (int i = 0; i < matter->clock_count; i++) {
        const struct running_clock *running = &matter->clocks[i];
        if (strcmp(running->name, clock->name) == 0 && flow_clock_runs(running))
            return running->paused_since || now <= running->due;
    }
    return false;
}

enum refusal { POSSIBLE, NOT_BY_THESE_ROLES, NOT_IN_THIS_STATE, TOO_OFTEN, AFTER_DUE };

static enum refusal refusal_of(const struct flow_matter *matter, const struct flow_state *state, role_mask roles,
                               const struct flow_move *move, int64_t now)
{
    if (!(move->by & roles))
        return NOT_BY_THESE_ROLES;
    if (!state || !(move->from & FLOW_BIT(state->index)))
        return NOT_IN_THIS_STATE;
    if (flow_times(matter, move) >= move->most)
        return TOO_OFTEN;
    if (move->before_due && !is_before_due(matter, move->before_due, now))
        return AFTER_DUE;
    return POSSIBLE;
}

int flow_moves_for(struct ctx *ctx, const struct flow *flow, const struct flow_matter *matter, role_mask roles,
                   int64_t now, const struct flow_move *const **ret)
{
    const struct flow_move **moves = arena_array_of(ctx->arena, const struct flow_move *, flow->move_count);
    const struct flow_state *state = flow_state_find(flow, text_of(matter->state));
    int count = 0;
    for (int i = 1; i < flow->move_count; i++)
        if (refusal_of(matter, state, roles, &flow->moves[i], now) == POSSIBLE)
            moves[count++] = &flow->moves[i];
    *ret = moves;
    return count;
}

bool flow_may_open(const struct flow *flow, role_mask roles)
{
    return (flow->opened_by & roles) != 0;
}

bool flow_is_sealed(const struct flow *flow, const struct node *data)
{
    if (!flow->sealed_by)
        return false;
    const struct flow_item *item = flow_item_find(flow->sealed_by->list,
                                                  node_find_text(data, key_intern(text_of(flow->sealed_by->key))));
    return item && (flow->sealed_items & FLOW_BIT(item - flow->sealed_by->list->items));
}

const struct err *flow_open(struct ctx *ctx, const struct flow *flow, const struct flow_world *world, role_mask roles,
                            const struct flow_given *given, int given_count, int64_t now, struct flow_result **ret)
{
    const struct flow_matter nothing = { 0 };
    struct flow_result *result = arena_new_of(ctx->arena, struct flow_result);
    if (!flow_may_open(flow, roles))
        return err_new(ctx, ERR_DENIED, "flow.open.denied", label_say(&flow->label, ctx->language));
    result->move = &flow->moves[0];
    result->state = &flow->states[0];
    TRY(flow_take_answers(ctx, world, result->move, given, given_count, &result->answers));
    TRY(flow_move_clocks(ctx, flow, world, &nothing, now, result));
    result->is_sealed = flow_is_sealed(flow, result->answers);
    *ret = result;
    return NULL;
}

static const struct err *check_move(struct ctx *ctx, const struct flow_matter *matter, const struct flow_state *state,
                                    role_mask roles, const struct flow_move *move, int64_t now)
{
    const char *label = label_say(&move->label, ctx->language);
    switch (refusal_of(matter, state, roles, move, now)) {
    case NOT_BY_THESE_ROLES:
        return err_new(ctx, ERR_DENIED, "flow.move.denied", label);
    case NOT_IN_THIS_STATE:
        return err_new(ctx, ERR_CONFLICT, "flow.move.state", label,
                       state ? label_say(&state->label, ctx->language) : matter->state);
    case TOO_OFTEN:
        return err_new(ctx, ERR_CONFLICT, "flow.move.most", label, arena_printf(ctx->arena, "%d", move->most));
    case AFTER_DUE:
        return err_new(ctx, ERR_CONFLICT, "flow.move.after_due", label,
                       label_say(&move->before_due->label, ctx->language));
    case POSSIBLE:
        break;
    }
    return NULL;
}

const struct err *flow_step(struct ctx *ctx, const struct flow *flow, const struct flow_world *world,
                            const struct flow_matter *matter, role_mask roles, struct text name,
                            const struct flow_given *given, int given_count, int64_t now, struct flow_result **ret)
{
    const struct flow_state *state = flow_state_find(flow, text_of(matter->state));
    const struct flow_move *move = flow_move_find(flow, name);
    struct flow_result *result = arena_new_of(ctx->arena, struct flow_result);
    if (!move || move->index == 0)
        return err_new(ctx, ERR_MISSING, "flow.move.unknown", text_string(ctx->arena, name));
    TRY(check_move(ctx, matter, state, roles, move, now));
    result->move = move;
    result->state = move->to ? move->to : state;
    result->tells = move->tells;
    TRY(flow_take_answers(ctx, world, move, given, given_count, &result->answers));
    TRY(flow_move_clocks(ctx, flow, world, matter, now, result));
    result->is_sealed = flow_is_sealed(flow, matter->data);
    *ret = result;
    return NULL;
}
