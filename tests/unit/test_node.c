/* When this fails, look in src/base/node.c, src/base/json.c and src/base/id.c. */
#include "fixture.h"

#include "base/json.h"
#include "base/node.h"

static void a_tree_is_written_as_it_was_built(void **state)
{
    struct fixture *f = *state;
    struct node *page = node_object(f->ctx->arena);
    node_put_int(page, KEY("b"), 2);
    struct node *rows = node_put_list(page, KEY("rows"));
    struct node *row = node_add_object(rows);
    for (int i = 0; i < 40; i++) /* the parent grows while the child is held */
        node_add_int(rows, i);
    node_put_text(row, KEY("n"), TEXT("村"));
    node_put_id(row, KEY("id"), INT64_MAX);
    node_put_int(page, KEY("b"), 3);
    struct buffer out = { 0 };
    node_write(node_find(page, KEY("b")), &out);
    assert_true(text_is(buffer_view(&out), "3"));
    buffer_clear(&out);
    node_write(row, &out);
    assert_true(text_is(buffer_view(&out), "{\"n\":\"村\",\"id\":\"9223372036854775807\"}"));
    buffer_clear(&out);
}

static void canonical_json_sorts_at_every_depth(void **state)
{
    struct fixture *f = *state;
    struct node *node;
    assert_ok(f, json_read(f->ctx, text_of(" {\"b\": 1, \"a\": {\"d\": null, \"c\": [true, \"x\"]}, \"aa\":\"\\u6751\"} "), &node));
    struct buffer out = { 0 };
    node_write_canonical(node, &out);
    assert_true(text_is(buffer_view(&out), "{\"a\":{\"c\":[true,\"x\"],\"d\":null},\"aa\":\"村\",\"b\":1}"));
    buffer_clear(&out);
}

static void broken_json_is_refused(void **state)
{
    struct fixture *f = *state;
    struct node *node;
    assert_fails(json_read(f->ctx, text_of("{\"a\":1,\"a\":2}"), &node), ERR_INPUT, "json.malformed");
    assert_fails(json_read(f->ctx, text_of("{"), &node), ERR_INPUT, "json.malformed");
    char deep[200] = { 0 };
    memset(deep, '[', 80);
    memset(deep + 80, ']', 80);
    assert_fails(json_read(f->ctx, text_of(deep), &node), ERR_INPUT, "json.too_deep");
    scoped(buffer_clear) struct buffer wide = { 0 };
    for (int i = 0; i <= 1000; i++)
        buffer_printf(&wide, "%c\"wide%d\":0", i ? ',' : '{', i % 1001);
    buffer_byte(&wide, '}');
    assert_fails(json_read(f->ctx, buffer_view(&wide), &node), ERR_INPUT, "json.too_wide");
}

static void ids_only_grow_even_when_the_clock_is_set_back(void **state)
{
    struct fixture *f = *state;
    int64_t before = id_next(f->ctx);
    for (int i = 0; i < 10000; i++) {
        if (i == 5000)
            fake_clock_set(&f->clock, FIXTURE_NOW - MICROS_PER_DAY);
        int64_t id = id_next(f->ctx);
        assert_true(id > before);
        before = id;
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
        cmocka_unit_test_setup_teardown(a_tree_is_written_as_it_was_built, begin, end),
        cmocka_unit_test_setup_teardown(canonical_json_sorts_at_every_depth, begin, end),
        cmocka_unit_test_setup_teardown(broken_json_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(ids_only_grow_even_when_the_clock_is_set_back, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
