/* store/sqlite_inside.h -- what sqlite.c takes from its neighbours.
 * Owns:          the name of the file system that gathers writes of the log
 * Must not know: connections, statements
 * Begin at:      sqlite_gather_vfs()
 */
#ifndef STORE_SQLITE_INSIDE_H
#define STORE_SQLITE_INSIDE_H

/* For sqlite3_open_v2() of a connection that writes with synchronous = full: fewer and larger writes of its log. */
const char *sqlite_gather_vfs(void);
#endif
