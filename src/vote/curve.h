/* vote/curve.h -- quick arithmetic on the points of Ed25519, for verifying.
 * Owns:          numbers modulo 2^255 - 19, points, tables of a fixed base
 * Must not know: elections, JSON, and any secret: THE TIME EVERYTHING HERE TAKES, AND THE ADDRESSES IT TOUCHES, DEPEND
 * ON ITS VALUES. Public values only; what is secret goes through secret.h. Begin at:      curve_decode(),
 * curve_powers(), curve_table_add()
 *
 * What makes it quick, beside libsodium's one multiplication after another:
 *
 *   Several multiples of one point (curve_powers). One walk through the doublings P, 2P, 4P, … serves all of them: each
 *   multiple has its own eight buckets, and at each doubling the point goes into the bucket that the number's digit
 * says. At the end a multiple is the sum of (bucket × its odd digit). (Yao's method with digits that are odd and far
 * apart.)
 *
 *   Membership of the subgroup of order q: P is in it exactly when q·P is the neutral element, for the whole group is
 *   cyclic of order 8q, so that q·P is the neutral element only for the q members. q is one more number on the same
 * walk; it has only 23 digits that aren't zero, so the test costs about a fifth of a multiplication of its own. No
 * shortcut that could be wrong, nothing left to chance.
 *
 *   A fixed base (curve_table). All multiples d·2^(8i)·P of one point for digits up to 128: a multiple is 32 additions
 *   without any doubling.
 *
 *   Bytes need affine coordinates, hence a division; curve_normalize() divides many points at the cost of one division
 * and three multiplications each.
 *
 * Additions are complete for all points of the curve, those outside the subgroup too: no case is special.
 */
#ifndef VOTE_CURVE_H
#define VOTE_CURVE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CURVE_SIZE = 32, CURVE_LIMBS = 5, CURVE_DIGITS = 257, CURVE_MOST_POWERS = 16, CURVE_LINE = 64 };
enum { CURVE_WINDOWS = 32, CURVE_WINDOW_BITS = 8, CURVE_WINDOW_POINTS = 1 << (CURVE_WINDOW_BITS - 1) };

/* Limbs of 51 bits and a little more, the lowest first. */
struct curve_number {
    uint64_t at[CURVE_LIMBS];
};

/* x = X/Z, y = Y/Z, x·y = T/Z. */
struct curve_point {
    struct curve_number x, y, z, t;
};

extern const struct curve_point curve_neutral, curve_generator;

/* The 32 bytes of RFC 8032; false for a y not below 2^255 - 19, for no point of the curve, for a zero x with a sign.
 * Says nothing about the subgroup. */
bool curve_decode(const uint8_t bytes[CURVE_SIZE], struct curve_point *ret);
/* Quickest for what curve_normalize() has been over. */
void curve_encode(const struct curve_point *point, uint8_t ret[CURVE_SIZE]);
/* Z becomes 1 in all of them. */
void curve_normalize(struct curve_point *const *points, size_t count);

void curve_add(const struct curve_point *a, const struct curve_point *b, struct curve_point *ret);
void curve_subtract(const struct curve_point *a, const struct curve_point *b, struct curve_point *ret);
bool curve_equal(const struct curve_point *a, const struct curve_point *b);
bool curve_is_neutral(const struct curve_point *point);

/* A number below 2^256 as digits: each zero or odd, from -15 to 15, at least four zeros after each that isn't. */
struct curve_digits {
    int8_t at[CURVE_DIGITS];
    int count; /* up to the highest that isn't zero */
};
void curve_digits_of(const uint64_t number[4], struct curve_digits *ret);

/* RET[i] = numbers[i] · BASE, for at most CURVE_MOST_POWERS of them. */
void curve_powers(const struct curve_point *base, const struct curve_digits *numbers, int count,
                  struct curve_point *ret);

/* y + x, y - x and 2dxy of a multiple; two lines of a cache. */
struct curve_multiple {
    _Alignas(CURVE_LINE) struct curve_number plus, minus, product;
};

/* d·2^(8i)·P for the digits d = 1 … 128: half a megabyte. Wants its alignment. */
struct curve_table {
    struct curve_multiple at[CURVE_WINDOWS][CURVE_WINDOW_POINTS];
};
void curve_table_make(struct curve_table *table, const struct curve_point *base);
/* *SUM += number · base; the number below 2^253. */
void curve_table_add(const struct curve_table *table, const uint64_t number[4], struct curve_point *sum);
#endif
