/* vote/secret_inside.h -- what secret.c and its two back ends share. */
#ifndef VOTE_SECRET_INSIDE_H
#define VOTE_SECRET_INSIDE_H
#include "vote/secret.h"

struct secret_verbs {
    /* Bytes of an element's canonical text and back. */
    void (*read)(struct text text, struct point *ret);
    size_t (*encode)(const struct point *point, char ret[POINT_TEXT]);
    void (*power)(struct group *group, const struct point *base, const struct secret *x, struct point *ret);
    void (*power_generator)(struct group *group, const struct secret *x, struct point *ret);
    void (*multiply)(struct group *group, const struct point *a, const struct point *b, struct point *ret);
};

extern const struct secret_verbs secret_curve_verbs, secret_field_verbs;

/* 1 when A is zero, else 0; without a branch. */
static inline uint64_t is_zero_word(uint64_t a)
{
    return 1 ^ ((a | (0 - a)) >> 63);
}

/* All ones for 1, zero for 0; the compiler can't see that only two values come in, so it makes no branch of it. */
static inline uint64_t mask_of(uint64_t bit)
{
    __asm__("" : "+r"(bit));
    return 0 - bit;
}
#endif
