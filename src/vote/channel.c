/* vote/channel.c
 * A sealed message: a random element K under ElGamal for the recipient; SHA-256("key|" ‖ K) is the key, SHA-256("iv|" ‖
 * alpha) the nonce: all 32 bytes for GCM; for CCM 13, or 12 from 65536 bytes of text on.
 */
#include "vote/channel.h"

#include "vote/prove.h"
#include "vote/sealed.h"
#include "vote/signed.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/json.h"

#include <openssl/evp.h>
#include <sodium.h>

enum { CCM_NONCE_SIZE = 13, CCM_LONG = 65536 };

void channel_keys_wipe(struct channel_keys *keys)
{
    secret_wipe(&keys->signing);
    secret_wipe(&keys->opening);
}

static void wipe_buffer(struct buffer *buffer)
{
    if (buffer->at)
        sodium_memzero(buffer->at, buffer->room);
    buffer_clear(buffer);
}

/* OpenSSL answers 1, or memory has run out. */
static void must(int done)
{
    if (done != 1)
        BUG("OpenSSL's cipher failed");
}

static void free_cipher(EVP_CIPHER_CTX **cipher)
{
    EVP_CIPHER_CTX_free(*cipher);
}

static void wipe_hash(struct sha256 *hash)
{
    sodium_memzero(hash, sizeof *hash);
}

static struct sha256 hash_point(struct group *group, const char *word, const struct point *point)
{
    scoped(wipe_buffer) struct buffer hashed = { 0 };
    char text[POINT_TEXT];
    buffer_reserve(&hashed, POINT_TEXT + 8);
    buffer_string(&hashed, word);
    buffer_text(&hashed, point_encode(group, point, text));
    struct sha256 hash = sha256_of(buffer_view(&hashed));
    sodium_memzero(text, sizeof text);
    return hash;
}

static struct sha256 hash_element(struct group *group, const char *word, const struct element *element)
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    buffer_string(&hashed, word);
    group_encode(group, element, &hashed);
    return sha256_of(buffer_view(&hashed));
}

/* --- sending --- */

/* Ciphertext and tag as hex. */
static void encrypt(const struct sha256 *key, const struct sha256 *nonce, struct text text, struct buffer *out)
{
    scoped(free_cipher) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    scoped(buffer_clear) struct buffer bytes = { 0 };
    int size = 0;
    buffer_reserve(&bytes, text.size + GCM_TAG_SIZE);
    uint8_t *at = (uint8_t *)bytes.at;
    must(cipher != NULL);
    must(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, NULL, NULL));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, SHA256_SIZE, NULL));
    must(EVP_EncryptInit_ex(cipher, NULL, NULL, key->bytes, nonce->bytes));
    must(EVP_EncryptUpdate(cipher, at, &size, (const uint8_t *)text.at, (int)text.size));
    must(EVP_EncryptFinal_ex(cipher, at + size, &size));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_SIZE, at + text.size));
    for (size_t i = 0; i < text.size + GCM_TAG_SIZE; i++)
        buffer_printf(out, "%02x", at[i]);
}

void channel_seal(struct group *group, const struct element *recipient, struct text text, struct buffer *out)
{
    scoped(secret_wipe) struct secret r = secret_draw(group), k = secret_draw(group);
    scoped(point_wipe) struct point shared, drawn;
    struct point alpha, beta, key = point_of(group, recipient);
    char written[POINT_TEXT];
    point_power_generator(group, &k, &drawn);
    point_power_generator(group, &r, &alpha);
    point_power(group, &key, &r, &shared);
    point_multiply(group, &shared, &drawn, &beta);
    scoped(wipe_hash) struct sha256 cipher_key = hash_point(group, "key|", &drawn);
    struct sha256 nonce = hash_point(group, "iv|", &alpha);
    point_encode(group, &alpha, written);
    buffer_printf(out, "{\"algorithm\":\"AES-GCM\",\"alpha\":\"%s\"", written);
    point_encode(group, &beta, written);
    buffer_printf(out, ",\"beta\":\"%s\",\"data\":\"", written);
    encrypt(&cipher_key, &nonce, text, out);
    buffer_string(out, "\"}");
}

void channel_send(struct group *group, const struct channel_keys *sender, const struct element *recipient,
                  struct text text, struct buffer *out)
{
    enum { MOST_GROWTH = 8, AROUND = 2048 }; /* each text is escaped twice; no buffer may move while it grows */
    scoped(wipe_buffer) struct buffer message = { 0 }, envelope = { 0 };
    struct zk_proof signature;
    buffer_reserve(&message, MOST_GROWTH * text.size + AROUND);
    buffer_reserve(&envelope, MOST_GROWTH * text.size + AROUND);
    buffer_string(&message, "{\"recipient\":\"");
    group_encode(group, recipient, &message);
    buffer_string(&message, "\",\"message\":");
    buffer_json(&message, text);
    buffer_byte(&message, '}');
    zk_prove(group, &sender->signing, "sigmsg|", buffer_view(&message), &signature);
    buffer_string(&envelope, "{\"message\":");
    buffer_json(&envelope, buffer_view(&message));
    buffer_string(&envelope, ",\"signature\":");
    zk_write(&signature, &envelope);
    buffer_byte(&envelope, '}');
    channel_seal(group, recipient, buffer_view(&envelope), out);
}

/* --- receiving --- */

/* K = beta / alpha^key */
static struct sha256 key_of(struct group *group, const struct sealed *sealed, const struct secret *opening)
{
    static const struct secret zero;
    scoped(secret_wipe) struct secret minus = secret_subtract(group, &zero, opening);
    scoped(point_wipe) struct point shared;
    struct point alpha = point_of(group, &sealed->alpha), beta = point_of(group, &sealed->beta);
    point_power(group, &alpha, &minus, &shared);
    point_multiply(group, &beta, &shared, &shared);
    return hash_point(group, "key|", &shared);
}

/* The tag stands behind the ciphertext; CCM wants it, and the text's size, before the text. */
static bool decrypt(struct ctx *ctx, const struct sealed *sealed, const struct sha256 *key, const struct sha256 *nonce,
                    struct text *ret)
{
    scoped(free_cipher) EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    int tag_size = sealed->is_ccm ? CCM_TAG_SIZE : GCM_TAG_SIZE, size = 0, last = 0;
    int text_size = (int)sealed->data.size - tag_size;
    int nonce_size = !sealed->is_ccm ? SHA256_SIZE : text_size < CCM_LONG ? CCM_NONCE_SIZE : CCM_NONCE_SIZE - 1;
    char *text = arena_alloc(ctx->arena, (size_t)text_size + 1);
    uint8_t tag[GCM_TAG_SIZE];
    memcpy(tag, sealed->data.at + text_size, (size_t)tag_size);
    must(cipher != NULL);
    must(EVP_DecryptInit_ex(cipher, sealed->is_ccm ? EVP_aes_256_ccm() : EVP_aes_256_gcm(), NULL, NULL, NULL));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_IVLEN, nonce_size, NULL));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, tag_size, tag));
    must(EVP_DecryptInit_ex(cipher, NULL, NULL, key->bytes, nonce->bytes));
    if (sealed->is_ccm)
        must(EVP_DecryptUpdate(cipher, NULL, &size, NULL, text_size));
    int done = EVP_DecryptUpdate(cipher, (uint8_t *)text, &size, (const uint8_t *)sealed->data.at, text_size);
    if (!sealed->is_ccm && done == 1)
        done = EVP_DecryptFinal_ex(cipher, (uint8_t *)text + size, &last);
    *ret = (struct text){ text, (size_t)text_size };
    return done == 1;
}

static enum channel_fault unwrap(struct ctx *ctx, struct group *group, const struct channel_keys *recipient,
                                 const struct element *sender, struct text opened, struct text *ret)
{
    struct node *envelope, *said;
    struct text message;
    scoped(buffer_clear) struct buffer own = { 0 };
    if (json_read(ctx, opened, &envelope) || !signed_read(envelope, &message))
        return CHANNEL_FORM;
    if (!signed_check(group, envelope, sender))
        return CHANNEL_SIGNATURE;
    if (json_read(ctx, message, &said) || !has_fields(said, false, FIELDS("recipient", "message")) ||
        node_find(said, KEY("message"))->kind != NODE_TEXT)
        return CHANNEL_FORM;
    group_encode(group, &recipient->encryption, &own);
    if (!text_equal(node_find_text(said, KEY("recipient")), buffer_view(&own)))
        return CHANNEL_RECIPIENT;
    *ret = node_find_text(said, KEY("message"));
    return CHANNEL_GOOD;
}

enum channel_fault channel_receive(struct ctx *ctx, struct group *group, const struct channel_keys *recipient,
                                   const struct element *sender, struct text sealed, struct text *ret)
{
    struct sealed read;
    struct text opened;
    if (!sealed_read(ctx, group, sealed, &read))
        return CHANNEL_FORM;
    scoped(wipe_hash) struct sha256 key = key_of(group, &read, &recipient->opening);
    struct sha256 nonce = hash_element(group, "iv|", &read.alpha);
    if (!decrypt(ctx, &read, &key, &nonce, &opened))
        return CHANNEL_SEALED;
    return unwrap(ctx, group, recipient, sender, opened, ret);
}
