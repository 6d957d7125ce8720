/* store/sqlite.c -- the SQLite backend: one file in WAL mode, one connection that writes, read-only ones beside it.
 *
 * Each connection keeps the statements it has prepared in a small table of sets (128 at most, the least recently used
 * of a set makes room). A statement that is still being read is prepared a second time for the nested use.
 */
#include "store/sqlite_inside.h"
#include "store/store_inside.h"

#include "store/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SETS = 32, WAYS = 4, BUSY_MILLISECONDS = 10000 };

struct prepared {
    const struct statement *statement;
    sqlite3_stmt *stmt;
    unsigned used_at;
    bool in_use;
    unsigned char index[STATEMENT_PARAMETERS]; /* of $1, $2 … among SQLite's parameters */
};

struct sqlite_cursor {
    struct cursor head;
    struct prepared *prepared; /* in the table, or OWN when the statement there was busy */
    struct prepared own;
};

struct sqlite_connection {
    struct connection head;
    sqlite3 *handle;
    struct prepared table[SETS][WAYS];
    unsigned uses;
    struct cursor *open, *free;
};

static struct sqlite_connection *inside(struct connection *connection)
{
    return (struct sqlite_connection *)connection;
}

/* --- failures --- */

static const struct err *failure(struct ctx *ctx, struct sqlite_connection *connection, int code, const char *doing)
{
    const char *words = connection->handle ? sqlite3_errmsg(connection->handle) : sqlite3_errstr(code);
    enum trouble *trouble = &connection->head.trouble;
    const struct err *err;
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        *trouble = TROUBLE_AGAIN;
        err = err_new(ctx, ERR_BUSY, "store.busy");
        break;
    case SQLITE_FULL:
        *trouble = TROUBLE_OTHER;
        err = err_new(ctx, ERR_BROKEN, "store.disk_full");
        break;
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
            code == SQLITE_CONSTRAINT_ROWID || code == SQLITE_CONSTRAINT_FOREIGNKEY) {
            *trouble = TROUBLE_CONSTRAINT;
            err = err_new(ctx, ERR_CONFLICT, "error.conflict");
            break;
        }
        __attribute__((fallthrough));
    default:
        *trouble = TROUBLE_OTHER;
        err = err_new(ctx, ERR_BROKEN, "error.broken");
    }
    return err_wrap(ctx, err, "SQLite %d while %s: %s", code, doing, words);
}

/* The code a guarded call returns instead of being made. */
static int fault_code(struct sqlite_connection *connection)
{
    switch (fault_here()) {
    case FAULT_NONE:
        return SQLITE_OK;
    case FAULT_FULL:
        sqlite3_exec(connection->handle, "rollback", NULL, NULL, NULL);
        return SQLITE_FULL;
    default:
        return SQLITE_IOERR;
    }
}

/* --- opening --- */

/* Ours alone: the file holds people's data. SQLite gives its journals the mode of the file. */
static const struct err *make_file(struct ctx *ctx, const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
        return err_new(ctx, ERR_BROKEN, "store.cannot_open", path, strerror(errno));
    close(file);
    return NULL;
}

static void disconnect(struct connection *connection)
{
    struct sqlite_connection *self = inside(connection);
    for (int set = 0; set < SETS; set++)
        for (int way = 0; way < WAYS; way++)
            sqlite3_finalize(self->table[set][way].stmt);
    struct cursor *const lists[] = { self->open, self->free };
    for (int i = 0; i < 2; i++)
        for (struct cursor *cursor = lists[i]; cursor;) {
            struct cursor *next = cursor->next;
            sqlite3_finalize(((struct sqlite_cursor *)cursor)->own.stmt);
            free(cursor);
            cursor = next;
        }
    sqlite3_close(self->handle);
    free(self);
}

static void configure_process(void)
{
    /* Counting memory takes one lock for all threads; nobody reads the count. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Of the answers to the settings, the one to the mode of the journal. */
static int note_mode(void *is_log, int count, char **values, char **names)
{
    if (count == 1 && strcmp(names[0], "journal_mode") == 0)
        *(bool *)is_log = strcmp(values[0], "wal") == 0;
    return 0;
}

static const struct err *connect(struct ctx *ctx, struct db *db, bool for_writing, struct connection **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure_process);
    if (for_writing && db->is_new)
        TRY(make_file(ctx, db->where));
    struct sqlite_connection *self = calloc(1, sizeof *self);
    if (!self)
        BUG("out of memory");
    self->head.backend = &backend_sqlite;
    self->head.db = db;
    int flags = (for_writing ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(db->where, &self->handle, flags, for_writing ? sqlite_gather_vfs() : NULL);
    if (code != SQLITE_OK) {
        const struct err *err = err_new(ctx, ERR_BROKEN, "store.cannot_open", db->where,
                                        self->handle && sqlite3_system_errno(self->handle)
                                            ? strerror(sqlite3_system_errno(self->handle))
                                            : sqlite3_errstr(code));
        disconnect(&self->head);
        return err;
    }
    sqlite3_extended_result_codes(self->handle, 1);
    sqlite3_busy_timeout(self->handle, BUSY_MILLISECONDS);
    sqlite3_db_config(self->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* No mmap: SQLite gives the mapping back whenever somebody else has written, and faulting it in again costs a reader beside
     * a busy writer more than reading the pages does. */
    const char *settings = for_writing
                               ? "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;"
                                 "pragma temp_store = memory; pragma cache_size = -8192;"
                                 "pragma journal_size_limit = 67108864; pragma wal_autocheckpoint = 4000; pragma trusted_schema = off"
                               : "pragma query_only = on; pragma temp_store = memory; pragma cache_size = -2048;"
                                 "pragma mmap_size = 0; pragma trusted_schema = off";
    bool is_log = true;
    code = sqlite3_exec(self->handle, settings, note_mode, &is_log, NULL);
    if (code != SQLITE_OK || !is_log) { /* without a log a reader would hold up the writer */
        const struct err *err = (code & 0xff) == SQLITE_NOTADB
                                    ? err_new(ctx, ERR_BROKEN, "store.not_a_database", db->where)
                                : code == SQLITE_OK
                                    ? err_new(ctx, ERR_BROKEN, "store.cannot_open", db->where, "no write-ahead log")
                                    : failure(ctx, self, code, "opening");
        disconnect(&self->head);
        return err;
    }
    *ret = &self->head;
    return NULL;
}

static bool is_lost(const struct connection *connection)
{
    (void)connection;
    return false;
}

/* --- preparing --- */

static int prepare_stmt(struct sqlite_connection *self, const struct statement *statement, struct prepared *ret)
{
    int code = sqlite3_prepare_v3(self->handle, statement->sql, -1, SQLITE_PREPARE_PERSISTENT, &ret->stmt, NULL);
    if (code != SQLITE_OK)
        return code;
    if (sqlite3_bind_parameter_count(ret->stmt) != statement->parameters)
        BUG("%s: SQLite sees %d parameters", statement->name, sqlite3_bind_parameter_count(ret->stmt));
    for (int i = 0; i < statement->parameters; i++) {
        char name[8] = { '$' };
        int number = i + 1, at = 1;
        if (number >= 10)
            name[at++] = (char)('0' + number / 10);
        name[at] = (char)('0' + number % 10);
        ret->index[i] = (unsigned char)sqlite3_bind_parameter_index(ret->stmt, name);
    }
    ret->statement = statement;
    return SQLITE_OK;
}

/* From the table, made when it is not there; *RET is NULL when the one in the table is busy. */
static int find_prepared(struct sqlite_connection *self, const struct statement *statement, struct prepared **ret)
{
    struct prepared *set = self->table[((uintptr_t)statement >> 4) * 0x9E3779B1U % SETS], *oldest = NULL;
    *ret = NULL;
    for (int way = 0; way < WAYS; way++) {
        struct prepared *one = &set[way];
        if (one->statement == statement) {
            if (!one->in_use) {
                one->used_at = ++self->uses;
                *ret = one;
            }
            return SQLITE_OK;
        }
        if (!one->in_use && (!oldest || one->used_at < oldest->used_at))
            oldest = one;
    }
    if (!oldest)
        return SQLITE_OK;
    sqlite3_finalize(oldest->stmt);
    *oldest = (struct prepared){ 0 };
    int code = prepare_stmt(self, statement, oldest);
    if (code != SQLITE_OK)
        return code;
    oldest->used_at = ++self->uses;
    *ret = oldest;
    return SQLITE_OK;
}

static const struct err *prepare(struct ctx *ctx, struct connection *connection, const struct statement *statement)
{
    struct sqlite_connection *self = inside(connection);
    struct prepared prepared = { 0 };
    int code = prepare_stmt(self, statement, &prepared);
    const struct err *err = code == SQLITE_OK ? NULL : failure(ctx, self, code, statement->name);
    sqlite3_finalize(prepared.stmt);
    return err;
}

static int bind(const struct prepared *prepared, const struct value *values, int count, bool is_borrowed_longer)
{
    sqlite3_destructor_type life = is_borrowed_longer ? SQLITE_STATIC : SQLITE_TRANSIENT;
    int code = SQLITE_OK;
    for (int i = 0; i < count && code == SQLITE_OK; i++) {
        const struct value *value = &values[i];
        int at = prepared->index[i];
        switch (value->kind) {
        case VALUE_INT:
            code = sqlite3_bind_int64(prepared->stmt, at, value->number);
            break;
        case VALUE_TEXT:
            code = sqlite3_bind_text64(prepared->stmt, at, value->text.at, value->text.size, life, SQLITE_UTF8);
            break;
        case VALUE_BLOB:
            code = sqlite3_bind_blob64(prepared->stmt, at, value->text.at, value->text.size, life);
            break;
        default:
            code = sqlite3_bind_null(prepared->stmt, at);
        }
    }
    return code;
}

/* --- changing --- */

static void rows_end_all(struct connection *connection);

static const struct err *execute(struct ctx *ctx, struct connection *connection, const char *sql)
{
    struct sqlite_connection *self = inside(connection);
    int code = fault_code(self);
    if (code == SQLITE_OK)
        code = sqlite3_exec(self->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? NULL : failure(ctx, self, code, "executing");
}

static const struct err *change(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                const struct value *values, int count, int64_t *ret_rows)
{
    struct sqlite_connection *self = inside(connection);
    statement_check_values(statement, values, count);
    struct prepared *prepared;
    int code = fault_code(self);
    if (code == SQLITE_OK)
        code = find_prepared(self, statement, &prepared);
    if (code != SQLITE_OK)
        return failure(ctx, self, code, statement->name);
    if (!prepared)
        BUG("%s changes something while it is being read", statement->name);
    code = bind(prepared, values, count, true);
    int64_t seen = 0;
    if (code == SQLITE_OK)
        while ((code = sqlite3_step(prepared->stmt)) == SQLITE_ROW)
            seen++;
    const struct err *err = code == SQLITE_DONE ? NULL : failure(ctx, self, code, statement->name);
    *ret_rows = statement->changes ? sqlite3_changes64(self->handle) : seen;
    sqlite3_reset(prepared->stmt);
    return err;
}

sqlite3 *sqlite_handle(struct connection *connection)
{
    return inside(connection)->handle;
}

bool sqlite_in_transaction(const struct connection *connection)
{
    return !sqlite3_get_autocommit(((const struct sqlite_connection *)connection)->handle);
}

void sqlite_rollback(struct connection *connection)
{
    rows_end_all(connection);
    if (sqlite_in_transaction(connection))
        sqlite3_exec(inside(connection)->handle, "rollback", NULL, NULL, NULL);
}

/* --- reading --- */

/* One of the words round a view, prepared once: parsing it anew would cost as much as a small read. */
static int word(struct sqlite_connection *self, const struct statement *statement)
{
    struct prepared *prepared;
    int code = find_prepared(self, statement, &prepared);
    if (code != SQLITE_OK)
        return code;
    if (!prepared) /* its set is full of statements that are being read */
        return sqlite3_exec(self->handle, statement->sql, NULL, NULL, NULL);
    code = sqlite3_step(prepared->stmt);
    sqlite3_reset(prepared->stmt);
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static const struct err *view_begin(struct ctx *ctx, struct connection *connection)
{
    static const struct statement begin = { .name = "begin", .sql = "begin", .changes = true };
    struct sqlite_connection *self = inside(connection);
    int code = word(self, &begin);
    return code == SQLITE_OK ? NULL : failure(ctx, self, code, "beginning a snapshot");
}

static void rows_end(struct cursor *cursor)
{
    struct sqlite_cursor *own = (struct sqlite_cursor *)cursor;
    struct sqlite_connection *self = inside(cursor->connection);
    sqlite3_reset(own->prepared->stmt);
    sqlite3_clear_bindings(own->prepared->stmt);
    own->prepared->in_use = false;
    sqlite3_finalize(own->own.stmt);
    own->own = (struct prepared){ 0 };
    for (struct cursor **link = &self->open; *link; link = &(*link)->next)
        if (*link == cursor) {
            *link = cursor->next;
            break;
        }
    cursor->next = self->free;
    self->free = cursor;
}

static void rows_end_all(struct connection *connection)
{
    while (inside(connection)->open)
        rows_end(inside(connection)->open);
}

static void view_end(struct connection *connection)
{
    static const struct statement commit = { .name = "commit", .sql = "commit", .changes = true };
    if (word(inside(connection), &commit) != SQLITE_OK)
        sqlite3_exec(inside(connection)->handle, "rollback", NULL, NULL, NULL);
}

static const struct err *rows_begin(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                    const struct value *values, int count, struct cursor **ret)
{
    struct sqlite_connection *self = inside(connection);
    statement_check_values(statement, values, count);
    struct prepared *prepared = NULL;
    int code = fault_code(self);
    if (code == SQLITE_OK)
        code = find_prepared(self, statement, &prepared);
    struct cursor *cursor = self->free;
    if (cursor) {
        self->free = cursor->next;
    } else {
        cursor = calloc(1, sizeof(struct sqlite_cursor));
        if (!cursor)
            BUG("out of memory");
        cursor->connection = connection;
    }
    struct sqlite_cursor *own = (struct sqlite_cursor *)cursor;
    if (code == SQLITE_OK && !prepared) {
        prepared = &own->own;
        code = prepare_stmt(self, statement, prepared);
    }
    if (code == SQLITE_OK)
        code = bind(prepared, values, count, false);
    if (code != SQLITE_OK) {
        const struct err *err = failure(ctx, self, code, statement->name);
        sqlite3_finalize(own->own.stmt);
        own->own = (struct prepared){ 0 };
        cursor->next = self->free;
        self->free = cursor;
        return err;
    }
    own->prepared = prepared;
    prepared->in_use = true;
    cursor->next = self->open;
    self->open = cursor;
    *ret = cursor;
    return NULL;
}

static sqlite3_stmt *stmt_of(const struct cursor *cursor)
{
    return ((const struct sqlite_cursor *)cursor)->prepared->stmt;
}

static bool step(struct rows *rows, struct cursor *cursor)
{
    int code = sqlite3_step(stmt_of(cursor));
    if (code == SQLITE_ROW)
        return true;
    if (code != SQLITE_DONE)
        rows->failed = failure(rows->ctx, inside(cursor->connection), code, "reading on");
    return false;
}

static bool is_null(const struct cursor *cursor, int column)
{
    return sqlite3_column_type(stmt_of(cursor), column) == SQLITE_NULL;
}

static int64_t get_int(const struct cursor *cursor, int column)
{
    return sqlite3_column_int64(stmt_of(cursor), column);
}

static struct text get_text(struct ctx *ctx, const struct cursor *cursor, int column)
{
    (void)ctx;
    const char *at = (const char *)sqlite3_column_text(stmt_of(cursor), column);
    return (struct text){ at, at ? (size_t)sqlite3_column_bytes(stmt_of(cursor), column) : 0 };
}

static struct text get_blob(const struct cursor *cursor, int column)
{
    if (is_null(cursor, column))
        return (struct text){ NULL, 0 };
    size_t size = (size_t)sqlite3_column_bytes(stmt_of(cursor), column);
    const char *at = sqlite3_column_blob(stmt_of(cursor), column);
    return (struct text){ at ? at : "", size }; /* SQLite has no address for bytes of length 0 */
}

const struct backend backend_sqlite = {
    .connect = connect,
    .disconnect = disconnect,
    .is_lost = is_lost,
    .execute = execute,
    .view_begin = view_begin,
    .view_end = view_end,
    .prepare = prepare,
    .change = change,
    .rows_open = rows_begin,
    .rows_next = step,
    .rows_end = rows_end,
    .rows_end_all = rows_end_all,
    .is_null = is_null,
    .get_int = get_int,
    .get_text = get_text,
    .get_blob = get_blob,
};
