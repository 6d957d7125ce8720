/* app/house_verify.c */
#include "app/house_verify.h"

#include "app/app_sql.h"
#include "base/arena.h"
#include "base/json.h"
#include "base/texts.h"
#include "civic/proof.h"
#include "record/ledger.h"

enum { ENTRIES_AT_ONCE = 256 };

struct walk {
    struct ctx *ctx;
    struct house *house;
    void (*report)(void *self, const char *sentence);
    void *self;
    struct verified *found;
};

static void fault(struct walk *walk, const char *key, const char *realm, int64_t position)
{
    walk->found->faults++;
    if (walk->report)
        walk->report(walk->self, texts_fill(walk->ctx, key, realm,
                                            arena_printf(walk->ctx->arena, "%lld", (long long)position), NULL));
}

/* --- checkpoints --- */

/* The signed checkpoints of a realm by size, stepped through while the tree grows. */
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

static const struct err *check_log(struct walk *walk, const char *realm, int64_t size)
{
    struct ctx *ctx = walk->ctx;
    const char *key_text;
    struct note_key key;
    TRY(ledger_verifier_key(ctx, walk->house->records.ledger, realm, &key_text));
    TRY(note_key_parse(ctx, text_of(key_text), &key));
    struct tree_front *front = arena_new_of(ctx->arena, struct tree_front);
    struct rows checkpoints;
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_checkpoint_every, VALUES(value_string(realm)), &checkpoints));
    bool has_checkpoint = rows_next(&checkpoints);
    const struct err *failed = NULL;
    while (!failed && (int64_t)front->size < size) {
        struct text *entries;
        int count;
        failed = ledger_entries(ctx, realm, (int64_t)front->size, ENTRIES_AT_ONCE, &entries, &count);
        if (!failed && !count) {
            fault(walk, "verify.leaf_missing", realm, (int64_t)front->size);
            break;
        }
        for (int i = 0; !failed && i < count; i++) {
            struct sha256 leaf = tree_leaf_hash(entries[i]);
            tree_append(front, &leaf, NULL);
            walk->found->leaves++;
            for (; !failed && has_checkpoint && rows_int(&checkpoints, 0) == (int64_t)front->size;
                 has_checkpoint = rows_next(&checkpoints))
                failed = check_checkpoint(walk, realm, &key, front, rows_text(&checkpoints, 1));
        }
    }
    if (!failed && has_checkpoint)
        fault(walk, "verify.checkpoint_beyond", realm, rows_int(&checkpoints, 0));
    const struct err *closed = rows_close(&checkpoints);
    return failed ? failed : closed;
}

/* --- events --- */

static const struct err *check_event(struct walk *walk, const char *realm, int64_t position, struct text bytes, struct text salt)
{
    walk->found->events++;
    if (!bytes.at || !salt.at) {
        walk->found->erased++;
        return NULL;
    }
    struct text *entries;
    struct node *entry;
    int count;
    TRY(ledger_entries(walk->ctx, realm, position, 1, &entries, &count));
    if (!count || json_read(walk->ctx, entries[0], &entry) || salt.size != RECEIPT_SALT_SIZE ||
        !text_is(node_find_text(entry, KEY("commitment")),
                 leaf_commitment(walk->ctx->arena, (const uint8_t *)salt.at, bytes)))
        fault(walk, "verify.event", realm, position);
    return NULL;
}

static const struct err *check_events(struct walk *walk, const char *realm)
{
    struct rows rows;
    const struct err *failed = NULL;
    TRY(rows_open(walk->ctx, walk->ctx->snapshot, &sql_event_every, VALUES(value_string(realm)), &rows));
    while (!failed && rows_next(&rows))
        failed = check_event(walk, realm, rows_int(&rows, 0), rows_text(&rows, 1), rows_blob(&rows, 2));
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* --- realms, each with memory of its own --- */

static const struct err *check_realm(struct walk *outer, const char *realm, int64_t size)
{
    struct walk walk = *outer;
    walk.ctx = ctx_begin(&outer->house->model);
    walk.ctx->language = outer->ctx->language;
    walk.ctx->snapshot = outer->ctx->snapshot;
    const struct err *failed = check_log(&walk, realm, size);
    if (!failed)
        failed = check_events(&walk, realm);
    if (failed)
        failed = err_make_broken(outer->ctx, __FILE__, __LINE__, "%s: %s", realm, err_trace(outer->ctx, failed));
    ctx_end(walk.ctx);
    outer->found->realms++;
    return failed;
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
    struct walk walk = { ctx, house, report, self, ret };
    ctx->records = &house->records;
    TRY(snapshot_begin(ctx, house->db, &ctx->snapshot));
    struct rows rows;
    const struct err *failed = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_log_head_every, VALUES_NONE, &rows));
    while (!failed && rows_next(&rows))
        failed = check_realm(&walk, rows_string(&rows, 0), rows_int(&rows, 1));
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}
