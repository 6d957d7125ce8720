/* commons/face.c */
#include "commons/face.h"

#include "base/arena.h"
#include "base/texts.h"
#include "record/matter.h"

#include <stdio.h>
#include <string.h>

static bool is_paused_in(const struct flow *flow, const struct flow_state *state)
{
    for (int i = 0; i < flow->clock_count; i++)
        if (flow->clocks[i].paused_in & (UINT64_C(1) << state->index))
            return true;
    return false;
}

static const char *shape_of(const struct matter_face *face, const struct flow *flow, const struct flow_state *state)
{
    for (const struct state_shape *row = face->shapes; row && row->state; row++)
        if (strcmp(row->state, state->key) == 0)
            return row->shape;
    if (state->is_final)
        return "closed";
    if (is_paused_in(flow, state))
        return "paused";
    if (state->owner & ROLE_BIT(ROLE_AUTHOR))
        return "answered";
    return state->index == 0 ? "waiting" : "moving";
}

void state_put(struct ctx *ctx, const struct matter_face *face, const struct flow *flow, const struct flow_state *state,
               struct node *object, const struct key *key)
{
    struct node *node = node_put_object(object, key);
    node_put_string(node, KEY("key"), state->key);
    node_put_string(node, KEY("name"), label_say(&state->label, ctx->language));
    node_put_string(node, KEY("shape"), shape_of(face, flow, state));
}

const char *matter_href(struct ctx *ctx, const struct matter_face *face, const char *number, const char *rest)
{
    size_t prefix = strlen(face->prefix), middle = strlen(number), end = strlen(rest);
    char *href = arena_alloc_raw(ctx->arena, prefix + middle + end + 2);
    memcpy(href, face->prefix, prefix);
    href[prefix] = '/';
    memcpy(href + prefix + 1, number, middle);
    memcpy(href + prefix + 1 + middle, rest, end + 1);
    return href;
}

const char *item_words(struct ctx *ctx, const struct flow_list *list, struct text value)
{
    const struct flow_item *item = list ? flow_item_find(list, value) : NULL;
    return item ? label_say(&item->label, ctx->language) : text_string(ctx->arena, value);
}

const char *choice_words(struct ctx *ctx, const struct flow *flow, const char *name, const char *value)
{
    if (!name || !value)
        return "";
    const struct flow_field *field = flow_field_find(flow, text_of(name));
    return item_words(ctx, field ? field->list : NULL, text_of(value));
}

/* A complaint about complaints is a complaint. */
const char *heading_words(struct ctx *ctx, const char *kind, const char *topic)
{
    if (!*kind || !*topic || strncmp(kind, topic, strlen(kind)) == 0)
        return *kind ? kind : topic;
    static const char between[] = " · ";
    size_t first = strlen(kind), middle = sizeof between - 1, last = strlen(topic);
    char *both = arena_alloc_raw(ctx->arena, first + middle + last + 1);
    memcpy(both, kind, first);
    memcpy(both + first, between, middle);
    memcpy(both + first + middle, topic, last + 1);
    return both;
}

void mark_put(struct ctx *ctx, const struct matter_mark *mark, const struct flow *flow, struct text ground, struct node *node)
{
    if (!mark) {
        node_put(node, KEY("mark"), (struct node){ .kind = NODE_NULL });
        return;
    }
    const struct flow_move *move = flow_move_find(flow, text_of(mark->move));
    const char *words = NULL;
    for (int i = 0; move && ground.size && i < move->ask_count; i++)
        if (move->asks[i].list)
            words = item_words(ctx, move->asks[i].list, ground);
    struct node *object = node_put_object(node, KEY("mark"));
    node_put_string(object, KEY("label"), texts_say(ctx->language, mark->label));
    node_put_string(object, KEY("ground"), words);
}

const char *text_maybe(struct ctx *ctx, const char *kind, const char *flow, const char *what, const char *item)
{
    char key[128];
    int size = snprintf(key, sizeof key, "%s.%s.%s%s%s", kind, flow, what, item ? "." : "", item ? item : "");
    return size > 0 && (size_t)size < sizeof key ? texts_find(ctx->language, key) : NULL;
}

const struct flow *face_flow(const struct ctx *ctx, const struct matter_face *face)
{
    const struct flow *flow = flow_now(ctx, text_of(face->flow));
    if (!flow)
        BUG("no system brought the flow %s", face->flow);
    return flow;
}
