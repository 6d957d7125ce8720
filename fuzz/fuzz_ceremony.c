/* fuzz/fuzz_ceremony.c -- any bytes as each message of a threshold ceremony, to whoever carries it and to a trustee: a
 * certificate, a polynomial, what a trustee is handed, its key; a sealed message; a seed.
 */
#include "target.h"

#include "vote/threshold.h"

enum { TRUSTEES = 2 };

static struct ceremony whole; /* with nothing missing */
static struct channel_keys keys[TRUSTEES];

static void must(const struct err *e)
{
    FUZZ_DEMAND(!e);
}

static void play(void)
{
    static const char *const seeds[TRUSTEES] = { "seedSeedSeedSeedSeed12", "seedSeedSeedSeedSeed13" };
    struct ctx model = { 0 }, *ctx = ctx_begin(&model); /* as long as the process */
    struct text input;
    must(ceremony_begin(ctx, group_open(ctx->arena, TEXT("Ed25519")), TRUSTEES, TRUSTEES, &whole));
    for (int i = 0; i < TRUSTEES; i++) {
        must(threshold_keys(ctx, whole.group, text_of(seeds[i]), &keys[i]));
        must(threshold_certificate(ctx, &whole, &keys[i], i + 1, &whole.certificates[i]));
    }
    for (int i = 0; i < TRUSTEES; i++)
        must(threshold_polynomial(ctx, &whole, &keys[i], &whole.polynomials[i]));
    for (int i = 0; i < TRUSTEES; i++) {
        must(ceremony_assemble_input(ctx, &whole, i + 1, &input));
        must(threshold_output(ctx, &whole, &keys[i], input, &whole.outputs[i]));
    }
}

static void demand_told(const struct err *e)
{
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
}

/* As what trustee 1 sends: one step is open at a time. */
static void send(struct ctx *ctx, struct text bytes)
{
    struct text certificates[TRUSTEES] = { { 0 }, whole.certificates[1] },
                polynomials[TRUSTEES] = { { 0 }, whole.polynomials[1] };
    struct text outputs[TRUSTEES] = { { 0 }, whole.outputs[1] }, set, input;
    struct ceremony first = whole, third = whole, fifth = whole;
    first.certificates = certificates;
    third.polynomials = polynomials;
    fifth.outputs = outputs;
    demand_told(ceremony_check_certificate(ctx, &first, 1, bytes));
    const struct err *e = ceremony_check_polynomial(ctx, &third, 1, bytes);
    demand_told(e);
    polynomials[0] = bytes;
    if (bytes.size) {
        const struct err *unassembled = ceremony_assemble_input(ctx, &third, 2, &input);
        demand_told(unassembled);
        FUZZ_DEMAND(e || !unassembled);
        outputs[0] = bytes;
        demand_told(ceremony_finish(ctx, &fifth, &set));
        outputs[0] = (struct text){ 0 };
    }
    demand_told(ceremony_check_output(ctx, &fifth, 1, bytes));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size }, said;
    struct channel_keys stranger;
    struct secret key;
    if (!whole.group)
        play();
    send(ctx, bytes);
    demand_told(threshold_output(ctx, &whole, &keys[0], bytes, &said));
    demand_told(threshold_decryption_key(ctx, whole.group, &keys[0], bytes, &key));
    demand_told(threshold_keys(ctx, whole.group, bytes, &stranger));
    /* Past the seal, which keeps a fuzzer out: the bytes as what was signed and sealed. */
    scoped(buffer_clear) struct buffer sealed = { 0 };
    channel_seal(whole.group, &keys[0].encryption, bytes, &sealed);
    FUZZ_DEMAND(channel_receive(ctx, whole.group, &keys[0], &keys[1].verification, buffer_view(&sealed), &said) !=
                    CHANNEL_SEALED ||
                size == 0);
    sealed.size = 0;
    channel_send(whole.group, &keys[0], &keys[0].encryption, bytes, &sealed);
    demand_told(threshold_decryption_key(ctx, whole.group, &keys[0], buffer_view(&sealed), &key));
    ctx_end(ctx);
    return 0;
}
