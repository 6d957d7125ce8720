/* tests/unit/test_csv.c -- what offices save as CSV is read, and what is written is read back as it was. */
#include "fixture.h"

#include "record/csv.h"

static void begin(struct fixture *f, struct text bytes, struct csv *csv)
{
    fixture_begin(f);
    assert_ok(f, csv_open(f->ctx, bytes, csv));
}

static bool next(struct fixture *f, struct csv *csv)
{
    bool more;
    assert_ok(f, csv_next(csv, &more));
    return more;
}

static void assert_cell(const struct csv *csv, int at, const char *expected)
{
    assert_true(at < csv->count);
    if (!text_is(csv->cells[at], expected))
        fail_msg("cell %d is [%.*s], not [%s]", at, (int)csv->cells[at].size, csv->cells[at].at, expected);
}

static void rows_of_every_separator_and_line_end(void **state)
{
    (void)state;
    const char *const files[] = { "a,b\r\n1,2\r\n", "a;b\n1;2", "a\tb\r1\t2\r",
                                  ("\xef\xbb\xbf" "a,b\n\n ,\n1,2\n") };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct fixture f;
        struct csv csv;
        begin(&f, text_of(files[i]), &csv);
        assert_true(next(&f, &csv));
        assert_int_equal(csv.count, 2);
        assert_cell(&csv, 0, "a");
        assert_true(next(&f, &csv));
        assert_cell(&csv, 1, "2");
        assert_int_equal(csv.line, i == 3 ? 4 : 2);
        assert_false(next(&f, &csv));
        fixture_end(&f);
    }
}

static void quoted_cells_hold_anything(void **state)
{
    (void)state;
    struct fixture f;
    struct csv csv;
    begin(&f, TEXT("a,b\n\"x,\"\"y\"\"\nz\", \"q\" \nlast,\xe3\x80\x80 \xe7\x8e\x8b \n"), &csv);
    assert_true(next(&f, &csv));
    assert_true(next(&f, &csv));
    assert_cell(&csv, 0, "x,\"y\"\nz");
    assert_cell(&csv, 1, "q");
    assert_true(next(&f, &csv));
    assert_int_equal(csv.line, 4);
    assert_cell(&csv, 1, "王");
    fixture_end(&f);
}

static void gb_18030_and_utf_16_are_read(void **state)
{
    (void)state;
    const struct text files[] = { TEXT("\xd0\xd5\xc3\xfb,\xbb\xa7\xba\xc5\n\xcd\xf5,1\n"),
                                  TEXT("\xff\xfe\xd3\x59\x0d\x54,\0\x37\x62\xf7\x53\n\0\x8b\x73,\0001\0\n\0") };
    for (int i = 0; i < 2; i++) {
        struct fixture f;
        struct csv csv;
        begin(&f, files[i], &csv);
        assert_true(next(&f, &csv));
        assert_cell(&csv, 0, "姓名");
        assert_cell(&csv, 1, "户号");
        assert_true(next(&f, &csv));
        assert_cell(&csv, 0, "王");
        fixture_end(&f);
    }
}

static void malformed_files_say_where(void **state)
{
    (void)state;
    const struct {
        struct text bytes;
        const char *said;
    } cases[] = {
        { TEXT("a,\xff\xff\xff\xff"), "csv.encoding" },
        { TEXT("a,b\0c\n"), "csv.encoding" },
        { TEXT("name\n张大山\n李\xe5\xb0山\n"), "csv.spoilt" }, /* as GB 18030 it would be other people */
        { TEXT("\xef\xbb\xbf" "name\n\xd5\xc5\n"), "csv.spoilt" },
        { TEXT("a,b\n\"never ends\n1,2\n"), "csv.quote" },
        { TEXT("a,b\n\"x\"y,2\n"), "csv.quote" },
        { TEXT(",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,x\n"), "csv.cells" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        fixture_begin(&f);
        struct csv csv;
        bool more = true;
        const struct err *failed = csv_open(f.ctx, cases[i].bytes, &csv);
        while (!failed && more)
            failed = csv_next(&csv, &more);
        assert_fails(failed, ERR_INPUT, cases[i].said);
        if (strcmp(cases[i].said, "csv.spoilt") == 0)
            assert_string_equal(failed->arguments[0], i == 2 ? "3" : "2");
        fixture_end(&f);
    }
}

static void formulas_are_guarded_and_come_back(void **state)
{
    (void)state;
    const char *const cells[] = { "=1+1",        "+8613900000000", "-5", "@SUM(A1)", "plain", "a,b",
                                  "say \"yes\"", "two\nlines",     "",   "'quoted",  "王",    "a\rb" };
    enum { CELLS = sizeof cells / sizeof *cells };
    struct fixture f;
    fixture_begin(&f);
    scoped(buffer_clear) struct buffer out = { 0 };
    for (int i = 0; i < CELLS; i++)
        csv_put(&out, text_of(cells[i]), i == 0, ',');
    for (size_t i = 0; i < out.size; i++) /* never at the beginning of a cell */
        if (strchr("=+-@", out.at[i]) && i > 0)
            assert_true(out.at[i - 1] == '\'' || out.at[i] == '+');
    buffer_string(&out, "\r\n");
    struct csv csv;
    assert_ok(&f, csv_open(f.ctx, buffer_view(&out), &csv));
    assert_true(next(&f, &csv));
    assert_int_equal(csv.count, CELLS);
    for (int i = 0; i < CELLS; i++)
        assert_cell(&csv, i, cells[i]);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_every_separator_and_line_end), cmocka_unit_test(quoted_cells_hold_anything),
        cmocka_unit_test(gb_18030_and_utf_16_are_read),         cmocka_unit_test(malformed_files_say_where),
        cmocka_unit_test(formulas_are_guarded_and_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
