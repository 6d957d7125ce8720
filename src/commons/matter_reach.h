/* commons/matter_reach.h -- the handler reaches whoever asked: a masked number, and the whole one after saying what for.
 * Owns:          the object `reach` of matter.mustache
 * Must not know: who may (record/matter_change.h), how a look is recorded (record/person.h)
 * Begin at:      reach_put(), reach_check()
 */
#ifndef COMMONS_MATTER_REACH_H
#define COMMONS_MATTER_REACH_H
#include "commons/seen.h"

/* {name, masked, full, action, token, purpose_error, purpose} under KEY("reach"), null where there is nothing to reach.
 * REFUSED: why the look that was asked for was not recorded, or NULL. */
fallible reach_put(struct seen *seen, const struct err *refused, struct node *node);
/* POST PREFIX/{number}/look: purpose. */
fallible reach_check(struct ctx *ctx, struct request *request, const struct matter_face *face, struct change *change);
#endif
