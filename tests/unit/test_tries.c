/* tests/unit/test_tries.c -- so many tries in a minute, counted apart for each who tries and each thing tried.
 * When this fails: src/record/tries.c. */
#include "fixture.h"

#include "record/tries.h"

enum { VOTE = 7, OTHER_VOTE = 8, CHEN = 1, WANG = 2, MOST = 3 };

static bool take(struct tries *tries, int64_t of, int64_t who, int64_t now)
{
    return tries_take(tries, of, who, now, MOST);
}

static void use_up(struct tries *tries, int64_t of, int64_t who, int64_t now)
{
    for (int i = 0; i < MOST; i++)
        assert_true(take(tries, of, who, now));
    assert_false(take(tries, of, who, now));
}

static void so_many_in_a_minute_and_again_in_the_next(void **state)
{
    (void)state;
    struct tries *tries = tries_new();
    int64_t last = FIXTURE_NOW + MICROS_PER_MINUTE - 1;
    use_up(tries, VOTE, CHEN, FIXTURE_NOW);
    assert_false(take(tries, VOTE, CHEN, last));
    use_up(tries, VOTE, CHEN, last + 1);
    tries_free(tries);
}

static void nobody_pays_for_another_and_no_thing_for_another(void **state)
{
    (void)state;
    struct tries *tries = tries_new();
    use_up(tries, VOTE, CHEN, FIXTURE_NOW);
    use_up(tries, VOTE, WANG, FIXTURE_NOW);
    use_up(tries, OTHER_VOTE, CHEN, FIXTURE_NOW);
    tries_free(tries);
}

static void what_went_well_is_given_back_and_no_more_than_that(void **state)
{
    (void)state;
    struct tries *tries = tries_new();
    use_up(tries, VOTE, CHEN, FIXTURE_NOW);
    tries_give_back(tries, VOTE, CHEN, FIXTURE_NOW);
    assert_true(take(tries, VOTE, CHEN, FIXTURE_NOW));
    assert_false(take(tries, VOTE, CHEN, FIXTURE_NOW));
    tries_give_back(tries, VOTE, WANG, FIXTURE_NOW); /* who took none has none too many */
    use_up(tries, VOTE, WANG, FIXTURE_NOW);
    tries_free(tries);
}

static void a_crowd_takes_the_places_of_whoever_is_idle_longest(void **state)
{
    (void)state;
    struct tries *tries = tries_new();
    int64_t later = FIXTURE_NOW + MICROS_PER_MINUTE;
    use_up(tries, VOTE, CHEN, later);
    for (int64_t who = 100; who < 100 + TRIES_MOST - 1; who++)
        assert_true(take(tries, VOTE, who, FIXTURE_NOW)); /* all places are taken now, CHEN's is the newest */
    for (int64_t who = 5000; who < 5000 + TRIES_MOST - 1; who++)
        assert_true(take(tries, VOTE, who, later));
    assert_false(take(tries, VOTE, CHEN, later));
    tries_free(tries);
}

static void giving_back_what_is_no_longer_there_takes_nobodys_place(void **state)
{
    (void)state;
    struct tries *tries = tries_new();
    for (int i = 0; i < TRIES_MOST; i++)
        use_up(tries, VOTE, i, FIXTURE_NOW);
    tries_give_back(tries, VOTE, TRIES_MOST, FIXTURE_NOW);
    assert_false(take(tries, VOTE, 0, FIXTURE_NOW));
    tries_free(tries);
}

static void without_a_list_nobody_is_counted(void **state)
{
    (void)state;
    assert_true(tries_take(NULL, VOTE, CHEN, FIXTURE_NOW, 0));
    tries_give_back(NULL, VOTE, CHEN, FIXTURE_NOW);
    tries_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_in_a_minute_and_again_in_the_next),
        cmocka_unit_test(nobody_pays_for_another_and_no_thing_for_another),
        cmocka_unit_test(what_went_well_is_given_back_and_no_more_than_that),
        cmocka_unit_test(a_crowd_takes_the_places_of_whoever_is_idle_longest),
        cmocka_unit_test(giving_back_what_is_no_longer_there_takes_nobodys_place),
        cmocka_unit_test(without_a_list_nobody_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
