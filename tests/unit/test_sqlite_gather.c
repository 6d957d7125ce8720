/* tests/unit/test_sqlite_gather.c -- the gathered writes of SQLite's log: what is committed is in the file, what was
 * rolled back harms nobody. When this fails: src/store/sqlite_gather.c. */
#include "fixture.h"

#include "store/sqlite_inside.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct place {
    char folder[64], path[128];
    sqlite3 *writing; /* gathers, as the house's connection does */
};

static void run(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
}

static long ask(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    long answer = (long)sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return answer;
}

static sqlite3 *open_plainly(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL), SQLITE_OK);
    return db;
}

/* Rows of a page each, from FIRST on. */
static void add_rows(sqlite3 *db, int first, int count)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "with n(i) as (select %d union all select i + 1 from n where i < %d) "
             "insert into thing (id, bytes) select i, zeroblob(3000) from n",
             first, first + count - 1);
    run(db, sql);
}

static int begin(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    assert_non_null(place);
    snprintf(place->folder, sizeof place->folder, "/tmp/gongzhi-test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->path, sizeof place->path, "%s/gather.db", place->folder);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    assert_int_equal(sqlite3_open_v2(place->path, &place->writing, flags, sqlite_gather_vfs()), SQLITE_OK);
    run(place->writing, "pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 0;"
                        "create table thing (id integer primary key, bytes blob)");
    *state = place;
    return 0;
}

static int end(void **state)
{
    struct place *place = *state;
    char command[128];
    assert_int_equal(sqlite3_close(place->writing), SQLITE_OK);
    snprintf(command, sizeof command, "rm -rf '%s'", place->folder);
    free(place);
    return system(command);
}

/* Writing calls of this process so far, as the system counts them. */
static long writes_made(void)
{
    char line[128];
    long made = -1;
    FILE *counts = fopen("/proc/self/io", "r");
    assert_non_null(counts);
    while (fgets(line, sizeof line, counts))
        sscanf(line, "syscw: %ld", &made);
    fclose(counts);
    return made;
}

static void a_commit_makes_few_calls(void **state)
{
    struct place *place = *state;
    run(place->writing, "begin immediate");
    add_rows(place->writing, 1, 100);
    long before = writes_made();
    run(place->writing, "commit");
    assert_in_range(writes_made() - before, 1, 10); /* SQLite alone: two for each of a hundred pages */
}

/* As if the power had gone: the files as they are, without what this process holds. */
static void what_is_committed_is_in_the_file(void **state)
{
    struct place *place = *state;
    char command[512], copy[160];
    for (int i = 0; i < 5; i++) {
        add_rows(place->writing, 1 + i * 40, 40); /* some commits larger than the room, some smaller */
        run(place->writing, "insert into thing (bytes) values (null)");
        run(place->writing, "delete from thing where bytes is null");
        snprintf(copy, sizeof copy, "%s/copy.db", place->folder);
        snprintf(command, sizeof command, "cp '%s' '%s' && cp '%s-wal' '%s-wal'", place->path, copy, place->path, copy);
        assert_int_equal(system(command), 0);
        sqlite3 *db = open_plainly(copy);
        assert_int_equal(ask(db, "select count(*) from thing"), 40 * (i + 1));
        sqlite3_close(db);
        snprintf(command, sizeof command, "rm -f '%s' '%s-wal' '%s-shm'", copy, copy, copy);
        assert_int_equal(system(command), 0);
    }
}

/* A cache that is too small has pages of an unfinished transaction written; it is rolled back, and another connection
 * commits at the same place of the log. */
static void what_was_rolled_back_is_never_written_over_others(void **state)
{
    struct place *place = *state;
    sqlite3 *other = open_plainly(place->path);
    run(place->writing, "pragma cache_size = 10; pragma cache_spill = 10");
    for (int i = 0; i < 4; i++) {
        run(other, "pragma wal_checkpoint(truncate)"); /* else the rollback reads the log, and that writes first */
        run(place->writing, "begin immediate");
        add_rows(place->writing, 1000, 25 + 30 * i);
        run(place->writing, "rollback");
        add_rows(other, 1 + i * 10, 3);
        add_rows(place->writing, 6 + i * 10, 2);
        assert_int_equal(ask(other, "select count(*) from thing"), 5 * (i + 1));
    }
    sqlite3_close(other);
    other = open_plainly(place->path); /* reads the log from the file */
    assert_int_equal(ask(other, "select count(*) from thing"), 20);
    assert_int_equal(ask(other, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"), 1);
    sqlite3_close(other);
}

/* Pages that were spilled and are needed again before the commit come back as they were. */
static void an_unfinished_transaction_reads_its_own_pages(void **state)
{
    struct place *place = *state;
    run(place->writing, "pragma cache_size = 10; pragma cache_spill = 10; begin immediate");
    add_rows(place->writing, 1, 60);
    run(place->writing, "update thing set bytes = randomblob(3000) where id % 7 = 0");
    assert_int_equal(ask(place->writing, "select count(*) from thing where length(bytes) = 3000"), 60);
    run(place->writing, "savepoint half; update thing set bytes = null; rollback to half; release half; commit");
    assert_int_equal(ask(place->writing, "select count(*) from thing where length(bytes) = 3000"), 60);
    assert_int_equal(ask(place->writing, "select count(*) from pragma_integrity_check where integrity_check = 'ok'"),
                     1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_commit_makes_few_calls, begin, end),
        cmocka_unit_test_setup_teardown(what_is_committed_is_in_the_file, begin, end),
        cmocka_unit_test_setup_teardown(what_was_rolled_back_is_never_written_over_others, begin, end),
        cmocka_unit_test_setup_teardown(an_unfinished_transaction_reads_its_own_pages, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
