/* tests/unit/test_err.c -- what went wrong, as a person reads it and as the log does; a text with its places filled.
 * When this fails: src/base/err.c, src/base/texts.c. */
#include "fixture.h"

#include "base/texts.h"

static const struct texts_entry entries[] = {
    { "desk.closed", { "{0}已关闭，{1}再来", "{0} is closed, come back at {1}" } },
    { "error.broken", { "出错了", "Something broke" } },
    { "odd", { "{0}{0} {1} {9} {x} {", "{3}" } },
};

static int begin(void **state)
{
    static struct fixture f;
    fixture_begin(&f);
    texts_use(entries, sizeof entries / sizeof *entries);
    *state = &f;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

static fallible close_desk(struct ctx *ctx)
{
    return err_new(ctx, ERR_CONFLICT, "desk.closed", "永兴镇", "9:00");
}

static void the_deepest_reason_is_read_and_the_whole_way_is_logged(void **state)
{
    struct fixture *f = *state;
    const struct err *err = err_wrap(f->ctx, close_desk(f->ctx), "filing for %s", "zhang");
    assert_int_equal(err->kind, ERR_CONFLICT);
    assert_string_equal(texts_of_err(f->ctx, err), "永兴镇已关闭，9:00再来");
    f->ctx->language = LANGUAGE_EN;
    assert_string_equal(texts_of_err(f->ctx, err), "永兴镇 is closed, come back at 9:00");
    const char *trace = err_trace(f->ctx, err);
    assert_non_null(strstr(trace, "(filing for zhang) <- "));
    assert_non_null(strstr(trace, "desk.closed [永兴镇] [9:00]"));
}

static void what_breaks_inside_tells_a_person_nothing_of_it(void **state)
{
    struct fixture *f = *state;
    const struct err *err = err_broken(f->ctx, "disk %d is full", 7);
    assert_int_equal(err->kind, ERR_BROKEN);
    assert_string_equal(texts_of_err(f->ctx, err), "出错了");
    assert_non_null(strstr(err_trace(f->ctx, err), "(disk 7 is full)"));
}

static void said_again_it_outlives_where_it_was_said_first(void **state)
{
    struct fixture *f = *state;
    struct ctx *passing = ctx_begin(&f->model);
    char argument[] = "永兴镇", field[] = "text";
    const struct err *first = err_field(passing, field, "desk.closed", argument);
    memset(argument, 'x', sizeof argument - 1); /* both were copied */
    memset(field, 'x', sizeof field - 1);
    const struct err *again = err_again(f->ctx, err_wrap(passing, first, "on the way"));
    ctx_end(passing);
    assert_string_equal(again->field, "text");
    assert_string_equal(again->arguments[0], "永兴镇");
    assert_null(again->cause);
    assert_int_equal(again->kind, ERR_INPUT);
}

static void nothing_wrong_stays_nothing(void **state)
{
    struct fixture *f = *state;
    assert_null(err_wrap(f->ctx, NULL, "while nothing happened"));
    assert_null(err_again(f->ctx, NULL));
    assert_null(err_root(NULL));
    assert_string_equal(err_trace(f->ctx, NULL), "");
}

static void only_the_four_places_of_a_text_are_filled(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(texts_fill(f->ctx, "odd", "{1}", NULL), "{1}{1}  {9} {x} {"); /* what is filled in is not filled again */
    f->ctx->language = LANGUAGE_EN;
    assert_string_equal(texts_fill(f->ctx, "odd", "a", "b", "c", "d", NULL), "d");
    assert_string_equal(texts_fill(f->ctx, "no.such", "a", NULL), "no.such");
    assert_null(texts_find(LANGUAGE_EN, "no.such"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_deepest_reason_is_read_and_the_whole_way_is_logged, begin, end),
        cmocka_unit_test_setup_teardown(what_breaks_inside_tells_a_person_nothing_of_it, begin, end),
        cmocka_unit_test_setup_teardown(said_again_it_outlives_where_it_was_said_first, begin, end),
        cmocka_unit_test_setup_teardown(nothing_wrong_stays_nothing, begin, end),
        cmocka_unit_test_setup_teardown(only_the_four_places_of_a_text_are_filled, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
