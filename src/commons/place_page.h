/* commons/place_page.h -- a place: who is responsible, what was filed and voted on, what lies above and below.
 * Owns:          the models of place and places.mustache; which numbers of a place are public; whose names everybody may read; how a service desk is told
 * Must not know: any single system
 * Begin at:      place_page()
 */
#ifndef COMMONS_PLACE_PAGE_H
#define COMMONS_PLACE_PAGE_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"
#include "commons/face.h"
#include "http/http.h"

/* {name, address, hours, phone (null where not known)} of the desk that serves PLACE_PATH under KEY("desk"), null without one. */
fallible desk_put(struct ctx *ctx, const char *place_path, struct node *node);
/* The districts, from which every village is found. */
fallible places_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible place_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer);
#endif
