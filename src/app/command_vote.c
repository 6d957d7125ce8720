/* app/command_vote.c -- gongzhi vote …: sealing and casting ballots, closing, opening the sums, the result.
 *
 *     voter        seal                 a ballot on standard output; needs election.json alone
 *     server       cast, close          into UUID.bel
 *     trustee      decrypt              the part on standard output, two lines; checks the whole archive first
 *     server       accept, result       into UUID.bel
 *
 * Nothing is added to an archive that would not pass; a step that fails leaves it as it was.
 */
#include "app/commands.h"
#include "app/vote_files.h"

#include "base/arena.h"
#include "vote/credential.h"
#include "vote/decrypt.h"
#include "vote/draft.h"
#include "vote/seal.h"
#include "vote/standing.h"
#include "vote/threshold.h"
#include "vote/trustee_key.h"

#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { SECRET_LINE = 1024, MOST_CHOICES = 1 << 20 };

#define OPTION_ARCHIVE { "archive", "FILE", "option.vote_archive" }

const struct option_form command_vote_seal_options[] = {
    { "credential", "FILE", "option.vote_credential", .is_required = true },
    { "choices", "FILE", "option.vote_choices", .is_required = true },
    OPTION_VOTE_FOLDER,
    { 0 },
};
const struct option_form command_vote_archive_options[] = { OPTION_ARCHIVE, OPTION_VOTE_FOLDER, { 0 } };
const struct option_form command_vote_decrypt_options[] = {
    { "key", "FILE", "option.vote_private_key", .is_required = true },
    { "dkey", "FILE", "option.vote_dkey" },
    OPTION_ARCHIVE,
    OPTION_VOTE_FOLDER,
    { 0 },
};

static const char *number(struct ctx *ctx, int64_t from)
{
    return arena_printf(ctx->arena, "%lld", (long long)from);
}

struct secret_line {
    char at[SECRET_LINE];
};

static void wipe_line(struct secret_line *line)
{
    sodium_memzero(line, sizeof(*line));
}

static void print_line(struct text text)
{
    printf("%.*s\n", (int)text.size, text.at);
}

/* --- a ballot --- */

/* That the credential is on the election's list, when the list is at hand: a credential has no mark that tells a slip
 * of the pen. */
static const struct err *check_listed(struct ctx *ctx, const struct options *options, struct group *group,
                                      const struct secret *credential)
{
    static const char name[] = "public_creds.json";
    struct text list;
    struct point key;
    char text[POINT_TEXT];
    scoped(voters_clear) struct voters voters = { 0 };
    scoped(buffer_clear) struct buffer stripped = { 0 };
    if (access(vote_path(ctx, options, name), R_OK) != 0)
        return NULL;
    TRY(vote_file(ctx, options, name, &list));
    TRY(credentials_strip(ctx, list, &stripped));
    TRY(voters_read(ctx, group, buffer_view(&stripped), &voters));
    point_power_generator(group, credential, &key);
    return voters_find(&voters, point_encode(group, &key, text)) ? NULL
                                                                 : err_new(ctx, ERR_INPUT, "vote.ballot_credential");
}

static const struct err *read_credential(struct ctx *ctx, const struct options *options,
                                         const struct election *election, struct secret *ret)
{
    scoped(wipe_line) struct secret_line line;
    scoped(credential_wipe) char credential[CREDENTIAL_TEXT] = "";
    struct text typed;
    TRY(vote_secret_read(ctx, option(options, "credential"), line.at, sizeof(line.at), &typed));
    if (!credential_read(typed, credential))
        return err_new(ctx, ERR_INPUT, "vote.credential_typed");
    credential_secret(election->group, election->uuid, credential, ret);
    return check_listed(ctx, options, election->group, ret);
}

struct chosen {
    char *text;
    uint8_t *read;
    size_t count;
};

static void wipe_chosen(struct chosen *chosen)
{
    sodium_memzero(chosen->text, MOST_CHOICES);
    sodium_memzero(chosen->read, chosen->count);
}

static const struct err *seal(struct ctx *ctx, const struct options *options, const struct election *election,
                              struct buffer *out)
{
    scoped(secret_wipe) struct secret credential = { { 0 } };
    size_t count = (size_t)election_choice_count(election);
    scoped(wipe_chosen) struct chosen chosen = { arena_alloc(ctx->arena, MOST_CHOICES), arena_alloc(ctx->arena, count),
                                                 count };
    struct text choices;
    struct ballot ballot;
    TRY(read_credential(ctx, options, election, &credential));
    TRY(vote_secret_read(ctx, option(options, "choices"), chosen.text, MOST_CHOICES, &choices));
    TRY(choices_read(ctx, election, choices, chosen.read));
    TRY(ballot_seal(ctx, election, &credential, chosen.read, out));
    TRY(ballot_read(ctx, election, buffer_view(out), &ballot));
    return ballot_check(ctx, election, &ballot);
}

const struct err *command_vote_seal(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct text bytes;
    struct election election;
    scoped(buffer_clear) struct buffer ballot = { 0 };
    if (strcmp(option(options, "credential"), "-") == 0 && strcmp(option(options, "choices"), "-") == 0)
        return err_new(ctx, ERR_INPUT, "vote.both_from_input");
    TRY(vote_file(ctx, options, "election.json", &bytes));
    TRY(election_read(ctx, bytes, &election));
    TRY(seal(ctx, options, &election, &ballot));
    struct sha256 hash = sha256_of(buffer_view(&ballot));
    print_line(buffer_view(&ballot));
    fprintf(stderr, "%s\n", texts_fill(ctx, "command.vote.sealed", fingerprint_of(ctx->arena, &hash), NULL));
    return NULL;
}

const struct err *command_vote_cast(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(vote_archive_close) struct vote_archive archive = { .file = -1 };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer added = { 0 };
    struct text ballot;
    TRY(vote_input(ctx, options->words[0], VOTE_MOST_BYTES, &ballot));
    TRY(vote_archive_open(ctx, options, true, &archive));
    TRY(standing_read(ctx, archive.bytes, &standing));
    TRY(standing_cast(ctx, &standing, ballot, &added));
    TRY(vote_archive_append(ctx, &archive, &added));
    struct sha256 hash = sha256_of(ballot);
    printf("%s\n", texts_fill(ctx, "command.vote.taken", fingerprint_of(ctx->arena, &hash),
                              number(ctx, standing.ballot_count + 1), NULL));
    return NULL;
}

/* --- the sums --- */

/* The archive, all of it checked, and where it stands. */
static const struct err *begin(struct ctx *ctx, const struct options *options, bool to_write,
                               struct vote_archive *archive, struct standing *standing)
{
    TRY(vote_archive_open(ctx, options, to_write, archive));
    TRY(vote_verify(ctx, archive));
    return standing_read(ctx, archive->bytes, standing);
}

const struct err *command_vote_close(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(vote_archive_close) struct vote_archive archive = { .file = -1 };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer added = { 0 };
    TRY(begin(ctx, options, true, &archive, &standing));
    TRY(standing_close(ctx, &standing, &added));
    TRY(vote_archive_append(ctx, &archive, &added));
    printf("%s\n", texts_fill(ctx, "command.vote.closed", number(ctx, standing.ballot_count),
                              number(ctx, standing.tally.counted), NULL));
    return NULL;
}

/* A single trustee's key; or, with --dkey, a seed and what the ceremony has sealed for it. */
static const struct err *read_key(struct ctx *ctx, const struct options *options, struct group *group,
                                  struct secret *ret)
{
    scoped(wipe_line) struct secret_line line;
    struct text text, sealed;
    TRY(vote_secret_read(ctx, option(options, "key"), line.at, sizeof(line.at), &text));
    if (!option_is_set(options, "dkey"))
        return private_key_read(group, text, ret) ? NULL : err_new(ctx, ERR_INPUT, "vote.private_key_text");
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    TRY(threshold_keys(ctx, group, text, &keys));
    TRY(vote_input(ctx, option(options, "dkey"), VOTE_MOST_BYTES, &sealed));
    return threshold_decryption_key(ctx, group, &keys, sealed, ret);
}

/* Which trustee the key is, from 1; first one whose part is not there yet. */
static const struct err *find_owner(struct ctx *ctx, const struct standing *standing, const struct secret *x, int *ret)
{
    struct group *group = standing->election.group;
    struct point point;
    point_power_generator(group, x, &point);
    struct element key = point_publish(group, &point);
    *ret = 0;
    for (int i = standing->trustees.count - 1; i >= 0; i--)
        if (element_equal(&standing->trustees.keys[i], &key) && (!standing->decryptions.factors[i] || *ret == 0))
            *ret = i + 1;
    return *ret ? NULL : err_new(ctx, ERR_INPUT, "vote.key_of_nobody");
}

const struct err *command_vote_decrypt(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(vote_archive_close) struct vote_archive archive = { .file = -1 };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(secret_wipe) struct secret x = { { 0 } };
    scoped(buffer_clear) struct buffer part = { 0 }, owned = { 0 };
    int owner;
    TRY(begin(ctx, options, false, &archive, &standing));
    TRY(standing_count(ctx, &standing));
    TRY(read_key(ctx, options, standing.election.group, &x));
    TRY(find_owner(ctx, &standing, &x, &owner));
    decryption_write(ctx, &standing.tally, &x, &part);
    struct sha256 hash = sha256_of(buffer_view(&part));
    decryption_write_owned(ctx, owner, &hash, &owned);
    if (!standing.decryptions.factors[owner - 1]) /* what others will check */
        TRY(decryption_add(ctx, &standing.tally, &standing.trustees, &standing.decryptions, buffer_view(&owned),
                           buffer_view(&part), &hash));
    print_line(buffer_view(&part));
    print_line(buffer_view(&owned));
    return NULL;
}

const struct err *command_vote_accept(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(vote_archive_close) struct vote_archive archive = { .file = -1 };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer added = { 0 };
    struct text part, owned;
    TRY(vote_input(ctx, options->words[0], VOTE_MOST_BYTES, &owned));
    part = text_trim(text_cut(owned, '\n', &owned));
    owned = text_trim(owned);
    TRY(begin(ctx, options, true, &archive, &standing));
    TRY(standing_count(ctx, &standing));
    TRY(standing_accept(ctx, &standing, part, owned, &added));
    TRY(vote_archive_append(ctx, &archive, &added));
    printf("%s\n", texts_fill(ctx, "command.vote.accepted", number(ctx, standing.part_count + 1), NULL));
    return NULL;
}

const struct err *command_vote_result(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(vote_archive_close) struct vote_archive archive = { .file = -1 };
    scoped(standing_clear) struct standing standing = { 0 };
    scoped(buffer_clear) struct buffer added = { 0 };
    struct text result;
    TRY(begin(ctx, options, true, &archive, &standing));
    TRY(standing_count(ctx, &standing));
    TRY(standing_finish(ctx, &standing, &added, &result));
    TRY(vote_archive_append(ctx, &archive, &added));
    print_line(result);
    return NULL;
}
