/* vote/group.h -- the arithmetic under a Belenios election: elements of a group of prime order q, and numbers modulo q.
 * Owns:          struct group, its two back ends (group_curve.c: Ed25519; group_field.c: BELENIOS-2048)
 * Must not know: ballots, archives, and any secret: everything here takes time that depends on its values, so it is for
 *                public values, for verifying, only
 * Begin at:      group_open(); group_decode(), which is the only way in for an element from outside
 */
#ifndef VOTE_GROUP_H
#define VOTE_GROUP_H
#include "base/buffer.h"
#include "base/encode.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct group;

enum { SCALAR_SIZE = 32, ELEMENT_SIZE = 256, CURVE_SIZE = 32 };

/* Modulo q, always reduced, the highest byte first. */
struct scalar {
    uint8_t at[SCALAR_SIZE];
};

/* Ed25519: the 32 bytes of RFC 8032, then zeros; BELENIOS-2048: the number, the highest byte first. Always a member. */
struct element {
    uint8_t at[ELEMENT_SIZE];
};

/* What a back end does; callers use the functions below. */
struct group_verbs {
    bool (*decode)(struct group *group, struct text text, struct element *ret);
    void (*encode)(struct group *group, const struct element *element, struct buffer *out);
    void (*multiply)(struct group *group, const struct element *a, const struct element *b, struct element *ret);
    void (*divide)(struct group *group, const struct element *a, const struct element *b, struct element *ret);
    void (*power)(struct group *group, const struct element *a, const struct scalar *x, struct element *ret);
    /* a^x · b^y */
    void (*power_both)(struct group *group, const struct element *a, const struct scalar *x, const struct element *b,
                       const struct scalar *y, struct element *ret);
};

struct group_inside;

struct group {
    const char *name; /* as elections write it: "Ed25519" */
    const struct group_verbs *verbs;
    struct element neutral, generator;
    struct group_inside *inside;
};

/* NULL for a group that is not known. Lives as long as ARENA; one thread at a time. */
struct group *group_open(struct arena *arena, struct text name);

/* A text from outside: its one canonical form, and a member of the group (the neutral element is one). */
bool group_decode(struct group *group, struct text text, struct element *ret);
void group_encode(struct group *group, const struct element *element, struct buffer *out);
void group_multiply(struct group *group, const struct element *a, const struct element *b, struct element *ret);
void group_divide(struct group *group, const struct element *a, const struct element *b, struct element *ret);
void group_power(struct group *group, const struct element *a, const struct scalar *x, struct element *ret);
void group_power_both(struct group *group, const struct element *a, const struct scalar *x, const struct element *b,
                      const struct scalar *y, struct element *ret);
bool element_equal(const struct element *a, const struct element *b);

/* Decimal without sign or leading zeros, below q. */
bool scalar_decode(struct group *group, struct text text, struct scalar *ret);
const char *scalar_encode(struct group *group, struct arena *arena, const struct scalar *scalar);
struct scalar scalar_of_int(struct group *group, int64_t number); /* not negative */
struct scalar scalar_of_hash(struct group *group, const struct sha256 *hash);
struct scalar scalar_add(struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_subtract(struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_multiply(struct group *group, const struct scalar *a, const struct scalar *b);
struct scalar scalar_invert(struct group *group, const struct scalar *a); /* a is not zero */
bool scalar_equal(const struct scalar *a, const struct scalar *b);
bool scalar_is_zero(const struct scalar *a);
#endif
