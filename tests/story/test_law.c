/* tests/story/test_law.c -- numbers that towns set, and holidays that come in while matters run.
 * When this fails: src/app/law.c; how a period is counted: src/civic/calendar.c; which rule holds where: src/civic/rules.c. */
#include "story.h"

#include "app/law.h"
#include "base/day.h"

static const char own_number[] = "overrides:\n"
                                 "  - {place: \"" TOWN "\", key: order.sign, value: 2, by: 永兴镇人民政府, source: 永府发〔2026〕1号}\n";

static int import_rules(struct story *s, const char *yaml)
{
    int count;
    struct ctx *ctx = ctx_begin(&s->house->model);
    assert_ok(s->f, law_import_rules(s->house, ctx, "own.yaml", text_of(yaml), &count));
    ctx_end(ctx);
    return count;
}

static void a_town_sets_its_own_number_and_only_there(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    assert_int_equal(import_rules(s, own_number), 1);
    const char *number = story_file(villager, "help", "safety", "三组水井旁的路塌了一半。");
    story_dispatch(desk, number, "周强");
    /* Dispatched on Monday 2 March: two working days end on Wednesday the 4th, not one on Tuesday. */
    assert_int_equal(day_of(story_number(s, "select due from matter_clock where name = 'sign'")), day_from(2026, 3, 4));
    struct page page = story_see(villager, number);
    assert_says(villager, &page, "永府发〔2026〕1号");
    struct browser *afar = story_enter(s, STRANGER_FROM_AFAR);
    number = story_file(afar, "help", "safety", "村口的路灯不亮。");
    page = story_see(afar, number);
    assert_says(afar, &page, "参照唐山市12345热线条例");
}

static void a_bad_file_of_numbers_changes_nothing(void **state)
{
    struct story *s = *state;
    struct ctx *ctx = ctx_begin(&s->house->model);
    int count;
    import_rules(s, own_number);
    assert_fails(law_import_rules(s->house, ctx, "own.yaml",
                                  text_of("overrides:\n"
                                          "  - {place: \"" TOWN "\", key: order.sign, value: 3, by: 镇, source: 甲}\n"
                                          "  - {place: \"" TOWN "\", key: order.nothing, value: 3, by: 镇, source: 甲}\n"),
                                  &count),
                 ERR_INPUT, "rules.override.unknown");
    assert_fails(law_import_rules(s->house, ctx, "own.yaml",
                                  text_of("overrides:\n"
                                          "  - {place: \"500116106999\", key: order.sign, value: 3, by: 镇, source: 甲}\n"),
                                  &count),
                 ERR_INPUT, "rules.override.place");
    assert_int_equal(story_number(s, "select value from rule_override where rule_key = 'order.sign'"), 2);
    assert_int_equal(story_number(s, "select count(*) from rule_override"), 1);
    ctx_end(ctx);
}

static void a_new_calendar_moves_clocks_that_reached_beyond_the_old_one(void **state)
{
    struct story *s = *state;
    story_set_clock(s, day_from(2026, 12, 31), 9, 0); /* a Thursday */
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "complaint", "complaints", "垃圾三天没有人收。");
    story_dispatch(desk, number, "周强");
    assert_int_equal(story_number(s, "select provisional from matter_clock where name = 'finish'"), 1);
    /* Five working days if Friday 1 January were worked: Thursday the 7th. */
    assert_int_equal(day_of(story_number(s, "select due from matter_clock where name = 'finish'")), day_from(2027, 1, 7));
    /* On the page too, of each clock, not only of the next. */
    struct page page = story_json(desk, story_href(desk, number, ""));
    assert_string_equal(page_string(desk, &page, "clocks.0.provisional"), "true");
    assert_string_equal(page_string(desk, &page, "clocks.1.provisional"), "true");
    assert_null(page_node(&page, "clocks.2"));
    page = story_see(desk, number);
    assert_says(desk, &page, "24:00</time> · 还剩5个工作日 <small>（暂定：当年放假安排尚未公布）</small></p>");
    struct ctx *ctx = ctx_begin(&s->house->model);
    int rows, moved;
    assert_ok(s->f, law_import_calendar(s->house, ctx, "2027.csv",
                                        TEXT("date,type,name\n2027-01-01,off,元旦\n2027-10-01,off,国庆节\n"), &rows, &moved));
    ctx_end(ctx);
    page = story_see(desk, number);
    assert_silent(desk, &page, "暂定");
    assert_int_equal(rows, 2);
    assert_int_equal(moved, 1);
    assert_int_equal(story_number(s, "select provisional from matter_clock where name = 'finish'"), 0);
    assert_int_equal(day_of(story_number(s, "select due from matter_clock where name = 'finish'")), day_from(2027, 1, 8));
    story_assert_sound(s);
}

/* Between the import of another process and its own look at the law a server counts by the old calendar. */
static void what_was_counted_by_the_old_calendar_meanwhile_is_counted_again(void **state)
{
    struct story *s = *state;
    story_set_clock(s, day_from(2026, 12, 31), 9, 0);
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "complaint", "complaints", "垃圾三天没有人收。");
    const struct law *old = atomic_load(&s->house->records.law);
    int64_t old_version = s->house->law_version;
    struct ctx *ctx = ctx_begin(&s->house->model);
    int rows, moved;
    assert_ok(s->f, law_import_calendar(s->house, ctx, "2027.csv",
                                        TEXT("date,type,name\n2027-01-01,off,元旦\n2027-10-01,off,国庆节\n"), &rows, &moved));
    atomic_store(&s->house->records.law, old); /* as a server that hasn't looked yet */
    s->house->law_version = old_version;
    story_dispatch(desk, number, "周强");
    assert_int_equal(story_number(s, "select provisional from matter_clock where name = 'finish'"), 1);
    assert_ok(s->f, law_refresh(s->house, ctx));
    assert_int_equal(story_number(s, "select provisional from matter_clock where name = 'finish'"), 0);
    assert_int_equal(day_of(story_number(s, "select due from matter_clock where name = 'finish'")), day_from(2027, 1, 8));
    ctx_end(ctx);
    story_assert_sound(s);
}

static void a_serving_process_notices_what_another_imported(void **state)
{
    struct story *s = *state;
    const struct law *before = law_now(s->house->ctx);
    struct ctx *ctx = ctx_begin(&s->house->model);
    assert_ok(s->f, law_refresh(s->house, ctx));
    assert_ptr_equal(law_now(s->house->ctx), before);
    import_rules(s, own_number);
    s->house->law_version = 0; /* as a process that loaded the law earlier */
    before = law_now(s->house->ctx);
    assert_ok(s->f, law_refresh(s->house, ctx));
    assert_ptr_not_equal(law_now(s->house->ctx), before);
    ctx_end(ctx);
}

static void a_law_that_could_not_be_loaded_is_tried_again(void **state)
{
    struct story *s = *state;
    struct ctx *ctx = ctx_begin(&s->house->model);
    story_disturb(s, "insert into rule_override (place, rule_key, value, set_by, source) values ('" TOWN "', 'order.nothing', 3, 'x', 'y')");
    story_disturb(s, "update setting set value = '7' where name = 'law'");
    for (int i = 0; i < 2; i++)
        assert_fails(law_refresh(s->house, ctx), ERR_INPUT, "rules.override.unknown");
    story_disturb(s, "update rule_override set rule_key = 'order.sign'");
    assert_ok(s->f, law_refresh(s->house, ctx));
    const struct law *loaded = law_now(s->house->ctx);
    assert_ok(s->f, law_refresh(s->house, ctx));
    assert_ptr_equal(law_now(s->house->ctx), loaded);
    ctx_end(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_town_sets_its_own_number_and_only_there),
        STORY(a_bad_file_of_numbers_changes_nothing),
        STORY(a_new_calendar_moves_clocks_that_reached_beyond_the_old_one),
        STORY(what_was_counted_by_the_old_calendar_meanwhile_is_counted_again),
        STORY(a_serving_process_notices_what_another_imported),
        STORY(a_law_that_could_not_be_loaded_is_tried_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
