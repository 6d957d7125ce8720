/* fuzz/fuzz_proof.c -- any bytes as a proof file, a receipt, a bundle of entries and a kept front: what is taken has
 * one form. */
#include "target.h"

#include "base/buffer.h"
#include "civic/proof.h"
#include "civic/tiles.h"
#include "civic/tree.h"

static const char vkey[] = "gongzhi.example/log/500116106000+783e1b00+AXm1Vi6P5lT5QHixEuipi6eQH4U65pW+1+DjkQutBJZk";

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size }, rest = bytes, entry;
    struct proof proof;
    struct receipt receipt;
    struct tree_front front;
    uint8_t written[TREE_FRONT_BYTES];
    bool is_proof = !proof_parse(ctx, bytes, &proof);
    if (is_proof)
        FUZZ_DEMAND(text_equal(bytes, proof_print(ctx->arena, &proof)));
    if (!receipt_verify(ctx, bytes, text_of(vkey), NULL, &receipt))
        FUZZ_DEMAND(is_proof && receipt.index < receipt.checkpoint.size);

    scoped(buffer_clear) struct buffer bundle = { 0 };
    while (entry_bundle_next(&rest, &entry))
        FUZZ_DEMAND(entry_bundle_add(&bundle, entry));
    buffer_text(&bundle, rest);
    FUZZ_DEMAND(text_equal(bytes, buffer_view(&bundle)));

    if (tree_front_read(bytes, &front))
        FUZZ_DEMAND(text_equal(bytes, (struct text){ (const char *)written, tree_front_write(&front, written) }));
    ctx_end(ctx);
    return 0;
}
