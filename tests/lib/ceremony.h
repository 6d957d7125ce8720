/* tests/lib/ceremony.h -- a whole threshold ceremony in one process: every trustee's steps, the checks between them. */
#ifndef TESTS_CEREMONY_H
#define TESTS_CEREMONY_H
#include "vectors.h"

#include "vote/prove.h"
#include "vote/threshold.h"
#include "vote/trustees.h"

struct played {
    struct ceremony ceremony;
    const char **seeds;
    struct channel_keys *keys;
    struct text *inputs;
    struct text set; /* threshold_parameters */
    struct trustees trustees;
};

/* "seed" and letters that tell INDEX: no chance in it. */
static inline const char *seed_of(struct fixture *f, int index)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    return arena_printf(f->ctx->arena, "seedSeedSeedSeedSeed%c%c", digits[index / 58], digits[index % 58]);
}

static inline void play_certificates(struct fixture *f, const char *group, int size, int needed, struct played *ret)
{
    struct ceremony *ceremony = &ret->ceremony;
    assert_ok(f, ceremony_begin(f->ctx, group_open(f->ctx->arena, text_of(group)), size, needed, ceremony));
    ret->keys = arena_array_of(f->ctx->arena, struct channel_keys, size);
    ret->seeds = arena_array_of(f->ctx->arena, const char *, size);
    ret->inputs = arena_array_of(f->ctx->arena, struct text, size);
    for (int i = 1; i <= size; i++) {
        struct text certificate;
        ret->seeds[i - 1] = seed_of(f, i);
        assert_ok(f, threshold_keys(f->ctx, ceremony->group, text_of(ret->seeds[i - 1]), &ret->keys[i - 1]));
        assert_ok(f, threshold_certificate(f->ctx, ceremony, &ret->keys[i - 1], i, &certificate));
        assert_ok(f, ceremony_check_certificate(f->ctx, ceremony, i, certificate));
        ceremony->certificates[i - 1] = certificate;
    }
}

static inline void play_polynomials(struct fixture *f, struct played *played)
{
    for (int i = 1; i <= played->ceremony.size; i++) {
        struct text polynomial;
        assert_ok(f, threshold_polynomial(f->ctx, &played->ceremony, &played->keys[i - 1], &polynomial));
        assert_ok(f, ceremony_check_polynomial(f->ctx, &played->ceremony, i, polynomial));
        played->ceremony.polynomials[i - 1] = polynomial;
    }
}

static inline void play_outputs(struct fixture *f, struct played *played)
{
    for (int i = 1; i <= played->ceremony.size; i++) {
        struct text output;
        assert_ok(f, ceremony_assemble_input(f->ctx, &played->ceremony, i, &played->inputs[i - 1]));
        assert_ok(f, threshold_output(f->ctx, &played->ceremony, &played->keys[i - 1], played->inputs[i - 1], &output));
        assert_ok(f, ceremony_check_output(f->ctx, &played->ceremony, i, output));
        played->ceremony.outputs[i - 1] = output;
    }
}

static inline struct text as_trustees(struct fixture *f, struct text set)
{
    return text_of(arena_printf(f->ctx->arena, "[[\"Pedersen\",%.*s]]", (int)set.size, set.at));
}

static inline struct played play_ceremony(struct fixture *f, const char *group, int size, int needed)
{
    struct played played = { 0 };
    play_certificates(f, group, size, needed, &played);
    play_polynomials(f, &played);
    play_outputs(f, &played);
    assert_ok(f, ceremony_finish(f->ctx, &played.ceremony, &played.set));
    assert_ok(f, trustees_read(f->ctx, played.ceremony.group, as_trustees(f, played.set), &played.trustees));
    return played;
}

/* What trustee INDEX opens with. */
static inline struct secret opening_key(struct fixture *f, const struct played *played, int index)
{
    struct secret secret;
    struct text private_key;
    assert_ok(f, ceremony_private_key(f->ctx, &played->ceremony, index, &private_key));
    assert_ok(f,
              threshold_decryption_key(f->ctx, played->ceremony.group, &played->keys[index - 1], private_key, &secret));
    return secret;
}

static inline struct text text_of_document(struct fixture *f, const struct node *node)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(node, &out);
    return text_copy(f->ctx->arena, buffer_view(&out));
}

/* DOCUMENT with the item at INDEX (from 1) of its list LIST replaced, or removed when ITEM is NULL. */
static inline struct text with_item(struct fixture *f, struct text document, const char *list, int index,
                                    const struct node *item)
{
    struct node *made = node_object(f->ctx->arena);
    node_each (link, json_of(f, document)) {
        if (!text_is((struct text){ link->key->name, link->key->size }, list)) {
            node_put(made, link->key, link->value);
            continue;
        }
        struct node *kept = node_put_list(made, link->key);
        int at = 1;
        node_each (each, &link->value) {
            if (at != index)
                node_add(kept, each->value);
            else if (item)
                node_add(kept, *item);
            at++;
        }
    }
    return text_of_document(f, made);
}

/* DOCUMENT with the member NAME replaced. */
static inline struct text with_member(struct fixture *f, struct text document, const char *name,
                                      const struct node *value)
{
    struct node *made = node_object(f->ctx->arena);
    node_each (link, json_of(f, document))
        node_put(made, link->key,
                 text_is((struct text){ link->key->name, link->key->size }, name) ? *value : link->value);
    return text_of_document(f, made);
}

static inline const struct node *item_of(struct fixture *f, struct text document, const char *list, int index)
{
    const struct node_link *link = node_find(json_of(f, document), key_intern(text_of(list)))->first;
    while (--index > 0)
        link = link->next;
    return &link->value;
}

static inline struct node text_node(struct fixture *f, struct text text)
{
    return (struct node){ .kind = NODE_TEXT, .text = text, .arena = f->ctx->arena };
}

/* What SENDER (from 1) signs for the one named NAMED and seals for SEALED_FOR. */
static inline struct node private_message(struct fixture *f, const struct played *played, int sender, int named,
                                          int sealed_for, const char *said)
{
    struct group *group = played->ceremony.group;
    scoped(buffer_clear) struct buffer message = { 0 }, envelope = { 0 }, sealed = { 0 };
    struct zk_proof signature;
    buffer_string(&message, "{\"recipient\":\"");
    group_encode(group, &played->keys[named - 1].encryption, &message);
    buffer_string(&message, "\",\"message\":");
    buffer_json(&message, text_of(said));
    buffer_byte(&message, '}');
    zk_prove(group, &played->keys[sender - 1].signing, "sigmsg|", buffer_view(&message), &signature);
    buffer_string(&envelope, "{\"message\":");
    buffer_json(&envelope, buffer_view(&message));
    buffer_string(&envelope, ",\"signature\":");
    zk_write(&signature, &envelope);
    buffer_byte(&envelope, '}');
    channel_seal(group, &played->keys[sealed_for - 1].encryption, buffer_view(&envelope), &sealed);
    return text_node(f, text_copy(f->ctx->arena, buffer_view(&sealed)));
}

/* --- what trustee 2 may be handed in step 5 and must refuse; SENDER is whom the refusal names --- */

struct bad_input {
    const char *name, *said, *sender;
    struct text input;
};

enum { BAD_INPUTS = 15 };

static inline int bad_inputs(struct fixture *f, const struct played *played, struct bad_input ret[BAD_INPUTS])
{
    struct text good = played->inputs[1];
    struct text from_1 = item_of(f, good, "secrets", 1)->text;
    struct text for_3 = item_of(f, played->inputs[2], "secrets", 1)->text;
    const char q_ed25519[] =
        "{\"secret\":\"7237005577332262213973186563042994240857116359379907606001950938285454250989\"}";
    const char q_field[] =
        "{\"secret\":\"78571733251071885079927659812671450121821421258408794611510081919805623223441\"}";
    bool is_curve = text_is(text_of(played->ceremony.group->name), "Ed25519");
    char *changed = text_string(f->ctx->arena, from_1);
    char *digit = strstr(changed, "\"data\":\"") + 20;
    *digit = *digit == '0' ? '1' : '0';
    struct node wrong = private_message(f, played, 1, 2, 2, "{\"secret\":\"12345\"}");
    struct node unreduced = private_message(f, played, 1, 2, 2, is_curve ? q_ed25519 : q_field);
    struct node other_word = private_message(f, played, 1, 2, 2, "{\"decryption_key\":\"12345\"}");
    struct node other_name = private_message(f, played, 1, 3, 2, "{\"secret\":\"12345\"}");
    struct node other_hand = private_message(f, played, 3, 2, 2, "{\"secret\":\"12345\"}");
    struct node for_other = text_node(f, for_3), altered = text_node(f, text_of(changed)),
                empty = text_node(f, (struct text){ 0 });
    struct node no_message = text_node(f, text_of("{\"alpha\":\"1\"}")), twice = text_node(f, from_1);
    struct node nothing = { .kind = NODE_NULL };
    struct text other_own = node_find_text(json_of(f, played->inputs[0]), KEY("polynomial"));
    struct node own = text_node(f, other_own);
    const struct bad_input all[BAD_INPUTS] = {
        { "a wrong share", "vote.ceremony_share_wrong", "1", with_item(f, good, "secrets", 1, &wrong) },
        { "a number not below q", "vote.ceremony_share_form", "1", with_item(f, good, "secrets", 1, &unreduced) },
        { "another field than secret", "vote.ceremony_share_form", "1", with_item(f, good, "secrets", 1, &other_word) },
        { "names another recipient", "vote.ceremony_share_recipient", "1",
          with_item(f, good, "secrets", 1, &other_name) },
        { "signed by another trustee", "vote.ceremony_share_signature", "1",
          with_item(f, good, "secrets", 1, &other_hand) },
        { "sealed for another trustee", "vote.ceremony_share_sealed", "1",
          with_item(f, good, "secrets", 1, &for_other) },
        { "one byte changed", "vote.ceremony_share_sealed", "1", with_item(f, good, "secrets", 1, &altered) },
        { "no sealed message", "vote.ceremony_share_form", "1", with_item(f, good, "secrets", 1, &no_message) },
        { "an empty share", "vote.ceremony_share_missing", "1", with_item(f, good, "secrets", 1, &empty) },
        { "null for a share", "vote.ceremony_share_missing", "1", with_item(f, good, "secrets", 1, &nothing) },
        { "one share too few", "vote.ceremony_shares_count", "2", with_item(f, good, "secrets", 1, NULL) },
        { "the right share twice", "vote.ceremony_share_twice", "1", with_item(f, good, "secrets", 3, &twice) },
        { "commitments of another", "vote.ceremony_commitments_signature", "1",
          with_item(f, good, "coefexps", 1, item_of(f, good, "coefexps", 3)) },
        { "joint signature of another", "vote.ceremony_joint_signature", "1",
          with_item(f, good, "signatures", 1, item_of(f, good, "signatures", 3)) },
        { "another's own polynomial", "vote.ceremony_own_changed", NULL, with_member(f, good, "polynomial", &own) },
    };
    memcpy(ret, all, sizeof all);
    return BAD_INPUTS;
}
#endif
