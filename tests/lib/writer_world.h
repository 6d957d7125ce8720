/* tests/lib/writer_world.h -- a small world to write in: items with numbers and leaves, and a plain seal.
 * For the tests of the writer, of killing it, of its faults, and for the benchmark.
 *
 * The seal keeps a row per realm (size, time), a row per serial, a row per leaf: what record's ledger does, without
 * trees and keys. world_check() says whether the whole is sound.
 */
#ifndef TESTS_WRITER_WORLD_H
#define TESTS_WRITER_WORLD_H
#include "database.h"

#include "base/id.h"
#include "store/store_sql.h"
#include "store/writer.h"

static const struct migration world_tables[] = {
    { "world-0001",
      "create table head (realm text not null primary key, size bigint not null, time bigint not null);\n"
      "create table serial (realm text not null, key text not null, next bigint not null, primary key (realm, key));\n"
      "create table leaf (realm text not null, position bigint not null, open text not null, bytes text not null,\n"
      "  salt bytea not null, primary key (realm, position)) /*sqlite without rowid*/;\n"
      "create table item (realm text not null, id bigint not null, name text not null, number text not null,\n"
      "  version bigint not null, leaf bigint not null, time bigint not null, said text not null,\n"
      "  primary key (realm, id), unique (realm, number), unique (realm, leaf), foreign key (realm, leaf) references "
      "leaf (realm, "
      "position))\n"
      "  /*sqlite without rowid*/;\n"
      "create table visit (realm text not null, id bigint not null, item bigint not null, token text not null,\n"
      "  primary key (realm, item, id), foreign key (realm, item) references item (realm, id)) /*sqlite without "
      "rowid*/;\n" },
};

/* --- statements --- */

#define WORLD_STATEMENT(name_, parameters_, changes_, ...)                                                             \
    static const struct statement name_ = {                                                                            \
        .name = "world_" #name_, .parameters = parameters_, .changes = changes_, __VA_ARGS__                           \
    }

WORLD_STATEMENT(head_make, 1, true,
                .sql = "insert into head (realm, size, time) values ($1, 0, 0) on conflict do nothing");
WORLD_STATEMENT(head_read, 1, false, .sql = "select size, time from head where realm = $1",
                .postgres = "select size, time from head where realm = $1 for update");
WORLD_STATEMENT(heads_count, 0, false, .sql = "select count(*) from head");
WORLD_STATEMENT(head_write, 4, true, .sql = "update head set size = $2, time = $3 where realm = $1 and size = $4");
WORLD_STATEMENT(serial_read, 2, false, .sql = "select next from serial where realm = $1 and key = $2");
WORLD_STATEMENT(serial_write, 3, true,
                .sql = "insert into serial (realm, key, next) values ($1, $2, $3) on conflict (realm, key) do update "
                       "set next = excluded.next");
WORLD_STATEMENT(leaf_add, 5, true,
                .sql = "insert into leaf (realm, position, open, bytes, salt) values ($1, $2, $3, $4, $5)");
WORLD_STATEMENT(
    item_add, 7, true,
    .sql =
        "insert into item (realm, id, name, number, version, leaf, time, said) values ($1, $2, $3, $4, 1, $5, $6, $7)"
        " on conflict (realm, id) do nothing");
WORLD_STATEMENT(
    item_rename, 4, true,
    .sql = "update item set name = $3, version = version + 1 where realm = $1 and id = $2 and version = $4");
WORLD_STATEMENT(visit_add, 4, true, .sql = "insert into visit (realm, id, item, token) values ($1, $2, $3, $4)");
WORLD_STATEMENT(item_find, 2, false,
                .sql = "select name, number, version, leaf, time, said from item where realm = $1 and id = $2");
WORLD_STATEMENT(item_by_name, 2, false, .sql = "select count(*) from item where realm = $1 and name = $2");
WORLD_STATEMENT(items_count, 0, false, .sql = "select count(*) from item");
WORLD_STATEMENT(visits_count, 0, false, .sql = "select count(*) from visit");
WORLD_STATEMENT(tokens_count, 0, false, .sql = "select count(*) from request_token");
/* Each must find nothing. */
WORLD_STATEMENT(leaf_holes, 0, false,
                .sql =
                    "select count(*) from head h where h.size <> (select count(*) from leaf l where l.realm = h.realm)"
                    " or (h.size > 0 and h.size <> (select max(position) + 1 from leaf l where l.realm = h.realm))");
WORLD_STATEMENT(items_without, 0, false,
                .sql = "select count(*) from item i where not exists (select 1 from leaf l where l.realm = i.realm and"
                       " l.position = i.leaf and l.open = i.number) or not exists (select 1 from visit v join"
                       " request_token t on t.realm = v.realm and t.token = v.token where v.realm = i.realm and"
                       " v.item = i.id and t.result = '/items/' || i.number)");
WORLD_STATEMENT(
    serial_holes, 0, false,
    .sql = "select count(*) from serial s where s.next - 1 <> (select count(*) from item i where i.realm = s.realm)");
WORLD_STATEMENT(
    late_leaves, 0, false,
    .sql = "select count(*) from item i where i.time > (select h.time from head h where h.realm = i.realm)");
WORLD_STATEMENT(leaves_without_item, 0, false,
                .sql = "select count(*) from leaf l where not exists (select 1 from item i where i.realm = l.realm and "
                       "i.leaf = l.position)");

/* --- the seal --- */

struct world_head {
    char realm[16];
    int64_t size, was, time, next; /* next serial; 0 while not read */
    int64_t marked_size, marked_next;
    char key[16];
};

struct world_seal {
    int opened, closed, committed, lost;
};

static inline const struct err *world_open(void *self, struct ctx *ctx, struct tx *tx, const char *realm,
                                           void **ret_head, int64_t *ret_not_before)
{
    struct rows rows;
    TRY(tx_step(ctx, tx, &head_make, PLAN_ANY_ROWS, VALUES(value_string(realm))));
    TRY(tx_read(ctx, tx, &head_read, VALUES(value_string(realm)), &rows));
    if (!rows_next(&rows))
        return err_broken(ctx, "no head for %s", realm);
    int64_t size = rows_int(&rows, 0), time = rows_int(&rows, 1);
    TRY(rows_close(&rows));
    struct world_head *head = calloc(1, sizeof *head);
    snprintf(head->realm, sizeof head->realm, "%s", realm);
    head->size = head->was = size;
    head->time = *ret_not_before = time;
    *ret_head = head;
    ((struct world_seal *)self)->opened++;
    return NULL;
}

static inline const struct err *world_serial(void *self, struct ctx *ctx, struct tx *tx, void *of, const char *key,
                                             int64_t *ret)
{
    (void)self;
    struct world_head *head = of;
    if (!head->next) {
        struct rows rows;
        TRY(tx_read(ctx, tx, &serial_read, VALUES(value_string(head->realm), value_string(key)), &rows));
        head->next = head->marked_next = rows_next(&rows) ? rows_int(&rows, 0) : 1;
        snprintf(head->key, sizeof head->key, "%s", key);
        TRY(rows_close(&rows));
    }
    *ret = head->next++;
    return NULL;
}

static inline const struct err *world_append(void *self, struct ctx *ctx, struct tx *tx, void *of, struct text open,
                                             struct text bytes, const uint8_t salt[PLAN_SALT_SIZE], int64_t time,
                                             int64_t *ret_position)
{
    (void)self;
    (void)time;
    struct world_head *head = of;
    *ret_position = head->size++;
    return tx_step(ctx, tx, &leaf_add, 1,
                   VALUES(value_string(head->realm), value_int(*ret_position), value_text(open), value_text(bytes),
                          value_blob((struct text){ (const char *)salt, PLAN_SALT_SIZE })));
}

static inline void world_mark(void *self, void *of)
{
    (void)self;
    struct world_head *head = of;
    head->marked_size = head->size;
    head->marked_next = head->next;
}

static inline void world_take_back(void *self, void *of)
{
    (void)self;
    struct world_head *head = of;
    head->size = head->marked_size;
    head->next = head->marked_next;
}

static inline const struct err *world_close(void *self, struct ctx *ctx, struct tx *tx, void *of, int64_t time)
{
    ((struct world_seal *)self)->closed++;
    struct world_head *head = of;
    if (head->next)
        TRY(tx_step(ctx, tx, &serial_write, 1,
                    VALUES(value_string(head->realm), value_string(head->key), value_int(head->next))));
    return tx_step(ctx, tx, &head_write, 1,
                   VALUES(value_string(head->realm), value_int(head->size), value_int(time), value_int(head->was)));
}

static inline void world_committed(void *self, void *head)
{
    ((struct world_seal *)self)->committed++;
    free(head);
}

static inline void world_lost(void *self, void *head)
{
    ((struct world_seal *)self)->lost++;
    free(head);
}

static inline struct seal world_seal_of(struct world_seal *self)
{
    return (struct seal){ self,        world_open,      world_serial, world_append, world_mark, world_take_back,
                          world_close, world_committed, world_lost };
}

/* --- plans --- */

/* An item with number, leaf, token and one visit: five rows of its own, in one plan. */
static inline struct plan *world_item(struct ctx *ctx, const char *realm, int64_t id, const char *name,
                                      const char *token)
{
    static const uint8_t salt[PLAN_SALT_SIZE] = { 7 };
    struct plan *plan = plan_new(ctx, realm);
    plan_wants_number(plan, "QZ-2026", "QZ-2026-", 5);
    int slot = plan_leaf(plan, text_of(PLAN_NUMBER), TEXT("{\"number\":\"" PLAN_NUMBER "\",\"at\":" PLAN_TIME "}"),
                         salt);
    plan_token(plan, text_of(arena_string(ctx->arena, token)), TEXT("/items/" PLAN_NUMBER));
    plan_step(plan, &item_add, 1, "item.taken",
              VALUES(value_string(plan->realm), value_int(id), value_string(arena_string(ctx->arena, name)),
                     value_late_text(text_of(PLAN_NUMBER)), value_late_slot(slot), value_late_time(),
                     value_late_text(TEXT("at " PLAN_TIME " as " PLAN_NUMBER "."))));
    plan_step(plan, &visit_add, 1, NULL,
              VALUES(value_string(plan->realm), value_int(id_next(ctx)), value_int(id),
                     value_string(arena_string(ctx->arena, token))));
    return plan;
}

static inline struct plan *world_rename(struct ctx *ctx, const char *realm, int64_t id, const char *name,
                                        int64_t version)
{
    struct plan *plan = plan_new(ctx, realm);
    plan_step(plan, &item_rename, 1, "item.changed",
              VALUES(value_string(plan->realm), value_int(id), value_string(arena_string(ctx->arena, name)),
                     value_int(version)));
    return plan;
}

/* --- the fixture --- */

struct world {
    struct database *d;
    struct world_seal sealing;
    struct writer *writer;
};

static inline void world_start(struct world *world)
{
    const struct seal seal = world_seal_of(&world->sealing);
    assert_ok(world->d->f, writer_start(world->d->f->ctx, &world->d->f->model, world->d->db, &seal, &world->writer));
}

static inline struct world *world_begin(enum db_kind kind)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->d = database_begin(kind);
    assert_ok(world->d->f, db_migrate(world->d->f->ctx, world->d->db, store_migrations, store_migration_count));
    assert_ok(world->d->f, db_migrate(world->d->f->ctx, world->d->db, world_tables, 1));
    world_start(world);
    return world;
}

static inline void world_stop(struct world *world)
{
    if (world->writer)
        writer_stop(world->writer);
    world->writer = NULL;
}

static inline void world_end(struct world *world)
{
    world_stop(world);
    assert_int_equal(world->sealing.opened, world->sealing.committed + world->sealing.lost); /* each head ends once */
    database_end(world->d);
    free(world);
}

static inline int64_t world_count(struct world *world, const struct statement *statement)
{
    return database_number(world->d, statement, VALUES_NONE);
}

/* Nothing half: every item has its leaf, its visit and its token; serials and positions have no hole. */
static inline void world_check(struct world *world)
{
    assert_int_equal(world_count(world, &leaf_holes), 0);
    assert_int_equal(world_count(world, &items_without), 0);
    assert_int_equal(world_count(world, &serial_holes), 0);
    assert_int_equal(world_count(world, &late_leaves), 0);
    assert_int_equal(world_count(world, &leaves_without_item), 0);
    assert_int_equal(world_count(world, &visits_count), world_count(world, &items_count));
}

/* Runs the plan; a failure fails the test. */
static inline struct outcome world_run(struct world *world, struct plan *plan)
{
    struct outcome outcome;
    assert_ok(world->d->f, writer_run(world->d->f->ctx, world->writer, plan, &outcome));
    return outcome;
}

static inline int world_setup_sqlite(void **state)
{
    *state = world_begin(DB_SQLITE);
    return 0;
}

static inline int world_setup_postgres(void **state)
{
    *state = world_begin(DB_POSTGRES);
    return 0;
}

static inline int world_teardown(void **state)
{
    world_end(*state);
    return 0;
}

#define WORLD_ON_SQLITE(test)                                                                                          \
    {                                                                                                                  \
#test " (SQLite)", test, world_setup_sqlite, world_teardown, NULL                                              \
    }
#define WORLD_ON_POSTGRES(test)                                                                                        \
    {                                                                                                                  \
#test " (PostgreSQL)", test, world_setup_postgres, world_teardown, NULL                                        \
    }
#define WORLD_ON_BOTH(test) WORLD_ON_SQLITE(test), WORLD_ON_POSTGRES(test)
#endif
