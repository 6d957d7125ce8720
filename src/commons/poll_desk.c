/* commons/poll_desk.c */
#include "commons/poll_desk.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/moment.h"
#include "commons/poll_pages.h"
#include "commons/qr.h"
#include "record/matter_change.h"
#include "record/records.h"
#include "record/rights.h"

enum { ROLL_SHOWN = 100, ROLL_SEARCHED = 20000, SLIPS_SHOWN = 20 };

static const struct err *kept_asked(struct ctx *ctx, struct request *request, struct poll **ret)
{
    TRY(poll_asked(ctx, request, ret));
    return poll_is_kept_by(*ret, ctx->person) ? NULL : err_new(ctx, ERR_DENIED, "rights.denied");
}

/* --- slips --- */

static void put_voters(struct ctx *ctx, const struct poll_voter *voters, int count, struct text name, struct node *model)
{
    struct node *rows = node_put_list(model, KEY("rows"));
    for (int i = 0; i < count && rows->count < ROLL_SHOWN; i++) {
        if (name.size && !memmem(voters[i].name, strlen(voters[i].name), name.at, name.size))
            continue;
        struct node *row = node_add_object(rows);
        node_put_string(row, KEY("number"), arena_printf(ctx->arena, "%lld", (long long)voters[i].number));
        node_put_string(row, KEY("name"), voters[i].name);
        node_put_bool(row, KEY("voted"), voters[i].voted != 0);
    }
    node_put_bool(model, KEY("has_rows"), rows->count > 0);
}

static const struct err *put_slips(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct poll_slip *slips;
    struct moments moments;
    int count;
    int64_t now = clock_now(ctx->clock);
    TRY(poll_slips(ctx, poll, SLIPS_SHOWN, &slips, &count));
    moments_begin(&moments, ctx, now);
    struct node *list = node_put_list(model, KEY("slips"));
    for (int i = 0; i < count; i++) {
        struct node *slip = node_add_object(list);
        node_put_string(slip, KEY("name"), slips[i].name);
        moments_put(&moments, slip, KEY("made"), slips[i].made, MOMENT_LINE);
        node_put_string(slip, KEY("words"),
                        texts_say(ctx->language, slips[i].used            ? "ballot.slip_used"
                                                 : slips[i].expires < now ? "ballot.slip_over"
                                                                          : "ballot.slip_valid"));
    }
    node_put_bool(model, KEY("has_slips"), count > 0);
    return NULL;
}

const struct err *poll_slips_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_voter *voters;
    int count;
    int64_t after = 0;
    struct text name = text_trim(request_query(request, "name"));
    TRY(kept_asked(ctx, request, &poll));
    if (!text_int(request_query(request, "after"), &after))
        after = 0;
    TRY(poll_voters(ctx, poll, after, name.size ? ROLL_SEARCHED : ROLL_SHOWN, &voters, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    put_voters(ctx, voters, count, name, model);
    TRY(put_slips(ctx, poll, model));
    node_put_text(model, KEY("name"), name.at ? name : TEXT(""));
    node_put_bool(model, KEY("is_open"), poll_is_open(poll, clock_now(ctx->clock)));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/slips"));
    node_put_string(model, KEY("minutes"), arena_printf(ctx->arena, "%lld", (long long)poll_slip_minutes(ctx, poll)));
    if (!name.size && count == ROLL_SHOWN)
        node_put_string(model, KEY("next_href"),
                        arena_printf(ctx->arena, "%s?after=%lld", poll_href(ctx, poll, "/slips"), (long long)voters[count - 1].number));
    return NULL;
}

const struct err *poll_slip_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_voter *voter;
    int64_t number, expires;
    const char *code;
    TRY(kept_asked(ctx, request, &poll));
    if (!text_int(request_field(request, "voter"), &number))
        return err_field(ctx, "voter", "poll.not_on_roll");
    TRY(poll_slip_check(ctx, poll, number, &change->plan, &code, &expires));
    TRY(poll_voter_numbered(ctx, poll, number, &voter));
    struct node *model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    node_put_string(model, KEY("code"), code);
    node_put_string(model, KEY("name"), voter->name);
    moment_put(ctx, model, KEY("expires"), expires);
    const char *address = arena_printf(ctx->arena, "%s%s#slip=%s", ctx->records->address, poll_href(ctx, poll, "/booth"), code);
    node_put_string(model, KEY("address"), address);
    qr_put(ctx, model, KEY("qr"), address);
    node_put_string(model, KEY("back_href"), poll_href(ctx, poll, "/slips"));
    change->answer = (struct answer){ .model = model, .view = "ballot_slip" };
    return NULL;
}

/* --- moves --- */

const struct err *poll_move_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct matter_change made = { 0 };
    TRY(kept_asked(ctx, request, &poll));
    TRY(poll_move_check(ctx, poll, request_param(request, "move"), text_trim(request_field(request, "reason")),
                        request_field(request, "token"), "/ballots/", &made));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    change->plan = made.plan;
    poll_done(ctx, request, change, made.already ? made.already : poll_href(ctx, poll, ""), "flash.moved", model);
    return NULL;
}
