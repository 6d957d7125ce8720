/* civic/flow_read.c -- a flow file from its bytes: names first, then what refers to them, then the whole is checked. */
#include "civic/flow_inside.h"

#include "base/encode.h"

static const struct err *read_head(struct flow_reader *r)
{
    static const char *const members[] = { "flow",        "name",   "number", "opening", "opened_by",
                                           "visible_to",  "lists",  "fields", "asked",   "states",
                                           "sealed_when", "clocks", "moves",  NULL };
    static const char *const names[] = { "zh", "en", NULL };
    struct reader *reader = &r->reader;
    const struct yaml *key, *name;
    TRY(read_members(reader, r->root, "the flow", members));
    TRY(read_part(reader, r->root, "the flow", "flow", YAML_SCALAR, &key));
    TRY(read_word(reader, key, "the flow's key", false, &r->flow->key));
    TRY(read_part(reader, r->root, "the flow", "name", YAML_MAP, &name));
    TRY(read_members(reader, name, "name", names));
    TRY(label_read(reader->ctx, reader->name, name, "the flow", &r->flow->label));
    TRY(flow_read_roles(r, r->root, "the flow", "opened_by", true, &r->flow->opened_by));
    TRY(flow_read_roles(r, r->root, "the flow", "visible_to", true, &r->flow->visible_to));
    return flow_read_number_format(r);
}

const struct err *flow_read(struct ctx *ctx, const char *name, struct text bytes, const struct rules *rules,
                            struct flow **ret)
{
    struct flow_reader r = { .reader = { ctx, name }, .rules = rules };
    struct yaml *root;
    TRY(yaml_read(ctx, name, bytes, &root));
    r.root = root;
    r.flow = arena_new_of(ctx->arena, struct flow);
    struct sha256 hash = sha256_of(bytes);
    r.flow->version = hex_encode(ctx->arena, sha256_text(&hash));
    TRY(read_head(&r));
    TRY(flow_read_lists(&r));
    TRY(flow_read_fields(&r));
    TRY(flow_read_sealed(&r));
    TRY(flow_read_states(&r));
    TRY(flow_read_move_names(&r));
    TRY(flow_read_clocks(&r));
    TRY(flow_read_moves(&r));
    TRY(flow_check(&r));
    *ret = r.flow;
    return NULL;
}

/* --- finding --- */

const struct flow_state *flow_state_find(const struct flow *flow, struct text key)
{
    for (int i = 0; i < flow->state_count; i++)
        if (text_is(key, flow->states[i].key))
            return &flow->states[i];
    return NULL;
}

const struct flow_move *flow_move_find(const struct flow *flow, struct text name)
{
    for (int i = 0; i < flow->move_count; i++)
        if (text_is(name, flow->moves[i].name))
            return &flow->moves[i];
    return NULL;
}

const struct flow_field *flow_field_find(const struct flow *flow, struct text key)
{
    for (int i = 0; i < flow->field_count; i++)
        if (text_is(key, flow->fields[i].key))
            return &flow->fields[i];
    return NULL;
}

const struct flow_clock *flow_clock_find(const struct flow *flow, struct text name)
{
    for (int i = 0; i < flow->clock_count; i++)
        if (text_is(name, flow->clocks[i].name))
            return &flow->clocks[i];
    return NULL;
}

const struct flow_list *flow_list_find(const struct flow *flow, struct text key)
{
    for (int i = 0; i < flow->list_count; i++)
        if (text_is(key, flow->lists[i].key))
            return &flow->lists[i];
    return NULL;
}

const struct flow_item *flow_item_find(const struct flow_list *list, struct text key)
{
    for (int i = 0; list && i < list->count; i++)
        if (text_is(key, list->items[i].key))
            return &list->items[i];
    return NULL;
}
