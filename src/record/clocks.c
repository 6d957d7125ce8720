/* record/clocks.c -- firing what is due, once; counting again when a calendar comes. */
#include "record/clocks.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "record/grow_inside.h"
#include "record/matter_inside.h"
#include "record/matter_sql.h"
#include "record/records.h"
#include "store/writer.h"

fallible clocks_due(struct ctx *ctx, int64_t now, int limit, struct clock_due **ret, int *ret_count)
{
    struct clock_due *list = arena_array_of(ctx->arena, struct clock_due, limit + 1);
    struct rows rows;
    int count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_clock_due_list, VALUES(value_int(now), value_int(limit)), &rows));
    while (rows_next(&rows)) {
        struct clock_due due = { rows_string(&rows, 0), rows_int(&rows, 1), rows_int(&rows, 2) };
        bool is_there = false;
        for (int i = 0; i < count && !is_there; i++)
            is_there = list[i].matter == due.matter && strcmp(list[i].realm, due.realm) == 0;
        if (!is_there)
            list[count++] = due;
    }
    *ret = list;
    *ret_count = count;
    return rows_close(&rows);
}

/* --- one matter --- */

static struct matter_step step_of(const struct matter *matter, const struct flow_result *result, int64_t now)
{
    return (struct matter_step){ .matter = matter,
                                 .result = result,
                                 .late_number = matter->number,
                                 .actor_role = ROLE_SYSTEM,
                                 .now = now,
                                 .fired_clock = -1,
                                 .handler = matter->handler,
                                 .handler_unit = matter->handler_unit,
                                 .accused = matter->accused,
                                 .kind = matter->kind,
                                 .topic = matter->topic };
}

/* Only while the matter is as it was checked; no event, so its version stays. CLOCKS: as they are afterwards. */
static void step_unchanged(struct plan *plan, const struct matter *matter, const struct running_clock *clocks)
{
    int64_t due = clocks_next_due(clocks, matter->clock_count);
    plan_step(plan, &sql_matter_due, 1, "matter.changed",
              VALUES(value_string(matter->realm), value_int(matter->id), value_int(matter->version),
                     matter->closed ? value_null() : value_int(due)));
}

/* Whoever the state waits for is reminded; nothing is sealed, for nothing was said. */
static const struct err *warn(struct ctx *ctx, const struct matter *matter, struct running_clock clock, int64_t now,
                              struct plan **ret)
{
    struct flow_result result = { .state = matter->state, .is_sealed = matter->is_sealed };
    struct matter_step step = step_of(matter, &result, now);
    struct plan *plan = plan_new(ctx, matter->realm);
    clock.warned = now;
    int64_t next = running_clock_next(&clock);
    step_unchanged(plan, matter, matter->clocks);
    plan_step(plan, &sql_matter_clock_warn, 1, "matter.changed",
              VALUES(value_string(matter->realm), value_int(matter->id), value_string(clock.name), value_int(clock.id),
                     value_int(now), next == INT64_MAX ? value_null() : value_int(next)));
    TRY(matter_tell(ctx, plan, &step, ROLE_BIT(ROLE_OWNER), clock.name, "message.warn", clock.due));
    *ret = plan;
    return NULL;
}

/* Nothing follows in this state, or nothing is declared: only the mark. */
static void mark_fired(struct ctx *ctx, const struct matter *matter, struct running_clock clock, int64_t now,
                       struct plan **ret)
{
    struct plan *plan = plan_new(ctx, matter->realm);
    clock.fired = now;
    step_unchanged(plan, matter, matter->clocks);
    clock_step_change(ctx, plan, matter, &clock, true);
    *ret = plan;
}

static const struct err *fire(struct ctx *ctx, const struct matter *matter, const struct flow_fired *fired, int64_t now,
                              struct plan **ret)
{
    struct flow_result *result;
    struct flow_world world = matter_world(ctx, matter->place_path);
    TRY(flow_step(ctx, matter->flow, &world, &matter->known, ROLE_BIT(ROLE_SYSTEM), text_of(fired->then->name), NULL, 0,
                  now, &result));
    struct matter_step step = step_of(matter, result, now);
    step.due = fired->due;
    step.fired_clock = fired->clock;
    TRY(matter_step_columns(ctx, &step));
    struct plan *plan = plan_new(ctx, matter->realm);
    TRY(matter_step_plan(ctx, plan, &step));
    *ret = plan;
    return NULL;
}

fallible clock_fire_check(struct ctx *ctx, const struct clock_due *due, int64_t now, struct plan **ret)
{
    struct matter *matter;
    struct flow_fired *fired;
    *ret = NULL;
    TRY(matter_load_by_id(ctx, due->realm, due->matter, &matter));
    if (now < matter->changed)
        now = matter->changed;
    if (flow_due(ctx, matter->flow, &matter->known, now, &fired) == 0)
        return NULL;
    if (fired->is_warning)
        return warn(ctx, matter, matter->clocks[fired->clock], now, ret);
    if (fired->then)
        return fire(ctx, matter, fired, now, ret);
    mark_fired(ctx, matter, matter->clocks[fired->clock], now, ret);
    return NULL;
}

/* --- all that is due --- */

static const struct err *fire_one(struct ctx *ctx, struct writer *writer, const struct clock_due *due, int64_t now,
                                  int *done)
{
    struct plan *plan;
    struct outcome outcome;
    TRY(snapshot_begin(ctx, ctx->records->db, &ctx->snapshot));
    const struct err *failed = clock_fire_check(ctx, due, now, &plan);
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    if (failed || !plan)
        return failed;
    TRY(writer_run(ctx, writer, plan, &outcome));
    if (outcome.kind == OUTCOME_DONE)
        ++*done;
    return NULL;
}

/* One matter that can't be read or moved holds up none of the others: it is passed over, and its reason is told at the
 * end. Only a database that can't be had ends the round. *STUCK is how many were passed over. */
static const struct err *fire_some(const struct ctx *model, struct writer *writer, int64_t now, int *done, int *stuck)
{
    enum { AT_ONCE = 100 };
    struct ctx *ctx = ctx_begin(model);
    struct clock_due *due;
    int count = 0, limit = AT_ONCE + *stuck;
    const struct err *failed = snapshot_begin(ctx, ctx->records->db, &ctx->snapshot);
    if (!failed) {
        failed = clocks_due(ctx, now, limit, &due, &count);
        snapshot_end(ctx->snapshot);
        ctx->snapshot = NULL;
    }
    *stuck = 0;
    for (int i = 0; i < count && (!failed || failed->kind != ERR_BUSY); i++) {
        const struct err *one = fire_one(ctx, writer, &due[i], now, done);
        *stuck += one != NULL;
        failed = one ? err_wrap(ctx, one, "matter %lld of %s", (long long)due[i].matter, due[i].realm) : failed;
    }
    if (failed)
        failed = err_broken((struct ctx *)model, "firing clocks: %s", err_trace(ctx, failed));
    ctx_end(ctx);
    return failed;
}

fallible clocks_fire_all(struct ctx *ctx, struct writer *writer, int64_t now, int *ret_done)
{
    struct ctx model = *ctx;
    const struct err *failed;
    int done, before, all = 0, stuck = 0;
    model.person = NULL;
    do {
        done = 0;
        before = stuck;
        failed = fire_some(&model, writer, now, &done, &stuck);
        all += done;
    } while (done || stuck > before);
    *ret_done = all;
    return failed;
}

/* --- a new calendar --- */

static const struct err *recompute(struct ctx *ctx, struct clocks_recomputed *one)
{
    struct matter *matter;
    TRY(matter_load_by_id(ctx, one->realm, one->matter, &matter));
    struct running_clock *clocks = flow_recompute(ctx, matter->flow, law_now(ctx)->calendar, matter->clocks,
                                                  matter->clock_count);
    for (int i = 0; i < matter->clock_count; i++) {
        if (!(clocks[i].changes & CLOCK_MOVED))
            continue;
        if (!one->plan)
            one->plan = plan_new(ctx, one->realm);
        clock_step_change(ctx, one->plan, matter, &clocks[i], true);
    }
    if (one->plan)
        step_unchanged(one->plan, matter, clocks);
    return NULL;
}

fallible clocks_recompute(struct ctx *ctx, const char *after_realm, int64_t after_matter, int limit,
                          struct clocks_recomputed **ret, int *ret_count)
{
    struct clocks_recomputed *list = arena_array_of(ctx->arena, struct clocks_recomputed, limit + 1);
    struct rows rows;
    int count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_clock_running_matters,
                  VALUES(value_string(after_realm ? after_realm : ""), value_int(after_matter), value_int(limit)),
                  &rows));
    while (rows_next(&rows))
        list[count++] = (struct clocks_recomputed){ rows_string(&rows, 0), rows_int(&rows, 1), NULL, NULL };
    TRY(rows_close(&rows));
    for (int i = 0; i < count; i++) {
        list[i].failed = recompute(ctx, &list[i]);
        if (list[i].failed && list[i].failed->kind == ERR_BUSY) /* the database, and no matter of its own */
            return list[i].failed;
    }
    *ret = list;
    *ret_count = count;
    return NULL;
}

/* --- the calendar --- */

fallible calendar_load(struct ctx *ctx, struct calendar **ret)
{
    struct rows rows;
    struct calendar_row *days = NULL;
    int count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_calendar_day_list, VALUES_NONE, &rows));
    while (rows_next(&rows)) {
        days = arena_grow(ctx, days, count, sizeof *days);
        days[count++] = (struct calendar_row){ .day = (int32_t)rows_int(&rows, 0),
                                               .is_worked = rows_int(&rows, 1) != 0,
                                               .name = text_copy(ctx->arena, rows_text(&rows, 2)) };
    }
    TRY(rows_close(&rows));
    *ret = calendar_new(ctx, days, count);
    return NULL;
}

/* A list for one year may reach into the years beside it; those few days don't make these years' own lists give way, so
 * a year is replaced only when the list itself makes it known. */
fallible calendar_import_check(struct ctx *ctx, const char *realm, const struct calendar_row *rows, int count,
                               struct plan **ret)
{
    struct plan *plan = plan_new(ctx, realm);
    const struct calendar *list = calendar_new(ctx, rows, count);
    int last_year = 0;
    for (int i = 0; i < count; i++) {
        int year = day_date(rows[i].day).year;
        if (year == last_year || !calendar_knows(list, year))
            continue;
        last_year = year;
        plan_step(plan, &sql_calendar_day_clear, PLAN_ANY_ROWS, NULL,
                  VALUES(value_int(day_from(year, 1, 1)), value_int(day_from(year, 12, 31))));
    }
    for (int i = 0; i < count; i++)
        plan_step(plan, &sql_calendar_day_add, PLAN_ANY_ROWS, NULL,
                  VALUES(value_int(rows[i].day), value_int(rows[i].is_worked), value_text(rows[i].name)));
    *ret = plan;
    return NULL;
}
