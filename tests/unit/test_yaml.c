/* When this fails, look in src/base/yaml.c. */
#include "fixture.h"

#include "base/yaml.h"

static void a_tree_remembers_its_lines(void **state)
{
    struct fixture *f = *state;
    struct yaml *root;
    assert_ok(f, yaml_read(f->ctx, "x.yaml", text_of("a: 1\nb:\n  - {c: '2'}\n  - 三\n"), &root));
    assert_true(text_is(yaml_find_text(root, "a"), "1"));
    struct yaml *list = yaml_find(root, "b");
    assert_int_equal(list->count, 2);
    assert_int_equal(list->values[1]->line, 4);
    assert_true(yaml_find(list->values[0], "c")->is_quoted);
    assert_null(yaml_find(root, "z"));
}

static void mistakes_are_named_with_file_and_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *bytes, *line;
    } cases[] = {
        { "a: 1\na: 2\n", "2" }, { "a: [1\n", "2" },   { "", "1" },           { "a: &x 1\n", "1" },
        { "a: 1\n&x b: 2\n", "2" }, { "a: 1\nb: !!str 2\n", "2" }, { "a: !own [1]\n", "1" }, { "!t a: 1\n", "1" },
        { "a: *x\n", "1" },      { "a: 1\n---\nb: 2\n", "2" }, { "? [a]\n: 1\n", "1" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct yaml *root;
        const struct err *err = yaml_read(f->ctx, "x.yaml", text_of(cases[i].bytes), &root);
        assert_non_null(err);
        assert_string_equal(err->said, "yaml.malformed");
        assert_string_equal(err->arguments[0], "x.yaml");
        if (strcmp(err->arguments[1], cases[i].line) != 0)
            fail_msg("case %zu: line %s, expected %s", i, err->arguments[1], cases[i].line);
    }
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
        cmocka_unit_test_setup_teardown(a_tree_remembers_its_lines, begin, end),
        cmocka_unit_test_setup_teardown(mistakes_are_named_with_file_and_line, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
