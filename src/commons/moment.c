/* commons/moment.c */
#include "commons/moment.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"

#include <string.h>

enum form {
    FORM_TODAY,      /* {0} time */
    FORM_SHORT,      /* {0} month {1} day */
    FORM_SHORT_YEAR, /* and {3} year */
    FORM_DAY,        /* {0} month {1} day {2} weekday */
    FORM_DAY_YEAR,   /* and {3} year */
    FORM_AT,         /* {0} day {1} time */
    FORM_LINE,       /* the same, of a short day */
    FORM_DUE,        /* {0} day {1} time */
    FORM_DUE_TODAY,  /* {0} time */
    FORM_WEEKDAY,
    FORM_MONTH = FORM_WEEKDAY + 7,
    FORM_COUNT = FORM_MONTH + 12
};
_Static_assert((int)FORM_COUNT <= (int)MOMENT_FORMS, "every form has its place");

static const char *const form_keys[FORM_COUNT] = {
    "moment.today",     "moment.short",     "moment.short_of_year", "moment.day",      "moment.day_of_year",
    "moment.at",        "moment.line",      "moment.due",           "moment.due_today", "weekday.monday",
    "weekday.tuesday",  "weekday.wednesday", "weekday.thursday",    "weekday.friday",  "weekday.saturday",
    "weekday.sunday",   "month.1",          "month.2",              "month.3",         "month.4",
    "month.5",          "month.6",          "month.7",              "month.8",         "month.9",
    "month.10",         "month.11",         "month.12",
};

void moments_begin(struct moments *moments, struct ctx *ctx, int64_t now)
{
    int32_t today = day_of(now);
    *moments = (struct moments){ .ctx = ctx, .now = now, .today = today, .year = day_date(today).year };
}

static struct text form(struct moments *moments, int which)
{
    if (!moments->forms[which])
        moments->forms[which] = texts_say(moments->ctx->language, form_keys[which]);
    return text_of(moments->forms[which]);
}

/* A moment is written for every row of a list, so the marks are filled by hand: texts_fill() would ask the catalogue and
 * the heap each time. */
enum { LINE_MOST = 192 };

struct line {
    char bytes[LINE_MOST];
    size_t size;
};

static void line_add(struct line *line, struct text text)
{
    size_t room = sizeof line->bytes - line->size;
    size_t size = text.size < room ? text.size : room;
    if (size)
        memcpy(line->bytes + line->size, text.at, size);
    line->size += size;
}

static void line_fill(struct line *line, struct text shape, const struct text *parts, int count)
{
    size_t from = 0;
    for (size_t i = 0; i + 2 < shape.size; i++) {
        int part = shape.at[i + 1] - '0';
        if (shape.at[i] != '{' || shape.at[i + 2] != '}' || part < 0 || part >= count)
            continue;
        line_add(line, (struct text){ shape.at + from, i - from });
        line_add(line, parts[part]);
        i += 2;
        from = i + 1;
    }
    line_add(line, (struct text){ shape.at + from, shape.size - from });
}

static struct text line_keep(struct moments *moments, const struct line *line)
{
    return (struct text){ arena_copy(moments->ctx->arena, line->bytes, line->size), line->size };
}

static struct text line_text(const struct line *line)
{
    return (struct text){ line->bytes, line->size };
}

static struct text digits(char *at, int number, int width)
{
    char back[12];
    int size = 0;
    do {
        back[size++] = (char)('0' + number % 10);
        number /= 10;
    } while (number || size < width);
    for (int i = 0; i < size; i++)
        at[i] = back[size - 1 - i];
    return (struct text){ at, (size_t)size };
}

/* --- a moment taken apart --- */

struct clock_face {
    int32_t day;
    struct date date;
    char time[8]; /* 09:40; 24:00 of a day's last microsecond */
    int minute;
};

static void write_time(char *at, int minute)
{
    digits(at, minute / 60, 2);
    at[2] = ':';
    digits(at + 3, minute % 60, 2);
}

static void face_of(int64_t at, struct clock_face *ret)
{
    ret->day = day_of(at);
    ret->date = day_date(ret->day);
    ret->minute = (int)((at - day_start(ret->day)) / MICROS_PER_MINUTE);
    write_time(ret->time, at == day_end(ret->day) ? 24 * 60 : ret->minute);
}

static void line_day(struct moments *moments, struct line *line, int32_t number, struct date date, bool is_short)
{
    char day[12], year[12];
    const struct text parts[] = { form(moments, FORM_MONTH + date.month - 1), digits(day, date.day, 1),
                                  form(moments, FORM_WEEKDAY + day_weekday(number)), digits(year, date.year, 1) };
    bool is_this_year = date.year == moments->year;
    int which = is_short ? (is_this_year ? FORM_SHORT : FORM_SHORT_YEAR) : (is_this_year ? FORM_DAY : FORM_DAY_YEAR);
    line_fill(line, form(moments, which), parts, 4);
}

/* The short words of a day, kept for the other rows of a list that lie on it. */
static struct text short_day(struct moments *moments, const struct clock_face *face)
{
    struct moment_day *kept = &moments->days[(uint32_t)face->day % MOMENT_DAYS];
    if (!kept->words.at || kept->day != face->day) {
        struct line line = { .size = 0 };
        line_day(moments, &line, face->day, face->date, true);
        *kept = (struct moment_day){ face->day, line_keep(moments, &line) };
    }
    return kept->words;
}

static struct text say(struct moments *moments, const struct clock_face *face, enum moment_style style)
{
    static const int forms[] = { [MOMENT_LINE] = FORM_LINE, [MOMENT_FULL] = FORM_AT, [MOMENT_DUE] = FORM_DUE,
                                 [MOMENT_DUE_SHORT] = FORM_LINE };
    bool is_due = style == MOMENT_DUE || style == MOMENT_DUE_SHORT;
    struct text time = { face->time, 5 };
    struct line day = { .size = 0 }, line = { .size = 0 };
    if (face->day == moments->today && (is_due || style == MOMENT_SHORT)) {
        line_fill(&line, form(moments, is_due ? FORM_DUE_TODAY : FORM_TODAY), &time, 1);
        return line_keep(moments, &line);
    }
    if (style == MOMENT_SHORT)
        return short_day(moments, face);
    bool is_short = style != MOMENT_FULL && style != MOMENT_DUE;
    if (!is_short)
        line_day(moments, &day, face->day, face->date, false);
    const struct text parts[] = { is_short ? short_day(moments, face) : line_text(&day), time };
    line_fill(&line, form(moments, forms[style]), parts, 2);
    return line_keep(moments, &line);
}

struct text moments_say(struct moments *moments, int64_t at, enum moment_style style)
{
    struct clock_face face;
    face_of(at, &face);
    return say(moments, &face, style);
}

/* As time_print_rfc3339(), without printf: two or three of them stand in every row. */
static struct text iso_of(struct moments *moments, int64_t at, const struct clock_face *face)
{
    int second = (int)((at - day_start(face->day)) / MICROS_PER_SECOND % 60);
    char bytes[32];
    struct text year = digits(bytes, face->date.year, 4);
    char *rest = bytes + year.size; /* "-MM-DDTHH:MM:SS+08:00" */
    rest[0] = '-';
    digits(rest + 1, face->date.month, 2);
    rest[3] = '-';
    digits(rest + 4, face->date.day, 2);
    rest[6] = 'T';
    write_time(rest + 7, face->minute);
    rest[12] = ':';
    digits(rest + 13, second, 2);
    memcpy(rest + 15, "+08:00", 6);
    size_t size = year.size + 21;
    return (struct text){ arena_copy(moments->ctx->arena, bytes, size), size };
}

void moments_put(struct moments *moments, struct node *object, const struct key *key, int64_t at, enum moment_style style)
{
    if (!at) {
        node_put(object, key, (struct node){ .kind = NODE_NULL });
        return;
    }
    struct clock_face face;
    face_of(at, &face);
    struct node *moment = node_put_object(object, key);
    node_put_text(moment, KEY("iso"), iso_of(moments, at, &face));
    node_put_text(moment, KEY("text"), say(moments, &face, style));
}

/* --- a single one --- */

void moment_put(struct ctx *ctx, struct node *object, const struct key *key, int64_t micros)
{
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    moments_put(&moments, object, key, micros, MOMENT_FULL);
}

const char *day_words(struct ctx *ctx, int32_t day)
{
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct line line = { .size = 0 };
    line_day(&moments, &line, day, day_date(day), false);
    return line_keep(&moments, &line).at;
}

/* --- days, spans, rules --- */

const char *workday_words(struct ctx *ctx, const struct calendar *calendar, int32_t day)
{
    const char *said = day_words(ctx, day);
    bool is_worked = calendar_is_workday(calendar, day, NULL);
    struct text name = calendar_name(calendar, day);
    /* Lists name their holidays in Chinese only. */
    if (name.size && ctx->language == LANGUAGE_ZH)
        return texts_fill(ctx, is_worked ? "day.worked_for" : "day.holiday", said, text_string(ctx->arena, name), NULL);
    return texts_fill(ctx, is_worked ? "day.worked" : "day.rest", said, NULL);
}

/* One is said differently from many in English: KEY.one. */
static const char *count_words(struct ctx *ctx, const char *key, int64_t number)
{
    if (number == 1)
        key = arena_printf(ctx->arena, "%s.one", key);
    return texts_fill(ctx, key, arena_printf(ctx->arena, "%lld", (long long)number), NULL);
}

static const char *span_words(struct ctx *ctx, const char *what, int64_t micros)
{
    int64_t minutes = micros / MICROS_PER_MINUTE;
    if (minutes >= 48 * 60)
        return count_words(ctx, arena_printf(ctx->arena, "%s.day", what), minutes / (24 * 60));
    return texts_fill(ctx, arena_printf(ctx->arena, "%s.%s", what, minutes < 60 ? "minutes" : "hours"),
                      arena_printf(ctx->arena, "%d", (int)(minutes % 60)),
                      arena_printf(ctx->arena, "%d", (int)(minutes / 60)), NULL);
}

const char *left_words(struct ctx *ctx, const struct calendar *calendar, int64_t now, int64_t due, enum unit unit)
{
    int32_t last = day_of(due), today = day_of(now);
    bool is_hours = unit == UNIT_HOUR || unit == UNIT_MINUTE;
    if (now > due) {
        if (is_hours || last == today)
            return span_words(ctx, "over", now - due);
        return count_words(ctx, "over.day", today - last);
    }
    if (is_hours)
        return span_words(ctx, "left", due - now);
    if (last == today)
        return texts_say(ctx->language, "left.today");
    if (unit == UNIT_WORKDAY)
        return count_words(ctx, "left.workday", calendar_workdays_between(calendar, today, last, NULL));
    return count_words(ctx, "left.day", last - today);
}

const char *period_words(struct ctx *ctx, int64_t value, enum unit unit)
{
    return count_words(ctx, arena_printf(ctx->arena, "unit.%s", unit_key(unit)), value);
}
