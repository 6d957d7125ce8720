/* civic/flow_answers.c -- what a form or a program gave, held against what a move asks. What a person wrote is kept as
 * written; only what is wrong is refused, with the field and its label. */
#include "civic/flow_inside.h"

#include "base/day.h"

struct taking {
    struct ctx *ctx;
    const struct flow_world *world;
    const struct flow_ask *ask;
    const char *key, *label;
    struct text value;
};

static const char *number(struct ctx *ctx, int64_t value)
{
    return arena_printf(ctx->arena, "%lld", (long long)value);
}

static const struct err *take_text(struct taking *t, struct node *ret)
{
    if (!text_is_clean(t->value))
        return err_field(t->ctx, t->key, "flow.field.unclean", t->label);
    if (text_characters(t->value) > (size_t)t->ask->field->length)
        return err_field(t->ctx, t->key, "flow.field.length", t->label, number(t->ctx, t->ask->field->length));
    *ret = (struct node){ .kind = NODE_TEXT, .text = text_copy(t->ctx->arena, t->value) };
    return NULL;
}

static const struct err *take_choice(struct taking *t, struct node *ret)
{
    const struct flow_item *item = flow_item_find(t->ask->list, t->value);
    if (!item)
        return err_field(t->ctx, t->key, "flow.field.choice", t->label);
    *ret = (struct node){ .kind = NODE_TEXT, .text = text_of(item->key) };
    return NULL;
}

static int64_t bound(const struct flow_world *world, const char *key, int64_t otherwise)
{
    const struct rule *rule = key ? rules_for(world->rules, text_of(key), world->places, world->place_count) : NULL;
    return rule ? rule->value : otherwise;
}

static const struct err *take_int(struct taking *t, struct node *ret)
{
    const struct flow_field *field = t->ask->field;
    int64_t least = bound(t->world, field->least_rule, field->least),
            most = bound(t->world, field->most_rule, field->most);
    int64_t value;
    if (!text_int(text_trim(t->value), &value))
        return err_field(t->ctx, t->key, "flow.field.number", t->label);
    if (value < least || value > most)
        return err_field(t->ctx, t->key, "flow.field.range", t->label, number(t->ctx, least), number(t->ctx, most));
    *ret = (struct node){ .kind = NODE_INT, .number = value };
    return NULL;
}

static bool is_day(struct text text)
{
    int32_t day;
    return day_parse(text, &day);
}

/* Degrees with up to ten decimals, no more than MOST either way. */
static bool is_degrees(struct text text, int64_t most)
{
    struct text decimals, whole = text_cut(text, '.', &decimals);
    bool has_point = whole.size != text.size;
    int64_t degrees, rest = 0;
    if (whole.size > 4 || !text_int(whole, &degrees))
        return false;
    if (has_point && (decimals.size == 0 || decimals.size > 10 || decimals.at[0] == '-' || !text_int(decimals, &rest)))
        return false;
    return degrees > -most - (rest == 0) && degrees < most + (rest == 0);
}

static bool is_point(struct text text)
{
    struct text latitude, longitude = text_cut(text, ',', &latitude);
    return is_degrees(longitude, 180) && is_degrees(latitude, 90);
}

static bool is_id(struct text text)
{
    int64_t id;
    return text.size && text.at[0] != '0' && text_int(text, &id) && id > 0;
}

static const struct err *take_one(struct taking *t, struct node *ret)
{
    switch (t->ask->field->type) {
    case FIELD_TEXT:
        return take_text(t, ret);
    case FIELD_CHOICE:
        return take_choice(t, ret);
    case FIELD_INT:
        return take_int(t, ret);
    case FIELD_DAY:
        if (!is_day(t->value))
            return err_field(t->ctx, t->key, "flow.field.day", t->label);
        break;
    case FIELD_MOMENT: {
        int64_t moment;
        if (!moment_parse(t->value, &moment))
            return err_field(t->ctx, t->key, "flow.field.moment", t->label);
        break;
    }
    case FIELD_POINT:
        if (!is_point(t->value))
            return err_field(t->ctx, t->key, "flow.field.point", t->label);
        break;
    default: /* persons, organisations, files */
        if (!is_id(t->value))
            return err_field(t->ctx, t->key, "flow.field.id", t->label);
        break;
    }
    *ret = (struct node){ .kind = NODE_TEXT, .text = text_copy(t->ctx->arena, t->value) };
    return NULL;
}

static const struct err *take_images(struct taking *t, const struct flow_given *given, struct node *answers)
{
    struct node *list = node_put_list(answers, key_intern(text_of(t->key)));
    int64_t most = t->ask->field->most;
    if (given->count > most)
        return err_field(t->ctx, t->key, "flow.field.most", t->label, number(t->ctx, most));
    for (int i = 0; i < given->count; i++) {
        struct node id;
        t->value = given->values[i];
        TRY(take_one(t, &id));
        node_add(list, id);
    }
    return NULL;
}

static const struct flow_given *find_given(const struct flow_given *given, int count, const char *key)
{
    for (int i = 0; i < count; i++)
        if (text_is(given[i].key, key))
            return &given[i];
    return NULL;
}

static bool is_given(const struct flow_given *given)
{
    return given && given->count > 0 && (given->count > 1 || text_trim(given->values[0]).size > 0);
}

static const struct err *take_ask(struct taking *t, const struct flow_given *given, struct node *answers)
{
    if (!is_given(given))
        return t->ask->is_required ? err_field(t->ctx, t->key, "flow.field.required", t->label) : NULL;
    if (t->ask->field->type == FIELD_IMAGES)
        return take_images(t, given, answers);
    if (given->count > 1)
        return err_field(t->ctx, t->key, "flow.field.most", t->label, "1");
    struct node value;
    t->value = given->values[0];
    TRY(take_one(t, &value));
    node_put(answers, key_intern(text_of(t->key)), value);
    return NULL;
}

const struct err *flow_take_answers(struct ctx *ctx, const struct flow_world *world, const struct flow_move *move,
                                    const struct flow_given *given, int given_count, struct node **ret)
{
    struct node *answers = node_object(ctx->arena);
    for (int i = 0; i < move->ask_count; i++) {
        const struct flow_ask *ask = &move->asks[i];
        struct taking t = { ctx, world, ask, ask->field->key, label_say(&ask->field->label, ctx->language), { 0 } };
        TRY(take_ask(&t, find_given(given, given_count, t.key), answers));
    }
    for (int i = 0; i < given_count; i++) {
        bool is_asked = false;
        for (int k = 0; k < move->ask_count && !is_asked; k++)
            is_asked = text_is(given[i].key, move->asks[k].field->key);
        if (!is_asked) {
            const char *key = text_string(ctx->arena, given[i].key);
            return err_field(ctx, key, "flow.field.unknown", key);
        }
    }
    *ret = answers;
    return NULL;
}
