/* test_vote_threads.c -- vote/verify by several threads says what one says; vote/crew; and one election, read once,
 * serves threads that check ballots at once, as the server does.
 */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/archive.h"
#include "vote/ballot.h"
#include "vote/crew.h"
#include "vote/shelf.h"
#include "vote/verify.h"

#include <dirent.h>
#include <stdatomic.h>

enum { MOST_THREADS = 4, NUMBERS = 1000 };

/* --- the crew --- */

struct counting {
    atomic_int seen[NUMBERS];
};

static void count_one(void *what, int i)
{
    atomic_fetch_add(&((struct counting *)what)->seen[i], 1);
}

static void a_crew_does_each_once(void **state)
{
    (void)state;
    for (int threads = 0; threads <= MOST_THREADS; threads++) {
        struct crew *crew = crew_begin(threads);
        struct counting counting = { 0 };
        for (int round = 0; round < 50; round++)
            crew_do(crew, NUMBERS - round, count_one, &counting);
        crew_do(crew, 0, count_one, &counting);
        crew_end(crew);
        for (int i = 0; i < NUMBERS; i++)
            assert_int_equal(counting.seen[i], i <= NUMBERS - 50 ? 50 : NUMBERS - i);
    }
}

/* --- verifying --- */

static void assert_same(struct fixture *f, struct text bytes)
{
    struct election_report alone, together;
    const struct err *e = election_verify(f->ctx, bytes, &alone);
    const struct verify_manner manner = { .threads = 3 };
    const struct err *other = election_verify_by(f->ctx, bytes, &manner, &together);
    assert_int_equal(!e, !other);
    if (e)
        assert_string_equal(err_root(e)->said, err_root(other)->said);
    assert_int_equal(alone.stage, together.stage);
    assert_int_equal(alone.event, together.event);
    assert_int_equal(alone.events, together.events);
    assert_int_equal(alone.ballot, together.ballot);
    assert_int_equal(alone.ballots, together.ballots);
    assert_int_equal(alone.counted, together.counted);
    assert_int_equal(alone.weight, together.weight);
    assert_int_equal(alone.voters, together.voters);
    assert_int_equal(alone.has_hash, together.has_hash);
    assert_memory_equal(&alone.hash, &together.hash, sizeof(alone.hash));
    assert_memory_equal(&alone.last_event, &together.last_event, sizeof(alone.last_event));
}

static void threads_say_what_one_says(void **state)
{
    struct fixture *f = *state;
    static const char *const folders[] = { "good", "bad", "bad/ed25519", "bad/b2048" };
    int read = 0;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        DIR *folder = opendir(arena_printf(f->ctx->arena, "%s/%s", vectors_folder, folders[i]));
        assert_non_null(folder);
        for (struct dirent *entry; (entry = readdir(folder));)
            if (text_ends(text_of(entry->d_name), ".bel")) {
                assert_same(f, vector_read(f, arena_printf(f->ctx->arena, "%s/%s", folders[i], entry->d_name)));
                read++;
            }
        closedir(folder);
    }
    assert_true(read > 40);
}

struct story {
    struct archive archive;
    struct buffer out;
};

static void add(struct story *story, const struct archive_event *event, struct text instead)
{
    struct text members[ARCHIVE_MOST_MEMBERS];
    for (int i = 0; i < event->count; i++)
        members[i] = instead.at ? instead : event->members[i].bytes;
    archive_append(&story->archive, event->type, members, &story->out);
}

/* A good archive in which the ballots FIRST and SECOND (events) are no ballots of this election any more. */
static struct text damaged(struct fixture *f, int first, int second)
{
    struct story story = { 0 };
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, vector_read(f, "good/ed25519-single.bel"), &archive));
    archive_begin(archive.time, &story.archive, &story.out);
    for (;;) {
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
        if (is_end)
            break;
        bool is_damaged = event.height == first || event.height == second;
        assert_true(!is_damaged || event.type == EVENT_BALLOT);
        add(&story, &event, is_damaged ? TEXT("{}") : (struct text){ 0 });
    }
    struct text made = text_copy(f->ctx->arena, buffer_view(&story.out));
    buffer_clear(&story.out);
    return made;
}

static void the_first_of_several_failures_is_told(void **state)
{
    struct fixture *f = *state;
    static const int pairs[][2] = { { 1, 2 }, { 4, 12 }, { 7, 18 }, { 18, 19 } };
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct election_report report;
        struct text bytes = damaged(f, pairs[i][0], pairs[i][1]);
        assert_same(f, bytes);
        const struct err *e = election_verify_by(f->ctx, bytes, &(struct verify_manner){ .threads = MOST_THREADS },
                                                 &report);
        assert_non_null(e);
        assert_string_equal(err_root(e)->said, "vote.ballot_form");
        assert_int_equal(report.event, pairs[i][0]);
    }
}

/* --- one election for many threads --- */

struct shared {
    struct ctx *model;
    struct election election;
    struct text ballots[64];
    atomic_int passed;
    int count;
};

static void check_one(void *what, int i)
{
    struct shared *shared = what;
    struct ctx *ctx = ctx_begin(shared->model);
    struct ballot ballot;
    const struct err *e = ballot_read(ctx, &shared->election, shared->ballots[i % shared->count], &ballot);
    if (!e)
        e = ballot_check(ctx, &shared->election, &ballot);
    atomic_fetch_add(&shared->passed, !e);
    ctx_end(ctx);
}

static void check_shared(struct fixture *f, const char *name)
{
    struct shared shared = { .model = f->ctx };
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, vector_read(f, name), &archive));
    while (!archive_next(f->ctx, &archive, &event, &is_end) && !is_end) {
        if (event.type == EVENT_SETUP)
            assert_ok(f, election_read(f->ctx, event.members[0].bytes, &shared.election));
        if (event.type == EVENT_BALLOT)
            shared.ballots[shared.count++] = event.members[0].bytes;
    }
    assert_true(shared.count > 3);
    struct crew *crew = crew_begin(MOST_THREADS);
    crew_do(crew, 32, check_one, &shared);
    crew_end(crew);
    assert_int_equal(shared.passed, 32);
}

static void threads_check_ballots_of_one_election(void **state)
{
    check_shared(*state, "good/ed25519-single.bel");
    check_shared(*state, "good/b2048-single.bel");
}

/* --- elections on a shelf --- */

struct lending {
    struct ctx *model;
    struct shelf *shelf;
    struct text election, ballot;
    const struct election *seen[32];
    atomic_int passed;
};

static void borrow_one(void *what, int i)
{
    struct lending *lending = what;
    struct ctx *ctx = ctx_begin(lending->model);
    const struct election *election;
    struct ballot ballot;
    const struct err *e = shelf_lend(ctx, lending->shelf, lending->election, &election);
    if (!e)
        e = ballot_read(ctx, election, lending->ballot, &ballot);
    if (!e)
        e = ballot_check(ctx, election, &ballot);
    atomic_fetch_add(&lending->passed, !e);
    lending->seen[i] = election;
    ctx_end(ctx);
}

static struct lending begin_lending(struct fixture *f)
{
    struct lending lending = { .model = f->ctx, .shelf = shelf_new() };
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, vector_read(f, "good/ed25519-single.bel"), &archive));
    assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    lending.election = event.members[0].bytes;
    assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    lending.ballot = event.members[0].bytes;
    return lending;
}

static void threads_borrow_an_election_that_is_read_once(void **state)
{
    struct lending lending = begin_lending(*state);
    struct crew *crew = crew_begin(MOST_THREADS);
    crew_do(crew, 32, borrow_one, &lending);
    crew_end(crew);
    shelf_free(lending.shelf);
    assert_int_equal(lending.passed, 32);
    for (int i = 1; i < 32; i++)
        assert_ptr_equal(lending.seen[i], lending.seen[0]);
}

/* The same election under another name. */
static struct text renamed(struct fixture *f, struct text election, int number)
{
    static const char field[] = "\"name\":\"";
    const char *whole = text_string(f->ctx->arena, election), *at = strstr(whole, field);
    assert_non_null(at);
    int before = (int)(at - whole) + (int)sizeof(field) - 1;
    return text_of(arena_printf(f->ctx->arena, "%.*s%d%s", before, whole, number, whole + before));
}

static void what_is_lent_stays_however_many_come(void **state)
{
    struct fixture *f = *state;
    struct lending lending = begin_lending(f);
    struct ctx *holder = ctx_begin(f->ctx);
    const struct election *held, *other, *again;
    assert_ok(f, shelf_lend(holder, lending.shelf, lending.election, &held));
    for (int i = 0; i < 2 * SHELF_MOST; i++) {
        struct ctx *passing = ctx_begin(f->ctx);
        assert_ok(f, shelf_lend(passing, lending.shelf, renamed(f, lending.election, i), &other));
        assert_true(other != held && !text_equal(other->name, held->name));
        ctx_end(passing);
    }
    assert_ok(f, shelf_lend(holder, lending.shelf, lending.election, &again));
    assert_ptr_equal(again, held);
    struct ballot ballot;
    assert_ok(f, ballot_read(holder, held, lending.ballot, &ballot));
    const struct err *e = shelf_lend(holder, lending.shelf, TEXT("{}"), &other);
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, "vote.archive_version");
    ctx_end(holder);
    shelf_free(lending.shelf);
    assert_ok(f, shelf_lend(f->ctx, NULL, lending.election, &other));
    assert_true(other->uuid.size > 0);
}

/* By its name alone, without its text; lent like any other. */
static void an_election_on_the_shelf_is_found_by_its_uuid(void **state)
{
    struct fixture *f = *state;
    struct lending lending = begin_lending(f);
    const struct election *lent, *found = NULL;
    struct ctx *first = ctx_begin(f->ctx), *second = ctx_begin(f->ctx);
    assert_ok(f, shelf_lend(first, lending.shelf, lending.election, &lent));
    struct text uuid = text_copy(f->ctx->arena, lent->uuid);
    assert_true(shelf_find(second, lending.shelf, uuid, &found));
    assert_ptr_equal(found, lent);
    ctx_end(first);
    for (int i = 0; i < SHELF_MOST; i++) { /* of the others none is lent any more: they go before it does */
        struct ctx *passing = ctx_begin(f->ctx);
        assert_ok(f, shelf_lend(passing, lending.shelf, renamed(f, lending.election, i), &lent));
        ctx_end(passing);
    }
    assert_true(text_equal(found->uuid, uuid));
    assert_false(shelf_find(second, lending.shelf, TEXT("AAAAAAAAAAAAAA"), &found));
    assert_false(shelf_find(second, NULL, uuid, &found));
    ctx_end(second);
    shelf_free(lending.shelf);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(a_crew_does_each_once),
        vector_test(threads_say_what_one_says),
        vector_test(the_first_of_several_failures_is_told),
        vector_test(threads_check_ballots_of_one_election),
        vector_test(threads_borrow_an_election_that_is_read_once),
        vector_test(what_is_lent_stays_however_many_come),
        vector_test(an_election_on_the_shelf_is_found_by_its_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
