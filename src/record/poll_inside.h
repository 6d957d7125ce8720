/* record/poll_inside.h -- what the files of ballots share.
 * Owns:          the hand-over between who makes a step of a ballot and poll_bind()
 * Must not know: pages
 * Begin at:      poll_step_plan()
 */
#ifndef RECORD_POLL_INSIDE_H
#define RECORD_POLL_INSIDE_H
#include "record/matter_inside.h"
#include "record/poll.h"
#include "vote/archive.h"

/* Places of parts in the archive: before the ballots, and behind them. */
enum {
    SEQ_ELECTION = 1,
    SEQ_TRUSTEES = 2,
    SEQ_CREDENTIALS = 3,
    SEQ_SETUP = 4,
    SEQ_TALLY = 11,
    SEQ_SIZED = 12,
    SEQ_FIRST_PART = 21, /* then two for each trustee who opens */
    SEQ_RESULT = 91,
};

struct poll_part_added {
    int seq;
    const char *kind;
    int trustee; /* or 0 */
    struct text bytes;
};

void poll_part_step(struct plan *plan, const struct poll *poll, struct poll_part_added part);

/* A move of the matter made by ctx->person as ROLE, which this room says they are here; FACTS may be NULL. */
fallible poll_step_plan(struct ctx *ctx, const struct poll *poll, const char *move, enum role role, const struct node *facts,
                        struct plan **ret);

/* The number of a rule of ours as it holds in the place of the ballot. */
int64_t poll_rule(struct ctx *ctx, const char *place_path, const char *key);

/* Tells PERSON that it is their turn. */
void poll_tell(struct ctx *ctx, struct plan *plan, const struct poll *poll, struct who who, const char *what);
fallible poll_tell_voters(struct ctx *ctx, struct plan *plan, const struct poll *poll, const char *what);

const char *poll_tracker(struct ctx *ctx, struct text hash_hex);
/* The other way; NULL for what is none. Blanks around are passed over. */
const char *poll_tracker_hash(struct ctx *ctx, struct text tracker);

/* One message from outside. */
enum { MESSAGE_MOST = 256 << 10 };

/* poll_archive.c: where the archive would stand with these parts behind the others. */
fallible poll_head_with(struct ctx *ctx, const struct poll *poll, const struct poll_part_added *more, int count,
                        struct poll_head *ret);

struct ceremony;
/* poll_keys.c: the ceremony as far as it has come. */
fallible poll_ceremony(struct ctx *ctx, const struct poll *poll, struct ceremony *ret);
#endif
