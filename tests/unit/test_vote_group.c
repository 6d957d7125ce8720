/* test_vote_group.c -- vote/group: both groups against worked examples, and against what must not come in. */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/group.h"

struct case_file {
    struct group *group;
    const struct node *vectors;
};

static struct case_file open_file(struct fixture *f, const char *name)
{
    struct case_file file = { .vectors = vector_json(f, arena_printf(f->ctx->arena, "unit/unit-%s.json", name)) };
    file.group = group_open(f->ctx->arena, node_find_text(file.vectors, KEY("group")));
    assert_non_null(file.group);
    return file;
}

static struct scalar scalar_from(struct group *group, struct text text)
{
    struct scalar scalar = { { 0 } };
    assert_case(text, scalar_decode(group, text, &scalar));
    return scalar;
}

static void assert_element(struct group *group, const struct element *element, struct text expected)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    group_encode(group, element, &out);
    assert_case(expected, text_equal(buffer_view(&out), expected));
}

static void assert_scalar(struct fixture *f, struct group *group, struct scalar scalar, struct text expected)
{
    assert_case(expected, text_is(expected, scalar_encode(group, f->ctx->arena, &scalar)));
}

static void check_arithmetic(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    const struct node *arithmetic = node_find(file.vectors, KEY("arithmetic"));
    struct scalar a = scalar_from(group, node_find_text(arithmetic, KEY("a")));
    struct scalar b = scalar_from(group, node_find_text(arithmetic, KEY("b")));
    struct scalar zero = scalar_of_int(group, 0), one = scalar_of_int(group, 1);
    struct scalar minus_one = scalar_subtract(group, &zero, &one);
    struct element at_a, at_b, made;

    assert_element(group, &group->generator, node_find_text(file.vectors, KEY("g")));
    assert_element(group, &group->neutral, node_find_text(file.vectors, KEY("neutral")));
    group_power(group, &group->generator, &a, &at_a);
    assert_element(group, &at_a, node_find_text(arithmetic, KEY("g_pow_a")));
    group_power(group, &group->generator, &b, &at_b);
    assert_element(group, &at_b, node_find_text(arithmetic, KEY("g_pow_b")));
    group_multiply(group, &at_a, &at_b, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("product")));
    group_divide(group, &at_a, &at_b, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("quotient")));
    group_divide(group, &group->neutral, &at_a, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("inverse_of_g_pow_a")));
    group_power(group, &at_a, &b, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("g_pow_a_pow_b")));
    group_power(group, &group->generator, &minus_one, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("g_pow_minus_1")));
    group_power_both(group, &group->generator, &a, &group->generator, &b, &made);
    assert_element(group, &made, node_find_text(arithmetic, KEY("product")));

    assert_scalar(f, group, scalar_add(group, &a, &b), node_find_text(arithmetic, KEY("a_plus_b")));
    assert_scalar(f, group, scalar_multiply(group, &a, &b), node_find_text(arithmetic, KEY("a_times_b")));
    assert_scalar(f, group, scalar_subtract(group, &a, &b), node_find_text(arithmetic, KEY("a_minus_b")));
    assert_scalar(f, group, scalar_invert(group, &a), node_find_text(arithmetic, KEY("inverse_of_a_mod_q")));
    int64_t small = 0;
    node_each (link, node_find(arithmetic, KEY("g_pow_small"))) {
        struct scalar exponent = scalar_of_int(group, small++);
        group_power(group, &group->generator, &exponent, &made);
        assert_element(group, &made, link->value.text);
    }
    assert_true(small > 2);
}

/* The neutral element in every place, zero as exponent, an element against itself. */
static void check_edges(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct group *group = file.group;
    struct scalar zero = scalar_of_int(group, 0), two = scalar_of_int(group, 2);
    struct element made, again;
    group_power(group, &group->generator, &zero, &made);
    assert_true(element_equal(&made, &group->neutral));
    group_power(group, &group->neutral, &two, &made);
    assert_true(element_equal(&made, &group->neutral));
    group_divide(group, &group->generator, &group->generator, &made);
    assert_true(element_equal(&made, &group->neutral));
    group_multiply(group, &group->neutral, &group->generator, &made);
    assert_true(element_equal(&made, &group->generator));
    group_power_both(group, &group->neutral, &two, &group->generator, &zero, &made);
    assert_true(element_equal(&made, &group->neutral));
    group_power(group, &group->generator, &two, &made);
    group_multiply(group, &group->generator, &group->generator, &again);
    assert_true(element_equal(&made, &again));
    assert_true(scalar_is_zero(&zero) && !scalar_is_zero(&two));
}

static void check_refused(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    struct element element;
    struct scalar scalar;
    int refused = 0;
    node_each (link, node_find(file.vectors, KEY("not_acceptable_as_element"))) {
        assert_case(node_find_text(&link->value, KEY("why")),
                    !group_decode(file.group, node_find_text(&link->value, KEY("text")), &element));
        refused++;
    }
    node_each (link, node_find(file.vectors, KEY("scalar_not_acceptable"))) {
        assert_case(link->value.text, !scalar_decode(file.group, link->value.text, &scalar));
        refused++;
    }
    assert_true(refused > 12);
    assert_true(scalar_decode(file.group, TEXT("0"), &scalar));
}

static void check_hashes(struct fixture *f, const char *name)
{
    struct case_file file = open_file(f, name);
    int hashed = 0;
    node_each (link, node_find(file.vectors, KEY("hash_to_scalar"))) {
        struct sha256 hash = sha256_of(node_find_text(&link->value, KEY("hashed_string")));
        assert_scalar(f, file.group, scalar_of_hash(file.group, &hash), node_find_text(&link->value, KEY("scalar")));
        hashed++;
    }
    node_each (link, node_find(file.vectors, KEY("reduce"))) {
        struct text bytes = vector_hex(f, node_find_text(&link->value, KEY("hex")));
        if (bytes.size != SHA256_SIZE)
            continue;
        struct sha256 hash = hash_from(bytes);
        assert_scalar(f, file.group, scalar_of_hash(file.group, &hash), node_find_text(&link->value, KEY("mod_q")));
        hashed++;
    }
    assert_true(hashed > 3);
}

static void the_curve_computes_as_the_examples_do(void **state) { check_arithmetic(*state, "ed25519"); }
static void the_field_computes_as_the_examples_do(void **state) { check_arithmetic(*state, "b2048"); }
static void the_curve_knows_its_neutral_element(void **state) { check_edges(*state, "ed25519"); }
static void the_field_knows_its_neutral_element(void **state) { check_edges(*state, "b2048"); }
static void the_curve_lets_only_members_in(void **state) { check_refused(*state, "ed25519"); }
static void the_field_lets_only_members_in(void **state) { check_refused(*state, "b2048"); }
static void the_curve_reduces_hashes(void **state) { check_hashes(*state, "ed25519"); }
static void the_field_reduces_hashes(void **state) { check_hashes(*state, "b2048"); }

static void an_unknown_group_is_none(void **state)
{
    struct fixture *f = *state;
    assert_null(group_open(f->ctx->arena, TEXT("RFC-3526-2048")));
    assert_null(group_open(f->ctx->arena, TEXT("")));
    assert_null(group_open(f->ctx->arena, TEXT("ed25519")));
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(the_curve_computes_as_the_examples_do),
        vector_test(the_field_computes_as_the_examples_do),
        vector_test(the_curve_knows_its_neutral_element),
        vector_test(the_field_knows_its_neutral_element),
        vector_test(the_curve_lets_only_members_in),
        vector_test(the_field_lets_only_members_in),
        vector_test(the_curve_reduces_hashes),
        vector_test(the_field_reduces_hashes),
        vector_test(an_unknown_group_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
