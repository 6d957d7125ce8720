/* When this fails, look in src/app/options.c. */
#include "fixture.h"

#include "app/options.h"

static const struct option_form forms[] = {
    { "db", "URL", "option.db", .is_required = true },
    { "demo", NULL, "option.demo" },
    { "trust-proxy", "ADDRESS", "option.trust_proxy", .is_many = true },
    { 0 },
};

static const struct err *read_words(struct fixture *f, struct options *options, const char *const *words)
{
    return options_read(f->ctx, forms, (char *const *)(uintptr_t)words, options);
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

static void options_and_words_may_stand_in_any_order(void **state)
{
    struct fixture *f = *state;
    struct options options;
    assert_ok(f, read_words(f, &options, WORDS("a", "--db", "sqlite:x", "--trust-proxy=1.2.3.4", "b", "--demo",
                                               "--trust-proxy", "::1")));
    assert_string_equal(option(&options, "db"), "sqlite:x");
    assert_true(option_is_set(&options, "demo"));
    assert_int_equal(options.word_count, 2);
    assert_string_equal(options.words[1], "b");
    assert_string_equal(options.many[0], "1.2.3.4");
    assert_string_equal(options.many[1], "::1");
    assert_null(options.many[2]);
}

static void wrong_use_is_named(void **state)
{
    struct fixture *f = *state;
    struct options options;
    assert_fails(read_words(f, &options, WORDS("--db", "x", "--what")), ERR_INPUT, "options.unknown");
    assert_fails(read_words(f, &options, WORDS("--demo")), ERR_INPUT, "options.required");
    assert_fails(read_words(f, &options, WORDS("--db")), ERR_INPUT, "options.value_missing");
    assert_fails(read_words(f, &options, WORDS("--db=")), ERR_INPUT, "options.value_missing");
    assert_fails(read_words(f, &options, WORDS("--db", "x", "--db", "y")), ERR_INPUT, "options.twice");
    assert_fails(read_words(f, &options, WORDS("--db", "x", "--demo=1")), ERR_INPUT, "options.needless_value");
    assert_fails(read_words(f, &options, WORDS("--db", "x", "1", "2", "3", "4", "5", "6", "7", "8", "9")), ERR_INPUT,
                 "options.too_many_words");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(options_and_words_may_stand_in_any_order, begin, end),
        cmocka_unit_test_setup_teardown(wrong_use_is_named, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
