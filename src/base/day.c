/* base/day.c -- days from and to dates by the 400-year cycle counted from 1 March. */
#include "base/day.h"

#include "base/arena.h"
#include "base/clock.h"

#define SHANGHAI (8 * MICROS_PER_HOUR)

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int32_t day_of(int64_t micros)
{
    return (int32_t)floor_divide(micros + SHANGHAI, MICROS_PER_DAY);
}

int64_t day_start(int32_t day)
{
    return (int64_t)day * MICROS_PER_DAY - SHANGHAI;
}

int64_t day_end(int32_t day)
{
    return day_start(day) + MICROS_PER_DAY - 1;
}

int day_weekday(int32_t day)
{
    return (int)(((int64_t)day % 7 + 7 + 3) % 7);
}

struct date day_date(int32_t day)
{
    int64_t shifted = (int64_t)day + 719468; /* days since 0000-03-01 */
    int64_t era = floor_divide(shifted, 146097);
    int64_t of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * of_year + 2) / 153;
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    return (struct date){ (int)(year_of_era + era * 400 + (month <= 2)), month,
                          (int)(of_year - (153 * month_from_march + 2) / 5 + 1) };
}

static int days_in_month(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && is_leap);
}

int32_t day_from(int year, int month, int day)
{
    if (year < 1900 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
        return DAY_NONE;
    int64_t y = year - (month <= 2);
    int64_t era = floor_divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    return (int32_t)(era * 146097 + of_era - 719468);
}

int32_t day_add_months(int32_t day, int months)
{
    struct date date = day_date(day);
    int64_t month = (int64_t)date.year * 12 + date.month - 1 + months;
    int year = (int)floor_divide(month, 12);
    int in_year = (int)(month - (int64_t)year * 12) + 1;
    if (year < 1900 || year > 9999)
        return DAY_NONE;
    int last = days_in_month(year, in_year);
    return day_from(year, in_year, date.day < last ? date.day : last);
}

bool day_parse(struct text text, int32_t *ret)
{
    int64_t year, month, day;
    if (text.size != 10 || text.at[4] != '-' || text.at[7] != '-')
        return false;
    if (!text_int((struct text){ text.at, 4 }, &year) || !text_int((struct text){ text.at + 5, 2 }, &month) ||
        !text_int((struct text){ text.at + 8, 2 }, &day))
        return false;
    int32_t found = day_from((int)year, (int)month, (int)day);
    if (found == DAY_NONE)
        return false;
    *ret = found;
    return true;
}

bool moment_parse(struct text text, int64_t *ret)
{
    int32_t day;
    if (text.size != 16 || (text.at[10] != 'T' && text.at[10] != ' ') || text.at[13] != ':' ||
        !day_parse((struct text){ text.at, 10 }, &day))
        return false;
    int part[2];
    for (int i = 0; i < 2; i++) {
        char tens = text.at[11 + 3 * i], ones = text.at[12 + 3 * i];
        if (tens < '0' || tens > '9' || ones < '0' || ones > '9')
            return false;
        part[i] = (tens - '0') * 10 + ones - '0';
    }
    if (part[0] > 23 || part[1] > 59)
        return false;
    *ret = day_start(day) + (part[0] * 60 + part[1]) * MICROS_PER_MINUTE;
    return true;
}

const char *day_print(struct arena *arena, int32_t day)
{
    struct date date = day_date(day);
    return arena_printf(arena, "%04d-%02d-%02d", date.year, date.month, date.day);
}

struct clock_face {
    struct date date;
    int hour, minute, second, micro;
};

static struct clock_face face_of(int32_t day, int64_t in_day)
{
    int64_t seconds = in_day / MICROS_PER_SECOND;
    return (struct clock_face){ day_date(day), (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60),
                                (int)(in_day % MICROS_PER_SECOND) };
}

static struct clock_face shanghai_face(int64_t micros)
{
    int32_t day = day_of(micros);
    return face_of(day, micros - day_start(day));
}

const char *time_print(struct arena *arena, int64_t micros)
{
    if (micros == day_end(day_of(micros)))
        return arena_printf(arena, "%s 24:00", day_print(arena, day_of(micros)));
    struct clock_face face = shanghai_face(micros);
    return arena_printf(arena, "%04d-%02d-%02d %02d:%02d", face.date.year, face.date.month, face.date.day, face.hour,
                        face.minute);
}

const char *time_print_rfc3339(struct arena *arena, int64_t micros)
{
    struct clock_face face = shanghai_face(micros);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d+08:00", face.date.year, face.date.month, face.date.day,
                        face.hour, face.minute, face.second);
}

const char *time_print_utc(struct arena *arena, int64_t micros)
{
    int64_t day = floor_divide(micros, MICROS_PER_DAY);
    struct clock_face face = face_of((int32_t)day, micros - day * MICROS_PER_DAY);
    return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", face.date.year, face.date.month, face.date.day,
                        face.hour, face.minute, face.second, face.micro);
}
