/* app/file_map.c -- a whole file of any size, as the system lends it: pages come from the disk when they are looked at,
 * and may go again. What is no plain file (a pipe) is read.
 *
 * Whoever shortens a file that is lent takes pages away, and looking at them ends a process by SIGBUS. So the rest of such a file
 * becomes zeros instead, which nothing holds against; file_stood_still() tells afterwards, as it tells of any other change.
 */
#include "app/command.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const size_t most_read = (size_t)1 << 30;

struct file_loan {
    struct file_loan *next;
    char *at;
    size_t size;
    int file;
    struct stat seen;
    atomic_bool was_cut;
};

/* All that are lent; the signal's handler walks it, on whatever thread, so it only ever sees whole loans. */
static _Atomic(struct file_loan *) loans;
static pthread_mutex_t loans_lock = PTHREAD_MUTEX_INITIALIZER; /* among those who change it */
static struct sigaction usual_action;

/* Only what the system allows in a handler; mmap() is one call of the kernel. */
static void fill_cut(int signal, siginfo_t *info, void *context)
{
    const char *address = info->si_addr;
    int saved = errno;
    (void)context;
    for (struct file_loan *loan = atomic_load(&loans); loan; loan = loan->next) {
        if (address < loan->at || address >= loan->at + loan->size)
            continue;
        size_t page = (size_t)sysconf(_SC_PAGESIZE), from = (size_t)(address - loan->at) / page * page;
        atomic_store(&loan->was_cut, true);
        void *zeros = mmap(loan->at + from, loan->size - from, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (zeros == MAP_FAILED)
            break;
        errno = saved;
        return;
    }
    sigaction(signal, &usual_action, NULL); /* none of ours: what would have happened happens */
    errno = saved;
}

static void lend(struct file_loan *loan)
{
    pthread_mutex_lock(&loans_lock);
    loan->next = atomic_load(&loans);
    if (!loan->next) {
        struct sigaction action = { .sa_sigaction = fill_cut, .sa_flags = SA_SIGINFO };
        sigaction(SIGBUS, &action, &usual_action);
    }
    atomic_store(&loans, loan);
    pthread_mutex_unlock(&loans_lock);
}

static void give_back(void *what)
{
    struct file_loan *given = what;
    pthread_mutex_lock(&loans_lock);
    struct file_loan *first = atomic_load(&loans), *before = first;
    while (before != given && before->next != given)
        before = before->next;
    if (first == given)
        atomic_store(&loans, given->next);
    else
        before->next = given->next;
    if (!atomic_load(&loans))
        sigaction(SIGBUS, &usual_action, NULL);
    pthread_mutex_unlock(&loans_lock);
    munmap(given->at, given->size);
    close(given->file);
}

static const struct err *unreadable(struct ctx *ctx, const char *name)
{
    return err_new(ctx, ERR_INPUT, "file.unreadable", name, strerror(errno));
}

/* FILE, which has content, is kept until ctx's arena goes. */
static const struct err *map_open(struct ctx *ctx, const char *name, int *file, const struct stat *seen, struct file_map *ret)
{
    size_t size = (size_t)seen->st_size;
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, *file, 0);
    if (at == MAP_FAILED)
        return unreadable(ctx, name);
    struct file_loan *loan = arena_new_of(ctx->arena, struct file_loan);
    loan->at = at;
    loan->size = size;
    loan->file = *file;
    loan->seen = *seen;
    *file = -1;
    lend(loan);
    arena_at_end(ctx->arena, give_back, loan);
    madvise(at, size, MADV_SEQUENTIAL);
    ret->name = name;
    ret->bytes = ret->held = (struct text){ at, size };
    ret->loan = loan;
    return NULL;
}

const struct err *file_map(struct ctx *ctx, const char *name, struct file_map *ret)
{
    struct stat stat;
    *ret = (struct file_map){ 0 };
    scoped(file_close) int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &stat) != 0)
        return unreadable(ctx, name);
    if (!S_ISREG(stat.st_mode) || stat.st_size == 0)
        return file_read_open(ctx, name, file, most_read, &ret->bytes);
    return map_open(ctx, name, &file, &stat, ret);
}

static const struct err *write_all(struct ctx *ctx, int file, const char *at, size_t size)
{
    while (size) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return err_broken(ctx, "writing a temporary file: %s", strerror(errno));
        at += written;
        size -= (size_t)written;
    }
    return NULL;
}

static const struct err *fill(struct ctx *ctx, int file, int64_t (*more)(void *self, char *out, size_t room), void *self)
{
    enum { PIECE = 256 << 10 };
    char *piece = arena_alloc_raw(ctx->arena, PIECE);
    int64_t size;
    while ((size = more(self, piece, PIECE)) > 0)
        TRY(write_all(ctx, file, piece, (size_t)size));
    return size < 0 ? err_broken(ctx, "what a temporary file is made of can't be read on") : NULL;
}

const struct err *file_map_made(struct ctx *ctx, int64_t (*more)(void *self, char *out, size_t room), void *self,
                                struct file_map *ret)
{
    struct stat stat;
    const char *folder = getenv("TMPDIR");
    char *name = arena_printf(ctx->arena, "%s/gongzhi-XXXXXX", folder && *folder ? folder : "/var/tmp");
    *ret = (struct file_map){ 0 };
    scoped(file_close) int file = mkstemp(name);
    if (file < 0)
        return unreadable(ctx, name);
    unlink(name);
    TRY(fill(ctx, file, more, self));
    if (fstat(file, &stat) != 0)
        return unreadable(ctx, name);
    return stat.st_size ? map_open(ctx, name, &file, &stat, ret) : NULL;
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

const struct err *file_stood_still(struct ctx *ctx, const struct file_map *map)
{
    const struct file_loan *loan = map->loan;
    struct stat now;
    if (!loan)
        return NULL;
    if (fstat(loan->file, &now) != 0)
        return unreadable(ctx, map->name);
    bool is_same = now.st_size == loan->seen.st_size && now.st_mtim.tv_sec == loan->seen.st_mtim.tv_sec &&
                   now.st_mtim.tv_nsec == loan->seen.st_mtim.tv_nsec;
    return is_same && !loan->was_cut ? NULL : err_new(ctx, ERR_INPUT, "file.changed", map->name);
}
