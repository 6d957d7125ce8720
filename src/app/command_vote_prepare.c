/* app/command_vote_prepare.c -- gongzhi vote …: what is made before the first ballot, each step on the machine of
 * whoever does it.
 *
 *     anybody      token                            the election's name, on standard output
 *     authority    credentials                      T.privcreds (a line for each voter), T.pubcreds → public_creds.json
 *     trustee      trustee-key                      ID.privkey (kept), ID.pubkey → a line of public_keys.jsons
 *     server       trustees, election, open         trustees.json, election.json, UUID.bel
 *
 * The files are those of belenios-tool, so that both can work in one folder.
 */
#include "app/commands.h"
#include "app/vote_files.h"

#include "base/arena.h"
#include "base/clock.h"
#include "vote/credential.h"
#include "vote/draft.h"
#include "vote/trustee_key.h"
#include "vote/trustees.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { MOST_VOTERS = 10000000, MICROSECONDS = 1000000 };

#define OPTION_GROUP { "group", "GROUP", "option.vote_group", .is_required = true }
#define OPTION_UUID { "uuid", "UUID", "option.vote_uuid", .is_required = true }

const struct option_form command_vote_credentials_options[] = {
    OPTION_GROUP,
    OPTION_UUID,
    { "file", "FILE", "option.vote_voters" },
    { "count", "NUMBER", "option.vote_count" },
    OPTION_VOTE_FOLDER,
    { 0 },
};
const struct option_form command_vote_trustee_key_options[] = {
    OPTION_GROUP,
    { "name", "NAME", "option.vote_trustee_name" },
    OPTION_VOTE_FOLDER,
    { 0 },
};
const struct option_form command_vote_trustees_options[] = { OPTION_GROUP, OPTION_VOTE_FOLDER, { 0 } };
const struct option_form command_vote_election_options[] = {
    OPTION_GROUP,       OPTION_UUID, { "template", "FILE", "option.vote_template", .is_required = true },
    OPTION_VOTE_FOLDER, { 0 },
};
const struct option_form command_vote_open_options[] = { OPTION_VOTE_FOLDER, { 0 } };

static const char *number(struct ctx *ctx, int64_t from)
{
    return arena_printf(ctx->arena, "%lld", (long long)from);
}

static const struct err *read_group(struct ctx *ctx, const struct options *options, struct group **ret)
{
    *ret = group_open(ctx->arena, text_of(option(options, "group")));
    return *ret ? NULL : err_new(ctx, ERR_INPUT, "vote.unsupported_group", option(options, "group"));
}

static const struct err *read_uuid(struct ctx *ctx, const struct options *options, struct text *ret)
{
    *ret = text_of(option(options, "uuid"));
    return is_uuid(*ret) ? NULL : err_new(ctx, ERR_INPUT, "vote.uuid_form");
}

const struct err *command_vote_token(struct ctx *ctx, const struct options *options, int *ret_code)
{
    char token[TOKEN_TEXT];
    (void)ctx;
    (void)options;
    (void)ret_code;
    token_draw(token);
    printf("%s\n", token);
    return NULL;
}

/* --- credentials --- */

struct voter_line {
    struct text line; /* "address[,login[,weight]]", or a number */
    int64_t weight;
};

static const struct err *read_voter(struct ctx *ctx, struct text line, int64_t count, struct hashes *seen,
                                    struct voter_line *ret)
{
    struct text rest, weight, address = text_trim(text_cut(line, ',', &rest));
    text_cut(rest, ',', &weight);
    struct sha256 hash = sha256_of(address);
    *ret = (struct voter_line){ line, 1 };
    if (address.size == 0 || !text_is_clean(line))
        return err_new(ctx, ERR_INPUT, "vote.voter_form", number(ctx, count));
    if (!hashes_put(seen, &hash, (uint32_t)count))
        return err_new(ctx, ERR_INPUT, "vote.voter_twice", number(ctx, count));
    if (weight.size > 0 && (!text_int(weight, &ret->weight) || ret->weight < 0 || ret->weight > (INT64_C(1) << 40)))
        return err_new(ctx, ERR_INPUT, "vote.voter_weight", number(ctx, count));
    return NULL;
}

static const struct err *read_voters(struct ctx *ctx, const char *name, struct voter_line **ret, size_t *ret_count)
{
    struct text rest;
    scoped(hashes_clear) struct hashes seen = { 0 };
    size_t lines = 1, count = 0;
    TRY(vote_input(ctx, name, VOTE_MOST_BYTES, &rest));
    for (size_t i = 0; i < rest.size; i++)
        lines += rest.at[i] == '\n';
    *ret = arena_array_of(ctx->arena, struct voter_line, lines);
    while (rest.size > 0) {
        struct text line = text_trim(text_cut(rest, '\n', &rest));
        if (line.size == 0)
            continue;
        TRY(read_voter(ctx, line, (int64_t)count + 1, &seen, &(*ret)[count]));
        count++;
    }
    *ret_count = count;
    return count > 0 ? NULL : err_new(ctx, ERR_INPUT, "vote.voters_none");
}

static const struct err *number_voters(struct ctx *ctx, const char *given, struct voter_line **ret, size_t *ret_count)
{
    int64_t count;
    if (!text_int(text_of(given), &count) || count < 1 || count > MOST_VOTERS)
        return err_new(ctx, ERR_INPUT, "vote.number_option", "count", number(ctx, MOST_VOTERS));
    *ret = arena_array_of(ctx->arena, struct voter_line, count);
    for (int64_t i = 0; i < count; i++)
        (*ret)[i] = (struct voter_line){ text_of(number(ctx, i + 1)), 1 };
    *ret_count = (size_t)count;
    return NULL;
}

/* One credential for each voter: the lines of the private file, the rows of the public list. */
static void draw_credentials(struct group *group, struct text uuid, const struct voter_line *voters, size_t count,
                             struct buffer *lines, struct credential_row *rows)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += voters[i].line.size + CREDENTIAL_TEXT + 1;
    buffer_reserve(lines, room); /* it never moves, so no copy is left behind */
    for (size_t i = 0; i < count; i++) {
        scoped(credential_wipe) char credential[CREDENTIAL_TEXT];
        scoped(secret_wipe) struct secret secret;
        credential_draw(credential);
        credential_secret(group, uuid, credential, &secret);
        point_power_generator(group, &secret, &rows[i].key);
        rows[i].weight = voters[i].weight;
        if (i > 0)
            buffer_byte(lines, '\n');
        buffer_text(lines, voters[i].line);
        buffer_byte(lines, ' ');
        buffer_string(lines, credential);
    }
}

const struct err *command_vote_credentials(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct group *group;
    struct text uuid;
    struct voter_line *voters = NULL;
    size_t count = 0;
    scoped(buffer_wipe) struct buffer lines = { 0 };
    scoped(buffer_clear) struct buffer list = { 0 };
    TRY(read_group(ctx, options, &group));
    TRY(read_uuid(ctx, options, &uuid));
    if (option_is_set(options, "file") == option_is_set(options, "count"))
        return err_new(ctx, ERR_INPUT, "vote.file_or_count");
    if (option_is_set(options, "file"))
        TRY(read_voters(ctx, option(options, "file"), &voters, &count));
    else
        TRY(number_voters(ctx, option(options, "count"), &voters, &count));
    struct credential_row *rows = arena_array_of(ctx->arena, struct credential_row, count);
    draw_credentials(group, uuid, voters, count, &lines, rows);
    credentials_write(group, rows, count, &list);
    const char *time = number(ctx, clock_now(ctx->clock) / MICROSECONDS);
    struct sha256 hash = sha256_of(buffer_view(&list));
    TRY(vote_create(ctx, options, arena_printf(ctx->arena, "%s.privcreds", time), buffer_view(&lines), true));
    TRY(vote_create(ctx, options, arena_printf(ctx->arena, "%s.pubcreds", time), buffer_view(&list), false));
    printf("%s\n", texts_fill(ctx, "command.vote.credentials_made", number(ctx, (int64_t)count),
                              fingerprint_of(ctx->arena, &hash), NULL));
    return NULL;
}

/* --- trustees --- */

const struct err *command_vote_trustee_key(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct group *group;
    TRY(read_group(ctx, options, &group));
    struct text name = text_of(option(options, "name") ? option(options, "name") : "");
    if (!text_is_clean(name))
        return err_new(ctx, ERR_INPUT, "vote.trustee_name");
    scoped(secret_wipe) struct secret x = secret_draw(group);
    scoped(buffer_clear) struct buffer key = { 0 };
    struct point point;
    char public_key[POINT_TEXT], id[TRUSTEE_ID_TEXT], private_key[PRIVATE_KEY_TEXT];
    trustee_key_write(ctx, group, &x, name, &key);
    point_power_generator(group, &x, &point);
    trustee_key_id(point_encode(group, &point, public_key), id);
    private_key_write(&x, private_key);
    const struct err *e = vote_create(ctx, options, arena_printf(ctx->arena, "%s.privkey", id), text_of(private_key),
                                      true);
    sodium_memzero(private_key, sizeof(private_key));
    if (e)
        return e;
    TRY(vote_create(ctx, options, arena_printf(ctx->arena, "%s.pubkey", id), buffer_view(&key), false));
    printf("%s\n", texts_say(ctx->language, "command.vote.key_made"));
    return NULL;
}

static bool has_file(struct ctx *ctx, const struct options *options, const char *name)
{
    return access(vote_path(ctx, options, name), F_OK) == 0;
}

const struct err *command_vote_trustees(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    static const char keys_name[] = "public_keys.jsons", set_name[] = "threshold.json";
    struct text *singles = arena_array_of(ctx->arena, struct text, VOTE_MOST_LINES), set, rest = { 0 };
    struct group *group;
    struct trustees trustees;
    int count = 0, sets = has_file(ctx, options, set_name);
    TRY(read_group(ctx, options, &group));
    if (!sets || has_file(ctx, options, keys_name))
        TRY(vote_file(ctx, options, keys_name, &rest));
    while (rest.size > 0) {
        struct text line = text_trim(text_cut(rest, '\n', &rest));
        if (line.size == 0)
            continue;
        if (count == VOTE_MOST_LINES)
            return err_new(ctx, ERR_INPUT, "vote.too_many_lines", keys_name, number(ctx, VOTE_MOST_LINES));
        singles[count++] = line;
    }
    if (sets)
        TRY(vote_file(ctx, options, set_name, &set));
    scoped(buffer_clear) struct buffer list = { 0 };
    trustees_write(singles, count, &set, sets, &list);
    TRY(trustees_read(ctx, group, buffer_view(&list), &trustees));
    return vote_create(ctx, options, "trustees.json", buffer_view(&list), false);
}

/* --- the election --- */

const struct err *command_vote_election(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct group *group;
    struct text uuid, template, list;
    struct trustees trustees;
    scoped(buffer_clear) struct buffer election = { 0 };
    TRY(read_group(ctx, options, &group));
    TRY(read_uuid(ctx, options, &uuid));
    TRY(vote_file(ctx, options, "trustees.json", &list));
    TRY(trustees_read(ctx, group, list, &trustees));
    TRY(vote_input(ctx, option(options, "template"), VOTE_MOST_BYTES, &template));
    TRY(election_write(ctx, group, uuid, &trustees.joint_key, template, &election));
    struct sha256 hash = sha256_of(buffer_view(&election));
    TRY(vote_create(ctx, options, "election.json", buffer_view(&election), false));
    printf("%s\n", texts_fill(ctx, "command.vote.election_made", fingerprint_of(ctx->arena, &hash), NULL));
    return NULL;
}

const struct err *command_vote_open(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct text election, trustees, credentials;
    struct election read;
    struct archive archive;
    scoped(buffer_clear) struct buffer bytes = { 0 };
    TRY(vote_file(ctx, options, "election.json", &election));
    TRY(vote_file(ctx, options, "trustees.json", &trustees));
    TRY(vote_file(ctx, options, "public_creds.json", &credentials));
    TRY(election_read(ctx, election, &read));
    TRY(archive_set_up(ctx, (uint64_t)(clock_now(ctx->clock) / MICROSECONDS), election, trustees, credentials, &archive,
                       &bytes));
    const char *name = arena_printf(ctx->arena, "%s.bel", text_string(ctx->arena, read.uuid));
    const char *path = vote_path(ctx, options, name);
    TRY(file_create(ctx, path, buffer_view(&bytes), false));
    printf("%s\n%s\n", path, texts_fill(ctx, "command.vote.opened", read.fingerprint, NULL));
    return NULL;
}
