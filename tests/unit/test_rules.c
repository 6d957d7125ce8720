/* When this fails, look in src/civic/rules.c. */
#include "file.h"
#include "fixture.h"

#include "civic/rules.h"

#define GOOD "value: 5, unit: day, count: WD, source: 条例 1, mark: customary, name: {zh: 时限, en: Time}"

static struct rules *read_ok(struct fixture *f, const char *bytes)
{
    struct rules *rules;
    assert_ok(f, rules_read(f->ctx, "r.yaml", text_of(bytes), &rules));
    return rules;
}

static void the_numbers_of_the_service_desk_stand_with_their_sources(void **state)
{
    struct fixture *f = *state;
    struct rules *rules;
    const char *path = "src/systems/requests/rules.yaml";
    static const struct {
        const char *key;
        int value;
        const char *unit, *count, *source;
        enum mark mark;
    } expected[] = {
        { "order.dispatch", 2, "hour", "H", "参照唐山市12345热线条例第20条", MARK_CUSTOMARY },
        { "order.sign", 1, "workday", "WD", "参照唐山市12345热线条例第23条", MARK_CUSTOMARY },
        { "order.return", 1, "workday", "WD", "参照唐山市12345热线条例第23条", MARK_CUSTOMARY },
        { "order.return_hard", 3, "workday", "WD", "参照唐山市12345热线条例第23条", MARK_CUSTOMARY },
        { "order.finish_question", 2, "workday", "WD", "参照唐山市12345热线条例第24条", MARK_CUSTOMARY },
        { "order.finish_other", 5, "workday", "WD", "参照唐山市12345热线条例第24条", MARK_CUSTOMARY },
        { "order.slow_action_feedback", 24, "hour", "H", "参照唐山市12345热线条例第32条", MARK_CUSTOMARY },
        { "rating.grades", 5, "grade", "none", "国办发〔2019〕51号", MARK_VERIFIED },
        { "rating.bad_fix", 5, "workday", "WD", "参照梁平、德州公开文件", MARK_CUSTOMARY },
        { "rating.bad_named_callback", 100, "percent", "GE", "参照德州、四川公开文件", MARK_CUSTOMARY },
    };
    assert_ok(f, rules_read(f->ctx, path, read_file(f, path), &rules));
    assert_int_equal(rules_count(rules), sizeof expected / sizeof *expected);
    for (int i = 0; i < rules_count(rules); i++) {
        const struct rule *rule = rules_at(rules, i);
        assert_string_equal(rule->key, expected[i].key);
        assert_int_equal(rule->value, expected[i].value);
        assert_string_equal(unit_key(rule->unit), expected[i].unit);
        assert_string_equal(count_key(rule->count), expected[i].count);
        assert_string_equal(rule->source, expected[i].source);
        assert_int_equal(rule->mark, expected[i].mark);
    }
    assert_null(rules_at(rules, rules_count(rules)));
    assert_null(rules_find(rules, TEXT("order.fly")));
}

static void a_rule_with_a_mistake_is_refused_with_line_and_reason(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *bytes, *line, *reason;
    } cases[] = {
        { "rules:\n  - {key: a, value: 1, unit: day, count: WD, mark: verified, name: {zh: 甲, en: A}}\n", "2",
          "a has no source: a number of the law without one is refused" },
        { "rules:\n  - {key: a, value: 1, unit: day, count: WD, source: ' ', mark: verified, name: {zh: 甲, en: A}}\n",
          "2", "source of a is empty" },
        { "rules:\n  - {key: a, " GOOD "}\n  - {key: a, " GOOD "}\n", "3", "the rule a stands twice" },
        { "rules:\n  - {key: a, colour: red, " GOOD "}\n", "2", "a rule has the unknown key colour" },
        { "rules:\n  - {key: A, " GOOD "}\n", "2", "the key of a rule must be a word of a-z, 0-9 and _" },
        { "rules:\n  - {key: a, value: 5, unit: fortnight, count: WD, source: x, mark: verified, name: {zh: 甲, en: "
          "A}}\n",
          "2", "a has the unknown unit fortnight" },
        { "rules:\n  - {key: a, value: 5, unit: day, count: XX, source: x, mark: verified, name: {zh: 甲, en: A}}\n",
          "2", "a has the unknown count XX" },
        { "rules:\n  - {key: a, value: 5, unit: day, count: H, source: x, mark: verified, name: {zh: 甲, en: A}}\n",
          "2", "a can't be counted: 5 day by H" },
        { "rules:\n  - {key: a, value: -5, unit: day, count: WD, source: x, mark: verified, name: {zh: 甲, en: A}}\n",
          "2", "the value of a is neither a whole number nor a share p/q" },
        { "rules:\n  - {key: a, value: 3/2, unit: share, count: GT, source: x, mark: verified, name: {zh: 甲, en: "
          "A}}\n",
          "2", "the value of a is neither a whole number nor a share p/q" },
        { "rules:\n  - {key: a, value: 1/2, unit: day, count: GT, source: x, mark: verified, name: {zh: 甲, en: A}}\n",
          "2", "the value of a and its unit don't agree: a share is p/q" },
        { "rules:\n  - {key: a, value: 1, unit: day, count: WD, source: x, mark: sure, name: {zh: 甲, en: A}}\n", "2",
          "a has the unknown mark sure" },
        { "rules:\n  - {key: a, value: 1, unit: day, count: WD, source: x, mark: verified, name: {zh: 甲}}\n", "2",
          "a has no name in en" },
        { "rules:\n  - {key: a, floor: {at_least: 1}, " GOOD "}\n", "2", "floor has no source" },
        { "rules:\n  - {key: a, floor: {source: x}, " GOOD "}\n", "2",
          "the floor of a says neither at_least nor at_most" },
        { "rules:\n  - {key: a, floor: {at_least: 6, source: x}, " GOOD "}\n", "2",
          "the value of a is itself beyond its floor" },
        { "rule:\n  - {key: a, " GOOD "}\n", "2", "the file has the unknown key rule" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rules *rules;
        const struct err *err = rules_read(f->ctx, "r.yaml", text_of(cases[i].bytes), &rules);
        if (!err)
            fail_msg("case %zu is accepted", i);
        assert_string_equal(err->said, "yaml.refused");
        assert_string_equal(err->arguments[0], "r.yaml");
        assert_string_equal(err->arguments[2], cases[i].reason);
        assert_string_equal(err->arguments[1], cases[i].line);
    }
}

static void the_nearest_place_with_an_override_wins(void **state)
{
    struct fixture *f = *state;
    struct rules *rules = read_ok(f, "rules:\n  - {key: a, " GOOD "}\n  - {key: b, " GOOD "}\n"), *with;
    static const char bytes[] = "overrides:\n"
                                "  - {place: '500116000000', key: a, value: 4, by: 江津区, source: 区文件}\n"
                                "  - {place: '500116106000', key: a, value: 3, by: 永兴镇, source: 镇文件}\n";
    struct rule_override *overrides;
    int count;
    assert_ok(f, rules_read_overrides(f->ctx, "o.yaml", text_of(bytes), &overrides, &count));
    assert_ok(f, rules_with(f->ctx, rules, overrides, count, &with));
    struct text village[] = { TEXT("500116106200"), TEXT("500116106000"), TEXT("500116000000") };
    struct text other_town[] = { TEXT("500116104000"), TEXT("500116000000") }, elsewhere[] = { TEXT("500230109000") };
    const struct rule *rule = rules_for(with, TEXT("a"), village, 3);
    assert_int_equal(rule->value, 3);
    assert_string_equal(rule->place, "500116106000");
    assert_string_equal(rule->by, "永兴镇");
    assert_string_equal(rule->source, "镇文件");
    assert_int_equal(rules_for(with, TEXT("a"), other_town, 2)->value, 4);
    assert_int_equal(rules_for(with, TEXT("a"), elsewhere, 1)->value, 5);
    assert_null(rules_for(with, TEXT("a"), elsewhere, 1)->place);
    assert_int_equal(rules_for(with, TEXT("b"), village, 3)->value, 5);
    assert_int_equal(rules_for(rules, TEXT("a"), village, 3)->value, 5); /* what was given is not changed */
}

static void a_floor_of_the_law_cannot_be_undercut(void **state)
{
    struct fixture *f = *state;
    struct rules *rules = read_ok(
                     f, "rules:\n  - {key: notice, floor: {at_least: 3, source: 村组法 25}, " GOOD "}\n"
                        "  - {key: answer, floor: {at_most: 6, source: 信访条例 34}, " GOOD "}\n"
                        "  - {key: pass, value: 1/2, unit: share, count: GT, source: 村组法 26, mark: verified, "
                        "name: {zh: 过半, en: Half}}\n"),
                 *with;
    static const struct {
        const char *key;
        int64_t value;
        const char *source, *said;
    } cases[] = {
        { "notice", 2, "x", "rules.override.floor" },
        { "answer", 7, "x", "rules.override.ceiling" },
        { "pass", 1, "x", "rules.override.share" },
        { "fly", 1, "x", "rules.override.unknown" },
        { "notice", 4, " ", "rules.override.source" },
        { "notice", 100001, "x", "rules.override.value" },
        { "notice", 3, "x", NULL },
        { "answer", 6, "x", NULL },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rule_override override = { TEXT("5"), text_of(cases[i].key), cases[i].value, TEXT("镇"),
                                          text_of(cases[i].source) };
        const struct err *err = rules_with(f->ctx, rules, &override, 1, &with);
        if (!cases[i].said) {
            assert_ok(f, err);
            continue;
        }
        assert_fails(err, ERR_INPUT, cases[i].said);
    }
    struct rule_override two[] = { { TEXT("5"), TEXT("notice"), 3, TEXT("镇"), TEXT("x") },
                                   { TEXT("5"), TEXT("notice"), 4, TEXT("镇"), TEXT("x") } };
    assert_fails(rules_with(f->ctx, rules, two, 2, &with), ERR_INPUT, "rules.override.twice");
    struct rule_override low = { TEXT("5"), TEXT("notice"), 2, TEXT("镇"), TEXT("x") };
    const struct err *err = rules_with(f->ctx, rules, &low, 1, &with);
    assert_string_equal(err->arguments[2], "3");
    assert_string_equal(err->arguments[3], "村组法 25");
}

static void an_unsure_rule_is_never_shown_as_law(void **state)
{
    struct fixture *f = *state;
    struct rules *rules = read_ok(
        f, "rules:\n  - {key: a, value: 10, unit: day, count: ND, source: 惯例, mark: unsure, name: "
           "{zh: 备案, en: Filing}}\n  - {key: b, " GOOD "}\n");
    assert_false(rule_may_show(rules_find(rules, TEXT("a"))));
    assert_true(rule_may_show(rules_find(rules, TEXT("b"))));
}

static void files_join_and_a_share_is_exact(void **state)
{
    struct fixture *f = *state;
    struct rules *one = read_ok(f, "rules:\n  - {key: a, " GOOD "}\n"), *joined;
    struct rules *two = read_ok(
        f, "rules:\n  - {key: b, value: 2/3, unit: share, count: GE, source: 村组法 30, mark: verified, "
           "name: {zh: 出席, en: Quorum}}\n");
    const struct rules *parts[] = { one, two }, *same[] = { one, one };
    assert_ok(f, rules_join(f->ctx, parts, 2, &joined));
    assert_int_equal(rules_count(joined), 2);
    assert_int_equal(rules_find(joined, TEXT("b"))->value, 2);
    assert_int_equal(rules_find(joined, TEXT("b"))->of, 3);
    assert_fails(rules_join(f->ctx, same, 2, &joined), ERR_INPUT, "rules.twice");
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
        row(the_numbers_of_the_service_desk_stand_with_their_sources),
        row(a_rule_with_a_mistake_is_refused_with_line_and_reason),
        row(the_nearest_place_with_an_override_wins),
        row(a_floor_of_the_law_cannot_be_undercut),
        row(an_unsure_rule_is_never_shown_as_law),
        row(files_join_and_a_share_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
