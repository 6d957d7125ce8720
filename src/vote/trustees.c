/* vote/trustees.c
 * The layouts of a threshold set: A (2.0), B (2.5.1: certificates name their context, one more signature over certificates and
 * commitments together), C (3.0: each verification key signed by its owner). If any part of B or C is there, all of it must be.
 */
#include "vote/trustees.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"
#include "vote/signed.h"

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

static const struct err *read_key(const struct reading *reading, const struct node *node, struct element *ret)
{
    if (!trustee_key_read(reading->group, node, ret))
        return fault(reading, "vote.trustee_form");
    if (!trustee_key_check(reading->group, node, ret))
        return fault(reading, "vote.trustee_proof");
    return NULL;
}

struct threshold {
    int count, needed;
    const struct node *certificates, *commitments, *signatures, *keys;
    bool has_context, has_key_signatures; /* layout B, layout C */
    struct certificate *signers;          /* by index */
    struct element *committed;            /* the products over all trustees of their k-th commitments */
    struct buffer *written;               /* the certificates, once more, as they are signed in B and C */
};

static bool is_for(const struct reading *reading, const struct threshold *threshold, const struct certificate *certificate,
                   int index)
{
    return text_is(certificate->group, reading->group->name) && certificate->size == threshold->count &&
           certificate->needed == threshold->needed && certificate->index == index;
}

static const struct err *read_certificate(const struct reading *reading, struct threshold *threshold,
                                          const struct node *node, int index)
{
    struct certificate *certificate = &threshold->signers[index - 1];
    if (!certificate_read(reading->ctx, reading->group, node, certificate))
        return fault(reading, "vote.trustees_form");
    if (index == 1)
        threshold->has_context = certificate->has_context;
    if (certificate->has_context != threshold->has_context ||
        (certificate->has_context && !is_for(reading, threshold, certificate, index)))
        return fault(reading, "vote.trustees_context");
    if (!certificate_check(reading->group, certificate))
        return fault(reading, "vote.trustees_certificate");
    return NULL;
}

/* In B and C a trustee signs all certificates and the own commitments together. */
static bool is_signed_jointly(const struct reading *reading, const struct threshold *threshold, const struct node *envelope,
                              const struct node *signature, const struct element *key)
{
    scoped(buffer_clear) struct buffer message = { 0 };
    return joint_message_of(reading->ctx, buffer_view(threshold->written), envelope, &message) &&
           signature_check(reading->group, signature, buffer_view(&message), key);
}

static const struct err *read_commitments(const struct reading *reading, struct threshold *threshold,
                                          const struct node *envelope, const struct node *signature, int index)
{
    const struct element *key = &threshold->signers[index - 1].verification;
    struct element *read = arena_array_of(reading->ctx->arena, struct element, threshold->needed);
    if (!commitments_read(reading->ctx, reading->group, envelope, threshold->needed, read))
        return fault(reading, "vote.trustees_form");
    if (!signed_check(reading->group, envelope, key))
        return fault(reading, "vote.trustees_commitments");
    for (int k = 0; k < threshold->needed; k++)
        group_multiply(reading->group, &threshold->committed[k], &read[k], &threshold->committed[k]);
    if (signature && !is_signed_jointly(reading, threshold, envelope, signature, key))
        return fault(reading, "vote.trustees_joint_signature");
    return NULL;
}

static const struct err *read_verification_key(const struct reading *reading, struct threshold *threshold,
                                               const struct node *node, int index)
{
    struct element key, expected = key_at(reading->group, threshold->committed, threshold->needed, index);
    const struct node *signature = node_find(node, KEY("signature"));
    TRY(read_key(reading, node, &key));
    if (index == 1)
        threshold->has_key_signatures = signature != NULL;
    if ((signature != NULL) != threshold->has_key_signatures || (signature && !threshold->has_context))
        return fault(reading, "vote.trustees_form");
    if (signature && !signature_check(reading->group, signature, node_find_text(node, KEY("public_key")),
                                      &threshold->signers[index - 1].verification))
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
    certificates_write(threshold->signers, threshold->count, threshold->written);
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
        !small_read(node_find(node, KEY("threshold")), count, &needed) || needed == 0 ||
        !is_list_of(threshold.certificates, count) || !is_list_of(threshold.commitments, count) ||
        (threshold.signatures && !is_list_of(threshold.signatures, count)))
        return fault(reading, "vote.trustees_form");
    threshold.count = (int)count;
    threshold.needed = (int)needed;
    threshold.signers = arena_array_of(reading->ctx->arena, struct certificate, count);
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
