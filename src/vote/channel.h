/* vote/channel.h -- how a trustee writes to another through hands that must not read it: signed, then sealed.
 * Owns:          sealing and opening (AES-256-GCM; AES-256-CCM is opened too), binding sender and recipient
 * Must not know: what is written
 * Begin at:      channel_send(), channel_receive()
 */
#ifndef VOTE_CHANNEL_H
#define VOTE_CHANNEL_H
#include "vote/secret.h"

struct ctx;

/* What a trustee's seed becomes: one key for signing, one for receiving, and what others know of them. */
struct channel_keys {
    struct secret signing, opening;
    struct element verification, encryption;
};

void channel_keys_wipe(struct channel_keys *keys);

/* The JSON text of a sealed message {"algorithm":"AES-GCM",…} for RECIPIENT. */
void channel_send(struct group *group, const struct channel_keys *sender, const struct element *recipient,
                  struct text text, struct buffer *out);

/* Sealing alone: TEXT for RECIPIENT, from anybody. */
void channel_seal(struct group *group, const struct element *recipient, struct text text, struct buffer *out);

enum channel_fault {
    CHANNEL_GOOD,
    CHANNEL_FORM,      /* no sealed message */
    CHANNEL_SEALED,    /* for another key, or changed on its way */
    CHANNEL_SIGNATURE, /* not what SENDER signs */
    CHANNEL_RECIPIENT, /* signed by SENDER, but for somebody else */
    CHANNEL_FAULT_COUNT,
};

/* RET is what SENDER wrote to us; it lies in ctx's arena, which should be one that keeps secrets. */
enum channel_fault channel_receive(struct ctx *ctx, struct group *group, const struct channel_keys *recipient,
                                   const struct element *sender, struct text sealed, struct text *ret);
#endif
