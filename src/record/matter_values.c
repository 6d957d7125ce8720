/* record/matter_values.c */
#include "record/matter_values.h"

#include "base/arena.h"
#include "record/grow_inside.h"
#include "record/matter_inside.h"
#include "record/matter_sql.h"

static void add(struct ctx *ctx, const char ***values, int *count, const char *value)
{
    for (int i = 0; i < *count; i++)
        if (strcmp((*values)[i], value) == 0)
            return;
    *values = arena_grow(ctx, *values, *count, sizeof **values);
    (*values)[(*count)++] = value;
}

/* What one version lets its COLUMN hold. */
static bool add_choices(struct ctx *ctx, const struct flow *flow, bool sees_sealed, const char *column,
                        const char ***values, int *count)
{
    bool is_certain = false; /* that it is said when the matter is opened */
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        if (!field->column || strcmp(field->column, column) != 0)
            continue;
        if (!field->list)
            return false;
        for (int k = 0; k < field->list->count; k++)
            if (sees_sealed || field != flow->sealed_by || !(flow->sealed_items >> k & 1))
                add(ctx, values, count, field->list->items[k].key);
        is_certain = is_certain || (field->is_filed && field->is_required);
    }
    if (!is_certain)
        add(ctx, values, count, "");
    return true;
}

static bool add_version(struct ctx *ctx, const struct flow *flow, const struct matter_values_asked *asked,
                        struct matter_values *all)
{
    for (int i = 0; i < flow->state_count; i++) {
        const struct flow_state *state = &flow->states[i];
        if (!(asked->is_open && state->is_final) && (!asked->owners || (state->owner & asked->owners)))
            add(ctx, &all->states, &all->state_count, state->key);
    }
    return add_choices(ctx, flow, asked->sees_sealed, "category", &all->kinds, &all->kind_count) &&
           add_choices(ctx, flow, asked->sees_sealed, "topic", &all->topics, &all->topic_count);
}

static const struct err *read_versions(struct ctx *ctx, const char *flow, int64_t **ret, int *ret_count)
{
    int64_t *versions = NULL;
    int count = 0;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_flow_versions, VALUES(value_string(flow)), &rows));
    for (; rows_next(&rows); count++) {
        versions = arena_grow(ctx, versions, count, sizeof *versions);
        versions[count] = rows_int(&rows, 0);
    }
    *ret = versions;
    *ret_count = count;
    return rows_close(&rows);
}

bool matter_values(struct ctx *ctx, const char *flow, const struct matter_values_asked *asked,
                   struct matter_values *ret)
{
    struct matter_values all = { 0 };
    const struct flow *version = flow_now(ctx, text_of(flow));
    int64_t *versions;
    int count;
    if ((version && !add_version(ctx, version, asked, &all)) || read_versions(ctx, flow, &versions, &count))
        return false;
    for (int i = 0; i < count; i++)
        if (flow_of_version(ctx, flow, versions[i], &version) || !add_version(ctx, version, asked, &all))
            return false;
    *ret = all;
    return true;
}
