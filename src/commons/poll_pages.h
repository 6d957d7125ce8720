/* commons/poll_pages.h -- the public face of a secret ballot: what is asked, where it stands, the list of ballots, the result.
 * Owns:          the models of ballots, ballot, ballot_tracking.mustache; the downloads of the archive; what all ballot pages share
 * Must not know: how a ballot is kept (record/poll.h), any secret
 * Begin at:      poll_page(); the pages of voters, trustees and the desk are poll_booth.h, poll_trustee.h, poll_desk.h
 *
 * Every page is also JSON; what the script of the browser needs stands at its top level; the heads of the views in systems/ballots name it.
 */
#ifndef COMMONS_POLL_PAGES_H
#define COMMONS_POLL_PAGES_H
#include "commons/face.h"
#include "http/http.h"
#include "record/poll.h"

extern const struct matter_face poll_face;

fallible polls_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_tracking_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_audit_page(struct ctx *ctx, struct request *request, struct answer *answer);

fallible poll_archive_file(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_election_file(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_trustees_file(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_credentials_file(struct ctx *ctx, struct request *request, struct answer *answer);
fallible poll_tally_file(struct ctx *ctx, struct request *request, struct answer *answer);

/* --- shared by the pages of a ballot --- */

/* The ballot of {number} in the address. */
fallible poll_asked(struct ctx *ctx, const struct request *request, struct poll **ret);
/* /ballots/NUMBER and what follows. */
const char *poll_href(struct ctx *ctx, const struct poll *poll, const char *rest);
/* {number, href, title, about, state, place, opens, closes, uuid} under `poll`. */
fallible poll_put(struct ctx *ctx, const struct poll *poll, struct node *model);
/* A row of ballot_row.mustache for each. */
fallible poll_rows_put(struct ctx *ctx, const struct poll *polls, int count, struct node *list);
/* The questions {asked, answers (list of {words, count, share, width})}. */
fallible poll_put_questions(struct ctx *ctx, const struct poll *poll, struct node *model);
/* What is said once a plan is done: a browser is led on, a program gets MODEL. DONE: a text key told on the next page. */
void poll_done(struct ctx *ctx, struct request *request, struct change *change, const char *location, const char *done,
               struct node *model);
/* Texts with + and / are put into an address. */
const char *poll_tracking_href(struct ctx *ctx, const char *number, const char *tracker);
#endif
