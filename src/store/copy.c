/* store/copy.c -- an online copy of a SQLite database, in steps, from one snapshot while others read and write.
 *
 * The source holds a read view for as long as the copy takes, so that writing does not make it begin again; the copy
 * gets its name only when it is whole and on disk.
 */
#include "store/store_inside.h"

#include "base/arena.h"
#include "store/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PAGES_PER_STEP = 256 };

static const struct statement first_read = { .name = "copy_first_read", .sql = "select count(*) from sqlite_master" };

static void close_handle(sqlite3 **handle)
{
    sqlite3_close(*handle);
}

static const struct err *failed(struct ctx *ctx, int code)
{
    if ((code & 0xff) == SQLITE_FULL)
        return err_new(ctx, ERR_BROKEN, "store.disk_full");
    return err_new(ctx, ERR_BROKEN, "store.copy_failed", sqlite3_errstr(code));
}

static const struct err *copy_pages(struct ctx *ctx, sqlite3 *from, const char *path,
                                    void (*progress)(void *self, int64_t done, int64_t all), void *self)
{
    scoped(close_handle) sqlite3 *to = NULL;
    int code = sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return failed(ctx, code);
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (!backup)
        return failed(ctx, sqlite3_errcode(to));
    do {
        code = fault_here() == FAULT_NONE ? sqlite3_backup_step(backup, PAGES_PER_STEP) : SQLITE_IOERR;
        int64_t all = sqlite3_backup_pagecount(backup);
        if (progress && (code == SQLITE_OK || code == SQLITE_DONE))
            progress(self, all - sqlite3_backup_remaining(backup), all);
    } while (code == SQLITE_OK);
    sqlite3_backup_finish(backup);
    return code == SQLITE_DONE ? NULL : failed(ctx, code);
}

/* The folder's entry for PATH on disk. */
static const struct err *sync_folder_of(struct ctx *ctx, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = !slash ? "." : slash == path ? "/" : arena_copy(ctx->arena, path, (size_t)(slash - path));
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_synced = descriptor >= 0 && fsync(descriptor) == 0;
    int code = errno;
    if (descriptor >= 0)
        close(descriptor);
    return is_synced ? NULL : err_new(ctx, ERR_BROKEN, "store.copy_failed", strerror(code));
}

static const struct err *copy_snapshot(struct ctx *ctx, struct snapshot *snapshot, const char *path,
                                       void (*progress)(void *self, int64_t done, int64_t all), void *self)
{
    struct rows rows;
    TRY(rows_open(ctx, snapshot, &first_read, VALUES_NONE, &rows)); /* fixes the view */
    rows_next(&rows);
    TRY(rows_close(&rows));
    const char *unfinished = arena_printf(ctx->arena, "%s.unfinished", path);
    int made = open(unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600); /* SQLite makes it readable to all */
    if (made < 0)
        return err_new(ctx, ERR_BROKEN, "store.copy_failed", strerror(errno));
    close(made);
    const struct err *err = copy_pages(ctx, sqlite_handle(snapshot->connection), unfinished, progress, self);
    /* A link rather than a renaming: it never replaces a file that somebody put there meanwhile. */
    if (!err && link(unfinished, path) < 0)
        err = errno == EEXIST ? err_new(ctx, ERR_INPUT, "store.copy_exists", path)
                              : err_new(ctx, ERR_BROKEN, "store.copy_failed", strerror(errno));
    unlink(unfinished);
    return err ? err : sync_folder_of(ctx, path);
}

const struct err *db_copy_to(struct ctx *ctx, struct db *db, const char *path,
                             void (*progress)(void *self, int64_t done, int64_t all), void *self)
{
    if (db->kind != DB_SQLITE)
        return err_new(ctx, ERR_INPUT, "store.copy_postgres");
    if (access(path, F_OK) == 0)
        return err_new(ctx, ERR_INPUT, "store.copy_exists", path);
    struct snapshot *snapshot;
    TRY(snapshot_begin(ctx, db, &snapshot));
    const struct err *err = copy_snapshot(ctx, snapshot, path, progress, self);
    snapshot_end(snapshot);
    return err;
}
