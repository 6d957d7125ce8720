/* app/command_verify_election.c -- gongzhi verify election: checks the archive of a Belenios election, with nothing but the file.
 */
#include "app/commands.h"
#include "app/vote_files.h"

#include "base/arena.h"
#include "vote/archive.h"
#include "vote/verify.h"

#include <stdio.h>
#include <unistd.h>

const struct option_form command_verify_election_options[] = {
    { "older", "FILE", "option.verify_older" },
    { "threads", "N", "option.verify_threads" },
    { 0 },
};

static const char *number(struct ctx *ctx, int64_t from)
{
    return arena_printf(ctx->arena, "%lld", (long long)from);
}

/* Text of the archive, fit for a terminal: one line. */
static const char *plain(struct ctx *ctx, struct text text)
{
    char *line = text_string(ctx->arena, text_cleaned(ctx->arena, text));
    for (char *at = line; *at; at++)
        if (*at == '\n' || *at == '\r' || *at == '\t')
            *at = ' ';
    return line;
}

static void print_result(struct ctx *ctx, const struct election_report *report)
{
    for (int q = 0; q < report->election.question_count; q++) {
        const struct question *question = &report->election.questions[q];
        printf("%s\n", plain(ctx, question->asked));
        for (int i = 0; i < question->choice_count; i++) {
            int answer = i - question->has_blank;
            const char *name = answer < 0 ? texts_say(ctx->language, "vote.blank") : plain(ctx, question->answers[answer]);
            printf("  %s  %lld\n", name, (long long)report->result[q][i]);
        }
    }
}

static const char *stage_name(struct ctx *ctx, enum election_stage stage)
{
    static const char *const names[STAGE_COUNT] = {
        [STAGE_NOTHING] = "vote.stage_open",       [STAGE_OPEN] = "vote.stage_open",
        [STAGE_CLOSED] = "vote.stage_closed",      [STAGE_TALLIED] = "vote.stage_tallied",
        [STAGE_SHUFFLED] = "vote.stage_tallied",   [STAGE_DECRYPTING] = "vote.stage_tallied",
        [STAGE_RESULT] = "vote.stage_result",
    };
    return texts_say(ctx->language, names[stage]);
}

static void print_report(struct ctx *ctx, const struct election_report *report)
{
    printf("%s\n", texts_fill(ctx, "command.verify_election.good", plain(ctx, report->election.name),
                              stage_name(ctx, report->stage), NULL));
    printf("%s\n", texts_fill(ctx, "command.verify_election.counts", number(ctx, report->voters),
                              number(ctx, report->ballots), number(ctx, report->counted), number(ctx, report->weight),
                              NULL));
    if (report->result)
        print_result(ctx, report);
    printf("%s\n", texts_fill(ctx, "command.verify_election.marks", report->election.fingerprint,
                              archive_hash(ctx->arena, &report->last_event), report->election.group->name,
                              number(ctx, report->trustees), NULL));
    if (report->has_oldest_layout)
        printf("%s\n", texts_say(ctx->language, "vote.oldest_layout"));
    printf("%s\n", texts_say(ctx->language, "command.verify_election.limits"));
}

struct watching {
    struct file_map archive;
    bool is_shown;
};

/* Tells how far it is, where somebody looks, and gives back what has been read. */
static void passed(void *what, struct text rest, int64_t ballots)
{
    struct watching *watching = what;
    size_t all = watching->archive.bytes.size;
    file_forget(&watching->archive, rest.at);
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%lld  %d %%", (long long)ballots, (int)((double)(all - rest.size) * 100 / (double)all));
    watching->is_shown = true;
}

/* As many as there are processors, unless the command line says how many. */
static const struct err *read_threads(struct ctx *ctx, const struct options *options, int *ret)
{
    enum { MOST = 64 };
    const char *given = option(options, "threads");
    int64_t count = sysconf(_SC_NPROCESSORS_ONLN);
    if (given && (!text_int(text_of(given), &count) || count < 1 || count > MOST))
        return err_new(ctx, ERR_INPUT, "option.threads_wrong", arena_printf(ctx->arena, "%d", MOST));
    *ret = count < 1 ? 1 : count > MOST ? MOST : (int)count;
    return NULL;
}

const struct err *command_verify_election(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    struct file_map older = { 0 };
    struct election_report report;
    struct watching watching = { 0 };
    struct verify_manner manner = { .passed = passed, .what = &watching };
    TRY(read_threads(ctx, options, &manner.threads));
    TRY(file_map(ctx, options->words[0], &watching.archive));
    if (option_is_set(options, "older"))
        TRY(file_map(ctx, option(options, "older"), &older));
    const struct err *cut = older.bytes.at ? election_continues(ctx, older.bytes, watching.archive.bytes) : NULL, *e = NULL;
    if (!cut)
        e = election_verify_by(ctx, watching.archive.bytes, &manner, &report);
    if (watching.is_shown)
        fputs("\r                    \r", stderr);
    TRY(file_stood_still(ctx, &older));
    TRY(file_stood_still(ctx, &watching.archive));
    TRY(cut);
    if (e)
        return vote_fault(ctx, &report, e);
    print_report(ctx, &report);
    return NULL;
}
