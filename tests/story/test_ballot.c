/* tests/story/test_ballot.c -- a secret ballot on its whole way, everybody a client of their own.
 * When this fails: src/record/poll_*.c (what becomes of what was sent), src/systems/ballots/flow.yaml (what should),
 * src/commons/poll_*.c (what is shown). */
#include "ballot_devices.h"
#include "ballot_people.h"

#include "base/day.h"

static void verify_archive(struct election_day *day, struct device_report *ret)
{
    struct page page = browser_get(day->stranger, arena_printf(day->s->f->ctx->arena, "/ballots/%s/archive.bel", day->number));
    assert_status(day->stranger, &page, 200);
    *ret = verify_election(day->s->f, page.body);
    struct page json = ballot_json(day, day->stranger, "");
    assert_string_equal(page_string(day->stranger, &json, "archive.last"), ret->last);
    page = browser_get(day->stranger, arena_printf(day->s->f->ctx->arena, "/ballots/%s", day->number));
    assert_says(day->stranger, &page, ret->fingerprint);
}

static void whole_way(struct story *s, const char *tool)
{
    struct election_day day;
    struct device_report report;
    election_day_begin(&day, s, tool);
    assert_string_equal(ballot_state(&day), "preparing");
    struct page page = browser_get(day.voters[0], "/messages");
    assert_says(day.voters[0], &page, "请您做开票钥匙（第1步）");
    page = browser_get(day.secretary, "/today");
    assert_says(day.secretary, &page, day.number);
    page = browser_get(day.authority, "/messages");
    assert_says(day.authority, &page, "请您给投票人制作投票码");
    election_day_prepare(&day);
    verify_archive(&day, &report);
    assert_int_equal(report.voters, VOTERS);
    assert_int_equal(report.ballots, 0);
    page = story_json(day.voters[0], "/");
    assert_null(page_node(&page, "votes.0")); /* not before its hour */
    election_day_open(&day);
    page = story_json(day.voters[0], "/");
    assert_string_equal(page_string(day.voters[0], &page, "votes.0.href"), arena_printf(s->f->ctx->arena, "/ballots/%s", day.number));
    page = browser_get(day.voters[0], "/");
    assert_says(day.voters[0], &page, "正在投票：");
    page = browser_get(day.stranger, "/");
    assert_silent(day.stranger, &page, "正在投票");
    page = browser_get(day.stranger, "/places/" VILLAGE);
    assert_says(day.stranger, &page, day.number);
    page = browser_get(day.stranger, "/places/" TOWN);
    assert_says(day.stranger, &page, day.number);
    page = browser_get(day.stranger, "/places/" OTHER_VILLAGE);
    assert_silent(day.stranger, &page, day.number);
    const char *const choices[] = { "[[0,1,0]]", "[[0,1,0]]", "[[0,0,1]]", "[[1,0,0]]" };
    for (int i = 0; i < 4; i++) {
        page = election_day_vote(&day, i, day.codes[i], choices[i]);
        assert_status(day.voters[i], &page, 200);
    }
    page = browser_get(day.voters[0], "/");
    assert_says(day.voters[0], &page, "您已投过票");
    page = browser_get(day.voters[4], "/");
    assert_silent(day.voters[4], &page, "您已投过票");
    page = election_day_vote(&day, 1, day.codes[1], "[[0,0,1]]"); /* thinks again */
    assert_status(day.voters[1], &page, 200);
    page = ballot_json(&day, day.stranger, "");
    assert_string_equal(page_string(day.stranger, &page, "turnout.voted"), "4");
    verify_archive(&day, &report);
    assert_int_equal(report.ballots, 5);
    election_day_close(&day);
    verify_archive(&day, &report);
    for (int i = 0; i < 2; i++) {
        page = trustee_opens(&day, i + 1);
        assert_status(day.voters[i + 1], &page, 200);
    }
    assert_string_equal(ballot_state(&day), "counted");
    verify_archive(&day, &report);
    assert_true(report.has_result);
    assert_int_equal(report.counted, 4);
    assert_int_equal(report.result[0][0], 1); /* abstained */
    assert_int_equal(report.result[0][1], 1);
    assert_int_equal(report.result[0][2], 2);
    page = ballot_json(&day, day.stranger, "");
    assert_string_equal(page_string(day.stranger, &page, "questions.0.answers.1.count"), "2");
    assert_string_equal(page_string(day.stranger, &page, "questions.0.answers.2.words"), "弃权"); /* last, as in the booth */
    page = browser_get(day.stranger, arena_printf(s->f->ctx->arena, "/ballots/%s", day.number));
    assert_says(day.stranger, &page, "方案二");
    story_assert_sound(s);
}

static void from_the_call_to_the_result(void **state)
{
    whole_way(*state, "common");
}

static void the_same_in_the_older_arithmetic(void **state)
{
    whole_way(*state, "older");
}

static struct page page_of(struct election_day *day, struct browser *browser, const char *rest)
{
    return browser_get(browser, arena_printf(day->s->f->ctx->arena, "/ballots/%s%s", day->number, rest));
}

static int64_t told(struct story *s, const char *what)
{
    return story_number(s, arena_printf(s->f->ctx->arena, "select count(*) from message where what = 'message.ballot_%s'", what));
}

static void step_of_all(struct election_day *day)
{
    for (int i = 0; i < TRUSTEES; i++) {
        struct page page = trustee_step(day, i);
        assert_status(day->voters[i], &page, 200);
    }
}

/* Each step calls its trustees with its own words, but who has made the last one; and all of them for the published number. */
static void trustees_are_called_back(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    struct browser *trustee = day.voters[0];
    assert_int_equal(told(day.s, "keys"), TRUSTEES);
    step_of_all(&day);
    assert_int_equal(told(day.s, "keys_2"), TRUSTEES - 1);
    struct page page = browser_get(trustee, "/messages");
    assert_says(trustee, &page, "第2步");
    assert_says(trustee, &page, "文化广场改造方案："); /* which ballot it is, in words */
    page = browser_get(day.voters[TRUSTEES - 1], "/messages");
    assert_silent(day.voters[TRUSTEES - 1], &page, "第2步");
    step_of_all(&day);
    assert_int_equal(told(day.s, "keys_3"), TRUSTEES - 1);
    step_of_all(&day);
    assert_int_equal(told(day.s, "compare"), 0);
    authority_make_codes(&day);
    page = authority_send(&day, day.public_codes);
    assert_status(day.authority, &page, 200);
    assert_int_equal(told(day.s, "compare"), TRUSTEES);
    assert_int_equal(told(day.s, "keys"), TRUSTEES);
    const char *const keys = arena_printf(day.s->f->ctx->arena, "href=\"/ballots/%s/keys\"", day.number);
    for (int is_open = 0; is_open <= 1; is_open++) { /* the way there stays, for them alone */
        page = page_of(&day, day.voters[0], "");
        assert_non_null(memmem(page.body.at, page.body.size, keys, strlen(keys)));
        if (!is_open)
            assert_says(trustee, &page, "公布的核对号要和电话里念过");
        page = page_of(&day, day.voters[3], "");
        assert_null(memmem(page.body.at, page.body.size, keys, strlen(keys)));
        if (!is_open)
            election_day_open(&day);
    }
}

static void the_history_says_who_prepared_what(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    struct page page = page_of(&day, day.stranger, "");
    assert_says(day.stranger, &page, "邹代表：做开票钥匙第1步，共3步");
    assert_says(day.stranger, &page, "谭代表：做开票钥匙第2步，共3步");
    assert_says(day.stranger, &page, "向代表：做开票钥匙第3步，共3步");
    assert_says(day.stranger, &page, "秦监委：制作投票码");
}

static void a_start_that_waits_for_the_preparation_says_so(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    struct page page = page_of(&day, day.stranger, "");
    assert_silent(day.stranger, &page, "准备还没有做完");
    story_set_clock(day.s, day_from(2026, 3, 3), 9, 30);
    story_fire_clocks(day.s);
    page = page_of(&day, day.stranger, "");
    assert_says(day.stranger, &page, "准备还没有做完");
    page = page_of(&day, day.stranger, "/booth");
    assert_says(day.stranger, &page, "准备还没有做完");
}

/* What went wrong in the preparation is mended by calling the same once more. */
static void a_cancelled_ballot_is_called_again_as_it_was(void **state)
{
    struct election_day day;
    struct ctx *ctx = ((struct story *)*state)->f->ctx;
    election_day_begin(&day, *state, "common");
    struct page page = ballot_post(&day, day.secretary, "/moves/cancel", FIELDS({ "reason", "有一位开票人的钥匙丢了" }));
    assert_status(day.secretary, &page, 200);
    page = page_of(&day, day.stranger, "");
    assert_silent(day.stranger, &page, "再发起一次");
    page = page_of(&day, day.secretary, "");
    assert_says(day.secretary, &page, "再发起一次");
    assert_says(day.secretary, &page, "没有做完准备");
    assert_silent(day.secretary, &page, "已准备好");
    page = browser_get(day.secretary, arena_printf(ctx->arena, "/ballots/new?place=" VILLAGE "&again=%s", day.number));
    assert_status(day.secretary, &page, 200);
    static const char *const stands[][2] = { { "title", "文化广场改造方案" }, { "opens", "2026-03-03T09:00" }, { "closes", "2026-03-03T18:00" },
                                             { "question", "选哪个方案？" }, { "kind", "one" }, { "answers", "方案一\n方案二" },
                                             { "blank", "yes" }, { "roll", "representatives" } };
    for (size_t i = 0; i < sizeof stands / sizeof *stands; i++) {
        const char *value = page_field(day.secretary, &page, "/ballots/new", stands[i][0]);
        assert_non_null(value);
        assert_string_equal(value, stands[i][1]);
    }
    static const char *const people[][2] = { { "trustee_1", "邹代表" }, { "trustee_2", "谭代表" }, { "trustee_3", "向代表" }, { "authority", "秦监委" } };
    for (size_t i = 0; i < sizeof people / sizeof *people; i++)
        assert_string_equal(page_field(day.secretary, &page, "/ballots/new", people[i][0]),
                            page_option(day.secretary, &page, "/ballots/new", people[i][0], people[i][1]));
    page = browser_press(day.secretary, &page, "/ballots/new", NO_FIELDS); /* as it stands */
    assert_status(day.secretary, &page, 200);
    assert_int_equal(story_number(*state, "select count(*) from poll"), 2);
    assert_int_equal(story_number(*state, "select count(distinct questions || title || opens || closes || roll) from poll"), 1);
    /* Somebody else's village is not read out. */
    struct browser *other = story_enter(*state, OTHER_DESK);
    page = browser_get(other, arena_printf(ctx->arena, "/ballots/new?place=" VILLAGE "&again=%s", day.number));
    assert_silent(other, &page, "选哪个方案");
}

#define PEOPLE_HEAD "person,name,sex,birth,id_number,phone,place\n"
#define ROLES_HEAD "person,role,place,organisation,from\n"

/* A code and a slip together would be the vote of whoever stays away. */
static void who_makes_slips_is_no_authority(void **state)
{
    struct election_day day;
    election_day_people(&day, *state);
    story_import(*state, IMPORT_PEOPLE, PEOPLE_HEAD "p-fu,付书记,男,1980-01-01,,," VILLAGE "\n");
    story_import(*state, IMPORT_ROLES, ROLES_HEAD "p-fu,village_secretary," VILLAGE ",,2024-01-01\n");
    struct page page = election_day_call_with(&day, "common", "one", "付书记");
    assert_status(day.secretary, &page, 422);
    assert_says(day.secretary, &page, "开一次性投票条");
    assert_int_equal(story_number(*state, "select count(*) from poll"), 0);
    /* An office that comes after the call changes nothing. */
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    story_import(*state, IMPORT_ROLES, ROLES_HEAD "p-jian,village_secretary," VILLAGE ",,2024-01-01\n");
    story_set_clock(*state, day_from(2026, 3, 3), 9, 0);
    assert_int_equal(story_fire_clocks(*state), 1);
    day.authority = story_enter(*state, "p-jian");
    page = ballot_post(&day, day.authority, "/slips", FIELDS({ "voter", "1" }));
    assert_status(day.authority, &page, 403);
    assert_int_equal(story_number(*state, "select count(*) from poll_slip"), 0);
}

static void a_program_is_told_the_number(void **state)
{
    struct election_day day;
    election_day_people(&day, *state);
    day.calls_as_program = true;
    struct page page = election_day_call(&day, "common", "one");
    assert_status(day.secretary, &page, 200);
    page = browser_get(day.stranger, page_string(day.secretary, &page, "location"));
    assert_status(day.stranger, &page, 200);
    assert_says(day.stranger, &page, "文化广场改造方案");
}

/* Where LABEL stands among those offered for FIELD; -1 when it doesn't. Its words in *RET_HINT. */
static int place_offered(struct page *page, const char *field, const char *label, int *ret_count)
{
    int place = -1, count = 0;
    *ret_count = 0;
    node_each(link, page_node(page, "people")) {
        if (!text_is(node_find_text(&link->value, KEY("key")), field))
            continue;
        node_each(option, node_find(&link->value, KEY("options"))) {
            if (text_is(node_find_text(&option->value, KEY("label")), label)) {
                place = place < 0 ? count : place;
                ++*ret_count;
            }
            count++;
        }
    }
    return place;
}

/* Those with an office in the village or above it, each once, supervisors first; nobody else, nobody from elsewhere. */
static void a_form_offers_who_holds_an_office(void **state)
{
    struct election_day day;
    int times;
    election_day_people(&day, *state);
    story_import(*state, IMPORT_PEOPLE, PEOPLE_HEAD "p-lv,吕律师,女,1980-01-01,,," TOWN "\np-wai,外监委,女,1980-01-01,,," OTHER_VILLAGE "\n"
                                                    "p-shang,尚监委,女,1980-01-01,,," TOWN "\np-qun,群众甲,女,1980-01-01,,," VILLAGE "\n");
    story_import(*state, IMPORT_ROLES, ROLES_HEAD "p-lv,lawyer," TOWN ",,2024-01-01\np-wai,supervisor," OTHER_VILLAGE ",,2024-01-01\n"
                                                  "p-shang,supervisor," TOWN ",,2024-01-01\np-qun,villager," VILLAGE ",,2024-01-01\n"
                                                  "p-jian,group_leader," VILLAGE ",,2024-01-01\np-jian,representative," VILLAGE ",,2024-01-01\n");
    day.secretary->wants_json = true;
    struct page page = browser_get(day.secretary, "/ballots/new");
    day.secretary->wants_json = false;
    assert_status(day.secretary, &page, 200);
    assert_int_equal(place_offered(&page, "authority", "秦监委", &times), 0);
    assert_int_equal(times, 1);
    assert_true(place_offered(&page, "authority", "邹代表", &times) > 0);
    int above = place_offered(&page, "trustee_1", "尚监委", &times);
    assert_true(above > place_offered(&page, "trustee_1", "冉书记", &times));
    assert_true(place_offered(&page, "trustee_1", "吕律师", &times) > above);
    assert_int_equal(place_offered(&page, "trustee_1", "外监委", &times), -1);
    assert_int_equal(place_offered(&page, "trustee_1", "群众甲", &times), -1);
}

/* What needn't be understood is chosen: in the demo the way of checking that Debian's own tool knows. */
static void the_demo_chooses_the_older_arithmetic(void **state)
{
    struct story *s = *state;
    struct election_day day;
    static const char older[] = "value=\"older\" required checked", common[] = "value=\"common\" required checked";
    election_day_people(&day, s);
    struct page page = browser_get(day.secretary, "/ballots/new");
    assert_true(page_says(&page, common) && !page_says(&page, older));
    s->house->is_demo = s->house->records.is_demo = true;
    page = browser_get(day.secretary, "/ballots/new");
    assert_true(page_says(&page, older) && !page_says(&page, common));
}

static void whoever_changes_a_ballot_by_hand_is_found(void **state)
{
    struct story *s = *state;
    struct election_day day;
    static const char *const hands[][2] = {
        { "update poll_ballot set hash = '00' || hash", "update poll_ballot set hash = substr(hash, 3)" },
        { "update poll_part set bytes = replace(bytes, '方案一', '方案甲') where kind = 'election'",
          "update poll_part set bytes = replace(bytes, '方案甲', '方案一') where kind = 'election'" },
        { "update poll set ballots = ballots - 1", "update poll set ballots = ballots + 1" },
        { "update poll_voter set person = person + 1 where number = 2", "update poll_voter set person = person - 1 where number = 2" },
        { "update poll_part set bytes = '{\"result\":[[0,1,2]]}' where kind = 'result'",
          "update poll_part set bytes = '{\"result\":[[0,0,3]]}' where kind = 'result'" },
        { "update poll_part set seq = 1000 where kind = 'setup'", "update poll_part set seq = 4 where kind = 'setup'" },
        { "insert into poll_spoiled select realm, matter, hash, 1, accepted_at from poll_ballot order by position limit 1",
          "delete from poll_spoiled" },
    };
    election_day_begin(&day, s, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    for (int i = 0; i < 3; i++) {
        struct page page = election_day_vote(&day, i, day.codes[i], "[[0,0,1]]");
        assert_status(day.voters[i], &page, 200);
    }
    election_day_close(&day);
    for (int i = 0; i < 2; i++) {
        struct page page = trustee_opens(&day, i);
        assert_status(day.voters[i], &page, 200);
    }
    assert_int_equal(story_faults(s), 0);
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        story_disturb(s, hands[i][0]);
        if (!story_faults(s))
            fail_msg("not found: %s", hands[i][0]);
        story_disturb(s, hands[i][1]);
        assert_int_equal(story_faults(s), 0);
    }
    story_disturb(s, "update poll_ballot set bytes = replace(bytes, '\"challenge\":\"', '\"challenge\":\"1')");
    assert_true(story_faults(s) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { STORY(from_the_call_to_the_result), STORY(the_same_in_the_older_arithmetic),
                                        STORY(trustees_are_called_back),
                                        STORY(the_history_says_who_prepared_what),
                                        STORY(a_start_that_waits_for_the_preparation_says_so),
                                        STORY(a_cancelled_ballot_is_called_again_as_it_was),
                                        STORY(a_program_is_told_the_number),
                                        STORY(a_form_offers_who_holds_an_office), STORY(the_demo_chooses_the_older_arithmetic),
                                        STORY(who_makes_slips_is_no_authority),
                                        STORY(whoever_changes_a_ballot_by_hand_is_found) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
