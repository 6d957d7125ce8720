/* app/demo_ballots.h -- the demo's secret ballots of 建国村: one counted, one open, one in preparation, walked as they would go.
 * Owns:          what was asked and chosen in them, who did what when
 * Must not know: how a ballot is kept (record/poll.h), how one is sealed (demo_devices.h)
 * Begin at:      demo_ballots_begin(), demo_ballots_until()
 *
 * Codes and keys of these ballots are no secret: the page of the open one tells visitors those they may try.
 */
#ifndef APP_DEMO_BALLOTS_H
#define APP_DEMO_BALLOTS_H
#include "app/demo_walk.h"

struct demo_ballots;

/* MIDNIGHT: the beginning of the day on which the demo is made. Lives in ctx's arena. */
fallible demo_ballots_begin(struct ctx *ctx, int64_t midnight, struct demo_ballots **ret);
/* Everything that happened up to UNTIL, each at its moment. */
fallible demo_ballots_until(struct ctx *ctx, struct demo_walk *walk, struct demo_ballots *ballots, int64_t until);
#endif
