/* test_vote_tally.c -- vote/tally: the tally of good archives made again from their ballots; single formulas of a
 * tally.
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

static const char *const units[] = { "unit/unit-ed25519.json", "unit/unit-b2048.json" };

static struct scalar scalar_from(struct group *group, struct text text)
{
    struct scalar scalar;
    assert_case(text, scalar_decode(group, text, &scalar));
    return scalar;
}

static void coefficients_are_those_of_the_examples(void **state)
{
    struct fixture *f = *state;
    for (size_t u = 0; u < 2; u++) {
        const struct node *vectors = vector_json(f, units[u]);
        struct group *group = group_open(f->ctx->arena, node_find_text(vectors, KEY("group")));
        int checked = 0;
        node_each (link, node_find(vectors, KEY("lagrange"))) {
            int points[8], count = 0;
            node_each (point, node_find(&link->value, KEY("indices")))
                points[count++] = (int)point->value.number;
            for (int i = 0; i < count; i++) {
                const char *name = arena_printf(f->ctx->arena, "%d", points[i]);
                struct text known = node_find_text(node_find(&link->value, KEY("coefficients")),
                                                   key_intern(text_of(name)));
                struct scalar made = lagrange(group, points, count, points[i]), expected = scalar_from(group, known);
                assert_case(known, scalar_equal(&made, &expected));
                checked++;
            }
        }
        assert_true(checked >= 12);
    }
}

/* A voter's choices count as often as the voter's weight. */
static void weighted_choices_are_those_of_the_examples(void **state)
{
    struct fixture *f = *state;
    for (size_t u = 0; u < 2; u++) {
        const struct node *vectors = vector_json(f, units[u]), *weighting = node_find(vectors, KEY("weighting"));
        struct election election;
        struct ballot ballot;
        struct tally tally;
        scoped(buffer_clear) struct buffer known = { 0 }, made = { 0 };
        assert_ok(f, election_read(f->ctx, node_find_text(node_find(vectors, KEY("election")), KEY("raw")), &election));
        assert_ok(f, ballot_read(f->ctx, &election, node_find_text(node_find(vectors, KEY("ballot")), KEY("signed")),
                                 &ballot));
        tally_begin(f->ctx, &election, &tally);
        assert_ok(f, tally_add(f->ctx, &tally, &ballot, node_find_int(weighting, KEY("weight"), 0), false));
        node_write(node_find(weighting, KEY("result")), &known);
        election.question_count = 1; /* the examples weigh the first question's choices */
        tally_write(&tally, &made);
        assert_int_equal(made.size, known.size + 2);
        assert_memory_equal(made.at + 1, known.at, known.size);
    }
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
        vector_test(coefficients_are_those_of_the_examples),
        vector_test(weighted_choices_are_those_of_the_examples),
        vector_test(large_counts_are_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
