/* app/routes.c */
#include "app/routes.h"

#include "app/sign_in.h"
#include "app/system.h"
#include "app/tables.h"
#include "app/visit.h"
#include "commons/commons.h"

/* For whoever watches the server: alive, reading, and how much is waiting. */
static const struct err *health_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    const struct visit *visit = visit_of(request);
    struct http_counts counts = http_count(visit->house->http);
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

const struct route *const *house_routes(void)
{
    static const struct route *tables[SYSTEMS_MOST + 4];
    int count = 0;
    tables[count++] = health_routes;
    tables[count++] = sign_in_routes;
    tables[count++] = commons_routes;
    for (const struct system *system = systems; system->name; system++)
        tables[count++] = system->routes;
    tables[count] = NULL;
    return tables;
}
