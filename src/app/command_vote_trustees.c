/* app/command_vote_trustees.c -- gongzhi vote trustee …: the ceremony of a threshold set, in files between machines.
 *
 *     each trustee   certificate   ID.key (kept), ID.cert        ID is the hash of what the certificate says
 *     one machine    cat *.cert > certs.jsons                    in any order
 *     each trustee   polynomial    ID.polynomial
 *     one machine    cat *.polynomial > polynomials.jsons; inputs   ID.vinput
 *     each trustee   output        ID.voutput
 *     one machine    cat *.voutput > voutputs.jsons; finish      threshold.json, ID.dkey (goes back to its trustee)
 *     each trustee   confirm       nothing: that trustees.json, as published with the vote, is what was made here
 *
 * The files are those of belenios-tool.
 */
#include "app/commands.h"
#include "app/vote_files.h"

#include "base/arena.h"
#include "base/json.h"
#include "vote/threshold.h"

#include <sodium.h>
#include <stdio.h>

enum { SEED_LINE = 4096 };

/* clang-format off */
#define OPTION_FOLDER { "folder", "DIR", "option.vote_folder" }
#define OPTION_CERTIFICATES { "certs", "FILE", "option.vote_certs", .is_required = true }
#define OPTION_KEY { "key", "FILE", "option.vote_key", .is_required = true }
#define OPTION_POLYNOMIALS { "polynomials", "FILE", "option.vote_polynomials", .is_required = true }
/* clang-format on */

const struct option_form command_vote_trustee_certificate_options[] = {
    { "group", "GROUP", "option.vote_group", .is_required = true },
    { "size", "NUMBER", "option.vote_size", .is_required = true },
    { "needed", "NUMBER", "option.vote_needed", .is_required = true },
    { "index", "NUMBER", "option.vote_index", .is_required = true },
    OPTION_FOLDER,
    { 0 },
};
const struct option_form command_vote_trustee_check_options[] = { OPTION_CERTIFICATES, { 0 } };
const struct option_form command_vote_trustee_polynomial_options[] = {
    OPTION_CERTIFICATES, OPTION_KEY, OPTION_FOLDER, { 0 }
};
const struct option_form command_vote_trustee_inputs_options[] = {
    OPTION_CERTIFICATES, OPTION_POLYNOMIALS, OPTION_FOLDER, { 0 }
};
const struct option_form command_vote_trustee_output_options[] = {
    OPTION_CERTIFICATES, OPTION_KEY, OPTION_FOLDER, { 0 }
};
const struct option_form command_vote_trustee_confirm_options[] = {
    OPTION_CERTIFICATES,
    OPTION_KEY,
    { "dkey", "FILE", "option.vote_dkey", .is_required = true },
    { 0 },
};
const struct option_form command_vote_trustee_finish_options[] = {
    OPTION_CERTIFICATES,
    OPTION_POLYNOMIALS,
    { "outputs", "FILE", "option.vote_outputs", .is_required = true },
    OPTION_FOLDER,
    { 0 },
};

static const char *number(struct ctx *ctx, int from)
{
    return arena_printf(ctx->arena, "%d", from);
}

static const struct err *read_number(struct ctx *ctx, const struct options *options, const char *name, int *ret)
{
    int64_t read;
    if (!text_int(text_of(option(options, name)), &read) || read < 0 || read > CEREMONY_MOST)
        return err_new(ctx, ERR_INPUT, "vote.number_option", name, number(ctx, CEREMONY_MOST));
    *ret = (int)read;
    return NULL;
}

/* --- files --- */

static const struct err *write_file(struct ctx *ctx, const struct options *options, const char *id, const char *ending,
                                    struct text text)
{
    return vote_create(ctx, options, arena_printf(ctx->arena, "%s%s", id, ending), text, false);
}

/* The lines of a file; empty ones don't count. */
static const struct err *read_lines(struct ctx *ctx, const char *name, struct text ret[CEREMONY_MOST], int *ret_count)
{
    struct text rest;
    int count = 0;
    TRY(file_read(ctx, name, VOTE_MOST_BYTES, &rest));
    while (rest.size) {
        struct text line = text_trim(text_cut(rest, '\n', &rest));
        if (line.size == 0)
            continue;
        if (count == CEREMONY_MOST)
            return err_new(ctx, ERR_INPUT, "vote.too_many_lines", name, number(ctx, CEREMONY_MOST));
        ret[count++] = line;
    }
    *ret_count = count;
    return NULL;
}

/* The name of a trustee's files. */
static const char *id_of(struct ctx *ctx, const struct certificate *certificate)
{
    struct sha256 hash = sha256_of(certificate->message);
    return hex_encode(ctx->arena, sha256_text(&hash));
}

static const struct err *read_ceremony(struct ctx *ctx, const struct options *options, struct ceremony *ceremony,
                                       const char ***ret_ids)
{
    struct text *lines = arena_array_of(ctx->arena, struct text, CEREMONY_MOST);
    int count;
    TRY(read_lines(ctx, option(options, "certs"), lines, &count));
    TRY(ceremony_gather(ctx, lines, count, ceremony));
    struct certificate *certificates = arena_array_of(ctx->arena, struct certificate, ceremony->size);
    TRY(ceremony_certificates(ctx, ceremony, certificates));
    const char **ids = arena_array_of(ctx->arena, const char *, ceremony->size);
    for (int i = 0; i < ceremony->size; i++)
        ids[i] = id_of(ctx, &certificates[i]);
    *ret_ids = ids;
    return NULL;
}

/* Lines from any trustee in any order, laid where they belong. */
static const struct err *read_steps(struct ctx *ctx, const char *name, const struct ceremony *ceremony,
                                    int (*sender)(struct ctx *ctx, const struct ceremony *ceremony, struct text text),
                                    const struct err *(*check)(struct ctx *ctx, const struct ceremony *ceremony,
                                                               int index, struct text text),
                                    struct text *list)
{
    struct text *lines = arena_array_of(ctx->arena, struct text, CEREMONY_MOST);
    int count;
    TRY(read_lines(ctx, name, lines, &count));
    for (int i = 0; i < count; i++) {
        int index = sender(ctx, ceremony, lines[i]);
        if (index == 0)
            return err_new(ctx, ERR_INPUT, "vote.line_of_nobody", name, number(ctx, i + 1));
        TRY(check(ctx, ceremony, index, lines[i]));
        list[index - 1] = lines[i];
    }
    return NULL;
}

static const struct err *read_polynomials(struct ctx *ctx, const struct options *options, struct ceremony *ceremony)
{
    return read_steps(ctx, option(options, "polynomials"), ceremony, ceremony_sender_of_polynomial,
                      ceremony_check_polynomial, ceremony->polynomials);
}

/* --- the trustee's own key --- */

struct seed_line {
    char at[SEED_LINE];
};

static void wipe_line(struct seed_line *line)
{
    sodium_memzero(line, sizeof *line);
}

static const struct err *read_seed(struct ctx *ctx, const char *name, struct group *group, struct channel_keys *ret)
{
    scoped(wipe_line) struct seed_line line;
    struct text seed;
    TRY(vote_secret_read(ctx, name, line.at, sizeof line.at, &seed));
    return threshold_keys(ctx, group, seed, ret);
}

/* --- each trustee --- */

/* Writes the seed and the certificate made with it. */
static const struct err *write_new(struct ctx *ctx, const struct options *options, const struct ceremony *ceremony,
                                   int index, struct text seed)
{
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    struct text text;
    struct certificate certificate;
    struct node *read;
    TRY(threshold_keys(ctx, ceremony->group, seed, &keys));
    TRY(threshold_certificate(ctx, ceremony, &keys, index, &text));
    TRY(json_read(ctx, text, &read));
    if (!certificate_read(ctx, ceremony->group, read, &certificate))
        BUG("a certificate that can't be read");
    const char *id = id_of(ctx, &certificate);
    TRY(vote_create(ctx, options, arena_printf(ctx->arena, "%s.key", id), seed, true));
    return write_file(ctx, options, id, ".cert", text);
}

const struct err *command_vote_trustee_certificate(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    int size, needed, index;
    char seed[SEED_SIZE + 1];
    struct ceremony ceremony;
    struct group *group = group_open(ctx->arena, text_of(option(options, "group")));
    if (!group)
        return err_new(ctx, ERR_INPUT, "vote.unsupported_group", option(options, "group"));
    TRY(read_number(ctx, options, "size", &size));
    TRY(read_number(ctx, options, "needed", &needed));
    TRY(read_number(ctx, options, "index", &index));
    TRY(ceremony_begin(ctx, group, size, needed, &ceremony));
    threshold_seed(seed);
    const struct err *e = write_new(ctx, options, &ceremony, index, text_of(seed));
    sodium_memzero(seed, sizeof seed);
    TRY(e);
    printf("%s\n", texts_say(ctx->language, "command.vote_trustee.keep"));
    return NULL;
}

/* Whoever gathers the certificates, and each trustee: all are good. */
const struct err *command_vote_trustee_check(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    const char **ids;
    char code[COMPARE_CODE_TEXT];
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(ceremony_compare_code(ctx, &ceremony, code));
    printf("%s\n", texts_fill(ctx, "command.vote_trustee.good", number(ctx, ceremony.size),
                              number(ctx, ceremony.needed), ceremony.group->name, NULL));
    for (int i = 0; i < ceremony.size; i++)
        printf("%d  %s\n", i + 1, ids[i]);
    printf("%s\n", texts_fill(ctx, "command.vote_trustee.compare", code, NULL));
    return NULL;
}

const struct err *command_vote_trustee_polynomial(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    struct text polynomial;
    const char **ids;
    int index;
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(read_seed(ctx, option(options, "key"), ceremony.group, &keys));
    TRY(threshold_index(ctx, &ceremony, &keys, &index));
    TRY(threshold_polynomial(ctx, &ceremony, &keys, &polynomial));
    return write_file(ctx, options, ids[index - 1], ".polynomial", polynomial);
}

const struct err *command_vote_trustee_output(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    struct text input, output;
    const char **ids;
    int index;
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(read_seed(ctx, option(options, "key"), ceremony.group, &keys));
    TRY(threshold_index(ctx, &ceremony, &keys, &index));
    TRY(vote_input(ctx, options->words[0], VOTE_MOST_BYTES, &input));
    TRY(threshold_output(ctx, &ceremony, &keys, input, &output));
    return write_file(ctx, options, ids[index - 1], ".voutput", output);
}

const struct err *command_vote_trustee_confirm(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    struct text trustees, private_key;
    const char **ids;
    scoped(channel_keys_wipe) struct channel_keys keys = { 0 };
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(read_seed(ctx, option(options, "key"), ceremony.group, &keys));
    TRY(vote_input(ctx, option(options, "dkey"), VOTE_MOST_BYTES, &private_key));
    TRY(vote_input(ctx, options->words[0], VOTE_MOST_BYTES, &trustees));
    TRY(threshold_confirm(ctx, &ceremony, &keys, trustees, private_key));
    printf("%s\n", texts_say(ctx->language, "command.vote_trustee.confirmed"));
    return NULL;
}

/* --- whoever carries the messages --- */

const struct err *command_vote_trustee_inputs(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    const char **ids;
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(read_polynomials(ctx, options, &ceremony));
    for (int i = 0; i < ceremony.size; i++) {
        struct text input;
        TRY(ceremony_assemble_input(ctx, &ceremony, i + 1, &input));
        TRY(write_file(ctx, options, ids[i], ".vinput", input));
    }
    return NULL;
}

const struct err *command_vote_trustee_finish(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct ceremony ceremony;
    struct text set, private_key;
    const char **ids;
    TRY(read_ceremony(ctx, options, &ceremony, &ids));
    TRY(read_polynomials(ctx, options, &ceremony));
    TRY(read_steps(ctx, option(options, "outputs"), &ceremony, ceremony_sender_of_output, ceremony_check_output,
                   ceremony.outputs));
    TRY(ceremony_finish(ctx, &ceremony, &set));
    TRY(write_file(ctx, options, "threshold", ".json", set));
    for (int i = 0; i < ceremony.size; i++) {
        TRY(ceremony_private_key(ctx, &ceremony, i + 1, &private_key));
        TRY(write_file(ctx, options, ids[i], ".dkey", private_key));
    }
    return NULL;
}
