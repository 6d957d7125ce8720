/* base/encode.c */
#include "base/encode.h"

#include "base/arena.h"
#include "base/sha256_inside.h"

#include <sodium.h>

struct sha256 sha256_of(struct text bytes)
{
    struct sha256 hash;
    if (!sha256_by_processor(&bytes, 1, &hash))
        crypto_hash_sha256(hash.bytes, (const unsigned char *)bytes.at, bytes.size);
    return hash;
}

struct sha256 sha256_node(uint8_t prefix, struct text a, struct text b)
{
    struct sha256 hash;
    const struct text parts[] = { { (const char *)&prefix, 1 }, a, b };
    if (sha256_by_processor(parts, 3, &hash))
        return hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (int i = 0; i < 3; i++)
        crypto_hash_sha256_update(&state, (const unsigned char *)parts[i].at, parts[i].size);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

/* RFC 2104: H(key ^ opad, H(key ^ ipad, bytes)). False when libsodium must do it. */
static bool hmac_by_processor(struct text key, struct text bytes, struct sha256 *ret)
{
    enum { BLOCK = 64, INNER = 0x36, OUTER = 0x5c };
    char inner[BLOCK], outer[BLOCK];
    struct sha256 shorter = { 0 }, hash;
    if (key.size > BLOCK) {
        shorter = sha256_of(key);
        key = sha256_text(&shorter);
    }
    for (size_t i = 0; i < BLOCK; i++) {
        char byte = i < key.size ? key.at[i] : 0;
        inner[i] = (char)(byte ^ INNER);
        outer[i] = (char)(byte ^ OUTER);
    }
    bool is_done = sha256_by_processor((struct text[]){ { inner, BLOCK }, bytes }, 2, &hash) &&
                   sha256_by_processor((struct text[]){ { outer, BLOCK }, sha256_text(&hash) }, 2, ret);
    sodium_memzero(inner, sizeof inner);
    sodium_memzero(outer, sizeof outer);
    sodium_memzero(&hash, sizeof hash);
    sodium_memzero(&shorter, sizeof shorter);
    return is_done;
}

struct sha256 hmac_sha256(struct text key, struct text bytes)
{
    struct sha256 hash;
    if (hmac_by_processor(key, bytes, &hash))
        return hash;
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)key.at, key.size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)bytes.at, bytes.size);
    crypto_auth_hmacsha256_final(&state, hash.bytes);
    return hash;
}

bool bytes_equal_in_constant_time(const void *a, const void *b, size_t size)
{
    return sodium_memcmp(a, b, size) == 0;
}

const char *hex_encode(struct arena *arena, struct text bytes)
{
    char *out = arena_alloc(arena, bytes.size * 2 + 1);
    sodium_bin2hex(out, bytes.size * 2 + 1, (const unsigned char *)bytes.at, bytes.size);
    return out;
}

bool hex_decode(struct arena *arena, struct text hex, struct text *ret)
{
    char *out = arena_alloc(arena, hex.size / 2 + 1);
    size_t size;
    if (hex.size % 2 || sodium_hex2bin((unsigned char *)out, hex.size / 2, hex.at, hex.size, NULL, &size, NULL) != 0 ||
        size != hex.size / 2)
        return false;
    *ret = (struct text){ out, size };
    return true;
}

static const char *encode(struct arena *arena, struct text bytes, int variant)
{
    size_t room = sodium_base64_encoded_len(bytes.size, variant);
    char *out = arena_alloc(arena, room);
    sodium_bin2base64(out, room, (const unsigned char *)bytes.at, bytes.size, variant);
    return out;
}

static bool decode(struct arena *arena, struct text text, struct text *ret, int variant)
{
    /* libsodium (1.0.18) reads some bytes from 0x80 on as if they were letters of the alphabet. */
    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] >= 0x80)
            return false;
    char *out = arena_alloc(arena, text.size / 4 * 3 + 3);
    size_t size;
    const char *end;
    if (sodium_base642bin((unsigned char *)out, text.size / 4 * 3 + 3, text.at, text.size, NULL, &size, &end, variant) != 0 ||
        end != text.at + text.size)
        return false;
    *ret = (struct text){ out, size };
    return true;
}

const char *base64_encode(struct arena *arena, struct text bytes)
{
    return encode(arena, bytes, sodium_base64_VARIANT_ORIGINAL);
}

bool base64_decode(struct arena *arena, struct text text, struct text *ret)
{
    return decode(arena, text, ret, sodium_base64_VARIANT_ORIGINAL);
}

const char *base64url_encode(struct arena *arena, struct text bytes)
{
    return encode(arena, bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool base64url_decode(struct arena *arena, struct text text, struct text *ret)
{
    return decode(arena, text, ret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}
