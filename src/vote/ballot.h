/* vote/ballot.h -- one sealed ballot: what it must look like, and the proofs that it holds one allowed choice per question.
 * Owns:          struct ballot; its one canonical form
 * Must not know: other ballots, who has voted before, the tally
 * Begin at:      ballot_read() (cheap), then ballot_check() (the proofs)
 */
#ifndef VOTE_BALLOT_H
#define VOTE_BALLOT_H
#include "vote/election.h"

struct ciphertext {
    struct element alpha, beta;
};

struct ballot {
    struct text bytes, credential, unsigned_part; /* the bytes before the signature */
    const struct node *answers, *signature;
};

/* The form alone, and that it belongs to this election. Fails with ERR_INPUT "vote.ballot_…". */
fallible ballot_read(struct ctx *ctx, const struct election *election, struct text bytes, struct ballot *ret);

/* Signature, then per question: members of the group, each choice none or one, all together as the question allows.
 * The credential must have been found among the voters'. */
fallible ballot_check(struct ctx *ctx, const struct election *election, const struct ballot *ballot);

/* The ciphertexts of question NUMBER of a ballot that has been checked; choice_count of them. */
fallible ballot_choices(struct ctx *ctx, const struct election *election, const struct ballot *ballot, int number,
                        struct ciphertext *ret);
#endif
