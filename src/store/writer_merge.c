/* store/writer_merge.c -- the same insert of many plans as one statement of many rows, for PostgreSQL.
 *
 * A batch of sixty filings inserts sixty leaves, sixty tokens, sixty matters. Sent one by one each costs the server
 * a round through its executor; sent as one array for each parameter, "insert … select … from unnest($1, $2, …)", they cost
 * a fraction. So rows of plain inserts gather in groups until something else wants to run:
 *
 *     plan 1   leaf ─┐  token ─┐  item ─┐  visit ─┐
 *     plan 2   leaf ─┤  token ─┤  item ─┤  visit ─┤     then an update, a read or the commit: all groups are sent
 *     plan 3   leaf ─┘  token ─┘  item ─┘  visit ─┘
 *
 * Rules that keep the meaning: only "insert into … values (…) [on conflict … do nothing]" without a select, expected to
 * touch one row; a plan's own rows keep their order (a row joins no group before the one its plan used last), so what
 * it points to is there; anything else is sent after all that came before it. When a group touches another number of
 * rows than it has, the batch is undone and its plans run singly, where nothing is merged.
 */
#include "store/postgres_inside.h"
#include "store/writer_inside.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

/* What a statement looks like from here, worked out once per connection. */
struct merge_form {
    const struct statement *statement;
    bool is_plain_insert;
    size_t values_at, values_end; /* of "(…)" after values, in its SQL */
    bool has_types;
    const struct element *types[STATEMENT_PARAMETERS]; /* as the server knows them */
    struct statement *many; /* the same for any number of rows; NULL when a type is none of ours */
};

struct merge_group {
    struct merge_group *next;
    int index;
    struct merge_form *form;
    struct expected expected;
    int rows, room;
    struct value *values; /* rows × parameters; bytes copied into the batch's arena */
};

/* --- forms --- */

/* Past the bracket that closes the one at AT; quotes are respected. */
static size_t bracket_end(const char *sql, size_t at)
{
    int depth = 0;
    for (; sql[at]; at++) {
        if (sql[at] == '\'')
            for (at++; sql[at] && sql[at] != '\''; at++)
                ;
        if (!sql[at])
            break;
        depth += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
        if (depth == 0)
            return at + 1;
    }
    return 0;
}

static void read_form(struct merge_form *form, const struct statement *statement)
{
    static const char begins[] = "insert into ", values[] = " values (", nothing[] = "do nothing";
    const char *sql = postgres_sql(statement);
    *form = (struct merge_form){ .statement = statement };
    const char *found = strstr(sql, values);
    if (strncmp(sql, begins, strlen(begins)) != 0 || !found || strstr(sql, "select") || statement->parameters == 0)
        return;
    form->values_at = (size_t)(found - sql) + strlen(values) - 1;
    form->values_end = bracket_end(sql, form->values_at);
    if (!form->values_end)
        return;
    struct text tail = text_of(sql + form->values_end);
    form->is_plain_insert = tail.size == 0 || (text_starts(tail, " on conflict ") && text_ends(tail, nothing) &&
                                               !memchr(tail.at, '$', tail.size));
}

struct merge_forms {
    struct merge_form *at; /* a hash table with holes, grown at half full */
    int count, room;
};

static struct merge_form *place_of(const struct merge_forms *forms, const struct statement *statement)
{
    int at = (int)(((uintptr_t)statement >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 33) & (forms->room - 1);
    while (forms->at[at].statement && forms->at[at].statement != statement)
        at = (at + 1) & (forms->room - 1);
    return &forms->at[at];
}

static struct merge_form *form_of(struct postgres *self, const struct statement *statement)
{
    struct merge_forms *forms = self->forms;
    if (!forms) {
        forms = self->forms = calloc(1, sizeof *forms);
        if (!forms)
            BUG("out of memory");
    }
    if (forms->count * 2 >= forms->room) {
        struct merge_forms larger = { .count = forms->count, .room = forms->room ? forms->room * 2 : 64 };
        larger.at = calloc((size_t)larger.room, sizeof *larger.at);
        if (!larger.at)
            BUG("out of memory");
        for (int i = 0; i < forms->room; i++)
            if (forms->at[i].statement)
                *place_of(&larger, forms->at[i].statement) = forms->at[i];
        free(forms->at);
        *forms = larger;
    }
    struct merge_form *form = place_of(forms, statement);
    if (!form->statement) {
        read_form(form, statement);
        forms->count++;
    }
    return form;
}

void merge_forms_free(struct merge_forms *forms)
{
    if (!forms)
        return;
    for (int i = 0; i < forms->room; i++)
        if (forms->at[i].many) {
            free((char *)(uintptr_t)forms->at[i].many->name);
            free((char *)(uintptr_t)forms->at[i].many->sql);
            free(forms->at[i].many);
        }
    free(forms->at);
    free(forms);
}

/* --- one parameter for many rows: an array --- */

/* Types of single parameters: their numbers in PostgreSQL's catalogue (pg_type.dat), and how many bytes an integer has. */
struct element {
    Oid type;
    const char *array;
    int size;
};

static const struct element elements[] = {
    { 17, "bytea[]", 0 }, { 20, "bigint[]", 8 }, { 21, "smallint[]", 2 }, { 23, "integer[]", 4 }, { 25, "text[]", 0 },
};

static const struct element *element_of(Oid type)
{
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].type == type)
            return &elements[i];
    return NULL;
}

/* A number too large is none of ours: sent alone, the server refuses it. */
static bool element_takes(const struct element *element, const struct value *value)
{
    if (value->kind != VALUE_INT || !element->size)
        return value->kind == VALUE_NULL || (value->kind != VALUE_INT && !element->size);
    int64_t most = INT64_MAX >> (64 - 8 * element->size);
    return value->number <= most && value->number >= -most - 1;
}

static void add_int32(struct buffer *out, int32_t number)
{
    uint32_t bytes = htobe32((uint32_t)number);
    buffer_add(out, &bytes, sizeof bytes);
}

static void add_element(struct buffer *out, const struct element *element, const struct value *value)
{
    uint64_t bytes = htobe64((uint64_t)value->number);
    if (value->kind == VALUE_NULL) {
        add_int32(out, -1);
    } else if (element->size) {
        add_int32(out, element->size);
        buffer_add(out, (const char *)&bytes + sizeof bytes - (size_t)element->size, (size_t)element->size);
    } else {
        add_int32(out, (int32_t)value->text.size);
        buffer_add(out, value->text.at, value->text.size);
    }
}

/* Parameter AT of all rows, as array_recv() of the server reads it. */
static struct value array_of(struct arena *arena, const struct merge_group *group, int at)
{
    int parameters = group->form->statement->parameters;
    const struct element *element = group->form->types[at];
    bool has_null = false;
    for (int row = 0; row < group->rows; row++)
        has_null = has_null || group->values[row * parameters + at].kind == VALUE_NULL;
    struct buffer out = { 0 };
    const int32_t head[] = { 1, has_null, (int32_t)element->type, group->rows, 1 }; /* dimensions … length, first index */
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        add_int32(&out, head[i]);
    for (int row = 0; row < group->rows; row++)
        add_element(&out, element, &group->values[row * parameters + at]);
    struct text bytes = text_copy(arena, buffer_view(&out));
    buffer_clear(&out);
    return value_blob(bytes);
}

/* The expressions of one row, $3 being column p3 of the arrays. */
static void add_row(struct buffer *out, const char *sql, const struct merge_form *form)
{
    bool is_quoted = false;
    for (size_t i = form->values_at + 1; i + 1 < form->values_end; i++) {
        is_quoted ^= sql[i] == '\'';
        bool is_parameter = !is_quoted && sql[i] == '$';
        if (is_parameter)
            buffer_string(out, "u.p");
        else
            buffer_byte(out, sql[i]);
    }
}

static struct statement *make_many(const struct merge_form *form)
{
    const char *sql = postgres_sql(form->statement);
    struct buffer text = { 0 }, name = { 0 };
    buffer_add(&text, sql, form->values_at - strlen("values "));
    buffer_string(&text, "select ");
    add_row(&text, sql, form);
    buffer_string(&text, " from unnest(");
    for (int i = 0; i < form->statement->parameters; i++)
        buffer_printf(&text, "%s$%d::%s", i ? ", " : "", i + 1, form->types[i]->array);
    buffer_string(&text, ") as u (");
    for (int i = 0; i < form->statement->parameters; i++)
        buffer_printf(&text, "%sp%d", i ? ", " : "", i + 1);
    buffer_byte(&text, ')');
    buffer_string(&text, sql + form->values_end);
    buffer_byte(&text, '\0');
    buffer_printf(&name, "%s*", form->statement->name);
    buffer_byte(&name, '\0');
    struct statement *made = calloc(1, sizeof *made);
    if (!made)
        BUG("out of memory");
    size_t size;
    *made = (struct statement){ .name = buffer_take(&name, &size),
                                .sql = buffer_take(&text, &size),
                                .parameters = form->statement->parameters,
                                .changes = true };
    return made;
}

/* The server is asked for a statement's types once; false when it could not answer. */
static bool learn_types(struct tx *tx, struct merge_form *form, const struct merge_verbs *verbs)
{
    Oid types[STATEMENT_PARAMETERS];
    if (form->has_types)
        return true;
    if (!verbs->types(tx, form->statement, types))
        return false;
    form->has_types = true;
    for (int i = 0; i < form->statement->parameters; i++) {
        form->types[i] = element_of(types[i]);
        if (!form->types[i])
            return true;
    }
    form->many = make_many(form);
    return true;
}

/* --- groups --- */

static struct merge_group *group_for(struct tx *tx, struct merge_form *form, const struct expected *expected)
{
    struct merge_group **end = &tx->groups;
    for (struct merge_group *group = tx->groups; group; group = group->next) {
        if (group->form->statement == form->statement && group->index >= tx->merge_floor &&
            group->expected.what == expected->what)
            return group;
        end = &group->next;
    }
    struct merge_group *group = arena_new_of(tx->ctx->arena, struct merge_group);
    group->index = tx->group_count++;
    group->form = form;
    group->expected = *expected;
    *end = group;
    return group;
}

static void add_values(struct tx *tx, struct merge_group *group, const struct value *values, int count)
{
    struct arena *arena = tx->ctx->arena;
    if (group->rows == group->room) {
        group->room = group->room ? group->room * 2 : FIRST_ROOM;
        struct value *larger = arena_alloc_raw(arena, sizeof *larger * (size_t)(group->room * count));
        if (group->rows)
            memcpy(larger, group->values, sizeof *larger * (size_t)(group->rows * count));
        group->values = larger;
    }
    struct value *row = &group->values[group->rows++ * count];
    for (int i = 0; i < count; i++) {
        row[i] = values[i];
        if (values[i].text.at) /* whoever made it may need the room again before it is sent */
            row[i].text.at = memcpy(arena_alloc_raw(arena, values[i].text.size + 1), values[i].text.at,
                                    values[i].text.size);
    }
}

bool merge_takes(struct tx *tx, const struct expected *expected, const struct value *values, int count)
{
    if (!tx->may_merge || expected->rows != 1)
        return false;
    struct merge_form *form = form_of(postgres_of(tx->connection), expected->statement);
    if (!form->is_plain_insert)
        return false;
    statement_check_values(expected->statement, values, count);
    struct merge_group *group = group_for(tx, form, expected);
    tx->merge_floor = group->index;
    add_values(tx, group, values, count);
    return true;
}

/* --- sending --- */

static bool may_be_one(const struct merge_group *group)
{
    int parameters = group->form->statement->parameters;
    for (int i = 0; i < group->rows * parameters; i++)
        if (!element_takes(group->form->types[i % parameters], &group->values[i]))
            return false;
    return true;
}

static bool send_group(struct tx *tx, const struct merge_group *group, const struct merge_verbs *verbs)
{
    int parameters = group->form->statement->parameters;
    if (group->rows > 1 && !learn_types(tx, group->form, verbs))
        return false;
    if (group->rows > 1 && group->form->many && may_be_one(group)) {
        struct value arrays[STATEMENT_PARAMETERS];
        struct expected expected = group->expected;
        expected.statement = group->form->many;
        expected.rows = group->rows;
        for (int i = 0; i < parameters; i++)
            arrays[i] = array_of(tx->ctx->arena, group, i);
        return verbs->put(tx, &expected, arrays, parameters);
    }
    for (int row = 0; row < group->rows; row++)
        if (!verbs->put(tx, &group->expected, &group->values[row * parameters], parameters))
            return false;
    return true;
}

bool merge_send(struct tx *tx, const struct merge_verbs *verbs)
{
    struct merge_group *group = tx->groups;
    tx->groups = NULL;
    tx->group_count = tx->merge_floor = 0;
    for (; group; group = group->next)
        if (!send_group(tx, group, verbs))
            return false;
    return true;
}
