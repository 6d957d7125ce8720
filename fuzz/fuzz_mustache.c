/* fuzz_mustache -- src/http/mustache*.c: any template compiles or is refused, and rendering it comes to an end. The input is a
 * template named page; after a byte 1 a second one named part. */
#include "target.h"

#include "http/mustache.h"

static const char *text_for(void *self, const char *key)
{
    (void)self;
    return *key == 'a' ? "<said>" : NULL;
}

static struct node *make_model(struct ctx *ctx)
{
    struct node *model = node_object(ctx->arena);
    node_put_string(model, KEY("a"), "<&>");
    node_put_int(model, KEY("n"), 7);
    node_put_bool(model, KEY("yes"), true);
    struct node *list = node_put_list(model, KEY("l"));
    for (int i = 0; i < 2; i++)
        node_put_string(node_add_object(list), KEY("b"), i ? "part" : "line\nline");
    node_put_string(node_put_object(model, KEY("o")), KEY("b"), "inner");
    return model;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct ctx plain;
    static const struct mustache_settings settings = { .text = text_for };
    struct ctx *ctx = ctx_begin(&plain);
    struct text rest, page = text_cut((struct text){ (const char *)bytes, size < 600 ? size : 600 }, '\1', &rest);
    struct mustache_source sources[] = { { "page", page }, { "part", rest } };
    struct mustache *set = NULL;
    const struct err *err = mustache_compile(ctx, sources, 2, &settings, &set);
    FUZZ_DEMAND(!err || err->kind == ERR_BROKEN);
    if (!err) {
        struct buffer out = { 0 };
        err = mustache_render(ctx, set, "page", make_model(ctx), &out);
        FUZZ_DEMAND(!err || err->kind == ERR_BROKEN);
        buffer_clear(&out);
        mustache_free(set);
    }
    ctx_end(ctx);
    return 0;
}
