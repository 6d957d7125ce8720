/* test_vote_standing.c -- vote/standing: what may be added to an archive, and what is refused without adding a byte. */
#include "vectors.h"
#include "votes.h"

#include "vote/standing.h"

static const char question[] = "[{\"answers\":[\"赞成\",\"反对\",\"弃权\"],\"min\":1,\"max\":1,\"question\":\"?\"}]";

/* The events of an archive are added again, one after another, from where it stands: the same bytes. */
static void check_replay(struct fixture *f, const char *name)
{
    struct text bytes = vector_read(f, name);
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    scoped(buffer_clear) struct buffer made = { 0 };
    assert_ok(f, archive_open(f->ctx, bytes, &archive));
    assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    buffer_add(&made, bytes.at, (size_t)(archive.rest.at - bytes.at));
    for (;;) {
        scoped(standing_clear) struct standing standing;
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
        if (is_end)
            break;
        struct text so_far = text_copy(f->ctx->arena, buffer_view(&made));
        assert_ok(f, standing_read(f->ctx, so_far, &standing));
        switch (event.type) {
        case EVENT_BALLOT:
            assert_ok(f, standing_cast(f->ctx, &standing, event.members[0].bytes, &made));
            break;
        case EVENT_END_BALLOTS:
            assert_ok(f, standing_close(f->ctx, &standing, &made));
            assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
            break;
        case EVENT_PARTIAL_DECRYPTION:
            assert_ok(f, standing_count(f->ctx, &standing));
            assert_ok(f, standing_accept(f->ctx, &standing, event.members[0].bytes, event.members[1].bytes, &made));
            break;
        case EVENT_RESULT:
            assert_ok(f, standing_count(f->ctx, &standing));
            assert_ok(f, standing_finish(f->ctx, &standing, &made, NULL));
            break;
        case EVENT_SETUP:
        case EVENT_ENCRYPTED_TALLY:
        case EVENT_SHUFFLE:
        case EVENT_END_SHUFFLES:
        case EVENT_TYPE_COUNT:
            fail_msg("%s: an event of another kind", name);
        }
    }
    assert_case(text_of(name), text_equal(buffer_view(&made), bytes));
}

static void good_archives_are_added_up_again(void **state)
{
    check_replay(*state, "good/b2048-weighted.bel");
    check_replay(*state, "good/b2048-two-blank.bel");
    check_replay(*state, "good/ed25519-no-ballots.bel");
    check_replay(*state, "good/ed25519-single-plus-2of3.bel");
    check_replay(*state, "good/ed25519-threshold-2of3.bel");
    check_replay(*state, "good/ed25519-weighted.bel");
}

/* Large weights: the same result found again. */
static void large_weights_are_found_again(void **state)
{
    check_replay(*state, "good/b2048-weighted-big.bel");
}

static struct text copy_of(struct votes *votes)
{
    return text_copy(votes->f->ctx->arena, buffer_view(&votes->bytes));
}

#define assert_refused(call, kind, said)                                                                               \
    do {                                                                                                               \
        size_t size_ = out.size;                                                                                       \
        assert_fails(call, kind, said);                                                                                \
        assert_int_equal(out.size, size_);                                                                             \
    } while (0)

static void a_ballot_that_may_not_be_cast_adds_nothing(void **state)
{
    struct fixture *f = *state;
    scoped(votes_end) struct votes votes, other;
    scoped(standing_clear) struct standing standing;
    scoped(buffer_clear) struct buffer out = { 0 };
    drawn_begin();
    votes_begin(f, &votes, "Ed25519", question, 1, 3, NULL);
    votes_begin(f, &other, "Ed25519", question, 1, 3, NULL);
    struct text cast = votes_cast(&votes, 0, "[[1,0,0]]"), foreign = votes_cast(&other, 0, "[[1,0,0]]");
    struct text before = copy_of(&votes);
    scoped(buffer_clear) struct buffer fresh = { 0 }, stranger = { 0 };
    const uint8_t choices[3] = { 0, 1, 0 };
    assert_ok(f, ballot_seal(f->ctx, &votes.election, &votes.voter[1], choices, &fresh));
    assert_ok(f, ballot_seal(f->ctx, &votes.election, &other.voter[1], choices, &stranger));
    assert_ok(f, standing_read(f->ctx, before, &standing));
    assert_refused(standing_cast(f->ctx, &standing, cast, &out), ERR_INPUT, "vote.ballot_twice");
    assert_refused(standing_cast(f->ctx, &standing, foreign, &out), ERR_INPUT, "vote.ballot_other_election");
    assert_refused(standing_cast(f->ctx, &standing, buffer_view(&stranger), &out), ERR_INPUT, "vote.ballot_credential");
    assert_refused(standing_cast(f->ctx, &standing, TEXT("{}"), &out), ERR_INPUT, "vote.ballot_form");
    char *last = fresh.at + fresh.size - 5; /* a digit of the signature */
    *last = *last == '1' ? '2' : '1';
    assert_refused(standing_cast(f->ctx, &standing, buffer_view(&fresh), &out), ERR_INPUT, "vote.ballot_signature");
    assert_refused(standing_count(f->ctx, &standing), ERR_CONFLICT, "vote.not_closed");
}

static void what_comes_too_late_adds_nothing(void **state)
{
    struct fixture *f = *state;
    scoped(votes_end) struct votes votes;
    scoped(standing_clear) struct standing closed, counted;
    scoped(buffer_clear) struct buffer out = { 0 }, fresh = { 0 }, part = { 0 }, owned = { 0 };
    drawn_begin();
    votes_begin(f, &votes, "Ed25519", question, 2, 2, NULL);
    votes_cast(&votes, 0, "[[1,0,0]]");
    assert_ok(f, ballot_seal(f->ctx, &votes.election, &votes.voter[1], (const uint8_t[]){ 0, 1, 0 }, &fresh));
    votes_close(&votes);
    votes_decrypt(&votes, 0);
    assert_ok(f, standing_read(f->ctx, copy_of(&votes), &closed));
    assert_refused(standing_cast(f->ctx, &closed, buffer_view(&fresh), &out), ERR_CONFLICT, "vote.closed");
    assert_refused(standing_close(f->ctx, &closed, &out), ERR_CONFLICT, "vote.closed");
    assert_ok(f, standing_count(f->ctx, &closed));
    assert_refused(standing_finish(f->ctx, &closed, &out, NULL), ERR_INPUT, "vote.decryptions_missing");
    decryption_write(f->ctx, &votes.tally, &votes.trustee[0], &part);
    struct sha256 hash = sha256_of(buffer_view(&part));
    decryption_write_owned(f->ctx, 1, &hash, &owned);
    assert_refused(standing_accept(f->ctx, &closed, buffer_view(&part), buffer_view(&owned), &out), ERR_INPUT,
                   "vote.decryption_twice");
    votes_decrypt(&votes, 1);
    votes_result(&votes);
    assert_ok(f, standing_read(f->ctx, copy_of(&votes), &counted));
    assert_ok(f, standing_count(f->ctx, &counted));
    assert_refused(standing_finish(f->ctx, &counted, &out, NULL), ERR_CONFLICT, "vote.finished");
    assert_refused(standing_accept(f->ctx, &counted, buffer_view(&part), buffer_view(&owned), &out), ERR_CONFLICT,
                   "vote.finished");
}

/* What was written between closing and the sums, as belenios-tool does it in two steps, can be completed. */
static void closing_is_completed(void **state)
{
    struct fixture *f = *state;
    scoped(votes_end) struct votes votes;
    scoped(standing_clear) struct standing standing;
    drawn_begin();
    votes_begin(f, &votes, "BELENIOS-2048", question, 1, 1, NULL);
    votes_cast(&votes, 0, "[[0,0,1]]");
    archive_append(&votes.tip, EVENT_END_BALLOTS, NULL, &votes.bytes);
    assert_ok(f, standing_read(f->ctx, copy_of(&votes), &standing));
    assert_ok(f, standing_close(f->ctx, &standing, &votes.bytes));
    assert_votes_verify(&votes, STAGE_TALLIED);
}

static void a_damaged_archive_is_not_added_to(void **state)
{
    struct fixture *f = *state;
    struct standing standing;
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/archive-broken-parent.bel"), &standing), ERR_INPUT,
                 "vote.event_parent");
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/archive-truncated.bel"), &standing), ERR_INPUT,
                 "vote.archive_cut");
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/archive-payload-altered-in-place.bel"), &standing),
                 ERR_INPUT, "vote.archive_hash");
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/archive-two-ballot-phases.bel"), &standing),
                 ERR_INPUT, "vote.event_order");
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/ballot-duplicate-last.bel"), &standing), ERR_INPUT,
                 "vote.ballot_twice");
    assert_fails(standing_read(f->ctx, vector_read(f, "bad/ed25519/setup-wrong-election-key.bel"), &standing),
                 ERR_INPUT, "vote.election_key");
    assert_fails(standing_read(f->ctx, TEXT(""), &standing), ERR_INPUT, "vote.archive_cut");
    scoped(standing_clear) struct standing wrong;
    assert_ok(f, standing_read(f->ctx, vector_read(f, "bad/ed25519/tally-wrong-ciphertext.bel"), &wrong));
    assert_fails(standing_count(f->ctx, &wrong), ERR_INPUT, "vote.tally_differs");
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(good_archives_are_added_up_again),
        vector_test(large_weights_are_found_again),
        vector_test(a_ballot_that_may_not_be_cast_adds_nothing),
        vector_test(what_comes_too_late_adds_nothing),
        vector_test(closing_is_completed),
        vector_test(a_damaged_archive_is_not_added_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
