/* tests/unit/test_files.c -- files by their content. When this fails: src/store/files.c. */
#include "fixture.h"

#include "base/log.h"
#include "store/fault.h"
#include "store/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct shelf {
    struct fixture fixture, *f;
    char folder[64], path[80];
    struct files *files;
};

static int begin(void **state)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);
    shelf->f = &shelf->fixture;
    fixture_begin(shelf->f);
    snprintf(shelf->folder, sizeof shelf->folder, "/tmp/gongzhi-files.XXXXXX");
    assert_non_null(mkdtemp(shelf->folder));
    snprintf(shelf->path, sizeof shelf->path, "%s/files", shelf->folder);
    assert_ok(shelf->f, files_open(shelf->f->ctx, shelf->path, &shelf->files));
    *state = shelf;
    return 0;
}

static int end(void **state)
{
    struct shelf *shelf = *state;
    char command[128];
    files_close(shelf->files);
    snprintf(command, sizeof command, "rm -rf '%s'", shelf->folder);
    assert_int_equal(system(command), 0);
    fixture_end(shelf->f);
    free(shelf);
    return 0;
}

static const struct err *count(void *self, struct ctx *ctx, const char *name)
{
    (void)ctx;
    assert_int_equal(strlen(name), 64);
    ++*(int *)self;
    return NULL;
}

static int files_in(struct shelf *shelf)
{
    int found = 0;
    assert_ok(shelf->f, files_each(shelf->f->ctx, shelf->files, count, &found));
    return found;
}

/* Everything in the folder that is not under a name: temporary files. */
static int unfinished_in(struct shelf *shelf)
{
    DIR *list = opendir(shelf->path);
    int found = 0;
    for (struct dirent *entry; (entry = readdir(list));)
        found += entry->d_name[0] != '.' && strlen(entry->d_name) != 2;
    closedir(list);
    return found;
}

static void what_is_kept_comes_back(void **state)
{
    struct shelf *shelf = *state;
    const char *name, *again, *empty;
    struct text back;
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("a photo\0with a zero"), &name));
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("a photo\0with a zero"), &again));
    assert_string_equal(name, again);
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT(""), &empty));
    assert_string_equal(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(files_in(shelf), 2);
    assert_ok(shelf->f, files_read(shelf->f->ctx, shelf->files, name, &back));
    assert_true(text_equal(back, TEXT("a photo\0with a zero")));
    assert_ok(shelf->f, files_read(shelf->f->ctx, shelf->files, empty, &back));
    assert_int_equal(back.size, 0);
    assert_int_equal(unfinished_in(shelf), 0);
}

static void the_folder_is_ours_alone(void **state)
{
    struct shelf *shelf = *state;
    struct stat about;
    assert_int_equal(stat(shelf->path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
}

static void a_damaged_file_is_told(void **state)
{
    struct shelf *shelf = *state;
    const char *name;
    struct text back;
    char path[200];
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("the minutes"), &name));
    snprintf(path, sizeof path, "%s/%.2s/%s", shelf->path, name, name + 2);
    int file = open(path, O_WRONLY);
    assert_int_equal(write(file, "T", 1), 1);
    close(file);
    assert_fails(files_read(shelf->f->ctx, shelf->files, name, &back), ERR_BROKEN, "store.file_damaged");
    assert_int_equal(truncate(path, 3), 0); /* cut short: another keeping mends it */
    assert_fails(files_read(shelf->f->ctx, shelf->files, name, &back), ERR_BROKEN, "store.file_damaged");
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("the minutes"), &name));
    assert_ok(shelf->f, files_read(shelf->f->ctx, shelf->files, name, &back));
}

static void only_names_are_looked_for(void **state)
{
    struct shelf *shelf = *state;
    static const char *const wrong[] = { "", "../../etc/passwd", "ab",
                                         "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                                         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct text back;
        assert_fails(files_read(shelf->f->ctx, shelf->files, wrong[i], &back), ERR_MISSING, "store.file_missing");
    }
}

static void a_failure_anywhere_leaves_all_or_nothing(void **state)
{
    struct shelf *shelf = *state;
    static const enum fault faults[] = { FAULT_FAIL, FAULT_FULL };
    for (int kind = 0; kind < 2; kind++)
        for (int n = 0;; n++) {
            char bytes[32];
            const char *name;
            struct text back;
            snprintf(bytes, sizeof bytes, "content %d %d", kind, n);
            fault_arm(faults[kind], n, 1);
            const struct err *err = files_keep(shelf->f->ctx, shelf->files, text_of(bytes), &name);
            bool fired = fault_fired();
            assert_int_equal(unfinished_in(shelf), 0);
            if (err && kind == 1)
                assert_fails(err, ERR_BROKEN, "store.disk_full");
            assert_int_equal(fired, err != NULL);
            assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, text_of(bytes), &name));
            assert_ok(shelf->f, files_read(shelf->f->ctx, shelf->files, name, &back));
            assert_true(text_is(back, bytes));
            if (!fired) {
                assert_true(n >= 5); /* made, written, synced, named, folders synced */
                break;
            }
        }
}

/* Whoever finds the file there answers for both folders as well: who put it there may not have come so far. */
static void what_was_there_is_synced_by_whoever_is_told(void **state)
{
    struct shelf *shelf = *state;
    const char *name;
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("the minutes"), &name));
    for (int n = 0; n < 2; n++) {
        fault_arm(FAULT_FAIL, n, 1);
        const struct err *err = files_keep(shelf->f->ctx, shelf->files, TEXT("the minutes"), &name);
        assert_true(fault_fired());
        assert_fails(err, ERR_BROKEN, "error.broken");
    }
}

static void a_folder_that_cannot_be_read_on_is_no_end(void **state)
{
    struct shelf *shelf = *state;
    const char *name;
    int found = 0;
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("one"), &name));
    assert_ok(shelf->f, files_keep(shelf->f->ctx, shelf->files, TEXT("two"), &name));
    fault_arm(FAULT_FAIL, 0, 1);
    const struct err *err = files_each(shelf->f->ctx, shelf->files, count, &found);
    assert_true(fault_fired());
    assert_fails(err, ERR_BROKEN, "error.broken");
}

static void what_a_dead_program_left_is_removed_after_a_day(void **state)
{
    struct shelf *shelf = *state;
    char old[128], young[128];
    const struct timespec times[2][2] = { { { FIXTURE_NOW / 1000000 - 90000, 0 },
                                            { FIXTURE_NOW / 1000000 - 90000, 0 } },
                                          { { FIXTURE_NOW / 1000000 - 60, 0 }, { FIXTURE_NOW / 1000000 - 60, 0 } } };
    snprintf(old, sizeof old, "%s/new-1-old", shelf->path);
    snprintf(young, sizeof young, "%s/new-1-young", shelf->path);
    close(open(old, O_CREAT | O_WRONLY, 0600));
    close(open(young, O_CREAT | O_WRONLY, 0600));
    utimensat(AT_FDCWD, old, times[0], 0);
    utimensat(AT_FDCWD, young, times[1], 0);
    assert_int_equal(files_in(shelf), 0);
    files_close(shelf->files);
    assert_ok(shelf->f, files_open(shelf->f->ctx, shelf->path, &shelf->files));
    assert_int_not_equal(access(old, F_OK), 0);
    assert_int_equal(access(young, F_OK), 0);
}

static void a_folder_that_cannot_be_is_named(void **state)
{
    struct shelf *shelf = *state;
    struct files *files;
    const struct err *err = files_open(shelf->f->ctx, "/proc/gongzhi/files", &files);
    assert_fails(err, ERR_BROKEN, "store.folder");
    assert_string_equal(err_root(err)->arguments[0], "/proc/gongzhi/files");
}

int main(void)
{
    log_quiet();
#define T(test) cmocka_unit_test_setup_teardown(test, begin, end)
    const struct CMUnitTest tests[] = {
        T(what_is_kept_comes_back),
        T(the_folder_is_ours_alone),
        T(a_damaged_file_is_told),
        T(only_names_are_looked_for),
        T(a_failure_anywhere_leaves_all_or_nothing),
        T(what_was_there_is_synced_by_whoever_is_told),
        T(a_folder_that_cannot_be_read_on_is_no_end),
        T(what_a_dead_program_left_is_removed_after_a_day),
        T(a_folder_that_cannot_be_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
