/* base/buffer.c */
#include "base/buffer.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_clear(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){ 0 };
}

void buffer_grow(struct buffer *buffer, size_t more)
{
    size_t room = buffer->room ? buffer->room * 2 : 256;
    while (room < buffer->size + more)
        room *= 2;
    char *at = realloc(buffer->at, room);
    if (!at)
        BUG("out of memory");
    buffer->at = at;
    buffer->room = room;
}

void buffer_string(struct buffer *buffer, const char *string)
{
    buffer_add(buffer, string, strlen(string));
}

void buffer_text(struct buffer *buffer, struct text text)
{
    buffer_add(buffer, text.at, text.size);
}

void buffer_byte(struct buffer *buffer, char byte)
{
    buffer_add(buffer, &byte, 1);
}

void buffer_int(struct buffer *buffer, int64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        *--at = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        *--at = '-';
    buffer_add(buffer, at, (size_t)(digits + sizeof digits - at));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    size_t room = buffer->room - buffer->size;
    int size = vsnprintf(room ? buffer->at + buffer->size : NULL, room, format, arguments);
    va_end(arguments);
    if (size < 0)
        BUG("a format that cannot be printed: %s", format);
    if ((size_t)size >= room) {
        buffer_reserve(buffer, (size_t)size + 1);
        vsnprintf(buffer->at + buffer->size, (size_t)size + 1, format, again);
    }
    va_end(again);
    buffer->size += (size_t)size;
}

static const char *entity_of(char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* Whether a byte of EIGHT may be one of the five: & and ' differ in one bit, < and > too. (v - 1) & ~v has its high bit where
 * a byte v is 0, and at most in bytes above such a one. */
static bool may_need_entity(uint64_t eight)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    uint64_t quote = eight ^ ones * '"', ampersand = (eight | ones) ^ ones * '\'', angle = (eight | ones << 1) ^ ones * '>';
    return (((quote - ones) & ~quote) | ((ampersand - ones) & ~ampersand) | ((angle - ones) & ~angle)) & high;
}

static size_t plain_size(struct text text)
{
    size_t i = 0;
    for (uint64_t eight; text.size - i >= sizeof eight; i += sizeof eight) {
        memcpy(&eight, text.at + i, sizeof eight);
        if (may_need_entity(eight))
            break;
    }
    while (i < text.size && !entity_of(text.at[i]))
        i++;
    return i;
}

void buffer_html(struct buffer *buffer, struct text text)
{
    while (text.size) {
        size_t plain = plain_size(text);
        buffer_add(buffer, text.at, plain);
        if (plain == text.size)
            return;
        buffer_string(buffer, entity_of(text.at[plain]));
        text = (struct text){ text.at + plain + 1, text.size - plain - 1 };
    }
}

void buffer_json(struct buffer *buffer, struct text text)
{
    buffer_byte(buffer, '"');
    for (size_t i = 0; i < text.size;) {
        unsigned char byte = (unsigned char)text.at[i];
        size_t plain = i;
        while (plain < text.size && (byte = (unsigned char)text.at[plain]) >= 0x20 && byte < 0x80 && byte != '"' &&
               byte != '\\')
            plain++;
        if (plain > i) {
            buffer_add(buffer, text.at + i, plain - i);
            i = plain;
            continue;
        }
        if (byte == '"' || byte == '\\') {
            char escape[2] = { '\\', (char)byte };
            buffer_add(buffer, escape, 2);
            i++;
        } else if (byte < 0x20) {
            const char *short_form = byte == '\n' ? "\\n" : byte == '\r' ? "\\r" : byte == '\t' ? "\\t" : NULL;
            if (short_form)
                buffer_string(buffer, short_form);
            else
                buffer_printf(buffer, "\\u%04x", byte);
            i++;
        } else {
            size_t size = text_character_size((struct text){ text.at + i, text.size - i });
            if (size)
                buffer_add(buffer, text.at + i, size);
            else
                buffer_string(buffer, "\xef\xbf\xbd");
            i += size ? size : 1;
        }
    }
    buffer_byte(buffer, '"');
}

char *buffer_take(struct buffer *buffer, size_t *ret_size)
{
    char *at = buffer->at;
    *ret_size = buffer->size;
    *buffer = (struct buffer){ 0 };
    return at;
}
