/* record/receipt.c -- an event, its leaf, the log's latest checkpoint and the way between them, as one file. */
#include "record/receipt.h"

#include "base/arena.h"
#include "base/encode.h"
#include "civic/proof.h"
#include "record/ledger.h"
#include "record/records.h"

fallible receipt_of_event(struct ctx *ctx, const struct matter *matter, const struct matter_event *event,
                          struct receipt_held *ret)
{
    struct ledger_point point;
    struct tree_proof proof;
    struct text *leaf;
    int count;
    if (!event->bytes.at || event->salt.size != RECEIPT_SALT_SIZE)
        return err_new(ctx, ERR_MISSING, "receipt.erased");
    TRY(ledger_checkpoint(ctx, matter->realm, &point));
    TRY(ledger_entries(ctx, matter->realm, event->position, 1, &leaf, &count));
    if (count != 1)
        return err_broken(ctx, "leaf %lld of log %s is missing", (long long)event->position, matter->realm);
    TRY(ledger_prove(ctx, matter->realm, event->position, point.size, &proof));
    struct receipt_held held = { .bytes = event->bytes, .position = event->position, .size = point.size };
    held.file = receipt_make(ctx->arena, leaf[0], (const uint8_t *)event->salt.at, event->bytes,
                             (uint64_t)event->position, &proof, point.note);
    held.file_name = arena_printf(ctx->arena, "%s-%lld.tlog-proof", matter->number, (long long)event->seq);
    held.root = base64_encode(ctx->arena, sha256_text(&point.root));
    held.origin = ledger_origin(ctx, ctx->records->ledger, matter->realm);
    TRY(ledger_verifier_key(ctx, ctx->records->ledger, matter->realm, &held.key));
    *ret = held;
    return NULL;
}
