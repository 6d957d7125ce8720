/* vote/secret_field.c -- BELENIOS-2048 with secret exponents, by the functions of OpenSSL that take the same time for
 * every number of the same length; so every exponent is brought to one length. Every number here is freed with its
 * bytes wiped.
 */
#include "vote/secret_inside.h"

#include "vote/group_inside.h"

#include <openssl/crypto.h>
#include <sodium.h>

enum { WORDS = ELEMENT_SIZE / 4, DIGITS = 617, PIECE_DIGITS = 9, PIECES = (DIGITS + PIECE_DIGITS - 1) / PIECE_DIGITS };
enum { PIECE = 1000000000 };

/* The decimal text of an element that is public. */
static void read(struct text text, struct point *ret)
{
    char digits[DIGITS + 1] = "";
    BIGNUM *number = NULL;
    group_must(text.size <= DIGITS);
    memcpy(digits, text.at, text.size);
    group_must(BN_dec2bn(&number, digits) == (int)text.size);
    group_must(BN_bn2binpad(number, ret->at, ELEMENT_SIZE) == ELEMENT_SIZE);
    BN_clear_free(number);
}

/* In decimal, nine digits at a time; the divisions are by a constant. */
static size_t encode(const struct point *point, char ret[POINT_TEXT])
{
    uint32_t words[WORDS];
    char digits[PIECES * PIECE_DIGITS];
    int zeros = 0, leading = 1;
    for (int i = 0; i < WORDS; i++) {
        const uint8_t *at = point->at + 4 * i;
        words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    }
    for (int p = PIECES - 1; p >= 0; p--) {
        uint64_t rest = 0;
        for (int i = 0; i < WORDS; i++) {
            rest = rest << 32 | words[i];
            words[i] = (uint32_t)(rest / PIECE);
            rest %= PIECE;
        }
        for (int d = PIECE_DIGITS - 1; d >= 0; d--) {
            digits[p * PIECE_DIGITS + d] = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
    for (int d = 0; d < PIECES * PIECE_DIGITS - 1; d++) {
        leading &= digits[d] == '0';
        zeros += leading;
    }
    now_public(&zeros, sizeof(zeros));
    size_t size = (size_t)(PIECES * PIECE_DIGITS - zeros);
    memcpy(ret, digits + zeros, size);
    sodium_memzero(words, sizeof(words));
    sodium_memzero(digits, sizeof(digits));
    return size;
}

static BIGNUM *number_of(const uint8_t *bytes, int size)
{
    BIGNUM *number = BN_bin2bn(bytes, size, NULL);
    group_must(number != NULL);
    BN_set_flags(number, BN_FLG_CONSTTIME);
    return number;
}

static BIGNUM *room(void)
{
    BIGNUM *number = BN_new();
    group_must(number != NULL);
    BN_set_flags(number, BN_FLG_CONSTTIME);
    return number;
}

/* X + 2q, which raises a member to the same: 33 bytes whatever x is, and never zero. */
static BIGNUM *exponent_of(const struct group_inside *inside, const struct secret *x)
{
    uint8_t order[SCALAR_SIZE], written[SCALAR_SIZE], sum[SCALAR_SIZE + 1];
    unsigned carry = 0;
    secret_bytes(x, written);
    group_must(BN_bn2binpad(inside->order, order, SCALAR_SIZE) == SCALAR_SIZE);
    for (int i = SCALAR_SIZE - 1; i >= 0; i--) {
        carry += written[i] + 2U * order[i];
        sum[i + 1] = (uint8_t)carry;
        carry >>= 8;
    }
    sum[0] = (uint8_t)carry;
    BIGNUM *exponent = number_of(sum, sizeof(sum));
    sodium_memzero(written, sizeof(written));
    sodium_memzero(sum, sizeof(sum));
    return exponent;
}

static void raise(const struct group_inside *inside, const BIGNUM *base, const struct secret *x, struct point *ret)
{
    BIGNUM *exponent = exponent_of(inside, x), *made = room();
    BN_CTX *work = BN_CTX_new(); /* its numbers are wiped with it */
    group_must(work != NULL);
    group_must(BN_mod_exp_mont_consttime(made, base, exponent, inside->modulus, work, inside->reduction));
    group_must(BN_bn2binpad(made, ret->at, ELEMENT_SIZE) == ELEMENT_SIZE);
    BN_CTX_free(work);
    BN_clear_free(made);
    BN_clear_free(exponent);
}

static void power(struct group *group, const struct point *base, const struct secret *x, struct point *ret)
{
    BIGNUM *number = number_of(base->at, ELEMENT_SIZE);
    raise(group->inside, number, x, ret);
    BN_clear_free(number);
}

static void power_generator(struct group *group, const struct secret *x, struct point *ret)
{
    struct point generator = point_of(group, &group->generator);
    power(group, &generator, x, ret);
}

/* a into Montgomery's form, and its product with b out of it again. */
static void multiply(struct group *group, const struct point *a, const struct point *b, struct point *ret)
{
    const struct group_inside *inside = group->inside;
    BIGNUM *left = number_of(a->at, ELEMENT_SIZE), *right = number_of(b->at, ELEMENT_SIZE), *made = room();
    BN_CTX *work = BN_CTX_new();
    group_must(work != NULL);
    group_must(BN_to_montgomery(left, left, inside->reduction, work));
    group_must(BN_mod_mul_montgomery(made, left, right, inside->reduction, work));
    group_must(BN_bn2binpad(made, ret->at, ELEMENT_SIZE) == ELEMENT_SIZE);
    BN_CTX_free(work);
    BN_clear_free(made);
    BN_clear_free(right);
    BN_clear_free(left);
}

const struct secret_verbs secret_field_verbs = { read, encode, power, power_generator, multiply };
