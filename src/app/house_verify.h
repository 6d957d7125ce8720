/* app/house_verify.h -- is everything still as it was recorded? The whole database against its own logs.
 * Owns:          the walk over realms, leaves, events and elections
 * Must not know: how a log is kept (record/ledger.h)
 * Begin at:      house_verify()
 */
#ifndef APP_HOUSE_VERIFY_H
#define APP_HOUSE_VERIFY_H
#include "app/house.h"

struct verified {
    int realms;
    int64_t leaves, events, erased, elections;
    int faults;
};

/* Per realm: root and tiles are computed again from every entry and compared with every signed checkpoint at its size, with
 * the stored tiles and with the row from which the log grows; every stored event must open the commitment in its leaf, its
 * row must say what its bytes say, every matter stand where its last event led, every look at a full number be what was sealed, every leaf belong to something, and each
 * election's archive hold and match its leaves. Each fault is told to
 * REPORT (may be NULL) in a sentence of ctx's language; only what can't be read at all is returned as failure. */
fallible house_verify(struct ctx *ctx, struct house *house, void (*report)(void *self, const char *sentence), void *self,
                      struct verified *ret);
#endif
