/* record/glance.c */
#include "record/glance.h"

#include "base/arena.h"
#include "record/glances_sql.h"
#include "store/db.h"

enum { GLANCES_AT_ONCE = 50 }; /* parameters of the statements */

/* --- a few characters of stored bytes --- */

/* Events are canonical JSON: a quote inside a text is escaped, so that the name between quotes and colon can stand nowhere but
 * in front of its value; the whole is not read for a few characters. */
const char *glance_name(struct ctx *ctx, const char *field)
{
    return field ? arena_printf(ctx->arena, "\"%s\":\"", field) : NULL;
}

static struct text value_of(struct text bytes, const char *name)
{
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

/* How many bytes are *CHARACTERS characters, or fewer where a blank, an escape or the end stands before: *CHARACTERS says how
 * many they are. Stored bytes are strict UTF-8. */
static size_t plain_size(struct text value, int *characters)
{
    size_t size = 0;
    int count = 0;
    for (; count < *characters && size < value.size; count++) {
        unsigned char first = (unsigned char)value.at[size];
        size_t width = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (first == ' ' || first == '\\' || first == '"' || width > value.size - size)
            break;
        size += width;
    }
    *characters = count;
    return size;
}

/* The beginning of a value in one line: what is white space is one blank. */
static struct text cut(struct ctx *ctx, struct text value)
{
    static const char more[] = "…";
    char *made = arena_alloc_raw(ctx->arena, GLANCE_CHARACTERS * 4 + sizeof more);
    size_t size = 0;
    int left = GLANCE_CHARACTERS;
    bool is_cut = false;
    while (value.size && *value.at != '"' && !is_cut) {
        int count = left;
        size_t plain = plain_size(value, &count), step = plain;
        memcpy(made + size, value.at, plain);
        size += plain;
        left -= count;
        if (!plain) { /* a blank, an escape, or one too many */
            step = 1;
            char byte = *value.at == '\\' ? unescape(value, &step) : *value.at;
            bool is_left_out = byte == ' ' && (!size || made[size - 1] == ' ');
            is_cut = !is_left_out && !left;
            if (step > value.size)
                break;
            if (!is_left_out && left) {
                made[size++] = byte;
                left--;
            }
        }
        value = (struct text){ value.at + step, value.size - step };
    }
    while (size && made[size - 1] == ' ')
        size--;
    if (size && is_cut) {
        memcpy(made + size, more, sizeof more - 1);
        size += sizeof more - 1;
    }
    return (struct text){ made, size };
}

struct text glance_words(struct ctx *ctx, struct text bytes, const char *name)
{
    struct text value = value_of(bytes, name);
    return value.size ? cut(ctx, value) : (struct text){ NULL, 0 };
}

/* A key: letters, digits and underscores, up to the quote that ends it. */
static struct text key_of(struct ctx *ctx, struct text bytes, const char *name)
{
    struct text rest, value = value_of(bytes, name);
    return value.size ? text_copy(ctx->arena, text_cut(value, '"', &rest)) : (struct text){ NULL, 0 };
}

/* --- what came back --- */

static bool holds(const struct matter_mark *mark, const struct matter *matter)
{
    return !matter->state->is_final && (!mark->state || strcmp(mark->state, matter->state->key) == 0);
}

struct looking {
    struct ctx *ctx;
    const struct matter_row *rows;
    const struct matter_mark *marks;
    struct glance *glances;
    const struct flow *flow;     /* of the row looked at last */
    int64_t least[MATTER_MARKS]; /* version of a matter that may have the mark, in this flow */
    int *asked;                  /* numbers of the rows that may have one */
    int asked_count;
};

/* The version after MOVE of a matter that went the shortest way to it; the opening makes version 1. */
static int64_t least_version(const struct flow *flow, const int *distances, const char *move_name)
{
    const struct flow_move *move = flow_move_find(flow, text_of(move_name));
    int64_t least = INT64_MAX;
    for (int i = 0; move && i < flow->state_count; i++)
        if ((move->from >> i & 1) && distances[i] >= 0 && distances[i] + 2 < least)
            least = distances[i] + 2;
    return least;
}

static void know_flow(struct looking *look, const struct flow *flow)
{
    int distances[FLOW_MOST];
    flow_distances(flow, distances);
    for (int i = 0; i < MATTER_MARKS; i++)
        look->least[i] = least_version(flow, distances, look->marks[i].move);
    look->flow = flow;
}

/* So that nothing is asked about the many that only went forward. */
static bool may_be_marked(struct looking *look, const struct matter *matter)
{
    if (matter->flow != look->flow)
        know_flow(look, matter->flow);
    for (int i = 0; i < MATTER_MARKS; i++)
        if (matter->version >= look->least[i] && holds(&look->marks[i], matter))
            return true;
    return false;
}

static int row_of(const struct looking *look, const char *realm, int64_t id)
{
    for (int i = 0; i < look->asked_count; i++) {
        const struct matter *matter = &look->rows[look->asked[i]].matter;
        if (matter->id == id && strcmp(matter->realm, realm) == 0)
            return look->asked[i];
    }
    return -1;
}

static void take_move(struct looking *look, int row, const struct rows *rows)
{
    for (int i = 0; i < MATTER_MARKS; i++) {
        const struct matter_mark *mark = &look->marks[i];
        if (!text_is(rows_text(rows, 1), mark->move) || !holds(mark, &look->rows[row].matter))
            continue;
        look->glances[row].mark = mark;
        look->glances[row].ground = key_of(look->ctx, rows_text(rows, 2), "\"ground\":\"");
    }
}

/* Those of one realm among the asked, from FROM on, as many as one statement takes; ones of other realms are null. */
static const struct err *ask(struct looking *look, const char *realm, int from)
{
    struct value values[1 + GLANCES_AT_ONCE + MATTER_MARKS];
    struct rows rows;
    int n = 0;
    values[n++] = value_string(realm);
    for (int i = from; i < from + GLANCES_AT_ONCE; i++) {
        const struct matter *matter = i < look->asked_count ? &look->rows[look->asked[i]].matter : NULL;
        values[n++] = matter && strcmp(matter->realm, realm) == 0 ? value_int(matter->id) : value_null();
    }
    for (int i = 0; i < MATTER_MARKS; i++)
        values[n++] = value_string(look->marks[i].move);
    TRY(rows_open(look->ctx, look->ctx->snapshot, &sql_glance_moves, values, n, &rows));
    while (rows_next(&rows)) {
        int row = row_of(look, realm, rows_int(&rows, 0));
        if (row >= 0)
            take_move(look, row, &rows);
    }
    return rows_close(&rows);
}

const struct err *matter_glance(struct ctx *ctx, const struct matter_row *rows, int count, const struct matter_mark *marks,
                                struct glance *ret)
{
    struct looking look = { .ctx = ctx, .rows = rows, .marks = marks, .glances = ret };
    look.asked = arena_array_of(ctx->arena, int, count + 1);
    for (int i = 0; i < count; i++) {
        ret[i] = (struct glance){ 0 };
        if (marks && may_be_marked(&look, &rows[i].matter))
            look.asked[look.asked_count++] = i;
    }
    for (int from = 0; from < look.asked_count; from += GLANCES_AT_ONCE)
        for (int i = from; i < look.asked_count && i < from + GLANCES_AT_ONCE; i++) {
            const char *realm = rows[look.asked[i]].matter.realm;
            bool is_new = true;
            for (int k = from; k < i && is_new; k++)
                is_new = strcmp(rows[look.asked[k]].matter.realm, realm) != 0;
            if (is_new)
                TRY(ask(&look, realm, from));
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
