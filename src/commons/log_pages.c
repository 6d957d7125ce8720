/* commons/log_pages.c */
#include "commons/log_pages.h"

#include "base/arena.h"
#include "base/encode.h"
#include "civic/tiles.h"
#include "commons/commons_sql.h"
#include "commons/moment.h"
#include "record/ledger.h"
#include "record/place.h"
#include "record/records.h"

#include <string.h>

/* The realm named in the address: a place that runs a log. */
static const struct err *realm_asked(struct ctx *ctx, const struct request *request, struct place **ret)
{
    TRY(place_find(ctx, request_param(request, "realm"), ret));
    if (!*ret || strcmp((*ret)->realm, (*ret)->code) != 0)
        return err_new(ctx, ERR_MISSING, "log.missing");
    return NULL;
}

const struct err *logs_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    (void)request;
    struct rows rows;
    struct node *model = answer->model = node_object(ctx->arena);
    struct node *list = node_put_list(model, KEY("logs"));
    TRY(rows_open(ctx, ctx->snapshot, &sql_logs_every, VALUES_NONE, &rows));
    while (rows_next(&rows)) {
        struct node *log = node_add_object(list);
        node_put_string(log, KEY("name"), rows_string(&rows, 1));
        node_put_string(log, KEY("href"), arena_printf(ctx->arena, "/log/%s", rows_string(&rows, 0)));
        node_put_int(log, KEY("size"), rows_int(&rows, 2));
    }
    node_put_bool(model, KEY("has_logs"), list->count > 0);
    return rows_close(&rows);
}

const struct err *log_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct place *place;
    struct ledger_point point;
    const char *key;
    TRY(realm_asked(ctx, request, &place));
    TRY(ledger_checkpoint(ctx, place->code, &point));
    TRY(ledger_verifier_key(ctx, ctx->records->ledger, place->code, &key));
    struct node *model = answer->model = node_object(ctx->arena);
    struct node *realm = node_put_object(model, KEY("realm"));
    node_put_string(realm, KEY("name"), place->name);
    node_put_string(realm, KEY("code"), place->code);
    node_put_string(realm, KEY("href"), arena_printf(ctx->arena, "/places/%s", place->code));
    struct node *log = node_put_object(model, KEY("log"));
    node_put_string(log, KEY("origin"), ledger_origin(ctx, ctx->records->ledger, place->code));
    node_put_int(log, KEY("size"), point.size);
    node_put_string(log, KEY("root"), base64_encode(ctx->arena, sha256_text(&point.root)));
    moment_put(ctx, log, KEY("signed"), point.signed_at);
    node_put_string(log, KEY("key"), key);
    node_put_string(log, KEY("key_href"), arena_printf(ctx->arena, "/log/%s/key", place->code));
    node_put_string(log, KEY("checkpoint_href"), arena_printf(ctx->arena, "/log/%s/checkpoint", place->code));
    node_put_text(log, KEY("checkpoint"), point.note);
    return NULL;
}

const struct err *log_checkpoint(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct place *place;
    struct ledger_point point;
    TRY(realm_asked(ctx, request, &place));
    TRY(ledger_checkpoint(ctx, place->code, &point));
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = point.note;
    answer->cache = "public, max-age=5";
    return NULL;
}

const struct err *log_tile(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct place *place;
    struct tile tile;
    TRY(realm_asked(ctx, request, &place));
    struct text path = request_param(request, "path");
    const char *whole = arena_printf(ctx->arena, "tile/%.*s", (int)path.size, path.at);
    if (!tile_path_parse(text_of(whole), &tile))
        return err_new(ctx, ERR_MISSING, "log.tile");
    TRY(ledger_tile(ctx, place->code, &tile, &answer->body));
    answer->content_type = "application/octet-stream";
    answer->cache = "public, max-age=31536000, immutable";
    return NULL;
}

const struct err *log_key(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct place *place;
    const char *key;
    TRY(realm_asked(ctx, request, &place));
    TRY(ledger_verifier_key(ctx, ctx->records->ledger, place->code, &key));
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = text_of(arena_printf(ctx->arena, "%s\n", key));
    answer->cache = "public, max-age=3600";
    return NULL;
}
