/* tests/unit/test_copy.c -- an online copy while the writer writes. When this fails: src/store/copy.c. */
#include "writer_world.h"

#include "base/log.h"
#include "store/fault.h"

#include <sys/stat.h>

static const char *const town = "500116106000";

struct seen {
    struct world *world;
    int steps, filed;
    int64_t done, all;
};

/* Each step of the copy, another request is filed. */
static void file_one_more(void *self, int64_t done, int64_t all)
{
    struct seen *seen = self;
    char token[32];
    assert_true(done >= seen->done && done <= all);
    seen->done = done;
    seen->all = all;
    seen->steps++;
    snprintf(token, sizeof token, "during-%d", seen->filed);
    assert_int_equal(
        world_run(seen->world, world_item(seen->world->d->f->ctx, town, 100000 + seen->filed, "同时", token)).kind,
        OUTCOME_DONE);
    seen->filed++;
}

static void fill(struct world *world, int count)
{
    static char name[40000];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int i = 0; i < count; i++) {
        char token[32];
        snprintf(token, sizeof token, "before-%d", i);
        world_run(world, world_item(world->d->f->ctx, town, i, name, token));
    }
}

static void a_copy_is_one_moment_while_the_writer_goes_on(void **state)
{
    struct world *world = *state;
    struct seen seen = { .world = world };
    char path[160], url[200];
    enum { BEFORE = 100 };
    fill(world, BEFORE);
    snprintf(path, sizeof path, "%s/copy.db", world->d->folder);
    assert_ok(world->d->f, db_copy_to(world->d->f->ctx, world->d->db, path, file_one_more, &seen));
    assert_true(seen.steps >= 3);
    assert_true(seen.done == seen.all);
    assert_int_equal(world_count(world, &items_count), BEFORE + seen.filed);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    assert_fails(db_copy_to(world->d->f->ctx, world->d->db, path, NULL, NULL), ERR_INPUT, "store.copy_exists");

    struct database copy = { .f = world->d->f, .kind = DB_SQLITE };
    struct world copied = { .d = &copy };
    snprintf(url, sizeof url, "sqlite:%s", path);
    snprintf(copy.url, sizeof copy.url, "%s", url);
    database_open(&copy);
    assert_int_equal(world_count(&copied, &items_count), BEFORE);
    world_check(&copied);
    database_shut(&copy);
}

static void a_copy_that_fails_leaves_no_file(void **state)
{
    struct world *world = *state;
    char path[160], unfinished[200];
    fill(world, 50);
    snprintf(path, sizeof path, "%s/copy.db", world->d->folder);
    snprintf(unfinished, sizeof unfinished, "%s.unfinished", path);
    for (int n = 0;; n++) {
        fault_arm(FAULT_FAIL, n, 1);
        const struct err *err = db_copy_to(world->d->f->ctx, world->d->db, path, NULL, NULL);
        bool fired = fault_fired();
        assert_int_not_equal(access(unfinished, F_OK), 0);
        assert_int_equal(access(path, F_OK) == 0, !fired);
        assert_int_equal(err != NULL, fired);
        if (!fired)
            break;
    }
    snprintf(path, sizeof path, "/tmp/gongzhi-no-such-folder/copy.db");
    assert_fails(db_copy_to(world->d->f->ctx, world->d->db, path, NULL, NULL), ERR_BROKEN, "store.copy_failed");
}

static void postgres_has_its_own_tool(void **state)
{
    struct world *world = *state;
    assert_fails(db_copy_to(world->d->f->ctx, world->d->db, "/tmp/gongzhi-none", NULL, NULL), ERR_INPUT,
                 "store.copy_postgres");
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        WORLD_ON_SQLITE(a_copy_is_one_moment_while_the_writer_goes_on),
        WORLD_ON_SQLITE(a_copy_that_fails_leaves_no_file),
        WORLD_ON_POSTGRES(postgres_has_its_own_tool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
