/* vote/sealed.h -- the form of a message sealed for one trustee: {"algorithm":"AES-GCM","alpha":…,"beta":…,"data":…}.
 * Owns:          struct sealed, reading it: the newest form, and the one without an algorithm, which is AES-CCM
 * Must not know: how it is opened (channel.h)
 * Begin at:      sealed_read()
 */
#ifndef VOTE_SEALED_H
#define VOTE_SEALED_H
#include "vote/proof.h"

enum { GCM_TAG_SIZE = 16, CCM_TAG_SIZE = 8 };

struct sealed {
    bool is_ccm; /* written up to belenios-tool 3.0 */
    struct element alpha, beta;
    struct text data; /* bytes: ciphertext, then the tag */
};

/* The JSON text of one. False: it is none. */
bool sealed_read(struct ctx *ctx, struct group *group, struct text text, struct sealed *ret);
#endif
