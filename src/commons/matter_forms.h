/* commons/matter_forms.h -- opening a matter and moving it, from a form.
 * Owns:          what comes back when something is wrong: the form with its texts, or the matter as it now is
 * Must not know: any single system; what a plan does (record/matter_change.h makes it)
 * Begin at:      move_check(), open_check()
 */
#ifndef COMMONS_MATTER_FORMS_H
#define COMMONS_MATTER_FORMS_H
#include "commons/form.h"
#include "commons/matter_page.h"

/* POST PREFIX/{number}/moves/{move}. */
fallible move_check(struct ctx *ctx, struct request *request, const struct matter_face *face, struct change *change);

struct place;

struct opening_form {
    const struct matter_face *face;
    struct flow_form form;  /* the flow's filing fields, with the request */
    const struct place *place; /* it is about */
    bool is_by_hand;
    struct who author; /* of what is written down by hand, or nobody */
};

/* Checks and plans; what the sender can mend comes back as *RET_WRONG (NULL when there is a plan), for form_problems(). */
fallible open_check(struct ctx *ctx, const struct opening_form *opening, struct change *change, const struct err **ret_wrong);
#endif
