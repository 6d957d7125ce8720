/* store/files.h -- files by their content: a folder of immutable blobs named by SHA-256.
 * Owns:          the folder's layout (ab/cdef…), writing safely (temporary name, sync, rename)
 * Must not know: what a file shows or who may see it (record)
 * Begin at:      files_open(), files_keep(), files_read()
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

struct files;

fallible files_open(struct ctx *ctx, const char *folder, struct files **ret); /* makes the folder, 0700 */
void files_close(struct files *files);

/* Durable when it returns, so it syncs: call it from the slow lane. The same bytes twice are kept once. *RET_NAME is the
 * hash in hex, in ctx's arena. ERR_BROKEN "store.disk_full" when there is no room. */
fallible files_keep(struct ctx *ctx, struct files *files, struct text bytes, const char **ret_name);
/* The whole content, checked against its name (ERR_BROKEN when damaged, ERR_MISSING when not there). */
fallible files_read(struct ctx *ctx, struct files *files, const char *name, struct text *ret);
/* Calls EACH for every file, for backup and for finding orphans. */
fallible files_each(struct ctx *ctx, struct files *files,
                    const struct err *(*each)(void *self, struct ctx *ctx, const char *name), void *self);
#endif
