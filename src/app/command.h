/* app/command.h -- what the binary can be asked on the command line.
 * Owns:          struct command and the table of all of them (commands.c)
 * Must not know: how a command does its work
 * Begin at:      commands[] in main.c; each command is a file command_<name>.c
 *
 * Exit codes: 0 done, 1 failed, 2 wrong use. Errors are one line on stderr, in the language of LC_ALL, LC_MESSAGES or LANG.
 * Adding one: a row in commands[], its options, texts command.<name>.* in both catalogues, a line in README.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H
#include "app/options.h"
#include "base/buffer.h"
#include "base/text.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_WRONG_USE = 2 };

struct command {
    const char *name;    /* "verify receipt", "vote trustee output" */
    const char *words;   /* what follows the name in the help: "FILE" */
    int least_words, most_words;
    const char *summary; /* text key */
    const struct option_form *options;
    /* Its failure is told and ends with EXIT_FAILED; *RET_CODE otherwise (0 unless set). */
    const struct err *(*run)(struct ctx *ctx, const struct options *options, int *ret_code);
};

extern const struct command commands[]; /* ended by a NULL name */

/* For scoped(): an open file, but for standard input, which is not ours; a buffer that may hold a secret. */
void file_close(const int *file);
void buffer_wipe(struct buffer *buffer);

/* Reads a whole file into ctx's arena: ERR_INPUT file.unreadable {name, reason}, file.too_large. */
fallible file_read(struct ctx *ctx, const char *name, size_t most, struct text *ret);
/* The same of a file that is open: a pipe can't be opened twice. */
fallible file_read_open(struct ctx *ctx, const char *name, int file, size_t most, struct text *ret);
/* A whole file of any size, good until ctx's arena goes; HELD is what the system lends of it (nothing of a pipe). When somebody
 * shortens it, the rest becomes zeros. */
struct file_loan;
struct file_map {
    const char *name;
    struct text bytes, held;
    struct file_loan *loan; /* file_map.c's; NULL of a pipe */
};
/* ERR_INPUT file.unreadable. */
fallible file_map(struct ctx *ctx, const char *name, struct file_map *ret);
/* A file of no name, made of what MORE gives (0 at the end, below 0 when it can't go on): for what would be too much memory. */
fallible file_map_made(struct ctx *ctx, int64_t (*more)(void *self, char *out, size_t room), void *self, struct file_map *ret);
/* That nobody wrote into it or shortened it since: ask when all of it has been looked at, before anything is said of what it holds.
 * ERR_INPUT file.changed {name}. */
fallible file_stood_still(struct ctx *ctx, const struct file_map *map);
/* The part before UPTO need not stay in memory; it is read again if it is looked at. */
void file_forget(struct file_map *map, const char *upto);
/* A new file, synced, never in place of one that is there: ERR_INPUT file.exists {name}, file.unwritable {name, reason}.
 * IS_PRIVATE: for its owner alone. */
fallible file_create(struct ctx *ctx, const char *name, struct text bytes, bool is_private);
#endif
