/* commons/matter_reach.c */
#include "commons/matter_reach.h"

#include "base/arena.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/matter_page.h"
#include "record/records.h"
#include "store/plan.h"

/* The whole number, for the one who has just looked and only for a while. */
static const struct err *put_full(struct seen *seen, struct node *reach)
{
    struct ctx *ctx = seen->ctx;
    int64_t look;
    if (!seen->request || !text_int(request_query(seen->request, "look"), &look))
        return NULL;
    const char *full;
    const struct err *over = person_look_read(ctx, ctx->records->keys, seen->matter->author, look, &full);
    if (over && err_root(over)->kind != ERR_DENIED)
        return over;
    if (!over)
        node_put_string(reach, KEY("full"), full);
    return NULL;
}

const struct err *reach_put(struct seen *seen, const struct err *refused, struct node *node)
{
    struct ctx *ctx = seen->ctx;
    const char *masked = NULL;
    if (matter_may_reach(ctx->person, seen->matter))
        TRY(person_masked(ctx, ctx->records->keys, seen->matter->author, PERSONAL_PHONE, &masked));
    if (!masked) {
        node_put(node, KEY("reach"), (struct node){ .kind = NODE_NULL });
        return NULL;
    }
    struct node *reach = node_put_object(node, KEY("reach"));
    node_put_string(reach, KEY("name"), seen->author);
    node_put_string(reach, KEY("masked"), masked);
    node_put_string(reach, KEY("action"), matter_href(ctx, seen->face, seen->matter->number, "/look"));
    node_put_string(reach, KEY("token"), form_token(ctx));
    if (refused) {
        node_put_string(reach, KEY("purpose_error"), texts_of_err(ctx, refused));
        node_put_text(reach, KEY("purpose"), request_field(seen->request, "purpose"));
    }
    return put_full(seen, reach);
}

const struct err *reach_check(struct ctx *ctx, struct request *request, const struct matter_face *face, struct change *change)
{
    struct seen seen;
    int64_t look;
    TRY(matter_seen(ctx, request, face, &seen));
    if (seen.sight != SIGHT_WHOLE)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    const struct err *refused = matter_reach(ctx, seen.matter, request_field(request, "purpose"), &change->plan, &look);
    if (refused && err_root(refused)->kind != ERR_INPUT)
        return refused;
    if (refused) {
        struct tried_move tried = { .request = request, .look_refused = refused };
        change->answer = (struct answer){ .status = 400, .view = "matter" };
        return matter_model(&seen, &tried, &change->answer.model);
    }
    const char *rest = arena_printf(ctx->arena, "?look=%lld", (long long)look);
    change->answer.location = matter_href(ctx, face, seen.matter->number, rest);
    struct text token = person_token(ctx, request_field(request, "token"));
    if (token.at)
        plan_token(change->plan, token, text_of(change->answer.location));
    return NULL;
}
