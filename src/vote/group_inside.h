/* vote/group_inside.h -- what group.c, group_scalar.c and the two back ends share. */
#ifndef VOTE_GROUP_INSIDE_H
#define VOTE_GROUP_INSIDE_H
#include "vote/group.h"

#include <openssl/bn.h>

/* Of BELENIOS-2048 alone. */
struct group_inside {
    BIGNUM *order;          /* q */
    BIGNUM *modulus;        /* p */
    BN_MONT_CTX *reduction; /* of p */
};

extern const struct group_verbs group_curve_verbs, group_field_verbs;

/* Sets q (and p), neutral element, generator and its table. */
void group_curve_open(struct group *group, struct arena *arena);
void group_field_open(struct group *group, struct arena *arena);

/* The lowest limb first. */
void scalar_limbs(const struct scalar *scalar, uint64_t ret[SCALAR_LIMBS]);

/* OpenSSL answers 1, or memory has run out. */
void group_must(int done);
#endif
