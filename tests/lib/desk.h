/* tests/lib/desk.h -- matters upon the village: the log, the calendar, the flow of the requests and one made for tests.
 * Owns:          struct desk; opening and moving as somebody, and reading again
 * Must not know: pages
 * Begin at:      desk_open(), desk_move(), desk_again()
 */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H
#include "file.h"
#include "village.h"

#include "base/log.h"
#include "record/clocks.h"
#include "record/ledger.h"
#include "record/ledger_sql.h"
#include "record/matter_change.h"
#include "record/matter_list.h"
#include "record/matter_sql.h"
#include "record/records.h"
#include "store/files.h"

#define TOWN "500116106000"
#define VILLAGE "500116106200"
#define OTHER_VILLAGE "500116106201"

/* Owned by ever other roles, names the accused, and is seen by whoever owns it. */
static const char desk_second_flow[] =
    "flow: second\n"
    "name: {zh: 试验事项, en: Trial}\n"
    "number: \"{place}-SY-{year}-{serial:3}\"\n"
    "opening: {zh: 提交, en: File}\n"
    "opened_by: [villager, desk]\n"
    "visible_to: [author, owner, town_leader]\n"
    "sealed_when: {category: [report]}\n"
    "lists:\n"
    "  kinds:\n"
    "    - {key: plain, zh: 普通, en: Plain}\n"
    "    - {key: report, zh: 举报, en: Report}\n"
    "fields:\n"
    "  - {key: category, zh: 类别, en: Kind, type: choice, of: kinds, required: true, public: true, column: category}\n"
    "  - {key: accused, zh: 被举报人, en: Accused, type: person, column: accused}\n"
    "asked:\n"
    "  - {key: handler, zh: 承办人, en: Handler, type: person}\n"
    "states:\n"
    "  asked: {zh: 已提交, en: Asked, owner: village_secretary, public: true}\n"
    "  checked: {zh: 已核对, en: Checked, owner: desk, public: true}\n"
    "  given: {zh: 已交办, en: Given, owner: [handler, supervisor], public: true}\n"
    "  done: {zh: 已办结, en: Done, final: true, public: true}\n"
    "clocks: {}\n"
    "moves:\n"
    "  - {name: check, zh: 核对, en: Check, from: asked, to: checked, by: village_secretary, tells: desk}\n"
    "  - {name: give, zh: 交办, en: Give, from: [asked, checked], to: given, by: desk, asks: [handler], tells: "
    "handler}\n"
    "  - {name: finish, zh: 办结, en: Finish, from: given, to: done, by: [handler, desk]}\n";

struct desk {
    struct village *v;
    struct fixture *f;
    struct ctx *ctx;
    struct records records;
    struct law law;
    struct flow_source flows[2];
};

static inline void desk_flow(struct desk *k, int index, const char *key, struct text bytes, const struct rules *rules)
{
    struct flow *flow;
    assert_ok(k->f, flow_read(k->ctx, key, bytes, rules, &flow));
    k->flows[index] = (struct flow_source){ .key = key, .name = key, .bytes = bytes, .flow = flow };
}

static inline void desk_law(struct desk *k)
{
    struct rules *rules;
    struct calendar *calendar;
    struct text csv = read_file(k->f, "tests/vectors/calendar/holidays-2024-2026.csv");
    assert_ok(k->f, rules_read(k->ctx, "rules.yaml", read_file(k->f, "src/systems/requests/rules.yaml"), &rules));
    assert_ok(k->f, calendar_read(k->ctx, "calendar.csv", csv, &calendar));
    k->law = (struct law){ .rules = rules, .calendar = calendar };
    atomic_store(&k->records.law, &k->law);
    desk_flow(k, 0, "request", read_file(k->f, "src/systems/requests/flow.yaml"), rules);
    desk_flow(k, 1, "second", text_of(desk_second_flow), rules);
}

static inline int desk_setup(void **state, enum db_kind kind)
{
    struct desk *k = calloc(1, sizeof *k);
    void *village;
    village_setup(&village, kind);
    k->v = village;
    k->f = k->v->f;
    k->ctx = k->v->ctx;
    assert_ok(k->f, db_migrate(k->ctx, k->v->d->db, ledger_migrations, ledger_migration_count));
    assert_ok(k->f, db_migrate(k->ctx, k->v->d->db, matter_migrations, matter_migration_count));
    const struct ledger_settings settings = { .host = "gongzhi.example", .keys = k->v->keys };
    assert_ok(k->f, ledger_open(k->ctx, &settings, &k->records.ledger));
    const struct seal seal = ledger_seal(k->records.ledger);
    writer_stop(k->v->writer);
    assert_ok(k->f, writer_start(k->ctx, &k->f->model, k->v->d->db, &seal, &k->v->writer));
    assert_ok(k->f, files_open(k->ctx, arena_printf(k->ctx->arena, "%s/files", k->v->d->folder), &k->records.files));
    k->records.db = k->v->d->db;
    k->records.keys = k->v->keys;
    k->records.host = settings.host;
    k->records.flows = k->flows;
    k->records.flow_count = 2;
    k->ctx->records = k->f->model.records = &k->records;
    desk_law(k);
    struct plan *plan;
    village_look(k->v);
    assert_ok(k->f, flows_store_check(k->ctx, TOWN, &plan));
    village_run(k->v, plan);
    *state = k;
    return 0;
}

static inline int desk_setup_sqlite(void **state)
{
    return desk_setup(state, DB_SQLITE);
}

static inline int desk_setup_postgres(void **state)
{
    return desk_setup(state, DB_POSTGRES);
}

static inline int desk_teardown(void **state)
{
    struct desk *k = *state;
    void *village = k->v;
    files_close(k->records.files);
    struct ledger *ledger = k->records.ledger;
    village_teardown(&village); /* stops the writer first */
    ledger_close(ledger);
    free(k);
    return 0;
}

/* clang-format off */
#define AT_DESK(test)                                                                                                  \
    { #test " (SQLite)", test, desk_setup_sqlite, desk_teardown, NULL },                                               \
    { #test " (PostgreSQL)", test, desk_setup_postgres, desk_teardown, NULL }
/* clang-format on */

/* --- who acts, and what they say --- */

static inline struct person *desk_as(struct desk *k, const char *key)
{
    struct person *person = key ? village_person(k->v, key) : NULL;
    k->ctx->person = person;
    return person;
}

/* "key=value", …; ended by NULL. */
struct desk_said {
    struct flow_given given[12];
    struct text values[12];
    int count;
};

static inline const struct desk_said *desk_said(struct desk *k, const char *const *said)
{
    struct desk_said *all = arena_new_of(k->ctx->arena, struct desk_said);
    for (; *said; said++) {
        struct text value, key = text_cut(text_of(*said), '=', &value);
        all->values[all->count] = value;
        all->given[all->count] = (struct flow_given){ key, &all->values[all->count], 1 };
        all->count++;
    }
    return all;
}
#define SAID(...) desk_said(k, (const char *const[]){ __VA_ARGS__, NULL })
#define SAID_NOTHING desk_said(k, (const char *const[]){ NULL })

static inline struct matter *desk_again(struct desk *k, const struct matter *matter)
{
    struct matter *again;
    assert_ok(k->f, matter_load_by_id(k->ctx, matter->realm, matter->id, &again));
    return again;
}

static inline struct matter_opening desk_opening(struct desk *k, const char *flow, const char *place,
                                                 const struct desk_said *said)
{
    return (struct matter_opening){
        .flow = flow_now(k->ctx, text_of(flow)), .place = place, .given = said->given, .given_count = said->count
    };
}

/* Opened and read again. */
static inline struct matter *desk_open(struct desk *k, const char *who, const char *flow, const char *place,
                                       const struct desk_said *said)
{
    struct matter_opening opening = desk_opening(k, flow, place, said);
    struct matter_change change;
    struct matter *matter;
    desk_as(k, who);
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &change));
    const char *realm = change.plan->realm;
    village_run(k->v, change.plan);
    assert_ok(k->f, matter_load_by_id(k->ctx, realm, change.id, &matter));
    return matter;
}

static inline struct matter *desk_file(struct desk *k, const char *who, const char *place, const char *category)
{
    return desk_open(k, who, "request", place,
                     SAID(arena_printf(k->ctx->arena, "category=%s", category), "topic=errands", "text=路灯坏了"));
}

static inline const struct err *desk_check(struct desk *k, const char *who, const struct matter *matter,
                                           const char *move, const struct desk_said *said, struct matter_change *ret)
{
    struct matter_move asked = { .move = text_of(move), .given = said->given, .given_count = said->count };
    desk_as(k, who);
    return matter_move_check(k->ctx, matter, &asked, ret);
}

/* Moved and read again. */
static inline struct matter *desk_move(struct desk *k, const char *who, const struct matter *matter, const char *move,
                                       const struct desk_said *said)
{
    struct matter_change change;
    assert_ok(k->f, desk_check(k, who, matter, move, said, &change));
    village_run(k->v, change.plan);
    return desk_again(k, matter);
}

/* The id of a person, as a form sends it. */
static inline const char *desk_id(struct desk *k, const char *field, const char *key)
{
    return arena_printf(k->ctx->arena, "%s=%lld", field, (long long)village_person(k->v, key)->id);
}

static inline struct matter *desk_dispatch(struct desk *k, const struct matter *matter)
{
    return desk_move(k, "wu", matter, "dispatch", SAID(desk_id(k, "handler", "he")));
}

static inline void desk_pass(struct desk *k, int64_t micros)
{
    fake_clock_set(&k->f->clock, clock_now(k->ctx->clock) + micros);
}

static inline const struct running_clock *desk_clock(const struct matter *matter, const char *name)
{
    const struct running_clock *found = NULL;
    for (int i = 0; i < matter->clock_count; i++)
        if (strcmp(matter->clocks[i].name, name) == 0)
            found = &matter->clocks[i]; /* the latest round */
    return found;
}
#endif
