/* vote/group_field.c -- BELENIOS-2048: the subgroup of order q of the numbers modulo a prime p of 2048 bits, by OpenSSL.
 * VARIABLE TIME: PUBLIC VALUES ONLY (group.h). The proofs alone do not keep elements of small order out (p - 1 has order 2),
 * so what comes from outside is raised to q.
 *
 * Several powers of one base share its squarings: base, base^2, base^4, … go into buckets by the exponents' digits, as
 * curve.h tells. Digits are not negative here, for a division is dear.
 */
#include "vote/group_inside.h"

#include "base/arena.h"
#include "base/err.h"

enum { MOST_DIGITS = 617, WINDOW = 4, BUCKETS = 1 << (WINDOW - 1) };
enum { TABLE_WINDOW = 5, TABLE_ROWS = 52, TABLE_COLUMNS = (1 << TABLE_WINDOW) - 1 };

static const char modulus[] =
    "2069478569142254640101364365750500806492298929575110409710088478705737421924271740192223725449768433"
    "8129066633138078958404960054389636289796393038773905722803605973749427671376777618898589872735865049"
    "0811670993105358677809800307904916540637771737641986785272734744763418356000356983051931442845617019"
    "1100078673730733356412397173289791324047457883446826065232797464795113767265869358218004631792207366"
    "8860052627186363386088796882120769432366149491002923444346373222145884100586421050242120365433561201"
    "3204811188524087310770141516662001623131771693721892480785077118278423174980732765988288251691831031"
    "25680162072880719";
static const char order[] =
    "78571733251071885079927659812671450121821421258408794611510081919805623223441";
static const char generator[] =
    "2402352677501852209227687703532399932712287657378364916510075318787663274146353219320285676155269678"
    "7996946682987493890950838965734256019006010684771644917354741372831046104586813145117816467554005274"
    "0288984613986453266121505579709716201616827031288643245666383486363578210615491841998253431518974065"
    "8186868651151358576410138882215396016043228843603930989333662772848406593138406010231675095763777982"
    "6651036068224066350766977640253462537730851331734951942489677540525736590494924776314759915751987751"
    "7771148149092045660020547812705472823814097251863985833411570056835369555342378147558249189605029668"
    "0037745308460627";

static void end_work(BN_CTX **work)
{
    BN_CTX_end(*work);
    BN_CTX_free(*work);
}

/* Its numbers go at the brace. */
#define WITH_WORK(name)                                                                                                \
    scoped(end_work) BN_CTX *name = BN_CTX_new();                                                                      \
    group_must((name) != NULL);                                                                                        \
    BN_CTX_start(name)

static BIGNUM *number(BN_CTX *work)
{
    BIGNUM *made = BN_CTX_get(work);
    group_must(made != NULL);
    return made;
}

static BIGNUM *number_of(BN_CTX *work, const struct element *element)
{
    BIGNUM *made = number(work);
    group_must(BN_bin2bn(element->at, ELEMENT_SIZE, made) != NULL);
    return made;
}

static void keep(const BIGNUM *from, struct element *ret)
{
    group_must(BN_bn2binpad(from, ret->at, ELEMENT_SIZE) == ELEMENT_SIZE);
    ret->is_point = false;
}

static bool read(const struct group *group, struct text text, struct element *ret)
{
    char digits[MOST_DIGITS + 1] = "";
    if (text.size == 0 || text.size > MOST_DIGITS || text.at[0] == '0')
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    memcpy(digits, text.at, text.size);
    WITH_WORK(work);
    BIGNUM *made = number(work);
    group_must(BN_dec2bn(&made, digits) == (int)text.size);
    if (BN_cmp(made, group->inside->modulus) >= 0)
        return false;
    keep(made, ret);
    return true;
}

static void encode(const struct group *group, const struct element *element, struct buffer *out)
{
    (void)group;
    WITH_WORK(work);
    char *digits = BN_bn2dec(number_of(work, element));
    group_must(digits != NULL);
    buffer_string(out, digits);
    OPENSSL_free(digits);
}

static void multiply(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    WITH_WORK(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_mul(made, number_of(work, a), number_of(work, b), group->inside->modulus, work));
    keep(made, ret);
}

static void divide(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    struct element inverse;
    WITH_WORK(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_inverse(made, number_of(work, b), group->inside->modulus, work) != NULL);
    keep(made, &inverse);
    multiply(group, a, &inverse, ret);
}

/* --- powers; numbers below are in Montgomery's form --- */

struct raising {
    const struct group *group;
    BN_CTX *work;
};

static void times(const struct raising *raising, BIGNUM *into, const BIGNUM *a, const BIGNUM *b)
{
    group_must(BN_mod_mul_montgomery(into, a, b, raising->group->inside->reduction, raising->work));
}

/* Products by the odd digit that they are to be raised to: 1, 3, … 15. NULL while nothing is in them. */
struct buckets {
    BIGNUM *at[BUCKETS];
};

static void fill(const struct raising *raising, struct buckets *buckets, unsigned digit, const BIGNUM *power)
{
    BIGNUM **bucket = &buckets->at[digit / 2];
    if (*bucket) {
        times(raising, *bucket, *bucket, power);
        return;
    }
    *bucket = number(raising->work);
    group_must(BN_copy(*bucket, power) != NULL);
}

/* Π bucket_i^(2i + 1) = (Π bucket_i^i)² · Π bucket_i, by running products from the highest. */
static void empty(const struct raising *raising, const struct buckets *buckets, struct element *ret)
{
    const struct group_inside *inside = raising->group->inside;
    BN_CTX_start(raising->work);
    BIGNUM *running = number(raising->work), *product = number(raising->work);
    bool has_any = false;
    group_must(BN_to_montgomery(running, BN_value_one(), inside->reduction, raising->work));
    group_must(BN_copy(product, running) != NULL);
    for (int i = BUCKETS - 1; i >= 0; i--) {
        if (buckets->at[i])
            times(raising, running, running, buckets->at[i]);
        has_any = has_any || buckets->at[i];
        if (i > 0 && has_any)
            times(raising, product, product, running);
    }
    times(raising, product, product, product);
    times(raising, running, running, product);
    group_must(BN_from_montgomery(running, running, inside->reduction, raising->work));
    keep(running, ret);
    BN_CTX_end(raising->work);
}

/* An odd digit of WINDOW bits wherever a one stands that none before has covered. */
static void digits_of(const uint64_t limbs[SCALAR_LIMBS], uint8_t digits[256])
{
    memset(digits, 0, 256);
    for (int at = 0; at < 256;) {
        uint64_t bits = limbs[at / 64] >> (at % 64);
        if (at / 64 < SCALAR_LIMBS - 1 && at % 64 > 64 - WINDOW)
            bits |= limbs[at / 64 + 1] << (64 - at % 64);
        if (bits & 1)
            digits[at] = (uint8_t)(bits & ((1 << WINDOW) - 1));
        at += bits & 1 ? WINDOW : 1;
    }
}

static int digits_count(const uint8_t digits[256])
{
    int count = 256;
    while (count > 0 && !digits[count - 1])
        count--;
    return count;
}

static bool powers(const struct group *group, const struct element *base, const struct scalar *x, int count, bool is_unchecked,
                   struct element *ret)
{
    uint8_t digits[GROUP_MOST_POWERS + 1][256];
    struct buckets buckets[GROUP_MOST_POWERS + 1] = { 0 };
    uint64_t limbs[SCALAR_LIMBS];
    int most = 0, all = count + is_unchecked;
    WITH_WORK(work);
    struct raising raising = { group, work };
    for (int i = 0; i < all; i++) {
        if (i < count)
            scalar_limbs(&x[i], limbs);
        digits_of(i < count ? limbs : group->order, digits[i]);
        most = digits_count(digits[i]) > most ? digits_count(digits[i]) : most;
    }
    BIGNUM *power = number_of(work, base);
    group_must(BN_to_montgomery(power, power, group->inside->reduction, work));
    for (int at = 0; at < most; at++) {
        for (int i = 0; i < all; i++)
            if (digits[i][at])
                fill(&raising, &buckets[i], digits[i][at], power);
        if (at + 1 < most)
            times(&raising, power, power, power);
    }
    struct element raised;
    for (int i = all - 1; i >= 0; i--) {
        empty(&raising, &buckets[i], &raised);
        if (i == count && !element_equal(&raised, &group->neutral))
            return false;
        if (i < count)
            ret[i] = raised;
    }
    return true;
}

/* base^(digit · 2^(5·row)) for the digits 1 … 31. */
struct table {
    BIGNUM *at[TABLE_ROWS][TABLE_COLUMNS];
};

static void free_table(void *what)
{
    struct table *table = what;
    for (int row = 0; row < TABLE_ROWS; row++)
        for (int column = 0; column < TABLE_COLUMNS; column++)
            BN_free(table->at[row][column]);
}

static void *table_new(const struct group *group, struct arena *arena, const struct element *base)
{
    struct table *table = arena_new_of(arena, struct table);
    WITH_WORK(work);
    struct raising raising = { group, work };
    BIGNUM *power = number_of(work, base);
    group_must(BN_to_montgomery(power, power, group->inside->reduction, work));
    arena_at_end(arena, free_table, table);
    for (int row = 0; row < TABLE_ROWS; row++) {
        for (int column = 0; column < TABLE_COLUMNS; column++) {
            table->at[row][column] = BN_new();
            group_must(table->at[row][column] != NULL);
            if (column == 0)
                group_must(BN_copy(table->at[row][0], power) != NULL);
            else
                times(&raising, table->at[row][column], table->at[row][column - 1], power);
        }
        times(&raising, power, table->at[row][TABLE_COLUMNS - 1], power);
    }
    return table;
}

static void table_multiply(const struct group *group, const void *inside, const struct scalar *x, struct element *product)
{
    const struct table *table = inside;
    uint64_t limbs[SCALAR_LIMBS];
    WITH_WORK(work);
    struct raising raising = { group, work };
    BIGNUM *power = number_of(work, product);
    group_must(BN_to_montgomery(power, power, group->inside->reduction, work));
    scalar_limbs(x, limbs);
    for (int row = 0; row < TABLE_ROWS; row++) {
        int at = row * TABLE_WINDOW;
        uint64_t bits = limbs[at / 64] >> (at % 64);
        if (at / 64 < SCALAR_LIMBS - 1 && at % 64 > 64 - TABLE_WINDOW)
            bits |= limbs[at / 64 + 1] << (64 - at % 64);
        if (bits & TABLE_COLUMNS)
            times(&raising, power, power, table->at[row][(bits & TABLE_COLUMNS) - 1]);
    }
    group_must(BN_from_montgomery(power, power, group->inside->reduction, work));
    keep(power, product);
}

const struct group_verbs group_field_verbs = { read, encode, multiply, divide, powers, table_new, table_multiply, NULL };

static void close_field(void *what)
{
    struct group_inside *inside = what;
    BN_MONT_CTX_free(inside->reduction);
    BN_free(inside->modulus);
    BN_free(inside->order);
}

void group_field_open(struct group *group, struct arena *arena)
{
    struct group_inside *inside = group->inside = arena_new_of(arena, struct group_inside);
    struct scalar q;
    WITH_WORK(work);
    BIGNUM *base = number(work);
    arena_at_end(arena, close_field, inside);
    group_must(BN_dec2bn(&inside->order, order) == (int)sizeof(order) - 1);
    group_must(BN_dec2bn(&inside->modulus, modulus) == (int)sizeof(modulus) - 1);
    group_must(BN_dec2bn(&base, generator) == (int)sizeof(generator) - 1);
    group_must(BN_bn2binpad(inside->order, q.at, SCALAR_SIZE) == SCALAR_SIZE);
    scalar_limbs(&q, group->order);
    inside->reduction = BN_MONT_CTX_new();
    group_must(inside->reduction != NULL);
    group_must(BN_MONT_CTX_set(inside->reduction, inside->modulus, work));
    keep(BN_value_one(), &group->neutral);
    keep(base, &group->generator);
    group->generator_table = group_table_new(group, arena, &group->generator);
}
