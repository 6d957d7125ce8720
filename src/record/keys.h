/* record/keys.h -- the secrets of the house, in a folder of their own, and what is done with them.
 * Owns:          `--keys DIR` (0700): field-N.key, index.key, log-REALM.seed, each 0600 and 32 bytes
 * Must not know: whose data is sealed, what a log is
 * Begin at:      keys_open(), keys_seal(), keys_index(), keys_log_seed()
 *
 * Sealing is XChaCha20-Poly1305 under the newest field key: base64 of version (4 bytes, big end first) ‖ nonce (24) ‖
 * ciphertext and tag. The context ("REALM/ID/identity") is authenticated, so that a sealed value moved to another row
 * doesn't open. An index is HMAC-SHA-256(index key, FIELD ‖ 0 ‖ value) in hex: equal values of one field can be found
 * without being read. The index key never changes; field keys grow by version and old ones stay to read with.
 * Keys are never printed, logged or put into an error. They live in memory that is not swapped. Threads may use one
 * struct keys together.
 */
#ifndef RECORD_KEYS_H
#define RECORD_KEYS_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct keys;

enum { KEY_SIZE = 32 };

/* CREATE: makes the folder, the first field key and the index key where they aren't yet. Otherwise what is missing is
 * ERR_BROKEN. Refused (ERR_BROKEN): a folder or key that others may read, a key of a wrong size, a folder that belongs
 * to someone else, a symbolic link in place of a key. */
fallible keys_open(struct ctx *ctx, const char *folder, bool create, struct keys **ret);
void keys_close(struct keys *keys); /* NULL is fine; wipes */

/* Makes field key N+1, with which all sealing is done from now on. person_reseal() moves old rows to it. */
fallible keys_add_version(struct ctx *ctx, struct keys *keys);
/* Takes up field keys that another process has added: from then on sealing is done with the newest. keys_unseal() does so
 * by itself when it meets a newer version. */
fallible keys_refresh(struct ctx *ctx, struct keys *keys);
uint32_t keys_version(struct keys *keys); /* of sealing now, from 1 */

/* CONTEXT names the place of the value. *RET is base64 in ctx's arena. Nonces come from the system, never from ctx. */
const char *keys_seal(struct ctx *ctx, struct keys *keys, const char *context, struct text plain);
/* ERR_BROKEN when it was damaged, moved, or its key version is not here. */
fallible keys_unseal(struct ctx *ctx, struct keys *keys, const char *context, struct text sealed, struct text *ret);
/* 64 hexadecimal digits. */
const char *keys_index(struct ctx *ctx, const struct keys *keys, const char *field, struct text plain);

/* The Ed25519 seed of a realm's log. *RET_FOUND is false when there is none: a seed is never made by asking for it, or
 * a log whose key was lost would go on under another. REALM must be 12 digits. */
fallible keys_log_seed(struct ctx *ctx, const struct keys *keys, const char *realm, uint8_t ret_seed[KEY_SIZE],
                       bool *ret_found);
/* Of a log that begins: makes the seed, unless another process was quicker. */
fallible keys_make_log_seed(struct ctx *ctx, const struct keys *keys, const char *realm, uint8_t ret_seed[KEY_SIZE]);
#endif
