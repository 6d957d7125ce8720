/* vote/group.c -- opening a group, and the numbers modulo its order (OpenSSL's; see the rule in group.h: public values). */
#include "vote/group_inside.h"

#include "base/arena.h"
#include "base/err.h"

enum { MOST_DIGITS = 78 };

void group_must(int done)
{
    if (done != 1)
        BUG("OpenSSL's numbers failed");
}

static void close_group(void *what)
{
    struct group_inside *inside = what;
    BN_MONT_CTX_free(inside->reduction);
    BN_free(inside->modulus);
    BN_free(inside->order);
    BN_CTX_free(inside->work);
}

static const struct {
    const char *name;
    const struct group_verbs *verbs;
    void (*open)(struct group *group);
} known[] = {
    { "Ed25519", &group_curve_verbs, group_curve_open },
    { "BELENIOS-2048", &group_field_verbs, group_field_open },
};

struct group *group_open(struct arena *arena, struct text name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (!text_is(name, known[i].name))
            continue;
        struct group *group = arena_new_of(arena, struct group);
        group->name = known[i].name;
        group->verbs = known[i].verbs;
        group->inside = arena_new_of(arena, struct group_inside);
        group->inside->work = BN_CTX_new();
        group_must(group->inside->work != NULL);
        arena_at_end(arena, close_group, group->inside);
        known[i].open(group);
        return group;
    }
    return NULL;
}

bool group_decode(struct group *group, struct text text, struct element *ret)
{
    return group->verbs->decode(group, text, ret);
}

void group_encode(struct group *group, const struct element *element, struct buffer *out)
{
    group->verbs->encode(group, element, out);
}

void group_multiply(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    group->verbs->multiply(group, a, b, ret);
}

void group_divide(struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    group->verbs->divide(group, a, b, ret);
}

void group_power(struct group *group, const struct element *a, const struct scalar *x, struct element *ret)
{
    group->verbs->power(group, a, x, ret);
}

void group_power_both(struct group *group, const struct element *a, const struct scalar *x, const struct element *b,
                      const struct scalar *y, struct element *ret)
{
    group->verbs->power_both(group, a, x, b, y, ret);
}

bool element_equal(const struct element *a, const struct element *b)
{
    return memcmp(a->at, b->at, ELEMENT_SIZE) == 0;
}

/* The next number of the frame that its caller has begun. */
static BIGNUM *number(BN_CTX *work)
{
    BIGNUM *made = BN_CTX_get(work);
    group_must(made != NULL);
    return made;
}

static BIGNUM *number_of(BN_CTX *work, const struct scalar *scalar)
{
    BIGNUM *made = number(work);
    group_must(BN_bin2bn(scalar->at, SCALAR_SIZE, made) != NULL);
    return made;
}

static struct scalar scalar_of(const BIGNUM *from)
{
    struct scalar scalar;
    group_must(BN_bn2binpad(from, scalar.at, SCALAR_SIZE) == SCALAR_SIZE);
    return scalar;
}

bool scalar_decode(struct group *group, struct text text, struct scalar *ret)
{
    char digits[MOST_DIGITS + 1] = "";
    if (text.size == 0 || text.size > MOST_DIGITS || (text.size > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    memcpy(digits, text.at, text.size);
    BN_CTX_start(group->inside->work);
    BIGNUM *read = number(group->inside->work);
    group_must(BN_dec2bn(&read, digits) == (int)text.size);
    bool is_reduced = BN_cmp(read, group->inside->order) < 0;
    if (is_reduced)
        *ret = scalar_of(read);
    BN_CTX_end(group->inside->work);
    return is_reduced;
}

const char *scalar_encode(struct group *group, struct arena *arena, const struct scalar *scalar)
{
    BN_CTX_start(group->inside->work);
    char *digits = BN_bn2dec(number_of(group->inside->work, scalar));
    group_must(digits != NULL);
    const char *kept = arena_string(arena, digits);
    OPENSSL_free(digits);
    BN_CTX_end(group->inside->work);
    return kept;
}

struct scalar scalar_of_int(struct group *group, int64_t from)
{
    (void)group; /* every group's order has more than 63 bits */
    struct scalar scalar = { { 0 } };
    for (int i = 0; i < 8; i++)
        scalar.at[SCALAR_SIZE - 1 - i] = (uint8_t)((uint64_t)from >> (8 * i));
    return scalar;
}

struct scalar scalar_of_hash(struct group *group, const struct sha256 *hash)
{
    struct scalar wide;
    memcpy(wide.at, hash->bytes, SCALAR_SIZE);
    BN_CTX_start(group->inside->work);
    BIGNUM *made = number(group->inside->work);
    group_must(BN_mod(made, number_of(group->inside->work, &wide), group->inside->order, group->inside->work));
    wide = scalar_of(made);
    BN_CTX_end(group->inside->work);
    return wide;
}

typedef int modular(BIGNUM *ret, const BIGNUM *a, const BIGNUM *b, const BIGNUM *order, BN_CTX *work);

static struct scalar compute(struct group *group, modular *verb, const struct scalar *a, const struct scalar *b)
{
    BN_CTX *work = group->inside->work;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(verb(made, number_of(work, a), number_of(work, b), group->inside->order, work));
    struct scalar scalar = scalar_of(made);
    BN_CTX_end(work);
    return scalar;
}

struct scalar scalar_add(struct group *group, const struct scalar *a, const struct scalar *b)
{
    return compute(group, BN_mod_add, a, b);
}

struct scalar scalar_subtract(struct group *group, const struct scalar *a, const struct scalar *b)
{
    return compute(group, BN_mod_sub, a, b);
}

struct scalar scalar_multiply(struct group *group, const struct scalar *a, const struct scalar *b)
{
    return compute(group, BN_mod_mul, a, b);
}

struct scalar scalar_invert(struct group *group, const struct scalar *a)
{
    BN_CTX *work = group->inside->work;
    BN_CTX_start(work);
    BIGNUM *made = number(work);
    group_must(BN_mod_inverse(made, number_of(work, a), group->inside->order, work) != NULL);
    struct scalar scalar = scalar_of(made);
    BN_CTX_end(work);
    return scalar;
}

bool scalar_equal(const struct scalar *a, const struct scalar *b)
{
    return memcmp(a->at, b->at, SCALAR_SIZE) == 0;
}

bool scalar_is_zero(const struct scalar *a)
{
    static const struct scalar zero;
    return scalar_equal(a, &zero);
}
