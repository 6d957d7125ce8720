/* tests/unit/test_matter_page.c -- the page of a matter, for each reader: what stands in it, and what does not.
 * When it fails: src/commons/matter_page.c, seen.c; who may see what is record/matter.c's. */
#include "shared_routes.h"
#include "world.h"

#include "commons/commons.h"
#include "systems/requests/requests.h"

const struct route *const world_routes[] = { commons_routes, requests_routes, shared_routes, NULL };

static const char *address(struct world *w, const char *number, const char *rest)
{
    return arena_printf(w->ctx->arena, "/requests/%s%s", number, rest);
}

static void the_author_sees_all_of_it(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign answer");
    struct visit *page = world_get(w, "zhang", address(w, number, ""));
    assert_says(page, "matter.number", number);
    assert_string_equal(page->view, "matter");
    assert_says(page, "matter.kind", "求助");
    assert_says(page, "matter.topic", "安全");
    assert_says(page, "matter.text", "路灯坏了三盏");
    assert_says(page, "matter.spot", "村口到小学");
    assert_says(page, "matter.place", "{\"name\":\"永兴镇黄庄村一组\",\"href\":\"/places/500116106200-Z01\"}");
    assert_says(page, "matter.author.name", "张大山");
    assert_says(page, "matter.author.mine", "true");
    assert_says(page, "matter.owner.name", "您");
    assert_says(page, "matter.state", "{\"key\":\"answered\",\"name\":\"已答复\",\"shape\":\"answered\"}");
    assert_says(page, "matter.version", "4");
    assert_says(page, "matter.answer.text", "当晚已经修好");
    assert_says(page, "matter.answer.by", "何办 · 承办人");
    assert_string_equal(world_each(page, "moves", "name"), "rate reopen");
    assert_says(page, "moves.0.main", "true");
    assert_says(page, "moves.0.action", address(w, number, "/moves/rate"));
    assert_string_equal(world_each(page, "moves.0.fields", "key"), "solved grade remark");
    assert_says(page, "moves.0.fields.0.columns", "2");
    assert_says(page, "moves.0.fields.1.columns", "5");
    assert_string_equal(world_each(page, "history", "what"), "答复 签收 派单 提交");
    assert_string_equal(world_each(page, "history", "who"), "何办 · 承办人 何办 · 承办人 吴台 · 受理台 您");
    assert_says(page, "history.3.details", "[]");
    assert_says(page, "history.2.details.0.value", "何办");
    assert_string_equal(world_each(page, "clocks", "name"), "等待评价");
    assert_says(page, "clocks.0.running", "true");
    assert_string_equal(world_each(page, "ended", "name"), "签收 办结 派单"); /* folded away */
    assert_string_equal(world_each(page, "ended", "stands"), "met met met");
    assert_says(page, "ended_count", "3");
    assert_says(page, "ended.1.rule", "5个工作日");
    assert_non_null(strstr(world_said(page, "ended.1.source"), "24"));
    assert_says(page, "clocks.0.source", "本系统约定，不是法定时限");
    assert_says(page, "matter.next.what", "请在此前评价");
    assert_says(page, "matter.next.late", "false");
}

static void each_role_has_exactly_its_buttons(void **state)
{
    struct world *w = *state;
    const char *filed = world_lamps(w, ""), *given = world_lamps(w, "dispatch"), *working = world_lamps(w, "dispatch sign");
    assert_string_equal(world_each(world_get(w, "wu", address(w, filed, "")), "moves", "name"), "dispatch decline");
    assert_string_equal(world_each(world_get(w, "zhang", address(w, filed, "")), "moves", "name"), "");
    assert_says(world_get(w, "zhang", address(w, filed, "")), "nothing", "现在由受理台办，您这里暂时没有要做的。");
    assert_string_equal(world_each(world_get(w, "he", address(w, given, "")), "moves", "name"), "sign return");
    assert_string_equal(world_each(world_get(w, "wu", address(w, given, "")), "moves", "name"), "reassign urge");
    assert_says(world_get(w, "zhang", address(w, given, "")), "nothing", "现在由何办办，您这里暂时没有要做的。");
    struct visit *page = world_get(w, "he", address(w, working, ""));
    assert_string_equal(world_each(page, "moves", "name"), "answer suspend ask_more_time");
    assert_says(page, "moves.2.fields.1.least", "1");
    assert_says(page, "moves.2.fields.1.most_value", "15");
    assert_says(page, "matter.owner.name", "您");
    assert_says(page, "matter.owner.unit", "永兴镇民生办");
}

static void the_desk_chooses_among_the_handlers_of_its_town(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, "wu", address(w, world_lamps(w, ""), ""));
    assert_says(page, "moves.0.fields.0.is_select", "true");
    const char *labels = world_each(page, "moves.0.fields.0.options", "label");
    assert_non_null(strstr(labels, "何办"));
    assert_non_null(strstr(labels, "白建"));
    assert_null(strstr(labels, "高台"));
    assert_int_equal(world_at(page->model, "moves.0.fields.0.options")->count, 2);
    assert_says(page, "matter.author.name", "张大山"); /* the desk may see names in its town */
    assert_says(page, "matter.author.mine", "false");
}

static void a_handler_reads_the_name_as_the_public_would(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, "he", address(w, world_lamps(w, "dispatch"), ""));
    assert_says(page, "matter.author.mine", "false");
    assert_says(page, "matter.author.name", "张某某");
    assert_silent(page, "张大山");
}

/* Strangers, other villagers, another town's desk, the handler to whom it was not given. */
static void everybody_else_sees_the_public_line(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign answer");
    static const char *const readers[] = { NULL, "chen", "ren", "gao", "bai", "shu" };
    static const char *const words[] = { "路灯", "小学", "张", "何办", "吴台", "修好", "version", "moves", "一组", "clocks" };
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct visit *page = world_get(w, readers[i], address(w, number, ""));
        assert_says(page, "matter.number", number);
        assert_string_equal(page->view, "progress");
        assert_says(page, "matter.kind", "求助");
        assert_says(page, "matter.state.name", "已答复");
        assert_string_equal(world_each(page, "steps", "what"), "答复 签收 派单 提交");
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            assert_silent(page, words[k]);
        if (readers[i])
            assert_says(page, "sign_in_href", "null");
    }
    assert_says(world_get(w, NULL, address(w, number, "")), "sign_in_href",
                arena_printf(w->ctx->arena, "/sign-in?back=/requests/%s", number));
}

static void an_accusation_does_not_exist_for_others(void **state)
{
    struct world *w = *state;
    const char *number = world_file(w, "zhang", "category=report&topic=safety&text=有人违规");
    static const char *const others[] = { NULL, "chen", "li", "gao", "bai", "shu", "ling" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_fails(world_get(w, others[i], address(w, number, ""))->err, ERR_MISSING, "matter.missing");
    struct visit *page = world_get(w, "wu", address(w, number, ""));
    assert_says(page, "matter.author.name", "张大山");
    world_move(w, "wu", number, "dispatch", arena_printf(w->ctx->arena, "handler=%s", world_id(w, "he")));
    page = world_get(w, "he", address(w, number, ""));
    assert_says(page, "matter.text", "有人违规");
    assert_silent(page, "\"author\"");
    assert_silent(page, "张");
    assert_silent(page, "您\"},{"); /* nor as a "you" that isn't theirs */
    assert_string_equal(world_each(page, "history", "who"), "吴台 · 受理台 提出人");
    assert_fails(world_get(w, "he", address(w, number, "/receipt"))->err, ERR_MISSING, "receipt.no_event");
    assert_null(world_get(w, "he", address(w, number, "/receipt?event=2"))->err);
}

static void no_matter_has_that_number(void **state)
{
    struct world *w = *state;
    assert_fails(world_get(w, "zhang", "/requests/500116106200-QZ-2026-99999")->err, ERR_MISSING, "matter.missing");
    assert_fails(world_get(w, "zhang", "/requests/nothing")->err, ERR_MISSING, "matter.missing");
}

static void in_english_every_word_is_english(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch");
    w->f->model.language = LANGUAGE_EN;
    struct visit *page = world_get(w, "he", address(w, number, ""));
    assert_says(page, "matter.kind", "Help");
    assert_says(page, "matter.state.name", "Dispatched");
    assert_says(page, "matter.next.what", "Signing for: last moment");
    assert_says(page, "matter.next.rule", "1 working day");
    assert_says(page, "moves.0.label", "Sign for");
    assert_says(page, "history.1.what", "File");
}

static void a_clock_says_how_it_ended(void **state)
{
    struct world *w = *state;
    const char *back = world_lamps(w, "dispatch");
    world_move(w, "he", back, "return", "ground=not_my_area&reason=不是我们片区");
    struct visit *page = world_get(w, "wu", address(w, back, ""));
    assert_string_equal(world_each(page, "clocks", "name"), "派单");
    assert_string_equal(world_each(page, "ended", "name"), "签收 办结 派单");
    assert_string_equal(world_each(page, "ended", "stands"), "cancelled cancelled met"); /* given back: nothing was met */
    const char *late = world_lamps(w, "dispatch");
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 3 * MICROS_PER_DAY);
    page = world_get(w, "he", address(w, late, ""));
    assert_string_equal(world_each(page, "clocks", "stands"), "late running"); /* late and still to be done: stands open */
    world_move(w, "he", late, "sign", "");
    page = world_get(w, "he", address(w, late, ""));
    assert_string_equal(world_each(page, "ended", "name"), "签收 派单");
    assert_string_equal(world_each(page, "ended", "stands"), "missed met"); /* signed, but not in time */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(the_author_sees_all_of_it),
        IN_WORLD(each_role_has_exactly_its_buttons),
        IN_WORLD(the_desk_chooses_among_the_handlers_of_its_town),
        IN_WORLD(a_handler_reads_the_name_as_the_public_would),
        IN_WORLD(everybody_else_sees_the_public_line),
        IN_WORLD(an_accusation_does_not_exist_for_others),
        IN_WORLD(no_matter_has_that_number),
        IN_WORLD(in_english_every_word_is_english),
        IN_WORLD(a_clock_says_how_it_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
