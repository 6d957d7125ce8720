/* civic/note.c -- an empty line divides what is signed from who signed it; the checkpoint is one such text. */
#include "civic/note.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"
#include "civic/note_inside.h"

#include <inttypes.h>
#include <sodium.h>

static const char dash[] = "\xe2\x80\x94 "; /* U+2014 and a space: how a signature line begins */

enum { SIGNATURE_SIZE = 64, TIME_SIZE = 8, ID_SIZE = 4, DIGITS_OF_ID = 8 };

/* ---- small forms ---- */

bool note_number_read(struct text text, uint64_t *ret)
{
    uint64_t number = 0;
    if (text.size == 0 || (text.at[0] == '0' && text.size > 1))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        unsigned digit = (unsigned)(uint8_t)text.at[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(number, UINT64_C(10), &number) ||
            __builtin_add_overflow(number, digit, &number))
            return false;
    }
    *ret = number;
    return true;
}

bool note_hash_read(struct arena *arena, struct text text, struct sha256 *ret)
{
    struct text bytes;
    if (!base64_decode(arena, text, &bytes) || bytes.size != SHA256_SIZE)
        return false;
    memcpy(ret->bytes, bytes.at, SHA256_SIZE);
    return true;
}

bool note_line_take(struct text *rest, struct text *ret_line)
{
    const char *end = rest->size ? memchr(rest->at, '\n', rest->size) : NULL;
    if (!end)
        return false;
    size_t size = (size_t)(end - rest->at);
    *ret_line = (struct text){ rest->at, size };
    *rest = (struct text){ end + 1, rest->size - size - 1 };
    return true;
}

static uint32_t read_id(const uint8_t bytes[static ID_SIZE])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void write_big_endian(uint64_t number, uint8_t *out, int size)
{
    for (int i = 0; i < size; i++)
        out[i] = (uint8_t)(number >> 8 * (size - 1 - i));
}

/* The number of the line in which AT lies. */
static size_t line_of(struct text text, const char *at)
{
    size_t line = 1;
    for (const char *byte = text.at; byte < at; byte++)
        line += *byte == '\n';
    return line;
}

/* NULL, or where BYTES stop being UTF-8 without control characters but LF. */
static const char *first_unclean(struct text bytes)
{
    while (bytes.size) {
        size_t size = text_character_size(bytes);
        uint8_t byte = (uint8_t)bytes.at[0];
        if (size == 0 || (byte < 0x20 && byte != '\n') || byte == 0x7f)
            return bytes.at;
        bytes = (struct text){ bytes.at + size, bytes.size - size };
    }
    return NULL;
}

/* White space of Unicode, each with the bytes of its UTF-8 form. */
static bool begins_with_space(struct text text)
{
    static const char *const spaces[] = { " ",        "\t",     "\n",     "\v",     "\f",     "\r",     "\xc2\x85",
                                          "\xc2\xa0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                          "\u2005",   "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u2028",
                                          "\u2029",   "\u202f", "\u205f", "\u3000" };
    for (size_t i = 0; i < sizeof spaces / sizeof spaces[0]; i++)
        if (text_starts(text, spaces[i]))
            return true;
    return false;
}

bool note_name_is_good(struct text name)
{
    if (name.size == 0 || first_unclean(name))
        return false;
    while (name.size) {
        if (name.at[0] == '+' || begins_with_space(name))
            return false;
        size_t size = text_character_size(name);
        name = (struct text){ name.at + size, name.size - size };
    }
    return true;
}

/* ---- keys ---- */

static uint32_t key_id(struct text name, enum note_kind kind, const uint8_t public_key[static NOTE_KEY_SIZE])
{
    struct sha256 hash;
    crypto_hash_sha256_state state;
    uint8_t middle[2] = { '\n', (uint8_t)kind };
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)name.at, name.size);
    crypto_hash_sha256_update(&state, middle, sizeof middle);
    crypto_hash_sha256_update(&state, public_key, NOTE_KEY_SIZE);
    crypto_hash_sha256_final(&state, hash.bytes);
    return read_id(hash.bytes);
}

bool note_key_read(struct arena *arena, struct text text, struct note_key *ret)
{
    struct note_key key = { 0 };
    struct text id, code, bytes;
    key.name = text_cut(text, '+', &id);
    id = text_cut(id, '+', &code);
    if (!note_name_is_good(key.name) || id.size != DIGITS_OF_ID || !base64_decode(arena, code, &bytes) ||
        bytes.size != 1 + NOTE_KEY_SIZE || (bytes.at[0] != NOTE_ED25519 && bytes.at[0] != NOTE_COSIGNATURE))
        return false;
    key.kind = (enum note_kind)bytes.at[0];
    memcpy(key.public_key, bytes.at + 1, NOTE_KEY_SIZE);
    key.id = key_id(key.name, key.kind, key.public_key);
    *ret = key;
    return text_is(text, note_key_print(arena, &key));
}

const struct err *note_key_parse(struct ctx *ctx, struct text text, struct note_key *ret)
{
    if (!note_key_read(ctx->arena, text, ret))
        return err_new(ctx, ERR_INPUT, "note.bad_key");
    return NULL;
}

const char *note_key_print(struct arena *arena, const struct note_key *key)
{
    char bytes[1 + NOTE_KEY_SIZE] = { (char)key->kind };
    memcpy(bytes + 1, key->public_key, NOTE_KEY_SIZE);
    return arena_printf(arena, "%.*s+%08" PRIx32 "+%s", (int)key->name.size, key->name.at, key->id,
                        base64_encode(arena, (struct text){ bytes, sizeof bytes }));
}

void note_signer_make(struct text name, enum note_kind kind, const uint8_t seed[static NOTE_SEED_SIZE],
                      struct note_signer *ret)
{
    if (!note_name_is_good(name) || (kind != NOTE_ED25519 && kind != NOTE_COSIGNATURE))
        BUG("a signer named \"%.*s\" of kind %d", (int)name.size, name.at, (int)kind);
    *ret = (struct note_signer){ .key = { .name = name, .kind = kind } };
    crypto_sign_seed_keypair(ret->key.public_key, ret->secret, seed);
    ret->key.id = key_id(name, kind, ret->key.public_key);
}

/* ---- signatures ---- */

static void cosigned_text(struct buffer *out, struct text text, uint64_t seconds)
{
    buffer_printf(out, "cosignature/v1\ntime %" PRIu64 "\n", seconds);
    buffer_text(out, text);
}

const char *note_signature_line(struct arena *arena, const struct note_signer *signer, struct text text,
                                uint64_t seconds)
{
    uint8_t bytes[ID_SIZE + TIME_SIZE + SIGNATURE_SIZE];
    uint8_t *at = bytes + ID_SIZE;
    scoped(buffer_clear) struct buffer with_time = { 0 };
    write_big_endian(signer->key.id, bytes, ID_SIZE);
    if (signer->key.kind == NOTE_COSIGNATURE) {
        write_big_endian(seconds, at, TIME_SIZE);
        at += TIME_SIZE;
        cosigned_text(&with_time, text, seconds);
        text = buffer_view(&with_time);
    }
    crypto_sign_detached(at, NULL, (const uint8_t *)text.at, text.size, signer->secret);
    size_t size = (size_t)(at - bytes) + SIGNATURE_SIZE;
    return arena_printf(arena, "%s%.*s %s\n", dash, (int)signer->key.name.size, signer->key.name.at,
                        base64_encode(arena, (struct text){ (const char *)bytes, size }));
}

struct text note_sign(struct arena *arena, const struct note_signer *signer, struct text text)
{
    if (signer->key.kind != NOTE_ED25519)
        BUG("a witness key signs a note by itself");
    if (text.size == 0 || text.at[text.size - 1] != '\n' || first_unclean(text))
        BUG("a text that can't be a note");
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_text(&out, text);
    buffer_byte(&out, '\n');
    buffer_string(&out, note_signature_line(arena, signer, text, 0));
    return text_copy(arena, buffer_view(&out));
}

bool note_signature_is_good(const struct note_key *key, struct text text, struct text bytes, uint64_t *ret_seconds)
{
    const uint8_t *at = (const uint8_t *)bytes.at;
    uint64_t seconds = 0;
    scoped(buffer_clear) struct buffer with_time = { 0 };
    if (key->kind == NOTE_COSIGNATURE) {
        if (bytes.size != TIME_SIZE + SIGNATURE_SIZE)
            return false;
        seconds = (uint64_t)read_id(at) << 32 | read_id(at + 4);
        at += TIME_SIZE;
        cosigned_text(&with_time, text, seconds);
        text = buffer_view(&with_time);
    } else if (bytes.size != SIGNATURE_SIZE) {
        return false;
    }
    if (crypto_sign_verify_detached(at, (const uint8_t *)text.at, text.size, key->public_key) != 0)
        return false;
    if (ret_seconds)
        *ret_seconds = seconds;
    return true;
}

/* ---- notes ---- */

static bool read_signature(struct arena *arena, struct text line, struct note_signature *ret)
{
    struct text bytes;
    if (!text_starts(line, dash))
        return false;
    size_t skip = sizeof dash - 1;
    struct text code, name = text_cut((struct text){ line.at + skip, line.size - skip }, ' ', &code);
    if (!note_name_is_good(name) || !base64_decode(arena, code, &bytes) || bytes.size <= ID_SIZE)
        return false;
    *ret = (struct note_signature){ .name = name,
                                    .id = read_id((const uint8_t *)bytes.at),
                                    .bytes = { bytes.at + ID_SIZE, bytes.size - ID_SIZE } };
    return true;
}

size_t note_read(struct arena *arena, struct text bytes, struct note *ret)
{
    if (bytes.size == 0 || bytes.size > NOTE_MOST_BYTES)
        return 1;
    const char *end = bytes.at + bytes.size, *fault = first_unclean(bytes);
    if (fault)
        return line_of(bytes, fault);
    if (end[-1] != '\n')
        return line_of(bytes, end);
    size_t divide = bytes.size - 1; /* at the second LF of the last empty line */
    while (divide > 0 && !(bytes.at[divide] == '\n' && bytes.at[divide - 1] == '\n'))
        divide--;
    if (divide == 0 || divide + 1 == bytes.size)
        return line_of(bytes, end);

    struct text rest = { bytes.at + divide + 1, bytes.size - divide - 1 }, line;
    struct note note = { .text = { bytes.at, divide } };
    note.signatures = arena_array_of(arena, struct note_signature, NOTE_SIGNATURES);
    while (note_line_take(&rest, &line)) {
        if (note.count == NOTE_SIGNATURES || !read_signature(arena, line, &note.signatures[note.count]))
            return line_of(bytes, line.at);
        note.count++;
    }
    *ret = note;
    return 0;
}

static const struct err *malformed(struct ctx *ctx, const char *said, size_t line)
{
    return err_new(ctx, ERR_INPUT, said, arena_printf(ctx->arena, "%zu", line));
}

const struct err *note_parse(struct ctx *ctx, struct text bytes, struct note *ret)
{
    size_t line = note_read(ctx->arena, bytes, ret);
    return line ? malformed(ctx, "note.malformed", line) : NULL;
}

static bool is_signed_by(const struct note_signature *signature, const struct note_key *key)
{
    return signature->id == key->id && text_equal(signature->name, key->name);
}

/* Verifies KEY's first line, if there is one. */
static const struct err *verify_key(struct ctx *ctx, const struct note *note, const struct note_key *key,
                                    bool *ret_found)
{
    *ret_found = false;
    for (size_t i = 0; i < note->count; i++) {
        struct note_signature *signature = &note->signatures[i];
        if (!is_signed_by(signature, key))
            continue;
        if (!note_signature_is_good(key, note->text, signature->bytes, &signature->seconds))
            return err_new(ctx, ERR_INPUT, "note.bad_signature", text_string(ctx->arena, key->name));
        signature->key = key;
        *ret_found = true;
        return NULL;
    }
    return NULL;
}

const struct err *note_open(struct ctx *ctx, struct text bytes, const struct note_key *keys, size_t key_count,
                            struct note *ret)
{
    struct note note;
    bool is_any = false;
    TRY(note_parse(ctx, bytes, &note));
    for (size_t i = 0; i < key_count; i++) {
        bool is_found;
        TRY(verify_key(ctx, &note, &keys[i], &is_found));
        is_any |= is_found;
    }
    if (!is_any)
        return err_new(ctx, ERR_INPUT, "note.unknown_key");
    *ret = note;
    return NULL;
}

/* ---- checkpoints ---- */

size_t checkpoint_read(struct arena *arena, struct text text, struct checkpoint *ret)
{
    struct checkpoint checkpoint;
    struct text rest = text, line;
    const char *fault = first_unclean(text);
    if (fault)
        return line_of(text, fault);
    if (!note_line_take(&rest, &checkpoint.origin) || checkpoint.origin.size == 0)
        return 1;
    if (!note_line_take(&rest, &line) || !note_number_read(line, &checkpoint.size))
        return 2;
    if (!note_line_take(&rest, &line) || !note_hash_read(arena, line, &checkpoint.root))
        return 3;
    checkpoint.extensions = rest;
    for (size_t number = 4; rest.size; number++)
        if (!note_line_take(&rest, &line) || line.size == 0)
            return number;
    *ret = checkpoint;
    return 0;
}

const struct err *checkpoint_parse(struct ctx *ctx, struct text text, struct checkpoint *ret)
{
    size_t line = checkpoint_read(ctx->arena, text, ret);
    return line ? malformed(ctx, "checkpoint.malformed", line) : NULL;
}

const char *checkpoint_print(struct arena *arena, const struct checkpoint *checkpoint)
{
    const char *text = arena_printf(
        arena, "%.*s\n%" PRIu64 "\n%s\n%.*s", (int)checkpoint->origin.size, checkpoint->origin.at, checkpoint->size,
        base64_encode(arena, sha256_text(&checkpoint->root)), (int)checkpoint->extensions.size,
        checkpoint->extensions.at ? checkpoint->extensions.at : "");
    struct checkpoint again;
    if (checkpoint_read(arena, text_of(text), &again) != 0 || !text_equal(again.origin, checkpoint->origin))
        BUG("a checkpoint that can't be read again");
    return text;
}

const struct err *checkpoint_open(struct ctx *ctx, struct text bytes, const struct note_key *keys, size_t key_count,
                                  struct text origin, struct checkpoint *ret, struct note *ret_note)
{
    struct note note;
    struct checkpoint checkpoint;
    TRY(note_open(ctx, bytes, keys, key_count, &note));
    bool is_by_log = false;
    for (size_t i = 0; i < note.count; i++)
        is_by_log |= note.signatures[i].key == &keys[0];
    if (!is_by_log)
        return err_new(ctx, ERR_INPUT, "note.unknown_key");
    TRY(checkpoint_parse(ctx, note.text, &checkpoint));
    if (!text_equal(checkpoint.origin, origin))
        return err_new(ctx, ERR_INPUT, "checkpoint.other_origin", text_string(ctx->arena, checkpoint.origin),
                       text_string(ctx->arena, origin));
    *ret = checkpoint;
    if (ret_note)
        *ret_note = note;
    return NULL;
}
