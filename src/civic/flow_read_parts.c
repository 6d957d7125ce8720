/* civic/flow_read_parts.c -- lists, fields and states of a flow file, its number format and what seals a matter. */
#include "civic/flow_inside.h"

#include "base/buffer.h"

/* --- roles --- */

static const struct err *read_role(struct flow_reader *r, const struct yaml *scalar, const char *what, role_mask *mask)
{
    int role = scalar->kind == YAML_SCALAR ? role_find(scalar->scalar) : -1;
    if (role < 0)
        return REFUSE(&r->reader, scalar, "%s names the unknown role %s", what,
                      scalar->kind == YAML_SCALAR ? scalar->scalar.at : "(no word)");
    if (*mask & ROLE_BIT(role))
        return REFUSE(&r->reader, scalar, "%s names the role %s twice", what, role_key((enum role)role));
    *mask |= ROLE_BIT(role);
    return NULL;
}

const struct err *flow_read_roles(struct flow_reader *r, const struct yaml *map, const char *what, const char *key,
                                  bool is_needed, role_mask *ret)
{
    const struct yaml *found = yaml_find(map, key);
    *ret = 0;
    if (!found)
        return is_needed ? REFUSE(&r->reader, map, "%s has no %s", what, key) : NULL;
    const char *said = arena_printf(r->reader.ctx->arena, "%s of %s", key, what);
    if (found->kind == YAML_SCALAR)
        return read_role(r, found, said, ret);
    if (found->kind != YAML_LIST || found->count == 0)
        return REFUSE(&r->reader, found, "%s must be a role or a list of roles", said);
    for (int i = 0; i < found->count; i++)
        TRY(read_role(r, found->values[i], said, ret));
    return NULL;
}

/* --- lists --- */

static const struct err *read_item(struct flow_reader *r, const struct yaml *map, struct flow_list *list)
{
    static const char *const members[] = { "key", "zh", "en", NULL };
    struct flow_item item;
    const struct yaml *key;
    TRY(read_members(&r->reader, map, "an item", members));
    TRY(read_part(&r->reader, map, "an item", "key", YAML_SCALAR, &key));
    TRY(read_word(&r->reader, key, "the key of an item", false, &item.key));
    if (flow_item_find(list, key->scalar))
        return REFUSE(&r->reader, key, "the item %s of %s stands twice", item.key, list->key);
    TRY(label_read(r->reader.ctx, r->reader.name, map, item.key, &item.label));
    list->items[list->count++] = item;
    return NULL;
}

const struct err *flow_read_lists(struct flow_reader *r)
{
    struct arena *arena = r->reader.ctx->arena;
    const struct yaml *lists = yaml_find(r->root, "lists");
    if (!lists)
        return NULL;
    TRY(read_part(&r->reader, r->root, "the flow", "lists", YAML_MAP, &lists));
    r->flow->lists = arena_array_of(arena, struct flow_list, lists->count);
    r->lists = arena_array_of(arena, const struct yaml *, lists->count);
    for (int i = 0; i < lists->count; i++) {
        const struct yaml *items = lists->values[i];
        struct flow_list list = { .key = lists->keys[i].at };
        if (!is_word(lists->keys[i], false))
            return REFUSE(&r->reader, items, "a list's key must be a word of a-z, 0-9 and _");
        if (items->kind != YAML_LIST || items->count == 0 || items->count > FLOW_MOST)
            return REFUSE(&r->reader, items, "%s must be a list of 1 to %d items", list.key, FLOW_MOST);
        list.items = arena_array_of(arena, struct flow_item, items->count);
        for (int k = 0; k < items->count; k++)
            TRY(read_item(r, items->values[k], &list));
        r->lists[r->flow->list_count] = items;
        r->flow->lists[r->flow->list_count++] = list;
    }
    return NULL;
}

/* --- fields --- */

static const char *const type_keys[FIELD_TYPE_COUNT] = {
    [FIELD_TEXT] = "text", [FIELD_CHOICE] = "choice", [FIELD_POINT] = "point",   [FIELD_IMAGES] = "images",
    [FIELD_DAY] = "day",   [FIELD_INT] = "int",       [FIELD_PERSON] = "person", [FIELD_ORG] = "org",
    [FIELD_MOMENT] = "moment",
};

static const struct err *read_type(struct flow_reader *r, const struct yaml *map, struct flow_field *field)
{
    const struct yaml *type = yaml_find(map, "type");
    if (!type)
        return REFUSE(&r->reader, map, "the field %s has no type", field->key);
    for (int i = 0; type->kind == YAML_SCALAR && i < FIELD_TYPE_COUNT; i++)
        if (text_is(type->scalar, type_keys[i])) {
            field->type = (enum field_type)i;
            return NULL;
        }
    return REFUSE(&r->reader, type, "the field %s has an unknown type", field->key);
}

/* A bound of an int: a number, or {key: rule}. */
static const struct err *read_bound(struct flow_reader *r, const struct yaml *map, const struct flow_field *field,
                                    const char *key, int64_t *ret, const char **ret_rule)
{
    static const char *const members[] = { "key", NULL };
    const struct yaml *bound = yaml_find(map, key);
    if (!bound)
        return REFUSE(&r->reader, map, "the field %s has no %s: a number needs its range", field->key, key);
    if (bound->kind != YAML_MAP)
        return read_number(&r->reader, bound, key, INT32_MIN, INT32_MAX, ret);
    TRY(read_members(&r->reader, bound, key, members));
    TRY(read_said(&r->reader, bound, key, "key", ret_rule));
    const struct rule *rule = rules_find(r->rules, text_of(*ret_rule));
    if (!rule || rule->unit == UNIT_SHARE)
        return REFUSE(&r->reader, bound, "%s of %s names the rule %s, which is unknown or a share", key, field->key,
                      *ret_rule);
    *ret = rule->value;
    return NULL;
}

static const struct err *read_limits(struct flow_reader *r, const struct yaml *map, struct flow_field *field)
{
    int64_t number;
    const struct yaml *part;
    switch (field->type) {
    case FIELD_TEXT:
        TRY(read_part(&r->reader, map, field->key, "length", YAML_SCALAR, &part));
        TRY(read_number(&r->reader, part, "length", 1, 20000, &number));
        field->length = (int)number;
        return NULL;
    case FIELD_IMAGES:
        TRY(read_part(&r->reader, map, field->key, "most", YAML_SCALAR, &part));
        return read_number(&r->reader, part, "most", 1, 30, &field->most);
    case FIELD_INT:
        TRY(read_bound(r, map, field, "least", &field->least, &field->least_rule));
        TRY(read_bound(r, map, field, "most", &field->most, &field->most_rule));
        if (field->least > field->most)
            return REFUSE(&r->reader, map, "the field %s has its least above its most", field->key);
        return NULL;
    case FIELD_CHOICE:
        if (!yaml_find(map, "of"))
            return field->is_filed ? REFUSE(&r->reader, map, "the field %s is a choice of no list", field->key) : NULL;
        TRY(read_part(&r->reader, map, field->key, "of", YAML_SCALAR, &part));
        field->list = flow_list_find(r->flow, part->scalar);
        if (!field->list)
            return REFUSE(&r->reader, part, "the field %s is of the unknown list %s", field->key, part->scalar.at);
        return NULL;
    default:
        return NULL;
    }
}

/* Which members a field of each type may have besides those that all have. */
static bool fits_type(const char *member, enum field_type type)
{
    if (strcmp(member, "length") == 0)
        return type == FIELD_TEXT;
    if (strcmp(member, "of") == 0)
        return type == FIELD_CHOICE;
    if (strcmp(member, "least") == 0)
        return type == FIELD_INT;
    if (strcmp(member, "most") == 0)
        return type == FIELD_INT || type == FIELD_IMAGES;
    return true;
}

static const struct err *read_column(struct flow_reader *r, const struct yaml *map, struct flow_field *field)
{
    const struct yaml *column = yaml_find(map, "column");
    if (!column)
        return NULL;
    TRY(read_word(&r->reader, column, "a column", false, &field->column));
    bool is_named = field->type == FIELD_TEXT && strcmp(field->column, "accused") == 0; /* found by name */
    if ((field->type == FIELD_TEXT && !is_named) || field->type == FIELD_IMAGES || field->type == FIELD_POINT)
        return REFUSE(&r->reader, column, "the field %s is of a type that no column holds", field->key);
    for (int i = 0; i < r->flow->field_count; i++)
        if (r->flow->fields[i].column && strcmp(r->flow->fields[i].column, field->column) == 0)
            return REFUSE(&r->reader, column, "the column %s is mapped twice", field->column);
    return NULL;
}

static const struct err *read_field(struct flow_reader *r, const struct yaml *map, bool is_filed)
{
    static const char *const members[] = { "key",  "zh",       "en",     "type",   "of",   "length", "least",
                                           "most", "required", "public", "column", "hint", NULL };
    static const char *const hint_members[] = { "zh", "en", NULL };
    struct flow_field field = { .is_filed = is_filed };
    const struct yaml *key;
    TRY(read_members(&r->reader, map, "a field", members));
    TRY(read_part(&r->reader, map, "a field", "key", YAML_SCALAR, &key));
    TRY(read_word(&r->reader, key, "the key of a field", false, &field.key));
    if (flow_field_find(r->flow, key->scalar))
        return REFUSE(&r->reader, key, "the field %s stands twice", field.key);
    TRY(label_read(r->reader.ctx, r->reader.name, map, field.key, &field.label));
    TRY(read_type(r, map, &field));
    for (int i = 0; i < map->count; i++)
        if (!fits_type(map->keys[i].at, field.type))
            return REFUSE(&r->reader, map->values[i], "a field of type %s has no %s", type_keys[field.type],
                          map->keys[i].at);
    TRY(read_limits(r, map, &field));
    if (!is_filed && yaml_find(map, "required"))
        return REFUSE(&r->reader, map, "the field %s is asked by moves: they say whether it is required", field.key);
    TRY(read_flag(&r->reader, map, "required", &field.is_required));
    TRY(read_flag(&r->reader, map, "public", &field.is_public));
    if (field.is_public && (field.type == FIELD_TEXT || field.type == FIELD_IMAGES || field.type == FIELD_POINT ||
                            field.type == FIELD_PERSON))
        return REFUSE(&r->reader, map, "the field %s is of type %s, which is never public", field.key,
                      type_keys[field.type]);
    TRY(read_column(r, map, &field));
    const struct yaml *hint = yaml_find(map, "hint");
    if (hint) {
        TRY(read_members(&r->reader, hint, "hint", hint_members));
        TRY(label_read(r->reader.ctx, r->reader.name, hint, "hint", &field.hint));
    }
    r->fields[r->flow->field_count] = map;
    r->flow->fields[r->flow->field_count++] = field;
    return NULL;
}

const struct err *flow_read_fields(struct flow_reader *r)
{
    struct arena *arena = r->reader.ctx->arena;
    const struct yaml *filed, *asked = yaml_find(r->root, "asked");
    TRY(read_part(&r->reader, r->root, "the flow", "fields", YAML_LIST, &filed));
    if (asked)
        TRY(read_part(&r->reader, r->root, "the flow", "asked", YAML_LIST, &asked));
    int count = filed->count + (asked ? asked->count : 0);
    if (count > FLOW_MOST)
        return REFUSE(&r->reader, filed, "more than %d fields", FLOW_MOST);
    r->flow->fields = arena_array_of(arena, struct flow_field, count);
    r->fields = arena_array_of(arena, const struct yaml *, count);
    for (int i = 0; i < filed->count; i++)
        TRY(read_field(r, filed->values[i], true));
    r->flow->filed_count = r->flow->field_count;
    for (int i = 0; asked && i < asked->count; i++)
        TRY(read_field(r, asked->values[i], false));
    return NULL;
}

const struct err *flow_read_sealed(struct flow_reader *r)
{
    const struct yaml *sealed = yaml_find(r->root, "sealed_when");
    if (!sealed)
        return NULL;
    if (sealed->kind != YAML_MAP || sealed->count != 1 || sealed->values[0]->kind != YAML_LIST)
        return REFUSE(&r->reader, sealed, "sealed_when must be one field with a list of its items");
    const struct flow_field *field = flow_field_find(r->flow, sealed->keys[0]);
    if (!field || !field->is_filed || field->type != FIELD_CHOICE)
        return REFUSE(&r->reader, sealed, "sealed_when names %s, which is no choice that is filed", sealed->keys[0].at);
    const struct yaml *items = sealed->values[0];
    for (int i = 0; i < items->count; i++) {
        const struct flow_item *item = items->values[i]->kind == YAML_SCALAR
                                           ? flow_item_find(field->list, items->values[i]->scalar)
                                           : NULL;
        if (!item)
            return REFUSE(&r->reader, items->values[i], "sealed_when names no item of %s", field->list->key);
        r->flow->sealed_items |= FLOW_BIT(item - field->list->items);
    }
    r->flow->sealed_by = field;
    return NULL;
}

/* --- states --- */

static const struct err *read_state(struct flow_reader *r, struct text key, const struct yaml *map)
{
    static const char *const members[] = { "zh", "en", "owner", "final", "public", NULL };
    struct flow_state state = { .key = key.at, .index = r->flow->state_count };
    if (!is_word(key, false) || text_is(key, "any"))
        return REFUSE(&r->reader, map, "a state's key must be a word of a-z, 0-9 and _, and not \"any\"");
    TRY(read_members(&r->reader, map, state.key, members));
    TRY(label_read(r->reader.ctx, r->reader.name, map, state.key, &state.label));
    TRY(read_flag(&r->reader, map, "final", &state.is_final));
    TRY(read_flag(&r->reader, map, "public", &state.is_public));
    TRY(flow_read_roles(r, map, state.key, "owner", !state.is_final, &state.owner));
    if (state.is_final && state.owner)
        return REFUSE(&r->reader, map, "the final state %s waits for nobody and has no owner", state.key);
    if (state.owner & (ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_SYSTEM)))
        return REFUSE(&r->reader, map, "the owner of %s must be a role that people hold", state.key);
    r->flow->states[r->flow->state_count++] = state;
    return NULL;
}

const struct err *flow_read_states(struct flow_reader *r)
{
    TRY(read_part(&r->reader, r->root, "the flow", "states", YAML_MAP, &r->states));
    if (r->states->count < 1 || r->states->count > FLOW_MOST)
        return REFUSE(&r->reader, r->states, "a flow has 1 to %d states", FLOW_MOST);
    r->flow->states = arena_array_of(r->reader.ctx->arena, struct flow_state, r->states->count);
    for (int i = 0; i < r->states->count; i++)
        TRY(read_state(r, r->states->keys[i], r->states->values[i]));
    if (r->flow->states[0].is_final)
        return REFUSE(&r->reader, r->states->values[0], "the first state is where a matter begins and can't be final");
    return NULL;
}

/* --- the number format: letters, digits and - around {place} {year} {serial:5} --- */

/* One {…} at the front of FORMAT, after its brace; NULL or why not. */
static const char *check_blank(struct text blank, int *seen)
{
    if (text_is(blank, "place") || text_is(blank, "year")) {
        int bit = text_is(blank, "place") ? 1 : 2;
        if (*seen & bit)
            return "the number names a part twice";
        *seen |= bit;
        return NULL;
    }
    if (blank.size == 8 && text_starts(blank, "serial:") && blank.at[7] >= '1' && blank.at[7] <= '9') {
        if (*seen & 4)
            return "the number names a part twice";
        *seen |= 4;
        return NULL;
    }
    return "the number has an unknown part: known are {place}, {year} and {serial:1} to {serial:9}";
}

static const char *check_format(struct text format)
{
    int seen = 0;
    for (size_t i = 0; i < format.size; i++) {
        char c = format.at[i];
        if (c == '{') {
            const char *end = memchr(format.at + i, '}', format.size - i);
            if (!end)
                return "the number has a { without its }";
            const char *why = check_blank((struct text){ format.at + i + 1, (size_t)(end - format.at) - i - 1 }, &seen);
            if (why)
                return why;
            i = (size_t)(end - format.at);
        } else if (c != '-' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z')) {
            return "the number may hold letters of ASCII, digits and - besides its parts, as it stands in addresses";
        }
    }
    if (!(seen & 4) || !(seen & 2))
        return "the number needs {year} and {serial:N}, as serials begin again each year";
    return format.size > 64 ? "the number is longer than 64" : NULL;
}

const struct err *flow_read_number_format(struct flow_reader *r)
{
    const struct yaml *number;
    TRY(read_part(&r->reader, r->root, "the flow", "number", YAML_SCALAR, &number));
    const char *why = check_format(number->scalar);
    if (why)
        return REFUSE(&r->reader, number, "%s", why);
    r->flow->number = number->scalar.at;
    return NULL;
}

const char *flow_number(struct arena *arena, const struct flow *flow, struct text place, int year, int64_t serial)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    for (const char *at = flow->number; *at; at++) {
        if (*at != '{') {
            buffer_byte(&out, *at);
            continue;
        }
        if (at[1] == 'p')
            buffer_text(&out, place);
        else if (at[1] == 'y')
            buffer_printf(&out, "%04d", year);
        else
            buffer_printf(&out, "%0*lld", at[8] - '0', (long long)serial);
        at = strchr(at, '}');
    }
    return arena_copy(arena, out.at, out.size);
}
