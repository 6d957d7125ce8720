/* vote/seal.h -- a voter's choices become a sealed ballot, with the proofs that ballot.h checks.
 * Owns:          which choices a question allows, how they are read, encrypting and proving them
 * Must not know: how a voter chose, where the ballot goes
 * Begin at:      choices_read(), ballot_seal()
 *
 * Which answers are chosen is as secret as the credential: nothing here branches on a single one of them.
 */
#ifndef VOTE_SEAL_H
#define VOTE_SEAL_H
#include "vote/election.h"
#include "vote/prove.h"

/* One 0 or 1 for each ciphertext of all questions, the blank bit first where there is one: election_choice_count() of
 * them. */
int election_choice_count(const struct election *election);

/* "[[1,0,0],[0,1]]", as belenios-tool reads it: a list for each question. RET has election_choice_count() places; the
 * caller wipes it. Fails with ERR_INPUT "vote.choices_form", "vote.choices_count" {question} or "vote.choices_refused"
 * {question}. */
fallible choices_read(struct ctx *ctx, const struct election *election, struct text text, uint8_t *ret);

/* The ballot's bytes. CHOICES are as choices_read() gives them; fails with "vote.choices_refused". */
fallible ballot_seal(struct ctx *ctx, const struct election *election, const struct secret *credential,
                     const uint8_t *choices, struct buffer *out);
#endif
