/* tests/lib/shared_routes.h -- the pages that app makes of all systems' matters, here with those of requests alone. */
#ifndef TESTS_SHARED_ROUTES_H
#define TESTS_SHARED_ROUTES_H
#include "commons/matter_lists.h"
#include "commons/place_page.h"
#include "commons/start.h"
#include "systems/requests/requests.h"

static const struct matter_face *const shared_faces[] = { &requests_face, NULL };

static const struct err *shared_start(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return start_page(ctx, request, shared_faces, answer);
}

static const struct err *shared_today(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return today_page(ctx, request, shared_faces, answer);
}

static const struct err *shared_place(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return place_page(ctx, request, shared_faces, answer);
}

static const struct route shared_routes[] = {
    { "GET", "/", ACCESS_ANYONE, .page = shared_start, .view = "start" },
    { "GET", "/places/{code}", ACCESS_ANYONE, .page = shared_place, .view = "place" },
    { "GET", "/today", ACCESS_ACT, "today", .page = shared_today, .view = "today" },
    { 0 },
};
#endif
