/* test_vote_seal.c -- vote/credential, trustee_key, draft, seal, decrypt: what makers make, against the worked examples
 * byte for byte, and whole elections of drawn choices that our own verifier passes.
 */
#include "vectors.h"
#include "votes.h"

static const char one_of_three[] = "[{\"answers\":[\"甲\",\"乙\",\"弃权\"],\"min\":1,\"max\":1,\"question\":\"?\"}]";
static const char mixed[] = "[{\"answers\":[\"a\",\"b\"],\"min\":0,\"max\":1,\"question\":\"q\"},"
                            "{\"answers\":[\"a\",\"b\",\"c\"],\"blank\":true,\"min\":1,\"max\":2,\"question\":\"r\"}]";

static const char *const groups[] = { "Ed25519", "BELENIOS-2048" };

static const struct node *unit(struct fixture *f, int group)
{
    static const char *const names[] = { "unit/unit-ed25519.json", "unit/unit-b2048.json" };
    return vector_json(f, names[group]);
}

static void credentials_are_those_of_the_examples(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        const struct node *vectors = node_find(unit(f, g), KEY("credentials"));
        struct group *group = group_open(f->ctx->arena, text_of(groups[g]));
        int checked = 0;
        node_each (link, node_find(vectors, KEY("list"))) {
            struct text typed = node_find_text(&link->value, KEY("private")),
                        format = node_find_text(&link->value, KEY("format"));
            char read[CREDENTIAL_TEXT], number[SECRET_TEXT], text[POINT_TEXT];
            struct secret secret;
            struct point key;
            assert_case(typed, credential_read(typed, read));
            if (!text_is(format, "15") && !text_is(format, "22")) {
                assert_case(typed, !text_is(typed, read)); /* without dashes: we read them in */
                continue;
            }
            assert_case(typed, text_is(typed, read));
            credential_secret(group, node_find_text(vectors, KEY("uuid")), read, &secret);
            secret_encode(&secret, number);
            assert_case(typed, text_is(node_find_text(&link->value, KEY("secret_exponent")), number));
            point_power_generator(group, &secret, &key);
            assert_case(typed,
                        text_equal(node_find_text(&link->value, KEY("public")), point_encode(group, &key, text)));
            checked++;
        }
        assert_true(checked >= 6);
    }
}

static void what_is_no_credential_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",
                                         "-",
                                         "2Pk-7Uq-CZv-He1-NjH",
                                         "2Pk-7Uq-CZv-He1-Nj",
                                         "5KGgK-EA7K2N-4p12r-2jKiG",
                                         "5KGgK-EA7K2N-4p12r-2jKiG8x",
                                         "5KGgK-EA7K2N-4p12r-2jKiG0",
                                         "5KGgK-EA7K2N-4p12r-2jKiGl",
                                         "2Pk-7Uq-CZv-He1-NjG\xe4",
                                         "5KGgK/EA7K2N/4p12r/2jKiG8" };
    char read[CREDENTIAL_TEXT];
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_case(text_of(wrong[i]), !credential_read(text_of(wrong[i]), read));
    assert_true(credential_read(TEXT(" 5KGgK EA7K2N4p12r-2jKiG8\r\n"), read));
    assert_string_equal(read, "5KGgK-EA7K2N-4p12r-2jKiG8");
    assert_true(credential_read(TEXT("2Pk7UqCZvHe1NjG"), read));
    assert_string_equal(read, "2Pk-7Uq-CZv-He1-NjG");
}

static void drawn_credentials_and_tokens_are_well_formed(void **state)
{
    (void)state;
    char one[CREDENTIAL_TEXT], read[CREDENTIAL_TEXT], token[TOKEN_TEXT];
    drawn_begin();
    for (int i = 0; i < 50; i++) {
        credential_draw(one);
        assert_true(credential_read(text_of(one), read));
        assert_string_equal(one, read);
        assert_true(one[5] == '-' && one[12] == '-' && one[18] == '-');
        token_draw(token);
        assert_int_equal(strlen(token), 14);
    }
}

/* The order of good archives' own lists, and weights where one isn't 1. */
static void public_lists_are_made_again(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = { "b2048-single", "b2048-weighted", "ed25519-single", "ed25519-weighted" };
    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        struct archive archive;
        struct archive_event event;
        struct election election;
        bool is_end;
        assert_ok(f,
                  archive_open(f->ctx, vector_read(f, arena_printf(f->ctx->arena, "good/%s.bel", names[n])), &archive));
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
        assert_ok(f, election_read(f->ctx, event.members[0].bytes, &election));
        const struct node *list = json_of(f, event.members[2].bytes);
        struct credential_row *rows = arena_array_of(f->ctx->arena, struct credential_row, list->count);
        size_t at = list->count;
        node_each (link, list) {
            struct text weight, key = text_cut(link->value.text, ',', &weight);
            struct element element;
            assert_true(group_decode(election.group, key, &element));
            rows[--at] = (struct credential_row){ point_of(election.group, &element), 1 }; /* backwards */
            if (weight.size > 0)
                assert_true(text_int(weight, &rows[at].weight));
        }
        scoped(buffer_clear) struct buffer made = { 0 };
        credentials_write(election.group, rows, list->count, &made);
        assert_case(text_of(names[n]), text_equal(buffer_view(&made), event.members[2].bytes));
    }
}

static struct scalar scalar_from(struct group *group, struct text text)
{
    struct scalar scalar;
    assert_case(text, scalar_decode(group, text, &scalar));
    return scalar;
}

static void trustee_keys_are_those_of_the_examples(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        const struct node *possession = node_find(unit(f, g), KEY("proof_of_possession"));
        struct group *group = group_open(f->ctx->arena, text_of(groups[g]));
        struct secret x, again;
        scoped(buffer_clear) struct buffer made = { 0 }, known = { 0 };
        drawn_begin();
        assert_true(secret_decode(group, node_find_text(possession, KEY("x")), &x));
        drawn_push(scalar_from(group, node_find_text(possession, KEY("w"))));
        trustee_key_write(f->ctx, group, &x, TEXT(""), &made);
        assert_all_drawn();
        node_write(node_find(possession, KEY("trustee")), &known);
        assert_true(text_equal(buffer_view(&made), buffer_view(&known)));
        char text[PRIVATE_KEY_TEXT];
        private_key_write(&x, text);
        assert_true(private_key_read(group, text_of(arena_printf(f->ctx->arena, "%s\n", text)), &again));
        assert_true(secret_equal(&x, &again));
        assert_false(private_key_read(group, TEXT("\"0\""), &again));
        assert_false(private_key_read(group, TEXT("12"), &again));
        assert_false(private_key_read(group, TEXT("\"12"), &again));
    }
}

static const struct node *item(const struct node *list, int number)
{
    const struct node_link *link = list->first;
    while (number-- > 0)
        link = link->next;
    return &link->value;
}

/* Chance for the proofs of one list of ways: RANDOMNESS is that of the ciphertext whose way is true. */
static void push_ways(struct group *group, const struct node *proofs, int true_way, struct scalar randomness)
{
    int j = 0;
    node_each (link, proofs) {
        struct zk_proof known;
        assert_true(zk_read(group, &link->value, &known));
        struct scalar moved = scalar_multiply(group, &randomness, &known.challenge);
        drawn_push(known.challenge);
        drawn_push(j++ == true_way ? scalar_add(group, &known.response, &moved) : known.response);
    }
}

/* Chance for a question without blank, whose randomness stands beside its individual proofs. */
static void push_plain(struct group *group, const struct node *example)
{
    const struct node *individual = node_find(example, KEY("individual")), *answer = node_find(example, KEY("answer"));
    struct scalar sum = scalar_of_int(group, 0), r[8];
    int i = 0, choices = (int)individual->count;
    node_each (link, individual) {
        r[i] = scalar_from(group, node_find_text(&link->value, KEY("randomness_r")));
        sum = scalar_add(group, &sum, &r[i]);
        drawn_push(r[i++]);
    }
    for (i = 0; i < choices; i++)
        push_ways(group, item(node_find(answer, KEY("individual_proofs")), i),
                  (int)item(node_find(example, KEY("plaintext")), i)->number, r[i]);
    push_ways(group, node_find(answer, KEY("overall_proof")), 0, sum);
}

/* Chance for the question with blank: 1 to 2 of the answers. */
static void push_blank(struct group *group, const struct node *example)
{
    const struct node *answer = node_find(example, KEY("answer")), *plaintext = node_find(example, KEY("plaintext"));
    struct scalar sum = scalar_of_int(group, 0), r[8];
    int choices = (int)plaintext->count, chosen = 0;
    bool is_blank = plaintext->first->value.number == 1;
    for (int i = 0; i < choices; i++) {
        r[i] = scalar_from(group, item(node_find(example, KEY("r")), i)->text);
        drawn_push(r[i]);
        if (i > 0) {
            sum = scalar_add(group, &sum, &r[i]);
            chosen += (int)item(plaintext, i)->number;
        }
    }
    for (int i = 0; i < choices; i++)
        push_ways(group, item(node_find(answer, KEY("individual_proofs")), i), (int)item(plaintext, i)->number, r[i]);
    int least = 3 - (int)node_find(answer, KEY("overall_proof"))->count + 1; /* 3 proofs: 1 … 2 */
    push_ways(group, node_find(answer, KEY("overall_proof")), is_blank ? 0 : chosen - least + 1, is_blank ? r[0] : sum);
    push_ways(group, node_find(answer, KEY("blank_proof")), is_blank ? 1 : 0, is_blank ? sum : r[0]);
}

static struct text choices_of(struct fixture *f, const struct node *list)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(list, &out);
    return text_copy(f->ctx->arena, buffer_view(&out));
}

/* The ballot of the examples, with their chance. */
static void a_ballot_is_that_of_the_examples(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        const struct node *vectors = unit(f, g), *example = node_find(vectors, KEY("ballot"));
        struct election election;
        struct secret credential;
        uint8_t choices[16];
        scoped(buffer_clear) struct buffer made = { 0 };
        drawn_begin();
        assert_ok(f, election_read(f->ctx, node_find_text(node_find(vectors, KEY("election")), KEY("raw")), &election));
        assert_true(secret_decode(election.group, node_find_text(example, KEY("secret_exponent")), &credential));
        const struct node *plain = node_find(vectors, KEY("answer_without_blank"));
        const struct node *blank = node_find(vectors, KEY("answer_with_blank_not_blank"));
        push_plain(election.group, plain);
        if (election.question_count > 1)
            push_blank(election.group, blank);
        drawn_push(scalar_from(election.group, node_find_text(example, KEY("w"))));
        const char *text = arena_printf(
            f->ctx->arena, "[%s%s%s]", choices_of(f, node_find(plain, KEY("plaintext"))).at,
            election.question_count > 1 ? "," : "",
            election.question_count > 1 ? choices_of(f, node_find(blank, KEY("plaintext"))).at : "");
        assert_ok(f, choices_read(f->ctx, &election, text_of(text), choices));
        assert_ok(f, ballot_seal(f->ctx, &election, &credential, choices, &made));
        assert_all_drawn();
        assert_true(text_equal(buffer_view(&made), node_find_text(example, KEY("signed"))));
    }
}

/* Both questions with blank, alone, as the examples have them. */
static void blank_answers_are_those_of_the_examples(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = { "answer_with_blank_not_blank", "answer_with_blank_blank" };
    for (int g = 0; g < 2; g++) {
        const struct node *vectors = unit(f, g), *ballot = node_find(vectors, KEY("ballot"));
        struct secret credential;
        struct election election;
        assert_ok(f, election_read(f->ctx, node_find_text(node_find(vectors, KEY("election")), KEY("raw")), &election));
        assert_true(secret_decode(election.group, node_find_text(ballot, KEY("secret_exponent")), &credential));
        struct question asked = { .answer_count = 2, .has_blank = true, .least = 1, .most = 2, .choice_count = 3 };
        election.questions = &asked; /* the fingerprint stays that of the examples */
        election.question_count = 1;
        for (int n = 0; n < 2; n++) {
            const struct node *example = node_find(vectors, key_intern(text_of(names[n])));
            uint8_t choices[3];
            scoped(buffer_clear) struct buffer made = { 0 }, known = { 0 };
            drawn_begin();
            push_blank(election.group, example);
            for (int i = 0; i < 3; i++)
                choices[i] = (uint8_t)item(node_find(example, KEY("plaintext")), i)->number;
            assert_ok(f, ballot_seal(f->ctx, &election, &credential, choices, &made));
            node_write(node_find(example, KEY("answer")), &known);
            struct node *read;
            assert_ok(f, json_read(f->ctx, buffer_view(&made), &read));
            scoped(buffer_clear) struct buffer answer = { 0 };
            node_write(&node_find(read, KEY("answers"))->first->value, &answer);
            assert_case(text_of(names[n]), text_equal(buffer_view(&answer), buffer_view(&known)));
            struct ballot read_again;
            assert_ok(f, ballot_read(f->ctx, &election, buffer_view(&made), &read_again));
            assert_ok(f, ballot_check(f->ctx, &election, &read_again));
        }
    }
}

static void choices_that_a_question_forbids_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *choices, *said;
    } cases[] = {
        { "[[1,0],[0,1,0,0]]", NULL },
        { " [ [0,0] , [1,0,0,0] ]\n", NULL },
        { "[[0,1],[0,1,1,0]]", NULL },
        { "[[1,1],[0,1,0,0]]", "vote.choices_refused" },
        { "[[1,0],[0,0,0,0]]", "vote.choices_refused" },
        { "[[1,0],[0,1,1,1]]", "vote.choices_refused" },
        { "[[1,0],[1,1,0,0]]", "vote.choices_refused" },
        { "[[2,0],[1,0,0,0]]", "vote.choices_form" },
        { "[[1,0,0],[1,0,0,0]]", "vote.choices_count" },
        { "[[1],[1,0,0,0]]", "vote.choices_count" },
        { "[[1,0]]", "vote.choices_count" },
        { "[[1,0],[1,0,0,0],[1]]", "vote.choices_form" },
        { "[[1,0],[1,0,0,0]] x", "vote.choices_form" },
        { "[[1,0],[1,0,0,0]", "vote.choices_form" },
        { "[[1,0],[1,0,0", "vote.choices_count" },
        { "[[1,0],[1,0,0,", "vote.choices_count" },
        { "", "vote.choices_form" },
        { "[[-1,0],[1,0,0,0]]", "vote.choices_count" },
    };
    scoped(votes_end) struct votes votes;
    uint8_t read[6];
    drawn_begin();
    votes_begin(f, &votes, "Ed25519", mixed, 1, 1, NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct err *e = choices_read(f->ctx, &votes.election, text_of(cases[i].choices), read);
        if (!cases[i].said)
            assert_ok(f, e);
        else if (!e || strcmp(e->said, cases[i].said) != 0)
            fail_msg("%s: %s", cases[i].choices, e ? e->said : "passed");
    }
    scoped(buffer_clear) struct buffer out = { 0 };
    assert_fails(ballot_seal(f->ctx, &votes.election, &votes.voter[0], (const uint8_t[]){ 1, 0, 0, 2, 0, 0 }, &out),
                 ERR_INPUT, "vote.choices_refused");
    assert_int_equal(out.size, 0);
}

/* Drawn choices for a question, in range or blank; added to SUMS with WEIGHT. */
static void draw_choices(const struct question *question, int64_t weight, struct buffer *out, int64_t *sums)
{
    uint8_t chosen[8] = { 0 };
    bool is_blank = question->has_blank && randombytes_uniform(4) == 0;
    int wanted = question->least + (int)randombytes_uniform((uint32_t)(question->most - question->least + 1));
    chosen[0] = is_blank;
    for (int found = 0; !is_blank && found < wanted;) {
        uint32_t at = question->has_blank + randombytes_uniform((uint32_t)question->answer_count);
        found += !chosen[at];
        chosen[at] = 1;
    }
    for (int i = 0; i < question->choice_count; i++) {
        buffer_printf(out, "%c%d", i == 0 ? '[' : ',', chosen[i]);
        sums[i] += chosen[i] * weight;
    }
    buffer_byte(out, ']');
}

/* Voters vote, some twice; the result is the sum of the last choices. */
static void check_election(struct fixture *f, const char *group, const char *questions, int trustees,
                           const int64_t *weights, int voters)
{
    scoped(votes_end) struct votes votes;
    static int64_t by_voter[VOTES_VOTERS][4][8];
    memset(by_voter, 0, sizeof(by_voter));
    votes_begin(f, &votes, group, questions, trustees, voters, weights);
    assert_votes_verify(&votes, STAGE_OPEN);
    for (int i = 0; i < voters + 2; i++) {
        int voter = i < voters ? i : i - voters;
        scoped(buffer_clear) struct buffer choices = { 0 };
        memset(by_voter[voter], 0, sizeof(by_voter[voter]));
        for (int q = 0; q < votes.election.question_count; q++) {
            buffer_byte(&choices, q == 0 ? '[' : ',');
            draw_choices(&votes.election.questions[q], votes.weight[voter], &choices, by_voter[voter][q]);
        }
        buffer_add(&choices, "]", 2);
        votes_cast(&votes, voter, choices.at);
    }
    votes_close(&votes);
    for (int i = trustees - 1; i >= 0; i--)
        votes_decrypt(&votes, i);
    struct text result = votes_result(&votes);
    assert_votes_verify(&votes, STAGE_RESULT);
    scoped(buffer_clear) struct buffer expected = { 0 };
    for (int q = 0; q < votes.election.question_count; q++) {
        for (int i = 0; i < votes.election.questions[q].choice_count; i++) {
            int64_t sum = 0;
            for (int v = 0; v < voters; v++)
                sum += by_voter[v][q][i];
            buffer_string(&expected, i > 0 ? "," : q > 0 ? "],[" : "{\"result\":[[");
            count_write(sum, &expected);
        }
    }
    buffer_string(&expected, "]]}");
    assert_case(result, text_equal(result, buffer_view(&expected)));
}

static void whole_elections_pass_our_verifier(void **state)
{
    struct fixture *f = *state;
    static const int64_t weights[] = { 3, 0, 1, 7, 2, 1, 1, 1 };
    drawn_begin();
    for (int g = 0; g < 2; g++) {
        check_election(f, groups[g], one_of_three, 1, NULL, 5);
        check_election(f, groups[g], mixed, 2, NULL, 4);
        check_election(f, groups[g], mixed, 3, weights, 8);
    }
}

/* Weights whose sum takes the larger search, and a text in the result. */
static void large_weights_are_found(void **state)
{
    struct fixture *f = *state;
    static const int64_t weights[] = { 40000000, 20000001, 1 };
    drawn_begin();
    scoped(votes_end) struct votes votes;
    votes_begin(f, &votes, "Ed25519", "[{\"answers\":[\"a\"],\"min\":0,\"max\":1,\"question\":\"q\"}]", 1, 3, weights);
    votes_cast(&votes, 0, "[[1]]");
    votes_cast(&votes, 1, "[[1]]");
    votes_cast(&votes, 2, "[[0]]");
    votes_close(&votes);
    votes_decrypt(&votes, 0);
    assert_true(text_is(votes_result(&votes), "{\"result\":[[60000001]]}"));
    assert_votes_verify(&votes, STAGE_RESULT);
}

static void a_result_waits_for_every_trustee(void **state)
{
    struct fixture *f = *state;
    scoped(votes_end) struct votes votes;
    scoped(buffer_clear) struct buffer out = { 0 };
    drawn_begin();
    votes_begin(f, &votes, "Ed25519", one_of_three, 2, 1, NULL);
    votes_cast(&votes, 0, "[[0,1,0]]");
    votes_close(&votes);
    votes_decrypt(&votes, 1);
    assert_fails(result_write(f->ctx, &votes.tally, &votes.trustees, &votes.decryptions, &out), ERR_INPUT,
                 "vote.decryptions_missing");
    votes_decrypt(&votes, 0);
    votes.tally.weight = 0; /* more votes than weights */
    assert_fails(result_write(f->ctx, &votes.tally, &votes.trustees, &votes.decryptions, &out), ERR_INPUT,
                 "vote.result_none");
    votes.tally.weight = INT64_C(1) << 50;
    assert_fails(result_write(f->ctx, &votes.tally, &votes.trustees, &votes.decryptions, &out), ERR_INPUT,
                 "vote.result_large");
    assert_int_equal(out.size, 0);
}

/* A ballot of one voter's is nobody else's, and another key opens nothing. */
static void what_is_made_with_another_key_is_refused(void **state)
{
    struct fixture *f = *state;
    scoped(votes_end) struct votes votes;
    scoped(buffer_clear) struct buffer part = { 0 }, owned = { 0 };
    drawn_begin();
    votes_begin(f, &votes, "Ed25519", one_of_three, 2, 2, NULL);
    votes_cast(&votes, 0, "[[0,1,0]]");
    votes_close(&votes);
    decryption_write(f->ctx, &votes.tally, &votes.trustee[1], &part);
    struct sha256 hash = sha256_of(buffer_view(&part));
    decryption_write_owned(f->ctx, 1, &hash, &owned);
    assert_fails(decryption_add(f->ctx, &votes.tally, &votes.trustees, &votes.decryptions, buffer_view(&owned),
                                buffer_view(&part), &hash),
                 ERR_INPUT, "vote.decryption_proof");
}

static void templates_that_ask_nothing_are_refused(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *template, *said;
    } cases[] = {
        { "{", "vote.template_form" },
        { "{\"name\":\"n\",\"description\":\"\"}", "vote.template_form" },
        { "{\"description\":\"\",\"questions\":[]}", "vote.template_form" },
        { "{\"name\":\"n\",\"questions\":[]}", "vote.election_form" },
        { "{\"name\":\"n\",\"questions\":[{\"question\":\"q\",\"answers\":[\"a\"],\"min\":1}]}",
          "vote.election_question" },
        { "{\"name\":\"n\",\"questions\":[{\"question\":\"q\",\"answers\":[\"a\"],\"min\":1,\"max\":2}]}",
          "vote.election_question" },
        { "{\"name\":\"n\",\"questions\":[{\"question\":\"q\",\"answers\":[],\"min\":0,\"max\":0}]}",
          "vote.election_question" },
        { "{\"name\":\"n\",\"questions\":[{\"type\":\"Lists\",\"value\":{}}]}", "vote.unsupported_question" },
    };
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scoped(buffer_clear) struct buffer out = { 0 };
        const struct err *e = election_write(f->ctx, group, TEXT("1Unit2Vector3ed"), &group->generator,
                                             text_of(cases[i].template), &out);
        if (!e || strcmp(e->said, cases[i].said) != 0)
            fail_msg("%s: %s", cases[i].template, e ? e->said : "passed");
    }
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(credentials_are_those_of_the_examples),
        vector_test(what_is_no_credential_is_refused),
        vector_test(drawn_credentials_and_tokens_are_well_formed),
        vector_test(public_lists_are_made_again),
        vector_test(trustee_keys_are_those_of_the_examples),
        vector_test(a_ballot_is_that_of_the_examples),
        vector_test(blank_answers_are_those_of_the_examples),
        vector_test(choices_that_a_question_forbids_are_refused),
        vector_test(whole_elections_pass_our_verifier),
        vector_test(large_weights_are_found),
        vector_test(a_result_waits_for_every_trustee),
        vector_test(what_is_made_with_another_key_is_refused),
        vector_test(templates_that_ask_nothing_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
