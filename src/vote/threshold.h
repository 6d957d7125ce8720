/* vote/threshold.h -- a trustee's own side of the ceremony: what needs the seed and never leaves its holder unsealed.
 * Owns:          the seed, certificate, polynomial and share of one trustee
 * Must not know: how messages travel, what others can check of them (ceremony.h)
 * Begin at:      threshold_seed(), threshold_keys(); the steps are told in ceremony.h
 *
 * The seed is all that a trustee keeps. Whoever holds keys or a secret wipes them.
 */
#ifndef VOTE_THRESHOLD_H
#define VOTE_THRESHOLD_H
#include "vote/ceremony.h"
#include "vote/channel.h"

enum { SEED_SIZE = 22 };

/* 22 random characters of Base58; ends with NUL; the caller wipes it. */
void threshold_seed(char ret[SEED_SIZE + 1]);

/* Fails with "vote.seed_form". */
fallible threshold_keys(struct ctx *ctx, struct group *group, struct text seed, struct channel_keys *ret);

/* Step 1. */
fallible threshold_certificate(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                               int index, struct text *ret);

/* Which trustee these keys belong to, by the certificates; fails with "vote.ceremony_not_mine". */
fallible threshold_index(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys, int *ret);

/* Step 3: all certificates must be there. */
fallible threshold_polynomial(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                              struct text *ret);

/* Step 5: INPUT as assembled from everybody's step 3. Every share is checked; the first that is missing, sealed for
 * somebody else, not signed by its sender, or not what its sender has committed to is named by "vote.ceremony_share_…"
 * {sender}. */
fallible threshold_output(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                          struct text input, struct text *ret);

/* After the last step, before any ballot: among TRUSTEES (the list as the vote publishes it) is the set of these
 * certificates, and in our place the key that PRIVATE_KEY opens with. Otherwise everybody's votes would be sealed for
 * somebody else. Fails as trustees_read(), threshold_decryption_key(), or with "vote.ceremony_other_set",
 * "vote.ceremony_other_key". */
fallible threshold_confirm(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                           struct text trustees, struct text private_key);

/* The key for opening, out of what step 5 sealed for its own sender (ceremony_private_key()); sums that earlier tools
 * left unreduced are reduced. Fails with "vote.private_key_…". */
fallible threshold_decryption_key(struct ctx *ctx, struct group *group, const struct channel_keys *keys,
                                  struct text private_key, struct secret *ret);
#endif
