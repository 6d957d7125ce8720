/* commons/poll_booth.h -- where a voter votes: with one's own sign-in, or with a one-time slip on any device.
 * Owns:          the model of ballot_booth.mustache; taking a sealed ballot
 * Must not know: what anybody chose: the ballot is sealed in the voter's browser
 * Begin at:      poll_booth_page(), poll_booth_check()
 */
#ifndef COMMONS_POLL_BOOTH_H
#define COMMONS_POLL_BOOTH_H
#include "http/http.h"

/* GET …/booth. */
fallible poll_booth_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST …/booth: `ballot`, or `spoil` (the tracker of one that is about to be opened), and `slip` instead of a signed-in voter; with
 * a `slip` alone: the page for its holder. */
fallible poll_booth_check(struct ctx *ctx, struct request *request, struct change *change);
#endif
