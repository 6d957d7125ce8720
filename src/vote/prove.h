/* vote/prove.h -- making the proofs that proof.h checks: knowledge of an exponent, one exponent for two bases, one of
 * several. Owns:          how a secret and chance become a challenge and a response Must not know: what is proved about
 * a ballot or a trustee Begin at:      zk_prove(), the counterpart of zk_check()
 */
#ifndef VOTE_PROVE_H
#define VOTE_PROVE_H
#include "vote/proof.h"
#include "vote/secret.h"

/* Knowledge of X, with the prefix WORD ‖ MIDDLE ‖ "|". */
void zk_prove(struct group *group, const struct secret *x, const char *word, struct text middle, struct zk_proof *ret);

/* That the generator and BASE were raised to the same X. */
void zk_prove_same(struct group *group, const struct secret *x, const struct point *base, struct text prefix,
                   struct zk_proof *ret);

/* One way in which a statement can be true: ALPHA = g^randomness and REST = key^randomness. */
struct prove_way {
    struct point alpha, rest;
    const struct secret *randomness; /* any number where the way isn't the true one */
    uint64_t is_true;                /* 1 in exactly one way, 0 in the others; secret */
};

/* That one of the ways is true, without telling which; RET has COUNT places. Wipes what it draws. */
void zk_prove_ways(struct arena *arena, struct group *group, const struct point *key, struct text prefix,
                   const struct prove_way *ways, int count, struct zk_proof *ret);

/* {"challenge":"…","response":"…"} */
void zk_write(const struct zk_proof *proof, struct buffer *out);
#endif
