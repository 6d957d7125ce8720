/* vote/trustees.c
 * The layouts of a threshold set: A (2.0), B (2.5.1: certificates name their context, one more signature over certificates and
 * commitments together), C (3.0: each verification key signed by its owner). If any part of B or C is there, all of it must be.
 */
#include "vote/trustees.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_SETS = 1000, MOST_TRUSTEES = 1000 };

struct reading {
    struct ctx *ctx;
    struct group *group;
    struct trustees *trustees;
    const char *number; /* of the entry, for messages */
};

static const struct err *fault(const struct reading *reading, const char *said)
{
    return err_new(reading->ctx, ERR_INPUT, said, reading->number);
}

static void add_key(struct trustees *trustees, const struct element *key)
{
    trustees->keys[trustees->count++] = *key;
}

/* A public key with its proof of possession, without which the last trustee could choose a key that cancels the others'. */
static const struct err *read_key(const struct reading *reading, const struct node *node, struct element *ret)
{
    struct zk_proof proof;
    struct text written = node_find_text(node, KEY("public_key"));
    if (!group_decode(reading->group, written, ret) || element_equal(ret, &reading->group->neutral) ||
        !zk_read(reading->group, node_find(node, KEY("pok")), &proof))
        return fault(reading, "vote.trustee_form");
    const char *middle = arena_printf(reading->ctx->arena, "%s|%.*s", reading->group->name, (int)written.size, written.at);
    if (!zk_check(reading->group, &proof, ret, "pok|", text_of(middle)))
        return fault(reading, "vote.trustee_proof");
    return NULL;
}

/* Texts signed by KEY: {"message":…,"signature":…}. */
static bool is_signed(const struct reading *reading, const struct node *signature, struct text message,
                      const struct element *key)
{
    struct zk_proof proof;
    return zk_read(reading->group, signature, &proof) && zk_check(reading->group, &proof, key, "sigmsg|", message);
}

struct threshold {
    int count, needed;
    const struct node *certificates, *commitments, *signatures, *keys;
    bool has_context, has_key_signatures; /* layout B, layout C */
    struct element *signers;              /* by index: whose certificate it is */
    struct element *committed;            /* the products over all trustees of their k-th commitments */
    struct buffer *written;               /* the certificates, once more, as they are signed in B and C */
};

static const struct err *read_context(const struct reading *reading, const struct threshold *threshold,
                                      const struct node *context, int index)
{
    if (!text_is(node_find_text(context, KEY("group")), reading->group->name) ||
        node_find_int(context, KEY("size"), 0) != threshold->count ||
        node_find_int(context, KEY("threshold"), 0) != threshold->needed ||
        node_find_int(context, KEY("index"), 0) != index)
        return fault(reading, "vote.trustees_context");
    return NULL;
}

static const struct err *read_certificate(const struct reading *reading, struct threshold *threshold,
                                          const struct node *certificate, int index)
{
    struct text message = node_find_text(certificate, KEY("message"));
    struct element *signer = &threshold->signers[index - 1], sealing;
    struct node *said;
    if (!has_fields(certificate, false, FIELDS("message", "signature")) || json_read(reading->ctx, message, &said))
        return fault(reading, "vote.trustees_form");
    const struct node *context = node_find(said, KEY("context"));
    if (!group_decode(reading->group, node_find_text(said, KEY("verification")), signer) ||
        !group_decode(reading->group, node_find_text(said, KEY("encryption")), &sealing))
        return fault(reading, "vote.trustees_form");
    if (index == 1)
        threshold->has_context = context != NULL;
    if ((context != NULL) != threshold->has_context)
        return fault(reading, "vote.trustees_context");
    if (context)
        TRY(read_context(reading, threshold, context, index));
    if (!is_signed(reading, node_find(certificate, KEY("signature")), message, signer))
        return fault(reading, "vote.trustees_certificate");
    const struct node *signature = node_find(certificate, KEY("signature"));
    if (index > 1)
        buffer_byte(threshold->written, ',');
    buffer_string(threshold->written, "{\"message\":");
    buffer_json(threshold->written, message);
    buffer_string(threshold->written, ",\"signature\":");
    node_write(signature, threshold->written);
    buffer_byte(threshold->written, '}');
    return NULL;
}

/* In B and C a trustee signs all certificates and the own commitments together. */
static const struct err *check_joint_signature(const struct reading *reading, const struct threshold *threshold,
                                               const struct node *signature, const struct node *commitments, int index)
{
    scoped(buffer_clear) struct buffer message = { 0 };
    buffer_string(&message, "certs_sig|{\"certs\":[");
    buffer_text(&message, buffer_view(threshold->written));
    buffer_string(&message, "],\"coefexps\":");
    node_write(commitments, &message);
    buffer_byte(&message, '}');
    return is_signed(reading, signature, buffer_view(&message), &threshold->signers[index - 1])
               ? NULL
               : fault(reading, "vote.trustees_joint_signature");
}

static const struct err *read_commitments(const struct reading *reading, struct threshold *threshold,
                                          const struct node *envelope, const struct node *signature, int index)
{
    struct text message = node_find_text(envelope, KEY("message"));
    struct node *said;
    struct element element;
    if (!has_fields(envelope, false, FIELDS("message", "signature")) || json_read(reading->ctx, message, &said) ||
        !has_fields(said, true, FIELDS("coefexps")))
        return fault(reading, "vote.trustees_form");
    const struct node *list = node_find(said, KEY("coefexps"));
    if (!is_list_of(list, (uint32_t)threshold->needed))
        return fault(reading, "vote.trustees_form");
    if (!is_signed(reading, node_find(envelope, KEY("signature")), message, &threshold->signers[index - 1]))
        return fault(reading, "vote.trustees_commitments");
    int k = 0;
    node_each (link, list) {
        if (!group_decode(reading->group, text_of_node(&link->value), &element))
            return fault(reading, "vote.trustees_form");
        group_multiply(reading->group, &threshold->committed[k], &element, &threshold->committed[k]);
        k++;
    }
    return signature ? check_joint_signature(reading, threshold, signature, list, index) : NULL;
}

/* What trustee INDEX's key must be: the product of the commitments' powers, index^k. */
static struct element expected_key(const struct reading *reading, const struct threshold *threshold, int index)
{
    struct scalar at = scalar_of_int(reading->group, index), power = scalar_of_int(reading->group, 1);
    struct element key = reading->group->neutral, part;
    for (int k = 0; k < threshold->needed; k++) {
        group_power(reading->group, &threshold->committed[k], &power, &part);
        group_multiply(reading->group, &key, &part, &key);
        power = scalar_multiply(reading->group, &power, &at);
    }
    return key;
}

static const struct err *read_verification_key(const struct reading *reading, struct threshold *threshold,
                                               const struct node *node, int index)
{
    struct element key, expected = expected_key(reading, threshold, index);
    const struct node *signature = node_find(node, KEY("signature"));
    TRY(read_key(reading, node, &key));
    if (index == 1)
        threshold->has_key_signatures = signature != NULL;
    if ((signature != NULL) != threshold->has_key_signatures || (signature && !threshold->has_context))
        return fault(reading, "vote.trustees_form");
    if (signature &&
        !is_signed(reading, signature, node_find_text(node, KEY("public_key")), &threshold->signers[index - 1]))
        return fault(reading, "vote.trustees_key_signature");
    if (!element_equal(&key, &expected))
        return fault(reading, "vote.trustees_key");
    add_key(reading->trustees, &key);
    return NULL;
}

static const struct err *read_lists(const struct reading *reading, struct threshold *threshold)
{
    int index = 1;
    node_each (link, threshold->certificates)
        TRY(read_certificate(reading, threshold, &link->value, index++));
    if (threshold->has_context != (threshold->signatures != NULL))
        return fault(reading, "vote.trustees_form");
    const struct node_link *signature = threshold->signatures ? threshold->signatures->first : NULL;
    index = 1;
    node_each (link, threshold->commitments) {
        TRY(read_commitments(reading, threshold, &link->value, signature ? &signature->value : NULL, index++));
        signature = signature ? signature->next : NULL;
    }
    index = 1;
    node_each (link, threshold->keys)
        TRY(read_verification_key(reading, threshold, &link->value, index++));
    return NULL;
}

static const struct err *read_threshold(const struct reading *reading, const struct node *node)
{
    scoped(buffer_clear) struct buffer written = { 0 };
    struct trustees *trustees = reading->trustees;
    struct threshold threshold = { .written = &written, .certificates = node_find(node, KEY("certs")),
                                   .commitments = node_find(node, KEY("coefexps")),
                                   .signatures = node_find(node, KEY("signatures")),
                                   .keys = node_find(node, KEY("verification_keys")) };
    int64_t needed;
    uint32_t count = threshold.keys && threshold.keys->kind == NODE_LIST ? threshold.keys->count : 0;
    if (count == 0 || count > (uint32_t)(MOST_TRUSTEES - trustees->count) ||
        !count_read(node_find(node, KEY("threshold")), count, &needed) || needed == 0 ||
        !is_list_of(threshold.certificates, count) || !is_list_of(threshold.commitments, count) ||
        (threshold.signatures && !is_list_of(threshold.signatures, count)))
        return fault(reading, "vote.trustees_form");
    threshold.count = (int)count;
    threshold.needed = (int)needed;
    threshold.signers = arena_array_of(reading->ctx->arena, struct element, count);
    threshold.committed = arena_array_of(reading->ctx->arena, struct element, needed);
    for (int k = 0; k < threshold.needed; k++)
        threshold.committed[k] = reading->group->neutral;
    trustees->sets[trustees->set_count++] = (struct trustee_set){ false, trustees->count, (int)count, (int)needed };
    TRY(read_lists(reading, &threshold));
    if (!threshold.has_context)
        trustees->has_oldest_layout = true;
    group_multiply(reading->group, &trustees->joint_key, &threshold.committed[0], &trustees->joint_key);
    return NULL;
}

static const struct err *read_single(const struct reading *reading, const struct node *node)
{
    struct trustees *trustees = reading->trustees;
    struct element key;
    if (trustees->count == MOST_TRUSTEES)
        return fault(reading, "vote.trustee_form");
    TRY(read_key(reading, node, &key));
    trustees->sets[trustees->set_count++] = (struct trustee_set){ true, trustees->count, 1, 1 };
    add_key(trustees, &key);
    group_multiply(reading->group, &trustees->joint_key, &key, &trustees->joint_key);
    return NULL;
}

const struct err *trustees_read(struct ctx *ctx, struct group *group, struct text bytes, struct trustees *ret)
{
    struct node *read;
    struct trustees trustees = { .joint_key = group->neutral };
    struct reading reading = { ctx, group, &trustees, "1" };
    if (json_read(ctx, bytes, &read) || read->kind != NODE_LIST || read->count == 0 || read->count > MOST_SETS)
        return fault(&reading, "vote.trustee_form");
    trustees.sets = arena_array_of(ctx->arena, struct trustee_set, read->count);
    trustees.keys = arena_array_of(ctx->arena, struct element, MOST_TRUSTEES);
    node_each (link, read) {
        reading.number = arena_printf(ctx->arena, "%d", trustees.set_count + 1);
        if (!is_list_of(&link->value, 2))
            return fault(&reading, "vote.trustee_form");
        struct text kind = text_of_node(&link->value.first->value);
        const struct node *entry = &link->value.last->value;
        if (text_is(kind, "Single"))
            TRY(read_single(&reading, entry));
        else if (text_is(kind, "Pedersen"))
            TRY(read_threshold(&reading, entry));
        else
            return fault(&reading, "vote.trustee_form");
    }
    *ret = trustees;
    return NULL;
}
