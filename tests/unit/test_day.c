/* When this fails, look in src/base/day.c. */
#include "fixture.h"

#include "base/day.h"

static void days_and_dates_agree_over_centuries(void **state)
{
    (void)state;
    struct date expected = { 1900, 1, 1 };
    for (int32_t day = day_from(1900, 1, 1); day < day_from(2200, 1, 1); day++) {
        struct date date = day_date(day);
        assert_int_equal(date.year, expected.year);
        assert_int_equal(date.month, expected.month);
        assert_int_equal(date.day, expected.day);
        assert_int_equal(day_from(date.year, date.month, date.day), day);
        if (day_from(expected.year, expected.month, ++expected.day) == DAY_NONE) {
            expected.day = 1;
            if (++expected.month == 13) {
                expected.month = 1;
                expected.year++;
            }
        }
    }
}

static void a_day_begins_at_midnight_in_shanghai(void **state)
{
    (void)state;
    int32_t day = day_from(2026, 2, 13);
    assert_int_equal(day_of(day_start(day)), day);
    assert_int_equal(day_of(day_start(day) - 1), day - 1);
    assert_int_equal(day_of(day_end(day)), day);
    assert_int_equal(day_weekday(day), 4); /* a Friday */
    assert_int_equal(day_weekday(0), 3);
}

static void months_end_on_the_matching_day_or_the_last(void **state)
{
    (void)state;
    assert_int_equal(day_add_months(day_from(2026, 1, 31), 1), day_from(2026, 2, 28));
    assert_int_equal(day_add_months(day_from(2024, 2, 29), 12), day_from(2025, 2, 28));
    assert_int_equal(day_add_months(day_from(2026, 3, 15), -3), day_from(2025, 12, 15));
}

static void only_real_dates_are_read(void **state)
{
    (void)state;
    int32_t day;
    assert_true(day_parse(text_of("2024-02-29"), &day));
    assert_false(day_parse(text_of("2026-02-29"), &day));
    assert_false(day_parse(text_of("2026-2-9"), &day));
    int64_t moment;
    assert_true(moment_parse(text_of("2026-03-03T09:05"), &moment));
    assert_int_equal(moment, day_start(day_from(2026, 3, 3)) + INT64_C(545) * 60000000);
    assert_true(moment_parse(text_of("2026-03-03 00:00"), &moment));
    assert_int_equal(moment, day_start(day_from(2026, 3, 3)));
    static const char *const bad[] = { "2026-03-03", "2026-03-03T24:00", "2026-03-03T09:60", "2026-03-03T9:00", "2026-02-30T09:00",
                                       "2026-03-03T09:00:00", "2026-03-03x09:00", "2026-03-03T-9:00" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(moment_parse(text_of(bad[i]), &moment));
    assert_false(day_parse(text_of("2026-13-01"), &day));
    assert_false(day_parse(text_of("2026/02/13"), &day));
}

static void times_are_printed_in_both_zones(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(time_print(arena, FIXTURE_NOW), "2026-03-02 09:00");
    assert_string_equal(time_print(arena, day_end(day_of(FIXTURE_NOW))), "2026-03-02 24:00");
    assert_string_equal(time_print_rfc3339(arena, FIXTURE_NOW), "2026-03-02T09:00:00+08:00");
    assert_string_equal(time_print_utc(arena, FIXTURE_NOW + 5), "2026-03-02T01:00:00.000005Z");
    assert_string_equal(time_print_utc(arena, -1), "1969-12-31T23:59:59.999999Z");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_and_dates_agree_over_centuries),
        cmocka_unit_test(a_day_begins_at_midnight_in_shanghai),
        cmocka_unit_test(months_end_on_the_matching_day_or_the_last),
        cmocka_unit_test(only_real_dates_are_read),
        cmocka_unit_test(times_are_printed_in_both_zones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
