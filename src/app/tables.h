/* app/tables.h -- tables that the build makes from files: views, assets, data; and the rooms' migrations.
 * Owns:          nothing; names what tools/embed.py and tools/sql.py make
 * Must not know: what is in them
 * Begin at:      meson.build of this room
 */
#ifndef APP_TABLES_H
#define APP_TABLES_H
#include "http/http.h"
#include "store/db.h"

extern const struct embedded view_files[];  /* src/commons/views, src/systems/…/views; ended by a NULL name */
extern const struct embedded asset_files[]; /* web/ */
extern const struct embedded data_files[];  /* "requests/flow.yaml", "calendar.csv" … */

/* The bytes of one of data_files; BUG when the binary lacks it. */
struct text data_file(const char *name);
#endif
