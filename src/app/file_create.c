/* app/file_create.c -- a new file, whole or not there. */
#include "app/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool write_all(int file, struct text bytes)
{
    while (bytes.size) {
        ssize_t written = write(file, bytes.at, bytes.size);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            bytes = (struct text){ bytes.at + written, bytes.size - (size_t)written };
    }
    return fsync(file) == 0;
}

const struct err *file_create(struct ctx *ctx, const char *name, struct text bytes, bool is_private)
{
    scoped(file_close) int file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, is_private ? 0600 : 0644);
    if (file < 0)
        return err_new(ctx, ERR_INPUT, errno == EEXIST ? "file.exists" : "file.unwritable", name, strerror(errno));
    if (write_all(file, bytes))
        return NULL;
    const char *reason = strerror(errno);
    unlink(name);
    return err_new(ctx, ERR_INPUT, "file.unwritable", name, reason);
}
