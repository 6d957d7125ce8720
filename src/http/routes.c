/* http/routes.c -- the table is sorted so that of two routes that fit a path the more literal one comes first. */
#include "http/routes.h"

#include "base/arena.h"

#include <stdlib.h>

enum segment_kind { SEGMENT_LITERAL, SEGMENT_NAME, SEGMENT_REST };

struct segment {
    enum segment_kind kind;
    struct text text; /* the literal, or the name */
};

struct entry {
    const struct route *route;
    bool is_post;
    struct segment segments[URL_MOST_SEGMENTS];
    int count;
};

struct routes {
    struct entry *at;
    int count;
};

static const struct err *wrong(struct ctx *ctx, const struct route *route, const char *what)
{
    return err_broken(ctx, "route %s %s: %s", route->method ? route->method : "?", route->path ? route->path : "?", what);
}

static const struct err *read_path(struct ctx *ctx, const struct route *route, struct entry *entry)
{
    if (!route->path || route->path[0] != '/')
        return wrong(ctx, route, "the path must begin with /");
    struct text rest = text_of(route->path + 1);
    while (rest.size) {
        bool is_last = !memchr(rest.at, '/', rest.size);
        struct text part = text_cut(rest, '/', &rest);
        struct segment *segment = &entry->segments[entry->count];
        if (!part.size || (!is_last && !rest.size) || entry->count == URL_MOST_SEGMENTS)
            return wrong(ctx, route, "an empty segment, or too many");
        entry->count++;
        *segment = (struct segment){ SEGMENT_LITERAL, part };
        if (part.at[0] != '{')
            continue;
        if (!text_ends(part, "}") || part.size < 3)
            return wrong(ctx, route, "a {name} that can't be read");
        segment->kind = SEGMENT_NAME;
        segment->text = (struct text){ part.at + 1, part.size - 2 };
        if (!text_ends(segment->text, "..."))
            continue;
        segment->kind = SEGMENT_REST;
        segment->text.size -= 3;
        if (!is_last || !segment->text.size)
            return wrong(ctx, route, "{name...} must come last");
    }
    return NULL;
}

static const struct err *check_route(struct ctx *ctx, const struct route *route, struct entry *entry,
                                     bool (*has_view)(void *, const char *), void *self)
{
    bool is_get = route->method && !strcmp(route->method, "GET");
    entry->route = route;
    entry->is_post = route->method && !strcmp(route->method, "POST");
    if (!is_get && !entry->is_post)
        return wrong(ctx, route, "the method must be GET or POST");
    TRY(read_path(ctx, route, entry));
    if (route->access == ACCESS_UNSET)
        return wrong(ctx, route, "access is not set");
    if (route->access == ACCESS_ACT && !route->act)
        return wrong(ctx, route, "no act to ask the rights about");
    if (is_get ? !route->page : !route->check)
        return wrong(ctx, route, is_get ? "no page function" : "no check function");
    if (route->view && has_view && !has_view(self, route->view))
        return wrong(ctx, route, "an unknown view");
    return NULL;
}

/* Sorted: literal before {name} before {rest...}, segment by segment. */
static int compare_segments(const struct entry *a, const struct entry *b, bool names_count)
{
    int both = a->count < b->count ? a->count : b->count;
    for (int i = 0; i < both; i++) {
        const struct segment *left = &a->segments[i], *right = &b->segments[i];
        if (left->kind != right->kind)
            return (int)left->kind - (int)right->kind;
        if (left->kind != SEGMENT_LITERAL && !names_count)
            continue;
        size_t size = left->text.size < right->text.size ? left->text.size : right->text.size;
        int order = memcmp(left->text.at, right->text.at, size);
        if (!order)
            order = (left->text.size > right->text.size) - (left->text.size < right->text.size);
        if (order)
            return order;
    }
    return a->count - b->count;
}

static int by_path(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_segments(left, right, false);
    return order ? order : (int)left->is_post - (int)right->is_post;
}

const struct err *routes_compile(struct ctx *ctx, struct arena *arena, const struct route *const *tables,
                                 bool (*has_view)(void *self, const char *view), void *self, struct routes **ret)
{
    int count = 0;
    for (const struct route *const *table = tables; *table; table++)
        for (const struct route *route = *table; route->method || route->path; route++)
            count++;
    struct routes *routes = arena_new_of(arena, struct routes);
    routes->at = arena_array_of(arena, struct entry, count + 1);
    for (const struct route *const *table = tables; *table; table++)
        for (const struct route *route = *table; route->method || route->path; route++)
            TRY(check_route(ctx, route, &routes->at[routes->count++], has_view, self));
    if (count)
        qsort(routes->at, (size_t)count, sizeof *routes->at, by_path);
    for (int i = 0; i + 1 < count; i++)
        if (!by_path(&routes->at[i], &routes->at[i + 1]))
            return wrong(ctx, routes->at[i].route, "there is another one for the same path");
    *ret = routes;
    return NULL;
}

static bool fits(const struct entry *entry, const struct url_path *path)
{
    for (int i = 0; i < entry->count; i++) {
        const struct segment *segment = &entry->segments[i];
        if (i == path->count || !path->segments[i].size)
            return false;
        if (segment->kind == SEGMENT_REST)
            return true;
        if (segment->kind == SEGMENT_LITERAL && !text_equal(segment->text, path->segments[i]))
            return false;
    }
    return entry->count == path->count;
}

static struct text rest_of(const struct url_path *path, int from)
{
    size_t skip = 0;
    for (int i = 0; i < from; i++)
        skip += path->segments[i].size + 1;
    return (struct text){ path->whole.at + skip + 1, path->whole.size - skip - 1 };
}

static void add_params(struct ctx *ctx, const struct entry *entry, const struct url_path *path, struct pairs *params)
{
    for (int i = 0; i < entry->count; i++) {
        const struct segment *segment = &entry->segments[i];
        if (segment->kind != SEGMENT_LITERAL)
            pairs_add(params, ctx->arena, segment->text,
                      segment->kind == SEGMENT_REST ? rest_of(path, i) : path->segments[i]);
    }
}

const struct route *routes_find(struct ctx *ctx, const struct routes *routes, const struct url_path *path,
                                struct text method, struct pairs *params, const char **ret_allowed)
{
    bool is_get = text_is(method, "GET") || text_is(method, "HEAD"), is_post = text_is(method, "POST");
    bool has_get = false, has_post = false;
    *ret_allowed = NULL;
    if (path->count < 0)
        return NULL;
    const struct entry *fitting = NULL;
    for (int i = 0; i < routes->count; i++) {
        const struct entry *entry = &routes->at[i];
        if (!fits(entry, path))
            continue;
        if (fitting && compare_segments(fitting, entry, false))
            break; /* a less literal one does not answer for the first */
        fitting = entry;
        if (entry->is_post ? is_post : is_get) {
            add_params(ctx, entry, path, params);
            return entry->route;
        }
        has_get |= !entry->is_post;
        has_post |= entry->is_post;
    }
    if (fitting)
        *ret_allowed = has_get && has_post ? "GET, HEAD, POST" : has_get ? "GET, HEAD" : "POST";
    return NULL;
}
