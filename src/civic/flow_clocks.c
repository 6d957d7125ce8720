/* civic/flow_clocks.c -- what a move does to the clocks of a matter.
 *
 *     starts --> running --(a state of paused_in)--> standing still --(any other state)--> running
 *                   |                                       |
 *                   +------- a move of stops, or a final state ------> stopped
 *
 * What the rule said when the clock started stays in its row; only the calendar may move its end afterwards. A clock
 * that is started while it runs is stopped and started anew, as a row of its own. */
#include "civic/flow_inside.h"

#include "base/clock.h"
#include "base/day.h"

/* Due moment and warning from what the row says. A clock that gets time again may warn and fire again. */
static void compute(const struct flow_clock *said, const struct calendar *calendar, struct running_clock *clock)
{
    if (clock->count == COUNT_NONE) { /* at a moment that was filed: no calendar moves it */
        struct due end = { clock->due, day_of(clock->due), day_of(clock->due), false };
        clock->warn_at = said && said->warn.value ? calendar_warn(calendar, end, said->warn, clock->started) : 0;
        return;
    }
    struct period period = { clock->value + clock->extended, clock->unit, clock->count };
    if (period.value > period_most(clock->unit)) /* extended beyond what can be counted */
        period.value = period_most(clock->unit);
    struct due due = calendar_due(calendar, period, clock->started, clock->paused, clock->paused_count);
    clock->due = due.at;
    clock->unmoved = due.unmoved;
    clock->is_provisional = due.is_provisional;
    clock->warn_at = said && said->warn.value ? calendar_warn(calendar, due, said->warn, clock->started) : 0;
}

int64_t running_clock_due_then(const struct calendar *calendar, const struct running_clock *clock, int64_t at, int64_t extended)
{
    struct running_clock then = *clock;
    while (then.paused_count && then.paused[then.paused_count - 1].to > at)
        then.paused_count--;
    then.extended = extended;
    if (then.paused_count == clock->paused_count && extended == clock->extended)
        return clock->due;
    compute(NULL, calendar, &then);
    return then.due;
}

static void allow_again(struct running_clock *clock, int64_t now)
{
    if (clock->due >= now)
        clock->fired = 0;
    if (clock->warn_at > now)
        clock->warned = 0;
}

static void end_pause(struct arena *arena, struct running_clock *clock, int64_t now)
{
    if (now > clock->paused_since) {
        struct span *spans = arena_array_of(arena, struct span, clock->paused_count + 1);
        for (int i = 0; i < clock->paused_count; i++)
            spans[i] = clock->paused[i];
        spans[clock->paused_count] = (struct span){ clock->paused_since, now };
        clock->paused = spans;
        clock->paused_count++;
    }
    clock->paused_since = 0;
}

static void stop(struct arena *arena, struct running_clock *clock, int64_t now)
{
    if (clock->paused_since)
        end_pause(arena, clock, now);
    clock->stopped = now;
    clock->changes |= CLOCK_STOPPED;
}

/* What is known after the move: its answers lie over what was said before. */
static const struct node *known_of(const struct flow_matter *matter, const struct flow_result *result,
                                   const struct flow_field *field)
{
    const struct key *key = key_intern(text_of(field->key));
    const struct node *answer = node_find(result->answers, key);
    return answer ? answer : node_find(matter->data, key);
}

static struct text known_text(const struct flow_matter *matter, const struct flow_result *result,
                              const struct flow_field *field)
{
    const struct node *known = known_of(matter, result, field);
    return known && known->kind == NODE_TEXT ? known->text : TEXT("");
}

static int64_t extension_of(const struct flow_matter *matter, const struct flow_result *result)
{
    const struct node *known = known_of(matter, result, result->move->extends_by);
    return known && known->kind == NODE_INT ? known->number : 0;
}

static void change(struct ctx *ctx, const struct flow_world *world, const struct flow_matter *matter,
                   const struct flow_clock *said, int64_t now, const struct flow_result *result,
                   struct running_clock *clock)
{
    uint64_t move = FLOW_BIT(result->move->index), state = FLOW_BIT(result->state->index);
    if (result->state->is_final || (said->stops & move) || (said->starts & move)) {
        stop(ctx->arena, clock, now);
        return;
    }
    if (!clock->paused_since && (said->paused_in & state)) {
        clock->paused_since = now;
        clock->changes |= CLOCK_PAUSED;
    } else if (clock->paused_since && !(said->paused_in & state)) {
        end_pause(ctx->arena, clock, now);
        clock->changes |= CLOCK_RESUMED;
    }
    if (result->move->extends == said) {
        clock->extended += extension_of(matter, result);
        clock->changes |= CLOCK_EXTENDED;
    }
    if (clock->changes & (CLOCK_RESUMED | CLOCK_EXTENDED)) {
        compute(said, world->calendar, clock);
        allow_again(clock, now);
    }
}

static const char *rule_key_of(const struct flow_clock *said, const struct flow_matter *matter,
                               const struct flow_result *result)
{
    if (!said->by)
        return said->key;
    const struct flow_item *item = flow_item_find(said->by->list, known_text(matter, result, said->by));
    return item ? said->keys[item - said->by->list->items] : NULL;
}

static const struct err *start(struct ctx *ctx, const struct flow_world *world, const struct flow_matter *matter,
                               const struct flow_result *result, const struct flow_clock *said, int64_t now,
                               struct running_clock *ret)
{
    struct running_clock clock = { .name = said->name, .started = now, .changes = CLOCK_STARTED };
    struct period period = said->own;
    if (said->at) {
        int64_t moment;
        if (!moment_parse(known_text(matter, result, said->at), &moment))
            return err_broken(ctx, "the clock %s has no moment in this matter", said->name);
        clock.due = moment - 1; /* the moment itself is past it */
        clock.unmoved = day_of(clock.due);
        period = (struct period){ 0, UNIT_MINUTE, COUNT_NONE };
    } else if (period.value < 0) {
        clock.key = rule_key_of(said, matter, result);
        const struct rule *rule = clock.key
                                      ? rules_for(world->rules, text_of(clock.key), world->places, world->place_count)
                                      : NULL;
        if (!rule)
            return err_broken(ctx, "the clock %s has no rule for this matter", said->name);
        clock.source = rule_may_show(rule) ? rule->source : NULL;
        period = rule_period(rule);
    }
    clock.value = period.value;
    clock.unit = period.unit;
    clock.count = period.count;
    compute(said, world->calendar, &clock);
    if (said->paused_in & FLOW_BIT(result->state->index)) {
        clock.paused_since = now;
        clock.changes |= CLOCK_PAUSED;
    }
    *ret = clock;
    return NULL;
}

const struct err *flow_move_clocks(struct ctx *ctx, const struct flow *flow, const struct flow_world *world,
                                   const struct flow_matter *matter, int64_t now, struct flow_result *result)
{
    result->clocks = arena_array_of(ctx->arena, struct running_clock, matter->clock_count + flow->clock_count);
    result->clock_count = matter->clock_count;
    for (int i = 0; i < matter->clock_count; i++) {
        struct running_clock *clock = &result->clocks[i];
        *clock = matter->clocks[i];
        clock->changes = 0;
        const struct flow_clock *said = flow_clock_find(flow, text_of(clock->name));
        if (said && flow_clock_runs(clock))
            change(ctx, world, matter, said, now, result, clock);
    }
    for (int i = 0; i < flow->clock_count && !result->state->is_final; i++)
        if (flow->clocks[i].starts & FLOW_BIT(result->move->index))
            TRY(start(ctx, world, matter, result, &flow->clocks[i], now, &result->clocks[result->clock_count++]));
    return NULL;
}

/* --- time passing --- */

static bool may_warn(const struct running_clock *clock)
{
    return clock->warn_at && !clock->warned && !clock->fired;
}

int64_t running_clock_next(const struct running_clock *clock)
{
    if (!flow_clock_runs(clock) || clock->paused_since || clock->fired)
        return INT64_MAX;
    /* A warning can't come later than the end; and the end's moment still belongs to the period. */
    return may_warn(clock) && clock->warn_at <= clock->due ? clock->warn_at : clock->due + 1;
}

static void add_fired(struct flow_fired *list, int *count, struct flow_fired fired)
{
    int at = (*count)++;
    for (; at > 0 && list[at - 1].due > fired.due; at--)
        list[at] = list[at - 1];
    list[at] = fired;
}

int flow_due(struct ctx *ctx, const struct flow *flow, const struct flow_matter *matter, int64_t now,
             struct flow_fired **ret)
{
    struct flow_fired *list = arena_array_of(ctx->arena, struct flow_fired, matter->clock_count);
    const struct flow_state *state = flow_state_find(flow, text_of(matter->state));
    int count = 0;
    for (int i = 0; i < matter->clock_count; i++) {
        const struct running_clock *clock = &matter->clocks[i];
        const struct flow_clock *said = flow_clock_find(flow, text_of(clock->name));
        if (!said || running_clock_next(clock) > now)
            continue;
        if (now <= clock->due) {
            add_fired(list, &count, (struct flow_fired){ i, true, clock->warn_at, NULL });
            continue;
        }
        bool is_possible = said->then && state && (said->then->from & FLOW_BIT(state->index)) &&
                           flow_times(matter, said->then) < said->then->most;
        add_fired(list, &count, (struct flow_fired){ i, false, clock->due, is_possible ? said->then : NULL });
    }
    *ret = list;
    return count;
}

struct running_clock *flow_recompute(struct ctx *ctx, const struct flow *flow, const struct calendar *calendar,
                                     const struct running_clock *clocks, int count)
{
    struct running_clock *made = arena_array_of(ctx->arena, struct running_clock, count);
    for (int i = 0; i < count; i++) {
        struct running_clock clock = clocks[i];
        clock.changes = 0;
        if (flow_clock_runs(&clock) && !clock.fired) {
            compute(flow_clock_find(flow, text_of(clock.name)), calendar, &clock);
            if (clock.due != clocks[i].due || clock.warn_at != clocks[i].warn_at ||
                clock.unmoved != clocks[i].unmoved || clock.is_provisional != clocks[i].is_provisional)
                clock.changes = CLOCK_MOVED;
        }
        made[i] = clock;
    }
    return made;
}
