/* tests/story/test_ballot_refused.c -- what a secret ballot does not take: each with its own words, and nothing changed by it.
 * When this fails: src/record/poll_*.c. */
#include "ballot_devices.h"
#include "ballot_people.h"

#include "app/law.h"
#include "base/encode.h"
#include "base/day.h"
#include "http/url.h"
#include "record/person.h"
#include "record/poll.h"
#include "store/writer.h"

#include <pthread.h>

/* Everything that a ballot can change. */
static int64_t weight_of(struct story *s)
{
    return story_leaves(s) * 1000 + story_number(s, "select (select count(*) from poll_ballot) + (select count(*) from poll_part) + "
                                                    "(select count(*) from poll_credential) + (select count(*) from poll_slip) + "
                                                    "(select count(*) from poll_spoiled) + "
                                                    "(select count(*) from poll_voter where voted_at is not null)");
}

static void refused_page(struct election_day *day, struct browser *b, const struct page *page, int status, const char *words, int64_t before)
{
    if (page->status != status)
        fail_msg("%s answered %d instead of %d: %s", page->path, page->status, status, page_words(b, page));
    assert_says(b, page, words);
    assert_int_equal(weight_of(day->s), before);
}

#define refused(day, browser, rest, status, words, ...)                                                                \
    do {                                                                                                               \
        int64_t before_ = weight_of((day)->s);                                                                         \
        struct page page_ = ballot_post((day), (browser), (rest), FIELDS(__VA_ARGS__));                                \
        refused_page((day), (browser), &page_, (status), (words), before_);                                            \
    } while (0)

/* --- calling --- */

static void refused_call(struct election_day *day, const char *field, const char *value, const char *words)
{
    struct browser *b = day->secretary;
    const char *form = "/ballots/new";
    struct page page = browser_get(b, form);
    const char *names[] = { "邹代表", "谭代表", "向代表", "秦监委" }, *fields[] = { "trustee_1", "trustee_2", "trustee_3", "authority" };
    struct field all[] = { { "title", "方案" }, { "opens", "2026-03-03T09:00" }, { "closes", "2026-03-03T18:00" }, { "tool", "common" },
                           { "question", "选哪个？" }, { "kind", "one" }, { "answers", "甲\n乙" }, { "roll", "representatives" },
                           { fields[0], page_option(b, &page, form, fields[0], names[0]) },
                           { fields[1], page_option(b, &page, form, fields[1], names[1]) },
                           { fields[2], page_option(b, &page, form, fields[2], names[2]) },
                           { fields[3], page_option(b, &page, form, fields[3], names[3]) } };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].name, field) == 0)
            all[i].value = i >= 8 ? page_option(b, &page, form, field, value) : value;
    int64_t before = weight_of(day->s);
    page = browser_press(b, &page, form, all, (int)(sizeof all / sizeof *all));
    refused_page(day, b, &page, 422, words, before);
    assert_silent(b, &page, "照片"); /* there is no place for any */
    assert_int_equal(story_number(day->s, "select count(*) from poll"), 0);
}

static void a_ballot_needs_sound_terms_and_people(void **state)
{
    struct election_day day;
    election_day_people(&day, *state);
    refused_call(&day, "authority", "冉书记", "发码人不能是发起人");
    refused_call(&day, "authority", "邹代表", "开票人不能兼发码人");
    refused_call(&day, "trustee_2", "邹代表", "选了两次");
    refused_call(&day, "trustee_3", "冉书记", "发起投票的人不能自己当开票人");
    refused_call(&day, "closes", "2026-03-03T09:00", "截止时间要在开始时间之后");
    refused_call(&day, "closes", "2026-03-02T08:00", "截止时间要在开始时间之后");
    refused_call(&day, "answers", "甲", "要有2到");
    refused_call(&day, "answers", "甲\n甲", "写了两次");
    refused_call(&day, "question", "", "请写要问什么");
    struct page page = browser_get(day.secretary, "/ballots/new"); /* what needn't be understood is chosen already */
    static const char chosen[] = "value=\"common\" required checked";
    assert_non_null(memmem(page.body.at, page.body.size, chosen, sizeof chosen - 1));
    page = browser_get(day.voters[0], "/ballots/new");
    assert_status(day.voters[0], &page, 403);
    page = browser_get(story_enter(*state, OTHER_DESK), "/ballots/new?place=" VILLAGE);
    assert_silent(day.voters[0], &page, "邹代表"); /* not their village */
}

/* Nobody is left out in silence. */
static void a_roll_too_long_is_refused(void **state)
{
    struct election_day day;
    election_day_people(&day, *state);
    story_disturb(*state, "insert into person (realm, id, key, name, sex, birth, place, field_version, version) "
                          "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20001) "
                          "select p.realm, 1000000 + i, 'p-many-' || cast(i as text), '众', 1, 0, p.place, 0, 1 from n, person p "
                          "where p.key = 'p-dai-1'");
    story_disturb(*state, "insert into role_held (realm, person, id, role, place, valid_from) "
                          "select realm, id, 1, 'villager', place, 0 from person where key like 'p-many-%'");
    refused_call(&day, "roll", "villagers", "名单超过20000人");
}

/* --- preparing --- */

static void trustees_go_step_by_step(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    const char *first = trustee_message(&day, 0);
    refused(&day, day.voters[0], "/keys", 409, "还没轮到这一步", { "step", "3" }, { "message", first });
    refused(&day, day.voters[0], "/keys", 400, "没有这一步", { "step", "2" }, { "message", first });
    refused(&day, day.voters[0], "/keys", 400, "", { "step", "1" }, { "message", "{}" });
    refused(&day, day.voters[0], "/keys", 400, "没有收到内容", { "step", "1" }, { "message", "" });
    refused(&day, day.voters[1], "/keys", 400, "", { "step", "1" }, { "message", first }); /* another's */
    refused(&day, day.voters[3], "/keys", 403, "您不是这次投票的开票人", { "step", "1" }, { "message", first });
    struct page page = trustee_step(&day, 0);
    assert_status(day.voters[0], &page, 200);
    refused(&day, day.voters[0], "/keys", 409, "已经做过了", { "step", "1" }, { "message", first });
    refused(&day, day.voters[0], "/keys", 409, "还没轮到这一步", { "step", "3" }, { "message", first }); /* the others first */
    for (int i = 1; i < TRUSTEES; i++) {
        page = trustee_step(&day, i);
        assert_status(day.voters[i], &page, 200);
    }
    const char *second = trustee_message(&day, 1);
    refused(&day, day.voters[0], "/keys", 400, "", { "step", "3" }, { "message", second });
    page = browser_get(day.voters[3], arena_printf(day.s->f->ctx->arena, "/ballots/%s/keys", day.number));
    assert_status(day.voters[3], &page, 403);
}

/* Two neighbours of CODES, sorted as texts, change places, such that they aren't sorted by the bytes of their points either: those
 * are written from their end. */
static const char *turned(struct ctx *ctx, const char *codes)
{
    enum { FIRST = 2, DIGITS = 64, EACH = DIGITS + 3 };
    char *list = arena_string(ctx->arena, codes), kept[DIGITS];
    int order = 0;
    for (int i = DIGITS - 2; i >= 0 && !order; i -= 2)
        order = memcmp(list + FIRST + i, list + FIRST + EACH + i, 2);
    char *at = list + FIRST + (order < 0 ? 0 : 2 * EACH); /* the first two, unless they are turned already */
    memcpy(kept, at, DIGITS);
    memcpy(at, at + EACH, DIGITS);
    memcpy(at + EACH, kept, DIGITS);
    return list;
}

static void the_authoritys_list_must_fit_the_roll(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    authority_make_codes(&day);
    struct ctx *ctx = day.s->f->ctx;
    const char *codes = day.public_codes;
    refused(&day, day.secretary, "/credentials", 403, "您不是这次投票的发码人", { "codes", codes });
    refused(&day, day.authority, "/credentials", 400, "格式不对", { "codes", "{}" });
    refused(&day, day.authority, "/credentials", 400, "格式不对", { "codes", "[1,2]" });
    refused(&day, day.authority, "/credentials", 400, "清单里有0个码", { "codes", "[]" });
    refused(&day, day.authority, "/credentials", 400, "没有排序", { "codes", turned(ctx, codes) });
    char *off = arena_string(ctx->arena, codes);
    memcpy(off + 2, "0000000000000000000000000000000000000000000000000000000000000002", 64);
    refused(&day, day.authority, "/credentials", 400, "", { "codes", off });
    struct page page = authority_send(&day, codes);
    assert_status(day.authority, &page, 200);
    refused(&day, day.authority, "/credentials", 409, "已经收过了", { "codes", codes });
}

/* --- voting --- */

static const char *changed(struct election_day *day, const char *ballot, const char *from, const char *to)
{
    const char *at = strstr(ballot, from);
    assert_non_null(at);
    return arena_printf(day->s->f->ctx->arena, "%.*s%s%s", (int)(at - ballot), ballot, to, at + strlen(from));
}

static void only_sound_ballots_of_this_election_are_taken(void **state)
{
    struct election_day day, other;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    const char *early = ballot_sealed(&day, day.codes[0], "[[0,1,0]]");
    refused(&day, day.voters[0], "/booth", 409, "投票还没有开始", { "ballot", early });
    other = day; /* a second ballot with the same people */
    struct page page = election_day_call(&other, "common", "one");
    other.number = arena_string(day.s->f->ctx->arena, page.path + 9);
    for (int i = 0; i < TRUSTEES; i++)
        other.seeds[i] = NULL;
    election_day_prepare(&other);
    const char *foreign = ballot_sealed(&other, other.codes[0], "[[0,1,0]]");
    story_set_clock(day.s, day_from(2026, 3, 3), 9, 0);
    assert_int_equal(story_fire_clocks(day.s), 2);
    struct browser *one = story_enter(day.s, "p-dai-1"), *two = story_enter(day.s, "p-dai-2"), *li = story_enter(day.s, VILLAGER);
    refused(&day, one, "/booth", 400, "", { "ballot", foreign });
    refused(&day, one, "/booth", 400, "没有收到选票", { "ballot", "" });
    refused(&day, one, "/booth", 400, "", { "ballot", "不是选票" });
    refused(&day, one, "/booth", 400, "", { "ballot", "{\"election_uuid\":1}" });
    refused(&day, li, "/booth", 403, "不在这次投票的名单上", { "ballot", early });
    refused(&day, day.stranger, "/booth", 401, "", { "ballot", early });
    refused(&day, one, "/booth", 400, "", { "ballot", changed(&day, early, "\"response\":\"", "\"response\":\"0") });
    refused(&day, one, "/booth", 400, "", { "ballot", changed(&day, early, "\"alpha\":\"", "\"alpha\": \"") });
    const char *unknown[1];
    page = ballot_json(&day, day.stranger, "/booth");
    make_codes(day.s->f, "Ed25519", page_string(day.stranger, &page, "uuid"), 1, unknown);
    refused(&day, one, "/booth", 400, "不是这次投票的码", { "ballot", ballot_sealed(&day, unknown[0], "[[0,1,0]]") });
    page = ballot_post(&day, one, "/booth", FIELDS({ "ballot", early }));
    assert_status(one, &page, 200);
    assert_string_equal(page_string(one, &page, "accepted"), "true");
    refused(&day, one, "/booth", 400, "已经收到过", { "ballot", early });
    refused(&day, two, "/booth", 400, "已经收到过", { "ballot", early });
    refused(&day, two, "/booth", 400, "已经有别人用过", { "ballot", ballot_sealed(&day, day.codes[0], "[[0,0,1]]") });
    refused(&day, one, "/booth", 400, "另一个投票码", { "ballot", ballot_sealed(&day, day.codes[1], "[[0,0,1]]") });
    /* The end has come, though no clock has fired yet. */
    const char *late = ballot_sealed(&day, day.codes[1], "[[0,1,0]]");
    story_set_clock(day.s, day_from(2026, 3, 3), 18, 0);
    two = story_enter(day.s, "p-dai-2");
    assert_string_equal(ballot_state(&day), "open");
    refused(&day, two, "/booth", 409, "投票已经截止", { "ballot", late });
    assert_int_equal(story_fire_clocks(day.s), 2);
    refused(&day, two, "/booth", 409, "投票已经截止", { "ballot", late });
    assert_int_equal(story_fire_clocks(day.s), 0); /* closed once */
    story_assert_sound(day.s);
}

struct voting {
    struct browser *browser;
    const char *path, *csrf, *field, *value;
    int status;
};

static void *vote(void *of)
{
    struct voting *voting = of;
    voting->browser->wants_json = true;
    struct page page = browser_post(voting->browser, voting->path, FIELDS({ voting->field, voting->value }, { "csrf", voting->csrf }));
    voting->status = page.status;
    return NULL;
}

static void voters_at_once_are_all_taken(void **state)
{
    struct election_day day;
    struct voting all[VOTERS];
    pthread_t threads[VOTERS];
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    for (int i = 0; i < VOTERS; i++) {
        struct page page = ballot_json(&day, day.voters[i], "");
        all[i] = (struct voting){ day.voters[i], arena_printf(day.s->f->ctx->arena, "/ballots/%s/booth", day.number),
                                  page_string(day.voters[i], &page, "frame.csrf"), "ballot", ballot_sealed(&day, day.codes[i], "[[0,1,0]]"),
                                  0 };
    }
    for (int i = 0; i < VOTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, vote, &all[i]), 0);
    for (int i = 0; i < VOTERS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(all[i].status, 200);
        day.voters[i]->wants_json = false;
    }
    struct page page = ballot_json(&day, day.stranger, "");
    assert_string_equal(page_string(day.stranger, &page, "turnout.voted"), "5");
    /* All have voted: it may close before its time. */
    page = ballot_post(&day, day.secretary, "/moves/close_early", NO_FIELDS);
    assert_status(day.secretary, &page, 200);
    assert_string_equal(ballot_state(&day), "closed");
    int64_t before = weight_of(day.s);
    page = ballot_post(&day, day.secretary, "/moves/close_early", NO_FIELDS);
    refused_page(&day, day.secretary, &page, 409, "", before);
    story_assert_sound(day.s);
}

/* --- slips --- */

static const char *make_slip(struct election_day *day, struct browser *desk, const char *voter)
{
    struct page page = ballot_post(day, desk, "/slips", FIELDS({ "voter", voter }));
    assert_status(desk, &page, 200);
    return page_string(desk, &page, "code");
}

static void a_slip_is_good_for_one_ballot_and_half_an_hour(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    struct browser *desk = story_enter(day.s, DESK), *terminal = day.stranger;
    const char *code = make_slip(&day, desk, "4"), *old = make_slip(&day, day.secretary, "5");
    const char *first = ballot_sealed(&day, day.codes[0], "[[0,1,0]]"), *second = ballot_sealed(&day, day.codes[0], "[[0,0,1]]");
    assert_int_equal(story_number(day.s, "select count(*) from matter_event where move = 'slip'"), 2);
    refused(&day, terminal, "/booth", 400, "没有这个投票条号码", { "ballot", first }, { "slip", "AAAAA-AAAAA" });
    refused(&day, day.voters[0], "/slips", 403, "", { "voter", "4" });
    refused(&day, desk, "/slips", 400, "不在这次投票的名单上", { "voter", "99" });
    struct page page = ballot_json(&day, terminal, arena_printf(day.s->f->ctx->arena, "/booth?slip=%s", code)); /* stays in histories */
    assert_string_equal(page_string(terminal, &page, "may_vote"), "false");
    const char *booth = arena_printf(day.s->f->ctx->arena, "/ballots/%s/booth", day.number);
    page = browser_get(terminal, booth);
    page = browser_press(terminal, &page, "/booth", FIELDS({ "slip", "AAAAA-AAAAA" }));
    assert_status(terminal, &page, 422);
    assert_says(terminal, &page, "没有这个投票条号码");
    page = browser_press(terminal, &page, "/booth", FIELDS({ "slip", code }));
    assert_status(terminal, &page, 200);
    assert_says(terminal, &page, arena_printf(day.s->f->ctx->arena, "data-slip=\"%s\"", code));
    assert_string_equal(page.path, booth); /* the slip is in no address */
    page = ballot_post(&day, terminal, "/booth", FIELDS({ "slip", code }));
    assert_string_equal(page_string(terminal, &page, "may_vote"), "true");
    page = ballot_post(&day, terminal, "/booth", FIELDS({ "ballot", first }, { "slip", code }));
    assert_status(terminal, &page, 200);
    refused(&day, terminal, "/booth", 400, "已经用过", { "ballot", second }, { "slip", code });
    story_set_clock(day.s, day_from(2026, 3, 3), 9, 30); /* its last moment */
    page = ballot_post(&day, terminal, "/booth", FIELDS({ "slip", old }));
    assert_string_equal(page_string(terminal, &page, "may_vote"), "true");
    fake_clock_set(&day.s->f->clock, clock_now(&day.s->f->clock.clock) + 1);
    refused(&day, terminal, "/booth", 400, "已经过期", { "ballot", ballot_sealed(&day, day.codes[1], "[[0,0,1]]") }, { "slip", old });
    story_set_clock(day.s, day_from(2026, 3, 3), 17, 50); /* none outlives the ballot */
    make_slip(&day, story_enter(day.s, DESK), "5");
    assert_int_equal(story_number(day.s, "select max(expires) from poll_slip"), day_start(day_from(2026, 3, 3)) + 18 * MICROS_PER_HOUR);
    story_assert_sound(day.s);
}

static void nobody_votes_again_without_end(void **state)
{
    struct election_day day;
    struct story *s = *state;
    struct ctx *ctx = ctx_begin(&s->house->model);
    int count;
    assert_ok(s->f, law_import_rules(s->house, ctx, "own.yaml",
                                     text_of("overrides:\n  - {place: \"" TOWN "\", key: ballot.again, value: 2, by: 镇, source: 甲}\n"), &count));
    ctx_end(ctx);
    election_day_begin(&day, s, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    for (int i = 0; i < 2; i++) {
        struct page page = election_day_vote(&day, 0, day.codes[0], "[[0,1,0]]");
        assert_status(day.voters[0], &page, 200);
    }
    refused(&day, day.voters[0], "/booth", 400, "已经投了2次", { "ballot", ballot_sealed(&day, day.codes[0], "[[0,1,0]]") });
    struct page page = election_day_vote(&day, 1, day.codes[1], "[[0,1,0]]");
    assert_status(day.voters[1], &page, 200);
    story_assert_sound(day.s);
}

static void who_sends_wrong_ballots_waits(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    enum { WRONG_MOST = 5 }; /* rules.yaml */
    const char *right = ballot_sealed(&day, day.codes[0], "[[0,1,0]]");
    const char *wrong = changed(&day, right, "\"overall_proof\":[{\"challenge\":\"", "\"overall_proof\":[{\"challenge\":\"1");
    for (int i = 0; i < WRONG_MOST; i++)
        refused(&day, day.voters[0], "/booth", 400, "", { "ballot", wrong });
    refused(&day, day.voters[0], "/booth", 503, "过一分钟再试", { "ballot", wrong });
    refused(&day, day.voters[0], "/booth", 503, "过一分钟再试", { "ballot", right });
    struct page page = election_day_vote(&day, 1, day.codes[1], "[[0,1,0]]"); /* others needn't wait */
    assert_status(day.voters[1], &page, 200);
    story_set_clock(day.s, day_from(2026, 3, 3), 9, 2);
    page = ballot_post(&day, day.voters[0], "/booth", FIELDS({ "ballot", right }));
    assert_status(day.voters[0], &page, 200);
    story_assert_sound(day.s);
}

/* --- a ballot that was opened --- */

static const char *tracker_of(struct election_day *day, const char *ballot)
{
    struct ctx *ctx = day->s->f->ctx;
    struct sha256 hash = sha256_of(text_of(ballot));
    char *tracker = arena_string(ctx->arena, base64_encode(ctx->arena, sha256_text(&hash)));
    *strchr(tracker, '=') = '\0';
    return tracker;
}

/* The public list, asked for TRACKER. */
static struct page tracked(struct election_day *day, const char *tracker)
{
    scoped(buffer_clear) struct buffer path = { 0 };
    buffer_printf(&path, "/ballots/%s/tracking?tracker=", day->number);
    url_encode(&path, text_of(tracker), "");
    return browser_get(day->stranger, text_string(day->s->f->ctx->arena, buffer_view(&path)));
}

static void spoils(struct election_day *day, struct browser *browser, const char *ballot, const char *slip)
{
    struct page page = ballot_post(day, browser, "/booth", FIELDS({ "spoil", tracker_of(day, ballot) }, { "slip", slip }));
    assert_status(browser, &page, 200);
    assert_string_equal(page_string(browser, &page, "accepted"), "true");
}

static void what_was_opened_is_never_cast(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    struct browser *one = day.voters[0], *terminal = day.stranger;
    const char *first = ballot_sealed(&day, day.codes[0], "[[0,1,0]]"), *second = ballot_sealed(&day, day.codes[0], "[[0,0,1]]");
    refused(&day, one, "/booth", 400, "查询码不对", { "spoil", "不是查询码" });
    refused(&day, terminal, "/booth", 401, "", { "spoil", tracker_of(&day, first) });
    refused(&day, story_enter(day.s, VILLAGER), "/booth", 403, "不在这次投票的名单上", { "spoil", tracker_of(&day, first) });
    spoils(&day, one, first, "");
    int64_t before = weight_of(day.s);
    spoils(&day, one, first, ""); /* as if the answer had been lost */
    assert_int_equal(weight_of(day.s), before);
    refused(&day, one, "/booth", 400, "已经打开检查过，作废了", { "ballot", first });
    struct page page = tracked(&day, tracker_of(&day, first)); /* whoever noted its number is told what became of it */
    assert_says(day.stranger, &page, "已用于检查，不计票");
    assert_silent(day.stranger, &page, "清单里没有这个查询码");
    page = tracked(&day, tracker_of(&day, "never made"));
    assert_says(day.stranger, &page, "清单里没有这个查询码");
    const char *slip = make_slip(&day, day.secretary, "1"); /* nor by who has seen it, on another way */
    refused(&day, terminal, "/booth", 400, "已经打开检查过，作废了", { "ballot", first }, { "slip", slip });
    spoils(&day, terminal, second, slip);
    refused(&day, terminal, "/booth", 400, "已经打开检查过，作废了", { "ballot", second }, { "slip", slip });
    const char *third = ballot_sealed(&day, day.codes[0], "[[0,1,0]]");
    page = ballot_post(&day, terminal, "/booth", FIELDS({ "ballot", third }, { "slip", slip }));
    assert_status(terminal, &page, 200); /* the slip was still good */
    page = tracked(&day, tracker_of(&day, third));
    assert_says(day.stranger, &page, "这张票在清单里");
    refused(&day, one, "/booth", 409, "已经收到过", { "spoil", tracker_of(&day, third) });
    enum { CHECKS_MOST = 20 }; /* rules.yaml */
    for (int i = 2; i < CHECKS_MOST; i++)
        spoils(&day, one, arena_printf(day.s->f->ctx->arena, "ballot %d", i), "");
    refused(&day, one, "/booth", 409, "次数太多", { "spoil", tracker_of(&day, "one more") });
    spoils(&day, day.voters[1], "one more", ""); /* others may */
    story_assert_sound(day.s);
}

/* Both checks pass before the writer comes to either: one of the two is refused. */
static void opened_or_cast_but_never_both(void **state)
{
    struct election_day day;
    struct voting all[2 * VOTERS];
    pthread_t threads[2 * VOTERS];
    struct browser *again[VOTERS];
    static const char *const names[VOTERS] = { "p-dai-1", "p-dai-2", "p-dai-3", "p-dai-4", "p-dai-5" };
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    const char *path = arena_printf(day.s->f->ctx->arena, "/ballots/%s/booth", day.number);
    for (int i = 0; i < VOTERS; i++) {
        const char *ballot = ballot_sealed(&day, day.codes[i], "[[0,1,0]]");
        again[i] = story_enter(day.s, names[i]);
        struct page page = ballot_json(&day, day.voters[i], "");
        all[2 * i] = (struct voting){ day.voters[i], path, page_string(day.voters[i], &page, "frame.csrf"), "ballot", ballot, 0 };
        page = ballot_json(&day, again[i], "");
        all[2 * i + 1] = (struct voting){ again[i], path, page_string(again[i], &page, "frame.csrf"), "spoil", tracker_of(&day, ballot), 0 };
    }
    for (int i = 0; i < 2 * VOTERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, vote, &all[i]), 0);
    for (int i = 0; i < 2 * VOTERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < VOTERS; i++)
        assert_true((all[2 * i].status == 200) + (all[2 * i + 1].status == 200) == 1);
    assert_int_equal(story_number(day.s, "select count(*) from poll_ballot b join poll_spoiled s on s.hash = b.hash"), 0);
    assert_int_equal(story_number(day.s, "select (select count(*) from poll_ballot) + (select count(*) from poll_spoiled)"), VOTERS);
    story_assert_sound(day.s);
}

/* Checked in time and written too late, by one microsecond: the recorded moment counts. */
static void a_ballot_that_waited_beyond_the_end_is_not_taken(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    struct house *house = day.s->house;
    struct ctx *ctx = ctx_begin(&house->model);
    const struct poll_cast cast = { text_of(day.number), text_of(ballot_sealed(&day, day.codes[0], "[[0,1,0]]")), TEXT("") };
    int64_t end = story_number(day.s, "select closes from poll");
    const char *tracker;
    struct plan *plan;
    struct person *voter;
    struct outcome outcome;
    fake_clock_set(&day.s->f->clock, end - 1);
    assert_ok(day.s->f, snapshot_begin(ctx, house->db, &ctx->snapshot));
    assert_ok(day.s->f, person_find(ctx, NULL, TEXT("p-dai-1"), day_of(end), &voter));
    ctx->person = voter;
    assert_ok(day.s->f, poll_cast_check(ctx, &cast, &plan, &tracker));
    snapshot_end(ctx->snapshot);
    fake_clock_set(&day.s->f->clock, end);
    assert_ok(day.s->f, writer_run(ctx, house->writer, plan, &outcome));
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "poll.not_open");
    assert_int_equal(story_number(day.s, "select count(*) from poll_ballot"), 0);
    ctx_end(ctx);
}

/* --- opening --- */

static void only_right_parts_open_and_each_once(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    for (int i = 0; i < 3; i++) {
        struct page page = election_day_vote(&day, i, day.codes[i], "[[0,1,0]]");
        assert_status(day.voters[i], &page, 200);
    }
    int64_t before = weight_of(day.s);
    struct page page = ballot_post(&day, day.secretary, "/moves/close_early", NO_FIELDS);
    refused_page(&day, day.secretary, &page, 409, "还有2人没有投票", before);
    refused(&day, day.voters[0], "/decrypt", 409, "投票还没有截止", { "partial_decryption", "{}" });
    election_day_close(&day);
    const char *part = trustee_part(&day, 0), *others = trustee_part(&day, 1);
    refused(&day, day.voters[0], "/decrypt", 400, "", { "partial_decryption", others });
    refused(&day, day.voters[0], "/decrypt", 400, "", { "partial_decryption", "{}" });
    refused(&day, day.voters[0], "/decrypt", 400, "没有收到内容", { "partial_decryption", "" });
    refused(&day, day.voters[3], "/decrypt", 403, "您不是这次投票的开票人", { "partial_decryption", part });
    page = ballot_post(&day, day.voters[0], "/decrypt", FIELDS({ "partial_decryption", part }));
    assert_status(day.voters[0], &page, 200);
    assert_string_equal(ballot_state(&day), "closed"); /* one is not enough */
    refused(&day, day.voters[0], "/decrypt", 409, "已经开过票了", { "partial_decryption", part });
    page = ballot_post(&day, day.voters[1], "/decrypt", FIELDS({ "partial_decryption", others }));
    assert_status(day.voters[1], &page, 200);
    assert_string_equal(ballot_state(&day), "counted");
    refused(&day, day.voters[2], "/decrypt", 409, "结果已经公布", { "partial_decryption", part });
    story_assert_sound(day.s);
}

static void cancelled_is_cancelled(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    election_day_prepare(&day);
    election_day_open(&day);
    const char *ballot = ballot_sealed(&day, day.codes[0], "[[0,1,0]]");
    int64_t before = weight_of(day.s);
    struct page page = ballot_post(&day, day.voters[0], "/moves/cancel", FIELDS({ "reason", "不想投" }));
    refused_page(&day, day.voters[0], &page, 403, "", before);
    page = ballot_post(&day, day.secretary, "/moves/cancel", NO_FIELDS);
    refused_page(&day, day.secretary, &page, 400, "", before);
    page = ballot_post(&day, day.secretary, "/moves/cancel", FIELDS({ "reason", "题目写错了" }));
    assert_status(day.secretary, &page, 200);
    assert_string_equal(ballot_state(&day), "cancelled");
    page = browser_get(day.stranger, arena_printf(day.s->f->ctx->arena, "/ballots/%s", day.number));
    assert_says(day.stranger, &page, "题目写错了");
    refused(&day, day.voters[0], "/booth", 409, "已取消", { "ballot", ballot });
    story_assert_sound(day.s);
}

static void what_was_never_prepared_lapses(void **state)
{
    struct election_day day;
    election_day_begin(&day, *state, "common");
    story_set_clock(day.s, day_from(2026, 3, 3), 18, 0);
    assert_int_equal(story_fire_clocks(day.s), 1);
    assert_string_equal(ballot_state(&day), "cancelled");
    story_assert_sound(day.s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_ballot_needs_sound_terms_and_people),
        STORY(a_roll_too_long_is_refused),
        STORY(trustees_go_step_by_step),
        STORY(the_authoritys_list_must_fit_the_roll),
        STORY(only_sound_ballots_of_this_election_are_taken),
        STORY(voters_at_once_are_all_taken),
        STORY(a_slip_is_good_for_one_ballot_and_half_an_hour),
        STORY(nobody_votes_again_without_end),
        STORY(who_sends_wrong_ballots_waits),
        STORY(what_was_opened_is_never_cast),
        STORY(opened_or_cast_but_never_both),
        STORY(a_ballot_that_waited_beyond_the_end_is_not_taken),
        STORY(only_right_parts_open_and_each_once),
        STORY(cancelled_is_cancelled),
        STORY(what_was_never_prepared_lapses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
