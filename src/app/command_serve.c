/* app/command_serve.c -- gongzhi serve: answers until it is told to stop, and looks after the clocks in between. */
#include "app/commands.h"

#include "app/house.h"
#include "app/law.h"
#include "app/routes.h"
#include "app/tables.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/day.h"
#include "record/clocks.h"
#include "record/guesses.h"
#include "record/keys.h"
#include "record/place.h"
#include "record/session.h"
#include "store/writer.h"
#include "store/db.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLOCKS_EVERY_SECONDS = 20, FORGET_EVERY_ROUNDS = 6 * 3600 / CLOCKS_EVERY_SECONDS, DRAIN_SECONDS = 15 };

#define TOKENS_KEPT (7 * MICROS_PER_DAY)

const struct option_form command_serve_options[] = {
    OPTIONS_OF_HOUSE,
    { "listen", "HOST:PORT", "option.listen", .is_required = true },
    { "url", "ADDRESS", "option.url" },
    { "trust-proxy", "ADDRESS", "option.trust_proxy", .is_many = true },
    { "threads", "N", "option.threads" },
    { "demo", NULL, "option.demo" },
    { 0 },
};

/* Stopping is a signal that the main thread waits for: every other thread is started with these blocked. */
static sigset_t block_stop_signals(void)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    signal(SIGPIPE, SIG_IGN);
    return stop;
}

/* What is due fires here, whichever process comes first, by the law as it is now. A failure is told and tried again next time. */
static void fire_clocks(struct house *house)
{
    struct ctx *ctx = ctx_begin(&house->model);
    int fired = 0;
    const struct err *failed = law_refresh(house, ctx);
    if (!failed)
        failed = clocks_fire_all(ctx, house->writer, clock_now(ctx->clock), &fired);
    if (failed)
        log_trouble("clocks: %s", err_trace(ctx, failed));
    else if (fired)
        log_info("clocks: %d fired", fired);
    ctx_end(ctx);
}

/* Nobody sends a form again after a week: the tokens that would know it go, and so do wrong passwords and sessions of long
 * ago. */
static const struct err *forget_in(struct house *house, struct ctx *ctx)
{
    struct place *realms;
    int count;
    int64_t now = clock_now(ctx->clock);
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    const struct err *failed = place_realms(ctx, day_of(now), &realms, &count);
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    TRY(failed);
    for (int i = -1; i < count; i++) {
        struct plan *plan = plan_new(ctx, i < 0 ? HOUSE_REALM : realms[i].code);
        writer_forget_tokens(plan, now - TOKENS_KEPT);
        sessions_forget(plan, now - house->records.sessions_kept);
        if (i < 0)
            guesses_forget(ctx, plan);
        TRY(house_run(house, ctx, plan));
    }
    return NULL;
}

static void forget(struct house *house)
{
    struct ctx *ctx = ctx_begin(&house->model);
    const struct err *failed = forget_in(house, ctx);
    if (failed)
        log_trouble("what is old: %s", err_trace(ctx, failed));
    ctx_end(ctx);
}

/* Another process may have added a field key: gongzhi keys rotate. */
static void take_up_keys(struct house *house)
{
    struct ctx *ctx = ctx_begin(&house->model);
    const struct err *failed = keys_refresh(ctx, house->records.keys);
    if (failed)
        log_trouble("keys: %s", err_trace(ctx, failed));
    ctx_end(ctx);
}

static void wait_for_stop(struct house *house, const sigset_t *stop)
{
    const struct timespec pause = { .tv_sec = CLOCKS_EVERY_SECONDS };
    unsigned rounds = 0;
    do {
        fire_clocks(house);
        take_up_keys(house);
        if (rounds++ % FORGET_EVERY_ROUNDS == 0)
            forget(house);
    } while (sigtimedwait(stop, NULL, &pause) < 0);
}

/* On PostgreSQL a thread mostly waits for another process, so there are more of them than processors; 0 lets http choose. */
static int threads_for(const struct house *house)
{
    enum { PER_PROCESSOR = 4, MOST = 16 };
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (db_kind_of(house->db) != DB_POSTGRES || processors < 1)
        return 0;
    return processors * PER_PROCESSOR < MOST ? (int)processors * PER_PROCESSOR : MOST;
}

static const struct err *read_threads(struct ctx *ctx, const struct options *options, const struct house *house, int *ret)
{
    enum { MOST = 64 };
    const char *given = option(options, "threads");
    int64_t count = given ? 0 : threads_for(house);
    if (given && (!text_int(text_of(given), &count) || count < 1 || count > MOST))
        return err_new(ctx, ERR_INPUT, "options.number", "threads", "1", arena_printf(ctx->arena, "%d", MOST));
    *ret = (int)count;
    return NULL;
}

/* What one request gives back the next one of the same thread takes: without this the heap of a thread shrinks after each
 * page and grows again. What is larger (uploads) still goes back to the system at once. */
static void keep_small_memory(void)
{
#ifdef __GLIBC__
    enum { KEPT = 4 * 1024 * 1024, LARGE = 1024 * 1024 };
    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}

/* The demo's slips lead to where it listens, known only once the kernel has chosen a port; a real house's to its own name. */
static void settle_address(struct house *house, const struct options *options, const char *listening)
{
    if (!option(options, "url") && option_is_set(options, "demo"))
        house->records.address = arena_string(house->ctx->arena, listening);
}

static const struct err *serve(struct ctx *ctx, struct house *house, const struct options *options, const sigset_t *stop)
{
    struct http_house door = house_door(house);
    struct http_settings settings = {
        .listen = option(options, "listen"),
        .trusted_proxies = options->many,
        .routes = house_routes(),
        .views = view_files,
        .assets = asset_files,
    };
    struct http *http;
    TRY(read_threads(ctx, options, house, &settings.threads));
    TRY(http_start(ctx, &settings, &door, &http));
    house->http = http;
    const char *listen = settings.listen;
    const char *colon = strrchr(listen, ':');
    const char *listening = arena_printf(ctx->arena, "http://%.*s:%d", (int)(colon ? colon - listen : 0), listen, http_port(http));
    settle_address(house, options, listening);
    printf("%s/\n", listening);
    fflush(stdout);
    wait_for_stop(house, stop);
    log_info("stopping: no new connections, finishing what is in the air");
    http_stop(http, DRAIN_SECONDS);
    house->http = NULL;
    return NULL;
}

const struct err *command_serve(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    sigset_t stop = block_stop_signals();
    keep_small_memory();
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files"), .address = option(options, "url"),
                                       .is_demo = option_is_set(options, "demo") };
    TRY(house_open(ctx, ctx, &settings, &house));
    return serve(ctx, house, options, &stop);
}
