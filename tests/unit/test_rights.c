/* tests/unit/test_rights.c -- every role against every act, near and far; and lists against single answers. */
#include "fixture.h"

#include "record/place.h"
#include "record/rights.h"

#include <stdio.h>

#define DISTRICT "500116000000"
#define TOWN "500116106000"
#define VILLAGE "500116106200"
#define OTHER_VILLAGE "500116106201"
#define GROUP "500116106200-Z01"
#define PATH_DISTRICT "/" DISTRICT "/"
#define PATH_TOWN PATH_DISTRICT TOWN "/"
#define PATH_VILLAGE PATH_TOWN VILLAGE "/"
#define PATH_OTHER_VILLAGE PATH_TOWN OTHER_VILLAGE "/"
#define PATH_GROUP PATH_VILLAGE GROUP "/"
#define PATH_OTHER_TOWN PATH_DISTRICT "500116108000/"

static struct held_role held(enum role role, const char *place, const char *path, const char *realm,
                             int64_t organisation)
{
    return (struct held_role){
        .role = role, .place = place, .place_path = path, .place_realm = realm, .organisation = organisation
    };
}

/* Someone of the town with one role. */
static struct person someone(int64_t id, struct held_role *role)
{
    return (struct person){ .realm = TOWN,
                            .id = id,
                            .place_path = PATH_GROUP,
                            .roles = role,
                            .role_count = role ? 1 : 0,
                            .role_mask = role ? ROLE_BIT(role->role) : 0 };
}

static const struct thing here = { .realm = TOWN, .place_path = PATH_VILLAGE, .author = { TOWN, 99 } };
static const struct thing next_door = { .realm = TOWN, .place_path = PATH_OTHER_VILLAGE, .author = { TOWN, 99 } };
static const struct thing far_away = { .realm = "500116108000", .place_path = PATH_OTHER_TOWN, .author = { TOWN, 99 } };

/* What the table should say, written down a second time: the role's letters for each act. */
static const struct {
    const char *act;
    const char *roles[16]; /* keys; "*" whoever is signed in */
    bool in_realm, own;
} expected[] = {
    { "request.file", { "villager", "grid_worker", "desk" }, true, false },
    { "request.file_for_another", { "desk" }, false, false },
    { "matter.list_desk", { "desk", "town_leader" }, false, false },
    { "ballot.open", { "village_secretary", "desk" }, false, false },
    { "ballot.keep", { "village_secretary", "desk" }, false, false },
    { "place.show_private", { "group_leader", "grid_worker", "village_secretary", "desk" }, false, false },
    { "people.look", { "village_secretary", "desk" }, false, true },
    { "people.import", { "administrator" }, false, false },
};
enum { EXPECTED = sizeof expected / sizeof *expected };

static bool names(const char *const *roles, const char *key)
{
    for (; *roles; roles++)
        if (strcmp(*roles, key) == 0)
            return true;
    return false;
}

static void every_role_may_do_what_the_table_says_and_nothing_else(void **state)
{
    (void)state;
    for (int i = 0; i < EXPECTED; i++)
        for (int role = 0; role < ROLE_COUNT; role++) {
            struct held_role at_village = held((enum role)role, VILLAGE, PATH_VILLAGE, TOWN, 0);
            struct person person = someone(1, &at_village);
            bool anyone = names(expected[i].roles, "*");
            bool yes = names(expected[i].roles, role_key((enum role)role));
            struct thing own = far_away;
            own.author = person_who(&person);
            const char *act = expected[i].act;
            if (may(&person, act, &here) != yes || may(&person, act, &next_door) != (yes && expected[i].in_realm) ||
                may(&person, act, &far_away) || may(&person, act, NULL) != (yes || anyone) ||
                may(&person, act, &own) != expected[i].own)
                fail_msg("%s as %s", act, role_key((enum role)role));
        }
}

static void no_act_is_left_out_of_this_test(void **state)
{
    (void)state;
    for (const struct right *right = rights; right->act; right++) {
        bool found = strcmp(right->act, "today") == 0; /* its own test below */
        for (int i = 0; i < EXPECTED; i++)
            found = found || strcmp(right->act, expected[i].act) == 0;
        if (!found)
            fail_msg("%s is not in expected[]", right->act);
    }
}

static void strangers_and_people_without_roles_may_nothing(void **state)
{
    (void)state;
    struct person nobody = someone(1, NULL);
    const struct thing unknown = { 0 };
    for (const struct right *right = rights; right->act; right++) {
        assert_false(may(NULL, right->act, &here));
        assert_false(may(NULL, right->act, NULL));
        assert_false(may(NULL, right->act, &unknown));
        assert_false(may(&nobody, right->act, &here));
        assert_int_equal(may(&nobody, right->act, NULL), right->reach == REACH_ANYONE);
    }
}

static void nothing_is_allowed_because_a_member_is_missing(void **state)
{
    (void)state;
    const struct thing unknown = { 0 };
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct held_role at_district = held((enum role)role, DISTRICT, PATH_DISTRICT, DISTRICT, 0);
        struct person person = someone(1, &at_district);
        for (const struct right *right = rights; right->act; right++)
            assert_false(may(&person, right->act, &unknown));
        assert_int_equal(rights_roles(&person, &unknown), 0);
    }
}

static void today_is_for_whoever_holds_an_office(void **state)
{
    (void)state;
    role_mask without = ROLES_OF_A_MATTER | ROLE_BIT(ROLE_VILLAGER) | ROLE_BIT(ROLE_REPRESENTATIVE) | ROLE_BIT(ROLE_ENTERPRISE);
    for (int role = 0; role < ROLE_COUNT; role++) {
        struct held_role at_village = held((enum role)role, VILLAGE, PATH_VILLAGE, TOWN, 0);
        struct person person = someone(1, &at_village);
        assert_int_equal(may(&person, "today", NULL), !(without & ROLE_BIT(role)));
    }
}

static void a_role_reaches_down_and_never_up(void **state)
{
    (void)state;
    struct held_role desk = held(ROLE_DESK, VILLAGE, PATH_VILLAGE, TOWN, 0);
    struct person person = someone(1, &desk);
    const struct thing group = { .realm = TOWN, .place_path = PATH_GROUP };
    const struct thing town = { .realm = TOWN, .place_path = PATH_TOWN };
    const struct thing lookalike = { .realm = TOWN, .place_path = PATH_TOWN "5001161062001/" };
    assert_true(may(&person, "people.look", &group));
    assert_false(may(&person, "people.look", &town));
    assert_false(may(&person, "people.look", &lookalike));
}

static void handler_is_only_to_whom_or_to_whose_office_it_was_given(void **state)
{
    (void)state;
    struct held_role handler = held(ROLE_HANDLER, TOWN, PATH_TOWN, TOWN, 7);
    struct person person = someone(1, &handler), none = someone(1, NULL);
    struct thing thing = here;
    assert_int_equal(rights_roles(&person, &thing), 0);
    thing.handler = (struct who){ TOWN, 1 };
    assert_int_equal(rights_roles(&person, &thing), ROLE_BIT(ROLE_HANDLER));
    assert_int_equal(rights_roles(&none, &thing), 0); /* whose role has ended */
    thing.handler = (struct who){ "500230109000", 1 };
    assert_int_equal(rights_roles(&person, &thing), 0); /* the same id in another realm */
    thing.handler_organisation = 7;
    assert_int_equal(rights_roles(&person, &thing), ROLE_BIT(ROLE_HANDLER));
    thing.handler_organisation = 8;
    assert_int_equal(rights_roles(&person, &thing), 0);
}

static void owner_and_system_are_never_held(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct held_role odd = held(i ? ROLE_OWNER : ROLE_SYSTEM, DISTRICT, PATH_DISTRICT, DISTRICT, 0);
        struct person person = someone(99, &odd);
        assert_int_equal(rights_roles(&person, &here), ROLE_BIT(ROLE_AUTHOR));
    }
}

/* Every role at every place, against every visibility and every thing: a list shows exactly what one answer allows. */
static void lists_agree_with_single_answers(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    const struct held_role places[] = { held(0, DISTRICT, PATH_DISTRICT, DISTRICT, 0),
                                        held(0, TOWN, PATH_TOWN, TOWN, 7), held(0, VILLAGE, PATH_VILLAGE, TOWN, 0),
                                        held(0, GROUP, PATH_GROUP, TOWN, 8) };
    struct thing things[] = {
        here,
        next_door,
        far_away,
        { .realm = DISTRICT, .place_path = PATH_DISTRICT },
        { .realm = TOWN, .place_path = PATH_TOWN },
        { .realm = TOWN, .place_path = PATH_GROUP, .author = { TOWN, 1 } },
        { .realm = "500116108000", .place_path = PATH_OTHER_TOWN, .author = { TOWN, 1 } },
        { .realm = TOWN, .place_path = PATH_OTHER_VILLAGE, .handler = { TOWN, 1 } },
        { .realm = TOWN, .place_path = PATH_OTHER_VILLAGE, .handler_organisation = 7 },
        { .realm = "500230109000", .place_path = "/500230000000/500230109000/", .handler_organisation = 8 },
    };
    int seen = 0;
    for (int a = 0; a < ROLE_COUNT; a++)
        for (int b = 0; b < ROLE_COUNT; b++)
            for (int p = 0; p < 16; p++) {
                struct held_role roles[2] = { places[p % 4], places[p / 4] };
                roles[0].role = (enum role)a;
                roles[1].role = (enum role)b;
                struct person person = someone(1, roles);
                person.role_count = 2;
                person.role_mask = ROLE_BIT(a) | ROLE_BIT(b);
                for (int visible = 0; visible < ROLE_COUNT; visible++) {
                    if (visible == ROLE_OWNER || visible == ROLE_SYSTEM)
                        continue;
                    role_mask mask = ROLE_BIT(visible) | ROLE_BIT(ROLE_AUTHOR);
                    if (visible != a && visible != b && visible != ROLE_AUTHOR)
                        continue;
                    struct scope *scopes;
                    int count = rights_scopes(f.ctx, &person, mask, &scopes);
                    for (size_t t = 0; t < sizeof things / sizeof *things; t++) {
                        bool listed = false;
                        for (int i = 0; i < count; i++)
                            listed = listed || scope_holds(&scopes[i], &things[t]);
                        bool single = (rights_roles(&person, &things[t]) & mask) != 0;
                        if (listed != single)
                            fail_msg("%s at %s and %s at %s, visible to %s, thing %zu: list %d, single %d",
                                     role_key((enum role)a), roles[0].place, role_key((enum role)b), roles[1].place,
                                     role_key((enum role)visible), t, listed, single);
                        seen += listed;
                    }
                }
            }
    assert_true(seen > 1000);
    fixture_end(&f);
}

static void no_scope_stands_within_another(void **state)
{
    (void)state;
    struct fixture f;
    fixture_begin(&f);
    struct held_role roles[] = { held(ROLE_DESK, VILLAGE, PATH_VILLAGE, TOWN, 0),
                                 held(ROLE_DESK, GROUP, PATH_GROUP, TOWN, 0),
                                 held(ROLE_TOWN_LEADER, TOWN, PATH_TOWN, TOWN, 0),
                                 held(ROLE_DESK, TOWN, PATH_TOWN, TOWN, 0) };
    struct person person = someone(1, roles);
    person.role_count = 4;
    person.role_mask = ROLE_BIT(ROLE_DESK) | ROLE_BIT(ROLE_TOWN_LEADER);
    struct scope *scopes;
    assert_int_equal(rights_scopes(f.ctx, &person, ROLE_BIT(ROLE_DESK) | ROLE_BIT(ROLE_TOWN_LEADER), &scopes), 1);
    assert_int_equal(scopes[0].kind, SCOPE_REALM);
    assert_string_equal(scopes[0].realm, TOWN);
    roles[2].place = roles[3].place = DISTRICT;
    roles[2].place_path = roles[3].place_path = PATH_DISTRICT;
    roles[2].place_realm = roles[3].place_realm = DISTRICT;
    assert_int_equal(rights_scopes(f.ctx, &person, ROLE_BIT(ROLE_DESK), &scopes), 1);
    assert_int_equal(scopes[0].kind, SCOPE_SUBTREE);
    assert_null(scopes[0].realm);
    assert_string_equal(scopes[0].path_after, "/500116000000"
                                              "0");
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_role_may_do_what_the_table_says_and_nothing_else),
        cmocka_unit_test(no_act_is_left_out_of_this_test),
        cmocka_unit_test(strangers_and_people_without_roles_may_nothing),
        cmocka_unit_test(nothing_is_allowed_because_a_member_is_missing),
        cmocka_unit_test(today_is_for_whoever_holds_an_office),
        cmocka_unit_test(a_role_reaches_down_and_never_up),
        cmocka_unit_test(handler_is_only_to_whom_or_to_whose_office_it_was_given),
        cmocka_unit_test(owner_and_system_are_never_held),
        cmocka_unit_test(lists_agree_with_single_answers),
        cmocka_unit_test(no_scope_stands_within_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
