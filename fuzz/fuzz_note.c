/* fuzz/fuzz_note.c -- any bytes as a note, a checkpoint, a verifier key and a tile's path: what is taken has one form.
 */
#include "target.h"

#include "base/buffer.h"
#include "civic/note.h"
#include "civic/tiles.h"

static const char vkey[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

/* A note is its text, an empty line and its signatures, nothing left out and nothing ignored. */
static void demand_whole(struct ctx *ctx, struct text bytes, const struct note *note)
{
    scoped(buffer_clear) struct buffer again = { 0 };
    buffer_text(&again, note->text);
    buffer_byte(&again, '\n');
    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        scoped(buffer_clear) struct buffer code = { 0 };
        for (int shift = 24; shift >= 0; shift -= 8)
            buffer_byte(&code, (char)(signature->id >> shift));
        buffer_text(&code, signature->bytes);
        buffer_printf(&again, "\xe2\x80\x94 %.*s %s\n", (int)signature->name.size, signature->name.at,
                      base64_encode(ctx->arena, buffer_view(&code)));
    }
    FUZZ_DEMAND(text_equal(buffer_view(&again), bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    struct note_key known, key;
    struct note note;
    struct checkpoint checkpoint;
    struct tile tile;
    const struct err *e = note_key_parse(ctx, text_of(vkey), &known);
    FUZZ_DEMAND(!e);
    if (!note_parse(ctx, bytes, &note)) {
        demand_whole(ctx, bytes, &note);
        e = note_open(ctx, bytes, &known, 1, &note);
        FUZZ_DEMAND(e || note.count > 0);
        if (!checkpoint_parse(ctx, note.text, &checkpoint))
            FUZZ_DEMAND(text_is(note.text, checkpoint_print(ctx->arena, &checkpoint)));
    }
    if (!checkpoint_parse(ctx, bytes, &checkpoint))
        FUZZ_DEMAND(text_is(bytes, checkpoint_print(ctx->arena, &checkpoint)));
    if (!note_key_parse(ctx, bytes, &key))
        FUZZ_DEMAND(text_is(bytes, note_key_print(ctx->arena, &key)));
    if (tile_path_parse(bytes, &tile))
        FUZZ_DEMAND(text_is(bytes, tile_path_print(ctx->arena, &tile)));
    ctx_end(ctx);
    return 0;
}
