/* app/vote_files.h -- the files of an election on this machine: its folder, its archive, and those that hold secrets.
 * Owns:          where belenios-tool's files are in a folder, the lock on the archive, adding to its end whole or not at all
 * Must not know: what the files say, but for how an archive's fault is told
 * Begin at:      vote_archive_open(), vote_archive_append(); vote_secret_read()
 */
#ifndef APP_VOTE_FILES_H
#define APP_VOTE_FILES_H
#include "app/command.h"
#include "base/buffer.h"
#include "vote/verify.h"

#include <stdbool.h>

enum { VOTE_MOST_BYTES = 64 << 20, VOTE_MOST_LINES = 1000 };

/* Of every command that works in an election's folder. */
#define OPTION_VOTE_FOLDER { "folder", "DIR", "option.vote_election_folder" }

const char *vote_path(struct ctx *ctx, const struct options *options, const char *name);

/* A file of the folder, without white space around what it says. */
fallible vote_file(struct ctx *ctx, const struct options *options, const char *name, struct text *ret);

/* A new file of the folder, with a line feed at its end; says where it is. Fails with "file.exists". */
fallible vote_create(struct ctx *ctx, const struct options *options, const char *name, struct text text,
                     bool is_secret);

/* A file, or standard input for "-". */
fallible vote_input(struct ctx *ctx, const char *name, size_t most, struct text *ret);

/* A few lines that nobody else may see, into ROOM bytes that the caller wipes; "-" is standard input. Fails with
 * "file.unreadable", "file.too_large". */
fallible vote_secret_read(struct ctx *ctx, const char *name, char *room, size_t size, struct text *ret);

struct vote_archive {
    const char *path;
    int file; /* locked */
    struct text bytes;
};

/* The one archive of the folder, or --archive FILE. TO_WRITE: nobody else adds to it until it is closed. Fails with
 * "vote.archive_missing", "vote.archive_several", "file.unreadable", "vote.archive_busy". */
fallible vote_archive_open(struct ctx *ctx, const struct options *options, bool to_write, struct vote_archive *ret);
void vote_archive_close(struct vote_archive *archive);

/* Everything in it holds, or where it doesn't. */
fallible vote_verify(struct ctx *ctx, const struct vote_archive *archive);
fallible vote_fault(struct ctx *ctx, const struct election_report *report, const struct err *err);

/* At the end, synced; when that fails the archive is as it was. */
fallible vote_archive_append(struct ctx *ctx, struct vote_archive *archive, const struct buffer *bytes);
#endif
