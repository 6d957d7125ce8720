/* app/demo_devices.h -- what trustees, authority and voters do on their own devices, for the demo's ballots and for stories.
 * Owns:          nothing: each call makes one message as a browser would
 * Must not know: HTTP (which has its own struct answer), the database
 * Begin at:      device_seed(), device_code()
 *
 * The server never calls these for anybody: a seed and a code belong to whoever made them.
 */
#ifndef APP_DEMO_DEVICES_H
#define APP_DEMO_DEVICES_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

enum { DEVICE_TRUSTEES_MOST = 9 };

struct device_ceremony {
    const char *group;
    int index, size, needed, step;
    struct text certificates[DEVICE_TRUSTEES_MOST], input; /* in order, as far as they are there */
    int count;
};

const char *device_seed(struct ctx *ctx);
const char *device_code(struct ctx *ctx);
/* The trustee's message of a step: 1, 3 or 5. */
fallible device_key_message(struct ctx *ctx, const struct device_ceremony *ceremony, const char *seed, struct text *ret);
/* The codes' public halves as a sorted JSON list. */
fallible device_public_codes(struct ctx *ctx, const char *group, const char *uuid, const char *const *codes, int count,
                             struct text *ret);
/* A sealed ballot; CHOICES as belenios-tool writes them, "[[1,0,0]]". */
fallible device_ballot(struct ctx *ctx, struct text election, const char *code, const char *choices, struct text *ret);
/* A trustee's part of the result. */
fallible device_part(struct ctx *ctx, struct text election, struct text private_key, struct text tally, const char *seed,
                     struct text *ret);
#endif
