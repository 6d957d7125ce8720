/* test_vote_verify.c -- vote/verify: every good archive passes and says what it holds; every damaged one is refused for its
 * own fault, at its event, for its ballot.
 */
#include "vectors.h"

#include "vote/verify.h"

static const struct err *verify_file(struct fixture *f, const char *name, struct election_report *report)
{
    return election_verify(f->ctx, vector_read(f, name), report);
}

/* Numbers stand as texts when they are large. */
static int64_t number_of(const struct node *node)
{
    int64_t number = -1;
    if (node->kind == NODE_INT)
        return node->number;
    assert_true(text_int(node->text, &number));
    return number;
}

static void assert_result(const struct node *expected, const struct election_report *report)
{
    int question = 0;
    if (!expected || expected->kind == NODE_NULL) {
        assert_null(report->result);
        return;
    }
    assert_non_null(report->result);
    node_each (list, expected) {
        int choice = 0;
        node_each (link, &list->value)
            assert_int_equal(report->result[question][choice++], number_of(&link->value));
        assert_int_equal(choice, report->election.questions[question++].choice_count);
    }
    assert_int_equal(question, report->election.question_count);
}

static const char *const good[] = {
    "b2048-no-ballots", "b2048-open", "b2048-single", "b2048-threshold-2of3-v3", "b2048-threshold-2of3", "b2048-two-blank",
    "b2048-weighted-big", "b2048-weighted", "ed25519-no-ballots", "ed25519-single-plus-2of3", "ed25519-single",
    "ed25519-threshold-2of3-v21", "ed25519-threshold-2of3", "ed25519-two-blank", "ed25519-weighted",
};

static void good_archives_pass_and_tell_what_they_hold(void **state)
{
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct election_report report;
        assert_ok(f, verify_file(f, arena_printf(f->ctx->arena, "good/%s.bel", good[i]), &report));
        const struct node *file = vector_json(f, arena_printf(f->ctx->arena, "good/%s.json", good[i]));
        const struct node *expected = node_find(file, KEY("expect"));
        assert_non_null(expected);
        assert_case(text_of(good[i]), text_is(node_find_text(expected, KEY("election_fingerprint")), report.election.fingerprint));
        assert_case(text_of(good[i]), node_find_int(expected, KEY("ballots"), -1) == report.ballots);
        assert_case(text_of(good[i]), node_find_int(expected, KEY("counted"), -1) == report.counted);
        assert_case(text_of(good[i]), number_of(node_find(expected, KEY("total_weight"))) == report.weight);
        assert_result(node_find(expected, KEY("result")), &report);
        assert_case(text_of(good[i]), (report.stage == STAGE_RESULT) == (report.result != NULL));
    }
}

/* A damaged archive and what must be said of it. */
struct fault_case {
    const char *file, *said;
    int64_t event, ballot;
};

static const struct fault_case faults[] = {
    { "b2048/ballot-bad-individual-proof.bel", "vote.ballot_individual_proof", 2, 2 },
    { "b2048/ballot-copied-answers-resigned.bel", "vote.ballot_individual_proof", 2, 2 },
    { "b2048/ballot-unknown-credential.bel", "vote.ballot_credential", 4, 4 },
    { "b2048/ballot-replayed-superseded.bel", "vote.ballot_twice", 4, 4 },
    { "b2048/ballot-scalar-not-reduced.bel", "vote.ballot_individual_proof", 2, 2 },
    { "b2048/ballot-outside-subgroup.bel", "vote.ballot_element", 2, 2 },
    { "b2048/decryption-wrong-factor.bel", "vote.decryption_proof", 6, 0 },
    { "b2048/decryption-missing.bel", "vote.decryptions_missing", 7, 0 },
    { "b2048/tally-wrong-ciphertext.bel", "vote.tally_differs", 5, 0 },
    { "b2048/archive-broken-parent.bel", "vote.event_parent", 3, 0 },
    { "b2048/archive-payload-altered-in-place.bel", "vote.archive_hash", 1, 0 },
    { "b2048/setup-bad-trustee-pok.bel", "vote.trustee_proof", 0, 0 },
    { "b2048/setup-duplicate-credential.bel", "vote.credential_twice", 0, 0 },
    { "b2048/setup-wrong-election-key.bel", "vote.election_key", 0, 0 },
    { "ed25519/ballot-bad-individual-proof.bel", "vote.ballot_individual_proof", 2, 2 },
    { "ed25519/ballot-bad-overall-proof.bel", "vote.ballot_overall_proof", 2, 2 },
    { "ed25519/ballot-bad-signature.bel", "vote.ballot_signature", 2, 2 },
    { "ed25519/ballot-copied-answers-resigned.bel", "vote.ballot_individual_proof", 2, 2 },
    { "ed25519/ballot-unknown-credential.bel", "vote.ballot_credential", 4, 4 },
    { "ed25519/ballot-duplicate-last.bel", "vote.ballot_twice", 4, 4 },
    { "ed25519/ballot-replayed-superseded.bel", "vote.ballot_twice", 4, 4 },
    { "ed25519/ballot-not-canonical-space.bel", "vote.ballot_canonical", 2, 2 },
    { "ed25519/ballot-outside-subgroup.bel", "vote.ballot_element", 2, 2 },
    { "ed25519/decryption-wrong-factor.bel", "vote.decryption_proof", 6, 0 },
    { "ed25519/result-one-vote-moved.bel", "vote.result_wrong", 8, 0 },
    { "ed25519/tally-wrong-ciphertext.bel", "vote.tally_differs", 5, 0 },
    { "ed25519/tally-wrong-num_tallied.bel", "vote.tally_counted", 5, 0 },
    { "ed25519/archive-broken-parent.bel", "vote.event_parent", 3, 0 },
    { "ed25519/archive-payload-altered-in-place.bel", "vote.archive_hash", 1, 0 },
    { "ed25519/archive-truncated.bel", "vote.archive_cut", 8, 0 },
    { "ed25519/archive-two-ballot-phases.bel", "vote.event_order", 4, 0 },
    { "ed25519/setup-duplicate-credential.bel", "vote.credential_twice", 0, 0 },
    { "ed25519/setup-wrong-election-key.bel", "vote.election_key", 0, 0 },
    { "ed25519/tally-uses-superseded-ballot.bel", "vote.tally_differs", 5, 0 },
    { "ed25519/threshold-bad-coefexps-signature.bel", "vote.trustees_commitments", 0, 0 },
    { "ed25519/threshold-wrong-verification-key.bel", "vote.trustees_key", 0, 0 },
    { "ed25519/threshold-not-enough.bel", "vote.decryptions_missing", 6, 0 },
};

static void assert_refused(struct fixture *f, const struct fault_case *expected)
{
    struct election_report report;
    const struct err *e = verify_file(f, arena_printf(f->ctx->arena, "bad/%s", expected->file), &report);
    if (!e)
        fail_msg("%s passes", expected->file);
    if (strcmp(err_root(e)->said, expected->said) != 0 || report.event != expected->event || report.ballot != expected->ballot)
        fail_msg("{ \"%s\", \"%s\", %lld, %lld } was said", expected->file, err_root(e)->said, (long long)report.event,
                 (long long)report.ballot);
    assert_int_equal(err_root(e)->kind, ERR_INPUT);
}

static void damaged_archives_are_refused_for_their_own_fault(void **state)
{
    struct fixture *f = *state;
    size_t count = 0, known = sizeof(faults) / sizeof(faults[0]);
    node_each (link, vector_json(f, "bad/index.json")) {
        struct text name = node_find_text(&link->value, KEY("file"));
        size_t i = 0;
        while (i < known && !text_is(name, faults[i].file))
            i++;
        assert_case(name, i < known);
        assert_refused(f, &faults[i]);
        count++;
    }
    assert_int_equal(count, known);
}

static void the_archives_that_were_damaged_pass_before(void **state)
{
    struct fixture *f = *state;
    struct election_report report;
    assert_ok(f, verify_file(f, "bad/base-b2048.bel", &report));
    assert_ok(f, verify_file(f, "bad/base-ed25519.bel", &report));
    assert_ok(f, verify_file(f, "bad/base-ed25519-threshold.bel", &report));
}

static void kinds_that_are_not_offered_are_refused_as_such(void **state)
{
    struct fixture *f = *state;
    struct election_report report;
    const struct err *e = verify_file(f, "unsupported/lists.bel", &report);
    assert_non_null(e);
    assert_string_equal(e->said, "vote.unsupported_question");
    assert_string_equal(e->arguments[0], "Lists");
    e = verify_file(f, "unsupported/non-homomorphic.bel", &report);
    assert_non_null(e);
    assert_string_equal(e->said, "vote.unsupported_group");
    assert_string_equal(e->arguments[0], "RFC-3526-2048");
}

static void an_archive_may_only_grow(void **state)
{
    struct fixture *f = *state;
    struct election_report report;
    struct text before = vector_read(f, "diff/before.bel"), after = vector_read(f, "diff/after.bel");
    struct text removed = vector_read(f, "diff/after-ballot-removed.bel");
    assert_ok(f, election_verify(f->ctx, before, &report));
    assert_ok(f, election_verify(f->ctx, after, &report));
    assert_ok(f, election_verify(f->ctx, removed, &report));
    assert_ok(f, election_continues(f->ctx, before, after));
    assert_ok(f, election_continues(f->ctx, before, before));
    assert_non_null(election_continues(f->ctx, before, removed));
    assert_non_null(election_continues(f->ctx, after, before));
}

/* Wherever an archive is cut, it is refused, unless the cut falls after an event: then it is an election in progress. */
static void a_cut_archive_is_refused_or_in_progress(void **state)
{
    struct fixture *f = *state;
    struct text whole = vector_read(f, "good/ed25519-no-ballots.bel");
    int passed = 0;
    for (size_t size = 0; size < whole.size; size += 512) {
        struct election_report report;
        struct text begun = { whole.at, size };
        if (!election_verify(f->ctx, begun, &report)) {
            assert_true(report.stage >= STAGE_OPEN && report.stage < STAGE_RESULT);
            passed++;
        }
        begun.size += 100;
        assert_non_null(election_verify(f->ctx, begun, &report));
    }
    assert_int_equal(passed, 4); /* Setup, EndBallots, EncryptedTally, PartialDecryption */
}

/* One changed byte anywhere is found. */
static void one_changed_byte_is_found(void **state)
{
    struct fixture *f = *state;
    struct text whole = vector_read(f, "good/ed25519-no-ballots.bel");
    char *changed = arena_copy(f->ctx->arena, whole.at, whole.size);
    for (size_t at = 0; at < whole.size; at += 61) {
        struct election_report report;
        struct ctx *ctx = ctx_begin(f->ctx);
        changed[at] ^= 1;
        if (!election_verify(ctx, (struct text){ changed, whole.size }, &report))
            fail_msg("byte %zu changed, nothing found", at);
        changed[at] ^= 1;
        ctx_end(ctx);
    }
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(good_archives_pass_and_tell_what_they_hold),
        vector_test(damaged_archives_are_refused_for_their_own_fault),
        vector_test(the_archives_that_were_damaged_pass_before),
        vector_test(kinds_that_are_not_offered_are_refused_as_such),
        vector_test(an_archive_may_only_grow),
        vector_test(a_cut_archive_is_refused_or_in_progress),
        vector_test(one_changed_byte_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
