/* commons/form.c */
#include "commons/form.h"

#include "base/arena.h"
#include "base/encode.h"
#include "base/texts.h"
#include "commons/face.h"

#include <string.h>

enum {
    TILES_MOST = 5,     /* options that all stand in sight */
    LINE_MOST = 200,    /* characters that fit a single line */
    TILE_WORDS = 10,    /* characters of a label of which five stand side by side */
};

/* --- drawing --- */

static const struct form_problem *problem_of(const struct flow_form *form, const char *field)
{
    for (int i = 0; i < form->problem_count; i++)
        if (form->problems[i].field && strcmp(form->problems[i].field, field) == 0)
            return &form->problems[i];
    return NULL;
}

static const char *id_of(struct ctx *ctx, const struct flow_form *form, const char *field)
{
    return arena_printf(ctx->arena, "%s-%s", form->id, field);
}

static struct text typed(const struct flow_form *form, const char *field)
{
    return form->request ? request_field(form->request, field) : (struct text){ NULL, 0 };
}

struct text form_shown(const struct flow_form *form, const char *field)
{
    struct text value = typed(form, field);
    for (int i = 0; i < form->first_count && !value.size; i++)
        if (strcmp(form->firsts[i].field, field) == 0)
            return text_of(form->firsts[i].value);
    return value;
}

static struct node *begin_field(struct ctx *ctx, const struct flow_form *form, struct node *fields, const char *key,
                                const char *label, const char *hint, bool is_required)
{
    const struct form_problem *problem = problem_of(form, key);
    struct text value = form_shown(form, key);
    struct node *node = node_add_object(fields);
    node_put_string(node, KEY("id"), id_of(ctx, form, key));
    node_put_string(node, KEY("key"), key);
    node_put_string(node, KEY("label"), label);
    node_put_string(node, KEY("hint"), hint);
    node_put_string(node, KEY("error"), problem ? problem->said : NULL);
    node_put_bool(node, KEY("required"), is_required);
    /* Shown again without marks that nobody can see, so that it can be sent as it stands. */
    node_put_text(node, KEY("value"), text_is_clean(value) ? (value.at ? value : TEXT("")) : text_cleaned(ctx->arena, value));
    return node;
}

static void add_choice(struct node *options, struct text typed_value, const struct form_choice *choice)
{
    struct node *option = node_add_object(options);
    node_put_string(option, KEY("value"), choice->value);
    node_put_string(option, KEY("label"), choice->label);
    node_put_string(option, KEY("note"), choice->note);
    node_put_bool(option, KEY("chosen"), typed_value.size && text_is(typed_value, choice->value));
}

static void put_choices(struct node *field, struct text value, const struct form_choice *choices, int count)
{
    struct node *options = node_put_list(field, KEY("options"));
    for (int i = 0; i < count; i++)
        add_choice(options, value, &choices[i]);
    node_put_bool(field, KEY("is_select"), true);
}

/* As many beside each other as there are, unless their words are too long for that. */
static int columns_of(const struct ctx *ctx, const struct flow_list *list)
{
    for (int i = 0; i < list->count && list->count > 3; i++)
        if (text_characters(text_of(label_say(&list->items[i].label, ctx->language))) > TILE_WORDS)
            return 3;
    return list->count < 2 ? 2 : list->count;
}

static void put_list(struct ctx *ctx, const struct flow_form *form, struct node *field, const struct flow_ask *ask)
{
    const struct flow_list *list = ask->list ? ask->list : ask->field->list;
    struct text value = form_shown(form, ask->field->key);
    struct node *options = node_put_list(field, KEY("options"));
    bool has_notes = false;
    for (int i = 0; list && i < list->count; i++) {
        const struct flow_item *item = &list->items[i];
        const char *note = text_maybe(ctx, "note", form->flow, ask->field->key, item->key);
        has_notes = has_notes || note;
        add_choice(options, value, &(struct form_choice){ item->key, label_say(&item->label, ctx->language), note });
    }
    /* What the flow lists for the field itself is a question to a villager; what a move lists is a ground to be chosen. */
    bool is_tiles = list && list->count <= TILES_MOST && ask->field->list;
    node_put_bool(field, is_tiles ? KEY("is_tiles") : KEY("is_select"), true);
    if (is_tiles)
        node_put_int(field, KEY("columns"), columns_of(ctx, list));
}

static int64_t bound(const struct flow_form *form, const char *rule, int64_t otherwise)
{
    const struct rule *found = rule && form->rules ? rules_for(form->rules, text_of(rule), form->places, form->place_count) : NULL;
    return found ? found->value : otherwise;
}

static void put_kind(struct ctx *ctx, const struct flow_form *form, struct node *node, const struct flow_ask *ask)
{
    const struct flow_field *field = ask->field;
    struct text value = form_shown(form, field->key);
    switch (field->type) {
    case FIELD_TEXT:
        node_put_int(node, KEY("most"), field->length);
        node_put_bool(node, field->length > LINE_MOST ? KEY("is_text") : KEY("is_line"), true);
        break;
    case FIELD_CHOICE:
        put_list(ctx, form, node, ask);
        break;
    case FIELD_IMAGES:
        node_put_int(node, KEY("most"), field->most);
        node_put_bool(node, KEY("is_images"), true);
        break;
    case FIELD_DAY:
        node_put_bool(node, KEY("is_date"), true);
        break;
    case FIELD_MOMENT:
        node_put_bool(node, KEY("is_moment"), true);
        break;
    case FIELD_INT:
        node_put_int(node, KEY("least"), bound(form, field->least_rule, field->least));
        node_put_int(node, KEY("most_value"), bound(form, field->most_rule, field->most));
        node_put_bool(node, KEY("is_number"), true);
        break;
    case FIELD_PERSON:
        put_choices(node, value, form->persons, form->person_count);
        break;
    case FIELD_ORG:
        put_choices(node, value, form->organisations, form->organisation_count);
        break;
    case FIELD_POINT:
    case FIELD_TYPE_COUNT:
        node_put_bool(node, KEY("is_line"), true);
        break;
    }
}

static bool is_shown(const struct flow_ask *ask)
{
    return ask->field->type != FIELD_POINT || ask->is_required;
}

void form_put(struct ctx *ctx, const struct flow_form *form, struct node *fields)
{
    for (int i = 0; i < form->ask_count; i++) {
        const struct flow_ask *ask = &form->asks[i];
        const struct flow_field *field = ask->field;
        if (!is_shown(ask))
            continue;
        const char *question = text_maybe(ctx, "ask", form->flow, field->key, NULL);
        const char *hint = label_say(&field->hint, ctx->language);
        struct node *node = begin_field(ctx, form, fields, field->key, question ? question : label_say(&field->label, ctx->language),
                                        hint ? hint : text_maybe(ctx, "hint", form->flow, field->key, NULL), ask->is_required);
        put_kind(ctx, form, node, ask);
    }
}

bool form_has_images(const struct flow_form *form)
{
    for (int i = 0; i < form->ask_count; i++)
        if (form->asks[i].field->type == FIELD_IMAGES)
            return true;
    return false;
}

void form_put_own(struct ctx *ctx, const struct flow_form *form, struct node *fields, const char *field, const char *label,
                  const char *hint, bool is_required, const struct form_choice *choices, int choice_count)
{
    struct node *node = begin_field(ctx, form, fields, field, texts_say(ctx->language, label),
                                    hint ? texts_say(ctx->language, hint) : NULL, is_required);
    if (choices)
        put_choices(node, form_shown(form, field), choices, choice_count);
    else
        node_put_bool(node, KEY("is_line"), true);
}

void form_put_lines(struct ctx *ctx, const struct flow_form *form, struct node *fields, const char *field, const char *label,
                    const char *hint)
{
    struct node *node = begin_field(ctx, form, fields, field, texts_say(ctx->language, label), texts_say(ctx->language, hint), false);
    node_put_bool(node, KEY("is_text"), true);
}

void form_put_problems(struct ctx *ctx, const struct flow_form *form, struct node *model)
{
    struct node *list = node_put_list(model, KEY("problems"));
    for (int i = 0; i < form->problem_count; i++) {
        struct node *problem = node_add_object(list);
        const char *field = form->problems[i].field;
        node_put_string(problem, KEY("id"), field ? id_of(ctx, form, field) : "main");
        node_put_string(problem, KEY("text"), form->problems[i].said);
    }
    node_put_bool(model, KEY("has_problems"), form->problem_count > 0);
    node_put_bool(model, KEY("asks_pictures"), form_has_images(form));
}

/* --- reading back --- */

int form_given(struct ctx *ctx, const struct flow_form *form, struct flow_given **ret)
{
    struct flow_given *given = arena_array_of(ctx->arena, struct flow_given, form->ask_count + 1);
    int count = 0;
    for (int i = 0; i < form->ask_count; i++) {
        const char *key = form->asks[i].field->key;
        if (form->asks[i].field->type == FIELD_IMAGES)
            continue;
        struct text value = text_trim(typed(form, key));
        if (!value.size)
            continue;
        struct text *values = arena_array_of(ctx->arena, struct text, 1);
        values[0] = value;
        given[count++] = (struct flow_given){ text_of(key), values, 1 };
    }
    *ret = given;
    return count;
}

static bool asks_images(const struct flow_form *form, struct text field)
{
    for (int i = 0; i < form->ask_count; i++)
        if (form->asks[i].field->type == FIELD_IMAGES && text_is(field, form->asks[i].field->key))
            return true;
    return false;
}

int form_pictures(struct ctx *ctx, const struct flow_form *form, struct matter_picture **ret)
{
    int count = 0;
    const struct upload *first = form->request ? request_uploads(form->request) : NULL;
    for (const struct upload *upload = first; upload; upload = upload->next)
        count++;
    struct matter_picture *pictures = arena_array_of(ctx->arena, struct matter_picture, count + 1);
    count = 0;
    for (const struct upload *upload = first; upload; upload = upload->next)
        if (upload->bytes.size && asks_images(form, upload->field)) /* a browser sends an empty part when none is chosen */
            pictures[count++] = (struct matter_picture){ upload->field, upload->bytes };
    *ret = pictures;
    return count;
}

static bool is_empty(struct ctx *ctx, const struct flow_form *form, const struct flow_field *field)
{
    if (field->type != FIELD_IMAGES)
        return text_trim(typed(form, field->key)).size == 0;
    struct matter_picture *pictures;
    int count = form_pictures(ctx, form, &pictures);
    for (int i = 0; i < count; i++)
        if (text_is(pictures[i].field, field->key))
            return false;
    return true;
}

/* What is wrong with a picture is told where pictures are chosen. */
static const char *field_of(const struct flow_form *form, const struct err *err)
{
    if (err->field || strncmp(err->said, "picture.", 8) != 0)
        return err->field;
    for (int i = 0; i < form->ask_count; i++)
        if (form->asks[i].field->type == FIELD_IMAGES)
            return form->asks[i].field->key;
    return NULL;
}

int form_problems(struct ctx *ctx, const struct flow_form *form, const struct err *err, struct form_problem **ret)
{
    struct form_problem *problems = arena_array_of(ctx->arena, struct form_problem, form->ask_count + 1);
    const char *at_fault = err ? field_of(form, err_root(err)) : NULL;
    bool is_told = false;
    int count = 0;
    for (int i = 0; i < form->ask_count; i++) {
        const struct flow_field *field = form->asks[i].field;
        if (at_fault && strcmp(at_fault, field->key) == 0) {
            problems[count++] = (struct form_problem){ field->key, texts_of_err(ctx, err) };
            is_told = true;
        } else if (form->asks[i].is_required && is_empty(ctx, form, field)) {
            const char *said = texts_fill(ctx, "flow.field.required", label_say(&field->label, ctx->language), NULL);
            problems[count++] = (struct form_problem){ field->key, said };
        }
    }
    if (err && !is_told)
        problems[count++] = (struct form_problem){ at_fault, texts_of_err(ctx, err) };
    *ret = problems;
    return count;
}

int form_asks_of(struct ctx *ctx, const struct flow *flow, struct flow_ask **ret)
{
    struct flow_ask *asks = arena_array_of(ctx->arena, struct flow_ask, flow->filed_count + 1);
    for (int i = 0; i < flow->filed_count; i++)
        asks[i] = (struct flow_ask){ &flow->fields[i], flow->fields[i].list, flow->fields[i].is_required };
    *ret = asks;
    return flow->filed_count;
}

const char *form_token(struct ctx *ctx)
{
    uint8_t bytes[16];
    ctx_random(ctx, bytes, sizeof bytes);
    return base64url_encode(ctx->arena, (struct text){ (const char *)bytes, sizeof bytes });
}
