/* tests/unit/test_import.c -- lists brought in: every kind of bad row with its reason, twice, dry, in other encodings.
 */
#include "village.h"

#include "catalogue.h"

#include "record/csv.h"

static void assert_counts(struct import_counts counts, int added, int unchanged, int changed, int bad)
{
    if (counts.added != added || counts.unchanged != unchanged || counts.changed != changed || counts.bad != bad)
        fail_msg("new %d, unchanged %d, changed %d, bad %d of %d rows", counts.added, counts.unchanged, counts.changed,
                 counts.bad, counts.rows);
    assert_int_equal(counts.rows, added + unchanged + changed + bad);
}

static void the_same_files_again_change_nothing(void **state)
{
    struct village *v = *state;
    const char *const lists[IMPORT_KIND_COUNT] = { village_places, village_organisations, village_households,
                                                   village_people, village_roles };
    for (int i = 0; i < IMPORT_KIND_COUNT; i++) {
        struct import_counts counts = village_import(v, (enum import_kind)i, lists[i]);
        assert_counts(counts, 0, counts.rows, 0, 0);
        assert_int_equal(v->bad.size, 0);
    }
}

/* One file with bad rows only, all with the same header; what each must be told. */
struct bad_case {
    const char *row, *said;
};

static void assert_bad(struct village *v, enum import_kind kind, const char *header, const struct bad_case *cases,
                       int count)
{
    for (int i = 0; i < count; i++) {
        const char *csv = arena_printf(v->ctx->arena, "%s\n%s\n", header, cases[i].row);
        struct import_counts counts = village_import(v, kind, csv);
        if (counts.bad != 1)
            fail_msg("not refused: %s", cases[i].row);
        struct csv back;
        bool more;
        assert_ok(v->f, csv_open(v->ctx, buffer_view(&v->bad), &back));
        assert_ok(v->f, csv_next(&back, &more));
        int columns = back.count;
        assert_true(text_is(back.cells[columns - 1], "原因"));
        assert_ok(v->f, csv_next(&back, &more));
        assert_true(more);
        assert_int_equal(back.count, columns);
        struct text reason = back.cells[columns - 1];
        const char *said = texts_say(LANGUAGE_ZH, cases[i].said);
        size_t literal = strcspn(said, "{"); /* up to the first thing filled in */
        const char *part = literal ? arena_copy(v->ctx->arena, said, literal) : strchr(said, '}') + 1;
        if (!memmem(reason.at, reason.size, part, strlen(part)))
            fail_msg("%s: [%.*s] does not say [%s]", cases[i].row, (int)reason.size, reason.at, part);
        /* The file that came back can be mended and brought in: its own form is understood. */
        counts = village_import_as(v, NULL, kind, text_copy(v->ctx->arena, buffer_view(&v->bad)), true);
        assert_int_equal(counts.bad, 1);
    }
}

static void every_bad_place_is_told_why(void **state)
{
    struct village *v = *state;
    const struct bad_case cases[] = {
        { ",无码,village,500116106000,,,2023-06-30,", "import.empty" },
        { "500116106202,,village,500116106000,,,2023-06-30,", "import.empty" },
        { "500116106202,某村,hamlet,500116106000,,,2023-06-30,", "import.kind" },
        { "50011610620,某村,village,500116106000,,,2023-06-30,", "import.code" },
        { "500116106202-Z1,某组,group,500116106200,,,2023-06-30,", "import.code" },
        { "500116106202,某村,village,500116109000,,,2023-06-30,", "import.parent_unknown" },
        { "500116106202,某村,village,,,,2023-06-30,", "import.empty" },
        { "500116106202,某村,village,500116106200,,,2023-06-30,", "import.parent_kind" },
        { "500116000001,某区,district,500116000000,,,2023-06-30,", "import.parent_none" },
        { "500116106202,某村,village,500116106000,106.1,,2023-06-30,", "import.point" },
        { "500116106202,某村,village,500116106000,190,29,2023-06-30,", "import.point" },
        { "500116106202,某村,village,500116106000,,,2023-02-30,", "import.day" },
        { "500116106202,某村,village,500116106000,,,,", "import.empty" },
        { "500116106202,某村,village,500116106000,,,2023-06-30,2023-06-29", "import.days_turned" },
        { "500116106201,大桥村,village,500230109000,,,2023-06-30,", "import.place_fixed" },
        { "500116106202,某\x02村,village,500116106000,,,2023-06-30,", "import.unclean" },
    };
    assert_bad(v, IMPORT_PLACES, "code,name,kind,parent,longitude,latitude,valid_from,valid_to", cases,
               sizeof cases / sizeof *cases);
}

static void every_bad_person_is_told_why(void **state)
{
    struct village *v = *state;
    const struct bad_case cases[] = {
        { ",王五,,,,,,,500116106200", "import.empty" },
        { "wang,王,,,,,,,500116106200", "name.length" },
        { "wang,王5五,,,,,,,500116106200", "name.character" },
        { "wang,王五,中,,,,,,500116106200", "import.sex" },
        { "wang,王五,,1990-13-01,,,,,500116106200", "import.day" },
        { "wang,王五,,2026-03-03,,,,,500116106200", "import.birth_future" },
        { "wang,王五,,,50011619700101003,,,,500116106200", "identity.length" },
        { "wang,王五,,,500116197001010031,,,,500116106200", "identity.check" },
        { "wang,王五,男,1970-01-02,50011619700101003X,,,,500116106200", "import.birth_differs" },
        { "wang,王五,女,1970-01-01,50011619700101003X,,,,500116106200", "import.sex_differs" },
        { "wang,王五,,,500116196001010019,,,,500116106200", "import.identity_taken" },
        { "wang,王五,,,,1990000000,,,500116106200", "phone.form" },
        { "wang,王五,,,,,500116106200-0099,,", "import.household_unknown" },
        { "wang,王五,,,,,,,500116106299", "import.place_unknown" },
        { "wang,王五,,,,,,,500116106200-Z09", "import.place_past" },
        { "wang,王五,,,,,,,", "import.empty" },
        { "wu,吴台,,,,,,,500230109224", "import.other_realm" },
        { "wang,王五,,,,,,一二三四五六七八九十一二三四五六七八九十一,500116106200", "import.long" },
    };
    assert_bad(v, IMPORT_PEOPLE, "person,name,sex,birth,id_number,phone,household,relation,place", cases,
               sizeof cases / sizeof *cases);
}

static void every_other_bad_row_is_told_why(void **state)
{
    struct village *v = *state;
    const struct bad_case units[] = {
        { "X Y,某企业,enterprise,500116106200,", "import.slug" },
        { "xy,某企业,club,500116106200,", "import.kind" },
        { "xy,某企业,enterprise,500116106299,", "import.place_unknown" },
        { "xy,某企业,enterprise,500116106200,123", "credit_code.length" },
    };
    const struct bad_case households[] = {
        { ",500116106200-Z01,某号,", "import.empty" },
        { "h-2,500116106299,某号,", "import.place_unknown" },
        { "h-2,500116106200-Z01,,", "import.empty" },
        { "500116106200-0001,500230109224,某号,", "import.other_realm" },
    };
    const struct bad_case roles[] = {
        { "nobody,desk,500116106000,,2024-01-01,", "import.person_unknown" },
        { "wu,king,500116106000,,2024-01-01,", "import.role" },
        { "wu,system,500116106000,,2024-01-01,", "import.role" },
        { "wu,owner,500116106000,,2024-01-01,", "import.role" },
        { "wu,desk,500116106999,,2024-01-01,", "import.place_unknown" },
        { "wu,desk,500116106000,no-such,2024-01-01,", "import.organisation_unknown" },
        { "wu,desk,500116106000,,,", "import.empty" },
        { "wu,desk,500116106000,,2024-01-02,2024-01-01", "import.days_turned" },
    };
    assert_bad(v, IMPORT_ORGANISATIONS, "code,name,kind,place,credit_code", units, 4);
    assert_bad(v, IMPORT_HOUSEHOLDS, "household,place,address,head", households, 4);
    assert_bad(v, IMPORT_ROLES, "person,role,place,organisation,from,to", roles, 8);
}

static void all_reasons_of_a_row_are_told_and_good_rows_are_in(void **state)
{
    struct village *v = *state;
    struct import_counts counts = village_import(
        v, IMPORT_PEOPLE,
        "person,name,sex,birth,id_number,phone,household,relation,place\n"
        "good,好人,男,1970年1月1日,50011619700101003x,199 0000 0009,500116106200-0001,子,\n"
        "bad,=1+1,中,昨天,1,2,3,,\n"
        "good,好人,,,,,,,500116106200\n"
        "twin,孪生,,,50011619700101003X,,,,500116106200\n");
    assert_counts(counts, 1, 0, 0, 3);
    struct person *good = village_person(v, "good");
    assert_int_equal(good->birth, day_from(1970, 1, 1));
    assert_string_equal(good->place, "500116106200-Z01");
    assert_null(good->abode);
    const char *masked;
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(good), PERSONAL_PHONE, &masked));
    assert_string_equal(masked, "199****0009");
    const char *out = arena_copy(v->ctx->arena, v->bad.at, v->bad.size);
    assert_true(text_starts(text_of(out), "\xef\xbb\xbfperson,name,"));
    assert_non_null(strstr(out, "\"'=1+1\"")); /* no formula goes out */
    const char *row = strstr(out, "bad,");
    const char *const all[] = { "性别", "出生日期", "身份证", "手机", "没有户号" };
    for (int i = 0; i < 5; i++)
        if (!strstr(row, all[i]))
            fail_msg("%s is not in: %s", all[i], row);
    assert_non_null(strstr(out, "good 在第 2 行已经有了"));
    assert_non_null(strstr(out, "身份证号与第 2 行相同"));
}

static void a_cell_beyond_the_header_is_told(void **state)
{
    struct village *v = *state;
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,place\nwang,王五,500116106200,,x\n"), 0, 0, 0, 1);
    assert_non_null(memmem(v->bad.at, v->bad.size, "格数", strlen("格数")));
    /* What stood there isn't lost, and unmended it is told again. */
    const char *back = arena_copy(v->ctx->arena, v->bad.at, v->bad.size);
    assert_non_null(strstr(back, "wang,王五,500116106200,这一行的格数多于表头,,x\r\n"));
    assert_counts(village_import(v, IMPORT_PEOPLE, back), 0, 0, 0, 1);
    assert_non_null(memmem(v->bad.at, v->bad.size, "格数", strlen("格数")));
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,place\nwang,王五,500116106200,,\n"), 1, 0, 0, 0);
}

static void reasons_come_in_the_readers_language(void **state)
{
    struct village *v = *state;
    v->ctx->language = LANGUAGE_EN;
    village_import(v, IMPORT_ROLES, "person,role,place,from\nnobody,king,500116106000,2024-01-01\n");
    v->ctx->language = LANGUAGE_ZH;
    const char *out = arena_copy(v->ctx->arena, v->bad.at, v->bad.size);
    assert_non_null(strstr(out, ",reason\r\n"));
    assert_non_null(strstr(out, "there is no person nobody; import people first; king is not a known role"));
}

static void chinese_headers_and_gb_18030(void **state)
{
    struct village *v = *state;
    /* 人员编号;姓名;性别;户号;与户主关系 / wang;王五;男;500116106200-0001;子, as a spreadsheet on a Chinese system
     * saves it */
    const char *csv = "\xc8\xcb\xd4\xb1\xb1\xe0\xba\xc5;\xd0\xd5\xc3\xfb;\xd0\xd4\xb1\xf0;\xbb\xa7\xba\xc5;"
                      "\xd3\xeb\xbb\xa7\xd6\xf7\xb9\xd8\xcf\xb5\r\n"
                      "wang;\xcd\xf5\xce\xe5;\xc4\xd0;500116106200-0001;\xd7\xd3\r\n";
    assert_counts(village_import(v, IMPORT_PEOPLE, csv), 1, 0, 0, 0);
    struct person *wang = village_person(v, "wang");
    assert_string_equal(wang->name, "王五");
    assert_string_equal(wang->relation, "子");
    assert_int_equal(wang->sex, SEX_MALE);
    assert_counts(
        village_import(v, IMPORT_ROLES, "人员编号,角色,地点代码,开始日期\nwang,村民,500116106200-Z01,2024/1/5\n"), 1, 0,
        0, 0);
    assert_int_equal(village_person(v, "wang")->role_mask, ROLE_BIT(ROLE_VILLAGER));
}

static void a_changed_row_changes_and_an_empty_cell_keeps(void **state)
{
    struct village *v = *state;
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,phone,place\nzhang,张大川,,\n"), 0, 0, 1, 0);
    struct person *zhang = village_person(v, "zhang");
    assert_string_equal(zhang->name, "张大川");
    assert_int_equal(zhang->birth, day_from(1960, 1, 1));
    assert_string_equal(zhang->relation, "户主");
    assert_int_not_equal(zhang->household, 0);
    const char *masked;
    assert_ok(v->f, person_masked(v->ctx, v->keys, person_who(zhang), PERSONAL_PHONE, &masked));
    assert_string_equal(masked, "199****0001");
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,phone\nzhang,张大川,19900000011\n"), 0, 0, 1, 0);
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,phone\nzhang,张大川,19900000011\n"), 0, 1, 0, 0);

    assert_counts(village_import(v, IMPORT_ROLES,
                                 "person,role,place,organisation,from,to\n"
                                 "he,handler,500116106000,yx-office,2024-03-01,2026-03-01\n"),
                  0, 0, 1, 0);
    assert_int_equal(village_person(v, "he")->role_count, 0);
    assert_counts(village_import(v, IMPORT_PLACES,
                                 "code,name,kind,parent,valid_from,longitude,latitude\n"
                                 "500116106000,永兴镇,town,500116000000,,,\n"
                                 "500116106201,大桥新村,村,500116106000,2023-06-30,106.5,29.5\n"),
                  0, 1, 1, 0);
    static const char desk[] = "代码,名称,类型,上级代码,起始日期,服务台地址,服务台电话\n"
                               "500116106201,大桥新村,村,500116106000,2023-06-30,村委会一楼,023-00000002\n";
    assert_counts(village_import(v, IMPORT_PLACES, desk), 0, 0, 1, 0);
    assert_counts(village_import(v, IMPORT_PLACES, desk), 0, 1, 0, 0);
    assert_counts(village_import(v, IMPORT_PLACES,
                                 "code,name,kind,parent,valid_from,desk_phone\n"
                                 "500116106201,大桥新村,村,500116106000,2023-06-30,12345转2\n"),
                  0, 0, 0, 1);
    static const char office[] = "person,role,place,organisation,from,office_phone\n"
                                 "he,handler,500116106000,yx-office,2024-03-01,023-00010001\n";
    assert_counts(village_import(v, IMPORT_ROLES, office), 0, 0, 1, 0); /* the last day stays */
    assert_counts(village_import(v, IMPORT_ROLES, office), 0, 1, 0, 0);
    assert_int_equal(village_person(v, "he")->role_count, 0);
    struct place *place;
    assert_ok(v->f, place_load(v->ctx, TEXT("500116106201"), &place));
    struct service_desk *found;
    assert_ok(v->f, place_desk(v->ctx, place->path, &found));
    assert_string_equal(found->address, "村委会一楼");
    assert_null(found->hours);
    assert_string_equal(place->name, "大桥新村");
    assert_int_equal(place->longitude, 106500000);
    assert_counts(village_import(v, IMPORT_HOUSEHOLDS,
                                 "household,place,address,head\n"
                                 "500116106200-0001,500116106200-Z02,黄庄村二组8号,\n"),
                  0, 0, 1, 0);
    assert_counts(village_import(v, IMPORT_ORGANISATIONS,
                                 "code,name,kind,place\n"
                                 "yx-office,永兴镇民生服务办,部门,500116106000\n"),
                  0, 0, 1, 0);
}

static void who_works_elsewhere_stays_with_the_household(void **state)
{
    struct village *v = *state;
    const char *csv = "person,name,household,relation,place\nson,张小山,500116106200-0001,子,500230109000\n";
    assert_counts(village_import(v, IMPORT_PEOPLE, csv), 1, 0, 0, 0);
    assert_counts(village_import(v, IMPORT_PEOPLE, csv), 0, 1, 0, 0);
    struct person *son = village_person(v, "son");
    assert_string_equal(son->realm, "500116106000");
    assert_string_equal(son->place, "500116106200-Z01");
    assert_string_equal(son->abode, "500230109000");
    assert_counts(village_import(v, IMPORT_PEOPLE, "person,name,place\nson,张小山,500116106200-Z01\n"), 0, 0, 1, 0);
    assert_null(village_person(v, "son")->abode); /* came home */
    assert_counts(village_import(v, IMPORT_HOUSEHOLDS,
                                 "household,place,address\n"
                                 "500116106200-0001,500116106200-Z02,黄庄村二组8号\n"),
                  0, 0, 1, 0);
    assert_string_equal(village_person(v, "son")->place, "500116106200-Z02"); /* the whole household moved */
    assert_string_equal(village_person(v, "zhang")->place, "500116106200-Z02");
}

static void a_dry_run_tells_the_same_and_writes_nothing(void **state)
{
    struct village *v = *state;
    struct text csv = TEXT(
        "person,name,place\nnew,新人,500116106200\nzhang,张大川,\nli,李小红,\nbad,坏,500116106200\n");
    assert_counts(village_import_as(v, NULL, IMPORT_PEOPLE, csv, true), 1, 1, 1, 1);
    struct person *none;
    assert_ok(v->f, person_find(v->ctx, NULL, TEXT("new"), VILLAGE_TODAY, &none));
    assert_null(none);
    assert_string_equal(village_person(v, "zhang")->name, "张大山");
    assert_counts(village_import_as(v, NULL, IMPORT_PEOPLE, csv, false), 1, 1, 1, 1);
    assert_counts(village_import_as(v, NULL, IMPORT_PEOPLE, csv, false), 0, 3, 0, 1);
}

static void an_importer_reaches_no_further_than_the_role(void **state)
{
    struct village *v = *state;
    struct text csv = TEXT("person,name,place\nwang,王五,500116106200\nzhao,赵六,500230109224\n");
    assert_counts(village_import_as(v, village_person(v, "guan"), IMPORT_PEOPLE, csv, false), 1, 0, 0, 1);
    assert_non_null(memmem(v->bad.at, v->bad.size, "zhao", 4));
    assert_counts(village_import_as(v, village_person(v, "wu"), IMPORT_PEOPLE, csv, true), 0, 0, 0, 2);
}

static void a_file_that_is_no_such_list_is_refused_whole(void **state)
{
    struct village *v = *state;
    const struct bad_case cases[] = {
        { "", "import.no_header" },
        { "person,name,shoe_size\n", "import.column_unknown" },
        { "person,name,姓名\n", "import.column_twice" },
        { "person,sex\n", "import.column_missing" },
        { "person,name\n\"x", "csv.quote" },
        { "person,name\n\xff\xff", "csv.encoding" },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct import_counts counts;
        const struct import_job job = { .kind = IMPORT_PEOPLE, .db = v->d->db, .writer = v->writer, .keys = v->keys };
        assert_fails(import_run(v->ctx, &job, text_of(cases[i].row), &counts), ERR_INPUT, cases[i].said);
    }
}

/* On SQLite alone: a further connection meets no file. */
static void a_database_that_goes_away_is_told(void **state)
{
    struct village *v = *state;
    struct import_counts counts;
    const char *away = arena_printf(v->ctx->arena, "%s.away", v->d->path);
    const struct import_job job = { .kind = IMPORT_PEOPLE, .db = v->d->db, .writer = v->writer, .keys = v->keys };
    assert_int_equal(rename(v->d->path, away), 0);
    const struct err *failed = import_run(v->ctx, &job, TEXT("person,name,place\nwang,王五,500116106200\n"), &counts);
    assert_int_equal(rename(away, v->d->path), 0);
    assert_fails(failed, ERR_BROKEN, "store.cannot_open");
    assert_non_null(strstr(err_trace(v->ctx, failed), "import.c"));
}

static void count_progress(void *self, int rows)
{
    int *calls = self;
    calls[0]++;
    calls[1] = rows;
}

static void many_rows_go_in_by_batches_and_parents_may_come_last(void **state)
{
    struct village *v = *state;
    scoped(buffer_clear) struct buffer csv = { 0 };
    buffer_string(&csv, "code,name,kind,parent,valid_from\n");
    for (int i = 0; i < 900; i++)
        buffer_printf(&csv, "500117%03d%03d-Z01,一组,group,500117%03d%03d,2024-01-01\n", i / 30 + 1, i % 30 + 200,
                      i / 30 + 1, i % 30 + 200);
    for (int i = 0; i < 900; i++)
        buffer_printf(&csv, "500117%03d%03d,某村,village,500117%03d000,2024-01-01\n", i / 30 + 1, i % 30 + 200,
                      i / 30 + 1);
    for (int i = 0; i < 30; i++)
        buffer_printf(&csv, "500117%03d000,某镇,town,500117000000,2024-01-01\n", i + 1);
    buffer_string(&csv, "500117000000,合川区,district,,2024-01-01\n500118001000,某镇,town,500118000000,2024-01-01\n");
    int calls[2] = { 0 };
    struct import_counts counts;
    const struct import_job job = { .kind = IMPORT_PLACES,
                                    .db = v->d->db,
                                    .writer = v->writer,
                                    .keys = v->keys,
                                    .progress = count_progress,
                                    .self = calls,
                                    .bad = &v->bad };
    v->bad.size = 0;
    assert_ok(v->f, import_run(v->ctx, &job, buffer_view(&csv), &counts));
    assert_counts(counts, 1831, 0, 0, 1);
    assert_true(calls[0] > 9);
    assert_int_equal(calls[1], 1832);
    village_look(v);
    struct place *place;
    assert_ok(v->f, place_load(v->ctx, TEXT("500117030229-Z01"), &place));
    assert_string_equal(place->realm, "500117030000");
}

int main(void)
{
    catalogue_use();
    const struct CMUnitTest tests[] = {
        IN_VILLAGE(the_same_files_again_change_nothing),
        IN_VILLAGE(every_bad_place_is_told_why),
        IN_VILLAGE(every_bad_person_is_told_why),
        IN_VILLAGE(every_other_bad_row_is_told_why),
        IN_VILLAGE(all_reasons_of_a_row_are_told_and_good_rows_are_in),
        IN_VILLAGE(a_cell_beyond_the_header_is_told),
        IN_VILLAGE(reasons_come_in_the_readers_language),
        IN_VILLAGE(chinese_headers_and_gb_18030),
        IN_VILLAGE(a_changed_row_changes_and_an_empty_cell_keeps),
        IN_VILLAGE(who_works_elsewhere_stays_with_the_household),
        IN_VILLAGE(a_dry_run_tells_the_same_and_writes_nothing),
        IN_VILLAGE(an_importer_reaches_no_further_than_the_role),
        IN_VILLAGE(a_file_that_is_no_such_list_is_refused_whole),
        cmocka_unit_test_setup_teardown(a_database_that_goes_away_is_told, village_setup_sqlite, village_teardown),
        IN_VILLAGE(many_rows_go_in_by_batches_and_parents_may_come_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
