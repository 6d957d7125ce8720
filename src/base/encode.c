/* base/encode.c */
#include "base/encode.h"

#include "base/arena.h"

#include <sodium.h>

struct sha256 sha256_of(struct text bytes)
{
    struct sha256 hash;
    crypto_hash_sha256(hash.bytes, (const unsigned char *)bytes.at, bytes.size);
    return hash;
}

struct sha256 sha256_node(uint8_t prefix, struct text a, struct text b)
{
    struct sha256 hash;
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, &prefix, 1);
    crypto_hash_sha256_update(&state, (const unsigned char *)a.at, a.size);
    crypto_hash_sha256_update(&state, (const unsigned char *)b.at, b.size);
    crypto_hash_sha256_final(&state, hash.bytes);
    return hash;
}

struct sha256 hmac_sha256(struct text key, struct text bytes)
{
    struct sha256 hash;
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
