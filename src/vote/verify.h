/* vote/verify.h -- does everything in an election's archive hold? From the first byte to the result.
 * Owns:          the order of events, and what is checked at each; the report
 * Must not know: where the archive comes from, how a report is printed
 * Begin at:      election_verify()
 *
 * It streams: of a ballot that has been checked only its hash and its place stay, of a voter credential, weight and the
 * place of the last ballot: together at most 200 bytes for each credential that votes once.
 *
 * What it can't say: whether the voters' list is the right one, whether a voter's device sealed what the voter chose,
 * and whether trustees kept their secrets to themselves.
 */
#ifndef VOTE_VERIFY_H
#define VOTE_VERIFY_H
#include "vote/election.h"

enum election_stage {
    STAGE_NOTHING,
    STAGE_OPEN,
    STAGE_CLOSED,
    STAGE_TALLIED,
    STAGE_SHUFFLED,
    STAGE_DECRYPTING,
    STAGE_RESULT,
    STAGE_COUNT
};

struct election_report {
    enum election_stage stage;
    struct election election; /* once the first event has been read */
    struct sha256 last_event; /* stands for everything before it */
    int64_t events, ballots, counted, weight;
    uint32_t voters;
    int trustees;
    bool has_oldest_layout;
    int64_t **result; /* by question; NULL before the last event */
    /* Where it failed: */
    int64_t event;  /* its height, from 0 */
    int64_t ballot; /* its number from 1; 0 when it is no ballot */
    bool has_hash;
    struct sha256 hash; /* of the object, if has_hash */
};

/* How to go about it. */
struct verify_manner {
    int threads; /* 0 or 1: the caller alone */
    /* After every few hundred ballots: everything before REST has been read, and is looked at again only where a voter
     * votes again. May be NULL. */
    void (*passed)(void *what, struct text rest, int64_t ballots);
    void *what;
};

/* NULL when everything holds; otherwise what does not (ERR_INPUT "vote.…"), and where, in the report. */
fallible election_verify(struct ctx *ctx, struct text archive, struct election_report *ret);
/* The same, by several threads: whatever their number, the report is the same. */
fallible election_verify_by(struct ctx *ctx, struct text archive, const struct verify_manner *manner,
                            struct election_report *ret);

/* That NEWER is OLDER with something added or nothing: "vote.not_continued". */
fallible election_continues(struct ctx *ctx, struct text older, struct text newer);
#endif
