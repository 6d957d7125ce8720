/* tests/unit/test_keys.c -- the key folder: made once, refused when others may read it; sealing, moving, growing old.
 */
#include "fixture.h"

#include "record/keys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct keys_test {
    struct fixture f;
    char folder[64], keys[96];
};

static int setup(void **state)
{
    struct keys_test *t = calloc(1, sizeof *t);
    fixture_begin(&t->f);
    snprintf(t->folder, sizeof t->folder, "/tmp/gongzhi-test.XXXXXX");
    assert_non_null(mkdtemp(t->folder));
    snprintf(t->keys, sizeof t->keys, "%s/keys", t->folder);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct keys_test *t = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", t->folder);
    assert_int_equal(system(command), 0);
    fixture_end(&t->f);
    free(t);
    return 0;
}

static const char *in(struct keys_test *t, const char *name)
{
    return arena_printf(t->f.ctx->arena, "%s/%s", t->keys, name);
}

static struct keys *opened(struct keys_test *t, bool create)
{
    struct keys *keys;
    assert_ok(&t->f, keys_open(t->f.ctx, t->keys, create, &keys));
    return keys;
}

static void refuse(struct keys_test *t, const char *said)
{
    struct keys *keys;
    assert_fails(keys_open(t->f.ctx, t->keys, false, &keys), ERR_BROKEN, said);
}

static void a_folder_is_made_only_when_asked(void **state)
{
    struct keys_test *t = *state;
    struct keys *missing;
    assert_fails(keys_open(t->f.ctx, t->keys, false, &missing), ERR_BROKEN, "keys.missing");
    keys_close(opened(t, true));
    struct stat status;
    assert_int_equal(stat(t->keys, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    assert_int_equal(stat(in(t, "index.key"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    keys_close(opened(t, false));
}

static void a_folder_or_key_that_others_may_read_is_refused(void **state)
{
    struct keys_test *t = *state;
    keys_close(opened(t, true));
    assert_int_equal(chmod(t->keys, 0750), 0);
    refuse(t, "keys.open_to_others");
    assert_int_equal(chmod(t->keys, 0700), 0);
    assert_int_equal(chmod(in(t, "field-1.key"), 0640), 0);
    refuse(t, "error.broken");
    assert_int_equal(chmod(in(t, "field-1.key"), 0600), 0);
    keys_close(opened(t, false));
}

static void a_key_that_is_short_missing_or_a_link_is_refused(void **state)
{
    struct keys_test *t = *state;
    keys_close(opened(t, true));
    assert_int_equal(truncate(in(t, "field-1.key"), 31), 0);
    refuse(t, "error.broken");
    assert_int_equal(truncate(in(t, "field-1.key"), 32), 0);
    assert_int_equal(rename(in(t, "index.key"), in(t, "other.key")), 0);
    refuse(t, "error.broken");
    assert_int_equal(symlink("other.key", in(t, "index.key")), 0);
    refuse(t, "error.broken");
}

static void a_missing_index_key_is_never_made_anew_beside_old_keys(void **state)
{
    struct keys_test *t = *state;
    keys_close(opened(t, true));
    assert_int_equal(unlink(in(t, "index.key")), 0);
    struct keys *keys;
    assert_fails(keys_open(t->f.ctx, t->keys, true, &keys), ERR_BROKEN, "error.broken");
}

static void what_is_sealed_opens_in_its_own_place_only(void **state)
{
    struct keys_test *t = *state;
    struct ctx *ctx = t->f.ctx;
    struct keys *keys = opened(t, true);
    const char *sealed = keys_seal(ctx, keys, "500116106000/7/phone", TEXT("19900000001"));
    const char *again = keys_seal(ctx, keys, "500116106000/7/phone", TEXT("19900000001"));
    assert_string_not_equal(sealed, again);
    struct text plain;
    assert_ok(&t->f, keys_unseal(ctx, keys, "500116106000/7/phone", text_of(sealed), &plain));
    assert_true(text_is(plain, "19900000001"));
    assert_fails(keys_unseal(ctx, keys, "500116106000/8/phone", text_of(sealed), &plain), ERR_BROKEN, "error.broken");
    for (size_t i = 0; i < strlen(sealed); i++) {
        char *changed = arena_string(ctx->arena, sealed);
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_non_null(keys_unseal(ctx, keys, "500116106000/7/phone", text_of(changed), &plain));
    }
    keys_close(keys);
}

static void old_versions_still_open_and_new_sealing_uses_the_newest(void **state)
{
    struct keys_test *t = *state;
    struct ctx *ctx = t->f.ctx;
    struct keys *keys = opened(t, true);
    const char *old = keys_seal(ctx, keys, "a", TEXT("old"));
    assert_ok(&t->f, keys_add_version(ctx, keys));
    assert_int_equal(keys_version(keys), 2);
    const char *new = keys_seal(ctx, keys, "a", TEXT("new"));
    keys_close(keys);
    keys = opened(t, false);
    assert_int_equal(keys_version(keys), 2);
    struct text plain;
    assert_ok(&t->f, keys_unseal(ctx, keys, "a", text_of(old), &plain));
    assert_true(text_is(plain, "old"));
    keys_close(keys);
    assert_int_equal(unlink(in(t, "field-1.key")), 0);
    keys = opened(t, false);
    assert_fails(keys_unseal(ctx, keys, "a", text_of(old), &plain), ERR_BROKEN, "error.broken");
    assert_ok(&t->f, keys_unseal(ctx, keys, "a", text_of(new), &plain));
    assert_true(text_is(plain, "new"));
    keys_close(keys);
}

static void a_key_that_another_process_added_is_taken_up(void **state)
{
    struct keys_test *t = *state;
    struct ctx *ctx = t->f.ctx;
    struct keys *serving = opened(t, true), *rotating = opened(t, false);
    assert_ok(&t->f, keys_add_version(ctx, rotating));
    const char *sealed = keys_seal(ctx, rotating, "a", TEXT("under the new one"));
    struct text plain;
    assert_ok(&t->f, keys_unseal(ctx, serving, "a", text_of(sealed), &plain));
    assert_true(text_is(plain, "under the new one"));
    assert_int_equal(keys_version(serving), 2); /* and seals with it from now on */
    assert_ok(&t->f, keys_add_version(ctx, rotating));
    assert_ok(&t->f, keys_refresh(ctx, serving));
    assert_int_equal(keys_version(serving), 3);
    assert_int_equal(unlink(in(t, "field-3.key")), 0);
    assert_ok(&t->f, keys_add_version(ctx, rotating));
    assert_int_equal(unlink(in(t, "field-4.key")), 0);
    sealed = keys_seal(ctx, rotating, "a", TEXT("under one that is gone"));
    assert_fails(keys_unseal(ctx, serving, "a", text_of(sealed), &plain), ERR_BROKEN, "error.broken");
    keys_close(serving);
    keys_close(rotating);
}

static void an_index_tells_equal_values_of_one_field_only(void **state)
{
    struct keys_test *t = *state;
    struct ctx *ctx = t->f.ctx;
    struct keys *keys = opened(t, true);
    const char *index = keys_index(ctx, keys, "phone", TEXT("19900000001"));
    assert_int_equal(strlen(index), 64);
    assert_string_equal(index, keys_index(ctx, keys, "phone", TEXT("19900000001")));
    assert_string_not_equal(index, keys_index(ctx, keys, "phone", TEXT("19900000002")));
    assert_string_not_equal(index, keys_index(ctx, keys, "identity", TEXT("19900000001")));
    keys_close(keys);
}

static void a_log_seed_is_made_once_for_each_realm_and_not_by_asking(void **state)
{
    struct keys_test *t = *state;
    struct ctx *ctx = t->f.ctx;
    struct keys *keys = opened(t, true);
    uint8_t first[KEY_SIZE], again[KEY_SIZE], other[KEY_SIZE];
    struct stat status;
    bool found;
    assert_ok(&t->f, keys_log_seed(ctx, keys, "500116106000", first, &found));
    assert_false(found);
    assert_int_equal(stat(in(t, "log-500116106000.seed"), &status), -1);
    assert_ok(&t->f, keys_make_log_seed(ctx, keys, "500116106000", first));
    assert_ok(&t->f, keys_make_log_seed(ctx, keys, "500116106000", again));
    assert_memory_equal(first, again, KEY_SIZE);
    assert_ok(&t->f, keys_log_seed(ctx, keys, "500116106000", again, &found));
    assert_true(found);
    assert_memory_equal(first, again, KEY_SIZE);
    assert_ok(&t->f, keys_make_log_seed(ctx, keys, "500230109000", other));
    assert_memory_not_equal(first, other, KEY_SIZE);
    assert_non_null(keys_log_seed(ctx, keys, "../../../evil", other, &found));
    assert_non_null(keys_make_log_seed(ctx, keys, "../../../evil", other));
    assert_int_equal(stat(in(t, "log-500116106000.seed"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    keys_close(keys);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(a_folder_is_made_only_when_asked),
        CASE(a_folder_or_key_that_others_may_read_is_refused),
        CASE(a_key_that_is_short_missing_or_a_link_is_refused),
        CASE(a_missing_index_key_is_never_made_anew_beside_old_keys),
        CASE(what_is_sealed_opens_in_its_own_place_only),
        CASE(old_versions_still_open_and_new_sealing_uses_the_newest),
        CASE(a_key_that_another_process_added_is_taken_up),
        CASE(an_index_tells_equal_values_of_one_field_only),
        CASE(a_log_seed_is_made_once_for_each_realm_and_not_by_asking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
