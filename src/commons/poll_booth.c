/* commons/poll_booth.c */
#include "commons/poll_booth.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/poll_pages.h"

/* Who votes here: the holder of the slip, else who is signed in; NULL for neither. */
static const struct err *voter_of(struct ctx *ctx, const struct poll *poll, struct text slip, struct poll_voter **ret)
{
    int64_t id;
    if (slip.size)
        return poll_slip_voter(ctx, poll, slip, ret, &id);
    return poll_voter_of(ctx, poll, person_who(ctx->person), ret);
}

static const char *why_closed(const struct poll *poll, int64_t now)
{
    if (poll_is(poll, "cancelled"))
        return "poll.was_cancelled";
    if (poll_is_late(poll, now))
        return "poll.not_prepared";
    return now < poll->closes && !poll_is(poll, "closed") && !poll_is(poll, "counted") ? "poll.not_yet" : "poll.not_open";
}

const struct err *poll_booth_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_voter *voter = NULL;
    struct text slip = text_trim(request_query(request, "slip")), election = { 0 };
    TRY(poll_asked(ctx, request, &poll));
    const struct err *wrong = voter_of(ctx, poll, slip, &voter);
    if (wrong && err_root(wrong)->kind != ERR_INPUT)
        return wrong;
    int64_t now = clock_now(ctx->clock);
    bool is_open = poll_is_open(poll, now);
    if (poll->sealed_at)
        TRY(poll_part(ctx, poll, "election", &election));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    TRY(poll_put_questions(ctx, poll, model));
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_text(model, KEY("election"), election.at ? election : TEXT(""));
    node_put_string(model, KEY("election_href"), poll_href(ctx, poll, "/election.json"));
    node_put_string(model, KEY("audit_href"), poll_href(ctx, poll, "/audit"));
    node_put_string(model, KEY("tracking_href"), poll_href(ctx, poll, "/tracking"));
    node_put_bool(model, KEY("is_open"), is_open);
    node_put_bool(model, KEY("may_vote"), is_open && voter);
    node_put_string(model, KEY("closed_words"), is_open ? NULL : texts_say(ctx->language, why_closed(poll, now)));
    node_put_string(model, KEY("voter"), voter ? voter->name : NULL);
    node_put_bool(model, KEY("has_voted"), voter && voter->voted);
    node_put_bool(model, KEY("needs_slip"), is_open && !voter);
    node_put_bool(model, KEY("not_on_roll"), is_open && !voter && !slip.size && ctx->person);
    node_put_string(model, KEY("slip_problem"), wrong ? texts_of_err(ctx, wrong) : NULL);
    node_put_text(model, KEY("slip"), slip.at ? slip : TEXT(""));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/booth"));
    return NULL;
}

/* The voter's device is about to open a sealed ballot: that is told, and answered, before. */
static const struct err *take_spoil(struct ctx *ctx, struct request *request, const struct poll *poll, struct text tracker,
                                    struct change *change)
{
    struct poll_spoil spoil = { tracker, text_trim(request_field(request, "slip")) };
    TRY(poll_spoil_check(ctx, poll, &spoil, &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_href(ctx, poll, "/booth"), "flash.ballot_spoiled", model);
    return NULL;
}

const struct err *poll_booth_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_cast cast = { request_field(request, "ballot"), text_trim(request_field(request, "slip")) };
    const char *tracker;
    TRY(poll_load_for_ballot(ctx, request_param(request, "number"), &poll));
    if (!ctx->person && !cast.slip.size)
        return err_new(ctx, ERR_DENIED, "sign_in.needed");
    struct text spoil = text_trim(request_field(request, "spoil"));
    if (spoil.size)
        return take_spoil(ctx, request, poll, spoil, change);
    if (!cast.ballot.size)
        return err_field(ctx, "ballot", "poll.ballot_none");
    TRY(poll_cast_check(ctx, poll, &cast, &change->plan, &tracker));
    struct node *model = node_object(ctx->arena);
    node_put_string(model, KEY("tracker"), tracker);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_tracking_href(ctx, poll, tracker), "flash.ballot_cast", model);
    return NULL;
}
