/* tests/unit/test_picture.c -- photos: told apart by their bytes, stripped of place and time, bounded. When this fails:
 * record/picture.c. */
#include "fixture.h"

#include "base/buffer.h"
#include "record/picture.h"

static struct fixture f;

static int setup(void **state)
{
    (void)state;
    fixture_begin(&f);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

/* --- pictures made by hand --- */

static struct text made(struct buffer *out)
{
    struct text bytes = text_copy(f.ctx->arena, buffer_view(out));
    buffer_clear(out);
    return bytes;
}

static void segment(struct buffer *out, int marker, const void *body, size_t size)
{
    uint8_t head[4] = { 0xFF, (uint8_t)marker, (uint8_t)((size + 2) >> 8), (uint8_t)(size + 2) };
    buffer_add(out, head, sizeof head);
    buffer_add(out, body, size);
}

#define SECRET "29.2567N 106.2510E 2026-03-01 08:30 PHONE-4711"

/* An EXIF block with the orientation between two other tags, in either byte order, and a place behind it. */
static void exif(struct buffer *out, bool is_big, int orientation)
{
    struct buffer body = { 0 };
    buffer_add(&body, "Exif\0\0", 6);
    if (is_big)
        buffer_add(&body, "MM\0*\0\0\0\10\0\2", 10);
    else
        buffer_add(&body, "II*\0\10\0\0\0\2\0", 10);
    if (is_big) {
        buffer_add(&body, "\x01\x0F\0\2\0\0\0\4abc\0", 12);
        buffer_add(&body, "\x01\x12\0\3\0\0\0\1\0", 9);
        buffer_byte(&body, (char)orientation);
        buffer_add(&body, "\0\0", 2);
    } else {
        buffer_add(&body, "\x0F\x01\2\0\4\0\0\0abc\0", 12);
        buffer_add(&body, "\x12\x01\3\0\1\0\0\0", 8);
        buffer_byte(&body, (char)orientation);
        buffer_add(&body, "\0\0\0", 3);
    }
    buffer_add(&body, "\0\0\0\0", 4);
    buffer_string(&body, SECRET);
    segment(out, 0xE1, body.at, body.size);
    buffer_clear(&body);
}

static void jpeg_picture(struct buffer *out, int width, int height)
{
    uint8_t frame[] = {
        8, (uint8_t)(height >> 8), (uint8_t)height, (uint8_t)(width >> 8), (uint8_t)width, 1, 1, 0x11, 0
    };
    static const uint8_t scan[] = { 1, 1, 0, 0, 63, 0 };
    static const uint8_t data[] = { 0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56 };
    uint8_t table[65] = { 0 };
    segment(out, 0xDB, table, sizeof table);
    segment(out, 0xC0, frame, sizeof frame);
    segment(out, 0xC4, table, 20);
    segment(out, 0xDA, scan, sizeof scan);
    buffer_add(out, data, sizeof data);
    buffer_add(out, "\xFF\xD9", 2);
}

static struct text photo(int orientation, bool is_big, int width, int height)
{
    struct buffer out = { 0 };
    buffer_add(&out, "\xFF\xD8", 2);
    segment(&out, 0xE0, "JFIF\0\1\2\0\0\1\0\1\0\0", 14);
    exif(&out, is_big, orientation);
    segment(&out, 0xE1, "http://ns.adobe.com/xap/1.0/\0" SECRET, sizeof "http://ns.adobe.com/xap/1.0/\0" SECRET);
    segment(&out, 0xE2, "ICC_PROFILE\0\1\1colours", 21);
    segment(&out, 0xE2, "MPF\0" SECRET, sizeof "MPF\0" SECRET);
    segment(&out, 0xED, "Photoshop 3.0\0" SECRET, sizeof "Photoshop 3.0\0" SECRET);
    segment(&out, 0xEE, "Adobe\0\0\0\0\0\0\1", 12);
    segment(&out, 0xFE, SECRET, sizeof SECRET);
    jpeg_picture(&out, width, height);
    buffer_string(&out, "behind the end: " SECRET);
    return made(&out);
}

static void chunk(struct buffer *out, const char *name, const void *data, size_t size)
{
    uint8_t length[4] = { (uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size };
    buffer_add(out, length, 4);
    buffer_add(out, name, 4);
    buffer_add(out, data, size);
    buffer_add(out, "CRC!", 4);
}

static struct text png(uint32_t width, bool with_end)
{
    struct buffer out = { 0 };
    uint8_t header[13] = {
        (uint8_t)(width >> 24), (uint8_t)(width >> 16), (uint8_t)(width >> 8), (uint8_t)width, 0, 0, 0, 3, 8, 2
    };
    buffer_add(&out, "\x89PNG\r\n\x1A\n", 8);
    chunk(&out, "IHDR", header, sizeof header);
    chunk(&out, "tEXt", SECRET, sizeof SECRET);
    chunk(&out, "eXIf", SECRET, sizeof SECRET);
    chunk(&out, "pHYs", "\0\0\0\1\0\0\0\1\0", 9);
    chunk(&out, "iTXt", SECRET, sizeof SECRET);
    chunk(&out, "IDAT", "picture", 7);
    chunk(&out, "tIME", SECRET, 7);
    if (with_end)
        chunk(&out, "IEND", "", 0);
    buffer_string(&out, SECRET);
    return made(&out);
}

static void riff(struct buffer *out, const char *name, const void *data, size_t size)
{
    uint8_t length[4] = { (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24) };
    buffer_add(out, name, 4);
    buffer_add(out, length, 4);
    buffer_add(out, data, size);
    if (size & 1)
        buffer_byte(out, 0);
}

static struct text webp(void)
{
    struct buffer out = { 0 };
    buffer_add(&out, "RIFF\0\0\0\0WEBP", 12);
    riff(&out, "VP8X", "\x2C\0\0\0\x0F\0\0\x09\0\0", 10);
    riff(&out, "ICCP", "colours", 7);
    riff(&out, "VP8L", "\x2F\x0F\x40\x02\0picture", 12);
    riff(&out, "EXIF", SECRET, sizeof SECRET);
    riff(&out, "XMP ", SECRET, sizeof SECRET);
    uint32_t size = (uint32_t)out.size - 8;
    for (int i = 0; i < 4; i++)
        out.at[4 + i] = (char)(size >> (8 * i));
    buffer_string(&out, SECRET);
    return made(&out);
}

static bool holds(struct text bytes, const char *needle)
{
    return memmem(bytes.at, bytes.size, needle, strlen(needle)) != NULL;
}

static struct picture cleaned(struct text bytes)
{
    struct picture picture, again;
    assert_ok(&f, picture_clean(f.ctx, bytes, &picture));
    assert_ok(&f, picture_clean(f.ctx, picture.bytes, &again));
    assert_true(text_equal(picture.bytes, again.bytes)); /* cleaning what is clean changes nothing */
    assert_false(holds(picture.bytes, "106.2510E"));
    return picture;
}

/* --- sentences --- */

static void a_photo_keeps_the_picture_and_loses_place_time_and_phone(void **state)
{
    (void)state;
    struct picture picture = cleaned(photo(1, true, 640, 480));
    assert_int_equal(picture.type, PICTURE_JPEG);
    assert_string_equal(picture.media_type, "image/jpeg");
    assert_int_equal(picture.width, 640);
    assert_int_equal(picture.height, 480);
    assert_true(holds(picture.bytes, "ICC_PROFILE"));
    assert_true(holds(picture.bytes, "Adobe"));
    assert_true(holds(picture.bytes, "JFIF"));
    assert_false(holds(picture.bytes, "Exif"));
    assert_false(holds(picture.bytes, "http"));
    assert_memory_equal(picture.bytes.at + picture.bytes.size - 9, "\x12\xFF\0\x34\xFF\xD0\x56\xFF\xD9", 9);
}

static void a_turned_photo_stays_turned_in_both_byte_orders(void **state)
{
    (void)state;
    for (int is_big = 0; is_big < 2; is_big++)
        for (int orientation = 2; orientation <= 8; orientation++) {
            struct picture picture = cleaned(photo(orientation, is_big, 64, 48));
            const char *exif_block = memmem(picture.bytes.at, picture.bytes.size, "Exif\0\0MM\0*", 10);
            assert_non_null(exif_block);
            assert_memory_equal(exif_block + 14, "\0\1\x01\x12\0\3\0\0\0\1\0", 11);
            assert_int_equal(exif_block[25], orientation);
        }
}

static void an_orientation_that_makes_no_sense_is_dropped(void **state)
{
    (void)state;
    assert_false(holds(cleaned(photo(9, true, 64, 48)).bytes, "Exif"));
    assert_false(holds(cleaned(photo(0, false, 64, 48)).bytes, "Exif"));
}

static void a_png_loses_its_texts(void **state)
{
    (void)state;
    struct picture picture = cleaned(png(5, true));
    assert_int_equal(picture.type, PICTURE_PNG);
    assert_int_equal(picture.width, 5);
    assert_int_equal(picture.height, 3);
    assert_true(holds(picture.bytes, "picture"));
    assert_true(holds(picture.bytes, "pHYs"));
    assert_false(holds(picture.bytes, "tEXt"));
    assert_memory_equal(picture.bytes.at + picture.bytes.size - 8, "IENDCRC!", 8);
}

static void a_webp_loses_exif_and_xmp_and_says_so(void **state)
{
    (void)state;
    struct picture picture = cleaned(webp());
    assert_int_equal(picture.type, PICTURE_WEBP);
    assert_int_equal(picture.width, 16);
    assert_int_equal(picture.height, 10);
    assert_int_equal(picture.bytes.at[20], 0x20); /* only the colour profile is left of the flags */
    assert_false(holds(picture.bytes, "EXIF"));
    assert_false(holds(picture.bytes, "XMP"));
    assert_int_equal((uint8_t)picture.bytes.at[4], picture.bytes.size - 8);
}

static void what_is_no_picture_is_refused_whatever_it_is_called(void **state)
{
    (void)state;
    static const char *const others[] = { "",         "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>",
                                          "%PDF-1.7", "BM",     "\xFF\xD8",
                                          "RIFF\x04", "<html>" };
    struct picture picture;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_fails(picture_clean(f.ctx, text_of(others[i]), &picture), ERR_INPUT, "picture.type");
}

static void a_picture_cut_off_anywhere_is_refused(void **state)
{
    (void)state;
    struct text whole[] = { cleaned(photo(6, true, 64, 48)).bytes, cleaned(png(5, true)).bytes, cleaned(webp()).bytes };
    struct picture picture;
    for (int i = 0; i < 3; i++)
        for (size_t size = 20; size < whole[i].size; size++) {
            /* a copy of its own, so that a read behind the end is found */
            scoped(buffer_clear) struct buffer part = { 0 };
            buffer_add(&part, whole[i].at, size);
            assert_fails(picture_clean(f.ctx, buffer_view(&part), &picture), ERR_INPUT, "picture.broken");
        }
    assert_fails(picture_clean(f.ctx, png(5, false), &picture), ERR_INPUT, "picture.broken");
}

static void a_picture_too_large_is_refused(void **state)
{
    (void)state;
    struct picture picture;
    struct text heavy = { arena_alloc(f.ctx->arena, PICTURE_MOST_BYTES + 1), PICTURE_MOST_BYTES + 1 };
    assert_fails(picture_clean(f.ctx, heavy, &picture), ERR_INPUT, "picture.large");
    assert_fails(picture_clean(f.ctx, photo(1, true, 40000, 10), &picture), ERR_INPUT, "picture.size");
    assert_fails(picture_clean(f.ctx, photo(1, true, 16000, 16000), &picture), ERR_INPUT, "picture.size");
    assert_fails(picture_clean(f.ctx, png(PICTURE_MOST_SIDE + 1, true), &picture), ERR_INPUT, "picture.size");
    assert_fails(picture_clean(f.ctx, png(0, true), &picture), ERR_INPUT, "picture.broken");
    assert_fails(picture_clean(f.ctx, photo(1, true, 64, 0), &picture), ERR_INPUT, "picture.broken");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_photo_keeps_the_picture_and_loses_place_time_and_phone),
        TEST(a_turned_photo_stays_turned_in_both_byte_orders),
        TEST(an_orientation_that_makes_no_sense_is_dropped),
        TEST(a_png_loses_its_texts),
        TEST(a_webp_loses_exif_and_xmp_and_says_so),
        TEST(what_is_no_picture_is_refused_whatever_it_is_called),
        TEST(a_picture_cut_off_anywhere_is_refused),
        TEST(a_picture_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
