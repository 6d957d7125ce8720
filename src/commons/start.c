/* commons/start.c */
#include "commons/start.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/matter_lists.h"
#include "commons/place_page.h"
#include "record/person.h"
#include "record/place.h"
#include "record/rights.h"

/* The page of one's own village; for a stranger that of the first district, from which every village is found. */
static const struct err *home_of(struct ctx *ctx, const char **ret)
{
    *ret = NULL;
    if (!ctx->person) {
        struct place *districts;
        int count;
        TRY(place_children(ctx, (struct text){ NULL, 0 }, day_of(clock_now(ctx->clock)), &districts, &count));
        *ret = count ? districts[0].code : NULL;
        return NULL;
    }
    struct place *place, *above;
    int count;
    TRY(place_load(ctx, text_of(ctx->person->place), &place));
    *ret = place->code;
    if (place->kind != PLACE_GROUP && place->kind != PLACE_GRID)
        return NULL;
    TRY(place_ancestors(ctx, place, &above, &count));
    for (int i = 0; i < count; i++)
        if (above[i].kind == PLACE_VILLAGE)
            *ret = above[i].code;
    return NULL;
}

const struct err *start_model(struct ctx *ctx, struct text number, const char *why, struct node **ret)
{
    const char *home;
    TRY(home_of(ctx, &home));
    struct node *model = *ret = node_object(ctx->arena);
    node_put_text(model, KEY("lookup_number"), number.at ? number : TEXT(""));
    node_put_string(model, KEY("lookup_error"), why ? texts_say(ctx->language, why) : NULL);
    node_put_string(model, KEY("village_href"), home ? arena_printf(ctx->arena, "/places/%s", home) : "/");
    if (ctx->person)
        TRY(desk_put(ctx, ctx->person->place_path, model));
    node_put_bool(model, KEY("may_file"), !ctx->person || may(ctx->person, "request.file", NULL));
    return NULL;
}

const struct err *start_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer)
{
    (void)request;
    TRY(start_model(ctx, (struct text){ NULL, 0 }, NULL, &answer->model));
    return may(ctx->person, "today", NULL) ? work_put(ctx, faces, answer->model) : NULL;
}
