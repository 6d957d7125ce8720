/* vote/signed.h -- what the trustees of a threshold set sign: certificates, commitments, and both together.
 * Owns:          struct certificate, reading and checking signed messages {"message":…,"signature":…}
 * Must not know: who must have signed when (ceremony.h, trustees.h), any secret
 * Begin at:      certificate_read(), signed_check()
 */
#ifndef VOTE_SIGNED_H
#define VOTE_SIGNED_H
#include "vote/proof.h"

struct certificate {
    struct text message;
    const struct node *signature;
    struct element verification, encryption; /* whom to believe, and for whom to seal */
    bool has_context;                        /* the layouts B and C name what the certificate is for */
    struct text group;
    int64_t size, needed, index;
};

/* Any of the three layouts, without checking the signature. */
bool certificate_read(struct ctx *ctx, struct group *group, const struct node *node, struct certificate *ret);
/* Its own key has signed it. */
bool certificate_check(struct group *group, const struct certificate *certificate);

/* The message of a certificate in the newest layout, in its one form. */
void certificate_message(struct group *group, const struct certificate *certificate, struct buffer *out);

/* The commitments to a polynomial {"coefexps":[…]} in a signed message: COUNT of them, or false. No signature. */
bool commitments_read(struct ctx *ctx, struct group *group, const struct node *envelope, int count,
                      struct element *ret);

/* SIGNATURE is that of KEY's owner under MESSAGE. */
bool signature_check(struct group *group, const struct node *signature, struct text message, const struct element *key);
/* A whole signed message of KEY's owner. */
bool signed_check(struct group *group, const struct node *envelope, const struct element *key);
/* It has the form of one; RET is its message. */
bool signed_read(const struct node *envelope, struct text *ret);

/* All certificates as they are signed once more: compact, with commas between. */
void certificates_write(const struct certificate *certificates, int count, struct buffer *out);
/* What a trustee signs in B and C: all CERTIFICATES (as written above) and the own commitments, a JSON list; or those
 * in ENVELOPE. */
void joint_message(struct text certificates, struct text commitments, struct buffer *out);
bool joint_message_of(struct ctx *ctx, struct text certificates, const struct node *envelope, struct buffer *out);

/* A public key with its proof of possession, without which the last trustee could choose a key that cancels the
 * others': its form, then its proof. */
bool trustee_key_read(struct group *group, const struct node *node, struct element *ret);
bool trustee_key_check(struct group *group, const struct node *node, const struct element *key);

/* Trustee INDEX's public key: the product over k of COMMITTED[k] ^ (INDEX^k). */
struct element key_at(struct group *group, const struct element *committed, int count, int index);
#endif
