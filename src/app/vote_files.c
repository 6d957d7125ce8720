/* app/vote_files.c */
#include "app/vote_files.h"

#include "base/arena.h"
#include "base/texts.h"
#include "vote/archive.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *folder_of(const struct options *options)
{
    return option(options, "folder") ? option(options, "folder") : ".";
}

const char *vote_path(struct ctx *ctx, const struct options *options, const char *name)
{
    return arena_printf(ctx->arena, "%s/%s", folder_of(options), name);
}

const struct err *vote_file(struct ctx *ctx, const struct options *options, const char *name, struct text *ret)
{
    TRY(file_read(ctx, vote_path(ctx, options, name), VOTE_MOST_BYTES, ret));
    *ret = text_trim(*ret);
    return NULL;
}

const struct err *vote_create(struct ctx *ctx, const struct options *options, const char *name, struct text text,
                              bool is_secret)
{
    const char *path = vote_path(ctx, options, name);
    scoped(buffer_wipe) struct buffer line = { 0 };
    buffer_reserve(&line, text.size + 1); /* so that it never moves and leaves a copy behind */
    buffer_text(&line, text);
    buffer_byte(&line, '\n');
    TRY(file_create(ctx, path, buffer_view(&line), is_secret));
    printf("%s\n", path);
    return NULL;
}

const struct err *vote_input(struct ctx *ctx, const char *name, size_t most, struct text *ret)
{
    TRY(file_read(ctx, strcmp(name, "-") == 0 ? "/dev/stdin" : name, most, ret));
    *ret = text_trim(*ret);
    return NULL;
}

const struct err *vote_secret_read(struct ctx *ctx, const char *name, char *room, size_t size, struct text *ret)
{
    scoped(file_close) int file = strcmp(name, "-") == 0 ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    size_t filled = 0;
    if (file < 0)
        return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
    for (;;) {
        ssize_t got = read(file, room + filled, size - filled);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
        if (got == 0)
            break;
        filled += (size_t)got;
        if (filled == size)
            return err_new(ctx, ERR_INPUT, "vote.secret_large", name);
    }
    *ret = text_trim((struct text){ room, filled });
    return NULL;
}

/* The one *.bel of the folder. */
static const struct err *find_archive(struct ctx *ctx, const char *folder, const char **ret)
{
    DIR *entries = opendir(folder);
    int count = 0;
    if (!entries)
        return err_new(ctx, ERR_INPUT, "file.unreadable", folder, strerror(errno));
    for (struct dirent *entry; (entry = readdir(entries));) {
        if (!text_ends(text_of(entry->d_name), ".bel"))
            continue;
        *ret = arena_printf(ctx->arena, "%s/%s", folder, entry->d_name);
        count++;
    }
    closedir(entries);
    if (count == 1)
        return NULL;
    return err_new(ctx, ERR_INPUT, count == 0 ? "vote.archive_missing" : "vote.archive_several", folder);
}

/* The bytes as they are now; the file only ever grows. */
static const struct err *map(struct ctx *ctx, struct vote_archive *archive)
{
    struct stat state;
    if (fstat(archive->file, &state) != 0 || !S_ISREG(state.st_mode))
        return err_new(ctx, ERR_INPUT, "file.unreadable", archive->path, strerror(errno ? errno : EINVAL));
    if (state.st_size == 0)
        return NULL;
    void *at = mmap(NULL, (size_t)state.st_size, PROT_READ, MAP_PRIVATE, archive->file, 0);
    if (at == MAP_FAILED)
        return err_new(ctx, ERR_INPUT, "file.unreadable", archive->path, strerror(errno));
    archive->bytes = (struct text){ at, (size_t)state.st_size };
    return NULL;
}

const struct err *vote_archive_open(struct ctx *ctx, const struct options *options, bool to_write,
                                    struct vote_archive *ret)
{
    *ret = (struct vote_archive){ .file = -1, .path = option(options, "archive") };
    if (!ret->path)
        TRY(find_archive(ctx, folder_of(options), &ret->path));
    ret->file = open(ret->path, (to_write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (ret->file < 0)
        return err_new(ctx, ERR_INPUT, "file.unreadable", ret->path, strerror(errno));
    if (flock(ret->file, (to_write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
        return err_new(ctx, ERR_BUSY, "vote.archive_busy", ret->path);
    errno = 0;
    return map(ctx, ret);
}

void vote_archive_close(struct vote_archive *archive)
{
    if (archive->bytes.size > 0)
        munmap((void *)(uintptr_t)archive->bytes.at, archive->bytes.size);
    if (archive->file >= 0)
        close(archive->file);
    archive->file = -1;
    archive->bytes = (struct text){ 0 };
}

static bool write_at(int file, struct text bytes, off_t at)
{
    while (bytes.size > 0) {
        ssize_t written = pwrite(file, bytes.at, bytes.size, at);
        if (written < 0 && errno != EINTR)
            return false;
        if (written <= 0)
            continue;
        bytes = (struct text){ bytes.at + written, bytes.size - (size_t)written };
        at += written;
    }
    return fsync(file) == 0;
}

const struct err *vote_archive_append(struct ctx *ctx, struct vote_archive *archive, const struct buffer *bytes)
{
    struct stat state;
    off_t end = (off_t)archive->bytes.size;
    if (fstat(archive->file, &state) != 0 || state.st_size != end) /* a program that doesn't know the lock */
        return err_new(ctx, ERR_CONFLICT, "vote.archive_busy", archive->path);
    if (write_at(archive->file, buffer_view(bytes), end))
        return NULL;
    const char *reason = strerror(errno);
    if (ftruncate(archive->file, end) != 0 || fsync(archive->file) != 0)
        return err_broken(ctx, "%s could not be cut back to %lld bytes after a failed write", archive->path,
                          (long long)end);
    return err_new(ctx, ERR_BROKEN, "file.unwritable", archive->path, reason);
}

static const char *number(struct ctx *ctx, int64_t from)
{
    return arena_printf(ctx->arena, "%lld", (long long)from);
}

const struct err *vote_fault(struct ctx *ctx, const struct election_report *report, const struct err *err)
{
    const char *said = texts_of_err(ctx, err_root(err)), *event = number(ctx, report->event);
    const char *hash = report->has_hash ? archive_hash(ctx->arena, &report->hash) : "-";
    if (report->ballot > 0)
        return err_new(ctx, ERR_INPUT, "vote.at_ballot", number(ctx, report->ballot),
                       fingerprint_of(ctx->arena, &report->hash), event, said);
    return err_new(ctx, ERR_INPUT, "vote.at_event", event, hash, said);
}

const struct err *vote_verify(struct ctx *ctx, const struct vote_archive *archive)
{
    enum { MOST_THREADS = 64 };
    struct election_report report;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct verify_manner manner = { .threads = processors > MOST_THREADS ? MOST_THREADS : (int)processors };
    const struct err *e = election_verify_by(ctx, archive->bytes, &manner, &report);
    return e ? vote_fault(ctx, &report, e) : NULL;
}
