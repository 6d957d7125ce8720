/* fuzz/fuzz_typed.c -- any bytes as what the makers of an election are given: a credential, a key, choices, a template,
 * a list of credentials, an archive to be added to. What is taken must come back the same.
 */
#include "target.h"

#include "vote/credential.h"
#include "vote/draft.h"
#include "vote/seal.h"
#include "vote/standing.h"
#include "vote/trustee_key.h"

static const char asked[] =
    "{\"version\":1,\"description\":\"\",\"name\":\"\",\"group\":\"Ed25519\",\"public_key\":"
    "\"6666666666666666666666666666666666666666666666666666666666666658\",\"questions\":[{\"answers\":"
    "[\"a\"],\"min\":0,\"max\":1,\"question\":\"\"},{\"answers\":[\"a\",\"b\"],\"blank\":true,\"min\":1,"
    "\"max\":2,\"question\":\"\"}],\"uuid\":\"wdnjhEX4YCaVjU\"}";

static void read_numbers(struct group *group, struct text bytes)
{
    struct secret secret, again;
    struct scalar scalar;
    char text[PRIVATE_KEY_TEXT];
    FUZZ_DEMAND(secret_decode(group, bytes, &secret) == scalar_decode(group, bytes, &scalar));
    if (!private_key_read(group, bytes, &secret))
        return;
    private_key_write(&secret, text);
    FUZZ_DEMAND(private_key_read(group, text_of(text), &again) && secret_equal(&secret, &again));
}

static void read_credential(struct text bytes)
{
    char read[CREDENTIAL_TEXT], again[CREDENTIAL_TEXT];
    if (!credential_read(bytes, read))
        return;
    FUZZ_DEMAND(credential_read(text_of(read), again) && memcmp(read, again, strlen(read) + 1) == 0);
}

/* Made once: tables of powers take longer than everything else here. */
static struct {
    struct ctx model, *ctx;
    struct group *curve, *field;
    struct election election;
} kept;

static void make_once(void)
{
    if (kept.ctx)
        return;
    kept.ctx = ctx_begin(&kept.model);
    kept.curve = group_open(kept.ctx->arena, TEXT("Ed25519"));
    kept.field = group_open(kept.ctx->arena, TEXT("BELENIOS-2048"));
    const struct err *e = election_read(kept.ctx, text_of(asked), &kept.election);
    FUZZ_DEMAND(!e);
}

/* What is taken as choices seals into a ballot that passes. */
static void read_choices(struct ctx *ctx, struct text bytes)
{
    const struct election *election = &kept.election;
    struct ballot ballot;
    uint8_t choices[4];
    const struct secret credential = { { 7 } };
    scoped(buffer_clear) struct buffer sealed = { 0 };
    FUZZ_DEMAND(election_choice_count(election) == (int)sizeof(choices));
    const struct err *e = choices_read(ctx, election, bytes, choices);
    FUZZ_DEMAND(!e || e->kind == ERR_INPUT);
    if (e)
        return;
    e = ballot_seal(ctx, election, &credential, choices, &sealed);
    FUZZ_DEMAND(!e && !ballot_read(ctx, election, buffer_view(&sealed), &ballot) &&
                !ballot_check(ctx, election, &ballot));
}

static void read_drafts(struct ctx *ctx, struct group *group, struct text bytes)
{
    struct standing standing;
    scoped(buffer_clear) struct buffer election = { 0 }, list = { 0 };
    const struct err *e = election_write(ctx, group, TEXT("wdnjhEX4YCaVjU"), &group->generator, bytes, &election);
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
    e = credentials_strip(ctx, bytes, &list);
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
    e = standing_read(ctx, bytes, &standing);
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
    if (!e)
        standing_clear(&standing);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    make_once();
    read_numbers(kept.curve, bytes);
    read_numbers(kept.field, bytes);
    read_credential(bytes);
    read_choices(ctx, bytes);
    read_drafts(ctx, kept.curve, bytes);
    ctx_end(ctx);
    return 0;
}
