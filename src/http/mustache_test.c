/* http/mustache_test.c -- runs a file in the form of the Mustache specification's JSON. */
#include "http/mustache.h"

#include "base/json.h"

#include "base/arena.h"

struct source_list {
    struct mustache_source *at;
    int count;
};

static struct source_list sources_of(struct ctx *ctx, const struct node *test)
{
    const struct node *partials = node_find(test, KEY("partials"));
    bool has_partials = partials && partials->kind == NODE_OBJECT;
    struct source_list list = { arena_array_of(ctx->arena, struct mustache_source, has_partials ? partials->count + 1 : 1), 1 };
    list.at[0] = (struct mustache_source){ " ", node_find_text(test, KEY("template")) };
    if (has_partials)
        node_each(link, partials)
            if (link->value.kind == NODE_TEXT)
                list.at[list.count++] = (struct mustache_source){ link->key->name, link->value.text };
    return list;
}

/* Says what went wrong, or NULL. */
static const char *run(struct ctx *ctx, const struct node *test)
{
    static const struct mustache_settings plain;
    static const struct node nothing;
    struct source_list sources = sources_of(ctx, test);
    struct mustache *mustache = NULL;
    const struct err *err = mustache_compile(ctx, sources.at, sources.count, &plain, &mustache);
    if (err)
        return err_trace(ctx, err);
    const struct node *data = node_find(test, KEY("data"));
    struct buffer out = { 0 };
    err = mustache_render(ctx, mustache, " ", data ? data : &nothing, &out);
    struct text expected = node_find_text(test, KEY("expected"));
    const char *wrong = err ? err_trace(ctx, err) : NULL;
    if (!wrong && !text_equal(buffer_view(&out), expected)) {
        struct buffer words = { 0 };
        buffer_string(&words, "expected ");
        buffer_json(&words, expected);
        buffer_string(&words, " but got ");
        buffer_json(&words, buffer_view(&out));
        wrong = text_string(ctx->arena, buffer_view(&words));
        buffer_clear(&words);
    }
    buffer_clear(&out);
    mustache_free(mustache);
    return wrong;
}

const struct err *mustache_test_file(struct ctx *ctx, struct text json, int *ret_passed, int *ret_failed,
                                     void (*report)(void *self, const char *name, const char *wrong), void *self)
{
    struct node *file;
    TRY(json_read(ctx, json, &file));
    const struct node *tests = node_find(file, KEY("tests"));
    if (!tests || tests->kind != NODE_LIST)
        return err_new(ctx, ERR_INPUT, "http.no_tests");
    *ret_passed = *ret_failed = 0;
    node_each(link, tests) {
        struct ctx *inner = ctx_begin(ctx);
        const char *wrong = run(inner, &link->value);
        ++*(wrong ? ret_failed : ret_passed);
        if (report)
            report(self, text_string(inner->arena, node_find_text(&link->value, KEY("name"))), wrong);
        ctx_end(inner);
    }
    return NULL;
}
