/* vote/group.h -- the arithmetic under a Belenios election: elements of a group of prime order q, and numbers modulo q.
 * Owns:          struct group, its two back ends (group_curve.c: Ed25519; group_field.c: BELENIOS-2048)
 * Must not know: ballots, archives, and any secret: everything here takes time that depends on its values, so it is for
 *                public values, for verifying, only
 * Begin at:      group_open(); group_decode(), which is the only way in for an element from outside
 *
 * A group and a table never change once they are made: any number of threads may use them at once.
 */
#ifndef VOTE_GROUP_H
#define VOTE_GROUP_H
#include "base/buffer.h"
#include "base/encode.h"
#include "base/text.h"
#include "vote/curve.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct group;

enum { SCALAR_SIZE = 32, SCALAR_LIMBS = 4, ELEMENT_SIZE = 256 };

/* Modulo q, always reduced, the highest byte first. */
struct scalar {
    uint8_t at[SCALAR_SIZE];
};

/* Always a member of its group. What it looks like inside is the back ends' alone; compare with element_equal(). */
struct element {
    union {
        uint8_t at[ELEMENT_SIZE];
        struct curve_point point;
    };
    bool is_point; /* the second */
};

/* What a back end does; callers use the functions below. */
struct group_verbs {
    /* The one canonical form; whether it is a member is not yet known. */
    bool (*read)(const struct group *group, struct text text, struct element *ret);
    void (*encode)(const struct group *group, const struct element *element, struct buffer *out);
    void (*multiply)(const struct group *group, const struct element *a, const struct element *b, struct element *ret);
    void (*divide)(const struct group *group, const struct element *a, const struct element *b, struct element *ret);
    /* base^x[i], at most GROUP_MOST_POWERS of them. With IS_UNCHECKED it says whether the base is a member, too. */
    bool (*powers)(const struct group *group, const struct element *base, const struct scalar *x, int count,
                   bool is_unchecked, struct element *ret);
    void *(*table_new)(const struct group *group, struct arena *arena, const struct element *base);
    void (*table_multiply)(const struct group *group, const void *table, const struct scalar *x,
                           struct element *product);
    void (*normalize)(struct element *elements, int count); /* or NULL */
};

enum { GROUP_MOST_POWERS = CURVE_MOST_POWERS - 1 };

/* Powers of a base that is used again and again. */
struct group_table {
    const void *inside;
};

struct group_inside;

struct group {
    const char *name; /* as elections write it: "Ed25519" */
    const struct group_verbs *verbs;
    struct element neutral, generator;
    struct group_table generator_table;
    uint64_t order[SCALAR_LIMBS]; /* q, the lowest limb first */
    struct group_inside *inside;  /* NULL for the curve */
};

/* NULL for a group that is not known. Lives as long as ARENA. */
struct group *group_open(struct arena *arena, struct text name);

/* A text from outside: its one canonical form, and a member of the group (the neutral element is one). */
bool group_decode(const struct group *group, struct text text, struct element *ret);
/* The same together with its powers to COUNT exponents: the test of membership then costs little more. */
bool group_decode_powers(const struct group *group, struct text text, const struct scalar *x, int count,
                         struct element *ret, struct element *ret_powers);
/* A text that has been let in before: whether it is a member is not asked again. */
bool group_decode_known(const struct group *group, struct text text, struct element *ret);
void group_encode(const struct group *group, const struct element *element, struct buffer *out);
/* Makes encoding cheap for all of them at the price of one. */
void group_normalize(const struct group *group, struct element *elements, int count);

void group_multiply(const struct group *group, const struct element *a, const struct element *b, struct element *ret);
void group_divide(const struct group *group, const struct element *a, const struct element *b, struct element *ret);
void group_power(const struct group *group, const struct element *a, const struct scalar *x, struct element *ret);
/* Several powers of one base, cheaper than one after the other. */
void group_powers(const struct group *group, const struct element *base, const struct scalar *x, int count,
                  struct element *ret);
/* a^x · b^y */
void group_power_both(const struct group *group, const struct element *a, const struct scalar *x,
                      const struct element *b, const struct scalar *y, struct element *ret);
bool element_equal(const struct element *a, const struct element *b);

/* Worth its making (about a millisecond) from some dozens of powers on. Lives as long as ARENA. */
struct group_table group_table_new(const struct group *group, struct arena *arena, const struct element *base);
/* *PRODUCT becomes *PRODUCT · base^x. */
void group_table_multiply(const struct group *group, const struct group_table *table, const struct scalar *x,
                          struct element *product);

/* Decimal without sign or leading zeros, below q. */
bool scalar_decode(const struct group *group, struct text text, struct scalar *ret);
const char *scalar_encode(const struct group *group, struct arena *arena, const struct scalar *scalar);
struct scalar scalar_of_int(const struct group *group, int64_t number); /* not negative */
struct scalar scalar_of_hash(const struct group *group, const struct sha256 *hash);
struct scalar scalar_add(const struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_subtract(const struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_multiply(const struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_invert(const struct group *group, const struct scalar *a); /* a is not zero */
bool scalar_equal(const struct scalar *a, const struct scalar *b);
bool scalar_is_zero(const struct scalar *a);
#endif
