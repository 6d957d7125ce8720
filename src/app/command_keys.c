/* app/command_keys.c -- gongzhi keys rotate: a new field key, and everything sealed anew under it.
 *
 * Restartable: while rows are left under an older key, because an earlier run was interrupted or a server had not yet taken
 * up the new key, no further key is made and those rows are finished first. A server may run meanwhile: it reads the key
 * folder again (keys_refresh()).
 */
#include "app/commands.h"

#include "app/house.h"
#include "base/arena.h"
#include "record/keys.h"
#include "record/person.h"
#include "store/db.h"
#include "store/writer.h"

#include <stdio.h>
#include <unistd.h>

const struct option_form command_keys_options[] = { OPTIONS_OF_HOUSE, { 0 } };

enum { ROWS_AT_ONCE = 500 };

/* One batch; *RET_ROWS is 0 when nothing is left, -1 when somebody changed one of its rows meanwhile. */
static const struct err *reseal_some_in(struct ctx *ctx, struct house *house, int *ret_rows)
{
    struct plan *plan;
    struct outcome outcome;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    const struct err *failed = person_reseal(ctx, house->records.keys, ROWS_AT_ONCE, &plan, ret_rows);
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    TRY(failed);
    if (!plan)
        return NULL;
    TRY(writer_run(ctx, house->writer, plan, &outcome));
    if (outcome.kind == OUTCOME_CONFLICT)
        *ret_rows = -1;
    return NULL;
}

static const struct err *reseal_some(struct ctx *outer, struct house *house, int *ret_rows)
{
    struct ctx *ctx = ctx_begin(&house->model);
    const struct err *failed = reseal_some_in(ctx, house, ret_rows);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "%s", err_trace(outer, failed));
    ctx_end(ctx);
    return failed;
}

/* All that is left under older keys. */
static const struct err *reseal_all(struct ctx *ctx, struct house *house, int64_t *ret_rows)
{
    bool is_watched = isatty(STDERR_FILENO);
    int rows;
    *ret_rows = 0;
    do {
        TRY(reseal_some(ctx, house, &rows));
        if (rows > 0)
            *ret_rows += rows;
        if (is_watched && rows > 0)
            fprintf(stderr, "\r%lld", (long long)*ret_rows);
    } while (rows);
    if (is_watched && *ret_rows)
        fputc('\n', stderr);
    return NULL;
}

const struct err *command_keys_rotate(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files") };
    TRY(house_open(ctx, ctx, &settings, &house));
    struct keys *keys = house->records.keys;
    int64_t rows;
    TRY(reseal_all(ctx, house, &rows));
    bool was_left = rows > 0;
    if (!was_left) {
        TRY(keys_add_version(ctx, keys));
        TRY(reseal_all(ctx, house, &rows));
    }
    printf("%s\n", texts_fill(ctx, was_left ? "command.keys.finished" : "command.keys.rotated",
                              arena_printf(ctx->arena, "%u", keys_version(keys)),
                              arena_printf(ctx->arena, "%lld", (long long)rows), NULL));
    printf("%s\n", texts_say(ctx->language, "command.keys.copy"));
    return NULL;
}
