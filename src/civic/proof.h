/* civic/proof.h -- proof files, and the receipts that people take home.
 * Owns:          the .tlog-proof format, what a receipt carries in its "extra" line, the commitment in a leaf
 * Must not know: which fields of an event are public (record decides), where files come from
 * Basis:         C2SP tlog-proof
 * Begin at:      leaf_commitment(), receipt_make(), receipt_verify()
 *
 *     c2sp.org/tlog-proof@v1
 *     extra eyJieXRlcyI6…          base64 of canonical JSON {"bytes": event, "leaf": entry, "salt": 64 hex digits}
 *     index 417
 *     rzFuy5Go7nrpkhBwKy1H…        the inclusion proof, leaf side first
 *                                  <- an empty line
 *     gongzhi.example/log/5001…    the signed checkpoint as it is
 *
 * A leaf entry is canonical JSON of public fields with one member "commitment": hex(HMAC-SHA-256(salt, event bytes)).
 * Who holds salt and bytes can show that the log committed to them; who holds only the log can't guess them.
 * One changed byte anywhere in a receipt is found: what the signature does not cover has only one way to be written.
 */
#ifndef CIVIC_PROOF_H
#define CIVIC_PROOF_H
#include "base/encode.h"
#include "base/err.h"
#include "base/text.h"
#include "civic/note.h"
#include "civic/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct ctx;

enum {
    PROOF_HASHES = 63,
    PROOF_MOST_BYTES = 1 << 20,
    RECEIPT_SALT_SIZE = 32,
    RECEIPT_KEYS = 16, /* keys that one verification takes at most */
};

struct proof {
    bool has_extra;
    struct text extra; /* decoded */
    uint64_t index;
    size_t count;
    const struct sha256 *hashes;
    struct text checkpoint; /* the signed note as it is */
};

/* ERR_INPUT proof.malformed {line}. Everything taken prints back byte for byte. */
fallible proof_parse(struct ctx *ctx, struct text text, struct proof *ret);
struct text proof_print(struct arena *arena, const struct proof *proof);

/* HMAC-SHA-256(salt, bytes) as 64 lower-case hex digits: the "commitment" of a leaf entry. */
const char *leaf_commitment(struct arena *arena, const uint8_t salt[static RECEIPT_SALT_SIZE], struct text bytes);

/* The receipt file. LEAF is the exact entry in the log, BYTES the exact stored event (UTF-8 text), CHECKPOINT a signed
 * checkpoint and PROOF the inclusion proof of INDEX at its size. */
struct text receipt_make(struct arena *arena, struct text leaf, const uint8_t salt[static RECEIPT_SALT_SIZE],
                         struct text bytes, uint64_t index, const struct tree_proof *proof, struct text checkpoint);

struct receipt {
    struct checkpoint checkpoint;
    uint64_t index;
    struct text leaf;
    struct text bytes; /* the event, exactly as it is stored */
    uint8_t salt[RECEIPT_SALT_SIZE];
    uint64_t witnesses; /* how many of the other keys have also signed */
};

/* Checks a receipt completely, offline. VKEYS: the log's verifier key, and after it, one a line, those of witnesses
 * whose lines the receipt may carry; a line of a key that is not given can't be checked, so it is refused.
 * EXPECTED_ORIGIN: the log's name, or NULL to take the key's name. Fails with ERR_INPUT and one of
 *     receipt.malformed {line}          not a receipt, or not written in the one way
 *     receipt.bad_vkey                  the key given is none
 *     receipt.wrong_key                 the log's key did not sign this checkpoint
 *     receipt.bad_signature {name}      it did not sign this text
 *     receipt.unknown_signature {name}  a line that no given key can check
 *     receipt.other_log {found} {expected}
 *     receipt.not_in_log                leaf, index and proof do not lead to the signed root
 *     receipt.changed_text              the leaf commits to other bytes */
fallible receipt_verify(struct ctx *ctx, struct text receipt, struct text vkeys, const char *expected_origin,
                        struct receipt *ret);
#endif
