/* http/url.c */
#include "http/url.h"

#include "base/arena.h"

#include <strings.h>

void pairs_add(struct pairs *pairs, struct arena *arena, struct text name, struct text value)
{
    struct pair *pair = arena_new_of(arena, struct pair);
    *pair = (struct pair){ NULL, name, { value.at ? value.at : "", value.size } };
    if (pairs->last)
        pairs->last->next = pair;
    else
        pairs->first = pair;
    pairs->last = pair;
    pairs->count++;
}

struct text pairs_find(const struct pairs *pairs, struct text name)
{
    for (const struct pair *pair = pairs->first; pair; pair = pair->next)
        if (text_equal(pair->name, name))
            return pair->value;
    return (struct text){ NULL, 0 };
}

struct text pairs_find_header(const struct pairs *pairs, const char *name)
{
    size_t size = strlen(name);
    for (const struct pair *pair = pairs->first; pair; pair = pair->next)
        if (pair->name.size == size && !strncasecmp(pair->name.at, name, size))
            return pair->value;
    return (struct text){ NULL, 0 };
}

static int hex_digit(char byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if (byte >= 'a' && byte <= 'f')
        return byte - 'a' + 10;
    if (byte >= 'A' && byte <= 'F')
        return byte - 'A' + 10;
    return -1;
}

bool url_decode(struct arena *arena, struct text text, bool plus_is_space, struct text *ret)
{
    if (!text.size || (!memchr(text.at, '%', text.size) && !(plus_is_space && memchr(text.at, '+', text.size)))) {
        *ret = text;
        return true;
    }
    char *out = arena_alloc_raw(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        char byte = text.at[i];
        if (byte == '%') {
            int high = text.size - i > 2 ? hex_digit(text.at[i + 1]) : -1;
            int low = text.size - i > 2 ? hex_digit(text.at[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            out[size++] = (char)(high * 16 + low);
            i += 2;
        } else {
            out[size++] = byte == '+' && plus_is_space ? ' ' : byte;
        }
    }
    out[size] = '\0';
    *ret = (struct text){ out, size };
    return true;
}

void url_encode(struct buffer *out, struct text text, const char *kept)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.at[i];
        bool is_plain = (byte >= '0' && byte <= '9') || ((byte | 32) >= 'a' && (byte | 32) <= 'z') ||
                        (byte && (strchr("-._~", byte) || strchr(kept, byte)));
        if (is_plain) {
            buffer_byte(out, (char)byte);
        } else {
            char coded[3] = { '%', digits[byte >> 4], digits[byte & 15] };
            buffer_add(out, coded, sizeof coded);
        }
    }
}

/* Marks that can't be seen come with pasted text: whoever asked the question says so, with the text in its form. */
bool url_text_is_good(struct text value)
{
    return text_is_utf8(value) && !memchr(value.at ? value.at : "", '\0', value.size);
}

const struct err *url_read_pairs(struct ctx *ctx, struct text text, struct pairs *pairs)
{
    while (text.size) {
        struct text value, name = text_cut(text_cut(text, '&', &text), '=', &value);
        if (!name.size && !value.size)
            continue;
        if (pairs->count == URL_MOST_PAIRS)
            return err_new(ctx, ERR_INPUT, "http.too_many_fields");
        if (!url_decode(ctx->arena, name, true, &name) || !text_is_clean(name))
            return err_new(ctx, ERR_INPUT, "http.bad_field_name");
        if (!url_decode(ctx->arena, value, true, &value) || !url_text_is_good(value)) {
            const char *field = text_string(ctx->arena, name);
            return err_field(ctx, field, "http.bad_text", field);
        }
        pairs_add(pairs, ctx->arena, name, value);
    }
    return NULL;
}

static bool is_segment(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr("/\t\r\n", text.at[i]))
            return false;
    return !text_is(text, ".") && !text_is(text, "..") && text_is_clean(text);
}

const struct err *url_read_path(struct ctx *ctx, struct text text, struct url_path *ret)
{
    struct buffer whole = { 0 };
    bool is_good = text.size && text.at[0] == '/' && text.size <= 2048;
    struct text rest = is_good ? (struct text){ text.at + 1, text.size - 1 } : (struct text){ "", 0 };
    *ret = (struct url_path){ .count = 0 };
    for (bool is_last = !rest.size; is_good && !is_last;) { /* a slash at the end is an empty segment */
        is_last = !rest.size || !memchr(rest.at, '/', rest.size);
        struct text segment = { "", 0 }, raw = text_cut(rest, '/', &rest);
        is_good = url_decode(ctx->arena, raw, false, &segment) && is_segment(segment);
        buffer_byte(&whole, '/');
        buffer_text(&whole, segment);
        if (ret->count >= 0 && ret->count < URL_MOST_SEGMENTS)
            ret->segments[ret->count++] = segment;
        else
            ret->count = -1;
    }
    if (is_good)
        ret->whole = whole.size ? text_copy(ctx->arena, buffer_view(&whole)) : TEXT("/");
    buffer_clear(&whole);
    return is_good ? NULL : err_new(ctx, ERR_INPUT, "http.bad_address");
}
