/* tests/lib/world.h -- a small world that stands whole: a database, keys, files, the ledger, the law, two towns, people.
 * Owns:          the lists below; visits (one person, one request) and what is posted on the way
 * Must not know: sockets and templates: pages and checks are called through their tables of routes
 * Begin at:      world_get(), world_post()
 *
 *     struct visit *page = world_get(w, "zhang", "/requests?state=filed");
 *     assert_says(page, "title", "我的诉求");           // page->answer, page->model
 *     const char *href = world_post(w, "zhang", "/requests", "category=help&topic=safety&text=…");
 *
 *     d 500116000000 江津区
 *       t 500116106000 永兴镇     desk wu, handlers he (民生办) and bai (村建办), leader ling
 *         v 500116106200 黄庄村   secretary shu; zhang and li of one household and ren in group Z01
 *           g -Z01 一组, -Z02 二组; grid 500116106200001 (worker ge)
 *         v 500116106201 大桥村   villager chen in group Z01
 *     d 500230000000 丰都县
 *       t 500230109000 高家镇     desk gao
 *         v 500230109224 建国村
 */
#ifndef TESTS_WORLD_H
#define TESTS_WORLD_H
#include "catalogue.h"
#include "database.h"
#include "file.h"

#include "base/buffer.h"
#include "base/day.h"
#include "base/json.h"
#include "base/log.h"
#include "base/node.h"
#include "civic/calendar.h"
#include "http/http_inside.h"
#include "record/import.h"
#include "record/keys.h"
#include "record/ledger.h"
#include "record/ledger_sql.h"
#include "record/matter.h"
#include "record/matter_sql.h"
#include "record/person.h"
#include "record/poll_sql.h"
#include "record/record_sql.h"
#include "record/records.h"
#include "record/rights.h"
#include "store/files.h"
#include "store/store_sql.h"
#include "store/writer.h"

#define WORLD_HOST "gongzhi.example"

static const char world_places[] = "code,name,kind,parent,longitude,latitude,valid_from,valid_to\n"
                                   "500116000000,江津区,district,,,,2023-06-30,\n"
                                   "500230000000,丰都县,district,,,,2023-06-30,\n"
                                   "500116106000,永兴镇,town,500116000000,,,2023-06-30,\n"
                                   "500230109000,高家镇,town,500230000000,,,2023-06-30,\n"
                                   "500116106200,黄庄村,village,500116106000,,,2023-06-30,\n"
                                   "500116106201,大桥村,village,500116106000,,,2023-06-30,\n"
                                   "500230109224,建国村,village,500230109000,,,2023-06-30,\n"
                                   "500116106200-Z01,一组,group,500116106200,,,2023-06-30,\n"
                                   "500116106200-Z02,二组,group,500116106200,,,2023-06-30,\n"
                                   "500116106201-Z01,一组,group,500116106201,,,2023-06-30,\n"
                                   "500116106200001,第一网格,grid,500116106200,,,2023-06-30,\n";
static const char world_organisations[] = "code,name,kind,place,credit_code\n"
                                          "yx-desk,永兴镇便民服务中心,department,500116106000,\n"
                                          "yx-welfare,永兴镇民生办,department,500116106000,\n"
                                          "yx-works,永兴镇村建办,department,500116106000,\n"
                                          "gj-desk,高家镇便民服务中心,department,500230109000,\n";
static const char world_households[] = "household,place,address,head\n"
                                       "500116106200-0001,500116106200-Z01,黄庄村一组1号,zhang\n"
                                       "500116106200-0002,500116106200-Z01,黄庄村一组2号,ren\n"
                                       "500116106201-0001,500116106201-Z01,大桥村一组1号,chen\n";
/* Invented people; the identity numbers have right check digits. */
static const char world_people[] = "person,name,sex,birth,id_number,phone,household,relation,place\n"
                                   "zhang,张大山,男,1960-01-01,500116196001010019,19900000001,500116106200-0001,户主,\n"
                                   "li,李小红,女,,500116196207080020,,500116106200-0001,配偶,\n"
                                   "ren,任远方,,,,19900000003,500116106200-0002,户主,\n"
                                   "chen,陈东,,,,19900000002,500116106201-0001,户主,\n"
                                   "wu,吴台,,,,,,,500116106000\n"
                                   "he,何办,,,,,,,500116106000\n"
                                   "bai,白建,,,,,,,500116106000\n"
                                   "ling,凌镇,,,,,,,500116106000\n"
                                   "shu,舒记,,,,,,,500116106200\n"
                                   "ge,葛网,,,,,,,500116106200001\n"
                                   "gao,高台,,,,,,,500230109000\n";
static const char world_roles[] = "person,role,place,organisation,from,to\n"
                                  "zhang,villager,500116106200-Z01,,2023-06-30,\n"
                                  "li,villager,500116106200-Z01,,2023-06-30,\n"
                                  "ren,villager,500116106200-Z01,,2023-06-30,\n"
                                  "chen,villager,500116106201-Z01,,2023-06-30,\n"
                                  "wu,desk,500116106000,yx-desk,2024-03-01,\n"
                                  "he,handler,500116106000,yx-welfare,2024-03-01,\n"
                                  "bai,handler,500116106000,yx-works,2024-03-01,\n"
                                  "ling,town_leader,500116106000,,2024-03-01,\n"
                                  "shu,village_secretary,500116106200,,2024-03-01,\n"
                                  "ge,grid_worker,500116106200001,,2024-03-01,\n"
                                  "gao,desk,500230109000,gj-desk,2024-03-01,\n";

struct world {
    struct database *d;
    struct fixture *f;
    struct ctx *ctx; /* the process's own */
    struct keys *keys;
    struct ledger *ledger;
    struct writer *writer;
    struct files *files;
    struct records records;
    struct law law;
    struct flow_source flow_source;
    struct routes *routes;
    struct buffer bad;
    struct ctx *visits[256]; /* ended with the world */
    int visit_count;
};

/* Which tables of routes a test walks: each test program gives its own. */
extern const struct route *const world_routes[];

static inline void world_import(struct world *w, enum import_kind kind, const char *csv)
{
    struct import_counts counts;
    w->bad.size = 0;
    const struct import_job job = { .kind = kind, .db = w->d->db, .writer = w->writer, .keys = w->keys, .bad = &w->bad };
    assert_ok(w->f, import_run(w->ctx, &job, text_of(csv), &counts));
    if (counts.bad)
        fail_msg("%.*s", (int)w->bad.size, w->bad.at);
}

static inline void world_load_law(struct world *w)
{
    struct rules *rules;
    struct flow *flow;
    struct calendar *calendar;
    const char *const names[] = { "src/systems/requests/rules.yaml", "src/systems/requests/flow.yaml", "data/calendar.csv" };
    assert_ok(w->f, rules_read(w->ctx, names[0], read_file(w->f, names[0]), &rules));
    struct text bytes = read_file(w->f, names[1]);
    assert_ok(w->f, flow_read(w->ctx, names[1], bytes, rules, &flow));
    assert_ok(w->f, calendar_read(w->ctx, names[2], read_file(w->f, names[2]), &calendar));
    w->law = (struct law){ rules, calendar };
    w->flow_source = (struct flow_source){ flow->key, names[1], bytes, flow };
    atomic_store(&w->records.law, &w->law);
    w->records.flows = &w->flow_source;
    w->records.flow_count = 1;
}

static inline struct outcome world_run(struct world *w, struct ctx *ctx, struct plan *plan)
{
    struct outcome outcome;
    assert_ok(w->f, writer_run(ctx, w->writer, plan, &outcome));
    return outcome;
}

static inline bool world_has_view(void *self, const char *view)
{
    (void)self, (void)view;
    return true;
}

static inline int world_setup(void **state, enum db_kind kind)
{
    static const struct {
        const struct migration *list;
        const int *count;
    } tables[] = { { store_migrations, &store_migration_count },
                   { record_migrations, &record_migration_count },
                   { ledger_migrations, &ledger_migration_count },
                   { matter_migrations, &matter_migration_count },
                   { poll_migrations, &poll_migration_count } };
    log_quiet();
    catalogue_use();
    struct world *w = calloc(1, sizeof *w);
    w->d = database_begin(kind);
    w->f = w->d->f;
    w->ctx = w->f->ctx;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        assert_ok(w->f, db_migrate(w->ctx, w->d->db, tables[i].list, *tables[i].count));
    assert_ok(w->f, keys_open(w->ctx, arena_printf(w->ctx->arena, "%s/keys", w->d->folder), true, &w->keys));
    assert_ok(w->f, files_open(w->ctx, arena_printf(w->ctx->arena, "%s/files", w->d->folder), &w->files));
    const struct ledger_settings settings = { .host = WORLD_HOST, .keys = w->keys };
    assert_ok(w->f, ledger_open(w->ctx, &settings, &w->ledger));
    const struct seal seal = ledger_seal(w->ledger);
    w->records = (struct records){ .db = w->d->db, .files = w->files, .keys = w->keys, .ledger = w->ledger, .host = WORLD_HOST,
                                    .address = "https://" WORLD_HOST };
    w->f->model.records = w->ctx->records = &w->records;
    assert_ok(w->f, writer_start(w->ctx, &w->f->model, w->d->db, &seal, &w->writer));
    const char *const lists[IMPORT_KIND_COUNT] = { world_places, world_organisations, world_households, world_people,
                                                   world_roles };
    for (int i = 0; i < IMPORT_KIND_COUNT; i++)
        world_import(w, (enum import_kind)i, lists[i]);
    world_load_law(w);
    assert_ok(w->f, snapshot_begin(w->ctx, w->d->db, &w->ctx->snapshot));
    struct plan *plan;
    assert_ok(w->f, flows_store_check(w->ctx, "500116106000", &plan));
    snapshot_end(w->ctx->snapshot);
    w->ctx->snapshot = NULL;
    if (plan)
        assert_int_equal(world_run(w, w->ctx, plan).kind, OUTCOME_DONE);
    assert_ok(w->f, routes_compile(w->ctx, w->ctx->arena, world_routes, world_has_view, NULL, &w->routes));
    *state = w;
    return 0;
}

static inline int world_setup_sqlite(void **state)
{
    return world_setup(state, DB_SQLITE);
}

static inline int world_setup_postgres(void **state)
{
    return world_setup(state, DB_POSTGRES);
}

static inline int world_teardown(void **state)
{
    struct world *w = *state;
    writer_stop(w->writer);
    for (int i = 0; i < w->visit_count; i++)
        ctx_end(w->visits[i]);
    ledger_close(w->ledger);
    files_close(w->files);
    keys_close(w->keys);
    buffer_clear(&w->bad);
    database_end(w->d);
    free(w);
    return 0;
}

/* clang-format off */
#define IN_WORLD(test)                                                                                                 \
    { #test " (SQLite)", test, world_setup_sqlite, world_teardown, NULL },                                             \
    { #test " (PostgreSQL)", test, world_setup_postgres, world_teardown, NULL }
/* clang-format on */

/* --- visits --- */

struct visit {
    struct ctx *ctx;
    struct request *request;
    const struct route *route;
    struct answer answer;
    const struct node *model; /* of the answer */
    const char *view;
    const struct err *err; /* instead of an answer */
    struct outcome outcome; /* of what was posted */
};

/* WHO NULL: a stranger. TARGET is an address with its query, FORM name=value&… or NULL, BYTES those of one upload. */
static inline struct visit *world_visit(struct world *w, const char *who, const char *method, const char *target,
                                        const char *form)
{
    struct ctx *ctx = ctx_begin(&w->f->model);
    assert_true(w->visit_count < (int)(sizeof w->visits / sizeof *w->visits));
    w->visits[w->visit_count++] = ctx;
    ctx->language = w->f->model.language;
    struct visit *visit = arena_new_of(ctx->arena, struct visit);
    visit->ctx = ctx;
    assert_ok(w->f, snapshot_begin(ctx, w->d->db, &ctx->snapshot));
    struct person *person = NULL;
    if (who) {
        assert_ok(w->f, person_find(ctx, NULL, text_of(who), day_of(clock_now(ctx->clock)), &person));
        assert_non_null(person);
    }
    ctx->person = person;
    struct request *request = visit->request = arena_new_of(ctx->arena, struct request);
    struct text query, path = text_cut(text_of(arena_string(ctx->arena, target)), '?', &query);
    const char *allowed;
    ctx->request = request;
    request->ctx = ctx;
    request->method = text_of(method);
    request->query_string = query;
    assert_ok(w->f, url_read_path(ctx, path, &request->path));
    assert_ok(w->f, url_read_pairs(ctx, query, &request->query));
    if (form)
        assert_ok(w->f, url_read_pairs(ctx, text_of(arena_string(ctx->arena, form)), &request->form.fields));
    visit->route = routes_find(ctx, w->routes, &request->path, request->method, &request->params, &allowed);
    if (!visit->route)
        fail_msg("no route for %s %s", method, target);
    return visit;
}

static inline const struct err *world_admit(const struct visit *visit)
{
    struct ctx *ctx = visit->ctx;
    if (visit->route->access == ACCESS_ANYONE)
        return NULL;
    if (!ctx->person)
        return err_new(ctx, ERR_DENIED, "sign_in.needed");
    return visit->route->access == ACCESS_ACT ? must(ctx, visit->route->act, NULL) : NULL;
}

static inline void world_leave(struct visit *visit)
{
    snapshot_end(visit->ctx->snapshot);
    visit->ctx->snapshot = NULL;
    visit->model = visit->answer.model;
    visit->view = visit->answer.view ? visit->answer.view : visit->route->view;
}

static inline struct visit *world_get(struct world *w, const char *who, const char *target)
{
    struct visit *visit = world_visit(w, who, "GET", target, NULL);
    visit->err = world_admit(visit);
    if (!visit->err)
        visit->err = visit->route->page(visit->ctx, visit->request, &visit->answer);
    world_leave(visit);
    return visit;
}

/* As http and app do it: check, plan, answer. UPLOAD may be NULL. */
static inline struct visit *world_send(struct world *w, const char *who, const char *target, const char *form,
                                       struct upload *upload)
{
    struct visit *visit = world_visit(w, who, "POST", target, form);
    struct change change = { 0 };
    visit->request->form.uploads = upload;
    visit->err = world_admit(visit);
    if (!visit->err)
        visit->err = visit->route->check(visit->ctx, visit->request, &change);
    visit->answer = change.answer;
    world_leave(visit);
    if (visit->err || !change.plan)
        return visit;
    visit->outcome = world_run(w, visit->ctx, change.plan);
    if (visit->outcome.kind == OUTCOME_REPLAYED)
        visit->answer = (struct answer){ .location = visit->outcome.result };
    const char *mark = visit->answer.location ? strchr(visit->answer.location, PLAN_NUMBER[0]) : NULL;
    if (mark && visit->outcome.number)
        visit->answer.location =
            arena_printf(visit->ctx->arena, "%.*s%s%s", (int)(mark - visit->answer.location), visit->answer.location,
                         visit->outcome.number, mark + 1);
    return visit;
}

static inline struct visit *world_post(struct world *w, const char *who, const char *target, const char *form)
{
    return world_send(w, who, target, form, NULL);
}

/* --- what stands in a model --- */

/* The member under a path of names and numbers: "rows.0.state.key". NULL when there is none. */
static inline const struct node *world_at(const struct node *node, const char *path)
{
    struct text rest = text_of(path);
    while (node && rest.size) {
        struct text name = text_cut(rest, '.', &rest);
        int64_t index;
        if (node->kind == NODE_LIST && text_int(name, &index)) {
            const struct node *found = NULL;
            node_each(link, node)
                if (index-- == 0)
                    found = &link->value;
            node = found;
        } else {
            node = node_find(node, key_intern(name));
        }
    }
    return node;
}

static inline const char *world_json(const struct visit *visit)
{
    struct buffer out = { 0 };
    node_write(visit->model, &out);
    const char *said = arena_copy(visit->ctx->arena, out.at, out.size);
    buffer_clear(&out);
    return said;
}

static inline const char *world_said(const struct visit *visit, const char *path)
{
    if (visit->err)
        fail_msg("%s", err_trace(visit->ctx, visit->err));
    const struct node *node = world_at(visit->model, path);
    if (!node)
        return "(nothing)";
    struct buffer out = { 0 };
    if (node->kind == NODE_TEXT)
        buffer_text(&out, node->text);
    else
        node_write(node, &out);
    const char *said = arena_copy(visit->ctx->arena, out.at ? out.at : "", out.size);
    buffer_clear(&out);
    return said;
}

#define assert_says(visit, path, expected) assert_string_equal(world_said(visit, path), expected)

/* Nowhere in the whole model: what JSON would show. */
static inline void assert_silent_(const struct visit *visit, const char *word, int line)
{
    const char *json = visit->model ? world_json(visit) : "";
    if (strstr(json, word))
        fail_msg("line %d: the model tells %s: %s", line, word, json);
}
#define assert_silent(visit, word) assert_silent_(visit, word, __LINE__)

/* The names of a model's members or the values of NAME in a list, joined with spaces. */
static inline const char *world_each(const struct visit *visit, const char *path, const char *name)
{
    const struct node *list = world_at(visit->model, path);
    struct buffer out = { 0 };
    if (list)
        node_each(link, list) {
            struct text said = node_find_text(&link->value, key_intern(text_of(name)));
            if (out.size)
                buffer_byte(&out, ' ');
            buffer_text(&out, said);
        }
    const char *joined = arena_copy(visit->ctx->arena, out.at ? out.at : "", out.size);
    buffer_clear(&out);
    return joined;
}

/* --- errands --- */

/* Files a request; returns the number. */
static inline const char *world_file(struct world *w, const char *who, const char *form)
{
    struct visit *visit = world_post(w, who, "/requests", form);
    if (visit->err)
        fail_msg("%s", err_trace(visit->ctx, visit->err));
    if (!visit->outcome.number)
        fail_msg("not filed: %s", visit->model ? world_json(visit) : "no model");
    return visit->outcome.number;
}

/* Makes a move that must succeed. */
static inline void world_move(struct world *w, const char *who, const char *number, const char *move, const char *form)
{
    struct visit *visit =
        world_post(w, who, arena_printf(w->ctx->arena, "/requests/%s/moves/%s", number, move), form);
    if (visit->err)
        fail_msg("%s", err_trace(visit->ctx, visit->err));
    if (!visit->answer.location || visit->outcome.kind != OUTCOME_DONE)
        fail_msg("%s not done: %s", move, visit->model ? world_json(visit) : "no model");
}

static inline const char *world_id(struct world *w, const char *who)
{
    struct visit *visit = world_visit(w, who, "GET", "/", NULL);
    const char *id = arena_printf(w->ctx->arena, "%lld", (long long)visit->ctx->person->id);
    world_leave(visit);
    return id;
}

/* zhang's broken street lamps, given to he: in `filed`, and on to the last of STEPS ("dispatch sign answer"). */
static inline const char *world_lamps(struct world *w, const char *steps)
{
    const char *number = world_file(w, "zhang", "category=help&topic=safety&text=路灯坏了三盏&where=村口到小学");
    struct text rest = text_of(steps);
    while (rest.size) {
        struct text step = text_cut(rest, ' ', &rest);
        if (text_is(step, "dispatch"))
            world_move(w, "wu", number, "dispatch", arena_printf(w->ctx->arena, "handler=%s", world_id(w, "he")));
        else if (text_is(step, "sign"))
            world_move(w, "he", number, "sign", "");
        else if (text_is(step, "answer"))
            world_move(w, "he", number, "answer", "result=当晚已经修好");
        else
            fail_msg("no such step");
    }
    return number;
}
#endif
