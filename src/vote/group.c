/* vote/group.c -- opening a group, and handing on to its back end. */
#include "vote/group_inside.h"

#include "base/arena.h"
#include "base/err.h"

void group_must(int done)
{
    if (done != 1)
        BUG("OpenSSL's numbers failed");
}

static const struct {
    const char *name;
    const struct group_verbs *verbs;
    void (*open)(struct group *group, struct arena *arena);
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
        known[i].open(group, arena);
        return group;
    }
    return NULL;
}

/* The powers, and with IS_UNCHECKED whether the base is a member. */
static bool raise(const struct group *group, const struct element *base, const struct scalar *x, int count,
                  bool is_unchecked, struct element *ret)
{
    bool is_member = true;
    do {
        int most = count < GROUP_MOST_POWERS ? count : GROUP_MOST_POWERS;
        is_member = is_member && group->verbs->powers(group, base, x, most, is_unchecked, ret);
        is_unchecked = false;
        count -= most;
        if (count > 0) {
            x += most;
            ret += most;
        }
    } while (is_member && count > 0);
    return is_member;
}

bool group_decode_powers(const struct group *group, struct text text, const struct scalar *x, int count,
                         struct element *ret, struct element *ret_powers)
{
    struct element read = { .is_point = false };
    if (!group->verbs->read(group, text, &read) || !raise(group, &read, x, count, true, ret_powers))
        return false;
    *ret = read;
    return true;
}

bool group_decode(const struct group *group, struct text text, struct element *ret)
{
    return group_decode_powers(group, text, NULL, 0, ret, NULL);
}

bool group_decode_known(const struct group *group, struct text text, struct element *ret)
{
    return group->verbs->read(group, text, ret);
}

void group_encode(const struct group *group, const struct element *element, struct buffer *out)
{
    group->verbs->encode(group, element, out);
}

void group_normalize(const struct group *group, struct element *elements, int count)
{
    if (group->verbs->normalize)
        group->verbs->normalize(elements, count);
}

void group_multiply(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    group->verbs->multiply(group, a, b, ret);
}

void group_divide(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    group->verbs->divide(group, a, b, ret);
}

void group_power(const struct group *group, const struct element *a, const struct scalar *x, struct element *ret)
{
    group->verbs->powers(group, a, x, 1, false, ret);
}

void group_powers(const struct group *group, const struct element *base, const struct scalar *x, int count,
                  struct element *ret)
{
    if (count > 0)
        raise(group, base, x, count, false, ret);
}

void group_power_both(const struct group *group, const struct element *a, const struct scalar *x,
                      const struct element *b, const struct scalar *y, struct element *ret)
{
    struct element left, right;
    group_power(group, b, y, &right);
    if (a == &group->generator) {
        group_table_multiply(group, &group->generator_table, x, &right);
        *ret = right;
        return;
    }
    group_power(group, a, x, &left);
    group_multiply(group, &left, &right, ret);
}

struct group_table group_table_new(const struct group *group, struct arena *arena, const struct element *base)
{
    return (struct group_table){ group->verbs->table_new(group, arena, base) };
}

void group_table_multiply(const struct group *group, const struct group_table *table, const struct scalar *x,
                          struct element *product)
{
    if (!scalar_is_zero(x))
        group->verbs->table_multiply(group, table->inside, x, product);
}

bool element_equal(const struct element *a, const struct element *b)
{
    if (a->is_point != b->is_point)
        BUG("elements of two groups");
    return a->is_point ? curve_equal(&a->point, &b->point) : memcmp(a->at, b->at, ELEMENT_SIZE) == 0;
}
