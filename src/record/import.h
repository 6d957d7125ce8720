/* record/import.h -- lists of places, organisations, households, people, roles and what becomes of each row.
 * Owns:          the columns and their names in both languages; checking rows; the plans that bring them in
 * Must not know: where the file came from, whether a command or a page runs it
 * Begin at:      import_run()
 *
 * Each row is new, unchanged, changed or bad. Good rows go in by plans of 200; bad rows come back in the same columns
 * with one more, "reason" (原因), naming everything wrong with the row in ctx's language, so that the file can be
 * mended and run again: it is a file of the same form. An empty cell never erases what is known. Running a file twice
 * changes nothing. Import in the order of the enum: households need places, people need households, roles need people.
 * What never changes: a place's parent and kind, a household's and a person's realm.
 * Formats: docs/import.md.
 */
#ifndef RECORD_IMPORT_H
#define RECORD_IMPORT_H
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

struct keys;
struct writer;

enum import_kind {
    IMPORT_PLACES,
    IMPORT_ORGANISATIONS,
    IMPORT_HOUSEHOLDS,
    IMPORT_PEOPLE,
    IMPORT_ROLES,
    IMPORT_KIND_COUNT
};

const char *import_kind_key(enum import_kind kind);

struct import_counts {
    int rows, added, unchanged, changed, bad;
};

struct import_job {
    enum import_kind kind;
    bool is_dry; /* tells the same and writes nothing */
    struct db *db;
    struct writer *writer;   /* may be NULL when is_dry */
    struct keys *keys;       /* for people */
    const struct person *by; /* each row is asked for: may people.import there; NULL: the command line, which may all */
    void (*progress)(void *self, int rows); /* after each plan; may be NULL */
    void *self;
    struct buffer *bad; /* gets the bad rows with header and reasons; stays empty when there are none */
};

/* Fails when the file can't be read as such a list: csv.h's errors, "import.no_header", "import.column_missing"
 * {column}, "import.column_unknown" {column}, "import.column_twice" {column}. Rows already brought in stay in: run it
 * again. */
fallible import_run(struct ctx *ctx, const struct import_job *job, struct text bytes, struct import_counts *ret);
#endif
