/* record/import.c -- the file, its header, the batches, the bad rows coming back. */
#include "record/import.h"

#include "base/arena.h"
#include "base/texts.h"
#include "record/csv.h"
#include "record/import_inside.h"
#include "record/person_inside.h"
#include "store/writer.h"

#include <stdarg.h>

static const char *const kinds[IMPORT_KIND_COUNT] = { "places", "organisations", "households", "people", "roles" };

const char *import_kind_key(enum import_kind kind)
{
    return kinds[kind];
}

/* --- what has been seen --- */

struct seen_entry {
    const char *key; /* NULL: free */
    void *thing;
};

static struct seen_entry *seen_slot(struct seen_entry *entries, size_t room, const char *key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = key; *c; c++)
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    for (size_t i = (hash ^ (hash >> 32)) & (room - 1);; i = (i + 1) & (room - 1))
        if (!entries[i].key || strcmp(entries[i].key, key) == 0)
            return &entries[i];
}

void *seen_find(const struct seen *seen, const char *key)
{
    return seen->room ? seen_slot(seen->entries, seen->room, key)->thing : NULL;
}

void seen_put(struct ctx *ctx, struct seen *seen, const char *key, void *thing)
{
    if (seen->count * 2 >= seen->room) {
        size_t room = seen->room ? seen->room * 2 : 256;
        struct seen_entry *entries = arena_array_of(ctx->arena, struct seen_entry, room);
        for (size_t i = 0; i < seen->room; i++)
            if (seen->entries[i].key)
                *seen_slot(entries, room, seen->entries[i].key) = seen->entries[i];
        seen->entries = entries;
        seen->room = room;
    }
    struct seen_entry *slot = seen_slot(seen->entries, seen->room, key);
    if (!slot->key) {
        slot->key = arena_string(ctx->arena, key);
        seen->count++;
    }
    slot->thing = thing;
}

/* --- what a row's check says --- */

struct text import_cell(const struct import *import, int column)
{
    int at = import->at[column];
    return at >= 0 && at < import->row->count ? import->row->cells[at] : (struct text){ "", 0 };
}

const char *import_column_name(const struct import *import, int column)
{
    const struct import_column *found = &import->columns[column];
    return import->ctx->language == LANGUAGE_ZH ? found->zh[0] : found->key;
}

static void blame(struct import *import, const char *reason)
{
    if (import->reasons.size)
        buffer_string(&import->reasons, import->ctx->language == LANGUAGE_ZH ? "；" : "; ");
    buffer_string(&import->reasons, reason);
}

void import_blame_err(struct import *import, const struct err *err)
{
    blame(import, texts_of_err(import->batch, err));
}

void import_blame(struct import *import, const char *said, ...)
{
    const char *all[ERR_ARGUMENTS + 2] = { said };
    va_list arguments;
    va_start(arguments, said);
    for (int i = 1; i <= ERR_ARGUMENTS; i++)
        if (!(all[i] = va_arg(arguments, const char *)))
            break;
    va_end(arguments);
    import_blame_err(import, err_make(import->batch, ERR_INPUT, __FILE__, __LINE__, all));
}

bool import_is_blamed(const struct import *import)
{
    return import->reasons.size > 0;
}

void import_step(struct import *import, const char *realm, const struct statement *statement, int rows,
                 const struct value *values, int count)
{
    int at = 0;
    while (at < import->plan_count && strcmp(import->plans[at].realm, realm) != 0)
        at++;
    if (at == import->plan_count) {
        import->plans = arena_grow(import->batch, import->plans, at, sizeof(*import->plans));
        const char *kept = arena_string(import->batch->arena, realm);
        import->plans[import->plan_count++] = (struct import_batch_plan){ kept, plan_new(import->batch, kept) };
    }
    plan_step(import->plans[at].plan, statement, rows, NULL, values, count);
}

/* --- the header --- */

static int column_find(const struct import_column *columns, struct text name)
{
    for (int i = 0; columns[i].key; i++) {
        if (text_is(name, columns[i].key))
            return i;
        for (int k = 0; k < 3 && columns[i].zh[k]; k++)
            if (text_is(name, columns[i].zh[k]))
                return i;
    }
    return -1;
}

static bool is_reason(struct text name)
{
    return text_is(name, "reason") || text_is(name, "原因");
}

static fallible header_read(struct import *import, const struct import_row *header)
{
    struct ctx *ctx = import->ctx;
    for (int i = 0; i < IMPORT_MOST_COLUMNS; i++)
        import->at[i] = -1;
    for (int i = 0; i < header->count; i++) {
        struct text name = header->cells[i];
        if (is_reason(name) || !name.size)
            continue;
        int column = column_find(import->columns, name);
        if (column < 0)
            return err_new(ctx, ERR_INPUT, "import.column_unknown", text_string(ctx->arena, name));
        if (import->at[column] >= 0)
            return err_new(ctx, ERR_INPUT, "import.column_twice", text_string(ctx->arena, name));
        import->at[column] = i;
    }
    for (int i = 0; import->columns[i].key; i++)
        if (import->columns[i].is_required && import->at[i] < 0)
            return err_new(ctx, ERR_INPUT, "import.column_missing", import_column_name(import, i));
    return NULL;
}

/* --- rows --- */

static fallible rows_read(struct ctx *ctx, struct text bytes, struct import_row **ret, int *ret_count,
                          char *ret_separator)
{
    struct csv *csv = arena_new_of(ctx->arena, struct csv);
    TRY(csv_open(ctx, bytes, csv));
    struct import_row *rows = NULL;
    int count = 0;
    for (;;) {
        bool more;
        TRY(csv_next(csv, &more));
        if (!more)
            break;
        rows = arena_grow(ctx, rows, count, sizeof(*rows));
        struct text *cells = arena_array_of(ctx->arena, struct text, csv->count);
        memcpy(cells, csv->cells, sizeof(*cells) * (size_t)csv->count);
        rows[count++] = (struct import_row){ .line = csv->line, .cells = cells, .count = csv->count };
    }
    *ret = rows;
    *ret_count = count;
    *ret_separator = csv->separator;
    return NULL;
}

static void bad_rows_write(const struct import *import, const struct import_row *header, const struct import_row *rows,
                           int count, char separator)
{
    struct buffer *out = import->job->bad;
    for (int i = -1; i < count; i++) {
        const struct import_row *row = i < 0 ? header : &rows[i];
        if (i >= 0 && !row->reason)
            continue;
        if (i < 0) {
            bool has_bad = false;
            for (int k = 0; k < count && !has_bad; k++)
                has_bad = rows[k].reason != NULL;
            if (!has_bad)
                return;
            buffer_string(out, "\xef\xbb\xbf"); /* without it spreadsheets take Chinese for something else */
        }
        bool is_first = true;
        for (int k = 0; k < header->count; k++) {
            if (is_reason(header->cells[k]))
                continue;
            csv_put(out, k < row->count ? row->cells[k] : (struct text){ "", 0 }, is_first, separator);
            is_first = false;
        }
        const char *last = i < 0 ? (import->ctx->language == LANGUAGE_ZH ? "原因" : "reason") : row->reason;
        csv_put(out, text_of(last), is_first, separator);
        for (int k = header->count; k < row->count; k++) /* cells beyond the header: not lost, and noticed again */
            csv_put(out, row->cells[k], false, separator);
        buffer_string(out, "\r\n");
    }
}

/* --- batches --- */

/* Errors made in the batch's arena must outlive it. */
static fallible err_keep(struct import *import, const struct err *err)
{
    return err ? err_wrap(import->ctx, err_again(import->ctx, err), "%s", err_trace(import->ctx, err)) : NULL;
}

static fallible batch_begin(struct import *import)
{
    import->batch = ctx_begin(import->ctx);
    import->plans = NULL;
    import->plan_count = import->rows_in_batch = 0;
    import->batch->snapshot = NULL;
    return err_keep(import, snapshot_begin(import->batch, import->job->db, &import->batch->snapshot));
}

static fallible plans_run(struct import *import)
{
    for (int i = 0; i < import->plan_count && !import->job->is_dry; i++) {
        struct outcome outcome;
        TRY(writer_run(import->batch, import->job->writer, import->plans[i].plan, &outcome));
        if (outcome.kind != OUTCOME_DONE)
            return err_new(import->batch, ERR_CONFLICT, "import.conflict");
    }
    return NULL;
}

static void batch_drop(struct import *import)
{
    if (!import->batch)
        return;
    snapshot_end(import->batch->snapshot);
    ctx_end(import->batch);
    import->batch = NULL;
}

static fallible batch_end(struct import *import)
{
    snapshot_end(import->batch->snapshot);
    import->batch->snapshot = NULL;
    const struct err *failed = err_keep(import, plans_run(import));
    batch_drop(import);
    return failed;
}

/* --- the whole --- */

static void count_fate(struct import_counts *counts, enum fate fate)
{
    counts->rows++;
    counts->added += fate == FATE_NEW;
    counts->unchanged += fate == FATE_UNCHANGED;
    counts->changed += fate == FATE_CHANGED;
    counts->bad += fate == FATE_BAD;
}

static void row_check_form(struct import *import, const struct import_row *header)
{
    const struct import_row *row = import->row;
    for (int i = 0; i < row->count; i++) {
        if (i >= header->count && row->cells[i].size) {
            import_blame(import, "import.extra_cells", NULL);
            break;
        }
        if (!text_is_clean(row->cells[i]))
            import_blame(import, "import.unclean", text_string(import->batch->arena, header->cells[i]), NULL);
    }
}

static fallible row_run(struct import *import, const struct import_row *header, enum fate *ret)
{
    import->reasons.size = 0;
    *ret = FATE_BAD;
    row_check_form(import, header);
    if (!import_is_blamed(import))
        TRY(import_checks[import->job->kind](import, ret));
    if (import_is_blamed(import))
        *ret = FATE_BAD;
    if (*ret == FATE_LATER)
        return NULL;
    import->row->is_done = true;
    if (*ret == FATE_BAD)
        import->row->reason = arena_copy(import->ctx->arena, import->reasons.at, import->reasons.size);
    return NULL;
}

/* One pass over the rows not yet done; *RET_DONE is how many it could decide. */
static fallible round_run(struct import *import, const struct import_row *header, struct import_row *rows, int count,
                          struct import_counts *counts, int *ret_done)
{
    *ret_done = 0;
    TRY(batch_begin(import));
    for (int i = 0; i < count; i++) {
        if (rows[i].is_done)
            continue;
        if (import->rows_in_batch == IMPORT_BATCH) {
            TRY(batch_end(import));
            if (import->job->progress)
                import->job->progress(import->job->self, counts->rows);
            TRY(batch_begin(import));
        }
        import->row = &rows[i];
        enum fate fate;
        const struct err *failed = row_run(import, header, &fate);
        if (failed)
            return err_keep(import, failed);
        import->rows_in_batch++;
        if (fate == FATE_LATER)
            continue;
        count_fate(counts, fate);
        ++*ret_done;
    }
    TRY(batch_end(import));
    if (import->job->progress)
        import->job->progress(import->job->self, counts->rows);
    return NULL;
}

static fallible run(struct import *import, const struct import_row *header, struct import_row *rows, int count,
                    struct import_counts *counts)
{
    while (counts->rows < count) {
        int done;
        TRY(round_run(import, header, rows, count, counts, &done));
        if (!done)
            import->is_last_round = true;
    }
    return NULL;
}

fallible import_run(struct ctx *ctx, const struct import_job *job, struct text bytes, struct import_counts *ret)
{
    *ret = (struct import_counts){ 0 };
    struct import *import = arena_new_of(ctx->arena, struct import);
    *import = (struct import){ .ctx = ctx, .job = job, .columns = import_columns[job->kind] };
    struct import_row *rows;
    int count;
    char separator;
    TRY(rows_read(ctx, bytes, &rows, &count, &separator));
    if (!count)
        return err_new(ctx, ERR_INPUT, "import.no_header");
    TRY(header_read(import, &rows[0]));
    const struct err *failed = run(import, &rows[0], rows + 1, count - 1, ret);
    batch_drop(import);
    buffer_clear(&import->reasons);
    if (job->bad)
        bad_rows_write(import, &rows[0], rows + 1, count - 1, separator);
    return failed;
}
