/* record/glance.h -- what a list shows of a matter beyond its row: the first words of what was said, and whether it came back.
 * Owns:          the cut; asking for a page of matters at once
 * Must not know: which list it is; who may read it (matter_list() only gives rows whose matter_sight() is WHOLE)
 * Begin at:      matter_glance()
 */
#ifndef RECORD_GLANCE_H
#define RECORD_GLANCE_H
#include "record/matter_list.h"

enum { GLANCE_CHARACTERS = 20 };

/* A matter that came back shows a mark: the latest of these moves, while the matter is in STATE. */
struct matter_mark {
    const char *move;
    const char *state; /* key; NULL: as long as it is open */
    const char *label; /* text key */
};
enum { MATTER_MARKS = 2 };

struct glance {
    struct text said;              /* at most GLANCE_CHARACTERS of the field, in one line; empty when erased or not filed */
    bool is_cut;                   /* more was said */
    const struct matter_mark *mark; /* or NULL */
    struct text ground;            /* key of the choice that was answered with it, or empty */
};

/* One glance for each of ROWS, in their order. FIELD: key of the text; MARKS: MATTER_MARKS of them, or NULL. */
fallible matter_glance(struct ctx *ctx, const struct matter_row *rows, int count, const char *field,
                       const struct matter_mark *marks, struct glance *ret);

/* The mark of a matter that was loaded whole, and the event that made it; NULL when it has none. */
const struct matter_mark *matter_mark_of(const struct matter *matter, const struct matter_mark *marks,
                                         const struct matter_event **ret_event);
#endif
