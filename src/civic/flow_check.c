/* civic/flow_check.c -- what only the whole flow can show: ways in, ways out, and names that nothing uses. */
#include "civic/flow_inside.h"

void flow_distances(const struct flow *flow, int *ret)
{
    for (int i = 0; i < flow->state_count; i++)
        ret[i] = i == 0 ? 0 : -1;
    for (int distance = 0; distance < flow->state_count; distance++)
        for (int m = 1; m < flow->move_count; m++) {
            const struct flow_move *move = &flow->moves[m];
            if (!move->to || ret[move->to->index] >= 0)
                continue;
            for (int i = 0; i < flow->state_count; i++)
                if ((move->from & FLOW_BIT(i)) && ret[i] == distance) {
                    ret[move->to->index] = distance + 1;
                    break;
                }
        }
}

static bool has_way_out(const struct flow *flow, const struct flow_state *state)
{
    for (int i = 1; i < flow->move_count; i++)
        if ((flow->moves[i].from & FLOW_BIT(state->index)) && flow->moves[i].to && flow->moves[i].to != state)
            return true;
    return false;
}

static const struct err *check_states(struct flow_reader *r)
{
    const struct flow *flow = r->flow;
    int distances[FLOW_MOST];
    flow_distances(flow, distances);
    for (int i = 1; i < flow->move_count; i++)
        for (int k = 0; k < flow->state_count; k++)
            if (flow->states[k].is_final && (flow->moves[i].from & FLOW_BIT(k)))
                return REFUSE(&r->reader, r->moves->values[i - 1], "the move %s is a way out of the final state %s",
                              flow->moves[i].name, flow->states[k].key);
    for (int i = 0; i < flow->state_count; i++) {
        const struct flow_state *state = &flow->states[i];
        if (distances[i] < 0)
            return REFUSE(&r->reader, r->states->values[i], "the state %s can't be reached", state->key);
        if (!state->is_final && !has_way_out(flow, state))
            return REFUSE(&r->reader, r->states->values[i], "the state %s has no way out and isn't final", state->key);
    }
    return NULL;
}

static bool is_fired(const struct flow *flow, const struct flow_move *move)
{
    for (int i = 0; i < flow->clock_count; i++)
        if (flow->clocks[i].then == move)
            return true;
    return move->fired_by != NULL;
}

static bool asks_something(const struct flow_move *move)
{
    for (int i = 0; i < move->ask_count; i++)
        if (move->asks[i].is_required)
            return true;
    return false;
}

static const struct err *check_system_moves(struct flow_reader *r)
{
    const struct flow *flow = r->flow;
    for (int i = 0; i < flow->clock_count; i++) {
        const struct flow_move *then = flow->clocks[i].then;
        if (then && !(then->by & ROLE_BIT(ROLE_SYSTEM)))
            return REFUSE(&r->reader, yaml_find(r->clocks->values[i], "then"),
                          "then of %s names the move %s, which the system may not make", flow->clocks[i].name,
                          then->name);
    }
    for (int i = 1; i < flow->move_count; i++) {
        const struct flow_move *move = &flow->moves[i];
        if (!(move->by & ROLE_BIT(ROLE_SYSTEM)))
            continue;
        if (!is_fired(flow, move))
            return REFUSE(&r->reader, r->moves->values[i - 1], "the move %s is the system's, but nothing fires it",
                          move->name);
        if (asks_something(move))
            return REFUSE(&r->reader, r->moves->values[i - 1],
                          "the move %s is the system's and can't be asked anything", move->name);
    }
    return NULL;
}

static bool is_asked(const struct flow *flow, const struct flow_field *field)
{
    for (int i = 0; i < flow->move_count; i++)
        for (int k = 0; k < flow->moves[i].ask_count; k++)
            if (flow->moves[i].asks[k].field == field)
                return true;
    return false;
}

static bool is_used(const struct flow *flow, const struct flow_list *list)
{
    for (int i = 0; i < flow->move_count; i++)
        for (int k = 0; k < flow->moves[i].ask_count; k++)
            if (flow->moves[i].asks[k].list == list)
                return true;
    return false;
}

static const struct err *check_uses(struct flow_reader *r)
{
    const struct flow *flow = r->flow;
    for (int i = 0; i < flow->field_count; i++)
        if (!is_asked(flow, &flow->fields[i]))
            return REFUSE(&r->reader, r->fields[i], "the field %s is asked by no move", flow->fields[i].key);
    for (int i = 0; i < flow->list_count; i++)
        if (!is_used(flow, &flow->lists[i]))
            return REFUSE(&r->reader, r->lists[i], "the list %s is chosen from by no move", flow->lists[i].key);
    return NULL;
}

/* Sealed or not is settled when a matter is opened. Were it answered again later, a matter that everybody has seen
 * already could become an accusation, or an accusation be opened to all. */
static const struct err *check_sealed(struct flow_reader *r)
{
    const struct flow *flow = r->flow;
    for (int i = 1; flow->sealed_by && i < flow->move_count; i++)
        for (int k = 0; k < flow->moves[i].ask_count; k++)
            if (flow->moves[i].asks[k].field == flow->sealed_by)
                return REFUSE(&r->reader, yaml_find(r->moves->values[i - 1], "asks")->values[k],
                              "the move %s asks %s, but sealed_when looks at it: it is settled at the opening",
                              flow->moves[i].name, flow->sealed_by->key);
    return NULL;
}

const struct err *flow_check(struct flow_reader *r)
{
    TRY(check_states(r));
    TRY(check_system_moves(r));
    TRY(check_sealed(r));
    return check_uses(r);
}
