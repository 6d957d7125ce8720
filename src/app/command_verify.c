/* app/command_verify.c -- gongzhi verify receipt: checks a receipt offline, with nothing but the log's public key. */
#include "app/commands.h"

#include "app/system.h"
#include "app/tables.h"
#include "base/arena.h"
#include "base/day.h"
#include "base/json.h"
#include "base/texts.h"
#include "civic/flow.h"
#include "civic/proof.h"

#include <stdio.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

const struct option_form command_verify_receipt_options[] = {
    { "key", "VKEY", "option.verify_key", .is_required = true },
    { "log", "ORIGIN", "option.verify_log" },
    { 0 },
};

/* A verifier key as it is, or the name of a file that holds it. */
static const struct err *read_key(struct ctx *ctx, const char *given, struct text *ret)
{
    if (access(given, R_OK) != 0) {
        *ret = text_of(given);
        return NULL;
    }
    TRY(file_read(ctx, given, MOST_BYTES, ret));
    *ret = text_trim(*ret);
    return NULL;
}

/* --- in words, for whoever holds the paper --- */

/* The flow of this program that has the name: for words only, what is proven stands in the bytes. NULL when there is none. */
static const struct err *flow_of(struct ctx *ctx, struct text key, struct flow **ret)
{
    *ret = NULL;
    for (const struct system *system = systems; system->name; system++) {
        struct rules *rules;
        struct flow *flow;
        if (!system->flow || !system->rules)
            continue;
        TRY(rules_read(ctx, system->rules, data_file(system->rules), &rules));
        TRY(flow_read(ctx, system->flow, data_file(system->flow), rules, &flow));
        if (text_is(key, flow->key))
            *ret = flow;
    }
    return NULL;
}

static void say(struct ctx *ctx, const char *label, const char *value)
{
    printf("%s\n", texts_fill(ctx, "command.verify_receipt.line", label, value, NULL));
}

static void say_text(struct ctx *ctx, const char *label, struct text value)
{
    if (value.size)
        say(ctx, texts_say(ctx->language, label), text_string(ctx->arena, value));
}

static const struct flow_list *list_of(const struct flow_move *move, const struct flow_field *field)
{
    for (int i = 0; move && i < move->ask_count; i++)
        if (move->asks[i].field == field && move->asks[i].list)
            return move->asks[i].list;
    return field->list;
}

static void say_answers(struct ctx *ctx, const struct flow *flow, const struct flow_move *move, const struct node *answers)
{
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        const struct node *value = node_find(answers, key_intern(text_of(field->key)));
        const struct flow_list *list = list_of(move, field);
        if (!value || (value->kind != NODE_TEXT && value->kind != NODE_INT))
            continue;
        const struct flow_item *item = list && value->kind == NODE_TEXT ? flow_item_find(list, value->text) : NULL;
        say(ctx, label_say(&field->label, ctx->language),
            item                       ? label_say(&item->label, ctx->language)
            : value->kind == NODE_TEXT ? text_string(ctx->arena, value->text)
                                       : arena_printf(ctx->arena, "%lld", (long long)value->number));
    }
}

static const struct err *say_event(struct ctx *ctx, struct text bytes)
{
    struct node *event;
    struct flow *flow;
    if (json_read(ctx, bytes, &event) || event->kind != NODE_OBJECT) /* other entries are proven too; they have no words */
        return NULL;
    TRY(flow_of(ctx, node_find_text(event, KEY("flow")), &flow));
    struct text name = node_find_text(event, KEY("move"));
    const struct flow_move *move = flow ? flow_move_find(flow, name) : NULL;
    int64_t at = node_find_int(event, KEY("time"), 0);
    say_text(ctx, "matter.number", node_find_text(event, KEY("number")));
    say_text(ctx, "receipt.move", move ? text_of(label_say(&move->label, ctx->language)) : name);
    if (at)
        say(ctx, texts_say(ctx->language, "receipt.recorded"), time_print(ctx->arena, at));
    say_text(ctx, "place.code", node_find_text(event, KEY("place")));
    if (flow)
        say_answers(ctx, flow, move, node_find(event, KEY("answers")));
    return NULL;
}

const struct err *command_verify_receipt(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct text key, bytes;
    struct receipt receipt;
    TRY(read_key(ctx, option(options, "key"), &key));
    TRY(file_read(ctx, options->words[0], MOST_BYTES, &bytes));
    TRY(receipt_verify(ctx, bytes, key, option(options, "log"), &receipt));
    printf("%s\n", texts_fill(ctx, "command.verify_receipt.good", text_string(ctx->arena, receipt.checkpoint.origin),
                              arena_printf(ctx->arena, "%llu", (unsigned long long)receipt.index),
                              arena_printf(ctx->arena, "%llu", (unsigned long long)receipt.checkpoint.size), NULL));
    TRY(say_event(ctx, receipt.bytes));
    printf("\n%s\n", texts_say(ctx->language, "command.verify_receipt.raw"));
    printf("%.*s\n%.*s\n", (int)receipt.leaf.size, receipt.leaf.at, (int)receipt.bytes.size, receipt.bytes.at);
    return NULL;
}
