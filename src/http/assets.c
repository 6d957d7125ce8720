/* http/assets.c -- static files: answers made once at the start, sent to everybody, never from disk. */
#include "http/http_inside.h"

#include "base/arena.h"

#include <stdlib.h>

static struct MHD_Response *response_of(const struct embedded *file, struct text bytes, const char *encoding)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(bytes.size, (void *)(uintptr_t)bytes.at, MHD_RESPMEM_PERSISTENT);
    if (!response)
        BUG("out of memory");
    reply_add_security(response);
    MHD_add_response_header(response, "Content-Type", file->content_type);
    MHD_add_response_header(response, "Cache-Control", "public, max-age=31536000, immutable");
    MHD_add_response_header(response, "Vary", "Accept-Encoding");
    if (encoding)
        MHD_add_response_header(response, "Content-Encoding", encoding);
    return response;
}

static int by_hashed_name(const void *a, const void *b)
{
    return strcmp(((const struct asset *)a)->file->hashed_name, ((const struct asset *)b)->file->hashed_name);
}

const struct err *assets_start(struct ctx *ctx, struct http *http)
{
    int count = 0;
    while (http->settings.assets && http->settings.assets[count].name)
        count++;
    http->assets = arena_array_of(http->arena, struct asset, count + 1);
    for (int i = 0; i < count; i++) {
        const struct embedded *file = &http->settings.assets[i];
        if (!file->hashed_name || !file->content_type)
            return err_broken(ctx, "the static file %s has no hashed name or no type", file->name);
        http->assets[i] = (struct asset){ file, arena_printf(http->arena, "/static/%s", file->hashed_name),
                                          response_of(file, file->bytes, NULL),
                                          file->gzip.size ? response_of(file, file->gzip, "gzip") : NULL,
                                          file->brotli.size ? response_of(file, file->brotli, "br") : NULL };
        http->asset_count++;
    }
    if (count)
        qsort(http->assets, (size_t)count, sizeof *http->assets, by_hashed_name);
    return NULL;
}

void assets_stop(struct http *http)
{
    for (int i = 0; i < http->asset_count; i++) {
        struct MHD_Response *all[] = { http->assets[i].plain, http->assets[i].gzip, http->assets[i].brotli };
        for (int j = 0; j < 3; j++)
            if (all[j])
                MHD_destroy_response(all[j]);
    }
    http->asset_count = 0;
}

const struct asset *assets_find(const struct http *http, struct text name)
{
    for (int low = 0, high = http->asset_count; low < high;) {
        int middle = low + (high - low) / 2;
        const char *has = http->assets[middle].file->hashed_name;
        int order = strncmp(has, name.at, name.size);
        if (!order && !has[name.size])
            return &http->assets[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

struct MHD_Response *assets_response(const struct asset *asset, struct text accept)
{
    if (asset->brotli && request_accepts_encoding(accept, "br"))
        return asset->brotli;
    if (asset->gzip && request_accepts_encoding(accept, "gzip"))
        return asset->gzip;
    return asset->plain;
}
