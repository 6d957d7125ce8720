/* base/text.c */
#include "base/text.h"

#include "base/arena.h"

bool text_starts(struct text text, const char *prefix)
{
    size_t size = strlen(prefix);
    return text.size >= size && memcmp(text.at, prefix, size) == 0;
}

bool text_ends(struct text text, const char *suffix)
{
    size_t size = strlen(suffix);
    return text.size >= size && memcmp(text.at + text.size - size, suffix, size) == 0;
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct text text_trim(struct text text)
{
    static const char wide[] = "\xe3\x80\x80"; /* U+3000 */
    for (;;) {
        if (text.size && is_space(text.at[0]))
            text = (struct text){ text.at + 1, text.size - 1 };
        else if (text_starts(text, wide))
            text = (struct text){ text.at + 3, text.size - 3 };
        else
            break;
    }
    for (;;) {
        if (text.size && is_space(text.at[text.size - 1]))
            text.size--;
        else if (text_ends(text, wide))
            text.size -= 3;
        else
            return text;
    }
}

char *text_string(struct arena *arena, struct text text)
{
    return arena_copy(arena, text.at, text.size);
}

struct text text_copy(struct arena *arena, struct text text)
{
    return (struct text){ arena_copy(arena, text.at, text.size), text.size };
}

size_t text_character_size(struct text text)
{
    if (!text.size)
        return 0;
    const unsigned char *at = (const unsigned char *)text.at;
    if (at[0] < 0x80)
        return 1;
    size_t size = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : 2;
    if (at[0] < 0xC2 || at[0] > 0xF4 || text.size < size)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xC0) != 0x80)
            return 0;
    bool is_overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool is_surrogate = at[0] == 0xED && at[1] >= 0xA0;
    bool is_too_large = at[0] == 0xF4 && at[1] >= 0x90;
    return is_overlong || is_surrogate || is_too_large ? 0 : size;
}

bool text_is_utf8(struct text text)
{
    while (text.size) {
        size_t size = text_character_size(text);
        if (!size)
            return false;
        text.at += size;
        text.size -= size;
    }
    return true;
}

static bool is_control(const unsigned char *at, size_t size)
{
    if (size == 1)
        return at[0] < 0x20 ? at[0] != '\t' && at[0] != '\n' && at[0] != '\r' : at[0] == 0x7F;
    if (size == 2)
        return at[0] == 0xC2 && at[1] < 0xA0;
    if (size == 3 && at[0] == 0xE2)
        return (at[1] == 0x80 && at[2] >= 0xAA && at[2] <= 0xAE) || (at[1] == 0x81 && at[2] >= 0xA6 && at[2] <= 0xA9);
    return false;
}

bool text_is_clean(struct text text)
{
    while (text.size) {
        size_t size = text_character_size(text);
        if (!size || is_control((const unsigned char *)text.at, size))
            return false;
        text.at += size;
        text.size -= size;
    }
    return true;
}

struct text text_cleaned(struct arena *arena, struct text text)
{
    char *copy = arena_alloc_raw(arena, text.size + 1);
    size_t kept = 0;
    while (text.size) {
        size_t size = text_character_size(text);
        if (size && !is_control((const unsigned char *)text.at, size)) {
            memcpy(copy + kept, text.at, size);
            kept += size;
        }
        size = size ? size : 1;
        text.at += size;
        text.size -= size;
    }
    copy[kept] = '\0';
    return (struct text){ copy, kept };
}

size_t text_characters(struct text text)
{
    size_t count = 0;
    while (text.size) {
        size_t size = text_character_size(text);
        size = size ? size : 1;
        text.at += size;
        text.size -= size;
        count++;
    }
    return count;
}

bool text_int(struct text text, int64_t *ret)
{
    bool is_negative = text.size && text.at[0] == '-';
    if (is_negative)
        text = (struct text){ text.at + 1, text.size - 1 };
    if (!text.size)
        return false;
    int64_t number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        int digit = text.at[i] - '0';
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, digit, &number))
            return false;
    }
    *ret = is_negative ? -number : number;
    return true;
}

struct text text_cut(struct text text, char separator, struct text *rest)
{
    const char *found = text.size ? memchr(text.at, separator, text.size) : NULL;
    if (!found) {
        *rest = (struct text){ text.at ? text.at + text.size : NULL, 0 };
        return text;
    }
    size_t size = (size_t)(found - text.at);
    *rest = (struct text){ found + 1, text.size - size - 1 };
    return (struct text){ text.at, size };
}
