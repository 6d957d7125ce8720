/* commons/place_page.h -- a place: who is responsible, what lies above and below.
 * Owns:          the model of place.mustache; whose names everybody may read
 * Must not know: any single system
 * Begin at:      place_page()
 */
#ifndef COMMONS_PLACE_PAGE_H
#define COMMONS_PLACE_PAGE_H
#include "base/ctx.h"
#include "base/err.h"
#include "http/http.h"

fallible place_page(struct ctx *ctx, struct request *request, struct answer *answer);
#endif
