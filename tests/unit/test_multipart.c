/* When this fails, look in src/http/form.c. */
#include "fixture.h"

#include "http/form.h"

#define PART(name) "--XX\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"
#define FILE_PART(name, file) "--XX\r\nContent-Disposition: form-data; name=\"" name "\"; filename=\"" file "\"\r\n\r\n"

static const struct err *read_parts(struct fixture *f, const char *body, struct form *form)
{
    *form = (struct form){ 0 };
    return form_read_multipart(f->ctx, TEXT("XX"), text_of(body), true, form);
}

static void parts_are_taken_apart(void **state)
{
    struct fixture *f = *state;
    struct form form;
    assert_ok(f, read_parts(f, PART("a") "one\r\n--X\r\n" "\r\n" PART("b") "\r\n" FILE_PART("photo", "/tmp/x/../树.jpg") "JPEG\r\n"
                               FILE_PART("empty", "") "\r\n--XX--\r\n", &form));
    assert_true(text_is(pairs_find(&form.fields, TEXT("a")), "one\r\n--X\r\n"));
    struct text b = pairs_find(&form.fields, TEXT("b"));
    assert_true(b.at && !b.size);
    assert_int_equal(form.files, 1);
    assert_true(text_is(form.uploads->field, "photo"));
    assert_true(text_is(form.uploads->file_name, "树.jpg"));
    assert_true(text_is(form.uploads->bytes, "JPEG"));
    assert_null(form.uploads->next);
    assert_ok(f, read_parts(f, "--XX--", &form));
    assert_int_equal(form.fields.count, 0);
}

static void the_header_may_be_written_in_many_ways(void **state)
{
    struct fixture *f = *state;
    struct form form;
    assert_ok(f, read_parts(f, "--XX\r\nX-Other: 1\r\ncontent-disposition:form-data;name=a;x=\"; name=b\"\r\n"
                               "Content-Type: text/plain\r\n\r\nv\r\n--XX--", &form));
    assert_true(text_is(pairs_find(&form.fields, TEXT("a")), "v"));
    assert_ok(f, read_parts(f, "--XX\r\nContent-Disposition: form-data; name=\"a\\\"b;c\"\r\n\r\nv\r\n--XX--", &form));
    assert_true(text_is(form.fields.first->name, "a\\\"b;c"));
}

static void broken_bodies_are_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "", "--XX", "--XX\r\n", "preamble\r\n" PART("a") "v\r\n--XX--", PART("a") "v", PART("a") "v\r\n--XX", PART("a") "v\r\n--XX\r\n",
        PART("a") "v\r\n--XX--epilogue", "--XX\r\n\r\nv\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\nv\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"\"\r\n\r\nv\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\nv\r\n--XX--",
        "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nv\r\n--XX--", "--XX\r\nno colon\r\n\r\nv\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\nv\r\n--XX--",
        "--XX\nContent-Disposition: form-data; name=\"a\"\n\nv\n--XX--"
    };
    struct form form;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(read_parts(f, bad[i], &form), ERR_INPUT, "http.bad_multipart");
    char wide[FORM_MOST_PART_HEADER + 200];
    memset(wide, 'a', sizeof wide);
    memcpy(wide, "--XX\r\nX: ", 9);
    memcpy(wide + sizeof wide - 5, "\r\n\r\n", 5);
    assert_fails(read_parts(f, wide, &form), ERR_INPUT, "http.bad_multipart");
}

static void what_is_no_text_is_named(void **state)
{
    struct fixture *f = *state;
    struct form form;
    const struct err *err = read_parts(f, PART("story") "\xc3\x28\r\n--XX--", &form);
    assert_fails(err, ERR_INPUT, "http.bad_text");
    assert_string_equal(err_root(err)->field, "story");
    assert_fails(read_parts(f, PART("\xff") "v\r\n--XX--", &form), ERR_INPUT, "http.bad_field_name");
    assert_fails(read_parts(f, FILE_PART("f", "\xff") "v\r\n--XX--", &form), ERR_INPUT, "http.bad_file_name");
    struct text with_nul = TEXT(PART("a") "a\0b\r\n--XX--");
    form = (struct form){ 0 };
    assert_fails(form_read_multipart(f->ctx, TEXT("XX"), with_nul, true, &form), ERR_INPUT, "http.bad_text");
}

static void fields_and_files_are_counted(void **state)
{
    struct fixture *f = *state;
    struct form form;
    struct buffer body = { 0 };
    for (int i = 0; i < 100; i++)
        buffer_string(&body, PART("a") "v\r\n");
    const char *hundred = arena_printf(f->ctx->arena, "%.*s--XX--", (int)body.size, body.at);
    const char *more = arena_printf(f->ctx->arena, "%.*s" PART("a") "v\r\n--XX--", (int)body.size, body.at);
    assert_ok(f, read_parts(f, hundred, &form));
    assert_int_equal(form.fields.count, 100);
    assert_fails(read_parts(f, more, &form), ERR_INPUT, "http.too_many_fields");
    body.size = 0;
    for (int i = 0; i < 11; i++)
        buffer_string(&body, FILE_PART("f", "x.jpg") "v\r\n");
    buffer_string(&body, "--XX--");
    buffer_byte(&body, '\0');
    assert_fails(read_parts(f, body.at, &form), ERR_INPUT, "http.too_many_files");
    assert_int_equal(form.files, 10);
    buffer_clear(&body);
}

static void boundaries_are_checked(void **state)
{
    (void)state;
    struct text boundary;
    assert_true(form_boundary(TEXT("multipart/form-data; boundary=----WebKitFormBoundaryA1"), &boundary));
    assert_true(text_is(boundary, "----WebKitFormBoundaryA1"));
    assert_true(form_boundary(TEXT("multipart/form-data; charset=utf-8; Boundary=\"a b:c\""), &boundary));
    assert_true(text_is(boundary, "a b:c"));
    static const char *const bad[] = { "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a",
                                       "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=a<b",
                                       "multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(form_boundary(text_of(bad[i]), &boundary));
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
        cmocka_unit_test_setup_teardown(parts_are_taken_apart, begin, end),
        cmocka_unit_test_setup_teardown(the_header_may_be_written_in_many_ways, begin, end),
        cmocka_unit_test_setup_teardown(broken_bodies_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_text_is_named, begin, end),
        cmocka_unit_test_setup_teardown(fields_and_files_are_counted, begin, end),
        cmocka_unit_test_setup_teardown(boundaries_are_checked, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
