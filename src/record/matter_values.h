/* record/matter_values.h -- what state, kind and topic may be in the rows of a flow.
 * Owns:          the union over every version of the flow that a matter may have begun with
 * Must not know: lists, statements
 * Begin at:      matter_values()
 */
#ifndef RECORD_MATTER_VALUES_H
#define RECORD_MATTER_VALUES_H
#include "civic/role.h"

#include <stdbool.h>

struct ctx;

struct matter_values_asked {
    bool is_open;     /* only states that are not final */
    role_mask owners; /* only states that wait for one of these; 0: all */
    bool sees_sealed; /* also the choice that makes an accusation of a matter */
};

struct matter_values {
    const char **states, **kinds, **topics; /* "" among kinds and topics: the column may be null */
    int state_count, kind_count, topic_count;
};

/* False when a version can't say (a choice whose items are named move by move), or can't be read any more. */
bool matter_values(struct ctx *ctx, const char *flow, const struct matter_values_asked *asked,
                   struct matter_values *ret);
#endif
