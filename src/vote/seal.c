/* vote/seal.c -- ciphertexts, proofs and signature of one ballot; the same steps whatever is chosen. */
#include "vote/seal.h"

#include "vote/ballot.h"
#include "vote/secret_inside.h"

#include "base/arena.h"
#include "base/ctx.h"

#include <sodium.h>

int election_choice_count(const struct election *election)
{
    int count = 0;
    for (int q = 0; q < election->question_count; q++)
        count += election->questions[q].choice_count;
    return count;
}

/* 1 when a equals b; both below 2^31. */
static uint64_t same(uint32_t a, uint32_t b)
{
    return ((a ^ b) - 1U) >> 31;
}

/* How many answers are chosen, without the blank bit. */
static uint32_t chosen(const struct question *question, const uint8_t *choices)
{
    uint32_t sum = 0;
    for (int i = question->has_blank; i < question->choice_count; i++)
        sum += choices[i];
    return sum;
}

/* That the question allows these choices; only the outcome can be seen. */
static bool is_allowed(const struct question *question, const uint8_t *choices)
{
    uint32_t sum = chosen(question, choices), blank = question->has_blank ? choices[0] : 0, others = 0;
    for (int i = 0; i < question->choice_count; i++)
        others |= choices[i] & 0xfeU;
    uint32_t in_range = 0;
    for (int number = question->least; number <= question->most; number++)
        in_range |= (uint32_t)same(sum, (uint32_t)number);
    uint32_t fine = (in_range & (blank ^ 1U)) | ((uint32_t)same(sum, 0) & blank);
    fine &= (uint32_t)same(others, 0);
    now_public(&fine, sizeof(fine));
    return fine == 1;
}

static const struct err *refuse(struct ctx *ctx, const char *said, int question)
{
    return err_new(ctx, ERR_INPUT, said, arena_printf(ctx->arena, "%d", question + 1));
}

/* What stands in a list of choices besides blanks, one character after another. */
struct scanning {
    struct text rest;
};

static char peek(struct scanning *scanning)
{
    while (scanning->rest.size > 0 && memchr(" \t\r\n", scanning->rest.at[0], 4))
        scanning->rest = (struct text){ scanning->rest.at + 1, scanning->rest.size - 1 };
    return scanning->rest.size > 0 ? scanning->rest.at[0] : '\0';
}

static bool skip(struct scanning *scanning, char expected)
{
    if (peek(scanning) != expected)
        return false;
    scanning->rest = (struct text){ scanning->rest.at + 1, scanning->rest.size - 1 };
    return true;
}

const struct err *choices_read(struct ctx *ctx, const struct election *election, struct text text, uint8_t *ret)
{
    struct scanning scanning = { text };
    if (!skip(&scanning, '['))
        return err_new(ctx, ERR_INPUT, "vote.choices_form");
    for (int q = 0; q < election->question_count; q++) {
        const struct question *question = &election->questions[q];
        uint32_t wrong = 0;
        if ((q > 0 && !skip(&scanning, ',')) || !skip(&scanning, '['))
            return refuse(ctx, "vote.choices_count", q);
        for (int i = 0; i < question->choice_count; i++) {
            if ((i > 0 && !skip(&scanning, ',')) || peek(&scanning) == ']' || peek(&scanning) == '\0')
                return refuse(ctx, "vote.choices_count", q);
            uint32_t bit = (uint32_t)(uint8_t)peek(&scanning) - '0';
            wrong |= bit >> 1;
            ret[i] = (uint8_t)bit;
            scanning.rest = (struct text){ scanning.rest.at + 1, scanning.rest.size - 1 };
        }
        if (wrong)
            return err_new(ctx, ERR_INPUT, "vote.choices_form");
        if (!skip(&scanning, ']'))
            return refuse(ctx, "vote.choices_count", q);
        if (!is_allowed(question, ret))
            return refuse(ctx, "vote.choices_refused", q);
        ret += question->choice_count;
    }
    if (!skip(&scanning, ']') || peek(&scanning) != '\0')
        return err_new(ctx, ERR_INPUT, "vote.choices_form");
    return NULL;
}

/* One question on its way into the ballot. */
struct sealing {
    struct ctx *ctx;
    const struct election *election;
    struct group *group;
    const struct question *question;
    const uint8_t *choices;
    struct point key;          /* of the election */
    struct text voter, all;    /* the contexts S0 and S of the hashes */
    struct ciphertext *made;   /* by choice */
    struct ciphertext sum;     /* of the answers */
    struct secret *randomness; /* by choice */
    struct secret sum_randomness;
};

static void add_point(struct group *group, const struct element *element, struct buffer *out)
{
    buffer_byte(out, '"');
    group_encode(group, element, out);
    buffer_byte(out, '"');
}

/* alpha = g^r, beta = y^r · g^choice. */
static void encrypt(struct sealing *sealing, int number)
{
    struct group *group = sealing->group;
    struct point neutral = point_of(group, &group->neutral), generator = point_of(group, &group->generator);
    scoped(point_wipe) struct point holds = neutral, mask;
    struct point alpha, beta;
    sealing->randomness[number] = secret_draw(group);
    point_power_generator(group, &sealing->randomness[number], &alpha);
    point_power(group, &sealing->key, &sealing->randomness[number], &mask);
    point_take_if(&holds, &generator, sealing->choices[number]);
    point_multiply(group, &mask, &holds, &beta);
    sealing->made[number] = (struct ciphertext){ point_publish(group, &alpha), point_publish(group, &beta) };
}

/* Encrypts all choices, writes them, and adds up answers and contexts. */
static void encrypt_all(struct sealing *sealing, struct buffer *out)
{
    struct group *group = sealing->group;
    scoped(buffer_clear) struct buffer context = { 0 };
    buffer_text(&context, sealing->voter);
    sealing->sum = (struct ciphertext){ group->neutral, group->neutral };
    buffer_string(out, "{\"choices\":[");
    for (int i = 0; i < sealing->question->choice_count; i++) {
        encrypt(sealing, i);
        const struct ciphertext *made = &sealing->made[i];
        buffer_byte(&context, i == 0 ? '|' : ',');
        group_encode(group, &made->alpha, &context);
        buffer_byte(&context, ',');
        group_encode(group, &made->beta, &context);
        buffer_string(out, i == 0 ? "{\"alpha\":" : ",{\"alpha\":");
        add_point(group, &made->alpha, out);
        buffer_string(out, ",\"beta\":");
        add_point(group, &made->beta, out);
        buffer_byte(out, '}');
        if (i == 0 && sealing->question->has_blank)
            continue;
        group_multiply(group, &sealing->sum.alpha, &made->alpha, &sealing->sum.alpha);
        group_multiply(group, &sealing->sum.beta, &made->beta, &sealing->sum.beta);
        sealing->sum_randomness = secret_add(group, &sealing->sum_randomness, &sealing->randomness[i]);
    }
    sealing->all = text_copy(sealing->ctx->arena, buffer_view(&context));
}

/* The way in which PAIR holds NUMBER. */
static struct prove_way way_of(const struct sealing *sealing, const struct ciphertext *pair,
                               const struct secret *randomness, int number, uint64_t is_true)
{
    struct element rest;
    group_divide(sealing->group, &pair->beta, &sealing->election->generator_powers[number], &rest);
    return (struct prove_way){ point_of(sealing->group, &pair->alpha), point_of(sealing->group, &rest), randomness,
                               is_true };
}

/* WORD ‖ CONTEXT ‖ "|", and the ciphertext in question where it isn't part of the context. */
static struct text prefix_of(const struct sealing *sealing, const char *word, struct text context,
                             const struct ciphertext *pair)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, word);
    buffer_text(&out, context);
    buffer_byte(&out, '|');
    if (pair) {
        group_encode(sealing->group, &pair->alpha, &out);
        buffer_byte(&out, ',');
        group_encode(sealing->group, &pair->beta, &out);
        buffer_byte(&out, '|');
    }
    return text_copy(sealing->ctx->arena, buffer_view(&out));
}

/* Proves that one of the ways is true, and writes the list of proofs. */
static void prove(const struct sealing *sealing, struct text prefix, struct prove_way *ways, int count,
                  struct buffer *out)
{
    struct zk_proof *proofs = arena_array_of(sealing->ctx->arena, struct zk_proof, count);
    zk_prove_ways(sealing->ctx->arena, sealing->group, &sealing->key, prefix, ways, count, proofs);
    for (int j = 0; j < count; j++) {
        buffer_byte(out, j == 0 ? '[' : ',');
        zk_write(&proofs[j], out);
    }
    buffer_byte(out, ']');
    sodium_memzero(ways, sizeof(*ways) * (size_t)count);
}

static void prove_individual(const struct sealing *sealing, struct buffer *out)
{
    buffer_string(out, "],\"individual_proofs\":[");
    for (int i = 0; i < sealing->question->choice_count; i++) {
        const struct ciphertext *made = &sealing->made[i];
        const struct secret *randomness = &sealing->randomness[i];
        uint64_t bit = sealing->choices[i];
        struct prove_way ways[2] = { way_of(sealing, made, randomness, 0, bit ^ 1),
                                     way_of(sealing, made, randomness, 1, bit) };
        if (i > 0)
            buffer_byte(out, ',');
        prove(sealing, prefix_of(sealing, "prove|", sealing->voter, made), ways, 2, out);
    }
}

/* As many answers as are allowed, or blank. */
static void prove_overall(const struct sealing *sealing, struct buffer *out)
{
    const struct question *question = sealing->question;
    struct prove_way *ways = arena_array_of(sealing->ctx->arena, struct prove_way,
                                            question->most - question->least + 2);
    uint64_t blank = question->has_blank ? sealing->choices[0] : 0;
    uint32_t sum = chosen(question, sealing->choices);
    int count = 0;
    if (question->has_blank)
        ways[count++] = way_of(sealing, &sealing->made[0], &sealing->randomness[0], 1, blank);
    for (int number = question->least; number <= question->most; number++)
        ways[count++] = way_of(sealing, &sealing->sum, &sealing->sum_randomness, number,
                               same(sum, (uint32_t)number) & (blank ^ 1));
    buffer_string(out, "],\"overall_proof\":");
    prove(sealing,
          question->has_blank ? prefix_of(sealing, "bproof1|", sealing->all, NULL)
                              : prefix_of(sealing, "prove|", sealing->all, &sealing->sum),
          ways, count, out);
}

/* The blank bit is none, or no answer is chosen. */
static void prove_blank(const struct sealing *sealing, struct buffer *out)
{
    uint64_t blank = sealing->choices[0];
    struct prove_way ways[2] = { way_of(sealing, &sealing->made[0], &sealing->randomness[0], 0, blank ^ 1),
                                 way_of(sealing, &sealing->sum, &sealing->sum_randomness, 0, blank) };
    buffer_string(out, ",\"blank_proof\":");
    prove(sealing, prefix_of(sealing, "bproof0|", sealing->all, NULL), ways, 2, out);
}

static void end_sealing(struct sealing *sealing)
{
    secret_wipe(&sealing->sum_randomness);
    if (sealing->randomness)
        sodium_memzero(sealing->randomness, sizeof(*sealing->randomness) * (size_t)sealing->question->choice_count);
}

static void seal_question(struct ctx *ctx, const struct election *election, int number, struct text voter,
                          const uint8_t *choices, struct buffer *out)
{
    const struct question *question = &election->questions[number];
    scoped(end_sealing) struct sealing sealing = { .ctx = ctx,
                                                   .election = election,
                                                   .group = election->group,
                                                   .question = question,
                                                   .choices = choices,
                                                   .voter = voter };
    sealing.key = point_of(election->group, &election->key);
    sealing.made = arena_array_of(ctx->arena, struct ciphertext, question->choice_count);
    sealing.randomness = arena_array_of(ctx->arena, struct secret, question->choice_count);
    encrypt_all(&sealing, out);
    prove_individual(&sealing, out);
    prove_overall(&sealing, out);
    if (question->has_blank)
        prove_blank(&sealing, out);
    buffer_byte(out, '}');
}

/* Signs what stands between FROM and here, with the bracket that will close it. */
static void sign(struct ctx *ctx, const struct election *election, const struct secret *credential, size_t from,
                 struct buffer *out)
{
    struct zk_proof proof;
    buffer_byte(out, '}');
    struct sha256 hash = sha256_of((struct text){ out->at + from, out->size - from });
    out->size--;
    const char *fingerprint = fingerprint_of(ctx->arena, &hash);
    zk_prove(election->group, credential, "sig|", text_of(fingerprint), &proof);
    buffer_printf(out, ",\"signature\":{\"hash\":\"%s\",\"proof\":", fingerprint);
    zk_write(&proof, out);
    buffer_string(out, "}}");
}

const struct err *ballot_seal(struct ctx *ctx, const struct election *election, const struct secret *credential,
                              const uint8_t *choices, struct buffer *out)
{
    struct group *group = election->group;
    struct point public_key;
    char key[POINT_TEXT];
    size_t from = out->size;
    const uint8_t *at = choices;
    for (int q = 0; q < election->question_count; at += election->questions[q++].choice_count)
        if (!is_allowed(&election->questions[q], at))
            return refuse(ctx, "vote.choices_refused", q);
    point_power_generator(group, credential, &public_key);
    point_tell(group, &public_key, key);
    struct text voter = text_of(arena_printf(ctx->arena, "%s|%s", election->fingerprint, key));
    buffer_string(out, "{\"election_uuid\":\"");
    buffer_text(out, election->uuid);
    buffer_printf(out, "\",\"election_hash\":\"%s\",\"credential\":\"%s\",\"answers\":[", election->fingerprint, key);
    at = choices;
    for (int q = 0; q < election->question_count; at += election->questions[q++].choice_count) {
        if (q > 0)
            buffer_byte(out, ',');
        seal_question(ctx, election, q, voter, at, out);
    }
    buffer_byte(out, ']');
    sign(ctx, election, credential, from, out);
    return NULL;
}
