/* record/clocks.h -- the clocks of all matters: which are due, firing them once, counting again when a calendar comes.
 * Owns:          tables matter_clock, calendar_day
 * Must not know: how due moments are computed (civic/calendar.h, civic/flow.h); who calls it how often (app)
 * Begin at:      clocks_due(), clock_fire_check()
 *
 * Any process may fire a due clock: the plan's condition is that the matter still has the version the check saw and
 * that the clock has not fired, so of two that race one is told "matter.changed" and finds nothing left to do.
 */
#ifndef RECORD_CLOCKS_H
#define RECORD_CLOCKS_H
#include "civic/calendar.h"
#include "record/matter.h"

struct plan;
struct law;

struct clock_due {
    const char *realm;
    int64_t matter;
    int64_t at; /* when it should have happened */
};

/* Matters of which a clock should have warned or fired by NOW, the earliest first, each once, at most LIMIT. */
fallible clocks_due(struct ctx *ctx, int64_t now, int limit, struct clock_due **ret, int *ret_count);

/* A plan for the first thing that is due of this matter (a warning: messages; a due clock: its `then` move by the
 * system, with the due time in the event, and messages), or NULL when nothing is due any more. Ask again after it is
 * done. */
fallible clock_fire_check(struct ctx *ctx, const struct clock_due *due, int64_t now, struct plan **ret);

/* Fires everything that is due by NOW through the writer, round by round, and tells how much was done. For the
 * scheduler; each matter is checked in a snapshot of its own. Conflicts are not failures. A matter that fails holds up no
 * other: the last failure is returned once all else is done. */
struct writer;
fallible clocks_fire_all(struct ctx *ctx, struct writer *writer, int64_t now, int *ret_done);

/* After a calendar import: plans for the matters whose running clocks move, at most LIMIT, beginning after (REALM,
 * MATTER) (NULL and 0 at first). *RET_COUNT 0 when there are no more. A matter that can't be read holds up no other. */
struct clocks_recomputed {
    const char *realm;
    int64_t matter;
    struct plan *plan;        /* NULL: nothing moved */
    const struct err *failed; /* why it can't be read; its clocks stay as they are */
};
fallible clocks_recompute(struct ctx *ctx, const char *after_realm, int64_t after_matter, int limit,
                          struct clocks_recomputed **ret, int *ret_count);

/* --- the calendar, as it is kept --- */

/* All days that are kept, as civic wants them; lives in ctx's arena, so use the process's own ctx for what goes into
 * records->law. An empty table gives a calendar that knows no year. */
fallible calendar_load(struct ctx *ctx, struct calendar **ret);
/* A plan that brings in the rows of a list (calendar_read_rows()): every year that the list has is replaced. */
fallible calendar_import_check(struct ctx *ctx, const char *realm, const struct calendar_row *rows, int count,
                               struct plan **ret);
#endif
