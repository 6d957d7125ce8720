/* vote/curve.c -- Ed25519 for verifying. VARIABLE TIME: PUBLIC VALUES ONLY (see curve.h).
 *
 * Bounds of limbs. What a multiplication gives is "tight": below 2^51 + 2^15. The sum of two tight numbers and the
 * difference of a tight or summed one and a tight one are below 2^54, and that is all a multiplication asks of its
 * inputs: a sum of products, four of them times 19, then stays below 2^115, its carry below 2^64, and the highest sum's
 * carry times 19 as well.
 */
#include "vote/curve.h"

#include <string.h>

__extension__ typedef unsigned __int128 wide;

enum { BITS = 51, WINDOW = 5, BUCKETS = 8 };
static const uint64_t mask = (UINT64_C(1) << BITS) - 1;

static const struct curve_number zero, one = { { 1 } };
static const struct curve_number curve_d = { { 0x34dca135978a3, 0x1a8283b156ebd, 0x5e7a26001c029, 0x739c663a03cbb,
                                               0x52036cee2b6ff } };
static const struct curve_number curve_2d = { { 0x69b9426b2f159, 0x35050762add7a, 0x3cf44c0038052, 0x6738cc7407977,
                                                0x2406d9dc56dff } };
static const struct curve_number root_of_minus_one = { { 0x61b274a0ea0b0, 0x0d5a5fc8f189d, 0x7ef5e9cbd0c60,
                                                         0x78595a6804c9e, 0x2b8324804fc1d } };

const struct curve_point curve_neutral = { .y = { { 1 } }, .z = { { 1 } } };
const struct curve_point curve_generator = {
    { { 0x62d608f25d51a, 0x412a4b4f6592a, 0x75b7171a4b31d, 0x1ff60527118fe, 0x216936d3cd6e5 } },
    { { 0x6666666666658, 0x4cccccccccccc, 0x1999999999999, 0x3333333333333, 0x6666666666666 } },
    { { 1 } },
    { { 0x68ab3a5b7dda3, 0x00eea2a5eadbb, 0x2af8df483c27e, 0x332b375274732, 0x67875f0fd78b7 } },
};

/* --- numbers modulo 2^255 - 19 --- */

/* Inlined everywhere: the five limbs then live in registers. */
#define INLINE static inline __attribute__((always_inline))

INLINE void number_add(const struct curve_number *a, const struct curve_number *b, struct curve_number *ret)
{
    for (int i = 0; i < CURVE_LIMBS; i++)
        ret->at[i] = a->at[i] + b->at[i];
}

/* 2p is added, so that no limb goes below zero: b is tight. */
INLINE void number_subtract(const struct curve_number *a, const struct curve_number *b, struct curve_number *ret)
{
    ret->at[0] = a->at[0] + 2 * (mask - 18) - b->at[0];
    for (int i = 1; i < CURVE_LIMBS; i++)
        ret->at[i] = a->at[i] + 2 * mask - b->at[i];
}

/* Five sums of products, each below 2^115, to a tight number. */
INLINE void carry_over(wide s0, wide s1, wide s2, wide s3, wide s4, struct curve_number *ret)
{
    uint64_t r0, r1, r2, r3, r4;
    s1 += (uint64_t)(s0 >> BITS);
    r0 = (uint64_t)s0 & mask;
    s2 += (uint64_t)(s1 >> BITS);
    r1 = (uint64_t)s1 & mask;
    s3 += (uint64_t)(s2 >> BITS);
    r2 = (uint64_t)s2 & mask;
    s4 += (uint64_t)(s3 >> BITS);
    r3 = (uint64_t)s3 & mask;
    r0 += 19 * (uint64_t)(s4 >> BITS);
    r4 = (uint64_t)s4 & mask;
    r1 += r0 >> BITS;
    r0 &= mask;
    *ret = (struct curve_number){ { r0, r1, r2, r3, r4 } };
}

INLINE void number_multiply(const struct curve_number *a, const struct curve_number *b, struct curve_number *ret)
{
    uint64_t a0 = a->at[0], a1 = a->at[1], a2 = a->at[2], a3 = a->at[3], a4 = a->at[4];
    uint64_t b0 = b->at[0], b1 = b->at[1], b2 = b->at[2], b3 = b->at[3], b4 = b->at[4];
    uint64_t b1_19 = 19 * b1, b2_19 = 19 * b2, b3_19 = 19 * b3, b4_19 = 19 * b4;
    carry_over((wide)a0 * b0 + (wide)a1 * b4_19 + (wide)a2 * b3_19 + (wide)a3 * b2_19 + (wide)a4 * b1_19,
               (wide)a0 * b1 + (wide)a1 * b0 + (wide)a2 * b4_19 + (wide)a3 * b3_19 + (wide)a4 * b2_19,
               (wide)a0 * b2 + (wide)a1 * b1 + (wide)a2 * b0 + (wide)a3 * b4_19 + (wide)a4 * b3_19,
               (wide)a0 * b3 + (wide)a1 * b2 + (wide)a2 * b1 + (wide)a3 * b0 + (wide)a4 * b4_19,
               (wide)a0 * b4 + (wide)a1 * b3 + (wide)a2 * b2 + (wide)a3 * b1 + (wide)a4 * b0, ret);
}

INLINE void number_square(const struct curve_number *a, struct curve_number *ret)
{
    uint64_t a0 = a->at[0], a1 = a->at[1], a2 = a->at[2], a3 = a->at[3], a4 = a->at[4];
    uint64_t a0_2 = 2 * a0, a1_2 = 2 * a1, a3_19 = 19 * a3, a4_19 = 19 * a4, a4_38 = 2 * a4_19;
    carry_over((wide)a0 * a0 + (wide)a1 * a4_38 + (wide)(2 * a2) * a3_19,
               (wide)a0_2 * a1 + (wide)a2 * a4_38 + (wide)a3 * a3_19,
               (wide)a0_2 * a2 + (wide)a1 * a1 + (wide)a3 * a4_38, (wide)a0_2 * a3 + (wide)a1_2 * a2 + (wide)a4 * a4_19,
               (wide)a0_2 * a4 + (wide)a1_2 * a3 + (wide)a2 * a2, ret);
}

static void square_times(const struct curve_number *a, int times, struct curve_number *ret)
{
    *ret = *a;
    while (times-- > 0)
        number_square(ret, ret);
}

/* a^(2^250 - 1), and a^11 by the way: what division and square root have in common. */
static void power_250(const struct curve_number *a, struct curve_number *ret, struct curve_number *ret_11)
{
    struct curve_number a2, a9, b5, b10, b20, b40, b50, b100, raised;
    number_square(a, &a2);
    square_times(&a2, 2, &raised);
    number_multiply(&raised, a, &a9);
    number_multiply(&a9, &a2, ret_11);
    number_square(ret_11, &raised);
    number_multiply(&raised, &a9, &b5); /* a^(2^5 - 1), and so on */
    square_times(&b5, 5, &raised);
    number_multiply(&raised, &b5, &b10);
    square_times(&b10, 10, &raised);
    number_multiply(&raised, &b10, &b20);
    square_times(&b20, 20, &raised);
    number_multiply(&raised, &b20, &b40);
    square_times(&b40, 10, &raised);
    number_multiply(&raised, &b10, &b50);
    square_times(&b50, 50, &raised);
    number_multiply(&raised, &b50, &b100);
    square_times(&b100, 100, &raised);
    number_multiply(&raised, &b100, &raised);
    square_times(&raised, 50, &raised);
    number_multiply(&raised, &b50, ret);
}

/* a^(p - 2) = a^(2^255 - 21) */
static void number_invert(const struct curve_number *a, struct curve_number *ret)
{
    struct curve_number raised, a11;
    power_250(a, &raised, &a11);
    square_times(&raised, 5, &raised);
    number_multiply(&raised, &a11, ret);
}

/* a^((p - 5) / 8) = a^(2^252 - 3) */
static void power_for_root(const struct curve_number *a, struct curve_number *ret)
{
    struct curve_number raised, a11;
    power_250(a, &raised, &a11);
    square_times(&raised, 2, &raised);
    number_multiply(&raised, a, ret);
}

static void number_write(const struct curve_number *a, uint8_t ret[CURVE_SIZE])
{
    uint64_t at[CURVE_LIMBS], carry = 0;
    memcpy(at, a->at, sizeof(at));
    for (int round = 0; round < 2; round++) { /* now below 2^255 + a little */
        for (int i = 0; i < CURVE_LIMBS; i++) {
            at[i] += carry;
            carry = at[i] >> BITS;
            at[i] &= mask;
        }
        carry *= 19;
    }
    at[0] += carry;
    carry = 19; /* is a + 19 beyond 2^255? Then a is p or more. */
    for (int i = 0; i < CURVE_LIMBS; i++)
        carry = (at[i] + carry) >> BITS;
    carry *= 19;
    for (int i = 0; i < CURVE_LIMBS; i++) {
        at[i] += carry;
        carry = at[i] >> BITS;
        at[i] &= mask;
    }
    uint64_t words[4] = { at[0] | at[1] << 51, at[1] >> 13 | at[2] << 38, at[2] >> 26 | at[3] << 25,
                          at[3] >> 39 | at[4] << 12 };
    for (int i = 0; i < CURVE_SIZE; i++)
        ret[i] = (uint8_t)(words[i / 8] >> (8 * (i % 8)));
}

static bool number_equal(const struct curve_number *a, const struct curve_number *b)
{
    uint8_t left[CURVE_SIZE], right[CURVE_SIZE];
    number_write(a, left);
    number_write(b, right);
    return memcmp(left, right, CURVE_SIZE) == 0;
}

static void number_negate(const struct curve_number *a, struct curve_number *ret)
{
    number_subtract(&zero, a, ret);
    for (int i = 0; i < CURVE_LIMBS - 1; i++) { /* tight again */
        ret->at[i + 1] += ret->at[i] >> BITS;
        ret->at[i] &= mask;
    }
    ret->at[0] += 19 * (ret->at[CURVE_LIMBS - 1] >> BITS);
    ret->at[CURVE_LIMBS - 1] &= mask;
}

/* --- points --- */

/* A point as the second of a sum wants it. */
struct prepared {
    struct curve_number plus, minus, z2, product; /* Y + X, Y - X, 2Z, 2dT */
};

INLINE void prepare(const struct curve_point *point, struct prepared *ret)
{
    number_add(&point->y, &point->x, &ret->plus);
    number_subtract(&point->y, &point->x, &ret->minus);
    number_add(&point->z, &point->z, &ret->z2);
    number_multiply(&point->t, &curve_2d, &ret->product);
}

/* What a sum and a doubling end with; t only where it is needed. */
INLINE void finish(const struct curve_number *e, const struct curve_number *f, const struct curve_number *g,
                   const struct curve_number *h, bool needs_t, struct curve_point *ret)
{
    number_multiply(e, f, &ret->x);
    number_multiply(g, h, &ret->y);
    number_multiply(f, g, &ret->z);
    if (needs_t)
        number_multiply(e, h, &ret->t);
}

/* A + B, or with IS_NEGATIVE A - B: a negative point has plus and minus exchanged and the product's sign turned. */
INLINE void add_parts(const struct curve_point *a, const struct curve_number *plus, const struct curve_number *minus,
                      const struct curve_number *product, const struct curve_number *zz, bool is_negative,
                      struct curve_point *ret)
{
    struct curve_number left, right, tt, e, f, g, h;
    number_subtract(&a->y, &a->x, &left);
    number_add(&a->y, &a->x, &right);
    number_multiply(&left, is_negative ? plus : minus, &left);
    number_multiply(&right, is_negative ? minus : plus, &right);
    number_multiply(&a->t, product, &tt);
    number_subtract(&right, &left, &e);
    number_subtract(zz, &tt, is_negative ? &g : &f);
    number_add(zz, &tt, is_negative ? &f : &g);
    number_add(&right, &left, &h);
    finish(&e, &f, &g, &h, true, ret);
}

INLINE void add_prepared(const struct curve_point *a, const struct prepared *b, bool is_negative,
                         struct curve_point *ret)
{
    struct curve_number zz;
    number_multiply(&a->z, &b->z2, &zz);
    add_parts(a, &b->plus, &b->minus, &b->product, &zz, is_negative, ret);
}

INLINE void double_point(const struct curve_point *a, bool needs_t, struct curve_point *ret)
{
    struct curve_number xx, yy, zz, sum, e, f, g, h;
    number_square(&a->x, &xx);
    number_square(&a->y, &yy);
    number_square(&a->z, &zz);
    number_add(&a->x, &a->y, &sum);
    number_square(&sum, &sum);
    number_add(&xx, &yy, &h);
    number_subtract(&h, &sum, &e);
    number_subtract(&xx, &yy, &g);
    number_add(&zz, &zz, &f);
    number_add(&f, &g, &f);
    finish(&e, &f, &g, &h, needs_t, ret);
}

void curve_add(const struct curve_point *a, const struct curve_point *b, struct curve_point *ret)
{
    struct prepared prepared;
    prepare(b, &prepared);
    add_prepared(a, &prepared, false, ret);
}

void curve_subtract(const struct curve_point *a, const struct curve_point *b, struct curve_point *ret)
{
    struct prepared prepared;
    prepare(b, &prepared);
    add_prepared(a, &prepared, true, ret);
}

bool curve_equal(const struct curve_point *a, const struct curve_point *b)
{
    struct curve_number left, right;
    number_multiply(&a->x, &b->z, &left);
    number_multiply(&b->x, &a->z, &right);
    if (!number_equal(&left, &right))
        return false;
    number_multiply(&a->y, &b->z, &left);
    number_multiply(&b->y, &a->z, &right);
    return number_equal(&left, &right);
}

bool curve_is_neutral(const struct curve_point *point)
{
    return number_equal(&point->x, &zero) && number_equal(&point->y, &point->z);
}

/* --- bytes --- */

static uint64_t word_of(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (int i = 7; i >= 0; i--)
        word = word << 8 | bytes[i];
    return word;
}

/* False for p and more. The highest bit is not part of the number. */
static bool number_read(const uint8_t bytes[CURVE_SIZE], struct curve_number *ret)
{
    uint64_t a = word_of(bytes), b = word_of(bytes + 8), c = word_of(bytes + 16),
             d = word_of(bytes + 24) & (UINT64_MAX >> 1);
    *ret = (struct curve_number){ { a & mask, (a >> 51 | b << 13) & mask, (b >> 38 | c << 26) & mask,
                                    (c >> 25 | d << 39) & mask, d >> 12 } };
    return !(d == UINT64_MAX >> 1 && c == UINT64_MAX && b == UINT64_MAX && a >= UINT64_MAX - 18);
}

bool curve_decode(const uint8_t bytes[CURVE_SIZE], struct curve_point *ret)
{
    struct curve_point point = { .z = one };
    struct curve_number yy, u, v, v3, raised, check;
    uint8_t written[CURVE_SIZE];
    if (!number_read(bytes, &point.y))
        return false;
    number_square(&point.y, &yy); /* x² = u / v = (y² - 1) / (d·y² + 1) */
    number_subtract(&yy, &one, &u);
    number_multiply(&yy, &curve_d, &v);
    number_add(&v, &one, &v);
    number_square(&v, &v3);
    number_multiply(&v3, &v, &v3);
    number_square(&v3, &raised);
    number_multiply(&raised, &v, &raised);
    number_multiply(&raised, &u, &raised);
    power_for_root(&raised, &raised); /* x = u·v³·(u·v⁷)^((p - 5) / 8), perhaps times a root of -1 */
    number_multiply(&raised, &v3, &raised);
    number_multiply(&raised, &u, &point.x);
    number_square(&point.x, &check);
    number_multiply(&check, &v, &check);
    if (!number_equal(&check, &u)) {
        number_add(&check, &u, &check);
        if (!number_equal(&check, &zero))
            return false;
        number_multiply(&point.x, &root_of_minus_one, &point.x);
    }
    number_write(&point.x, written);
    bool is_odd = written[0] & 1, wants_odd = bytes[CURVE_SIZE - 1] >> 7;
    if (is_odd != wants_odd) {
        if (number_equal(&point.x, &zero))
            return false;
        number_negate(&point.x, &point.x);
    }
    number_multiply(&point.x, &point.y, &point.t);
    *ret = point;
    return true;
}

static bool is_affine(const struct curve_point *point)
{
    return memcmp(&point->z, &one, sizeof(one)) == 0;
}

static void divide_by_z(const struct curve_number *inverse, struct curve_point *point)
{
    number_multiply(&point->x, inverse, &point->x);
    number_multiply(&point->y, inverse, &point->y);
    number_multiply(&point->t, inverse, &point->t);
    point->z = one;
}

void curve_encode(const struct curve_point *point, uint8_t ret[CURVE_SIZE])
{
    struct curve_point affine = *point;
    uint8_t x[CURVE_SIZE];
    if (!is_affine(&affine)) {
        struct curve_number inverse;
        number_invert(&affine.z, &inverse);
        divide_by_z(&inverse, &affine);
    }
    number_write(&affine.x, x);
    number_write(&affine.y, ret);
    ret[CURVE_SIZE - 1] |= (uint8_t)(x[0] << 7);
}

/* One inversion of the product of all; each one's own inverse from the products before it. */
static void normalize(struct curve_point *const *points, struct curve_number *products, size_t count)
{
    struct curve_number product = one, inverse;
    for (size_t i = 0; i < count; i++) {
        products[i] = product;
        number_multiply(&product, &points[i]->z, &product);
    }
    number_invert(&product, &product);
    for (size_t i = count; i-- > 0;) {
        number_multiply(&product, &products[i], &inverse);
        number_multiply(&product, &points[i]->z, &product);
        divide_by_z(&inverse, points[i]);
    }
}

void curve_normalize(struct curve_point *const *points, size_t count)
{
    struct curve_number products[64];
    for (size_t at = 0; at < count; at += 64)
        normalize(points + at, products, count - at < 64 ? count - at : 64);
}

/* --- several multiples of one point --- */

void curve_digits_of(const uint64_t number[4], struct curve_digits *ret)
{
    int carry = 0;
    memset(ret, 0, sizeof(*ret));
    for (int at = 0; at < CURVE_DIGITS;) {
        int word = at / 64, shift = at % 64;
        uint64_t bits = word < 4 ? number[word] >> shift : 0;
        if (word < 3 && shift > 64 - WINDOW)
            bits |= number[word + 1] << (64 - shift);
        int digit = (int)(bits & ((1 << WINDOW) - 1)) + carry;
        if (digit % 2 == 0) { /* a carried one on a zero, or nothing here: look one further */
            at++;
            continue;
        }
        carry = digit > 1 << (WINDOW - 1);
        ret->at[at] = (int8_t)(carry ? digit - (1 << WINDOW) : digit);
        ret->count = at + 1;
        at += WINDOW;
    }
}

/* Sums of doublings, by the odd digit that they are to be multiplied with: 1, 3, … 15. */
struct buckets {
    struct curve_point at[BUCKETS];
    bool is_used[BUCKETS];
};

static void fill(struct buckets *buckets, int digit, const struct curve_point *point, const struct prepared *prepared)
{
    int which = (digit < 0 ? -digit : digit) / 2;
    if (buckets->is_used[which]) {
        add_prepared(&buckets->at[which], prepared, digit < 0, &buckets->at[which]);
        return;
    }
    buckets->at[which] = *point;
    if (digit < 0) {
        number_negate(&point->x, &buckets->at[which].x);
        number_negate(&point->t, &buckets->at[which].t);
    }
    buckets->is_used[which] = true;
}

/* Σ (2i + 1)·bucket_i = 2·Σ i·bucket_i + Σ bucket_i, by running sums from the highest. */
static void empty(const struct buckets *buckets, struct curve_point *ret)
{
    struct curve_point running = curve_neutral, sum = curve_neutral;
    bool has_any = false;
    for (int i = BUCKETS - 1; i >= 0; i--) {
        if (buckets->is_used[i]) {
            if (has_any)
                curve_add(&running, &buckets->at[i], &running);
            else
                running = buckets->at[i];
        }
        if (i > 0 && (has_any || buckets->is_used[i])) {
            if (has_any)
                curve_add(&sum, &running, &sum);
            else
                sum = running;
        }
        has_any = has_any || buckets->is_used[i];
    }
    double_point(&sum, true, &sum);
    curve_add(&sum, &running, ret);
}

void curve_powers(const struct curve_point *base, const struct curve_digits *numbers, int count,
                  struct curve_point *ret)
{
    struct buckets buckets[CURVE_MOST_POWERS];
    struct curve_point doubled = *base;
    struct prepared prepared;
    bool is_wanted[CURVE_DIGITS + 1] = { false }; /* by any of the numbers */
    int last = 0;
    for (int i = 0; i < count; i++) {
        last = numbers[i].count > last ? numbers[i].count : last;
        memset(buckets[i].is_used, 0, sizeof(buckets[i].is_used));
        for (int at = 0; at < numbers[i].count; at++)
            is_wanted[at] = is_wanted[at] || numbers[i].at[at];
    }
    for (int at = 0; at < last; at++) {
        if (is_wanted[at]) {
            prepare(&doubled, &prepared);
            for (int i = 0; i < count; i++)
                if (numbers[i].at[at])
                    fill(&buckets[i], numbers[i].at[at], &doubled, &prepared);
        }
        if (at + 1 < last)
            double_point(&doubled, is_wanted[at + 1], &doubled);
    }
    for (int i = 0; i < count; i++)
        empty(&buckets[i], &ret[i]);
}

/* --- a fixed base --- */

void curve_table_make(struct curve_table *table, const struct curve_point *base)
{
    struct curve_point row[CURVE_WINDOW_POINTS], *points[CURVE_WINDOW_POINTS], shifted = *base;
    struct prepared prepared;
    for (int window = 0; window < CURVE_WINDOWS; window++) {
        prepare(&shifted, &prepared);
        row[0] = shifted;
        for (int i = 1; i < CURVE_WINDOW_POINTS; i++)
            add_prepared(&row[i - 1], &prepared, false, &row[i]);
        double_point(&row[CURVE_WINDOW_POINTS - 1], true, &shifted);
        for (int i = 0; i < CURVE_WINDOW_POINTS; i++)
            points[i] = &row[i];
        curve_normalize(points, CURVE_WINDOW_POINTS);
        for (int i = 0; i < CURVE_WINDOW_POINTS; i++) {
            number_add(&row[i].y, &row[i].x, &table->at[window][i].plus);
            number_subtract(&row[i].y, &row[i].x, &table->at[window][i].minus);
            number_multiply(&row[i].t, &curve_2d, &table->at[window][i].product);
        }
    }
}

/* The multiple for a digit that is not zero. */
static const struct curve_multiple *multiple_of(const struct curve_table *table, int window, int digit)
{
    return &table->at[window][(digit < 0 ? -digit : digit) - 1];
}

void curve_table_add(const struct curve_table *table, const uint64_t number[4], struct curve_point *sum)
{
    int digits[CURVE_WINDOWS], carry = 0;
    for (int window = 0; window < CURVE_WINDOWS; window++) {
        int digit = (int)(number[window / 8] >> (8 * (window % 8)) & 255) + carry;
        carry = digit > CURVE_WINDOW_POINTS;
        digits[window] = digit - (carry << CURVE_WINDOW_BITS);
        if (digits[window] == 0)
            continue;
        const struct curve_multiple *multiple = multiple_of(table, window, digits[window]);
        __builtin_prefetch(
            multiple); /* the table is larger than what is near: all are asked for before the first is needed */
        __builtin_prefetch((const char *)multiple + CURVE_LINE);
    }
    for (int window = 0; window < CURVE_WINDOWS; window++) {
        struct curve_number zz;
        if (digits[window] == 0)
            continue;
        const struct curve_multiple *multiple = multiple_of(table, window, digits[window]);
        number_add(&sum->z, &sum->z, &zz);
        add_parts(sum, &multiple->plus, &multiple->minus, &multiple->product, &zz, digits[window] < 0, sum);
    }
}
