/* record/receipt.h -- the proof that people take home: that these words were recorded, at this place of the log.
 * Owns:          putting a receipt together from an event, its leaf and the log
 * Must not know: the format (civic/proof.h), how it is shown
 * Begin at:      receipt_of_event()
 */
#ifndef RECORD_RECEIPT_H
#define RECORD_RECEIPT_H
#include "record/matter.h"

struct receipt_held {
    struct text file;         /* the .tlog-proof */
    const char *file_name;    /* 500116106200-QZ-2026-00042-1.tlog-proof */
    struct text bytes;        /* the stored event that it opens */
    int64_t position, size;   /* of the leaf, of the tree of its checkpoint */
    const char *root;         /* base64 */
    const char *origin, *key; /* of the log; the verifier key text */
};

/* At the latest checkpoint. ERR_MISSING "receipt.erased" when the event's bytes or salt are gone. The caller has asked
 * matter_sight(): a receipt tells the whole event. */
fallible receipt_of_event(struct ctx *ctx, const struct matter *matter, const struct matter_event *event,
                          struct receipt_held *ret);
#endif
