/* commons/matter_lists.h -- lists of matters: all one may see, the desk's inbox, what is to be done today.
 * Owns:          the models of matters.mustache, inbox.mustache and today.mustache; filters and pages in addresses
 * Must not know: any single system; which index serves a list (record/matter_list.h)
 * Begin at:      matters_page(), inbox_page(), today_page()
 */
#ifndef COMMONS_MATTER_LISTS_H
#define COMMONS_MATTER_LISTS_H
#include "commons/face.h"
#include "http/http.h"

/* GET PREFIX: ?state= &kind= &topic= &late=1 &after=, and &list=own|given|place for whoever has several. With ?number= it
 * looks a number up for anyone: leads to its page, or shows the start page again. */
fallible matters_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);
/* ?view= one of the face's views, &after=. */
fallible inbox_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);
/* Late, due by the end of the next working day, waiting: of all FACES (NULL-ended). */
fallible today_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer);
/* How many of each, and of the inbox of the first face for whoever has one, under KEY("staff"): for the first page. */
fallible work_put(struct ctx *ctx, const struct matter_face *const *faces, struct node *model);
#endif
