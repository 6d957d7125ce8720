/* When this fails, look in src/civic/tiles.c. */
#include "vectors.h"

#include "base/buffer.h"
#include "civic/tiles.h"

static void paths_of_the_vectors_are_taken_or_refused(void **state)
{
    struct fixture *f = *state;
    int good = 0, bad = 0;
    node_each (test, vector_json(f, "tile-paths.json")) {
        struct text path = node_find_text(&test->value, KEY("path"));
        const struct node *want = node_find(&test->value, KEY("want"));
        struct tile tile;
        if (want->kind == NODE_NULL) {
            assert_case(path, !tile_path_parse(path, &tile));
            bad++;
            continue;
        }
        assert_case(path, tile_path_parse(path, &tile));
        assert_case(path, tile.is_entries == text_is(node_find_text(want, KEY("level")), "entries"));
        assert_case(path, tile.level == (unsigned)node_find_int(want, KEY("level"), 0));
        assert_case(path, tile.index == (uint64_t)node_find_int(want, KEY("index"), -1));
        assert_case(path, tile.width == (unsigned)node_find_int(want, KEY("width"), -1));
        assert_case(path, text_is(path, tile_path_print(f->ctx->arena, &tile)));
        good++;
    }
    assert_true(good == 7 && bad == 8);
}

static void a_tile_has_one_path_only(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "tile",
        "tile/",
        "/tile/0/001",
        "tile/0",
        "tile/0/",
        "tile/0/001/",
        "tile/0/001.p",
        "tile/0/001.p/",
        "tile/0/001.p/5/",
        "tile/0/001.p/5/6",
        "tile/0/x000/001",
        "tile/0/x001",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/001.p/-5",
        "tile/0/+01",
        "tile/0/x001//067",
        "tile//001",
        "tile/entries",
        "tile/Entries/001",
        "tile/8/0/001",
        "tile/0/x018/x446/x744/x073/x709/x551/616", /* 2^64 */
        "tile/0/x018/x446/x744/x073/x709/x551/x615/000",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct tile tile;
        assert_case(text_of(refused[i]), !tile_path_parse(text_of(refused[i]), &tile));
    }
}

static void every_index_goes_there_and_back(void **state)
{
    struct fixture *f = *state;
    static const uint64_t indexes[] = { 0, 1, 999, 1000, 1001, 999999, 1000000, 123456789012345, UINT64_MAX };
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
        for (unsigned width = 1; width <= TILE_FULL; width += 51) {
            struct tile tile = { .level = 3, .index = indexes[i], .width = width }, again;
            assert_true(tile_path_parse(text_of(tile_path_print(f->ctx->arena, &tile)), &again));
            assert_true(again.index == indexes[i] && again.width == width && again.level == 3 && !again.is_entries);
        }
    }
    struct tile bundle = { .is_entries = true, .index = 1234067, .width = 9 };
    assert_string_equal(tile_path_print(f->ctx->arena, &bundle), "tile/entries/x001/x234/067.p/9");
}

static void widths_follow_the_size(void **state)
{
    (void)state;
    assert_int_equal(tile_width(0, 0, 0), 0);
    assert_int_equal(tile_width(0, 0, 1), 1);
    assert_int_equal(tile_width(0, 0, 256), 256);
    assert_int_equal(tile_width(0, 1, 256), 0);
    assert_int_equal(tile_width(0, 1, 257), 1);
    assert_int_equal(tile_width(1, 0, 255), 0);
    assert_int_equal(tile_width(1, 0, 600), 2);
    assert_int_equal(tile_width(2, 0, 70000), 1);
    assert_int_equal(tile_width(8, 0, UINT64_MAX), 0);
    assert_int_equal(tile_width(0, UINT64_MAX, UINT64_MAX), 0);
    assert_int_equal(tile_width(0, UINT64_MAX / 256, UINT64_MAX), 255);
    assert_int_equal(tile_row_count(1, 70000), 273);
    struct tile tile = { .level = 0, .index = 2, .width = 88 };
    assert_true(tile_is_within(&tile, 600));
    tile.width = 89;
    assert_false(tile_is_within(&tile, 600));
    tile.width = 0;
    assert_false(tile_is_within(&tile, 600));
}

static void entries_go_into_a_bundle_and_out(void **state)
{
    struct fixture *f = *state;
    scoped(buffer_clear) struct buffer bundle = { 0 };
    char *longest = arena_alloc(f->ctx->arena, TILE_ENTRY_MOST + 1);
    assert_true(entry_bundle_add(&bundle, TEXT("first")));
    assert_true(entry_bundle_add(&bundle, TEXT("")));
    assert_true(entry_bundle_add(&bundle, (struct text){ longest, TILE_ENTRY_MOST }));
    size_t size = bundle.size;
    assert_false(entry_bundle_add(&bundle, (struct text){ longest, TILE_ENTRY_MOST + 1 }));
    assert_int_equal(bundle.size, size);
    assert_int_equal(size, 2 + 5 + 2 + 2 + TILE_ENTRY_MOST);

    struct text rest = buffer_view(&bundle), entry;
    assert_true(entry_bundle_next(&rest, &entry) && text_is(entry, "first"));
    assert_true(entry_bundle_next(&rest, &entry) && entry.size == 0);
    assert_true(entry_bundle_next(&rest, &entry) && entry.size == TILE_ENTRY_MOST);
    assert_false(entry_bundle_next(&rest, &entry));
    assert_int_equal(rest.size, 0);
    struct text cut = { bundle.at, 4 };
    assert_false(entry_bundle_next(&cut, &entry));
    assert_int_equal(cut.size, 4);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(paths_of_the_vectors_are_taken_or_refused), vector_test(a_tile_has_one_path_only),
        vector_test(every_index_goes_there_and_back),           vector_test(widths_follow_the_size),
        vector_test(entries_go_into_a_bundle_and_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
