/* record/ledger_inside.h -- what writing (ledger.c) and reading (ledger_read.c) the log share.
 * Owns:          struct ledger
 * Must not know: anything beyond the two
 * Begin at:      ledger.c
 */
#ifndef RECORD_LEDGER_INSIDE_H
#define RECORD_LEDGER_INSIDE_H
#include "record/ledger.h"

enum { LOG_TILE_BYTES = TREE_TILE_WIDTH * SHA256_SIZE };

struct log;

struct ledger {
    const char *host;
    struct keys *keys;
    struct log *logs; /* of the writer's thread alone: one a realm, kept once used */
};

/* The signer of a realm; its name lives in ctx's arena. Wipe it. A log of SIZE 0 is given its key; ERR_BROKEN
 * "log.key_missing" when a longer one has none. */
fallible ledger_signer(struct ctx *ctx, const struct ledger *ledger, const char *realm, int64_t size,
                       struct note_signer *ret);
/* The same of a log that may have no key: *RET_FOUND. */
fallible ledger_signer_find(struct ctx *ctx, const struct ledger *ledger, const char *realm, struct note_signer *ret,
                            bool *ret_found);
#endif
