/* tests/story/ballot_people.c */
#include "ballot_people.h"

#include "ballot_devices.h"

#include "base/day.h"

#define BALLOT_PEOPLE                                                                                                         \
    "person,name,sex,birth,id_number,phone,place\n"                                                                    \
    "p-shuji,冉书记,男,1970-01-01,,,500116106200\n"                                                                    \
    "p-jian,秦监委,女,1966-01-01,,,500116106200\n"                                                                     \
    "p-dai-1,邹代表,男,1971-01-01,,,500116106200\n"                                                                    \
    "p-dai-2,谭代表,女,1972-01-01,,,500116106200\n"                                                                    \
    "p-dai-3,向代表,男,1973-01-01,,,500116106200\n"                                                                    \
    "p-dai-4,黎代表,女,1974-01-01,,,500116106200\n"                                                                    \
    "p-dai-5,郎代表,男,1975-01-01,,,500116106200\n"                                                                    \
    "p-young,幼代表,男,2010-01-01,,,500116106200\n"

#define BALLOT_ROLES                                                                                                          \
    "person,role,place,organisation,from\n"                                                                            \
    "p-shuji,village_secretary,500116106200,,2024-01-01\n"                                                             \
    "p-jian,supervisor,500116106200,,2024-01-01\n"                                                                     \
    "p-dai-1,representative,500116106200,,2024-01-01\n"                                                                \
    "p-dai-2,representative,500116106200,,2024-01-01\n"                                                                \
    "p-dai-3,representative,500116106200,,2024-01-01\n"                                                                \
    "p-dai-4,representative,500116106200,,2024-01-01\n"                                                                \
    "p-dai-5,representative,500116106200,,2024-01-01\n"                                                                \
    "p-young,representative,500116106200,,2024-01-01\n"

/* --- coming together --- */

void election_day_people(struct election_day *day, struct story *s)
{
    *day = (struct election_day){ .s = s };
    story_import(s, IMPORT_PEOPLE, BALLOT_PEOPLE);
    story_import(s, IMPORT_ROLES, BALLOT_ROLES);
    day->secretary = story_enter(s, "p-shuji");
    day->authority = story_enter(s, "p-jian");
    for (int i = 0; i < VOTERS; i++)
        day->voters[i] = story_enter(s, arena_printf(s->f->ctx->arena, "p-dai-%d", i + 1));
    day->stranger = story_browser(s);
}

struct page election_day_call(struct election_day *day, const char *tool, const char *kind)
{
    return election_day_call_with(day, tool, kind, "秦监委");
}

struct page election_day_call_with(struct election_day *day, const char *tool, const char *kind, const char *authority)
{
    struct browser *b = day->secretary;
    const char *form = "/ballots/new";
    struct page page = browser_get(b, form);
    assert_status(b, &page, 200);
    b->wants_json = day->calls_as_program;
    page = browser_press(b, &page, form,
                         FIELDS({ "title", "文化广场改造方案" }, { "about", "" }, { "opens", "2026-03-03T09:00" },
                                { "closes", "2026-03-03T18:00" }, { "tool", tool }, { "question", "选哪个方案？" },
                                { "kind", kind }, { "answers", strcmp(kind, "approve") == 0 ? "" : "方案一\n方案二" },
                                { "blank", "yes" }, { "roll", "representatives" },
                                { "trustee_1", page_option(b, &page, form, "trustee_1", "邹代表") },
                                { "trustee_2", page_option(b, &page, form, "trustee_2", "谭代表") },
                                { "trustee_3", page_option(b, &page, form, "trustee_3", "向代表") },
                                { "authority", page_option(b, &page, form, "authority", authority) }));
    b->wants_json = false;
    return page;
}

void election_day_begin(struct election_day *day, struct story *s, const char *tool)
{
    election_day_people(day, s);
    struct page page = election_day_call(day, tool, "one");
    assert_status(day->secretary, &page, 200);
    assert_memory_equal(page.path, "/ballots/", 9);
    day->number = arena_string(s->f->ctx->arena, page.path + 9);
}

/* --- as programs --- */

static const char *path(struct election_day *day, const char *rest)
{
    return arena_printf(day->s->f->ctx->arena, "/ballots/%s%s", day->number, rest);
}

struct page ballot_json(struct election_day *day, struct browser *browser, const char *rest)
{
    browser->wants_json = true;
    struct page page = browser_get(browser, path(day, rest));
    browser->wants_json = false;
    return page;
}

struct page ballot_post(struct election_day *day, struct browser *browser, const char *rest, const struct field *fields, int count)
{
    struct page page = ballot_json(day, browser, "");
    struct field *all = arena_array_of(browser->ctx->arena, struct field, count + 1);
    if (count)
        memcpy(all, fields, sizeof *fields * (size_t)count);
    all[count] = (struct field){ "csrf", page_string(browser, &page, "frame.csrf") };
    browser->wants_json = true;
    page = browser_post(browser, path(day, rest), all, count + 1);
    browser->wants_json = false;
    return page;
}

const char *ballot_state(struct election_day *day)
{
    struct page page = ballot_json(day, day->stranger, "");
    return page_string(day->stranger, &page, "poll.state.key");
}

static struct text written(struct ctx *ctx, const struct node *node)
{
    struct buffer out = { 0 };
    node_write(node, &out);
    struct text text = text_copy(ctx->arena, buffer_view(&out));
    buffer_clear(&out);
    return text;
}

/* --- trustees --- */

const char *trustee_message(struct election_day *day, int i)
{
    struct browser *b = day->voters[i];
    struct ctx *ctx = b->ctx;
    struct page page = ballot_json(day, b, "/keys");
    assert_status(b, &page, 200);
    const struct node *vinput = page_node(&page, "vinput");
    struct device_ceremony ceremony = { .group = page_string(b, &page, "group"), .index = (int)node_find_int(page.json, KEY("index"), 0),
                                        .size = TRUSTEES, .needed = (int)node_find_int(page.json, KEY("threshold"), 0),
                                        .step = (int)node_find_int(page.json, KEY("step"), 0) };
    assert_int_equal(ceremony.index, i + 1);
    if (!day->seeds[i])
        day->seeds[i] = device_seed(day->s->f->ctx);
    node_each(link, page_node(&page, "certs"))
        if (ceremony.count < TRUSTEES)
            ceremony.certificates[ceremony.count++] = written(ctx, &link->value);
    if (vinput && vinput->kind == NODE_OBJECT)
        ceremony.input = written(ctx, vinput);
    return key_message(day->s->f, &ceremony, day->seeds[i]);
}

struct page trustee_step(struct election_day *day, int i)
{
    struct browser *b = day->voters[i];
    struct page page = ballot_json(day, b, "/keys");
    const char *step = page_string(b, &page, "step");
    return ballot_post(day, b, "/keys", FIELDS({ "step", step }, { "message", trustee_message(day, i) }));
}

/* --- the credential authority --- */

void authority_make_codes(struct election_day *day)
{
    struct browser *b = day->authority;
    struct page page = ballot_json(day, b, "/credentials");
    assert_status(b, &page, 200);
    assert_int_equal(page_node(&page, "roll")->count, VOTERS);
    day->public_codes = make_codes(day->s->f, page_string(b, &page, "group"), page_string(b, &page, "uuid"), VOTERS, day->codes);
}

struct page authority_send(struct election_day *day, const char *codes)
{
    return ballot_post(day, day->authority, "/credentials", FIELDS({ "codes", codes }));
}

/* --- the way to the open ballot --- */

void election_day_prepare(struct election_day *day)
{
    authority_make_codes(day);
    struct page page = authority_send(day, day->public_codes);
    assert_status(day->authority, &page, 200);
    for (int step = 0; step < 3; step++)
        for (int i = 0; i < TRUSTEES; i++) {
            page = trustee_step(day, i);
            assert_status(day->voters[i], &page, 200);
        }
    assert_string_equal(ballot_state(day), "ready");
}

/* Everybody comes in again: sessions of offices end in the night. */
static void come_again(struct election_day *day)
{
    day->secretary = story_enter(day->s, "p-shuji");
    for (int i = 0; i < VOTERS; i++)
        day->voters[i] = story_enter(day->s, arena_printf(day->s->f->ctx->arena, "p-dai-%d", i + 1));
}

void election_day_open(struct election_day *day)
{
    story_set_clock(day->s, day_from(2026, 3, 3), 9, 0);
    assert_int_equal(story_fire_clocks(day->s), 1);
    assert_string_equal(ballot_state(day), "open");
    come_again(day);
}

void election_day_close(struct election_day *day)
{
    story_set_clock(day->s, day_from(2026, 3, 3), 18, 0);
    assert_int_equal(story_fire_clocks(day->s), 1);
    assert_string_equal(ballot_state(day), "closed");
}

/* --- voters --- */

const char *ballot_sealed(struct election_day *day, const char *code, const char *choices)
{
    struct page page = ballot_json(day, day->stranger, "/booth");
    return seal_ballot(day->s->f, page_string(day->stranger, &page, "election"), code, choices);
}

struct page election_day_vote(struct election_day *day, int voter, const char *code, const char *choices)
{
    return ballot_post(day, day->voters[voter], "/booth", FIELDS({ "ballot", ballot_sealed(day, code, choices) }));
}

/* --- opening --- */

static struct page file_of(struct election_day *day, const char *rest)
{
    struct page page = browser_get(day->stranger, path(day, rest));
    assert_status(day->stranger, &page, 200);
    return page;
}

const char *trustee_part(struct election_day *day, int i)
{
    struct browser *b = day->voters[i];
    struct page page = ballot_json(day, b, "/decrypt"), file = file_of(day, "/election.json");
    return open_part(day->s->f, text_string(b->ctx->arena, file.body), page_string(b, &page, "private_key"),
                       page_string(b, &page, "encrypted_tally"), day->seeds[i]);
}

struct page trustee_opens(struct election_day *day, int i)
{
    return ballot_post(day, day->voters[i], "/decrypt", FIELDS({ "partial_decryption", trustee_part(day, i) }));
}
