/* app/main.c -- finds the command, reads its options, tells its failure. */
#include "app/command.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/texts.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

extern const struct texts_entry texts_table[];
extern const size_t texts_table_count;

static enum language language_of_terminal(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return strncmp(value, "zh", 2) == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

/* How many words of the command line are the command's name; 0 when it is not this one. */
static int match(const struct command *command, char *const *words)
{
    const char *rest = command->name;
    int count = 0;
    while (*rest) {
        size_t size = strcspn(rest, " ");
        if (!words[count] || strlen(words[count]) != size || memcmp(words[count], rest, size) != 0)
            return 0;
        count++;
        rest += size + (rest[size] == ' ');
    }
    return count;
}

static const char *usage(struct ctx *ctx, const struct command *command)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_printf(&out, "gongzhi %s", command->name);
    for (const struct option_form *form = command->options; form->name; form++) {
        buffer_printf(&out, form->is_required ? " --%s" : " [--%s", form->name);
        if (form->value)
            buffer_printf(&out, " %s", form->value);
        if (!form->is_required)
            buffer_byte(&out, ']');
    }
    if (command->words)
        buffer_printf(&out, " %s", command->words);
    return arena_copy(ctx->arena, out.at, out.size);
}

static void print_help(struct ctx *ctx, const struct command *command)
{
    printf("%s\n    %s\n", usage(ctx, command), texts_say(ctx->language, command->summary));
    for (const struct option_form *form = command->options; form->name; form++)
        printf("    --%s %s\n        %s\n", form->name, form->value ? form->value : "", texts_say(ctx->language, form->said));
}

static void print_commands(struct ctx *ctx)
{
    printf("%s\n", texts_say(ctx->language, "command.about"));
    for (const struct command *command = commands; command->name; command++)
        printf("  %-18s %s\n", command->name, texts_say(ctx->language, command->summary));
    printf("%s\n", texts_say(ctx->language, "command.help_of"));
}

static bool asks_help(char *const *words)
{
    for (; *words; words++)
        if (strcmp(*words, "--help") == 0 || strcmp(*words, "-h") == 0)
            return true;
    return false;
}

static bool has_detail(const struct err *err)
{
    while (err && !err->detail)
        err = err->cause;
    return err != NULL;
}

/* One line, whatever a database's own words look like. MORE may be NULL. */
static void complain(struct ctx *ctx, const struct err *err, const char *more)
{
    const char *said = texts_of_err(ctx, err), *detail = has_detail(err) ? err_trace(ctx, err) : more;
    char *line = detail ? arena_printf(ctx->arena, "%s (%s)", said, detail) : arena_string(ctx->arena, said);
    for (char *at = line; *at; at++)
        if (*at == '\n' || *at == '\r' || *at == '\t')
            *at = ' ';
    fprintf(stderr, "gongzhi: %s\n", line);
}

/* What a crash leaves on the disk must not hold a key or a password: nearly every command has one in its memory. */
static void leave_no_core(void)
{
    const struct rlimit none = { 0, 0 };
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        BUG("the size of core files can't be lowered");
}

static int run_command(struct ctx *ctx, const struct command *command, char *const *words)
{
    if (asks_help(words)) {
        print_help(ctx, command);
        return EXIT_DONE;
    }
    struct options options;
    const struct err *err = options_read(ctx, command->options, words, &options);
    if (!err && (options.word_count < command->least_words || options.word_count > command->most_words))
        err = command->words ? err_new(ctx, ERR_INPUT, "options.words", command->words)
                             : err_new(ctx, ERR_INPUT, "options.too_many_words", options.words[0]);
    if (err) {
        complain(ctx, err, usage(ctx, command));
        return EXIT_WRONG_USE;
    }
    int code = EXIT_DONE;
    err = command->run(ctx, &options, &code);
    if (err) {
        complain(ctx, err, NULL);
        return EXIT_FAILED;
    }
    if (fflush(stdout) != 0) {
        complain(ctx, err_new(ctx, ERR_INPUT, "file.unwritable", "-", strerror(errno)), NULL);
        return EXIT_FAILED;
    }
    return code;
}

/* What was meant for a command's name: two words where a command begins with the first (import leute). */
static const char *unknown_name(struct ctx *ctx, char *const *words)
{
    size_t size = strlen(*words);
    for (const struct command *command = commands; command->name; command++)
        if (words[1] && strncmp(command->name, *words, size) == 0 && command->name[size] == ' ')
            return arena_printf(ctx->arena, "%s %s", words[0], words[1]);
    return *words;
}

static int run(struct ctx *ctx, char *const *words)
{
    if (!*words) {
        fprintf(stderr, "gongzhi: %s\n", texts_say(ctx->language, "command.none"));
        return EXIT_WRONG_USE;
    }
    for (const struct command *command = commands; command->name; command++) {
        int named = match(command, words);
        if (named)
            return run_command(ctx, command, words + named);
    }
    if (asks_help(words) || strcmp(*words, "help") == 0) {
        print_commands(ctx);
        return EXIT_DONE;
    }
    fprintf(stderr, "gongzhi: %s\n", texts_fill(ctx, "command.unknown", unknown_name(ctx, words), NULL));
    return EXIT_WRONG_USE;
}

int main(int count, char **words)
{
    if (sodium_init() < 0)
        BUG("libsodium can't start");
    leave_no_core();
    texts_use(texts_table, texts_table_count);
    struct id_source ids;
    id_source_init(&ids, randombytes_random());
    struct ctx model = { .clock = clock_system(), .ids = &ids, .chance = chance_system(),
                         .language = language_of_terminal() };
    struct ctx *ctx = ctx_begin(&model);
    int code = run(ctx, count > 0 ? words + 1 : words);
    ctx_end(ctx);
    return code;
}
