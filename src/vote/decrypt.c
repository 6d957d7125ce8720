/* vote/decrypt.c */
#include "vote/decrypt.h"

#include "vote/archive.h"

#include "base/arena.h"
#include "base/ctx.h"

/* Steps of the search, in a table and outside it; more than that would take hours and gigabytes. */
enum { MOST_STEPS = 1 << 20 };

static void add_part(struct group *group, const struct point *point, const char *before, struct buffer *out)
{
    char text[POINT_TEXT];
    buffer_string(out, before);
    buffer_text(out, point_tell(group, point, text));
    buffer_byte(out, '"');
}

void decryption_write(struct ctx *ctx, const struct tally *tally, const struct secret *x, struct buffer *out)
{
    const struct election *election = tally->election;
    struct group *group = election->group;
    scoped(buffer_clear) struct buffer proofs = { 0 };
    struct point key, factor;
    char text[POINT_TEXT];
    point_power_generator(group, x, &key);
    point_tell(group, &key, text);
    struct text prefix = text_of(arena_printf(ctx->arena, "decrypt|%s|%s|", election->fingerprint, text));
    buffer_string(out, "{\"decryption_factors\":[");
    for (int q = 0; q < election->question_count; q++) {
        buffer_string(out, q > 0 ? ",[" : "[");
        buffer_string(&proofs, q > 0 ? ",[" : "[");
        for (int i = 0; i < election->questions[q].choice_count; i++) {
            struct point alpha = point_of(group, &tally->sums[q][i].alpha);
            struct zk_proof proof;
            point_power(group, &alpha, x, &factor);
            add_part(group, &factor, i > 0 ? ",\"" : "\"", out);
            zk_prove_same(group, x, &alpha, prefix, &proof);
            buffer_string(&proofs, i > 0 ? "," : "");
            zk_write(&proof, &proofs);
        }
        buffer_byte(out, ']');
        buffer_byte(&proofs, ']');
    }
    buffer_string(out, "],\"decryption_proofs\":[");
    buffer_text(out, buffer_view(&proofs));
    buffer_string(out, "]}");
}

void decryption_write_owned(struct ctx *ctx, int owner, const struct sha256 *part_hash, struct buffer *out)
{
    buffer_printf(out, "{\"owner\":%d,\"payload\":\"%s\"}", owner, archive_hash(ctx->arena, part_hash));
}

/* Finding the exponent of a power of g: a table of g^0 … g^(step - 1), and strides of STEP through the rest. */
struct search {
    struct group *group;
    struct hashes table; /* by the hash of an element's text */
    int64_t step, most;
    struct element stride; /* g^-step */
};

static void end_search(struct search *search)
{
    hashes_clear(&search->table);
}

static struct sha256 hash_of(struct group *group, const struct element *element)
{
    scoped(buffer_clear) struct buffer text = { 0 };
    group_encode(group, element, &text);
    return sha256_of(buffer_view(&text));
}

/* For COUNT numbers up to MOST: the table and the strides of all searches together are fewest when step² = most·count.
 */
static void begin_search(struct search *search, struct group *group, int64_t most, int count)
{
    struct element power = group->neutral;
    *search = (struct search){ .group = group, .step = 1, .most = most };
    while (search->step <= most && search->step < MOST_STEPS &&
           search->step * search->step < (most + 1) * (int64_t)count)
        search->step++;
    for (int64_t i = 0; i < search->step; i++) {
        struct sha256 hash = hash_of(group, &power);
        hashes_put(&search->table, &hash, (uint32_t)i);
        group_multiply(group, &power, &group->generator, &power);
    }
    group_divide(group, &group->neutral, &power, &search->stride);
}

/* -1 when it isn't among 0 … most. */
static int64_t search_for(const struct search *search, const struct element *power)
{
    struct element rest = *power;
    for (int64_t passed = 0; passed <= search->most; passed += search->step) {
        struct sha256 hash = hash_of(search->group, &rest);
        uint32_t number;
        if (hashes_find(&search->table, &hash, &number))
            return passed + number <= search->most ? passed + number : -1;
        group_multiply(search->group, &rest, &search->stride, &rest);
    }
    return -1;
}

const struct err *result_write(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                               const struct decryptions *decryptions, struct buffer *out)
{
    const struct election *election = tally->election;
    struct element **opened;
    scoped(end_search) struct search search = { 0 };
    TRY(decryptions_combine(ctx, tally, trustees, decryptions, &opened));
    int count = 0;
    for (int q = 0; q < election->question_count; q++)
        count += election->questions[q].choice_count;
    if (tally->weight / MOST_STEPS >= MOST_STEPS)
        return err_new(ctx, ERR_INPUT, "vote.result_large");
    begin_search(&search, election->group, tally->weight, count);
    scoped(buffer_clear) struct buffer made = { 0 };
    buffer_string(&made, "{\"result\":[");
    for (int q = 0; q < election->question_count; q++) {
        buffer_string(&made, q > 0 ? ",[" : "[");
        for (int i = 0; i < election->questions[q].choice_count; i++) {
            int64_t number = search_for(&search, &opened[q][i]);
            if (number < 0)
                return err_new(ctx, ERR_INPUT, "vote.result_none", arena_printf(ctx->arena, "%d", q + 1));
            buffer_string(&made, i > 0 ? "," : "");
            count_write(number, &made);
        }
        buffer_byte(&made, ']');
    }
    buffer_string(&made, "]}");
    buffer_text(out, buffer_view(&made));
    return NULL;
}
