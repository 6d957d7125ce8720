/* test_vote_voters.c -- vote/voters: the list of public credentials, however it is written, however long; and
 * vote/hashes.
 */
#include "fixture.h"

#include "base/buffer.h"
#include "vote/election.h"

enum { MANY = 1000 };

#define KEY_1 "6666666666666666666666666666666666666666666666666666666666666658"
#define KEY_CUT "666666666666666666666666666666666666666666666666666666666666665"

struct listed {
    struct group *group;
    struct voters voters;
};

static void begin_list(struct fixture *f, struct listed *listed)
{
    *listed = (struct listed){ .group = group_open(f->ctx->arena, TEXT("Ed25519")) };
}

/* The key of voter NUMBER. */
static struct text key_of(struct fixture *f, const struct group *group, int number)
{
    struct scalar x = scalar_of_int(group, number + 1);
    struct element element;
    scoped(buffer_clear) struct buffer out = { 0 };
    group_power(group, &group->generator, &x, &element);
    group_encode(group, &element, &out);
    return text_copy(f->ctx->arena, buffer_view(&out));
}

static const char *said(struct fixture *f, const char *list)
{
    struct listed listed;
    begin_list(f, &listed);
    const struct err *e = voters_read(f->ctx, listed.group, text_of(list), &listed.voters);
    voters_clear(&listed.voters);
    return e ? err_root(e)->said : "";
}

static void a_list_may_be_written_in_any_way_that_json_knows(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(said(f, "[]"), "");
    assert_string_equal(said(f, " [ ] \n"), "");
    assert_string_equal(said(f, "[\"" KEY_1 "\"]"), "");
    assert_string_equal(said(f, "\n[ \t\"" KEY_1 ",5\"\r\n]\n"), "");
    assert_string_equal(said(f, arena_printf(f->ctx->arena, "[\"\\u0036%s\"]", &KEY_1[1])), "");
}

static void what_is_no_list_of_texts_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const lists[] = {
        "",
        " ",
        "[",
        "]",
        "{}",
        "null",
        "\"" KEY_1 "\"",
        "[\"" KEY_1 "\"",
        "[\"" KEY_1 "\",]",
        "[,\"" KEY_1 "\"]",
        "[\"" KEY_1,
        "[\"" KEY_1 "\" \"" KEY_1 "\"]",
        "[\"" KEY_1 "\"]]",
        "[\"" KEY_1 "\"] x",
        "[1]",
        "[null]",
        "[[\"" KEY_1 "\"]]",
        "[\"\\x36\"]",
        "[\"\\",
        "[\"\\\"]",
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(said(f, lists[i]), "vote.credentials_form") != 0)
            fail_msg("%s: \"%s\" was said", lists[i], said(f, lists[i]));
}

static void keys_and_weights_are_asked_for(void **state)
{
    struct fixture *f = *state;
    assert_string_equal(said(f, "[\"\"]"), "vote.credential_form");
    assert_string_equal(said(f, "[\"" KEY_CUT "\"]"), "vote.credential_form");
    assert_string_equal(said(f, "[\"0000000000000000000000000000000000000000000000000000000000000001\"]"),
                        "vote.credential_form");
    assert_string_equal(said(f, "[\"" KEY_1 ",\"]"), "vote.credential_weight");
    assert_string_equal(said(f, "[\"" KEY_1 ",-1\"]"), "vote.credential_weight");
    assert_string_equal(said(f, "[\"" KEY_1 ",01\"]"), "vote.credential_weight");
    assert_string_equal(said(f, "[\"" KEY_1 ",9007199254740993\"]"), "vote.credential_weight");
    assert_string_equal(said(f, "[\"" KEY_1 "\",\"" KEY_1 ",2\"]"), "vote.credential_twice");
}

/* More than are read together; by one thread and by three. */
static void a_long_list_is_read_whole(void **state)
{
    struct fixture *f = *state;
    scoped(buffer_clear) struct buffer list = { 0 };
    struct listed listed;
    begin_list(f, &listed);
    buffer_byte(&list, '[');
    for (int i = 0; i < MANY; i++) {
        struct text key = key_of(f, listed.group, i);
        buffer_printf(&list, "%s\"%.*s,%d\"", i ? "," : "", (int)key.size, key.at, i);
    }
    buffer_byte(&list, ']');
    for (int threads = 1; threads <= 3; threads += 2) {
        struct crew *crew = crew_begin(threads);
        assert_ok(f, voters_read_by(f->ctx, crew, listed.group, buffer_view(&list), &listed.voters));
        crew_end(crew);
        assert_int_equal(listed.voters.count, MANY);
        assert_int_equal(listed.voters.total_weight, (int64_t)MANY * (MANY - 1) / 2);
        for (int i = 0; i < MANY; i += 111) {
            struct voter *voter = voters_find(&listed.voters, key_of(f, listed.group, i));
            assert_ptr_equal(voter, &listed.voters.list[i]);
            assert_int_equal(voter->weight, i);
        }
        assert_null(voters_find(&listed.voters, key_of(f, listed.group, MANY)));
        voters_clear(&listed.voters);
        listed.voters = (struct voters){ 0 };
    }
    char *third = list.at + 1 + 2 * 69; /* "…,0","…,1","…,2" */
    assert_int_equal(*third, '"');
    third[1] = third[1] == '0' ? '1' : '0';
    third[2] = 'x';
    const struct err *e = voters_read(f->ctx, listed.group, buffer_view(&list), &listed.voters);
    assert_non_null(e);
    assert_string_equal(e->said, "vote.credential_form");
    assert_string_equal(e->arguments[0], "3");
    voters_clear(&listed.voters);
}

static struct sha256 hash_of(int number)
{
    return sha256_of((struct text){ (const char *)&number, sizeof(number) });
}

static void hashes_keep_their_numbers(void **state)
{
    (void)state;
    struct hashes hashes = { 0 };
    uint32_t number;
    struct sha256 hash = hash_of(0);
    assert_false(hashes_find(&hashes, &hash, &number));
    for (int i = 0; i < MANY; i++) {
        hash = hash_of(i);
        assert_true(hashes_put(&hashes, &hash, (uint32_t)(7 * i)));
        assert_false(hashes_put(&hashes, &hash, 1));
    }
    assert_int_equal(hashes.count, MANY);
    for (int i = 0; i < MANY; i++) {
        hash = hash_of(i);
        assert_true(hashes_find(&hashes, &hash, &number));
        assert_int_equal(number, 7 * i);
    }
    hash = hash_of(MANY);
    assert_false(hashes_find(&hashes, &hash, &number));
    assert_true(hashes.entry_room * sizeof(*hashes.entries) + hashes.room * sizeof(*hashes.slots) <
                (size_t)60 * 3 / 2 * MANY);
    hashes_clear(&hashes);
}

static int begin(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    return 0;
}

#define voters_test(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        voters_test(a_list_may_be_written_in_any_way_that_json_knows),
        voters_test(what_is_no_list_of_texts_is_refused),
        voters_test(keys_and_weights_are_asked_for),
        voters_test(a_long_list_is_read_whole),
        voters_test(hashes_keep_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
