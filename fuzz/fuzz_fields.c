/* fuzz/fuzz_fields.c -- any bytes as one small value: a day, a moment, spans of a clock, an identity number, a credit code, a
 * telephone, a name. What is taken has one form, and nothing whole is left of it once masked. */
#include "target.h"

#include "base/day.h"
#include "civic/calendar.h"
#include "civic/identity.h"

#include <string.h>

static const int32_t today = 20514; /* 2026-03-02 */

static void read_times(struct ctx *ctx, struct text bytes)
{
    struct span *spans;
    int32_t day;
    int64_t moment;
    int count;
    if (day_parse(bytes, &day))
        FUZZ_DEMAND(text_is(bytes, day_print(ctx->arena, day)));
    if (moment_parse(bytes, &moment))
        FUZZ_DEMAND(bytes.size == 16 && memcmp(bytes.at, time_print(ctx->arena, moment), 10) == 0);
    if (!spans_parse(ctx->arena, bytes, &spans, &count))
        return;
    struct span *again;
    int same;
    FUZZ_DEMAND(spans_parse(ctx->arena, text_of(spans_print(ctx->arena, spans, count)), &again, &same) && same == count);
    for (int i = 0; i < count; i++) {
        FUZZ_DEMAND(spans[i].from <= spans[i].to && (!i || spans[i - 1].to <= spans[i].from));
        FUZZ_DEMAND(again[i].from == spans[i].from && again[i].to == spans[i].to);
    }
}

static void read_numbers(struct ctx *ctx, struct text bytes)
{
    struct identity identity;
    if (!identity_parse(ctx, bytes, today, &identity)) {
        FUZZ_DEMAND(bytes.size == IDENTITY_SIZE && identity.birth <= today);
        FUZZ_DEMAND(memcmp(identity.number, bytes.at, IDENTITY_SIZE - 1) == 0);
    }
    if (!credit_code_check(ctx, bytes))
        FUZZ_DEMAND(bytes.size == CREDIT_CODE_SIZE);
    if (!phone_check(ctx, bytes))
        FUZZ_DEMAND(bytes.size == PHONE_SIZE && bytes.at[0] == '1');
    if (!name_check(ctx, bytes))
        FUZZ_DEMAND(text_is_clean(bytes) && text_characters(bytes) >= NAME_LEAST && text_characters(bytes) <= NAME_MOST);
    const char *const masked[] = { identity_mask(ctx->arena, bytes), phone_mask(ctx->arena, bytes) };
    for (int i = 0; i < 2; i++)
        FUZZ_DEMAND(!bytes.size || !text_is(bytes, masked[i]) || strchr(masked[i], '*'));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    read_times(ctx, bytes);
    read_numbers(ctx, bytes);
    ctx_end(ctx);
    return 0;
}
