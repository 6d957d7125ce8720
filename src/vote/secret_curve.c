/* vote/secret_curve.c -- Ed25519 with secret exponents: libsodium's functions, which take the same time for every
 * number. They report the exponent zero and the neutral element as failures after having computed the right point; a
 * branch on that report would tell, so it isn't looked at.
 */
#include "vote/secret_inside.h"

#include "base/err.h"

#include <sodium.h>

static const uint8_t neutral[CURVE_SIZE] = { 1 };

static uint8_t half_of(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

static void read(struct text text, struct point *ret)
{
    if (text.size != 2 * CURVE_SIZE)
        BUG("a point of another length");
    for (int i = 0; i < CURVE_SIZE; i++)
        ret->at[CURVE_SIZE - 1 - i] = (uint8_t)(half_of(text.at[2 * i]) << 4 | half_of(text.at[2 * i + 1]));
}

static size_t encode(const struct point *point, char ret[POINT_TEXT])
{
    uint8_t reversed[CURVE_SIZE];
    for (int i = 0; i < CURVE_SIZE; i++)
        reversed[i] = point->at[CURVE_SIZE - 1 - i];
    sodium_bin2hex(ret, POINT_TEXT, reversed, sizeof(reversed));
    sodium_memzero(reversed, sizeof(reversed));
    return 2 * CURVE_SIZE;
}

static void write_little(const struct secret *x, uint8_t ret[SCALAR_SIZE])
{
    for (int i = 0; i < SCALAR_SIZE; i++)
        ret[i] = (uint8_t)(x->at[i / 8] >> (8 * (i % 8)));
}

static void power(struct group *group, const struct point *base, const struct secret *x, struct point *ret)
{
    struct point made = { { 1 } };
    uint8_t little[SCALAR_SIZE];
    (void)group;
    if (sodium_memcmp(base->at, neutral, CURVE_SIZE) !=
        0) { /* only a sum over no ballots is neutral, and everybody sees it */
        write_little(x, little);
        (void)!crypto_scalarmult_ed25519_noclamp(made.at, little, base->at);
        sodium_memzero(little, sizeof(little));
    }
    *ret = made;
    point_wipe(&made);
}

static void power_generator(struct group *group, const struct secret *x, struct point *ret)
{
    struct point made = { { 0 } };
    uint8_t little[SCALAR_SIZE];
    (void)group;
    write_little(x, little);
    (void)!crypto_scalarmult_ed25519_base_noclamp(made.at, little);
    sodium_memzero(little, sizeof(little));
    *ret = made;
    point_wipe(&made);
}

static void multiply(struct group *group, const struct point *a, const struct point *b, struct point *ret)
{
    struct point made = { { 0 } };
    (void)group;
    if (crypto_core_ed25519_add(made.at, a->at, b->at) != 0)
        BUG("a point that is none");
    *ret = made;
    point_wipe(&made);
}

const struct secret_verbs secret_curve_verbs = { read, encode, power, power_generator, multiply };
