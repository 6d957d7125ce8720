/* When this fails, look in src/civic/calendar.c. The dates were counted by hand from the notices of the State Council.
 */
#include "file.h"
#include "fixture.h"

#include "base/day.h"
#include "civic/calendar.h"

static struct calendar *the_calendar(struct fixture *f)
{
    struct calendar *calendar;
    const char *path = "tests/vectors/calendar/holidays-2024-2026.csv";
    assert_ok(f, calendar_read(f->ctx, path, read_file(f, path), &calendar));
    return calendar;
}

static int32_t day(const char *date)
{
    int32_t found;
    if (!day_parse(text_of(date), &found))
        fail_msg("no date: %s", date);
    return found;
}

/* HH:MM of a day in Shanghai. */
static int64_t at(const char *date, int hour, int minute)
{
    return day_start(day(date)) + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE;
}

#define assert_day(f, found, expected) assert_string_equal(day_print((f)->ctx->arena, (found)), (expected))

static const struct period two_workdays = { 2, UNIT_WORKDAY, COUNT_WORKDAYS };

static void each_year_has_as_many_working_days_as_its_notice_gives(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    static const int expected[] = { 251, 248, 248 };
    for (int year = 2024; year <= 2026; year++) {
        bool is_provisional = false;
        assert_true(calendar_knows(calendar, year));
        int found = calendar_workdays_between(calendar, day_from(year, 1, 1) - 1, day_from(year, 12, 31),
                                              &is_provisional);
        assert_int_equal(found, expected[year - 2024]);
        assert_int_equal(is_provisional, false);
    }
    assert_false(calendar_knows(calendar, 2023));
    assert_false(calendar_knows(calendar, 2027));
    assert_true(text_is(calendar_name(calendar, day("2026-02-14")), "春节"));
    assert_int_equal(calendar_name(calendar, day("2026-03-03")).size, 0);
}

/* The five at the end of section 11 of the domain reference. */
static void the_reference_counts_come_out(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    static const struct {
        struct period period;
        const char *start, *unmoved, *day;
    } cases[] = {
        { { 5, UNIT_DAY, COUNT_WORKDAYS }, "2026-02-13", "2026-02-27", "2026-02-27" },
        { { 1, UNIT_WORKDAY, COUNT_WORKDAYS }, "2026-09-30", "2026-10-08", "2026-10-08" },
        { { 60, UNIT_DAY, COUNT_NATURAL }, "2026-08-05", "2026-10-04", "2026-10-08" },
        { { 15, UNIT_DAY, COUNT_NATURAL }, "2025-01-20", "2025-02-04", "2025-02-05" },
        { { 1, UNIT_MONTH, COUNT_NATURAL }, "2026-01-31", "2026-02-28", "2026-02-28" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct due due = calendar_due(calendar, cases[i].period, at(cases[i].start, 9, 30), NULL, 0);
        assert_day(f, due.unmoved, cases[i].unmoved);
        assert_day(f, due.day, cases[i].day);
        assert_int_equal(due.at, day_end(due.day));
        assert_false(due.is_provisional);
    }
}

static void a_period_that_starts_on_a_holiday_begins_with_the_next_working_day(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct due due = calendar_due(calendar, two_workdays, at("2026-10-03", 12, 0), NULL, 0);
    assert_day(f, due.day, "2026-10-09"); /* the 8th and the 9th */
    struct period one = { 1, UNIT_DAY, COUNT_WORKDAYS };
    due = calendar_due(calendar, one, at("2026-10-09", 23, 59), NULL, 0);
    assert_day(f, due.day, "2026-10-10"); /* a worked Saturday */
}

static void hours_run_over_midnight_and_holidays_from_the_minute(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct period two_hours = { 2, UNIT_HOUR, COUNT_HOURS };
    struct due due = calendar_due(calendar, two_hours, at("2026-09-30", 23, 15), NULL, 0);
    assert_int_equal(due.at, at("2026-10-01", 1, 15));
    assert_day(f, due.day, "2026-10-01");
    struct period five_minutes = { 5, UNIT_MINUTE, COUNT_HOURS };
    assert_int_equal(calendar_due(NULL, five_minutes, at("2027-01-01", 0, 0), NULL, 0).at, at("2027-01-01", 0, 5));
    assert_false(calendar_due(NULL, five_minutes, at("2027-01-01", 0, 0), NULL, 0).is_provisional);
}

static void a_year_without_a_list_is_provisional_and_never_guessed(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct due due = calendar_due(calendar, two_workdays, at("2026-12-31", 9, 0), NULL, 0);
    assert_day(f, due.day, "2027-01-04"); /* 1 January 2027 is a Friday: only the weekdays are known */
    assert_true(due.is_provisional);
    due = calendar_due(calendar, two_workdays, at("2026-12-29", 9, 0), NULL, 0);
    assert_day(f, due.day, "2026-12-31");
    assert_false(due.is_provisional);
    struct period month = { 1, UNIT_MONTH, COUNT_NATURAL };
    assert_true(calendar_due(calendar, month, at("2026-12-05", 9, 0), NULL, 0).is_provisional);
    struct period days = { 20, UNIT_DAY, COUNT_FULL }; /* nothing asks whether these days are worked */
    assert_false(calendar_due(calendar, days, at("2026-12-20", 9, 0), NULL, 0).is_provisional);
    assert_true(calendar_due(NULL, two_workdays, at("2026-03-02", 9, 0), NULL, 0).is_provisional);
}

static void a_list_that_begins_in_december_does_not_make_the_year_before_known(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar;
    assert_ok(f, calendar_read(f->ctx, "list.csv", TEXT("date,type,name\n2022-12-31,off,元旦\n2023-01-02,off,元旦\n"
                                                        "2023-10-02,off,国庆节\n"), &calendar));
    assert_true(calendar_knows(calendar, 2023));
    assert_false(calendar_knows(calendar, 2022));
    assert_false(calendar_is_workday(calendar, day_from(2022, 12, 31), NULL));
}

static void a_list_that_reaches_into_january_does_not_make_the_next_year_known(void **state)
{
    struct fixture *f = *state;
    const struct calendar_row rows[] = {
        { day("2026-10-01"), false, TEXT("国庆节") },
        { day("2027-01-01"), false, TEXT("元旦") },
        { day("2026-10-01"), true, TEXT("改") }, /* of two for one day the later stands */
    };
    struct calendar *calendar = calendar_new(f->ctx, rows, 3);
    bool is_provisional = false;
    assert_true(calendar_knows(calendar, 2026));
    assert_false(calendar_knows(calendar, 2027));
    assert_false(calendar_is_workday(calendar, day("2027-01-01"), &is_provisional));
    assert_false(is_provisional); /* this one day is on a list */
    assert_true(calendar_is_workday(calendar, day("2027-01-04"), &is_provisional));
    assert_true(is_provisional);
    assert_true(calendar_is_workday(calendar, day("2026-10-01"), NULL));
}

static void a_pause_gives_back_the_days_whose_end_it_covers(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    int64_t start = at("2026-03-02", 9, 0); /* Monday: due on Wednesday */
    assert_day(f, calendar_due(calendar, two_workdays, start, NULL, 0).day, "2026-03-04");
    struct span within = { at("2026-03-03", 10, 0), at("2026-03-03", 15, 0) };
    assert_day(f, calendar_due(calendar, two_workdays, start, &within, 1).day, "2026-03-04");
    struct span night = { at("2026-03-03", 10, 0), at("2026-03-04", 8, 0) };
    assert_day(f, calendar_due(calendar, two_workdays, start, &night, 1).day, "2026-03-05");
    struct span two[] = { { at("2026-03-02", 10, 0), at("2026-03-03", 8, 0) }, /* the first day is out anyhow */
                          { at("2026-03-04", 10, 0), at("2026-03-09", 8, 0) } };
    assert_day(f, calendar_due(calendar, two_workdays, start, two, 2).day, "2026-03-09");
    struct span until_the_end = { at("2026-03-03", 10, 0), day_end(day("2026-03-03")) }; /* it runs again at 24:00 */
    assert_day(f, calendar_due(calendar, two_workdays, start, &until_the_end, 1).day, "2026-03-04");
    until_the_end.to++;
    assert_day(f, calendar_due(calendar, two_workdays, start, &until_the_end, 1).day, "2026-03-05");
}

static void a_pause_across_holidays_gives_back_only_working_days(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct span pause = { at("2026-09-29", 10, 0), at("2026-10-09", 10, 0) };
    int64_t start = at("2026-09-28", 9, 0); /* Monday; 29 and 30 September and 8 October are lost */
    assert_day(f, calendar_due(calendar, two_workdays, start, &pause, 1).day, "2026-10-10");
    struct period ten = { 10, UNIT_DAY, COUNT_NATURAL };
    struct due due = calendar_due(calendar, ten, at("2026-09-20", 9, 0), &pause, 1);
    assert_day(f, due.unmoved, "2026-10-10"); /* 30 September and the ten days that the pause covered the ends of */
    assert_day(f, due.day, "2026-10-10");
}

static void a_pause_of_hours_is_added_to_the_microsecond(void **state)
{
    struct fixture *f = *state;
    (void)f;
    struct period day_and_night = { 24, UNIT_HOUR, COUNT_HOURS };
    int64_t start = at("2026-03-02", 9, 0);
    struct span spans[] = { { start - MICROS_PER_DAY, start + 30 }, /* only what lies after the start counts */
                            { at("2026-03-02", 23, 0), at("2026-03-03", 1, 0) },
                            { at("2026-03-03", 10, 30), at("2026-03-03", 11, 0) },  /* within what the second added */
                            { at("2026-03-04", 10, 0), at("2026-03-05", 10, 0) } }; /* after the end */
    assert_int_equal(calendar_due(NULL, day_and_night, start, spans, 4).at, at("2026-03-03", 11, 30) + 30);
    struct span at_the_end = { at("2026-03-03", 9, 0), at("2026-03-03", 10, 0) }; /* the last moment belongs to the period */
    assert_int_equal(calendar_due(NULL, day_and_night, start, &at_the_end, 1).at, at("2026-03-03", 10, 0));
    at_the_end.from++;
    assert_int_equal(calendar_due(NULL, day_and_night, start, &at_the_end, 1).at, at("2026-03-03", 9, 0));
}

static void whole_days_lie_between_notice_and_event(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct period three = { 3, UNIT_DAY, COUNT_FULL }, ten = { 10, UNIT_WORKDAY, COUNT_FULL };
    struct due due = calendar_due(calendar, three, at("2026-03-02", 9, 0), NULL, 0);
    assert_day(f, due.day, "2026-03-05"); /* the 3rd, 4th and 5th lie between: the event on the 6th */
    due = calendar_due(calendar, ten, at("2026-09-18", 9, 0), NULL, 0);
    assert_day(f, due.day, "2026-10-09"); /* 20 (worked Sunday), 21–24, 28–30 September, 8, 9 October */
    struct period display = { 15, UNIT_DAY, COUNT_DISPLAY };
    due = calendar_due(calendar, display, at("2026-09-20", 9, 0), NULL, 0);
    assert_day(f, due.day, "2026-10-05"); /* nothing is moved: it may come down on the 6th, a holiday */
}

static void a_warning_comes_before_the_unmoved_day(void **state)
{
    struct fixture *f = *state;
    struct calendar *calendar = the_calendar(f);
    struct period one_workday = { 1, UNIT_WORKDAY, COUNT_WORKDAYS }, one_hour = { 1, UNIT_HOUR, COUNT_HOURS };
    struct period sixty = { 60, UNIT_DAY, COUNT_NATURAL }, three_days = { 3, UNIT_DAY, COUNT_NATURAL };
    int64_t start = at("2026-08-05", 9, 0);
    struct due due = calendar_due(calendar, sixty, start, NULL, 0); /* 4 October, a holiday */
    assert_int_equal(calendar_warn(calendar, due, one_workday, start), at("2026-09-30", 0, 0));
    assert_int_equal(calendar_warn(calendar, due, three_days, start), at("2026-10-01", 0, 0));
    struct period two_hours = { 2, UNIT_HOUR, COUNT_HOURS };
    due = calendar_due(calendar, two_hours, start, NULL, 0);
    assert_int_equal(calendar_warn(calendar, due, one_hour, start), at("2026-08-05", 10, 0));
    assert_int_equal(calendar_warn(calendar, due, one_workday, start), start); /* never before the start */
    (void)f;
}

static void a_list_with_a_mistake_is_refused_with_its_line(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *csv, *line, *reason;
    } cases[] = {
        { "", "1", "the first line must be date,type,name" },
        { "date;type;name\n", "1", "the first line must be date,type,name" },
        { "date,type,name\n2026-02-30,off,x\n", "2", "the first column is no date" },
        { "date,type,name\n2026-02-03,rest,x\n", "2", "the type is neither off nor work" },
        { "date,type,name\r\n2026-02-03,off,x\r\n\r\n2026-02-03,off,x\r\n", "4", "the day stands twice" },
        { "date,type,name\n2026-02-03,work,x\n", "2", "a worked day must be a Saturday or Sunday" },
        { "date,type,name\n2026-02-03,off,x,y\n", "2", "the name is not clean text" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct calendar *calendar;
        const struct err *err = calendar_read(f->ctx, "c.csv", text_of(cases[i].csv), &calendar);
        assert_non_null(err);
        assert_string_equal(err->said, "calendar.refused");
        assert_string_equal(err->arguments[0], "c.csv");
        assert_string_equal(err->arguments[1], cases[i].line);
        assert_string_equal(err->arguments[2], cases[i].reason);
    }
}

static void spans_go_into_a_column_and_come_back(void **state)
{
    struct fixture *f = *state;
    struct span spans[] = { { 5, 9 }, { 9, 12 } }, *back;
    int count;
    const char *line = spans_print(f->ctx->arena, spans, 2);
    assert_string_equal(line, "5-9,9-12");
    assert_true(spans_parse(f->ctx->arena, text_of(line), &back, &count));
    assert_int_equal(count, 2);
    assert_int_equal(back[1].to, 12);
    assert_true(spans_parse(f->ctx->arena, text_of(""), &back, &count));
    assert_int_equal(count, 0);
    static const char *const bad[] = { "5", "5-", "9-5", "5-9,", "5-9,8-12", "a-b", ",5-9" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(spans_parse(f->ctx->arena, text_of(bad[i]), &back, &count));
}

static void every_word_of_the_data_files_is_found_again(void **state)
{
    (void)state;
    for (int i = 0; i < UNIT_COUNT; i++)
        assert_int_equal(unit_find(text_of(unit_key(i))), i);
    for (int i = 0; i < COUNT_COUNT; i++)
        assert_int_equal(count_find(text_of(count_key(i))), i);
    assert_int_equal(unit_find(TEXT("fortnight")), -1);
    assert_int_equal(count_find(TEXT("wd")), -1);
}

static int begin(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

#define row(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        row(each_year_has_as_many_working_days_as_its_notice_gives),
        row(the_reference_counts_come_out),
        row(a_period_that_starts_on_a_holiday_begins_with_the_next_working_day),
        row(hours_run_over_midnight_and_holidays_from_the_minute),
        row(a_year_without_a_list_is_provisional_and_never_guessed),
        row(a_list_that_begins_in_december_does_not_make_the_year_before_known),
        row(a_list_that_reaches_into_january_does_not_make_the_next_year_known),
        row(a_pause_gives_back_the_days_whose_end_it_covers),
        row(a_pause_across_holidays_gives_back_only_working_days),
        row(a_pause_of_hours_is_added_to_the_microsecond),
        row(whole_days_lie_between_notice_and_event),
        row(a_warning_comes_before_the_unmoved_day),
        row(a_list_with_a_mistake_is_refused_with_its_line),
        row(spans_go_into_a_column_and_come_back),
        row(every_word_of_the_data_files_is_found_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
