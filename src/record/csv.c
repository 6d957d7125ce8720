/* record/csv.c -- reading and writing comma-separated values. */
#include "record/csv.h"

#include "base/arena.h"

#include <iconv.h>

/* --- encodings --- */

/* All of BYTES from ENCODING to UTF-8, or false. */
static bool convert(struct ctx *ctx, const char *encoding, struct text bytes, struct text *ret)
{
    iconv_t converter = iconv_open("UTF-8", encoding);
    if (converter == (iconv_t)-1)
        return false;
    size_t room = bytes.size * 2 + 16; /* two bytes become three, four become four */
    char *start = arena_alloc_raw(ctx->arena, room), *out = start;
    char *in = (char *)bytes.at; /* iconv() doesn't write through it */
    size_t left = bytes.size;
    size_t done = iconv(converter, &in, &left, &out, &room);
    iconv_close(converter);
    if (done == (size_t)-1 || left)
        return false;
    *ret = (struct text){ start, (size_t)(out - start) };
    return true;
}

/* UTF-8 with a few bytes spoilt is no GB 18030, though it can mostly be read as such, every name as another. What is Chinese in
 * UTF-8, three bytes for each, hardly ever comes about in GB 18030. *RET_LINE is where the first spoilt byte stands. */
static bool is_spoilt_utf8(struct text bytes, bool is_marked, int *ret_line)
{
    size_t sound = 0, spoilt = 0;
    int line = 1, first = 0;
    while (bytes.size) {
        size_t size = text_character_size(bytes);
        if (!size && !spoilt++)
            first = line;
        sound += size > 2 ? size : 0;
        line += bytes.at[0] == '\n';
        size = size ? size : 1;
        bytes = (struct text){ bytes.at + size, bytes.size - size };
    }
    bool is_so = spoilt && (is_marked || sound > 4 * spoilt);
    if (is_so)
        *ret_line = first;
    return is_so;
}

/* *RET_LINE stays 0 when the fault has no line. */
static bool decode(struct ctx *ctx, struct text bytes, struct text *ret, int *ret_line)
{
    *ret_line = 0;
    if (text_starts(bytes, "\xff\xfe") || text_starts(bytes, "\xfe\xff"))
        return convert(ctx, "UTF-16", bytes, ret);
    bool is_marked = text_starts(bytes, "\xef\xbb\xbf");
    if (is_marked)
        bytes = (struct text){ bytes.at + 3, bytes.size - 3 };
    *ret = bytes;
    return text_is_utf8(bytes) ||
           (!is_spoilt_utf8(bytes, is_marked, ret_line) && convert(ctx, "GB18030", bytes, ret));
}

/* --- reading --- */

static char separator_of(struct text text)
{
    static const char candidates[] = { ',', ';', '\t' };
    int counts[3] = { 0 }, best = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        if (c == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && (c == '\n' || c == '\r'))
            break;
        for (int k = 0; k < 3 && !is_quoted; k++)
            counts[k] += c == candidates[k];
    }
    for (int k = 1; k < 3; k++)
        if (counts[k] > counts[best])
            best = k;
    return candidates[best];
}

fallible csv_open(struct ctx *ctx, struct text bytes, struct csv *ret)
{
    struct text text = { "", 0 };
    int line = 0;
    bool is_read = !bytes.size || decode(ctx, bytes, &text, &line);
    if (line)
        return err_new(ctx, ERR_INPUT, "csv.spoilt", arena_printf(ctx->arena, "%d", line));
    if (!is_read || !text_is_utf8(text) || (text.size && memchr(text.at, '\0', text.size)))
        return err_new(ctx, ERR_INPUT, "csv.encoding");
    *ret = (struct csv){ .ctx = ctx, .rest = text, .separator = separator_of(text), .next_line = 1 };
    return NULL;
}

static fallible fault(struct csv *csv, const char *said)
{
    return err_new(csv->ctx, ERR_INPUT, said, arena_printf(csv->ctx->arena, "%d", csv->line));
}

static char peek(const struct csv *csv)
{
    return csv->rest.size ? csv->rest.at[0] : '\n';
}

static void skip(struct csv *csv, size_t size)
{
    csv->rest.at += size;
    csv->rest.size -= size;
}

static bool is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* From the opening quote to what follows the closing one. A cell without doubled quotes is borrowed. */
static fallible read_quoted(struct csv *csv, struct text *ret)
{
    skip(csv, 1);
    size_t size = 0, doubled = 0;
    const char *at = csv->rest.at;
    for (;;) {
        if (size >= csv->rest.size)
            return fault(csv, "csv.quote");
        if (at[size] == '"') {
            if (size + 1 >= csv->rest.size || at[size + 1] != '"')
                break;
            doubled++;
            size++;
        } else if (at[size] == '\n' || (at[size] == '\r' && !(size + 1 < csv->rest.size && at[size + 1] == '\n'))) {
            csv->next_line++;
        }
        size++;
    }
    skip(csv, size + 1);
    while (csv->rest.size && peek(csv) == ' ')
        skip(csv, 1);
    if (csv->rest.size && peek(csv) != csv->separator && !is_line_end(peek(csv)))
        return fault(csv, "csv.quote");
    if (size - doubled > CSV_MOST_CELL)
        return fault(csv, "csv.cell");
    *ret = (struct text){ at, size };
    if (doubled) {
        char *out = arena_alloc_raw(csv->ctx->arena, size);
        size_t length = 0;
        for (size_t i = 0; i < size; i++) {
            out[length++] = at[i];
            i += at[i] == '"';
        }
        *ret = (struct text){ out, length };
    }
    return NULL;
}

static fallible read_plain(struct csv *csv, struct text *ret)
{
    size_t size = 0;
    while (size < csv->rest.size && csv->rest.at[size] != csv->separator && !is_line_end(csv->rest.at[size]))
        size++;
    if (size > CSV_MOST_CELL)
        return fault(csv, "csv.cell");
    *ret = (struct text){ csv->rest.at, size };
    skip(csv, size);
    return NULL;
}

/* Characters with which a cell is run as a formula. */
static bool is_formula(char c)
{
    return c == '=' || c == '+' || c == '-' || c == '@' || c == '\t' || c == '\r';
}

static fallible read_row(struct csv *csv)
{
    csv->line = csv->next_line;
    csv->count = 0;
    for (;;) {
        if (csv->count == CSV_MOST_CELLS)
            return err_new(csv->ctx, ERR_INPUT, "csv.cells", arena_printf(csv->ctx->arena, "%d", csv->line),
                           arena_printf(csv->ctx->arena, "%d", CSV_MOST_CELLS));
        while (csv->rest.size > 1 && peek(csv) == ' ' && csv->separator != ' ' && csv->rest.at[1] == '"')
            skip(csv, 1);
        struct text cell;
        if (csv->rest.size && peek(csv) == '"')
            TRY(read_quoted(csv, &cell));
        else
            TRY(read_plain(csv, &cell));
        cell = text_trim(cell);
        if (cell.size > 1 && cell.at[0] == '\'' && is_formula(cell.at[1]))
            cell = (struct text){ cell.at + 1, cell.size - 1 };
        csv->cells[csv->count++] = cell;
        if (!csv->rest.size || is_line_end(peek(csv)))
            break;
        skip(csv, 1); /* the separator */
    }
    if (csv->rest.size) {
        skip(csv, csv->rest.size > 1 && csv->rest.at[0] == '\r' && csv->rest.at[1] == '\n' ? 2 : 1);
        csv->next_line++;
    }
    return NULL;
}

fallible csv_next(struct csv *csv, bool *ret_more)
{
    *ret_more = false;
    while (csv->rest.size) {
        TRY(read_row(csv));
        for (int i = 0; i < csv->count; i++)
            if (csv->cells[i].size) {
                *ret_more = true;
                return NULL;
            }
    }
    return NULL;
}

/* --- writing --- */

void csv_put(struct buffer *out, struct text cell, bool is_first, char separator)
{
    if (!is_first)
        buffer_byte(out, separator);
    bool guard = cell.size && is_formula(cell.at[0]);
    bool quote = guard || (cell.size && (memchr(cell.at, separator, cell.size) || memchr(cell.at, '"', cell.size) ||
                                         memchr(cell.at, '\n', cell.size) || memchr(cell.at, '\r', cell.size)));
    if (quote)
        buffer_byte(out, '"');
    if (guard)
        buffer_byte(out, '\'');
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.at[i] == '"')
            buffer_byte(out, '"');
        buffer_byte(out, cell.at[i]);
    }
    if (quote)
        buffer_byte(out, '"');
}
