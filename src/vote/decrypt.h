/* vote/decrypt.h -- a trustee's part in opening the sums, and the numbers that all parts together give.
 * Owns:          factors and their proofs, finding how often an answer was chosen
 * Must not know: single ballots; whose secret it is
 * Begin at:      decryption_write(), result_write()
 */
#ifndef VOTE_DECRYPT_H
#define VOTE_DECRYPT_H
#include "vote/prove.h"
#include "vote/tally.h"

/* The part of the trustee whose secret is X (of a threshold set: its share):
 * {"decryption_factors":…,"decryption_proofs":…}. */
void decryption_write(struct ctx *ctx, const struct tally *tally, const struct secret *x, struct buffer *out);

/* {"owner":…,"payload":…}: whose part it is, by number from 1. */
void decryption_write_owned(struct ctx *ctx, int owner, const struct sha256 *part_hash, struct buffer *out);

/* {"result":[[…],…]} of sums and parts that have been checked. Fails with ERR_INPUT "vote.decryptions_missing",
 * "vote.result_none" when a number is larger than all weights together, "vote.result_large" when the weights are too
 * large to search. */
fallible result_write(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                      const struct decryptions *decryptions, struct buffer *out);
#endif
