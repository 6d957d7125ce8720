/* test_vote_ceremony.c -- vote/ceremony, threshold and channel: the published example, whole ceremonies, and everything
 * that a trustee or a carrier may get wrong.
 */
#include "ceremony.h"
#include "drawn.h"

#include "vote/trustee_key.h"

static const char *const group_names[] = { "Ed25519", "BELENIOS-2048" };

static const struct node *example(struct fixture *f, int group)
{
    const char *name = group == 0 ? "unit/unit-ed25519.json" : "unit/unit-b2048.json";
    return node_find(vector_json(f, arena_printf(f->ctx->arena, "belenios/%s", name)), KEY("threshold_ceremony"));
}

static struct text text_at(const struct node *list, int index)
{
    const struct node_link *link = list->first;
    while (--index > 0)
        link = link->next;
    return link->value.text;
}

static void assert_secret(const struct secret *secret, struct text expected)
{
    char written[SECRET_TEXT];
    secret_encode(secret, written);
    assert_case(expected, text_is(expected, written));
}

static void seeds_become_the_published_keys(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        struct group *group = group_open(f->ctx->arena, text_of(group_names[g]));
        const struct node *vectors = example(f, g);
        for (int i = 1; i <= 3; i++) {
            struct channel_keys keys;
            assert_ok(f, threshold_keys(f->ctx, group, text_at(node_find(vectors, KEY("seeds")), i), &keys));
            assert_secret(&keys.signing, text_at(node_find(vectors, KEY("signing_keys")), i));
            assert_secret(&keys.opening, text_at(node_find(vectors, KEY("decryption_keys")), i));
        }
    }
}

static void the_published_certificates_are_taken(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        struct ceremony ceremony;
        struct channel_keys keys;
        struct text made;
        int index;
        assert_ok(f, ceremony_begin(f->ctx, group_open(f->ctx->arena, text_of(group_names[g])), 3, 2, &ceremony));
        const struct node_link *link =
            node_find(node_find(example(f, g), KEY("threshold_parameters")), KEY("certs"))->first;
        for (int i = 1; i <= 3; i++, link = link->next) {
            struct text certificate = text_of_document(f, &link->value);
            assert_ok(f, ceremony_check_certificate(f->ctx, &ceremony, i, certificate));
            ceremony.certificates[i - 1] = certificate;
            assert_ok(
                f, threshold_keys(f->ctx, ceremony.group, text_at(node_find(example(f, g), KEY("seeds")), i), &keys));
            assert_ok(f, threshold_certificate(f->ctx, &ceremony, &keys, i, &made));
            struct text said = node_find_text(json_of(f, made), KEY("message"));
            assert_true(text_equal(said, node_find_text(&link->value, KEY("message"))));
        }
        assert_ok(f, threshold_index(f->ctx, &ceremony, &keys, &index));
        assert_int_equal(index, 3);
    }
}

static const struct node *at(const struct node *list, int index)
{
    const struct node_link *link = list->first;
    while (--index > 0)
        link = link->next;
    return &link->value;
}

/* With the example's polynomials drawn, everything that isn't itself chance is the example's. */
static void the_published_polynomials_give_the_published_set(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        struct played played = { 0 };
        const struct node *vectors = example(f, g), *set = node_find(vectors, KEY("threshold_parameters"));
        struct ceremony *ceremony = &played.ceremony;
        struct channel_keys keys[3];
        played.keys = keys;
        played.inputs = arena_array_of(f->ctx->arena, struct text, 3);
        assert_ok(f, ceremony_begin(f->ctx, group_open(f->ctx->arena, text_of(group_names[g])), 3, 2, ceremony));
        drawn_begin();
        for (int i = 1; i <= 3; i++) {
            assert_ok(
                f, threshold_keys(f->ctx, ceremony->group, text_at(node_find(vectors, KEY("seeds")), i), &keys[i - 1]));
            assert_ok(f, threshold_certificate(f->ctx, ceremony, &keys[i - 1], i, &ceremony->certificates[i - 1]));
        }
        for (int i = 1; i <= 3; i++) {
            node_each (link, at(node_find(vectors, KEY("polynomials")), i)) {
                struct scalar coefficient;
                assert_true(scalar_decode(ceremony->group, link->value.text, &coefficient));
                drawn_push(coefficient);
            }
            assert_ok(f, threshold_polynomial(f->ctx, ceremony, &keys[i - 1], &ceremony->polynomials[i - 1]));
            assert_all_drawn();
            const struct node *commitments = node_find(json_of(f, ceremony->polynomials[i - 1]), KEY("coefexps"));
            assert_true(text_equal(node_find_text(commitments, KEY("message")),
                                   node_find_text(at(node_find(set, KEY("coefexps")), i), KEY("message"))));
        }
        for (int i = 1; i <= 3; i++)
            for (int j = 1; j <= 3; j++) {
                struct text sealed = item_of(f, ceremony->polynomials[i - 1], "secrets", j)->text, said;
                assert_int_equal(
                    channel_receive(f->ctx, ceremony->group, &keys[j - 1], &keys[i - 1].verification, sealed, &said),
                    0);
                assert_true(text_equal(node_find_text(json_of(f, said), KEY("secret")),
                                       text_at(at(node_find(vectors, KEY("shares_s_ij")), i), j)));
            }
        play_outputs(f, &played);
        for (int i = 1; i <= 3; i++) {
            struct secret key = opening_key(f, &played, i);
            assert_secret(&key, text_at(node_find(vectors, KEY("trustee_secret_keys")), i));
            const struct node *made = node_find(json_of(f, ceremony->outputs[i - 1]), KEY("public_key"));
            assert_true(text_equal(node_find_text(made, KEY("public_key")),
                                   node_find_text(at(node_find(set, KEY("verification_keys")), i), KEY("public_key"))));
        }
    }
}

/* The sum over NEEDED trustees' keys with Lagrange's coefficients is the secret behind the joint key. */
static void check_shares_meet(struct fixture *f, const struct played *played, const int *chosen)
{
    struct group *group = played->ceremony.group;
    struct secret sum = secret_of_number(0);
    for (int i = 0; i < played->ceremony.needed; i++) {
        struct scalar above = scalar_of_int(group, 1), below = above, own = scalar_of_int(group, chosen[i]);
        for (int k = 0; k < played->ceremony.needed; k++) {
            struct scalar other = scalar_of_int(group, chosen[k]), difference = scalar_subtract(group, &other, &own);
            if (k == i)
                continue;
            above = scalar_multiply(group, &above, &other);
            below = scalar_multiply(group, &below, &difference);
        }
        below = scalar_invert(group, &below);
        above = scalar_multiply(group, &above, &below);
        struct secret coefficient = secret_of_scalar(&above), key = opening_key(f, played, chosen[i]);
        key = secret_multiply(group, &key, &coefficient);
        sum = secret_add(group, &sum, &key);
    }
    struct point point;
    point_power_generator(group, &sum, &point);
    struct element joint = point_publish(group, &point);
    assert_true(element_equal(&joint, &played->trustees.joint_key));
}

static void a_ceremony_gives_a_set_in_the_newest_layout(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        struct played played = play_ceremony(f, group_names[g], 3, 2);
        assert_int_equal(played.trustees.count, 3);
        assert_int_equal(played.trustees.sets[0].needed, 2);
        assert_false(played.trustees.has_oldest_layout);
        assert_true(node_find(json_of(f, played.set), KEY("signatures")) != NULL);
        check_shares_meet(f, &played, (const int[]){ 1, 2 });
        check_shares_meet(f, &played, (const int[]){ 3, 1 });
    }
}

static void all_may_be_needed_and_one_may_be_alone(void **state)
{
    struct fixture *f = *state;
    struct played all = play_ceremony(f, "Ed25519", 3, 3), alone = play_ceremony(f, "Ed25519", 1, 1);
    struct played many = play_ceremony(f, "Ed25519", 7, 4), one = play_ceremony(f, "Ed25519", 4, 1);
    check_shares_meet(f, &all, (const int[]){ 1, 2, 3 });
    check_shares_meet(f, &alone, (const int[]){ 1 });
    check_shares_meet(f, &many, (const int[]){ 7, 2, 5, 3 });
    check_shares_meet(f, &one, (const int[]){ 4 });
}

static void a_ceremony_has_bounds(void **state)
{
    struct fixture *f = *state;
    struct ceremony ceremony;
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    const int bad[][2] = { { 0, 0 }, { 3, 0 }, { 3, 4 }, { 101, 2 }, { -1, -1 } };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(ceremony_begin(f->ctx, group, bad[i][0], bad[i][1], &ceremony), ERR_INPUT, "vote.ceremony_size");
}

static void a_seed_has_one_form(void **state)
{
    struct fixture *f = *state;
    struct group *group = group_open(f->ctx->arena, TEXT("Ed25519"));
    struct channel_keys keys;
    char seed[SEED_SIZE + 1], other[SEED_SIZE + 1];
    const char *const bad[] = { "", "seedSeedSeedSeedSeed1", "seedSeedSeedSeedSeed111", "seedSeedSeedSeedSeed10",
                                "seedSeedSeedSeedSeed1 " };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_fails(threshold_keys(f->ctx, group, text_of(bad[i]), &keys), ERR_INPUT, "vote.seed_form");
    threshold_seed(seed);
    threshold_seed(other);
    assert_string_not_equal(seed, other);
    assert_ok(f, threshold_keys(f->ctx, group, text_of(seed), &keys));
}

static void assert_names(const struct err *e, const char *said, const char *argument)
{
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, said);
    if (argument)
        assert_string_equal(err_root(e)->arguments[0], argument);
}

static void a_certificate_is_for_its_place_and_of_its_own_keys(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    play_certificates(f, "Ed25519", 3, 2, &played);
    struct ceremony *ceremony = &played.ceremony, other;
    struct text first = ceremony->certificates[0], second = ceremony->certificates[1], made;
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, first), "vote.ceremony_already", "1");
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 4, first), "vote.ceremony_index", "4");
    ceremony->certificates[0] = (struct text){ 0 };
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, second), "vote.ceremony_certificate_context", "1");
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, TEXT("{}")), "vote.ceremony_certificate_form", "1");
    /* The second trustee's keys once more, now as the first's. */
    assert_ok(f, threshold_certificate(f->ctx, ceremony, &played.keys[1], 1, &made));
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, made), "vote.ceremony_certificate_twice", "1");
    /* One for another threshold, one for the other group, one signed by another. */
    assert_ok(f, ceremony_begin(f->ctx, ceremony->group, 3, 3, &other));
    assert_ok(f, threshold_certificate(f->ctx, &other, &played.keys[0], 1, &made));
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, made), "vote.ceremony_certificate_context", "1");
    const struct node *signature = node_find(json_of(f, second), KEY("signature"));
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, with_member(f, first, "signature", signature)),
                 "vote.ceremony_certificate_signature", "1");
    /* One more field, rightly signed: programs could differ about its escapes when all sign it once more. */
    struct text said = node_find_text(json_of(f, first), KEY("message"));
    struct text more = text_of(arena_printf(f->ctx->arena, "%.*s,\"note\":\"\\b\"}", (int)said.size - 1, said.at));
    scoped(buffer_clear) struct buffer proof_text = { 0 };
    struct zk_proof proof;
    zk_prove(ceremony->group, &played.keys[0].signing, "sigmsg|", more, &proof);
    zk_write(&proof, &proof_text);
    struct node message = text_node(f, more);
    made = with_member(f, with_member(f, first, "message", &message), "signature",
                       json_of(f, buffer_view(&proof_text)));
    assert_names(ceremony_check_certificate(f->ctx, ceremony, 1, made), "vote.ceremony_certificate_form", "1");
    assert_ok(f, ceremony_check_certificate(f->ctx, ceremony, 1, first));
    assert_names(threshold_polynomial(f->ctx, ceremony, &played.keys[1], &made), "vote.ceremony_certificate_missing",
                 "1");
}

static void a_trustee_takes_part_only_in_the_own_ceremony(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    struct channel_keys stranger;
    struct text made;
    play_certificates(f, "Ed25519", 2, 2, &played);
    assert_ok(f, threshold_keys(f->ctx, played.ceremony.group, TEXT("strangerstrangerstrang"), &stranger));
    assert_fails(threshold_polynomial(f->ctx, &played.ceremony, &stranger, &made), ERR_INPUT, "vote.ceremony_not_mine");
}

static void what_is_public_of_a_polynomial_is_checked(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    play_certificates(f, "Ed25519", 3, 2, &played);
    struct ceremony *ceremony = &played.ceremony;
    struct text input;
    assert_names(ceremony_assemble_input(f->ctx, ceremony, 1, &input), "vote.ceremony_polynomial_missing", "1");
    play_polynomials(f, &played);
    struct text good = ceremony->polynomials[1], other = ceremony->polynomials[0];
    assert_names(ceremony_check_polynomial(f->ctx, ceremony, 2, good), "vote.ceremony_already", "2");
    ceremony->polynomials[1] = (struct text){ 0 };
    assert_names(ceremony_assemble_input(f->ctx, ceremony, 1, &input), "vote.ceremony_polynomial_missing", "2");
    const struct node *theirs = json_of(f, other);
    struct node empty = text_node(f, TEXT(""));
    const struct {
        struct text text;
        const char *said;
    } bad[] = {
        { TEXT("[]"), "vote.ceremony_polynomial_form" },
        { other, "vote.ceremony_commitments_signature" },
        { with_item(f, good, "secrets", 1, NULL), "vote.ceremony_polynomial_form" },
        { with_item(f, good, "secrets", 3, &empty), "vote.ceremony_share_form" },
        { with_item(f, good, "secrets", 3, item_of(f, good, "secrets", 1)), "vote.ceremony_share_repeated" },
        { with_member(f, good, "polynomial", &empty), "vote.ceremony_polynomial_form" },
        { with_member(f, good, "coefexps", node_find(theirs, KEY("coefexps"))), "vote.ceremony_commitments_signature" },
        { with_member(f, good, "signature", node_find(theirs, KEY("signature"))), "vote.ceremony_joint_signature" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_names(ceremony_check_polynomial(f->ctx, ceremony, 2, bad[i].text), bad[i].said, "2");
    assert_ok(f, ceremony_check_polynomial(f->ctx, ceremony, 2, good));
}

static void what_is_public_of_a_key_is_checked(void **state)
{
    struct fixture *f = *state;
    struct played played = play_ceremony(f, "Ed25519", 3, 2);
    struct ceremony *ceremony = &played.ceremony;
    struct text good = ceremony->outputs[1], set;
    assert_names(ceremony_check_output(f->ctx, ceremony, 2, good), "vote.ceremony_already", "2");
    ceremony->outputs[1] = (struct text){ 0 };
    assert_names(ceremony_finish(f->ctx, ceremony, &set), "vote.ceremony_output_missing", "2");
    assert_names(ceremony_check_output(f->ctx, ceremony, 2, ceremony->outputs[0]), "vote.ceremony_output_key", "2");
    assert_names(ceremony_check_output(f->ctx, ceremony, 2, TEXT("{\"private_key\":\"\"}")),
                 "vote.ceremony_output_form", "2");
    struct text own_key = text_of_document(f, node_find(json_of(f, good), KEY("public_key")));
    const struct node *theirs = node_find(json_of(f, ceremony->outputs[0]), KEY("public_key"));
    const struct node *wrong = json_of(f, with_member(f, own_key, "signature", node_find(theirs, KEY("signature"))));
    assert_names(ceremony_check_output(f->ctx, ceremony, 2, with_member(f, good, "public_key", wrong)),
                 "vote.ceremony_output_signature", "2");
    wrong = json_of(f, with_member(f, own_key, "pok", node_find(theirs, KEY("pok"))));
    assert_names(ceremony_check_output(f->ctx, ceremony, 2, with_member(f, good, "public_key", wrong)),
                 "vote.ceremony_output_proof", "2");
    assert_ok(f, ceremony_check_output(f->ctx, ceremony, 2, good));
}

static void a_trustee_names_whoever_sent_something_wrong(void **state)
{
    struct fixture *f = *state;
    for (int g = 0; g < 2; g++) {
        struct played played = { 0 };
        struct bad_input bad[BAD_INPUTS];
        struct text output;
        play_certificates(f, group_names[g], 3, 2, &played);
        play_polynomials(f, &played);
        play_outputs(f, &played);
        int count = bad_inputs(f, &played, bad);
        for (int i = 0; i < count; i++) {
            const struct err *e = threshold_output(f->ctx, &played.ceremony, &played.keys[1], bad[i].input, &output);
            if (!e)
                fail_msg("taken: %s", bad[i].name);
            if (strcmp(err_root(e)->said, bad[i].said) != 0)
                fail_msg("%s: %s", bad[i].name, err_root(e)->said);
            assert_names(e, bad[i].said, bad[i].sender);
        }
        assert_names(threshold_output(f->ctx, &played.ceremony, &played.keys[1], TEXT("{}"), &output),
                     "vote.ceremony_input_form", NULL);
        /* Somebody else's input: the own polynomial is not in it. */
        assert_names(threshold_output(f->ctx, &played.ceremony, &played.keys[1], played.inputs[0], &output),
                     "vote.ceremony_own_changed", NULL);
    }
}

/* The carrier shows two trustees different certificates: what the others signed together doesn't fit. */
static void all_must_have_seen_the_same_certificates(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    struct text other, output, input;
    struct channel_keys stranger;
    play_certificates(f, "Ed25519", 3, 2, &played);
    play_polynomials(f, &played);
    assert_ok(f, ceremony_assemble_input(f->ctx, &played.ceremony, 1, &input));
    assert_ok(f, threshold_keys(f->ctx, played.ceremony.group, TEXT("strangerstrangerstrang"), &stranger));
    assert_ok(f, threshold_certificate(f->ctx, &played.ceremony, &stranger, 3, &other));
    played.ceremony.certificates[2] = other;
    assert_names(threshold_output(f->ctx, &played.ceremony, &played.keys[0], input, &output),
                 "vote.ceremony_joint_signature", "1");
}

/* As a folder's files come: in any order. */
static void messages_are_sorted_by_what_they_say(void **state)
{
    struct fixture *f = *state;
    struct played played = play_ceremony(f, "Ed25519", 3, 2);
    const struct ceremony *made = &played.ceremony;
    struct ceremony gathered;
    const struct text mixed[] = { made->certificates[2], made->certificates[0], made->certificates[1] };
    const struct text repeated[] = { made->certificates[2], made->certificates[2], made->certificates[1] };
    assert_ok(f, ceremony_gather(f->ctx, mixed, 3, &gathered));
    assert_int_equal(gathered.needed, 2);
    for (int i = 0; i < 3; i++) {
        assert_true(text_equal(gathered.certificates[i], made->certificates[i]));
        assert_int_equal(ceremony_sender_of_polynomial(f->ctx, &gathered, made->polynomials[i]), i + 1);
        assert_int_equal(ceremony_sender_of_output(f->ctx, &gathered, made->outputs[i]), i + 1);
    }
    assert_int_equal(ceremony_sender_of_polynomial(f->ctx, &gathered, made->outputs[0]), 0);
    assert_int_equal(ceremony_sender_of_output(f->ctx, &gathered, made->polynomials[0]), 0);
    assert_names(ceremony_gather(f->ctx, repeated, 3, &gathered), "vote.ceremony_already", "3");
    assert_names(ceremony_gather(f->ctx, mixed, 2, &gathered), "vote.ceremony_certificates_count", "2");
    assert_names(ceremony_gather(f->ctx, mixed, 0, &gathered), "vote.ceremony_none", NULL);
    assert_names(ceremony_gather(f->ctx, (struct text[]){ TEXT("{}") }, 1, &gathered), "vote.ceremony_none", NULL);
}

/* Worked out by web/vote/trustee.js for the same transcripts: tests/web/ceremony.test.js. */
static void all_who_see_the_same_certificates_see_the_same_digits(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    char code[COMPARE_CODE_TEXT], other[COMPARE_CODE_TEXT];
    play_certificates(f, "Ed25519", 2, 2, &played);
    assert_ok(f, ceremony_compare_code(f->ctx, &played.ceremony, code));
    assert_int_equal(strlen(code), 34);
    assert_ok(f, ceremony_compare_code(f->ctx, &played.ceremony, other));
    assert_string_equal(code, other);
    /* The same keys, signed once more. */
    assert_ok(f, threshold_certificate(f->ctx, &played.ceremony, &played.keys[1], 2, &played.ceremony.certificates[1]));
    assert_ok(f, ceremony_compare_code(f->ctx, &played.ceremony, other));
    assert_string_not_equal(code, other);
}

static void only_the_own_seed_opens_the_stored_key(void **state)
{
    struct fixture *f = *state;
    struct played played = play_ceremony(f, "Ed25519", 2, 2);
    struct secret key;
    struct text stored;
    assert_ok(f, ceremony_private_key(f->ctx, &played.ceremony, 1, &stored));
    assert_fails(threshold_decryption_key(f->ctx, played.ceremony.group, &played.keys[1], stored, &key), ERR_INPUT,
                 "vote.private_key_sealed");
    assert_fails(threshold_decryption_key(f->ctx, played.ceremony.group, &played.keys[0], TEXT("{}"), &key), ERR_INPUT,
                 "vote.private_key_form");
    struct node share = private_message(f, &played, 1, 1, 1, "{\"secret\":\"12345\"}");
    assert_fails(threshold_decryption_key(f->ctx, played.ceremony.group, &played.keys[0], share.text, &key), ERR_INPUT,
                 "vote.private_key_form");
}

/* The published list: ours, another ceremony's with the same trustees, ours with a single trustee before it. */
static void a_trustee_confirms_what_was_published(void **state)
{
    struct fixture *f = *state;
    struct played played = play_ceremony(f, "Ed25519", 3, 2), other = played;
    const struct ceremony *ceremony = &played.ceremony;
    scoped(buffer_clear) struct buffer single = { 0 }, list = { 0 };
    struct text stored, not_stored;
    assert_ok(f, ceremony_private_key(f->ctx, ceremony, 3, &stored));
    assert_ok(f, threshold_confirm(f->ctx, ceremony, &played.keys[2], as_trustees(f, played.set), stored));
    struct secret key = secret_draw(ceremony->group);
    trustee_key_write(f->ctx, ceremony->group, &key, TEXT(""), &single);
    const struct text singles[] = { buffer_view(&single) };
    trustees_write(singles, 1, &played.set, 1, &list);
    assert_ok(f, threshold_confirm(f->ctx, ceremony, &played.keys[2], buffer_view(&list), stored));
    /* The same certificates, other polynomials. */
    other.ceremony.polynomials = arena_array_of(f->ctx->arena, struct text, 3);
    other.ceremony.outputs = arena_array_of(f->ctx->arena, struct text, 3);
    other.inputs = arena_array_of(f->ctx->arena, struct text, 3);
    play_polynomials(f, &other);
    play_outputs(f, &other);
    assert_ok(f, ceremony_finish(f->ctx, &other.ceremony, &other.set));
    assert_fails(threshold_confirm(f->ctx, ceremony, &played.keys[2], as_trustees(f, other.set), stored), ERR_INPUT,
                 "vote.ceremony_other_key");
    /* Certificates made anew. */
    struct played later = play_ceremony(f, "Ed25519", 3, 3);
    assert_fails(threshold_confirm(f->ctx, ceremony, &played.keys[2], as_trustees(f, later.set), stored), ERR_INPUT,
                 "vote.ceremony_other_set");
    assert_ok(f, ceremony_private_key(f->ctx, ceremony, 2, &not_stored));
    assert_fails(threshold_confirm(f->ctx, ceremony, &played.keys[2], as_trustees(f, played.set), not_stored),
                 ERR_INPUT, "vote.private_key_sealed");
}

static void a_sum_that_was_not_reduced_is_reduced(void **state)
{
    struct fixture *f = *state;
    struct played played = { 0 };
    struct secret key;
    play_certificates(f, "Ed25519", 2, 2, &played);
    /* 2q + 5 */
    const char said[] =
        "{\"decryption_key\":\"14474011154664524427946373126085988481714232718759815212003901876570908501983\"}";
    struct node stored = private_message(f, &played, 1, 1, 1, said);
    assert_ok(f, threshold_decryption_key(f->ctx, played.ceremony.group, &played.keys[0], stored.text, &key));
    assert_secret(&key, TEXT("5"));
}

/* --- transcripts: tests/vectors/ceremony, which other programs are held against too --- */

static const struct node *transcript_of(struct fixture *f, const char *name, struct ceremony *ceremony,
                                        struct channel_keys *keys)
{
    const struct node *script = vector_json(f, arena_printf(f->ctx->arena, "ceremony/%s.json", name));
    struct group *group = group_open(f->ctx->arena, node_find_text(script, KEY("group")));
    int size = (int)node_find_int(script, KEY("size"), 0), needed = (int)node_find_int(script, KEY("threshold"), 0);
    assert_ok(f, ceremony_begin(f->ctx, group, size, needed, ceremony));
    for (int i = 1; i <= size; i++)
        assert_ok(f, threshold_keys(f->ctx, group, text_at(node_find(script, KEY("seeds")), i), &keys[i - 1]));
    return script;
}

static const struct node *public_key_in(struct fixture *f, struct text output)
{
    return node_find(node_find(json_of(f, output), KEY("public_key")), KEY("public_key"));
}

static void replay(struct fixture *f, const char *name)
{
    struct ceremony ceremony;
    struct channel_keys keys[3];
    struct text made, set;
    const struct node *script = transcript_of(f, name, &ceremony, keys);
    for (int i = 1; i <= 3; i++) {
        struct text certificate = text_at(node_find(script, KEY("certs")), i);
        assert_ok(f, ceremony_check_certificate(f->ctx, &ceremony, i, certificate));
        ceremony.certificates[i - 1] = certificate;
    }
    for (int i = 1; i <= 3; i++) {
        struct text polynomial = text_at(node_find(script, KEY("polynomials")), i);
        assert_ok(f, ceremony_check_polynomial(f->ctx, &ceremony, i, polynomial));
        ceremony.polynomials[i - 1] = polynomial;
    }
    for (int i = 1; i <= 3; i++) {
        struct text input = text_at(node_find(script, KEY("vinputs")), i),
                    output = text_at(node_find(script, KEY("voutputs")), i);
        struct secret key;
        assert_ok(f, ceremony_assemble_input(f->ctx, &ceremony, i, &made));
        assert_true(text_equal(made, input));
        assert_ok(f, threshold_output(f->ctx, &ceremony, &keys[i - 1], input, &made));
        assert_true(text_equal(public_key_in(f, made)->text, public_key_in(f, output)->text));
        assert_ok(f, ceremony_check_output(f->ctx, &ceremony, i, output));
        ceremony.outputs[i - 1] = output;
        assert_ok(f, ceremony_private_key(f->ctx, &ceremony, i, &made));
        assert_ok(f, threshold_decryption_key(f->ctx, ceremony.group, &keys[i - 1], made, &key));
        assert_secret(&key, text_at(node_find(script, KEY("opened_private_keys")), i));
    }
    assert_ok(f, ceremony_finish(f->ctx, &ceremony, &set));
    assert_true(text_equal(set, node_find_text(script, KEY("threshold_parameters"))));
    const struct node *bad = node_find(script, KEY("bad_vinputs_of_trustee_2"));
    if (bad)
        node_each (link, bad) {
            const struct err *e = threshold_output(f->ctx, &ceremony, &keys[1],
                                                   node_find_text(&link->value, KEY("vinput")), &made);
            assert_non_null(e);
            assert_case(node_find_text(&link->value, KEY("name")),
                        text_is(node_find_text(&link->value, KEY("fault")), err_root(e)->said));
        }
}

static void the_transcripts_hold(void **state)
{
    replay(*state, "ed25519-2of3");
    replay(*state, "ed25519-3of3");
    replay(*state, "b2048-2of3");
}

/* belenios-tool 2.0's own ceremony: the older cipher, sums left unreduced, the oldest layout. */
static void what_the_tool_sealed_is_opened(void **state)
{
    struct fixture *f = *state;
    struct ceremony ceremony;
    struct channel_keys keys[3];
    struct trustees trustees;
    const struct node *script = transcript_of(f, "tool-2.0", &ceremony, keys);
    struct group *group = ceremony.group;
    struct text set = node_find_text(script, KEY("threshold_parameters")), said;
    assert_ok(f, trustees_read(f->ctx, group, as_trustees(f, set), &trustees));
    assert_true(trustees.has_oldest_layout);
    for (int i = 1; i <= 3; i++) {
        struct secret key;
        struct point point;
        struct text sent = text_at(node_find(script, KEY("polynomials")), i);
        for (int j = 1; j <= 3; j++) {
            enum channel_fault wrong = channel_receive(f->ctx, group, &keys[j - 1], &keys[i - 1].verification,
                                                       item_of(f, sent, "secrets", j)->text, &said);
            assert_int_equal(wrong, CHANNEL_GOOD);
            assert_true(has_fields(json_of(f, said), true, FIELDS("secret")));
        }
        assert_ok(f, threshold_decryption_key(f->ctx, group, &keys[i - 1],
                                              text_at(node_find(script, KEY("private_keys")), i), &key));
        point_power_generator(group, &key, &point);
        struct element made = point_publish(group, &point);
        assert_true(element_equal(&made, &trustees.keys[i - 1]));
    }
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(seeds_become_the_published_keys),
        vector_test(the_published_certificates_are_taken),
        vector_test(the_published_polynomials_give_the_published_set),
        vector_test(a_ceremony_gives_a_set_in_the_newest_layout),
        vector_test(all_may_be_needed_and_one_may_be_alone),
        vector_test(a_ceremony_has_bounds),
        vector_test(a_seed_has_one_form),
        vector_test(a_certificate_is_for_its_place_and_of_its_own_keys),
        vector_test(a_trustee_takes_part_only_in_the_own_ceremony),
        vector_test(what_is_public_of_a_polynomial_is_checked),
        vector_test(what_is_public_of_a_key_is_checked),
        vector_test(a_trustee_names_whoever_sent_something_wrong),
        vector_test(all_must_have_seen_the_same_certificates),
        vector_test(messages_are_sorted_by_what_they_say),
        vector_test(all_who_see_the_same_certificates_see_the_same_digits),
        vector_test(only_the_own_seed_opens_the_stored_key),
        vector_test(a_trustee_confirms_what_was_published),
        vector_test(a_sum_that_was_not_reduced_is_reduced),
        vector_test(the_transcripts_hold),
        vector_test(what_the_tool_sealed_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
