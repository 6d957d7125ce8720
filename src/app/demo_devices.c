/* app/demo_devices.c */
#include "app/demo_devices.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/json.h"
#include "vote/credential.h"
#include "vote/decrypt.h"
#include "vote/seal.h"
#include "vote/threshold.h"

const char *device_seed(struct ctx *ctx)
{
    char *seed = arena_alloc(ctx->arena, SEED_SIZE + 1);
    threshold_seed(seed);
    return seed;
}

const char *device_code(struct ctx *ctx)
{
    char *code = arena_alloc(ctx->arena, CREDENTIAL_TEXT);
    credential_draw(code);
    return code;
}

static const struct err *group_named(struct ctx *ctx, const char *name, struct group **ret)
{
    *ret = group_open(ctx->arena, text_of(name));
    return *ret ? NULL : err_broken(ctx, "no arithmetic %s", name);
}

static const struct err *make_message(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                                      const struct device_ceremony *said, struct text *ret)
{
    if (said->step == 1)
        return threshold_certificate(ctx, ceremony, keys, said->index, ret);
    if (said->step == 3)
        return threshold_polynomial(ctx, ceremony, keys, ret);
    return threshold_output(ctx, ceremony, keys, said->input, ret);
}

const struct err *device_key_message(struct ctx *ctx, const struct device_ceremony *said, const char *seed, struct text *ret)
{
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    struct ceremony ceremony;
    struct group *group;
    TRY(group_named(ctx, said->group, &group));
    TRY(ceremony_begin(ctx, group, said->size, said->needed, &ceremony));
    TRY(threshold_keys(ctx, group, text_of(seed), &keys));
    for (int i = 0; i < said->count && i < said->size; i++)
        ceremony.certificates[i] = said->certificates[i];
    return make_message(ctx, &ceremony, &keys, said, ret);
}

const struct err *device_public_codes(struct ctx *ctx, const char *name, const char *uuid, const char *const *codes, int count,
                                      struct text *ret)
{
    struct group *group;
    scoped(buffer_clear) struct buffer out = { 0 };
    struct credential_row *rows = arena_array_of(ctx->arena, struct credential_row, count);
    TRY(group_named(ctx, name, &group));
    for (int i = 0; i < count; i++) {
        scoped(secret_wipe) struct secret secret = { 0 };
        credential_secret(group, text_of(uuid), codes[i], &secret);
        point_power_generator(group, &secret, &rows[i].key);
        rows[i].weight = 1;
    }
    credentials_write(group, rows, (size_t)count, &out);
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

const struct err *device_ballot(struct ctx *ctx, struct text text, const char *typed, const char *choices, struct text *ret)
{
    struct election election;
    scoped(secret_wipe) struct secret secret = { 0 };
    scoped(buffer_clear) struct buffer out = { 0 };
    char code[CREDENTIAL_TEXT];
    TRY(election_read(ctx, text, &election));
    if (!credential_read(text_of(typed), code))
        return err_broken(ctx, "no code of a voter");
    credential_secret(election.group, election.uuid, code, &secret);
    uint8_t *chosen = arena_alloc(ctx->arena, (size_t)election_choice_count(&election));
    TRY(choices_read(ctx, &election, text_of(choices), chosen));
    TRY(ballot_seal(ctx, &election, &secret, chosen, &out));
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

/* A tally whose sums are those that were published. */
static const struct err *read_tally(struct ctx *ctx, const struct election *election, struct text published, struct tally *ret)
{
    struct node *node;
    TRY(json_read(ctx, published, &node));
    tally_begin(ctx, election, ret);
    const struct node_link *sums = node->first;
    for (int q = 0; q < election->question_count && sums; q++, sums = sums->next) {
        const struct node_link *sum = sums->value.first;
        for (int i = 0; i < election->questions[q].choice_count; i++, sum = sum->next)
            if (!sum || !group_decode(election->group, node_find_text(&sum->value, KEY("alpha")), &ret->sums[q][i].alpha) ||
                !group_decode(election->group, node_find_text(&sum->value, KEY("beta")), &ret->sums[q][i].beta))
                return err_broken(ctx, "a tally of another shape");
    }
    return NULL;
}

const struct err *device_part(struct ctx *ctx, struct text text, struct text private_key, struct text published,
                              const char *seed, struct text *ret)
{
    struct election election;
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    scoped(secret_wipe) struct secret secret = { 0 };
    scoped(buffer_clear) struct buffer out = { 0 };
    struct tally tally;
    TRY(election_read(ctx, text, &election));
    TRY(threshold_keys(ctx, election.group, text_of(seed), &keys));
    TRY(threshold_decryption_key(ctx, election.group, &keys, private_key, &secret));
    TRY(read_tally(ctx, &election, published, &tally));
    decryption_write(ctx, &tally, &secret, &out);
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}
