/* record/ledger_read.c -- reading the log: checkpoints, tiles, entries, proofs. */
#include "record/ledger_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "civic/tiles.h"
#include "record/ledger_sql.h"

#include <sodium.h>

fallible ledger_verifier_key(struct ctx *ctx, struct ledger *ledger, const char *realm, const char **ret)
{
    struct note_signer signer;
    bool found;
    TRY(ledger_signer_find(ctx, ledger, realm, &signer, &found));
    if (!found)
        return err_new(ctx, ERR_MISSING, "log.missing", realm);
    *ret = note_key_print(ctx->arena, &signer.key);
    sodium_memzero(&signer, sizeof signer);
    return NULL;
}

/* Only whether it is the key that the log names: damage is for `verify database` to find, which must start to say so.
 */
static const struct err *check_key(struct ctx *ctx, const struct ledger *ledger, const struct rows *rows)
{
    const char *realm = rows_string(rows, 0);
    struct note_signer signer;
    struct note note;
    TRY(ledger_signer(ctx, ledger, realm, rows_int(rows, 1), &signer));
    sodium_memzero(signer.secret, sizeof signer.secret);
    if (note_parse(ctx, rows_text(rows, 2), &note))
        return NULL;
    for (size_t i = 0; i < note.count; i++)
        if (text_equal(note.signatures[i].name, signer.key.name) && note.signatures[i].id != signer.key.id)
            return err_new(ctx, ERR_BROKEN, "log.key_other", realm);
    return NULL;
}

fallible ledger_check_keys(struct ctx *ctx, const struct ledger *ledger)
{
    struct rows rows;
    const struct err *failed = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_head_signed, VALUES_NONE, &rows));
    while (!failed && rows_next(&rows))
        failed = check_key(ctx, ledger, &rows);
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

fallible ledger_checkpoint(struct ctx *ctx, const char *realm, struct ledger_point *ret)
{
    struct rows rows;
    struct ledger_point point = { .size = -1 };
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_checkpoint_latest, VALUES(value_string(realm)), &rows));
    if (rows_next(&rows)) {
        point.size = rows_int(&rows, 0);
        point.signed_at = rows_int(&rows, 1);
        point.note = text_copy(ctx->arena, rows_text(&rows, 2));
    }
    TRY(rows_close(&rows));
    if (point.size < 0)
        return err_new(ctx, ERR_MISSING, "log.missing", realm);
    struct note note;
    struct checkpoint checkpoint;
    TRY(note_parse(ctx, point.note, &note));
    TRY(checkpoint_parse(ctx, note.text, &checkpoint));
    point.root = checkpoint.root;
    *ret = point;
    return NULL;
}

/* Level 0 of a tile that isn't stored: its entries hashed again. */
static const struct err *hash_leaves(struct ctx *ctx, const char *realm, uint64_t tile, unsigned width, uint8_t *hashes)
{
    struct rows rows;
    unsigned count = 0;
    int64_t from = (int64_t)(tile * TREE_TILE_WIDTH);
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_leaf_range,
                  VALUES(value_string(realm), value_int(from), value_int(from + width)), &rows));
    while (rows_next(&rows)) {
        struct sha256 hash = tree_leaf_hash(rows_text(&rows, 1));
        if (rows_int(&rows, 0) == from + count)
            memcpy(hashes + SHA256_SIZE * count++, hash.bytes, SHA256_SIZE);
    }
    TRY(rows_close(&rows));
    if (count != width)
        return err_new(ctx, ERR_MISSING, "log.tile");
    return NULL;
}

/* The first WIDTH hashes of a tile. */
static const struct err *read_hashes(struct ctx *ctx, const char *realm, unsigned level, uint64_t tile, unsigned width,
                                     uint8_t *hashes)
{
    struct rows rows;
    bool found = false;
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_tile_read,
                  VALUES(value_string(realm), value_int(level), value_int((int64_t)tile)), &rows));
    if (rows_next(&rows)) {
        struct text stored = rows_blob(&rows, 0);
        found = stored.size >= width * SHA256_SIZE;
        if (found)
            memcpy(hashes, stored.at, width * SHA256_SIZE);
    }
    TRY(rows_close(&rows));
    if (found)
        return NULL;
    return level == 0 ? hash_leaves(ctx, realm, tile, width, hashes) : err_new(ctx, ERR_MISSING, "log.tile");
}

static const struct err *read_bundle(struct ctx *ctx, const char *realm, const struct tile *tile, struct text *ret)
{
    struct text *entries;
    struct buffer out = { 0 };
    int count;
    TRY(ledger_entries(ctx, realm, (int64_t)(tile->index * TILE_FULL), tile->width, &entries, &count));
    if ((unsigned)count != tile->width)
        return err_new(ctx, ERR_MISSING, "log.tile");
    for (int i = 0; i < count; i++)
        if (!entry_bundle_add(&out, entries[i]))
            BUG("an entry of %zu bytes was let into the log", entries[i].size);
    *ret = text_copy(ctx->arena, buffer_view(&out));
    buffer_clear(&out);
    return NULL;
}

fallible ledger_tile(struct ctx *ctx, const char *realm, const struct tile *tile, struct text *ret)
{
    struct ledger_point point;
    TRY(ledger_checkpoint(ctx, realm, &point));
    if (!tile_is_within(tile, (uint64_t)point.size))
        return err_new(ctx, ERR_MISSING, "log.tile");
    if (tile->is_entries)
        return read_bundle(ctx, realm, tile, ret);
    uint8_t *hashes = arena_alloc_raw(ctx->arena, LOG_TILE_BYTES);
    TRY(read_hashes(ctx, realm, tile->level, tile->index, tile->width, hashes));
    *ret = (struct text){ (char *)hashes, (size_t)tile->width * SHA256_SIZE };
    return NULL;
}

fallible ledger_entries(struct ctx *ctx, const char *realm, int64_t from, int64_t count, struct text **ret,
                        int *ret_count)
{
    enum { MOST = 4096 };
    struct rows rows;
    int found = 0;
    if (count < 0 || from < 0)
        count = 0;
    if (count > MOST)
        count = MOST;
    *ret = arena_array_of(ctx->arena, struct text, count + 1);
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_leaf_range,
                  VALUES(value_string(realm), value_int(from), value_int(from + count)), &rows));
    while (rows_next(&rows))
        if (found < count)
            (*ret)[found++] = text_copy(ctx->arena, rows_text(&rows, 1));
    *ret_count = found;
    return rows_close(&rows);
}

/* --- proofs --- */

struct tile_reader {
    struct tree_tiles tiles; /* first: civic's callback finds the rest through it */
    struct ctx *ctx;
    const char *realm;
    const struct err *failed;
};

static bool give_tile(struct tree_tiles *self, unsigned level, uint64_t index, unsigned width, uint8_t *hashes)
{
    struct tile_reader *reader = (struct tile_reader *)self;
    reader->failed = read_hashes(reader->ctx, reader->realm, level, index, width, hashes);
    return !reader->failed;
}

static const struct err *check_size(struct ctx *ctx, const char *realm, int64_t size)
{
    struct ledger_point point;
    TRY(ledger_checkpoint(ctx, realm, &point));
    return size < 0 || size > point.size ? err_new(ctx, ERR_MISSING, "log.missing", realm) : NULL;
}

fallible ledger_prove(struct ctx *ctx, const char *realm, int64_t position, int64_t size, struct tree_proof *ret)
{
    struct tile_reader reader = { { give_tile }, ctx, realm, NULL };
    TRY(check_size(ctx, realm, size));
    if (position < 0 || position >= size)
        return err_new(ctx, ERR_MISSING, "log.missing", realm);
    if (tree_prove_inclusion(ctx->arena, &reader.tiles, (uint64_t)position, (uint64_t)size, ret))
        return NULL;
    return reader.failed ? err_wrap(ctx, reader.failed, "proving leaf %lld", (long long)position)
                         : err_broken(ctx, "no proof for leaf %lld of log %s", (long long)position, realm);
}

fallible ledger_prove_consistency(struct ctx *ctx, const char *realm, int64_t old_size, int64_t new_size,
                                  struct tree_proof *ret)
{
    struct tile_reader reader = { { give_tile }, ctx, realm, NULL };
    TRY(check_size(ctx, realm, new_size));
    if (old_size < 0 || old_size > new_size)
        return err_new(ctx, ERR_MISSING, "log.missing", realm);
    if (tree_prove_consistency(ctx->arena, &reader.tiles, (uint64_t)old_size, (uint64_t)new_size, ret))
        return NULL;
    return reader.failed ? err_wrap(ctx, reader.failed, "proving size %lld", (long long)old_size)
                         : err_broken(ctx, "no proof from %lld in log %s", (long long)old_size, realm);
}
