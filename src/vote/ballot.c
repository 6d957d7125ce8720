/* vote/ballot.c */
#include "vote/ballot.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_BYTES = 1 << 20 };

const struct err *ballot_read(struct ctx *ctx, const struct election *election, struct text bytes, struct ballot *ret)
{
    scoped(buffer_clear) struct buffer again = { 0 };
    struct node *read;
    if (bytes.size > MOST_BYTES)
        return err_new(ctx, ERR_INPUT, "vote.ballot_large");
    if (json_read(ctx, bytes, &read) ||
        !has_fields(read, true, FIELDS("election_uuid", "election_hash", "credential", "answers", "signature")))
        return err_new(ctx, ERR_INPUT, "vote.ballot_form");
    node_write(read, &again);
    if (!text_equal(buffer_view(&again), bytes))
        return err_new(ctx, ERR_INPUT, "vote.ballot_canonical");
    struct ballot ballot = { .bytes = bytes, .credential = node_find_text(read, KEY("credential")),
                             .answers = node_find(read, KEY("answers")), .signature = node_find(read, KEY("signature")) };
    if (!text_equal(node_find_text(read, KEY("election_uuid")), election->uuid) ||
        !text_is(node_find_text(read, KEY("election_hash")), election->fingerprint))
        return err_new(ctx, ERR_INPUT, "vote.ballot_other_election");
    if (!has_fields(ballot.signature, true, FIELDS("hash", "proof")) ||
        !is_list_of(ballot.answers, (uint32_t)election->question_count))
        return err_new(ctx, ERR_INPUT, "vote.ballot_form");
    scoped(buffer_clear) struct buffer tail = { 0 };
    buffer_string(&tail, ",\"signature\":");
    node_write(ballot.signature, &tail);
    ballot.unsigned_part = (struct text){ bytes.at, bytes.size - tail.size - 1 };
    *ret = ballot;
    return NULL;
}

static const struct err *check_signature(struct ctx *ctx, const struct election *election, const struct ballot *ballot)
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    struct element credential;
    struct zk_proof proof;
    buffer_text(&hashed, ballot->unsigned_part);
    buffer_byte(&hashed, '}');
    struct sha256 hash = sha256_of(buffer_view(&hashed));
    struct text written = node_find_text(ballot->signature, KEY("hash"));
    if (!text_is(written, fingerprint_of(ctx->arena, &hash)) ||
        !group_decode(election->group, ballot->credential, &credential) ||
        !zk_read(election->group, node_find(ballot->signature, KEY("proof")), &proof) ||
        !zk_check(election->group, &proof, &credential, "sig|", written))
        return err_new(ctx, ERR_INPUT, "vote.ballot_signature");
    return NULL;
}

/* The answer's node to question NUMBER (from 0). */
static const struct node *answer_node(const struct ballot *ballot, int number)
{
    const struct node_link *link = ballot->answers->first;
    while (number-- > 0)
        link = link->next;
    return &link->value;
}

static const char *number_of(struct ctx *ctx, int number)
{
    return arena_printf(ctx->arena, "%d", number + 1);
}

const struct err *ballot_choices(struct ctx *ctx, const struct election *election, const struct ballot *ballot, int number,
                                 struct ciphertext *ret)
{
    const struct node *choices = node_find(answer_node(ballot, number), KEY("choices"));
    if (!is_list_of(choices, (uint32_t)election->questions[number].choice_count))
        return err_new(ctx, ERR_INPUT, "vote.ballot_answer_form", number_of(ctx, number));
    node_each (link, choices) {
        if (!has_fields(&link->value, true, FIELDS("alpha", "beta")))
            return err_new(ctx, ERR_INPUT, "vote.ballot_answer_form", number_of(ctx, number));
        if (!group_decode(election->group, node_find_text(&link->value, KEY("alpha")), &ret->alpha) ||
            !group_decode(election->group, node_find_text(&link->value, KEY("beta")), &ret->beta))
            return err_new(ctx, ERR_INPUT, "vote.ballot_element", number_of(ctx, number));
        ret++;
    }
    return NULL;
}

/* One way in which a statement can be true: this ciphertext holds this number. */
struct way {
    const struct ciphertext *holds;
    int number;
};

/* That one of the ways is true, without telling which: the challenges must add up to the hash. */
static bool check_ways(struct ctx *ctx, const struct election *election, struct text prefix, const struct way *ways,
                       const struct zk_proof *proofs, int count)
{
    struct group *group = election->group;
    struct element *commitments = arena_array_of(ctx->arena, struct element, 2 * count), rest;
    struct scalar sum = scalar_of_int(group, 0);
    for (int j = 0; j < count; j++) {
        const struct ciphertext *pair = ways[j].holds;
        group_divide(group, &pair->beta, &election->generator_powers[ways[j].number], &rest);
        zk_commitment(group, &proofs[j], &group->generator, &pair->alpha, &commitments[2 * j]);
        zk_commitment(group, &proofs[j], &election->key, &rest, &commitments[2 * j + 1]);
        sum = scalar_add(group, &sum, &proofs[j].challenge);
    }
    struct scalar hash = zk_hash(group, prefix, commitments, 2 * count);
    return scalar_equal(&hash, &sum);
}

static void add_pair(const struct election *election, const struct ciphertext *pair, struct buffer *out)
{
    group_encode(election->group, &pair->alpha, out);
    buffer_byte(out, ',');
    group_encode(election->group, &pair->beta, out);
}

/* What is being proved of question NUMBER, everything read. */
struct proving {
    struct ctx *ctx;
    const struct election *election;
    const struct question *question;
    const struct node *node;
    struct text voter, all;     /* the contexts S0 and S of the hashes */
    struct ciphertext *choices; /* the blank bit first, where there is one */
    struct ciphertext sum;      /* of the answers */
};

static struct text prefix_of(const struct proving *proving, const char *word, struct text context,
                             const struct ciphertext *pair)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, word);
    buffer_text(&out, context);
    buffer_byte(&out, '|');
    if (pair) {
        add_pair(proving->election, pair, &out);
        buffer_byte(&out, '|');
    }
    return text_copy(proving->ctx->arena, buffer_view(&out));
}

/* Each choice is none or one; the proof that a voter can't take from another's ballot, since it names the voter. */
static bool check_individual(const struct proving *proving)
{
    struct zk_proof proofs[2];
    const struct node *lists = node_find(proving->node, KEY("individual_proofs"));
    const struct ciphertext *choice = proving->choices;
    if (!is_list_of(lists, (uint32_t)proving->question->choice_count))
        return false;
    node_each (link, lists) {
        const struct way ways[2] = { { choice, 0 }, { choice, 1 } };
        if (!zk_read_list(proving->election->group, &link->value, proofs, 2) ||
            !check_ways(proving->ctx, proving->election, prefix_of(proving, "prove|", proving->voter, choice), ways, proofs, 2))
            return false;
        choice++;
    }
    return true;
}

/* The blank bit is none, or no answer is chosen. */
static bool check_blank(const struct proving *proving)
{
    struct zk_proof proofs[2];
    const struct way ways[2] = { { &proving->choices[0], 0 }, { &proving->sum, 0 } };
    return zk_read_list(proving->election->group, node_find(proving->node, KEY("blank_proof")), proofs, 2) &&
           check_ways(proving->ctx, proving->election, prefix_of(proving, "bproof0|", proving->all, NULL), ways, proofs, 2);
}

/* As many answers as the question allows, or (where it may be) blank. */
static bool check_overall(const struct proving *proving)
{
    const struct question *question = proving->question;
    int count = 0, numbers = question->most - question->least + 1;
    struct way *ways = arena_array_of(proving->ctx->arena, struct way, numbers + 1);
    struct zk_proof *proofs = arena_array_of(proving->ctx->arena, struct zk_proof, numbers + 1);
    if (question->has_blank)
        ways[count++] = (struct way){ &proving->choices[0], 1 };
    for (int number = question->least; number <= question->most; number++)
        ways[count++] = (struct way){ &proving->sum, number };
    struct text prefix = question->has_blank ? prefix_of(proving, "bproof1|", proving->all, NULL)
                                             : prefix_of(proving, "prove|", proving->all, &proving->sum);
    return zk_read_list(proving->election->group, node_find(proving->node, KEY("overall_proof")), proofs, count) &&
           check_ways(proving->ctx, proving->election, prefix, ways, proofs, count);
}

/* The contexts that bind the proofs to election, voter and all choices of the question. */
static void make_contexts(struct proving *proving, struct text credential)
{
    const struct question *question = proving->question;
    scoped(buffer_clear) struct buffer out = { 0 };
    proving->sum = (struct ciphertext){ proving->election->group->neutral, proving->election->group->neutral };
    buffer_string(&out, proving->election->fingerprint);
    buffer_byte(&out, '|');
    buffer_text(&out, credential);
    proving->voter = text_copy(proving->ctx->arena, buffer_view(&out));
    for (int i = 0; i < question->choice_count; i++) {
        const struct ciphertext *choice = &proving->choices[i];
        buffer_byte(&out, i == 0 ? '|' : ',');
        add_pair(proving->election, choice, &out);
        if (i == 0 && question->has_blank)
            continue;
        group_multiply(proving->election->group, &proving->sum.alpha, &choice->alpha, &proving->sum.alpha);
        group_multiply(proving->election->group, &proving->sum.beta, &choice->beta, &proving->sum.beta);
    }
    proving->all = text_copy(proving->ctx->arena, buffer_view(&out));
}

static const struct err *check_answer(struct ctx *ctx, const struct election *election, const struct ballot *ballot,
                                      int number)
{
    const struct question *question = &election->questions[number];
    struct proving proving = { .ctx = ctx, .election = election, .question = question, .node = answer_node(ballot, number) };
    bool is_formed = question->has_blank
                         ? has_fields(proving.node, true, FIELDS("choices", "individual_proofs", "overall_proof", "blank_proof"))
                         : has_fields(proving.node, true, FIELDS("choices", "individual_proofs", "overall_proof"));
    if (!is_formed)
        return err_new(ctx, ERR_INPUT, "vote.ballot_answer_form", number_of(ctx, number));
    proving.choices = arena_array_of(ctx->arena, struct ciphertext, question->choice_count);
    TRY(ballot_choices(ctx, election, ballot, number, proving.choices));
    make_contexts(&proving, ballot->credential);
    if (!check_individual(&proving))
        return err_new(ctx, ERR_INPUT, "vote.ballot_individual_proof", number_of(ctx, number));
    if (question->has_blank && !check_blank(&proving))
        return err_new(ctx, ERR_INPUT, "vote.ballot_blank_proof", number_of(ctx, number));
    if (!check_overall(&proving))
        return err_new(ctx, ERR_INPUT, "vote.ballot_overall_proof", number_of(ctx, number));
    return NULL;
}

const struct err *ballot_check(struct ctx *ctx, const struct election *election, const struct ballot *ballot)
{
    TRY(check_signature(ctx, election, ballot));
    for (int number = 0; number < election->question_count; number++)
        TRY(check_answer(ctx, election, ballot, number));
    return NULL;
}
