/* test_vote_ballot.c -- vote/ballot and vote/ballot_read: every way in which a ballot can be written wrongly has its
 * own message, as has every part that says something untrue.
 */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/archive.h"
#include "vote/ballot.h"

/* The first ballot of an archive with two questions, the second of which may be left blank. */
struct given {
    struct election election;
    struct text ballot;
};

static struct given read_given(struct fixture *f)
{
    struct given given;
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, vector_read(f, "good/ed25519-two-blank.bel"), &archive));
    assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    assert_ok(f, election_read(f->ctx, event.members[0].bytes, &given.election));
    assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    assert_int_equal(event.type, EVENT_BALLOT);
    given.ballot = event.members[0].bytes;
    assert_int_equal(given.election.question_count, 2);
    assert_true(given.election.questions[1].has_blank && !given.election.questions[0].has_blank);
    return given;
}

/* The WHICHth place (from 0) of FIND in the ballot, replaced. */
static struct text replaced(struct fixture *f, struct text ballot, const char *find, int which, const char *instead)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    const char *at = text_string(f->ctx->arena, ballot), *begin = at;
    for (; (at = strstr(at, find)) && which > 0; which--)
        at++;
    if (!at)
        fail_msg("there is no \"%s\"", find);
    buffer_add(&out, begin, (size_t)(at - begin));
    buffer_string(&out, instead);
    buffer_string(&out, at + strlen(find));
    return text_copy(f->ctx->arena, buffer_view(&out));
}

static void assert_said(struct fixture *f, const struct given *given, struct text ballot, const char *said,
                        const char *number)
{
    struct ballot read;
    const struct err *e = ballot_read(f->ctx, &given->election, ballot, &read);
    if (!e)
        e = ballot_check(f->ctx, &given->election, &read);
    if (!e)
        fail_msg("%.*s\npasses", (int)ballot.size, ballot.at);
    if (strcmp(err_root(e)->said, said) != 0)
        fail_msg("%.*s\n\"%s\" was said, not \"%s\"", (int)ballot.size, ballot.at, err_root(e)->said, said);
    assert_int_equal(err_root(e)->kind, ERR_INPUT);
    if (number)
        assert_string_equal(err_root(e)->arguments[0], number);
}

static void the_ballot_passes_before(void **state)
{
    struct fixture *f = *state;
    struct given given = read_given(f);
    struct ballot ballot;
    assert_ok(f, ballot_read(f->ctx, &given.election, given.ballot, &ballot));
    assert_false(ballot.is_checked);
    assert_ok(f, ballot_check(f->ctx, &given.election, &ballot));
    assert_true(ballot.is_checked && ballot.answers[1].sealed);
    assert_true(ballot.unsigned_part.at == given.ballot.at && ballot.unsigned_part.size < given.ballot.size);
}

static const struct {
    const char *find;
    int which;
    const char *instead, *said, *number;
} faults[] = {
    /* the whole */
    { "{\"election_uuid\"", 0, "[{\"election_uuid\"", "vote.ballot_form", NULL },
    { "}}", 0, "}} ", "vote.ballot_canonical", NULL },
    { "{\"election_uuid\"", 0, " {\"election_uuid\"", "vote.ballot_canonical", NULL },
    { "{\"election_uuid\"", 0, "{\"more\":1,\"election_uuid\"", "vote.ballot_form", NULL },
    { "\"election_uuid\"", 0, "\"Election_uuid\"", "vote.ballot_form", NULL },
    { "\"election_uuid\":\"", 0, "\"election_uuid\":\"x", "vote.ballot_other_election", NULL },
    { "\"election_uuid\":\"", 0, "\"election_uuid\":\"\\u0041", "vote.ballot_other_election", NULL },
    { "\"election_hash\":\"", 0, "\"election_hash\":\"x", "vote.ballot_other_election", NULL },
    { "\"answers\":[", 0, "\"answers\":[null,", "vote.ballot_form", NULL },
    { "\"answers\":[{", 0, "\"answers\":[[{", "vote.ballot_form", NULL },
    { "\"hash\":", 0, "\"more\":1,\"hash\":", "vote.ballot_form", NULL },
    { "\"signature\":{\"hash\":\"", 0, "\"signature\":{\"hash\":\"\n", "vote.ballot_signature", NULL },
    /* the answers' shape */
    { "{\"choices\":[", 0, "{\"more\":1,\"choices\":[", "vote.ballot_answer_form", "1" },
    { "{\"choices\":[", 1, "{\"choices\":[null,", "vote.ballot_answer_form", "2" },
    { "{\"alpha\":", 0, "{\"alfa\":", "vote.ballot_answer_form", "1" },
    { "\"individual_proofs\":[[", 0, "\"individual_proofs\":[[],[", "vote.ballot_individual_proof", "1" },
    { "\"individual_proofs\":[[{", 1, "\"individual_proofs\":[[{\"more\":1,", "vote.ballot_individual_proof", "2" },
    { "\"overall_proof\":[", 0, "\"overall_proof\":[1,", "vote.ballot_overall_proof", "1" },
    { "\"overall_proof\":[{\"challenge\":\"", 1, "\"overall_proof\":[{\"challenge\":\"\",\"challenge\":\"",
      "vote.ballot_form", NULL },
    { "\"blank_proof\":[", 0, "\"blank_proof\":[{\"challenge\":\"0\",\"response\":\"0\"},", "vote.ballot_blank_proof",
      "2" },
    { "\"proof\":{", 0, "\"proof\":{\"more\":1,", "vote.ballot_signature", NULL },
    /* what is not true */
    { "\"credential\":\"", 0, "\"credential\":\"0", "vote.ballot_signature", NULL },
    { "\"proof\":{\"challenge\":\"", 0, "\"proof\":{\"challenge\":\"0", "vote.ballot_signature", NULL },
    { "\"hash\":\"", 0, "\"hash\":\"x", "vote.ballot_signature", NULL },
    { "\"overall_proof\":[{\"challenge\":\"", 0, "\"overall_proof\":[{\"challenge\":\"1", "vote.ballot_signature",
      NULL },
};

static void each_fault_of_form_is_named(void **state)
{
    struct fixture *f = *state;
    struct given given = read_given(f);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        assert_said(f, &given, replaced(f, given.ballot, faults[i].find, faults[i].which, faults[i].instead),
                    faults[i].said, faults[i].number);
}

/* Cut anywhere, or with one byte more, it is no ballot. */
static void a_cut_ballot_is_refused(void **state)
{
    struct fixture *f = *state;
    struct given given = read_given(f);
    char *copy = arena_copy(f->ctx->arena, given.ballot.at, given.ballot.size);
    for (size_t size = 0; size < given.ballot.size; size += 7)
        assert_said(f, &given, (struct text){ copy, size }, "vote.ballot_form", NULL);
    assert_said(f, &given, (struct text){ copy, given.ballot.size + 1 }, "vote.ballot_form", NULL);
    size_t large = (1 << 20) + 1;
    assert_said(f, &given, (struct text){ arena_alloc(f->ctx->arena, large), large }, "vote.ballot_large", NULL);
}

/* Signed anew by the one who made it: what the proofs alone must find. The hash is right, the signature's proof isn't
 * asked: ballot_check() begins with it, so each change here is made where check_signature has passed, in the texts it
 * read. */
static void untrue_proofs_are_found_behind_a_good_signature(void **state)
{
    struct fixture *f = *state;
    struct given given = read_given(f);
    struct ballot good;
    assert_ok(f, ballot_read(f->ctx, &given.election, given.ballot, &good));
    struct answer *second = &good.answers[1];
    struct {
        struct text *changed;
        struct text instead;
        const char *said;
    } changes[] = {
        { &second->choices[1].alpha, second->choices[2].alpha, "vote.ballot_individual_proof" },
        { &second->choices[0].beta, TEXT("0000000000000000000000000000000000000000000000000000000000000000"),
          "vote.ballot_element" },
        { &second->choices[2].beta, TEXT("1"), "vote.ballot_element" },
        { &second->individual[5].response, TEXT("1"), "vote.ballot_individual_proof" },
        { &second->individual[0].challenge, TEXT("01"), "vote.ballot_individual_proof" },
        { &second->individual[0].challenge,
          TEXT("7237005577332262213973186563042994240857116359379907606001950938285454250989"),
          "vote.ballot_individual_proof" },
        { &second->blank[0].response, TEXT("5"), "vote.ballot_blank_proof" },
        { &second->blank[1].challenge, TEXT("-5"), "vote.ballot_blank_proof" },
        { &second->overall[0].response, TEXT("5"), "vote.ballot_overall_proof" },
        { &second->overall[1].challenge, TEXT(""), "vote.ballot_overall_proof" },
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct text kept = *changes[i].changed;
        *changes[i].changed = changes[i].instead;
        const struct err *e = ballot_check(f->ctx, &given.election, &good);
        assert_non_null(e);
        if (strcmp(err_root(e)->said, changes[i].said) != 0)
            fail_msg("%zu: \"%s\" was said", i, err_root(e)->said);
        assert_string_equal(err_root(e)->arguments[0], "2");
        assert_false(good.is_checked);
        *changes[i].changed = kept;
    }
    assert_ok(f, ballot_check(f->ctx, &given.election, &good));
}

/* Elements of a ballot nobody has checked are asked for membership when they are wanted. */
static void choices_of_an_unchecked_ballot_are_asked_for_membership(void **state)
{
    struct fixture *f = *state;
    struct given given = read_given(f);
    struct ballot ballot;
    struct ciphertext choices[8];
    assert_ok(f, ballot_read(f->ctx, &given.election, given.ballot, &ballot));
    assert_ok(f, ballot_choices(f->ctx, &given.election, &ballot, 0, choices));
    ballot.answers[0].choices[0].alpha = TEXT(
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"); /* order two */
    const struct err *e = ballot_choices(f->ctx, &given.election, &ballot, 0, choices);
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, "vote.ballot_element");
    ballot.is_checked = true;
    assert_ok(f, ballot_choices(f->ctx, &given.election, &ballot, 0, choices)); /* whoever says so is believed */
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(the_ballot_passes_before),
        vector_test(each_fault_of_form_is_named),
        vector_test(a_cut_ballot_is_refused),
        vector_test(untrue_proofs_are_found_behind_a_good_signature),
        vector_test(choices_of_an_unchecked_ballot_are_asked_for_membership),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
