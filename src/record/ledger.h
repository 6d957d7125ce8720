/* record/ledger.h -- the log of a realm: every event a leaf of one Merkle tree, one signed checkpoint per commit.
 * Owns:          tables log_head, log_leaf, log_tile, log_checkpoint, serial (ledger.schema.sql); the writer's seal
 * Must not know: what an event says; HTTP (commons serves /log/{realm}/…)
 * Basis:         C2SP tlog-tiles, tlog-checkpoint (civic/tree.h, tiles.h, note.h); design 2.3
 * Begin at:      ledger_open(), ledger_seal() for the writer; ledger_checkpoint(), ledger_tile() for the pages
 *
 * What is kept, and why so little:
 *   log_leaf        One row a leaf: the entry, in clear. Level 0 of a tile that isn't full yet is these rows hashed again.
 *   log_tile        A row of 256 hashes (8,192 bytes) once a tile of level 0 is full; of the higher levels the last tile grows
 *                   with every 256th leaf. Serving a full tile is one read.
 *   log_head        One row a realm: the front of the tree, its size, the last recorded time. Memory knows what our own last
 *                   commit wrote there and goes on from it; the row is written only if it still says the same, so several
 *                   processes may write: whoever was overtaken reads it (on PostgreSQL locks it) and begins again.
 *   log_checkpoint  Every checkpoint that was signed.
 *
 * An entry is canonical JSON: the public fields of an event and "commitment", hex(HMAC-SHA-256(salt, event bytes)). Of an
 * accusation, and of a move that isn't public, there is the commitment alone.
 */
#ifndef RECORD_LEDGER_H
#define RECORD_LEDGER_H
#include "civic/note.h"
#include "civic/tree.h"
#include "store/writer.h"

struct ledger;
struct keys;

struct ledger_settings {
    const char *host;  /* the origin is HOST/log/REALM */
    struct keys *keys; /* record/keys.h: the seed of each realm */
};

fallible ledger_open(struct ctx *ctx, const struct ledger_settings *settings, struct ledger **ret);
void ledger_close(struct ledger *ledger); /* after the writer has stopped; NULL is fine */

/* For writer_start(). One writer uses it at a time. */
struct seal ledger_seal(struct ledger *ledger);

/* HOST/log/REALM, and the text of the key that checks its signatures. */
const char *ledger_origin(struct ctx *ctx, const struct ledger *ledger, const char *realm);
/* ERR_MISSING "log.missing" when the log has no key: the first leaf makes it, asking never does. */
fallible ledger_verifier_key(struct ctx *ctx, struct ledger *ledger, const char *realm, const char **ret);

/* Whether every log that has leaves has its key, and it is the one that signed. Asked before anything is appended, from
 * ctx->snapshot. ERR_BROKEN "log.key_missing" {realm, leaves}, "log.key_other" {realm}. */
fallible ledger_check_keys(struct ctx *ctx, const struct ledger *ledger);

/* --- reading, from ctx->snapshot --- */

struct ledger_point {
    int64_t size;
    struct sha256 root;
    struct text note;  /* the checkpoint as signed */
    int64_t signed_at; /* its moment */
};

/* The latest. ERR_MISSING "log.missing" when the realm has no leaf yet. */
fallible ledger_checkpoint(struct ctx *ctx, const char *realm, struct ledger_point *ret);

/* The bytes of a tile of hashes or of a bundle of entries, cut to the width asked for. ERR_MISSING "log.tile" when the
 * log has no such tile (yet). */
struct tile;
fallible ledger_tile(struct ctx *ctx, const char *realm, const struct tile *tile, struct text *ret);

/* The entries FROM … FROM + COUNT - 1, fewer at the end of the log. */
fallible ledger_entries(struct ctx *ctx, const char *realm, int64_t from, int64_t count, struct text **ret,
                        int *ret_count);

/* Proofs at any size up to the latest checkpoint's. ERR_MISSING "log.missing" beyond. */
fallible ledger_prove(struct ctx *ctx, const char *realm, int64_t position, int64_t size, struct tree_proof *ret);
fallible ledger_prove_consistency(struct ctx *ctx, const char *realm, int64_t old_size, int64_t new_size,
                                  struct tree_proof *ret);
#endif
