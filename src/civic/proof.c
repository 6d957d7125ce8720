/* civic/proof.c */
#include "civic/proof.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/json.h"
#include "base/node.h"
#include "civic/note_inside.h"
#include "civic/tiles.h"

#include <inttypes.h>

static const char head[] = "c2sp.org/tlog-proof@v1";

enum { EXTRA_LINE = 2, SALT_DIGITS = 2 * RECEIPT_SALT_SIZE, COMMITMENT_DIGITS = 2 * SHA256_SIZE };

/* ---- the file ---- */

/* The rest of LINE after PREFIX. */
static bool read_after(struct text line, const char *prefix, struct text *ret)
{
    size_t size = strlen(prefix);
    if (!text_starts(line, prefix))
        return false;
    *ret = (struct text){ line.at + size, line.size - size };
    return true;
}

/* 0, or the line at fault. */
static size_t read_proof(struct arena *arena, struct text text, struct proof *ret)
{
    struct proof proof = { 0 };
    struct text rest = text, line, value;
    size_t number = 1;
    if (text.size > PROOF_MOST_BYTES || !note_line_take(&rest, &line) || !text_is(line, head))
        return number;
    number++;
    if (!note_line_take(&rest, &line))
        return number;
    if (read_after(line, "extra ", &value)) {
        proof.has_extra = true;
        if (!base64_decode(arena, value, &proof.extra))
            return number;
        number++;
        if (!note_line_take(&rest, &line))
            return number;
    }
    if (!read_after(line, "index ", &value) || !note_number_read(value, &proof.index))
        return number;
    struct sha256 *hashes = arena_array_of(arena, struct sha256, PROOF_HASHES);
    for (;;) {
        number++;
        if (!note_line_take(&rest, &line))
            return number;
        if (line.size == 0)
            break;
        if (proof.count == PROOF_HASHES || !note_hash_read(arena, line, &hashes[proof.count]))
            return number;
        proof.count++;
    }
    if (rest.size == 0 || rest.at[rest.size - 1] != '\n')
        return number + 1;
    proof.hashes = hashes;
    proof.checkpoint = rest;
    *ret = proof;
    return 0;
}

const struct err *proof_parse(struct ctx *ctx, struct text text, struct proof *ret)
{
    size_t line = read_proof(ctx->arena, text, ret);
    return line ? err_new(ctx, ERR_INPUT, "proof.malformed", arena_printf(ctx->arena, "%zu", line)) : NULL;
}

struct text proof_print(struct arena *arena, const struct proof *proof)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_printf(&out, "%s\n", head);
    if (proof->has_extra)
        buffer_printf(&out, "extra %s\n", base64_encode(arena, proof->extra));
    buffer_printf(&out, "index %" PRIu64 "\n", proof->index);
    for (size_t i = 0; i < proof->count; i++)
        buffer_printf(&out, "%s\n", base64_encode(arena, sha256_text(&proof->hashes[i])));
    buffer_byte(&out, '\n');
    buffer_text(&out, proof->checkpoint);
    return text_copy(arena, buffer_view(&out));
}

/* ---- making a receipt ---- */

const char *leaf_commitment(struct arena *arena, const uint8_t salt[static RECEIPT_SALT_SIZE], struct text bytes)
{
    struct sha256 hash = hmac_sha256((struct text){ (const char *)salt, RECEIPT_SALT_SIZE }, bytes);
    return hex_encode(arena, sha256_text(&hash));
}

struct text receipt_make(struct arena *arena, struct text leaf, const uint8_t salt[static RECEIPT_SALT_SIZE],
                         struct text bytes, uint64_t index, const struct tree_proof *proof, struct text checkpoint)
{
    scoped(buffer_clear) struct buffer extra = { 0 };
    struct node *opening = node_object(arena);
    node_put_text(opening, KEY("bytes"), bytes);
    node_put_text(opening, KEY("leaf"), leaf);
    node_put_string(opening, KEY("salt"), hex_encode(arena, (struct text){ (const char *)salt, RECEIPT_SALT_SIZE }));
    node_write_canonical(opening, &extra);
    return proof_print(arena, &(struct proof){ .has_extra = true,
                                               .extra = buffer_view(&extra),
                                               .index = index,
                                               .count = proof->count,
                                               .hashes = proof->hashes,
                                               .checkpoint = checkpoint });
}

/* ---- checking a receipt ---- */

static const struct err *malformed(struct ctx *ctx, size_t line)
{
    return err_new(ctx, ERR_INPUT, "receipt.malformed", arena_printf(ctx->arena, "%zu", line));
}

static bool holds_no_real(const struct node *node)
{
    if (node->kind == NODE_REAL)
        return false;
    if (node->kind == NODE_LIST || node->kind == NODE_OBJECT)
        node_each (link, node)
            if (!holds_no_real(&link->value))
                return false;
    return true;
}

/* An object written in the one way, or NULL. */
static const struct node *read_canonical(struct ctx *ctx, struct text bytes)
{
    struct node *object;
    if (json_read(ctx, bytes, &object) || object->kind != NODE_OBJECT || !holds_no_real(object))
        return NULL;
    scoped(buffer_clear) struct buffer again = { 0 };
    node_write_canonical(object, &again);
    return text_equal(buffer_view(&again), bytes) ? object : NULL;
}

/* SIZE lower-case hex digits. */
static bool is_hex(struct text text, size_t size)
{
    for (size_t i = 0; i < text.size; i++)
        if (!(text.at[i] >= '0' && text.at[i] <= '9') && !(text.at[i] >= 'a' && text.at[i] <= 'f'))
            return false;
    return text.size == size;
}

/* Leaf, salt and bytes of the extra line, and the commitment in the leaf. */
static bool read_opening(struct ctx *ctx, struct text extra, struct receipt *receipt, struct text *ret_commitment)
{
    const struct node *opening = read_canonical(ctx, extra);
    const struct node *leaf, *salt, *bytes;
    if (!opening || opening->count != 3 || !(bytes = node_find(opening, KEY("bytes"))) || bytes->kind != NODE_TEXT ||
        !(leaf = node_find(opening, KEY("leaf"))) || leaf->kind != NODE_TEXT || leaf->text.size > TILE_ENTRY_MOST ||
        !(salt = node_find(opening, KEY("salt"))) || salt->kind != NODE_TEXT || !is_hex(salt->text, SALT_DIGITS))
        return false;
    struct text salt_bytes;
    const struct node *entry = read_canonical(ctx, leaf->text);
    *ret_commitment = node_find_text(entry, KEY("commitment"));
    if (!entry || !is_hex(*ret_commitment, COMMITMENT_DIGITS) || !hex_decode(ctx->arena, salt->text, &salt_bytes))
        return false;
    receipt->leaf = leaf->text;
    receipt->bytes = bytes->text;
    memcpy(receipt->salt, salt_bytes.at, RECEIPT_SALT_SIZE);
    return true;
}

/* One verifier key a line; a last LF may stand. */
static bool read_keys(struct arena *arena, struct text vkeys, struct note_key keys[static RECEIPT_KEYS],
                      size_t *ret_count)
{
    size_t count = 0;
    while (vkeys.size) {
        struct text line = text_cut(vkeys, '\n', &vkeys);
        if (count == RECEIPT_KEYS || !note_key_read(arena, line, &keys[count]))
            return false;
        for (size_t i = 0; i < count; i++)
            if (keys[i].id == keys[count].id && text_equal(keys[i].name, keys[count].name))
                return false;
        count++;
    }
    *ret_count = count;
    return count > 0 && keys[0].kind == NOTE_ED25519;
}

/* Every line must be of one of the KEYS, each at most once, and good; the first key's must be there. A line that is not
 * checked could be changed without being noticed. */
static const struct err *check_signatures(struct ctx *ctx, const struct note *note, size_t first_line,
                                          const struct note_key *keys, size_t key_count, struct receipt *receipt)
{
    bool is_seen[RECEIPT_KEYS] = { 0 };
    const struct note_signature *unknown = NULL, *bad = NULL;
    for (size_t i = 0; i < note->count; i++) {
        const struct note_signature *signature = &note->signatures[i];
        size_t k = 0;
        while (k < key_count && !(keys[k].id == signature->id && text_equal(keys[k].name, signature->name)))
            k++;
        if (k == key_count) {
            unknown = unknown ? unknown : signature;
            continue;
        }
        if (is_seen[k])
            return malformed(ctx, first_line + i);
        is_seen[k] = true;
        receipt->witnesses += k > 0;
        if (!note_signature_is_good(&keys[k], note->text, signature->bytes, NULL))
            bad = bad ? bad : signature;
    }
    if (!is_seen[0])
        return err_new(ctx, ERR_INPUT, "receipt.wrong_key", text_string(ctx->arena, keys[0].name));
    if (bad)
        return err_new(ctx, ERR_INPUT, "receipt.bad_signature", text_string(ctx->arena, bad->name));
    if (unknown)
        return err_new(ctx, ERR_INPUT, "receipt.unknown_signature", text_string(ctx->arena, unknown->name));
    return NULL;
}

static size_t lines_in(struct text text)
{
    size_t lines = 0;
    for (size_t i = 0; i < text.size; i++)
        lines += text.at[i] == '\n';
    return lines;
}

const struct err *receipt_verify(struct ctx *ctx, struct text text, struct text vkeys, const char *expected_origin,
                                 struct receipt *ret)
{
    struct receipt receipt = { 0 };
    struct note_key keys[RECEIPT_KEYS];
    size_t key_count, line;
    if (!read_keys(ctx->arena, vkeys, keys, &key_count))
        return err_new(ctx, ERR_INPUT, "receipt.bad_vkey");

    struct proof proof;
    struct text commitment;
    if ((line = read_proof(ctx->arena, text, &proof)) != 0)
        return malformed(ctx, line);
    if (!text_equal(proof_print(ctx->arena, &proof), text))
        return malformed(ctx, 1);
    if (!proof.has_extra || !read_opening(ctx, proof.extra, &receipt, &commitment))
        return malformed(ctx, EXTRA_LINE);
    receipt.index = proof.index;

    struct note note;
    size_t lines_before = lines_in(text) - lines_in(proof.checkpoint);
    if ((line = note_read(ctx->arena, proof.checkpoint, &note)) != 0)
        return malformed(ctx, lines_before + line);
    size_t first_signature = lines_before + lines_in(note.text) + 2;
    TRY(check_signatures(ctx, &note, first_signature, keys, key_count, &receipt));
    if ((line = checkpoint_read(ctx->arena, note.text, &receipt.checkpoint)) != 0)
        return malformed(ctx, lines_before + line);
    struct text origin = expected_origin ? text_of(expected_origin) : keys[0].name;
    if (!text_equal(receipt.checkpoint.origin, origin))
        return err_new(ctx, ERR_INPUT, "receipt.other_log", text_string(ctx->arena, receipt.checkpoint.origin),
                       text_string(ctx->arena, origin));

    struct sha256 leaf = tree_leaf_hash(receipt.leaf);
    if (!tree_check_inclusion(&leaf, proof.index, receipt.checkpoint.size, proof.hashes, proof.count,
                              &receipt.checkpoint.root))
        return err_new(ctx, ERR_INPUT, "receipt.not_in_log", arena_printf(ctx->arena, "%" PRIu64, proof.index));
    if (!text_is(commitment, leaf_commitment(ctx->arena, receipt.salt, receipt.bytes)))
        return err_new(ctx, ERR_INPUT, "receipt.changed_text");
    *ret = receipt;
    return NULL;
}
