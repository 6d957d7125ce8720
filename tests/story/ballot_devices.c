/* tests/story/ballot_devices.c */
#include "ballot_devices.h"

#include "base/buffer.h"
#include "base/json.h"
#include "vote/archive.h"
#include "vote/credential.h"
#include "vote/decrypt.h"
#include "vote/seal.h"
#include "vote/threshold.h"
#include "vote/verify.h"

const char *device_seed(struct fixture *f)
{
    char *seed = arena_alloc(f->ctx->arena, SEED_SIZE + 1);
    threshold_seed(seed);
    return seed;
}

static struct group *group_named(struct fixture *f, const char *name)
{
    struct group *group = group_open(f->ctx->arena, text_of(name));
    assert_non_null(group);
    return group;
}

const char *device_key_message(struct fixture *f, const struct device_ceremony *said, const char *seed)
{
    struct channel_keys keys;
    struct ceremony ceremony;
    struct text message;
    struct group *group = group_named(f, said->group);
    assert_ok(f, ceremony_begin(f->ctx, group, said->size, said->needed, &ceremony));
    assert_ok(f, threshold_keys(f->ctx, group, text_of(seed), &keys));
    for (int i = 0; i < said->count && i < said->size; i++)
        ceremony.certificates[i] = said->certificates[i];
    if (said->step == 1)
        assert_ok(f, threshold_certificate(f->ctx, &ceremony, &keys, said->index, &message));
    else if (said->step == 3)
        assert_ok(f, threshold_polynomial(f->ctx, &ceremony, &keys, &message));
    else
        assert_ok(f, threshold_output(f->ctx, &ceremony, &keys, said->input, &message));
    channel_keys_wipe(&keys);
    return text_string(f->ctx->arena, message);
}

static const char *taken(struct fixture *f, struct buffer *out)
{
    const char *text = text_string(f->ctx->arena, buffer_view(out));
    buffer_clear(out);
    return text;
}

const char *device_codes(struct fixture *f, const char *name, const char *uuid, int count, const char **ret_codes)
{
    struct group *group = group_named(f, name);
    struct credential_row *rows = arena_array_of(f->ctx->arena, struct credential_row, count);
    struct buffer out = { 0 };
    for (int i = 0; i < count; i++) {
        struct secret secret;
        char *code = arena_alloc(f->ctx->arena, CREDENTIAL_TEXT);
        credential_draw(code);
        credential_secret(group, text_of(uuid), code, &secret);
        point_power_generator(group, &secret, &rows[i].key);
        rows[i].weight = 1;
        ret_codes[i] = code;
        secret_wipe(&secret);
    }
    credentials_write(group, rows, (size_t)count, &out);
    return taken(f, &out);
}

const char *device_ballot(struct fixture *f, const char *text, const char *code, const char *choices)
{
    struct election election;
    struct secret secret;
    struct buffer out = { 0 };
    char read[CREDENTIAL_TEXT];
    assert_ok(f, election_read(f->ctx, text_of(text), &election));
    assert_true(credential_read(text_of(code), read));
    credential_secret(election.group, election.uuid, read, &secret);
    uint8_t *chosen = arena_alloc(f->ctx->arena, (size_t)election_choice_count(&election));
    assert_ok(f, choices_read(f->ctx, &election, text_of(choices), chosen));
    assert_ok(f, ballot_seal(f->ctx, &election, &secret, chosen, &out));
    secret_wipe(&secret);
    return taken(f, &out);
}

/* A tally whose sums are those that were published. */
static void read_tally(struct fixture *f, const struct election *election, const char *text, struct tally *ret)
{
    struct node *node;
    assert_ok(f, json_read(f->ctx, text_of(text), &node));
    tally_begin(f->ctx, election, ret);
    const struct node_link *sums = node->first;
    for (int q = 0; q < election->question_count; q++, sums = sums->next) {
        const struct node_link *sum = sums->value.first;
        for (int i = 0; i < election->questions[q].choice_count; i++, sum = sum->next) {
            assert_true(group_decode(election->group, node_find_text(&sum->value, KEY("alpha")), &ret->sums[q][i].alpha));
            assert_true(group_decode(election->group, node_find_text(&sum->value, KEY("beta")), &ret->sums[q][i].beta));
        }
    }
}

const char *device_part(struct fixture *f, const char *text, const char *private_key, const char *published, const char *seed)
{
    struct election election;
    struct channel_keys keys;
    struct secret secret;
    struct tally tally;
    struct buffer out = { 0 };
    assert_ok(f, election_read(f->ctx, text_of(text), &election));
    assert_ok(f, threshold_keys(f->ctx, election.group, text_of(seed), &keys));
    assert_ok(f, threshold_decryption_key(f->ctx, election.group, &keys, text_of(private_key), &secret));
    read_tally(f, &election, published, &tally);
    decryption_write(f->ctx, &tally, &secret, &out);
    secret_wipe(&secret);
    channel_keys_wipe(&keys);
    return taken(f, &out);
}

struct device_report device_verify(struct fixture *f, struct text archive)
{
    struct election_report report;
    assert_ok(f, election_verify(f->ctx, archive, &report));
    return (struct device_report){ (int)report.voters, (int)report.ballots, (int)report.counted, report.stage == STAGE_RESULT,
                                   report.result, archive_hash(f->ctx->arena, &report.last_event) };
}
