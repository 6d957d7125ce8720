/* tests/unit/test_db.c -- opening, rows and types, snapshots, the pool: on both databases. When this fails:
 * src/store/db.c, sqlite.c or postgres.c. */
#include "database.h"

#include "base/log.h"

#include <pthread.h>
#include <stdatomic.h>

static const struct migration tables[] = {
    { "test-0001",
      "create table thing (realm text not null, id bigint not null, name text, bytes bytea, small integer,\n"
      "  primary key (realm, id)) /*sqlite without rowid*/;\n"
      "/*postgres create index thing_name on thing using hash (name); */\n"
      "insert into thing (realm, id, name, bytes, small) values ('r', 1, '黄庄村', null, -7);\n"
      "insert into thing (realm, id, name, bytes, small) values ('r', 9223372036854775807, null, null, null);\n"
      "insert into thing (realm, id, name, bytes, small) values ('r', -9223372036854775808, '', null, 2147483647);\n" },
};
static const struct migration more[] = { { "test-0002",
                                           "insert into thing (realm, id, name) values ('r', 2, 'two')" } };

static const struct statement all = { .name = "test_all",
                                      .sql = "select id, name, bytes, small from thing where realm = $1 order by id",
                                      .parameters = 1 };
static const struct statement count_things = { .name = "test_count", .sql = "select count(*) from thing" };
static const struct statement echo = {
    .name = "test_echo",
    .sql = "select cast($2 as bigint), cast($1 as text), cast($3 as bytea), $1 = 'x'",
    .postgres = "select cast($2 as bigint), cast($1 as text), cast($3 as bytea), $1 = 'x'",
    .parameters = 3
};
static const struct statement wrong = { .name = "test_wrong", .sql = "select nothing from nowhere" };
static const struct statement sum_numeric = { .name = "test_sum",
                                              .sql = "select sum(id) from thing where id < 3 and id > 0" };
static const struct statement by_name = { .name = "test_by_name",
                                          .sql = "select id from thing where name = $2 and realm = $1",
                                          .parameters = 2 };
/* SQLite gives cast(… as bytea) another affinity, so bytes are echoed from a plain parameter there. */
static const struct statement echo_bytes = {
    .name = "test_echo_bytes", .sql = "select $1", .postgres = "select cast($1 as bytea)", .parameters = 1
};

static struct snapshot *begin(struct database *d)
{
    struct snapshot *snapshot;
    assert_ok(d->f, snapshot_begin(d->f->ctx, d->db, &snapshot));
    return snapshot;
}

static void migrate(struct database *d)
{
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, tables, 1));
}

static void rows_come_back_with_their_types(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *snapshot = begin(d);
    struct rows rows;
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &all, VALUES(value_string("r")), &rows));

    assert_true(rows_next(&rows));
    assert_true(rows_int(&rows, 0) == INT64_MIN);
    assert_false(rows_is_null(&rows, 1));
    assert_non_null(rows_text(&rows, 1).at);
    assert_int_equal(rows_text(&rows, 1).size, 0);
    assert_int_equal(rows_int(&rows, 3), INT32_MAX);

    assert_true(rows_next(&rows));
    assert_int_equal(rows_int(&rows, 0), 1);
    assert_true(text_is(rows_text(&rows, 1), "黄庄村"));
    assert_string_equal(rows_string(&rows, 1), "黄庄村");
    assert_true(rows_is_null(&rows, 2));
    assert_null(rows_blob(&rows, 2).at);
    assert_int_equal(rows_int(&rows, 3), -7);
    assert_true(text_is(rows_text(&rows, 3), "-7"));

    assert_true(rows_next(&rows));
    assert_true(rows_int(&rows, 0) == INT64_MAX);
    assert_null(rows_text(&rows, 1).at);
    assert_null(rows_string(&rows, 1));
    assert_int_equal(rows_int(&rows, 3), 0);

    assert_false(rows_next(&rows));
    assert_ok(d->f, rows_close(&rows));
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(snapshot);
}

static void values_are_bound_by_their_number(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *snapshot = begin(d);
    struct rows rows;
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &by_name, VALUES(value_string("r"), value_string("黄庄村")), &rows));
    assert_true(rows_next(&rows));
    assert_int_equal(rows_int(&rows, 0), 1);
    assert_ok(d->f, rows_close(&rows));
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &echo, VALUES(value_string("x"), value_int(INT64_MIN), value_null()),
                              &rows));
    assert_true(rows_next(&rows));
    assert_true(rows_int(&rows, 0) == INT64_MIN);
    assert_true(text_is(rows_text(&rows, 1), "x"));
    assert_true(rows_is_null(&rows, 2));
    assert_int_equal(rows_int(&rows, 3), 1);
    assert_ok(d->f, rows_close(&rows));
    char every_byte[256];
    for (int i = 0; i < 256; i++)
        every_byte[i] = (char)i;
    struct text bytes = { every_byte, sizeof every_byte };
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &echo_bytes, VALUES(value_blob(bytes)), &rows));
    assert_true(rows_next(&rows));
    assert_true(text_equal(rows_blob(&rows, 0), bytes));
    assert_ok(d->f, rows_close(&rows));
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &echo_bytes, VALUES(value_blob(TEXT(""))), &rows));
    assert_true(rows_next(&rows));
    assert_false(rows_is_null(&rows, 0));
    assert_non_null(rows_blob(&rows, 0).at);
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(snapshot);
}

static void a_statement_may_be_read_inside_itself(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *snapshot = begin(d);
    struct rows outer, inner;
    int seen = 0;
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &all, VALUES(value_string("r")), &outer));
    while (rows_next(&outer)) {
        assert_ok(d->f, rows_open(d->f->ctx, snapshot, &all, VALUES(value_string("r")), &inner));
        while (rows_next(&inner))
            seen++;
        assert_ok(d->f, rows_close(&inner));
    }
    assert_ok(d->f, rows_close(&outer));
    assert_int_equal(seen, 9);
    snapshot_end(snapshot);
}

static void rows_that_nobody_closed_end_with_the_snapshot(void **state)
{
    struct database *d = *state;
    migrate(d);
    for (int i = 0; i < 50; i++) {
        struct snapshot *snapshot = begin(d);
        struct rows rows;
        assert_ok(d->f, rows_open(d->f->ctx, snapshot, &all, VALUES(value_string("r")), &rows));
        assert_true(rows_next(&rows));
        snapshot_end(snapshot);
    }
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, more, 1));
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 4);
}

static void a_snapshot_keeps_its_view(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *old = begin(d);
    struct rows rows;
    assert_ok(d->f, rows_open(d->f->ctx, old, &count_things, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    assert_int_equal(rows_int(&rows, 0), 3);
    assert_ok(d->f, rows_close(&rows));
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, more, 1));
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 4);
    assert_ok(d->f, rows_open(d->f->ctx, old, &count_things, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    assert_int_equal(rows_int(&rows, 0), 3);
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(old);
}

static void a_wrong_statement_is_our_mistake_and_spoils_only_its_snapshot(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *snapshot = begin(d);
    struct rows rows;
    assert_fails(rows_open(d->f->ctx, snapshot, &wrong, VALUES_NONE, &rows), ERR_BROKEN, "error.broken");
    assert_false(rows_next(&rows));
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(snapshot);
    snapshot = begin(d);
    assert_fails(statement_prepare(d->f->ctx, snapshot, &wrong), ERR_BROKEN, "error.broken");
    assert_ok(d->f, statement_prepare(d->f->ctx, snapshot, &all));
    snapshot_end(snapshot);
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
}

/* PostgreSQL sums bigint to numeric: said at once, not read as something else. SQLite has the number. */
static void a_type_we_do_not_read_is_named(void **state)
{
    struct database *d = *state;
    migrate(d);
    struct snapshot *snapshot = begin(d);
    const struct err *err = statement_prepare(d->f->ctx, snapshot, &sum_numeric);
    if (d->kind == DB_POSTGRES) {
        assert_non_null(err);
        assert_non_null(strstr(err_trace(d->f->ctx, err), "cast it to bigint"));
    } else {
        assert_null(err);
    }
    snapshot_end(snapshot);
}

struct waiter {
    struct database *d;
    pthread_t thread;
    struct ctx *ctx;
    atomic_bool is_through;
};

static void *wait_for_a_place(void *self)
{
    struct waiter *waiter = self;
    struct snapshot *snapshot;
    const struct err *err = snapshot_begin(waiter->ctx, waiter->d->db, &snapshot);
    waiter->is_through = true;
    if (!err)
        snapshot_end(snapshot);
    return (void *)err;
}

static void a_further_snapshot_waits_for_a_place(void **state)
{
    struct database *d = *state; /* the fixture gives four places */
    struct snapshot *taken[4];
    for (int i = 0; i < 4; i++)
        taken[i] = begin(d);
    struct waiter waiter = { .d = d, .ctx = ctx_begin(&d->f->model) };
    assert_int_equal(pthread_create(&waiter.thread, NULL, wait_for_a_place, &waiter), 0);
    assert_false(waiter.is_through); /* it can't be: every place is taken */
    snapshot_end(taken[0]);
    void *err;
    pthread_join(waiter.thread, &err);
    assert_null(err);
    assert_true(waiter.is_through);
    for (int i = 1; i < 4; i++)
        snapshot_end(taken[i]);
    ctx_end(waiter.ctx);
}

static void a_lost_connection_is_replaced(void **state)
{
    struct database *d = *state;
    migrate(d);
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
    struct snapshot *snapshot = begin(d);
    struct rows rows;
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &count_things, VALUES_NONE, &rows));
    assert_ok(d->f, rows_close(&rows));
    /* Ended by an operator in the middle of a snapshot: this one fails, the next one does not. */
    database_cut(d, "idle in transaction");
    assert_fails(rows_open(d->f->ctx, snapshot, &count_things, VALUES_NONE, &rows), ERR_BUSY, "store.unreachable");
    snapshot_end(snapshot);
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
    /* Ended while nobody used it: nobody notices. */
    database_cut(d, "idle");
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, more, 1));
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 4);
    /* The question before the view is fixed notices as little. */
    database_cut(d, "idle");
    snapshot = begin(d);
    assert_ok(d->f, rows_open_early(d->f->ctx, snapshot, &count_things, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    assert_int_equal(rows_int(&rows, 0), 4);
    assert_ok(d->f, rows_close(&rows));
    assert_ok(d->f, rows_open(d->f->ctx, snapshot, &count_things, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    assert_ok(d->f, rows_close(&rows));
    snapshot_end(snapshot);
}

static void migrations_run_once(void **state)
{
    struct database *d = *state;
    assert_fails(db_check_migrated(d->f->ctx, d->db, tables, 1), ERR_BROKEN, "store.migration_missing");
    migrate(d);
    migrate(d);
    assert_ok(d->f, db_check_migrated(d->f->ctx, d->db, tables, 1));
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
    database_shut(d);
    database_open(d);
    migrate(d);
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
}

static void an_unknown_migration_is_refused(void **state)
{
    struct database *d = *state;
    migrate(d);
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, more, 1));
    const struct err *err = db_check_migrated(d->f->ctx, d->db, tables, 1);
    assert_fails(err, ERR_BROKEN, "store.migration_unknown");
    assert_string_equal(err_root(err)->arguments[0], "test-0002");
}

static void a_failing_migration_leaves_nothing(void **state)
{
    struct database *d = *state;
    migrate(d);
    const struct migration failing[] = {
        { "test-0003",
          "create table half (id bigint not null primary key); insert into thing (realm, id) values ('r', 1);" },
    };
    const struct err *err = db_migrate(d->f->ctx, d->db, failing, 1);
    assert_fails(err, ERR_CONFLICT, "store.migration_failed");
    assert_string_equal(err_root(err)->arguments[0], "test-0003");
    const struct migration mended[] = { { "test-0003", "create table half (id bigint not null primary key);" } };
    assert_ok(d->f, db_migrate(d->f->ctx, d->db, mended, 1));
    assert_int_equal(database_number(d, &count_things, VALUES_NONE), 3);
}

/* --- opening --- */

static void wrong_addresses_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const wrong_ones[] = { "", "sqlite:", "mysql://x", "/tmp/x.db", "postgres://[::", NULL };
    for (int i = 0; wrong_ones[i]; i++) {
        struct db *db;
        const struct db_settings settings = { .url = wrong_ones[i] };
        assert_fails(db_open(f->ctx, &settings, &db), ERR_INPUT, "store.url_wrong");
    }
}

static void a_file_that_is_not_there_is_not_made_unasked(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    const struct db_settings settings = { .url = "sqlite:/tmp/gongzhi-no-such-folder/no.db" };
    assert_fails(db_open(f->ctx, &settings, &db), ERR_BROKEN, "store.cannot_open");
    const struct db_settings new_settings = { .url = "sqlite:/tmp/gongzhi-no-such-folder/no.db", .is_new = true };
    assert_fails(db_open(f->ctx, &new_settings, &db), ERR_BROKEN, "store.cannot_open");
    const struct db_settings server = { .url = "postgres:///x?host=/tmp/gongzhi-no-such-folder" };
    assert_fails(db_open(f->ctx, &server, &db), ERR_BUSY, "store.unreachable");
}

/* Readers that never wait for the writer need the log beside the file; memory has none, nor have some network folders. */
static void a_database_without_a_log_is_refused(void **state)
{
    struct fixture *f = *state;
    struct db *db;
    const struct db_settings settings = { .url = "sqlite::memory:" };
    assert_fails(db_open(f->ctx, &settings, &db), ERR_BROKEN, "store.cannot_open");
}

static void a_file_that_is_no_database_is_named(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/gongzhi-test.XXXXXX";
    int file = mkstemp(path);
    static const char words[2048] = "this is no database, however long one looks at it";
    assert_int_equal(write(file, words, sizeof words), sizeof words);
    close(file);
    char url[64];
    snprintf(url, sizeof url, "sqlite:%s", path);
    struct db *db;
    const struct db_settings settings = { .url = url };
    assert_fails(db_open(f->ctx, &settings, &db), ERR_BROKEN, "store.not_a_database");
    unlink(path);
}

static int begin_fixture(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end_fixture(void **state)
{
    fixture_end(*state);
    return 0;
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        ON_BOTH(rows_come_back_with_their_types),
        ON_BOTH(values_are_bound_by_their_number),
        ON_BOTH(a_statement_may_be_read_inside_itself),
        ON_BOTH(rows_that_nobody_closed_end_with_the_snapshot),
        ON_BOTH(a_snapshot_keeps_its_view),
        ON_BOTH(a_wrong_statement_is_our_mistake_and_spoils_only_its_snapshot),
        ON_BOTH(a_type_we_do_not_read_is_named),
        ON_BOTH(a_further_snapshot_waits_for_a_place),
        ON_POSTGRES(a_lost_connection_is_replaced),
        ON_BOTH(migrations_run_once),
        ON_BOTH(an_unknown_migration_is_refused),
        ON_BOTH(a_failing_migration_leaves_nothing),
        cmocka_unit_test_setup_teardown(wrong_addresses_are_refused, begin_fixture, end_fixture),
        cmocka_unit_test_setup_teardown(a_file_that_is_not_there_is_not_made_unasked, begin_fixture, end_fixture),
        cmocka_unit_test_setup_teardown(a_database_without_a_log_is_refused, begin_fixture, end_fixture),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_database_is_named, begin_fixture, end_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
