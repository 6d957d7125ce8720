/* fuzz/fuzz_csv.c -- any bytes as comma-separated values: what is read is clean of traps and reads the same once written.
 */
#include "target.h"

#include "base/buffer.h"
#include "record/csv.h"

/* Writes the row as an own file and reads it again. */
static void demand_same_again(struct ctx *ctx, const struct csv *csv)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, "\xef\xbb\xbf");
    for (int i = 0; i < csv->count; i++) {
        if (csv->cells[i].size == CSV_MOST_CELL) /* no room for the guard against formulas */
            return;
        csv_put(&out, csv->cells[i], i == 0, csv->separator);
    }
    buffer_string(&out, "\r\n");
    struct csv again;
    bool more;
    FUZZ_DEMAND(!csv_open(ctx, buffer_view(&out), &again));
    again.separator = csv->separator;
    FUZZ_DEMAND(!csv_next(&again, &more) && more && again.count == csv->count);
    for (int i = 0; i < csv->count; i++)
        FUZZ_DEMAND(text_equal(again.cells[i], csv->cells[i]));
    FUZZ_DEMAND(!csv_next(&again, &more) && !more);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
    struct ctx model = { 0 }, *ctx = ctx_begin(&model);
    struct csv csv;
    bool more = true;
    int line = 0;
    const struct err *failed = csv_open(ctx, (struct text){ (const char *)at, size }, &csv);
    while (!failed && !(failed = csv_next(&csv, &more)) && more) {
        FUZZ_DEMAND(csv.line > line && csv.count > 0 && csv.count <= CSV_MOST_CELLS);
        line = csv.line;
        for (int i = 0; i < csv.count; i++)
            FUZZ_DEMAND(csv.cells[i].size <= CSV_MOST_CELL && text_is_utf8(csv.cells[i]));
        demand_same_again(ctx, &csv);
    }
    ctx_end(ctx);
    return 0;
}
