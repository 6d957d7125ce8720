/* tests/unit/test_moment.c -- how moments and spans read, in both languages. When it fails: src/commons/moment.c or po/. */
#include "fixture.h"

#include "base/day.h"
#include "base/node.h"
#include "catalogue.h"
#include "commons/moment.h"

static int64_t at(int year, int month, int day, int hour, int minute)
{
    return day_start(day_from(year, month, day)) + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE;
}

static const char *said(struct fixture *f, enum language language, int64_t moment, enum moment_style style)
{
    f->ctx->language = language;
    struct moments moments;
    moments_begin(&moments, f->ctx, FIXTURE_NOW);
    return text_string(f->ctx->arena, moments_say(&moments, moment, style));
}

static void a_moment_reads_as_its_place_on_the_page_asks(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    int64_t today = at(2026, 3, 2, 9, 12), later = at(2026, 3, 5, 18, 0), last = day_end(day_from(2026, 3, 5));
    assert_string_equal(said(&f, LANGUAGE_ZH, today, MOMENT_SHORT), "今天 09:12");
    assert_string_equal(said(&f, LANGUAGE_ZH, later, MOMENT_SHORT), "3月5日");
    assert_string_equal(said(&f, LANGUAGE_ZH, at(2025, 12, 31, 1, 2), MOMENT_SHORT), "2025年12月31日");
    assert_string_equal(said(&f, LANGUAGE_ZH, later, MOMENT_LINE), "3月5日 18:00");
    assert_string_equal(said(&f, LANGUAGE_ZH, later, MOMENT_FULL), "3月5日（星期四）18:00");
    assert_string_equal(said(&f, LANGUAGE_ZH, last, MOMENT_DUE), "3月5日（星期四）24:00 前");
    assert_string_equal(said(&f, LANGUAGE_ZH, today, MOMENT_DUE), "今天 09:12 前");
    assert_string_equal(said(&f, LANGUAGE_ZH, last, MOMENT_DUE_SHORT), "3月5日 24:00");
    assert_string_equal(said(&f, LANGUAGE_EN, last, MOMENT_DUE), "by Thursday 5 March, 24:00");
    assert_string_equal(said(&f, LANGUAGE_EN, at(2025, 12, 31, 1, 2), MOMENT_SHORT), "31 December 2025");
    fixture_end(&f);
}

static void a_machine_reads_the_same_moment(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    struct node *object = node_object(f.ctx->arena);
    struct moments moments;
    moments_begin(&moments, f.ctx, FIXTURE_NOW);
    int64_t moment = at(2026, 3, 5, 18, 4) + 7 * MICROS_PER_SECOND;
    moments_put(&moments, object, KEY("due"), moment, MOMENT_DUE);
    moments_put(&moments, object, KEY("none"), 0, MOMENT_DUE);
    const struct node *due = node_find(object, KEY("due"));
    assert_true(text_is(node_find_text(due, KEY("iso")), time_print_rfc3339(f.ctx->arena, moment)));
    assert_int_equal(node_find(object, KEY("none"))->kind, NODE_NULL);
    int64_t last = day_end(day_from(2026, 3, 5));
    moments_put(&moments, object, KEY("due"), last, MOMENT_DUE);
    assert_true(text_is(node_find_text(node_find(object, KEY("due")), KEY("iso")), time_print_rfc3339(f.ctx->arena, last)));
    fixture_end(&f);
}

static void what_is_left_is_counted_in_the_unit_of_the_rule(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    struct ctx *ctx = f.ctx;
    int64_t now = FIXTURE_NOW; /* a Monday, 09:00 */
    int64_t next_monday = day_end(day_from(2026, 3, 9));
    ctx->language = LANGUAGE_ZH;
    assert_string_equal(left_words(ctx, NULL, now, next_monday, UNIT_WORKDAY), "还剩5个工作日");
    assert_string_equal(left_words(ctx, NULL, now, next_monday, UNIT_DAY), "还剩7天");
    assert_string_equal(left_words(ctx, NULL, now, day_end(day_from(2026, 3, 2)), UNIT_WORKDAY), "今天到期");
    assert_string_equal(left_words(ctx, NULL, now, at(2026, 3, 2, 10, 40), UNIT_HOUR), "还剩1小时40分");
    assert_string_equal(left_words(ctx, NULL, now, at(2026, 3, 2, 9, 5), UNIT_HOUR), "还剩5分钟");
    assert_string_equal(left_words(ctx, NULL, now, day_end(day_from(2026, 3, 1)), UNIT_WORKDAY), "已超1天");
    assert_string_equal(left_words(ctx, NULL, now, at(2026, 3, 2, 8, 30), UNIT_HOUR), "已超30分钟");
    assert_string_equal(left_words(ctx, NULL, now, at(2026, 2, 27, 9, 0), UNIT_HOUR), "已超3天");
    ctx->language = LANGUAGE_EN;
    assert_string_equal(left_words(ctx, NULL, now, day_end(day_from(2026, 3, 3)), UNIT_WORKDAY), "1 working day left");
    assert_string_equal(left_words(ctx, NULL, now, next_monday, UNIT_WORKDAY), "5 working days left");
    fixture_end(&f);
}

static void every_unit_of_a_rule_has_words(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        f.ctx->language = (enum language)language;
        for (enum unit unit = UNIT_MINUTE; unit <= UNIT_YEAR; unit++)
            for (int value = 1; value < 3; value++)
                assert_null(strstr(period_words(f.ctx, value, unit), "unit."));
    }
    f.ctx->language = LANGUAGE_ZH;
    assert_string_equal(period_words(f.ctx, 5, UNIT_WORKDAY), "5个工作日");
    assert_string_equal(workday_words(f.ctx, NULL, day_from(2026, 3, 7)), "3月7日（星期六） · 休息日");
    fixture_end(&f);
}

int main(void)
{
    catalogue_use();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_moment_reads_as_its_place_on_the_page_asks),
        cmocka_unit_test(a_machine_reads_the_same_moment),
        cmocka_unit_test(what_is_left_is_counted_in_the_unit_of_the_rule),
        cmocka_unit_test(every_unit_of_a_rule_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
