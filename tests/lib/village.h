/* tests/lib/village.h -- a small world brought in the way an operator would: two towns of two districts, a few people.
 * Owns:          the lists below, keys in a scratch folder, a writer whose seal only counts leaves
 * Must not know: matters (they have a world of their own upon this one)
 * Begin at:      village_begin(), village_look(), village_run()
 *
 *     d 500116000000 江津区
 *       t 500116106000 永兴镇     desk wu, handler he (office yx), former handler jiu (until 2026-02-28), leader ling
 *         v 500116106200 黄庄村   secretary shu, villagers zhang and li of one household in group Z01
 *           g -Z01 一组, -Z02 二组; grid 500116106200001 (worker ge)
 *         v 500116106201 大桥村   villager chen in group Z01
 *     d 500230000000 丰都县
 *       t 500230109000 高家镇     desk gao
 *         v 500230109224 建国村
 *     guan is administrator of 江津区, qu a district official of it.
 */
#ifndef TESTS_VILLAGE_H
#define TESTS_VILLAGE_H
#include "database.h"

#include "base/day.h"
#include "base/log.h"
#include "record/import.h"
#include "record/keys.h"
#include "record/person.h"
#include "record/place.h"
#include "record/record_sql.h"
#include "store/store_sql.h"
#include "store/writer.h"

#define VILLAGE_TODAY day_of(FIXTURE_NOW)

static const char village_places[] = "code,name,kind,parent,longitude,latitude,valid_from,valid_to\n"
                                     "500116106200-Z01,一组,group,500116106200,,,2023-06-30,\n" /* before its parent */
                                     "500116000000,江津区,district,,,,2023-06-30,\n"
                                     "500230000000,丰都县,district,,,,2023-06-30,\n"
                                     "500116106000,永兴镇,town,500116000000,106.123456,29.05,2023-06-30,\n"
                                     "500230109000,高家镇,town,500230000000,,,2023-06-30,\n"
                                     "500116106200,黄庄村,village,500116106000,,,2023-06-30,\n"
                                     "500116106201,大桥村,village,500116106000,,,2023-06-30,\n"
                                     "500230109224,建国村,village,500230109000,,,2023-06-30,\n"
                                     "500116106200-Z02,二组,group,500116106200,,,2023-06-30,\n"
                                     "500116106200-Z09,老九组,group,500116106200,,,2023-06-30,2025-12-31\n"
                                     "500116106201-Z01,一组,group,500116106201,,,2023-06-30,\n"
                                     "500116106200001,第一网格,grid,500116106200,,,2023-06-30,\n";
static const char village_organisations[] = "code,name,kind,place,credit_code\n"
                                            "yx-office,永兴镇民生办,department,500116106000,\n"
                                            "gj-office,高家镇民政办,department,500230109000,\n";
static const char village_households[] = "household,place,address,head\n"
                                         "500116106200-0001,500116106200-Z01,黄庄村一组1号,zhang\n"
                                         "500116106201-0001,500116106201-Z01,大桥村一组1号,chen\n";
/* Invented people; the identity numbers have right check digits. */
static const char village_people[] =
    "person,name,sex,birth,id_number,phone,household,relation,place\n"
    "li,李小红,女,,500116196207080020,,500116106200-0001,配偶,\n"
    "zhang,张大山,男,1960-01-01,500116196001010019,19900000001,500116106200-0001,户主,\n"
    "chen,陈东,,,,19900000002,500116106201-0001,户主,\n"
    "wu,吴台,,,,,,,500116106000\n"
    "he,何办,,,,,,,500116106000\n"
    "jiu,旧办,,,,,,,500116106000\n"
    "ling,凌镇,,,,,,,500116106000\n"
    "shu,舒记,,,,,,,500116106200\n"
    "ge,葛网,,,,,,,500116106200001\n"
    "gao,高台,,,,,,,500230109000\n"
    "guan,管理,,,,,,,500116000000\n"
    "qu,曲官,,,,,,,500116000000\n";
static const char village_roles[] = "person,role,place,organisation,from,to\n"
                                    "zhang,villager,500116106200-Z01,,2023-06-30,\n"
                                    "li,villager,500116106200-Z01,,2023-06-30,\n"
                                    "chen,villager,500116106201-Z01,,2023-06-30,\n"
                                    "wu,desk,500116106000,yx-office,2024-03-01,\n"
                                    "he,handler,500116106000,yx-office,2024-03-01,\n"
                                    "jiu,handler,500116106000,yx-office,2024-03-01,2026-02-28\n"
                                    "ling,town_leader,500116106000,,2024-03-01,\n"
                                    "shu,village_secretary,500116106200,,2024-03-01,\n"
                                    "ge,grid_worker,500116106200001,,2024-03-01,\n"
                                    "gao,desk,500230109000,gj-office,2024-03-01,\n"
                                    "guan,administrator,500116000000,,2024-03-01,\n"
                                    "qu,district_official,500116000000,,2024-03-01,\n";

/* A log that only counts, and remembers the last leaf. */
struct counting_log {
    int64_t leaves, marked;
    char open[64], bytes[1024];
};

static inline const struct err *counting_open(void *self, struct ctx *ctx, struct tx *tx, const char *realm,
                                              void **ret_head, int64_t *ret_not_before)
{
    (void)ctx, (void)tx, (void)realm;
    *ret_head = self;
    *ret_not_before = 0;
    return NULL;
}

static inline const struct err *counting_append(void *self, struct ctx *ctx, struct tx *tx, void *head,
                                                struct text open, struct text bytes, const uint8_t salt[PLAN_SALT_SIZE],
                                                int64_t time, int64_t *ret_position)
{
    (void)ctx, (void)tx, (void)head, (void)salt, (void)time;
    struct counting_log *log = self;
    snprintf(log->open, sizeof log->open, "%.*s", (int)open.size, open.at);
    snprintf(log->bytes, sizeof log->bytes, "%.*s", (int)bytes.size, bytes.at);
    *ret_position = log->leaves++;
    return NULL;
}

static inline void counting_mark(void *self, void *head)
{
    struct counting_log *log = self;
    (void)head;
    log->marked = log->leaves;
}

static inline void counting_take_back(void *self, void *head)
{
    struct counting_log *log = self;
    (void)head;
    log->leaves = log->marked;
}

static inline const struct err *counting_close(void *self, struct ctx *ctx, struct tx *tx, void *head, int64_t time)
{
    (void)self, (void)ctx, (void)tx, (void)head, (void)time;
    return NULL;
}

static inline void counting_end(void *self, void *head)
{
    (void)self, (void)head;
}

struct village {
    struct counting_log log;
    struct database *d;
    struct fixture *f;
    struct ctx *ctx; /* the fixture's; ctx->snapshot is the last village_look() */
    struct keys *keys;
    struct writer *writer;
    struct buffer bad; /* of the last village_import() */
};

/* What the database holds now. */
static inline void village_look(struct village *v)
{
    snapshot_end(v->ctx->snapshot);
    v->ctx->snapshot = NULL;
    assert_ok(v->f, snapshot_begin(v->ctx, v->d->db, &v->ctx->snapshot));
}

static inline struct outcome village_try(struct village *v, struct plan *plan)
{
    struct outcome outcome;
    snapshot_end(v->ctx->snapshot);
    v->ctx->snapshot = NULL;
    assert_ok(v->f, writer_run(v->ctx, v->writer, plan, &outcome));
    village_look(v);
    return outcome;
}

static inline void village_run(struct village *v, struct plan *plan)
{
    assert_int_equal(village_try(v, plan).kind, OUTCOME_DONE);
}

static inline struct import_counts village_import_as(struct village *v, const struct person *by, enum import_kind kind,
                                                     struct text bytes, bool is_dry)
{
    struct import_counts counts;
    v->bad.size = 0;
    const struct import_job job = {
        .kind = kind, .is_dry = is_dry, .db = v->d->db, .writer = v->writer, .keys = v->keys, .by = by, .bad = &v->bad
    };
    snapshot_end(v->ctx->snapshot);
    v->ctx->snapshot = NULL;
    assert_ok(v->f, import_run(v->ctx, &job, bytes, &counts));
    village_look(v);
    return counts;
}

static inline struct import_counts village_import(struct village *v, enum import_kind kind, const char *csv)
{
    return village_import_as(v, NULL, kind, text_of(csv), false);
}

static inline void village_fill(struct village *v)
{
    const char *const lists[IMPORT_KIND_COUNT] = { village_places, village_organisations, village_households,
                                                   village_people, village_roles };
    for (int i = 0; i < IMPORT_KIND_COUNT; i++) {
        struct import_counts counts = village_import(v, (enum import_kind)i, lists[i]);
        if (counts.bad)
            fail_msg("%.*s", (int)v->bad.size, v->bad.at);
        assert_int_equal(counts.added, counts.rows);
    }
}

static inline struct person *village_person(struct village *v, const char *key)
{
    struct person *person;
    assert_ok(v->f, person_find(v->ctx, NULL, text_of(key), day_of(clock_now(v->ctx->clock)), &person));
    assert_non_null(person);
    return person;
}

static inline int village_setup(void **state, enum db_kind kind)
{
    log_quiet();
    struct village *v = calloc(1, sizeof *v);
    v->d = database_begin(kind);
    v->f = v->d->f;
    v->ctx = v->f->ctx;
    assert_ok(v->f, db_migrate(v->ctx, v->d->db, store_migrations, store_migration_count));
    assert_ok(v->f, db_migrate(v->ctx, v->d->db, record_migrations, record_migration_count));
    assert_ok(v->f, keys_open(v->ctx, arena_printf(v->ctx->arena, "%s/keys", v->d->folder), true, &v->keys));
    const struct seal seal = { .self = &v->log,
                               .open = counting_open,
                               .append = counting_append,
                               .mark = counting_mark,
                               .take_back = counting_take_back,
                               .close = counting_close,
                               .committed = counting_end,
                               .lost = counting_end };
    assert_ok(v->f, writer_start(v->ctx, &v->f->model, v->d->db, &seal, &v->writer));
    village_look(v);
    village_fill(v);
    *state = v;
    return 0;
}

static inline int village_setup_sqlite(void **state)
{
    return village_setup(state, DB_SQLITE);
}

static inline int village_setup_postgres(void **state)
{
    return village_setup(state, DB_POSTGRES);
}

static inline int village_teardown(void **state)
{
    struct village *v = *state;
    snapshot_end(v->ctx->snapshot);
    v->ctx->snapshot = NULL;
    writer_stop(v->writer);
    keys_close(v->keys);
    buffer_clear(&v->bad);
    database_end(v->d);
    free(v);
    return 0;
}

/* clang-format off */
#define IN_VILLAGE(test)                                                                                               \
    { #test " (SQLite)", test, village_setup_sqlite, village_teardown, NULL },                                         \
    { #test " (PostgreSQL)", test, village_setup_postgres, village_teardown, NULL }
/* clang-format on */
#endif
