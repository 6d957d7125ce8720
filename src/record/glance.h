/* record/glance.h -- what a list shows of a matter beyond its row: the first words of what was said, and whether it came back.
 * Owns:          the cut; asking for a page of matters at once what came back
 * Must not know: which list it is; who may read it (matter_list() only gives rows whose matter_sight() is WHOLE)
 * Begin at:      matter_glance()
 */
#ifndef RECORD_GLANCE_H
#define RECORD_GLANCE_H
#include "record/matter_list.h"

enum { GLANCE_CHARACTERS = 20 };

/* At most GLANCE_CHARACTERS of a text in an event's stored bytes, in one line, with … when more was said; empty when erased or
 * not filed. NAME: glance_name() of the field; for many rows it is made once. */
struct text glance_words(struct ctx *ctx, struct text bytes, const char *name);
const char *glance_name(struct ctx *ctx, const char *field); /* NULL for NULL */

/* A matter that came back shows a mark: the latest of these moves, while the matter is in STATE. */
struct matter_mark {
    const char *move;
    const char *state; /* key; NULL: as long as it is open */
    const char *label; /* text key */
};
enum { MATTER_MARKS = 2 };

struct glance {
    const struct matter_mark *mark; /* or NULL */
    struct text ground;             /* key of the choice that was answered with it, or empty */
};

/* One glance for each of ROWS, in their order; one question, only about those that may have come back. MARKS: MATTER_MARKS of
 * them, or NULL. */
fallible matter_glance(struct ctx *ctx, const struct matter_row *rows, int count, const struct matter_mark *marks,
                       struct glance *ret);

/* The mark of a matter that was loaded whole, and the event that made it; NULL when it has none. */
const struct matter_mark *matter_mark_of(const struct matter *matter, const struct matter_mark *marks,
                                         const struct matter_event **ret_event);
#endif
