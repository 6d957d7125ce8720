/* app/command_import.c -- gongzhi import: lists as offices keep them. Good rows go in, bad ones come back with a reason. */
#include "app/commands.h"

#include "app/house.h"
#include "app/law.h"
#include "base/arena.h"
#include "record/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MOST_BYTES = 256 << 20 };

const struct option_form command_import_options[] = {
    OPTIONS_OF_HOUSE,
    { "dry-run", NULL, "option.dry_run" },
    { 0 },
};

static void show_progress(void *self, int rows)
{
    (void)self;
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "\r%d", rows);
}

static bool holds_the_same(struct ctx *ctx, const char *name, const struct buffer *bad)
{
    struct text there;
    return !file_read(ctx, name, MOST_BYTES, &there) && text_equal(there, buffer_view(bad));
}

/* Beside the list, under a name that isn't there yet: what somebody has begun to mend is not written over. The same rows again,
 * as after a dry run, stay where they are. */
static const struct err *write_bad_rows(struct ctx *ctx, const char *list, const struct buffer *bad, const char **ret_name)
{
    enum { NAMES_MOST = 1000 };
    const char *name = arena_printf(ctx->arena, "%s.bad.csv", list);
    int descriptor = -1;
    for (int i = 2; i < NAMES_MOST; i++) {
        /* It may hold identity numbers: for its owner alone. */
        descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (descriptor >= 0 || errno != EEXIST)
            break;
        if (holds_the_same(ctx, name, bad)) {
            *ret_name = name;
            return NULL;
        }
        name = arena_printf(ctx->arena, "%s.bad-%d.csv", list, i);
    }
    *ret_name = name;
    FILE *file = descriptor < 0 ? NULL : fdopen(descriptor, "w");
    if (!file)
        return err_new(ctx, ERR_INPUT, "file.unwritable", name, strerror(errno));
    size_t written = fwrite(bad->at, 1, bad->size, file);
    if (fclose(file) != 0 || written != bad->size)
        return err_new(ctx, ERR_INPUT, "file.unwritable", name, strerror(errno));
    return NULL;
}

static const struct err *import(struct ctx *ctx, const struct options *options, enum import_kind kind, int *ret_code)
{
    const char *name = options->words[0];
    struct text bytes;
    TRY(file_read(ctx, name, MOST_BYTES, &bytes));
    scoped(house_end) struct house *house = NULL;
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files") };
    TRY(house_open(ctx, ctx, &settings, &house));
    scoped(buffer_clear) struct buffer bad = { 0 };
    struct import_job job = { .kind = kind, .is_dry = option_is_set(options, "dry-run"), .db = house->db,
                              .writer = house->writer, .keys = house->records.keys, .progress = show_progress, .bad = &bad };
    struct import_counts counts;
    ctx->records = &house->records;
    TRY(import_run(ctx, &job, bytes, &counts));
    if (isatty(STDERR_FILENO))
        fputs("\r", stderr);
    printf("%s\n", texts_fill(ctx, job.is_dry ? "command.import.dry" : "command.import.done",
                              arena_printf(ctx->arena, "%d", counts.added), arena_printf(ctx->arena, "%d", counts.changed),
                              arena_printf(ctx->arena, "%d", counts.unchanged), arena_printf(ctx->arena, "%d", counts.bad),
                              NULL));
    if (!counts.bad)
        return NULL;
    const char *bad_name;
    TRY(write_bad_rows(ctx, name, &bad, &bad_name));
    printf("%s\n", texts_fill(ctx, "command.import.bad", bad_name, NULL));
    *ret_code = EXIT_FAILED;
    return NULL;
}

const struct err *command_import_places(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return import(ctx, options, IMPORT_PLACES, ret_code);
}

const struct err *command_import_organisations(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return import(ctx, options, IMPORT_ORGANISATIONS, ret_code);
}

const struct err *command_import_households(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return import(ctx, options, IMPORT_HOUSEHOLDS, ret_code);
}

const struct err *command_import_people(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return import(ctx, options, IMPORT_PEOPLE, ret_code);
}

const struct err *command_import_roles(struct ctx *ctx, const struct options *options, int *ret_code)
{
    return import(ctx, options, IMPORT_ROLES, ret_code);
}

static const struct err *open_for(struct ctx *ctx, const struct options *options, struct house **ret, struct text *ret_bytes)
{
    TRY(file_read(ctx, options->words[0], MOST_BYTES, ret_bytes));
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files") };
    return house_open(ctx, ctx, &settings, ret);
}

const struct err *command_import_calendar(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(house_end) struct house *house = NULL;
    struct text bytes;
    int rows, moved = 0;
    TRY(open_for(ctx, options, &house, &bytes));
    bool is_dry = option_is_set(options, "dry-run");
    struct calendar_row *list;
    if (is_dry)
        TRY(calendar_read_rows(ctx, options->words[0], bytes, &list, &rows));
    else
        TRY(law_import_calendar(house, ctx, options->words[0], bytes, &rows, &moved));
    printf("%s\n", texts_fill(ctx, is_dry ? "command.import.calendar_dry" : "command.import.calendar_done",
                              arena_printf(ctx->arena, "%d", rows), arena_printf(ctx->arena, "%d", moved), NULL));
    return NULL;
}

const struct err *command_import_rules(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(house_end) struct house *house = NULL;
    struct text bytes;
    int count;
    TRY(open_for(ctx, options, &house, &bytes));
    bool is_dry = option_is_set(options, "dry-run");
    TRY((is_dry ? law_check_rules : law_import_rules)(house, ctx, options->words[0], bytes, &count));
    printf("%s\n", texts_fill(ctx, is_dry ? "command.import.rules_dry" : "command.import.rules_done",
                              arena_printf(ctx->arena, "%d", count), NULL));
    return NULL;
}
