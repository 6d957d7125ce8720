/* fuzz_urlencoded -- src/http/url.c: what is read is clean, and what url_encode() writes is read back the same. */
#include "target.h"

#include "http/url.h"

static void read_back(struct ctx *ctx, struct text value)
{
    struct buffer out = { 0 };
    struct text again;
    url_encode(&out, value, "");
    FUZZ_DEMAND(url_decode(ctx->arena, buffer_view(&out), true, &again));
    FUZZ_DEMAND(text_equal(again, value));
    buffer_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct ctx model;
    struct ctx *ctx = ctx_begin(&model);
    struct text input = { (const char *)bytes, size };
    struct pairs pairs = { 0 };
    const struct err *err = url_read_pairs(ctx, input, &pairs);
    FUZZ_DEMAND(!err || err->kind == ERR_INPUT);
    FUZZ_DEMAND(pairs.count <= URL_MOST_PAIRS);
    for (const struct pair *pair = pairs.first; pair; pair = pair->next) {
        FUZZ_DEMAND(text_is_clean(pair->name) && url_text_is_good(pair->value));
        read_back(ctx, pair->value);
    }
    struct url_path path;
    if (!url_read_path(ctx, input, &path)) {
        FUZZ_DEMAND(path.whole.size && path.whole.at[0] == '/' && text_is_clean(path.whole));
        size_t joined = 0;
        for (int i = 0; i < path.count; i++) {
            FUZZ_DEMAND(!text_is(path.segments[i], "..") && !text_is(path.segments[i], "."));
            joined += path.segments[i].size + 1;
        }
        FUZZ_DEMAND(path.count <= 0 || joined == path.whole.size);
    }
    ctx_end(ctx);
    return 0;
}
