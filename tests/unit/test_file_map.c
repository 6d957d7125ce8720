/* When this fails, look in src/app/file_map.c. */
#include "fixture.h"

#include "app/command.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 1 << 16, PIECES = 8 };

/* A file of eight pieces, each of one letter. */
static const char *write_file(struct fixture *f)
{
    char *name = arena_string(f->ctx->arena, "/tmp/test_file_map-XXXXXX"), piece[PIECE];
    int file = mkstemp(name);
    assert_true(file >= 0);
    for (int i = 0; i < PIECES; i++) {
        memset(piece, 'a' + i, sizeof piece);
        assert_int_equal(write(file, piece, sizeof piece), PIECE);
    }
    close(file);
    return name;
}

static void a_file_is_lent_and_may_be_forgotten(void **state)
{
    struct fixture *f = *state;
    const char *name = write_file(f);
    struct ctx *ctx = ctx_begin(f->ctx);
    struct file_map map;
    assert_ok(f, file_map(ctx, name, &map));
    assert_int_equal(map.bytes.size, PIECE * PIECES);
    assert_int_equal(map.bytes.at[3 * PIECE], 'd');
    file_forget(&map, map.bytes.at + 4 * PIECE);
    assert_int_equal(map.bytes.at[3 * PIECE], 'd');
    assert_ok(f, file_stood_still(ctx, &map));
    ctx_end(ctx);
    unlink(name);
    assert_fails(file_map(f->ctx, name, &map), ERR_INPUT, "file.unreadable");
}

/* Looking at what is gone would end the process. */
static void a_file_that_is_shortened_is_zeros_from_there_on(void **state)
{
    struct fixture *f = *state;
    const char *name = write_file(f), *other_name = write_file(f);
    struct ctx *ctx = ctx_begin(f->ctx);
    struct file_map map, other;
    assert_ok(f, file_map(ctx, other_name, &other));
    assert_ok(f, file_map(ctx, name, &map));
    assert_int_equal(map.bytes.at[5 * PIECE], 'f');
    assert_int_equal(truncate(name, 2 * PIECE), 0);
    assert_int_equal(map.bytes.at[2 * PIECE - 1], 'b');
    assert_int_equal(map.bytes.at[5 * PIECE], 0);
    assert_int_equal(map.bytes.at[PIECES * PIECE - 1], 0);
    assert_fails(file_stood_still(ctx, &map), ERR_INPUT, "file.changed");
    assert_int_equal(truncate(other_name, PIECE), 0); /* the longer one lent */
    assert_int_equal(other.bytes.at[7 * PIECE], 0);
    assert_int_equal(map.bytes.at[PIECE], 'b');
    assert_fails(file_stood_still(ctx, &other), ERR_INPUT, "file.changed");
    ctx_end(ctx);
    unlink(name);
    unlink(other_name);
}

static void a_file_that_is_written_into_is_told_of(void **state)
{
    struct fixture *f = *state;
    const char *name = write_file(f);
    struct file_map map;
    assert_ok(f, file_map(f->ctx, name, &map));
    int file = open(name, O_WRONLY | O_CLOEXEC);
    assert_int_equal(pwrite(file, "x", 1, 0), 1);
    const struct timespec moments[] = { { 0, UTIME_OMIT }, { 1, 0 } };
    assert_int_equal(futimens(file, moments), 0); /* a write within the same tick of the file system's clock would look the same */
    close(file);
    assert_fails(file_stood_still(f->ctx, &map), ERR_INPUT, "file.changed");
    unlink(name);
}

static int64_t count_down(void *self, char *out, size_t room)
{
    int *left = self;
    if (*left < 0)
        return -1;
    if (*left == 0)
        return 0;
    memset(out, '0' + --*left, room < 1000 ? room : 1000);
    return room < 1000 ? (int64_t)room : 1000;
}

static void what_is_made_is_mapped(void **state)
{
    struct fixture *f = *state;
    struct file_map map;
    int left = 9, none = 0, never = -1;
    assert_ok(f, file_map_made(f->ctx, count_down, &left, &map));
    assert_int_equal(map.bytes.size, 9000);
    assert_int_equal(map.bytes.at[0], '8');
    assert_int_equal(map.bytes.at[8999], '0');
    assert_ok(f, file_map_made(f->ctx, count_down, &none, &map));
    assert_int_equal(map.bytes.size, 0);
    const struct err *failed = file_map_made(f->ctx, count_down, &never, &map);
    assert_non_null(failed);
    assert_int_equal(err_root(failed)->kind, ERR_BROKEN);
    setenv("TMPDIR", "/nowhere", 1);
    left = 9;
    assert_fails(file_map_made(f->ctx, count_down, &left, &map), ERR_INPUT, "file.unreadable");
    unsetenv("TMPDIR");
}

static int begin(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

#define fixture_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_file_is_lent_and_may_be_forgotten),
        fixture_test(a_file_that_is_shortened_is_zeros_from_there_on),
        fixture_test(a_file_that_is_written_into_is_told_of),
        fixture_test(what_is_made_is_mapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
