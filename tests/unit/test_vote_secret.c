/* test_vote_secret.c -- vote/secret, vote/prove: the arithmetic with secrets against the worked examples, against
 * OpenSSL's and libsodium's, and the proofs byte for byte with the examples' chance.
 */
#include "drawn.h"
#include "vectors.h"

#include "base/buffer.h"
#include "vote/prove.h"

enum { ROUNDS = 200 };

struct case_file {
    struct fixture *f;
    struct group *group;
    const struct node *vectors;
};

static struct case_file open_file(struct fixture *f, const char *name)
{
    struct case_file file = { f, NULL, vector_json(f, arena_printf(f->ctx->arena, "unit/unit-%s.json", name)) };
    file.group = group_open(f->ctx->arena, node_find_text(file.vectors, KEY("group")));
    assert_non_null(file.group);
    drawn_begin();
    return file;
}

static struct scalar scalar_from(struct group *group, struct text text)
{
    struct scalar scalar = { { 0 } };
    assert_case(text, scalar_decode(group, text, &scalar));
    return scalar;
}

static struct secret secret_from(struct group *group, struct text text)
{
    struct secret secret = { { 0 } };
    char again[SECRET_TEXT];
    assert_case(text, secret_decode(group, text, &secret));
    secret_encode(&secret, again);
    assert_case(text, text_is(text, again));
    return secret;
}

static struct element element_from(struct group *group, struct text text)
{
    struct element element;
    assert_case(text, group_decode(group, text, &element));
    return element;
}

static struct point point_from(struct group *group, struct text text)
{
    struct element element = element_from(group, text);
    return point_of(group, &element);
}

static void assert_secret(struct secret secret, struct text expected)
{
    char text[SECRET_TEXT];
    secret_encode(&secret, text);
    assert_case(expected, text_is(expected, text));
}

static void assert_point(struct group *group, const struct point *point, struct text expected)
{
    char text[POINT_TEXT];
    assert_case(expected, text_equal(expected, point_encode(group, point, text)));
    struct element element = element_from(group, expected), published = point_publish(group, point);
    assert_case(expected, element_equal(&element, &published));
}

static void check_arithmetic(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    const struct node *arithmetic = node_find(file.vectors, KEY("arithmetic"));
    struct secret a = secret_from(group, node_find_text(arithmetic, KEY("a")));
    struct secret b = secret_from(group, node_find_text(arithmetic, KEY("b")));
    struct point at_a, at_b, made;
    point_power_generator(group, &a, &at_a);
    assert_point(group, &at_a, node_find_text(arithmetic, KEY("g_pow_a")));
    point_power_generator(group, &b, &at_b);
    assert_point(group, &at_b, node_find_text(arithmetic, KEY("g_pow_b")));
    point_multiply(group, &at_a, &at_b, &made);
    assert_point(group, &made, node_find_text(arithmetic, KEY("product")));
    point_power(group, &at_a, &b, &made);
    assert_point(group, &made, node_find_text(arithmetic, KEY("g_pow_a_pow_b")));
    assert_secret(secret_add(group, &a, &b), node_find_text(arithmetic, KEY("a_plus_b")));
    assert_secret(secret_subtract(group, &a, &b), node_find_text(arithmetic, KEY("a_minus_b")));
    assert_secret(secret_multiply(group, &a, &b), node_find_text(arithmetic, KEY("a_times_b")));
    uint64_t small = 0;
    node_each (link, node_find(arithmetic, KEY("g_pow_small"))) {
        struct secret exponent = secret_of_number(small++);
        point_power_generator(group, &exponent, &made);
        assert_point(group, &made, link->value.text);
    }
    node_each (link, node_find(file.vectors, KEY("scalar_not_acceptable")))
        assert_case(link->value.text, !secret_decode(group, link->value.text, &a));
}

static void check_reductions(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    int wide = 0, narrow = 0;
    node_each (link, node_find(file.vectors, KEY("reduce"))) {
        struct text bytes = vector_hex(f, node_find_text(&link->value, KEY("hex")));
        uint8_t padded[SECRET_WIDE] = { 0 };
        memcpy(padded + SECRET_WIDE - bytes.size, bytes.at, bytes.size);
        assert_secret(secret_of_wide(file.group, padded), node_find_text(&link->value, KEY("mod_q")));
        wide++;
        if (bytes.size != SHA256_SIZE)
            continue;
        struct sha256 hash = hash_from(bytes);
        assert_secret(secret_of_hash(file.group, &hash), node_find_text(&link->value, KEY("mod_q")));
        narrow++;
    }
    assert_true(wide > 2 && narrow > 1);
}

/* Numbers where carries and borrows go wrong first, then drawn ones. */
static struct scalar sample(struct group *group, int number)
{
    struct scalar zero = scalar_of_int(group, 0), edge = scalar_of_int(group, number / 2);
    if (number < 8)
        return number % 2 ? scalar_subtract(group, &zero, &edge) : edge;
    if (number < 10) {
        memset(zero.at + 1 + 8 * (number - 8), 0xff, sizeof(zero.at) - 1 - 8 * (size_t)(number - 8));
        return zero;
    }
    struct secret made = secret_draw(group);
    return secret_publish(&made);
}

static void assert_same(struct secret made, struct scalar expected)
{
    struct scalar published = secret_publish(&made);
    assert_true(scalar_equal(&published, &expected));
}

static void reversed(const struct scalar *scalar, uint8_t ret[SCALAR_SIZE])
{
    for (int i = 0; i < SCALAR_SIZE; i++)
        ret[i] = scalar->at[SCALAR_SIZE - 1 - i];
}

static void assert_sodium(const struct scalar *a, const struct scalar *b, const struct secret *product)
{
    uint8_t left[SCALAR_SIZE], right[SCALAR_SIZE], made[SCALAR_SIZE], ours[SCALAR_SIZE];
    struct scalar published = secret_publish(product);
    reversed(a, left);
    reversed(b, right);
    reversed(&published, ours);
    crypto_core_ed25519_scalar_mul(made, left, right);
    assert_memory_equal(made, ours, sizeof(made));
}

static void check_numbers_against_others(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    for (int i = 0; i < ROUNDS; i++) {
        struct scalar a = sample(group, i % 20), b = sample(group, i / 10);
        struct secret left = secret_of_scalar(&a), right = secret_of_scalar(&b),
                      product = secret_multiply(group, &left, &right);
        assert_same(left, a);
        assert_same(secret_add(group, &left, &right), scalar_add(group, &a, &b));
        assert_same(secret_subtract(group, &left, &right), scalar_subtract(group, &a, &b));
        assert_same(product, scalar_multiply(group, &a, &b));
        assert_int_equal(secret_equal(&left, &right), scalar_equal(&a, &b));
        if (strcmp(name, "ed25519") == 0)
            assert_sodium(&a, &b, &product);
        secret_take_if(&left, &right, 0);
        assert_same(left, a);
        secret_take_if(&left, &right, 1);
        assert_same(left, b);
    }
}

static void check_powers_against_others(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    for (int i = 0; i < 30; i++) {
        struct scalar x = sample(group, i), y = sample(group, 29 - i);
        struct secret exponent = secret_of_scalar(&x);
        struct element base, expected;
        struct point made, at;
        group_power(group, &group->generator, &y, &base); /* the neutral element is among them */
        group_power(group, &base, &x, &expected);
        at = point_of(group, &base);
        point_power(group, &at, &exponent, &made);
        struct element published = point_publish(group, &made);
        assert_true(element_equal(&published, &expected));
        group_multiply(group, &expected, &base, &expected);
        point_multiply(group, &made, &at, &made);
        published = point_publish(group, &made);
        assert_true(element_equal(&published, &expected));
        group_power(group, &group->generator, &x, &expected);
        point_power_generator(group, &exponent, &made);
        published = point_publish(group, &made);
        assert_true(element_equal(&published, &expected));
    }
}

static void assert_proof(struct group *group, const struct zk_proof *proof, const struct node *expected,
                         const char *what)
{
    struct zk_proof known;
    assert_true(zk_read(group, expected, &known));
    if (!scalar_equal(&proof->challenge, &known.challenge) || !scalar_equal(&proof->response, &known.response))
        fail_msg("%s differs", what);
    scoped(buffer_clear) struct buffer ours = { 0 }, theirs = { 0 };
    zk_write(proof, &ours);
    node_write(expected, &theirs);
    assert_true(text_equal(buffer_view(&ours), buffer_view(&theirs)));
}

static void check_possession(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    const struct node *possession = node_find(file.vectors, KEY("proof_of_possession"));
    const struct node *trustee = node_find(possession, KEY("trustee"));
    struct secret x = secret_from(file.group, node_find_text(possession, KEY("x")));
    struct text key = node_find_text(trustee, KEY("public_key"));
    struct zk_proof proof;
    drawn_push(scalar_from(file.group, node_find_text(possession, KEY("w"))));
    struct text middle = text_of(arena_printf(f->ctx->arena, "%s|%.*s", file.group->name, (int)key.size, key.at));
    zk_prove(file.group, &x, "pok|", middle, &proof);
    assert_all_drawn();
    assert_proof(file.group, &proof, node_find(trustee, KEY("pok")), "proof of possession");
}

static const struct node *item(const struct node *list, int number)
{
    const struct node_link *link = list->first;
    while (number-- > 0)
        link = link->next;
    return &link->value;
}

/* beta / g^number */
static struct point rest_of(struct group *group, const struct element *beta, int64_t number)
{
    struct scalar exponent = scalar_of_int(group, number);
    struct element power, rest;
    group_power(group, &group->generator, &exponent, &power);
    group_divide(group, beta, &power, &rest);
    return point_of(group, &rest);
}

/* Chance for one way: its own challenge and response, or for the true one any challenge, and w. */
static void push_way(const struct zk_proof *known, bool is_true, struct scalar w)
{
    drawn_push(is_true ? w : known->challenge);
    drawn_push(is_true ? w : known->response);
}

/* One of the examples that name all their values: individual and overall proofs without blank. */
static void check_interval(const struct case_file *file, const struct node *example, const struct node *choice)
{
    struct group *group = file->group;
    const struct node *values = node_find(example, KEY("values")), *proofs = node_find(example, KEY("proof"));
    int64_t true_way = node_find_int(example, KEY("true_disjunct"), -1);
    struct secret r = secret_from(group, node_find_text(example, KEY("randomness_r")));
    struct element alpha = element_from(group, node_find_text(choice, KEY("alpha")));
    struct element beta = element_from(group, node_find_text(choice, KEY("beta")));
    struct point key = point_from(
        group, node_find_text(node_find(node_find(file->vectors, KEY("proof_of_possession")), KEY("trustee")),
                              KEY("public_key")));
    struct prove_way ways[4];
    struct zk_proof known[4], made[4];
    assert_true(values->count <= 4);
    for (int j = 0; j < (int)values->count; j++) {
        assert_true(zk_read(group, item(proofs, j), &known[j]));
        push_way(&known[j], j == true_way, scalar_from(group, node_find_text(example, KEY("w"))));
        ways[j] = (struct prove_way){ point_of(group, &alpha), rest_of(group, &beta, item(values, j)->number), &r,
                                      j == true_way };
    }
    zk_prove_ways(file->f->ctx->arena, group, &key, node_find_text(example, KEY("prefix")), ways, (int)values->count,
                  made);
    assert_all_drawn();
    for (int j = 0; j < (int)values->count; j++)
        assert_proof(group, &made[j], item(proofs, j), "interval proof");
}

static void check_intervals(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    const struct node *answer = node_find(file.vectors, KEY("answer_without_blank"));
    const struct node *choices = node_find(node_find(answer, KEY("answer")), KEY("choices"));
    const struct node *individual = node_find(answer, KEY("individual"));
    assert_int_equal(individual->count, 2);
    for (int i = 0; i < 2; i++)
        check_interval(&file, item(individual, i), item(choices, i));
    check_interval(&file, node_find(answer, KEY("overall")), node_find(answer, KEY("sum_of_choices")));
}

static void check_decryption(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    const struct node *example = node_find(file.vectors, KEY("partial_decryption"));
    struct secret x = secret_from(group, node_find_text(example, KEY("x")));
    struct point alpha = point_from(group, node_find_text(example, KEY("alpha"))), factor;
    struct text hashed = node_find_text(example, KEY("hashed_string"));
    size_t size = hashed.size;
    while (hashed.at[size - 1] != '|')
        size--;
    struct zk_proof proof;
    drawn_push(scalar_from(group, node_find_text(example, KEY("w"))));
    zk_prove_same(group, &x, &alpha, (struct text){ hashed.at, size }, &proof);
    assert_all_drawn();
    assert_proof(group, &proof, node_find(example, KEY("proof")), "proof of decryption");
    point_power(group, &alpha, &x, &factor);
    assert_point(group, &factor, node_find_text(example, KEY("factor")));
}

static void check_made_proofs(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    for (int i = 0; i < 5; i++) {
        struct secret x = secret_draw(group);
        struct point point;
        struct zk_proof proof;
        struct scalar one = scalar_of_int(group, 1);
        point_power_generator(group, &x, &point);
        struct element key = point_publish(group, &point);
        zk_prove(group, &x, "a|", TEXT("b"), &proof);
        assert_true(zk_check(group, &proof, &key, "a|", TEXT("b")));
        assert_false(zk_check(group, &proof, &key, "a|", TEXT("c")));
        proof.response = scalar_add(group, &proof.response, &one);
        assert_false(zk_check(group, &proof, &key, "a|", TEXT("b")));
    }
}

/* A draw is below q, never zero, and another each time. */
static void check_draws(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct secret before = { { 0 } };
    for (int i = 0; i < 100; i++) {
        struct secret made = secret_draw(file.group);
        char text[SECRET_TEXT];
        struct scalar scalar;
        secret_encode(&made, text);
        assert_true(scalar_decode(file.group, text_of(text), &scalar));
        assert_false(secret_is_zero(&made) || secret_equal(&made, &before));
        before = made;
    }
    drawn_push(scalar_of_int(file.group, 0));
    drawn_push(scalar_of_int(file.group, 7));
    assert_secret(secret_draw(file.group), TEXT("7"));
    assert_all_drawn();
}

#define IN_BOTH_GROUPS(check)                                                                                          \
    static void curve_##check(void **state)                                                                            \
    {                                                                                                                  \
        check(*state, "ed25519");                                                                                      \
    }                                                                                                                  \
    static void field_##check(void **state)                                                                            \
    {                                                                                                                  \
        check(*state, "b2048");                                                                                        \
    }
IN_BOTH_GROUPS(check_arithmetic)
IN_BOTH_GROUPS(check_reductions)
IN_BOTH_GROUPS(check_numbers_against_others)
IN_BOTH_GROUPS(check_powers_against_others)
IN_BOTH_GROUPS(check_possession)
IN_BOTH_GROUPS(check_intervals)
IN_BOTH_GROUPS(check_decryption)
IN_BOTH_GROUPS(check_made_proofs)
IN_BOTH_GROUPS(check_draws)
#define BOTH(check) vector_test(curve_##check), vector_test(field_##check)

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        BOTH(check_arithmetic),
        BOTH(check_reductions),
        BOTH(check_numbers_against_others),
        BOTH(check_powers_against_others),
        BOTH(check_possession),
        BOTH(check_intervals),
        BOTH(check_decryption),
        BOTH(check_made_proofs),
        BOTH(check_draws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
