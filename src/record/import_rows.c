/* record/import_rows.c -- what the five kinds of rows share: columns, cells, the places and households they name. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "civic/role.h"
#include "record/import_inside.h"
#include "record/people_sql.h"
#include "record/rights.h"

/* --- columns --- */

static const struct import_column place_columns[] = {
    [P_CODE] = { "code", { "代码", "编码", "区划代码" }, true },
    [P_NAME] = { "name", { "名称" }, true },
    [P_KIND] = { "kind", { "类型", "类别" }, true },
    [P_PARENT] = { "parent", { "上级代码", "上级" }, true },
    [P_LONGITUDE] = { "longitude", { "经度" }, false },
    [P_LATITUDE] = { "latitude", { "纬度" }, false },
    [P_FROM] = { "valid_from", { "起始日期", "生效日期", "设立日期" }, true },
    [P_TO] = { "valid_to", { "终止日期", "失效日期", "撤销日期" }, false },
    [P_DESK_ADDRESS] = { "desk_address", { "服务台地址", "办公地址" }, false },
    [P_DESK_HOURS] = { "desk_hours", { "服务台时间", "办公时间" }, false },
    [P_DESK_PHONE] = { "desk_phone", { "服务台电话", "办公电话" }, false },
    { 0 },
};

static const struct import_column organisation_columns[] = {
    [O_CODE] = { "code", { "代码", "编码" }, true },
    [O_NAME] = { "name", { "名称", "单位名称" }, true },
    [O_KIND] = { "kind", { "类型", "类别" }, true },
    [O_PLACE] = { "place", { "地点代码", "所在地", "所在地代码" }, true },
    [O_CREDIT] = { "credit_code", { "统一社会信用代码", "信用代码" }, false },
    { 0 },
};

static const struct import_column household_columns[] = {
    [H_KEY] = { "household", { "户号", "户编号" }, true },
    [H_PLACE] = { "place", { "地点代码", "所在地", "所在地代码" }, true },
    [H_ADDRESS] = { "address", { "住址", "地址", "门牌" }, true },
    [H_HEAD] = { "head", { "户主编号" }, false },
    { 0 },
};

static const struct import_column person_columns[] = {
    [N_KEY] = { "person", { "人员编号", "编号" }, true },
    [N_NAME] = { "name", { "姓名" }, true },
    [N_SEX] = { "sex", { "性别" }, false },
    [N_BIRTH] = { "birth", { "出生日期", "出生年月日", "生日" }, false },
    [N_IDENTITY] = { "id_number", { "身份证号", "公民身份号码", "身份证号码" }, false },
    [N_PHONE] = { "phone", { "电话", "手机号", "联系电话" }, false },
    [N_HOUSEHOLD] = { "household", { "户号", "户编号" }, false },
    [N_RELATION] = { "relation", { "与户主关系", "关系" }, false },
    [N_PLACE] = { "place", { "地点代码", "所在地", "所在地代码" }, false },
    { 0 },
};

static const struct import_column role_columns[] = {
    [R_PERSON] = { "person", { "人员编号", "编号" }, true },
    [R_ROLE] = { "role", { "角色", "职务" }, true },
    [R_PLACE] = { "place", { "地点代码", "所在地", "所在地代码" }, true },
    [R_ORGANISATION] = { "organisation", { "单位代码", "单位", "组织代码" }, false },
    [R_FROM] = { "from", { "开始日期", "起始日期", "任职日期" }, true },
    [R_TO] = { "to", { "结束日期", "终止日期", "离任日期" }, false },
    [R_PHONE] = { "office_phone", { "工作电话", "办公电话" }, false },
    { 0 },
};

const struct import_column *const import_columns[IMPORT_KIND_COUNT] = {
    [IMPORT_PLACES] = place_columns,         [IMPORT_ORGANISATIONS] = organisation_columns,
    [IMPORT_HOUSEHOLDS] = household_columns, [IMPORT_PEOPLE] = person_columns,
    [IMPORT_ROLES] = role_columns,
};

/* --- cells --- */

const char *import_string(struct import *import, struct text text)
{
    return text_string(import->batch->arena, text);
}

/* A cell that must say something, of at most MOST characters. */
struct text import_cell_needed(struct import *import, int column, size_t most)
{
    struct text cell = import_cell(import, column);
    if (!cell.size)
        import_blame(import, "import.empty", import_column_name(import, column), NULL);
    else if (text_characters(cell) > most)
        import_blame(import, "import.long", import_column_name(import, column),
                     arena_printf(import->batch->arena, "%zu", most), NULL);
    return cell;
}

struct text import_cell_short(struct import *import, int column, size_t most)
{
    struct text cell = import_cell(import, column);
    if (text_characters(cell) > most)
        import_blame(import, "import.long", import_column_name(import, column),
                     arena_printf(import->batch->arena, "%zu", most), NULL);
    return cell;
}

struct text import_cell_office_phone(struct import *import, int column)
{
    struct text cell = import_cell_short(import, column, OFFICE_PHONE_MOST);
    for (size_t i = 0; i < cell.size; i++)
        if (!strchr("0123456789- ", cell.at[i])) {
            import_blame(import, "import.office_phone", import_string(import, cell), NULL);
            break;
        }
    return cell;
}

/* Each key may stand in a file once. */
void import_blame_repeated(struct import *import, const char *what, const char *key)
{
    const char *name = arena_printf(import->batch->arena, "%s %s", what, key);
    const char *line = seen_find(&import->seen, name);
    if (line)
        import_blame(import, "import.repeated", key, line, NULL);
    else
        seen_put(import->ctx, &import->seen, name, arena_printf(import->ctx->arena, "%d", import->row->line));
}

static int digits_take(struct text *text, size_t most)
{
    int number = 0;
    size_t size = 0;
    while (size < text->size && size < most && text->at[size] >= '0' && text->at[size] <= '9')
        number = number * 10 + (text->at[size++] - '0');
    *text = (struct text){ text->at + size, text->size - size };
    return size ? number : -1;
}

/* One of the marks between the parts of a day. */
static bool mark_take(struct text *text, const char *chinese)
{
    size_t size = text->size && strchr("-/.", text->at[0]) ? 1 : text_starts(*text, chinese) ? strlen(chinese) : 0;
    *text = (struct text){ text->at + size, text->size - size };
    return size > 0;
}

/* 2026-03-02, 2026/3/2, 2026.3.2, 2026年3月2日, 20260302. */
static bool day_read(struct text cell, int32_t *ret)
{
    struct text rest = cell;
    int year = digits_take(&rest, 4);
    bool marked = mark_take(&rest, "年");
    int month = digits_take(&rest, 2);
    if (marked != mark_take(&rest, "月"))
        return false;
    int day = digits_take(&rest, 2);
    if (text_is(rest, "日"))
        rest.size = 0;
    if (year < 0 || month < 0 || day < 0 || rest.size)
        return false;
    *ret = day_from(year, month, day);
    return *ret != DAY_NONE;
}

/* DAY_NONE for an empty cell and after blame. */
int32_t import_cell_day(struct import *import, int column)
{
    struct text cell = import_cell(import, column);
    int32_t day = DAY_NONE;
    if (cell.size && !day_read(cell, &day))
        import_blame(import, "import.day", import_column_name(import, column), import_string(import, cell), NULL);
    return day;
}

/* --- what rows refer to --- */

/* NULL when there is none. Remembered for the whole import. */
fallible import_place(struct import *import, struct text code, struct place **ret)
{
    const char *key = import_string(import, code);
    *ret = seen_find(&import->places, key);
    if (*ret)
        return NULL;
    struct place *found;
    TRY(place_find(import->batch, code, &found));
    if (!found)
        return NULL;
    struct arena *arena = import->ctx->arena;
    struct place *kept = arena_new_of(arena, struct place);
    *kept = *found;
    kept->code = arena_string(arena, found->code);
    kept->name = arena_string(arena, found->name);
    kept->path = arena_string(arena, found->path);
    kept->realm = arena_string(arena, found->realm);
    kept->parent = found->parent ? arena_string(arena, found->parent) : NULL;
    seen_put(import->ctx, &import->places, key, kept);
    *ret = kept;
    return NULL;
}

/* The place that a cell names; blames when it is empty, unknown, past, or not the importer's. NULL then. */
fallible import_cell_place(struct import *import, int column, struct place **ret)
{
    *ret = NULL;
    struct text code = import_cell(import, column);
    struct place *place;
    if (!code.size) {
        import_blame(import, "import.empty", import_column_name(import, column), NULL);
        return NULL;
    }
    TRY(import_place(import, code, &place));
    if (!place) {
        import_blame(import, "import.place_unknown", import_string(import, code), NULL);
        return NULL;
    }
    int32_t today = day_of(clock_now(import->batch->clock));
    if (place->valid_to != DAY_NONE && place->valid_to < today) {
        import_blame(import, "import.place_past", import_string(import, code), NULL);
        return NULL;
    }
    *ret = place;
    return NULL;
}

void import_blame_unless_allowed(struct import *import, const char *realm, const char *path)
{
    struct thing thing = { .realm = realm, .place_path = path };
    if (import->job->by && !may(import->job->by, "people.import", &thing))
        import_blame(import, "import.denied", NULL);
}

fallible import_household(struct import *import, struct text key, struct known_household *ret)
{
    *ret = (struct known_household){ 0 };
    struct rows rows;
    TRY(rows_open(import->batch, import->batch->snapshot, &sql_household_for_import, VALUES(value_text(key)), &rows));
    if (rows_next(&rows))
        *ret = (struct known_household){ .realm = rows_string(&rows, 0),
                                         .id = rows_int(&rows, 1),
                                         .place = rows_string(&rows, 2),
                                         .address = rows_string(&rows, 3),
                                         .head = rows_string(&rows, 4) };
    return rows_close(&rows);
}

/* --- the checks --- */

import_check *const import_checks[IMPORT_KIND_COUNT] = {
    [IMPORT_PLACES] = import_check_place,         [IMPORT_ORGANISATIONS] = import_check_organisation,
    [IMPORT_HOUSEHOLDS] = import_check_household, [IMPORT_PEOPLE] = import_check_person,
    [IMPORT_ROLES] = import_check_role,
};
