/* app/house.c -- opens what the process holds in order, and closes it in reverse. */
#include "app/house.h"

#include "app/law.h"
#include "app/app_sql.h"
#include "app/tables.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/id.h"
#include "base/log.h"
#include "civic/note.h"
#include "record/keys.h"
#include "record/ledger.h"
#include "record/matter.h"
#include "record/ledger_sql.h"
#include "record/matter_sql.h"
#include "record/poll.h"
#include "record/poll_sql.h"
#include "record/record_sql.h"
#include "record/session_memory.h"
#include "record/tries.h"
#include "store/files.h"
#include "store/writer.h"
#include "vote/shelf.h"

#include <string.h>

struct text data_file(const char *name)
{
    for (const struct embedded *file = data_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file->bytes;
    BUG("the binary lacks %s", name);
}

/* A snapshot for a while, in a ctx that has none. */
static void snapshot_close(struct ctx **ctx)
{
    snapshot_end((*ctx)->snapshot);
    (*ctx)->snapshot = NULL;
}

/* --- settings and first things --- */

static const struct err *read_setting(struct house *house, const char *name, const char **ret)
{
    scoped(snapshot_close) struct ctx *ctx = house->ctx;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct rows rows;
    *ret = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_setting_by_name, VALUES(value_string(name)), &rows));
    if (rows_next(&rows))
        *ret = rows_string(&rows, 0);
    return rows_close(&rows);
}

/* The host of the logs' origins: written down once, because every receipt names it. */
static const struct err *settle_host(struct house *house, const struct house_settings *settings)
{
    const char *kept;
    TRY(read_setting(house, "host", &kept));
    if (!kept && !settings->is_new)
        return err_new(house->ctx, ERR_BROKEN, "house.not_initialised");
    if (kept && settings->host && strcmp(kept, settings->host) != 0)
        return err_new(house->ctx, ERR_INPUT, "house.other_host", kept);
    house->records.host = kept ? kept : arena_string(house->ctx->arena, settings->host ? settings->host : "gongzhi.local");
    house->records.address = settings->address ? arena_string(house->ctx->arena, settings->address)
                                               : arena_printf(house->ctx->arena, "https://%s", house->records.host);
    return NULL;
}

const struct err *house_run(struct house *house, struct ctx *ctx, struct plan *plan)
{
    struct outcome outcome;
    TRY(writer_run(ctx, house->writer, plan, &outcome));
    if (outcome.kind == OUTCOME_CONFLICT)
        return err_new(ctx, ERR_CONFLICT, outcome.conflict);
    return NULL;
}

static const struct err *write_first_things(struct house *house)
{
    struct ctx *ctx = house->ctx;
    struct plan *plan = plan_new(ctx, HOUSE_REALM);
    plan_step(plan, &sql_setting_put, PLAN_ANY_ROWS, NULL, VALUES(value_string("host"), value_string(house->records.host)));
    TRY(house_run(house, ctx, plan));
    return NULL;
}

/* --- the number in the ids --- */

static const struct err *claim_number(struct house *house, const char *nonce, struct outcome *ret)
{
    struct ctx *ctx = house->ctx;
    struct plan *plan = plan_new(ctx, HOUSE_REALM);
    plan_step(plan, &sql_process_claim, 1, NULL, VALUES(value_string(nonce), value_int(clock_now(ctx->clock))));
    plan_step(plan, &sql_process_forget, PLAN_ANY_ROWS, NULL, VALUES(value_int(ID_PROCESSES)));
    return writer_run(ctx, house->writer, plan, ret);
}

static const struct err *read_number(struct house *house, const char *nonce, int64_t *ret)
{
    scoped(snapshot_close) struct ctx *ctx = house->ctx;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_process_number, VALUES(value_string(nonce)), &rows));
    *ret = rows_next(&rows) ? rows_int(&rows, 0) : 0;
    return rows_close(&rows);
}

static const struct err *take_number_in(struct house *house)
{
    enum { MOST_TRIES = 20 };
    struct ctx *ctx = house->ctx;
    struct outcome outcome = { .kind = OUTCOME_CONFLICT };
    uint8_t bytes[16];
    ctx_random(ctx, bytes, sizeof bytes);
    const char *nonce = hex_encode(ctx->arena, (struct text){ (const char *)bytes, sizeof bytes });
    for (int i = 0; i < MOST_TRIES && outcome.kind == OUTCOME_CONFLICT; i++)
        TRY(claim_number(house, nonce, &outcome));
    int64_t number;
    TRY(read_number(house, nonce, &number));
    if (!number)
        return err_broken(ctx, "the database gives this process no number");
    id_source_number(ctx->ids, (uint32_t)number);
    return NULL;
}

/* A database that can't be written to may still be read; the random number of the start must do then. */
static void take_number(struct house *house)
{
    const struct err *failed = take_number_in(house);
    if (failed)
        log_trouble("no number for this process, a random one goes into its ids: %s", err_trace(house->ctx, failed));
}

static const struct err *store_flows(struct house *house)
{
    scoped(snapshot_close) struct ctx *ctx = house->ctx;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct plan *plan;
    TRY(flows_store_check(ctx, HOUSE_REALM, &plan));
    return plan ? house_run(house, ctx, plan) : NULL;
}

/* Nothing is appended to a log under another key than the one that signed it so far. */
static const struct err *check_log_keys(struct house *house)
{
    scoped(snapshot_close) struct ctx *ctx = house->ctx;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    return ledger_check_keys(ctx, house->records.ledger);
}

/* --- opening --- */

static const char *keys_folder(struct ctx *ctx, const struct house_settings *settings)
{
    if (settings->keys)
        return settings->keys;
    if (strncmp(settings->database, "sqlite:", 7) != 0)
        return "gongzhi-keys";
    const char *path = settings->database + 7;
    const char *slash = strrchr(path, '/');
    return arena_printf(ctx->arena, "%.*sgongzhi-keys", slash ? (int)(slash + 1 - path) : 0, path);
}

static const struct err *open_store(struct house *house, const struct house_settings *settings)
{
    struct ctx *ctx = house->ctx;
    struct db_settings database = { .url = settings->database, .readers = settings->readers, .is_new = settings->is_new };
    TRY(db_open(ctx, &database, &house->db));
    house->records.db = house->db;
    house->records.sessions = session_memory_new(NULL);
    house->records.elections = shelf_new();
    house->records.ballot_tries = tries_new();
    int count;
    const struct migration *migrations = house_migrations(ctx, &count);
    if (settings->is_new)
        TRY(db_migrate(ctx, house->db, migrations, count));
    else
        TRY(db_check_migrated(ctx, house->db, migrations, count));
    if (settings->files)
        TRY(files_open(ctx, settings->files, &house->records.files));
    return NULL;
}

static const struct err *open_all(struct house *house, const struct house_settings *settings)
{
    struct ctx *ctx = house->ctx;
    if (settings->host && !note_name_is_good(text_of(settings->host))) /* before anything is made under it */
        return err_new(ctx, ERR_INPUT, "log.host", settings->host);
    TRY(keys_open(ctx, keys_folder(ctx, settings), settings->is_new, &house->records.keys));
    TRY(open_store(house, settings));
    TRY(settle_host(house, settings));
    struct ledger_settings ledger = { house->records.host, house->records.keys };
    TRY(ledger_open(ctx, &ledger, &house->records.ledger));
    TRY(check_log_keys(house));
    struct seal seal = ledger_seal(house->records.ledger);
    TRY(writer_start(ctx, &house->model, house->db, &seal, &house->writer));
    writer_watch(house->writer, session_memory_wrote, house->records.sessions);
    take_number(house);
    if (settings->is_new)
        TRY(write_first_things(house));
    TRY(law_load(house));
    return store_flows(house);
}

const struct err *house_open(struct ctx *ctx, const struct ctx *model, const struct house_settings *settings, struct house **ret)
{
    struct arena *arena = arena_new();
    struct house *house = arena_new_of(arena, struct house);
    house->model = *model;
    house->model.records = &house->records;
    house->model.arena = NULL;
    house->is_demo = house->records.is_demo = settings->is_demo;
    house->ctx = arena_new_of(arena, struct ctx);
    *house->ctx = house->model;
    house->ctx->arena = arena;
    const struct err *failed = open_all(house, settings);
    if (failed) {
        /* The reason lives in the house's arena, which goes: it is told again in the caller's. */
        const struct err *again = err_again(ctx, failed);
        failed = failed->cause ? err_wrap(ctx, again, "%s", err_trace(ctx, failed)) : again;
        house_close(house);
        return failed;
    }
    *ret = house;
    return NULL;
}

void house_close(struct house *house)
{
    if (!house)
        return;
    if (house->writer)
        writer_stop(house->writer);
    ledger_close(house->records.ledger);
    session_memory_free(house->records.sessions);
    shelf_free(house->records.elections);
    tries_free(house->records.ballot_tries);
    if (house->records.files)
        files_close(house->records.files);
    if (house->db) {
        poll_heads_forget(house->db);
        db_close(house->db);
    }
    keys_close(house->records.keys);
    arena_free(house->ctx->arena);
}

const struct migration *house_migrations(struct ctx *ctx, int *ret_count)
{
    struct {
        const struct migration *list;
        int count;
    } rooms[] = {
        { store_migrations, store_migration_count },
        { record_migrations, record_migration_count },
        { ledger_migrations, ledger_migration_count },
        { matter_migrations, matter_migration_count },
        { poll_migrations, poll_migration_count },
        { app_migrations, app_migration_count },
    };
    int all = 0, count = 0;
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        all += rooms[i].count;
    struct migration *list = arena_array_of(ctx->arena, struct migration, all);
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        for (int j = 0; j < rooms[i].count; j++)
            list[count++] = rooms[i].list[j];
    *ret_count = count;
    return list;
}
