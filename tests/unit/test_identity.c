/* When this fails, look in src/civic/identity.c. All numbers are examples of the standards or invented. */
#include "fixture.h"

#include "base/day.h"
#include "civic/identity.h"

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

static int32_t today(void)
{
    return day_of(FIXTURE_NOW);
}

static void identity_numbers_tell_birth_and_sex(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *number, *birth;
        enum sex sex;
    } good[] = {
        { "11010519491231002X", "1949-12-31", SEX_FEMALE }, { "440524188001010014", "1880-01-01", SEX_MALE },
        { "500116199001010012", "1990-01-01", SEX_MALE },   { "500116198505201029", "1985-05-20", SEX_FEMALE },
        { "500230197803153019", "1978-03-15", SEX_MALE },   { "50023020070101002X", "2007-01-01", SEX_FEMALE },
        { "500230200812311001", "2008-12-31", SEX_FEMALE }, { "50023020070101002x", "2007-01-01", SEX_FEMALE },
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct identity identity;
        assert_ok(f, identity_parse(f->ctx, text_of(good[i].number), today(), &identity));
        assert_string_equal(day_print(f->ctx->arena, identity.birth), good[i].birth);
        assert_int_equal(identity.sex, good[i].sex);
        assert_true(identity.number[17] != 'x');
    }
}

static void any_one_changed_digit_is_found(void **state)
{
    struct fixture *f = *state;
    for (int place = 0; place < IDENTITY_SIZE; place++) {
        for (char digit = '0'; digit <= '9'; digit++) {
            char number[] = "500116199001010012";
            struct identity identity;
            if (number[place] == digit)
                continue;
            number[place] = digit;
            assert_non_null(identity_parse(f->ctx, text_of(number), today(), &identity));
        }
    }
}

static void each_fault_of_an_identity_number_has_its_text(void **state)
{
    struct fixture *f = *state;
    struct identity identity;
    static const struct {
        const char *number, *said;
    } bad[] = {
        { "", "identity.length" },
        { "500116900101001", "identity.length" }, /* the old form of 15 digits */
        { "5001161990010100123", "identity.length" },
        { "50011619900101001A", "identity.digit" },
        { "5001161990X1010012", "identity.digit" },
        { "500116199002300012", "identity.birth" },
        { "500116199013010012", "identity.birth" },
        { "500116179901010012", "identity.birth" },
        { "500116202703020012", "identity.future" },
        { "500116199001010013", "identity.check" },
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(identity_parse(f->ctx, text_of(bad[i].number), today(), &identity), ERR_INPUT, bad[i].said);
    const struct err *e = identity_parse(f->ctx, text_of("5001161990X1010012"), today(), &identity);
    assert_string_equal(e->arguments[0], "11");
    assert_ok(f, identity_parse(f->ctx, text_of("500230200812311001"), day_from(2008, 12, 31), &identity));
    assert_fails(identity_parse(f->ctx, text_of("500230200812311001"), day_from(2008, 12, 30), &identity), ERR_INPUT,
                 "identity.future");
}

static void credit_codes_are_checked(void **state)
{
    struct fixture *f = *state;
    static const char *const good[] = { "91350100M000100Y43", "91110000101623741K", "91500116MA5U00001B",
                                        "54500230MEA0000015", "N2500230MF0000001X", "91500230MA60000X04" };
    static const char letters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_ok(f, credit_code_check(f->ctx, text_of(good[i])));
    for (int place = 0; place < CREDIT_CODE_SIZE; place++) {
        for (const char *letter = letters; *letter; letter++) {
            char code[] = "91350100M000100Y43";
            if (code[place] == *letter)
                continue;
            code[place] = *letter;
            assert_fails(credit_code_check(f->ctx, text_of(code)), ERR_INPUT, "credit_code.check");
        }
    }
    assert_fails(credit_code_check(f->ctx, text_of("91350100M000100Y4")), ERR_INPUT, "credit_code.length");
    assert_fails(credit_code_check(f->ctx, text_of("91350100M000100I43")), ERR_INPUT, "credit_code.letter");
    assert_fails(credit_code_check(f->ctx, text_of("91350100m000100Y43")), ERR_INPUT, "credit_code.letter");
    assert_fails(credit_code_check(f->ctx, (struct text){ "91350100M000100\0Y4", 18 }), ERR_INPUT,
                 "credit_code.letter");
}

static void mobile_numbers_are_checked(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "", "1380013800", "138001380000", "12800138000", "23800138000", "138-0138000", "+8613800138", "1380013800a"
    };
    assert_ok(f, phone_check(f->ctx, TEXT("13800138000")));
    assert_ok(f, phone_check(f->ctx, TEXT("19912345678")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(phone_check(f->ctx, text_of(bad[i])), ERR_INPUT, "phone.form");
}

static void masks_hide_the_middle_and_everything_unexpected(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = f->ctx->arena;
    assert_string_equal(identity_mask(arena, TEXT("500116199001010012")), "500116********0012");
    assert_string_equal(identity_mask(arena, TEXT("50011690010100")), "**************");
    assert_string_equal(identity_mask(arena, TEXT("黄庄村人的名字")), "*********************");
    assert_string_equal(identity_mask(arena, TEXT("黄庄村黄庄村")), "******************"); /* 18 bytes, not 18 digits */
    assert_string_equal(phone_mask(arena, TEXT("13800000000")), "138****0000");
    assert_string_equal(phone_mask(arena, TEXT("02347212345x")), "************");
    assert_string_equal(phone_mask(arena, TEXT("")), "");
}

static void names_of_every_people_may_stand(void **state)
{
    struct fixture *f = *state;
    static const char *const good[] = { "王芳", "欧阳娜娜",        "阿卜杜拉·买买提", "𠮷野",     "㛃平",
                                        "〇〇", "Jean-Luc O'Neil", "José Álvarez",    "马克Polo", "尼玛·次仁·卓玛" };
    static const struct {
        const char *name, *said;
    } bad[] = {
        { "王", "name.length" },
        { "", "name.length" },
        { "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一", "name.length" },
        { "王 芳", "name.character" },
        { "王芳1", "name.character" },
        { "·王芳", "name.character" },
        { "王芳·", "name.character" },
        { "王··芳", "name.character" },
        { "王\n芳", "name.character" },
        { "<b>王芳", "name.character" },
        { "=1+1", "name.character" },
        { "王\xff芳", "name.character" },
        { "王😀", "name.character" },
        { "王\u202e芳", "name.character" },
        { "-Anna", "name.character" },
        { "Anna ", "name.character" },
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_ok(f, name_check(f->ctx, text_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_fails(name_check(f->ctx, text_of(bad[i].name)), ERR_INPUT, bad[i].said);
    assert_string_equal(name_check(f->ctx, TEXT("王•芳"))->arguments[0], "•");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(identity_numbers_tell_birth_and_sex, begin, end),
        cmocka_unit_test_setup_teardown(any_one_changed_digit_is_found, begin, end),
        cmocka_unit_test_setup_teardown(each_fault_of_an_identity_number_has_its_text, begin, end),
        cmocka_unit_test_setup_teardown(credit_codes_are_checked, begin, end),
        cmocka_unit_test_setup_teardown(mobile_numbers_are_checked, begin, end),
        cmocka_unit_test_setup_teardown(masks_hide_the_middle_and_everything_unexpected, begin, end),
        cmocka_unit_test_setup_teardown(names_of_every_people_may_stand, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
