/* vote/standing.h -- where an election stands, read from its archive, and what may be added next.
 * Owns:          struct standing; which ballot, tally, part or result may come, and its events
 * Must not know: files; whether what is in the archive already is right (election_verify() says that)
 * Begin at:      standing_read(); then standing_cast(), standing_close(), standing_accept(), standing_finish()
 *
 * Reading checks the container, the chain of events and Setup, but no ballot again. What is added is checked in full,
 * and nothing is written when it doesn't pass: OUT gets the bytes that go to the archive's end.
 */
#ifndef VOTE_STANDING_H
#define VOTE_STANDING_H
#include "vote/archive.h"
#include "vote/tally.h"
#include "vote/verify.h"

struct standing_part {
    struct text owned, part;
    struct sha256 hash;
};

struct standing {
    enum election_stage stage;
    struct election election;
    struct trustees trustees;
    struct voters voters;
    struct archive tip;
    struct text *ballots; /* in the archive's bytes, in order */
    uint32_t ballot_count;
    struct hashes hashes;                         /* of the ballots */
    struct text published_tally, published_sizes; /* empty before */
    struct sha256 tally_hash;
    struct standing_part *parts;
    int part_count;
    /* After standing_count(): */
    struct tally tally;
    struct decryptions decryptions;
};

/* BYTES stay the caller's for as long as RET is used. Fails as election_verify() for what it looks at. */
fallible standing_read(struct ctx *ctx, struct text bytes, struct standing *ret);
void standing_clear(struct standing *standing);

/* One more ballot: of this election, of a credential on the list, not there already, all proofs right, the vote not
 * closed. Fails with "vote.ballot_…", "vote.closed". */
fallible standing_cast(struct ctx *ctx, struct standing *standing, struct text ballot, struct buffer *out);

/* No more ballots, and the sums of those that count. Fails with "vote.closed". */
fallible standing_close(struct ctx *ctx, struct standing *standing, struct buffer *out);

/* The sums, and the parts that are there; needed before the rest. Fails with "vote.not_closed", "vote.tally_…",
 * "vote.decryption_…". */
fallible standing_count(struct ctx *ctx, struct standing *standing);

/* A trustee's part. Fails with "vote.decryption_…", "vote.finished". */
fallible standing_accept(struct ctx *ctx, struct standing *standing, struct text part, struct text owned,
                         struct buffer *out);

/* The result, with enough parts; RET_RESULT (may be NULL) is its text, in ctx's arena. */
fallible standing_finish(struct ctx *ctx, struct standing *standing, struct buffer *out, struct text *ret_result);
#endif
