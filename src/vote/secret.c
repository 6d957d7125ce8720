/* vote/secret.c -- numbers modulo q in four limbs of 64 bits, for both groups; Montgomery's multiplication, no branch
 * and no address that depends on a number.
 */
#include "vote/secret_inside.h"

#include "base/err.h"

#include <sodium.h>

__extension__ typedef unsigned __int128 double_word;

enum { MOST_DIGITS = 78, HALVES = 2 * SECRET_LIMBS };

/* R is 2^256. */
static const struct modulus {
    const char *group;
    const struct secret_verbs *verbs;
    uint64_t q[SECRET_LIMBS];
    uint64_t square[SECRET_LIMBS]; /* R² mod q */
    uint64_t factor;               /* -1/q mod 2^64 */
} moduli[] = {
    { "Ed25519",
      &secret_curve_verbs,
      { 0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0x0000000000000000, 0x1000000000000000 },
      { 0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d },
      0xd2b51da312547e1b },
    { "BELENIOS-2048",
      &secret_field_verbs,
      { 0xe20263387d55c491, 0xf0fa90c2168bc709, 0xf4daa0f2579db7f2, 0xadb6066a73522565 },
      { 0x86f97f21e709e1e9, 0x7dc1a384a29b91b0, 0x0ad58bc1dba6f5c0, 0x8668302335c7b5bb },
      0x27fd9552bdf1838f },
};

static const struct modulus *modulus_of(const struct group *group)
{
    for (size_t i = 0; i < sizeof(moduli) / sizeof(moduli[0]); i++)
        if (strcmp(group->name, moduli[i].group) == 0)
            return &moduli[i];
    BUG("a group without secrets");
}

void secret_wipe(struct secret *secret)
{
    sodium_memzero(secret, sizeof(*secret));
}

void point_wipe(struct point *point)
{
    sodium_memzero(point, sizeof(*point));
}

/* a - b; 1 when it goes below zero. */
static uint64_t take(uint64_t ret[SECRET_LIMBS], const uint64_t a[SECRET_LIMBS], const uint64_t b[SECRET_LIMBS])
{
    uint64_t borrow = 0;
    for (int i = 0; i < SECRET_LIMBS; i++) {
        double_word difference = (double_word)a[i] - b[i] - borrow;
        ret[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

static void choose(uint64_t into[SECRET_LIMBS], const uint64_t from[SECRET_LIMBS], uint64_t is_true)
{
    uint64_t mask = mask_of(is_true);
    for (int i = 0; i < SECRET_LIMBS; i++)
        into[i] ^= mask & (into[i] ^ from[i]);
}

/* A number below 2q, whose fifth limb is CARRY, brought below q. */
static struct secret reduce_once(const struct modulus *modulus, const uint64_t a[SECRET_LIMBS], uint64_t carry)
{
    struct secret reduced;
    uint64_t below = take(reduced.at, a, modulus->q);
    choose(reduced.at, a, below & (carry ^ 1));
    return reduced;
}

/* a·b/R mod q; a below R, b below q. */
static struct secret montgomery(const struct modulus *modulus, const uint64_t a[SECRET_LIMBS],
                                const uint64_t b[SECRET_LIMBS])
{
    uint64_t sum[SECRET_LIMBS + 2] = { 0 };
    for (int i = 0; i < SECRET_LIMBS; i++) {
        double_word carry = 0;
        for (int j = 0; j < SECRET_LIMBS; j++) {
            carry += (double_word)a[i] * b[j] + sum[j];
            sum[j] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += sum[SECRET_LIMBS];
        sum[SECRET_LIMBS] = (uint64_t)carry;
        sum[SECRET_LIMBS + 1] = (uint64_t)(carry >> 64);
        uint64_t times = sum[0] * modulus->factor;
        carry = (double_word)times * modulus->q[0] + sum[0];
        carry >>= 64;
        for (int j = 1; j < SECRET_LIMBS; j++) {
            carry += (double_word)times * modulus->q[j] + sum[j];
            sum[j - 1] = (uint64_t)carry;
            carry >>= 64;
        }
        carry += sum[SECRET_LIMBS];
        sum[SECRET_LIMBS - 1] = (uint64_t)carry;
        sum[SECRET_LIMBS] = sum[SECRET_LIMBS + 1] + (uint64_t)(carry >> 64);
    }
    struct secret product = reduce_once(modulus, sum, sum[SECRET_LIMBS]);
    sodium_memzero(sum, sizeof(sum));
    return product;
}

/* Any four limbs modulo q. */
static struct secret reduce(const struct modulus *modulus, const uint64_t a[SECRET_LIMBS])
{
    static const uint64_t one[SECRET_LIMBS] = { 1 };
    scoped(secret_wipe) struct secret raised = montgomery(modulus, a, modulus->square);
    return montgomery(modulus, raised.at, one);
}

static void read_limbs(const uint8_t *bytes, uint64_t ret[SECRET_LIMBS])
{
    for (int i = 0; i < SECRET_LIMBS; i++) {
        ret[i] = 0;
        for (int j = 0; j < 8; j++)
            ret[i] = ret[i] << 8 | bytes[8 * (SECRET_LIMBS - 1 - i) + j];
    }
}

struct secret secret_add(struct group *group, const struct secret *a, const struct secret *b)
{
    const struct modulus *modulus = modulus_of(group);
    scoped(secret_wipe) struct secret sum;
    double_word carry = 0;
    for (int i = 0; i < SECRET_LIMBS; i++) {
        carry += (double_word)a->at[i] + b->at[i];
        sum.at[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return reduce_once(modulus, sum.at, (uint64_t)carry);
}

struct secret secret_subtract(struct group *group, const struct secret *a, const struct secret *b)
{
    const struct modulus *modulus = modulus_of(group);
    struct secret difference;
    uint64_t mask = mask_of(take(difference.at, a->at, b->at));
    double_word carry = 0;
    for (int i = 0; i < SECRET_LIMBS; i++) {
        carry += (double_word)difference.at[i] + (modulus->q[i] & mask);
        difference.at[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return difference;
}

struct secret secret_multiply(struct group *group, const struct secret *a, const struct secret *b)
{
    const struct modulus *modulus = modulus_of(group);
    scoped(secret_wipe) struct secret raised = montgomery(modulus, a->at, modulus->square);
    return montgomery(modulus, raised.at, b->at);
}

struct secret secret_of_number(uint64_t number)
{
    return (struct secret){ { number } };
}

struct secret secret_of_scalar(const struct scalar *scalar)
{
    struct secret secret;
    read_limbs(scalar->at, secret.at);
    return secret;
}

struct secret secret_of_hash(struct group *group, const struct sha256 *hash)
{
    scoped(secret_wipe) struct secret read;
    read_limbs(hash->bytes, read.at);
    return reduce(modulus_of(group), read.at);
}

/* high·R + low: Montgomery's product of high and R² is high·R. */
struct secret secret_of_wide(struct group *group, const uint8_t wide[SECRET_WIDE])
{
    const struct modulus *modulus = modulus_of(group);
    scoped(secret_wipe) struct secret high, low;
    read_limbs(wide, high.at);
    read_limbs(wide + SCALAR_SIZE, low.at);
    high = montgomery(modulus, high.at, modulus->square);
    low = reduce(modulus, low.at);
    return secret_add(group, &high, &low);
}

/* 512 bits modulo q: no number is likelier than another by more than 2^-256. */
struct secret secret_draw(struct group *group)
{
    uint8_t wide[SECRET_WIDE];
    struct secret drawn;
    do {
        randombytes_buf(wide, sizeof(wide));
        drawn = secret_of_wide(group, wide);
    } while (secret_is_zero(&drawn));
    sodium_memzero(wide, sizeof(wide));
    return drawn;
}

struct scalar secret_publish(const struct secret *secret)
{
    struct scalar scalar;
    secret_bytes(secret, scalar.at);
    now_public(&scalar, sizeof(scalar));
    return scalar;
}

bool secret_decode(struct group *group, struct text text, struct secret *ret)
{
    const struct modulus *modulus = modulus_of(group);
    scoped(secret_wipe) struct secret read = { { 0 } };
    scoped(secret_wipe) struct secret rest;
    uint64_t wrong = 0;
    if (text.size == 0 || text.size > MOST_DIGITS || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint64_t digit = (uint64_t)(uint8_t)text.at[i] - '0';
        wrong |= digit > 9; /* a compiler's comparison of small numbers, no branch on the digit's value */
        double_word carry = digit;
        for (int j = 0; j < SECRET_LIMBS; j++) {
            carry += (double_word)read.at[j] * 10;
            read.at[j] = (uint64_t)carry;
            carry >>= 64;
        }
        wrong |= (uint64_t)carry;
    }
    wrong |= take(rest.at, read.at, modulus->q) ^ 1;
    now_public(&wrong, sizeof(wrong));
    if (wrong)
        return false;
    *ret = read;
    return true;
}

size_t secret_encode(const struct secret *secret, char ret[SECRET_TEXT])
{
    uint32_t halves[HALVES];
    char digits[MOST_DIGITS];
    int zeros = 0, leading = 1;
    for (int i = 0; i < HALVES; i++)
        halves[i] = (uint32_t)(secret->at[i / 2] >> (32 * (i % 2)));
    for (int d = MOST_DIGITS - 1; d >= 0; d--) {
        uint64_t rest = 0;
        for (int i = HALVES - 1; i >= 0; i--) {
            rest = rest << 32 | halves[i];
            halves[i] = (uint32_t)(rest / 10); /* by a constant: compiled as a multiplication */
            rest %= 10;
        }
        digits[d] = (char)('0' + rest);
    }
    for (int d = 0; d < MOST_DIGITS - 1; d++) {
        leading &= digits[d] == '0';
        zeros += leading;
    }
    now_public(&zeros, sizeof(zeros)); /* the length can be seen, as in the file it goes to */
    memcpy(ret, digits + zeros, (size_t)(MOST_DIGITS - zeros));
    ret[MOST_DIGITS - zeros] = '\0';
    sodium_memzero(halves, sizeof(halves));
    sodium_memzero(digits, sizeof(digits));
    return (size_t)(MOST_DIGITS - zeros);
}

uint64_t secret_equal(const struct secret *a, const struct secret *b)
{
    uint64_t different = 0;
    for (int i = 0; i < SECRET_LIMBS; i++)
        different |= a->at[i] ^ b->at[i];
    return is_zero_word(different);
}

bool secret_is_zero(const struct secret *a)
{
    static const struct secret zero;
    uint64_t is_zero = secret_equal(a, &zero);
    now_public(&is_zero, sizeof(is_zero)); /* asked to refuse it, not to choose a way */
    return is_zero;
}

void secret_take_if(struct secret *into, const struct secret *from, uint64_t is_true)
{
    choose(into->at, from->at, is_true);
}

void point_take_if(struct point *into, const struct point *from, uint64_t is_true)
{
    uint8_t mask = (uint8_t)mask_of(is_true);
    for (int i = 0; i < ELEMENT_SIZE; i++)
        into->at[i] ^= mask & (into->at[i] ^ from->at[i]);
}

struct point point_of(struct group *group, const struct element *element)
{
    scoped(buffer_clear) struct buffer text = { 0 };
    struct point point = { { 0 } };
    group_encode(group, element, &text);
    modulus_of(group)->verbs->read(buffer_view(&text), &point);
    return point;
}

struct text point_encode(struct group *group, const struct point *point, char ret[POINT_TEXT])
{
    size_t size = modulus_of(group)->verbs->encode(point, ret);
    ret[size] = '\0';
    return (struct text){ ret, size };
}

struct text point_tell(struct group *group, const struct point *point, char ret[POINT_TEXT])
{
    struct text text = point_encode(group, point, ret);
    now_public(text.at, text.size);
    return text;
}

struct element point_publish(struct group *group, const struct point *point)
{
    char text[POINT_TEXT];
    struct element element;
    if (!group_decode(group, point_tell(group, point, text), &element))
        BUG("what was computed is no member of the group");
    return element;
}

void point_power(struct group *group, const struct point *base, const struct secret *x, struct point *ret)
{
    modulus_of(group)->verbs->power(group, base, x, ret);
}

void point_power_generator(struct group *group, const struct secret *x, struct point *ret)
{
    modulus_of(group)->verbs->power_generator(group, x, ret);
}

void point_multiply(struct group *group, const struct point *a, const struct point *b, struct point *ret)
{
    modulus_of(group)->verbs->multiply(group, a, b, ret);
}
