/* vote/signed.c -- public data throughout: what stands in certificates and commitments. */
#include "vote/signed.h"

#include "base/ctx.h"
#include "base/err.h"
#include "base/json.h"

static bool read_message(struct ctx *ctx, struct text message, struct node **ret)
{
    return !json_read(ctx, message, ret);
}

bool signed_read(const struct node *envelope, struct text *ret)
{
    const struct node *message = envelope ? node_find(envelope, KEY("message")) : NULL;
    if (!has_fields(envelope, false, FIELDS("message", "signature")) || message->kind != NODE_TEXT)
        return false;
    *ret = message->text;
    return true;
}

bool signature_check(struct group *group, const struct node *signature, struct text message, const struct element *key)
{
    struct zk_proof proof;
    return zk_read(group, signature, &proof) && zk_check(group, &proof, key, "sigmsg|", message);
}

bool signed_check(struct group *group, const struct node *envelope, const struct element *key)
{
    struct text message;
    return signed_read(envelope, &message) &&
           signature_check(group, node_find(envelope, KEY("signature")), message, key);
}

bool certificate_read(struct ctx *ctx, struct group *group, const struct node *node, struct certificate *ret)
{
    struct certificate made = { 0 };
    struct node *said;
    if (!signed_read(node, &made.message) || !read_message(ctx, made.message, &said))
        return false;
    const struct node *context = node_find(said, KEY("context"));
    if (!group_decode(group, node_find_text(said, KEY("verification")), &made.verification) ||
        !group_decode(group, node_find_text(said, KEY("encryption")), &made.encryption))
        return false;
    made.signature = node_find(node, KEY("signature"));
    made.has_context = context != NULL;
    made.group = node_find_text(context, KEY("group"));
    made.size = node_find_int(context, KEY("size"), 0);
    made.needed = node_find_int(context, KEY("threshold"), 0);
    made.index = node_find_int(context, KEY("index"), 0);
    *ret = made;
    return true;
}

bool certificate_check(struct group *group, const struct certificate *certificate)
{
    return signature_check(group, certificate->signature, certificate->message, &certificate->verification);
}

void certificate_message(struct group *group, const struct certificate *certificate, struct buffer *out)
{
    buffer_printf(
        out, "{\"context\":{\"group\":\"%s\",\"size\":%lld,\"threshold\":%lld,\"index\":%lld},\"verification\":\"",
        group->name, (long long)certificate->size, (long long)certificate->needed, (long long)certificate->index);
    group_encode(group, &certificate->verification, out);
    buffer_string(out, "\",\"encryption\":\"");
    group_encode(group, &certificate->encryption, out);
    buffer_string(out, "\"}");
}

/* The list in {"coefexps":[…]}, or NULL. */
static const struct node *commitments_in(struct ctx *ctx, const struct node *envelope)
{
    struct text message;
    struct node *said;
    if (!signed_read(envelope, &message) || !read_message(ctx, message, &said) ||
        !has_fields(said, true, FIELDS("coefexps")))
        return NULL;
    return node_find(said, KEY("coefexps"));
}

bool commitments_read(struct ctx *ctx, struct group *group, const struct node *envelope, int count, struct element *ret)
{
    const struct node *list = commitments_in(ctx, envelope);
    if (!is_list_of(list, (uint32_t)count))
        return false;
    node_each (link, list)
        if (!group_decode(group, text_of_node(&link->value), ret++))
            return false;
    return true;
}

void certificates_write(const struct certificate *certificates, int count, struct buffer *out)
{
    for (int i = 0; i < count; i++) {
        buffer_string(out, i > 0 ? ",{\"message\":" : "{\"message\":");
        buffer_json(out, certificates[i].message);
        buffer_string(out, ",\"signature\":");
        node_write(certificates[i].signature, out);
        buffer_byte(out, '}');
    }
}

void joint_message(struct text certificates, struct text commitments, struct buffer *out)
{
    buffer_string(out, "certs_sig|{\"certs\":[");
    buffer_text(out, certificates);
    buffer_string(out, "],\"coefexps\":");
    buffer_text(out, commitments);
    buffer_byte(out, '}');
}

bool joint_message_of(struct ctx *ctx, struct text certificates, const struct node *envelope, struct buffer *out)
{
    scoped(buffer_clear) struct buffer written = { 0 };
    const struct node *list = commitments_in(ctx, envelope);
    if (!list)
        return false;
    node_write(list, &written);
    joint_message(certificates, buffer_view(&written), out);
    return true;
}

bool trustee_key_read(struct group *group, const struct node *node, struct element *ret)
{
    return node_find(node, KEY("pok")) && group_decode(group, node_find_text(node, KEY("public_key")), ret) &&
           !element_equal(ret, &group->neutral);
}

bool trustee_key_check(struct group *group, const struct node *node, const struct element *key)
{
    scoped(buffer_clear) struct buffer middle = { 0 };
    struct zk_proof proof;
    buffer_string(&middle, group->name);
    buffer_byte(&middle, '|');
    group_encode(group, key, &middle);
    return zk_read(group, node_find(node, KEY("pok")), &proof) &&
           zk_check(group, &proof, key, "pok|", buffer_view(&middle));
}

struct element key_at(struct group *group, const struct element *committed, int count, int index)
{
    struct scalar at = scalar_of_int(group, index), power = scalar_of_int(group, 1);
    struct element key = group->neutral, part;
    for (int k = 0; k < count; k++) {
        group_power(group, &committed[k], &power, &part);
        group_multiply(group, &key, &part, &key);
        power = scalar_multiply(group, &power, &at);
    }
    return key;
}
