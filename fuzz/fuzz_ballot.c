/* fuzz/fuzz_ballot.c -- any bytes as each object of an election, past the hashes that keep a fuzzer out of an archive: the
 * election, its trustees, its credentials, a ballot, a tally, a trustee's part, a result.
 */
#include "target.h"

#include "vote/tally.h"

static const char asked[] = "{\"version\":1,\"description\":\"\",\"name\":\"\",\"group\":\"Ed25519\",\"public_key\":"
                            "\"6666666666666666666666666666666666666666666666666666666666666658\",\"questions\":[{\"answers\":"
                            "[\"a\",\"b\"],\"blank\":true,\"min\":1,\"max\":2,\"question\":\"\"}],\"uuid\":\"wdnjhEX4YCaVjU\"}";

/* Opened once: tables of groups and keys take longer than most inputs. */
static struct kept {
    struct ctx *ctx;
    struct group *groups[2];
    struct election election;
} kept;

static void open_once(void)
{
    static const struct ctx model;
    if (kept.ctx)
        return;
    kept.ctx = ctx_begin(&model);
    kept.groups[0] = group_open(kept.ctx->arena, TEXT("Ed25519"));
    kept.groups[1] = group_open(kept.ctx->arena, TEXT("BELENIOS-2048"));
    const struct err *e = election_read(kept.ctx, text_of(asked), &kept.election);
    FUZZ_DEMAND(!e);
}

static void demand_told(const struct err *e)
{
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
}

static void read_setup(struct ctx *ctx, struct text bytes)
{
    struct election other;
    for (int i = 0; i < 2; i++) {
        struct trustees trustees;
        struct voters voters = { 0 };
        struct group *group = kept.groups[i];
        demand_told(trustees_read(ctx, group, bytes, &trustees));
        demand_told(voters_read(ctx, group, bytes, &voters));
        FUZZ_DEMAND(voters.total_weight >= 0);
        voters_clear(&voters);
    }
    const struct err *e = election_read(ctx, bytes, &other);
    demand_told(e);
    if (!e)
        FUZZ_DEMAND(other.question_count > 0 && other.questions[0].most <= other.questions[0].answer_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    struct ballot ballot;
    struct tally tally;
    struct decryptions decryptions;
    struct sha256 hash = sha256_of(bytes);
    int64_t **numbers;
    open_once();
    const struct election *election = &kept.election;
    read_setup(ctx, bytes);
    struct trustee_set set = { true, 0, 1, 1 };
    struct trustees trustees = { &set, 1, &kept.election.key, 1, election->key, false };
    const struct err *e = ballot_read(ctx, election, bytes, &ballot);
    demand_told(e);
    if (!e) {
        FUZZ_DEMAND(ballot.unsigned_part.size < bytes.size);
        demand_told(ballot_check(ctx, election, &ballot));
    }
    tally_begin(ctx, election, &tally);
    decryptions_begin(ctx, &trustees, &decryptions);
    demand_told(tally_compare(ctx, &tally, bytes, &hash, bytes));
    demand_told(decryption_add(ctx, &tally, &trustees, &decryptions, bytes, bytes, &hash));
    struct element given[3] = { election->group->neutral, election->group->neutral, election->group->neutral };
    decryptions.factors[0] = given;
    demand_told(result_check(ctx, &tally, &trustees, &decryptions, bytes, &numbers));
    ctx_end(ctx);
    return 0;
}
