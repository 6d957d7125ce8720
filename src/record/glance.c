/* record/glance.c */
#include "record/glance.h"

#include "base/arena.h"
#include "record/glances_sql.h"
#include "store/db.h"

enum { GLANCES_AT_ONCE = 50 }; /* parameters of the statements */

/* --- a few characters of stored bytes --- */

/* Where the value of a text member begins. Events are canonical JSON: a quote inside a text is escaped, so that the name
 * between quotes and colon can stand nowhere but in front of its value; the whole is not read for a few characters. */
static struct text value_of(struct ctx *ctx, struct text bytes, const char *field)
{
    const char *name = arena_printf(ctx->arena, "\"%s\":\"", field);
    size_t size = strlen(name);
    const char *found = bytes.at ? memmem(bytes.at, bytes.size, name, size) : NULL;
    return found ? (struct text){ found + size, bytes.size - (size_t)(found + size - bytes.at) } : (struct text){ NULL, 0 };
}

/* The character that an escape stands for: a blank for white space, itself for quote and backslash; its length in *RET. */
static char unescape(struct text rest, size_t *ret)
{
    *ret = 2;
    if (rest.size > 1 && rest.at[1] == 'u')
        *ret = 6;
    return rest.size > 1 && (rest.at[1] == '"' || rest.at[1] == '\\') ? rest.at[1] : ' ';
}

/* The beginning of a value in one line: what is white space is one blank. */
static void cut(struct ctx *ctx, struct text value, struct glance *ret)
{
    char *made = arena_alloc_raw(ctx->arena, GLANCE_CHARACTERS * 4 + 1);
    size_t size = 0;
    int count = 0;
    while (value.size && *value.at != '"') {
        size_t step = text_character_size(value);
        char escaped = *value.at;
        if (escaped == '\\')
            escaped = unescape(value, &step);
        if (!step || step > value.size)
            break;
        bool is_blank = escaped == ' ';
        if (is_blank && (!size || made[size - 1] == ' ')) {
            value = (struct text){ value.at + step, value.size - step };
            continue;
        }
        if (count == GLANCE_CHARACTERS) {
            ret->is_cut = true;
            break;
        }
        if (*value.at == '\\') {
            made[size++] = escaped;
        } else {
            memcpy(made + size, value.at, step);
            size += step;
        }
        count++;
        value = (struct text){ value.at + step, value.size - step };
    }
    ret->said = text_trim((struct text){ made, size });
}

/* A key: letters, digits and underscores, up to the quote that ends it. */
static struct text key_of(struct ctx *ctx, struct text bytes, const char *field)
{
    struct text rest, value = value_of(ctx, bytes, field);
    return value.size ? text_copy(ctx->arena, text_cut(value, '"', &rest)) : (struct text){ NULL, 0 };
}

/* --- a page of rows --- */

struct looking {
    struct ctx *ctx;
    const struct matter_row *rows;
    int count;
    const char *field;
    const struct matter_mark *marks;
    struct glance *glances;
    int asked[GLANCES_AT_ONCE]; /* numbers of the rows in one statement */
    int asked_count;
};

static int row_of(const struct looking *look, int64_t id)
{
    for (int i = 0; i < look->asked_count; i++)
        if (look->rows[look->asked[i]].matter.id == id)
            return look->asked[i];
    return -1;
}

static int ids_of(const struct looking *look, const char *realm, struct value *values)
{
    int n = 0;
    values[n++] = value_string(realm);
    for (int i = 0; i < GLANCES_AT_ONCE; i++)
        values[n++] = i < look->asked_count ? value_int(look->rows[look->asked[i]].matter.id) : value_null();
    return n;
}

static const struct err *ask_openings(struct looking *look, const char *realm)
{
    struct value values[1 + GLANCES_AT_ONCE];
    struct rows rows;
    int count = ids_of(look, realm, values);
    TRY(rows_open(look->ctx, look->ctx->snapshot, &sql_glance_openings, values, count, &rows));
    while (rows_next(&rows)) {
        int row = row_of(look, rows_int(&rows, 0));
        if (row >= 0)
            cut(look->ctx, value_of(look->ctx, rows_text(&rows, 1), look->field), &look->glances[row]);
    }
    return rows_close(&rows);
}

static bool holds(const struct matter_mark *mark, const struct matter *matter)
{
    return !matter->state->is_final && (!mark->state || strcmp(mark->state, matter->state->key) == 0);
}

static const struct err *ask_moves(struct looking *look, const char *realm)
{
    struct value values[1 + GLANCES_AT_ONCE + MATTER_MARKS];
    struct rows rows;
    int count = ids_of(look, realm, values);
    for (int i = 0; i < MATTER_MARKS; i++)
        values[count++] = value_string(look->marks[i].move);
    TRY(rows_open(look->ctx, look->ctx->snapshot, &sql_glance_moves, values, count, &rows));
    while (rows_next(&rows)) {
        int row = row_of(look, rows_int(&rows, 0));
        for (int i = 0; row >= 0 && i < MATTER_MARKS; i++) {
            const struct matter_mark *mark = &look->marks[i];
            if (!text_is(rows_text(&rows, 1), mark->move) || !holds(mark, &look->rows[row].matter))
                continue;
            look->glances[row].mark = mark;
            look->glances[row].ground = key_of(look->ctx, rows_text(&rows, 2), "ground");
        }
    }
    return rows_close(&rows);
}

/* What came back has at least been filed, given and sent back. */
enum { VERSIONS_BEFORE_MARK = 3 };

static bool may_be_marked(const struct matter *matter)
{
    return !matter->closed && matter->version >= VERSIONS_BEFORE_MARK;
}

/* Rows of one realm, from *FROM on, as many as one statement takes; *FROM is where the next of them begins, or COUNT. */
static void gather(struct looking *look, const char *realm, bool marked_only, int *from)
{
    int i = *from;
    look->asked_count = 0;
    for (; i < look->count && look->asked_count < GLANCES_AT_ONCE; i++) {
        const struct matter *matter = &look->rows[i].matter;
        if (strcmp(matter->realm, realm) == 0 && (!marked_only || may_be_marked(matter)))
            look->asked[look->asked_count++] = i;
    }
    *from = i;
}

static const struct err *look_in(struct looking *look, const char *realm)
{
    for (int from = 0; from < look->count;) {
        gather(look, realm, false, &from);
        if (look->asked_count)
            TRY(ask_openings(look, realm));
    }
    for (int from = 0; look->marks && from < look->count;) {
        gather(look, realm, true, &from);
        if (look->asked_count)
            TRY(ask_moves(look, realm));
    }
    return NULL;
}

const struct err *matter_glance(struct ctx *ctx, const struct matter_row *rows, int count, const char *field,
                                const struct matter_mark *marks, struct glance *ret)
{
    struct looking look = { .ctx = ctx, .rows = rows, .count = count, .field = field, .marks = marks, .glances = ret };
    for (int i = 0; i < count; i++)
        ret[i] = (struct glance){ 0 };
    for (int i = 0; i < count; i++) {
        bool is_new = true;
        for (int k = 0; k < i && is_new; k++)
            is_new = strcmp(rows[k].matter.realm, rows[i].matter.realm) != 0;
        if (is_new)
            TRY(look_in(&look, rows[i].matter.realm));
    }
    return NULL;
}

const struct matter_mark *matter_mark_of(const struct matter *matter, const struct matter_mark *marks,
                                         const struct matter_event **ret_event)
{
    for (int i = matter->event_count - 1; marks && i > 0; i--)
        for (int k = 0; k < MATTER_MARKS; k++)
            if (strcmp(matter->events[i].move->name, marks[k].move) == 0 && holds(&marks[k], matter)) {
                *ret_event = &matter->events[i];
                return &marks[k];
            }
    return NULL;
}
