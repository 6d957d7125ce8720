/* app/command_flow.c -- gongzhi flow check|draw: for whoever writes a flow file. */
#include "app/commands.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "civic/flow.h"

#include <stdio.h>
#include <string.h>

enum { MOST_BYTES = 1 << 20 };

/* The rules a flow names stand in rules.yaml beside it, unless --rules says otherwise. */
static const char *rules_beside(struct ctx *ctx, const char *flow)
{
    const char *slash = strrchr(flow, '/');
    return arena_printf(ctx->arena, "%.*srules.yaml", slash ? (int)(slash + 1 - flow) : 0, flow);
}

static const struct err *load(struct ctx *ctx, const struct options *options, struct flow **ret)
{
    const char *name = options->words[0];
    const char *rules_name = option(options, "rules") ? option(options, "rules") : rules_beside(ctx, name);
    struct text bytes;
    struct rules *rules;
    TRY(file_read(ctx, rules_name, MOST_BYTES, &bytes));
    TRY(rules_read(ctx, rules_name, bytes, &rules));
    TRY(file_read(ctx, name, MOST_BYTES, &bytes));
    return flow_read(ctx, name, bytes, rules, ret);
}

const struct option_form command_flow_options[] = {
    { "rules", "FILE", "option.flow_rules" },
    { "text", NULL, "option.flow_text" },
    { 0 },
};

const struct err *command_flow_check(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct flow *flow;
    TRY(load(ctx, options, &flow));
    printf("%s\n", texts_fill(ctx, "command.flow_check.good", label_say(&flow->label, ctx->language),
                              arena_printf(ctx->arena, "%d", flow->state_count),
                              arena_printf(ctx->arena, "%d", flow->move_count),
                              arena_printf(ctx->arena, "%d", flow->clock_count), NULL));
    return NULL;
}

const struct err *command_flow_draw(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct flow *flow;
    TRY(load(ctx, options, &flow));
    scoped(buffer_clear) struct buffer out = { 0 };
    if (option_is_set(options, "text"))
        flow_print(flow, ctx->language, &out);
    else
        flow_draw(flow, ctx->language, &out);
    fwrite(out.at, 1, out.size, stdout);
    return NULL;
}
