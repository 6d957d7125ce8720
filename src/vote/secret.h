/* vote/secret.h -- numbers and elements that nobody may learn: arithmetic whose time and addresses don't depend on
 * them. Owns:          struct secret (a number modulo q), struct point (a member of the group), drawing one by chance,
 * wiping them; its back ends secret_curve.c (libsodium) and secret_field.c (OpenSSL) Must not know: what a secret is
 * for, files, error messages (a secret never stands in one) Begin at:      secret_draw(), point_power(); zk_prove() in
 * prove.h
 *
 * Whoever holds one wipes it: `scoped(secret_wipe) struct secret key;`. Chance comes from libsodium's randombytes
 * alone. What becomes public (a challenge, an encryption) is handed out as struct scalar or struct element.
 */
#ifndef VOTE_SECRET_H
#define VOTE_SECRET_H
#include "vote/group.h"

enum { SECRET_LIMBS = 4, SECRET_TEXT = 80, SECRET_WIDE = 64, POINT_TEXT = 620 };

/* Below q, the lowest limb first. */
struct secret {
    uint64_t at[SECRET_LIMBS];
};

/* Ed25519: the 32 bytes of RFC 8032, then zeros; BELENIOS-2048: the number, the highest byte first. */
struct point {
    uint8_t at[ELEMENT_SIZE];
};

void secret_wipe(struct secret *secret);
void point_wipe(struct point *point);

struct secret secret_draw(struct group *group);  /* 1 … q - 1, each as likely as any other */
struct secret secret_of_number(uint64_t number); /* below every q */
struct secret secret_of_scalar(const struct scalar *scalar);
struct secret secret_of_hash(struct group *group, const struct sha256 *hash);
/* 64 bytes, the highest first, modulo q. */
struct secret secret_of_wide(struct group *group, const uint8_t wide[SECRET_WIDE]);
/* Decimal without sign or leading zeros, below q; time depends on its length alone. */
bool secret_decode(struct group *group, struct text text, struct secret *ret);
size_t secret_encode(const struct secret *secret,
                     char ret[SECRET_TEXT]); /* its size; ends with NUL; the caller wipes it */
struct scalar secret_publish(const struct secret *secret);

struct secret secret_add(struct group *group, const struct secret *a, const struct secret *b);
struct secret secret_subtract(struct group *group, const struct secret *a, const struct secret *b);
struct secret secret_multiply(struct group *group, const struct secret *a, const struct secret *b);
bool secret_is_zero(const struct secret *a);
/* a == b, as 1 or 0. */
uint64_t secret_equal(const struct secret *a, const struct secret *b);
/* *INTO becomes *FROM when IS_TRUE is 1 and stays when it is 0. */
void secret_take_if(struct secret *into, const struct secret *from, uint64_t is_true);
void point_take_if(struct point *into, const struct point *from, uint64_t is_true);

struct point point_of(struct group *group, const struct element *element);
struct element point_publish(struct group *group, const struct point *point);
/* As elections write it; ends with NUL. point_tell() is for what everybody may know. */
struct text point_tell(struct group *group, const struct point *point, char ret[POINT_TEXT]);
struct text point_encode(struct group *group, const struct point *point, char ret[POINT_TEXT]);
void point_power(struct group *group, const struct point *base, const struct secret *x, struct point *ret);
void point_power_generator(struct group *group, const struct secret *x, struct point *ret);
void point_multiply(struct group *group, const struct point *a, const struct point *b, struct point *ret);
#endif
