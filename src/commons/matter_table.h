/* commons/matter_table.h -- rows of matters, as every list shows them.
 * Owns:          the row of matter_table.mustache; the names in it and the marks, asked for in one statement each
 * Must not know: which list it is
 * Begin at:      table_begin(), table_know(), table_add(); table_put() does all three for one list
 *
 * A list of fifty rows is the page most often asked for: what is the same in many rows (states, places) is made once.
 */
#ifndef COMMONS_MATTER_TABLE_H
#define COMMONS_MATTER_TABLE_H
#include "commons/face.h"
#include "commons/moment.h"
#include "record/matter_list.h"

enum { TABLE_STATES = 16, TABLE_SLOTS = 256, TABLE_PLACES = TABLE_SLOTS / 2, TABLE_HOLDERS = 128 };

struct table_place {
    const char *code;
    const char *name; /* NULL until it is known */
};

struct table_holder { /* to whom a matter is given */
    const char *realm; /* of a person; NULL: an organisation */
    int64_t id;
    const char *name; /* NULL until it is known */
};

struct matter_table {
    struct ctx *ctx;
    struct moments moments;
    const struct flow *flow;           /* whose states are kept */
    struct node states[TABLE_STATES];
    struct table_place places[TABLE_PLACES];
    int place_count;
    uint8_t slots[TABLE_SLOTS]; /* by hash of the code: 1 + the place's number */
    struct table_holder holders[TABLE_HOLDERS];
    int holder_count;
    const struct matter_row *rows;     /* those known last, with what is shown of each */
    struct glance *glances;
};

void table_begin(struct matter_table *table, struct ctx *ctx);
/* Asks for the marks of ROWS and for the names in them that aren't known yet: of places, and of whom they are given to. Of
 * more than TABLE_PLACES places the others show as codes, of more than TABLE_HOLDERS holders as handlers. */
fallible table_know(struct matter_table *table, const struct matter_face *face, const struct matter_row *rows, int count);
/* ROW is one of those known last. */
void table_add(struct matter_table *table, const struct matter_face *face, const struct matter_row *row, struct node *list);

/* {rows, has_rows} into MODEL. */
fallible table_put(struct ctx *ctx, const struct matter_face *face, const struct matter_row *rows, int count,
                   struct node *model);
#endif
