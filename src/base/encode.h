/* base/encode.h -- bytes as hexadecimal and base64, hashes, and comparing without telling how far.
 * Owns:          these encodings; SHA-256 and HMAC-SHA-256 (the processor's where it has them, else libsodium's)
 * Must not know: what is hashed, and whose keys they are
 * Begin at:      sha256(), base64_encode()
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { SHA256_SIZE = 32 };

struct sha256 {
    uint8_t bytes[SHA256_SIZE];
};

struct sha256 sha256_of(struct text bytes);
/* The hash of PREFIX ‖ A ‖ B, as Merkle trees need it. */
struct sha256 sha256_node(uint8_t prefix, struct text a, struct text b);
struct sha256 hmac_sha256(struct text key, struct text bytes);
static inline struct text sha256_text(const struct sha256 *hash)
{
    return (struct text){ (const char *)hash->bytes, SHA256_SIZE };
}
bool bytes_equal_in_constant_time(const void *a, const void *b, size_t size);

const char *hex_encode(struct arena *arena, struct text bytes); /* lower case */
bool hex_decode(struct arena *arena, struct text hex, struct text *ret);

/* Standard alphabet with padding; the second pair is URL-safe without padding. Decoding is strict. */
const char *base64_encode(struct arena *arena, struct text bytes);
bool base64_decode(struct arena *arena, struct text text, struct text *ret);
const char *base64url_encode(struct arena *arena, struct text bytes);
bool base64url_decode(struct arena *arena, struct text text, struct text *ret);
#endif
