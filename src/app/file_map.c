/* app/file_map.c -- a whole file of any size, as the system lends it: pages come from the disk when they are looked at,
 * and may go again. What is no plain file (a pipe) is read. Whoever makes the file shorter meanwhile ends the process.
 */
#include "app/command.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t most_read = (size_t)1 << 30;

static void close_file(const int *file)
{
    if (*file >= 0)
        close(*file);
}

static void unmap(void *what)
{
    struct text *mapped = what;
    munmap((void *)(uintptr_t)mapped->at, mapped->size);
}

const struct err *file_map(struct ctx *ctx, const char *name, struct file_map *ret)
{
    struct stat stat;
    *ret = (struct file_map){ 0 };
    scoped(close_file) int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &stat) != 0)
        return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
    if (!S_ISREG(stat.st_mode) || stat.st_size == 0)
        return file_read(ctx, name, most_read, &ret->bytes);
    void *at = mmap(NULL, (size_t)stat.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (at == MAP_FAILED)
        return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
    struct text *mapped = arena_new_of(ctx->arena, struct text);
    *mapped = ret->bytes = ret->held = (struct text){ at, (size_t)stat.st_size };
    arena_at_end(ctx->arena, unmap, mapped);
    madvise(at, mapped->size, MADV_SEQUENTIAL);
    return NULL;
}

void file_forget(struct file_map *map, const char *upto)
{
    enum { WORTH = 16 << 20 };
    if (map->held.size == 0)
        return;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = (size_t)(upto - map->held.at) / page * page;
    if (size < WORTH)
        return;
    madvise((void *)(uintptr_t)map->held.at, size, MADV_DONTNEED);
    map->held.at += size;
    map->held.size -= size;
}
