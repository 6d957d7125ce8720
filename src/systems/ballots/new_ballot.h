/* systems/ballots/new_ballot.h -- calling a ballot: what is asked, when, of whom, and who keeps it honest.
 * Owns:          the model of new_ballot.mustache
 * Must not know: what happens afterwards
 * Begin at:      new_ballot_page(), new_ballot_check()
 */
#ifndef SYSTEMS_BALLOTS_NEW_BALLOT_H
#define SYSTEMS_BALLOTS_NEW_BALLOT_H
#include "base/ctx.h"
#include "base/err.h"
#include "http/http.h"

/* GET /ballots/new, ?place= for one of several villages. */
fallible new_ballot_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST /ballots/new. What is wrong comes back in the form, with everything that was typed. */
fallible new_ballot_check(struct ctx *ctx, struct request *request, struct change *change);
#endif
