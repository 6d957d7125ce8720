/* systems/requests/new_request.h -- filing a request: by the one who asks, or written down at the desk.
 * Owns:          the model of new_request.mustache
 * Must not know: what happens afterwards
 * Begin at:      new_request_page(), new_request_check()
 */
#ifndef SYSTEMS_REQUESTS_NEW_REQUEST_H
#define SYSTEMS_REQUESTS_NEW_REQUEST_H
#include "base/ctx.h"
#include "base/err.h"
#include "http/http.h"

/* GET /requests/new, ?place= for another place of one's realm. */
fallible new_request_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST /requests. What is wrong comes back in the form, with everything that was typed. */
fallible new_request_check(struct ctx *ctx, struct request *request, struct change *change);
#endif
