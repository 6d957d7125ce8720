/* civic/identity.c */
#include "civic/identity.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/day.h"

#include <string.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool are_digits(struct text text)
{
    for (size_t i = 0; i < text.size; i++)
        if (!is_digit(text.at[i]))
            return false;
    return true;
}

/* KEEP characters at the front and TAIL at the end stay, the rest become stars; all of them where that would show all.
 */
static const char *mask(struct arena *arena, struct text text, size_t size, size_t keep, size_t tail)
{
    char *masked = arena_copy(arena, text.at, text.size);
    bool is_expected = text.size == size;
    for (size_t i = 0; i < text.size; i++)
        is_expected &= (uint8_t)text.at[i] < 0x80;
    for (size_t i = 0; i < text.size; i++)
        if (!is_expected || (i >= keep && i < size - tail))
            masked[i] = '*';
    return masked;
}

/* ---- GB 11643: six digits of place, eight of birth, three of sequence, one check character ---- */

static char identity_check_character(const char *number)
{
    static const int weights[IDENTITY_SIZE - 1] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
    int sum = 0;
    for (int i = 0; i < IDENTITY_SIZE - 1; i++)
        sum += (number[i] - '0') * weights[i];
    return "10X98765432"[sum % 11];
}

static int number_in(const char *at, int size)
{
    int number = 0;
    for (int i = 0; i < size; i++)
        number = number * 10 + (at[i] - '0');
    return number;
}

/* The standard's own example was born in 1880, before day_from() begins: so it counts in the cycle after, the calendar
 * repeating itself every 400 years of 146,097 days. */
static int32_t birth_day(int year, int month, int day)
{
    int32_t found = year < 1800 ? DAY_NONE : day_from(year + 400, month, day);
    return found == DAY_NONE ? DAY_NONE : found - 146097;
}

const struct err *identity_parse(struct ctx *ctx, struct text number, int32_t today, struct identity *ret)
{
    struct identity identity = { 0 };
    if (number.size != IDENTITY_SIZE)
        return err_new(ctx, ERR_INPUT, "identity.length");
    memcpy(identity.number, number.at, IDENTITY_SIZE);
    char *last = &identity.number[IDENTITY_SIZE - 1];
    if (*last == 'x')
        *last = 'X';
    for (int i = 0; i < IDENTITY_SIZE; i++)
        if (!is_digit(identity.number[i]) && !(i == IDENTITY_SIZE - 1 && *last == 'X'))
            return err_new(ctx, ERR_INPUT, "identity.digit", arena_printf(ctx->arena, "%d", i + 1));
    identity.birth = birth_day(number_in(identity.number + 6, 4), number_in(identity.number + 10, 2),
                               number_in(identity.number + 12, 2));
    if (identity.birth == DAY_NONE)
        return err_new(ctx, ERR_INPUT, "identity.birth");
    if (identity.birth > today)
        return err_new(ctx, ERR_INPUT, "identity.future");
    if (*last != identity_check_character(identity.number))
        return err_new(ctx, ERR_INPUT, "identity.check");
    identity.sex = (identity.number[16] - '0') % 2 ? SEX_MALE : SEX_FEMALE;
    *ret = identity;
    return NULL;
}

const char *identity_mask(struct arena *arena, struct text number)
{
    return mask(arena, number, IDENTITY_SIZE, 6, 4);
}

/* ---- GB 32100: registering body, kind, six of division, nine of the body's number, one check character ---- */

const struct err *credit_code_check(struct ctx *ctx, struct text code)
{
    static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    int sum = 0, value = 0, weight = 1; /* weights are powers of 3 modulo 31 */
    if (code.size != CREDIT_CODE_SIZE)
        return err_new(ctx, ERR_INPUT, "credit_code.length");
    for (int i = 0; i < CREDIT_CODE_SIZE; i++) {
        const char *found = code.at[i] ? strchr(letters, code.at[i]) : NULL;
        if (!found)
            return err_new(ctx, ERR_INPUT, "credit_code.letter", arena_printf(ctx->arena, "%d", i + 1));
        value = (int)(found - letters);
        if (i < CREDIT_CODE_SIZE - 1) {
            sum += value * weight;
            weight = weight * 3 % 31;
        }
    }
    if (value != (31 - sum % 31) % 31)
        return err_new(ctx, ERR_INPUT, "credit_code.check");
    return NULL;
}

/* ---- mobile numbers ---- */

const struct err *phone_check(struct ctx *ctx, struct text phone)
{
    if (phone.size != PHONE_SIZE || !are_digits(phone) || phone.at[0] != '1' || phone.at[1] < '3')
        return err_new(ctx, ERR_INPUT, "phone.form");
    return NULL;
}

const char *phone_mask(struct arena *arena, struct text phone)
{
    return mask(arena, phone, PHONE_SIZE, 3, 4);
}

/* ---- names ---- */

enum letter { LETTER_NONE, LETTER_CHINESE, LETTER_LATIN, LETTER_DOT, LETTER_JOINT };

static uint32_t code_point(const char *at, size_t size)
{
    const uint8_t *bytes = (const uint8_t *)at;
    uint32_t code = size == 1 ? bytes[0] : bytes[0] & (0x7fu >> size);
    for (size_t i = 1; i < size; i++)
        code = code << 6 | (bytes[i] & 0x3f);
    return code;
}

static bool within(uint32_t code, uint32_t first, uint32_t last)
{
    return code >= first && code <= last;
}

static enum letter letter_of(uint32_t code)
{
    if (within(code, 0x4E00, 0x9FFF) || within(code, 0x3400, 0x4DBF) || within(code, 0xF900, 0xFAFF) ||
        within(code, 0x20000, 0x3FFFD) || code == 0x3007 /* 〇 */)
        return LETTER_CHINESE;
    if (within(code | 0x20, 'a', 'z') || (within(code, 0xC0, 0x24F) && code != 0xD7 && code != 0xF7) ||
        within(code, 0x1E00, 0x1EFF))
        return LETTER_LATIN;
    if (code == 0xB7)
        return LETTER_DOT;
    return code == ' ' || code == '-' || code == '\'' ? LETTER_JOINT : LETTER_NONE;
}

const struct err *name_check(struct ctx *ctx, struct text name)
{
    size_t characters = text_characters(name);
    if (characters < NAME_LEAST || characters > NAME_MOST)
        return err_new(ctx, ERR_INPUT, "name.length");
    enum letter before = LETTER_NONE;
    struct text rest = name;
    while (rest.size) {
        size_t size = text_character_size(rest);
        enum letter letter = size ? letter_of(code_point(rest.at, size)) : LETTER_NONE;
        struct text next = { rest.at + size, rest.size - size };
        size_t next_size = text_character_size(next);
        enum letter after = next_size ? letter_of(code_point(next.at, next_size)) : LETTER_NONE;
        bool is_between_names = (before == LETTER_CHINESE || before == LETTER_LATIN) &&
                                (after == LETTER_CHINESE || after == LETTER_LATIN);
        bool is_between_letters = before == LETTER_LATIN && after == LETTER_LATIN;
        if (letter == LETTER_NONE || (letter == LETTER_DOT && !is_between_names) ||
            (letter == LETTER_JOINT && !is_between_letters))
            return err_new(ctx, ERR_INPUT, "name.character",
                           size ? text_string(ctx->arena, (struct text){ rest.at, size }) : "\xef\xbf\xbd");
        before = letter;
        rest = next;
    }
    return NULL;
}
