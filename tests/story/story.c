/* tests/story/story.c */
#include "story.h"

#include "catalogue.h"
#include "world.h"

#include "app/house_verify.h"
#include "app/law.h"
#include "app/routes.h"
#include "app/tables.h"
#include "base/day.h"
#include "base/log.h"
#include "record/account.h"
#include "record/clocks.h"
#include "record/import.h"
#include "record/session.h"
#include "store/writer.h"

#include <pthread.h>
#include <sqlite3.h>

/* --- the house --- */

static void open_house(struct story *s, bool is_new)
{
    struct house_settings settings = { .database = s->d->url, .files = s->files, .keys = s->keys, .is_new = is_new,
                                       .host = is_new ? "gongzhi.example" : NULL, .readers = 8 };
    assert_ok(s->f, house_open(s->f->ctx, &s->f->model, &settings, &s->house));
}

static void serve(struct story *s)
{
    struct http_house door = house_door(s->house);
    /* The tests' browsers may say where they are: X-Forwarded-For. */
    static const char *const proxies[] = { "127.0.0.1", NULL };
    struct http_settings settings = { .listen = "127.0.0.1:0", .threads = 2, .trusted_proxies = proxies,
                                      .routes = house_routes(), .views = view_files, .assets = asset_files };
    assert_ok(s->f, http_start(s->f->ctx, &settings, &door, &s->http));
    s->house->http = s->http;
    for (int i = 0; i < s->browser_count; i++)
        s->browsers[i]->port = http_port(s->http);
}

void story_stop(struct story *s)
{
    http_stop(s->http, 10);
    house_close(s->house);
    s->http = NULL;
    s->house = NULL;
}

void story_start(struct story *s)
{
    open_house(s, false);
    serve(s);
}

void story_import(struct story *s, enum import_kind kind, const char *csv)
{
    struct buffer bad = { 0 };
    struct import_counts counts;
    struct import_job job = { .kind = kind, .db = s->house->db, .writer = s->house->writer,
                              .keys = s->house->records.keys, .bad = &bad };
    struct ctx *ctx = ctx_begin(&s->house->model);
    assert_ok(s->f, import_run(ctx, &job, text_of(csv), &counts));
    if (counts.bad)
        fail_msg("the world has bad rows: %.*s", (int)bad.size, bad.at);
    buffer_clear(&bad);
    ctx_end(ctx);
}

static void make_world(struct story *s)
{
    int rows, moved;
    assert_ok(s->f, law_import_calendar(s->house, s->f->ctx, "calendar.csv", data_file("calendar.csv"), &rows, &moved));
    story_import(s, IMPORT_PLACES, WORLD_PLACES);
    story_import(s, IMPORT_ORGANISATIONS, WORLD_ORGANISATIONS);
    story_import(s, IMPORT_PEOPLE, WORLD_PEOPLE);
    story_import(s, IMPORT_ROLES, WORLD_ROLES);
}

static int setup(void **state, enum db_kind kind)
{
    struct story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    log_quiet();
    catalogue_use();
    s->d = database_begin(kind);
    s->f = s->d->f;
    database_shut(s->d);
    s->f->model.chance = chance_system(); /* threads share it */
    snprintf(s->files, sizeof s->files, "%s/files", s->d->folder);
    snprintf(s->keys, sizeof s->keys, "%s/keys", s->d->folder);
    open_house(s, true);
    make_world(s);
    serve(s);
    *state = s;
    return 0;
}

int story_setup_sqlite(void **state)
{
    return setup(state, DB_SQLITE);
}

int story_setup_postgres(void **state)
{
    return setup(state, DB_POSTGRES);
}

int story_teardown(void **state)
{
    struct story *s = *state;
    if (s->http)
        story_stop(s);
    for (int i = 0; i < s->browser_count; i++) {
        browser_end(s->browsers[i]);
        free(s->browsers[i]);
    }
    database_end(s->d);
    free(s);
    return 0;
}

/* --- who comes --- */

struct browser *story_browser(struct story *s)
{
    assert_true(s->browser_count < (int)(sizeof s->browsers / sizeof *s->browsers));
    struct browser *browser = calloc(1, sizeof *browser);
    assert_non_null(browser);
    browser_begin(browser, &s->f->model, http_port(s->http));
    s->browsers[s->browser_count++] = browser;
    return browser;
}

static struct ctx *begin(struct story *s)
{
    struct ctx *ctx = ctx_begin(&s->house->model);
    assert_ok(s->f, snapshot_begin(ctx, s->house->db, &ctx->snapshot));
    return ctx;
}

static void end(struct ctx *ctx)
{
    snapshot_end(ctx->snapshot);
    ctx_end(ctx);
}

static struct person *find_person(struct story *s, struct ctx *ctx, const char *key)
{
    struct person *person;
    assert_ok(s->f, person_find(ctx, NULL, text_of(key), day_of(clock_now(ctx->clock)), &person));
    if (!person)
        fail_msg("there is no %s in this world", key);
    return person;
}

/* As if signed in by password; the account itself isn't needed. */
enum { NO_ACCOUNT = 1 };

struct browser *story_enter(struct story *s, const char *key)
{
    struct browser *browser = story_browser(s);
    struct ctx *ctx = begin(s);
    struct plan *plan;
    const char *cookie;
    int64_t seconds;
    struct person *person = find_person(s, ctx, key);
    plan = plan_new(ctx, person->realm);
    cookie = session_begin(ctx, plan, person, NO_ACCOUNT, TEXT("a story"), &seconds);
    assert_ok(s->f, house_run(s->house, ctx, plan));
    browser_set_cookie(browser, HTTP_SESSION_COOKIE, cookie);
    end(ctx);
    return browser;
}

void story_give_account(struct story *s, const char *key, const char *password, bool must_change)
{
    struct ctx *ctx = begin(s);
    struct plan *plan;
    assert_ok(s->f, account_add(ctx, find_person(s, ctx, key), text_of(key + 2), text_of(password), must_change,
                                PASSWORD_CHEAP, &plan));
    assert_ok(s->f, house_run(s->house, ctx, plan));
    end(ctx);
}

/* --- time --- */

void story_set_clock(struct story *s, int32_t day, int hour, int minute)
{
    fake_clock_set(&s->f->clock, day_start(day) + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE);
}

int story_fire_clocks(struct story *s)
{
    struct ctx *ctx = ctx_begin(&s->house->model);
    int done;
    assert_ok(s->f, clocks_fire_all(ctx, s->house->writer, clock_now(ctx->clock), &done));
    ctx_end(ctx);
    return done;
}

/* --- what stands in the database --- */

int64_t story_number(struct story *s, const char *sql)
{
    static int statements;
    /* A connection keeps what it has prepared by the statement's address and name: each is new, and stays. */
    struct statement *statement = arena_new_of(s->f->ctx->arena, struct statement);
    statement->name = arena_printf(s->f->ctx->arena, "story_%d", ++statements);
    statement->sql = arena_string(s->f->ctx->arena, sql);
    struct ctx *ctx = begin(s);
    struct rows rows;
    assert_ok(s->f, rows_open(ctx, ctx->snapshot, statement, VALUES_NONE, &rows));
    assert_true(rows_next(&rows));
    int64_t number = rows_int(&rows, 0);
    assert_ok(s->f, rows_close(&rows));
    end(ctx);
    return number;
}

int64_t story_leaves(struct story *s)
{
    return story_number(s, "select count(*) from log_leaf");
}

static void fault_found(void *self, const char *sentence)
{
    (void)self;
    print_error("%s\n", sentence);
}

void story_assert_sound(struct story *s)
{
    struct ctx *ctx = ctx_begin(&s->house->model);
    struct verified found;
    assert_ok(s->f, house_verify(ctx, s->house, fault_found, NULL, &found));
    assert_int_equal(found.faults, 0);
    assert_int_equal(found.leaves, story_leaves(s));
    ctx_end(ctx);
}

/* --- what people do --- */

const char *story_href(struct browser *browser, const char *number, const char *rest)
{
    return arena_printf(browser->ctx->arena, "/requests/%s%s", number, rest);
}

/* The number in "/requests/NUMBER/filed". */
static const char *number_in(struct browser *browser, const char *path)
{
    struct text rest = text_of(path);
    assert_true(text_starts(rest, "/requests/"));
    text_cut(rest, '/', &rest);
    text_cut(rest, '/', &rest);
    return text_string(browser->ctx->arena, text_cut(rest, '/', &rest));
}

const char *story_file(struct browser *browser, const char *category, const char *topic, const char *text)
{
    struct page page = browser_get(browser, "/requests/new");
    assert_status(browser, &page, 200);
    page = browser_press(browser, &page, "/requests", FIELDS({ "category", category }, { "topic", topic }, { "text", text }));
    assert_status(browser, &page, 200);
    assert_true(text_ends(text_of(page.path), "/filed"));
    return number_in(browser, page.path);
}

struct page story_see(struct browser *browser, const char *number)
{
    return browser_get(browser, story_href(browser, number, ""));
}

struct page story_json(struct browser *browser, const char *path)
{
    bool wanted = browser->wants_json;
    browser->wants_json = true;
    struct page page = browser_get(browser, path);
    browser->wants_json = wanted;
    return page;
}

struct page story_see_json(struct browser *browser, const char *number)
{
    return story_json(browser, story_href(browser, number, ""));
}

struct page story_move(struct browser *browser, const char *number, const char *move, const struct field *fields, int count)
{
    struct page page = story_see(browser, number);
    assert_status(browser, &page, 200);
    return browser_press(browser, &page, arena_printf(browser->ctx->arena, "/moves/%s", move), fields, count);
}

struct page story_dispatch(struct browser *desk, const char *number, const char *handler_name)
{
    struct page page = story_see(desk, number);
    assert_status(desk, &page, 200);
    const char *handler = page_option(desk, &page, "/moves/dispatch", "handler", handler_name);
    page = browser_press(desk, &page, "/moves/dispatch", FIELDS({ "handler", handler }));
    assert_status(desk, &page, 200);
    return page;
}

const char *story_state(struct browser *browser, const char *number)
{
    struct page page = story_see_json(browser, number);
    assert_status(browser, &page, 200);
    return page_string(browser, &page, "matter.state.key");
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char *story_moves(struct browser *browser, const char *number)
{
    const char *names[16], *joined = "";
    struct page page = story_see_json(browser, number);
    assert_status(browser, &page, 200);
    const struct node *moves = page_node(&page, "moves");
    int count = moves ? (int)moves->count : 0;
    assert_true(count <= 16);
    for (int i = 0; i < count; i++)
        names[i] = page_string(browser, &page, arena_printf(browser->ctx->arena, "moves.%d.name", i));
    qsort(names, (size_t)count, sizeof *names, by_name);
    for (int i = 0; i < count; i++)
        joined = arena_printf(browser->ctx->arena, "%s%s%s", joined, i ? " " : "", names[i]);
    return joined;
}

/* --- somebody with a hand in the database --- */

void story_disturb(struct story *s, const char *sql)
{
    if (s->d->kind == DB_POSTGRES) {
        database_command(arena_printf(s->f->ctx->arena, "set search_path = %s; %s", s->d->schema, sql));
        return;
    }
    sqlite3 *link;
    assert_int_equal(sqlite3_open(s->d->path, &link), SQLITE_OK);
    assert_int_equal(sqlite3_exec(link, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_true(sqlite3_changes(link) > 0);
    sqlite3_close(link);
}

int story_faults(struct story *s)
{
    struct ctx *ctx = ctx_begin(&s->house->model);
    struct verified found;
    assert_ok(s->f, house_verify(ctx, s->house, NULL, NULL, &found));
    ctx_end(ctx);
    return found.faults;
}
