/* store/postgres.c -- the PostgreSQL backend, through libpq: binary answers, statements prepared once per connection.
 *
 * An answer is read whole (lists page by key, so answers are small), which lets a statement be opened while another's
 * rows are still being read. A connection that broke is replaced by the pool when it is next wanted.
 */
#include "store/postgres_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "store/fault.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct postgres_cursor {
    struct cursor head;
    PGresult *result;
    int row;
};

/* Types that results may have: their numbers in PostgreSQL's catalogue (pg_type.dat). */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25,
    TYPE_UNKNOWN = 705,
    TYPE_BPCHAR = 1042,
    TYPE_VARCHAR = 1043
};

/* --- failures --- */

static bool class_is(const char *state, const char *class)
{
    return strncmp(state, class, strlen(class)) == 0;
}

struct meaning {
    const char *states; /* a SQLSTATE or its beginning */
    enum trouble trouble;
    enum err_kind kind;
    const char *said;
};

static const struct meaning meanings[] = {
    { "40001", TROUBLE_AGAIN, ERR_BUSY, "store.busy" },              /* serialization_failure */
    { "40P01", TROUBLE_AGAIN, ERR_BUSY, "store.busy" },              /* deadlock_detected */
    { "55P03", TROUBLE_AGAIN, ERR_BUSY, "store.busy" },              /* lock_not_available */
    { "57014", TROUBLE_OTHER, ERR_BUSY, "store.busy" },              /* query_canceled: a time limit */
    { "23505", TROUBLE_CONSTRAINT, ERR_CONFLICT, "error.conflict" }, /* unique_violation */
    { "23503", TROUBLE_CONSTRAINT, ERR_CONFLICT, "error.conflict" }, /* foreign_key_violation */
    { "53100", TROUBLE_OTHER, ERR_BROKEN, "store.disk_full" },       /* disk_full */
    { "53", TROUBLE_OTHER, ERR_BUSY, "store.unreachable" },          /* other lack of resources: connections, memory */
    { "57P", TROUBLE_LOST, ERR_BUSY, "store.unreachable" },          /* shutting down, starting, ended by an operator */
    { "08", TROUBLE_LOST, ERR_BUSY, "store.unreachable" },           /* connection exceptions */
    { "", TROUBLE_OTHER, ERR_BROKEN, "error.broken" },
};

static const struct meaning lost = { "", TROUBLE_LOST, ERR_BUSY, "store.unreachable" };

const struct err *postgres_failure(struct ctx *ctx, struct postgres *self, const PGresult *result, const char *doing)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const struct meaning *meaning = meanings;
    /* A server that said goodbye before it went leaves libpq with words to read, a failed write and a connection that still
     * counts as good: reading once more tells. */
    if (!state && PQstatus(self->link) == CONNECTION_OK)
        (void)!PQconsumeInput(self->link);
    if (!state)
        meaning = PQstatus(self->link) == CONNECTION_BAD ? &lost : &meanings[sizeof meanings / sizeof *meanings - 1];
    else
        while (!class_is(state, meaning->states))
            meaning++;
    self->head.trouble = meaning->trouble;
    /* The server's own words only where they can't repeat what a person wrote: its details and data errors may. */
    bool is_ours = !state || class_is(state, "42") || class_is(state, "0A") || class_is(state, "57") ||
                   class_is(state, "53") || class_is(state, "25") || class_is(state, "26");
    const char *words = !is_ours ? ""
                        : state  ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY)
                                 : PQerrorMessage(self->link);
    const char *constraint = state ? PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME) : NULL;
    return err_wrap(ctx, err_new(ctx, meaning->kind, meaning->said), "PostgreSQL %s while %s: %s%s",
                    state ? state : "connection", doing, words ? words : "", constraint ? constraint : "");
}

/* --- addresses --- */

static void add_setting(struct buffer *out, const char *word, const char *value)
{
    buffer_printf(out, "%s%s='", out->size ? " " : "", word);
    for (; *value; value++) {
        if (*value == '\'' || *value == '\\')
            buffer_byte(out, '\\');
        buffer_byte(out, *value);
    }
    buffer_byte(out, '\'');
}

const struct err *db_address_apart(struct ctx *ctx, const char *url, const char **ret_address, const char **ret_password)
{
    PQconninfoOption *parsed = PQconninfoParse(url, NULL);
    if (!parsed)
        return err_new(ctx, ERR_INPUT, "store.url_wrong");
    scoped(buffer_clear) struct buffer out = { 0 };
    *ret_password = NULL;
    for (const PQconninfoOption *option = parsed; option->keyword; option++) {
        if (!option->val)
            continue;
        if (strcmp(option->keyword, "password") == 0)
            *ret_password = arena_string(ctx->arena, option->val);
        else
            add_setting(&out, option->keyword, option->val);
    }
    PQconninfoFree(parsed);
    *ret_address = arena_copy(ctx->arena, out.at ? out.at : "", out.size);
    return NULL;
}

/* --- opening --- */

static void quiet(void *self, const PGresult *notice)
{
    (void)self;
    (void)notice;
}

static void close_link(struct connection *connection)
{
    struct postgres *self = postgres_of(connection);
    struct cursor *const lists[] = { self->open, self->free };
    for (int i = 0; i < 2; i++)
        for (struct cursor *cursor = lists[i]; cursor;) {
            struct cursor *next = cursor->next;
            PQclear(((struct postgres_cursor *)cursor)->result);
            free(cursor);
            cursor = next;
        }
    PQfinish(self->link);
    free(self->prepared);
    merge_forms_free(self->forms);
    free(self);
}

static bool is_lost(const struct connection *connection)
{
    const struct postgres *self = (const struct postgres *)connection;
    return PQstatus(self->link) != CONNECTION_OK || PQpipelineStatus(self->link) != PQ_PIPELINE_OFF ||
           PQtransactionStatus(self->link) != PQTRANS_IDLE;
}

static const struct err *open_link(struct ctx *ctx, struct db *db, bool for_writing, struct connection **ret)
{
    PQconninfoOption *parsed = PQconninfoParse(db->where, NULL);
    if (!parsed)
        return err_new(ctx, ERR_INPUT, "store.url_wrong"); /* not repeated: it may hold a password */
    PQconninfoFree(parsed);
    struct postgres *self = calloc(1, sizeof *self);
    if (!self)
        BUG("out of memory");
    self->head.backend = &backend_postgres;
    self->head.db = db;
    const char *const words[] = { "dbname", "client_encoding", "fallback_application_name", "connect_timeout", NULL };
    const char *const values[] = { db->where, "UTF8", "gongzhi", "10", NULL };
    self->link = PQconnectdbParams(words, values, 1);
    const struct err *err = NULL;
    if (PQstatus(self->link) != CONNECTION_OK) {
        self->head.trouble = TROUBLE_LOST;
        err = err_wrap(ctx, err_new(ctx, ERR_BUSY, "store.unreachable"), "%s", PQerrorMessage(self->link));
    } else {
        PQsetNoticeReceiver(self->link, quiet, NULL);
        /* What is answered is durable, whatever the server's default; and no lock is waited for without end. */
        const char *settings =
            for_writing
                ? "set lock_timeout = '10s'; set idle_in_transaction_session_timeout = '60s'; select set_config("
                  "'synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
                : "set idle_in_transaction_session_timeout = '10min'";
        PGresult *result = PQexec(self->link, settings);
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
            err = postgres_failure(ctx, self, result, "setting up a connection");
        PQclear(result);
    }
    if (err) {
        close_link(&self->head);
        return err;
    }
    *ret = &self->head;
    return NULL;
}

/* --- preparing and binding --- */

const char *postgres_sql(const struct statement *statement)
{
    return statement->postgres ? statement->postgres : statement->sql;
}

static int place_of(const struct postgres *self, const struct statement *statement)
{
    int at = (int)(((uintptr_t)statement >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 33) & (self->prepared_room - 1);
    while (self->prepared[at] && self->prepared[at] != statement)
        at = (at + 1) & (self->prepared_room - 1);
    return at;
}

bool postgres_is_prepared(const struct postgres *self, const struct statement *statement)
{
    return self->prepared_room && self->prepared[place_of(self, statement)] == statement;
}

void postgres_note_prepared(struct postgres *self, const struct statement *statement)
{
    if (self->prepared_count * 2 >= self->prepared_room) {
        const struct statement **old = self->prepared;
        int old_room = self->prepared_room;
        self->prepared_room = old_room ? old_room * 2 : 64;
        self->prepared = calloc((size_t)self->prepared_room, sizeof *self->prepared);
        if (!self->prepared)
            BUG("out of memory");
        for (int i = 0; i < old_room; i++)
            if (old[i])
                self->prepared[place_of(self, old[i])] = old[i];
        free(old);
    }
    self->prepared[place_of(self, statement)] = statement;
    self->prepared_count++;
}

void postgres_forget_prepared(struct postgres *self)
{
    PQclear(PQexec(self->link, "deallocate all"));
    memset(self->prepared, 0, sizeof *self->prepared * (size_t)self->prepared_room);
    self->prepared_count = 0;
}

static int write_decimal(char *to, int64_t number)
{
    char backwards[24];
    int size = 0, at = 0;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do
        backwards[size++] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        to[at++] = '-';
    while (size)
        to[at++] = backwards[--size];
    to[at] = '\0';
    return at;
}

void postgres_bind(struct postgres_bound *bound, const struct statement *statement, const struct value *values,
                   int count)
{
    statement_check_values(statement, values, count);
    for (int i = 0; i < count; i++) {
        const struct value *value = &values[i];
        bound->format[i] = 1;
        switch (value->kind) {
        case VALUE_INT:
            bound->size[i] = write_decimal(bound->digits[i], value->number);
            bound->at[i] = bound->digits[i];
            bound->format[i] = 0;
            break;
        case VALUE_TEXT:
        case VALUE_BLOB:
            bound->at[i] = value->text.at;
            bound->size[i] = (int)value->text.size;
            break;
        default:
            bound->at[i] = NULL;
            bound->size[i] = 0;
        }
    }
}

static const struct err *prepare_named(struct ctx *ctx, struct postgres *self, const struct statement *statement)
{
    if (postgres_is_prepared(self, statement))
        return NULL;
    PGresult *result = PQprepare(self->link, statement->name, postgres_sql(statement), 0, NULL);
    const struct err *err = PQresultStatus(result) == PGRES_COMMAND_OK
                                ? NULL
                                : postgres_failure(ctx, self, result, statement->name);
    PQclear(result);
    if (!err)
        postgres_note_prepared(self, statement);
    return err;
}

/* A breakdown of the connection, as if the other side had gone. */
static void break_link(struct postgres *self)
{
    shutdown(PQsocket(self->link), SHUT_RDWR);
}

static const struct err *injected(struct ctx *ctx, struct postgres *self)
{
    switch (fault_here()) {
    case FAULT_NONE:
        return NULL;
    case FAULT_LOST:
        break_link(self);
        return NULL; /* what follows finds out by itself */
    case FAULT_FULL:
        self->head.trouble = TROUBLE_OTHER;
        return err_new(ctx, ERR_BROKEN, "store.disk_full");
    default:
        self->head.trouble = TROUBLE_OTHER;
        return err_broken(ctx, "a failure that a test asked for");
    }
}

/* --- changing --- */

static const struct err *execute(struct ctx *ctx, struct connection *connection, const char *sql)
{
    struct postgres *self = postgres_of(connection);
    TRY(injected(ctx, self));
    PGresult *result = PQexec(self->link, sql);
    ExecStatusType status = PQresultStatus(result);
    const struct err *err = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY
                                ? NULL
                                : postgres_failure(ctx, self, result, "executing");
    PQclear(result);
    return err;
}

int64_t postgres_touched(PGresult *result)
{
    const char *tuples = PQcmdTuples(result);
    return *tuples ? strtoll(tuples, NULL, 10) : 0;
}

static const struct err *run(struct ctx *ctx, struct postgres *self, const struct statement *statement,
                             const struct value *values, int count, PGresult **ret)
{
    TRY(injected(ctx, self));
    TRY(prepare_named(ctx, self, statement));
    struct postgres_bound_room room;
    struct postgres_bound bound = POSTGRES_BOUND(room);
    postgres_bind(&bound, statement, values, count);
    PGresult *result = PQexecPrepared(self->link, statement->name, count, bound.at, bound.size, bound.format, 1);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        *ret = result;
        return NULL;
    }
    const struct err *err = postgres_failure(ctx, self, result, statement->name);
    PQclear(result);
    return err;
}

static const struct err *change(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                const struct value *values, int count, int64_t *ret_rows)
{
    PGresult *result;
    TRY(run(ctx, postgres_of(connection), statement, values, count, &result));
    *ret_rows = postgres_touched(result);
    PQclear(result);
    return NULL;
}

/* --- reading --- */

static const struct err *view_begin(struct ctx *ctx, struct connection *connection)
{
    return execute(ctx, connection, "begin isolation level repeatable read read only");
}

static void rows_end(struct cursor *cursor)
{
    struct postgres_cursor *own = (struct postgres_cursor *)cursor;
    struct postgres *self = postgres_of(cursor->connection);
    PQclear(own->result);
    own->result = NULL;
    for (struct cursor **link = &self->open; *link; link = &(*link)->next)
        if (*link == cursor) {
            *link = cursor->next;
            break;
        }
    cursor->next = self->free;
    self->free = cursor;
}

static void rows_end_all(struct connection *connection)
{
    while (postgres_of(connection)->open)
        rows_end(postgres_of(connection)->open);
}

static void view_end(struct connection *connection)
{
    struct postgres *self = postgres_of(connection);
    PQclear(PQexec(self->link, "commit"));
}

static bool is_known_type(Oid type)
{
    switch (type) {
    case TYPE_BOOL:
    case TYPE_BYTEA:
    case TYPE_NAME:
    case TYPE_INT8:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_TEXT:
    case TYPE_UNKNOWN:
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
        return true;
    default:
        return false;
    }
}

static const struct err *check_types(struct ctx *ctx, const struct statement *statement, const PGresult *result)
{
    for (int i = 0; i < PQnfields(result); i++)
        if (!is_known_type(PQftype(result, i)))
            return err_broken(ctx, "%s: column %s has PostgreSQL's type %u; cast it to bigint or text", statement->name,
                              PQfname(result, i), PQftype(result, i));
    return NULL;
}

static const struct err *prepare(struct ctx *ctx, struct connection *connection, const struct statement *statement)
{
    struct postgres *self = postgres_of(connection);
    const struct err *err = NULL;
    PGresult *made = PQprepare(self->link, "", postgres_sql(statement), 0, NULL);
    PGresult *seen = NULL;
    if (PQresultStatus(made) != PGRES_COMMAND_OK) {
        err = postgres_failure(ctx, self, made, statement->name);
    } else {
        seen = PQdescribePrepared(self->link, "");
        if (PQresultStatus(seen) != PGRES_COMMAND_OK)
            err = postgres_failure(ctx, self, seen, statement->name);
        else if (PQnparams(seen) != statement->parameters)
            err = err_broken(ctx, "%s: PostgreSQL sees %d parameters", statement->name, PQnparams(seen));
        else
            err = check_types(ctx, statement, seen);
    }
    PQclear(seen);
    PQclear(made);
    return err;
}

const struct err *postgres_cursor(struct ctx *ctx, struct postgres *self, const struct statement *statement,
                                  PGresult *result, struct cursor **ret)
{
    const struct err *err = check_types(ctx, statement, result);
    if (err) {
        PQclear(result);
        return err;
    }
    struct cursor *cursor = self->free;
    if (cursor) {
        self->free = cursor->next;
    } else {
        cursor = calloc(1, sizeof(struct postgres_cursor));
        if (!cursor)
            BUG("out of memory");
        cursor->connection = &self->head;
    }
    struct postgres_cursor *own = (struct postgres_cursor *)cursor;
    own->result = result;
    own->row = -1;
    cursor->next = self->open;
    self->open = cursor;
    *ret = cursor;
    return NULL;
}

static const struct err *rows_begin(struct ctx *ctx, struct connection *connection, const struct statement *statement,
                                    const struct value *values, int count, struct cursor **ret)
{
    struct postgres *self = postgres_of(connection);
    PGresult *result;
    TRY(run(ctx, self, statement, values, count, &result));
    return postgres_cursor(ctx, self, statement, result, ret);
}

static bool step(struct rows *rows, struct cursor *cursor)
{
    (void)rows;
    struct postgres_cursor *own = (struct postgres_cursor *)cursor;
    if (own->row + 1 >= PQntuples(own->result))
        return false;
    own->row++;
    return true;
}

struct cell {
    Oid type;
    const char *at; /* NULL for null */
    size_t size;
};

static struct cell cell_of(const struct cursor *cursor, int column)
{
    const struct postgres_cursor *own = (const struct postgres_cursor *)cursor;
    if (PQgetisnull(own->result, own->row, column))
        return (struct cell){ 0 };
    return (struct cell){ PQftype(own->result, column), PQgetvalue(own->result, own->row, column),
                          (size_t)PQgetlength(own->result, own->row, column) };
}

static bool is_null(const struct cursor *cursor, int column)
{
    const struct postgres_cursor *own = (const struct postgres_cursor *)cursor;
    return PQgetisnull(own->result, own->row, column);
}

static bool cell_int(struct cell cell, int64_t *ret)
{
    uint64_t eight;
    uint32_t four;
    uint16_t two;
    switch (cell.type) {
    case TYPE_INT8:
        memcpy(&eight, cell.at, sizeof eight);
        *ret = (int64_t)be64toh(eight);
        return true;
    case TYPE_INT4:
        memcpy(&four, cell.at, sizeof four);
        *ret = (int32_t)be32toh(four);
        return true;
    case TYPE_INT2:
        memcpy(&two, cell.at, sizeof two);
        *ret = (int16_t)be16toh(two);
        return true;
    case TYPE_BOOL:
        *ret = *cell.at != 0;
        return true;
    default:
        return false;
    }
}

static int64_t get_int(const struct cursor *cursor, int column)
{
    struct cell cell = cell_of(cursor, column);
    int64_t number = 0;
    if (!cell.at || cell_int(cell, &number))
        return number;
    return text_int((struct text){ cell.at, cell.size }, &number) ? number : 0;
}

static struct text get_text(struct ctx *ctx, const struct cursor *cursor, int column)
{
    struct cell cell = cell_of(cursor, column);
    int64_t number;
    if (cell.at && cell_int(cell, &number)) {
        char *digits = arena_alloc_raw(ctx->arena, 24);
        return (struct text){ digits, (size_t)write_decimal(digits, number) };
    }
    return (struct text){ cell.at, cell.size };
}

static struct text get_blob(const struct cursor *cursor, int column)
{
    struct cell cell = cell_of(cursor, column);
    return (struct text){ cell.at, cell.size };
}

const struct backend backend_postgres = {
    .connect = open_link,
    .disconnect = close_link,
    .is_lost = is_lost,
    .execute = execute,
    .view_begin = view_begin,
    .view_end = view_end,
    .prepare = prepare,
    .change = change,
    .rows_open = rows_begin,
    .rows_next = step,
    .rows_end = rows_end,
    .rows_end_all = rows_end_all,
    .is_null = is_null,
    .get_int = get_int,
    .get_text = get_text,
    .get_blob = get_blob,
};
