/* app/file_read.c -- a whole file, bounded. What passes through here may be a secret: it is overwritten before it goes. */
#include "app/command.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

void file_close(const int *file)
{
    if (*file > STDIN_FILENO)
        close(*file);
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->at)
        sodium_memzero(buffer->at, buffer->room);
    buffer_clear(buffer);
}

const struct err *file_read(struct ctx *ctx, const char *name, size_t most, struct text *ret)
{
    scoped(file_close) int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
    return file_read_open(ctx, name, file, most, ret);
}

const struct err *file_read_open(struct ctx *ctx, const char *name, int file, size_t most, struct text *ret)
{
    scoped(buffer_wipe) struct buffer bytes = { 0 };
    for (;;) {
        enum { PIECE = 65536 };
        buffer_reserve(&bytes, PIECE);
        ssize_t got = read(file, bytes.at + bytes.size, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
        if (got == 0)
            break;
        bytes.size += (size_t)got;
        if (bytes.size > most)
            return err_new(ctx, ERR_INPUT, "file.too_large", name, arena_printf(ctx->arena, "%zu", most >> 20));
    }
    *ret = text_copy(ctx->arena, buffer_view(&bytes));
    return NULL;
}
