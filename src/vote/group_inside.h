/* vote/group_inside.h -- what group.c and its two back ends share. */
#ifndef VOTE_GROUP_INSIDE_H
#define VOTE_GROUP_INSIDE_H
#include "vote/group.h"

#include <openssl/bn.h>

struct group_inside {
    BN_CTX *work;
    BIGNUM *order;         /* q */
    BIGNUM *modulus;       /* p; NULL for the curve */
    BN_MONT_CTX *reduction; /* of p; NULL for the curve */
};

extern const struct group_verbs group_curve_verbs, group_field_verbs;

/* Sets q (and p), neutral element and generator. */
void group_curve_open(struct group *group);
void group_field_open(struct group *group);

/* OpenSSL answers 1, or memory has run out. */
void group_must(int done);
#endif
