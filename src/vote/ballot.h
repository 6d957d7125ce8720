/* vote/ballot.h -- one sealed ballot: what it must look like, and the proofs that it holds one allowed choice per
 * question. Owns:          struct ballot; its one canonical form Must not know: other ballots, who has voted before,
 * the tally Begin at:      ballot_read() (cheap), then ballot_check() (the proofs)
 *
 * The election is only read: any number of threads may check ballots of one election at once, each with its own ctx.
 */
#ifndef VOTE_BALLOT_H
#define VOTE_BALLOT_H
#include "vote/election.h"

struct ciphertext {
    struct element alpha, beta;
};

/* Texts as they stand in the ballot. */
struct written_choice {
    struct text alpha, beta;
};

struct written_proof {
    struct text challenge, response;
};

/* To one question: choice_count choices. */
struct answer {
    struct written_choice *choices;
    struct written_proof *individual; /* two for each choice */
    struct written_proof *overall;    /* overall_count() */
    struct written_proof *blank;      /* two, or NULL */
    struct ciphertext *sealed;        /* the choices, once ballot_check() has passed; NULL before */
};

struct ballot {
    struct text bytes, credential, unsigned_part; /* the bytes before the signature */
    struct text signed_hash;
    struct written_proof signature;
    struct answer *answers; /* by question */
    bool is_checked;        /* passed ballot_check(), now or (whoever knows that may say so) before */
};

/* The form alone, and that it belongs to this election. Texts point into BYTES. Fails with ERR_INPUT "vote.ballot_…".
 */
fallible ballot_read(struct ctx *ctx, const struct election *election, struct text bytes, struct ballot *ret);

/* The credential alone, of what may be no ballot at all: for whoever asks others about it before the election is there. */
bool ballot_credential(struct text bytes, struct text *ret);

/* Signature, then per question: members of the group, each choice none or one, all together as the question allows.
 * The credential must be found among the voters', before or after. */
fallible ballot_check(struct ctx *ctx, const struct election *election, struct ballot *ballot);

/* The ciphertexts of question NUMBER; choice_count of them. Of a ballot that has passed ballot_check(), now or once:
 * whether they are members is not asked again. */
fallible ballot_choices(struct ctx *ctx, const struct election *election, const struct ballot *ballot, int number,
                        struct ciphertext *ret);
#endif
