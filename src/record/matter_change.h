/* record/matter_change.h -- opening a matter and moving it: from what was sent to a plan.
 * Owns:          the statements that change a matter, its events, clocks, pictures and messages
 * Must not know: forms and pages; when the plan runs (store/writer.h)
 * Begin at:      matter_open_check(), matter_move_check()
 *
 *     struct matter_change change;
 *     TRY(matter_move_check(ctx, matter, &asked, &change));
 *     if (change.already) …go there: this form was sent before
 *     else …hand change.plan to the writer; an OUTCOME_CONFLICT says "matter.changed": check again with a new snapshot
 *
 * The check reads ctx->snapshot, asks the rights of ctx->person, lets civic's machine decide and writes the plan: one
 * row of matter, one event (one leaf), the clocks that changed, messages to those whom the move tells, the request
 * token.
 */
#ifndef RECORD_MATTER_CHANGE_H
#define RECORD_MATTER_CHANGE_H
#include "record/matter.h"

struct place;
struct plan;

/* One picture as it was sent; checked, stripped (record/picture.h) and kept; its id joins the values of its field. */
struct matter_picture {
    struct text field;
    struct text bytes;
};

struct matter_opening {
    const struct flow *flow; /* flow_now() */
    const char *place;       /* code of the place it is about */
    bool is_by_hand;         /* ctx->person writes down what somebody else says: the matter has no author of its own,
                                unless `author` says who */
    struct who author;       /* with is_by_hand: whom it was written down for, or nobody */
    const struct flow_given *given;
    int given_count;
    const struct matter_picture *pictures;
    int picture_count;
    struct text token;    /* request token of ctx->person; empty for none (imports, tests) */
    const char *leads_to; /* "/requests/": with the number behind it, and then */
    const char *leads_on; /* "/filed" (NULL: nothing), the token's result: where a second sending of the form leads */
    const struct place *known; /* PLACE as it stands in ctx->snapshot, when the caller has it; or NULL */
};

struct matter_move {
    struct text move;
    int64_t version; /* of the page the form stood on; 0: don't compare */
    const struct flow_given *given;
    int given_count;
    const struct matter_picture *pictures;
    int picture_count;
    struct text token;
    const char *leads_to; /* as above */
};

struct matter_change {
    struct plan *plan;                /* NULL when `already` */
    const char *already;              /* the token was used: where the first one led */
    int64_t id;                       /* of the matter */
    const struct flow_result *result; /* what follows, if the plan is done */
};

/* Errors: those of flow_open(), of picture_clean(), ERR_MISSING "place.missing", ERR_DENIED "flow.open.denied". */
fallible matter_open_check(struct ctx *ctx, const struct matter_opening *opening, struct matter_change *ret);

/* Whether PERSON may ask for the author's telephone: to whom the matter was given, while it is open; never of an accusation. */
bool matter_may_reach(const struct person *person, const struct matter *matter);
/* As person_look() (record/person.h), for the author's telephone. ERR_DENIED "people.look.denied" unless matter_may_reach(). */
fallible matter_reach(struct ctx *ctx, const struct matter *matter, struct text purpose, struct plan **ret, int64_t *ret_look);

/* Errors: those of flow_step(); ERR_CONFLICT "matter.changed" when `version` isn't the present one; ERR_MISSING
 * "matter.missing" for whom matter_sight() is not WHOLE; ERR_INPUT with the field: "matter.handler.unknown" (not a
 * handler in this place), "matter.handler.same" (who has it already), "matter.handler.accused" (an accusation never goes to the one accused). */
fallible matter_move_check(struct ctx *ctx, const struct matter *matter, const struct matter_move *asked,
                           struct matter_change *ret);
#endif
