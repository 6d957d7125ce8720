/* commons/moment.h -- moments as people read them, and as machines do.
 * Owns:          the shape {iso, text} of every moment in a model
 * Must not know: what the moment means
 * Begin at:      moment_put()
 */
#ifndef COMMONS_MOMENT_H
#define COMMONS_MOMENT_H
#include "base/ctx.h"
#include "base/node.h"

/* Puts {iso: RFC 3339 with +08:00, text: the same in ctx's language} under KEY. */
void moment_put(struct ctx *ctx, struct node *object, const struct key *key, int64_t micros);

/* "3月5日（星期四）14:30", with the year when it isn't the present one; "24:00" for a day's last microsecond. */
const char *moment_words(struct ctx *ctx, int64_t micros);
/* The same without the time of day. */
const char *day_words(struct ctx *ctx, int32_t day);
#endif
