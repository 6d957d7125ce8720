/* record/csv.h -- comma-separated values as offices make them: read row by row, written without traps.
 * Owns:          encodings (UTF-8 with or without a mark, GB 18030, UTF-16 with a mark), separators (comma, semicolon, tab), quotes
 * Must not know: what the columns mean (import.h)
 * Basis:         RFC 4180, and what spreadsheets in China really save
 * Begin at:      csv_open(), csv_next()
 *
 * The separator is the one of the three that stands most often outside quotes in the first line. Line ends are CR LF,
 * LF or CR. A quoted cell may hold line ends and doubled quotes. Rows of nothing but empty cells are passed over.
 */
#ifndef RECORD_CSV_H
#define RECORD_CSV_H
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

enum { CSV_MOST_CELLS = 64, CSV_MOST_CELL = 32 * 1024 };

struct csv {
    struct ctx *ctx;
    struct text rest; /* UTF-8 */
    char separator;
    int line; /* of the row last read, from 1 */
    int next_line;
    struct text cells[CSV_MOST_CELLS]; /* of the row last read: trimmed, in ctx's arena or borrowed from the bytes */
    int count;
};

/* ERR_INPUT "csv.encoding" when it is none of these, or holds a NUL; "csv.spoilt" {line} when it is UTF-8 but for a few bytes. */
fallible csv_open(struct ctx *ctx, struct text bytes, struct csv *ret);
/* *RET_MORE is false at the end. ERR_INPUT "csv.quote" {line}: a quote that never ends, or text after one; "csv.cells"
 * {line, most}; "csv.cell" {line}. */
fallible csv_next(struct csv *csv, bool *ret_more);

/* One cell, quoted where needed. What a spreadsheet would run as a formula (= + - @ tab CR at the start) gets an
 * apostrophe before it; reading takes one such apostrophe off again. */
void csv_put(struct buffer *out, struct text cell, bool is_first, char separator);
#endif
