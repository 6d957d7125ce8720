/* tests/story/test_log.c -- everything that happened can be proved from outside, and no byte can be changed unseen.
 * When this fails: src/record/ledger*.c and receipt.c, src/commons/log_pages.c; for what verify finds src/app/house_verify.c. */
#include "story.h"

#include "file.h"

#include "app/house_verify.h"
#include "base/arena.h"
#include "civic/proof.h"

#include <errno.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct text receipt_of(struct browser *browser, const char *number, int event)
{
    const char *rest = arena_printf(browser->ctx->arena, "/receipt.tlog-proof?event=%d", event);
    struct page page = browser_get(browser, story_href(browser, number, rest));
    assert_status(browser, &page, 200);
    assert_true(strstr(page_header(browser, &page, "Content-Disposition"), "attachment") != NULL);
    return page.body;
}

static struct text key_of(struct browser *browser, const char *realm)
{
    struct page page = browser_get(browser, arena_printf(browser->ctx->arena, "/log/%s/key", realm));
    assert_status(browser, &page, 200);
    return text_trim(page.body);
}

static const char *walk(struct story *s, struct browser *villager)
{
    struct browser *desk = story_enter(s, DESK), *handler = story_enter(s, HANDLER);
    const char *number = story_file(villager, "help", "safety", "三组水井旁的路塌了。");
    story_dispatch(desk, number, "周强");
    struct page page = story_move(handler, number, "sign", NO_FIELDS);
    page = story_move(handler, number, "answer", FIELDS({ "result", "路基已砌好。" }));
    assert_status(handler, &page, 200);
    return number;
}

static void a_receipt_taken_home_proves_what_was_said(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    const char *number = walk(s, villager);
    struct text key = key_of(villager, TOWN), first = receipt_of(villager, number, 1), fourth = receipt_of(villager, number, 4);
    struct receipt receipt;
    assert_ok(s->f, receipt_verify(s->f->ctx, first, key, "gongzhi.example/log/" TOWN, &receipt));
    assert_int_equal(receipt.index, 0);
    assert_int_equal(receipt.checkpoint.size, 4);
    assert_non_null(memmem(receipt.bytes.at, receipt.bytes.size, "三组水井旁的路塌了。", strlen("三组水井旁的路塌了。")));
    assert_null(memmem(receipt.leaf.at, receipt.leaf.size, "三组", strlen("三组")));
    assert_ok(s->f, receipt_verify(s->f->ctx, fourth, key, NULL, &receipt));
    assert_non_null(memmem(receipt.bytes.at, receipt.bytes.size, "路基已砌好。", strlen("路基已砌好。")));
    /* No byte of it can be another. */
    char *changed = text_string(s->f->ctx->arena, first);
    for (size_t i = 0; i < first.size; i++) {
        struct ctx *ctx = ctx_begin(&s->f->model);
        changed[i] ^= 1;
        if (!receipt_verify(ctx, (struct text){ changed, first.size }, key, NULL, &receipt))
            fail_msg("byte %zu of the receipt can be another", i);
        changed[i] ^= 1;
        ctx_end(ctx);
    }
    /* The key of another town's log signs nothing here. */
    struct browser *afar = story_enter(s, STRANGER_FROM_AFAR);
    story_file(afar, "consult", "education", "学校几号开学？");
    assert_fails(receipt_verify(s->f->ctx, first, key_of(afar, OTHER_TOWN), NULL, &receipt), ERR_INPUT, "receipt.wrong_key");
}

/* --- the outside program --- */

static const char *keep(struct story *s, const char *name, struct text bytes)
{
    const char *path = arena_printf(s->f->ctx->arena, "%s/%s", s->d->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.size, file), bytes.size);
    fclose(file);
    return path;
}

static int checklog(struct story *s, const char *key, const char *old, const char *receipt)
{
    const char *command = arena_printf(s->f->ctx->arena,
                                       "tests/outside/checklog.sh -key @%s -old %s -receipt %s http://127.0.0.1:%d/log/%s "
                                       ">%s/said 2>&1",
                                       key, old, receipt, http_port(s->http), TOWN, s->d->folder);
    int status = system(command);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void an_outside_program_checks_the_served_log(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    const char *number = walk(s, villager);
    struct page page = browser_get(villager, "/log/" TOWN "/checkpoint");
    const char *old = keep(s, "old", page.body);
    page = browser_get(villager, "/log/" TOWN "/key");
    const char *key = keep(s, "key", page.body);
    page = story_move(villager, number, "reopen", FIELDS({ "reason", "灯没有亮" }));
    assert_status(villager, &page, 200);
    const char *receipt = keep(s, "receipt", receipt_of(villager, number, 5));
    const char *said = arena_printf(s->f->ctx->arena, "%s/said", s->d->folder);
    int code = checklog(s, key, old, receipt);
    if (code == 77)
        skip();
    if (code)
        fail_msg("checklog: %s", text_string(s->f->ctx->arena, read_file(s->f, said)));
    /* The same receipt with one letter of the text changed. */
    struct text bytes = receipt_of(villager, number, 5);
    char *changed = text_string(s->f->ctx->arena, bytes);
    changed[bytes.size / 4] ^= 1;
    assert_int_equal(checklog(s, key, old, keep(s, "changed", (struct text){ changed, bytes.size })), 1);
}

/* --- somebody with a hand in the database --- */

static void whoever_changes_the_database_by_hand_is_found(void **state)
{
    struct story *s = *state;
    static const char *const hands[][2] = {
        /* what is done, and how it is undone */
        { "update log_leaf set entry = replace(entry, 'dispatch', 'dispatcj')",
          "update log_leaf set entry = replace(entry, 'dispatcj', 'dispatch')" },
        { "update matter_event set bytes = replace(bytes, '塌了', '修了')",
          "update matter_event set bytes = replace(bytes, '修了', '塌了')" },
        { "update log_checkpoint set note = replace(note, '/log/', '/log-')",
          "update log_checkpoint set note = replace(note, '/log-', '/log/')" },
        { "update matter_event set to_state = 'declined' where seq = 4",
          "update matter_event set to_state = 'answered' where seq = 4" },
        { "update matter_event set recorded_at = recorded_at - 1 where seq = 2",
          "update matter_event set recorded_at = recorded_at + 1 where seq = 2" },
        { "update matter_event set actor = actor + 1 where seq = 2", "update matter_event set actor = actor - 1 where seq = 2" },
        { "update matter set state = 'closed'", "update matter set state = 'answered'" },
        { "update matter set version = 5", "update matter set version = 4" },
        { "update log_head set size = 3", "update log_head set size = 4" },
        { "update matter_event set position = 9 where seq = 4", "update matter_event set position = 3 where seq = 4" },
    };
    struct browser *villager = story_enter(s, VILLAGER);
    walk(s, villager);
    assert_int_equal(story_faults(s), 0);
    for (size_t i = 0; i < sizeof hands / sizeof *hands; i++) {
        story_disturb(s, hands[i][0]);
        if (!story_faults(s))
            fail_msg("not found: %s", hands[i][0]);
        story_disturb(s, hands[i][1]);
        if (story_faults(s))
            fail_msg("not undone: %s", hands[i][1]);
    }
    story_disturb(s, "delete from matter_event where seq = 4");
    story_disturb(s, "update matter set version = 3, state = 'working'");
    assert_true(story_faults(s) > 0);
}

static void time_in_the_log_never_runs_backwards(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER), *desk = story_enter(s, DESK);
    const char *number = story_file(villager, "help", "safety", "路塌了。");
    fake_clock_set(&s->f->clock, FIXTURE_NOW - 2 * MICROS_PER_HOUR); /* somebody set the clock back */
    story_dispatch(desk, number, "周强");
    const char *again = story_file(villager, "help", "safety", "又塌了。");
    assert_int_equal(story_number(s, "select count(*) from matter_event where recorded_at < 1772413200000000"), 0);
    assert_int_equal(story_number(s, "select count(*) from log_checkpoint where time < 1772413200000000"), 0);
    assert_string_equal(story_state(villager, again), "filed");
    assert_string_equal(story_state(villager, number), "assigned");
    story_assert_sound(s);
}

static void each_process_that_opens_the_house_has_a_number_of_its_own(void **state)
{
    struct story *s = *state;
    struct house *houses[3];
    struct id_source ids[3];
    struct house_settings settings = { .database = s->d->url, .files = s->files, .keys = s->keys, .readers = 2 };
    for (int i = 0; i < 3; i++) { /* all process 1, as in containers, and at one moment */
        struct ctx model = s->f->model;
        model.ids = &ids[i];
        id_source_init(&ids[i], 1);
        assert_ok(s->f, house_open(s->f->ctx, &model, &settings, &houses[i]));
    }
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < i; k++)
            assert_int_not_equal(id_next(houses[i]->ctx), id_next(houses[k]->ctx));
    assert_int_not_equal(ids[0].process, s->f->ids.process);
    for (int i = 0; i < 3; i++)
        house_close(houses[i]);
    assert_int_equal(story_number(s, "select count(distinct number) from process"), 4);
}

/* Where S keeps the seed of a town's log. */
static const char *seed_of(struct story *s, const char *realm)
{
    return arena_printf(s->f->ctx->arena, "%s/log-%s.seed", s->keys, realm);
}

static void a_house_whose_key_is_lost_refuses_to_start(void **state)
{
    struct story *s = *state;
    struct browser *villager = story_enter(s, VILLAGER);
    story_file(villager, "help", "safety", "路塌了。");
    struct text key = key_of(villager, TOWN);
    struct page page = browser_get(villager, "/log/" OTHER_TOWN "/key");
    assert_status(villager, &page, 404); /* nothing was filed there, and whoever asks makes no key */
    assert_int_equal(access(seed_of(s, OTHER_TOWN), F_OK), -1);
    story_stop(s);
    const char *aside = arena_printf(s->f->ctx->arena, "%s/aside", s->d->folder);
    assert_int_equal(rename(seed_of(s, TOWN), aside), 0);
    struct house_settings settings = { .database = s->d->url, .files = s->files, .keys = s->keys, .readers = 2 };
    const struct err *refused = house_open(s->f->ctx, &s->f->model, &settings, &s->house);
    assert_fails(refused, ERR_BROKEN, "log.key_missing");
    assert_string_equal(refused->arguments[0], TOWN);
    assert_int_equal(access(seed_of(s, TOWN), F_OK), -1);
    assert_int_equal(rename(aside, seed_of(s, TOWN)), 0);
    story_start(s);
    assert_true(text_equal(key_of(villager, TOWN), key));
    story_file(villager, "help", "safety", "又塌了。");
    story_assert_sound(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_receipt_taken_home_proves_what_was_said),
        STORY(an_outside_program_checks_the_served_log),
        STORY(whoever_changes_the_database_by_hand_is_found),
        STORY(time_in_the_log_never_runs_backwards),
        STORY(each_process_that_opens_the_house_has_a_number_of_its_own),
        STORY(a_house_whose_key_is_lost_refuses_to_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
