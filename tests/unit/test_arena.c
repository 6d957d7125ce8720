/* When this fails, look in src/base/arena.c. */
#include "fixture.h"

#include <stdio.h>

static char order[8];

static void note(void *what)
{
    size_t used = strlen(order);
    snprintf(order + used, sizeof order - used, "%s", (const char *)what);
}

static void an_arena_runs_its_ends_backwards(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    arena_at_end(arena, note, (char[]){ "a" });
    arena_at_end(arena, note, (char[]){ "b" });
    arena_free(arena);
    assert_string_equal(order, "ba");
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    unsigned char *before = NULL;
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
        unsigned char *at = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)at % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        memset(at, 0xAA, size);
        if (before)
            assert_int_equal(before[0], 0xAA);
        before = at;
    }
    assert_true(arena_used(arena) > 100000);
    arena_free(arena);
}

/* The first chunk has about 4,000 bytes: texts of every length meet its end, and that of later ones. */
static void a_printed_text_is_whole_wherever_a_chunk_ends(void **state)
{
    (void)state;
    static char letters[5001];
    memset(letters, 'x', sizeof letters - 1);
    for (int first = 3900; first < 4100; first++) {
        struct arena *arena = arena_new();
        char *before = arena_printf(arena, "%.*s|", first, letters);
        char *after = arena_printf(arena, "%.*s|%d", first % 64, letters, first);
        assert_int_equal(strlen(before), first + 1);
        assert_int_equal(before[first], '|');
        assert_int_equal(strlen(after), first % 64 + 5);
        assert_int_equal(after[first % 64], '|');
        arena_free(arena);
    }
}

/* Nothing stays in the rest of a chunk that the text did not fit into: only what is used is wiped at the end. */
static void a_secret_is_nowhere_but_where_it_is_kept(void **state)
{
    (void)state;
    char secret[4001];
    memset(secret, 's', sizeof secret - 1);
    secret[sizeof secret - 1] = '\0';
    struct arena *arena = arena_new();
    arena_keep_secrets(arena);
    char *before = arena_alloc(arena, 2000);
    char *kept = arena_printf(arena, "%s", secret);
    assert_string_equal(kept, secret);
    for (size_t i = 0; i < 1000; i++)
        assert_int_not_equal(before[2000 + i], 's');
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_runs_its_ends_backwards),
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(a_printed_text_is_whole_wherever_a_chunk_ends),
        cmocka_unit_test(a_secret_is_nowhere_but_where_it_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
