/* tests/unit/test_open_pages.c -- what anyone may open: the first page, places, the log; and the papers of a matter.
 * When it fails: src/commons/start.c, place_page.c, log_pages.c, matter_papers.c. */
#include "shared_routes.h"
#include "world.h"

#include "base/encode.h"
#include "civic/proof.h"
#include "civic/tiles.h"
#include "commons/commons.h"
#include "systems/requests/requests.h"

const struct route *const world_routes[] = { commons_routes, requests_routes, shared_routes, NULL };

static void the_first_page_leads_home(void **state)
{
    struct world *w = *state;
    assert_says(world_get(w, NULL, "/"), "village_href", "/places");
    assert_string_equal(world_each(world_get(w, NULL, "/places"), "places", "href"), "/places/500116000000 /places/500230000000");
    assert_says(world_get(w, NULL, "/"), "may_file", "true");
    assert_says(world_get(w, "zhang", "/"), "village_href", "/places/500116106200");
    assert_says(world_get(w, "ge", "/"), "village_href", "/places/500116106200");
    assert_says(world_get(w, "wu", "/"), "village_href", "/places/500116106000");
    assert_says(world_get(w, "he", "/"), "may_file", "false");
}

static void a_place_names_who_is_responsible(void **state)
{
    struct world *w = *state;
    struct visit *page = world_get(w, NULL, "/places/500116106200");
    assert_says(page, "place.name", "黄庄村");
    assert_says(page, "place.kind", "村居");
    assert_string_equal(world_each(page, "place.above", "name"), "江津区 永兴镇");
    assert_string_equal(world_each(page, "below", "name"), "一组 二组 第一网格");
    assert_string_equal(world_each(page, "responsible", "name"), "舒记 葛网");
    assert_string_equal(world_each(page, "responsible", "role"), "村支书 网格员");
    assert_says(page, "responsible.1.unit", "第一网格");
    assert_says(page, "may_file_href", "/requests/new?place=500116106200");
    assert_silent(page, "吴台"); /* clerks and villagers aren't named */
    assert_silent(page, "张大山");
    assert_silent(page, "1990000");
    page = world_get(w, NULL, "/places/500116106200-Z01");
    assert_string_equal(world_each(page, "responsible", "name"), "舒记");
    page = world_get(w, NULL, "/places/500116106000");
    assert_says(page, "has_responsible", "false");
    assert_says(page, "may_file_href", "null");
    assert_string_equal(world_each(page, "below", "name"), "黄庄村 大桥村");
    assert_says(world_get(w, "he", "/places/500116106200"), "may_file_href", "null");
    assert_fails(world_get(w, NULL, "/places/999999999999")->err, ERR_MISSING, "place.missing");
}

static const char *counts_of(struct world *w, const char *code)
{
    return world_each(world_get(w, NULL, arena_printf(w->ctx->arena, "/places/%s", code)), "counted.counts", "value");
}

static void a_place_says_how_its_requests_stand(void **state)
{
    struct world *w = *state;
    assert_string_equal(counts_of(w, "500116106200"), "0 0 0");
    const char *number = world_lamps(w, "dispatch sign answer");
    world_lamps(w, "");
    world_file(w, "zhang", "category=report&topic=errands&text=有人占用公款"); /* in none of the numbers */
    world_file(w, "chen", "category=help&topic=safety&text=桥栏杆断了");
    assert_string_equal(counts_of(w, "500116106200"), "2 2 0");
    assert_string_equal(counts_of(w, "500116106201"), "1 1 0");
    assert_string_equal(counts_of(w, "500116106000"), "3 3 0");
    assert_silent(world_get(w, NULL, "/places/500116106200-Z01"), "counted"); /* too few people to be counted */
    assert_silent(world_get(w, NULL, "/places/500116000000"), "counted");
    assert_string_equal(world_each(world_get(w, "zhang", "/requests"), "rows", "owner"), "受理台 受理台 您"); /* waits for the reader */
    world_move(w, "zhang", number, "rate", "solved=yes&grade=satisfied");
    assert_string_equal(counts_of(w, "500116106200"), "2 1 0");
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 3 * MICROS_PER_DAY); /* nobody dispatched the second */
    assert_string_equal(counts_of(w, "500116106200"), "2 1 1");
    assert_string_equal(counts_of(w, "500116106000"), "3 2 2");
    fake_clock_set(&w->f->clock, FIXTURE_NOW + 31 * MICROS_PER_DAY);
    assert_string_equal(counts_of(w, "500116106200"), "0 1 1");
    assert_string_equal(counts_of(w, "500116106000"), "0 2 2");
    assert_says(world_get(w, NULL, "/places/500116106200"), "counted.counts.0.label", "近30天收到");
}

static void where_the_desk_is_stands_on_every_page_that_sends_people_there(void **state)
{
    struct world *w = *state;
    assert_says(world_get(w, NULL, "/places/500116106200"), "desk", "null");
    world_import(w, IMPORT_PLACES, "code,name,kind,parent,valid_from,desk_address,desk_hours,desk_phone\n"
                                   "500116106000,永兴镇,town,500116000000,2023-01-01,镇政府一楼,工作日 9:00–17:30,023-0000 0001\n"
                                   "500116106201,大桥村,village,500116106000,2023-01-01,,,023-00000002\n");
    world_import(w, IMPORT_ROLES, "person,role,place,organisation,from,office_phone\n"
                                  "he,handler,500116106000,yx-welfare,2024-03-01,023-00010001\n"
                                  "ren,group_leader,500116106200-Z01,,2024-01-01,023-00010002\n");
    struct visit *page = world_get(w, NULL, "/places/500116106200"); /* has none of its own: the town's */
    assert_says(page, "desk", "{\"name\":\"永兴镇服务台\",\"address\":\"镇政府一楼\",\"hours\":\"工作日 9:00–17:30\",\"phone\":\"023-0000 0001\"}");
    assert_string_equal(world_each(page, "responsible", "unit"), "黄庄村 一组 第一网格");
    assert_string_equal(world_each(page, "responsible", "phone"), "023-00010002 ");
    assert_says(world_get(w, NULL, "/places/500116106201"), "desk.phone", "023-00000002");
    assert_says(world_get(w, NULL, "/places/500116106201"), "desk.hours", "null");
    assert_says(world_get(w, "zhang", "/"), "desk.address", "镇政府一楼");
    assert_says(world_get(w, "zhang", "/requests/new"), "desk_phone", "023-0000 0001");
    assert_says(world_get(w, "wu", "/requests/new"), "desk_phone", "null"); /* they are the desk */
    const char *number = world_lamps(w, "");
    page = world_get(w, "zhang", arena_printf(w->ctx->arena, "/requests/%s/filed", number));
    assert_says(page, "slip.desk.name", "永兴镇服务台");
    page = world_get(w, "wu", arena_printf(w->ctx->arena, "/requests/%s/filed", number)); /* who didn't file it is led to it */
    assert_string_equal(page->answer.location, arena_printf(w->ctx->arena, "/requests/%s", number));
    assert_null(page->answer.model);
    page = world_get(w, "zhang", arena_printf(w->ctx->arena, "/requests/%s", number));
    assert_says(page, "matter.owner.phone", "023-0000 0001"); /* it waits for the desk */
    number = world_lamps(w, "dispatch");
    page = world_get(w, "zhang", arena_printf(w->ctx->arena, "/requests/%s", number));
    assert_says(page, "matter.owner.phone", "023-00010001"); /* the handler's office */
    assert_silent(page, "1990000");
}

static void the_log_is_there_for_programs_and_people(void **state)
{
    struct world *w = *state;
    assert_fails(world_get(w, NULL, "/log/500116106000")->err, ERR_MISSING, "log.missing");
    world_lamps(w, "dispatch");
    struct visit *page = world_get(w, NULL, "/log/500116106000");
    assert_says(page, "realm.name", "永兴镇");
    assert_says(page, "log.origin", "gongzhi.example/log/500116106000");
    assert_says(page, "log.size", "2");
    struct visit *checkpoint = world_get(w, NULL, "/log/500116106000/checkpoint");
    assert_says(page, "log.checkpoint", text_string(w->ctx->arena, checkpoint->answer.body));
    assert_string_equal(checkpoint->answer.cache, "public, max-age=5");
    struct visit *key = world_get(w, NULL, "/log/500116106000/key");
    assert_true(text_starts(key->answer.body, "gongzhi.example/log/500116106000+"));
    assert_says(page, "log.key", text_string(w->ctx->arena, text_trim(key->answer.body)));
    struct visit *tile = world_get(w, NULL, "/log/500116106000/tile/0/000.p/2");
    assert_int_equal(tile->answer.body.size, 2 * SHA256_SIZE);
    assert_string_equal(tile->answer.cache, "public, max-age=31536000, immutable");
    struct visit *entries = world_get(w, NULL, "/log/500116106000/tile/entries/000.p/2");
    struct text rest = entries->answer.body, entry;
    assert_true(entry_bundle_next(&rest, &entry));
    assert_non_null(memmem(entry.at, entry.size, "commitment", 10));
    assert_null(memmem(entry.at, entry.size, "路灯", strlen("路灯")));
    static const char *const wrong[] = { "/log/500116106000/tile/0/000.p/3", "/log/500116106000/tile/0/000",
                                         "/log/500116106000/tile/9/x", "/log/500116106000/tile/0/0", NULL };
    for (int i = 0; wrong[i]; i++)
        assert_fails(world_get(w, NULL, wrong[i])->err, ERR_MISSING, "log.tile");
    assert_fails(world_get(w, NULL, "/log/500116106200")->err, ERR_MISSING, "log.missing"); /* a village runs none */
    assert_fails(world_get(w, NULL, "/log/nothing/key")->err, ERR_MISSING, "log.missing");
}

static void a_receipt_is_checked_by_the_key_alone(void **state)
{
    struct world *w = *state;
    const char *number = world_lamps(w, "dispatch sign");
    const char *base = arena_printf(w->ctx->arena, "/requests/%s/receipt", number);
    struct visit *page = world_get(w, "zhang", base);
    assert_says(page, "matter.number", number);
    assert_says(page, "download_href", arena_printf(w->ctx->arena, "%s.tlog-proof", base));
    assert_string_equal(world_each(page, "said", "value"), "提交 求助 安全 路灯坏了三盏 村口到小学");
    assert_says(page, "log.leaf", "0");
    assert_says(page, "log.size", "3");
    assert_says(page, "slip.number", number);
    struct visit *file = world_get(w, "zhang", arena_printf(w->ctx->arena, "%s.tlog-proof", base));
    struct receipt receipt;
    const char *key = world_said(page, "log.key");
    assert_ok(w->f, receipt_verify(w->ctx, file->answer.body, text_of(key), WORLD_HOST "/log/500116106000", &receipt));
    assert_non_null(memmem(receipt.bytes.at, receipt.bytes.size, "路灯坏了三盏", strlen("路灯坏了三盏")));
    assert_string_equal(file->answer.file_name, world_said(page, "file_name"));
    page = world_get(w, "zhang", arena_printf(w->ctx->arena, "%s?event=2", base));
    assert_says(page, "download_href", arena_printf(w->ctx->arena, "%s.tlog-proof?event=2", base));
    assert_says(page, "said.0.value", "派单");
    assert_fails(world_get(w, "zhang", arena_printf(w->ctx->arena, "%s?event=9", base))->err, ERR_MISSING, "receipt.no_event");
    assert_fails(world_get(w, "zhang", arena_printf(w->ctx->arena, "%s?event=x", base))->err, ERR_MISSING, "receipt.no_event");
    static const char *const others[] = { "chen", "gao", "bai", "shu" };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_fails(world_get(w, others[i], base)->err, ERR_MISSING, "matter.missing");
    assert_fails(world_get(w, NULL, base)->err, ERR_DENIED, "sign_in.needed");
}

/* The smallest PNG: one grey pixel. */
static const unsigned char pixel[] = {
    0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 'I', 'H', 'D', 'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0,
    0x3a, 0x7e, 0x9b, 0x55, 0, 0, 0, 0x0a, 'I', 'D', 'A', 'T', 0x78, 0x9c, 0x63, 0x68, 0, 0, 0, 0x82, 0, 0x81, 0x77, 0xcd,
    0x72, 0xb6, 0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82,
};

static void pictures_are_for_those_who_see_the_whole(void **state)
{
    struct world *w = *state;
    struct upload photo = { .field = TEXT("photos"), .file_name = TEXT("a.png"), .bytes = { (const char *)pixel, sizeof pixel } };
    struct visit *filed = world_send(w, "zhang", "/requests", "category=help&topic=safety&text=灯", &photo);
    const char *number = filed->outcome.number;
    assert_non_null(number);
    struct visit *page = world_get(w, "wu", arena_printf(w->ctx->arena, "/requests/%s", number));
    const char *href = arena_printf(w->ctx->arena, "/requests/%s/photos/0", number);
    assert_says(page, "matter.photos.0.href", href);
    assert_says(page, "matter.photos.0.words", "照片1");
    struct visit *picture = world_get(w, "wu", href);
    assert_string_equal(picture->answer.content_type, "image/png");
    assert_int_equal(picture->answer.body.size, sizeof pixel);
    assert_fails(world_get(w, "chen", href)->err, ERR_MISSING, "matter.missing");
    static const char *const wrong[] = { "1", "-1", "x", "99999999999999999999" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_fails(world_get(w, "wu", arena_printf(w->ctx->arena, "/requests/%s/photos/%s", number, wrong[i]))->err,
                     ERR_MISSING, "matter.file.missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(the_first_page_leads_home),
        IN_WORLD(a_place_names_who_is_responsible),
        IN_WORLD(a_place_says_how_its_requests_stand),
        IN_WORLD(where_the_desk_is_stands_on_every_page_that_sends_people_there),
        IN_WORLD(the_log_is_there_for_programs_and_people),
        IN_WORLD(a_receipt_is_checked_by_the_key_alone),
        IN_WORLD(pictures_are_for_those_who_see_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
