/* record/import_inside.h -- what import.c (the file, the batches), import_rows.c (cells), import_places.c and
 * import_people.c (what must hold of each kind of row) share.
 * Owns:          struct import and its row at hand; the numbers of columns
 * Must not know: files and commands; pages
 * Begin at:      import_run() in import.c, then import_check_person() for a whole row
 *
 * A check reads the row's cells, blames whatever is wrong (all of it, not only the first), compares with what the
 * database has, and adds the steps that make it so. An empty cell keeps what is known. */
#ifndef RECORD_IMPORT_INSIDE_H
#define RECORD_IMPORT_INSIDE_H
#include "base/arena.h"
#include "base/day.h"
#include "record/import.h"
#include "record/place.h"
#include "store/plan.h"

#include <stdint.h>

enum { IMPORT_BATCH = 200, IMPORT_MOST_COLUMNS = 12 };
enum { KEY_MOST = 64, WORDS_MOST = 200, OFFICE_PHONE_MOST = 20, RELATION_MOST = 20 };

enum fate {
    FATE_BAD,
    FATE_NEW,
    FATE_UNCHANGED,
    FATE_CHANGED,
    FATE_LATER, /* its parent may still come in this file */
};

struct import_column {
    const char *key;
    const char *zh[3]; /* the first is the one shown */
    bool is_required;  /* the column, not every cell */
};

/* A set of strings with a thing for each; in the import's arena. */
struct seen {
    struct seen_entry *entries;
    size_t room, count;
};

struct import_row {
    int line;
    struct text *cells; /* as the file has them */
    int count;
    const char *reason; /* of a bad row */
    bool is_done;
};

struct import_batch_plan {
    const char *realm;
    struct plan *plan;
};

struct import {
    struct ctx *ctx;   /* lasts as long as the import */
    struct ctx *batch; /* lasts as long as a batch; has the snapshot */
    const struct import_job *job;
    const struct import_column *columns;
    int at[IMPORT_MOST_COLUMNS]; /* where the file has each column; -1: not at all */
    struct seen seen;            /* what this file has already said */
    struct seen places;          /* code -> struct place *, of the database and of this file */
    struct import_batch_plan *plans;
    int plan_count;
    int rows_in_batch;
    struct import_row *row;
    struct buffer reasons;
    bool is_last_round;
};

/* The cell of a column, its index being that of the kind's table; empty when the file has no such column. */
struct text import_cell(const struct import *import, int column);
const char *import_column_name(const struct import *import, int column);
/* Adds one reason why the row is bad: a text key and its arguments. */
void import_blame(struct import *import, const char *said, ...) __attribute__((sentinel));
void import_blame_err(struct import *import, const struct err *err);
bool import_is_blamed(const struct import *import);
/* Adds a step for this realm to the batch; when dry it is forgotten. */
void import_step(struct import *import, const char *realm, const struct statement *statement, int rows,
                 const struct value *values, int count);

/* NULL when KEY was not there; otherwise what was put with it. */
void *seen_find(const struct seen *seen, const char *key);
void seen_put(struct ctx *ctx, struct seen *seen, const char *key, void *thing);

extern const struct import_column *const import_columns[IMPORT_KIND_COUNT]; /* each ended by key NULL */
typedef const struct err *import_check(struct import *import, enum fate *ret);
extern import_check *const import_checks[IMPORT_KIND_COUNT];
/* --- the columns of each kind, in the order of their tables --- */

enum { P_CODE, P_NAME, P_KIND, P_PARENT, P_LONGITUDE, P_LATITUDE, P_FROM, P_TO, P_DESK_ADDRESS, P_DESK_HOURS, P_DESK_PHONE };
enum { O_CODE, O_NAME, O_KIND, O_PLACE, O_CREDIT };
enum { H_KEY, H_PLACE, H_ADDRESS, H_HEAD };
enum { N_KEY, N_NAME, N_SEX, N_BIRTH, N_IDENTITY, N_PHONE, N_HOUSEHOLD, N_RELATION, N_PLACE };
enum { R_PERSON, R_ROLE, R_PLACE, R_ORGANISATION, R_FROM, R_TO, R_PHONE };

/* --- import_rows.c: cells, and what they name --- */

const char *import_string(struct import *import, struct text text);
/* A cell that must say something, of at most MOST characters. */
struct text import_cell_needed(struct import *import, int column, size_t most);
/* DAY_NONE for an empty cell and after blame. */
int32_t import_cell_day(struct import *import, int column);
/* A cell that may be empty, of at most MOST characters. */
struct text import_cell_short(struct import *import, int column, size_t most);
/* The telephone of an office: digits with hyphens and blanks, also a landline's; empty when there is none. */
struct text import_cell_office_phone(struct import *import, int column);
/* Each key may stand in a file once. */
void import_blame_repeated(struct import *import, const char *what, const char *key);
void import_blame_unless_allowed(struct import *import, const char *realm, const char *path);
/* NULL when there is none. Remembered for the whole import. */
fallible import_place(struct import *import, struct text code, struct place **ret);
/* The place that a cell names; blames when it is empty, unknown or past. NULL then. */
fallible import_cell_place(struct import *import, int column, struct place **ret);

struct known_household {
    const char *realm, *place, *address, *head;
    int64_t id;
};

/* Id 0 when there is none. */
fallible import_household(struct import *import, struct text key, struct known_household *ret);

static inline struct value value_day(int32_t day)
{
    return day == DAY_NONE ? value_null() : value_int(day);
}

static inline struct value value_id(int64_t id)
{
    return id ? value_int(id) : value_null();
}

static inline bool same(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* The cell if it says something, otherwise what is known (NULL when nothing is). */
static inline const char *import_keep(struct import *import, struct text cell, const char *known)
{
    return cell.size ? import_string(import, cell) : known;
}

static inline int32_t import_keep_day(int32_t day, int32_t known)
{
    return day == DAY_NONE ? known : day;
}

/* --- the checks --- */

fallible import_check_place(struct import *import, enum fate *ret);
fallible import_check_organisation(struct import *import, enum fate *ret);
fallible import_check_household(struct import *import, enum fate *ret);
fallible import_check_person(struct import *import, enum fate *ret);
fallible import_check_role(struct import *import, enum fate *ret);
#endif
