/* commons/matter_page.h -- the page of one matter: whole for those who may, the public line for everybody else.
 * Owns:          the models of matter.mustache and progress.mustache
 * Must not know: any single system (commons/face.h), how a move is made (commons/matter_forms.h)
 * Begin at:      matter_page()
 */
#ifndef COMMONS_MATTER_PAGE_H
#define COMMONS_MATTER_PAGE_H
#include "commons/form.h"
#include "commons/seen.h"

/* A move that was tried and came back: its form stands open with what was typed and what is wrong. */
struct tried_move {
    const struct flow_move *move;
    struct request *request;
    const struct form_problem *problems;
    int problem_count;
    const struct err *look_refused; /* instead of a move: the number that was asked for */
};

/* GET PREFIX/{number}. */
fallible matter_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);

/* The model of the whole page; TRIED may be NULL. */
fallible matter_model(struct seen *seen, const struct tried_move *tried, struct node **ret);

/* The form of a move: what it asks, from whom it may choose. TRIED may be NULL. */
fallible move_form(struct seen *seen, const struct flow_move *move, const struct tried_move *tried, struct flow_form *ret);

/* What the next last moment of a clock is called: 最迟派单. */
const char *clock_words(struct ctx *ctx, const struct flow *flow, const struct flow_clock *clock);
/* The running clock that ends first, or NULL. */
const struct running_clock *clock_next(const struct matter *matter);
/* {rule, source} into NODE. */
void clock_put_basis(struct ctx *ctx, const struct running_clock *clock, struct node *node);
#endif
