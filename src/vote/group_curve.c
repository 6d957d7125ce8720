/* vote/group_curve.c -- Ed25519 by curve.c. VARIABLE TIME: PUBLIC VALUES ONLY (group.h).
 * Belenios writes a point as the hexadecimal digits of RFC 8032's bytes in reversed order. Only members of the subgroup
 * of order q come in.
 */
#include "vote/group_inside.h"

#include "base/arena.h"

#include <pthread.h>

static const uint64_t order[SCALAR_LIMBS] = { 0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000000000000000 };

/* The generator is the same in all elections: its table is made once. */
static pthread_once_t made_once = PTHREAD_ONCE_INIT;
static struct curve_table generator_table;
static struct curve_digits order_digits;

static void make_once(void)
{
    curve_table_make(&generator_table, &curve_generator);
    curve_digits_of(order, &order_digits);
}

static int digit(char hex)
{
    if (hex >= '0' && hex <= '9')
        return hex - '0';
    return hex >= 'a' && hex <= 'f' ? hex - 'a' + 10 : -1;
}

static bool read(const struct group *group, struct text text, struct element *ret)
{
    uint8_t bytes[CURVE_SIZE];
    (void)group;
    if (text.size != 2 * CURVE_SIZE)
        return false;
    for (int i = 0; i < CURVE_SIZE; i++) {
        int high = digit(text.at[2 * i]), low = digit(text.at[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[CURVE_SIZE - 1 - i] = (uint8_t)(high << 4 | low);
    }
    ret->is_point = true;
    return curve_decode(bytes, &ret->point);
}

static void encode(const struct group *group, const struct element *element, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t bytes[CURVE_SIZE];
    char text[2 * CURVE_SIZE];
    (void)group;
    curve_encode(&element->point, bytes);
    for (int i = 0; i < CURVE_SIZE; i++) {
        text[2 * i] = digits[bytes[CURVE_SIZE - 1 - i] >> 4];
        text[2 * i + 1] = digits[bytes[CURVE_SIZE - 1 - i] & 15];
    }
    buffer_add(out, text, sizeof(text));
}

static void multiply(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    (void)group;
    curve_add(&a->point, &b->point, &ret->point);
    ret->is_point = true;
}

static void divide(const struct group *group, const struct element *a, const struct element *b, struct element *ret)
{
    (void)group;
    curve_subtract(&a->point, &b->point, &ret->point);
    ret->is_point = true;
}

static bool powers(const struct group *group, const struct element *base, const struct scalar *x, int count,
                   bool is_unchecked, struct element *ret)
{
    struct curve_digits digits[CURVE_MOST_POWERS] = { 0 };
    struct curve_point raised[CURVE_MOST_POWERS];
    uint64_t limbs[SCALAR_LIMBS];
    (void)group;
    for (int i = 0; i < count; i++) {
        scalar_limbs(&x[i], limbs);
        curve_digits_of(limbs, &digits[i]);
    }
    if (is_unchecked)
        digits[count] = order_digits;
    curve_powers(&base->point, digits, count + is_unchecked, raised);
    if (is_unchecked && !curve_is_neutral(&raised[count]))
        return false;
    for (int i = 0; i < count; i++) {
        ret[i].point = raised[i];
        ret[i].is_point = true;
    }
    return true;
}

static void *table_new(const struct group *group, struct arena *arena, const struct element *base)
{
    char *room = arena_alloc_raw(arena, sizeof(struct curve_table) + CURVE_LINE);
    struct curve_table *table = (void *)(room + CURVE_LINE - (uintptr_t)room % CURVE_LINE);
    (void)group;
    curve_table_make(table, &base->point);
    return table;
}

static void table_multiply(const struct group *group, const void *table, const struct scalar *x,
                           struct element *product)
{
    uint64_t limbs[SCALAR_LIMBS];
    (void)group;
    scalar_limbs(x, limbs);
    curve_table_add(table, limbs, &product->point);
}

static void normalize(struct element *elements, int count)
{
    enum { TOGETHER = 64 };
    struct curve_point *points[TOGETHER];
    for (int at = 0; at < count;) {
        int taken = 0;
        while (taken < TOGETHER && at < count)
            points[taken++] = &elements[at++].point;
        curve_normalize(points, (size_t)taken);
    }
}

const struct group_verbs group_curve_verbs = { read,   encode,    multiply,       divide,
                                               powers, table_new, table_multiply, normalize };

void group_curve_open(struct group *group, struct arena *arena)
{
    (void)arena;
    pthread_once(&made_once, make_once);
    memcpy(group->order, order, sizeof(order));
    group->neutral = (struct element){ .point = curve_neutral, .is_point = true };
    group->generator = (struct element){ .point = curve_generator, .is_point = true };
    group->generator_table = (struct group_table){ &generator_table };
}
