/* When this fails, look in src/civic/note.c. The vectors come from other implementations
 * (tests/vectors/tlog/README.md). */
#include "vectors.h"

#include "civic/note.h"
#include "civic/tree.h"

enum { MOST_KEYS = 8 };

static size_t keys_of(struct fixture *f, const struct node *list, struct note_key keys[static MOST_KEYS])
{
    size_t count = 0;
    node_each (item, list) {
        assert_true(count < MOST_KEYS);
        assert_ok(f, note_key_parse(f->ctx, item->value.text, &keys[count++]));
    }
    return count;
}

static void signatures_are_judged_as_the_published_cases_say(void **state)
{
    struct fixture *f = *state;
    struct text rest = vector_read(f, "ed25519-verify.jsonl");
    int good = 0, bad = 0;
    while (rest.size) {
        const struct node *test = json_of(f, text_cut(rest, '\n', &rest));
        struct note_key key = { .kind = NOTE_ED25519 };
        struct text public_key = vector_hex(f, node_find_text(test, KEY("pk")));
        bool is_valid = text_is(node_find_text(test, KEY("result")), "valid");
        assert_int_equal(public_key.size, NOTE_KEY_SIZE);
        memcpy(key.public_key, public_key.at, NOTE_KEY_SIZE);
        assert_case(node_find_text(test, KEY("comment")),
                    note_signature_is_good(&key, vector_hex(f, node_find_text(test, KEY("msg"))),
                                           vector_hex(f, node_find_text(test, KEY("sig"))), NULL) == is_valid);
        *(is_valid ? &good : &bad) += 1;
    }
    assert_true(good > 10 && bad > 10);
}

static void verifier_keys_are_taken_or_refused(void **state)
{
    struct fixture *f = *state;
    const struct node *file = vector_json(f, "vkeys.json");
    struct note_key key;
    static const char *const kinds[] = { "valid", "cosigner" };
    for (size_t i = 0; i < 2; i++) {
        node_each (item, node_find(file, key_intern(text_of(kinds[i])))) {
            assert_ok(f, note_key_parse(f->ctx, item->value.text, &key));
            assert_int_equal(key.kind, i ? NOTE_COSIGNATURE : NOTE_ED25519);
            assert_true(text_is(item->value.text, note_key_print(f->ctx->arena, &key)));
        }
    }
    node_each (item, node_find(file, KEY("invalid")))
        assert_fails(note_key_parse(f->ctx, node_find_text(&item->value, KEY("vkey")), &key), ERR_INPUT,
                     "note.bad_key");
    static const char *const refused[] = {
        "",
        "++",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
        assert_fails(note_key_parse(f->ctx, text_of(refused[i]), &key), ERR_INPUT, "note.bad_key");
}

static void notes_of_others_open_or_not(void **state)
{
    struct fixture *f = *state;
    int good = 0, bad = 0;
    node_each (test, vector_json(f, "signed-notes.json")) {
        struct note_key keys[MOST_KEYS];
        struct note note;
        struct text name = node_find_text(&test->value, KEY("name"));
        size_t key_count = keys_of(f, node_find(&test->value, KEY("vkeys")), keys);
        const struct err *e = note_open(f->ctx, node_find_text(&test->value, KEY("note")), keys, key_count, &note);
        assert_case(name, !e == node_find_bool(&test->value, KEY("ok")));
        *(e ? &bad : &good) += 1;
        if (e)
            continue;
        const struct node *names = node_find(&test->value, KEY("verified_names"));
        size_t i = 0, verified = 0;
        for (const struct node_link *expected = names->first; i < note.count; i++) {
            if (!note.signatures[i].key)
                continue;
            assert_case(name, expected && text_equal(expected->value.text, note.signatures[i].name));
            expected = expected->next;
            verified++;
        }
        assert_case(name, verified == names->count);
    }
    assert_true(good == 4 && bad == 9);
}

static void a_note_that_is_not_utf8_is_refused_at_its_line(void **state)
{
    struct fixture *f = *state;
    struct note note;
    const struct err *e = note_parse(f->ctx, vector_read(f, "invalid-utf8.note"), &note);
    assert_fails(e, ERR_INPUT, "note.malformed");
    assert_string_equal(e->arguments[0], "1");
    e = note_parse(f->ctx, TEXT("one\ntwo\n\n\xe2\x80\x94 name no-base64\n"), &note);
    assert_fails(e, ERR_INPUT, "note.malformed");
    assert_string_equal(e->arguments[0], "4");
}

static void checkpoints_of_others_open_or_not(void **state)
{
    struct fixture *f = *state;
    node_each (test, vector_json(f, "checkpoints.json")) {
        struct note_key keys[MOST_KEYS];
        struct checkpoint checkpoint;
        struct text name = node_find_text(&test->value, KEY("name"));
        size_t key_count = keys_of(f, node_find(&test->value, KEY("vkeys")), keys);
        const struct err *e = checkpoint_open(f->ctx, node_find_text(&test->value, KEY("checkpoint")), keys, key_count,
                                              node_find_text(&test->value, KEY("origin")), &checkpoint, NULL);
        assert_case(name, !e == node_find_bool(&test->value, KEY("ok")));
        if (e)
            continue;
        struct text root = node_find_text(&test->value, KEY("root"));
        assert_case(name, checkpoint.size == (uint64_t)node_find_int(&test->value, KEY("size"), 0));
        assert_case(name, !root.size || text_is(root, base64_encode(f->ctx->arena, sha256_text(&checkpoint.root))));
    }
}

/* The last 32 bytes of an ssh-ed25519 key line are the key. */
static struct note_key ssh_key(struct fixture *f, struct text line, enum note_kind kind)
{
    struct note_key key = { .kind = kind };
    struct text bytes;
    text_cut(line, ' ', &line);
    bytes = vector_base64(f, line);
    memcpy(key.public_key, bytes.at + bytes.size - NOTE_KEY_SIZE, NOTE_KEY_SIZE);
    return key;
}

static void a_log_and_its_witness_elsewhere_verify(void **state)
{
    struct fixture *f = *state;
    const struct node *file = vector_json(f, "sigsum-cosigned-proof.json");
    struct text signed_text = node_find_text(file, KEY("signed_text"));
    struct note_key log = ssh_key(f, node_find_text(file, KEY("log_key")), NOTE_ED25519);
    struct note_key witness = ssh_key(f, node_find_text(file, KEY("witness_key")), NOTE_COSIGNATURE);
    struct text signature = vector_hex(f, node_find_text(file, KEY("signature")));
    assert_true(note_signature_is_good(&log, signed_text, signature, NULL));
    assert_false(note_signature_is_good(&witness, signed_text, signature, NULL));

    struct text rest = node_find_text(file, KEY("cosignature"));
    text_cut(rest, ' ', &rest); /* the witness's key hash */
    int64_t seconds;
    assert_true(text_int(text_cut(rest, ' ', &rest), &seconds));
    char bytes[8 + 64];
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(seconds >> 8 * (7 - i));
    memcpy(bytes + 8, vector_hex(f, rest).at, 64);
    uint64_t found;
    assert_true(note_signature_is_good(&witness, signed_text, (struct text){ bytes, sizeof bytes }, &found));
    assert_int_equal(found, seconds);
    bytes[7] ^= 1; /* another second */
    assert_false(note_signature_is_good(&witness, signed_text, (struct text){ bytes, sizeof bytes }, &found));

    struct checkpoint checkpoint;
    assert_ok(f, checkpoint_parse(f->ctx, signed_text, &checkpoint));
    assert_int_equal(checkpoint.size, node_find_int(file, KEY("size"), 0));
    assert_string_equal(checkpoint_print(f->ctx->arena, &checkpoint), text_string(f->ctx->arena, signed_text));
}

/* What a witness checks before it signs: the log's key and origin, and that the tree has only grown. */
static const char *judge(struct fixture *f, struct text request, const struct note_key *log, struct text origin,
                         struct checkpoint *known)
{
    struct text rest = request, line = text_cut(rest, '\n', &rest);
    struct sha256 proof[63];
    size_t count = 0;
    int64_t old_size;
    assert_true(text_starts(line, "old ") && text_int((struct text){ line.at + 4, line.size - 4 }, &old_size));
    while ((line = text_cut(rest, '\n', &rest)).size > 0)
        proof[count++] = hash_from(vector_base64(f, line));
    struct checkpoint next;
    if (checkpoint_open(f->ctx, rest, log, 1, origin, &next, NULL))
        return "403";
    if ((uint64_t)old_size != known->size)
        return "409";
    if (known->size && !tree_check_consistency(known->size, next.size, proof, count, &known->root, &next.root))
        return "422";
    *known = next;
    return "200";
}

static void a_witness_judges_requests_as_another_one_does(void **state)
{
    struct fixture *f = *state;
    const struct node *file = vector_json(f, "witness-add-checkpoint.json");
    struct note_key log;
    struct checkpoint known = { 0 };
    assert_ok(f, note_key_parse(f->ctx, node_find_text(file, KEY("log_vkey")), &log));
    int number = 0;
    node_each (step, node_find(file, KEY("steps"))) {
        const char *found = judge(f, node_find_text(&step->value, KEY("request_body")), &log,
                                  node_find_text(file, KEY("log_origin")), &known);
        const char *expected = arena_printf(f->ctx->arena, "%d", (int)node_find_int(&step->value, KEY("status"), 0));
        number++;
        if (strcmp(found, expected) != 0)
            fail_msg("step %d: %s instead of %s", number, found, expected);
    }
    assert_int_equal(number, 9);
    assert_int_equal(known.size, 5);
}

static const uint8_t log_seed[NOTE_SEED_SIZE] = { 1 }, witness_seed[NOTE_SEED_SIZE] = { 2 };

static void what_is_signed_opens_and_one_changed_byte_does_not(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = f->ctx->arena;
    struct note_signer log, witness;
    note_signer_make(TEXT("gongzhi.example/log/500116106000"), NOTE_ED25519, log_seed, &log);
    note_signer_make(TEXT("gongzhi.example/witness/500116"), NOTE_COSIGNATURE, witness_seed, &witness);
    struct checkpoint checkpoint = { .origin = log.key.name, .size = 600, .root = sha256_of(TEXT("root")) }, found;
    struct text text = text_of(checkpoint_print(arena, &checkpoint)), bare = note_sign(arena, &log, text);
    struct text both = text_of(
        arena_printf(arena, "%.*s%s", (int)bare.size, bare.at, note_signature_line(arena, &witness, text, 1772413200)));
    struct note_key keys[] = { log.key, witness.key };
    struct note note;
    assert_ok(f, checkpoint_open(f->ctx, both, keys, 2, log.key.name, &found, &note));
    assert_true(found.size == 600 && note.count == 2 && note.signatures[1].key == &keys[1]);
    assert_int_equal(note.signatures[1].seconds, 1772413200);
    assert_fails(checkpoint_open(f->ctx, both, &keys[1], 1, TEXT("x"), &found, NULL), ERR_INPUT,
                 "checkpoint.other_origin");
    assert_fails(checkpoint_open(f->ctx, bare, &keys[1], 1, log.key.name, &found, NULL), ERR_INPUT, "note.unknown_key");
    for (size_t i = 0; i < bare.size; i++) {
        char *changed = text_string(arena, bare);
        changed[i] ^= 1;
        assert_non_null(
            checkpoint_open(f->ctx, (struct text){ changed, bare.size }, keys, 1, log.key.name, &found, NULL));
    }
    /* Signed by a witness alone, it is no checkpoint of the log. */
    struct text alone = text_of(
        arena_printf(arena, "%.*s\n%s", (int)text.size, text.at, note_signature_line(arena, &witness, text, 1)));
    assert_fails(checkpoint_open(f->ctx, alone, keys, 2, log.key.name, &found, NULL), ERR_INPUT, "note.unknown_key");
}

static void a_checkpoint_has_one_form(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *text, *line;
    } refused[] = {
        { "", "1" },
        { "\n5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n", "1" },
        { "log\n05\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n", "2" },
        { "log\n-5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n", "2" },
        { "log\n18446744073709551616\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n", "2" },
        { "log\n5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wl=\n", "3" }, /* stray bits in the last character */
        { "log\n5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Q==\n", "3" },
        { "log\n5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=", "3" },
        { "log\n5\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\nmore\n\n", "5" },
    };
    struct checkpoint checkpoint;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        const struct err *e = checkpoint_parse(f->ctx, text_of(refused[i].text), &checkpoint);
        assert_fails(e, ERR_INPUT, "checkpoint.malformed");
        assert_string_equal(e->arguments[0], refused[i].line);
    }
    static const char good[] = "log\n18446744073709551615\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\nmore\n";
    assert_ok(f, checkpoint_parse(f->ctx, text_of(good), &checkpoint));
    assert_true(checkpoint.size == UINT64_MAX && text_is(checkpoint.extensions, "more\n"));
    assert_string_equal(checkpoint_print(f->ctx->arena, &checkpoint), good);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(signatures_are_judged_as_the_published_cases_say),
        vector_test(verifier_keys_are_taken_or_refused),
        vector_test(notes_of_others_open_or_not),
        vector_test(a_note_that_is_not_utf8_is_refused_at_its_line),
        vector_test(checkpoints_of_others_open_or_not),
        vector_test(a_log_and_its_witness_elsewhere_verify),
        vector_test(a_witness_judges_requests_as_another_one_does),
        vector_test(what_is_signed_opens_and_one_changed_byte_does_not),
        vector_test(a_checkpoint_has_one_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
