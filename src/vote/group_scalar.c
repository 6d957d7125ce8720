/* vote/group_scalar.c -- numbers modulo q, in four limbs of 64 bits, the same code for both groups. Variable time:
 * public values only (group.h); secret numbers are secret.h's.
 */
#include "vote/group_inside.h"

#include "base/arena.h"

__extension__ typedef unsigned __int128 wide;

enum { MOST_DIGITS = 78, PIECE_DIGITS = 19, LIMBS = SCALAR_LIMBS };
static const uint64_t piece = UINT64_C(10000000000000000000); /* 10^19, the most that a limb holds */

void scalar_limbs(const struct scalar *scalar, uint64_t ret[LIMBS])
{
    for (int i = 0; i < LIMBS; i++) {
        uint64_t limb = 0;
        for (int j = 0; j < 8; j++)
            limb = limb << 8 | scalar->at[8 * (LIMBS - 1 - i) + j];
        ret[i] = limb;
    }
}

static struct scalar scalar_of(const uint64_t limbs[LIMBS])
{
    struct scalar scalar;
    for (int i = 0; i < SCALAR_SIZE; i++)
        scalar.at[SCALAR_SIZE - 1 - i] = (uint8_t)(limbs[i / 8] >> (8 * (i % 8)));
    return scalar;
}

/* a + b, and what goes beyond the highest limb. */
static uint64_t add(const uint64_t a[LIMBS], const uint64_t b[LIMBS], uint64_t ret[LIMBS])
{
    uint64_t carry = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide sum = (wide)a[i] + b[i] + carry;
        ret[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}

/* a - b; 1 when it goes below zero. */
static uint64_t subtract(const uint64_t a[LIMBS], const uint64_t b[LIMBS], uint64_t ret[LIMBS])
{
    uint64_t borrow = 0;
    for (int i = 0; i < LIMBS; i++) {
        wide difference = (wide)a[i] - b[i] - borrow;
        ret[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

static bool is_below(const uint64_t a[LIMBS], const uint64_t b[LIMBS])
{
    uint64_t rest[LIMBS];
    return subtract(a, b, rest);
}

/* a · factor + more, in place; what goes beyond the highest limb. */
static uint64_t multiply_add(uint64_t a[LIMBS], uint64_t factor, uint64_t more)
{
    for (int i = 0; i < LIMBS; i++) {
        wide product = (wide)a[i] * factor + more;
        a[i] = (uint64_t)product;
        more = (uint64_t)(product >> 64);
    }
    return more;
}

/* limbs · 2^bits, bits below 64; what goes beyond is returned. */
static uint64_t shift(const uint64_t *limbs, int count, int bits, uint64_t *ret)
{
    uint64_t carry = 0;
    for (int i = 0; i < count; i++) {
        uint64_t limb = limbs[i];
        ret[i] = limb << bits | carry;
        carry = bits ? limb >> (64 - bits) : 0;
    }
    return carry;
}

/* rest -= divisor · factor over LIMBS + 1 limbs; true when it goes below zero. */
static bool take_multiple(uint64_t *rest, const uint64_t divisor[LIMBS], uint64_t factor)
{
    uint64_t carry = 0, borrow = 0;
    for (int i = 0; i <= LIMBS; i++) {
        wide product = (i < LIMBS ? (wide)divisor[i] * factor : 0) + carry;
        wide difference = (wide)rest[i] - (uint64_t)product - borrow;
        carry = (uint64_t)(product >> 64);
        rest[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
    return borrow;
}

/* The rest of 512 bits divided by q, as on paper with limbs for digits: q moved up until its highest bit stands highest, so
 * that a quotient digit guessed by the highest limbs is at most two too large. */
static void reduce(const uint64_t order[LIMBS], const uint64_t number[2 * LIMBS], uint64_t ret[LIMBS])
{
    uint64_t divisor[LIMBS], rest[2 * LIMBS + 1], moved[LIMBS];
    int bits = __builtin_clzll(order[LIMBS - 1]);
    shift(order, LIMBS, bits, divisor);
    rest[2 * LIMBS] = shift(number, 2 * LIMBS, bits, rest);
    for (int at = LIMBS; at >= 0; at--) {
        uint64_t *part = rest + at, highest = divisor[LIMBS - 1];
        wide two = (wide)part[LIMBS] << 64 | part[LIMBS - 1];
        uint64_t guess = part[LIMBS] >= highest ? UINT64_MAX : (uint64_t)(two / highest);
        bool is_below = take_multiple(part, divisor, guess);
        while (is_below) { /* until the sum passes zero */
            uint64_t carry = add(part, divisor, part);
            part[LIMBS] += carry;
            is_below = !carry || part[LIMBS] != 0;
        }
    }
    for (int i = 0; i < LIMBS; i++)
        moved[i] = rest[i] >> bits | (bits && i + 1 < LIMBS ? rest[i + 1] << (64 - bits) : 0);
    memcpy(ret, moved, sizeof(moved));
}

bool scalar_decode(const struct group *group, struct text text, struct scalar *ret)
{
    uint64_t read[LIMBS] = { 0 };
    if (text.size == 0 || text.size > MOST_DIGITS || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size;) {
        uint64_t digits = 0, factor = 1;
        for (int taken = 0; i < text.size && taken < PIECE_DIGITS; taken++, i++) {
            if (text.at[i] < '0' || text.at[i] > '9')
                return false;
            digits = 10 * digits + (uint64_t)(text.at[i] - '0');
            factor *= 10;
        }
        if (multiply_add(read, factor, digits) != 0)
            return false;
    }
    if (!is_below(read, group->order))
        return false;
    *ret = scalar_of(read);
    return true;
}

const char *scalar_encode(const struct group *group, struct arena *arena, const struct scalar *scalar)
{
    (void)group;
    char digits[MOST_DIGITS + PIECE_DIGITS];
    size_t at = sizeof(digits);
    uint64_t rest[LIMBS];
    scalar_limbs(scalar, rest);
    while (rest[0] | rest[1] | rest[2] | rest[3]) {
        wide remainder = 0;
        for (int i = LIMBS - 1; i >= 0; i--) {
            remainder = remainder << 64 | rest[i];
            rest[i] = (uint64_t)(remainder / piece);
            remainder %= piece;
        }
        uint64_t part = (uint64_t)remainder;
        for (int i = 0; i < PIECE_DIGITS; i++, part /= 10)
            digits[--at] = (char)('0' + part % 10);
    }
    while (at < sizeof(digits) && digits[at] == '0')
        at++;
    return at == sizeof(digits) ? "0" : arena_copy(arena, digits + at, sizeof(digits) - at);
}

struct scalar scalar_of_int(const struct group *group, int64_t from)
{
    (void)group; /* every group's order has more than 63 bits */
    return scalar_of((uint64_t[LIMBS]){ (uint64_t)from });
}

/* The digest is below 2^256: for BELENIOS-2048 at most once q too much, for the curve up to fifteen times. */
struct scalar scalar_of_hash(const struct group *group, const struct sha256 *hash)
{
    struct scalar read;
    uint64_t limbs[LIMBS];
    memcpy(read.at, hash->bytes, SCALAR_SIZE);
    scalar_limbs(&read, limbs);
    while (!is_below(limbs, group->order))
        subtract(limbs, group->order, limbs);
    return scalar_of(limbs);
}

struct scalar scalar_add(const struct group *group, const struct scalar *a, const struct scalar *b)
{
    uint64_t left[LIMBS], right[LIMBS];
    scalar_limbs(a, left);
    scalar_limbs(b, right);
    if (add(left, right, left) || !is_below(left, group->order))
        subtract(left, group->order, left);
    return scalar_of(left);
}

struct scalar scalar_subtract(const struct group *group, const struct scalar *a, const struct scalar *b)
{
    uint64_t left[LIMBS], right[LIMBS];
    scalar_limbs(a, left);
    scalar_limbs(b, right);
    if (subtract(left, right, left))
        add(left, group->order, left);
    return scalar_of(left);
}

struct scalar scalar_multiply(const struct group *group, const struct scalar *a, const struct scalar *b)
{
    uint64_t left[LIMBS], right[LIMBS], product[2 * LIMBS] = { 0 };
    scalar_limbs(a, left);
    scalar_limbs(b, right);
    for (int i = 0; i < LIMBS; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < LIMBS; j++) {
            wide sum = (wide)left[i] * right[j] + product[i + j] + carry;
            product[i + j] = (uint64_t)sum;
            carry = (uint64_t)(sum >> 64);
        }
        product[i + LIMBS] = carry;
    }
    reduce(group->order, product, left);
    return scalar_of(left);
}

/* a^(q - 2) */
struct scalar scalar_invert(const struct group *group, const struct scalar *a)
{
    uint64_t exponent[LIMBS];
    struct scalar power = scalar_of_int(group, 1);
    subtract(group->order, (uint64_t[LIMBS]){ 2 }, exponent);
    for (int i = LIMBS * 64 - 1; i >= 0; i--) {
        power = scalar_multiply(group, &power, &power);
        if (exponent[i / 64] >> (i % 64) & 1)
            power = scalar_multiply(group, &power, a);
    }
    return power;
}

bool scalar_equal(const struct scalar *a, const struct scalar *b)
{
    return memcmp(a->at, b->at, SCALAR_SIZE) == 0;
}

bool scalar_is_zero(const struct scalar *a)
{
    static const struct scalar zero;
    return scalar_equal(a, &zero);
}
