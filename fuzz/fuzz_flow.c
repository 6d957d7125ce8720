/* fuzz/fuzz_flow.c -- a rules file, a line "=====" and a flow file from any bytes: what is taken can be walked and
 * drawn.
 */
#include "target.h"

#include "base/buffer.h"
#include "civic/flow.h"

#include <string.h>

enum { MOST_STEPS = 40 };

static const int64_t beginning = INT64_C(1772413200000000); /* 2026-03-02 09:00 in Shanghai */

/* Something that each field takes, so that the walk gets on. */
static struct text answer_of(struct ctx *ctx, const struct flow_ask *ask)
{
    switch (ask->field->type) {
    case FIELD_CHOICE:
        return text_of(ask->list->items[0].key);
    case FIELD_POINT:
        return TEXT("106.5,29");
    case FIELD_DAY:
        return TEXT("2026-03-02");
    case FIELD_INT:
        return text_of(arena_printf(ctx->arena, "%lld", (long long)ask->field->most));
    default:
        return TEXT("7");
    }
}

static int answers_of(struct ctx *ctx, const struct flow_move *move, struct flow_given **ret)
{
    struct flow_given *given = arena_array_of(ctx->arena, struct flow_given, move->ask_count + 1);
    for (int i = 0; i < move->ask_count; i++) {
        struct text *value = arena_new_of(ctx->arena, struct text);
        *value = answer_of(ctx, &move->asks[i]);
        given[i] = (struct flow_given){ text_of(move->asks[i].field->key), value, 1 };
    }
    *ret = given;
    return move->ask_count;
}

/* Presses one button after the other, another each time, and holds what must hold of every matter. */
static void walk(struct ctx *ctx, const struct flow *flow, const struct flow_world *world)
{
    struct flow_given *given;
    struct flow_result *result;
    struct flow_fired *fired;
    const struct flow_move *const *moves;
    int count = answers_of(ctx, &flow->moves[0], &given);
    if (flow_open(ctx, flow, world, flow->opened_by, given, count, beginning, &result))
        return; /* a rule may ask for more than any answer gives */
    struct node *data = node_object(ctx->arena);
    for (int step = 0; step < MOST_STEPS; step++) {
        int64_t now = beginning + (step + 1) * INT64_C(7200000000);
        node_each (link, result->answers)
            node_put(data, link->key, link->value);
        struct flow_matter matter = {
            .state = result->state->key, .data = data, .clocks = result->clocks, .clock_count = result->clock_count
        };
        for (int i = 0; i < matter.clock_count; i++)
            FUZZ_DEMAND(matter.clocks[i].stopped || (!result->state->is_final && matter.clocks[i].due >= beginning));
        (void)flow_due(ctx, flow, &matter, now, &fired);
        int possible = flow_moves_for(ctx, flow, &matter, ~UINT64_C(0), now, &moves);
        FUZZ_DEMAND(!result->state->is_final || possible == 0);
        if (possible == 0)
            return;
        const struct flow_move *move = moves[step % possible];
        count = answers_of(ctx, move, &given);
        const struct err *e = flow_step(ctx, flow, world, &matter, ~UINT64_C(0), text_of(move->name), given, count, now,
                                        &result);
        if (e) {
            FUZZ_DEMAND(err_root(e)->kind == ERR_INPUT || err_root(e)->kind == ERR_BROKEN);
            return;
        }
    }
}

static void draw(const struct flow *flow)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        flow_draw(flow, (enum language)language, &out);
        flow_print(flow, (enum language)language, &out);
    }
    FUZZ_DEMAND(text_is_utf8(buffer_view(&out)));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size }, rules_bytes = TEXT("rules: []\n"), flow_bytes = bytes;
    const char *cut = size ? memmem(at, size, "\n=====\n", 7) : NULL;
    struct rules *rules;
    struct flow *flow;
    if (cut) {
        rules_bytes = (struct text){ bytes.at, (size_t)(cut - bytes.at) + 1 };
        flow_bytes = (struct text){ cut + 7, size - rules_bytes.size - 6 };
    }
    if (!rules_read(ctx, "rules", rules_bytes, &rules) && !flow_read(ctx, "flow", flow_bytes, rules, &flow)) {
        struct flow_world world = { .rules = rules };
        draw(flow);
        walk(ctx, flow, &world);
    }
    ctx_end(ctx);
    return 0;
}
