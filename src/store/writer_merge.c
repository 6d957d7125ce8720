/* store/writer_merge.c -- the same insert of many plans as one statement of many rows, for PostgreSQL.
 *
 * A batch of sixty filings inserts sixty leaves, sixty tokens, sixty matters. Sent one by one each costs the server
 * a round through its executor; sent as "values (…), (…), …" they cost a fraction. So rows of plain inserts gather in
 * groups until something else wants to run:
 *
 *     plan 1   leaf ─┐  token ─┐  item ─┐  visit ─┐
 *     plan 2   leaf ─┤  token ─┤  item ─┤  visit ─┤     then an update, a read or the commit: all groups are sent
 *     plan 3   leaf ─┘  token ─┘  item ─┘  visit ─┘
 *
 * Rules that keep the meaning: only "insert into … values (…) [on conflict … do nothing]" without a select, expected to
 * touch one row; a plan's own rows keep their order (a row joins no group before the one its plan used last), so what
 * it points to is there; anything else is sent after all that came before it. When a group touches another number of
 * rows than it has, the batch is undone and its plans run singly, where nothing is merged. Group sizes are powers of
 * two, so that few statements are prepared.
 */
#include "store/postgres_inside.h"
#include "store/writer_inside.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS_LOG = 6, MOST_ROWS = 1 << MOST_ROWS_LOG };

/* What a statement looks like from here, worked out once per connection. */
struct merge_form {
    const struct statement *statement;
    bool is_plain_insert;
    size_t values_at, values_end; /* of "(…)" after values, in its SQL */
    struct statement *of_rows[MOST_ROWS_LOG + 1];
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
        for (int log = 0; log <= MOST_ROWS_LOG; log++)
            if (forms->at[i].of_rows[log]) {
                free((char *)(uintptr_t)forms->at[i].of_rows[log]->name);
                free((char *)(uintptr_t)forms->at[i].of_rows[log]->sql);
                free(forms->at[i].of_rows[log]);
            }
    free(forms->at);
    free(forms);
}

/* "(…)" once more, with its parameters counted on. */
static void add_row(struct buffer *out, const char *sql, const struct merge_form *form, int shift)
{
    for (size_t at = form->values_at; at < form->values_end; at++) {
        buffer_byte(out, sql[at]);
        if (sql[at] != '$')
            continue;
        int number = 0;
        for (; sql[at + 1] >= '0' && sql[at + 1] <= '9'; at++)
            number = number * 10 + (sql[at + 1] - '0');
        buffer_int(out, number + shift);
    }
}

/* The statement for 2^LOG rows. */
static const struct statement *statement_of_rows(struct merge_form *form, int log)
{
    if (log == 0)
        return form->statement;
    if (form->of_rows[log])
        return form->of_rows[log];
    const char *sql = postgres_sql(form->statement);
    struct buffer text = { 0 }, name = { 0 };
    buffer_add(&text, sql, form->values_at);
    for (int row = 0; row < 1 << log; row++) {
        if (row)
            buffer_string(&text, ", ");
        add_row(&text, sql, form, row * form->statement->parameters);
    }
    buffer_string(&text, sql + form->values_end);
    buffer_byte(&text, '\0');
    buffer_printf(&name, "%s*%d", form->statement->name, 1 << log);
    buffer_byte(&name, '\0');
    struct statement *made = calloc(1, sizeof *made);
    if (!made)
        BUG("out of memory");
    size_t size;
    *made = (struct statement){ .name = buffer_take(&name, &size),
                                .sql = buffer_take(&text, &size),
                                .parameters = form->statement->parameters << log,
                                .changes = true };
    return form->of_rows[log] = made;
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
        group->room = group->room ? group->room * 2 : MOST_ROWS;
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

bool merge_send(struct tx *tx,
                bool (*put)(struct tx *tx, const struct expected *expected, const struct value *values, int count))
{
    struct merge_group *group = tx->groups;
    tx->groups = NULL;
    tx->group_count = tx->merge_floor = 0;
    for (; group; group = group->next) {
        int parameters = group->form->statement->parameters;
        for (int row = 0; row < group->rows;) {
            int log = MOST_ROWS_LOG;
            while (1 << log > group->rows - row)
                log--;
            struct expected expected = group->expected;
            expected.statement = statement_of_rows(group->form, log);
            expected.rows = 1 << log;
            if (!put(tx, &expected, &group->values[row * parameters], parameters << log))
                return false;
            row += 1 << log;
        }
    }
    return true;
}
