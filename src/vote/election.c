/* vote/election.c */
#include "vote/election.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_QUESTIONS = 100, MOST_ANSWERS = 1000, LEAST_UUID = 14, MOST_UUID = 64 };

const char *fingerprint_of(struct arena *arena, const struct sha256 *hash)
{
    const char *padded = base64_encode(arena, sha256_text(hash));
    return arena_copy(arena, padded, strlen(padded) - 1); /* 32 bytes end with one "=" */
}

static const struct err *read_question(struct ctx *ctx, const struct node *node, struct question *question)
{
    int64_t least, most;
    if (node->kind == NODE_OBJECT && node_find(node, KEY("type")))
        return err_new(ctx, ERR_INPUT, "vote.unsupported_question",
                       text_string(ctx->arena, text_cleaned(ctx->arena, node_find_text(node, KEY("type")))));
    const struct node *answers = node_find(node, KEY("answers")), *asked = node_find(node, KEY("question"));
    const struct node *blank = node_find(node, KEY("blank"));
    if (!asked || asked->kind != NODE_TEXT || !answers || answers->kind != NODE_LIST || answers->count == 0 ||
        answers->count > MOST_ANSWERS || (blank && blank->kind != NODE_BOOL))
        return err_new(ctx, ERR_INPUT, "vote.election_question");
    if (!small_read(node_find(node, KEY("max")), answers->count, &most) ||
        !small_read(node_find(node, KEY("min")), most, &least))
        return err_new(ctx, ERR_INPUT, "vote.election_question");
    struct text *list = arena_array_of(ctx->arena, struct text, answers->count);
    int count = 0;
    node_each (link, answers) {
        if (link->value.kind != NODE_TEXT)
            return err_new(ctx, ERR_INPUT, "vote.election_question");
        list[count++] = link->value.text;
    }
    bool has_blank = blank && blank->is_true;
    *question = (struct question){ asked->text, list, count, has_blank, (int)least, (int)most, count + has_blank };
    return NULL;
}

static const struct err *read_questions(struct ctx *ctx, const struct node *list, struct election *election)
{
    int most = 1;
    if (!list || list->kind != NODE_LIST || list->count == 0 || list->count > MOST_QUESTIONS)
        return err_new(ctx, ERR_INPUT, "vote.election_form");
    election->questions = arena_array_of(ctx->arena, struct question, list->count);
    node_each (link, list) {
        struct question *question = &election->questions[election->question_count++];
        TRY(read_question(ctx, &link->value, question));
        most = question->answer_count > most ? question->answer_count : most;
    }
    election->generator_powers = arena_array_of(ctx->arena, struct element, most + 1);
    election->generator_powers[0] = election->group->neutral;
    for (int i = 1; i <= most; i++)
        group_multiply(election->group, &election->generator_powers[i - 1], &election->group->generator,
                       &election->generator_powers[i]);
    return NULL;
}

bool is_uuid(struct text text)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    for (size_t i = 0; i < text.size; i++)
        if (!memchr(digits, text.at[i], sizeof(digits) - 1))
            return false;
    return text.size >= LEAST_UUID && text.size <= MOST_UUID;
}

const struct err *election_read(struct ctx *ctx, struct text bytes, struct election *ret)
{
    struct node *read;
    struct election election = { 0 };
    struct sha256 hash = sha256_of(bytes);
    if (json_read(ctx, bytes, &read) || read->kind != NODE_OBJECT)
        return err_new(ctx, ERR_INPUT, "vote.election_form");
    const struct node *group = node_find(read, KEY("group")), *name = node_find(read, KEY("name"));
    const struct node *description = node_find(read, KEY("description"));
    if (node_find_int(read, KEY("version"), 0) != 1)
        return err_new(ctx, ERR_INPUT, "vote.archive_version");
    if (!group || group->kind != NODE_TEXT || !name || name->kind != NODE_TEXT || !description ||
        description->kind != NODE_TEXT)
        return err_new(ctx, ERR_INPUT, "vote.election_form");
    election.group = group_open(ctx->arena, group->text);
    if (!election.group)
        return err_new(ctx, ERR_INPUT, "vote.unsupported_group", text_string(ctx->arena, text_cleaned(ctx->arena, group->text)));
    TRY(read_questions(ctx, node_find(read, KEY("questions")), &election));
    election.name = name->text;
    election.uuid = node_find_text(read, KEY("uuid"));
    election.fingerprint = fingerprint_of(ctx->arena, &hash);
    if (!is_uuid(election.uuid))
        return err_new(ctx, ERR_INPUT, "vote.election_form");
    if (!group_decode(election.group, node_find_text(read, KEY("public_key")), &election.key) ||
        element_equal(&election.key, &election.group->neutral))
        return err_new(ctx, ERR_INPUT, "vote.election_key_form");
    election.key_table = group_table_new(election.group, ctx->arena, &election.key);
    *ret = election;
    return NULL;
}

