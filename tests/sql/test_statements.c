/* tests/sql/test_statements.c -- applies every room's tables and prepares every room's statements, on both databases.
 * When this fails: the .sql file of the room that is named. A new room adds one row to rooms[]. */
#include "database.h"

#include "app/app_sql.h"
#include "base/log.h"
#include "commons/commons_sql.h"
#include "record/accounts_sql.h"
#include "record/glances_sql.h"
#include "record/ledger_sql.h"
#include "record/matter_sql.h"
#include "record/people_sql.h"
#include "record/places_sql.h"
#include "record/poll_sql.h"
#include "record/record_sql.h"
#include "store/store_sql.h"

/* Tables in the order in which they may point to each other. */
static const struct room {
    const char *name;
    const struct migration *migrations;
    const int *migration_count;
    const struct statement *const *statements;
    const int *statement_count;
} rooms[] = {
    { "store", store_migrations, &store_migration_count, store_sql_list, &store_sql_count },
    { "places", record_migrations, &record_migration_count, places_sql_list, &places_sql_count },
    { "people", record_migrations, &record_migration_count, people_sql_list, &people_sql_count },
    { "accounts", record_migrations, &record_migration_count, accounts_sql_list, &accounts_sql_count },
    { "ledger", ledger_migrations, &ledger_migration_count, ledger_sql_list, &ledger_sql_count },
    { "matter", matter_migrations, &matter_migration_count, matter_sql_list, &matter_sql_count },
    { "glances", matter_migrations, &matter_migration_count, glances_sql_list, &glances_sql_count },
    { "poll", poll_migrations, &poll_migration_count, poll_sql_list, &poll_sql_count },
    { "commons", record_migrations, &record_migration_count, commons_sql_list, &commons_sql_count },
    { "app", app_migrations, &app_migration_count, app_sql_list, &app_sql_count },
};

enum { ROOMS = sizeof rooms / sizeof *rooms };

static void every_statement_can_be_prepared(void **state)
{
    struct database *d = *state;
    struct ctx *ctx = d->f->ctx;
    int faults = 0, prepared = 0;
    for (int i = 0; i < ROOMS; i++)
        assert_ok(d->f, db_migrate(ctx, d->db, rooms[i].migrations, *rooms[i].migration_count));
    struct snapshot *snapshot;
    assert_ok(d->f, snapshot_begin(ctx, d->db, &snapshot));
    for (int i = 0; i < ROOMS; i++)
        for (int k = 0; k < *rooms[i].statement_count; k++, prepared++) {
            const struct err *err = statement_prepare(ctx, snapshot, rooms[i].statements[k]);
            if (err) {
                print_error("%s.sql: %s\n", rooms[i].name, err_trace(ctx, err));
                faults++;
            }
        }
    snapshot_end(snapshot);
    assert_true(prepared > 0);
    assert_int_equal(faults, 0);
}

static void every_name_is_used_once(void **state)
{
    (void)state;
    for (int i = 0; i < ROOMS; i++)
        for (int k = 0; k < *rooms[i].statement_count; k++)
            for (int j = 0; j <= i; j++)
                for (int m = 0; m < (j == i ? k : *rooms[j].statement_count); m++)
                    if (strcmp(rooms[i].statements[k]->name, rooms[j].statements[m]->name) == 0)
                        fail_msg("%s is named in %s.sql and in %s.sql", rooms[i].statements[k]->name, rooms[j].name,
                                 rooms[i].name);
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        ON_BOTH(every_statement_can_be_prepared),
        cmocka_unit_test(every_name_is_used_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
