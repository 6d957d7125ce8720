/* vote/tally.c */
#include "vote/tally.h"

#include "vote/archive.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

void tally_begin(struct ctx *ctx, const struct election *election, struct tally *ret)
{
    *ret = (struct tally){ .election = election };
    ret->sums = arena_array_of(ctx->arena, struct ciphertext *, election->question_count);
    for (int q = 0; q < election->question_count; q++) {
        ret->sums[q] = arena_array_of(ctx->arena, struct ciphertext, election->questions[q].choice_count);
        for (int i = 0; i < election->questions[q].choice_count; i++)
            ret->sums[q][i] = (struct ciphertext){ election->group->neutral, election->group->neutral };
    }
}

/* WEIGHT is NULL for one. */
static void add_part(struct group *group, const struct element *part, const struct scalar *weight, bool take_out,
                     struct element *sum)
{
    struct element weighted = *part;
    if (weight)
        group_power(group, part, weight, &weighted);
    if (take_out)
        group_divide(group, sum, &weighted, sum);
    else
        group_multiply(group, sum, &weighted, sum);
}

const struct err *tally_add(struct ctx *ctx, struct tally *tally, const struct ballot *ballot, int64_t weight, bool take_out)
{
    const struct election *election = tally->election;
    struct scalar number = scalar_of_int(election->group, weight), *exponent = weight == 1 ? NULL : &number;
    for (int q = 0; q < election->question_count; q++) {
        int count = election->questions[q].choice_count;
        struct ciphertext *choices = arena_array_of(ctx->arena, struct ciphertext, count);
        TRY(ballot_choices(ctx, election, ballot, q, choices));
        for (int i = 0; i < count; i++) {
            add_part(election->group, &choices[i].alpha, exponent, take_out, &tally->sums[q][i].alpha);
            add_part(election->group, &choices[i].beta, exponent, take_out, &tally->sums[q][i].beta);
        }
    }
    tally->counted += take_out ? -1 : 1;
    tally->weight += take_out ? -weight : weight;
    return NULL;
}

void tally_write(const struct tally *tally, struct buffer *out)
{
    const struct election *election = tally->election;
    for (int q = 0; q < election->question_count; q++) {
        buffer_string(out, q == 0 ? "[[" : ",[");
        for (int i = 0; i < election->questions[q].choice_count; i++) {
            buffer_string(out, i == 0 ? "{\"alpha\":\"" : ",{\"alpha\":\"");
            group_encode(election->group, &tally->sums[q][i].alpha, out);
            buffer_string(out, "\",\"beta\":\"");
            group_encode(election->group, &tally->sums[q][i].beta, out);
            buffer_string(out, "\"}");
        }
        buffer_byte(out, ']');
    }
    buffer_byte(out, ']');
}

void tally_write_sized(struct ctx *ctx, const struct tally *tally, const struct sha256 *tally_hash, struct buffer *out)
{
    buffer_string(out, "{\"num_tallied\":");
    buffer_int(out, tally->counted);
    buffer_string(out, ",\"total_weight\":");
    count_write(tally->weight, out);
    buffer_printf(out, ",\"encrypted_tally\":\"%s\"}", archive_hash(ctx->arena, tally_hash));
}

static const char *decimal(struct ctx *ctx, int64_t number)
{
    return arena_printf(ctx->arena, "%lld", (long long)number);
}

const struct err *tally_compare(struct ctx *ctx, const struct tally *tally, struct text published,
                                const struct sha256 *published_hash, struct text sized)
{
    scoped(buffer_clear) struct buffer ours = { 0 };
    struct node *read;
    int64_t counted, weight;
    if (json_read(ctx, sized, &read) || !has_fields(read, false, FIELDS("num_tallied", "total_weight", "encrypted_tally")) ||
        !archive_hash_is(published_hash, node_find_text(read, KEY("encrypted_tally"))) ||
        !small_read(node_find(read, KEY("num_tallied")), INT64_MAX, &counted) ||
        !count_read(node_find(read, KEY("total_weight")), INT64_MAX, &weight))
        return err_new(ctx, ERR_INPUT, "vote.tally_form");
    tally_write(tally, &ours);
    if (!text_equal(buffer_view(&ours), published))
        return err_new(ctx, ERR_INPUT, "vote.tally_differs");
    if (counted != tally->counted)
        return err_new(ctx, ERR_INPUT, "vote.tally_counted", decimal(ctx, counted), decimal(ctx, tally->counted));
    if (weight != tally->weight)
        return err_new(ctx, ERR_INPUT, "vote.tally_weight", decimal(ctx, weight), decimal(ctx, tally->weight));
    return NULL;
}

void decryptions_begin(struct ctx *ctx, const struct trustees *trustees, struct decryptions *ret)
{
    ret->factors = arena_array_of(ctx->arena, struct element *, trustees->count);
}

/* That the factor is alpha raised to the secret behind KEY. */
static bool check_factor(const struct election *election, const struct element *key, struct text prefix,
                         const struct element *alpha, const struct element *factor, const struct zk_proof *proof)
{
    struct element commitments[2];
    zk_commitment(election->group, proof, &election->group->generator, key, &commitments[0]);
    zk_commitment(election->group, proof, alpha, factor, &commitments[1]);
    struct scalar hash = zk_hash(election->group, prefix, commitments, 2);
    return scalar_equal(&hash, &proof->challenge);
}

static int choices_of(const struct election *election)
{
    int count = 0;
    for (int q = 0; q < election->question_count; q++)
        count += election->questions[q].choice_count;
    return count;
}

static const struct err *read_factors(struct ctx *ctx, const struct tally *tally, const struct element *key,
                                      const char *number, const struct node *factors, const struct node *proofs,
                                      struct element *ret)
{
    const struct election *election = tally->election;
    const struct node_link *factor_list = factors->first, *proof_list = proofs->first;
    struct text key_text = element_text(election->group, ctx->arena, key);
    struct text prefix = text_of(arena_printf(ctx->arena, "decrypt|%s|%.*s|", election->fingerprint, (int)key_text.size,
                                              key_text.at));
    for (int q = 0; q < election->question_count; q++, factor_list = factor_list->next, proof_list = proof_list->next) {
        uint32_t count = (uint32_t)election->questions[q].choice_count;
        struct zk_proof proof;
        if (!is_list_of(&factor_list->value, count) || !is_list_of(&proof_list->value, count))
            return err_new(ctx, ERR_INPUT, "vote.decryption_form");
        const struct node_link *factor = factor_list->value.first, *proof_node = proof_list->value.first;
        for (uint32_t i = 0; i < count; i++, factor = factor->next, proof_node = proof_node->next) {
            if (!group_decode(election->group, text_of_node(&factor->value), ret) ||
                !zk_read(election->group, &proof_node->value, &proof))
                return err_new(ctx, ERR_INPUT, "vote.decryption_form");
            if (!check_factor(election, key, prefix, &tally->sums[q][i].alpha, ret, &proof))
                return err_new(ctx, ERR_INPUT, "vote.decryption_proof", number);
            ret++;
        }
    }
    return NULL;
}

const struct err *decryption_add(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                                 struct decryptions *decryptions, struct text owned, struct text part,
                                 const struct sha256 *part_hash)
{
    struct node *owner_node, *read;
    int64_t owner;
    uint32_t questions = (uint32_t)tally->election->question_count;
    if (json_read(ctx, owned, &owner_node) || !has_fields(owner_node, false, FIELDS("owner", "payload")) ||
        !archive_hash_is(part_hash, node_find_text(owner_node, KEY("payload"))) ||
        !small_read(node_find(owner_node, KEY("owner")), INT64_MAX, &owner) || json_read(ctx, part, &read) ||
        !has_fields(read, false, FIELDS("decryption_factors", "decryption_proofs")))
        return err_new(ctx, ERR_INPUT, "vote.decryption_form");
    const char *number = decimal(ctx, owner);
    if (owner < 1 || owner > trustees->count)
        return err_new(ctx, ERR_INPUT, "vote.decryption_owner", number);
    if (decryptions->factors[owner - 1])
        return err_new(ctx, ERR_INPUT, "vote.decryption_twice", number);
    const struct node *factors = node_find(read, KEY("decryption_factors"));
    const struct node *proofs = node_find(read, KEY("decryption_proofs"));
    if (!is_list_of(factors, questions) || !is_list_of(proofs, questions))
        return err_new(ctx, ERR_INPUT, "vote.decryption_form");
    struct element *kept = arena_array_of(ctx->arena, struct element, choices_of(tally->election));
    TRY(read_factors(ctx, tally, &trustees->keys[owner - 1], number, factors, proofs, kept));
    decryptions->factors[owner - 1] = kept;
    return NULL;
}

/* A trustee that takes part in opening, with the exponent that its factor gets. */
struct share {
    const struct element *factors;
    struct scalar coefficient;
};

struct scalar lagrange(struct group *group, const int *points, int count, int at)
{
    struct scalar above = scalar_of_int(group, 1), below = above, own = scalar_of_int(group, at);
    for (int i = 0; i < count; i++) {
        if (points[i] == at)
            continue;
        struct scalar other = scalar_of_int(group, points[i]), difference = scalar_subtract(group, &other, &own);
        above = scalar_multiply(group, &above, &other);
        below = scalar_multiply(group, &below, &difference);
    }
    below = scalar_invert(group, &below);
    return scalar_multiply(group, &above, &below);
}

/* The first that are there, as many as the set needs. */
static const struct err *choose_shares(struct ctx *ctx, struct group *group, const struct trustee_set *set, int set_number,
                                       const struct decryptions *decryptions, struct share *shares, int *count)
{
    int *points = arena_array_of(ctx->arena, int, set->needed), found = 0;
    for (int i = 0; i < set->count && found < set->needed; i++)
        if (decryptions->factors[set->first + i])
            points[found++] = i + 1;
    if (found < set->needed)
        return err_new(ctx, ERR_INPUT, "vote.decryptions_missing", decimal(ctx, set_number), decimal(ctx, found),
                       decimal(ctx, set->needed));
    for (int i = 0; i < found; i++)
        shares[(*count)++] = (struct share){ decryptions->factors[set->first + points[i] - 1],
                                             lagrange(group, points, found, points[i]) };
    return NULL;
}

const struct err *decryptions_combine(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                                      const struct decryptions *decryptions, struct element ***ret)
{
    const struct election *election = tally->election;
    struct group *group = election->group;
    struct share *shares = arena_array_of(ctx->arena, struct share, trustees->count);
    int count = 0, position = 0;
    for (int i = 0; i < trustees->set_count; i++)
        TRY(choose_shares(ctx, group, &trustees->sets[i], i + 1, decryptions, shares, &count));
    struct element **opened = arena_array_of(ctx->arena, struct element *, election->question_count);
    for (int q = 0; q < election->question_count; q++) {
        opened[q] = arena_array_of(ctx->arena, struct element, election->questions[q].choice_count);
        for (int i = 0; i < election->questions[q].choice_count; i++, position++) {
            struct element product = group->neutral, part;
            for (int k = 0; k < count; k++) {
                group_power(group, &shares[k].factors[position], &shares[k].coefficient, &part);
                group_multiply(group, &product, &part, &product);
            }
            group_divide(group, &tally->sums[q][i].beta, &product, &opened[q][i]);
        }
    }
    *ret = opened;
    return NULL;
}

const struct err *result_check(struct ctx *ctx, const struct tally *tally, const struct trustees *trustees,
                               const struct decryptions *decryptions, struct text published, int64_t ***ret)
{
    const struct election *election = tally->election;
    struct element **opened, made;
    struct node *read;
    TRY(decryptions_combine(ctx, tally, trustees, decryptions, &opened));
    if (json_read(ctx, published, &read) || !has_fields(read, false, FIELDS("result")) ||
        !is_list_of(node_find(read, KEY("result")), (uint32_t)election->question_count))
        return err_new(ctx, ERR_INPUT, "vote.result_form");
    int64_t **numbers = arena_array_of(ctx->arena, int64_t *, election->question_count);
    const struct node_link *list = node_find(read, KEY("result"))->first;
    for (int q = 0; q < election->question_count; q++, list = list->next) {
        int choices = election->questions[q].choice_count;
        if (!is_list_of(&list->value, (uint32_t)choices))
            return err_new(ctx, ERR_INPUT, "vote.result_form");
        numbers[q] = arena_array_of(ctx->arena, int64_t, choices);
        const struct node_link *link = list->value.first;
        for (int i = 0; i < choices; i++, link = link->next) {
            if (!count_read(&link->value, tally->weight, &numbers[q][i]))
                return err_new(ctx, ERR_INPUT, "vote.result_range", decimal(ctx, q + 1), decimal(ctx, tally->weight));
            struct scalar exponent = scalar_of_int(election->group, numbers[q][i]);
            group_power(election->group, &election->group->generator, &exponent, &made);
            if (!element_equal(&made, &opened[q][i]))
                return err_new(ctx, ERR_INPUT, "vote.result_wrong", decimal(ctx, q + 1));
        }
    }
    *ret = numbers;
    return NULL;
}
