/* app/command_verify.c -- gongzhi verify receipt: checks a receipt offline, with nothing but the log's public key. */
#include "app/commands.h"

#include "base/arena.h"
#include "civic/proof.h"

#include <stdio.h>
#include <unistd.h>

enum { MOST_BYTES = 1 << 20 };

const struct option_form command_verify_receipt_options[] = {
    { "key", "VKEY", "option.verify_key", .is_required = true },
    { "log", "ORIGIN", "option.verify_log" },
    { 0 },
};

/* A verifier key as it is, or the name of a file that holds it. */
static const struct err *read_key(struct ctx *ctx, const char *given, struct text *ret)
{
    if (access(given, R_OK) != 0) {
        *ret = text_of(given);
        return NULL;
    }
    TRY(file_read(ctx, given, MOST_BYTES, ret));
    *ret = text_trim(*ret);
    return NULL;
}

const struct err *command_verify_receipt(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct text key, bytes;
    struct receipt receipt;
    TRY(read_key(ctx, option(options, "key"), &key));
    TRY(file_read(ctx, options->words[0], MOST_BYTES, &bytes));
    TRY(receipt_verify(ctx, bytes, key, option(options, "log"), &receipt));
    printf("%s\n", texts_fill(ctx, "command.verify_receipt.good", text_string(ctx->arena, receipt.checkpoint.origin),
                              arena_printf(ctx->arena, "%llu", (unsigned long long)receipt.index),
                              arena_printf(ctx->arena, "%llu", (unsigned long long)receipt.checkpoint.size), NULL));
    printf("%.*s\n%.*s\n", (int)receipt.leaf.size, receipt.leaf.at, (int)receipt.bytes.size, receipt.bytes.at);
    return NULL;
}
