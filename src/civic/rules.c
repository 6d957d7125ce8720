/* civic/rules.c -- reading rules, and what places have set over them. */
#include "civic/rules.h"

#include "civic/read_inside.h"

struct rules {
    struct rule *rules; /* the defaults, in the order of the files */
    int count;
    struct rule *set; /* what places have set: rules of their own, with place and by */
    int set_count;
};

static const char *const mark_keys[MARK_COUNT] = {
    [MARK_VERIFIED] = "verified",
    [MARK_CUSTOMARY] = "customary",
    [MARK_UNSURE] = "unsure",
};

/* --- reading --- */

static const struct err *read_mark(struct reader *reader, const struct yaml *map, const char *key, enum mark *ret)
{
    const char *said;
    TRY(read_said(reader, map, key, "mark", &said));
    for (int i = 0; i < MARK_COUNT; i++)
        if (strcmp(said, mark_keys[i]) == 0) {
            *ret = (enum mark)i;
            return NULL;
        }
    return REFUSE(reader, yaml_find(map, "mark"), "%s has the unknown mark %s", key, said);
}

/* A whole number, or p/q with 0 < p <= q. */
static const struct err *read_value(struct reader *reader, const struct yaml *map, struct rule *rule)
{
    const struct yaml *scalar;
    TRY(read_part(reader, map, rule->key, "value", YAML_SCALAR, &scalar));
    struct text of, value = text_cut(scalar->scalar, '/', &of);
    rule->of = 1;
    bool is_share = value.size != scalar->scalar.size;
    if (!text_int(value, &rule->value) || rule->value < 0 || (is_share && (!text_int(of, &rule->of) || rule->of < 1)) ||
        (is_share && (rule->value < 1 || rule->value > rule->of)))
        return REFUSE(reader, scalar, "the value of %s is neither a whole number nor a share p/q", rule->key);
    if (is_share != (rule->unit == UNIT_SHARE))
        return REFUSE(reader, scalar, "the value of %s and its unit don't agree: a share is p/q", rule->key);
    return NULL;
}

static const struct err *read_counting(struct reader *reader, const struct yaml *map, struct rule *rule)
{
    const char *unit, *count;
    TRY(read_said(reader, map, rule->key, "unit", &unit));
    TRY(read_said(reader, map, rule->key, "count", &count));
    int unit_found = unit_find(text_of(unit)), count_found = count_find(text_of(count));
    if (unit_found < 0)
        return REFUSE(reader, yaml_find(map, "unit"), "%s has the unknown unit %s", rule->key, unit);
    if (count_found < 0)
        return REFUSE(reader, yaml_find(map, "count"), "%s has the unknown count %s", rule->key, count);
    rule->unit = (enum unit)unit_found;
    rule->count = (enum count)count_found;
    TRY(read_value(reader, map, rule));
    if (rule->count <= COUNT_DISPLAY && !period_is_sound(rule_period(rule)))
        return REFUSE(reader, map, "%s can't be counted: %lld %s by %s", rule->key, (long long)rule->value, unit,
                      count);
    return NULL;
}

static const struct err *read_bound(struct reader *reader, const struct yaml *floor, const char *key, bool *ret_has,
                                    int64_t *ret)
{
    const struct yaml *bound = yaml_find(floor, key);
    *ret_has = bound;
    return bound ? read_number(reader, bound, key, 0, INT64_MAX, ret) : NULL;
}

static const struct err *read_floor(struct reader *reader, const struct yaml *map, struct rule *rule)
{
    static const char *const members[] = { "at_least", "at_most", "source", NULL };
    const struct yaml *floor = yaml_find(map, "floor");
    if (!floor)
        return NULL;
    TRY(read_members(reader, floor, "floor", members));
    TRY(read_bound(reader, floor, "at_least", &rule->floor.has_least, &rule->floor.least));
    TRY(read_bound(reader, floor, "at_most", &rule->floor.has_most, &rule->floor.most));
    if (!rule->floor.has_least && !rule->floor.has_most)
        return REFUSE(reader, floor, "the floor of %s says neither at_least nor at_most", rule->key);
    if (rule->unit == UNIT_SHARE)
        return REFUSE(reader, floor, "%s is a share, which no place may set, and needs no floor", rule->key);
    TRY(read_said(reader, floor, "floor", "source", &rule->floor.source));
    if ((rule->floor.has_least && rule->value < rule->floor.least) ||
        (rule->floor.has_most && rule->value > rule->floor.most))
        return REFUSE(reader, floor, "the value of %s is itself beyond its floor", rule->key);
    return NULL;
}

static const struct err *read_rule(struct reader *reader, const struct yaml *map, struct rule *rule)
{
    static const char *const members[] = { "key", "value", "unit", "count", "source", "mark", "floor", "name", NULL };
    static const char *const names[] = { "zh", "en", NULL };
    const struct yaml *key, *name;
    TRY(read_members(reader, map, "a rule", members));
    TRY(read_part(reader, map, "a rule", "key", YAML_SCALAR, &key));
    TRY(read_word(reader, key, "the key of a rule", true, &rule->key));
    rule->line = map->line;
    if (!yaml_find(map, "source"))
        return REFUSE(reader, map, "%s has no source: a number of the law without one is refused", rule->key);
    TRY(read_said(reader, map, rule->key, "source", &rule->source));
    TRY(read_counting(reader, map, rule));
    TRY(read_mark(reader, map, rule->key, &rule->mark));
    TRY(read_floor(reader, map, rule));
    TRY(read_part(reader, map, rule->key, "name", YAML_MAP, &name));
    TRY(read_members(reader, name, "name", names));
    return label_read(reader->ctx, reader->name, name, rule->key, &rule->name);
}

const struct err *rules_read(struct ctx *ctx, const char *name, struct text bytes, struct rules **ret)
{
    static const char *const members[] = { "rules", NULL };
    struct reader reader = { ctx, name };
    struct yaml *root;
    const struct yaml *list;
    TRY(yaml_read(ctx, name, bytes, &root));
    TRY(read_members(&reader, root, "the file", members));
    TRY(read_part(&reader, root, "the file", "rules", YAML_LIST, &list));
    struct rules *rules = arena_new_of(ctx->arena, struct rules);
    rules->rules = arena_array_of(ctx->arena, struct rule, list->count);
    for (int i = 0; i < list->count; i++) {
        struct rule rule = { 0 };
        TRY(read_rule(&reader, list->values[i], &rule));
        if (rules_find(rules, text_of(rule.key)))
            return REFUSE(&reader, list->values[i], "the rule %s stands twice", rule.key);
        rules->rules[rules->count++] = rule;
    }
    *ret = rules;
    return NULL;
}

const struct err *rules_join(struct ctx *ctx, const struct rules *const *parts, int count, struct rules **ret)
{
    struct rules *rules = arena_new_of(ctx->arena, struct rules);
    int room = 0;
    for (int i = 0; i < count; i++)
        room += parts[i]->count;
    rules->rules = arena_array_of(ctx->arena, struct rule, room);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < parts[i]->count; k++) {
            const struct rule *rule = &parts[i]->rules[k];
            if (rules_find(rules, text_of(rule->key)))
                return err_new(ctx, ERR_INPUT, "rules.twice", rule->key);
            rules->rules[rules->count++] = *rule;
        }
    *ret = rules;
    return NULL;
}

/* --- overrides --- */

static const struct err *read_override(struct reader *reader, const struct yaml *map, struct rule_override *ret)
{
    static const char *const members[] = { "place", "key", "value", "by", "source", NULL };
    const char *place, *key, *by, *source;
    const struct yaml *value;
    TRY(read_members(reader, map, "an override", members));
    TRY(read_said(reader, map, "an override", "place", &place));
    TRY(read_said(reader, map, "an override", "key", &key));
    TRY(read_part(reader, map, key, "value", YAML_SCALAR, &value));
    TRY(read_number(reader, value, "the value of an override", 0, INT64_MAX, &ret->value));
    TRY(read_said(reader, map, key, "by", &by));
    TRY(read_said(reader, map, key, "source", &source));
    ret->place = text_of(place);
    ret->key = text_of(key);
    ret->by = text_of(by);
    ret->source = text_of(source);
    return NULL;
}

const struct err *rules_read_overrides(struct ctx *ctx, const char *name, struct text bytes, struct rule_override **ret,
                                       int *ret_count)
{
    static const char *const members[] = { "overrides", NULL };
    struct reader reader = { ctx, name };
    struct yaml *root;
    const struct yaml *list;
    TRY(yaml_read(ctx, name, bytes, &root));
    TRY(read_members(&reader, root, "the file", members));
    TRY(read_part(&reader, root, "the file", "overrides", YAML_LIST, &list));
    struct rule_override *overrides = arena_array_of(ctx->arena, struct rule_override, list->count);
    for (int i = 0; i < list->count; i++)
        TRY(read_override(&reader, list->values[i], &overrides[i]));
    *ret = overrides;
    *ret_count = list->count;
    return NULL;
}

static const struct rule *find_set(const struct rules *rules, struct text key, struct text place)
{
    for (int i = 0; i < rules->set_count; i++)
        if (text_is(key, rules->set[i].key) && text_is(place, rules->set[i].place))
            return &rules->set[i];
    return NULL;
}

static const char *number(struct ctx *ctx, int64_t value)
{
    return arena_printf(ctx->arena, "%lld", (long long)value);
}

static const struct err *check_override(struct ctx *ctx, const struct rules *rules,
                                        const struct rule_override *override)
{
    const char *key = text_string(ctx->arena, override->key);
    const struct rule *rule = rules_find(rules, override->key);
    if (!rule)
        return err_new(ctx, ERR_INPUT, "rules.override.unknown", key);
    if (text_trim(override->source).size == 0 || text_trim(override->by).size == 0)
        return err_new(ctx, ERR_INPUT, "rules.override.source", key);
    if (rule->unit == UNIT_SHARE)
        return err_new(ctx, ERR_INPUT, "rules.override.share", key);
    if (find_set(rules, override->key, override->place))
        return err_new(ctx, ERR_INPUT, "rules.override.twice", key, text_string(ctx->arena, override->place));
    if (rule->floor.has_least && override->value < rule->floor.least)
        return err_new(ctx, ERR_INPUT, "rules.override.floor", key, number(ctx, override->value),
                       number(ctx, rule->floor.least), rule->floor.source);
    if (rule->floor.has_most && override->value > rule->floor.most)
        return err_new(ctx, ERR_INPUT, "rules.override.ceiling", key, number(ctx, override->value),
                       number(ctx, rule->floor.most), rule->floor.source);
    struct period period = { override->value, rule->unit, rule->count };
    if (override->value < 0 || (rule->count <= COUNT_DISPLAY && !period_is_sound(period)))
        return err_new(ctx, ERR_INPUT, "rules.override.value", key, number(ctx, override->value));
    return NULL;
}

const struct err *rules_with(struct ctx *ctx, const struct rules *rules, const struct rule_override *overrides,
                             int count, struct rules **ret)
{
    struct rules *made = arena_new_of(ctx->arena, struct rules);
    *made = *rules;
    made->set = arena_array_of(ctx->arena, struct rule, rules->set_count + count);
    for (int i = 0; i < rules->set_count; i++)
        made->set[i] = rules->set[i];
    for (int i = 0; i < count; i++) {
        TRY(check_override(ctx, made, &overrides[i]));
        struct rule *rule = &made->set[made->set_count];
        *rule = *rules_find(rules, overrides[i].key);
        rule->value = overrides[i].value;
        rule->place = text_string(ctx->arena, overrides[i].place);
        rule->by = text_string(ctx->arena, overrides[i].by);
        rule->source = text_string(ctx->arena, overrides[i].source);
        rule->mark = MARK_CUSTOMARY; /* a local paper, named by its source */
        made->set_count++;
    }
    *ret = made;
    return NULL;
}

/* --- asking --- */

const struct rule *rules_find(const struct rules *rules, struct text key)
{
    for (int i = 0; i < rules->count; i++)
        if (text_is(key, rules->rules[i].key))
            return &rules->rules[i];
    return NULL;
}

const struct rule *rules_for(const struct rules *rules, struct text key, const struct text *places, int count)
{
    for (int i = 0; i < count; i++) {
        const struct rule *found = find_set(rules, key, places[i]);
        if (found)
            return found;
    }
    return rules_find(rules, key);
}

int rules_count(const struct rules *rules)
{
    return rules->count;
}

const struct rule *rules_at(const struct rules *rules, int index)
{
    return index >= 0 && index < rules->count ? &rules->rules[index] : NULL;
}
