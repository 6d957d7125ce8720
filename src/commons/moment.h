/* commons/moment.h -- moments, spans of time and rules in plain words of the reader's language.
 * Owns:          the shape {iso, text} of every moment in a model; how a moment reads ("3月5日（星期四）24:00 前"), what is
 *                left of a clock ("还剩2个工作日", "已超1天"), how long a rule is
 * Must not know: what the moment means
 * Begin at:      moment_put() for a single one; moments_begin(), moments_put() for a page of them
 *
 * A page with rows begins one struct moments for all of them: the catalogue is asked once for each form, and what is
 * "today" is the same in every row. The forms stand in the catalogues under moment.*, month.*, weekday.*, left.*, over.*
 * and unit.*.
 */
#ifndef COMMONS_MOMENT_H
#define COMMONS_MOMENT_H
#include "base/ctx.h"
#include "base/node.h"
#include "civic/calendar.h"

/* Puts {iso: RFC 3339 with +08:00, text: the same in ctx's language} under KEY. */
void moment_put(struct ctx *ctx, struct node *object, const struct key *key, int64_t micros);

/* 3月5日（星期四）, with the year when it isn't the present one. */
const char *day_words(struct ctx *ctx, int32_t day);

/* --- many of them --- */

enum moment_style {
    MOMENT_SHORT,     /* of a list: 今天 09:12 · 11月13日 · 2025年11月13日 */
    MOMENT_LINE,      /* of a history: 11月23日 09:40 */
    MOMENT_FULL,      /* 11月23日（星期一）09:12 */
    MOMENT_DUE,       /* a last moment: 今天 11:12 前 · 3月5日（星期四）24:00 前 */
    MOMENT_DUE_SHORT, /* the same in a list: 今天 11:12 前 · 11月24日 24:00 */
};

enum { MOMENT_FORMS = 32, MOMENT_DAYS = 16 };

struct moment_day {
    int32_t day;
    struct text words; /* at NULL: none is kept here */
};

struct moments {
    struct ctx *ctx;
    int64_t now;
    int32_t today;
    int year;
    const char *forms[MOMENT_FORMS];      /* of the catalogue, once asked for */
    struct moment_day days[MOMENT_DAYS]; /* short words of some days, each in the place of its number */
};

void moments_begin(struct moments *moments, struct ctx *ctx, int64_t now);
struct text moments_say(struct moments *moments, int64_t at, enum moment_style style);
/* {iso, text} under KEY; null when AT is 0. */
void moments_put(struct moments *moments, struct node *object, const struct key *key, int64_t at, enum moment_style style);

/* --- days, spans, rules --- */

/* The day with what the calendar says of it: 11月23日（星期一）· 工作日. */
const char *workday_words(struct ctx *ctx, const struct calendar *calendar, int32_t day);
/* How long until DUE, or how long past it, in the unit of the rule: 还剩2个工作日 · 还剩1小时40分 · 今天到期 · 已超1天. */
const char *left_words(struct ctx *ctx, const struct calendar *calendar, int64_t now, int64_t due, enum unit unit);
/* 5个工作日 · 2小时. */
const char *period_words(struct ctx *ctx, int64_t value, enum unit unit);
#endif
