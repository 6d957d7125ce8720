/* test_vote_archive.c -- vote/archive, writing: every good archive made again from its members, byte for byte. */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/archive.h"

#include <dirent.h>

/* What archive_begin() and archive_append() make of the members of an archive. */
static void assert_made_again(struct fixture *f, const char *name)
{
    struct text bytes = vector_read(f, name);
    struct archive reading, writing;
    struct archive_event event;
    bool is_end = false;
    scoped(buffer_clear) struct buffer made = { 0 };
    assert_ok(f, archive_open(f->ctx, bytes, &reading));
    archive_begin(reading.time, &writing, &made);
    for (;;) {
        assert_ok(f, archive_next(f->ctx, &reading, &event, &is_end));
        if (is_end)
            break;
        struct text members[ARCHIVE_MOST_MEMBERS];
        for (int i = 0; i < event.count; i++)
            members[i] = event.members[i].bytes;
        struct sha256 hash = archive_append(&writing, event.type, members, &made);
        assert_memory_equal(hash.bytes, event.hash.bytes, SHA256_SIZE);
    }
    assert_case(text_of(name), text_equal(buffer_view(&made), bytes));
}

static void good_archives_are_made_again(void **state)
{
    struct fixture *f = *state;
    DIR *folder = opendir(arena_printf(f->ctx->arena, "%s/good", vectors_folder));
    int made = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (!text_ends(text_of(entry->d_name), ".bel"))
            continue;
        assert_made_again(f, arena_printf(f->ctx->arena, "good/%s", entry->d_name));
        made++;
    }
    closedir(folder);
    assert_true(made >= 15);
}

/* Nothing but time, height and last hash is needed to go on. */
static void an_archive_is_continued_from_its_tip(void **state)
{
    struct fixture *f = *state;
    struct text before = vector_read(f, "diff/before.bel"), after = vector_read(f, "diff/after.bel");
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    scoped(buffer_clear) struct buffer made = { 0 };
    assert_ok(f, archive_open(f->ctx, after, &archive));
    buffer_text(&made, before);
    while (archive.rest.at != after.at + before.size)
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
    struct archive tip = { .time = archive.time, .height = archive.height, .last = archive.last };
    for (;;) {
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
        if (is_end)
            break;
        struct text members[ARCHIVE_MOST_MEMBERS];
        for (int i = 0; i < event.count; i++)
            members[i] = event.members[i].bytes;
        archive_append(&tip, event.type, members, &made);
    }
    assert_true(text_equal(buffer_view(&made), after));
}

/* A body that fills its blocks exactly gets no padding, as one byte less gets one. */
static void bodies_end_at_a_block(void **state)
{
    struct fixture *f = *state;
    for (size_t size = 510; size <= 514; size++) {
        struct archive archive;
        struct archive_event event;
        bool is_end;
        char *body = arena_alloc(f->ctx->arena, size);
        struct text members[1] = { { body, size } };
        scoped(buffer_clear) struct buffer made = { 0 };
        memset(body, 'a', size);
        archive_begin(1700000000, &archive, &made);
        size_t head = made.size;
        archive_append(&archive, EVENT_BALLOT, members, &made);
        assert_int_equal(made.size - head, 512 + (size > 512 ? 1024 : 512) + 1024);
        assert_ok(f, archive_open(f->ctx, buffer_view(&made), &archive));
        assert_ok(f, archive_next(f->ctx, &archive, &event, &is_end));
        assert_true(text_equal(event.members[0].bytes, members[0]));
    }
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(good_archives_are_made_again),
        vector_test(an_archive_is_continued_from_its_tip),
        vector_test(bodies_end_at_a_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
