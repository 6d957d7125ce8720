/* app/law.c -- a law, once made, is never changed: importing makes a new one and puts it in its place. */
#include "app/law.h"

#include "app/app_sql.h"
#include "app/tables.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "record/clocks.h"
#include "record/place.h"
#include "store/plan.h"

enum { RECOMPUTE_AT_ONCE = 100, CONFLICTS_MOST = 1000 };

static void snapshot_close(struct ctx **ctx)
{
    snapshot_end((*ctx)->snapshot);
    (*ctx)->snapshot = NULL;
}

/* --- reading --- */

static const struct err *read_defaults(struct ctx *ctx, struct rules **ret)
{
    const struct rules *parts[SYSTEMS_MOST];
    int count = 0;
    for (const struct system *system = systems; system->name; system++) {
        if (!system->rules)
            continue;
        struct rules *part;
        TRY(rules_read(ctx, system->rules, data_file(system->rules), &part));
        parts[count++] = part;
    }
    return rules_join(ctx, parts, count, ret);
}

static const struct err *read_flows(struct house *house, const struct rules *rules)
{
    struct flow_source *flows = arena_array_of(house->ctx->arena, struct flow_source, SYSTEMS_MOST);
    int count = 0;
    for (const struct system *system = systems; system->name; system++) {
        if (!system->flow)
            continue;
        struct flow *flow;
        struct text bytes = data_file(system->flow);
        TRY(flow_read(house->ctx, system->flow, bytes, rules, &flow));
        flows[count++] = (struct flow_source){ flow->key, system->flow, bytes, flow, system->bind };
    }
    house->records.flows = flows;
    house->records.flow_count = count;
    return NULL;
}

static const struct err *read_overrides(struct ctx *ctx, struct rule_override **ret, int *ret_count)
{
    struct rows rows;
    int count = 0, room = 16;
    struct rule_override *list = arena_array_of(ctx->arena, struct rule_override, room);
    TRY(rows_open(ctx, ctx->snapshot, &sql_rule_override_every, VALUES_NONE, &rows));
    while (rows_next(&rows)) {
        if (count == room) {
            struct rule_override *more = arena_array_of(ctx->arena, struct rule_override, room * 2);
            memcpy(more, list, sizeof *list * (size_t)count);
            list = more;
            room *= 2;
        }
        list[count++] = (struct rule_override){ .place = text_copy(ctx->arena, rows_text(&rows, 0)),
                                                .key = text_copy(ctx->arena, rows_text(&rows, 1)),
                                                .value = rows_int(&rows, 2),
                                                .by = text_copy(ctx->arena, rows_text(&rows, 3)),
                                                .source = text_copy(ctx->arena, rows_text(&rows, 4)) };
    }
    *ret = list;
    *ret_count = count;
    return rows_close(&rows);
}

static const struct err *read_version(struct ctx *ctx, int64_t *ret)
{
    struct rows rows;
    *ret = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_setting_by_name, VALUES(value_string("law")), &rows));
    if (rows_next(&rows) && !text_int(rows_text(&rows, 0), ret))
        *ret = -1;
    return rows_close(&rows);
}

const struct err *law_load(struct house *house)
{
    struct rules *defaults, *rules;
    struct calendar *calendar;
    struct rule_override *overrides;
    int count;
    int64_t version;
    TRY(read_defaults(house->ctx, &defaults));
    if (!house->records.flow_count) {
        TRY(read_flows(house, defaults));
        TRY(guess_limits_read(house->ctx, "app/sign_in.yaml", data_file("app/sign_in.yaml"), &house->records.guess_limits,
                              &house->records.sessions_kept));
    }
    scoped(snapshot_close) struct ctx *ctx = house->ctx;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    TRY(read_version(ctx, &version));
    TRY(read_overrides(ctx, &overrides, &count));
    TRY(rules_with(ctx, defaults, overrides, count, &rules));
    TRY(calendar_load(ctx, &calendar));
    struct law *law = arena_new_of(ctx->arena, struct law);
    *law = (struct law){ rules, calendar };
    atomic_store(&house->records.law, law);
    house->law_version = version; /* only now: what could not be loaded is tried again */
    return NULL;
}

/* --- importing --- */

static void plan_new_version(struct ctx *ctx, struct plan *plan)
{
    plan_step(plan, &sql_setting_replace, 1, NULL,
              VALUES(value_string("law"),
                     value_string(arena_printf(ctx->arena, "%lld", (long long)clock_now(ctx->clock)))));
}

/* Counting again: done so far up to MATTER of REALM. */
struct recount {
    const char *realm;
    int64_t matter;
    int moved, conflicts; /* matters of which a clock moved; of which somebody moved something meanwhile */
    bool is_done;
};

/* One round. A matter that somebody moved meanwhile is looked at again in the next. */
static const struct err *recompute_some(struct house *house, struct ctx *ctx, struct recount *recount)
{
    struct clocks_recomputed *done;
    int count;
    {
        scoped(snapshot_close) struct ctx *reading = ctx;
        TRY(snapshot_begin(reading, house->db, &reading->snapshot));
        TRY(clocks_recompute(reading, recount->realm, recount->matter, RECOMPUTE_AT_ONCE, &done, &count));
    }
    recount->is_done = count == 0;
    for (int i = 0; i < count; i++) {
        if (done[i].failed) /* trying again would not help, and the others wait */
            log_trouble("the clocks of matter %lld of %s stay as they were: %s", (long long)done[i].matter, done[i].realm,
                        err_trace(ctx, done[i].failed));
        const struct err *failed = done[i].plan ? house_run(house, ctx, done[i].plan) : NULL;
        if (failed && failed->kind == ERR_CONFLICT && ++recount->conflicts < CONFLICTS_MOST)
            return NULL;
        TRY(failed);
        recount->moved += done[i].plan != NULL;
        recount->matter = done[i].matter;
        if (!recount->realm || strcmp(recount->realm, done[i].realm) != 0)
            recount->realm = arena_string(house->ctx->arena, done[i].realm);
    }
    return NULL;
}

static const struct err *recompute_clocks(struct house *house, struct ctx *outer, int *ret_moved)
{
    struct recount recount = { 0 };
    while (!recount.is_done) {
        struct ctx *ctx = ctx_begin(&house->model);
        const struct err *failed = recompute_some(house, ctx, &recount);
        if (failed)
            failed = err_make_broken(outer, __FILE__, __LINE__, "%s", err_trace(outer, failed));
        ctx_end(ctx);
        TRY(failed);
    }
    *ret_moved = recount.moved;
    return NULL;
}

/* Whoever imported has counted all clocks again; but this process has gone on counting by the old calendar until now. */
const struct err *law_refresh(struct house *house, struct ctx *outer)
{
    int64_t version;
    {
        scoped(snapshot_close) struct ctx *ctx = outer;
        TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
        TRY(read_version(ctx, &version));
    }
    if (version == house->law_version)
        return NULL;
    int moved;
    TRY(law_load(house));
    const struct err *failed = recompute_clocks(house, outer, &moved);
    if (failed)
        house->law_version = 0; /* the next look does it again */
    return failed;
}

const struct err *law_import_calendar(struct house *house, struct ctx *ctx, const char *name, struct text csv, int *ret_rows,
                                      int *ret_moved)
{
    struct calendar_row *rows;
    struct plan *plan;
    TRY(calendar_read_rows(ctx, name, csv, &rows, ret_rows));
    TRY(calendar_import_check(ctx, HOUSE_REALM, rows, *ret_rows, &plan));
    plan_new_version(ctx, plan);
    TRY(house_run(house, ctx, plan));
    TRY(law_load(house));
    return recompute_clocks(house, ctx, ret_moved);
}

static bool is_replaced(const struct rule_override *kept, const struct rule_override *fresh, int count)
{
    for (int i = 0; i < count; i++)
        if (text_equal(kept->place, fresh[i].place) && text_equal(kept->key, fresh[i].key))
            return true;
    return false;
}

/* A number set for a code that no place has would never hold anywhere. */
static const struct err *check_places(struct ctx *ctx, const struct rule_override *overrides, int count)
{
    for (int i = 0; i < count; i++) {
        struct place *place;
        TRY(place_find(ctx, overrides[i].place, &place));
        if (!place)
            return err_new(ctx, ERR_INPUT, "rules.override.place", text_string(ctx->arena, overrides[i].key),
                           text_string(ctx->arena, overrides[i].place));
    }
    return NULL;
}

/* The file's overrides over those that are kept: they must hold together, not only by themselves. */
static const struct err *check_rules(struct house *house, struct ctx *outer, const char *name, struct text yaml,
                                     struct rule_override **ret, int *ret_count)
{
    struct rule_override *fresh, *kept;
    struct rules *defaults, *rules;
    int kept_count;
    scoped(snapshot_close) struct ctx *ctx = outer;
    TRY(rules_read_overrides(ctx, name, yaml, &fresh, ret_count));
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    TRY(check_places(ctx, fresh, *ret_count));
    TRY(read_overrides(ctx, &kept, &kept_count));
    struct rule_override *all = arena_array_of(ctx->arena, struct rule_override, *ret_count + kept_count);
    int count = 0;
    for (int i = 0; i < *ret_count; i++)
        all[count++] = fresh[i];
    for (int i = 0; i < kept_count; i++)
        if (!is_replaced(&kept[i], fresh, *ret_count))
            all[count++] = kept[i];
    TRY(read_defaults(ctx, &defaults));
    *ret = fresh;
    return rules_with(ctx, defaults, all, count, &rules);
}

const struct err *law_check_rules(struct house *house, struct ctx *ctx, const char *name, struct text yaml, int *ret_count)
{
    struct rule_override *overrides;
    return check_rules(house, ctx, name, yaml, &overrides, ret_count);
}

const struct err *law_import_rules(struct house *house, struct ctx *ctx, const char *name, struct text yaml, int *ret_count)
{
    struct rule_override *overrides;
    TRY(check_rules(house, ctx, name, yaml, &overrides, ret_count));
    struct plan *plan = plan_new(ctx, HOUSE_REALM);
    for (int i = 0; i < *ret_count; i++)
        plan_step(plan, &sql_rule_override_put, 1, NULL,
                  VALUES(value_text(overrides[i].place), value_text(overrides[i].key), value_int(overrides[i].value),
                         value_text(overrides[i].by), value_text(overrides[i].source)));
    plan_new_version(ctx, plan);
    TRY(house_run(house, ctx, plan));
    return law_load(house);
}
