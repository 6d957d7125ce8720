/* tests/unit/test_matter_forms.c -- filing and moving by form: what goes through, and everything that comes back.
 * When it fails: src/commons/form.c, matter_forms.c, src/systems/requests/new_request.c. */
#include "shared_routes.h"
#include "world.h"

#include "commons/commons.h"
#include "systems/requests/requests.h"

const struct route *const world_routes[] = { commons_routes, requests_routes, shared_routes, NULL };

static const char *address(struct world *w, const char *number, const char *rest)
{
    return arena_printf(w->ctx->arena, "/requests/%s%s", number, rest);
}

/* --- filing --- */

static void a_villager_is_asked_what_the_flow_asks(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, "zhang", "/requests/new");
    assert_string_equal(world_each(page, "fields", "key"), "category topic text where photos accused");
    assert_says(page, "fields.0.is_tiles", "true");
    assert_says(page, "fields.0.columns", "5");
    assert_string_equal(world_each(page, "fields.0.options", "label"), "咨询 求助 投诉 举报 建议");
    assert_string_equal(world_each(page, "fields.1.options", "label"), "教育 办事 投诉 安全 其他");
    assert_says(page, "fields.0.options.0.note", "问政策、问手续");
    assert_says(page, "fields.2.is_text", "true");
    assert_says(page, "fields.2.most", "2000");
    assert_says(page, "fields.2.required", "true");
    assert_says(page, "fields.3.is_line", "true");
    assert_says(page, "fields.3.required", "false");
    assert_says(page, "fields.4.is_images", "true");
    assert_says(page, "for_place.name", "永兴镇黄庄村一组");
    assert_says(page, "action", "/requests");
    assert_says(page, "by_hand", "null");
    assert_says(page, "has_problems", "false");
    assert_int_equal(strlen(world_said(page, "token")), 22);
    struct visit *again = world_get(w, "zhang", "/requests/new");
    assert_string_not_equal(world_said(page, "token"), world_said(again, "token"));
    assert_string_equal(world_said(page, "draft"), world_said(again, "draft"));
    assert_string_not_equal(world_said(page, "draft"), world_said(world_get(w, "li", "/requests/new"), "draft"));
}

static void who_may_not_file_gets_no_form(void **state)
{
    struct world *w = *state;
    assert_fails(world_get(w, NULL, "/requests/new")->err, ERR_DENIED, "sign_in.needed");
    assert_fails(world_get(w, "he", "/requests/new")->err, ERR_DENIED, "rights.denied");
    assert_fails(world_post(w, "he", "/requests", "category=help")->err, ERR_DENIED, "rights.denied");
}

static void every_problem_of_filing_comes_back_with_the_text(void **state)
{
    struct world *w = *state;
    struct visit *page = world_post(w, "zhang", "/requests", "where=桥边&topic=nothing");
    assert_int_equal(page->answer.status, 422);
    assert_string_equal(page->view, "new_request");
    assert_says(page, "has_problems", "true");
    assert_string_equal(world_each(page, "problems", "id"), "new-category new-text");
    assert_says(page, "fields.3.value", "桥边");
    assert_non_null(world_at(page->model, "fields.0.error"));
    page = world_post(w, "zhang", "/requests", "category=help&topic=nothing&text=话");
    assert_string_equal(world_each(page, "problems", "id"), "new-topic");
    assert_says(page, "fields.0.options.1.chosen", "true");
    struct buffer form = { 0 };
    buffer_string(&form, "category=help&topic=safety&text=");
    for (int i = 0; i < 2001; i++)
        buffer_byte(&form, 'x');
    buffer_byte(&form, '\0');
    page = world_post(w, "zhang", "/requests", form.at);
    buffer_clear(&form);
    assert_string_equal(world_each(page, "problems", "id"), "new-text");
    assert_int_equal(strlen(world_said(page, "fields.2.value")), 2001);
}

static void a_picture_that_is_none_is_told_where_pictures_are_chosen(void **state)
{
    struct world *w = *state;
    struct upload none = { .field = TEXT("photos") };
    struct upload bad = { .field = TEXT("photos"), .file_name = TEXT("lamp.heic"), .bytes = TEXT("not a picture") };
    struct visit *page = world_send(w, "zhang", "/requests", "category=help&topic=safety&text=灯", &bad);
    assert_string_equal(world_each(page, "problems", "id"), "new-photos");
    assert_says(page, "fields.2.value", "灯");
    page = world_send(w, "zhang", "/requests", "category=help&topic=safety&text=灯", &none);
    assert_non_null(page->outcome.number);
}

static void a_filed_request_leads_to_its_slip(void **state)
{
    struct world *w = *state;
    struct visit *page = world_post(w, "zhang", "/requests", "category=help&topic=safety&text=灯坏了&token=abcdefghijklmnopqrstuv");
    const char *number = page->outcome.number;
    assert_string_equal(page->answer.location, address(w, number, "/filed"));
    struct visit *again = world_post(w, "zhang", "/requests", "category=help&topic=safety&text=灯坏了&token=abcdefghijklmnopqrstuv");
    assert_null(again->outcome.number);
    assert_string_equal(again->answer.location, address(w, number, "/filed"));
    struct visit *filed = world_get(w, "zhang", page->answer.location);
    assert_says(filed, "matter.number", number);
    assert_says(filed, "next.words", "由受理台在今天 11:00 前派单。");
    assert_says(filed, "next.rule", "2小时");
    assert_non_null(strstr(world_said(filed, "next.source"), "20"));
    assert_says(filed, "slip.kind", "求助 · 安全");
    assert_says(filed, "slip.place", "永兴镇黄庄村");
    assert_says(filed, "slip.address", arena_printf(w->ctx->arena, "https://gongzhi.example/requests/%s", number));
    assert_int_equal(world_at(filed->model, "slip.qr.path")->kind, NODE_TEXT);
    /* For whom it wasn't filed just now, it is an ordinary matter, or none of theirs. */
    assert_string_equal(world_get(w, "wu", address(w, number, "/filed"))->answer.location, address(w, number, ""));
    assert_fails(world_get(w, "chen", address(w, number, "/filed"))->err, ERR_MISSING, "matter.missing");
}

static void another_village_may_be_named_in_the_address(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, "zhang", "/requests/new?place=500116106201");
    assert_says(page, "for_place.name", "永兴镇大桥村");
    assert_says(page, "action", "/requests?place=500116106201");
    page = world_post(w, "zhang", "/requests?place=500116106201", "category=help&topic=safety&text=桥");
    assert_non_null(page->outcome.number);
    assert_true(text_starts(text_of(page->outcome.number), "500116106201-"));
    assert_non_null(world_post(w, "zhang", "/requests?place=500230109224", "category=help&topic=safety&text=远")->err);
    page = world_post(w, "zhang", "/requests?place=000000000000", "category=help&topic=safety&text=无");
    assert_int_equal(page->answer.status, 422);
}

static void the_desk_writes_down_what_somebody_says(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, "wu", "/requests/new");
    assert_string_equal(world_each(page, "by_hand.fields", "key"), "place asker asker_name asker_phone");
    assert_says(page, "title", "代为登记");
    assert_says(page, "draft", "null"); /* nothing of somebody else stays on the device */
    assert_string_equal(world_each(page, "by_hand.fields.0.options", "label"), "黄庄村 大桥村 永兴镇");
    page = world_post(w, "wu", "/requests", "category=help&topic=safety&text=她说灯坏了");
    assert_string_equal(world_each(page, "problems", "id"), "new-place");
    page = world_post(w, "wu", "/requests", "place=500116106201&asker=19912345678&category=help&topic=safety&text=灯");
    assert_string_equal(world_each(page, "problems", "id"), "new-asker");
    assert_says(page, "by_hand.fields.1.value", "19912345678");
    assert_says(page, "by_hand.fields.0.options.1.chosen", "true");

    const char *number = world_file(w, "wu", "place=500116106201&asker=19900000002&category=help&topic=safety&text=陈家的灯");
    assert_says(world_get(w, "chen", address(w, number, "")), "matter.text", "陈家的灯");
    assert_says(world_get(w, "wu", address(w, number, "/filed")), "matter.number", number);
    number = world_file(w, "wu", "place=500116106201&category=help&topic=safety&text=路过的人说的");
    assert_silent(world_get(w, "wu", address(w, number, "")), "\"author\"");
}

/* Whom it is for decides who may read it: neither the first of several nor somebody of another town. */
static void the_one_it_is_written_down_for_is_the_one_that_was_meant(void **state)
{
    struct world *w = *state;
    static const char form[] = "place=500116106201&asker=19900000002&category=help&topic=safety&text=陈家的灯";
    world_import(w, IMPORT_PEOPLE, "person,name,phone,place\n"
                                   "far,远台,,500230109000\n"
                                   "near,高家人,19900000002,500230109224\n");
    world_import(w, IMPORT_ROLES, "person,role,place,organisation,from\n"
                                  "far,desk,500230109000,,2024-03-01\n"
                                  "far,desk,500116106000,,2024-03-01\n");
    const char *number = world_file(w, "far", form); /* at home in the other town, which has this number too */
    assert_says(world_get(w, "chen", address(w, number, "")), "matter.text", "陈家的灯");
    world_import(w, IMPORT_PEOPLE, "person,name,phone,place\nmother,陈母,19900000002,500116106201\n");
    struct visit *page = world_post(w, "wu", "/requests", form);
    assert_string_equal(world_each(page, "problems", "id"), "new-asker");
    assert_says(page, "problems.0.text", "册子里不止一个人用这个手机号，请填身份证号");
}

/* --- whom a report names --- */

static const char *report_of(struct world *w, const char *accused)
{
    return world_file(w, "ren", arena_printf(w->ctx->arena, "category=report&topic=safety&text=占用公款&accused=%s", accused));
}

static struct visit *dispatch_to(struct world *w, const char *number, const char *who)
{
    return world_post(w, "wu", address(w, number, "/moves/dispatch"), arena_printf(w->ctx->arena, "handler=%s", world_id(w, who)));
}

static void whoever_a_report_names_is_kept_away(void **state)
{
    struct world *w = *state;
    const char *number = report_of(w, "何办（民生方面的）");
    struct visit *page = world_get(w, "wu", address(w, number, ""));
    assert_says(page, "matter.accused", "何办（民生方面的）");
    assert_string_equal(world_each(page, "moves.0.fields.0.options", "label"), "白建");
    page = dispatch_to(w, number, "he"); /* sent all the same */
    assert_int_equal(page->answer.status, 422);
    assert_says(page, "problems.0.text", "举报不得交给被举报的人员或单位办理");
    assert_null(dispatch_to(w, number, "bai")->err);
    number = report_of(w, "民生办"); /* the one office that has it in its name */
    assert_string_equal(world_each(world_get(w, "wu", address(w, number, "")), "moves.0.fields.0.options", "label"), "白建");
    number = report_of(w, "某个外地老板"); /* nobody known: nobody is barred */
    assert_string_equal(world_each(world_get(w, "wu", address(w, number, "")), "moves.0.fields.0.options", "label"), "白建 何办");
    /* Of a complaint the field says nothing about who handles it. */
    number = world_file(w, "ren", "category=complaint&topic=errands&text=态度不好&accused=何办");
    assert_string_equal(world_each(world_get(w, "wu", address(w, number, "")), "moves.0.fields.0.options", "label"), "白建 何办");
}

static void a_clerk_who_is_named_does_not_see_the_report(void **state)
{
    struct world *w = *state;
    const char *number = report_of(w, "吴台");
    assert_null(world_get(w, "wu", address(w, number, ""))->err); /* alone at the desk: else nobody would see it */
    world_import(w, IMPORT_ROLES, "person,role,place,organisation,from\nshu,desk,500116106000,,2024-03-01\n");
    number = report_of(w, "舒记");
    assert_fails(world_get(w, "shu", address(w, number, ""))->err, ERR_MISSING, "matter.missing");
    assert_null(strstr(world_each(world_get(w, "shu", "/requests"), "rows", "number"), number));
    assert_null(strstr(world_each(world_get(w, "shu", "/inbox"), "rows", "number"), number));
    assert_null(world_get(w, "wu", address(w, number, ""))->err);
    assert_says(world_get(w, "ren", address(w, number, "")), "matter.accused", "舒记");
}

static void of_two_names_in_the_words_the_longer_is_meant(void **state)
{
    struct world *w = *state;
    world_import(w, IMPORT_PEOPLE, "person,name,place\nqiang,李强,500116106000\nsheng,李强生,500116106000\n");
    world_import(w, IMPORT_ROLES, "person,role,place,organisation,from\nqiang,desk,500116106000,,2024-03-01\n"
                                  "sheng,town_leader,500116106000,,2024-03-01\nsheng,desk,500116106000,,2024-03-01\n");
    const char *number = report_of(w, "李强生");
    assert_fails(world_get(w, "sheng", address(w, number, ""))->err, ERR_MISSING, "matter.missing");
    assert_null(world_get(w, "qiang", address(w, number, ""))->err);
}

/* What was typed survives the sign-in: the page reads it from the form that came back. */
static void a_kept_text_stands_in_the_new_form(void **state)
{
    struct world *w = *state;
    struct visit *visit = world_visit(w, "zhang", "GET", "/requests/new", "text=写了一半&category=help");
    assert_ok(w->f, visit->route->page(visit->ctx, visit->request, &visit->answer));
    world_leave(visit);
    assert_says(visit, "fields.2.value", "写了一半");
    assert_says(visit, "fields.0.options.1.chosen", "true");
}

/* --- moving --- */

static void a_move_that_lacks_something_comes_back_open(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign");
    struct visit *page = world_post(w, "he", address(w, number, "/moves/ask_more_time"), "version=3&reason=等配件&workdays=99");
    assert_int_equal(page->answer.status, 422);
    assert_string_equal(page->view, "matter");
    assert_string_equal(world_each(page, "problems", "id"), "ask_more_time-workdays");
    assert_string_equal(world_each(page, "moves", "name"), "answer suspend ask_more_time");
    assert_says(page, "moves.2.open", "true");
    assert_says(page, "moves.0.open", "false");
    assert_says(page, "moves.2.fields.0.value", "等配件");
    assert_says(page, "moves.0.fields.0.value", "");
    page = world_post(w, "he", address(w, number, "/moves/ask_more_time"), "version=3");
    assert_string_equal(world_each(page, "problems", "id"), "ask_more_time-reason ask_more_time-workdays");
    page = world_post(w, "wu", address(w, world_lamps(w, ""), "/moves/dispatch"), "handler=12345");
    assert_string_equal(world_each(page, "problems", "id"), "dispatch-handler");
    page = world_post(w, "wu", address(w, world_lamps(w, ""), "/moves/decline"), "ground=because&reason=不收");
    assert_string_equal(world_each(page, "problems", "id"), "decline-ground");
    assert_says(page, "moves.1.fields.1.value", "不收");
}

static void a_stale_page_is_told_the_present_state_and_loses_nothing(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign answer");
    struct visit *page = world_post(w, "he", address(w, number, "/moves/answer"), "version=3&result=又写了一遍");
    assert_int_equal(page->answer.status, 409);
    assert_string_equal(page->view, "error");
    assert_says(page, "matter.state.key", "answered");
    assert_says(page, "matter.href", address(w, number, ""));
    assert_says(page, "kept.0.value", "又写了一遍");
    assert_says(page, "has_kept", "true");
    assert_says(page, "actions.0.href", address(w, number, ""));
    page = world_post(w, "zhang", address(w, number, "/moves/rate"), "version=3&solved=yes&grade=satisfied");
    assert_int_equal(page->answer.status, 409);
}

static void two_clerks_press_at_once_and_one_is_told(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "");
    const char *form = arena_printf(w->ctx->arena, "version=1&handler=%s", world_id(w, "he"));
    struct visit *slow = world_visit(w, "wu", "POST", address(w, number, "/moves/dispatch"), form);
    struct change change = { 0 };
    assert_ok(w->f, slow->route->check(slow->ctx, slow->request, &change));
    assert_non_null(change.plan);
    world_move(w, "wu", number, "dispatch", form);
    world_leave(slow);
    assert_int_equal(world_run(w, slow->ctx, change.plan).kind, OUTCOME_CONFLICT);
}

static void the_same_form_sent_twice_counts_once(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch");
    const char *form = "version=2&token=tttttttttttttttttttttt";
    struct visit *first = world_post(w, "he", address(w, number, "/moves/sign"), form);
    assert_int_equal(first->outcome.kind, OUTCOME_DONE);
    struct visit *second = world_post(w, "he", address(w, number, "/moves/sign"), form);
    assert_null(second->err);
    assert_string_equal(second->answer.location, address(w, number, ""));
    assert_int_equal(world_at(world_get(w, "he", address(w, number, ""))->model, "history")->count, 3);
}

static void nobody_moves_what_is_not_theirs(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch");
    assert_fails(world_post(w, "chen", address(w, number, "/moves/sign"), "")->err, ERR_MISSING, "matter.missing");
    assert_fails(world_post(w, "gao", address(w, number, "/moves/sign"), "")->err, ERR_MISSING, "matter.missing");
    assert_fails(world_post(w, NULL, address(w, number, "/moves/sign"), "")->err, ERR_DENIED, "sign_in.needed");
    assert_fails(world_post(w, "zhang", address(w, number, "/moves/sign"), "")->err, ERR_DENIED, "flow.move.denied");
    assert_fails(world_post(w, "zhang", address(w, number, "/moves/jump"), "")->err, ERR_MISSING, "flow.move.unknown");
    assert_fails(world_post(w, "zhang", address(w, number, "/moves/file"), "")->err, ERR_MISSING, "flow.move.unknown");
    assert_fails(world_post(w, "he", address(w, number, "/moves/lapse"), "")->err, ERR_DENIED, "flow.move.denied");
}

static void a_whole_errand_is_walked(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign");
    world_move(w, "he", number, "ask_more_time", "version=3&reason=等配件&workdays=2");
    world_move(w, "wu", number, "grant", "version=4");
    world_move(w, "he", number, "answer", "version=5&result=好了");
    world_move(w, "zhang", number, "reopen", "version=6&reason=又坏了");
    world_move(w, "he", number, "answer", "version=7&result=换了线");
    world_move(w, "zhang", number, "rate", "version=8&solved=yes&grade=very_satisfied&remark=谢谢");
    struct visit *page = world_get(w, "zhang", address(w, number, ""));
    assert_says(page, "matter.state.shape", "closed");
    assert_says(page, "matter.answer.text", "换了线");
    assert_says(page, "nothing", "这件事已经办结，没有要做的了。");
    assert_says(page, "history.0.details.0.value", "已解决");
    assert_says(page, "history.0.details.1.value", "非常满意");
    assert_says(page, "matter.owner", "null");
    assert_says(page, "matter.next", "null");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(a_villager_is_asked_what_the_flow_asks),
        IN_WORLD(who_may_not_file_gets_no_form),
        IN_WORLD(every_problem_of_filing_comes_back_with_the_text),
        IN_WORLD(a_picture_that_is_none_is_told_where_pictures_are_chosen),
        IN_WORLD(a_filed_request_leads_to_its_slip),
        IN_WORLD(another_village_may_be_named_in_the_address),
        IN_WORLD(the_desk_writes_down_what_somebody_says),
        IN_WORLD(the_one_it_is_written_down_for_is_the_one_that_was_meant),
        IN_WORLD(whoever_a_report_names_is_kept_away),
        IN_WORLD(a_clerk_who_is_named_does_not_see_the_report),
        IN_WORLD(of_two_names_in_the_words_the_longer_is_meant),
        IN_WORLD(a_kept_text_stands_in_the_new_form),
        IN_WORLD(a_move_that_lacks_something_comes_back_open),
        IN_WORLD(a_stale_page_is_told_the_present_state_and_loses_nothing),
        IN_WORLD(two_clerks_press_at_once_and_one_is_told),
        IN_WORLD(the_same_form_sent_twice_counts_once),
        IN_WORLD(nobody_moves_what_is_not_theirs),
        IN_WORLD(a_whole_errand_is_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
