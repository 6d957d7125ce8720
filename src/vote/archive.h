/* vote/archive.h -- the container of an election: members named by the hash of their bytes, and the chain of events.
 * Owns:          the .bel format: every header byte, every event's canonical text, the chain, how many members each event has;
 *                reading and writing it
 * Must not know: what an election, a ballot or a tally is
 * Begin at:      archive_open(), then archive_next() until it gives no event; archive_begin(), archive_append()
 */
#ifndef VOTE_ARCHIVE_H
#define VOTE_ARCHIVE_H
#include "base/buffer.h"
#include "base/encode.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum archive_event_type {
    EVENT_SETUP,
    EVENT_BALLOT,
    EVENT_END_BALLOTS,
    EVENT_ENCRYPTED_TALLY,
    EVENT_SHUFFLE,
    EVENT_END_SHUFFLES,
    EVENT_PARTIAL_DECRYPTION,
    EVENT_RESULT,
    EVENT_TYPE_COUNT
};

enum { ARCHIVE_MOST_MEMBERS = 4, HASH_DIGITS = 64 };

struct archive_member {
    struct sha256 hash;
    struct text bytes;
};

struct archive_event {
    enum archive_event_type type;
    int64_t height;
    struct sha256 hash;
    int count; /* of the members before it; the last one is its payload */
    struct archive_member members[ARCHIVE_MOST_MEMBERS];
};

/* Where the reading stands. All texts point into the archive's bytes. */
struct archive {
    struct text rest;
    uint64_t time;          /* stands in every member */
    int64_t height;         /* of the next event */
    struct sha256 last;     /* the hash of the event before it */
    struct sha256 at_fault; /* what the last failure was about, if has_fault_hash */
    bool has_fault_hash;
};

fallible archive_open(struct ctx *ctx, struct text bytes, struct archive *ret);

/* The next event with its members; *RET_IS_END at the end. Whether events follow one another as they should is the
 * caller's. Fails with ERR_INPUT "vote.archive_…". */
fallible archive_next(struct ctx *ctx, struct archive *archive, struct archive_event *ret, bool *ret_is_end);

/* A new archive of TIME (seconds of Unix) is what OUT then holds; *RET stands at its end. */
void archive_begin(uint64_t time, struct archive *ret, struct buffer *out);

/* Adds an event with the members that its type has, the last one its payload. ARCHIVE stands at
 * its end: read so far, or made of time, height and last alone. OUT gets the new bytes only. Returns the event's hash. */
struct sha256 archive_append(struct archive *archive, enum archive_event_type type, const struct text *members,
                             struct buffer *out);

/* How many members an event of this type has; its name in the archive. */
int archive_member_count(enum archive_event_type type);
const char *archive_type_name(enum archive_event_type type);

/* The hash as the archive's texts write it. */
bool archive_hash_is(const struct sha256 *hash, struct text hex);
const char *archive_hash(struct arena *arena, const struct sha256 *hash);
#endif
