/* civic/flow_read_moves.c -- moves and clocks of a flow file. They refer to each other, so the names of the moves are
 * read first, then the clocks, then what the moves say. */
#include "civic/flow_inside.h"

/* --- names of moves --- */

const struct err *flow_read_move_names(struct flow_reader *r)
{
    static const char *const names[] = { "zh", "en", NULL };
    struct reader *reader = &r->reader;
    struct flow *flow = r->flow;
    const struct yaml *opening;
    TRY(read_part(reader, r->root, "the flow", "opening", YAML_MAP, &opening));
    TRY(read_part(reader, r->root, "the flow", "moves", YAML_LIST, &r->moves));
    if (r->moves->count + 1 > FLOW_MOST)
        return REFUSE(reader, r->moves, "more than %d moves", FLOW_MOST - 1);
    flow->moves = arena_array_of(reader->ctx->arena, struct flow_move, r->moves->count + 1);
    struct flow_move *file = &flow->moves[flow->move_count++];
    *file = (struct flow_move){
        .name = "file", .to = &flow->states[0], .by = flow->opened_by, .most = 1, .is_public = true
    };
    TRY(read_members(reader, opening, "opening", names));
    TRY(label_read(reader->ctx, reader->name, opening, "opening", &file->label));
    file->asks = arena_array_of(reader->ctx->arena, struct flow_ask, flow->filed_count);
    for (int i = 0; i < flow->filed_count; i++)
        file->asks[file->ask_count++] = (struct flow_ask){ &flow->fields[i], flow->fields[i].list,
                                                           flow->fields[i].is_required };
    for (int i = 0; i < r->moves->count; i++) {
        struct flow_move *move = &flow->moves[flow->move_count];
        const struct yaml *map = r->moves->values[i], *name;
        TRY(read_part(reader, map, "a move", "name", YAML_SCALAR, &name));
        TRY(read_word(reader, name, "the name of a move", false, &move->name));
        if (flow_move_find(flow, name->scalar))
            return REFUSE(reader, name, "the move %s stands twice", move->name);
        move->index = flow->move_count++;
        TRY(label_read(reader->ctx, reader->name, map, move->name, &move->label));
    }
    return NULL;
}

/* --- clocks --- */

/* A name or a list of names, to a mask. */
static const struct err *read_mask(struct flow_reader *r, const struct yaml *value, const char *what, bool of_states,
                                   uint64_t *ret)
{
    *ret = 0;
    int count = value->kind == YAML_LIST ? value->count : 1;
    if (value->kind == YAML_MAP || count == 0)
        return REFUSE(&r->reader, value, "%s must be a name or a list of names", what);
    for (int i = 0; i < count; i++) {
        const struct yaml *one = value->kind == YAML_LIST ? value->values[i] : value;
        struct text name = one->kind == YAML_SCALAR ? one->scalar : TEXT("(no word)");
        const struct flow_state *state = of_states ? flow_state_find(r->flow, name) : NULL;
        const struct flow_move *move = of_states ? NULL : flow_move_find(r->flow, name);
        if (!state && !move)
            return REFUSE(&r->reader, one, "%s names the unknown %s %s", what, of_states ? "state" : "move", name.at);
        *ret |= FLOW_BIT(state ? state->index : move->index);
    }
    return NULL;
}

static const struct err *read_mask_of(struct flow_reader *r, const struct yaml *map, const char *name, const char *key,
                                      bool of_states, uint64_t *ret)
{
    const struct yaml *value = yaml_find(map, key);
    const char *what = arena_printf(r->reader.ctx->arena, "%s of %s", key, name);
    return value ? read_mask(r, value, what, of_states, ret) : NULL;
}

static const struct err *read_rule_key(struct flow_reader *r, const struct yaml *scalar, const struct flow_clock *clock,
                                       const char **ret)
{
    TRY(read_word(&r->reader, scalar, "the key of a clock", true, ret));
    const struct rule *rule = rules_find(r->rules, scalar->scalar);
    if (!rule)
        return REFUSE(&r->reader, scalar, "the clock %s names the rule %s, which stands in no rules file", clock->name,
                      *ret);
    if (!rule->source || !period_is_sound(rule_period(rule)))
        return REFUSE(&r->reader, scalar, "the clock %s names the rule %s, which is no period", clock->name, *ret);
    return NULL;
}

/* key: {question: order.finish_question, else: order.finish_other} */
static const struct err *read_rule_choice(struct flow_reader *r, const struct yaml *map, struct flow_clock *clock)
{
    const struct yaml *by;
    TRY(read_part(&r->reader, map, clock->name, "by", YAML_SCALAR, &by));
    clock->by = flow_field_find(r->flow, by->scalar);
    if (!clock->by)
        return REFUSE(&r->reader, by, "the clock %s goes by the unknown field %s", clock->name, by->scalar.at);
    if (!clock->by->list || !clock->by->is_required)
        return REFUSE(&r->reader, by, "the clock %s goes by %s, which is no required choice", clock->name,
                      by->scalar.at);
    const struct flow_list *list = clock->by->list;
    const struct yaml *keys = yaml_find(map, "key"), *otherwise = yaml_find(keys, "else");
    if (!keys || keys->kind != YAML_MAP)
        return REFUSE(&r->reader, map, "the clock %s goes by a field and needs a rule for each choice", clock->name);
    clock->keys = arena_array_of(r->reader.ctx->arena, const char *, list->count);
    for (int i = 0; i < keys->count; i++)
        if (keys->values[i] != otherwise && !flow_item_find(list, keys->keys[i]))
            return REFUSE(&r->reader, keys->values[i], "%s is no item of %s", keys->keys[i].at, list->key);
    for (int i = 0; i < list->count; i++) {
        const struct yaml *key = yaml_find(keys, list->items[i].key);
        if (!key && !otherwise)
            return REFUSE(&r->reader, keys, "the clock %s has no rule for %s and no else", clock->name,
                          list->items[i].key);
        TRY(read_rule_key(r, key ? key : otherwise, clock, &clock->keys[i]));
    }
    return NULL;
}

static const struct {
    const char *word, *single;
    enum unit unit;
    enum count count;
} own_units[] = {
    { "minutes", "minute", UNIT_MINUTE, COUNT_HOURS },
    { "hours", "hour", UNIT_HOUR, COUNT_HOURS },
    { "days", "day", UNIT_DAY, COUNT_NATURAL },
    { "workdays", "workday", UNIT_WORKDAY, COUNT_WORKDAYS },
};
enum { OWN_UNITS = sizeof own_units / sizeof *own_units };

/* How long: a rule, a rule for each choice, or a number of the flow's own. Exactly one. */
static const struct err *read_length(struct flow_reader *r, const struct yaml *map, struct flow_clock *clock)
{
    const struct yaml *key = yaml_find(map, "key");
    int said = key != NULL;
    clock->own.value = -1;
    for (int i = 0; i < OWN_UNITS; i++) {
        const struct yaml *number = yaml_find(map, own_units[i].word);
        if (!number)
            continue;
        int64_t value;
        TRY(read_number(&r->reader, number, own_units[i].word, 1, 10000, &value));
        clock->own = (struct period){ value, own_units[i].unit, own_units[i].count };
        said++;
    }
    const struct yaml *at = yaml_find(map, "at");
    said += at != NULL;
    if (said != 1)
        return REFUSE(&r->reader, map, "the clock %s must say once how long: key, minutes, hours, days, workdays or at",
                      clock->name);
    if (at) {
        clock->at = at->kind == YAML_SCALAR ? flow_field_find(r->flow, at->scalar) : NULL;
        if (!clock->at || clock->at->type != FIELD_MOMENT || !clock->at->is_filed || !clock->at->is_required)
            return REFUSE(&r->reader, at, "at of %s must name a moment that everyone files", clock->name);
        if (yaml_find(map, "paused_in"))
            return REFUSE(&r->reader, map, "the clock %s ends at a moment and can't stand still", clock->name);
    }
    if (!key && yaml_find(map, "by"))
        return REFUSE(&r->reader, map, "the clock %s goes by a field and needs a rule for each choice", clock->name);
    if (!key)
        return NULL;
    return yaml_find(map, "by") ? read_rule_choice(r, map, clock) : read_rule_key(r, key, clock, &clock->key);
}

static const struct err *read_warn(struct flow_reader *r, const struct yaml *map, struct flow_clock *clock)
{
    const struct yaml *warn = yaml_find(map, "warn");
    if (!warn)
        return NULL;
    struct text unit, value = text_cut(warn->kind == YAML_SCALAR ? warn->scalar : (struct text){ 0 }, ' ', &unit);
    int64_t number;
    if (text_int(value, &number) && number > 0 && number <= 1000)
        for (int i = 0; i < OWN_UNITS; i++)
            if (text_is(unit, own_units[i].word) || text_is(unit, own_units[i].single)) {
                clock->warn = (struct period){ number, own_units[i].unit, own_units[i].count };
                return NULL;
            }
    return REFUSE(&r->reader, warn, "warn of %s must be like \"1 workday\" or \"30 minutes\"", clock->name);
}

static const struct err *read_clock(struct flow_reader *r, struct text name, const struct yaml *map)
{
    static const char *const members[] = { "zh",       "en",     "key",   "by",   "minutes",   "hours", "days",
                                           "workdays", "starts", "stops", "then", "paused_in", "warn",  "at", NULL };
    struct flow_clock clock = { .name = name.at, .index = r->flow->clock_count };
    if (!is_word(name, false))
        return REFUSE(&r->reader, map, "a clock's name must be a word of a-z, 0-9 and _");
    TRY(read_members(&r->reader, map, clock.name, members));
    TRY(label_read(r->reader.ctx, r->reader.name, map, clock.name, &clock.label));
    TRY(read_length(r, map, &clock));
    TRY(read_mask_of(r, map, clock.name, "starts", false, &clock.starts));
    TRY(read_mask_of(r, map, clock.name, "stops", false, &clock.stops));
    TRY(read_mask_of(r, map, clock.name, "paused_in", true, &clock.paused_in));
    TRY(read_warn(r, map, &clock));
    if (!clock.starts)
        return REFUSE(&r->reader, map, "the clock %s is started by no move", clock.name);
    const struct yaml *then = yaml_find(map, "then");
    if (then) {
        struct text move = then->kind == YAML_SCALAR ? then->scalar : TEXT("(no word)");
        clock.then = flow_move_find(r->flow, move);
        if (!clock.then || clock.then->index == 0)
            return REFUSE(&r->reader, then, "then of %s names %s, which is no declared move", clock.name, move.at);
    }
    r->flow->clocks[r->flow->clock_count++] = clock;
    return NULL;
}

const struct err *flow_read_clocks(struct flow_reader *r)
{
    r->clocks = yaml_find(r->root, "clocks");
    if (!r->clocks)
        return NULL;
    TRY(read_part(&r->reader, r->root, "the flow", "clocks", YAML_MAP, &r->clocks));
    if (r->clocks->count > FLOW_MOST_CLOCKS)
        return REFUSE(&r->reader, r->clocks, "more than %d clocks", FLOW_MOST_CLOCKS);
    r->flow->clocks = arena_array_of(r->reader.ctx->arena, struct flow_clock, r->clocks->count);
    for (int i = 0; i < r->clocks->count; i++)
        TRY(read_clock(r, r->clocks->keys[i], r->clocks->values[i]));
    return NULL;
}

/* --- moves --- */

static const struct err *read_from(struct flow_reader *r, const struct yaml *map, struct flow_move *move)
{
    const struct yaml *from = yaml_find(map, "from");
    if (!from)
        return REFUSE(&r->reader, map, "the move %s has no from", move->name);
    if (from->kind != YAML_SCALAR || !text_is(from->scalar, "any"))
        return read_mask_of(r, map, move->name, "from", true, &move->from);
    for (int i = 0; i < r->flow->state_count; i++) /* any: all but the final ones and where it leads */
        if (!r->flow->states[i].is_final && &r->flow->states[i] != move->to)
            move->from |= FLOW_BIT(i);
    return NULL;
}

static const struct err *read_to(struct flow_reader *r, const struct yaml *map, struct flow_move *move)
{
    bool stays;
    const struct yaml *to = yaml_find(map, "to");
    TRY(read_flag(&r->reader, map, "stays", &stays));
    if (stays == (to != NULL))
        return REFUSE(&r->reader, map, "the move %s must have either to or stays: true", move->name);
    if (stays)
        return NULL;
    struct text key = to->kind == YAML_SCALAR ? to->scalar : TEXT("(no word)");
    move->to = flow_state_find(r->flow, key);
    return move->to ? NULL : REFUSE(&r->reader, to, "to of %s names the unknown state %s", move->name, key.at);
}

/* "reason", "reason?", or {ground: decline_grounds}. */
static const struct err *read_ask(struct flow_reader *r, const struct yaml *value, struct flow_move *move)
{
    bool is_pair = value->kind == YAML_MAP && value->count == 1 && value->values[0]->kind == YAML_SCALAR;
    if (value->kind != YAML_SCALAR && !is_pair)
        return REFUSE(&r->reader, value, "asks of %s must be fields, or field: list", move->name);
    struct text key = is_pair ? value->keys[0] : value->scalar;
    struct flow_ask ask = { .is_required = !text_ends(key, "?") };
    if (!ask.is_required)
        key = text_copy(r->reader.ctx->arena, (struct text){ key.at, key.size - 1 });
    ask.field = flow_field_find(r->flow, key);
    if (!ask.field)
        return REFUSE(&r->reader, value, "the move %s asks %s, which is declared with no type", move->name, key.at);
    ask.list = ask.field->list;
    if (is_pair) {
        if (ask.field->type != FIELD_CHOICE)
            return REFUSE(&r->reader, value, "the move %s gives a list to %s, which is no choice", move->name, key.at);
        ask.list = flow_list_find(r->flow, value->values[0]->scalar);
        if (!ask.list)
            return REFUSE(&r->reader, value, "the move %s asks %s of the unknown list %s", move->name, key.at,
                          value->values[0]->scalar.at);
    }
    if (ask.field->type == FIELD_CHOICE && !ask.list)
        return REFUSE(&r->reader, value, "the move %s asks %s without a list to choose from", move->name, key.at);
    for (int i = 0; i < move->ask_count; i++)
        if (move->asks[i].field == ask.field)
            return REFUSE(&r->reader, value, "the move %s asks %s twice", move->name, key.at);
    move->asks[move->ask_count++] = ask;
    return NULL;
}

static const struct err *read_asks(struct flow_reader *r, const struct yaml *map, struct flow_move *move)
{
    const struct yaml *asks = yaml_find(map, "asks");
    if (!asks)
        return NULL;
    TRY(read_part(&r->reader, map, move->name, "asks", YAML_LIST, &asks));
    move->asks = arena_array_of(r->reader.ctx->arena, struct flow_ask, asks->count);
    for (int i = 0; i < asks->count; i++)
        TRY(read_ask(r, asks->values[i], move));
    return NULL;
}

static const struct err *read_clock_name(struct flow_reader *r, const struct yaml *map, const struct flow_move *move,
                                         const char *key, const struct flow_clock **ret)
{
    const struct yaml *value = yaml_find(map, key);
    if (!value)
        return NULL;
    struct text name = value->kind == YAML_SCALAR ? value->scalar : TEXT("(no word)");
    *ret = flow_clock_find(r->flow, name);
    return *ret ? NULL : REFUSE(&r->reader, value, "%s of %s names the unknown clock %s", key, move->name, name.at);
}

static const struct err *read_extends(struct flow_reader *r, const struct yaml *map, struct flow_move *move)
{
    TRY(read_clock_name(r, map, move, "before_due", &move->before_due));
    TRY(read_clock_name(r, map, move, "extends", &move->extends));
    const struct yaml *by = yaml_find(map, "extends_by");
    if (!by && !move->extends)
        return NULL;
    if (!by || !move->extends)
        return REFUSE(&r->reader, map, "the move %s needs both extends and extends_by", move->name);
    if (move->extends->at)
        return REFUSE(&r->reader, yaml_find(map, "extends"), "extends of %s names %s, which ends at a moment", move->name,
                      move->extends->name);
    move->extends_by = by->kind == YAML_SCALAR ? flow_field_find(r->flow, by->scalar) : NULL;
    if (!move->extends_by || move->extends_by->type != FIELD_INT || move->extends_by->least < 0)
        return REFUSE(&r->reader, by, "extends_by of %s must name a field of type int that is not negative",
                      move->name);
    return NULL;
}

static const struct err *read_move(struct flow_reader *r, const struct yaml *map, struct flow_move *move)
{
    static const char *const members[] = { "name",  "zh",     "en",       "from",       "to",      "stays",
                                           "by",    "asks",   "most",     "before_due", "extends", "extends_by",
                                           "tells", "public", "fired_by", NULL };
    TRY(read_members(&r->reader, map, move->name, members));
    TRY(read_to(r, map, move));
    TRY(read_from(r, map, move));
    TRY(flow_read_roles(r, map, move->name, "by", true, &move->by));
    TRY(flow_read_roles(r, map, move->name, "tells", false, &move->tells));
    TRY(read_asks(r, map, move));
    TRY(read_extends(r, map, move));
    TRY(read_flag(&r->reader, map, "public", &move->is_public));
    const struct yaml *most = yaml_find(map, "most"), *fired_by = yaml_find(map, "fired_by");
    int64_t number = FLOW_ALL;
    if (most)
        TRY(read_number(&r->reader, most, "most", 1, 1000, &number));
    move->most = (int)number;
    if (fired_by && !(move->by & ROLE_BIT(ROLE_SYSTEM)))
        return REFUSE(&r->reader, fired_by, "the move %s is fired by something but not made by the system", move->name);
    return fired_by ? read_word(&r->reader, fired_by, "fired_by", false, &move->fired_by) : NULL;
}

const struct err *flow_read_moves(struct flow_reader *r)
{
    for (int i = 0; i < r->moves->count; i++)
        TRY(read_move(r, r->moves->values[i], &r->flow->moves[i + 1]));
    return NULL;
}
