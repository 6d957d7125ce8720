/* tests/unit/test_qr.c -- the code on the slip. When it fails: src/commons/qr.c. */
#include "fixture.h"

#include "base/node.h"
#include "commons/qr.h"

#include <stdio.h>

/* The three finder patterns: 7 modules wide at three corners, behind the quiet zone, none at the fourth. */
static void the_code_has_its_corners_and_its_quiet_zone(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    struct node *page = node_object(f.ctx->arena);
    qr_put(f.ctx, page, KEY("qr"), "https://yongxing.example/requests/500116106200-QZ-2026-00042");
    const struct node *qr = node_find(page, KEY("qr"));
    const char *box = text_string(f.ctx->arena, node_find_text(qr, KEY("box")));
    const char *path = text_string(f.ctx->arena, node_find_text(qr, KEY("path")));
    int width, height;
    assert_int_equal(sscanf(box, "0 0 %d %d", &width, &height), 2);
    assert_int_equal(width, height);
    assert_non_null(strstr(path, "M4 4h7v1h-7z"));
    assert_non_null(strstr(path, arena_printf(f.ctx->arena, "M%d 4h7v1h-7z", width - 11)));
    assert_non_null(strstr(path, arena_printf(f.ctx->arena, "M4 %dh7v1h-7z", width - 5)));
    assert_null(strstr(path, arena_printf(f.ctx->arena, "M%d %dh7v1h-7z", width - 11, width - 5)));
    fixture_end(&f);
}

static void what_fits_no_code_has_none(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    struct node *page = node_object(f.ctx->arena);
    char long_text[4000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    qr_put(f.ctx, page, KEY("qr"), long_text);
    assert_int_equal(node_find(page, KEY("qr"))->kind, NODE_NULL);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_code_has_its_corners_and_its_quiet_zone),
        cmocka_unit_test(what_fits_no_code_has_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
