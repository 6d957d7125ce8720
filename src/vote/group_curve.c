/* vote/group_curve.c -- Ed25519 by libsodium's point functions.
 * Belenios writes a point as the hexadecimal digits of RFC 8032's bytes in reversed order. libsodium's functions check less
 * than a verifier needs (addition takes points outside the subgroup) and refuse what it needs (the neutral element), so
 * decode() lets only members in and the neutral element has its own branch everywhere.
 */
#include "vote/group_inside.h"

#include "base/err.h"

#include <sodium.h>

static const char order[] = "7237005577332262213973186563042994240857116359379907606001950938285454250989";

static bool is_neutral(const struct group *group, const struct element *element)
{
    return element_equal(element, &group->neutral);
}

static int digit(char hex)
{
    if (hex >= '0' && hex <= '9')
        return hex - '0';
    return hex >= 'a' && hex <= 'f' ? hex - 'a' + 10 : -1;
}

static bool decode(struct group *group, struct text text, struct element *ret)
{
    struct element read = { { 0 } };
    if (text.size != 2 * CURVE_SIZE)
        return false;
    for (int i = 0; i < CURVE_SIZE; i++) {
        int high = digit(text.at[2 * i]), low = digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        read.at[CURVE_SIZE - 1 - i] = (uint8_t)(high << 4 | low);
    }
    if (!is_neutral(group, &read) && crypto_core_ed25519_is_valid_point(read.at) != 1)
        return false;
    *ret = read;
    return true;
}

static void encode(struct group *group, const struct element *element, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * CURVE_SIZE];
    (void)group;
    for (int i = 0; i < CURVE_SIZE; i++) {
        text[2 * i] = digits[element->at[CURVE_SIZE - 1 - i] >> 4];
        text[2 * i + 1] = digits[element->at[CURVE_SIZE - 1 - i] & 15];
    }
    buffer_add(out, text, sizeof(text));
}

static void multiply(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    struct element made = { { 0 } };
    (void)group;
    if (crypto_core_ed25519_add(made.at, a->at, b->at) != 0)
        BUG("a point that is none");
    *ret = made;
}

static void divide(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    struct element made = { { 0 } };
    (void)group;
    if (crypto_core_ed25519_sub(made.at, a->at, b->at) != 0)
        BUG("a point that is none");
    *ret = made;
}

static void power(struct group *group, const struct element *a, const struct scalar *x, struct element *ret)
{
    struct element made = { { 0 } };
    uint8_t little[SCALAR_SIZE];
    if (scalar_is_zero(x) || is_neutral(group, a)) {
        *ret = group->neutral;
        return;
    }
    for (int i = 0; i < SCALAR_SIZE; i++)
        little[i] = x->at[SCALAR_SIZE - 1 - i];
    int failed = element_equal(a, &group->generator) ? crypto_scalarmult_ed25519_base_noclamp(made.at, little)
                                                     : crypto_scalarmult_ed25519_noclamp(made.at, little, a->at);
    if (failed)
        BUG("a point outside the group");
    *ret = made;
}

static void power_both(struct group *group, const struct element *a, const struct scalar *x, const struct element *b,
                       const struct scalar *y, struct element *ret)
{
    struct element left, right;
    power(group, a, x, &left);
    power(group, b, y, &right);
    multiply(group, &left, &right, ret);
}

const struct group_verbs group_curve_verbs = { decode, encode, multiply, divide, power, power_both };

void group_curve_open(struct group *group)
{
    if (sodium_init() < 0)
        BUG("libsodium does not start");
    group_must(BN_dec2bn(&group->inside->order, order) == (int)sizeof(order) - 1);
    group->neutral.at[0] = 1;
    group->generator.at[0] = 0x58;
    memset(group->generator.at + 1, 0x66, CURVE_SIZE - 1);
}
