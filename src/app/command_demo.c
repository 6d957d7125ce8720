/* app/command_demo.c -- gongzhi demo: the world of the two articles, made by importing lists and walking the real flow.
 *
 * Nothing is written past the flow: every request is filed, dispatched, signed for and answered through the same checks as in
 * the browser, under a clock that this file sets. Between two steps the clocks of the matters fire as they would have.
 */
#include "app/commands.h"

#include "app/app_sql.h"
#include "app/demo_walk.h"
#include "app/house.h"
#include "app/law.h"
#include "app/sign_in.h"
#include "app/tables.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/json.h"
#include "record/account.h"
#include "record/import.h"
#include "store/writer.h"

#include <stdio.h>
#include <unistd.h>

const struct option_form command_demo_options[] = { OPTIONS_OF_HOUSE, { 0 } };

/* --- lists --- */

static const struct err *import_list(struct ctx *ctx, struct house *house, enum import_kind kind)
{
    scoped(buffer_clear) struct buffer bad = { 0 };
    struct import_job job = { .kind = kind, .db = house->db, .writer = house->writer, .keys = house->records.keys, .bad = &bad };
    struct import_counts counts;
    const char *name = arena_printf(ctx->arena, "demo/%s.csv", import_kind_key(kind));
    TRY(import_run(ctx, &job, data_file(name), &counts));
    if (counts.bad)
        return err_broken(ctx, "%s: %d bad rows: %.*s", name, counts.bad, (int)(bad.size < 600 ? bad.size : 600), bad.at);
    printf("%s\n", texts_fill(ctx, "command.demo.list", texts_say(ctx->language, arena_printf(ctx->arena, "import.kind.%s",
                              import_kind_key(kind))), arena_printf(ctx->arena, "%d", counts.rows), NULL));
    return NULL;
}

/* --- doors --- */

static void snapshot_close(struct ctx **ctx)
{
    snapshot_end((*ctx)->snapshot);
    (*ctx)->snapshot = NULL;
}

static const struct err *plan_door(struct ctx *outer, struct house *house, struct text key, struct text login, const char *role,
                                   int number)
{
    scoped(snapshot_close) struct ctx *ctx = outer;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct person *person;
    TRY(person_find(ctx, NULL, key, day_of(clock_now(ctx->clock)), &person));
    if (!person)
        return err_broken(ctx, "accounts.csv: there is no person %.*s", (int)key.size, key.at);
    struct plan *plan;
    /* Nobody knows this password: whoever visits the demo comes in by the door, without one. */
    TRY(account_add(ctx, person, login, text_of(password_make(ctx)), false, PASSWORD_COST, &plan));
    TRY(house_run(house, ctx, plan));
    plan = plan_new(ctx, HOUSE_REALM);
    plan_step(plan, &sql_setting_put, 1, NULL,
              VALUES(value_string(arena_printf(ctx->arena, "door.%d", number)),
                     value_string(door_setting(ctx, person->realm, text_string(ctx->arena, login), role))));
    return house_run(house, ctx, plan);
}

/* accounts.csv is ours: three plain columns, no quotes. */
static const struct err *make_doors(struct ctx *ctx, struct house *house)
{
    struct text rest, line;
    text_cut(data_file("demo/accounts.csv"), '\n', &rest);
    for (int number = 1; rest.size; number++) {
        line = text_cut(rest, '\n', &rest);
        struct text login, role, person = text_cut(text_trim(line), ',', &login);
        login = text_cut(login, ',', &role);
        TRY(plan_door(ctx, house, person, login, text_string(ctx->arena, role), number));
    }
    return NULL;
}

/* --- all --- */

static void show_progress(void *self, int done, int all)
{
    (void)self;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%d/%d%s", done, all, done == all ? "\n" : "");
}

static const struct err *make_world(struct ctx *ctx, struct house *house, struct fake_clock *clock)
{
    int rows, moved;
    TRY(law_import_calendar(house, ctx, "calendar.csv", data_file("calendar.csv"), &rows, &moved));
    for (enum import_kind kind = 0; kind < IMPORT_KIND_COUNT; kind++)
        TRY(import_list(ctx, house, kind));
    TRY(make_doors(ctx, house));
    struct demo_walk walk = { .house = house, .clock = clock, .progress = show_progress };
    TRY(demo_walk_requests(ctx, &walk, data_file("demo/requests.json")));
    printf("%s\n", texts_fill(ctx, "command.demo.done", arena_printf(ctx->arena, "%d", walk.requests),
                              arena_printf(ctx->arena, "%d", walk.moves), NULL));
    return NULL;
}

const struct err *command_demo(struct ctx *outer, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct fake_clock clock;
    int64_t midnight = day_start(day_of(clock_now(outer->clock)));
    fake_clock_init(&clock, midnight - demo_begins_before());
    struct ctx model = *outer;
    model.clock = &clock.clock;
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files"), .host = "gongzhi.demo", .is_new = true,
                                       .is_demo = true };
    TRY(house_open(outer, &model, &settings, &house));
    struct ctx *ctx = ctx_begin(&house->model);
    const struct err *failed = make_world(ctx, house, &clock);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "%s", err_trace(outer, failed));
    ctx_end(ctx);
    return failed;
}
