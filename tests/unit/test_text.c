/* When this fails, look in src/base/text.c and src/base/buffer.c. */
#include "fixture.h"

#include <stdio.h>

#include "base/buffer.h"
#include "base/text.h"

static void utf8_is_strict(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool is_utf8;
    } cases[] = {
        { "", true },          { "村民", true },         { "\xf0\xa0\xae\xb7", true }, { "\xc0\xaf", false },
        { "\xe0\x80\xaf", false }, { "\xed\xa0\x80", false }, { "\xf4\x90\x80\x80", false }, { "\xe6\x9d", false },
        { "\xff", false },     { "a\x80", false },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (text_is_utf8(text_of(cases[i].bytes)) != cases[i].is_utf8)
            fail_msg("case %zu", i);
}

static void clean_text_has_no_controls(void **state)
{
    (void)state;
    assert_true(text_is_clean(text_of("第一行\n第二行\t完")));
    assert_false(text_is_clean(TEXT("a\0b")));
    assert_false(text_is_clean(text_of("\x1b[31m")));
    assert_false(text_is_clean(text_of("\xe2\x80\xae" "txt.exe"))); /* right-to-left override */
    assert_false(text_is_clean(text_of("\xc2\x85")));
}

static void cleaning_keeps_what_can_be_seen(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct text cleaned = text_cleaned(arena, text_of("\xe2\x80\xaa" "李\x1b村\xff\n\xe2\x80\xac"));
    assert_true(text_is(cleaned, "李村\n"));
    assert_true(text_is_clean(cleaned));
    assert_int_equal(text_cleaned(arena, text_of("")).size, 0);
    arena_free(arena);
}

static void trimming_knows_the_wide_space(void **state)
{
    (void)state;
    assert_true(text_is(text_trim(text_of(" \xe3\x80\x80 黄庄村\n\xe3\x80\x80")), "黄庄村"));
    assert_int_equal(text_trim(text_of(" \xe3\x80\x80")).size, 0);
}

static void characters_are_code_points(void **state)
{
    (void)state;
    assert_int_equal(text_characters(text_of("共治ab")), 4);
}

static void numbers_are_whole_or_refused(void **state)
{
    (void)state;
    int64_t number = 7;
    assert_true(text_int(text_of("-42"), &number));
    assert_int_equal(number, -42);
    assert_true(text_int(text_of("9223372036854775807"), &number));
    assert_false(text_int(text_of("9223372036854775808"), &number));
    assert_false(text_int(text_of("4x"), &number));
    assert_false(text_int(text_of(""), &number));
    assert_false(text_int(text_of("-"), &number));
}

static void escapes_keep_text_inert(void **state)
{
    (void)state;
    struct buffer out = { 0 };
    buffer_html(&out, text_of("<a href='x'>\"&\"</a>"));
    assert_true(text_is(buffer_view(&out), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;"));
    buffer_clear(&out);
    buffer_json(&out, TEXT("\"\\\n\x01\xff村"));
    assert_true(text_is(buffer_view(&out), "\"\\\"\\\\\\n\\u0001\xef\xbf\xbd村\""));
    buffer_clear(&out);
    buffer_int(&out, INT64_MIN);
    assert_true(text_is(buffer_view(&out), "-9223372036854775808"));
    buffer_clear(&out);
}

static void every_special_character_is_escaped_wherever_it_stands(void **state)
{
    (void)state;
    static const char special[] = "&<>\"'", *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
    for (size_t kind = 0; kind < 5; kind++)
        for (size_t place = 0; place < 24; place++) {
            char text[25] = "a村民b 0:1;2=3/4x", wanted[40]; /* plain bytes below and above 0x40 */
            memset(text + strlen(text), '@', 24 - strlen(text));
            memset(text, place % 2 ? '?' : 'A', 12);
            text[place] = special[kind];
            snprintf(wanted, sizeof wanted, "%.*s%s%s", (int)place, text, entities[kind], text + place + 1);
            struct buffer out = { 0 };
            buffer_html(&out, (struct text){ text, 24 });
            assert_true(text_is(buffer_view(&out), wanted));
            buffer_clear(&out);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_is_strict),         cmocka_unit_test(clean_text_has_no_controls),
        cmocka_unit_test(cleaning_keeps_what_can_be_seen), cmocka_unit_test(trimming_knows_the_wide_space), cmocka_unit_test(characters_are_code_points),
        cmocka_unit_test(numbers_are_whole_or_refused),  cmocka_unit_test(escapes_keep_text_inert),
        cmocka_unit_test(every_special_character_is_escaped_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
