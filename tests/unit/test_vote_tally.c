/* test_vote_tally.c -- vote/tally: the tally of good archives made again from their ballots; single formulas of a tally.
 */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/archive.h"
#include "vote/tally.h"

#include <dirent.h>

enum { MOST_VOTERS = 64 };

/* The last ballot of each voter, added up and written. */
static void assert_tally_made_again(struct fixture *f, const char *name)
{
    struct text bytes = vector_read(f, name);
    struct archive archive;
    struct archive_event event;
    struct election election;
    struct voters voters = { 0 };
    struct ballot last[MOST_VOTERS] = { 0 };
    struct tally tally;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, bytes, &archive));
    while (!archive_next(f->ctx, &archive, &event, &is_end) && !is_end) {
        if (event.type == EVENT_SETUP) {
            assert_ok(f, election_read(f->ctx, event.members[0].bytes, &election));
            assert_ok(f, voters_read(f->ctx, election.group, event.members[2].bytes, &voters));
            assert_true(voters.count <= MOST_VOTERS);
        } else if (event.type == EVENT_BALLOT) {
            struct ballot ballot;
            assert_ok(f, ballot_read(f->ctx, &election, event.members[0].bytes, &ballot));
            struct voter *voter = voters_find(&voters, ballot.credential);
            assert_non_null(voter);
            last[voter - voters.list] = ballot;
        } else if (event.type == EVENT_ENCRYPTED_TALLY) {
            scoped(buffer_clear) struct buffer made = { 0 }, sized = { 0 };
            tally_begin(f->ctx, &election, &tally);
            for (uint32_t i = 0; i < voters.count; i++)
                if (last[i].bytes.size > 0)
                    assert_ok(f, tally_add(f->ctx, &tally, &last[i], voters.list[i].weight, false));
            tally_write(&tally, &made);
            assert_case(text_of(name), text_equal(buffer_view(&made), event.members[0].bytes));
            tally_write_sized(f->ctx, &tally, &event.members[0].hash, &sized);
            assert_case(text_of(name), text_equal(buffer_view(&sized), event.members[1].bytes));
        }
    }
    assert_true(is_end);
    voters_clear(&voters);
}

static void tallies_of_good_archives_are_made_again(void **state)
{
    struct fixture *f = *state;
    DIR *folder = opendir(arena_printf(f->ctx->arena, "%s/good", vectors_folder));
    int made = 0;
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)); made++)
        if (text_ends(text_of(entry->d_name), ".bel"))
            assert_tally_made_again(f, arena_printf(f->ctx->arena, "good/%s", entry->d_name));
    closedir(folder);
    assert_true(made >= 15);
}

static void large_counts_are_texts(void **state)
{
    (void)state;
    scoped(buffer_clear) struct buffer out = { 0 };
    count_write(0, &out);
    buffer_byte(&out, ' ');
    count_write(1073741823, &out);
    buffer_byte(&out, ' ');
    count_write(1073741824, &out);
    assert_true(text_is(buffer_view(&out), "0 1073741823 \"1073741824\""));
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(tallies_of_good_archives_are_made_again),
        vector_test(large_counts_are_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
