/* tests/lib/full_disk.h -- a file system for SQLite that runs out of room when a test says so.
 * Wraps the system's own: everything is passed through but writes that would make a file longer. */
#ifndef TESTS_FULL_DISK_H
#define TESTS_FULL_DISK_H
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct full_file {
    sqlite3_file file;
    sqlite3_io_methods methods; /* the real ones, with our write */
    int64_t size;
    sqlite3_file *real; /* behind this struct */
};

static _Atomic int64_t full_disk_room = INT64_MAX;
static atomic_bool full_disk_was_full;

static inline sqlite3_file *full_real(sqlite3_file *file)
{
    return ((struct full_file *)file)->real;
}

static inline int full_write(sqlite3_file *file, const void *bytes, int size, sqlite3_int64 at)
{
    struct full_file *self = (struct full_file *)file;
    if (at + size > self->size) {
        int64_t growth = at + size - self->size;
        if (growth > full_disk_room) {
            full_disk_was_full = true;
            return SQLITE_FULL;
        }
        full_disk_room -= growth;
        self->size = at + size;
    }
    return self->real->pMethods->xWrite(self->real, bytes, size, at);
}

static inline int full_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    ((struct full_file *)file)->size = size;
    return full_real(file)->pMethods->xTruncate(full_real(file), size);
}

static inline int full_close(sqlite3_file *f)
{
    return full_real(f)->pMethods->xClose(full_real(f));
}
static inline int full_read(sqlite3_file *f, void *to, int size, sqlite3_int64 at)
{
    return full_real(f)->pMethods->xRead(full_real(f), to, size, at);
}
static inline int full_sync(sqlite3_file *f, int flags)
{
    return full_real(f)->pMethods->xSync(full_real(f), flags);
}
static inline int full_size(sqlite3_file *f, sqlite3_int64 *ret)
{
    return full_real(f)->pMethods->xFileSize(full_real(f), ret);
}
static inline int full_lock(sqlite3_file *f, int level)
{
    return full_real(f)->pMethods->xLock(full_real(f), level);
}
static inline int full_unlock(sqlite3_file *f, int level)
{
    return full_real(f)->pMethods->xUnlock(full_real(f), level);
}
static inline int full_check_lock(sqlite3_file *f, int *ret)
{
    return full_real(f)->pMethods->xCheckReservedLock(full_real(f), ret);
}
static inline int full_control(sqlite3_file *f, int what, void *argument)
{
    return full_real(f)->pMethods->xFileControl(full_real(f), what, argument);
}
static inline int full_sector(sqlite3_file *f)
{
    return full_real(f)->pMethods->xSectorSize(full_real(f));
}
static inline int full_traits(sqlite3_file *f)
{
    return full_real(f)->pMethods->xDeviceCharacteristics(full_real(f));
}
static inline int full_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **ret)
{
    return full_real(f)->pMethods->xShmMap(full_real(f), page, size, extend, ret);
}
static inline int full_shm_lock(sqlite3_file *f, int offset, int count, int flags)
{
    return full_real(f)->pMethods->xShmLock(full_real(f), offset, count, flags);
}
static inline void full_shm_barrier(sqlite3_file *f)
{
    full_real(f)->pMethods->xShmBarrier(full_real(f));
}
static inline int full_shm_unmap(sqlite3_file *f, int remove)
{
    return full_real(f)->pMethods->xShmUnmap(full_real(f), remove);
}

static inline int full_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    static const sqlite3_io_methods methods = { .iVersion = 2,
                                                .xClose = full_close,
                                                .xRead = full_read,
                                                .xWrite = full_write,
                                                .xTruncate = full_truncate,
                                                .xSync = full_sync,
                                                .xFileSize = full_size,
                                                .xLock = full_lock,
                                                .xUnlock = full_unlock,
                                                .xCheckReservedLock = full_check_lock,
                                                .xFileControl = full_control,
                                                .xSectorSize = full_sector,
                                                .xDeviceCharacteristics = full_traits,
                                                .xShmMap = full_shm_map,
                                                .xShmLock = full_shm_lock,
                                                .xShmBarrier = full_shm_barrier,
                                                .xShmUnmap = full_shm_unmap };
    struct full_file *self = (struct full_file *)file;
    sqlite3_vfs *real = vfs->pAppData;
    memset(self, 0, sizeof *self);
    self->real = (sqlite3_file *)(self + 1);
    memset(self->real, 0, sizeof *self->real);
    int code = real->xOpen(real, name, self->real, flags, ret_flags);
    if (code != SQLITE_OK)
        return code;
    self->methods = methods;
    self->file.pMethods = &self->methods;
    sqlite3_int64 size = 0;
    self->real->pMethods->xFileSize(self->real, &size);
    self->size = size;
    return SQLITE_OK;
}

/* From now on every database of this process is opened on it. */
static inline void full_disk_install(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (real == &vfs)
        return;
    vfs = *real;
    vfs.pNext = NULL;
    vfs.zName = "full-disk";
    vfs.pAppData = real;
    vfs.szOsFile = (int)sizeof(struct full_file) + real->szOsFile;
    vfs.xOpen = full_open;
    sqlite3_vfs_register(&vfs, 1);
}

static inline void full_disk_leave(int64_t room)
{
    full_disk_was_full = false;
    full_disk_room = room;
}

/* There is room again. Whether there was once not enough. */
static inline bool full_disk_end(void)
{
    full_disk_room = INT64_MAX;
    return full_disk_was_full;
}
#endif
