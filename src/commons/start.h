/* commons/start.h -- the first page: four big buttons, looking a number up, and above them what waits for whoever has an office.
 * Owns:          the model of start.mustache but for the demo's doors, which app adds
 * Must not know: any single system
 * Begin at:      start_page()
 */
#ifndef COMMONS_START_H
#define COMMONS_START_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"
#include "commons/face.h"
#include "http/http.h"

fallible start_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer);
/* The same with a NUMBER that was typed and not found, and the text key of why; an empty text and NULL otherwise. */
fallible start_model(struct ctx *ctx, struct text number, const char *why, struct node **ret);
#endif
