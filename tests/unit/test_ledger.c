/* tests/unit/test_ledger.c -- the log of a realm: what was sealed can be recomputed by anyone, whatever went wrong in
 * between. When this fails: record/ledger.c (writing), record/ledger_read.c (tiles, proofs). */
#include "database.h"
#include "memory_tiles.h"

#include "base/buffer.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "civic/note.h"
#include "civic/proof.h"
#include "civic/tiles.h"
#include "record/keys.h"
#include "record/ledger.h"
#include "record/ledger_sql.h"
#include "record/matter_sql.h"

#define HOST "gongzhi.example"
static const char *const realms[] = { "500116106000", "500230109000" };

struct town {
    struct database *d;
    struct fixture *f;
    struct ctx *ctx;
    struct keys *keys;
    struct ledger *ledger;
    struct writer *writer;
    int64_t made[2];
    int waiting_done, waiting_conflict;
};

static void open_ledger(struct town *t)
{
    const struct ledger_settings settings = { .host = HOST, .keys = t->keys };
    assert_ok(t->f, ledger_open(t->ctx, &settings, &t->ledger));
    const struct seal seal = ledger_seal(t->ledger);
    assert_ok(t->f, writer_start(t->ctx, &t->f->model, t->d->db, &seal, &t->writer));
}

static void close_ledger(struct town *t)
{
    writer_stop(t->writer);
    ledger_close(t->ledger);
}

static void look(struct town *t)
{
    snapshot_end(t->ctx->snapshot);
    t->ctx->snapshot = NULL;
    assert_ok(t->f, snapshot_begin(t->ctx, t->d->db, &t->ctx->snapshot));
}

static int setup(void **state, enum db_kind kind)
{
    struct town *t = calloc(1, sizeof *t);
    t->d = database_begin(kind);
    t->f = t->d->f;
    t->ctx = t->f->ctx;
    assert_ok(t->f, db_migrate(t->ctx, t->d->db, store_migrations, store_migration_count));
    assert_ok(t->f, db_migrate(t->ctx, t->d->db, ledger_migrations, ledger_migration_count));
    assert_ok(t->f, db_migrate(t->ctx, t->d->db, matter_migrations, matter_migration_count));
    assert_ok(t->f, keys_open(t->ctx, arena_printf(t->ctx->arena, "%s/keys", t->d->folder), true, &t->keys));
    open_ledger(t);
    *state = t;
    return 0;
}

static int setup_sqlite(void **state)
{
    return setup(state, DB_SQLITE);
}

static int setup_postgres(void **state)
{
    return setup(state, DB_POSTGRES);
}

static int teardown(void **state)
{
    struct town *t = *state;
    snapshot_end(t->ctx->snapshot);
    close_ledger(t);
    keys_close(t->keys);
    database_end(t->d);
    free(t);
    return 0;
}

/* --- plans --- */

static uint64_t chance(struct town *t, uint64_t below)
{
    uint64_t value;
    ctx_random(t->ctx, &value, sizeof value);
    return value % below;
}

static const char *const opens[] = { "{}", "{\"flow\":\"request\",\"time\":" PLAN_TIME "}",
                                     "{\"a\":1,\"zoo\":{\"b\":[1,\"}\\\"\"]}}", "{\"category\":\"help\"}" };

static struct plan *plan_of(struct town *t, int realm, int leaves)
{
    struct plan *plan = plan_new(t->ctx, realms[realm]);
    for (int i = 0; i < leaves; i++) {
        uint8_t salt[PLAN_SALT_SIZE];
        ctx_random(t->ctx, salt, sizeof salt);
        const char *bytes = arena_printf(t->ctx->arena, "{\"said\":\"%llu\"}", (unsigned long long)chance(t, 1000000));
        plan_leaf(plan, text_of(opens[chance(t, 4)]), text_of(bytes), salt);
    }
    return plan;
}

/* A step that finds no row. */
static void spoil(struct plan *plan)
{
    plan_step(plan, &sql_matter_due, 1, "matter.changed",
              VALUES(value_string(plan->realm), value_int(1), value_int(1), value_int(1)));
}

static struct outcome run(struct town *t, struct plan *plan)
{
    struct outcome outcome;
    assert_ok(t->f, writer_run(t->ctx, t->writer, plan, &outcome));
    return outcome;
}

static void count_outcome(void *self, const struct outcome *outcome)
{
    struct town *t = self;
    t->waiting_done += outcome->kind == OUTCOME_DONE;
    t->waiting_conflict += outcome->kind == OUTCOME_CONFLICT;
}

static void grow(struct town *t, int realm, int leaves)
{
    assert_int_equal(run(t, plan_of(t, realm, leaves)).kind, OUTCOME_DONE);
    t->made[realm] += leaves;
}

/* --- recomputing --- */

static void demand_canonical(struct town *t, struct text entry)
{
    struct node *node;
    scoped(buffer_clear) struct buffer again = { 0 };
    assert_ok(t->f, json_read(t->ctx, entry, &node));
    assert_int_equal(node_find_text(node, KEY("commitment")).size, 64);
    node_write_canonical(node, &again);
    assert_true(text_equal(buffer_view(&again), entry));
}

/* Every entry of the log, hashed again into a tree of our own. */
static void rebuild(struct town *t, const char *realm, int64_t size, struct memory_tiles *tree)
{
    *tree = (struct memory_tiles){ .tiles = { memory_tile } };
    for (int64_t from = 0; from < size; from += 300) {
        struct text *entries;
        int count;
        assert_ok(t->f, ledger_entries(t->ctx, realm, from, size - from < 300 ? size - from : 300, &entries, &count));
        assert_int_equal(count, size - from < 300 ? size - from : 300);
        for (int i = 0; i < count; i++) {
            struct sha256 hash = tree_leaf_hash(entries[i]);
            demand_canonical(t, entries[i]);
            memory_append(tree, &hash);
        }
    }
}

static void demand_tiles(struct town *t, const char *realm, int64_t size, const struct memory_tiles *tree)
{
    for (unsigned level = 0; tile_row_count(level, (uint64_t)size); level++)
        for (uint64_t index = 0; tile_width(level, index, (uint64_t)size); index++) {
            struct tile tile = { .level = level, .index = index, .width = tile_width(level, index, (uint64_t)size) };
            struct text bytes;
            assert_ok(t->f, ledger_tile(t->ctx, realm, &tile, &bytes));
            assert_int_equal(bytes.size, tile.width * SHA256_SIZE);
            assert_memory_equal(bytes.at, tree->rows[level].hashes + index * TREE_TILE_WIDTH, bytes.size);
        }
}

static void demand_bundles(struct town *t, const char *realm, int64_t size)
{
    int64_t seen = 0;
    for (uint64_t index = 0; tile_width(0, index, (uint64_t)size); index++) {
        struct tile tile = { .is_entries = true, .index = index, .width = tile_width(0, index, (uint64_t)size) };
        struct text bytes, entry;
        assert_ok(t->f, ledger_tile(t->ctx, realm, &tile, &bytes));
        while (entry_bundle_next(&bytes, &entry))
            seen++;
        assert_int_equal(bytes.size, 0);
    }
    assert_int_equal(seen, size);
}

/* Signature, size, root, every tile, every bundle, proofs of some leaves, and that it grew from each of some earlier
 * sizes. */
static void demand_sound(struct town *t, int which)
{
    const char *realm = realms[which], *vkey;
    struct ledger_point point;
    struct note_key key;
    struct checkpoint checkpoint;
    struct memory_tiles tree;
    look(t);
    assert_ok(t->f, ledger_checkpoint(t->ctx, realm, &point));
    assert_int_equal(point.size, t->made[which]);
    assert_ok(t->f, ledger_verifier_key(t->ctx, t->ledger, realm, &vkey));
    assert_ok(t->f, note_key_parse(t->ctx, text_of(vkey), &key));
    assert_ok(t->f, checkpoint_open(t->ctx, point.note, &key, 1, text_of(ledger_origin(t->ctx, t->ledger, realm)),
                                    &checkpoint, NULL));
    assert_int_equal(checkpoint.size, point.size);
    rebuild(t, realm, point.size, &tree);
    struct sha256 root = tree_root(&tree.front);
    assert_memory_equal(root.bytes, checkpoint.root.bytes, SHA256_SIZE);
    demand_tiles(t, realm, point.size, &tree);
    demand_bundles(t, realm, point.size);
    for (int64_t at = 0; at < point.size; at += 1 + (int64_t)chance(t, 60)) {
        struct tree_proof proof;
        struct sha256 leaf = tree.rows[0].hashes[at], old_root;
        assert_ok(t->f, ledger_prove(t->ctx, realm, at, point.size, &proof));
        assert_true(tree_check_inclusion(&leaf, (uint64_t)at, (uint64_t)point.size, proof.hashes, proof.count, &root));
        if (at == 0) /* of the empty tree there is nothing to prove */
            continue;
        assert_ok(t->f, ledger_prove_consistency(t->ctx, realm, at, point.size, &proof));
        assert_true(tree_root_at(t->ctx->arena, &tree.tiles, (uint64_t)at, &old_root));
        assert_true(
            tree_check_consistency((uint64_t)at, (uint64_t)point.size, proof.hashes, proof.count, &old_root, &root));
    }
    memory_tiles_clear(&tree);
}

/* --- sentences --- */

static void a_thousand_random_events_over_two_realms_can_be_recomputed(void **state)
{
    struct town *t = *state;
    int spoiled = 0, sent = 0;
    for (int events = 0; events < 1000;) {
        enum { BURST = 40 };
        struct ctx *owners[BURST]; /* an arena belongs to one thread at a time, so each plan in the air has its own */
        int burst = 1 + (int)chance(t, BURST);
        for (int i = 0; i < burst; i++, sent++) {
            int realm = (int)chance(t, 2), leaves = 1 + (int)chance(t, 3);
            struct town own = { .ctx = owners[i] = ctx_begin(&t->f->model) };
            struct plan *plan = plan_of(&own, realm, leaves);
            if (chance(t, 12) == 0) {
                spoil(plan);
                spoiled++;
            } else {
                t->made[realm] += leaves;
                events += leaves;
            }
            writer_submit(t->writer, plan, count_outcome, t);
        }
        grow(t, 0, 1); /* waits for all of the realm before it */
        grow(t, 1, 1);
        for (int i = 0; i < burst; i++)
            ctx_end(owners[i]);
        events += 2;
    }
    for (int realm = 0; realm < 2; realm++)
        demand_sound(t, realm);
    assert_int_equal(t->waiting_conflict, spoiled);
    assert_int_equal(t->waiting_done, sent - spoiled);
    assert_true(t->made[0] > 300 && t->made[1] > 300);
}

static void two_processes_write_one_log(void **state)
{
    struct town *t = *state, other = *t;
    open_ledger(&other);
    grow(t, 0, 3);
    grow(&other, 0, 250); /* knows nothing of the last tile */
    grow(t, 0, 2);
    grow(t, 0, 10); /* becomes full here; the hashes kept in memory are not the last ones */
    grow(&other, 0, 600);
    grow(t, 0, 1);
    t->made[0] = 866;
    demand_sound(t, 0);
    close_ledger(&other);
}

static void a_new_start_goes_on_where_the_log_ended(void **state)
{
    struct town *t = *state;
    static const int sizes[] = { 1, 254, 1, 1, 255, 256, 3, 1000 };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        grow(t, 1, sizes[i]);
        close_ledger(t);
        open_ledger(t);
    }
    demand_sound(t, 1);
}

static void a_plan_that_fails_leaves_no_leaf_no_number_and_no_checkpoint(void **state)
{
    struct town *t = *state;
    grow(t, 0, 5);
    for (int i = 0; i < 3; i++) {
        struct plan *bad = plan_of(t, 0, 400), *good = plan_of(t, 0, 1);
        plan_wants_number(bad, "QZ", "QZ-", 3);
        plan_wants_number(good, "QZ", "QZ-", 3);
        spoil(bad);
        assert_int_equal(run(t, bad).kind, OUTCOME_CONFLICT);
        struct outcome outcome = run(t, good);
        assert_int_equal(outcome.kind, OUTCOME_DONE);
        assert_string_equal(outcome.number, arena_printf(t->ctx->arena, "QZ-00%d", i + 1));
        assert_int_equal(outcome.slots[0], 5 + i);
        t->made[0]++;
    }
    demand_sound(t, 0);
}

static void the_log_never_goes_back_in_time(void **state)
{
    struct town *t = *state;
    int64_t first = run(t, plan_of(t, 0, 1)).time;
    assert_int_equal(first, FIXTURE_NOW);
    fake_clock_set(&t->f->clock, FIXTURE_NOW - MICROS_PER_DAY);
    assert_int_equal(run(t, plan_of(t, 0, 1)).time, FIXTURE_NOW);
    assert_int_equal(run(t, plan_of(t, 1, 1)).time,
                     FIXTURE_NOW - MICROS_PER_DAY); /* another realm's clock is its own */
    close_ledger(t);
    open_ledger(t);
    assert_int_equal(run(t, plan_of(t, 0, 1)).time, FIXTURE_NOW);
}

static void what_the_log_does_not_have_is_missing(void **state)
{
    struct town *t = *state;
    struct ledger_point point;
    struct tree_proof proof;
    struct text bytes;
    look(t);
    assert_fails(ledger_checkpoint(t->ctx, realms[0], &point), ERR_MISSING, "log.missing");
    grow(t, 0, 300);
    look(t);
    static const struct tile beyond[] = { { .index = 1, .width = 45 },
                                          { .index = 2, .width = 1 },
                                          { .index = 1, .width = 256 },
                                          { .level = 1, .width = 2 },
                                          { .is_entries = true, .index = 1, .width = 256 } };
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++)
        assert_fails(ledger_tile(t->ctx, realms[0], &beyond[i], &bytes), ERR_MISSING, "log.tile");
    const struct tile narrow = { .index = 0, .width = 7 };
    assert_ok(t->f, ledger_tile(t->ctx, realms[0], &narrow, &bytes));
    assert_int_equal(bytes.size, 7 * SHA256_SIZE);
    assert_fails(ledger_prove(t->ctx, realms[0], 300, 300, &proof), ERR_MISSING, "log.missing");
    assert_fails(ledger_prove(t->ctx, realms[0], 1, 301, &proof), ERR_MISSING, "log.missing");
    assert_fails(ledger_prove_consistency(t->ctx, realms[0], 2, 301, &proof), ERR_MISSING, "log.missing");
}

static void the_commitment_opens_to_the_bytes_and_stands_in_its_place(void **state)
{
    struct town *t = *state;
    uint8_t salt[PLAN_SALT_SIZE];
    ctx_random(t->ctx, salt, sizeof salt);
    for (int i = 0; i < 4; i++) {
        struct plan *plan = plan_new(t->ctx, realms[0]);
        struct text *entries;
        int count;
        plan_leaf(plan, text_of(opens[i]), TEXT("said at " PLAN_TIME), salt);
        run(t, plan);
        look(t);
        assert_ok(t->f, ledger_entries(t->ctx, realms[0], i, 1, &entries, &count));
        assert_int_equal(count, 1);
        demand_canonical(t, entries[0]);
        struct node *node;
        assert_ok(t->f, json_read(t->ctx, entries[0], &node));
        const char *bytes = arena_printf(t->ctx->arena, "said at %lld", (long long)FIXTURE_NOW);
        assert_true(
            text_is(node_find_text(node, KEY("commitment")), leaf_commitment(t->ctx->arena, salt, text_of(bytes))));
    }
}

static const char *seed_path(struct town *t, int realm)
{
    return arena_printf(t->ctx->arena, "%s/keys/log-%s.seed", t->d->folder, realms[realm]);
}

static void a_log_whose_key_is_lost_does_not_go_on_under_another(void **state)
{
    struct town *t = *state;
    const char *vkey, *aside = arena_printf(t->ctx->arena, "%s/aside", t->d->folder);
    struct outcome outcome;
    look(t);
    assert_fails(ledger_verifier_key(t->ctx, t->ledger, realms[0], &vkey), ERR_MISSING, "log.missing");
    assert_int_equal(access(seed_path(t, 0), F_OK), -1); /* asking made none */
    grow(t, 0, 3);
    grow(t, 1, 1);
    close_ledger(t);
    assert_int_equal(rename(seed_path(t, 0), aside), 0);
    open_ledger(t);
    look(t);
    const struct err *missing = ledger_check_keys(t->ctx, t->ledger);
    assert_fails(missing, ERR_BROKEN, "log.key_missing");
    assert_string_equal(missing->arguments[0], realms[0]);
    assert_string_equal(missing->arguments[1], "3");
    assert_fails(writer_run(t->ctx, t->writer, plan_of(t, 0, 1), &outcome), ERR_BROKEN, "log.key_missing");
    assert_int_equal(access(seed_path(t, 0), F_OK), -1);
    grow(t, 1, 1); /* the other town isn't held up */
    assert_int_equal(rename(seed_path(t, 1), seed_path(t, 0)), 0);
    assert_int_equal(link(seed_path(t, 0), seed_path(t, 1)), 0);
    assert_fails(ledger_check_keys(t->ctx, t->ledger), ERR_BROKEN, "log.key_other");
    assert_int_equal(rename(aside, seed_path(t, 0)), 0);
    assert_ok(t->f, ledger_check_keys(t->ctx, t->ledger));
    grow(t, 0, 1);
    demand_sound(t, 0);
    demand_sound(t, 1);
}

int main(void)
{
    log_quiet();
#define ON_EITHER(test)                                                                                                \
    { #test " (SQLite)", test, setup_sqlite, teardown, NULL },                                                         \
    {                                                                                                                  \
#test " (PostgreSQL)", test, setup_postgres, teardown, NULL                                                    \
    }
    const struct CMUnitTest tests[] = {
        ON_EITHER(a_thousand_random_events_over_two_realms_can_be_recomputed),
        ON_EITHER(two_processes_write_one_log),
        ON_EITHER(a_new_start_goes_on_where_the_log_ended),
        ON_EITHER(a_plan_that_fails_leaves_no_leaf_no_number_and_no_checkpoint),
        ON_EITHER(the_log_never_goes_back_in_time),
        ON_EITHER(what_the_log_does_not_have_is_missing),
        ON_EITHER(the_commitment_opens_to_the_bytes_and_stands_in_its_place),
        ON_EITHER(a_log_whose_key_is_lost_does_not_go_on_under_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
