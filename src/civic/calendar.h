/* civic/calendar.h -- which days are worked, and when a period ends.
 * Owns:          the State Council's calendar, the counting rules, paused spans
 * Must not know: what is being counted, where the rows are kept
 * Basis:         民法典 200–204 (the first day is out, a last day that is a rest day moves, the end is 24:00);
 *                the yearly notices of the State Council on holidays and swapped days
 * Begin at:      calendar_read(), calendar_due()
 *
 * A year without a list follows the weekdays, and everything computed from it says is_provisional: it is never guessed
 * silently, and is computed again when the list arrives. A list may reach into the days round New Year of the years
 * beside its own (that of 2023 begins on 2022-12-31) and does not make those known: a year is known when a row of it
 * stands between February and November.
 * A calendar never changes once made; make a new one when a year is imported.
 */
#ifndef CIVIC_CALENDAR_H
#define CIVIC_CALENDAR_H
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct calendar;

struct calendar_row {
    int32_t day;
    bool is_worked;   /* a Saturday or Sunday on which people work; otherwise a day off */
    struct text name; /* of the holiday */
};

/* "date,type,name" with a header line; type is off or work. ERR_INPUT "calendar.refused" with file, line, reason.
 * The rows, for whoever stores them: sorted by day. */
fallible calendar_read_rows(struct ctx *ctx, const char *name, struct text csv, struct calendar_row **ret,
                            int *ret_count);
/* From rows in any order; of two for one day the later stands. Lives in ctx's arena. */
struct calendar *calendar_new(struct ctx *ctx, const struct calendar_row *rows, int count);
/* Both at once. */
fallible calendar_read(struct ctx *ctx, const char *name, struct text csv, struct calendar **ret);

/* CALENDAR may be NULL everywhere below: no year is known then. */
bool calendar_knows(const struct calendar *calendar, int year);
/* Sets *IS_PROVISIONAL to true when the day's year has no list, and leaves it alone otherwise; it may be NULL. */
bool calendar_is_workday(const struct calendar *calendar, int32_t day, bool *is_provisional);
/* The name of the holiday or swap that a list gives to the day, or an empty text. */
struct text calendar_name(const struct calendar *calendar, int32_t day);
/* DAY itself when it is worked, else the next (step 1) or the last before it (step -1) that is. */
int32_t calendar_workday_from(const struct calendar *calendar, int32_t day, int step, bool *is_provisional);
/* COUNT working days after DAY (before it when negative); DAY itself is never counted. */
int32_t calendar_add_workdays(const struct calendar *calendar, int32_t day, int count, bool *is_provisional);
/* Working days d with FROM < d <= TO; negative the other way round. */
int calendar_workdays_between(const struct calendar *calendar, int32_t from, int32_t to, bool *is_provisional);

/* What a number of a rule counts. */
enum unit {
    UNIT_MINUTE,
    UNIT_HOUR,
    UNIT_DAY,
    UNIT_WORKDAY,
    UNIT_MONTH,
    UNIT_QUARTER,
    UNIT_YEAR,
    UNIT_PERSON,
    UNIT_HOUSEHOLD,
    UNIT_SHARE,
    UNIT_PERCENT,
    UNIT_TIME,
    UNIT_GRADE,
    UNIT_LEVEL,
    UNIT_YUAN,
    UNIT_COUNT
};

/* How it is counted. The first five are periods; the rest are thresholds, which no clock can count. */
enum count {
    COUNT_HOURS,    /* H: from the minute, day and night */
    COUNT_NATURAL,  /* ND: the first day is out; rest days count, but the end moves off them to the next working day */
    COUNT_WORKDAYS, /* WD: the first day is out; only working days count */
    COUNT_FULL,     /* FULL: so many whole days between two events; the second may come on the day after the last */
    COUNT_DISPLAY,  /* DISPLAY: so many whole days on the board; it may come down after the last */
    COUNT_AT_LEAST, /* GE */
    COUNT_AT_MOST,  /* LE */
    COUNT_OVER,     /* GT */
    COUNT_NONE,     /* - */
    COUNT_COUNT
};

struct period {
    int64_t value;
    enum unit unit;
    enum count count;
};

/* Whether calendar_due() can count it: H in minutes or hours; ND, FULL and DISPLAY in days, working days (FULL and
 * DISPLAY only), months, quarters or years; WD in days or working days; the value between 0 and period_most(). */
bool period_is_sound(struct period period);
/* The largest value that can be counted in UNIT. */
int64_t period_most(enum unit unit);

/* A time in which a clock stood still: from <= t < to. */
struct span {
    int64_t from, to;
};

struct due {
    int64_t at;      /* the last moment: of day rules the last microsecond of `day` in Shanghai */
    int32_t day;     /* the last day */
    int32_t unmoved; /* the last day before it was moved off rest days: an office is warned before this one */
    bool is_provisional;
};

/* When PERIOD ends that began at START and stood still during SPANS (sorted, not overlapping, all of them over).
 * Hours and minutes: the time stood still is added. Day rules: a day counts when the clock was running at its end
 * (24:00), so a pause within one day gains nothing, and one from Tuesday noon to Thursday noon gains two days; a last
 * day that the clock did not see the end of is moved on likewise. Of COUNT_FULL and COUNT_DISPLAY `at` ends the last of
 * the whole days, nothing is moved, and what must wait may happen at any later moment. PERIOD must be sound. */
struct due calendar_due(const struct calendar *calendar, struct period period, int64_t start, const struct span *spans,
                        int span_count);

/* When to warn so much BEFORE the due moment: hours before `at`; otherwise 00:00 of the (working) day that lies so many
 * before the unmoved last day. Never before START. */
int64_t calendar_warn(const struct calendar *calendar, struct due due, struct period before, int64_t start);

/* Spans as one column of a row: "from-to,from-to" in microseconds, "" for none. */
const char *spans_print(struct arena *arena, const struct span *spans, int count);
/* False unless TEXT is such a line, sorted and not overlapping. */
bool spans_parse(struct arena *arena, struct text text, struct span **ret, int *ret_count);

/* The words of the data files: "workday", "WD" … -1 when unknown. */
int unit_find(struct text key);
int count_find(struct text key);
const char *unit_key(enum unit unit);
const char *count_key(enum count count);
#endif
