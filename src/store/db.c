/* store/db.c -- the door: which backend, and the pool of snapshots.
 *
 * The pool is bounded. A place in it is taken under a lock and waited for on a condition; its connection is opened by
 * whoever takes the place first, outside the lock, so that a slow database holds up only those who need a new one.
 */
#include "store/store_inside.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { READERS_USUAL = 16, READERS_MOST = 256 };

/* --- opening and closing --- */

static bool starts(const char *string, const char *prefix)
{
    return strncmp(string, prefix, strlen(prefix)) == 0;
}

static char *copy_string(const char *string)
{
    char *copy = strdup(string);
    if (!copy)
        BUG("out of memory");
    return copy;
}

const struct err *db_open(struct ctx *ctx, const struct db_settings *settings, struct db **ret)
{
    const char *url = settings->url ? settings->url : "";
    bool is_sqlite = starts(url, "sqlite:") && url[strlen("sqlite:")];
    bool is_postgres = starts(url, "postgres://") || starts(url, "postgresql://");
    if (!is_sqlite && !is_postgres)
        return err_new(ctx, ERR_INPUT, "store.url_wrong"); /* not repeated: a URL may hold a password */
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        BUG("out of memory");
    db->kind = is_sqlite ? DB_SQLITE : DB_POSTGRES;
    db->backend = is_sqlite ? &backend_sqlite : &backend_postgres;
    db->where = copy_string(is_sqlite ? url + strlen("sqlite:") : url);
    db->is_new = settings->is_new;
    db->limit = settings->readers > 0 ? settings->readers : READERS_USUAL;
    if (db->limit > READERS_MOST)
        db->limit = READERS_MOST;
    pthread_mutex_init(&db->pool_lock, NULL);
    pthread_mutex_init(&db->writing_lock, NULL);
    pthread_cond_init(&db->pool_freed, NULL);
    db->snapshots = calloc((size_t)db->limit, sizeof *db->snapshots);
    if (!db->snapshots)
        BUG("out of memory");
    for (int i = db->limit - 1; i >= 0; i--) {
        db->snapshots[i] = (struct snapshot){ .next = db->free, .db = db };
        db->free = &db->snapshots[i];
    }
    /* The writing connection first: it makes the file, and tells at once when the database can't be reached. */
    const struct err *err = db->backend->connect(ctx, db, true, &db->writing);
    if (err) {
        db_close(db);
        return err;
    }
    *ret = db;
    return NULL;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (int i = 0; i < db->limit; i++)
        if (db->snapshots[i].connection)
            db->backend->disconnect(db->snapshots[i].connection);
    if (db->writing)
        db->backend->disconnect(db->writing);
    pthread_cond_destroy(&db->pool_freed);
    pthread_mutex_destroy(&db->writing_lock);
    pthread_mutex_destroy(&db->pool_lock);
    free(db->snapshots);
    free(db->where);
    free(db);
}

enum db_kind db_kind_of(const struct db *db)
{
    return db->kind;
}

/* BEGIN on the writing connection; one that died unnoticed is replaced once. */
static const struct err *writing_begin(struct ctx *ctx, struct db *db, const char *begin)
{
    for (int tries = 0;; tries++) {
        if (!db->writing) {
            const struct err *err = db->backend->connect(ctx, db, true, &db->writing);
            if (err) {
                db->writing = NULL;
                return err;
            }
        }
        db->writing->trouble = TROUBLE_NONE;
        const struct err *err = begin ? db->backend->execute(ctx, db->writing, begin) : NULL;
        if (!err || tries > 0 || db->writing->trouble != TROUBLE_LOST)
            return err;
        db->backend->disconnect(db->writing);
        db->writing = NULL;
    }
}

const struct err *db_writing_take(struct ctx *ctx, struct db *db, const char *begin, struct connection **ret)
{
    pthread_mutex_lock(&db->writing_lock);
    const struct err *err = writing_begin(ctx, db, begin);
    if (err) {
        db_writing_give(db);
        return err;
    }
    *ret = db->writing;
    return NULL;
}

void db_writing_give(struct db *db)
{
    if (db->writing)
        db->backend->rows_end_all(db->writing);
    if (db->writing && db->backend->is_lost(db->writing)) {
        db->backend->disconnect(db->writing);
        db->writing = NULL;
    }
    pthread_mutex_unlock(&db->writing_lock);
}

/* --- snapshots --- */

static void give_back(struct snapshot *snapshot)
{
    struct db *db = snapshot->db;
    pthread_mutex_lock(&db->pool_lock);
    snapshot->next = db->free;
    db->free = snapshot;
    pthread_cond_signal(&db->pool_freed);
    pthread_mutex_unlock(&db->pool_lock);
}

const struct err *snapshot_begin(struct ctx *ctx, struct db *db, struct snapshot **ret)
{
    pthread_mutex_lock(&db->pool_lock);
    while (!db->free)
        pthread_cond_wait(&db->pool_freed, &db->pool_lock);
    struct snapshot *snapshot = db->free;
    db->free = snapshot->next;
    pthread_mutex_unlock(&db->pool_lock);
    snapshot->next = NULL;
    snapshot->has_begun = false;
    if (!snapshot->connection) {
        const struct err *err = db->backend->connect(ctx, db, false, &snapshot->connection);
        if (err) {
            snapshot->connection = NULL;
            give_back(snapshot);
            return err;
        }
    }
    *ret = snapshot;
    return NULL;
}

void snapshot_end(struct snapshot *snapshot)
{
    if (!snapshot)
        return;
    struct connection *connection = snapshot->connection;
    connection->backend->rows_end_all(connection);
    if (snapshot->has_begun)
        connection->backend->view_end(connection);
    if (connection->backend->is_lost(connection)) {
        connection->backend->disconnect(connection);
        snapshot->connection = NULL;
    }
    give_back(snapshot);
}

/* A pooled connection may have died since it was last used: after a failure, whether there is a new one to try with. */
static const struct err *replace_lost(struct ctx *ctx, struct snapshot *snapshot, bool *ret_is_new)
{
    const struct backend *backend = snapshot->db->backend;
    struct connection *fresh;
    *ret_is_new = false;
    if (!backend->is_lost(snapshot->connection))
        return NULL;
    TRY(backend->connect(ctx, snapshot->db, false, &fresh));
    backend->disconnect(snapshot->connection);
    snapshot->connection = fresh;
    *ret_is_new = true;
    return NULL;
}

/* Fixes the view at the first read. */
static const struct err *view_begin(struct ctx *ctx, struct snapshot *snapshot)
{
    if (snapshot->has_begun)
        return NULL;
    const struct backend *backend = snapshot->db->backend;
    const struct err *err = backend->view_begin(ctx, snapshot->connection);
    bool is_new = false;
    if (err)
        TRY(replace_lost(ctx, snapshot, &is_new));
    if (is_new)
        err = backend->view_begin(ctx, snapshot->connection);
    snapshot->has_begun = !err;
    return err;
}

const struct err *statement_prepare(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement)
{
    return snapshot->db->backend->prepare(ctx, snapshot->connection, statement);
}

/* --- rows --- */

void statement_check_values(const struct statement *statement, const struct value *values, int count)
{
    if (count != statement->parameters)
        BUG("%s takes %d values, not %d", statement->name, statement->parameters, count);
    for (int i = 0; i < count; i++)
        if (values[i].kind > VALUE_BLOB)
            BUG("%s: $%d is late, but nobody fills it here", statement->name, i + 1);
}

const struct err *connection_rows(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                  const struct value *values, int count, struct rows *ret)
{
    *ret = (struct rows){ .ctx = ctx };
    struct cursor *cursor;
    const struct err *err = connection->backend->rows_open(ctx, connection, statement, values, count, &cursor);
    if (err)
        return err_wrap(ctx, err, "reading %s", statement->name);
    ret->inside = cursor;
    return NULL;
}

const struct err *rows_open(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement,
                            const struct value *values, int count, struct rows *ret)
{
    *ret = (struct rows){ .ctx = ctx };
    if (statement->changes)
        BUG("%s changes something: that is the writer's", statement->name);
    TRY(view_begin(ctx, snapshot));
    return connection_rows(ctx, snapshot->connection, statement, values, count, ret);
}

const struct err *rows_open_early(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement,
                                  const struct value *values, int count, struct rows *ret)
{
    if (snapshot->has_begun || snapshot->db->kind == DB_SQLITE) /* where a view costs nothing */
        return rows_open(ctx, snapshot, statement, values, count, ret);
    if (statement->changes)
        BUG("%s changes something: that is the writer's", statement->name);
    const struct err *err = connection_rows(ctx, snapshot->connection, statement, values, count, ret);
    bool is_new = false;
    if (err)
        TRY(replace_lost(ctx, snapshot, &is_new));
    return is_new ? connection_rows(ctx, snapshot->connection, statement, values, count, ret) : err;
}

static const struct backend *backend_of(const struct rows *rows)
{
    if (!rows->inside)
        BUG("rows are read after their end");
    return ((struct cursor *)rows->inside)->connection->backend;
}

bool rows_next(struct rows *rows)
{
    if (!rows->inside || rows->failed)
        return false;
    return backend_of(rows)->rows_next(rows, rows->inside);
}

const struct err *rows_close(struct rows *rows)
{
    if (rows->inside) {
        backend_of(rows)->rows_end(rows->inside);
        rows->inside = NULL;
    }
    return rows->failed;
}

bool rows_is_null(const struct rows *rows, int column)
{
    return backend_of(rows)->is_null(rows->inside, column);
}

int64_t rows_int(const struct rows *rows, int column)
{
    return backend_of(rows)->get_int(rows->inside, column);
}

struct text rows_text(const struct rows *rows, int column)
{
    return backend_of(rows)->get_text(rows->ctx, rows->inside, column);
}

struct text rows_blob(const struct rows *rows, int column)
{
    return backend_of(rows)->get_blob(rows->inside, column);
}

const char *rows_string(const struct rows *rows, int column)
{
    struct text text = rows_text(rows, column);
    return text.at ? text_string(rows->ctx->arena, text) : NULL;
}
