/* record/picture.c -- photos told apart by their bytes and stripped of all that is not the picture.
 * Basis: ITU-T T.81 (JPEG), CIPA DC-008 (EXIF), W3C PNG, the WebP container specification. */
#include "record/picture.h"

#include "base/arena.h"
#include "base/buffer.h"

/* --- reading bytes --- */

struct reader {
    const uint8_t *at;
    size_t size, place;
};

static bool has(const struct reader *reader, size_t count)
{
    return reader->size - reader->place >= count;
}

static uint32_t big(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

static uint32_t little(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count - 1; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

static void put_big(uint8_t *out, uint32_t value, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)(value >> (8 * (count - 1 - i)));
}

static void put_little(uint8_t *out, uint32_t value, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = (uint8_t)(value >> (8 * i));
}

static bool begins(const uint8_t *bytes, size_t size, const char *with, size_t with_size)
{
    return size >= with_size && memcmp(bytes, with, with_size) == 0;
}
#define BEGINS(bytes, size, literal) begins((bytes), (size), literal, sizeof(literal) - 1)

/* --- JPEG: markers with a length, scans up to the next marker --- */

enum {
    SOI = 0xD8,
    EOI = 0xD9,
    SOS = 0xDA,
    RST0 = 0xD0,
    RST7 = 0xD7,
    TEM = 0x01,
    APP0 = 0xE0,
    APP1 = 0xE1,
    APP2 = 0xE2
};
enum { APP14 = 0xEE, COM = 0xFE, DHT = 0xC4, JPG = 0xC8, DAC = 0xCC, SOF0 = 0xC0, SOF15 = 0xCF, JFIF_SIZE = 14 };

struct jpeg {
    struct reader in;
    struct buffer out;
    size_t orientation_place; /* in out: behind the start, or behind JFIF */
    int orientation;          /* 2 to 8; 0 and 1 need no mark */
    int width, height;
    bool has_scan;
};

/* The tag 0x0112 of the first directory of a TIFF block; 0 when there is none or it makes no sense. */
static int exif_orientation(const uint8_t *tiff, size_t size)
{
    bool is_big = BEGINS(tiff, size, "MM\0*");
    if (size < 14 || (!is_big && !BEGINS(tiff, size, "II*\0")))
        return 0;
    uint32_t (*number)(const uint8_t *, int) = is_big ? big : little;
    size_t at = number(tiff + 4, 4);
    if (at > size - 2)
        return 0;
    uint32_t count = number(tiff + at, 2);
    at += 2;
    for (uint32_t i = 0; i < count && at <= size && size - at >= 12; i++, at += 12) {
        if (number(tiff + at, 2) != 0x0112)
            continue;
        uint32_t value = number(tiff + at + 8, 2);
        return number(tiff + at + 2, 2) == 3 && value >= 1 && value <= 8 ? (int)value : 0;
    }
    return 0;
}

static bool is_frame(int marker)
{
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

static void keep_segment(struct jpeg *jpeg, int marker, const uint8_t *body, size_t size)
{
    uint8_t head[4] = { 0xFF, (uint8_t)marker };
    put_big(head + 2, (uint32_t)size + 2, 2);
    buffer_add(&jpeg->out, head, sizeof head);
    buffer_add(&jpeg->out, body, size);
}

/* JFIF without its thumbnail. */
static void keep_jfif(struct jpeg *jpeg, const uint8_t *body, size_t size)
{
    uint8_t plain[JFIF_SIZE];
    if (size < JFIF_SIZE || jpeg->out.size != 2) /* only where it belongs: first */
        return;
    memcpy(plain, body, JFIF_SIZE);
    plain[JFIF_SIZE - 2] = plain[JFIF_SIZE - 1] = 0;
    keep_segment(jpeg, APP0, plain, JFIF_SIZE);
    jpeg->orientation_place = jpeg->out.size;
}

static bool take_frame(struct jpeg *jpeg, const uint8_t *body, size_t size)
{
    if (size < 6 || jpeg->width) /* one frame; a picture of several sizes is none that browsers draw */
        return false;
    jpeg->height = (int)big(body + 1, 2);
    jpeg->width = (int)big(body + 3, 2);
    return jpeg->height && jpeg->width;
}

static bool take_segment(struct jpeg *jpeg, int marker, const uint8_t *body, size_t size)
{
    if (marker == APP0 && BEGINS(body, size, "JFIF\0")) {
        keep_jfif(jpeg, body, size);
        return true;
    }
    if (marker == APP1 && BEGINS(body, size, "Exif\0\0") && !jpeg->orientation) {
        jpeg->orientation = exif_orientation(body + 6, size - 6);
        return true;
    }
    if (is_frame(marker) && !take_frame(jpeg, body, size))
        return false;
    bool is_colour = (marker == APP2 && BEGINS(body, size, "ICC_PROFILE\0")) ||
                     (marker == APP14 && BEGINS(body, size, "Adobe"));
    bool is_aside = (marker >= APP0 && marker <= 0xEF) || marker == COM || marker == JPG || marker < SOF0 ||
                    marker >= 0xF0;
    if (!is_aside || is_colour)
        keep_segment(jpeg, marker, body, size);
    return true;
}

/* Coded data runs until a marker that is neither a stuffed zero nor a restart. */
static void take_scan(struct jpeg *jpeg)
{
    struct reader *in = &jpeg->in;
    size_t from = in->place;
    jpeg->has_scan = true;
    while (in->place + 1 < in->size) {
        uint8_t next = in->at[in->place + 1];
        if (in->at[in->place] == 0xFF && next != 0 && !(next >= RST0 && next <= RST7) && next != 0xFF)
            break;
        in->place++;
    }
    buffer_add(&jpeg->out, in->at + from, in->place - from);
}

static void add_orientation(struct jpeg *jpeg)
{
    uint8_t block[] = { 0xFF, APP1, 0,    34,   'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, '*', 0, 0, 0, 8,
                        0,    1,    0x01, 0x12, 0,   3,   0,   0,   0, 1, 0,   0,   0, 0,   0, 0, 0, 0 };
    if (jpeg->orientation < 2)
        return;
    block[29] = (uint8_t)jpeg->orientation;
    size_t place = jpeg->orientation_place, tail = jpeg->out.size - place;
    buffer_reserve(&jpeg->out, sizeof block);
    memmove(jpeg->out.at + place + sizeof block, jpeg->out.at + place, tail);
    memcpy(jpeg->out.at + place, block, sizeof block);
    jpeg->out.size += sizeof block;
}

/* False when it is broken or cut off. */
static bool clean_jpeg(struct jpeg *jpeg)
{
    struct reader *in = &jpeg->in;
    buffer_add(&jpeg->out, in->at, 2);
    in->place = 2;
    jpeg->orientation_place = 2;
    while (has(in, 2)) {
        if (in->at[in->place] != 0xFF)
            return false;
        int marker = in->at[in->place + 1];
        if (marker == 0xFF) { /* fill */
            in->place++;
            continue;
        }
        in->place += 2;
        if (marker == EOI) {
            buffer_add(&jpeg->out, (const uint8_t[]){ 0xFF, EOI }, 2);
            add_orientation(jpeg);
            return jpeg->has_scan;
        }
        if (marker == SOI || marker == 0)
            return false;
        if (marker == TEM || (marker >= RST0 && marker <= RST7))
            continue;
        if (!has(in, 2))
            return false;
        size_t size = big(in->at + in->place, 2);
        if (size < 2 || !has(in, size))
            return false;
        if (!take_segment(jpeg, marker, in->at + in->place + 2, size - 2))
            return false;
        in->place += size;
        if (marker == SOS && !jpeg->width)
            return false;
        if (marker == SOS)
            take_scan(jpeg);
    }
    return false;
}

/* --- PNG: chunks with length, name, data, checksum --- */

static bool png_keeps(const uint8_t *name)
{
    static const char *const kept[] = { "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA",
                                        "cHRM", "sRGB", "iCCP", "sBIT", "pHYs", "bKGD" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (memcmp(name, kept[i], 4) == 0)
            return true;
    return false;
}

static bool clean_png(struct reader *in, struct buffer *out, int *ret_width, int *ret_height)
{
    bool has_data = false;
    buffer_add(out, in->at, 8);
    in->place = 8;
    while (has(in, 12)) {
        const uint8_t *chunk = in->at + in->place;
        size_t size = big(chunk, 4);
        if (size > INT32_MAX || !has(in, size + 12))
            return false;
        bool is_first = in->place == 8;
        if (is_first != (memcmp(chunk + 4, "IHDR", 4) == 0) || (is_first && size != 13))
            return false;
        if (is_first) {
            uint32_t width = big(chunk + 8, 4), height = big(chunk + 12, 4);
            if (!width || !height || width > INT32_MAX || height > INT32_MAX)
                return false;
            *ret_width = (int)width;
            *ret_height = (int)height;
        }
        has_data = has_data || memcmp(chunk + 4, "IDAT", 4) == 0;
        if (png_keeps(chunk + 4))
            buffer_add(out, chunk, size + 12);
        if (memcmp(chunk + 4, "IEND", 4) == 0)
            return has_data && size == 0;
        in->place += size + 12;
    }
    return false;
}

/* --- WebP: RIFF chunks, padded to even --- */

static bool webp_size(const uint8_t *chunk, size_t size, int *width, int *height)
{
    const uint8_t *data = chunk + 8;
    if (memcmp(chunk, "VP8X", 4) == 0) {
        if (size < 10)
            return false;
        *width = (int)little(data + 4, 3) + 1;
        *height = (int)little(data + 7, 3) + 1;
    } else if (memcmp(chunk, "VP8L", 4) == 0) {
        if (size < 5 || data[0] != 0x2F)
            return false;
        uint32_t bits = little(data + 1, 4);
        *width = (int)(bits & 0x3FFF) + 1;
        *height = (int)(bits >> 14 & 0x3FFF) + 1;
    } else {
        if (size < 10 || memcmp(data + 3, "\x9D\x01\x2A", 3) != 0)
            return false;
        *width = (int)(little(data + 6, 2) & 0x3FFF);
        *height = (int)(little(data + 8, 2) & 0x3FFF);
    }
    return *width && *height;
}

static bool webp_keeps(const uint8_t *name)
{
    static const char *const kept[] = { "VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP" };
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (memcmp(name, kept[i], 4) == 0)
            return true;
    return false;
}

static bool clean_webp(struct reader *in, struct buffer *out, int *ret_width, int *ret_height)
{
    enum { EXIF_AND_XMP = 0x0C };
    size_t end = (size_t)little(in->at + 4, 4) + 8;
    bool has_picture = false;
    if (end > in->size || end < 20)
        return false;
    in->size = end; /* what follows is no part of it */
    buffer_add(out, in->at, 12);
    in->place = 12;
    while (has(in, 8)) {
        const uint8_t *chunk = in->at + in->place;
        size_t size = little(chunk + 4, 4), padded = size + (size & 1);
        if (size > INT32_MAX || !has(in, size + 8))
            return false;
        bool is_first = in->place == 12;
        bool is_picture = memcmp(chunk, "VP8", 3) == 0 && strchr(" LX", chunk[3]) && chunk[3];
        if (is_first && (!is_picture || !webp_size(chunk, size, ret_width, ret_height)))
            return false;
        has_picture = has_picture || (is_picture && chunk[3] != 'X') || memcmp(chunk, "ANMF", 4) == 0;
        if (webp_keeps(chunk)) {
            size_t place = out->size;
            buffer_add(out, chunk, size + 8);
            if (size & 1)
                buffer_byte(out, 0);
            if (memcmp(chunk, "VP8X", 4) == 0 && size >= 1)
                out->at[place + 8] &= (char)~EXIF_AND_XMP;
        }
        in->place = has(in, padded + 8) ? in->place + padded + 8 : in->size;
    }
    put_little((uint8_t *)out->at + 4, (uint32_t)out->size - 8, 4);
    return has_picture && in->place == in->size;
}

/* --- all three --- */

static bool clean(struct reader in, struct picture *picture, struct buffer *out)
{
    if (picture->type == PICTURE_PNG)
        return clean_png(&in, out, &picture->width, &picture->height);
    if (picture->type == PICTURE_WEBP)
        return clean_webp(&in, out, &picture->width, &picture->height);
    struct jpeg jpeg = { .in = in };
    bool is_whole = clean_jpeg(&jpeg);
    picture->width = jpeg.width;
    picture->height = jpeg.height;
    *out = jpeg.out;
    return is_whole;
}

static bool find_type(struct text bytes, struct picture *picture)
{
    const uint8_t *at = (const uint8_t *)bytes.at;
    if (BEGINS(at, bytes.size, "\xFF\xD8\xFF"))
        *picture = (struct picture){ .type = PICTURE_JPEG, .media_type = "image/jpeg" };
    else if (BEGINS(at, bytes.size, "\x89PNG\r\n\x1A\n"))
        *picture = (struct picture){ .type = PICTURE_PNG, .media_type = "image/png" };
    else if (bytes.size >= 16 && BEGINS(at, bytes.size, "RIFF") && memcmp(at + 8, "WEBPVP8", 7) == 0)
        *picture = (struct picture){ .type = PICTURE_WEBP, .media_type = "image/webp" };
    else
        return false;
    return true;
}

fallible picture_clean(struct ctx *ctx, struct text bytes, struct picture *ret)
{
    struct picture picture;
    struct buffer out = { 0 };
    if (bytes.size > PICTURE_MOST_BYTES)
        return err_new(ctx, ERR_INPUT, "picture.large", arena_printf(ctx->arena, "%d", PICTURE_MOST_BYTES >> 20));
    if (!find_type(bytes, &picture))
        return err_new(ctx, ERR_INPUT, "picture.type");
    bool is_whole = clean((struct reader){ (const uint8_t *)bytes.at, bytes.size, 0 }, &picture, &out);
    if (is_whole)
        picture.bytes = text_copy(ctx->arena, buffer_view(&out));
    buffer_clear(&out);
    if (!is_whole)
        return err_new(ctx, ERR_INPUT, "picture.broken");
    if (picture.width > PICTURE_MOST_SIDE || picture.height > PICTURE_MOST_SIDE ||
        (int64_t)picture.width * picture.height > PICTURE_MOST_PIXELS)
        return err_new(ctx, ERR_INPUT, "picture.size");
    *ret = picture;
    return NULL;
}
