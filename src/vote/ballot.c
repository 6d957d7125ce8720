/* vote/ballot.c -- the proofs of a ballot. A commitment is base^response · element^challenge, and must be computed to
 * be hashed; so all powers of one element are raised at once, together with the test that it is a member of the group,
 * the generator and the election's key have tables, and what is hashed is made ready for writing all at once.
 */
#include "vote/ballot_inside.h"

#include "base/arena.h"
#include "base/ctx.h"

/* --- the signature --- */

static bool read_numbers(const struct group *group, const struct written_proof *written, int count,
                         struct zk_proof *ret)
{
    bool is_read = true;
    for (int i = 0; i < count; i++)
        is_read = scalar_decode(group, written[i].challenge, &ret[i].challenge) &&
                  scalar_decode(group, written[i].response, &ret[i].response) && is_read;
    return is_read;
}

static bool check_signature(struct ctx *ctx, const struct election *election, const struct ballot *ballot)
{
    const struct group *group = election->group;
    scoped(buffer_clear) struct buffer hashed = { 0 };
    struct element credential, commitment;
    struct zk_proof proof;
    buffer_reserve(&hashed, ballot->unsigned_part.size + 1);
    buffer_text(&hashed, ballot->unsigned_part);
    buffer_byte(&hashed, '}');
    struct sha256 hash = sha256_of(buffer_view(&hashed));
    if (!text_is(ballot->signed_hash, fingerprint_of(ctx->arena, &hash)) ||
        !read_numbers(group, &ballot->signature, 1, &proof) ||
        !group_decode_powers(group, ballot->credential, &proof.challenge, 1, &credential, &commitment))
        return false;
    group_table_multiply(group, &group->generator_table, &proof.response, &commitment);
    hashed.size = 0;
    buffer_string(&hashed, "sig|");
    buffer_text(&hashed, ballot->signed_hash);
    buffer_byte(&hashed, '|');
    struct scalar challenge = zk_hash(group, buffer_view(&hashed), &commitment, 1);
    return scalar_equal(&challenge, &proof.challenge);
}

/* --- one answer --- */

enum { MOST_USES = 4 }; /* of one choice: two individual proofs; of a blank bit also the blank and the overall proof */

/* What is being proved of question NUMBER. */
struct proving {
    struct ctx *ctx;
    const struct election *election;
    const struct question *question;
    const struct answer *answer;
    struct text voter, all; /* the contexts S0 and S of the hashes */
    struct zk_proof *individual, *overall, *blank;
    bool is_individual_read, is_overall_read, is_blank_read;
    struct ciphertext *choices; /* the blank bit first, where there is one */
    struct ciphertext *raised;  /* the choices to the challenges they are used with: MOST_USES for each */
    struct ciphertext
        *summed; /* the sum of the answers to its challenges: the blank proof's, then the overall proof's */
    struct element *commitments, *next; /* of all proofs in turn, then the sum itself */
};

static const char *number_text(struct ctx *ctx, int number)
{
    return arena_printf(ctx->arena, "%d", number + 1);
}

static const struct err *fault(const struct proving *proving, const char *said)
{
    int number = (int)(proving->question - proving->election->questions);
    return err_new(proving->ctx, ERR_INPUT, said, number_text(proving->ctx, number));
}

/* Numbers that can't be read are told later, in their turn; until then zeros stand for them. */
static void read_proofs(struct proving *proving)
{
    const struct group *group = proving->election->group;
    const struct answer *answer = proving->answer;
    int individual = 2 * proving->question->choice_count, overall = overall_count(proving->question);
    proving->individual = arena_array_of(proving->ctx->arena, struct zk_proof, individual);
    proving->overall = arena_array_of(proving->ctx->arena, struct zk_proof, overall);
    proving->blank = arena_array_of(proving->ctx->arena, struct zk_proof, 2);
    proving->is_individual_read = read_numbers(group, answer->individual, individual, proving->individual);
    proving->is_overall_read = read_numbers(group, answer->overall, overall, proving->overall);
    proving->is_blank_read = !answer->blank || read_numbers(group, answer->blank, 2, proving->blank);
}

/* The choices, tested for membership, and their powers. */
static bool raise_choices(struct proving *proving)
{
    const struct group *group = proving->election->group;
    struct element powers[MOST_USES];
    for (int i = 0; i < proving->question->choice_count; i++) {
        struct ciphertext *raised = &proving->raised[MOST_USES * i];
        struct scalar x[MOST_USES] = { proving->individual[2 * i].challenge, proving->individual[2 * i + 1].challenge,
                                       proving->blank[0].challenge, proving->overall[0].challenge };
        int count = i == 0 && proving->question->has_blank ? 4 : 2;
        if (!group_decode_powers(group, proving->answer->choices[i].alpha, x, count, &proving->choices[i].alpha,
                                 powers))
            return false;
        for (int j = 0; j < count; j++)
            raised[j].alpha = powers[j];
        if (!group_decode_powers(group, proving->answer->choices[i].beta, x, count, &proving->choices[i].beta, powers))
            return false;
        for (int j = 0; j < count; j++)
            raised[j].beta = powers[j];
    }
    return true;
}

/* The sum of the answers, without the blank bit, and its powers. */
static void raise_sum(struct proving *proving, struct ciphertext *sum)
{
    const struct group *group = proving->election->group;
    int blank = proving->question->has_blank, count = overall_count(proving->question);
    struct scalar *x = arena_array_of(proving->ctx->arena, struct scalar, count);
    struct element *powers = arena_array_of(proving->ctx->arena, struct element, count);
    *sum = proving->choices[blank];
    for (int i = blank + 1; i < proving->question->choice_count; i++) {
        group_multiply(group, &sum->alpha, &proving->choices[i].alpha, &sum->alpha);
        group_multiply(group, &sum->beta, &proving->choices[i].beta, &sum->beta);
    }
    for (int i = 0; i < count; i++) /* with a blank bit the overall proof's first is not about the sum */
        x[i] = i == 0 && blank ? proving->blank[1].challenge : proving->overall[i].challenge;
    group_powers(group, &sum->alpha, x, count, powers);
    for (int i = 0; i < count; i++)
        proving->summed[i].alpha = powers[i];
    group_powers(group, &sum->beta, x, count, powers);
    for (int i = 0; i < count; i++)
        proving->summed[i].beta = powers[i];
}

/* The two commitments of a proof that a ciphertext holds NUMBER: g^r·α^c and y^r·(β/g^number)^c, RAISED being α^c and
 * β^c. */
static void commit(struct proving *proving, const struct zk_proof *proof, const struct ciphertext *raised, int number)
{
    const struct group *group = proving->election->group;
    struct element *pair = proving->next;
    proving->next += 2;
    pair[0] = raised->alpha;
    group_table_multiply(group, &group->generator_table, &proof->response, &pair[0]);
    pair[1] = raised->beta;
    group_table_multiply(group, &proving->election->key_table, &proof->response, &pair[1]);
    if (number == 0)
        return;
    struct scalar times = proof->challenge, zero = scalar_of_int(group, 0);
    if (number > 1) {
        struct scalar factor = scalar_of_int(group, number);
        times = scalar_multiply(group, &times, &factor);
    }
    times = scalar_subtract(group, &zero, &times);
    group_table_multiply(group, &group->generator_table, &times, &pair[1]);
}

/* In the order of the checks: individual, blank, overall; last the sum, which is hashed too. */
static void commit_all(struct proving *proving)
{
    const struct question *question = proving->question;
    int blank = question->has_blank, individual = 4 * question->choice_count, overall = overall_count(question);
    int all = individual + 4 * blank + 2 * overall + 2;
    struct ciphertext sum;
    raise_sum(proving, &sum);
    proving->commitments = proving->next = arena_array_of(proving->ctx->arena, struct element, all);
    for (int i = 0; i < question->choice_count; i++)
        for (int j = 0; j < 2; j++)
            commit(proving, &proving->individual[2 * i + j], &proving->raised[MOST_USES * i + j], j);
    if (blank) {
        commit(proving, &proving->blank[0], &proving->raised[2], 0);
        commit(proving, &proving->blank[1], &proving->summed[0], 0);
        commit(proving, &proving->overall[0], &proving->raised[3], 1);
    }
    for (int i = blank; i < overall; i++)
        commit(proving, &proving->overall[i], &proving->summed[i], question->least + i - blank);
    proving->next[0] = sum.alpha;
    proving->next[1] = sum.beta;
    group_normalize(proving->election->group, proving->commitments, all);
    proving->next = proving->commitments;
}

/* The contexts that bind the proofs to election, voter and all choices of the question. */
static void make_contexts(struct proving *proving, struct text credential)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, proving->election->fingerprint);
    buffer_byte(&out, '|');
    buffer_text(&out, credential);
    size_t voter = out.size;
    for (int i = 0; i < proving->question->choice_count; i++) {
        buffer_byte(&out, i == 0 ? '|' : ',');
        buffer_text(&out, proving->answer->choices[i].alpha);
        buffer_byte(&out, ',');
        buffer_text(&out, proving->answer->choices[i].beta);
    }
    proving->all = text_copy(proving->ctx->arena, buffer_view(&out));
    proving->voter = (struct text){ proving->all.at, voter };
}

/* The next COUNT pairs of commitments: their hash must be what the challenges add up to. */
static bool check_sum(struct proving *proving, const struct buffer *prefix, const struct zk_proof *proofs, int count)
{
    const struct group *group = proving->election->group;
    struct scalar sum = proofs[0].challenge;
    for (int j = 1; j < count; j++)
        sum = scalar_add(group, &sum, &proofs[j].challenge);
    struct scalar hash = zk_hash(group, buffer_view(prefix), proving->next, 2 * count);
    proving->next += 2 * count;
    return scalar_equal(&hash, &sum);
}

static void begin_prefix(struct buffer *prefix, const char *word, struct text context)
{
    prefix->size = 0;
    buffer_string(prefix, word);
    buffer_text(prefix, context);
    buffer_byte(prefix, '|');
}

/* Each choice is none or one; the proof that a voter can't take from another's ballot, since it names the voter. */
static bool check_individual(struct proving *proving)
{
    scoped(buffer_clear) struct buffer prefix = { 0 };
    for (int i = 0; i < proving->question->choice_count; i++) {
        begin_prefix(&prefix, "prove|", proving->voter);
        buffer_text(&prefix, proving->answer->choices[i].alpha);
        buffer_byte(&prefix, ',');
        buffer_text(&prefix, proving->answer->choices[i].beta);
        buffer_byte(&prefix, '|');
        if (!check_sum(proving, &prefix, &proving->individual[2 * i], 2))
            return false;
    }
    return true;
}

/* The blank bit is none, or no answer is chosen. */
static bool check_blank(struct proving *proving)
{
    scoped(buffer_clear) struct buffer prefix = { 0 };
    begin_prefix(&prefix, "bproof0|", proving->all);
    return check_sum(proving, &prefix, proving->blank, 2);
}

/* As many answers as the question allows, or (where it may be) blank. */
static bool check_overall(struct proving *proving)
{
    const struct group *group = proving->election->group;
    scoped(buffer_clear) struct buffer prefix = { 0 };
    int count = overall_count(proving->question);
    if (proving->question->has_blank)
        begin_prefix(&prefix, "bproof1|", proving->all);
    else {
        begin_prefix(&prefix, "prove|", proving->all);
        group_encode(group, &proving->next[2 * count], &prefix);
        buffer_byte(&prefix, ',');
        group_encode(group, &proving->next[2 * count + 1], &prefix);
        buffer_byte(&prefix, '|');
    }
    return check_sum(proving, &prefix, proving->overall, count);
}

static const struct err *check_answer(struct ctx *ctx, const struct election *election, struct text credential,
                                      int number, const struct answer *answer, struct ciphertext *choices)
{
    const struct question *question = &election->questions[number];
    struct proving proving = {
        .ctx = ctx, .election = election, .question = question, .answer = answer, .choices = choices
    };
    proving.raised = arena_alloc_raw(ctx->arena,
                                     sizeof(struct ciphertext) * (size_t)(MOST_USES * question->choice_count));
    proving.summed = arena_alloc_raw(ctx->arena, sizeof(struct ciphertext) * (size_t)overall_count(question));
    read_proofs(&proving);
    if (!raise_choices(&proving))
        return fault(&proving, "vote.ballot_element");
    if (!proving.is_individual_read)
        return fault(&proving, "vote.ballot_individual_proof");
    commit_all(&proving);
    make_contexts(&proving, credential);
    if (!check_individual(&proving))
        return fault(&proving, "vote.ballot_individual_proof");
    if (question->has_blank && (!proving.is_blank_read || !check_blank(&proving)))
        return fault(&proving, "vote.ballot_blank_proof");
    if (!proving.is_overall_read || !check_overall(&proving))
        return fault(&proving, "vote.ballot_overall_proof");
    return NULL;
}

/* With memory of its own: only the ciphertexts stay. */
static const struct err *keep_answer(struct ctx *ctx, const struct election *election, struct text credential,
                                     int number, struct answer *answer)
{
    struct ciphertext *choices = arena_alloc_raw(ctx->arena, sizeof(struct ciphertext) *
                                                                 (size_t)election->questions[number].choice_count);
    struct ctx *step = ctx_begin(ctx);
    const struct err *e = err_again(ctx, check_answer(step, election, credential, number, answer, choices));
    ctx_end(step);
    if (!e)
        answer->sealed = choices;
    return e;
}

const struct err *ballot_check(struct ctx *ctx, const struct election *election, struct ballot *ballot)
{
    if (!check_signature(ctx, election, ballot))
        return err_new(ctx, ERR_INPUT, "vote.ballot_signature");
    for (int number = 0; number < election->question_count; number++)
        TRY(keep_answer(ctx, election, ballot->credential, number, &ballot->answers[number]));
    ballot->is_checked = true;
    return NULL;
}

/* Members, unless that is known. */
static bool read_element(const struct election *election, bool is_known, struct text text, struct element *ret)
{
    return is_known ? group_decode_known(election->group, text, ret) : group_decode(election->group, text, ret);
}

const struct err *ballot_choices(struct ctx *ctx, const struct election *election, const struct ballot *ballot,
                                 int number, struct ciphertext *ret)
{
    const struct answer *answer = &ballot->answers[number];
    for (int i = 0; i < election->questions[number].choice_count; i++) {
        if (answer->sealed)
            ret[i] = answer->sealed[i];
        else if (!read_element(election, ballot->is_checked, answer->choices[i].alpha, &ret[i].alpha) ||
                 !read_element(election, ballot->is_checked, answer->choices[i].beta, &ret[i].beta))
            return err_new(ctx, ERR_INPUT, "vote.ballot_element", number_text(ctx, number));
    }
    return NULL;
}
