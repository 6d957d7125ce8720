/* store/migrate.c -- tables, in order, each once, each in one transaction, noted in table migration. */
#include "store/store_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "store/store_sql.h"

#include <string.h>

static const char migration_table[] =
    "create table if not exists migration (name text not null primary key, time bigint not null)";

/* Two programs may start at once: on PostgreSQL the second waits here; SQLite has one writer anyway. The number is
 * arbitrary and ours. */
static const char lock_postgres[] = "begin; select pg_advisory_xact_lock(7305801)";
static const char lock_sqlite[] = "begin immediate";

static const struct statement migration_note = { .name = "migration_note",
                                                 .sql = "insert into migration (name, time) values ($1, $2)"
                                                        " on conflict do nothing",
                                                 .parameters = 2,
                                                 .changes = true };

/* Comments for this database lose their marks, so that what is in them counts; others stay comments. */
static const char *open_dialect(struct ctx *ctx, enum db_kind kind, const char *sql)
{
    const char *mark = kind == DB_SQLITE ? "/*sqlite " : "/*postgres ";
    scoped(buffer_clear) struct buffer out = { 0 };
    for (const char *found; (found = strstr(sql, mark));) {
        const char *end = strstr(found, "*/");
        if (!end)
            break;
        buffer_add(&out, sql, (size_t)(found - sql));
        const char *inner = found + strlen(mark);
        buffer_add(&out, inner, (size_t)(end - inner));
        sql = end + 2;
    }
    buffer_string(&out, sql);
    return arena_copy(ctx->arena, out.at ? out.at : "", out.size);
}

static const struct err *run_inside(struct ctx *ctx, struct connection *writing, const struct migration *migration)
{
    int64_t rows;
    TRY(writing->backend->execute(ctx, writing, migration_table));
    TRY(writing->backend->change(ctx, writing, &migration_note,
                                 VALUES(value_string(migration->name), value_int(clock_now(ctx->clock))), &rows));
    if (rows == 1)
        TRY(writing->backend->execute(ctx, writing, open_dialect(ctx, writing->db->kind, migration->sql)));
    return writing->backend->execute(ctx, writing, "commit");
}

static const struct err *failed(struct ctx *ctx, const struct err *err, const struct migration *migration)
{
    return err_wrap(ctx, err_new(ctx, err_root(err)->kind, "store.migration_failed", migration->name), "%s",
                    err_trace(ctx, err));
}

static const struct err *run_one(struct ctx *ctx, struct db *db, const struct migration *migration)
{
    struct connection *writing;
    const struct err *err = db_writing_take(ctx, db, db->kind == DB_SQLITE ? lock_sqlite : lock_postgres, &writing);
    if (err)
        return failed(ctx, err, migration);
    err = run_inside(ctx, writing, migration);
    if (err) {
        /* Refused when the failure has ended the transaction already; either way nothing of it stays. */
        const struct err *ignored = writing->backend->execute(ctx, writing, "rollback");
        (void)ignored;
    }
    db_writing_give(db);
    return err ? failed(ctx, err, migration) : NULL;
}

const struct err *db_migrate(struct ctx *ctx, struct db *db, const struct migration *migrations, int count)
{
    for (int i = 0; i < count; i++)
        TRY(run_one(ctx, db, &migrations[i]));
    return NULL;
}

static bool is_among(const char *name, const struct migration *migrations, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(migrations[i].name, name) == 0)
            return true;
    return false;
}

static const struct statement table_count_statement = {
    .name = "migration_table_count",
    .sql = "select count(*) from sqlite_master where type = 'table' and name = 'migration'",
    .postgres = "select count(*) from pg_catalog.pg_class where oid = to_regclass('migration')",
};

static const struct err *check_in(struct ctx *ctx, struct snapshot *snapshot, const struct migration *migrations,
                                  int count)
{
    struct rows rows;
    TRY(rows_open(ctx, snapshot, &table_count_statement, VALUES_NONE, &rows));
    bool has_table = rows_next(&rows) && rows_int(&rows, 0) > 0;
    TRY(rows_close(&rows));
    bool *is_applied = arena_array_of(ctx->arena, bool, count + 1);
    if (has_table) {
        TRY(rows_open(ctx, snapshot, &sql_migration_list, VALUES_NONE, &rows));
        while (rows_next(&rows)) {
            const char *name = rows_string(&rows, 0);
            if (!is_among(name, migrations, count))
                return err_new(ctx, ERR_BROKEN, "store.migration_unknown", name);
            for (int i = 0; i < count; i++)
                if (strcmp(migrations[i].name, name) == 0)
                    is_applied[i] = true;
        }
        TRY(rows_close(&rows));
    }
    for (int i = 0; i < count; i++)
        if (!is_applied[i])
            return err_new(ctx, ERR_BROKEN, "store.migration_missing", migrations[i].name);
    return NULL;
}

const struct err *db_check_migrated(struct ctx *ctx, struct db *db, const struct migration *migrations, int count)
{
    struct snapshot *snapshot;
    TRY(snapshot_begin(ctx, db, &snapshot));
    const struct err *err = check_in(ctx, snapshot, migrations, count);
    snapshot_end(snapshot);
    return err;
}
