/* vote/credential.c -- see the forms in Belenios' papers: 14 characters with a check character, stretched by PBKDF2;
 * and 22, long enough to be hashed as they are. A text's characters never choose an address here.
 */
#include "vote/credential.h"

#include "base/err.h"

#include <sodium.h>
#include <stdlib.h>

enum { BASE = 58, SHORT = 15, LONG = 22, CHECK = 53, ROUNDS = 1000 };

static const char digits[BASE + 1] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/* The character that stands for VALUE. */
static char digit_of(uint32_t value)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < BASE; i++)
        found |= (uint32_t)(uint8_t)digits[i] & (0U - (((i ^ value) - 1U) >> 31));
    return (char)found;
}

/* What a character stands for; BASE for one that isn't of the alphabet. */
static uint32_t value_of(char character)
{
    uint32_t found = 0, is_one = 0;
    for (uint32_t i = 0; i < BASE; i++) {
        uint32_t same = (((uint32_t)(uint8_t)digits[i] ^ (uint32_t)(uint8_t)character) - 1U) >> 31;
        found |= i & (0U - same);
        is_one |= same;
    }
    return found | (BASE & (is_one - 1U));
}

static void draw(char *ret, int count)
{
    for (int i = 0; i < count; i++)
        ret[i] = digit_of(randombytes_uniform(BASE));
}

void token_draw(char ret[TOKEN_TEXT])
{
    draw(ret, TOKEN_TEXT - 1);
    ret[TOKEN_TEXT - 1] = '\0';
}

/* With dashes between the groups of characters. */
static void write_grouped(const char *plain, int size, char ret[CREDENTIAL_TEXT])
{
    static const int long_groups[] = { 5, 11, 16 }, short_groups[] = { 3, 6, 9, 12 };
    const int *dash = size == LONG ? long_groups : short_groups;
    int dashes = size == LONG ? 3 : 4, written = 0;
    for (int i = 0; i < size; i++) {
        if (dashes > 0 && i == *dash) {
            ret[written++] = '-';
            dash++;
            dashes--;
        }
        ret[written++] = plain[i];
    }
    ret[written] = '\0';
}

void credential_draw(char ret[CREDENTIAL_TEXT])
{
    char plain[LONG];
    draw(plain, LONG);
    write_grouped(plain, LONG, ret);
    sodium_memzero(plain, sizeof(plain));
}

/* The last character brings the number that the others spell to a multiple of 53. */
static bool is_checked(const char plain[SHORT])
{
    uint32_t rest = 0;
    for (int i = 0; i < SHORT - 1; i++)
        rest = (rest * BASE + value_of(plain[i])) % CHECK;
    return (rest + value_of(plain[SHORT - 1])) % CHECK == 0;
}

bool credential_read(struct text typed, char ret[CREDENTIAL_TEXT])
{
    char plain[LONG];
    int size = 0;
    uint32_t wrong = 0;
    for (size_t i = 0; i < typed.size; i++) {
        char character = typed.at[i];
        if (character == '-' || character == ' ' || character == '\n' || character == '\r' || character == '\t')
            continue;
        if (size == LONG)
            return false;
        wrong |= value_of(character) == BASE;
        plain[size++] = character;
    }
    bool is_one = !wrong && (size == LONG || (size == SHORT && is_checked(plain)));
    if (is_one)
        write_grouped(plain, size, ret);
    sodium_memzero(plain, sizeof(plain));
    return is_one;
}

/* PBKDF2 with one block of HMAC-SHA-256. */
static struct sha256 stretched(struct text password, struct text salt)
{
    static const uint8_t first[4] = { 0, 0, 0, 1 };
    crypto_auth_hmacsha256_state keyed, state;
    struct sha256 last, sum;
    crypto_auth_hmacsha256_init(&keyed, (const uint8_t *)password.at, password.size);
    state = keyed;
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)salt.at, salt.size);
    crypto_auth_hmacsha256_update(&state, first, sizeof(first));
    crypto_auth_hmacsha256_final(&state, last.bytes);
    sum = last;
    for (int i = 1; i < ROUNDS; i++) {
        state = keyed;
        crypto_auth_hmacsha256_update(&state, last.bytes, SHA256_SIZE);
        crypto_auth_hmacsha256_final(&state, last.bytes);
        for (int j = 0; j < SHA256_SIZE; j++)
            sum.bytes[j] ^= last.bytes[j];
    }
    sodium_memzero(&keyed, sizeof(keyed));
    sodium_memzero(&state, sizeof(state));
    sodium_memzero(&last, sizeof(last));
    return sum;
}

/* The hash of "derive_credential|" ‖ uuid ‖ "|" ‖ NUMBER ‖ "|" ‖ credential. */
static void derive(struct text uuid, char number, struct text credential, uint8_t ret[SHA256_SIZE])
{
    static const char word[] = "derive_credential|";
    const uint8_t middle[3] = { '|', (uint8_t)number, '|' };
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)word, sizeof(word) - 1);
    crypto_hash_sha256_update(&state, (const uint8_t *)uuid.at, uuid.size);
    crypto_hash_sha256_update(&state, middle, sizeof(middle));
    crypto_hash_sha256_update(&state, (const uint8_t *)credential.at, credential.size);
    crypto_hash_sha256_final(&state, ret);
    sodium_memzero(&state, sizeof(state));
}

void credential_secret(struct group *group, struct text uuid, const char credential[CREDENTIAL_TEXT],
                       struct secret *ret)
{
    struct text text = text_of(credential);
    if (text.size == CREDENTIAL_TEXT - 1) {
        uint8_t wide[SECRET_WIDE];
        derive(uuid, '0', text, wide);
        derive(uuid, '1', text, wide + SHA256_SIZE);
        *ret = secret_of_wide(group, wide);
        sodium_memzero(wide, sizeof(wide));
        return;
    }
    struct sha256 hash = stretched(text, uuid);
    *ret = secret_of_hash(group, &hash);
    sodium_memzero(&hash, sizeof(hash));
}

void credential_wipe(char (*credential)[CREDENTIAL_TEXT])
{
    sodium_memzero(*credential, CREDENTIAL_TEXT);
}

/* The order in which belenios-tool sorts: as numbers in the field, by RFC 8032's bytes on the curve. */
static int compare(const void *a, const void *b)
{
    const struct credential_row *left = a, *right = b;
    return memcmp(left->key.at, right->key.at, sizeof(left->key.at));
}

void credentials_write(struct group *group, struct credential_row *rows, size_t count, struct buffer *out)
{
    bool has_weights = false;
    for (size_t i = 0; i < count; i++)
        has_weights |= rows[i].weight != 1;
    if (count > 0)
        qsort(rows, count, sizeof(*rows), compare);
    buffer_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        char text[POINT_TEXT];
        buffer_string(out, i > 0 ? ",\"" : "\"");
        buffer_text(out, point_tell(group, &rows[i].key, text));
        if (has_weights) {
            buffer_byte(out, ',');
            buffer_int(out, rows[i].weight);
        }
        buffer_byte(out, '"');
    }
    buffer_byte(out, ']');
}
