/* app/house_verify.c */
#include "app/house_verify.h"

#include "app/app_sql.h"
#include "app/command.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/texts.h"
#include "civic/proof.h"
#include "civic/tiles.h"
#include "record/ledger.h"
#include "record/person.h"
#include "record/poll.h"

#include <string.h>

enum { ENTRIES_AT_ONCE = 256 };

/* The tile of a level that the walk is filling; level 0 from the leaves, those above from what they make final. */
struct level {
    uint8_t hashes[TREE_TILE_WIDTH * SHA256_SIZE];
    unsigned count;
    uint64_t tile;
};

struct walk {
    struct ctx *ctx; /* of the realm, or of what is looked at now: memory goes with each piece */
    struct house *house;
    void (*report)(void *self, const char *sentence);
    void *self;
    struct verified *found;
    struct level *levels;
};

static void fault(struct walk *walk, const char *key, const char *where, int64_t position)
{
    walk->found->faults++;
    if (walk->report)
        walk->report(walk->self, texts_fill(walk->ctx, key, where,
                                            arena_printf(walk->ctx->arena, "%lld", (long long)position), NULL));
}

/* The same walk with memory for one piece of it; piece_end() gives that back and keeps what went wrong. */
static struct walk piece_begin(const struct walk *outer)
{
    struct walk piece = *outer;
    piece.ctx = ctx_begin(&outer->house->model);
    piece.ctx->language = outer->ctx->language;
    piece.ctx->snapshot = outer->ctx->snapshot;
    return piece;
}

static const struct err *piece_end(const struct walk *outer, struct walk *piece, const struct err *failed)
{
    if (failed)
        failed = err_make_broken(outer->ctx, __FILE__, __LINE__, "%s", err_trace(outer->ctx, failed));
    ctx_end(piece->ctx);
    return failed;
}

/* --- the tree: checkpoints and tiles --- */

static const struct err *check_checkpoint(struct walk *walk, const char *realm, const struct note_key *key,
                                          const struct tree_front *front, struct text signed_note)
{
    struct checkpoint checkpoint;
    const char *origin = ledger_origin(walk->ctx, walk->house->records.ledger, realm);
    const struct err *refused = checkpoint_open(walk->ctx, signed_note, key, 1, text_of(origin), &checkpoint, NULL);
    if (refused) {
        fault(walk, "verify.signature", realm, (int64_t)front->size);
        return NULL;
    }
    struct sha256 root = tree_root(front);
    if (checkpoint.size != front->size || memcmp(checkpoint.root.bytes, root.bytes, SHA256_SIZE) != 0)
        fault(walk, "verify.root", realm, (int64_t)front->size);
    return NULL;
}

static void check_tile(struct walk *walk, const char *realm, unsigned level)
{
    struct level *at = &walk->levels[level];
    struct tile tile = { .level = level, .index = at->tile, .width = at->count };
    struct text stored;
    const struct err *missing = ledger_tile(walk->ctx, realm, &tile, &stored);
    if (missing || stored.size != (size_t)at->count * SHA256_SIZE || memcmp(stored.at, at->hashes, stored.size) != 0)
        fault(walk, "verify.tile", realm, (int64_t)(at->tile * TREE_TILE_WIDTH));
}

static void add_hash(struct walk *walk, const char *realm, unsigned level, const struct sha256 *hash)
{
    struct level *at = &walk->levels[level];
    memcpy(at->hashes + at->count++ * SHA256_SIZE, hash->bytes, SHA256_SIZE);
    if (at->count < TREE_TILE_WIDTH)
        return;
    check_tile(walk, realm, level);
    at->count = 0;
    at->tile++;
}

static void add_leaf(struct walk *walk, const char *realm, struct tree_front *front, struct text entry)
{
    struct tree_done done = { 0 };
    struct sha256 leaf = tree_leaf_hash(entry);
    tree_append(front, &leaf, &done);
    walk->found->leaves++;
    add_hash(walk, realm, 0, &leaf);
    for (unsigned i = 0; i < done.count; i++)
        add_hash(walk, realm, done.hashes[i].level, &done.hashes[i].hash);
}

struct signed_sizes {
    struct rows rows; /* the signed checkpoints by size, stepped through while the tree grows */
    bool has_next;
    struct note_key key;
};

static const struct err *check_entries(struct walk *walk, const char *realm, struct tree_front *front,
                                       struct signed_sizes *sizes)
{
    struct text *entries;
    int count;
    TRY(ledger_entries(walk->ctx, realm, (int64_t)front->size, ENTRIES_AT_ONCE, &entries, &count));
    for (int i = 0; i < count; i++) {
        add_leaf(walk, realm, front, entries[i]);
        for (; sizes->has_next && rows_int(&sizes->rows, 0) == (int64_t)front->size;
             sizes->has_next = rows_next(&sizes->rows))
            TRY(check_checkpoint(walk, realm, &sizes->key, front, rows_text(&sizes->rows, 1)));
    }
    return NULL;
}

static const struct err *check_all_entries(struct walk *walk, const char *realm, int64_t size, struct tree_front *front,
                                           struct signed_sizes *sizes)
{
    while ((int64_t)front->size < size) {
        uint64_t before = front->size;
        struct walk piece = piece_begin(walk);
        TRY(piece_end(walk, &piece, check_entries(&piece, realm, front, sizes)));
        if (front->size == before) {
            fault(walk, "verify.leaf_missing", realm, (int64_t)before);
            break;
        }
    }
    if (sizes->has_next)
        fault(walk, "verify.checkpoint_beyond", realm, rows_int(&sizes->rows, 0));
    for (unsigned level = 1; level < TREE_LEVELS / 8; level++)
        if (walk->levels[level].count)
            check_tile(walk, realm, level);
    return NULL;
}

static const struct err *check_log(struct walk *walk, const char *realm, int64_t size, struct text written_front)
{
    struct ctx *ctx = walk->ctx;
    const char *key_text;
    struct signed_sizes sizes = { .has_next = false };
    TRY(ledger_verifier_key(ctx, walk->house->records.ledger, realm, &key_text));
    TRY(note_key_parse(ctx, text_of(key_text), &sizes.key));
    struct tree_front *front = arena_new_of(ctx->arena, struct tree_front);
    walk->levels = arena_array_of(ctx->arena, struct level, TREE_LEVELS / 8 + 1);
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_checkpoint_every, VALUES(value_string(realm)), &sizes.rows));
    sizes.has_next = rows_next(&sizes.rows);
    const struct err *failed = check_all_entries(walk, realm, size, front, &sizes);
    const struct err *closed = rows_close(&sizes.rows);
    uint8_t bytes[TREE_FRONT_BYTES];
    size_t length = tree_front_write(front, bytes);
    if (!failed && !text_equal(written_front, (struct text){ (const char *)bytes, length }))
        fault(walk, "verify.front", realm, size);
    return failed ? failed : closed;
}

/* --- events: their bytes open the leaves, and their rows say what the bytes say --- */

static bool is_id(const struct node *object, const struct key *key, int64_t id)
{
    int64_t said;
    return text_int(node_find_text(object, key), &said) ? said == id : id == 0;
}

static bool row_says_the_same(const struct rows *rows, const struct node *event)
{
    const struct node *actor = node_find(event, KEY("actor"));
    return is_id(event, KEY("matter"), rows_int(rows, 3)) &&
           node_find_int(event, KEY("seq"), 0) == rows_int(rows, 4) &&
           text_equal(node_find_text(event, KEY("move")), rows_text(rows, 5)) &&
           text_equal(node_find_text(event, KEY("from")), rows_text(rows, 6)) &&
           text_equal(node_find_text(event, KEY("to")), rows_text(rows, 7)) &&
           text_equal(node_find_text(actor, KEY("realm")), rows_text(rows, 8)) &&
           is_id(actor, KEY("id"), rows_int(rows, 9)) &&
           text_equal(node_find_text(actor, KEY("role")), rows_text(rows, 10)) &&
           node_find_int(event, KEY("time"), 0) == rows_int(rows, 11) &&
           node_find_int(event, KEY("due"), 0) == rows_int(rows, 12);
}

static const struct err *check_event(struct walk *walk, const char *realm, const struct rows *rows)
{
    int64_t position = rows_int(rows, 0);
    struct text bytes = rows_text(rows, 1), salt = rows_blob(rows, 2);
    walk->found->events++;
    if (!bytes.at || !salt.at) {
        walk->found->erased++;
        return NULL;
    }
    struct text *entries;
    struct node *entry, *event;
    int count;
    TRY(ledger_entries(walk->ctx, realm, position, 1, &entries, &count));
    if (!count || json_read(walk->ctx, entries[0], &entry) || salt.size != RECEIPT_SALT_SIZE ||
        !text_is(node_find_text(entry, KEY("commitment")),
                 leaf_commitment(walk->ctx->arena, (const uint8_t *)salt.at, bytes)))
        fault(walk, "verify.event", realm, position);
    else if (json_read(walk->ctx, bytes, &event) || !row_says_the_same(rows, event))
        fault(walk, "verify.row", realm, position);
    return NULL;
}

/* --- looks at full numbers: their rows open the leaves --- */

static const struct err *check_look(struct walk *walk, const char *realm, const struct rows *rows)
{
    struct ctx *ctx = walk->ctx;
    int64_t position = rows_int(rows, 0);
    struct text salt = rows_blob(rows, 1);
    const struct look_sealed look = { { text_string(ctx->arena, rows_text(rows, 6)), rows_int(rows, 7) },
                                      { realm, rows_int(rows, 3) },
                                      rows_int(rows, 2),
                                      text_string(ctx->arena, rows_text(rows, 4)),
                                      rows_text(rows, 5),
                                      arena_printf(ctx->arena, "%lld", (long long)rows_int(rows, 8)) };
    struct text *entries;
    struct node *entry;
    int count;
    TRY(ledger_entries(ctx, realm, position, 1, &entries, &count));
    if (!count || json_read(ctx, entries[0], &entry) || salt.size != RECEIPT_SALT_SIZE ||
        !text_is(node_find_text(entry, KEY("commitment")),
                 leaf_commitment(ctx->arena, (const uint8_t *)salt.at, person_look_event(ctx, &look))))
        fault(walk, "verify.look", realm, position);
    return NULL;
}

/* Each row that STATEMENT finds in the realm, by CHECK. */
static const struct err *check_each(struct walk *walk, const char *realm, const struct statement *statement,
                                    const struct err *(*check)(struct walk *walk, const char *realm, const struct rows *rows))
{
    struct rows rows;
    const struct err *failed = NULL;
    TRY(rows_open(walk->ctx, walk->ctx->snapshot, statement, VALUES(value_string(realm)), &rows));
    while (!failed && rows_next(&rows)) {
        struct walk piece = piece_begin(walk);
        failed = piece_end(walk, &piece, check(&piece, realm, &rows));
    }
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* --- matters: what lists show is what the events led to; nothing is missing between them and the log --- */

static const struct err *check_matters(struct walk *walk, const char *realm, int64_t size)
{
    struct rows rows;
    TRY(rows_open(walk->ctx, walk->ctx->snapshot, &sql_matter_unlike_events, VALUES(value_string(realm)), &rows));
    while (rows_next(&rows))
        fault(walk, "verify.matter", rows_string(&rows, 0), rows_int(&rows, 1));
    TRY(rows_close(&rows));
    TRY(rows_open(walk->ctx, walk->ctx->snapshot, &sql_leaves_told, VALUES(value_string(realm)), &rows));
    if (rows_next(&rows) && rows_int(&rows, 0) != size)
        fault(walk, "verify.untold", realm, size - rows_int(&rows, 0));
    return rows_close(&rows);
}

/* --- ballots: their archives hold and say what the leaves say --- */

/* As it is served, but on disk: it may be larger than memory. */
static const struct err *check_archive(struct ctx *ctx, const struct poll *poll, const char **ret_wrong)
{
    struct poll_stream *stream;
    struct file_map archive;
    const struct err *failed = poll_stream_begin(ctx, poll, &stream);
    if (failed && err_root(failed)->kind == ERR_MISSING) {
        *ret_wrong = "verify.ballot_archive";
        return NULL;
    }
    TRY(failed);
    failed = file_map_made(ctx, poll_stream_read, stream, &archive);
    poll_stream_end(stream);
    return failed ? failed : poll_verify_archive(ctx, poll, archive.bytes, ret_wrong);
}

static const struct err *check_ballot(struct walk *walk, const char *realm, int64_t id)
{
    struct poll *poll;
    const char *wrong;
    TRY(poll_load_by_id(walk->ctx, realm, id, &poll));
    TRY(poll_verify(walk->ctx, poll, &wrong));
    if (!wrong && poll->sealed_at)
        TRY(check_archive(walk->ctx, poll, &wrong));
    walk->found->elections++;
    if (!wrong)
        return NULL;
    walk->found->faults++;
    if (walk->report)
        walk->report(walk->self, texts_fill(walk->ctx, wrong, realm, poll->number, NULL));
    return NULL;
}

static const struct err *check_ballots(struct walk *walk, const char *realm)
{
    int64_t *ids;
    int count;
    TRY(poll_ids(walk->ctx, realm, &ids, &count));
    for (int i = 0; i < count; i++) {
        struct walk piece = piece_begin(walk);
        piece.ctx->records = walk->ctx->records;
        TRY(piece_end(walk, &piece, check_ballot(&piece, realm, ids[i])));
    }
    return NULL;
}

/* --- realms --- */

static const struct err *check_realm(struct walk *outer, const char *realm, int64_t size, struct text front)
{
    struct walk walk = piece_begin(outer);
    const struct err *failed = check_log(&walk, realm, size, front);
    if (!failed)
        failed = check_each(&walk, realm, &sql_event_every, check_event);
    if (!failed)
        failed = check_each(&walk, realm, &sql_look_every, check_look);
    if (!failed)
        failed = check_matters(&walk, realm, size);
    if (!failed)
        failed = check_ballots(&walk, realm);
    outer->found->realms++;
    return piece_end(outer, &walk, err_wrap(walk.ctx, failed, "%s", realm));
}

static void snapshot_close(struct ctx **ctx)
{
    snapshot_end((*ctx)->snapshot);
    (*ctx)->snapshot = NULL;
}

const struct err *house_verify(struct ctx *outer, struct house *house, void (*report)(void *, const char *), void *self,
                               struct verified *ret)
{
    scoped(snapshot_close) struct ctx *ctx = outer;
    *ret = (struct verified){ 0 };
    struct walk walk = { .ctx = ctx, .house = house, .report = report, .self = self, .found = ret };
    ctx->records = &house->records;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct rows rows;
    const struct err *failed = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_head_every, VALUES_NONE, &rows));
    while (!failed && rows_next(&rows))
        failed = check_realm(&walk, rows_string(&rows, 0), rows_int(&rows, 1), rows_blob(&rows, 2));
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}
