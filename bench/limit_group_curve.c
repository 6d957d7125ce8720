/* bench/limit_group_curve.c -- Ed25519 by libsodium's functions alone, as src/vote/group_curve.c was at first: one
 * multiplication after another. Linked in its place, it makes the verifier that ours is measured beside; all else is
 * the same.
 */
#include "vote/group_inside.h"

#include "base/arena.h"
#include "base/err.h"

#include <sodium.h>

static const uint64_t order[SCALAR_LIMBS] = { 0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000 };

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

static bool read(const struct group *group, struct text text, struct element *ret)
{
    (void)group;
    *ret = (struct element){ .is_point = false };
    if (text.size != 2 * CURVE_SIZE)
        return false;
    for (int i = 0; i < CURVE_SIZE; i++) {
        int high = digit(text.at[2 * i]), low = digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        ret->at[CURVE_SIZE - 1 - i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static void encode(const struct group *group, const struct element *element, struct buffer *out)
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

static void multiply(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    struct element made = { .is_point = false };
    if (is_neutral(group, a))
        made = *b;
    else if (is_neutral(group, b))
        made = *a;
    else if (crypto_core_ed25519_add(made.at, a->at, b->at) != 0)
        BUG("a point that is none");
    *ret = made;
}

static void divide(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    struct element made = { .is_point = false };
    (void)group;
    if (crypto_core_ed25519_sub(made.at, a->at, b->at) != 0)
        BUG("a point that is none");
    *ret = made;
}

static void power(const struct group *group, const struct element *a, const struct scalar *x, struct element *ret)
{
    struct element made = { .is_point = false };
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

static bool powers(const struct group *group, const struct element *base, const struct scalar *x, int count,
                   bool is_unchecked, struct element *ret)
{
    if (is_unchecked && !is_neutral(group, base) && crypto_core_ed25519_is_valid_point(base->at) != 1)
        return false;
    for (int i = 0; i < count; i++)
        power(group, base, &x[i], &ret[i]);
    return true;
}

static void *table_new(const struct group *group, struct arena *arena, const struct element *base)
{
    struct element *kept = arena_new_of(arena, struct element);
    (void)group;
    *kept = *base;
    return kept;
}

static void table_multiply(const struct group *group, const void *table, const struct scalar *x,
                           struct element *product)
{
    struct element raised;
    power(group, table, x, &raised);
    multiply(group, product, &raised, product);
}

const struct group_verbs group_curve_verbs = {
    read, encode, multiply, divide, powers, table_new, table_multiply, NULL
};

void group_curve_open(struct group *group, struct arena *arena)
{
    if (sodium_init() < 0)
        BUG("libsodium does not start");
    memcpy(group->order, order, sizeof(order));
    group->neutral.at[0] = 1;
    group->generator.at[0] = 0x58;
    memset(group->generator.at + 1, 0x66, CURVE_SIZE - 1);
    group->generator_table = group_table_new(group, arena, &group->generator);
}
