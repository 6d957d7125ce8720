/* tests/unit/test_person.c -- people with the roles of a day, masked names, sealed numbers, looks that are events. */
#include "village.h"

#include "record/rights.h"

#include <dirent.h>
#include <stdio.h>

#define ZHANG "500116196001010019"
#define PHONE "19900000001"

static void roles_are_those_of_the_day(void **state)
{
    struct village *v = *state;
    struct person *person;
    const struct {
        int32_t day;
        int roles;
    } cases[] = { { day_from(2024, 2, 29), 0 },
                  { day_from(2024, 3, 1), 1 },
                  { day_from(2026, 2, 28), 1 },
                  { day_from(2026, 3, 1), 0 } };
    for (int i = 0; i < 4; i++) {
        assert_ok(v->f, person_find(v->ctx, NULL, TEXT("jiu"), cases[i].day, &person));
        assert_int_equal(person->role_count, cases[i].roles);
        assert_int_equal(person->role_mask, cases[i].roles ? ROLE_BIT(ROLE_HANDLER) : 0);
    }
    person = village_person(v, "he");
    assert_string_equal(person->roles[0].place, "500116106000");
    assert_string_equal(person->roles[0].place_path, "/500116000000/500116106000/");
    assert_string_equal(person->roles[0].place_realm, "500116106000");
    assert_string_equal(person->roles[0].organisation_code, "yx-office");
    assert_int_equal(person->roles[0].to, DAY_NONE);
    struct person *same;
    assert_ok(v->f, person_load(v->ctx, person_who(person), VILLAGE_TODAY, &same));
    assert_string_equal(same->name, "何办");
    assert_fails(person_load(v->ctx, (struct who){ "500230109000", person->id }, VILLAGE_TODAY, &same), ERR_MISSING,
                 "person.missing");
}

static void holders_above_and_within_a_place(void **state)
{
    struct village *v = *state;
    struct holder *holders;
    int count;
    const char *group = village_person(v, "zhang")->place_path;
    assert_ok(v->f, person_holders_above(v->ctx, ROLE_DESK, group, VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 1);
    assert_string_equal(holders[0].name, "吴台");
    assert_string_equal(holders[0].organisation_name, "永兴镇民生办");
    assert_ok(v->f, person_holders_above(v->ctx, ROLE_GRID_WORKER, group, VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 0);
    assert_ok(v->f, person_holders_above(v->ctx, ROLE_ADMINISTRATOR, group, VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 1);
    const char *town = "/500116000000/500116106000/";
    assert_ok(v->f, person_holders_within(v->ctx, ROLE_HANDLER, town, VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 1); /* the former one not */
    assert_ok(v->f, person_holders_within(v->ctx, ROLE_HANDLER, town, day_from(2026, 2, 28), &holders, &count));
    assert_int_equal(count, 2);
    assert_ok(v->f, person_holders_within(v->ctx, ROLE_VILLAGER, town, VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 3);
    assert_ok(v->f, person_holders_within(v->ctx, ROLE_DESK, "/500230000000/", VILLAGE_TODAY, &holders, &count));
    assert_int_equal(count, 1);
    assert_string_equal(holders[0].who.realm, "500230109000");
}

static void names_are_masked(void **state)
{
    struct village *v = *state;
    struct arena *arena = v->ctx->arena;
    const char *const cases[][2] = { { "张三", "张某" },
                                     { "张大山", "张某某" },
                                     { "欧阳修", "欧阳某" },
                                     { "欧阳", "欧某" },
                                     { "司马相如", "司马某某" },
                                     { "阿卜杜拉·买买提", "阿某某" },
                                     { "John Smith", "J某某" },
                                     { "王", "王某" } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(person_name_public(arena, text_of(cases[i][0])), cases[i][1]);
}

static void who_sees_a_whole_name(void **state)
{
    struct village *v = *state;
    struct person *zhang = village_person(v, "zhang");
    const struct {
        const char *viewer;
        bool sees;
    } cases[] = { { "zhang", true }, { "li", true },   { "chen", false }, { "wu", true },    { "shu", true },
                  { "ge", false },   { "gao", false }, { "ling", false }, { "guan", false }, { NULL, false } };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *shown = person_name_shown(v->ctx, cases[i].viewer ? village_person(v, cases[i].viewer) : NULL,
                                              person_who(zhang), zhang->household, zhang->place_path, TEXT("张大山"));
        assert_string_equal(shown, cases[i].sees ? "张大山" : "张某某");
    }
}

static void a_number_is_found_by_its_index_and_shown_masked(void **state)
{
    struct village *v = *state;
    struct person *found;
    assert_ok(v->f, person_find_identity(v->ctx, v->keys, "500116106000", TEXT(ZHANG), VILLAGE_TODAY, &found));
    assert_string_equal(found->key, "zhang");
    assert_ok(v->f, person_find_identity(v->ctx, v->keys, "500230109000", TEXT(ZHANG), VILLAGE_TODAY, &found));
    assert_null(found);
    bool is_shared;
    village_import(v, IMPORT_PEOPLE, "person,name,phone,place\nshared,同号,19900000002,500116106201\n");
    assert_ok(v->f, person_find_phone(v->ctx, v->keys, "500116106000", TEXT("19900000002"), VILLAGE_TODAY, &found, &is_shared));
    assert_null(found);
    assert_true(is_shared);
    assert_ok(v->f, person_find_phone(v->ctx, v->keys, "500116106000", TEXT(" " PHONE), VILLAGE_TODAY, &found, &is_shared));
    assert_false(is_shared);
    assert_string_equal(found->key, "zhang");
    const char *masked;
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(found), PERSONAL_IDENTITY, &masked));
    assert_string_equal(masked, "500116********0019");
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(found), PERSONAL_PHONE, &masked));
    assert_string_equal(masked, "199****0001");
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(village_person(v, "wu")), PERSONAL_PHONE, &masked));
    assert_null(masked);
}

static bool file_holds(const char *path, const char *words)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static char bytes[4 << 20];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    return memmem(bytes, size, words, strlen(words)) != NULL;
}

static void nothing_stands_in_clear_in_the_files(void **state)
{
    struct village *v = *state;
    snapshot_end(v->ctx->snapshot);
    v->ctx->snapshot = NULL;
    bool found_name = false;
    struct dirent *entry;
    DIR *folder = opendir(v->d->folder);
    while ((entry = readdir(folder))) {
        if (strncmp(entry->d_name, "test.db", 7) != 0)
            continue;
        char path[512];
        snprintf(path, sizeof path, "%s/%s", v->d->folder, entry->d_name);
        assert_false(file_holds(path, ZHANG));
        assert_false(file_holds(path, PHONE));
        found_name = found_name || file_holds(path, "张大山"); /* so the search does find what is there */
    }
    closedir(folder);
    assert_true(found_name);
}

static void a_look_is_an_event_before_it_is_a_number(void **state)
{
    struct village *v = *state;
    struct who zhang = person_who(village_person(v, "zhang"));
    v->ctx->person = village_person(v, "wu");
    struct plan *plan;
    int64_t look;
    const char *number;
    assert_ok(v->f, person_look(v->ctx, zhang, PERSONAL_IDENTITY, TEXT(" 办理高龄补贴 "), &plan, &look));
    assert_fails(person_look_read(v->ctx, v->keys, zhang, look, &number), ERR_DENIED, "people.look.denied");
    int64_t leaves = v->log.leaves;
    village_run(v, plan);
    assert_int_equal(v->log.leaves, leaves + 1);
    assert_string_equal(v->log.open, "{}");
    assert_non_null(strstr(v->log.bytes, "\"purpose\":\"办理高龄补贴\""));
    assert_null(strstr(v->log.bytes, ZHANG));
    assert_ok(v->f, person_look_read(v->ctx, v->keys, zhang, look, &number));
    assert_string_equal(number, ZHANG);

    /* Not by anyone else, not of anyone else, not for ever. */
    assert_fails(person_look_read(v->ctx, v->keys, person_who(village_person(v, "li")), look, &number), ERR_DENIED,
                 "people.look.denied");
    v->ctx->person = village_person(v, "shu");
    assert_fails(person_look_read(v->ctx, v->keys, zhang, look, &number), ERR_DENIED, "people.look.denied");
    v->ctx->person = village_person(v, "wu");
    fake_clock_set(&v->f->clock, FIXTURE_NOW + 10 * MICROS_PER_MINUTE);
    assert_fails(person_look_read(v->ctx, v->keys, zhang, look, &number), ERR_DENIED, "people.look.denied");

    struct look *looks;
    int count;
    assert_ok(v->f, person_looks(v->ctx, zhang, 10, &looks, &count));
    assert_int_equal(count, 1);
    assert_string_equal(looks[0].by_name, "吴台");
    assert_string_equal(looks[0].purpose, "办理高龄补贴");
    assert_int_equal(looks[0].at, FIXTURE_NOW);
    v->ctx->person = NULL;
}

static void who_may_look_and_why(void **state)
{
    struct village *v = *state;
    struct who zhang = person_who(village_person(v, "zhang"));
    const struct {
        const char *viewer;
        bool may;
    } cases[] = { { "wu", true },    { "shu", true },   { "zhang", true }, { "li", false },  { "ge", false },
                  { "ling", false }, { "guan", false }, { "gao", false },  { "chen", false } };
    struct plan *plan;
    int64_t look;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        v->ctx->person = village_person(v, cases[i].viewer);
        const struct err *failed = person_look(v->ctx, zhang, PERSONAL_PHONE, TEXT("回访"), &plan, &look);
        if (cases[i].may)
            assert_null(failed);
        else
            assert_fails(failed, ERR_DENIED, "people.look.denied");
    }
    v->ctx->person = NULL;
    assert_fails(person_look(v->ctx, zhang, PERSONAL_PHONE, TEXT("回访"), &plan, &look), ERR_DENIED,
                 "people.look.denied");
    v->ctx->person = village_person(v, "wu");
    assert_fails(person_look(v->ctx, zhang, PERSONAL_PHONE, TEXT(" 看 "), &plan, &look), ERR_INPUT,
                 "people.look.purpose");
    assert_fails(person_look(v->ctx, person_who(village_person(v, "he")), PERSONAL_PHONE, TEXT("回访"), &plan, &look),
                 ERR_MISSING, "people.look.none");
    v->ctx->person = NULL;
}

static void a_newer_key_takes_over_row_by_row(void **state)
{
    struct village *v = *state;
    struct plan *plan;
    int rows, all = 0;
    assert_ok(v->f, person_reseal(v->ctx, v->keys, 10, &plan, &rows));
    assert_null(plan);
    assert_ok(v->f, keys_add_version(v->ctx, v->keys));
    for (;;) {
        assert_ok(v->f, person_reseal(v->ctx, v->keys, 2, &plan, &rows));
        if (!plan)
            break;
        village_run(v, plan);
        all += rows;
    }
    assert_int_equal(all, 3); /* zhang, li, chen have numbers */
    char path[160];
    snprintf(path, sizeof path, "%s/keys/field-1.key", v->d->folder);
    assert_int_equal(unlink(path), 0); /* the old key is needed no more */
    keys_close(v->keys);
    assert_ok(v->f, keys_open(v->ctx, arena_printf(v->ctx->arena, "%s/keys", v->d->folder), false, &v->keys));
    const char *masked;
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(village_person(v, "zhang")), PERSONAL_IDENTITY, &masked));
    assert_string_equal(masked, "500116********0019");
    struct person *found;
    assert_ok(v->f, person_find_identity(v->ctx, v->keys, "500116106000", TEXT(ZHANG), VILLAGE_TODAY, &found));
    assert_string_equal(found->key, "zhang");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_VILLAGE(roles_are_those_of_the_day),
        IN_VILLAGE(holders_above_and_within_a_place),
        IN_VILLAGE(names_are_masked),
        IN_VILLAGE(who_sees_a_whole_name),
        IN_VILLAGE(a_number_is_found_by_its_index_and_shown_masked),
        { "nothing_stands_in_clear_in_the_files (SQLite)", nothing_stands_in_clear_in_the_files, village_setup_sqlite,
          village_teardown, NULL },
        IN_VILLAGE(a_look_is_an_event_before_it_is_a_number),
        IN_VILLAGE(who_may_look_and_why),
        IN_VILLAGE(a_newer_key_takes_over_row_by_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
