/* fuzz/fuzz_picture.c -- any bytes as a photo: what is taken is within bounds, and clean once cleaned. */
#include "target.h"

#include "record/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct picture picture, again;
    if (!picture_clean(ctx, (struct text){ (const char *)at, size }, &picture)) {
        FUZZ_DEMAND(picture.width > 0 && picture.height > 0);
        FUZZ_DEMAND(picture.width <= PICTURE_MOST_SIDE && picture.height <= PICTURE_MOST_SIDE);
        const struct err *e = picture_clean(ctx, picture.bytes, &again);
        FUZZ_DEMAND(!e);
        FUZZ_DEMAND(again.type == picture.type && text_equal(again.bytes, picture.bytes));
    }
    ctx_end(ctx);
    return 0;
}
