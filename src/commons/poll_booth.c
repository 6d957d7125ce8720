/* commons/poll_booth.c */
#include "commons/poll_booth.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/poll_pages.h"

enum { STATUS_UNPROCESSABLE = 422 };

/* What the page shows to VOTER (NULL: to nobody known), who came with SLIP or without one. */
static const struct err *put_booth(struct ctx *ctx, const struct poll *poll, const struct poll_voter *voter, struct text slip,
                                   struct node *model)
{
    struct text election = TEXT("");
    const char *closed = poll_why_closed(poll, clock_now(ctx->clock));
    if (poll->sealed_at)
        TRY(poll_part(ctx, poll, "election", &election));
    TRY(poll_put(ctx, poll, model));
    TRY(poll_put_questions(ctx, poll, model));
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_text(model, KEY("election"), election);
    node_put_string(model, KEY("election_href"), poll_href(ctx, poll, "/election.json"));
    node_put_string(model, KEY("audit_href"), poll_href(ctx, poll, "/audit"));
    node_put_string(model, KEY("tracking_href"), poll_href(ctx, poll, "/tracking"));
    node_put_bool(model, KEY("is_open"), !closed);
    node_put_bool(model, KEY("may_vote"), !closed && voter);
    node_put_string(model, KEY("closed_words"), closed ? texts_say(ctx->language, closed) : NULL);
    node_put_string(model, KEY("voter"), voter ? voter->name : NULL);
    node_put_bool(model, KEY("has_voted"), voter && voter->voted);
    node_put_bool(model, KEY("needs_slip"), !closed && !voter);
    node_put_bool(model, KEY("not_on_roll"), !closed && !voter && !slip.size && ctx->person);
    node_put_text(model, KEY("slip"), voter ? slip : TEXT(""));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/booth"));
    return NULL;
}

const struct err *poll_booth_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_voter *voter;
    TRY(poll_asked(ctx, request, &poll));
    TRY(poll_voter_of(ctx, poll, person_who(ctx->person), &voter));
    answer->model = node_object(ctx->arena);
    return put_booth(ctx, poll, voter, TEXT(""), answer->model);
}

/* The page for the holder of a slip, whose code stands in a form and in no address: an address is kept by the browser of a terminal
 * that many use, and by whatever stands before this server. */
static const struct err *show_slip(struct ctx *ctx, struct request *request, struct text slip, struct change *change)
{
    struct poll *poll;
    struct poll_voter *voter = NULL;
    int64_t id;
    TRY(poll_asked(ctx, request, &poll));
    const struct err *wrong = poll_slip_voter(ctx, poll, slip, &voter, &id);
    if (wrong && err_root(wrong)->kind != ERR_INPUT)
        return wrong;
    struct node *model = node_object(ctx->arena);
    change->answer = (struct answer){ .status = wrong ? STATUS_UNPROCESSABLE : 0, .model = model, .view = "ballot_booth" };
    TRY(put_booth(ctx, poll, voter, slip, model));
    node_put_string(model, KEY("slip_problem"), wrong ? texts_of_err(ctx, wrong) : NULL);
    node_put_text(model, KEY("slip_typed"), slip);
    return NULL;
}

/* The voter's device is about to open a sealed ballot: that is told, and answered, before. */
static const struct err *take_spoil(struct ctx *ctx, struct request *request, const struct poll_spoil *spoil, struct change *change)
{
    TRY(poll_spoil_check(ctx, spoil, &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    const char *booth = matter_href(ctx, &poll_face, text_string(ctx->arena, spoil->number), "/booth");
    poll_done(ctx, request, change, booth, "flash.ballot_spoiled", model);
    return NULL;
}

static const struct err *take_ballot(struct ctx *ctx, struct request *request, const struct poll_cast *cast, struct change *change)
{
    const char *tracker;
    if (!cast->ballot.size)
        return err_field(ctx, "ballot", "poll.ballot_none");
    TRY(poll_cast_check(ctx, cast, &change->plan, &tracker));
    struct node *model = node_object(ctx->arena);
    node_put_string(model, KEY("tracker"), tracker);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_tracking_href(ctx, text_string(ctx->arena, cast->number), tracker), "flash.ballot_cast",
              model);
    return NULL;
}

const struct err *poll_booth_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct text number = request_param(request, "number"), slip = text_trim(request_field(request, "slip")),
                ballot = request_field(request, "ballot"), spoil = text_trim(request_field(request, "spoil"));
    if (!ctx->person && !slip.size)
        return err_new(ctx, ERR_DENIED, "sign_in.needed");
    if (slip.size && !ballot.at && !spoil.size)
        return show_slip(ctx, request, slip, change);
    if (spoil.size)
        return take_spoil(ctx, request, &(struct poll_spoil){ number, spoil, slip }, change);
    return take_ballot(ctx, request, &(struct poll_cast){ number, ballot, slip }, change);
}
