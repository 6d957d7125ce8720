/* bench/make_archive.c -- the archive of an election with as many ballots as are asked for, on standard output.
 *
 *     make_archive GROUP VOTERS BALLOTS
 *
 * One question with three answers, one of which is chosen; one trustee; from setup to result. Ballots beyond the number
 * of voters are second votes. Quick because whoever makes it knows every secret: each element, and each commitment of
 * each proof, is the generator raised to a number that is known. For measuring alone: nothing here is by chance.
 */
#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "vote/archive.h"
#include "vote/tally.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWERS = 3, TIME = 1700000000, TOGETHER = 64 };

struct sealed {
    struct scalar r, exponent; /* alpha = g^r, beta = g^exponent */
};

struct maker {
    struct ctx *ctx;
    struct group *group;
    struct scalar key; /* of the one trustee */
    struct element key_element;
    uint64_t drawn;
    const char *fingerprint;
    struct sealed *last; /* by voter and answer */
    struct scalar sums[2 * ANSWERS];
    int64_t votes[ANSWERS], counted;
    struct archive archive;
    struct buffer out;
};

static struct scalar draw(struct maker *maker)
{
    struct sha256 hash = sha256_of((struct text){ (const char *)&maker->drawn, sizeof(maker->drawn) });
    maker->drawn++;
    return scalar_of_hash(maker->group, &hash);
}

/* g^x, not yet ready for writing. */
static struct element raised(struct maker *maker, const struct scalar *x)
{
    struct element made = maker->group->neutral;
    group_table_multiply(maker->group, &maker->group->generator_table, x, &made);
    return made;
}

static struct scalar product(struct maker *maker, const struct scalar *a, const struct scalar *b)
{
    return scalar_multiply(maker->group, a, b);
}

/* a + b·c */
static struct scalar sum_with(struct maker *maker, const struct scalar *a, const struct scalar *b,
                              const struct scalar *c)
{
    struct scalar times = product(maker, b, c);
    return scalar_add(maker->group, a, &times);
}

static struct scalar response_of(struct maker *maker, const struct scalar *w, const struct scalar *x,
                                 const struct scalar *c)
{
    struct scalar times = product(maker, x, c);
    return scalar_subtract(maker->group, w, &times);
}

static void add_proof(struct maker *maker, const struct zk_proof *proof, struct buffer *out)
{
    buffer_printf(out, "{\"challenge\":\"%s\",", scalar_encode(maker->group, maker->ctx->arena, &proof->challenge));
    buffer_printf(out, "\"response\":\"%s\"}", scalar_encode(maker->group, maker->ctx->arena, &proof->response));
}

/* Knowledge of X. */
static struct zk_proof prove(struct maker *maker, const struct scalar *x, const char *word, struct text middle)
{
    struct scalar w = draw(maker);
    struct element commitment = raised(maker, &w);
    scoped(buffer_clear) struct buffer prefix = { 0 };
    buffer_string(&prefix, word);
    buffer_text(&prefix, middle);
    buffer_byte(&prefix, '|');
    struct scalar challenge = zk_hash(maker->group, buffer_view(&prefix), &commitment, 1);
    return (struct zk_proof){ challenge, response_of(maker, &w, x, &challenge) };
}

/* That one of numbers FIRST … is sealed, the one at WHICH: proofs that are made up for the others. */
static void add_ways(struct maker *maker, struct text prefix, const struct sealed *sealed, int first, int count,
                     int which, struct buffer *out)
{
    struct group *group = maker->group;
    struct element commitments[4];
    struct zk_proof proofs[2];
    struct scalar w, sum = scalar_of_int(group, 0);
    for (int j = 0; j < count; j++) {
        struct scalar at_g, at_y, number = scalar_of_int(group, first + j);
        if (j == which) {
            w = at_g = draw(maker);
            at_y = product(maker, &maker->key, &w);
        } else {
            proofs[j] = (struct zk_proof){ draw(maker), draw(maker) };
            sum = scalar_add(group, &sum, &proofs[j].challenge);
            at_g = sum_with(maker, &proofs[j].response, &sealed->r, &proofs[j].challenge);
            struct scalar rest = scalar_subtract(group, &sealed->exponent, &number);
            at_y = product(maker, &maker->key, &proofs[j].response);
            at_y = sum_with(maker, &at_y, &rest, &proofs[j].challenge);
        }
        commitments[2 * j] = raised(maker, &at_g);
        commitments[2 * j + 1] = raised(maker, &at_y);
    }
    group_normalize(group, commitments, 2 * count);
    struct scalar hash = zk_hash(group, prefix, commitments, 2 * count);
    proofs[which].challenge = scalar_subtract(group, &hash, &sum);
    proofs[which].response = response_of(maker, &w, &sealed->r, &proofs[which].challenge);
    buffer_byte(out, '[');
    for (int j = 0; j < count; j++) {
        if (j > 0)
            buffer_byte(out, ',');
        add_proof(maker, &proofs[j], out);
    }
    buffer_byte(out, ']');
}

static void end_prefix(struct buffer *prefix, const char *alpha, const char *beta)
{
    buffer_printf(prefix, "|%s,%s|", alpha, beta);
}

static const char *text_at(struct maker *maker, const struct element *element)
{
    return text_string(maker->ctx->arena, element_text(maker->group, maker->ctx->arena, element));
}

/* The answer to the one question: WHICH is chosen. */
static void add_answer(struct maker *maker, const char *voter, int which, struct sealed sealed[ANSWERS],
                       struct buffer *out)
{
    struct group *group = maker->group;
    struct element elements[2 * ANSWERS + 2];
    struct sealed all = { scalar_of_int(group, 0), scalar_of_int(group, 0) };
    scoped(buffer_clear) struct buffer choices = { 0 }, prefix = { 0 };
    const char *texts[2 * ANSWERS + 2];
    for (int i = 0; i < ANSWERS; i++) {
        struct scalar number = scalar_of_int(group, i == which);
        sealed[i].r = draw(maker);
        sealed[i].exponent = sum_with(maker, &number, &maker->key, &sealed[i].r);
        all.r = scalar_add(group, &all.r, &sealed[i].r);
        all.exponent = scalar_add(group, &all.exponent, &sealed[i].exponent);
        elements[2 * i] = raised(maker, &sealed[i].r);
        elements[2 * i + 1] = raised(maker, &sealed[i].exponent);
    }
    elements[2 * ANSWERS] = raised(maker, &all.r);
    elements[2 * ANSWERS + 1] = raised(maker, &all.exponent);
    group_normalize(group, elements, 2 * ANSWERS + 2);
    for (int i = 0; i < 2 * ANSWERS + 2; i++)
        texts[i] = text_at(maker, &elements[i]);
    buffer_string(out, "{\"choices\":[");
    for (int i = 0; i < ANSWERS; i++) {
        buffer_printf(out, "%s{\"alpha\":\"%s\",\"beta\":\"%s\"}", i ? "," : "", texts[2 * i], texts[2 * i + 1]);
        buffer_printf(&choices, "%s%s,%s", i ? "," : "|", texts[2 * i], texts[2 * i + 1]);
    }
    buffer_string(out, "],\"individual_proofs\":[");
    for (int i = 0; i < ANSWERS; i++) {
        prefix.size = 0;
        buffer_printf(&prefix, "prove|%s", voter);
        end_prefix(&prefix, texts[2 * i], texts[2 * i + 1]);
        if (i > 0)
            buffer_byte(out, ',');
        add_ways(maker, buffer_view(&prefix), &sealed[i], 0, 2, i == which, out);
    }
    prefix.size = 0;
    buffer_printf(&prefix, "prove|%s", voter);
    buffer_text(&prefix, buffer_view(&choices));
    end_prefix(&prefix, texts[2 * ANSWERS], texts[2 * ANSWERS + 1]);
    buffer_string(out, "],\"overall_proof\":");
    add_ways(maker, buffer_view(&prefix), &all, 1, 1, 0, out);
    buffer_byte(out, '}');
}

static struct scalar credential_key(struct maker *maker, uint64_t voter)
{
    struct text bytes = text_of(arena_printf(maker->ctx->arena, "credential %llu", (unsigned long long)voter));
    struct sha256 hash = sha256_of(bytes);
    return scalar_of_hash(maker->group, &hash);
}

static void flush(struct maker *maker)
{
    if (maker->out.size && fwrite(maker->out.at, 1, maker->out.size, stdout) != maker->out.size)
        BUG("the archive can't be written");
    maker->out.size = 0;
}

static void append(struct maker *maker, enum archive_event_type type, const struct text *members)
{
    archive_append(&maker->archive, type, members, &maker->out);
    flush(maker);
}

static struct text hash_text(struct maker *maker, struct text bytes)
{
    struct sha256 hash = sha256_of(bytes);
    return text_of(archive_hash(maker->ctx->arena, &hash));
}

static const char uuid[] = "benchBENCHbench";

static void add_setup(struct maker *maker, uint64_t voters)
{
    struct ctx *ctx = maker->ctx;
    struct group *group = maker->group;
    scoped(buffer_clear) struct buffer election = { 0 }, trustees = { 0 }, credentials = { 0 }, setup = { 0 };
    const char *key = text_at(maker, &maker->key_element);
    struct zk_proof pok = prove(maker, &maker->key, "pok|",
                                text_of(arena_printf(ctx->arena, "%s|%s", group->name, key)));
    buffer_printf(
        &election,
        "{\"version\":1,\"description\":\"\",\"name\":\"bench\",\"group\":\"%s\",\"public_key\":\"%s\",\"questions\":"
        "[{\"answers\":[\"a\",\"b\",\"c\"],\"min\":1,\"max\":1,\"question\":\"which?\"}],\"uuid\":\"%s\"}",
        group->name, key, uuid);
    struct sha256 hash = sha256_of(buffer_view(&election));
    maker->fingerprint = fingerprint_of(ctx->arena, &hash);
    buffer_string(&trustees, "[[\"Single\",{\"pok\":");
    add_proof(maker, &pok, &trustees);
    buffer_printf(&trustees, ",\"public_key\":\"%s\"}]]", key);
    buffer_byte(&credentials, '[');
    for (uint64_t at = 0; at < voters;) {
        struct element elements[TOGETHER];
        int count = 0;
        struct ctx *step = maker->ctx = ctx_begin(ctx);
        for (; count < TOGETHER && at < voters; at++) {
            struct scalar x = credential_key(maker, at);
            elements[count++] = raised(maker, &x);
        }
        group_normalize(group, elements, count);
        for (int i = 0; i < count; i++) {
            buffer_string(&credentials, credentials.size > 1 ? ",\"" : "\"");
            group_encode(group, &elements[i], &credentials);
            buffer_byte(&credentials, '"');
        }
        ctx_end(step);
        maker->ctx = ctx;
    }
    buffer_byte(&credentials, ']');
    struct text members[4] = { buffer_view(&election), buffer_view(&trustees), buffer_view(&credentials) };
    buffer_string(&setup, "{\"election\":\"");
    buffer_text(&setup, hash_text(maker, members[0]));
    buffer_string(&setup, "\",\"trustees\":\"");
    buffer_text(&setup, hash_text(maker, members[1]));
    buffer_string(&setup, "\",\"credentials\":\"");
    buffer_text(&setup, hash_text(maker, members[2]));
    buffer_string(&setup, "\"}");
    members[3] = buffer_view(&setup);
    append(maker, EVENT_SETUP, members);
}

/* What was counted for a voter before no longer is; what is now, is. */
static void count(struct maker *maker, uint64_t voter, uint64_t round, int which, const struct sealed sealed[ANSWERS])
{
    struct group *group = maker->group;
    for (int i = 0; i < ANSWERS; i++) {
        struct sealed *last = &maker->last[voter * ANSWERS + (uint64_t)i];
        maker->sums[2 * i] = scalar_add(group, &maker->sums[2 * i], &sealed[i].r);
        maker->sums[2 * i + 1] = scalar_add(group, &maker->sums[2 * i + 1], &sealed[i].exponent);
        if (round > 0) {
            maker->sums[2 * i] = scalar_subtract(group, &maker->sums[2 * i], &last->r);
            maker->sums[2 * i + 1] = scalar_subtract(group, &maker->sums[2 * i + 1], &last->exponent);
        }
        *last = sealed[i];
    }
    maker->votes[which]++;
    if (round > 0)
        maker->votes[(voter + round - 1) % ANSWERS]--;
    else
        maker->counted++;
}

static void add_ballot(struct maker *maker, uint64_t voter, uint64_t round)
{
    struct ctx *outer = maker->ctx, *ctx = maker->ctx = ctx_begin(outer);
    scoped(buffer_clear) struct buffer ballot = { 0 }, hashed = { 0 };
    struct sealed sealed[ANSWERS];
    struct scalar key = credential_key(maker, voter);
    struct element credential = raised(maker, &key);
    const char *name = text_at(maker, &credential);
    int which = (int)((voter + round) % ANSWERS);
    buffer_printf(&ballot, "{\"election_uuid\":\"%s\",\"election_hash\":\"%s\",\"credential\":\"%s\",\"answers\":[",
                  uuid, maker->fingerprint, name);
    add_answer(maker, arena_printf(ctx->arena, "%s|%s", maker->fingerprint, name), which, sealed, &ballot);
    buffer_byte(&ballot, ']');
    buffer_text(&hashed, buffer_view(&ballot));
    buffer_byte(&hashed, '}');
    struct sha256 hash = sha256_of(buffer_view(&hashed));
    const char *written = fingerprint_of(ctx->arena, &hash);
    struct zk_proof signature = prove(maker, &key, "sig|", text_of(written));
    buffer_printf(&ballot, ",\"signature\":{\"hash\":\"%s\",\"proof\":", written);
    add_proof(maker, &signature, &ballot);
    buffer_string(&ballot, "}}");
    struct text member = buffer_view(&ballot);
    append(maker, EVENT_BALLOT, &member);
    count(maker, voter, round, which, sealed);
    ctx_end(ctx);
    maker->ctx = outer;
}

static void add_tally(struct maker *maker)
{
    scoped(buffer_clear) struct buffer written = { 0 }, sized = { 0 };
    struct ciphertext sums[ANSWERS], *list = sums;
    struct question question = { .choice_count = ANSWERS };
    struct election election = { .group = maker->group, .questions = &question, .question_count = 1 };
    struct tally tally = { .election = &election, .sums = &list, .counted = maker->counted, .weight = maker->counted };
    for (int i = 0; i < ANSWERS; i++)
        sums[i] = (struct ciphertext){ raised(maker, &maker->sums[2 * i]), raised(maker, &maker->sums[2 * i + 1]) };
    tally_write(&tally, &written);
    struct sha256 hash = sha256_of(buffer_view(&written));
    tally_write_sized(maker->ctx, &tally, &hash, &sized);
    append(maker, EVENT_ENCRYPTED_TALLY, (struct text[]){ buffer_view(&written), buffer_view(&sized) });
}

static void add_decryption(struct maker *maker)
{
    scoped(buffer_clear) struct buffer part = { 0 }, proofs = { 0 }, owned = { 0 };
    struct text prefix = text_of(
        arena_printf(maker->ctx->arena, "decrypt|%s|%s|", maker->fingerprint, text_at(maker, &maker->key_element)));
    buffer_string(&part, "{\"decryption_factors\":[[");
    for (int i = 0; i < ANSWERS; i++) {
        struct scalar w = draw(maker), exponent = product(maker, &maker->key, &maker->sums[2 * i]);
        struct scalar second = product(maker, &w, &maker->sums[2 * i]);
        struct element factor = raised(maker, &exponent),
                       commitments[2] = { raised(maker, &w), raised(maker, &second) };
        struct zk_proof proof = { .challenge = zk_hash(maker->group, prefix, commitments, 2) };
        proof.response = response_of(maker, &w, &maker->key, &proof.challenge);
        buffer_printf(&part, "%s\"%s\"", i ? "," : "", text_at(maker, &factor));
        buffer_string(&proofs, i ? "," : "");
        add_proof(maker, &proof, &proofs);
    }
    buffer_string(&part, "]],\"decryption_proofs\":[[");
    buffer_text(&part, buffer_view(&proofs));
    buffer_string(&part, "]]}");
    buffer_string(&owned, "{\"owner\":1,\"payload\":\"");
    buffer_text(&owned, hash_text(maker, buffer_view(&part)));
    buffer_string(&owned, "\"}");
    append(maker, EVENT_PARTIAL_DECRYPTION, (struct text[]){ buffer_view(&part), buffer_view(&owned) });
}

int main(int words, char **word)
{
    int64_t voters, ballots;
    if (words != 4 || !text_int(text_of(word[2]), &voters) || !text_int(text_of(word[3]), &ballots) || voters < 1 ||
        ballots < 0) {
        fprintf(stderr, "usage: make_archive GROUP VOTERS BALLOTS\n");
        return 2;
    }
    struct ctx model = { 0 };
    struct maker maker = { .ctx = ctx_begin(&model) };
    maker.group = group_open(maker.ctx->arena, text_of(word[1]));
    if (!maker.group)
        BUG("there is no group %s", word[1]);
    maker.key = draw(&maker);
    maker.key_element = raised(&maker, &maker.key);
    maker.last = calloc((size_t)voters * ANSWERS, sizeof(*maker.last));
    if (!maker.last)
        BUG("memory has run out");
    for (int i = 0; i < 2 * ANSWERS; i++)
        maker.sums[i] = scalar_of_int(maker.group, 0);
    archive_begin(TIME, &maker.archive, &maker.out);
    add_setup(&maker, (uint64_t)voters);
    for (int64_t i = 0; i < ballots; i++)
        add_ballot(&maker, (uint64_t)(i % voters), (uint64_t)(i / voters));
    append(&maker, EVENT_END_BALLOTS, NULL);
    add_tally(&maker);
    add_decryption(&maker);
    struct text result = text_of(arena_printf(maker.ctx->arena, "{\"result\":[[%lld,%lld,%lld]]}",
                                              (long long)maker.votes[0], (long long)maker.votes[1],
                                              (long long)maker.votes[2]));
    append(&maker, EVENT_RESULT, &result);
    flush(&maker);
    buffer_clear(&maker.out);
    free(maker.last);
    ctx_end(maker.ctx);
    return fflush(stdout) == 0 ? 0 : 1;
}
