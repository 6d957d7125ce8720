/* store/store_inside.h -- what the two backends share, and the verbs that make each of them a backend.
 * Owns:          struct backend, struct connection, the kinds of trouble
 * Must not know: plans and batches (writer_inside.h)
 * Begin at:      struct backend
 *
 *     db.c        the door and the pool            sqlite.c    postgres.c   one backend each
 *     migrate.c   tables                           copy.c      online copy     sqlite_gather.c   SQLite's log in large writes
 */
#ifndef STORE_STORE_INSIDE_H
#define STORE_STORE_INSIDE_H
#include "store/db.h"

#include <pthread.h>

/* What the last failed call on a connection means to the writer. The err says it to people. */
enum trouble {
    TROUBLE_NONE,
    TROUBLE_CONSTRAINT, /* a unique or foreign key: somebody else was there first */
    TROUBLE_AGAIN,      /* busy, deadlock, serialization: the same again may do */
    TROUBLE_LOST,       /* the connection is gone; what was in the air is unknown */
    TROUBLE_OTHER,      /* full, broken, or our own mistake */
};

struct connection {
    const struct backend *backend;
    struct db *db;
    enum trouble trouble;
};

/* A snapshot is a place in the pool with its connection, which may be opened late and replaced when it is lost. */
struct snapshot {
    struct snapshot *next; /* free ones */
    struct db *db;
    struct connection *connection; /* NULL until first used */
    bool has_begun;                /* the view is fixed: begins with the first read */
};

/* What rows->inside points to: the head of a backend's own cursor. */
struct cursor {
    struct connection *connection;
    struct cursor *next; /* of those open on this connection, or of those free */
};

struct backend {
    const struct err *(*connect)(struct ctx *ctx, struct db *db, bool for_writing, struct connection **ret);
    void (*disconnect)(struct connection *connection);
    bool (*is_lost)(const struct connection *connection);

    /* Several statements without parameters and without answers: begin, commit, migrations. */
    const struct err *(*execute)(struct ctx *ctx, struct connection *connection, const char *sql);
    /* begin for reading, and its end. */
    const struct err *(*view_begin)(struct ctx *ctx, struct connection *connection);
    void (*view_end)(struct connection *connection);

    const struct err *(*prepare)(struct ctx *ctx, struct connection *connection, const struct statement *statement);
    /* One statement that changes something (or a select used as a condition): *RET_ROWS is how many it touched. */
    const struct err *(*change)(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                const struct value *values, int count, int64_t *ret_rows);

    const struct err *(*rows_open)(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                   const struct value *values, int count, struct cursor **ret);
    bool (*rows_next)(struct rows *rows, struct cursor *cursor);
    void (*rows_end)(struct cursor *cursor);
    void (*rows_end_all)(struct connection *connection); /* those that somebody forgot after a failure */
    bool (*is_null)(const struct cursor *cursor, int column);
    int64_t (*get_int)(const struct cursor *cursor, int column);
    struct text (*get_text)(struct ctx *ctx, const struct cursor *cursor, int column);
    struct text (*get_blob)(const struct cursor *cursor, int column);
};

extern const struct backend backend_sqlite, backend_postgres;

/* SQLite alone: some failures (a full disk) end the transaction by themselves. */
struct sqlite3 *sqlite_handle(struct connection *connection);
bool sqlite_in_transaction(const struct connection *connection);
void sqlite_rollback(struct connection *connection); /* whatever is left of it */

struct db {
    enum db_kind kind;
    const struct backend *backend;
    char *where; /* SQLite: the path; PostgreSQL: the URL */
    bool is_new;

    pthread_mutex_t pool_lock;
    pthread_cond_t pool_freed;
    struct snapshot *snapshots; /* all of them */
    struct snapshot *free;      /* the one used last is taken first: its caches are warm */
    int limit;

    pthread_mutex_t writing_lock;
    struct connection *writing; /* the one connection that changes things; NULL while lost */
};

/* The writing connection, opened again when it was lost, with BEGIN executed (NULL: without). Until it is given back
 * nobody else writes; a failure needs no giving back. */
fallible db_writing_take(struct ctx *ctx, struct db *db, const char *begin, struct connection **ret);
void db_writing_give(struct db *db); /* ends forgotten rows; drops the connection when it is lost */

/* Opens rows on any connection: for the writer's reads. */
fallible connection_rows(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                         const struct value *values, int count, struct rows *ret);

/* Backends call it before binding: our own mistakes stop the process here rather than in a database. */
void statement_check_values(const struct statement *statement, const struct value *values, int count);
#endif
