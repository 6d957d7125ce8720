/* vote/prove.c */
#include "vote/prove.h"

#include "base/arena.h"
#include "base/err.h"

#include <sodium.h>

static void add_point(struct group *group, const struct point *point, struct buffer *out)
{
    char text[POINT_TEXT];
    buffer_text(out, point_tell(group, point, text));
}

static struct scalar hash_as_number(struct group *group, const struct buffer *hashed)
{
    struct sha256 hash = sha256_of(buffer_view(hashed));
    return scalar_of_hash(group, &hash);
}

/* response = w - x·challenge */
static struct zk_proof answer(struct group *group, struct scalar challenge, const struct secret *w,
                              const struct secret *x)
{
    struct secret known = secret_of_scalar(&challenge);
    scoped(secret_wipe) struct secret product = secret_multiply(group, x, &known),
                                      response = secret_subtract(group, w, &product);
    return (struct zk_proof){ challenge, secret_publish(&response) };
}

void zk_prove(struct group *group, const struct secret *x, const char *word, struct text middle, struct zk_proof *ret)
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    scoped(secret_wipe) struct secret w = secret_draw(group);
    struct point commitment;
    point_power_generator(group, &w, &commitment);
    buffer_string(&hashed, word);
    buffer_text(&hashed, middle);
    buffer_byte(&hashed, '|');
    add_point(group, &commitment, &hashed);
    *ret = answer(group, hash_as_number(group, &hashed), &w, x);
}

void zk_prove_same(struct group *group, const struct secret *x, const struct point *base, struct text prefix,
                   struct zk_proof *ret)
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    scoped(secret_wipe) struct secret w = secret_draw(group);
    struct point commitment;
    buffer_text(&hashed, prefix);
    point_power_generator(group, &w, &commitment);
    add_point(group, &commitment, &hashed);
    buffer_byte(&hashed, ',');
    point_power(group, base, &w, &commitment);
    add_point(group, &commitment, &hashed);
    *ret = answer(group, hash_as_number(group, &hashed), &w, x);
}

/* base^response · element^challenge */
static void add_commitment(struct group *group, const struct point *base, const struct secret *response,
                           const struct point *element, const struct secret *challenge, struct buffer *out)
{
    scoped(point_wipe) struct point left, right;
    if (base)
        point_power(group, base, response, &left);
    else
        point_power_generator(group, response, &left);
    point_power(group, element, challenge, &right);
    point_multiply(group, &left, &right, &left);
    add_point(group, &left, out);
}

/* The challenges and responses of all ways are drawn; that of the true one is zero, so that its commitments are those
 * of w = response. The hash then decides its challenge, and the same steps are done for every way, kept in the true
 * one. */
void zk_prove_ways(struct arena *arena, struct group *group, const struct point *key, struct text prefix,
                   const struct prove_way *ways, int count, struct zk_proof *ret)
{
    static const struct secret zero;
    scoped(buffer_clear) struct buffer hashed = { 0 };
    struct secret *challenges = arena_array_of(arena, struct secret, count);
    struct secret *responses = arena_array_of(arena, struct secret, count);
    scoped(secret_wipe) struct secret sum = zero, left, product, moved;
    buffer_text(&hashed, prefix);
    for (int j = 0; j < count; j++) {
        challenges[j] = secret_draw(group);
        responses[j] = secret_draw(group);
        secret_take_if(&challenges[j], &zero, ways[j].is_true);
        if (j > 0)
            buffer_byte(&hashed, ',');
        add_commitment(group, NULL, &responses[j], &ways[j].alpha, &challenges[j], &hashed);
        buffer_byte(&hashed, ',');
        add_commitment(group, key, &responses[j], &ways[j].rest, &challenges[j], &hashed);
        sum = secret_add(group, &sum, &challenges[j]);
    }
    struct scalar hash = hash_as_number(group, &hashed);
    left = secret_of_scalar(&hash);
    left = secret_subtract(group, &left, &sum);
    for (int j = 0; j < count; j++) {
        product = secret_multiply(group, ways[j].randomness, &left);
        moved = secret_subtract(group, &responses[j], &product);
        secret_take_if(&challenges[j], &left, ways[j].is_true);
        secret_take_if(&responses[j], &moved, ways[j].is_true);
        ret[j] = (struct zk_proof){ secret_publish(&challenges[j]), secret_publish(&responses[j]) };
    }
    sodium_memzero(challenges, sizeof(*challenges) * (size_t)count);
    sodium_memzero(responses, sizeof(*responses) * (size_t)count);
}

void zk_write(const struct zk_proof *proof, struct buffer *out)
{
    char text[SECRET_TEXT];
    struct secret number = secret_of_scalar(&proof->challenge);
    secret_encode(&number, text);
    buffer_printf(out, "{\"challenge\":\"%s\"", text);
    number = secret_of_scalar(&proof->response);
    secret_encode(&number, text);
    buffer_printf(out, ",\"response\":\"%s\"}", text);
}
