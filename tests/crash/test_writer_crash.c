/* tests/crash/test_writer_crash.c -- a child files requests from eight threads and is killed by SIGKILL at the nth
 * guarded call; its database is opened again: every answered request is there under its number, nothing is half, and
 * filing goes on. And a WAL that was cut off or scribbled on opens as an earlier whole state. When this fails:
 * src/store/batch.c. */
#include "writer_world.h"

#include "base/log.h"
#include "store/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char *const town = "500116106000";

enum { THREADS = 8, EACH = 12, ROUND = 1000 };

/* --- the child --- */

struct clerk {
    struct writer *writer;
    const struct ctx *model;
    int64_t first_id;
    int pipe;
};

/* What has been answered goes down the pipe at once: one write, so it arrives whole or not at all. */
static void *file_requests(void *self)
{
    struct clerk *clerk = self;
    for (int i = 0; i < EACH; i++) {
        struct ctx *ctx = ctx_begin(clerk->model);
        int64_t id = clerk->first_id + i;
        struct outcome outcome;
        char line[64];
        const char *token = arena_printf(ctx->arena, "token-%lld", (long long)id);
        const struct err *err = writer_run(ctx, clerk->writer, world_item(ctx, town, id, "杀", token), &outcome);
        if (!err && outcome.kind == OUTCOME_DONE) {
            int size = snprintf(line, sizeof line, "%lld %s\n", (long long)id, outcome.number);
            if (write(clerk->pipe, line, (size_t)size) != size)
                abort();
        }
        ctx_end(ctx);
    }
    return NULL;
}

/* argv: child URL KILL_AT FIRST_ID PIPE */
static int child_main(char **argv)
{
    struct world world = { .d = calloc(1, sizeof *world.d) };
    struct clerk clerks[THREADS];
    pthread_t threads[THREADS];
    world.d->f = &world.d->fixture;
    fixture_begin(world.d->f);
    snprintf(world.d->url, sizeof world.d->url, "%s", argv[2]);
    int64_t first_id = strtoll(argv[4], NULL, 10);
    fake_clock_set(&world.d->f->clock, FIXTURE_NOW + first_id * 1000000); /* ids must differ from the last child's */
    database_open(world.d);
    world_start(&world);
    fault_arm(FAULT_KILL, (int)strtol(argv[3], NULL, 10), 1);
    for (int i = 0; i < THREADS; i++) {
        clerks[i] = (struct clerk){ world.writer, &world.d->f->model, first_id + i * EACH, (int)strtol(argv[5], NULL, 10) };
        pthread_create(&threads[i], NULL, file_requests, &clerks[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    world_stop(&world);
    database_shut(world.d);
    fixture_end(world.d->f);
    free(world.d);
    return 0;
}

/* --- the parent --- */

static struct {
    int64_t id;
    char number[32];
} answered[100000];
static int answered_count;

/* Whether it died of the kill (rather than coming to its end). What it answered is remembered. */
static bool run_child(const struct database *d, int kill_at, int64_t first_id)
{
    int ends[2];
    char words[3][24];
    assert_int_equal(pipe(ends), 0);
    snprintf(words[0], sizeof words[0], "%d", kill_at);
    snprintf(words[1], sizeof words[1], "%lld", (long long)first_id);
    snprintf(words[2], sizeof words[2], "%d", ends[1]);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        execl("/proc/self/exe", "test_writer_crash", "child", d->url, words[0], words[1], words[2], (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    FILE *lines = fdopen(ends[0], "r");
    long long id;
    while (fscanf(lines, "%lld %31s", &id, answered[answered_count].number) == 2)
        answered[answered_count++].id = id;
    fclose(lines);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
        assert_int_equal(WTERMSIG(status), SIGKILL);
        return true;
    }
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

static void check_answered(struct world *world, int from)
{
    struct ctx *ctx = world->d->f->ctx;
    struct snapshot *snapshot;
    struct rows rows;
    assert_ok(world->d->f, snapshot_begin(ctx, world->d->db, &snapshot));
    for (int i = from; i < answered_count; i++) {
        assert_ok(world->d->f,
                  rows_open(ctx, snapshot, &item_find, VALUES(value_string(town), value_int(answered[i].id)), &rows));
        if (!rows_next(&rows))
            fail_msg("%lld was answered with %s and is not there", (long long)answered[i].id, answered[i].number);
        assert_true(text_is(rows_text(&rows, 1), answered[i].number));
        assert_ok(world->d->f, rows_close(&rows));
    }
    snapshot_end(snapshot);
}

static void whatever_was_answered_survives_a_kill(void **state)
{
    struct world *world = *state;
    struct ctx *ctx = world->d->f->ctx;
    int round = 1, from = answered_count = 0;
    bool was_killed = true;
    world_stop(world);
    database_shut(world->d);
    /* the first calls one by one, then in longer strides, until a child comes to its end */
    for (int kill_at = 0; was_killed; kill_at += 1 + kill_at / 12, round++) {
        was_killed = run_child(world->d, kill_at, (int64_t)round * ROUND);
        if (world->d->kind == DB_POSTGRES)
            database_cut(world->d, "%"); /* and waits for the dead child's session to end */
        database_open(world->d);
        world_check(world);
        check_answered(world, from);
        from = answered_count;
        world_start(world);
        int64_t id = (int64_t)round * ROUND + THREADS * EACH;
        assert_int_equal(
            world_run(world, world_item(ctx, town, id, "之后", arena_printf(ctx->arena, "after-%d", round))).kind,
            OUTCOME_DONE);
        world_stop(world);
        database_shut(world->d);
    }
    database_open(world->d);
    check_answered(world, 0);
    assert_true(round > 25);
    assert_true(answered_count > THREADS * EACH); /* kills came late enough for answers, too */
}

/* --- the WAL --- */

static void copy_file(const char *from, const char *to, int64_t size)
{
    char bytes[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ssize_t got;
    assert_true(in >= 0 && out >= 0);
    for (int64_t left = size;
         left > 0 && (got = read(in, bytes, left < (int64_t)sizeof bytes ? (size_t)left : sizeof bytes)) > 0;
         left -= got)
        assert_int_equal(write(out, bytes, (size_t)got), got);
    close(in);
    close(out);
}

static int64_t size_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : 0;
}

/* Opens a copy whose WAL ends at CUT, with one byte changed at SCRIBBLE (or none at -1); returns how many items it has.
 */
static int64_t items_after(const struct database *d, int64_t cut, int64_t scribble)
{
    char from[160], to[160];
    struct world world = { .d = database_begin(DB_SQLITE) };
    database_shut(world.d);
    snprintf(from, sizeof from, "%s-wal", d->path);
    snprintf(to, sizeof to, "%s-wal", world.d->path);
    copy_file(d->path, world.d->path, INT64_MAX);
    copy_file(from, to, cut);
    if (scribble >= 0) {
        int file = open(to, O_RDWR);
        char byte;
        assert_int_equal(pread(file, &byte, 1, scribble), 1);
        byte ^= 0x40;
        assert_int_equal(pwrite(file, &byte, 1, scribble), 1);
        close(file);
    }
    database_open(world.d);
    world_check(&world);
    int64_t items = world_count(&world, &items_count);
    database_end(world.d);
    return items;
}

static void a_torn_wal_opens_as_an_earlier_whole_state(void **state)
{
    struct world *world = *state;
    char wal[160];
    world_stop(world);
    database_shut(world->d); /* the tables go into the file: what follows is in the WAL */
    answered_count = 0;
    assert_true(run_child(world->d, 250, ROUND));
    snprintf(wal, sizeof wal, "%s-wal", world->d->path);
    int64_t size = size_of(wal), whole = items_after(world->d, size, -1), last = 0;
    assert_true(size > 100000 && whole >= answered_count && answered_count > 0);
    for (int64_t cut = 0; cut < size; cut += size / 23) {
        int64_t items = items_after(world->d, cut, -1);
        assert_true(items >= last && items <= whole); /* more of the WAL is never less of the data */
        last = items;
    }
    for (int64_t at = 40; at < size; at += size / 11)
        assert_true(items_after(world->d, size, at) <= whole);
    database_open(world->d);
}

int main(int argc, char **argv)
{
    log_quiet();
    if (argc == 6 && strcmp(argv[1], "child") == 0)
        return child_main(argv);
    const struct CMUnitTest tests[] = {
        WORLD_ON_BOTH(whatever_was_answered_survives_a_kill),
        WORLD_ON_SQLITE(a_torn_wal_opens_as_an_earlier_whole_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
