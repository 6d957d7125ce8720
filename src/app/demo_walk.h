/* app/demo_walk.h -- walks the demo's requests through the real flow under a clock that is set.
 * Owns:          reading demo/requests.json, the order of steps, the fake clock's hands
 * Must not know: how a step is stored
 * Begin at:      demo_walk_requests()
 */
#ifndef APP_DEMO_WALK_H
#define APP_DEMO_WALK_H
#include "app/house.h"
#include "base/clock.h"

struct demo_walk {
    struct house *house;
    struct fake_clock *clock; /* the house's clock */
    void (*progress)(void *self, int done, int all);
    void *self;
    int requests, moves; /* what was done */
};

/* Steps are done in the order of their moments, up to the midnight that begins today; clocks fire in between. */
fallible demo_walk_requests(struct ctx *ctx, struct demo_walk *walk, struct text json);

/* Clocks fire at the moment they are due; then it is UNTIL. */
fallible demo_let_time_pass(struct ctx *ctx, struct demo_walk *walk, int64_t until);

/* How long before the start's midnight the demo's lists come in: longer than any request is old. Microseconds. */
int64_t demo_begins_before(void);
#endif
