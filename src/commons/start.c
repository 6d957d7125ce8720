/* commons/start.c */
#include "commons/start.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/matter_lists.h"
#include "commons/moment.h"
#include "commons/place_page.h"
#include "commons/poll_pages.h"
#include "record/person.h"
#include "record/place.h"
#include "record/rights.h"

/* What this person may vote on now. */
static const struct err *put_ballots(struct ctx *ctx, struct node *model)
{
    enum { BALLOTS_SHOWN = 3 };
    struct poll *polls;
    struct moments moments;
    int count;
    TRY(poll_list_of_voter(ctx, person_who(ctx->person), BALLOTS_SHOWN, &polls, &count));
    struct node *list = node_put_list(model, KEY("votes"));
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    for (int i = 0; i < count; i++) {
        struct poll_voter *voter;
        TRY(poll_voter_of(ctx, &polls[i], person_who(ctx->person), &voter));
        bool has_voted = voter && voter->voted;
        struct node *ballot = node_add_object(list);
        const char *closes = text_string(ctx->arena, moments_say(&moments, polls[i].closes, MOMENT_DUE));
        node_put_string(ballot, KEY("words"), texts_fill(ctx, has_voted ? "start.voted" : "start.to_vote", polls[i].title, closes, NULL));
        node_put_bool(ballot, KEY("has_voted"), has_voted);
        node_put_string(ballot, KEY("href"), poll_href(ctx, &polls[i], ""));
    }
    return NULL;
}

const struct err *start_model(struct ctx *ctx, struct text number, const char *why, struct node **ret)
{
    struct node *model = *ret = node_object(ctx->arena);
    node_put_text(model, KEY("lookup_number"), number.at ? number : TEXT(""));
    node_put_string(model, KEY("lookup_error"), why ? texts_say(ctx->language, why) : NULL);
    /* One's own village; a stranger finds theirs from the districts down. */
    node_put_string(model, KEY("village_href"),
                    ctx->person ? arena_printf(ctx->arena, "/places/%s", place_village(ctx, ctx->person->place_path)) : "/places");
    if (ctx->person) {
        TRY(desk_put(ctx, ctx->person->place_path, model));
        TRY(put_ballots(ctx, model));
    }
    node_put_bool(model, KEY("may_file"), !ctx->person || may(ctx->person, "request.file", NULL));
    return NULL;
}

const struct err *start_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer)
{
    (void)request;
    TRY(start_model(ctx, (struct text){ NULL, 0 }, NULL, &answer->model));
    return may(ctx->person, "today", NULL) ? work_put(ctx, faces, answer->model) : NULL;
}
