/* store/db.h -- one database behind one door: SQLite or PostgreSQL, read through snapshots.
 * Owns:          connections, prepared statements, value conversion, migrations
 * Must not know: what any table means; realms, matters and leaves are other rooms' words
 * Begin at:      db_open(), snapshot_begin(), rows_open()
 *
 *     struct rows rows;
 *     TRY(rows_open(ctx, ctx->snapshot, &sql_place_by_code, VALUES(value_text(code)), &rows));
 *     while (rows_next(&rows))
 *         …rows_text(&rows, 0), rows_int(&rows, 1)…      texts are borrowed until the next step
 *     TRY(rows_close(&rows));
 *
 * Statements are written once in the common subset of both dialects (each room's NAME.sql, made into NAME_sql.h by
 * tools/sql.py), with $1 … bound by name. A snapshot is one consistent view, fixed by its first read; readers never wait
 * for the writer. A snapshot belongs to one thread at a time. Only store/writer.h changes anything.
 */
#ifndef STORE_DB_H
#define STORE_DB_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct snapshot;

/* --- statements and values --- */

/* A statement has at most this many parameters. */
enum { STATEMENT_PARAMETERS = 64 };

struct statement {
    const char *name;     /* "place_by_code": unique in the program */
    const char *sql;      /* the common text */
    const char *postgres; /* the variant for PostgreSQL, or NULL when the common text does */
    int parameters;       /* highest $n */
    bool changes;         /* not a select */
    const char *table;    /* the one it changes; NULL of a select */
};

enum value_kind {
    VALUE_NULL,
    VALUE_INT,
    VALUE_TEXT,
    VALUE_BLOB,
    VALUE_LATE_TEXT, /* a text with marks that the writer fills: plan.h */
    VALUE_LATE_TIME, /* the moment the writer records */
    VALUE_LATE_SLOT, /* an integer that the seal supplies (a leaf's position …): plan.h */
};

struct value {
    enum value_kind kind;
    int64_t number;   /* of an int; of a slot: which */
    struct text text; /* of texts and blobs: borrowed */
};

static inline struct value value_null(void)
{
    return (struct value){ VALUE_NULL, 0, { NULL, 0 } };
}
static inline struct value value_int(int64_t number)
{
    return (struct value){ VALUE_INT, number, { NULL, 0 } };
}
static inline struct value value_text(struct text text)
{
    return (struct value){ text.at ? VALUE_TEXT : VALUE_NULL, 0, text };
}
static inline struct value value_string(const char *string)
{
    return value_text(text_of(string)); /* NULL is null */
}
static inline struct value value_blob(struct text bytes)
{
    return (struct value){ bytes.at ? VALUE_BLOB : VALUE_NULL, 0, bytes };
}

/* VALUES(a, b, …) and VALUES_NONE: an array and its length for the parameters of a statement. */
#define VALUES(...)                                                                                                    \
    (const struct value[]){ __VA_ARGS__ }, (int)(sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value))
#define VALUES_NONE NULL, 0

/* --- opening --- */

enum db_kind { DB_SQLITE, DB_POSTGRES };

struct db_settings {
    const char *url; /* sqlite:PATH or postgres://… (libpq's form) */
    int readers;     /* most snapshots open at once; 0 takes 16. A further snapshot_begin() waits for one */
    bool is_new;     /* SQLite: make the file if it is not there */
};

fallible db_open(struct ctx *ctx, const struct db_settings *settings, struct db **ret);
void db_close(struct db *db);
enum db_kind db_kind_of(const struct db *db);

/* A room's tables: applied in order, each once, each in one transaction, noted in table migration. SQL in the common
 * subset; a comment that begins with the word sqlite or postgres right after slash-star is opened up for that database
 * only (so SQLite gets "without rowid", PostgreSQL gets its index kinds). */
struct migration {
    const char *name; /* "record-0001": unique in the program, never renamed */
    const char *sql;
};
fallible db_migrate(struct ctx *ctx, struct db *db, const struct migration *migrations, int count);
/* Whether every migration has been applied, and none that this program does not know. */
fallible db_check_migrated(struct ctx *ctx, struct db *db, const struct migration *migrations, int count);

/* --- reading --- */

fallible snapshot_begin(struct ctx *ctx, struct db *db, struct snapshot **ret);
void snapshot_end(struct snapshot *snapshot); /* NULL is fine */

struct rows {
    struct ctx *ctx;
    void *inside;             /* the backend's cursor; NULL once closed */
    const struct err *failed; /* what rows_close() will return */
};

fallible rows_open(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement,
                   const struct value *values, int count, struct rows *ret);
/* The same before the view is fixed, for the one question that every request begins with, and for a check whose plan
 * asks everything again (a ballot): PostgreSQL answers without a transaction round it, and what follows sees the same or a later moment. */
fallible rows_open_early(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement,
                         const struct value *values, int count, struct rows *ret);
bool rows_next(struct rows *rows);      /* false at the end and after a failure */
fallible rows_close(struct rows *rows); /* the failure, if there was one; safe twice */

bool rows_is_null(const struct rows *rows, int column);
int64_t rows_int(const struct rows *rows, int column);        /* 0 for null */
struct text rows_text(const struct rows *rows, int column);   /* at NULL for null; until the next step */
struct text rows_blob(const struct rows *rows, int column);   /* the same for bytes */
const char *rows_string(const struct rows *rows, int column); /* a copy in ctx's arena; NULL for null */

/* Prepares and forgets: for the test that walks every statement on both databases. */
fallible statement_prepare(struct ctx *ctx, struct snapshot *snapshot, const struct statement *statement);

/* --- the whole database --- */

/* A PostgreSQL address for the command line of another program, which every user of the machine can read: without the
 * password, which is in *RET_PASSWORD (NULL: there is none) for its environment. ERR_INPUT "store.url_wrong". */
fallible db_address_apart(struct ctx *ctx, const char *url, const char **ret_address, const char **ret_password);

/* SQLite: an online copy to PATH, which must not exist, while serving: one snapshot, on disk when it returns. PROGRESS may
 * be NULL. PostgreSQL: ERR_INPUT that names pg_dump. */
fallible db_copy_to(struct ctx *ctx, struct db *db, const char *path,
                    void (*progress)(void *self, int64_t done, int64_t all), void *self);
#endif
