/* vote/group_field.c -- BELENIOS-2048: the subgroup of order q of the numbers modulo a prime p of 2048 bits, by OpenSSL.
 * The proofs alone do not keep elements of small order out (p - 1 has order 2), so decode() raises to q.
 */
#include "vote/group_inside.h"

enum { MOST_DIGITS = 617 };

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

/* The next number of the frame that its caller has begun. */
static BIGNUM *number(BN_CTX *work)
{
    BIGNUM *made = BN_CTX_get(work);
    group_must(made != NULL);
    return made;
}

static BIGNUM *number_of(BN_CTX *work, const uint8_t *bytes, int size)
{
    BIGNUM *made = number(work);
    group_must(BN_bin2bn(bytes, size, made) != NULL);
    return made;
}

static void keep(const BIGNUM *from, struct element *ret)
{
    group_must(BN_bn2binpad(from, ret->at, ELEMENT_SIZE) == ELEMENT_SIZE);
}

static bool is_member(struct group_inside *inside, const BIGNUM *element)
{
    BIGNUM *raised = number(inside->work);
    if (BN_is_zero(element) || BN_cmp(element, inside->modulus) >= 0)
        return false;
    group_must(BN_mod_exp_mont(raised, element, inside->order, inside->modulus, inside->work, inside->reduction));
    return BN_is_one(raised);
}

static bool decode(struct group *group, struct text text, struct element *ret)
{
    char digits[MOST_DIGITS + 1] = "";
    if (text.size == 0 || text.size > MOST_DIGITS || text.at[0] == '0')
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    memcpy(digits, text.at, text.size);
    BN_CTX_start(group->inside->work);
    BIGNUM *read = number(group->inside->work);
    group_must(BN_dec2bn(&read, digits) == (int)text.size);
    bool is_in = is_member(group->inside, read);
    if (is_in)
        keep(read, ret);
    BN_CTX_end(group->inside->work);
    return is_in;
}

static void encode(struct group *group, const struct element *element, struct buffer *out)
{
    BN_CTX_start(group->inside->work);
    char *digits = BN_bn2dec(number_of(group->inside->work, element->at, ELEMENT_SIZE));
    group_must(digits != NULL);
    buffer_string(out, digits);
    OPENSSL_free(digits);
    BN_CTX_end(group->inside->work);
}

static void multiply(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    BN_CTX *work = group->inside->work;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_mul(made, number_of(work, a->at, ELEMENT_SIZE), number_of(work, b->at, ELEMENT_SIZE),
                          group->inside->modulus, work));
    keep(made, ret);
    BN_CTX_end(work);
}

static void divide(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    BN_CTX *work = group->inside->work;
    struct element inverse;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_inverse(made, number_of(work, b->at, ELEMENT_SIZE), group->inside->modulus, work) != NULL);
    keep(made, &inverse);
    BN_CTX_end(work);
    multiply(group, a, &inverse, ret);
}

static void power(struct group *group, const struct element *a, const struct scalar *x, struct element *ret)
{
    BN_CTX *work = group->inside->work;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_exp_mont(made, number_of(work, a->at, ELEMENT_SIZE), number_of(work, x->at, SCALAR_SIZE),
                               group->inside->modulus, work, group->inside->reduction));
    keep(made, ret);
    BN_CTX_end(work);
}

static void power_both(struct group *group, const struct element *a, const struct scalar *x, const struct element *b,
                       const struct scalar *y, struct element *ret)
{
    BN_CTX *work = group->inside->work;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_exp2_mont(made, number_of(work, a->at, ELEMENT_SIZE), number_of(work, x->at, SCALAR_SIZE),
                                number_of(work, b->at, ELEMENT_SIZE), number_of(work, y->at, SCALAR_SIZE),
                                group->inside->modulus, work, group->inside->reduction));
    keep(made, ret);
    BN_CTX_end(work);
}

const struct group_verbs group_field_verbs = { decode, encode, multiply, divide, power, power_both };

void group_field_open(struct group *group)
{
    struct group_inside *inside = group->inside;
    BIGNUM *base = NULL;
    group_must(BN_dec2bn(&inside->order, order) == (int)sizeof(order) - 1);
    group_must(BN_dec2bn(&inside->modulus, modulus) == (int)sizeof(modulus) - 1);
    group_must(BN_dec2bn(&base, generator) == (int)sizeof(generator) - 1);
    inside->reduction = BN_MONT_CTX_new();
    group_must(inside->reduction != NULL);
    group_must(BN_MONT_CTX_set(inside->reduction, inside->modulus, inside->work));
    group->neutral.at[ELEMENT_SIZE - 1] = 1;
    keep(base, &group->generator);
    BN_free(base);
}
