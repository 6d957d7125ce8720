/* record/import_people.c -- rows of people and of the roles they hold. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "civic/role.h"
#include "record/import_inside.h"
#include "record/keys.h"
#include "record/people_sql.h"
#include "record/person_inside.h"

/* --- people --- */

struct known_person {
    int64_t id, version, field_version, household;
    const char *realm, *name, *place, *relation, *abode;
    enum sex sex;
    int32_t birth;
    const char *sealed[PERSONAL_COUNT], *index[PERSONAL_COUNT];
};

static fallible known_person_load(struct import *import, struct text key, struct known_person *ret)
{
    *ret = (struct known_person){ .birth = DAY_NONE };
    struct rows rows;
    TRY(rows_open(import->batch, import->batch->snapshot, &sql_person_for_import, VALUES(value_text(key)), &rows));
    if (rows_next(&rows))
        *ret = (struct known_person){
            .id = rows_int(&rows, 0),
            .name = rows_string(&rows, 1),
            .sex = (enum sex)rows_int(&rows, 2),
            .birth = rows_is_null(&rows, 3) ? DAY_NONE : (int32_t)rows_int(&rows, 3),
            .place = rows_string(&rows, 4),
            .household = rows_int(&rows, 5),
            .relation = rows_string(&rows, 6),
            .sealed = { rows_string(&rows, 7), rows_string(&rows, 9) },
            .index = { rows_string(&rows, 8), rows_string(&rows, 10) },
            .field_version = rows_int(&rows, 11),
            .version = rows_int(&rows, 12),
            .realm = rows_string(&rows, 13),
            .abode = rows_string(&rows, 14),
        };
    return rows_close(&rows);
}

static enum sex sex_read(struct text cell)
{
    return text_is(cell, "男") || text_is(cell, "male")     ? SEX_MALE
           : text_is(cell, "女") || text_is(cell, "female") ? SEX_FEMALE
                                                            : SEX_UNKNOWN;
}

/* Sex, birth and identity number, which must agree. *NUMBER stays at NULL when the cell is empty. */
static void cells_identity(struct import *import, struct known_person *person, struct text *number)
{
    struct text sex_cell = import_cell(import, N_SEX), cell = import_cell(import, N_IDENTITY);
    enum sex sex = sex_read(sex_cell);
    int32_t birth = import_cell_day(import, N_BIRTH);
    int32_t today = day_of(clock_now(import->batch->clock));
    if (sex_cell.size && sex == SEX_UNKNOWN)
        import_blame(import, "import.sex", import_string(import, sex_cell), NULL);
    if (birth != DAY_NONE && birth > today)
        import_blame(import, "import.birth_future", NULL);
    struct identity identity = { .birth = DAY_NONE };
    if (cell.size) {
        const struct err *refused = identity_parse(import->batch, cell, today, &identity);
        if (refused) {
            import_blame_err(import, refused);
        } else {
            *number = text_of(arena_string(import->batch->arena, identity.number));
            if (birth != DAY_NONE && birth != identity.birth)
                import_blame(import, "import.birth_differs", NULL);
            if (sex != SEX_UNKNOWN && sex != identity.sex)
                import_blame(import, "import.sex_differs", NULL);
        }
    }
    person->birth = import_keep_day(birth, import_keep_day(identity.birth, person->birth));
    person->sex = sex != SEX_UNKNOWN ? sex : identity.sex != SEX_UNKNOWN ? identity.sex : person->sex;
}

static struct text cell_phone(struct import *import)
{
    struct text phone = phone_plain(import->batch, import_cell(import, N_PHONE));
    const struct err *refused = phone.size ? phone_check(import->batch, phone) : NULL;
    if (refused)
        import_blame_err(import, refused);
    return phone;
}

/* *RET is the place a person belongs to: the household's, or the one named. Named besides a household it is the abode,
 * which may lie anywhere: people who work in the city stay with their household. */
static fallible cells_home(struct import *import, struct known_person *person, struct place **ret)
{
    struct text household = import_cell(import, N_HOUSEHOLD), code = import_cell(import, N_PLACE);
    struct known_household home = { 0 };
    struct place *named = NULL;
    *ret = NULL;
    if (household.size) {
        TRY(import_household(import, household, &home));
        if (!home.id)
            import_blame(import, "import.household_unknown", import_string(import, household), NULL);
        else
            person->household = home.id;
    }
    if (code.size)
        TRY(import_cell_place(import, N_PLACE, &named));
    const char *own = home.id ? home.place : person->household ? person->place : NULL;
    if (own)
        TRY(import_place(import, text_of(own), ret));
    else if (named)
        *ret = named;
    else if (person->place)
        TRY(import_place(import, text_of(person->place), ret));
    else if (!household.size && !code.size)
        import_blame(import, "import.empty", import_column_name(import, N_PLACE), NULL);
    if (*ret && named)
        person->abode = same(named->code, (*ret)->code) ? NULL : named->code;
    if (*ret)
        import_blame_unless_allowed(import, (*ret)->realm, (*ret)->path);
    return NULL;
}

/* Nobody else in the realm has this number, neither in the database nor in this file. */
static fallible blame_taken(struct import *import, const char *realm, int64_t id, const char *index)
{
    struct person *other = NULL;
    struct rows rows;
    TRY(rows_open(import->batch, import->batch->snapshot, &sql_person_by_identity,
                  VALUES(value_string(realm), value_string(index)), &rows));
    if (rows_next(&rows)) {
        other = arena_new_of(import->batch->arena, struct person);
        person_read(&rows, 0, other);
    }
    TRY(rows_close(&rows));
    const char *name = arena_printf(import->batch->arena, "identity %s", index);
    const char *line = seen_find(&import->seen, name);
    if (other && other->id != id)
        import_blame(import, "import.identity_taken", other->key, NULL);
    else if (line)
        import_blame(import, "import.identity_repeated", line, NULL);
    else
        seen_put(import->ctx, &import->seen, name, arena_printf(import->ctx->arena, "%d", import->row->line));
    return NULL;
}

/* Seals a number that the cell gives and that isn't the one known; returns whether it changed. */
static bool number_set(struct import *import, struct known_person *person, enum personal which, struct text number)
{
    if (!number.size)
        return false;
    struct keys *keys = import->job->keys;
    const char *index = keys_index(import->batch, keys, personal_key(which), number);
    if (same(index, person->index[which]))
        return false;
    struct who who = { person->realm, person->id };
    int64_t version = keys_version(keys);
    person->index[which] = index;
    person->sealed[which] = keys_seal(import->batch, keys, person_seal_context(import->batch, who, which), number);
    if (!person->field_version || person->field_version > version)
        person->field_version = version;
    return true;
}

static void person_write(struct import *import, const struct known_person *person, struct text key, const char *place)
{
    struct value realm = value_string(person->realm), id = value_int(person->id);
    struct value name = value_string(person->name), sex = value_int(person->sex), birth = value_day(person->birth);
    struct value lives = value_string(place), household = value_id(person->household);
    struct value relation = value_string(person->relation);
    struct value identity = value_string(person->sealed[PERSONAL_IDENTITY]);
    struct value identity_index = value_string(person->index[PERSONAL_IDENTITY]);
    struct value phone = value_string(person->sealed[PERSONAL_PHONE]);
    struct value phone_index = value_string(person->index[PERSONAL_PHONE]);
    struct value field_version = value_int(person->field_version), abode = value_string(person->abode);
    if (!person->version)
        import_step(import, person->realm, &sql_person_insert, 1,
                    VALUES(realm, id, value_text(key), name, sex, birth, lives, household, relation, identity,
                           identity_index, phone, phone_index, field_version, abode));
    else
        import_step(import, person->realm, &sql_person_update, 1,
                    VALUES(realm, id, value_int(person->version), name, sex, birth, lives, household, relation,
                           identity, identity_index, phone, phone_index, field_version, abode));
}

fallible import_check_person(struct import *import, enum fate *ret)
{
    struct text key = import_cell_needed(import, N_KEY, KEY_MOST), name = import_cell(import, N_NAME);
    struct text relation = import_cell(import, N_RELATION), number = { NULL, 0 };
    struct known_person known = { .birth = DAY_NONE };
    if (key.size) {
        import_blame_repeated(import, "person", import_string(import, key));
        TRY(known_person_load(import, key, &known));
    }
    struct known_person person = known;
    const struct err *refused = name_check(import->batch, name);
    if (refused)
        import_blame_err(import, refused);
    if (text_characters(relation) > RELATION_MOST)
        import_blame(import, "import.long", import_column_name(import, N_RELATION), "20", NULL);
    cells_identity(import, &person, &number);
    struct text phone = cell_phone(import);
    struct place *place;
    TRY(cells_home(import, &person, &place));
    if (place && known.id && !same(known.realm, place->realm))
        import_blame(import, "import.other_realm", import_string(import, key), NULL);
    if (place && number.size)
        TRY(blame_taken(import, place->realm, known.id,
                        keys_index(import->batch, import->job->keys, personal_key(PERSONAL_IDENTITY), number)));
    if (import_is_blamed(import))
        return NULL;

    person.realm = place->realm;
    person.name = import_string(import, name);
    person.relation = import_keep(import, relation, known.relation);
    if (!known.id)
        person.id = id_next(import->batch);
    bool is_changed = number_set(import, &person, PERSONAL_IDENTITY, number);
    is_changed = number_set(import, &person, PERSONAL_PHONE, phone) || is_changed;
    is_changed = is_changed || !same(known.name, person.name) || known.sex != person.sex ||
                 known.birth != person.birth || !same(known.place, place->code) ||
                 known.household != person.household || !same(known.relation, person.relation) ||
                 !same(known.abode, person.abode);
    *ret = !known.id ? FATE_NEW : is_changed ? FATE_CHANGED : FATE_UNCHANGED;
    if (*ret != FATE_UNCHANGED)
        person_write(import, &person, key, place->code);
    return NULL;
}

/* --- roles --- */

static int role_read(struct text cell)
{
    int role = role_find(cell);
    for (int i = 0; i < ROLE_COUNT && role < 0; i++)
        if (text_is(cell, label_say(role_label((enum role)i), LANGUAGE_ZH)))
            role = i;
    return role >= 0 && (ROLE_BIT(role) & ROLES_OF_A_MATTER) ? -1 : role;
}

struct known_role {
    int64_t id;
    int32_t to;
    const char *phone;
};

/* The same role of the same person in the same place and organisation that began on the same day. */
static fallible known_role_load(struct import *import, const struct known_person *person, int role, const char *place,
                                int64_t organisation, int32_t from, struct known_role *ret)
{
    *ret = (struct known_role){ 0 };
    struct rows rows;
    TRY(rows_open(import->batch, import->batch->snapshot, &sql_role_for_import,
                  VALUES(value_string(person->realm), value_int(person->id), value_string(role_key((enum role)role)),
                         value_string(place)),
                  &rows));
    while (rows_next(&rows))
        if (rows_int(&rows, 1) == organisation && rows_int(&rows, 2) == from)
            *ret = (struct known_role){ rows_int(&rows, 0),
                                        rows_is_null(&rows, 3) ? DAY_NONE : (int32_t)rows_int(&rows, 3),
                                        rows_string(&rows, 4) };
    return rows_close(&rows);
}

fallible import_check_role(struct import *import, enum fate *ret)
{
    struct text key = import_cell_needed(import, R_PERSON, KEY_MOST), role_cell = import_cell(import, R_ROLE);
    struct text code = import_cell(import, R_ORGANISATION);
    struct known_person person = { 0 };
    struct organisation *organisation = NULL;
    struct place *place;
    int role = role_read(role_cell);
    if (key.size)
        TRY(known_person_load(import, key, &person));
    if (key.size && !person.id)
        import_blame(import, "import.person_unknown", import_string(import, key), NULL);
    if (role < 0)
        import_blame(import, "import.role", import_string(import, role_cell), NULL);
    TRY(import_cell_place(import, R_PLACE, &place));
    if (place)
        import_blame_unless_allowed(import, place->realm, place->path);
    if (code.size)
        TRY(organisation_find(import->batch, code, &organisation));
    if (code.size && !organisation)
        import_blame(import, "import.organisation_unknown", import_string(import, code), NULL);
    int32_t from = import_cell_day(import, R_FROM), to = import_cell_day(import, R_TO);
    if (!import_cell(import, R_FROM).size)
        import_blame(import, "import.empty", import_column_name(import, R_FROM), NULL);
    if (from != DAY_NONE && to != DAY_NONE && to < from)
        import_blame(import, "import.days_turned", NULL);
    struct text phone = import_cell_office_phone(import, R_PHONE);
    if (import_is_blamed(import))
        return NULL;

    int64_t unit = organisation ? organisation->id : 0;
    import_blame_repeated(import, "role",
                          arena_printf(import->batch->arena, "%s %s %s %lld %s", import_string(import, key),
                                       role_key((enum role)role), place->code, (long long)unit,
                                       day_print(import->batch->arena, from)));
    struct known_role known;
    TRY(known_role_load(import, &person, role, place->code, unit, from, &known));
    if (import_is_blamed(import))
        return NULL;
    if (!known.id) {
        *ret = FATE_NEW;
        import_step(import, person.realm, &sql_role_insert, 1,
                    VALUES(value_string(person.realm), value_int(person.id), value_int(id_next(import->batch)),
                           value_string(role_key((enum role)role)), value_string(place->code), value_id(unit),
                           value_int(from), value_day(to), value_string(import_keep(import, phone, NULL))));
        return NULL;
    }
    const char *office = import_keep(import, phone, known.phone);
    to = import_keep_day(to, known.to);
    *ret = to == known.to && same(office, known.phone) ? FATE_UNCHANGED : FATE_CHANGED;
    if (*ret == FATE_CHANGED)
        import_step(import, person.realm, &sql_role_change, 1,
                    VALUES(value_string(person.realm), value_int(person.id), value_int(known.id), value_day(to),
                           value_string(office)));
    return NULL;
}
