/* When this fails, look in src/civic/tree.c. The vectors come from other implementations
 * (tests/vectors/tlog/README.md). */
#include "memory_tiles.h"
#include "vectors.h"

#include "civic/tiles.h"
#include "civic/tree.h"

#define assert_hash_equal(a, b) assert_memory_equal((a).bytes, (b).bytes, SHA256_SIZE)

/* The root by the definition of RFC 6962, 2.1, and nothing cleverer. */
static struct sha256 plain_root(const struct sha256 *leaves, size_t count)
{
    if (count == 0)
        return sha256_of(TEXT(""));
    if (count == 1)
        return leaves[0];
    size_t split = 1;
    while (split * 2 < count)
        split *= 2;
    struct sha256 left = plain_root(leaves, split), right = plain_root(leaves + split, count - split);
    return tree_node_hash(&left, &right);
}

static struct sha256 numbered_leaf(uint64_t number)
{
    char entry[32];
    int size = snprintf(entry, sizeof entry, "entry-%llu", (unsigned long long)number);
    return tree_leaf_hash((struct text){ entry, (size_t)size });
}

static const struct memory_tiles *grown(struct memory_tiles *m, uint64_t size)
{
    m->tiles.tile = memory_tile;
    while (m->front.size < size) {
        struct sha256 leaf = numbered_leaf(m->front.size);
        memory_append(m, &leaf);
    }
    return m;
}

static void rfc6962_leaves_nodes_and_roots(void **state)
{
    struct fixture *f = *state;
    const struct node *file = vector_json(f, "rfc6962-basic.json");
    const struct node *levels = node_find(file, KEY("node_hashes_by_level_hex"));
    struct sha256 leaves[8];
    size_t count = 0;
    const struct node_link *expected = levels->first->value.first;
    node_each (input, node_find(file, KEY("leaf_inputs_hex"))) {
        leaves[count] = tree_leaf_hash(vector_hex(f, input->value.text));
        struct sha256 hash = hash_from(vector_hex(f, expected->value.text));
        assert_hash_equal(leaves[count], hash);
        expected = expected->next;
        count++;
    }
    assert_int_equal(count, 8);
    struct sha256 row[8];
    memcpy(row, leaves, sizeof row);
    for (const struct node_link *level = levels->first->next; level; level = level->next) {
        size_t i = 0;
        node_each (node, &level->value) {
            row[i] = tree_node_hash(&row[2 * i], &row[2 * i + 1]);
            struct sha256 hash = hash_from(vector_hex(f, node->value.text));
            assert_hash_equal(row[i], hash);
            i++;
        }
    }
    struct tree_front front = { 0 };
    size_t size = 0;
    node_each (root, node_find(file, KEY("root_by_size_hex"))) {
        struct sha256 found = tree_root(&front), hash = hash_from(vector_hex(f, root->value.text));
        assert_hash_equal(found, hash);
        if (size < 8)
            tree_append(&front, &leaves[size], NULL);
        size++;
    }
    assert_int_equal(size, 9);
}

/* A line of the file as JSON. Some index was written as 2^64 - 1 and rounded on its way: it becomes -1, which reads as
 * the same unsigned number. */
static const struct node *case_of(struct fixture *f, struct text line)
{
    static const char rounded[] = "18446744073709552000";
    char *copy = text_string(f->ctx->arena, line), *found = strstr(copy, rounded);
    if (found) {
        memset(found, ' ', sizeof rounded - 1);
        memcpy(found, "-1", 2);
    }
    return json_of(f, text_of(copy));
}

/* False if a hash of the proof has not 32 bytes: it could not even be handed over. */
static bool proof_of(struct fixture *f, const struct node *list, struct sha256 **ret, size_t *ret_count)
{
    size_t count = 0;
    *ret = arena_array_of(f->ctx->arena, struct sha256, 1 + (list ? list->count : 0));
    *ret_count = 0;
    if (!list || list->kind == NODE_NULL)
        return true;
    node_each (item, list) {
        struct text bytes = vector_base64(f, item->value.text);
        if (bytes.size != SHA256_SIZE)
            return false;
        (*ret)[count++] = hash_from(bytes);
    }
    *ret_count = count;
    return true;
}

static bool hash_of(struct fixture *f, const struct node *test, const struct key *key, struct sha256 *ret)
{
    struct text bytes = vector_base64(f, node_find_text(test, key));
    if (bytes.size != SHA256_SIZE)
        return false;
    *ret = hash_from(bytes);
    return true;
}

static void inclusion_proofs_of_others_are_judged_alike(void **state)
{
    struct fixture *f = *state;
    struct text rest = vector_read(f, "inclusion.jsonl");
    int good = 0, bad = 0;
    while (rest.size) {
        const struct node *test = case_of(f, text_cut(rest, '\n', &rest));
        struct sha256 root, leaf, *proof;
        size_t count;
        bool is_right = hash_of(f, test, KEY("root"), &root) && hash_of(f, test, KEY("leafHash"), &leaf) &&
                        proof_of(f, node_find(test, KEY("proof")), &proof, &count) &&
                        tree_check_inclusion(&leaf, (uint64_t)node_find_int(test, KEY("leafIdx"), 0),
                                             (uint64_t)node_find_int(test, KEY("treeSize"), 0), proof, count, &root);
        assert_case(node_find_text(test, KEY("file")), is_right == !node_find_bool(test, KEY("wantErr")));
        *(is_right ? &good : &bad) += 1;
    }
    assert_true(good == 4 && bad == 62);
}

static void consistency_proofs_of_others_are_judged_alike(void **state)
{
    struct fixture *f = *state;
    struct text rest = vector_read(f, "consistency.jsonl");
    int good = 0, bad = 0;
    while (rest.size) {
        const struct node *test = case_of(f, text_cut(rest, '\n', &rest));
        struct sha256 old_root, new_root, *proof;
        size_t count;
        bool is_right = hash_of(f, test, KEY("root1"), &old_root) && hash_of(f, test, KEY("root2"), &new_root) &&
                        proof_of(f, node_find(test, KEY("proof")), &proof, &count) &&
                        tree_check_consistency((uint64_t)node_find_int(test, KEY("size1"), 0),
                                               (uint64_t)node_find_int(test, KEY("size2"), 0), proof, count, &old_root,
                                               &new_root);
        assert_case(node_find_text(test, KEY("file")), is_right == !node_find_bool(test, KEY("wantErr")));
        *(is_right ? &good : &bad) += 1;
    }
    assert_true(good == 4 && bad == 62);
}

static void assert_proof_is(struct fixture *f, const struct node *test, const struct tree_proof *proof)
{
    const struct node *expected = node_find(test, KEY("proof"));
    size_t i = 0;
    assert_int_equal(proof->count, expected->count);
    node_each (item, expected) {
        struct sha256 hash = hash_from(vector_base64(f, item->value.text));
        assert_hash_equal(proof->hashes[i], hash);
        i++;
    }
}

static void a_tree_of_70000_gives_the_roots_proofs_and_tiles_of_another_program(void **state)
{
    struct fixture *f = *state;
    const struct node *file = vector_json(f, "xmod-tree-70000.json");
    struct memory_tiles m = { 0 };
    grown(&m, 70000);
    int cases = 0;
    node_each (test, node_find(file, KEY("roots"))) {
        struct sha256 root, expected = hash_from(vector_base64(f, node_find_text(&test->value, KEY("root"))));
        uint64_t size = (uint64_t)node_find_int(&test->value, KEY("size"), 0);
        assert_true(tree_root_at(f->ctx->arena, &m.tiles, size, &root));
        assert_hash_equal(root, expected);
        struct tree_front front;
        assert_true(tree_front_at(f->ctx->arena, &m.tiles, size, &front));
        root = tree_root(&front);
        assert_hash_equal(root, expected);
        cases++;
    }
    node_each (test, node_find(file, KEY("inclusion"))) {
        struct tree_proof proof;
        assert_true(tree_prove_inclusion(f->ctx->arena, &m.tiles,
                                         (uint64_t)node_find_int(&test->value, KEY("index"), -1),
                                         (uint64_t)node_find_int(&test->value, KEY("size"), -1), &proof));
        assert_proof_is(f, &test->value, &proof);
        cases++;
    }
    node_each (test, node_find(file, KEY("consistency"))) {
        struct tree_proof proof;
        assert_true(tree_prove_consistency(f->ctx->arena, &m.tiles,
                                           (uint64_t)node_find_int(&test->value, KEY("old"), -1),
                                           (uint64_t)node_find_int(&test->value, KEY("new"), -1), &proof));
        assert_proof_is(f, &test->value, &proof);
        cases++;
    }
    node_each (test, node_find(file, KEY("tiles"))) {
        struct tile tile;
        uint8_t hashes[TILE_FULL * SHA256_SIZE];
        assert_true(tile_path_parse(node_find_text(&test->value, KEY("path")), &tile));
        assert_int_equal(tile.level, node_find_int(&test->value, KEY("level"), -1));
        assert_int_equal(tile.index, node_find_int(&test->value, KEY("index"), -1));
        assert_int_equal(tile.width, node_find_int(&test->value, KEY("width"), -1));
        assert_true(tile_is_within(&tile, (uint64_t)node_find_int(&test->value, KEY("tree_size"), 0)));
        assert_true(memory_tile(&m.tiles, tile.level, tile.index, tile.width, hashes));
        assert_int_equal(tile.width * SHA256_SIZE, node_find_int(&test->value, KEY("bytes"), -1));
        struct sha256 found = sha256_of((struct text){ (const char *)hashes, tile.width * SHA256_SIZE });
        assert_string_equal(hex_encode(f->ctx->arena, sha256_text(&found)),
                            text_string(f->ctx->arena, node_find_text(&test->value, KEY("sha256"))));
        cases++;
    }
    assert_int_equal(cases, 12 + 42 + 30 + 25);
    memory_tiles_clear(&m);
}

static void every_proof_in_small_trees_is_made_and_holds(void **state)
{
    struct fixture *f = *state;
    enum { MOST = 40 };
    struct memory_tiles m = { 0 };
    struct sha256 roots[MOST + 1], root;
    for (uint64_t size = 0; size <= MOST; size++) {
        grown(&m, size);
        roots[size] = plain_root(m.rows[0].hashes, size);
        root = tree_root(&m.front);
        assert_hash_equal(root, roots[size]);
    }
    for (uint64_t size = 1; size <= MOST; size++) {
        struct tree_proof proof;
        for (uint64_t index = 0; index < size; index++) {
            assert_true(tree_prove_inclusion(f->ctx->arena, &m.tiles, index, size, &proof));
            const struct sha256 *leaf = &m.rows[0].hashes[index];
            assert_true(tree_check_inclusion(leaf, index, size, proof.hashes, proof.count, &roots[size]));
            for (uint64_t other = 0; other < size; other++)
                assert_true(other == index ||
                            !tree_check_inclusion(leaf, other, size, proof.hashes, proof.count, &roots[size]));
        }
        for (uint64_t old = 1; old <= size; old++) {
            assert_true(tree_prove_consistency(f->ctx->arena, &m.tiles, old, size, &proof));
            assert_true(tree_check_consistency(old, size, proof.hashes, proof.count, &roots[old], &roots[size]));
            assert_true(old == size ||
                        !tree_check_consistency(old, size, proof.hashes, proof.count, &roots[size], &roots[size]));
            if (proof.count)
                assert_false(
                    tree_check_consistency(old, size, proof.hashes, proof.count - 1, &roots[old], &roots[size]));
        }
    }
    memory_tiles_clear(&m);
}

static void a_front_goes_to_bytes_and_back_at_every_size(void **state)
{
    (void)state;
    struct tree_front front = { 0 }, again;
    uint8_t bytes[TREE_FRONT_BYTES];
    for (uint64_t i = 0; i < 600; i++) {
        size_t size = tree_front_write(&front, bytes);
        assert_true(tree_front_read((struct text){ (const char *)bytes, size }, &again));
        struct sha256 root = tree_root(&front), other = tree_root(&again);
        assert_int_equal(again.size, i);
        assert_hash_equal(root, other);
        assert_false(tree_front_read((struct text){ (const char *)bytes, size - 1 }, &again));
        struct sha256 leaf = numbered_leaf(i);
        tree_append(&front, &leaf, NULL);
    }
    memset(bytes, 0xff, sizeof bytes); /* 2^64 - 1 leaves: more than a front may hold */
    assert_false(tree_front_read((struct text){ (const char *)bytes, 8 + 64 * SHA256_SIZE - SHA256_SIZE }, &again));
}

static void an_append_says_which_hashes_of_higher_rows_are_final(void **state)
{
    (void)state;
    struct tree_front front = { 0 };
    struct tree_done done;
    for (uint64_t i = 0; i < 65536; i++) {
        struct sha256 leaf = numbered_leaf(i);
        tree_append(&front, &leaf, &done);
        unsigned expected = (i + 1) % 65536 == 0 ? 2 : (i + 1) % 256 == 0 ? 1 : 0;
        assert_int_equal(done.count, expected);
        if (expected > 0) {
            assert_int_equal(done.hashes[0].level, 1);
            assert_int_equal(done.hashes[0].index, i / 256);
        }
        if (expected > 1) {
            struct sha256 root = tree_root(&front);
            assert_int_equal(done.hashes[1].level, 2);
            assert_int_equal(done.hashes[1].index, 0);
            assert_hash_equal(done.hashes[1].hash, root);
        }
    }
}

static void each_tile_is_read_once_and_a_missing_one_is_reported(void **state)
{
    struct fixture *f = *state;
    struct memory_tiles m = { 0 };
    struct tree_proof proof;
    struct sha256 root;
    grown(&m, 3 * 65536 + 5 * 256 + 7);
    uint64_t size = m.front.size;
    m.asked = 0;
    assert_true(tree_root_at(f->ctx->arena, &m.tiles, size, &root));
    assert_int_equal(m.asked, 3); /* the right edge: one tile a row */
    m.asked = 0;
    assert_true(tree_prove_inclusion(f->ctx->arena, &m.tiles, 77, size, &proof));
    assert_int_equal(m.asked, 5); /* the path's three, and the right edge in the two lower rows */
    m.asked = 0;
    assert_true(tree_prove_consistency(f->ctx->arena, &m.tiles, 65536 + 300, size, &proof));
    assert_int_equal(m.asked, 5);
    for (unsigned n = 1; n <= 5; n++) {
        m.asked = 0;
        m.fails_from = n;
        assert_false(tree_prove_inclusion(f->ctx->arena, &m.tiles, 77, size, &proof));
        assert_int_equal(m.asked, n);
    }
    memory_tiles_clear(&m);
}

static void senseless_numbers_are_refused(void **state)
{
    struct fixture *f = *state;
    struct memory_tiles m = { 0 };
    struct tree_proof proof;
    struct sha256 root = sha256_of(TEXT(""));
    grown(&m, 3);
    m.asked = 0;
    assert_false(tree_prove_inclusion(f->ctx->arena, &m.tiles, 3, 3, &proof));
    assert_false(tree_prove_inclusion(f->ctx->arena, &m.tiles, 0, 0, &proof));
    assert_false(tree_prove_inclusion(f->ctx->arena, &m.tiles, 0, UINT64_C(1) << 63, &proof));
    assert_false(tree_prove_consistency(f->ctx->arena, &m.tiles, 4, 3, &proof));
    assert_false(tree_check_inclusion(&root, 0, 0, NULL, 0, &root));
    assert_false(tree_check_inclusion(&root, UINT64_MAX, UINT64_MAX, NULL, 0, &root));
    assert_false(tree_check_consistency(0, 3, NULL, 0, &root, &root));
    assert_int_equal(m.asked, 0);
    assert_true(tree_prove_consistency(f->ctx->arena, &m.tiles, 0, 3, &proof));
    assert_int_equal(proof.count, 0);
    memory_tiles_clear(&m);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(rfc6962_leaves_nodes_and_roots),
        vector_test(inclusion_proofs_of_others_are_judged_alike),
        vector_test(consistency_proofs_of_others_are_judged_alike),
        vector_test(a_tree_of_70000_gives_the_roots_proofs_and_tiles_of_another_program),
        vector_test(every_proof_in_small_trees_is_made_and_holds),
        vector_test(a_front_goes_to_bytes_and_back_at_every_size),
        vector_test(an_append_says_which_hashes_of_higher_rows_are_final),
        vector_test(each_tile_is_read_once_and_a_missing_one_is_reported),
        vector_test(senseless_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
