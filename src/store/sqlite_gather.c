/* store/sqlite_gather.c -- fewer and larger writes of SQLite's write-ahead log.
 *
 * SQLite writes each frame of a commit by two calls, 24 bytes and a page. A commit of thirty filings is some two
 * hundred frames; the calls cost more than what they copy. So the log's file, on the connection that writes, keeps what
 * is appended in memory and hands it on in pieces of up to GATHER_MOST bytes:
 *
 *     write, write, write …  ──►  one pwrite   when the room is full, before any sync, read, truncation or question of
 * size
 *
 * Why this changes nothing: a commit is synced (synchronous = full) before SQLite shows its frames to anybody, and the
 * sync hands everything on first. What was written without a commit (pages spilled from a cache that was too small) is
 * needed by this connection alone. When the write lock is given up and something is still here, it was rolled back: it
 * is forgotten, for another process may write at the same place next.
 *
 * The real file's functions are called with the very same file object; only the table of functions is another.
 */
#include "store/sqlite_inside.h"

#include "base/err.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { GATHER_MOST = 128 * 1024, WRITE_LOCK = 0 /* in the shared memory of a log, fixed by SQLite's file format */ };

/* Stands behind a file's table of functions: of the database, or of its log. */
struct gather {
    sqlite3_io_methods methods; /* first: file->pMethods points here */
    const sqlite3_io_methods *real;
    struct gather *log; /* of the database: its log, while it is open */
    struct gather *of;  /* of the log: its database */
    char *bytes;        /* of the log: not yet handed on */
    sqlite3_int64 begin;
    int size;
};

static struct gather *gather_of(sqlite3_file *file)
{
    return (struct gather *)(uintptr_t)file->pMethods;
}

static int hand_on(sqlite3_file *file)
{
    struct gather *gather = gather_of(file);
    int size = gather->size;
    gather->size = 0; /* after a failure the transaction is undone: nothing of it is tried again */
    return size ? gather->real->xWrite(file, gather->bytes, size, gather->begin) : SQLITE_OK;
}

static int log_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    struct gather *gather = gather_of(file);
    bool fits = gather->size && at == gather->begin + gather->size && gather->size + size <= GATHER_MOST;
    if (!fits) {
        int code = hand_on(file);
        if (code != SQLITE_OK)
            return code;
        if (size > GATHER_MOST)
            return gather->real->xWrite(file, bytes, size, at);
        gather->begin = at;
    }
    memcpy(gather->bytes + gather->size, bytes, (size_t)size);
    gather->size += size;
    return SQLITE_OK;
}

static int log_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    int code = hand_on(file);
    return code == SQLITE_OK ? gather_of(file)->real->xRead(file, to, size, at) : code;
}

static int log_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = hand_on(file);
    return code == SQLITE_OK ? gather_of(file)->real->xTruncate(file, size) : code;
}

static int log_sync(sqlite3_file *file, int flags)
{
    int code = hand_on(file);
    return code == SQLITE_OK ? gather_of(file)->real->xSync(file, flags) : code;
}

static int log_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    int code = hand_on(file);
    return code == SQLITE_OK ? gather_of(file)->real->xFileSize(file, ret) : code;
}

static int database_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    struct gather *gather = gather_of(file);
    if (gather->log && offset == WRITE_LOCK && (flags & SQLITE_SHM_UNLOCK))
        gather->log->size = 0;
    return gather->real->xShmLock(file, offset, count, flags);
}

static int gather_close(sqlite3_file *file)
{
    struct gather *gather = gather_of(file);
    if (gather->of)
        gather->of->log = NULL;
    if (gather->log)
        gather->log->of = NULL;
    file->pMethods = gather->real;
    free(gather->bytes);
    free(gather);
    return file->pMethods->xClose(file);
}

static struct gather *gather_begin(sqlite3_file *file)
{
    struct gather *gather = calloc(1, sizeof *gather);
    if (!gather)
        BUG("out of memory");
    gather->real = file->pMethods;
    gather->methods = *file->pMethods;
    gather->methods.xClose = gather_close;
    file->pMethods = &gather->methods;
    return gather;
}

static void gather_log(sqlite3_file *file, struct gather *of)
{
    struct gather *gather = gather_begin(file);
    gather->bytes = malloc(GATHER_MOST);
    if (!gather->bytes)
        BUG("out of memory");
    gather->methods.xWrite = log_write;
    gather->methods.xRead = log_read;
    gather->methods.xTruncate = log_truncate;
    gather->methods.xSync = log_sync;
    gather->methods.xFileSize = log_size;
    gather->of = of;
    of->log = gather;
}

static int gather_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    sqlite3_vfs *real = vfs->pAppData;
    int code = real->xOpen(real, name, file, flags, ret_flags);
    if (code != SQLITE_OK || !file->pMethods)
        return code;
    if (flags & SQLITE_OPEN_MAIN_DB) {
        gather_begin(file)->methods.xShmLock = database_shm_lock;
    } else if (flags & SQLITE_OPEN_WAL) {
        sqlite3_file *database = sqlite3_database_file_object(name);
        if (database && database->pMethods && database->pMethods->xShmLock == database_shm_lock)
            gather_log(file, gather_of(database));
    }
    return SQLITE_OK;
}

const char *sqlite_gather_vfs(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static sqlite3_vfs vfs;
    pthread_mutex_lock(&lock);
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (vfs.pAppData != real) { /* the first time, or a test has put another below */
        if (vfs.pAppData)
            sqlite3_vfs_unregister(&vfs);
        vfs = *real;
        vfs.pNext = NULL;
        vfs.zName = "gongzhi-gather";
        vfs.pAppData = real;
        vfs.xOpen = gather_open;
        sqlite3_vfs_register(&vfs, 0);
    }
    pthread_mutex_unlock(&lock);
    return vfs.zName;
}
