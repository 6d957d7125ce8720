/* tests/lib/database.h -- a fresh database of either kind for each test, gone afterwards.
 *
 *     static void rows_come_back(void **state)
 *     {
 *         struct database *d = *state;                     // d->f is a fixture, d->db is open and empty
 *         …
 *     }
 *     int main(void)
 *     {
 *         const struct CMUnitTest tests[] = { ON_BOTH(rows_come_back), … };
 *         return cmocka_run_group_tests(tests, NULL, NULL);
 *     }
 *
 * SQLite gets a file in a folder of its own, PostgreSQL a schema of its own in the server that GONGZHI_TEST_POSTGRES
 * names, so tests may run side by side. Without that variable the PostgreSQL half fails: ./check sets it, and so does
 * tests/lib/postgres.sh run COMMAND.
 */
#ifndef TESTS_DATABASE_H
#define TESTS_DATABASE_H
#include "fixture.h"

#include "store/db.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct database {
    struct fixture fixture, *f;
    enum db_kind kind;
    char folder[64]; /* scratch, removed at the end */
    char path[128];  /* SQLite: the file */
    char schema[64]; /* PostgreSQL */
    char url[512];   /* for db_open(), for a second program, for a child process */
    struct db *db;
};

static inline const char *database_server(void)
{
    const char *server = getenv("GONGZHI_TEST_POSTGRES");
    if (!server || !*server)
        fail_msg("GONGZHI_TEST_POSTGRES is not set: use ./check, or tests/lib/postgres.sh run COMMAND");
    return server;
}

/* SQL run on the server's side by a connection of its own; for making schemas and for disturbing the house. */
static inline void database_command(const char *sql)
{
    PGconn *link = PQconnectdb(database_server());
    PQclear(PQexec(link, "set client_min_messages = warning"));
    PGresult *result = PQexec(link, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(link));
    PQclear(result);
    PQfinish(link);
}

/* Ends every connection of this test's own whose state (of pg_stat_activity) is like STATE, and waits until they are gone.
 */
static inline void database_cut(const struct database *d, const char *state)
{
    char sql[256];
    snprintf(
        sql, sizeof sql,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = '%s' and state like '%s'",
        d->schema, state);
    database_command(sql);
}

/* Again after database_shut(), as another start of the program would. */
static inline void database_open(struct database *d)
{
    const struct db_settings settings = { .url = d->url, .readers = 4, .is_new = true };
    assert_ok(d->f, db_open(d->f->ctx, &settings, &d->db));
}

static inline void database_shut(struct database *d)
{
    db_close(d->db);
    d->db = NULL;
}

static inline struct database *database_begin(enum db_kind kind)
{
    static int number;
    struct database *d = calloc(1, sizeof *d);
    assert_non_null(d);
    d->f = &d->fixture;
    fixture_begin(d->f);
    d->kind = kind;
    snprintf(d->folder, sizeof d->folder, "/tmp/gongzhi-test.XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    if (kind == DB_SQLITE) {
        snprintf(d->path, sizeof d->path, "%s/test.db", d->folder);
        snprintf(d->url, sizeof d->url, "sqlite:%s", d->path);
    } else {
        char sql[128];
        const char *server = database_server();
        snprintf(d->schema, sizeof d->schema, "test_%d_%d", (int)getpid(), ++number);
        snprintf(d->url, sizeof d->url, "%s%coptions=-csearch_path%%3D%s&application_name=%s", server,
                 strchr(server, '?') ? '&' : '?', d->schema, d->schema);
        snprintf(sql, sizeof sql, "create schema %s", d->schema);
        database_command(sql);
    }
    database_open(d);
    return d;
}

static inline void database_end(struct database *d)
{
    char command[160];
    db_close(d->db);
    if (d->kind == DB_POSTGRES) {
        snprintf(command, sizeof command, "drop schema %s cascade", d->schema);
        database_command(command);
    }
    snprintf(command, sizeof command, "rm -rf '%s'", d->folder);
    assert_int_equal(system(command), 0);
    fixture_end(d->f);
    free(d);
}

/* The first value of one row, as a number; the statement's rows must be one. */
static inline int64_t database_number(struct database *d, const struct statement *statement, const struct value *values,
                                      int count)
{
    struct snapshot *snapshot;
    struct rows rows;
    assert_ok(d->f, snapshot_begin(d->f->ctx, d->db, &snapshot));
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, statement, values, count, &rows));
    assert_true(rows_next(&rows));
    int64_t number = rows_int(&rows, 0);
    assert_false(rows_next(&rows));
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(snapshot);
    return number;
}

static inline int database_setup_sqlite(void **state)
{
    *state = database_begin(DB_SQLITE);
    return 0;
}

static inline int database_setup_postgres(void **state)
{
    *state = database_begin(DB_POSTGRES);
    return 0;
}

static inline int database_teardown(void **state)
{
    database_end(*state);
    return 0;
}

#define ON_SQLITE(test)                                                                                                \
    {                                                                                                                  \
#test " (SQLite)", test, database_setup_sqlite, database_teardown, NULL                                        \
    }
#define ON_POSTGRES(test)                                                                                              \
    {                                                                                                                  \
#test " (PostgreSQL)", test, database_setup_postgres, database_teardown, NULL                                  \
    }
#define ON_BOTH(test) ON_SQLITE(test), ON_POSTGRES(test)
#endif
