/* record/matter_counts.c */
#include "record/matter_counts.h"

#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "record/matter_sql.h"
#include "record/place.h"
#include "store/db.h"

static const struct err *count(struct ctx *ctx, const struct statement *statement, const struct place *place, const char *flow,
                               int64_t from, int64_t *ret, int64_t *ret_late)
{
    struct rows rows;
    bool is_realm = place->kind != PLACE_VILLAGE;
    struct value values[] = { value_string(place->realm), value_string(flow), value_int(COUNTS_MOST), value_int(from),
                              value_string(place->code) };
    TRY(rows_open(ctx, ctx->snapshot, statement, values, is_realm ? 4 : 5, &rows));
    if (rows_next(&rows)) {
        *ret = rows_int(&rows, 0);
        if (ret_late)
            *ret_late = rows_int(&rows, 1);
    }
    return rows_close(&rows);
}

fallible matter_counts(struct ctx *ctx, const struct place *place, const char *flow, struct matter_counts *ret)
{
    struct matter_counts counts = { 0 };
    bool is_realm = place->kind != PLACE_VILLAGE;
    int64_t now = clock_now(ctx->clock);
    TRY(count(ctx, is_realm ? &sql_matter_counts_filed_realm : &sql_matter_counts_filed_village, place, flow,
              id_least(now - COUNTS_DAYS * MICROS_PER_DAY), &counts.filed, NULL));
    TRY(count(ctx, is_realm ? &sql_matter_counts_open_realm : &sql_matter_counts_open_village, place, flow, now, &counts.open,
              &counts.late));
    *ret = counts;
    return NULL;
}
