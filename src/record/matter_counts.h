/* record/matter_counts.h -- the public numbers of a place: how much was filed lately, how much isn't closed yet, how much of it is late.
 * Owns:          what is counted and how far
 * Must not know: how the numbers are drawn
 * Begin at:      matter_counts()
 *
 * Counted when asked for, from an index and no further than COUNTS_MOST: no filing pays for it, and a page costs the same
 * whatever the table holds. Accusations are in none of the numbers: in a village even that there is one says too much.
 */
#ifndef RECORD_MATTER_COUNTS_H
#define RECORD_MATTER_COUNTS_H
#include "base/ctx.h"
#include "base/err.h"

#include <stdint.h>

enum { COUNTS_MOST = 1000, COUNTS_DAYS = 30 };

struct place;

struct matter_counts {
    int64_t filed;      /* in the last COUNTS_DAYS days */
    int64_t open, late; /* not closed; past the next last moment */
};

/* Of a village, or of a whole town. COUNTS_MOST stands for as many and more. */
fallible matter_counts(struct ctx *ctx, const struct place *place, const char *flow, struct matter_counts *ret);
#endif
