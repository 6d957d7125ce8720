/* commons/poll_desk.h -- what desk and village secretary do with a ballot that runs: one-time slips, cancelling, closing early.
 * Owns:          the models of ballot_slips and ballot_slip.mustache
 * Must not know: how a ballot is called (systems/ballots), what a slip's holder votes
 * Begin at:      poll_slips_page(), poll_slip_take(), poll_move_take()
 */
#ifndef COMMONS_POLL_DESK_H
#define COMMONS_POLL_DESK_H
#include "http/http.h"

/* ?after= a number of the roll, ?name= part of a name. */
fallible poll_slips_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST: `voter`, a number of the roll. The code is shown once, in the answer. */
fallible poll_slip_take(struct ctx *ctx, struct request *request, struct change *change);
/* POST …/moves/{move}: cancel (`reason`), close_early. */
fallible poll_move_take(struct ctx *ctx, struct request *request, struct change *change);
#endif
