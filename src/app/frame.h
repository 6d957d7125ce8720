/* app/frame.h -- what surrounds every page, and the page that says why there is none.
 * Owns:          the model "frame" (frame.mustache), error pages (error.mustache), navigation by role
 * Must not know: single pages
 * Begin at:      frame_put(), error_page()
 */
#ifndef APP_FRAME_H
#define APP_FRAME_H
#include "http/http.h"

void frame_put(void *house, struct ctx *ctx, struct request *request, struct answer *answer);
/* Fills ANSWER for ERR; ANSWER's status is the page's. Of an error on our side it returns the short id that the page shows and the
 * log should tell, otherwise NULL. */
const char *error_page(struct ctx *ctx, struct request *request, const struct err *err, struct answer *answer);
#endif
