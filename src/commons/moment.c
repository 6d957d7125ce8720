/* commons/moment.c */
#include "commons/moment.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"

const char *day_words(struct ctx *ctx, int32_t day)
{
    static const char *const weekdays[] = { "weekday.monday", "weekday.tuesday", "weekday.wednesday", "weekday.thursday",
                                            "weekday.friday", "weekday.saturday", "weekday.sunday" };
    static const char *const months[] = { "month.1", "month.2", "month.3", "month.4",  "month.5",  "month.6",
                                          "month.7", "month.8", "month.9", "month.10", "month.11", "month.12" };
    struct date date = day_date(day);
    const char *weekday = texts_say(ctx->language, weekdays[day_weekday(day)]);
    const char *month = texts_say(ctx->language, months[date.month - 1]);
    const char *number = arena_printf(ctx->arena, "%d", date.day);
    if (date.year == day_date(day_of(clock_now(ctx->clock))).year)
        return texts_fill(ctx, "moment.day", month, number, weekday, NULL);
    return texts_fill(ctx, "moment.day_of_year", month, number, weekday, arena_printf(ctx->arena, "%d", date.year), NULL);
}

const char *moment_words(struct ctx *ctx, int64_t micros)
{
    int32_t day = day_of(micros);
    int64_t minute = (micros - day_start(day)) / MICROS_PER_MINUTE;
    const char *time = micros == day_end(day) ? "24:00"
                                              : arena_printf(ctx->arena, "%02d:%02d", (int)(minute / 60), (int)(minute % 60));
    return texts_fill(ctx, "moment.at", day_words(ctx, day), time, NULL);
}

void moment_put(struct ctx *ctx, struct node *object, const struct key *key, int64_t micros)
{
    struct node *moment = node_put_object(object, key);
    node_put_string(moment, KEY("iso"), time_print_rfc3339(ctx->arena, micros));
    node_put_string(moment, KEY("text"), moment_words(ctx, micros));
}
