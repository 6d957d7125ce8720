/* vote/draft.c */
#include "vote/draft.h"

#include "vote/verify.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

static const struct err *write_question(struct ctx *ctx, const struct node *question, struct buffer *out)
{
    const struct node *answers = node_find(question, KEY("answers"));
    if (node_find(question, KEY("type")))
        return err_new(ctx, ERR_INPUT, "vote.unsupported_question",
                       text_string(ctx->arena, text_cleaned(ctx->arena, node_find_text(question, KEY("type")))));
    if (!answers || answers->kind != NODE_LIST)
        return err_new(ctx, ERR_INPUT, "vote.election_question");
    buffer_string(out, "{\"answers\":");
    node_write(answers, out);
    if (node_find_bool(question, KEY("blank")))
        buffer_string(out, ",\"blank\":true");
    buffer_printf(out, ",\"min\":%lld,\"max\":%lld,\"question\":", (long long)node_find_int(question, KEY("min"), -1),
                  (long long)node_find_int(question, KEY("max"), -1));
    buffer_json(out, node_find_text(question, KEY("question")));
    buffer_byte(out, '}');
    return NULL;
}

static void write_optional(const struct node *template, const struct key *key, struct buffer *out)
{
    struct text text = node_find_text(template, key);
    if (text.size == 0)
        return;
    buffer_printf(out, ",\"%s\":", key->name);
    buffer_json(out, text);
}

const struct err *election_write(struct ctx *ctx, struct group *group, struct text uuid, const struct element *key,
                                 struct text template, struct buffer *out)
{
    struct node *read;
    struct election election;
    size_t begin = out->size;
    if (json_read(ctx, template, &read) || read->kind != NODE_OBJECT)
        return err_new(ctx, ERR_INPUT, "vote.template_form");
    const struct node *questions = node_find(read, KEY("questions"));
    struct text name = node_find_text(read, KEY("name"));
    if (name.size == 0 || !questions || questions->kind != NODE_LIST)
        return err_new(ctx, ERR_INPUT, "vote.template_form");
    buffer_string(out, "{\"version\":1,\"description\":");
    buffer_json(out, node_find_text(read, KEY("description")));
    buffer_string(out, ",\"name\":");
    buffer_json(out, name);
    buffer_printf(out, ",\"group\":\"%s\",\"public_key\":\"", group->name);
    group_encode(group, key, out);
    buffer_string(out, "\",\"questions\":[");
    const char *between = "";
    node_each (link, questions) {
        buffer_string(out, between);
        TRY(write_question(ctx, &link->value, out));
        between = ",";
    }
    buffer_string(out, "],\"uuid\":");
    buffer_json(out, uuid);
    write_optional(read, KEY("administrator"), out);
    write_optional(read, KEY("credential_authority"), out);
    buffer_byte(out, '}');
    return election_read(ctx, (struct text){ out->at + begin, out->size - begin }, &election);
}

const struct err *credentials_strip(struct ctx *ctx, struct text credentials, struct buffer *out)
{
    struct node *read;
    if (json_read(ctx, credentials, &read) || read->kind != NODE_LIST)
        return err_new(ctx, ERR_INPUT, "vote.credentials_form");
    const char *between = "[";
    node_each (link, read) {
        struct text line = text_of_node(&link->value), rest, name;
        struct text key = text_cut(line, ',', &rest), weight = text_cut(rest, ',', &name);
        buffer_string(out, between);
        bool has_weight = key.size < line.size;
        buffer_json(out, (struct text){ line.at, key.size + (has_weight ? 1 + weight.size : 0) });
        between = ",";
    }
    buffer_string(out, read->count == 0 ? "[]" : "]");
    return NULL;
}

const struct err *archive_set_up(struct ctx *ctx, uint64_t time, struct text election, struct text trustees,
                                 struct text credentials, struct archive *ret, struct buffer *out)
{
    scoped(buffer_clear) struct buffer stripped = { 0 }, made = { 0 };
    struct election_report report;
    election = text_trim(election);
    trustees = text_trim(trustees);
    TRY(credentials_strip(ctx, credentials, &stripped));
    struct sha256 hashes[3] = { sha256_of(election), sha256_of(trustees), sha256_of(buffer_view(&stripped)) };
    const char *setup = arena_printf(ctx->arena, "{\"election\":\"%s\",\"trustees\":\"%s\",\"credentials\":\"%s\"}",
                                     archive_hash(ctx->arena, &hashes[0]), archive_hash(ctx->arena, &hashes[1]),
                                     archive_hash(ctx->arena, &hashes[2]));
    const struct text members[4] = { election, trustees, buffer_view(&stripped), text_of(setup) };
    archive_begin(time, ret, &made);
    archive_append(ret, EVENT_SETUP, members, &made);
    TRY(election_verify(ctx, buffer_view(&made), &report));
    buffer_text(out, buffer_view(&made));
    return NULL;
}
