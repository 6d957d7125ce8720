/* tests/unit/test_place.c -- the tree of places: paths, realms, who stands above and below, what has ended. */
#include "village.h"

#include "record/places_sql.h"

static struct place *place(struct village *v, const char *code)
{
    struct place *found;
    assert_ok(v->f, place_load(v->ctx, text_of(code), &found));
    return found;
}

static void a_realm_is_the_nearest_town_or_else_the_district(void **state)
{
    struct village *v = *state;
    assert_string_equal(place(v, "500116000000")->realm, "500116000000");
    assert_string_equal(place(v, "500116106000")->realm, "500116106000");
    assert_string_equal(place(v, "500116106200")->realm, "500116106000");
    assert_string_equal(place(v, "500116106200-Z01")->realm, "500116106000");
    assert_string_equal(place(v, "500116106200001")->realm, "500116106000");
    assert_string_equal(place(v, "500116106200-Z01")->path,
                        "/500116000000/500116106000/500116106200/500116106200-Z01/");
    struct place *realms;
    int count;
    assert_ok(v->f, place_realms(v->ctx, VILLAGE_TODAY, &realms, &count));
    assert_int_equal(count, 4);
}

static void a_place_is_whole_when_read(void **state)
{
    struct village *v = *state;
    struct place *town = place(v, "500116106000");
    assert_string_equal(town->name, "永兴镇");
    assert_string_equal(town->parent, "500116000000");
    assert_int_equal(town->kind, PLACE_TOWN);
    assert_true(town->has_point);
    assert_int_equal(town->longitude, 106123456);
    assert_int_equal(town->latitude, 29050000);
    assert_int_equal(town->valid_to, DAY_NONE);
    assert_null(place(v, "500116000000")->parent);
    struct place *none;
    assert_ok(v->f, place_find(v->ctx, TEXT("500116106999"), &none));
    assert_null(none);
    assert_fails(place_load(v->ctx, TEXT("500116106999"), &none), ERR_MISSING, "place.missing");
}

static void children_are_those_that_stand_on_the_day(void **state)
{
    struct village *v = *state;
    struct place *children;
    int count;
    assert_ok(v->f, place_children(v->ctx, TEXT("500116106200"), VILLAGE_TODAY, &children, &count));
    assert_int_equal(count, 3); /* two groups and the grid; group nine has ended */
    assert_ok(v->f, place_children(v->ctx, TEXT("500116106200"), DAY_NONE, &children, &count));
    assert_int_equal(count, 4);
    assert_ok(v->f, place_children(v->ctx, TEXT("500116106200"), day_from(2023, 6, 29), &children, &count));
    assert_int_equal(count, 0);
    assert_ok(v->f, place_children(v->ctx, (struct text){ 0 }, VILLAGE_TODAY, &children, &count));
    assert_int_equal(count, 2);
    assert_string_equal(children[0].code, "500116000000");
}

static void ancestors_come_nearest_first(void **state)
{
    struct village *v = *state;
    struct place *above;
    int count;
    assert_ok(v->f, place_ancestors(v->ctx, place(v, "500116106200-Z01"), &above, &count));
    assert_int_equal(count, 3);
    assert_string_equal(above[0].code, "500116106200");
    assert_string_equal(above[2].code, "500116000000");
    const struct text *codes;
    assert_int_equal(place_codes(v->ctx, place(v, "500116106200-Z01")->path, &codes), 4);
    assert_true(text_is(codes[0], "500116106200-Z01"));
    assert_true(text_is(codes[3], "500116000000"));
    assert_string_equal(place_village(v->ctx, place(v, "500116106200-Z01")->path), "500116106200");
    assert_string_equal(place_village(v->ctx, place(v, "500116106200")->path), "500116106200");
    assert_string_equal(place_village(v->ctx, place(v, "500116106000")->path), "500116106000");
    assert_string_equal(place_village(v->ctx, place(v, "500116000000")->path), "500116000000");
    assert_string_equal(place_village(v->ctx, ""), "");
    const char *words;
    assert_ok(v->f, place_words(v->ctx, place(v, "500116106200-Z01"), &words));
    assert_string_equal(words, "永兴镇黄庄村一组");
    assert_ok(v->f, place_words(v->ctx, place(v, "500116000000"), &words));
    assert_string_equal(words, "江津区");
}

static void a_range_of_paths_is_a_subtree(void **state)
{
    struct village *v = *state;
    const char *village = place(v, "500116106200")->path, *after = place_path_after(v->ctx, village);
    const char *const inside[] = { "500116106200", "500116106200-Z01", "500116106200001" };
    const char *const outside[] = { "500116106000", "500116106201", "500116106201-Z01", "500230109224" };
    for (size_t i = 0; i < 3; i++) {
        const char *path = place(v, inside[i])->path;
        assert_true(place_covers(village, path));
        assert_true(strcmp(path, village) >= 0 && strcmp(path, after) < 0);
    }
    for (size_t i = 0; i < 4; i++) {
        const char *path = place(v, outside[i])->path;
        assert_false(place_covers(village, path));
        assert_false(strcmp(path, village) >= 0 && strcmp(path, after) < 0);
    }
    assert_false(place_covers(NULL, village));
    assert_false(place_covers(village, NULL));
    assert_false(place_covers("", village));
    struct organisation *units;
    int count;
    assert_ok(v->f, organisation_list(v->ctx, place(v, "500116000000")->path, &units, &count));
    assert_int_equal(count, 1);
    assert_string_equal(units[0].name, "永兴镇民生办");
    assert_int_equal(units[0].kind, ORGANISATION_DEPARTMENT);
    struct organisation *again;
    assert_ok(v->f, organisation_load(v->ctx, units[0].id, &again));
    assert_string_equal(again->code, "yx-office");
    assert_fails(organisation_load(v->ctx, 1, &again), ERR_MISSING, "organisation.missing");
}

/* Of fifty thousand groups only the towns and districts are read. */
static void realms_have_an_index_of_their_own(void **state)
{
    struct village *v = *state;
    struct statement explain = sql_place_realms;
    struct value days[] = { value_int(VILLAGE_TODAY), value_int(VILLAGE_TODAY) };
    struct rows rows;
    const char *plan = "";
    if (v->d->kind != DB_SQLITE)
        return;
    explain.name = "explain_place_realms";
    explain.sql = arena_printf(v->ctx->arena, "explain query plan %s", explain.sql);
    assert_ok(v->f, rows_open(v->ctx, v->ctx->snapshot, &explain, days, 2, &rows));
    while (rows_next(&rows))
        plan = arena_printf(v->ctx->arena, "%s; %s", plan, rows_string(&rows, 3));
    assert_ok(v->f, rows_close(&rows));
    if (!strstr(plan, "place_realm"))
        fail_msg("%s", plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_VILLAGE(a_realm_is_the_nearest_town_or_else_the_district),
        IN_VILLAGE(realms_have_an_index_of_their_own),
        IN_VILLAGE(a_place_is_whole_when_read),
        IN_VILLAGE(children_are_those_that_stand_on_the_day),
        IN_VILLAGE(ancestors_come_nearest_first),
        IN_VILLAGE(a_range_of_paths_is_a_subtree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
