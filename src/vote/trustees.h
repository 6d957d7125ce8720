/* vote/trustees.h -- who can open the tally together.
 * Owns:          struct trustees: the keys by number, the threshold sets; all three layouts that belenios-tool has written
 * Must not know: ballots; any trustee's secret
 * Begin at:      trustees_read()
 */
#ifndef VOTE_TRUSTEES_H
#define VOTE_TRUSTEES_H
#include "vote/proof.h"

#include "base/err.h"

/* One entry: a single trustee (count 1, needed 1), or a set of COUNT of whom NEEDED suffice. */
struct trustee_set {
    bool is_single;
    int first, count, needed; /* numbers first … first + count - 1, from 0 */
};

struct trustees {
    struct trustee_set *sets;
    int set_count;
    struct element *keys; /* by number from 0 */
    int count;
    struct element joint_key;
    bool has_oldest_layout; /* a threshold set without the later signatures */
};

/* Reads and checks everything: proofs of possession, and of a threshold set certificates, commitments, signatures and keys.
 * Fails with ERR_INPUT "vote.trustee…" {the entry's number}. */
fallible trustees_read(struct ctx *ctx, struct group *group, struct text bytes, struct trustees *ret);
#endif
