/* tests/lib/votes.h -- a small election wholly in memory: keys, credentials, ballots, closing, opening, each step into
 * an archive. Chance is drawn.h's: the same each time. Whoever uses it links vote and base.
 */
#ifndef TESTS_VOTES_H
#define TESTS_VOTES_H
#include "drawn.h"

#include "base/buffer.h"
#include "vote/archive.h"
#include "vote/ballot.h"
#include "vote/credential.h"
#include "vote/decrypt.h"
#include "vote/draft.h"
#include "vote/seal.h"
#include "vote/trustee_key.h"
#include "vote/verify.h"

enum { VOTES_TRUSTEES = 3, VOTES_VOTERS = 16 };

struct votes {
    struct fixture *f;
    struct group *group;
    char uuid[TOKEN_TEXT];
    int trustee_count, voter_count;
    struct secret trustee[VOTES_TRUSTEES], voter[VOTES_VOTERS];
    char credential[VOTES_VOTERS][CREDENTIAL_TEXT];
    int64_t weight[VOTES_VOTERS];
    struct text election_text, trustees_text;
    struct election election;
    struct trustees trustees;
    struct archive tip;
    struct buffer bytes;
    struct ballot last[VOTES_VOTERS]; /* empty before */
    struct tally tally;
    struct decryptions decryptions;
};

static inline void votes_end(struct votes *votes)
{
    buffer_clear(&votes->bytes);
}

/* QUESTIONS is the JSON list of a template; WEIGHTS may be NULL: all 1. */
static inline void votes_begin(struct fixture *f, struct votes *votes, const char *group, const char *questions,
                               int trustee_count, int voter_count, const int64_t *weights)
{
    scoped(buffer_clear) struct buffer credentials = { 0 }, trustees = { 0 }, election = { 0 };
    struct text keys[VOTES_TRUSTEES];
    struct credential_row rows[VOTES_VOTERS];
    *votes = (struct votes){ .f = f, .trustee_count = trustee_count, .voter_count = voter_count };
    votes->group = group_open(f->ctx->arena, text_of(group));
    assert_non_null(votes->group);
    token_draw(votes->uuid);
    for (int i = 0; i < trustee_count; i++) {
        scoped(buffer_clear) struct buffer key = { 0 };
        votes->trustee[i] = secret_draw(votes->group);
        trustee_key_write(f->ctx, votes->group, &votes->trustee[i], i == 1 ? TEXT("张\"三") : TEXT(""), &key);
        keys[i] = text_copy(f->ctx->arena, buffer_view(&key));
    }
    trustees_write(keys, trustee_count, NULL, 0, &trustees);
    votes->trustees_text = text_copy(f->ctx->arena, buffer_view(&trustees));
    assert_ok(f, trustees_read(f->ctx, votes->group, votes->trustees_text, &votes->trustees));
    for (int i = 0; i < voter_count; i++) {
        credential_draw(votes->credential[i]);
        credential_secret(votes->group, text_of(votes->uuid), votes->credential[i], &votes->voter[i]);
        point_power_generator(votes->group, &votes->voter[i], &rows[i].key);
        rows[i].weight = votes->weight[i] = weights ? weights[i] : 1;
    }
    credentials_write(votes->group, rows, (size_t)voter_count, &credentials);
    const char *template = arena_printf(f->ctx->arena,
                                        "{\"description\":\"说明/\\n\",\"name\":\"一\",\"questions\":%s}", questions);
    assert_ok(f, election_write(f->ctx, votes->group, text_of(votes->uuid), &votes->trustees.joint_key,
                                text_of(template), &election));
    votes->election_text = text_copy(f->ctx->arena, buffer_view(&election));
    assert_ok(f, election_read(f->ctx, votes->election_text, &votes->election));
    assert_ok(f, archive_set_up(f->ctx, 1700000000, votes->election_text, votes->trustees_text,
                                buffer_view(&credentials), &votes->tip, &votes->bytes));
    tally_begin(f->ctx, &votes->election, &votes->tally);
    decryptions_begin(f->ctx, &votes->trustees, &votes->decryptions);
}

static inline void votes_cast_bytes(struct votes *votes, int voter, struct text bytes)
{
    struct ballot ballot;
    assert_ok(votes->f, ballot_read(votes->f->ctx, &votes->election, bytes, &ballot));
    assert_ok(votes->f, ballot_check(votes->f->ctx, &votes->election, &ballot));
    archive_append(&votes->tip, EVENT_BALLOT, &bytes, &votes->bytes);
    votes->last[voter] = ballot;
}

/* CHOICES as belenios-tool writes them: "[[1,0],[0,0,1]]". */
static inline struct text votes_cast(struct votes *votes, int voter, const char *choices)
{
    uint8_t *read = arena_alloc(votes->f->ctx->arena, (size_t)election_choice_count(&votes->election));
    scoped(buffer_clear) struct buffer sealed = { 0 };
    assert_ok(votes->f, choices_read(votes->f->ctx, &votes->election, text_of(choices), read));
    assert_ok(votes->f, ballot_seal(votes->f->ctx, &votes->election, &votes->voter[voter], read, &sealed));
    struct text bytes = text_copy(votes->f->ctx->arena, buffer_view(&sealed));
    votes_cast_bytes(votes, voter, bytes);
    return bytes;
}

static inline void votes_close(struct votes *votes)
{
    scoped(buffer_clear) struct buffer tally = { 0 }, sized = { 0 };
    for (int i = 0; i < votes->voter_count; i++)
        if (votes->last[i].bytes.size > 0)
            assert_ok(votes->f, tally_add(votes->f->ctx, &votes->tally, &votes->last[i], votes->weight[i], false));
    tally_write(&votes->tally, &tally);
    struct sha256 hash = sha256_of(buffer_view(&tally));
    tally_write_sized(votes->f->ctx, &votes->tally, &hash, &sized);
    archive_append(&votes->tip, EVENT_END_BALLOTS, NULL, &votes->bytes);
    archive_append(&votes->tip, EVENT_ENCRYPTED_TALLY,
                   (const struct text[]){ buffer_view(&tally), buffer_view(&sized) }, &votes->bytes);
}

static inline void votes_decrypt(struct votes *votes, int trustee)
{
    scoped(buffer_clear) struct buffer part = { 0 }, owned = { 0 };
    decryption_write(votes->f->ctx, &votes->tally, &votes->trustee[trustee], &part);
    struct sha256 hash = sha256_of(buffer_view(&part));
    decryption_write_owned(votes->f->ctx, trustee + 1, &hash, &owned);
    assert_ok(votes->f, decryption_add(votes->f->ctx, &votes->tally, &votes->trustees, &votes->decryptions,
                                       buffer_view(&owned), buffer_view(&part), &hash));
    archive_append(&votes->tip, EVENT_PARTIAL_DECRYPTION,
                   (const struct text[]){ buffer_view(&part), buffer_view(&owned) }, &votes->bytes);
}

/* The result's text. */
static inline struct text votes_result(struct votes *votes)
{
    scoped(buffer_clear) struct buffer result = { 0 };
    assert_ok(votes->f, result_write(votes->f->ctx, &votes->tally, &votes->trustees, &votes->decryptions, &result));
    struct text made = text_copy(votes->f->ctx->arena, buffer_view(&result));
    archive_append(&votes->tip, EVENT_RESULT, &made, &votes->bytes);
    return made;
}

/* Our own verifier passes the archive as it stands. */
static inline void assert_votes_verify(struct votes *votes, enum election_stage stage)
{
    struct election_report report;
    assert_ok(votes->f, election_verify(votes->f->ctx, buffer_view(&votes->bytes), &report));
    assert_int_equal(report.stage, stage);
}
#endif
