/* base/day.h -- civil days and times of Asia/Shanghai (+08:00, no summer time since 1992).
 * Owns:          day numbers, their text forms
 * Must not know: which days are worked (civic/calendar.h)
 * Begin at:      day_of(), day_parse()
 *
 * A day is an int32_t: days since 1970-01-01 of the proleptic Gregorian calendar. 0 was a Thursday.
 */
#ifndef BASE_DAY_H
#define BASE_DAY_H
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

enum { DAY_NONE = INT32_MIN };

struct date {
    int year, month, day; /* month and day from 1 */
};

int32_t day_of(int64_t micros);    /* the civil day in which a moment falls */
int64_t day_start(int32_t day);    /* the moment of its 00:00 */
int64_t day_end(int32_t day);      /* its last microsecond, "24:00" */
int day_weekday(int32_t day);      /* 0 Monday … 6 Sunday */
struct date day_date(int32_t day);
int32_t day_from(int year, int month, int day); /* DAY_NONE if there is no such day (years 1900–9999) */
int32_t day_add_months(int32_t day, int months); /* the matching day, or the month's last */
bool day_parse(struct text text, int32_t *ret);  /* YYYY-MM-DD */

bool moment_parse(struct text text, int64_t *ret); /* YYYY-MM-DDTHH:MM (or a blank for the T), in Shanghai; up to 23:59 */

const char *day_print(struct arena *arena, int32_t day);         /* 2026-02-13 */
const char *time_print(struct arena *arena, int64_t micros);     /* 2026-02-13 09:30, in Shanghai; a day's last microsecond is 24:00 */
const char *time_print_rfc3339(struct arena *arena, int64_t micros); /* 2026-02-13T09:30:00+08:00 */
const char *time_print_utc(struct arena *arena, int64_t micros); /* 2026-02-13T01:30:00.000000Z */
#endif
