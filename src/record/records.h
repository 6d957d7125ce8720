/* record/records.h -- what the process holds for every request: opened once, read by all threads.
 * Owns:          struct records; the law as loaded (rules, calendar, flows)
 * Must not know: HTTP, pages, which systems there are (app gives their flows and rules)
 * Begin at:      ctx->records, filled by app (src/app/house.c) and by tests (tests/lib/world.h)
 *
 * Everything here lives as long as the process. The calendar and the place overrides can be imported while serving: they
 * are replaced whole under `law`, so take law_now() once per act.
 */
#ifndef RECORD_RECORDS_H
#define RECORD_RECORDS_H
#include "base/ctx.h"
#include "base/err.h"
#include "civic/flow.h"
#include "record/guesses.h"

#include <stdatomic.h>

struct db;
struct files;
struct keys;   /* record/keys.h */
struct ledger; /* record/ledger.h */
struct session_memory; /* record/session_memory.h */
struct shelf;  /* vote/shelf.h */
struct tries;  /* record/tries.h */

/* The realm of what belongs to no place: settings, the calendar, versions of flows, wrong passwords. It has no log. */
#define HOUSE_REALM "000000000000"

/* The law as it stands now: never changed once made, kept until the process ends. */
struct law {
    const struct rules *rules; /* the defaults with the places' overrides */
    const struct calendar *calendar;
};

struct matter_step; /* record/matter_inside.h */
struct plan;

/* A flow as a system brings it: its file's bytes are stored by version, so that old matters keep theirs. */
struct flow_source {
    const char *key;  /* "request" */
    const char *name; /* what messages call the file */
    struct text bytes;
    const struct flow *flow; /* read with the rules of `law` */
    /* What the flow can't say: adds its own steps to the plan of every event of a matter of this flow, and facts to the
     * event; or refuses the move. NULL without. */
    const struct err *(*bind)(struct ctx *ctx, struct plan *plan, struct matter_step *step);
};

struct records {
    struct db *db;
    struct files *files; /* NULL without --files */
    struct keys *keys;
    struct ledger *ledger;
    struct session_memory *sessions; /* NULL asks the database each time */
    struct shelf *elections; /* that are open; NULL reads them each time */
    struct tries *ballot_tries; /* ballots that turn out wrong; NULL doesn't count them */
    const char *host;    /* the log's origin is HOST/log/REALM */
    _Atomic(const char *) address; /* of the site, for slips and codes: https://HOST, no slash at its end */
    _Atomic(const struct law *) law;
    struct guess_limits guess_limits;
    bool is_demo; /* a world to try things in */
    int64_t sessions_kept; /* microseconds after their end */
    const struct flow_source *flows;
    int flow_count;
};

static inline const struct law *law_now(const struct ctx *ctx)
{
    return atomic_load(&ctx->records->law);
}
#endif
