/* vote/threshold.c -- secrets are read and written in an arena that forgets; what leaves it is public or sealed. */
#include "vote/threshold.h"

#include "vote/prove.h"
#include "vote/trustees.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

#include <sodium.h>

enum { MOST_KEY_DIGITS = 80 }; /* of a sum of CEREMONY_MOST numbers below q */

static const char base58[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static const char *number(struct ctx *ctx, int from)
{
    return arena_printf(ctx->arena, "%d", from);
}

static const struct err *fault(struct ctx *ctx, const char *said, int index)
{
    return err_new(ctx, ERR_INPUT, said, number(ctx, index));
}

static struct ctx *secret_begin(struct ctx *ctx)
{
    struct ctx *inner = ctx_begin(ctx);
    arena_keep_secrets(inner->arena);
    return inner;
}

static void secret_end(struct ctx **ctx)
{
    ctx_end(*ctx);
}

void threshold_seed(char ret[SEED_SIZE + 1])
{
    for (int i = 0; i < SEED_SIZE; i++)
        ret[i] = base58[randombytes_uniform(sizeof base58 - 1)];
    ret[SEED_SIZE] = '\0';
}

static struct secret derive(struct group *group, const char *word, struct text seed)
{
    char hashed[SEED_SIZE + 3];
    memcpy(hashed, word, 3);
    memcpy(hashed + 3, seed.at, SEED_SIZE);
    struct sha256 hash = sha256_of((struct text){ hashed, sizeof hashed });
    struct secret key = secret_of_hash(group, &hash);
    sodium_memzero(hashed, sizeof hashed);
    sodium_memzero(&hash, sizeof hash);
    return key;
}

static struct element public_key(struct group *group, const struct secret *key)
{
    struct point point;
    point_power_generator(group, key, &point);
    return point_publish(group, &point);
}

const struct err *threshold_keys(struct ctx *ctx, struct group *group, struct text seed, struct channel_keys *ret)
{
    bool is_seed = seed.size == SEED_SIZE;
    for (size_t i = 0; is_seed && i < SEED_SIZE; i++)
        is_seed = memchr(base58, seed.at[i], sizeof base58 - 1) != NULL;
    if (!is_seed)
        return err_new(ctx, ERR_INPUT, "vote.seed_form");
    ret->signing = derive(group, "sk|", seed);
    ret->opening = derive(group, "dk|", seed);
    ret->verification = public_key(group, &ret->signing);
    ret->encryption = public_key(group, &ret->opening);
    return NULL;
}

/* {"message":…,"signature":…} of something public. */
static void write_signed(struct group *group, const struct channel_keys *keys, struct text message, struct buffer *out)
{
    struct zk_proof signature;
    zk_prove(group, &keys->signing, "sigmsg|", message, &signature);
    buffer_string(out, "{\"message\":");
    buffer_json(out, message);
    buffer_string(out, ",\"signature\":");
    zk_write(&signature, out);
    buffer_byte(out, '}');
}

const struct err *threshold_certificate(struct ctx *ctx, const struct ceremony *ceremony,
                                        const struct channel_keys *keys, int index, struct text *ret)
{
    scoped(buffer_clear) struct buffer message = { 0 }, out = { 0 };
    if (index < 1 || index > ceremony->size)
        return fault(ctx, "vote.ceremony_index", index);
    const struct certificate certificate = { .verification = keys->verification,
                                             .encryption = keys->encryption,
                                             .size = ceremony->size,
                                             .needed = ceremony->needed,
                                             .index = index };
    certificate_message(ceremony->group, &certificate, &message);
    write_signed(ceremony->group, keys, buffer_view(&message), &out);
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

static int find_own(const struct ceremony *ceremony, const struct certificate *certificates,
                    const struct channel_keys *keys)
{
    for (int i = 0; i < ceremony->size; i++)
        if (element_equal(&certificates[i].verification, &keys->verification) &&
            element_equal(&certificates[i].encryption, &keys->encryption))
            return i + 1;
    return 0;
}

const struct err *threshold_index(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                                  int *ret)
{
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    int index = find_own(ceremony, certificates, keys);
    if (index == 0)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_not_mine");
    *ret = index;
    return NULL;
}

/* One trustee at work. */
struct work {
    const struct ceremony *ceremony;
    struct group *group;
    const struct channel_keys *keys;
    struct certificate *certificates;
    int index; /* the own, from 1 */
};

static const struct err *begin(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                               struct work *ret)
{
    struct work work = { ceremony, ceremony->group, keys, NULL, 0 };
    work.certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    TRY(ceremony_certificates(ctx, ceremony, work.certificates));
    work.index = find_own(ceremony, work.certificates, keys);
    if (work.index == 0)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_not_mine");
    *ret = work;
    return NULL;
}

/* --- step 3 --- */

/* A polynomial at the point AT, which everybody knows. */
static struct secret evaluate(struct group *group, const struct secret *coefficients, int count, int at)
{
    struct secret point = secret_of_number((uint64_t)at), value = coefficients[count - 1];
    for (int k = count - 2; k >= 0; k--) {
        value = secret_multiply(group, &value, &point);
        value = secret_add(group, &value, &coefficients[k]);
    }
    return value;
}

/* SEALED as a JSON string: the text of one JSON document within another. */
static void send_within(const struct work *work, const struct element *recipient, const char *said, struct buffer *out)
{
    scoped(buffer_clear) struct buffer sealed = { 0 };
    channel_send(work->group, work->keys, recipient, text_of(said), &sealed);
    buffer_json(out, buffer_view(&sealed));
}

/* {"polynomial":["…",…]} */
static char *write_coefficients(struct ctx *secrets, const struct secret *coefficients, int count)
{
    enum { AROUND = 20, EACH = SECRET_TEXT + 3 };
    static const char word[] = "{\"polynomial\":[";
    char *written = arena_alloc(secrets->arena, AROUND + EACH * (size_t)count), *at = written;
    memcpy(at, word, sizeof word - 1);
    at += sizeof word - 1;
    for (int k = 0; k < count; k++) {
        if (k > 0)
            *at++ = ',';
        *at++ = '"';
        secret_encode(&coefficients[k], at);
        at += strlen(at);
        *at++ = '"';
    }
    memcpy(at, "]}", 3);
    return written;
}

/* {"WORD":"number"} */
static char *write_secret(struct ctx *secrets, const char *word, const struct secret *secret)
{
    char digits[SECRET_TEXT];
    secret_encode(secret, digits);
    char *written = arena_printf(secrets->arena, "{\"%s\":\"%s\"}", word, digits);
    sodium_memzero(digits, sizeof digits);
    return written;
}

/* "coefexps":{…},"signature":{…}: signed alone, and once more together with all certificates. */
static void write_commitments(const struct work *work, const struct secret *coefficients, struct buffer *out)
{
    scoped(buffer_clear) struct buffer list = { 0 }, message = { 0 }, certificates = { 0 };
    for (int k = 0; k < work->ceremony->needed; k++) {
        struct element commitment = public_key(work->group, &coefficients[k]);
        buffer_string(&list, k > 0 ? ",\"" : "[\"");
        group_encode(work->group, &commitment, &list);
        buffer_byte(&list, '"');
    }
    buffer_byte(&list, ']');
    buffer_string(&message, "{\"coefexps\":");
    buffer_text(&message, buffer_view(&list));
    buffer_byte(&message, '}');
    buffer_string(out, "\"coefexps\":");
    write_signed(work->group, work->keys, buffer_view(&message), out);
    message.size = 0;
    certificates_write(work->certificates, work->ceremony->size, &certificates);
    joint_message(buffer_view(&certificates), buffer_view(&list), &message);
    struct zk_proof signature;
    zk_prove(work->group, &work->keys->signing, "sigmsg|", buffer_view(&message), &signature);
    buffer_string(out, ",\"signature\":");
    zk_write(&signature, out);
}

const struct err *threshold_polynomial(struct ctx *ctx, const struct ceremony *ceremony,
                                       const struct channel_keys *keys, struct text *ret)
{
    struct work work;
    scoped(buffer_clear) struct buffer out = { 0 };
    TRY(begin(ctx, ceremony, keys, &work));
    scoped(secret_end) struct ctx *secrets = secret_begin(ctx);
    struct secret *coefficients = arena_array_of(secrets->arena, struct secret, ceremony->needed);
    for (int k = 0; k < ceremony->needed; k++)
        coefficients[k] = secret_draw(work.group);
    buffer_string(&out, "{\"polynomial\":");
    send_within(&work, &keys->encryption, write_coefficients(secrets, coefficients, ceremony->needed), &out);
    buffer_string(&out, ",\"secrets\":[");
    for (int j = 1; j <= ceremony->size; j++) {
        scoped(secret_wipe) struct secret share = evaluate(work.group, coefficients, ceremony->needed, j);
        if (j > 1)
            buffer_byte(&out, ',');
        send_within(&work, &work.certificates[j - 1].encryption, write_secret(secrets, "secret", &share), &out);
    }
    buffer_string(&out, "],");
    write_commitments(&work, coefficients, &out);
    buffer_byte(&out, '}');
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

/* --- step 5 --- */

static const char *const share_faults[CHANNEL_FAULT_COUNT] = {
    [CHANNEL_GOOD] = NULL,
    [CHANNEL_FORM] = "vote.ceremony_share_form",
    [CHANNEL_SEALED] = "vote.ceremony_share_sealed",
    [CHANNEL_SIGNATURE] = "vote.ceremony_share_signature",
    [CHANNEL_RECIPIENT] = "vote.ceremony_share_recipient",
};

/* What the trustees sent to this one. */
struct received {
    const struct node *own, *shares, *envelopes, *signatures;
    struct element **commitments; /* by trustee from 0 */
};

static const struct node *item(const struct node *list, int index)
{
    const struct node_link *link = list->first;
    while (--index > 0)
        link = link->next;
    return &link->value;
}

static const struct err *read_input(struct ctx *ctx, const struct work *work, struct text input, struct received *ret)
{
    struct node *read;
    uint32_t size = (uint32_t)work->ceremony->size;
    if (json_read(ctx, input, &read) ||
        !has_fields(read, false, FIELDS("polynomial", "secrets", "coefexps", "signatures")))
        return err_new(ctx, ERR_INPUT, "vote.ceremony_input_form");
    *ret = (struct received){ node_find(read, KEY("polynomial")), node_find(read, KEY("secrets")),
                              node_find(read, KEY("coefexps")), node_find(read, KEY("signatures")), NULL };
    if (ret->shares->kind == NODE_LIST && ret->shares->count < size)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_shares_count", number(ctx, (int)ret->shares->count),
                       number(ctx, (int)size));
    if (!is_list_of(ret->shares, size) || !is_list_of(ret->envelopes, size) || !is_list_of(ret->signatures, size))
        return err_new(ctx, ERR_INPUT, "vote.ceremony_input_form");
    return NULL;
}

/* What is public of trustee INDEX's step 3. All must have signed the same certificates that we see. */
static const struct err *check_public(struct ctx *ctx, const struct work *work, const struct received *received,
                                      struct text certificates, int index)
{
    const struct node *envelope = item(received->envelopes, index);
    const struct element *key = &work->certificates[index - 1].verification;
    scoped(buffer_clear) struct buffer message = { 0 };
    struct element *commitments = arena_array_of(ctx->arena, struct element, work->ceremony->needed);
    if (!commitments_read(ctx, work->group, envelope, work->ceremony->needed, commitments))
        return fault(ctx, "vote.ceremony_polynomial_form", index);
    if (!signed_check(work->group, envelope, key))
        return fault(ctx, "vote.ceremony_commitments_signature", index);
    if (!joint_message_of(ctx, certificates, envelope, &message) ||
        !signature_check(work->group, item(received->signatures, index), buffer_view(&message), key))
        return fault(ctx, "vote.ceremony_joint_signature", index);
    received->commitments[index - 1] = commitments;
    return NULL;
}

/* {"polynomial":[…]} that we sealed for ourselves gives the commitments that stand under our name. */
static bool is_own(struct ctx *secrets, const struct work *work, const struct received *received)
{
    struct text text;
    struct node *read;
    if (channel_receive(secrets, work->group, work->keys, &work->keys->verification, text_of_node(received->own),
                        &text) ||
        json_read(secrets, text, &read) || !has_fields(read, false, FIELDS("polynomial")) ||
        !is_list_of(node_find(read, KEY("polynomial")), (uint32_t)work->ceremony->needed))
        return false;
    const struct element *commitment = received->commitments[work->index - 1];
    node_each (link, node_find(read, KEY("polynomial"))) {
        scoped(secret_wipe) struct secret coefficient = { { 0 } };
        if (!secret_decode(work->group, text_of_node(&link->value), &coefficient))
            return false;
        struct element made = public_key(work->group, &coefficient);
        if (!element_equal(&made, commitment++))
            return false;
    }
    return true;
}

/* Trustee INDEX's share for us, against the commitments to its polynomial. */
static const struct err *read_share(struct ctx *ctx, const struct work *work, const struct received *received,
                                    int index, struct secret *ret)
{
    scoped(secret_end) struct ctx *secrets = secret_begin(ctx);
    struct text sealed = text_of_node(item(received->shares, index)), said;
    struct node *read;
    if (sealed.size == 0)
        return fault(ctx, "vote.ceremony_share_missing", index);
    for (int earlier = 1; earlier < index; earlier++)
        if (text_equal(sealed, text_of_node(item(received->shares, earlier))))
            return err_new(ctx, ERR_INPUT, "vote.ceremony_share_twice", number(ctx, earlier), number(ctx, index));
    enum channel_fault wrong = channel_receive(secrets, work->group, work->keys,
                                               &work->certificates[index - 1].verification, sealed, &said);
    if (wrong)
        return fault(ctx, share_faults[wrong], index);
    if (json_read(secrets, said, &read) || !has_fields(read, false, FIELDS("secret")) ||
        !secret_decode(work->group, node_find_text(read, KEY("secret")), ret))
        return fault(ctx, "vote.ceremony_share_form", index);
    struct element expected = key_at(work->group, received->commitments[index - 1], work->ceremony->needed,
                                     work->index);
    struct element given = public_key(work->group, ret);
    return element_equal(&given, &expected) ? NULL : fault(ctx, "vote.ceremony_share_wrong", index);
}

/* The public key of SECRET with its proof of possession and the own signature. */
static void write_key(const struct work *work, const struct secret *secret, struct buffer *out)
{
    scoped(buffer_clear) struct buffer middle = { 0 };
    struct zk_proof possession, signature;
    struct element key = public_key(work->group, secret);
    buffer_string(&middle, work->group->name);
    buffer_byte(&middle, '|');
    size_t before = middle.size;
    group_encode(work->group, &key, &middle);
    struct text written = { middle.at + before, middle.size - before };
    zk_prove(work->group, secret, "pok|", buffer_view(&middle), &possession);
    zk_prove(work->group, &work->keys->signing, "sigmsg|", written, &signature);
    buffer_string(out, "{\"pok\":");
    zk_write(&possession, out);
    buffer_string(out, ",\"public_key\":\"");
    buffer_text(out, written);
    buffer_string(out, "\",\"signature\":");
    zk_write(&signature, out);
    buffer_byte(out, '}');
}

const struct err *threshold_output(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                                   struct text input, struct text *ret)
{
    struct work work;
    struct received received = { 0 };
    scoped(buffer_clear) struct buffer certificates = { 0 }, out = { 0 };
    TRY(begin(ctx, ceremony, keys, &work));
    TRY(read_input(ctx, &work, input, &received));
    received.commitments = arena_array_of(ctx->arena, struct element *, ceremony->size);
    certificates_write(work.certificates, ceremony->size, &certificates);
    for (int i = 1; i <= ceremony->size; i++)
        TRY(check_public(ctx, &work, &received, buffer_view(&certificates), i));
    scoped(secret_end) struct ctx *secrets = secret_begin(ctx);
    if (!is_own(secrets, &work, &received))
        return err_new(ctx, ERR_INPUT, "vote.ceremony_own_changed");
    scoped(secret_wipe) struct secret sum = secret_of_number(0), share;
    for (int i = 1; i <= ceremony->size; i++) {
        TRY(read_share(ctx, &work, &received, i, &share));
        sum = secret_add(work.group, &sum, &share);
    }
    buffer_string(&out, "{\"private_key\":");
    send_within(&work, &keys->encryption, write_secret(secrets, "decryption_key", &sum), &out);
    buffer_string(&out, ",\"public_key\":");
    write_key(&work, &sum, &out);
    buffer_byte(&out, '}');
    *ret = text_copy(ctx->arena, buffer_view(&out));
    return NULL;
}

/* --- opening --- */

/* A decimal number of any size up to MOST_KEY_DIGITS, modulo q. */
static bool read_sum(struct group *group, struct text text, struct secret *ret)
{
    struct secret ten = secret_of_number(10);
    scoped(secret_wipe) struct secret digit, sum = secret_of_number(0);
    if (text.size == 0 || text.size > MOST_KEY_DIGITS)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        digit = secret_of_number((uint64_t)(text.at[i] - '0'));
        sum = secret_multiply(group, &sum, &ten);
        sum = secret_add(group, &sum, &digit);
    }
    *ret = sum;
    return true;
}

const struct err *threshold_decryption_key(struct ctx *ctx, struct group *group, const struct channel_keys *keys,
                                           struct text private_key, struct secret *ret)
{
    scoped(secret_end) struct ctx *secrets = secret_begin(ctx);
    struct text said;
    struct node *read;
    switch (channel_receive(secrets, group, keys, &keys->verification, private_key, &said)) {
    case CHANNEL_GOOD:
        break;
    case CHANNEL_FORM:
        return err_new(ctx, ERR_INPUT, "vote.private_key_form");
    case CHANNEL_SEALED:
    case CHANNEL_SIGNATURE:
    case CHANNEL_RECIPIENT:
    case CHANNEL_FAULT_COUNT:
        return err_new(ctx, ERR_INPUT, "vote.private_key_sealed");
    }
    if (json_read(secrets, said, &read) || !has_fields(read, false, FIELDS("decryption_key")) ||
        !read_sum(group, node_find_text(read, KEY("decryption_key")), ret) || secret_is_zero(ret))
        return err_new(ctx, ERR_INPUT, "vote.private_key_form");
    return NULL;
}

/* --- after the last step --- */

static bool has_certificates(const struct node *set, const struct work *work)
{
    const struct node *list = node_find(set, KEY("certs"));
    int i = 0;
    if (!is_list_of(list, (uint32_t)work->ceremony->size))
        return false;
    node_each (link, list)
        if (!text_equal(node_find_text(&link->value, KEY("message")), work->certificates[i++].message))
            return false;
    return true;
}

/* Which entry of the list is the ceremony's set, from 0; -1: none. */
static int find_set(const struct node *list, const struct work *work)
{
    int entry = 0;
    node_each (link, list) {
        if (has_certificates(&link->value.last->value, work))
            return entry;
        entry++;
    }
    return -1;
}

const struct err *threshold_confirm(struct ctx *ctx, const struct ceremony *ceremony, const struct channel_keys *keys,
                                    struct text trustees, struct text private_key)
{
    struct work work;
    struct trustees read;
    struct node *list;
    scoped(secret_wipe) struct secret secret = { { 0 } };
    TRY(begin(ctx, ceremony, keys, &work));
    TRY(trustees_read(ctx, work.group, trustees, &read));
    TRY(json_read(ctx, trustees, &list));
    int entry = find_set(list, &work);
    if (entry < 0)
        return err_new(ctx, ERR_INPUT, "vote.ceremony_other_set");
    TRY(threshold_decryption_key(ctx, work.group, keys, private_key, &secret));
    struct element key = public_key(work.group, &secret);
    if (!element_equal(&key, &read.keys[read.sets[entry].first + work.index - 1]))
        return err_new(ctx, ERR_INPUT, "vote.ceremony_other_key");
    return NULL;
}
