/* civic/calendar.c -- a bitmap of days per known year, and counting over it. */
#include "civic/calendar.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/ctx.h"
#include "base/day.h"

#include <stdlib.h>

struct calendar {
    struct calendar_row *rows; /* sorted by day */
    int count;
    int *years; /* known, rising */
    int year_count;
};

/* --- reading --- */

static const struct err *refuse(struct ctx *ctx, const char *name, int line, const char *reason)
{
    return err_new(ctx, ERR_INPUT, "calendar.refused", name, arena_printf(ctx->arena, "%d", line), reason);
}

static int row_order(const void *a, const void *b)
{
    const struct calendar_row *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static struct text cut_line(struct text *rest)
{
    struct text line = text_cut(*rest, '\n', rest);
    if (line.size && line.at[line.size - 1] == '\r')
        line.size--;
    return line;
}

static const char *read_row(struct ctx *ctx, struct text line, struct calendar_row *row)
{
    struct text rest, type_and_name = { 0 };
    struct text date = text_cut(line, ',', &type_and_name);
    struct text type = text_cut(type_and_name, ',', &rest);
    if (!day_parse(date, &row->day))
        return "the first column is no date";
    bool is_off = text_is(type, "off");
    if (!is_off && !text_is(type, "work"))
        return "the type is neither off nor work";
    row->is_worked = !is_off;
    if (!text_is_clean(rest) || memchr(rest.at ? rest.at : "", ',', rest.size))
        return "the name is not clean text";
    if (row->is_worked && day_weekday(row->day) < 5)
        return "a worked day must be a Saturday or Sunday";
    row->name = text_copy(ctx->arena, rest);
    return NULL;
}

const struct err *calendar_read_rows(struct ctx *ctx, const char *name, struct text csv, struct calendar_row **ret,
                                     int *ret_count)
{
    if (text_starts(csv, "\xEF\xBB\xBF"))
        csv = (struct text){ csv.at + 3, csv.size - 3 };
    size_t most = 1;
    for (size_t i = 0; i < csv.size; i++)
        most += csv.at[i] == '\n';
    struct calendar_row *rows = arena_array_of(ctx->arena, struct calendar_row, most);
    int count = 0, line_number = 1;
    struct text rest = csv;
    if (!text_is(cut_line(&rest), "date,type,name"))
        return refuse(ctx, name, 1, "the first line must be date,type,name");
    while (rest.size) {
        struct text line = cut_line(&rest);
        line_number++;
        if (text_trim(line).size == 0)
            continue;
        const char *reason = read_row(ctx, line, &rows[count]);
        for (int i = 0; !reason && i < count; i++)
            if (rows[i].day == rows[count].day)
                reason = "the day stands twice";
        if (reason)
            return refuse(ctx, name, line_number, reason);
        count++;
    }
    if (count)
        qsort(rows, (size_t)count, sizeof *rows, row_order);
    *ret = rows;
    *ret_count = count;
    return NULL;
}

/* Insertion keeps rows of one day in the order given, so that the later replaces the earlier. */
static void insert_row(struct calendar *calendar, const struct calendar_row *row)
{
    int at = calendar->count;
    while (at > 0 && calendar->rows[at - 1].day > row->day)
        at--;
    if (at > 0 && calendar->rows[at - 1].day == row->day) {
        calendar->rows[at - 1] = *row;
        return;
    }
    memmove(&calendar->rows[at + 1], &calendar->rows[at], sizeof *row * (size_t)(calendar->count - at));
    calendar->rows[at] = *row;
    calendar->count++;
}

struct calendar *calendar_new(struct ctx *ctx, const struct calendar_row *rows, int count)
{
    struct calendar *calendar = arena_new_of(ctx->arena, struct calendar);
    calendar->rows = arena_array_of(ctx->arena, struct calendar_row, count + 1);
    calendar->years = arena_array_of(ctx->arena, int, count + 1);
    for (int i = 0; i < count; i++)
        insert_row(calendar, &rows[i]);
    for (int i = 0; i < calendar->count; i++) {
        struct date date = day_date(calendar->rows[i].day);
        bool is_new = !calendar->year_count || calendar->years[calendar->year_count - 1] != date.year;
        if (date.month > 1 && date.month < 12 && is_new)
            calendar->years[calendar->year_count++] = date.year;
    }
    return calendar;
}

const struct err *calendar_read(struct ctx *ctx, const char *name, struct text csv, struct calendar **ret)
{
    struct calendar_row *rows;
    int count;
    TRY(calendar_read_rows(ctx, name, csv, &rows, &count));
    *ret = calendar_new(ctx, rows, count);
    return NULL;
}

/* --- days --- */

static int year_order(const void *a, const void *b)
{
    const int *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

bool calendar_knows(const struct calendar *calendar, int year)
{
    return calendar && calendar->year_count &&
           bsearch(&year, calendar->years, (size_t)calendar->year_count, sizeof year, year_order);
}

static const struct calendar_row *find_row(const struct calendar *calendar, int32_t day)
{
    struct calendar_row wanted = { .day = day };
    return calendar && calendar->count
               ? bsearch(&wanted, calendar->rows, (size_t)calendar->count, sizeof wanted, row_order)
               : NULL;
}

bool calendar_is_workday(const struct calendar *calendar, int32_t day, bool *is_provisional)
{
    const struct calendar_row *row = find_row(calendar, day);
    if (!row && is_provisional && !calendar_knows(calendar, day_date(day).year))
        *is_provisional = true;
    return row ? row->is_worked : day_weekday(day) < 5;
}

struct text calendar_name(const struct calendar *calendar, int32_t day)
{
    const struct calendar_row *row = find_row(calendar, day);
    return row ? row->name : (struct text){ 0 };
}

int32_t calendar_workday_from(const struct calendar *calendar, int32_t day, int step, bool *is_provisional)
{
    while (!calendar_is_workday(calendar, day, is_provisional))
        day += step;
    return day;
}

int32_t calendar_add_workdays(const struct calendar *calendar, int32_t day, int count, bool *is_provisional)
{
    int step = count < 0 ? -1 : 1;
    for (int left = abs(count); left > 0;) {
        day += step;
        left -= calendar_is_workday(calendar, day, is_provisional);
    }
    return day;
}

int calendar_workdays_between(const struct calendar *calendar, int32_t from, int32_t to, bool *is_provisional)
{
    if (from > to)
        return -calendar_workdays_between(calendar, to, from, is_provisional);
    int count = 0;
    for (int32_t day = from + 1; day <= to; day++)
        count += calendar_is_workday(calendar, day, is_provisional);
    return count;
}

/* --- periods --- */

static bool is_in_months(enum unit unit)
{
    return unit == UNIT_MONTH || unit == UNIT_QUARTER || unit == UNIT_YEAR;
}

int64_t period_most(enum unit unit)
{
    return is_in_months(unit) ? 1200 : 100000;
}

bool period_is_sound(struct period period)
{
    if (period.value < 0 || period.value > period_most(period.unit))
        return false;
    switch (period.count) {
    case COUNT_HOURS:
        return period.unit == UNIT_MINUTE || period.unit == UNIT_HOUR;
    case COUNT_WORKDAYS:
        return period.unit == UNIT_DAY || period.unit == UNIT_WORKDAY;
    case COUNT_NATURAL:
        return period.unit == UNIT_DAY || is_in_months(period.unit);
    case COUNT_FULL:
    case COUNT_DISPLAY:
        return period.unit == UNIT_DAY || period.unit == UNIT_WORKDAY || is_in_months(period.unit);
    default:
        return false;
    }
}

static bool is_in_workdays(struct period period)
{
    return period.count == COUNT_WORKDAYS || period.unit == UNIT_WORKDAY;
}

static int months_of(struct period period)
{
    int each = period.unit == UNIT_MONTH ? 1 : period.unit == UNIT_QUARTER ? 3 : period.unit == UNIT_YEAR ? 12 : 0;
    return each * (int)period.value;
}

static int64_t due_of_hours(struct period period, int64_t start, const struct span *spans, int count)
{
    int64_t at = start + period.value * (period.unit == UNIT_MINUTE ? MICROS_PER_MINUTE : MICROS_PER_HOUR);
    for (int i = 0; i < count; i++) { /* sorted, so each span is met with the due moment as the earlier ones left it */
        int64_t from = spans[i].from > start ? spans[i].from : start;
        if (from <= at && spans[i].to > from)
            at += spans[i].to - from;
    }
    return at;
}

static bool stood_still_at(const struct span *spans, int count, int64_t moment)
{
    for (int i = 0; i < count; i++)
        if (spans[i].from <= moment && moment < spans[i].to)
            return true;
    return false;
}

/* Whether the day is one of those a period loses: its end fell into a pause. */
static bool is_lost(const struct span *spans, int count, int32_t day)
{
    return count && stood_still_at(spans, count, day_end(day));
}

/* The last of COUNT days after FROM that aren't lost and, IN_WORKDAYS, are worked. */
static int32_t walk(const struct calendar *calendar, int32_t from, int64_t count, bool in_workdays,
                    const struct span *spans, int span_count, bool *is_provisional)
{
    int32_t day = from;
    for (int64_t left = count; left > 0;) {
        day++;
        if (!is_lost(spans, span_count, day))
            left -= !in_workdays || calendar_is_workday(calendar, day, is_provisional);
    }
    return day;
}

struct due calendar_due(const struct calendar *calendar, struct period period, int64_t start, const struct span *spans,
                        int span_count)
{
    struct due due = { 0 };
    if (!period_is_sound(period))
        BUG("a period that can't be counted: %lld %s %s", (long long)period.value, unit_key(period.unit),
            count_key(period.count));
    if (period.count == COUNT_HOURS) {
        due.at = due_of_hours(period, start, spans, span_count);
        due.day = due.unmoved = day_of(due.at);
        return due;
    }
    int32_t first = day_of(start);
    int months = months_of(period);
    int64_t days = months ? day_add_months(first, months) - first : period.value;
    due.unmoved = walk(calendar, first, days, is_in_workdays(period), spans, span_count, &due.is_provisional);
    while (is_lost(spans, span_count, due.unmoved)) /* a period of no days that stood still at once */
        due.unmoved++;
    due.day = due.unmoved;
    if (period.count == COUNT_NATURAL)
        while (!calendar_is_workday(calendar, due.day, &due.is_provisional) || is_lost(spans, span_count, due.day))
            due.day++;
    due.at = day_end(due.day);
    return due;
}

int64_t calendar_warn(const struct calendar *calendar, struct due due, struct period before, int64_t start)
{
    int64_t at;
    if (before.unit == UNIT_MINUTE || before.unit == UNIT_HOUR)
        at = due.at - before.value * (before.unit == UNIT_MINUTE ? MICROS_PER_MINUTE : MICROS_PER_HOUR);
    else if (before.unit == UNIT_WORKDAY)
        at = day_start(calendar_add_workdays(calendar, due.unmoved, -(int)before.value, NULL));
    else
        at = day_start(due.unmoved - (int32_t)before.value);
    return at > start ? at : start;
}

/* --- spans as text --- */

const char *spans_print(struct arena *arena, const struct span *spans, int count)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    for (int i = 0; i < count; i++)
        buffer_printf(&out, "%s%lld-%lld", i ? "," : "", (long long)spans[i].from, (long long)spans[i].to);
    return arena_copy(arena, out.at ? out.at : "", out.size);
}

bool spans_parse(struct arena *arena, struct text text, struct span **ret, int *ret_count)
{
    size_t most = 1;
    for (size_t i = 0; i < text.size; i++)
        most += text.at[i] == ',';
    struct span *spans = arena_array_of(arena, struct span, most);
    int count = 0;
    for (struct text rest = text; rest.size;) {
        struct text to;
        struct text one = text_cut(rest, ',', &rest);
        struct text from = text_cut(one, '-', &to);
        if (!text_int(from, &spans[count].from) || !text_int(to, &spans[count].to) ||
            spans[count].from > spans[count].to || (count && spans[count].from < spans[count - 1].to))
            return false;
        count++;
    }
    if (text.size && text.at[text.size - 1] == ',')
        return false;
    *ret = spans;
    *ret_count = count;
    return true;
}

/* --- words --- */

static const char *const unit_keys[UNIT_COUNT] = {
    [UNIT_MINUTE] = "minute",       [UNIT_HOUR] = "hour",       [UNIT_DAY] = "day",         [UNIT_WORKDAY] = "workday",
    [UNIT_MONTH] = "month",         [UNIT_QUARTER] = "quarter", [UNIT_YEAR] = "year",       [UNIT_PERSON] = "person",
    [UNIT_HOUSEHOLD] = "household", [UNIT_SHARE] = "share",     [UNIT_PERCENT] = "percent", [UNIT_TIME] = "time",
    [UNIT_GRADE] = "grade",         [UNIT_LEVEL] = "level",     [UNIT_YUAN] = "yuan",
};

static const char *const count_keys[COUNT_COUNT] = {
    [COUNT_HOURS] = "H",    [COUNT_NATURAL] = "ND",      [COUNT_WORKDAYS] = "WD",
    [COUNT_FULL] = "FULL",  [COUNT_DISPLAY] = "DISPLAY", [COUNT_AT_LEAST] = "GE",
    [COUNT_AT_MOST] = "LE", [COUNT_OVER] = "GT",         [COUNT_NONE] = "none",
};

int unit_find(struct text key)
{
    for (int i = 0; i < UNIT_COUNT; i++)
        if (text_is(key, unit_keys[i]))
            return i;
    return -1;
}

int count_find(struct text key)
{
    for (int i = 0; i < COUNT_COUNT; i++)
        if (text_is(key, count_keys[i]))
            return i;
    return -1;
}

const char *unit_key(enum unit unit)
{
    return unit_keys[unit];
}

const char *count_key(enum count count)
{
    return count_keys[count];
}
