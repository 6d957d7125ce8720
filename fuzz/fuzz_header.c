/* fuzz/fuzz_header.c -- any bytes as what a browser or a proxy says of itself: cookies, addresses, preferences, and a form
 * in JSON. What is taken is clean. */
#include "target.h"

#include "http/http_inside.h"

static const char *const trusted_list[] = { "127.0.0.1", "10.0.0.0/8", "fd00::/60", NULL };

static void demand_clean(const struct pairs *pairs)
{
    FUZZ_DEMAND(pairs->count <= URL_MOST_PAIRS);
    for (const struct pair *pair = pairs->first; pair; pair = pair->next)
        FUZZ_DEMAND(text_is_clean(pair->name) && url_text_is_good(pair->value));
}

static void read_addresses(struct ctx *ctx, struct text bytes)
{
    const char *const list[] = { text_string(ctx->arena, bytes), NULL };
    struct networks trusted, own;
    struct address peer, again;
    const struct err *err = networks_read(ctx, ctx->arena, trusted_list, &trusted);
    FUZZ_DEMAND(!err && address_read(TEXT("127.0.0.1"), &peer));
    struct address client = proxy_client(&trusted, peer, bytes);
    FUZZ_DEMAND(address_read(text_of(address_string(ctx->arena, &client)), &again));
    FUZZ_DEMAND(memcmp(&again, &client, sizeof client) == 0);
    if (!networks_read(ctx, ctx->arena, list, &own))
        FUZZ_DEMAND(own.count == 1 && own.at[0].bits >= 0 && own.at[0].bits <= 128 &&
                    networks_hold(&own, &own.at[0].address));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    static const struct ctx model;
    struct ctx *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    struct request *request = request_new(ctx);
    struct form form = { 0 };
    pairs_add(&request->headers, ctx->arena, TEXT("Cookie"), bytes);
    request_read_cookies(request);
    demand_clean(&request->cookies);
    (void)request_prefers_json(bytes);
    (void)request_accepts_encoding(bytes, "gzip");
    read_addresses(ctx, bytes);
    const struct err *err = form_read_json(ctx, bytes, &form);
    FUZZ_DEMAND(!err || err->kind == ERR_INPUT);
    demand_clean(&form.fields);
    ctx_end(ctx);
    return 0;
}
