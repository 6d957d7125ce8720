/* store/postgres_inside.h -- a connection to PostgreSQL, as the backend and the pipelined writer share it.
 * Owns:          struct postgres, binding, what a server's error means to us
 * Must not know: SQL texts of its own, what a plan is for
 * Begin at:      postgres_bind(), postgres_failure()
 */
#ifndef STORE_POSTGRES_INSIDE_H
#define STORE_POSTGRES_INSIDE_H
#include "store/store_inside.h"

#include <libpq-fe.h>

struct postgres {
    struct connection head;
    PGconn *link;
    const struct statement **prepared; /* a hash set, grown at half full; names on the server are the statements' own */
    int prepared_count, prepared_room;
    struct cursor *open, *free;
    struct merge_forms *forms; /* writer_merge.c's */
};

void merge_forms_free(struct merge_forms *forms);

/* The parameters as libpq takes them. Integers are decimal text, so that int2, int4 and int8 all take them; texts and
 * bytes go as they are (binary), without a copy. */
struct postgres_bound {
    const char **at;
    int *size, *format;
    char (*digits)[24];
};

/* Room for the parameters of one statement, on the stack of whoever declares it. */
struct postgres_bound_room {
    const char *at[STATEMENT_PARAMETERS];
    int size[STATEMENT_PARAMETERS], format[STATEMENT_PARAMETERS];
    char digits[STATEMENT_PARAMETERS][24];
};
#define POSTGRES_BOUND(room) { (room).at, (room).size, (room).format, (room).digits }

static inline struct postgres *postgres_of(struct connection *connection)
{
    return (struct postgres *)connection;
}

void postgres_bind(struct postgres_bound *bound, const struct statement *statement, const struct value *values,
                   int count);

/* What went wrong: RESULT's error when there is one, the connection's otherwise. Sets the connection's trouble. */
fallible postgres_failure(struct ctx *ctx, struct postgres *self, const PGresult *result, const char *doing);

const char *postgres_sql(const struct statement *statement);
bool postgres_is_prepared(const struct postgres *self, const struct statement *statement);
void postgres_note_prepared(struct postgres *self, const struct statement *statement);
void postgres_forget_prepared(struct postgres *self);

/* A cursor over RESULT, which it takes; column types checked. */
fallible postgres_cursor(struct ctx *ctx, struct postgres *self, const struct statement *statement, PGresult *result,
                         struct cursor **ret);
/* Rows touched by a statement that succeeded; of a select, rows it found. */
int64_t postgres_touched(PGresult *result);
#endif
