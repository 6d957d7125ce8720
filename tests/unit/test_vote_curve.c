/* test_vote_curve.c -- vote/curve, and the numbers of vote/group_scalar: beside libsodium's points and OpenSSL's
 * numbers, on points by chance and on those at the edges: the neutral one, all of small order, outside the subgroup,
 * not canonical.
 */
#include "fixture.h"

#include "base/buffer.h"
#include "vote/group.h"

#include <openssl/bn.h>
#include <sodium.h>

enum { ROUNDS = 300, TORSION = 8 };

static const uint64_t order[4] = { 0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000 };
static const uint8_t neutral[CURVE_SIZE] = { 1 };

static void limbs_of(const uint8_t little[32], uint64_t ret[4])
{
    for (int i = 0; i < 4; i++) {
        ret[i] = 0;
        for (int j = 7; j >= 0; j--)
            ret[i] = ret[i] << 8 | little[8 * i + j];
    }
}

static struct curve_point decoded(const uint8_t bytes[CURVE_SIZE])
{
    struct curve_point point;
    assert_true(curve_decode(bytes, &point));
    return point;
}

static void assert_bytes(const struct curve_point *point, const uint8_t expected[CURVE_SIZE])
{
    uint8_t bytes[CURVE_SIZE];
    curve_encode(point, bytes);
    assert_memory_equal(bytes, expected, CURVE_SIZE);
}

static struct curve_point multiple(const struct curve_point *point, const uint64_t number[4])
{
    struct curve_digits digits;
    struct curve_point made;
    curve_digits_of(number, &digits);
    curve_powers(point, &digits, 1, &made);
    return made;
}

/* libsodium's answer, which it gives for neither zero nor points outside the subgroup. */
static void expected_multiple(const uint8_t point[CURVE_SIZE], const uint8_t number[32], uint8_t ret[CURVE_SIZE])
{
    if (sodium_is_zero(number, 32))
        memcpy(ret, neutral, CURVE_SIZE);
    else
        assert_int_equal(crypto_scalarmult_ed25519_noclamp(ret, number, point), 0);
}

/* Numbers by chance, and zero, one, two, q - 1. */
static void number_for(int round, uint8_t ret[32])
{
    static const uint8_t small[] = { 0, 1, 2, 15, 16, 17, 128, 129 };
    memset(ret, 0, 32);
    if (round < (int)sizeof(small))
        ret[0] = small[round];
    else if (round == (int)sizeof(small)) {
        ret[0] = 1;
        crypto_core_ed25519_scalar_negate(ret, ret);
    } else
        crypto_core_ed25519_scalar_random(ret);
}

static void multiples_are_those_of_libsodium(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t point[CURVE_SIZE], numbers[3][32], expected[CURVE_SIZE];
        struct curve_digits digits[3];
        struct curve_point made[3];
        uint64_t limbs[4];
        crypto_core_ed25519_random(point);
        struct curve_point base = decoded(point);
        for (int i = 0; i < 3; i++) {
            number_for(round + i, numbers[i]);
            limbs_of(numbers[i], limbs);
            curve_digits_of(limbs, &digits[i]);
        }
        curve_powers(&base, digits, 3, made);
        for (int i = 0; i < 3; i++) {
            expected_multiple(point, numbers[i], expected);
            assert_bytes(&made[i], expected);
        }
    }
}

static void a_table_gives_the_same(void **state)
{
    (void)state;
    static struct curve_table table;
    uint8_t point[CURVE_SIZE], number[32], expected[CURVE_SIZE], other[CURVE_SIZE];
    crypto_core_ed25519_random(point);
    struct curve_point base = decoded(point);
    curve_table_make(&table, &base);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t limbs[4];
        crypto_core_ed25519_random(other);
        struct curve_point sum = decoded(other);
        number_for(round, number);
        limbs_of(number, limbs);
        curve_table_add(&table, limbs, &sum);
        expected_multiple(point, number, expected);
        crypto_core_ed25519_add(expected, expected, other);
        assert_bytes(&sum, expected);
        sum = curve_neutral;
        curve_table_add(&table, limbs, &sum);
        expected_multiple(point, number, expected);
        assert_bytes(&sum, expected);
    }
}

static void sums_and_differences_are_those_of_libsodium(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t a[CURVE_SIZE], b[CURVE_SIZE], expected[CURVE_SIZE];
        struct curve_point made;
        crypto_core_ed25519_random(a);
        crypto_core_ed25519_random(b);
        if (round == 0)
            memcpy(a, neutral, CURVE_SIZE);
        if (round == 1)
            memcpy(b, a, CURVE_SIZE);
        struct curve_point left = decoded(a), right = decoded(b);
        crypto_core_ed25519_add(expected, a, b);
        curve_add(&left, &right, &made);
        assert_bytes(&made, expected);
        crypto_core_ed25519_sub(expected, a, b);
        curve_subtract(&left, &right, &made);
        assert_bytes(&made, expected);
        assert_int_equal(curve_is_neutral(&made), round == 1);
        assert_int_equal(curve_equal(&left, &right), round == 1);
        curve_add(&made, &right, &made);
        assert_true(curve_equal(&made, &left)); /* one with a Z, one without */
    }
}

static void many_are_divided_as_one_is(void **state)
{
    (void)state;
    enum { MANY = 150 };
    struct curve_point points[MANY], *list[MANY];
    uint8_t expected[MANY][CURVE_SIZE];
    points[0] = curve_neutral;
    for (int i = 0; i < MANY; i++) {
        list[i] = &points[i];
        if (i > 0)
            curve_add(&points[i - 1], &curve_generator, &points[i]);
        curve_encode(&points[i], expected[i]);
    }
    curve_normalize(list, MANY);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(points[i].z.at[0], 1);
        assert_bytes(&points[i], expected[i]);
    }
}

/* The text of Belenios: the bytes' digits from the last to the first. */
static bool is_let_in(struct fixture *f, const uint8_t bytes[CURVE_SIZE])
{
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    char text[2 * CURVE_SIZE + 1];
    uint8_t reversed[CURVE_SIZE];
    struct element element, known;
    for (int i = 0; i < CURVE_SIZE; i++)
        reversed[i] = bytes[CURVE_SIZE - 1 - i];
    sodium_bin2hex(text, sizeof(text), reversed, CURVE_SIZE);
    struct text given = { text, 2 * CURVE_SIZE };
    bool is_in = group_decode(group, given, &element);
    if (is_in) {
        scoped(buffer_clear) struct buffer out = { 0 };
        group_encode(group, &element, &out);
        assert_true(text_equal(buffer_view(&out), given));
        assert_true(group_decode_known(group, given, &known) && element_equal(&known, &element));
    }
    return is_in;
}

static bool must_be_let_in(const uint8_t bytes[CURVE_SIZE])
{
    return memcmp(bytes, neutral, CURVE_SIZE) == 0 || crypto_core_ed25519_is_valid_point(bytes);
}

/* The eight points whose order divides eight: 0, T, 2T, … of a T of order eight. */
static void find_torsion(uint8_t ret[TORSION][CURVE_SIZE])
{
    for (;;) {
        uint8_t bytes[CURVE_SIZE];
        struct curve_point point, torsion, sum = curve_neutral;
        randombytes_buf(bytes, sizeof(bytes));
        if (!curve_decode(bytes, &point))
            continue;
        torsion = multiple(&point, order);
        int distinct = 0;
        do {
            curve_encode(&sum, ret[distinct++]);
            curve_add(&sum, &torsion, &sum);
        } while (!curve_is_neutral(&sum));
        assert_int_equal(TORSION % distinct, 0);
        if (distinct == TORSION)
            return;
    }
}

static void points_of_small_order_and_outside_are_not_let_in(void **state)
{
    struct fixture *f = *state;
    uint8_t torsion[TORSION][CURVE_SIZE];
    find_torsion(torsion);
    for (int i = 0; i < TORSION; i++) {
        assert_int_equal(is_let_in(f, torsion[i]), i == 0);
        for (int round = 0; round < 10; round++) {
            uint8_t moved[CURVE_SIZE];
            crypto_core_ed25519_random(moved);
            crypto_core_ed25519_add(moved, moved, torsion[i]);
            assert_int_equal(must_be_let_in(moved), i == 0);
            assert_int_equal(is_let_in(f, moved), i == 0);
        }
    }
}

/* What stands at the ends of 0 … 2^255, with and without the sign: p + 1 is the neutral element written otherwise, too.
 */
static void only_one_way_of_writing_is_let_in(void **state)
{
    struct fixture *f = *state;
    uint8_t bytes[CURVE_SIZE], sum[CURVE_SIZE];
    struct curve_point point;
    int on_curve = 0;
    for (int from = 0; from < 2; from++)
        for (int step = 0; step < 64; step++)
            for (int sign = 0; sign < 2; sign++) {
                memset(bytes, from ? 0xff : 0, CURVE_SIZE);
                bytes[0] = (uint8_t)(from ? 0xff - step : step);
                bytes[CURVE_SIZE - 1] = (uint8_t)(from ? 0x7f | sign << 7 : sign << 7);
                bool is_canonical = !(from && step < 19), is_decoded = curve_decode(bytes, &point);
                bool has_zero_x = sign && ((!from && step == 1) || (from && step == 19));
                bool is_on_curve = crypto_core_ed25519_add(sum, bytes, neutral) == 0;
                assert_int_equal(is_decoded, is_on_curve && is_canonical && !has_zero_x);
                assert_int_equal(is_let_in(f, bytes), must_be_let_in(bytes));
                if (is_decoded)
                    assert_bytes(&point, bytes);
                on_curve += is_decoded;
            }
    assert_true(on_curve > 80);
}

static void any_bytes_are_judged_as_libsodium_does(void **state)
{
    struct fixture *f = *state;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t bytes[CURVE_SIZE];
        randombytes_buf(bytes, sizeof(bytes));
        assert_int_equal(is_let_in(f, bytes), must_be_let_in(bytes));
    }
}

/* The digits add up to the number, and are odd, small and apart. */
static void digits_tell_the_number(void **state)
{
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t number[4];
        struct curve_digits digits;
        randombytes_buf(number, sizeof(number));
        if (round < 3)
            memset(number, round == 0 ? 0xff : 0, sizeof(number));
        if (round == 2)
            number[3] = UINT64_C(1) << 63;
        curve_digits_of(number, &digits);
        BIGNUM *sum = BN_new(), *digit = BN_new();
        int last = -5;
        for (int i = 0; i < CURVE_DIGITS; i++) {
            if (!digits.at[i])
                continue;
            assert_true(digits.at[i] % 2 != 0 && digits.at[i] >= -15 && digits.at[i] <= 15 && i - last >= 5 &&
                        i < digits.count);
            last = i;
            BN_set_word(digit, (unsigned)(digits.at[i] < 0 ? -digits.at[i] : digits.at[i]));
            BN_set_negative(digit, digits.at[i] < 0);
            BN_lshift(digit, digit, i);
            BN_add(sum, sum, digit);
        }
        uint8_t made[32] = { 0 };
        assert_true(!BN_is_negative(sum) && BN_num_bytes(sum) <= 32 && BN_bn2lebinpad(sum, made, 32) == 32);
        uint64_t limbs[4];
        limbs_of(made, limbs);
        assert_memory_equal(limbs, number, sizeof(number));
        BN_free(sum);
        BN_free(digit);
    }
}

/* --- numbers modulo q, of both groups --- */

static struct scalar scalar_from(const struct group *group, struct arena *arena, const BIGNUM *number)
{
    struct scalar scalar;
    char *text = BN_bn2dec(number);
    assert_true(scalar_decode(group, text_of(text), &scalar));
    assert_string_equal(scalar_encode(group, arena, &scalar), text);
    OPENSSL_free(text);
    return scalar;
}

static void assert_number(const struct scalar *scalar, const BIGNUM *expected)
{
    struct scalar bytes;
    assert_int_equal(BN_bn2binpad(expected, bytes.at, SCALAR_SIZE), SCALAR_SIZE);
    assert_true(scalar_equal(scalar, &bytes));
}

static void check_numbers(struct fixture *f, const char *name)
{
    struct group *group = group_open(f->ctx->arena, text_of(name));
    BN_CTX *work = BN_CTX_new();
    BIGNUM *q = BN_new(), *a = BN_new(), *b = BN_new(), *expected = BN_new();
    BN_lebin2bn((const unsigned char *)group->order, 32, q);
    for (int round = 0; round < ROUNDS; round++) {
        struct sha256 hash;
        BN_rand_range(a, q);
        BN_rand_range(b, q);
        if (round < 4)
            BN_set_word(a, (unsigned)round);
        if (round == 4)
            BN_sub(a, q, BN_value_one());
        if (round == 5)
            BN_copy(b, a);
        if (round >= 6 && round < 40) { /* products whose quotient has limbs of ones and zeros */
            BN_sub(a, q, BN_value_one());
            BN_rshift(b, q, 7 * (round - 6) + 1);
        }
        struct scalar left = scalar_from(group, f->ctx->arena, a), right = scalar_from(group, f->ctx->arena, b), made;
        made = scalar_add(group, &left, &right);
        BN_mod_add(expected, a, b, q, work);
        assert_number(&made, expected);
        made = scalar_subtract(group, &left, &right);
        BN_mod_sub(expected, a, b, q, work);
        assert_number(&made, expected);
        made = scalar_multiply(group, &left, &right);
        BN_mod_mul(expected, a, b, q, work);
        assert_number(&made, expected);
        if (round % 20 == 1) {
            made = scalar_invert(group, &left);
            assert_non_null(BN_mod_inverse(expected, a, q, work));
            assert_number(&made, expected);
        }
        randombytes_buf(hash.bytes, SHA256_SIZE);
        if (round < 2)
            memset(hash.bytes, round == 0 ? 0xff : 0, SHA256_SIZE);
        BN_bin2bn(hash.bytes, SHA256_SIZE, expected);
        BN_mod(expected, expected, q, work);
        made = scalar_of_hash(group, &hash);
        assert_number(&made, expected);
        char *text;
        BN_add(expected, q, a);
        text = BN_bn2dec(expected);
        assert_false(scalar_decode(group, text_of(text), &made)); /* not reduced */
        OPENSSL_free(text);
    }
    BN_free(expected);
    BN_free(b);
    BN_free(a);
    BN_free(q);
    BN_CTX_free(work);
}

static void numbers_of_the_curve_are_those_of_openssl(void **state)
{
    check_numbers(*state, "Ed25519");
}
static void numbers_of_the_field_are_those_of_openssl(void **state)
{
    check_numbers(*state, "BELENIOS-2048");
}

/* --- several powers at once, a table, and membership beside them, of both groups --- */

static void check_powers(struct fixture *f, const char *name)
{
    enum { COUNT = GROUP_MOST_POWERS + 3 };
    struct group *group = group_open(f->ctx->arena, text_of(name));
    struct scalar x[COUNT];
    struct element base, again, product, made[COUNT], along[COUNT], one;
    scoped(buffer_clear) struct buffer text = { 0 };
    for (int i = 0; i < COUNT; i++) {
        struct sha256 hash;
        randombytes_buf(hash.bytes, SHA256_SIZE);
        x[i] = i < 3 ? scalar_of_int(group, i) : scalar_of_hash(group, &hash);
    }
    x[3] = scalar_subtract(group, &x[0], &x[1]);
    group_power(group, &group->generator, &x[4], &base);
    group_encode(group, &base, &text);
    struct group_table table = group_table_new(group, f->ctx->arena, &base);
    group_powers(group, &base, x, COUNT, made);
    assert_true(group_decode_powers(group, buffer_view(&text), x, COUNT, &again, along));
    assert_true(element_equal(&again, &base));
    for (int i = 0; i < COUNT; i++) {
        group_power(group, &base, &x[i], &one);
        assert_true(element_equal(&one, &made[i]));
        assert_true(element_equal(&one, &along[i]));
        product = base;
        group_table_multiply(group, &table, &x[i], &product);
        group_multiply(group, &base, &one, &one);
        assert_true(element_equal(&one, &product));
        struct scalar both = scalar_multiply(group, &x[i], &x[4]);
        one = group->neutral;
        group_table_multiply(group, &group->generator_table, &both, &one);
        assert_true(element_equal(&one, &made[i]));
    }
    group_normalize(group, made, COUNT);
    assert_true(element_equal(&made[1], &base));
    struct scalar zero = scalar_of_int(group, 0);
    group_power(group, &base, &zero, &one);
    assert_true(element_equal(&one, &group->neutral));
}

static void the_curve_raises_to_several_at_once(void **state)
{
    check_powers(*state, "Ed25519");
}
static void the_field_raises_to_several_at_once(void **state)
{
    check_powers(*state, "BELENIOS-2048");
}

static int begin(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

#define curve_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        curve_test(multiples_are_those_of_libsodium),
        curve_test(a_table_gives_the_same),
        curve_test(sums_and_differences_are_those_of_libsodium),
        curve_test(many_are_divided_as_one_is),
        curve_test(points_of_small_order_and_outside_are_not_let_in),
        curve_test(only_one_way_of_writing_is_let_in),
        curve_test(any_bytes_are_judged_as_libsodium_does),
        curve_test(digits_tell_the_number),
        curve_test(numbers_of_the_curve_are_those_of_openssl),
        curve_test(numbers_of_the_field_are_those_of_openssl),
        curve_test(the_curve_raises_to_several_at_once),
        curve_test(the_field_raises_to_several_at_once),
    };
    if (sodium_init() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
