/* When this fails, look in src/civic/proof.c. */
#include "receipts.h"
#include "vectors.h"

#include "civic/proof.h"

enum { LEAVES = 300, INDEX = 130 };

static void proof_files_of_others_are_taken_or_refused(void **state)
{
    struct fixture *f = *state;
    int good = 0, bad = 0;
    node_each (test, vector_json(f, "tlog-proof-parse.json")) {
        struct text name = node_find_text(&test->value, KEY("name")), text = node_find_text(&test->value, KEY("text"));
        struct proof proof;
        const struct err *e = proof_parse(f->ctx, text, &proof);
        assert_case(name, !e == node_find_bool(&test->value, KEY("parses")));
        if (e) {
            assert_string_equal(e->said, "proof.malformed");
            bad++;
            continue;
        }
        assert_case(name, proof.index == (uint64_t)node_find_int(&test->value, KEY("index"), -1));
        assert_case(name, proof.count == (size_t)node_find_int(&test->value, KEY("hash_count"), -1));
        assert_case(name, text_equal(proof.checkpoint, node_find_text(&test->value, KEY("checkpoint"))));
        assert_case(name, text_equal(proof.extra, node_find_text(&test->value, KEY("extra"))));
        assert_case(name, proof.has_extra == (node_find(&test->value, KEY("extra")) != NULL));
        assert_case(name, text_equal(text, proof_print(f->ctx->arena, &proof)));
        good++;
    }
    assert_true(good == 3 && bad == 3);
}

static void a_faulty_proof_file_names_its_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text, *line;
    } refused[] = {
        { "", "1" },
        { "c2sp.org/tlog-proof@v1", "1" },
        { "c2sp.org/tlog-proof@v1\r\nindex 0\n\nc\n", "1" },
        { "c2sp.org/tlog-proof@v1\nindex 00\n\nc\n", "2" },
        { "c2sp.org/tlog-proof@v1\nindex 18446744073709551616\n\nc\n", "2" },
        { "c2sp.org/tlog-proof@v1\nindex 0\nextra aGk=\n\nc\n", "3" },
        { "c2sp.org/tlog-proof@v1\nextra aGl=\nindex 0\n\nc\n", "2" },
        { "c2sp.org/tlog-proof@v1\nextra aGk=\nindex 0\nrzFuy5Go7nrpkhBwKy1HWPMM3eO/YePY54fXRoH5Cm5=\n\nc\n", "4" },
        { "c2sp.org/tlog-proof@v1\nindex 0\n", "3" },
        { "c2sp.org/tlog-proof@v1\nindex 0\n\n", "4" },
        { "c2sp.org/tlog-proof@v1\nindex 0\n\nc", "4" },
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct proof proof;
        const struct err *e = proof_parse(f->ctx, text_of(refused[i].text), &proof);
        assert_fails(e, ERR_INPUT, "proof.malformed");
        assert_string_equal(e->arguments[0], refused[i].line);
    }
}

/* ---- receipts ---- */

struct log {
    struct memory_tiles tiles;
    struct note_signer signer, witness;
    struct kept_event event; /* number INDEX */
    struct tree_proof proof;
    struct text checkpoint;
    struct text receipt;
    struct text vkey;
};

static void make_log(struct fixture *f, struct log *log)
{
    struct arena *arena = f->ctx->arena;
    *log = (struct log){ .tiles.tiles.tile = memory_tile };
    receipts_signer(1, RECEIPTS_ORIGIN, NOTE_ED25519, &log->signer);
    receipts_signer(9, "gongzhi.example/witness/500116", NOTE_COSIGNATURE, &log->witness);
    for (uint64_t i = 0; i < LEAVES; i++) {
        struct kept_event event = event_make(arena, i);
        struct sha256 leaf = tree_leaf_hash(event.leaf);
        memory_append(&log->tiles, &leaf);
    }
    log->event = event_make(arena, INDEX);
    assert_true(tree_prove_inclusion(arena, &log->tiles.tiles, INDEX, LEAVES, &log->proof));
    struct checkpoint checkpoint = { .origin = log->signer.key.name,
                                     .size = LEAVES,
                                     .root = tree_root(&log->tiles.front) };
    log->checkpoint = note_sign(arena, &log->signer, text_of(checkpoint_print(arena, &checkpoint)));
    log->receipt = receipt_make(arena, log->event.leaf, log->event.salt, log->event.bytes, INDEX, &log->proof,
                                log->checkpoint);
    log->vkey = text_of(note_key_print(arena, &log->signer.key));
    memory_tiles_clear(&log->tiles);
}

static void a_good_receipt_verifies_and_gives_back_the_event(void **state)
{
    struct fixture *f = *state;
    struct log log;
    struct receipt receipt;
    make_log(f, &log);
    assert_ok(f, receipt_verify(f->ctx, log.receipt, log.vkey, NULL, &receipt));
    assert_true(text_equal(receipt.bytes, log.event.bytes));
    assert_true(text_equal(receipt.leaf, log.event.leaf));
    assert_memory_equal(receipt.salt, log.event.salt, RECEIPT_SALT_SIZE);
    assert_true(receipt.index == INDEX && receipt.checkpoint.size == LEAVES && receipt.witnesses == 0);
    assert_ok(f, receipt_verify(f->ctx, log.receipt, log.vkey, RECEIPTS_ORIGIN, &receipt));
}

static void every_changed_byte_is_found(void **state)
{
    struct fixture *f = *state;
    struct log log;
    make_log(f, &log);
    for (size_t i = 0; i < log.receipt.size; i++) {
        static const uint8_t flips[] = { 0x01, 0x02, 0x20, 0x80, 0xff };
        for (size_t k = 0; k < sizeof flips; k++) {
            struct ctx *ctx = ctx_begin(&f->model);
            char *changed = text_string(ctx->arena, log.receipt);
            struct receipt receipt;
            changed[i] = (char)(changed[i] ^ flips[k]);
            if (!receipt_verify(ctx, (struct text){ changed, log.receipt.size }, log.vkey, NULL, &receipt))
                fail_msg("byte %zu changed by %02x, and the receipt still verifies", i, flips[k]);
            ctx_end(ctx);
        }
    }
}

static void every_byte_left_out_or_put_in_is_found(void **state)
{
    struct fixture *f = *state;
    struct log log;
    make_log(f, &log);
    for (size_t i = 0; i <= log.receipt.size; i++) {
        struct ctx *ctx = ctx_begin(&f->model);
        struct receipt receipt;
        const char *at = log.receipt.at;
        int before = (int)i, after = (int)(log.receipt.size - i);
        const char *more = arena_printf(ctx->arena, "%.*s\n%.*s", before, at, after, at + i);
        assert_non_null(receipt_verify(ctx, text_of(more), log.vkey, NULL, &receipt));
        more = arena_printf(ctx->arena, "%.*s %.*s", before, at, after, at + i);
        assert_non_null(receipt_verify(ctx, text_of(more), log.vkey, NULL, &receipt));
        if (after > 0) {
            const char *less = arena_printf(ctx->arena, "%.*s%.*s", before, at, after - 1, at + i + 1);
            assert_non_null(receipt_verify(ctx, text_of(less), log.vkey, NULL, &receipt));
            assert_non_null(receipt_verify(ctx, (struct text){ at, i }, log.vkey, NULL, &receipt));
        }
        ctx_end(ctx);
    }
}

#define assert_receipt_fails(f, text, vkeys, origin, said_)                                                            \
    do {                                                                                                               \
        struct receipt receipt_;                                                                                       \
        assert_fails(receipt_verify((f)->ctx, (text), (vkeys), (origin), &receipt_), ERR_INPUT, said_);                \
    } while (0)

static void each_reason_to_refuse_has_its_own_text(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = f->ctx->arena;
    struct log log;
    make_log(f, &log);
    struct note_signer other;
    receipts_signer(77, RECEIPTS_ORIGIN, NOTE_ED25519, &other);
    struct text other_key = text_of(note_key_print(arena, &other.key));
    assert_receipt_fails(f, log.receipt, TEXT("no key"), NULL, "receipt.bad_vkey");
    assert_receipt_fails(f, log.receipt, TEXT(""), NULL, "receipt.bad_vkey");
    assert_receipt_fails(f, log.receipt, other_key, NULL, "receipt.wrong_key");
    assert_receipt_fails(f, log.receipt, log.vkey, "gongzhi.example/log/500230109000", "receipt.other_log");
    assert_receipt_fails(f, TEXT("hello\n"), log.vkey, NULL, "receipt.malformed");

    struct text changed = text_of("{\"act\":\"file\",\"serial\":130,\"text\":\"nothing was wrong\"}");
    struct text forged = receipt_make(arena, log.event.leaf, log.event.salt, changed, INDEX, &log.proof,
                                      log.checkpoint);
    assert_receipt_fails(f, forged, log.vkey, NULL, "receipt.changed_text");
    struct kept_event another = event_make(arena, INDEX + 1);
    forged = receipt_make(arena, another.leaf, another.salt, another.bytes, INDEX, &log.proof, log.checkpoint);
    assert_receipt_fails(f, forged, log.vkey, NULL, "receipt.not_in_log");
    forged = receipt_make(arena, log.event.leaf, log.event.salt, log.event.bytes, INDEX + 1, &log.proof,
                          log.checkpoint);
    assert_receipt_fails(f, forged, log.vkey, NULL, "receipt.not_in_log");

    char *altered = text_string(arena, log.checkpoint); /* "300" becomes "301" under the same signature */
    *(strstr(altered, "\n300\n") + 3) = '1';
    forged = receipt_make(arena, log.event.leaf, log.event.salt, log.event.bytes, INDEX, &log.proof, text_of(altered));
    assert_receipt_fails(f, forged, log.vkey, NULL, "receipt.bad_signature");
}

static void what_the_signature_does_not_cover_has_one_form(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = f->ctx->arena;
    struct log log;
    struct proof proof;
    make_log(f, &log);
    assert_ok(f, proof_parse(f->ctx, log.receipt, &proof));
    const char *extra = text_string(arena, proof.extra), *salt = strstr(extra, "\"salt\"");
    const char *others[] = {
        arena_printf(arena, "%s ", extra),
        arena_printf(arena, "{ %s", extra + 1),
        arena_printf(arena, "{%.*s,%.*s}", (int)strlen(salt) - 1, salt, (int)(salt - extra) - 2, extra + 1),
        arena_printf(arena, "{\"a\":1.5,%s", extra + 1),
        arena_printf(arena, "{\"a\":1,%s", extra + 1),
        arena_printf(arena, "[%s]", extra),
        "",
        "{}",
        "1.5",
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        proof.extra = text_of(others[i]);
        const struct err *e;
        struct receipt receipt;
        e = receipt_verify(f->ctx, proof_print(arena, &proof), log.vkey, NULL, &receipt);
        assert_fails(e, ERR_INPUT, "receipt.malformed");
        assert_string_equal(e->arguments[0], "2");
    }
}

static void a_witness_line_counts_when_its_key_is_given_and_is_refused_when_not(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = f->ctx->arena;
    struct log log;
    struct note note;
    struct receipt receipt;
    make_log(f, &log);
    assert_ok(f, note_parse(f->ctx, log.checkpoint, &note));
    const char *line = note_signature_line(arena, &log.witness, note.text, 1772413200);
    struct text both = text_of(arena_printf(arena, "%.*s%s", (int)log.receipt.size, log.receipt.at, line));
    struct text keys = text_of(
        arena_printf(arena, "%.*s\n%s\n", (int)log.vkey.size, log.vkey.at, note_key_print(arena, &log.witness.key)));
    assert_ok(f, receipt_verify(f->ctx, both, keys, NULL, &receipt));
    assert_int_equal(receipt.witnesses, 1);
    assert_ok(f, receipt_verify(f->ctx, log.receipt, keys, NULL, &receipt));
    assert_int_equal(receipt.witnesses, 0);
    assert_receipt_fails(f, both, log.vkey, NULL, "receipt.unknown_signature");
    struct text twice = text_of(arena_printf(arena, "%.*s%s", (int)both.size, both.at, line));
    assert_receipt_fails(f, twice, keys, NULL, "receipt.malformed");
    for (size_t i = log.receipt.size; i < both.size; i++) {
        char *changed = text_string(arena, both);
        changed[i] ^= 1;
        assert_non_null(receipt_verify(f->ctx, (struct text){ changed, both.size }, keys, NULL, &receipt));
    }
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(proof_files_of_others_are_taken_or_refused),
        vector_test(a_faulty_proof_file_names_its_line),
        vector_test(a_good_receipt_verifies_and_gives_back_the_event),
        vector_test(every_changed_byte_is_found),
        vector_test(every_byte_left_out_or_put_in_is_found),
        vector_test(each_reason_to_refuse_has_its_own_text),
        vector_test(what_the_signature_does_not_cover_has_one_form),
        vector_test(a_witness_line_counts_when_its_key_is_given_and_is_refused_when_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
