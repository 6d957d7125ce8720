/* test_vote_simulated.c -- whole elections in one process: a threshold ceremony, credentials with weights, ballots and
 * second thoughts, closing, opening by some of the trustees, the result against a plain count, and the verifier on the
 * archive. usage: test_vote_simulated [--voters NUMBER]      (one large election in Ed25519)
 */
#include "ceremony.h"

#include "vote/credential.h"
#include "vote/decrypt.h"
#include "vote/draft.h"
#include "vote/seal.h"
#include "vote/standing.h"
#include "vote/trustee_key.h"

enum { MOST_CHOICES = 12, MOST_CHOSEN = 8 };

struct simulation {
    const char *group, *questions;
    int size, needed;
    int opens[MOST_CHOSEN]; /* which trustees open, from 1, ended by 0 */
    int voters;
    bool has_weights, has_single; /* the second: one more trustee, number 1, without whom nothing opens */
};

/* Three kinds of question in one election: one of three, yes or no or neither, up to two of three or blank. */
static const char three_kinds[] =
    "[{\"answers\":[\"甲\",\"乙\",\"丙\"],\"min\":1,\"max\":1,\"question\":\"一\"},"
    "{\"answers\":[\"同意\",\"反对\",\"弃权\"],\"min\":1,\"max\":1,\"question\":\"二\"},"
    "{\"answers\":[\"子\",\"丑\",\"寅\"],\"blank\":true,\"min\":1,\"max\":2,\"question\":\"三\"}]";
static const char one_kind[] = "[{\"answers\":[\"同意\",\"反对\",\"弃权\"],\"min\":1,\"max\":1,\"question\":\"一\"}]";

struct run {
    struct fixture *f;
    const struct simulation *plan;
    struct played trustees;
    struct secret single;
    struct secret *voters;
    int64_t *weights;
    uint8_t *chosen; /* MOST_CHOICES for each voter: what the last ballot says */
    bool *has_voted;
    struct election election;
    struct archive tip;
    struct buffer bytes;
    int64_t ballots;
};

static uint32_t draw(struct run *run, uint32_t below)
{
    uint32_t number;
    ctx_random(run->f->ctx, &number, sizeof number);
    return number % below;
}

static int64_t weight_of(const struct simulation *plan, int voter)
{
    if (!plan->has_weights)
        return 1;
    return voter % 11 == 3 ? 0 : voter % 7 == 0 ? 20 : 1;
}

/* The list of trustees; RET_KEY is what their keys make together. */
static struct text list_trustees(struct run *run, struct element *ret_key)
{
    struct fixture *f = run->f;
    scoped(buffer_clear) struct buffer key = { 0 }, list = { 0 };
    struct group *group = run->trustees.ceremony.group;
    struct trustees trustees;
    run->single = secret_draw(group);
    trustee_key_write(f->ctx, group, &run->single, TEXT(""), &key);
    struct text single = buffer_view(&key);
    trustees_write(&single, run->plan->has_single, &run->trustees.set, 1, &list);
    struct text written = text_copy(f->ctx->arena, buffer_view(&list));
    assert_ok(f, trustees_read(f->ctx, group, written, &trustees));
    *ret_key = trustees.joint_key;
    return written;
}

static void set_up(struct run *run)
{
    const struct simulation *plan = run->plan;
    struct fixture *f = run->f;
    scoped(buffer_clear) struct buffer credentials = { 0 }, election = { 0 };
    struct element key;
    char uuid[TOKEN_TEXT], credential[CREDENTIAL_TEXT];
    run->trustees = play_ceremony(f, plan->group, plan->size, plan->needed);
    struct group *group = run->trustees.ceremony.group;
    struct credential_row *rows = arena_array_of(f->ctx->arena, struct credential_row, plan->voters);
    run->voters = arena_array_of(f->ctx->arena, struct secret, plan->voters);
    run->weights = arena_array_of(f->ctx->arena, int64_t, plan->voters);
    run->chosen = arena_array_of(f->ctx->arena, uint8_t, (size_t)plan->voters * MOST_CHOICES);
    run->has_voted = arena_array_of(f->ctx->arena, bool, plan->voters);
    token_draw(uuid);
    for (int i = 0; i < plan->voters; i++) {
        credential_draw(credential);
        credential_secret(group, text_of(uuid), credential, &run->voters[i]);
        point_power_generator(group, &run->voters[i], &rows[i].key);
        rows[i].weight = run->weights[i] = weight_of(plan, i);
    }
    credentials_write(group, rows, (size_t)plan->voters, &credentials);
    struct text trustees = list_trustees(run, &key);
    const char *template = arena_printf(f->ctx->arena, "{\"description\":\"\",\"name\":\"一\",\"questions\":%s}",
                                        plan->questions);
    assert_ok(f, election_write(f->ctx, group, text_of(uuid), &key, text_of(template), &election));
    struct text written = text_copy(f->ctx->arena, buffer_view(&election));
    assert_ok(f, election_read(f->ctx, written, &run->election));
    assert_true(election_choice_count(&run->election) <= MOST_CHOICES);
    assert_ok(f,
              archive_set_up(f->ctx, 1700000000, written, trustees, buffer_view(&credentials), &run->tip, &run->bytes));
}

/* What the question allows, by chance. */
static void choose(struct run *run, const struct question *question, uint8_t *ret)
{
    memset(ret, 0, (size_t)question->choice_count);
    if (question->has_blank && draw(run, 4) == 0) {
        ret[0] = 1;
        return;
    }
    ret += question->has_blank;
    int count = question->least + (int)draw(run, (uint32_t)(question->most - question->least + 1));
    while (count > 0) {
        uint32_t answer = draw(run, (uint32_t)question->answer_count);
        count -= !ret[answer];
        ret[answer] = 1;
    }
}

static void cast(struct run *run, int voter)
{
    struct ctx *ctx = ctx_begin(run->f->ctx);
    scoped(buffer_clear) struct buffer sealed = { 0 };
    struct ballot ballot;
    uint8_t *chosen = run->chosen + (size_t)voter * MOST_CHOICES, *at = chosen;
    for (int q = 0; q < run->election.question_count; q++) {
        choose(run, &run->election.questions[q], at);
        at += run->election.questions[q].choice_count;
    }
    assert_ok(run->f, ballot_seal(ctx, &run->election, &run->voters[voter], chosen, &sealed));
    struct text bytes = buffer_view(&sealed);
    assert_ok(run->f, ballot_read(ctx, &run->election, bytes, &ballot));
    assert_ok(run->f, ballot_check(ctx, &run->election, &ballot));
    archive_append(&run->tip, EVENT_BALLOT, &bytes, &run->bytes);
    run->has_voted[voter] = true;
    run->ballots++;
    ctx_end(ctx);
}

/* Nine in ten vote; then one in six of those once more, and one in six of these a third time. */
static void vote(struct run *run)
{
    for (int i = 0; i < run->plan->voters; i++)
        if (draw(run, 10) != 0)
            cast(run, i);
    for (int i = 0; i < run->plan->voters; i++)
        if (run->has_voted[i] && draw(run, 6) == 0) {
            cast(run, i);
            if (draw(run, 6) == 0)
                cast(run, i);
        }
}

struct part {
    struct text part, owned;
};

/* What trustee INDEX of the set sends to open, 0 the single one, under the number OWNER. */
static struct part open_as(struct run *run, const struct tally *tally, int index, int owner)
{
    struct fixture *f = run->f;
    scoped(buffer_clear) struct buffer part = { 0 }, owned = { 0 };
    struct secret key = index == 0 ? run->single : opening_key(f, &run->trustees, index);
    decryption_write(f->ctx, tally, &key, &part);
    struct sha256 hash = sha256_of(buffer_view(&part));
    decryption_write_owned(f->ctx, owner, &hash, &owned);
    return (struct part){ text_copy(f->ctx->arena, buffer_view(&part)), text_copy(f->ctx->arena, buffer_view(&owned)) };
}

/* [[1,2],[3]] of the plain count. */
static struct text expected_result(struct run *run)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    int position = 0;
    buffer_string(&out, "{\"result\":[");
    for (int q = 0; q < run->election.question_count; q++) {
        buffer_string(&out, q > 0 ? ",[" : "[");
        for (int i = 0; i < run->election.questions[q].choice_count; i++, position++) {
            int64_t count = 0;
            for (int v = 0; v < run->plan->voters; v++)
                if (run->has_voted[v])
                    count += run->weights[v] * run->chosen[(size_t)v * MOST_CHOICES + (size_t)position];
            buffer_string(&out, i > 0 ? "," : "");
            buffer_int(&out, count);
        }
        buffer_byte(&out, ']');
    }
    buffer_string(&out, "]}");
    return text_copy(run->f->ctx->arena, buffer_view(&out));
}

static void assert_result(struct run *run, struct text result)
{
    struct text expected = expected_result(run);
    if (!text_equal(result, expected))
        fail_msg("counted %.*s, opened %.*s", (int)expected.size, expected.at, (int)result.size, result.at);
}

static void assert_names(const struct err *e, const char *said, const char *argument)
{
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, said);
    if (argument)
        assert_string_equal(err_root(e)->arguments[0], argument);
}

static void close_and_open(struct run *run)
{
    struct fixture *f = run->f;
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer tail = { 0 };
    struct text result;
    assert_ok(f, standing_read(f->ctx, buffer_view(&run->bytes), &standing));
    assert_ok(f, standing_close(f->ctx, &standing, &tail));
    decryptions_begin(f->ctx, &standing.trustees, &standing.decryptions);
    for (const int *index = run->plan->opens; *index; index++) {
        struct part part = open_as(run, &standing.tally, *index, *index + run->plan->has_single);
        assert_ok(f, standing_accept(f->ctx, &standing, part.part, part.owned, &tail));
    }
    if (run->plan->has_single) {
        assert_names(standing_finish(f->ctx, &standing, &tail, &result), "vote.decryptions_missing", "1");
        struct part part = open_as(run, &standing.tally, 0, 1);
        assert_ok(f, standing_accept(f->ctx, &standing, part.part, part.owned, &tail));
    }
    assert_ok(f, standing_finish(f->ctx, &standing, &tail, &result));
    assert_result(run, result);
    buffer_text(&run->bytes, buffer_view(&tail));
}

static void check_archive(struct run *run)
{
    struct election_report report;
    int64_t weight = 0, counted = 0;
    for (int i = 0; i < run->plan->voters; i++) {
        counted += run->has_voted[i];
        weight += run->has_voted[i] ? run->weights[i] : 0;
    }
    assert_ok(run->f, election_verify(run->f->ctx, buffer_view(&run->bytes), &report));
    assert_int_equal(report.stage, STAGE_RESULT);
    assert_int_equal(report.ballots, run->ballots);
    assert_int_equal(report.counted, counted);
    assert_int_equal(report.weight, weight);
    assert_int_equal(report.voters, run->plan->voters);
}

static void end_run(struct run *run)
{
    buffer_clear(&run->bytes);
}

static void simulate(struct fixture *f, const struct simulation *plan)
{
    scoped(end_run) struct run run = { .f = f, .plan = plan };
    set_up(&run);
    vote(&run);
    close_and_open(&run);
    check_archive(&run);
}

static void ten_voters_in_both_groups(void **state)
{
    simulate(*state, &(struct simulation){ "Ed25519", three_kinds, 3, 2, { 1, 2 }, 10, true, false });
    simulate(*state, &(struct simulation){ "BELENIOS-2048", one_kind, 3, 2, { 3, 1 }, 10, true, false });
}

static void any_trustees_suffice_when_they_are_enough(void **state)
{
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 1, 3 }, 10, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 3, 2 }, 10, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 2, 1, 3 }, 10, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 5, 3, { 5, 2, 4 }, 10, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 3, { 3, 1, 2 }, 10, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 1, 1, { 1 }, 10, false, false });
}

static void a_single_trustee_stands_beside_a_set(void **state)
{
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 3, 1 }, 10, false, true });
}

static void a_village_votes(void **state)
{
    simulate(*state, &(struct simulation){ "Ed25519", three_kinds, 3, 2, { 2, 3 }, 100, false, false });
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 2, 3 }, 1000, true, false });
}

static void nobody_votes(void **state)
{
    struct fixture *f = *state;
    static const struct simulation plan = { "Ed25519", three_kinds, 3, 2, { 2, 3 }, 3, false, false };
    scoped(end_run) struct run run = { .f = f, .plan = &plan };
    set_up(&run);
    close_and_open(&run);
    check_archive(&run);
}

/* A trustee who sends a wrong part, none, or the right one twice: told, and the election stands as before. */
static void what_a_trustee_opens_is_checked(void **state)
{
    struct fixture *f = *state;
    static const struct simulation plan = { "Ed25519", one_kind, 3, 2, { 0 }, 10, false, false };
    scoped(end_run) struct run run = { .f = f, .plan = &plan };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer tail = { 0 };
    set_up(&run);
    vote(&run);
    assert_ok(f, standing_read(f->ctx, buffer_view(&run.bytes), &standing));
    assert_ok(f, standing_close(f->ctx, &standing, &tail));
    decryptions_begin(f->ctx, &standing.trustees, &standing.decryptions);
    size_t closed = tail.size;
    struct part first = open_as(&run, &standing.tally, 1, 1);
    struct part as_other = open_as(&run, &standing.tally, 1, 2);
    struct part as_nobody = open_as(&run, &standing.tally, 1, 4);
    /* Another election's sums: the same trustees, other ballots. */
    struct tally other = standing.tally;
    struct ciphertext sums[3], *lists[1] = { sums };
    memcpy(sums, standing.tally.sums[0], sizeof sums);
    group_multiply(run.election.group, &sums[1].alpha, &run.election.group->generator, &sums[1].alpha);
    other.sums = lists;
    struct part of_other = open_as(&run, &other, 1, 1);
    assert_names(standing_finish(f->ctx, &standing, &tail, NULL), "vote.decryptions_missing", "1");
    assert_names(standing_accept(f->ctx, &standing, as_other.part, as_other.owned, &tail), "vote.decryption_proof",
                 "2");
    assert_names(standing_accept(f->ctx, &standing, as_nobody.part, as_nobody.owned, &tail), "vote.decryption_owner",
                 "4");
    assert_names(standing_accept(f->ctx, &standing, of_other.part, of_other.owned, &tail), "vote.decryption_proof",
                 "1");
    assert_names(standing_accept(f->ctx, &standing, first.owned, first.part, &tail), "vote.decryption_form", NULL);
    assert_int_equal(tail.size, closed);
    assert_ok(f, standing_accept(f->ctx, &standing, first.part, first.owned, &tail));
    size_t one = tail.size;
    assert_names(standing_accept(f->ctx, &standing, first.part, first.owned, &tail), "vote.decryption_twice", "1");
    assert_names(standing_finish(f->ctx, &standing, &tail, NULL), "vote.decryptions_missing", "1");
    assert_int_equal(tail.size, one);
    struct part third = open_as(&run, &standing.tally, 3, 3);
    assert_ok(f, standing_accept(f->ctx, &standing, third.part, third.owned, &tail));
    struct text result;
    assert_ok(f, standing_finish(f->ctx, &standing, &tail, &result));
    assert_result(&run, result);
}

static int64_t large;

static void a_large_election(void **state)
{
    simulate(*state, &(struct simulation){ "Ed25519", one_kind, 3, 2, { 3, 1 }, (int)large, true, false });
}

int main(int count, char **arguments)
{
    const struct CMUnitTest tests[] = {
        vector_test(ten_voters_in_both_groups),
        vector_test(any_trustees_suffice_when_they_are_enough),
        vector_test(a_single_trustee_stands_beside_a_set),
        vector_test(a_village_votes),
        vector_test(nobody_votes),
        vector_test(what_a_trustee_opens_is_checked),
    };
    const struct CMUnitTest slow[] = { vector_test(a_large_election) };
    if (count == 3 && strcmp(arguments[1], "--voters") == 0 && text_int(text_of(arguments[2]), &large) && large > 0)
        return cmocka_run_group_tests(slow, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
