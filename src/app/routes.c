/* app/routes.c */
#include "app/routes.h"

#include "app/sign_in.h"
#include "app/system.h"
#include "app/tables.h"
#include "app/visit.h"
#include "commons/commons.h"
#include "commons/matter_lists.h"
#include "commons/messages_page.h"
#include "commons/place_page.h"
#include "commons/start.h"

/* For whoever watches the server: alive, reading, and how much is waiting. */
static const struct err *health_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    const struct visit *visit = visit_of(request);
    const struct http *http = visit->house->http;
    struct http_counts counts = http ? http_count(http) : (struct http_counts){ 0 }; /* asked while it starts */
    struct node *health = node_object(ctx->arena);
    node_put_string(health, KEY("status"), "ok");
    node_put_int(health, KEY("requests"), counts.requests);
    node_put_int(health, KEY("connections"), counts.connections);
    node_put_int(health, KEY("waiting_slow"), counts.waiting_lane);
    node_put_int(health, KEY("waiting_writer"), counts.waiting_writer);
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(health, &out);
    answer->content_type = "application/json";
    answer->body = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

static const struct route health_routes[] = {
    { "GET", "/health", ACCESS_ANYONE, .page = health_page },
    { 0 },
};

/* --- what shows the matters of all systems --- */

static const struct matter_face *all_faces[SYSTEMS_MOST + 1]; /* filled before anybody is served; NULL-ended */

static const struct err *start(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return start_page(ctx, request, all_faces, answer);
}

static const struct err *today(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return today_page(ctx, request, all_faces, answer);
}

static const struct err *messages(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return messages_page(ctx, request, all_faces, answer);
}

static const struct err *place(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return place_page(ctx, request, all_faces, answer);
}

static const struct route shared_routes[] = {
    { "GET", "/", ACCESS_ANYONE, .page = start, .view = "start" },
    { "GET", "/places/{code}", ACCESS_ANYONE, .page = place, .view = "place" },
    { "GET", "/today", ACCESS_ACT, "today", .page = today, .view = "today" },
    { "GET", "/messages", ACCESS_SIGNED_IN, .page = messages, .view = "messages" },
    { "POST", "/messages/read", ACCESS_SIGNED_IN, .check = messages_read },
    { 0 },
};

const struct route *const *house_routes(void)
{
    static const struct route *tables[SYSTEMS_MOST + 5];
    int count = 0, faces = 0;
    tables[count++] = health_routes;
    tables[count++] = sign_in_routes;
    tables[count++] = commons_routes;
    tables[count++] = shared_routes;
    for (const struct system *system = systems; system->name; system++) {
        tables[count++] = system->routes;
        if (system->face)
            all_faces[faces++] = system->face;
    }
    all_faces[faces] = NULL;
    tables[count] = NULL;
    return tables;
}
