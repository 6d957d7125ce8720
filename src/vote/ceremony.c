/* vote/ceremony.c
 * What is published of a threshold set is checked again as a whole by trustees_read(); here each part is checked when
 * it comes, so that its sender can be named and asked again.
 */
#include "vote/ceremony.h"

#include "vote/sealed.h"
#include "vote/trustees.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

__extension__ typedef unsigned __int128 wide;

static const char *number(struct ctx *ctx, int from)
{
    return arena_printf(ctx->arena, "%d", from);
}

static const struct err *fault(struct ctx *ctx, const char *said, int index)
{
    return err_new(ctx, ERR_INPUT, said, number(ctx, index));
}

const struct err *ceremony_begin(struct ctx *ctx, struct group *group, int size, int needed, struct ceremony *ret)
{
    if (size < 1 || size > CEREMONY_MOST || needed < 1 || needed > size)
        return fault(ctx, "vote.ceremony_size", CEREMONY_MOST);
    *ret = (struct ceremony){ .group = group, .size = size, .needed = needed };
    ret->certificates = arena_array_of(ctx->arena, struct text, size);
    ret->polynomials = arena_array_of(ctx->arena, struct text, size);
    ret->outputs = arena_array_of(ctx->arena, struct text, size);
    return NULL;
}

/* That trustee INDEX may send what LIST collects, and has not yet. */
static const struct err *expect(struct ctx *ctx, const struct ceremony *ceremony, const struct text *list, int index)
{
    if (index < 1 || index > ceremony->size)
        return fault(ctx, "vote.ceremony_index", index);
    return list[index - 1].size == 0 ? NULL : fault(ctx, "vote.ceremony_already", index);
}

/* Keys of its own: the neutral element is nobody's, since anybody could sign for it. */
static bool has_keys(const struct group *group, const struct certificate *certificate)
{
    return !element_equal(&certificate->verification, &group->neutral) &&
           !element_equal(&certificate->encryption, &group->neutral) &&
           !element_equal(&certificate->verification, &certificate->encryption);
}

static bool is_for(const struct ceremony *ceremony, const struct certificate *certificate, int index)
{
    return certificate->has_context && text_is(certificate->group, ceremony->group->name) &&
           certificate->size == ceremony->size && certificate->needed == ceremony->needed &&
           certificate->index == index;
}

/* No spaces, no other fields: all trustees sign these bytes once more, and programs must not differ about them. */
static bool is_canonical(struct group *group, const struct certificate *certificate)
{
    scoped(buffer_clear) struct buffer message = { 0 };
    certificate_message(group, certificate, &message);
    return text_equal(certificate->message, buffer_view(&message));
}

static const struct err *read_certificate(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text text,
                                          struct certificate *ret)
{
    struct node *read;
    if (json_read(ctx, text, &read) || !certificate_read(ctx, ceremony->group, read, ret) ||
        !has_keys(ceremony->group, ret))
        return fault(ctx, "vote.ceremony_certificate_form", index);
    if (!is_for(ceremony, ret, index))
        return fault(ctx, "vote.ceremony_certificate_context", index);
    if (!is_canonical(ceremony->group, ret))
        return fault(ctx, "vote.ceremony_certificate_form", index);
    if (!certificate_check(ceremony->group, ret))
        return fault(ctx, "vote.ceremony_certificate_signature", index);
    return NULL;
}

static bool has_common_key(const struct certificate *one, const struct certificate *other)
{
    return element_equal(&one->verification, &other->verification) ||
           element_equal(&one->encryption, &other->encryption);
}

const struct err *ceremony_check_certificate(struct ctx *ctx, const struct ceremony *ceremony, int index,
                                             struct text certificate)
{
    struct certificate read, other;
    TRY(expect(ctx, ceremony, ceremony->certificates, index));
    TRY(read_certificate(ctx, ceremony, index, certificate, &read));
    for (int i = 1; i <= ceremony->size; i++) {
        if (ceremony->certificates[i - 1].size == 0)
            continue;
        TRY(read_certificate(ctx, ceremony, i, ceremony->certificates[i - 1], &other));
        if (has_common_key(&read, &other))
            return err_new(ctx, ERR_INPUT, "vote.ceremony_certificate_twice", number(ctx, index), number(ctx, i));
    }
    return NULL;
}

const struct err *ceremony_certificates(struct ctx *ctx, const struct ceremony *ceremony, struct certificate *ret)
{
    for (int i = 1; i <= ceremony->size; i++) {
        if (ceremony->certificates[i - 1].size == 0)
            return fault(ctx, "vote.ceremony_certificate_missing", i);
        TRY(read_certificate(ctx, ceremony, i, ceremony->certificates[i - 1], &ret[i - 1]));
        for (int other = 1; other < i; other++)
            if (has_common_key(&ret[i - 1], &ret[other - 1]))
                return err_new(ctx, ERR_INPUT, "vote.ceremony_certificate_twice", number(ctx, i), number(ctx, other));
    }
    return NULL;
}

/* Hashed again and again, so that trying certificates until two sets happen to have the same code costs as many hashes
 * for each try. */
static struct sha256 slow_hash(struct text text)
{
    enum { ROUNDS = 1 << 16 };
    struct sha256 hash = sha256_of(text);
    for (int i = 0; i < ROUNDS; i++)
        hash = sha256_of(sha256_text(&hash));
    return hash;
}

const struct err *ceremony_compare_code(struct ctx *ctx, const struct ceremony *ceremony, char ret[COMPARE_CODE_TEXT])
{
    scoped(buffer_clear) struct buffer hashed = { 0 };
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    const wide half = UINT64_C(100000000000000), codes = half * half;
    wide code = 0;
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    buffer_string(&hashed, "gongzhi|compare|[");
    certificates_write(certificates, ceremony->size, &hashed);
    buffer_byte(&hashed, ']');
    struct sha256 hash = slow_hash(buffer_view(&hashed));
    for (int i = 0; i < SHA256_SIZE; i++)
        code = (code * 256 + hash.bytes[i]) % codes;
    for (int i = COMPARE_CODE_TEXT - 2; i >= 0; i--) {
        bool is_gap = i % 5 == 4;
        ret[i] = is_gap ? ' ' : (char)('0' + (int)(code % 10));
        code = is_gap ? code : code / 10;
    }
    ret[COMPARE_CODE_TEXT - 1] = '\0';
    return NULL;
}

/* What a certificate says it is for; NULL where it says nothing. */
static const struct node *context_of(struct ctx *ctx, struct text certificate)
{
    struct node *read, *said;
    if (json_read(ctx, certificate, &read) || json_read(ctx, node_find_text(read, KEY("message")), &said))
        return NULL;
    return node_find(said, KEY("context"));
}

const struct err *ceremony_gather(struct ctx *ctx, const struct text *certificates, int count, struct ceremony *ret)
{
    const struct node *context = count > 0 ? context_of(ctx, certificates[0]) : NULL;
    struct group *group = context ? group_open(ctx->arena, node_find_text(context, KEY("group"))) : NULL;
    if (!group)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_none");
    int64_t needed = node_find_int(context, KEY("threshold"), 0), size = node_find_int(context, KEY("size"), 0);
    if (size != count)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_certificates_count", number(ctx, count),
                       arena_printf(ctx->arena, "%lld", (long long)size));
    TRY(ceremony_begin(ctx, group, count, needed < 1 || needed > count ? 0 : (int)needed, ret));
    for (int i = 0; i < count; i++) {
        context = context_of(ctx, certificates[i]);
        int64_t index = node_find_int(context, KEY("index"), 0);
        if (index < 1 || index > count)
            return err_new(ctx, ERR_INPUT, "vote.ceremony_index", arena_printf(ctx->arena, "%lld", (long long)index));
        TRY(ceremony_check_certificate(ctx, ret, (int)index, certificates[i]));
        ret->certificates[index - 1] = certificates[i];
    }
    return NULL;
}

/* Step 3 of one trustee, as far as it is public. */
struct polynomial {
    const struct node *own, *shares, *envelope, *signature;
    struct element *commitments;
};

static const struct err *read_polynomial(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text text,
                                         struct polynomial *ret)
{
    struct node *read;
    struct polynomial made = { 0 };
    if (json_read(ctx, text, &read) ||
        !has_fields(read, false, FIELDS("polynomial", "secrets", "coefexps", "signature")))
        return fault(ctx, "vote.ceremony_polynomial_form", index);
    made.own = node_find(read, KEY("polynomial"));
    made.shares = node_find(read, KEY("secrets"));
    made.envelope = node_find(read, KEY("coefexps"));
    made.signature = node_find(read, KEY("signature"));
    made.commitments = arena_array_of(ctx->arena, struct element, ceremony->needed);
    if (!is_list_of(made.shares, (uint32_t)ceremony->size) ||
        !commitments_read(ctx, ceremony->group, made.envelope, ceremony->needed, made.commitments))
        return fault(ctx, "vote.ceremony_polynomial_form", index);
    *ret = made;
    return NULL;
}

/* Each private message must look like one, and none may stand for two. */
static const struct err *check_shares(struct ctx *ctx, const struct ceremony *ceremony, int index,
                                      const struct polynomial *polynomial)
{
    struct sealed sealed;
    if (!sealed_read(ctx, ceremony->group, text_of_node(polynomial->own), &sealed))
        return fault(ctx, "vote.ceremony_polynomial_form", index);
    int recipient = 1;
    node_each (link, polynomial->shares) {
        if (!sealed_read(ctx, ceremony->group, text_of_node(&link->value), &sealed))
            return err_new(ctx, ERR_INPUT, "vote.ceremony_share_form", number(ctx, index), number(ctx, recipient));
        for (const struct node_link *earlier = polynomial->shares->first; earlier != link; earlier = earlier->next)
            if (text_equal(earlier->value.text, link->value.text))
                return err_new(ctx, ERR_INPUT, "vote.ceremony_share_repeated", number(ctx, index),
                               number(ctx, recipient));
        recipient++;
    }
    return NULL;
}

static const struct err *check_signatures(struct ctx *ctx, const struct ceremony *ceremony, int index,
                                          const struct polynomial *polynomial)
{
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    const struct element *key = &certificates[index - 1].verification;
    if (!signed_check(ceremony->group, polynomial->envelope, key))
        return fault(ctx, "vote.ceremony_commitments_signature", index);
    scoped(buffer_clear) struct buffer written = { 0 }, message = { 0 };
    certificates_write(certificates, ceremony->size, &written);
    if (!joint_message_of(ctx, buffer_view(&written), polynomial->envelope, &message) ||
        !signature_check(ceremony->group, polynomial->signature, buffer_view(&message), key))
        return fault(ctx, "vote.ceremony_joint_signature", index);
    return NULL;
}

const struct err *ceremony_check_polynomial(struct ctx *ctx, const struct ceremony *ceremony, int index,
                                            struct text polynomial)
{
    struct polynomial read;
    TRY(expect(ctx, ceremony, ceremony->polynomials, index));
    TRY(read_polynomial(ctx, ceremony, index, polynomial, &read));
    TRY(check_shares(ctx, ceremony, index, &read));
    return check_signatures(ctx, ceremony, index, &read);
}

/* Whose key has signed MESSAGE, or 0. */
static int signer_of(struct ctx *ctx, const struct ceremony *ceremony, const struct node *signature,
                     struct text message)
{
    struct certificate read;
    for (int i = 1; i <= ceremony->size; i++)
        if (!read_certificate(ctx, ceremony, i, ceremony->certificates[i - 1], &read) &&
            signature_check(ceremony->group, signature, message, &read.verification))
            return i;
    return 0;
}

int ceremony_sender_of_polynomial(struct ctx *ctx, const struct ceremony *ceremony, struct text polynomial)
{
    struct polynomial read;
    struct text message;
    if (read_polynomial(ctx, ceremony, 0, polynomial, &read) || !signed_read(read.envelope, &message))
        return 0;
    return signer_of(ctx, ceremony, node_find(read.envelope, KEY("signature")), message);
}

/* All polynomials: RET has room for ceremony->size. */
static const struct err *read_polynomials(struct ctx *ctx, const struct ceremony *ceremony, struct polynomial *ret)
{
    for (int i = 1; i <= ceremony->size; i++) {
        if (ceremony->polynomials[i - 1].size == 0)
            return fault(ctx, "vote.ceremony_polynomial_missing", i);
        TRY(read_polynomial(ctx, ceremony, i, ceremony->polynomials[i - 1], &ret[i - 1]));
    }
    return NULL;
}

static const struct node *item(const struct node *list, int index)
{
    const struct node_link *link = list->first;
    while (--index > 0)
        link = link->next;
    return &link->value;
}

const struct err *ceremony_assemble_input(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text *ret)
{
    struct polynomial *read = arena_array_of(ctx->arena, struct polynomial, ceremony->size);
    if (index < 1 || index > ceremony->size)
        return fault(ctx, "vote.ceremony_index", index);
    TRY(read_polynomials(ctx, ceremony, read));
    struct node *input = node_object(ctx->arena);
    node_put(input, KEY("polynomial"), *read[index - 1].own);
    struct node *shares = node_put_list(input, KEY("secrets"));
    struct node *commitments = node_put_list(input, KEY("coefexps"));
    struct node *signatures = node_put_list(input, KEY("signatures"));
    for (int i = 0; i < ceremony->size; i++) {
        node_add(shares, *item(read[i].shares, index));
        node_add(commitments, *read[i].envelope);
        node_add(signatures, *read[i].signature);
    }
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(input, &out);
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

/* Step 5 of one trustee. */
struct output {
    struct text private_key;
    const struct node *public_key;
    struct element key;
};

static const struct err *read_output(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text text,
                                     struct output *ret)
{
    struct node *read;
    struct sealed sealed;
    struct output made = { 0 };
    if (json_read(ctx, text, &read) || !has_fields(read, false, FIELDS("private_key", "public_key")))
        return fault(ctx, "vote.ceremony_output_form", index);
    made.private_key = node_find_text(read, KEY("private_key"));
    made.public_key = node_find(read, KEY("public_key"));
    if (!sealed_read(ctx, ceremony->group, made.private_key, &sealed) ||
        !has_fields(made.public_key, false, FIELDS("pok", "public_key", "signature")) ||
        !trustee_key_read(ceremony->group, made.public_key, &made.key))
        return fault(ctx, "vote.ceremony_output_form", index);
    *ret = made;
    return NULL;
}

int ceremony_sender_of_output(struct ctx *ctx, const struct ceremony *ceremony, struct text output)
{
    struct output read;
    if (read_output(ctx, ceremony, 0, output, &read))
        return 0;
    return signer_of(ctx, ceremony, node_find(read.public_key, KEY("signature")),
                     node_find_text(read.public_key, KEY("public_key")));
}

/* What trustee INDEX's key must be, by everybody's commitments. */
static struct element expected_key(struct ctx *ctx, const struct ceremony *ceremony, const struct polynomial *read,
                                   int index)
{
    struct group *group = ceremony->group;
    struct element *committed = arena_array_of(ctx->arena, struct element, ceremony->needed);
    for (int k = 0; k < ceremony->needed; k++) {
        committed[k] = group->neutral;
        for (int i = 0; i < ceremony->size; i++)
            group_multiply(group, &committed[k], &read[i].commitments[k], &committed[k]);
    }
    return key_at(group, committed, ceremony->needed, index);
}

const struct err *ceremony_check_output(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text output)
{
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    struct polynomial *polynomials = arena_array_of(ctx->arena, struct polynomial, ceremony->size);
    struct output read;
    TRY(expect(ctx, ceremony, ceremony->outputs, index));
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    TRY(read_polynomials(ctx, ceremony, polynomials));
    TRY(read_output(ctx, ceremony, index, output, &read));
    struct element expected = expected_key(ctx, ceremony, polynomials, index);
    if (!element_equal(&read.key, &expected))
        return fault(ctx, "vote.ceremony_output_key", index);
    if (!trustee_key_check(ceremony->group, read.public_key, &read.key))
        return fault(ctx, "vote.ceremony_output_proof", index);
    if (!signature_check(ceremony->group, node_find(read.public_key, KEY("signature")),
                         node_find_text(read.public_key, KEY("public_key")), &certificates[index - 1].verification))
        return fault(ctx, "vote.ceremony_output_signature", index);
    return NULL;
}

const struct err *ceremony_private_key(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text *ret)
{
    struct output read;
    if (index < 1 || index > ceremony->size)
        return fault(ctx, "vote.ceremony_index", index);
    if (ceremony->outputs[index - 1].size == 0)
        return fault(ctx, "vote.ceremony_output_missing", index);
    TRY(read_output(ctx, ceremony, index, ceremony->outputs[index - 1], &read));
    *ret = read.private_key;
    return NULL;
}

static const struct err *put_parts(struct ctx *ctx, const struct ceremony *ceremony, struct node *set)
{
    struct polynomial *polynomials = arena_array_of(ctx->arena, struct polynomial, ceremony->size);
    TRY(read_polynomials(ctx, ceremony, polynomials));
    node_put_int(set, KEY("threshold"), ceremony->needed);
    struct node *certificates = node_put_list(set, KEY("certs")), *commitments = node_put_list(set, KEY("coefexps"));
    struct node *signatures = node_put_list(set, KEY("signatures")),
                *keys = node_put_list(set, KEY("verification_keys"));
    for (int i = 0; i < ceremony->size; i++) {
        struct node *certificate;
        struct output output;
        if (ceremony->outputs[i].size == 0)
            return fault(ctx, "vote.ceremony_output_missing", i + 1);
        TRY(read_output(ctx, ceremony, i + 1, ceremony->outputs[i], &output));
        TRY(json_read(ctx, ceremony->certificates[i], &certificate));
        node_add(certificates, *certificate);
        node_add(commitments, *polynomials[i].envelope);
        node_add(signatures, *polynomials[i].signature);
        node_add(keys, *output.public_key);
    }
    return NULL;
}

const struct err *ceremony_finish(struct ctx *ctx, const struct ceremony *ceremony, struct text *ret)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    struct trustees trustees;
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    struct node *set = node_object(ctx->arena);
    static const char before[] = "[[\"Pedersen\",", after[] = "]]";
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    TRY(put_parts(ctx, ceremony, set));
    buffer_string(&out, before);
    node_write(set, &out);
    struct text written = { out.at + sizeof before - 1, out.size - (sizeof before - 1) };
    *ret = text_copy(ctx->arena, written);
    buffer_string(&out, after);
    return trustees_read(ctx, ceremony->group, buffer_view(&out), &trustees);
}
