/* vote/tally.h -- from counted ballots to the result: the sums under seal, the trustees' parts, the numbers.
 * Owns:          struct tally (the sums), struct decryptions (who has opened what)
 * Must not know: archives, which ballots count
 * Begin at:      tally_begin(), tally_add(), tally_compare(); decryption_add(); result_check()
 */
#ifndef VOTE_TALLY_H
#define VOTE_TALLY_H
#include "vote/ballot.h"
#include "vote/trustees.h"

struct tally {
    const struct election *election;
    struct ciphertext **sums; /* by question and choice */
    int64_t counted, weight;
};

void tally_begin(struct ctx *ctx, const struct election *election, struct tally *ret);
/* A ballot that has been checked, with its voter's weight; TAKE_OUT undoes it, for a voter who has voted again. */
fallible tally_add(struct ctx *ctx, struct tally *tally, const struct ballot *ballot, int64_t weight, bool take_out);
/* As elections publish it; and its sizes, which name it by its hash. */
void tally_write(const struct tally *tally, struct buffer *out);
void tally_write_sized(struct ctx *ctx, const struct tally *tally, const struct sha256 *tally_hash, struct buffer *out);
/* The published tally and its sizes against ours. Fails with "vote.tally_…". */
fallible tally_compare(struct ctx *ctx, const struct tally *tally, struct text published, const struct sha256 *published_hash,
                       struct text sized);

struct decryptions {
    struct element **factors; /* by trustee: all factors, question after question; NULL before */
};

void decryptions_begin(struct ctx *ctx, const struct trustees *trustees, struct decryptions *ret);
/* One trustee's part: {"owner":…,"payload":…} and the part itself. Fails with "vote.decryption_…". */
fallible decryption_add(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                        struct decryptions *decryptions, struct text owned, struct text part,
                        const struct sha256 *part_hash);

/* Lagrange's coefficient at 0 of the point AT, one of the POINTS. */
struct scalar lagrange(struct group *group, const int *points, int count, int at);

/* All parts together: for each question and choice the generator raised to the number of votes. Fails with
 * "vote.decryptions_missing" {set, there, needed}. */
fallible decryptions_combine(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                             const struct decryptions *decryptions, struct element ***ret);

/* The published numbers against the sums and the trustees' parts; RET has a list of numbers for each question.
 * Fails with "vote.result_…", "vote.decryptions_missing". */
fallible result_check(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                      const struct decryptions *decryptions, struct text published, int64_t ***ret);
#endif
