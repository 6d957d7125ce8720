/* When this fails, look in src/http/mustache.c (compiling) or mustache_render.c.
 * Run in the project's folder: the specification's files are in tests/vectors/mustache. */
#include "fixture.h"

#include "http/mustache.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static struct text read_whole(struct fixture *f, const char *name)
{
    char path[500];
    snprintf(path, sizeof path, "tests/vectors/mustache/%s.json", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s can't be read", path);
    struct buffer all = { 0 };
    char part[4096];
    for (size_t size; (size = fread(part, 1, sizeof part, file)) > 0;)
        buffer_add(&all, part, size);
    fclose(file);
    struct text copy = text_copy(f->ctx->arena, buffer_view(&all));
    buffer_clear(&all);
    return copy;
}

static void tell(void *self, const char *name, const char *wrong)
{
    if (wrong)
        print_message("%s, %s: %s\n", (const char *)self, name, wrong);
}

static void the_specification_passes(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        int tests;
    } files[] = { { "comments", 8 },  { "delimiters", 10 }, { "interpolation", 28 },   { "inverted", 15 },
                  { "partials", 8 }, { "sections", 23 },   { "opt-inheritance", 18 }, { "opt-dynamic-names", 14 } };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        int passed = 0, failed = 0;
        char name[40];
        snprintf(name, sizeof name, "%s", files[i].name);
        assert_ok(f, mustache_test_file(f->ctx, read_whole(f, name), &passed, &failed, tell, name));
        assert_int_equal(failed, 0);
        assert_int_equal(passed, files[i].tests);
    }
}

static void the_tester_notices_a_wrong_answer(void **state)
{
    struct fixture *f = *state;
    int passed, failed;
    assert_ok(f, mustache_test_file(f->ctx, text_of("{\"tests\":[{\"name\":\"a\",\"data\":{},\"template\":\"x\",\"expected\":\"y\"},"
                                                    "{\"name\":\"b\",\"data\":{},\"template\":\"{{#a}}\",\"expected\":\"\"}]}"),
                                    &passed, &failed, NULL, NULL));
    assert_int_equal(passed, 0);
    assert_int_equal(failed, 2);
    assert_fails(mustache_test_file(f->ctx, text_of("{}"), &passed, &failed, NULL, NULL), ERR_INPUT, "http.no_tests");
}

static const char *said(void *self, const char *key)
{
    (void)self;
    return !strcmp(key, "hello.you") ? "You & me" : NULL;
}

static const char *address(void *self, const char *name)
{
    (void)self;
    return !strcmp(name, "style.css") ? "/static/style.1.css" : NULL;
}

static const char *const allowed[] = { "drawing", NULL };
static const struct mustache_settings strict = { said, address, NULL, allowed, true };

static void roots_are_set_in_while_compiling(void **state)
{
    struct fixture *f = *state;
    struct mustache_source source = { "page", TEXT("<{{asset.style.css}}|{{t.hello.you}}|{{{drawing}}}|{{x}}>") };
    struct mustache *set;
    assert_ok(f, mustache_compile(f->ctx, &source, 1, &strict, &set));
    struct node *model = node_object(f->ctx->arena);
    node_put_string(model, KEY("drawing"), "<svg/>");
    node_put_string(model, KEY("x"), "<a href='\"'>&");
    struct buffer out = { 0 };
    assert_ok(f, mustache_render(f->ctx, set, "page", model, &out));
    assert_true(text_is(buffer_view(&out),
                        "</static/style.1.css|You &amp; me|<svg/>|&lt;a href=&#39;&quot;&#39;&gt;&amp;>"));
    assert_fails(mustache_render(f->ctx, set, "pag", model, &out), ERR_MISSING, "http.no_template");
    buffer_clear(&out);
    mustache_free(set);
}

static void a_wrong_template_is_refused_with_its_name_and_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *source, *says;
    } cases[] = {
        { "a\n{{t.nothing}}", "line 2: an unknown text: t.nothing" },
        { "{{asset.nothing}}", "line 1: an unknown static file: asset.nothing" },
        { "\n\n{{{x}}}", "line 3: may not stand unescaped: x" },
        { "{{&x}}", "line 1: may not stand unescaped: x" },
        { "{{>nobody}}", "line 1: an unknown template: nobody" },
        { "{{#a}}\n{{/b}}", "line 2: closes what is not open: b" },
        { "{{/b}}", "line 1: closes what is not open: b" },
        { "x\n{{#a}}\n", "line 2: is never closed: a" },
        { "{{a", "line 1: a tag that is never closed" },
        { "{{", "line 1: a tag that is never closed" },
        { "{{{a}}", "line 1: a tag that is never closed" },
        { "{{}}", "line 1: a tag without a proper name:" },
        { "{{a b}}", "line 1: a tag without a proper name: a b" },
        { "{{=a=}}", "delimiters that can't be read:" },
        { "{{=}}", "a tag that is never closed" },
        { "{{{t.hello.you}}}", "line 1: t. and asset. are for" },
        { "{{#t.hello.you}}{{/t.hello.you}}", "line 1: t. and asset. are for" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct mustache_source source = { "page", text_of(cases[i].source) };
        struct mustache *set;
        const struct err *err = mustache_compile(f->ctx, &source, 1, &strict, &set);
        assert_non_null(err);
        if (!strstr(err->detail, cases[i].says) || !strstr(err->detail, "template page, "))
            fail_msg("%s: %s", cases[i].source, err->detail);
    }
}

static void templates_that_never_end_are_stopped(void **state)
{
    struct fixture *f = *state;
    static const struct mustache_settings plain;
    struct mustache_source sources[] = { { "once", TEXT("{{>once}}") },
                                         { "twice", TEXT("{{>twice}}{{>twice}}") },
                                         { "many", TEXT("{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}x{{/a}}{{/a}}{{/a}}{{/a}}"
                                                        "{{/a}}{{/a}}{{/a}}") } };
    struct mustache *set;
    assert_ok(f, mustache_compile(f->ctx, sources, 3, &plain, &set));
    struct node *model = node_object(f->ctx->arena);
    struct node *list = node_put_list(model, KEY("a"));
    for (int i = 0; i < 10; i++)
        node_add_int(list, i);
    struct buffer out = { 0 };
    for (int i = 0; i < 3; i++)
        assert_fails(mustache_render(f->ctx, set, sources[i].name, model, &out), ERR_BROKEN, "error.broken");
    buffer_clear(&out);
    mustache_free(set);
}

static void an_argument_may_hold_a_parent_with_the_same_block(void **state)
{
    struct fixture *f = *state;
    static const struct mustache_settings plain;
    struct mustache_source sources[] = {
        { "page", TEXT("{{<frame}}{{$main}}m{{<card}}{{$main}}inner{{/main}}{{/card}}{{/main}}{{/frame}}") },
        { "frame", TEXT("[{{$main}}{{/main}}]") },
        { "card", TEXT("({{$main}}{{/main}})") }
    };
    struct mustache *set;
    assert_ok(f, mustache_compile(f->ctx, sources, 3, &plain, &set));
    struct buffer out = { 0 };
    assert_ok(f, mustache_render(f->ctx, set, "page", node_object(f->ctx->arena), &out));
    assert_true(text_is(buffer_view(&out), "[m(inner)]"));
    buffer_clear(&out);
    mustache_free(set);
}

/* Fifty rows of ten fields; prints how long one page takes, for whoever builds a release. */
static void a_page_of_fifty_rows(void **state)
{
    struct fixture *f = *state;
    static const struct mustache_settings plain;
    struct buffer source = { 0 };
    buffer_string(&source, "<table>\n{{#rows}}\n<tr>");
    for (int i = 0; i < 10; i++)
        buffer_printf(&source, "<td class=\"c\">{{f%d}}</td>", i);
    buffer_string(&source, "</tr>\n{{/rows}}\n</table>\n");
    struct mustache_source page = { "page", buffer_view(&source) };
    struct mustache *set;
    assert_ok(f, mustache_compile(f->ctx, &page, 1, &plain, &set));
    struct node *model = node_object(f->ctx->arena), *rows = node_put_list(model, KEY("rows"));
    for (int r = 0; r < 50; r++) {
        struct node *row = node_add_object(rows);
        for (int i = 0; i < 10; i++) {
            char name[4];
            snprintf(name, sizeof name, "f%d", i);
            node_put_string(row, key_intern(text_of(name)), "村里的一条诉求 <b>");
        }
    }
    struct buffer out = { 0 };
    struct timespec from, to;
    enum { TIMES = 200 };
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < TIMES; i++) {
        out.size = 0;
        assert_ok(f, mustache_render(f->ctx, set, "page", model, &out));
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    double micros = ((double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec)) / 1e3 / TIMES;
    print_message("a page of 50 rows x 10 fields (%zu bytes): %.1f microseconds\n", out.size, micros);
    assert_int_equal(out.size, 17 + 50 * (10 + 10 * (19 + 31)));
    buffer_clear(&out);
    buffer_clear(&source);
    mustache_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_specification_passes, begin, end),
        cmocka_unit_test_setup_teardown(the_tester_notices_a_wrong_answer, begin, end),
        cmocka_unit_test_setup_teardown(roots_are_set_in_while_compiling, begin, end),
        cmocka_unit_test_setup_teardown(a_wrong_template_is_refused_with_its_name_and_line, begin, end),
        cmocka_unit_test_setup_teardown(templates_that_never_end_are_stopped, begin, end),
        cmocka_unit_test_setup_teardown(an_argument_may_hold_a_parent_with_the_same_block, begin, end),
        cmocka_unit_test_setup_teardown(a_page_of_fifty_rows, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
