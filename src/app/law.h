/* app/law.h -- the law as it holds now: rules of the systems, what places have set instead, the calendar.
 * Owns:          loading it, importing calendars and overrides, noticing that another process did
 * Must not know: what the rules are about
 * Begin at:      law_load()
 */
#ifndef APP_LAW_H
#define APP_LAW_H
#include "app/house.h"

/* At opening: rules, overrides, calendar, and the flows that are read with them. */
fallible law_load(struct house *house);
/* Loads again if an import of this or another process has changed it since, and counts again what was counted by the old one. For
 * the scheduler. */
fallible law_refresh(struct house *house, struct ctx *ctx);

/* Brings a list of holidays in (date,type,name) and counts the clocks again that it moves. */
fallible law_import_calendar(struct house *house, struct ctx *ctx, const char *name, struct text csv, int *ret_rows,
                             int *ret_moved);
/* Brings in what places have set instead of the defaults (YAML, civic/rules.h); a value beyond a floor of the law is refused
 * with everything else of the file. Running clocks keep the numbers they started with. */
fallible law_import_rules(struct house *house, struct ctx *ctx, const char *name, struct text yaml, int *ret_count);
/* Checks only. */
fallible law_check_rules(struct house *house, struct ctx *ctx, const char *name, struct text yaml, int *ret_count);
#endif
