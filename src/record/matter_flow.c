/* record/matter_flow.c -- the versions of flows: which is in force, and those that older matters keep. */
#include "record/matter_inside.h"

#include "base/arena.h"
#include "base/clock.h"
#include "record/matter_sql.h"
#include "record/records.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Versions read from the database, for the life of the process: few, only ever added, so readers need no lock. */
struct kept_flow {
    struct kept_flow *next;
    const struct flow *flow;
    int64_t version;
    struct ctx *ctx; /* holds it */
};
static _Atomic(struct kept_flow *) kept_flows;

int64_t flow_version_id(const struct flow *flow)
{
    uint64_t id = 0;
    for (int i = 0; i < 16; i++) {
        char c = flow->version[i];
        id = id << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return (int64_t)(id >> 1);
}

const struct flow *flow_now(const struct ctx *ctx, struct text key)
{
    for (int i = 0; i < ctx->records->flow_count; i++)
        if (text_is(key, ctx->records->flows[i].key))
            return ctx->records->flows[i].flow;
    return NULL;
}

static const struct err *read_kept(struct ctx *ctx, const char *key, int64_t version, const struct flow **ret)
{
    struct rows rows;
    struct text source = { NULL, 0 };
    TRY(rows_open(ctx, ctx->snapshot, &sql_flow_version_source, VALUES(value_string(key), value_int(version)), &rows));
    if (rows_next(&rows))
        source = text_copy(ctx->arena, rows_blob(&rows, 0));
    TRY(rows_close(&rows));
    if (!source.at)
        return err_broken(ctx, "version %lld of flow %s is not in the database", (long long)version, key);
    struct ctx *own = ctx_begin(ctx);
    struct flow *flow;
    const char *name = arena_printf(own->arena, "%s (as of an earlier day)", key);
    const struct err *failed = flow_read(own, name, source, law_now(ctx)->rules, &flow);
    if (failed) {
        failed = err_broken(ctx, "version %lld of flow %s: %s", (long long)version, key, err_trace(ctx, failed));
        ctx_end(own);
        return failed;
    }
    own->snapshot = NULL;
    own->person = NULL;
    own->request = NULL;
    struct kept_flow *kept = arena_new_of(own->arena, struct kept_flow);
    *kept = (struct kept_flow){ atomic_load(&kept_flows), flow, version, own };
    while (!atomic_compare_exchange_weak(&kept_flows, &kept->next, kept))
        ;
    *ret = flow;
    return NULL;
}

fallible flow_of_version(struct ctx *ctx, const char *key, int64_t version, const struct flow **ret)
{
    const struct flow *now = flow_now(ctx, text_of(key));
    if (now && flow_version_id(now) == version) {
        *ret = now;
        return NULL;
    }
    for (const struct kept_flow *kept = atomic_load(&kept_flows); kept; kept = kept->next)
        if (kept->version == version && strcmp(kept->flow->key, key) == 0) {
            *ret = kept->flow;
            return NULL;
        }
    return read_kept(ctx, key, version, ret);
}

/* --- storing --- */

static const char *why_not(const struct flow *flow)
{
    const char *serial = strstr(flow->number, "{serial:");
    if (!serial || strlen(serial) != strlen("{serial:5}"))
        return "the number must end in its serial";
    if (strncmp(flow->number, "{place}-", 8) != 0)
        return "the number must begin with its place and a hyphen";
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        const char *column = field->column;
        if (!column)
            continue;
        bool is_choice = strcmp(column, "category") == 0 || strcmp(column, "topic") == 0;
        bool is_party = strcmp(column, "accused") == 0 || strcmp(column, "handler") == 0;
        if (!is_choice && !is_party)
            return "a field names an unknown column";
        if (is_choice && field->type != FIELD_CHOICE)
            return "only a choice can be mirrored as category or topic";
        bool is_named = field->type == FIELD_TEXT && strcmp(column, "accused") == 0; /* matter_accused.c finds whom */
        if (is_party && !is_named && field->type != FIELD_PERSON && field->type != FIELD_ORG)
            return "only a person or an organisation can be mirrored as accused or handler";
    }
    return NULL;
}

static const struct err *is_stored(struct ctx *ctx, const struct flow *flow, bool *ret)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_flow_version_source,
                  VALUES(value_string(flow->key), value_int(flow_version_id(flow))), &rows));
    *ret = rows_next(&rows);
    return rows_close(&rows);
}

fallible flows_store_check(struct ctx *ctx, const char *realm, struct plan **ret)
{
    struct plan *plan = NULL;
    for (int i = 0; i < ctx->records->flow_count; i++) {
        const struct flow_source *source = &ctx->records->flows[i];
        const char *why = why_not(source->flow);
        bool is_known;
        if (why)
            return err_new(ctx, ERR_INPUT, "matter.flow", source->key, why);
        TRY(is_stored(ctx, source->flow, &is_known));
        if (is_known)
            continue;
        if (!plan)
            plan = plan_new(ctx, realm);
        plan_step(plan, &sql_flow_version_add, PLAN_ANY_ROWS, NULL,
                  VALUES(value_string(source->key), value_int(flow_version_id(source->flow)), value_blob(source->bytes),
                         value_int(clock_now(ctx->clock))));
    }
    *ret = plan;
    return NULL;
}
