/* fuzz/fuzz_law.c -- any bytes as what an operator brings in as law: a calendar, a town's own numbers over one rule. What is
 * taken keeps to its order and to the floor. */
#include "target.h"

#include "base/day.h"
#include "civic/calendar.h"
#include "civic/rules.h"

static const char one_rule[] = "rules:\n"
                               "  - key: order.sign\n"
                               "    value: 2\n"
                               "    unit: workday\n"
                               "    count: WD\n"
                               "    source: 条例 23\n"
                               "    mark: verified\n"
                               "    floor: {at_most: 3, source: 条例 24}\n"
                               "    name: {zh: 签收时限, en: Signing for}\n";

static void demand_told(const struct err *e)
{
    FUZZ_DEMAND(!e || err_root(e)->kind == ERR_INPUT);
}

static void read_calendar(struct ctx *ctx, struct text bytes)
{
    struct calendar_row *rows;
    int count;
    const struct err *e = calendar_read_rows(ctx, "fuzz.csv", bytes, &rows, &count);
    demand_told(e);
    if (e)
        return;
    const struct calendar *calendar = calendar_new(ctx, rows, count);
    for (int i = 0; i < count; i++) {
        FUZZ_DEMAND(!i || rows[i - 1].day < rows[i].day);
        FUZZ_DEMAND(calendar_is_workday(calendar, rows[i].day, NULL) == rows[i].is_worked);
        FUZZ_DEMAND(text_equal(calendar_name(calendar, rows[i].day), rows[i].name));
    }
}

static void read_overrides(struct ctx *ctx, struct text bytes)
{
    struct rules *rules, *with;
    struct rule_override *overrides;
    int count;
    const struct err *e = rules_read(ctx, "rules.yaml", text_of(one_rule), &rules);
    FUZZ_DEMAND(!e);
    e = rules_read_overrides(ctx, "fuzz.yaml", bytes, &overrides, &count);
    demand_told(e);
    if (e)
        return;
    e = rules_with(ctx, rules, overrides, count, &with);
    demand_told(e);
    for (int i = 0; !e && i < count; i++) {
        const struct rule *rule = rules_for(with, TEXT("order.sign"), &overrides[i].place, 1);
        FUZZ_DEMAND(rule && rule->value == overrides[i].value && rule->value <= 3 && rule->source && rule->by);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct text bytes = { (const char *)at, size };
    read_calendar(ctx, bytes);
    read_overrides(ctx, bytes);
    ctx_end(ctx);
    return 0;
}
