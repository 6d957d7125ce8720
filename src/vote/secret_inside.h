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

/* From here on these bytes are told. tests/outside/test_constant_time.sh follows secrets through the program and must
 * know. */
#ifdef FOLLOW_SECRETS
void now_public(const void *at, size_t size);
#else
static inline void now_public(const void *at, size_t size)
{
    (void)at;
    (void)size;
}
#endif

/* Highest byte first. */
static inline void secret_bytes(const struct secret *secret, uint8_t ret[SCALAR_SIZE])
{
    for (int i = 0; i < SCALAR_SIZE; i++)
        ret[SCALAR_SIZE - 1 - i] = (uint8_t)(secret->at[i / 8] >> (8 * (i % 8)));
}

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
