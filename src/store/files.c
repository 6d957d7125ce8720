/* store/files.c -- a folder of immutable blobs: FOLDER/ab/cdef… for the hash abcdef…
 *
 * A file appears under its name only when it is whole and on disk: written under a temporary name, synced, renamed, and
 * then the folder is synced. A program that dies in between leaves a temporary file, which a later opening removes.
 */
#include "store/files.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/encode.h"
#include "store/fault.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_SIZE = 2 * SHA256_SIZE, FOLDER_PART = 2 };

static const char temporary[] = "new-";

struct files {
    int folder; /* its descriptor: every path below is relative to it */
};

static const struct err *failed(struct ctx *ctx, const char *doing, const char *name)
{
    int code = errno;
    if (code == ENOSPC || code == EDQUOT || code == EFBIG)
        return err_wrap(ctx, err_new(ctx, ERR_BROKEN, "store.disk_full"), "%s %s: %s", doing, name, strerror(code));
    return err_broken(ctx, "%s %s: %s", doing, name, strerror(code));
}

/* Guarded: true when a test wants this call to fail. */
static bool injected(void)
{
    switch (fault_here()) {
    case FAULT_NONE:
        return false;
    case FAULT_FULL:
        errno = ENOSPC;
        return true;
    default:
        errno = EIO;
        return true;
    }
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
}

static void close_folder(DIR **folder)
{
    if (*folder)
        closedir(*folder);
}

/* --- opening --- */

static DIR *list_folder(int folder, const char *name)
{
    int descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    DIR *list = fdopendir(descriptor);
    if (!list)
        close(descriptor);
    return list;
}

/* What a day-old program left unfinished; younger ones may be another process at work. */
static void remove_unfinished(struct ctx *ctx, int folder)
{
    scoped(close_folder) DIR *list = list_folder(folder, ".");
    int64_t now = clock_now(ctx->clock);
    for (struct dirent *entry; list && (entry = readdir(list));) {
        struct stat about;
        if (strncmp(entry->d_name, temporary, strlen(temporary)) == 0 &&
            fstatat(folder, entry->d_name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
            now - about.st_mtim.tv_sec * MICROS_PER_SECOND > MICROS_PER_DAY)
            unlinkat(folder, entry->d_name, 0);
    }
}

const struct err *files_open(struct ctx *ctx, const char *folder, struct files **ret)
{
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
        return err_new(ctx, ERR_BROKEN, "store.folder", folder, strerror(errno));
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return err_new(ctx, ERR_BROKEN, "store.folder", folder, strerror(errno));
    struct files *files = malloc(sizeof *files);
    if (!files)
        BUG("out of memory");
    files->folder = descriptor;
    remove_unfinished(ctx, descriptor);
    *ret = files;
    return NULL;
}

void files_close(struct files *files)
{
    if (!files)
        return;
    close(files->folder);
    free(files);
}

/* --- keeping --- */

static const char *path_of(struct ctx *ctx, const char *name)
{
    return arena_printf(ctx->arena, "%.*s/%s", FOLDER_PART, name, name + FOLDER_PART);
}

static bool is_name(const char *name)
{
    return strlen(name) == NAME_SIZE && strspn(name, "0123456789abcdef") == NAME_SIZE;
}

static bool write_all(int descriptor, struct text bytes)
{
    while (bytes.size) {
        ssize_t written = injected() ? -1 : write(descriptor, bytes.at, bytes.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes.at += written;
        bytes.size -= (size_t)written;
    }
    return true;
}

static const struct err *write_new(struct ctx *ctx, struct files *files, const char *name, struct text bytes)
{
    scoped(close_descriptor) int file = openat(files->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0 || injected())
        return failed(ctx, "making", name);
    if (!write_all(file, bytes))
        return failed(ctx, "writing", name);
    if (injected() || fsync(file) < 0)
        return failed(ctx, "syncing", name);
    return NULL;
}

static const struct err *sync_folder(struct ctx *ctx, struct files *files, const char *name)
{
    scoped(close_descriptor) int folder = openat(files->folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 || injected() || fsync(folder) < 0)
        return failed(ctx, "syncing folder", name);
    return NULL;
}

const struct err *files_keep(struct ctx *ctx, struct files *files, struct text bytes, const char **ret_name)
{
    struct sha256 hash = sha256_of(bytes);
    const char *name = hex_encode(ctx->arena, sha256_text(&hash));
    const char *path = path_of(ctx, name);
    const char *part = arena_copy(ctx->arena, name, FOLDER_PART);
    if (mkdirat(files->folder, part, 0700) < 0 && errno != EEXIST)
        return failed(ctx, "making", part);
    struct stat about;
    bool is_there = fstatat(files->folder, path, &about, 0) == 0 && (size_t)about.st_size == bytes.size;
    if (!is_there) {
        uint64_t chance;
        ctx_random(ctx, &chance, sizeof chance);
        const char *unfinished = arena_printf(ctx->arena, "%s%d-%016llx", temporary, (int)getpid(),
                                              (unsigned long long)chance);
        const struct err *err = write_new(ctx, files, unfinished, bytes);
        if (!err && (injected() || renameat(files->folder, unfinished, files->folder, path) < 0))
            err = failed(ctx, "naming", path);
        if (err) {
            unlinkat(files->folder, unfinished, 0);
            return err;
        }
    }
    /* Also when it was there: whoever put it there may not have come to this line yet. */
    TRY(sync_folder(ctx, files, part));
    TRY(sync_folder(ctx, files, "."));
    *ret_name = name;
    return NULL;
}

/* --- reading --- */

const struct err *files_read(struct ctx *ctx, struct files *files, const char *name, struct text *ret)
{
    if (!is_name(name))
        return err_new(ctx, ERR_MISSING, "store.file_missing", name);
    scoped(close_descriptor) int file = openat(files->folder, path_of(ctx, name), O_RDONLY | O_CLOEXEC);
    if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
        return err_new(ctx, ERR_MISSING, "store.file_missing", name);
    struct stat about;
    if (file < 0 || fstat(file, &about) < 0)
        return failed(ctx, "opening", name);
    size_t size = (size_t)about.st_size, have = 0;
    char *bytes = arena_alloc_raw(ctx->arena, size + 1);
    while (have < size) {
        ssize_t got = injected() ? -1 : read(file, bytes + have, size - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failed(ctx, "reading", name);
        if (got == 0)
            break;
        have += (size_t)got;
    }
    bytes[have] = '\0';
    struct text content = { bytes, have };
    struct sha256 hash = sha256_of(content);
    if (strcmp(hex_encode(ctx->arena, sha256_text(&hash)), name) != 0)
        return err_new(ctx, ERR_BROKEN, "store.file_damaged", name);
    *ret = content;
    return NULL;
}

static const struct err *each_in(struct ctx *ctx, struct files *files, const char *part,
                                 const struct err *(*each)(void *self, struct ctx *ctx, const char *name), void *self)
{
    scoped(close_folder) DIR *list = list_folder(files->folder, part);
    if (!list)
        return failed(ctx, "listing", part);
    for (;;) {
        errno = 0; /* the end and a failure differ in this alone */
        struct dirent *entry = injected() ? NULL : readdir(list);
        if (!entry && errno)
            return failed(ctx, "listing", part);
        if (!entry)
            return NULL;
        char name[NAME_SIZE + 1];
        int size = snprintf(name, sizeof name, "%s%s", part, entry->d_name);
        if (size == NAME_SIZE && is_name(name))
            TRY(each(self, ctx, name));
    }
}

const struct err *files_each(struct ctx *ctx, struct files *files,
                             const struct err *(*each)(void *self, struct ctx *ctx, const char *name), void *self)
{
    for (int i = 0; i < 256; i++) {
        char part[FOLDER_PART + 1];
        snprintf(part, sizeof part, "%02x", i);
        if (faccessat(files->folder, part, F_OK, 0) == 0)
            TRY(each_in(ctx, files, part, each, self));
    }
    return NULL;
}
