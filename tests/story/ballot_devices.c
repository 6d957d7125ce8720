/* tests/story/ballot_devices.c */
#include "ballot_devices.h"

#include "vote/archive.h"
#include "vote/verify.h"

static const char *string(struct fixture *f, struct text text)
{
    return text_string(f->ctx->arena, text);
}

const char *key_message(struct fixture *f, const struct device_ceremony *ceremony, const char *seed)
{
    struct text message;
    assert_ok(f, device_key_message(f->ctx, ceremony, seed, &message));
    return string(f, message);
}

const char *make_codes(struct fixture *f, const char *group, const char *uuid, int count, const char **ret_codes)
{
    struct text list;
    for (int i = 0; i < count; i++)
        ret_codes[i] = device_code(f->ctx);
    assert_ok(f, device_public_codes(f->ctx, group, uuid, ret_codes, count, &list));
    return string(f, list);
}

const char *seal_ballot(struct fixture *f, const char *election, const char *code, const char *choices)
{
    struct text ballot;
    assert_ok(f, device_ballot(f->ctx, text_of(election), code, choices, &ballot));
    return string(f, ballot);
}

const char *open_part(struct fixture *f, const char *election, const char *private_key, const char *tally, const char *seed)
{
    struct text part;
    assert_ok(f, device_part(f->ctx, text_of(election), text_of(private_key), text_of(tally), seed, &part));
    return string(f, part);
}

struct device_report verify_election(struct fixture *f, struct text archive)
{
    struct election_report report;
    assert_ok(f, election_verify(f->ctx, archive, &report));
    return (struct device_report){ (int)report.voters, (int)report.ballots, (int)report.counted, report.stage == STAGE_RESULT,
                                   report.result, archive_hash(f->ctx->arena, &report.last_event), report.election.fingerprint };
}
