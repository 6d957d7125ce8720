/* bench/limit_commit.c -- a limit: SQLite alone, committing in groups what one filing writes.
 *
 * usage: limit_commit DATABASE NUMBER PRODUCERS SECONDS
 * DATABASE is a copy of a database of the house in which the request NUMBER has been filed and not touched since. The rows
 * that this filing wrote (its matter, event, clocks, leaf, token, messages) are read once and then written again and again
 * under new keys by prepared statements: PRODUCERS threads each put a filing into a queue and wait; one writer takes what
 * is waiting, writes it in one transaction (WAL, synchronous = FULL) with one head row, one serial, one checkpoint, and
 * wakes them. No log is hashed, nothing is signed, no form is read.
 * Prints one line of JSON: filings, seconds of the clock and of the processor, quantiles of the wait in microseconds.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_PRODUCERS = 512, MOST_COLUMNS = 40, MOST_ROWS = 64, MOST_BATCH = 256, MOST_FILINGS = 4000000, TILE = 256 };

/* What a column becomes in a copy of the row. */
enum change { SAME, NEW_ID, NEW_NUMBER, NEW_TOKEN, NEW_POSITION };

struct copied_row {
    sqlite3_stmt *insert;
    int columns;
    sqlite3_value *values[MOST_COLUMNS];
    enum change changes[MOST_COLUMNS];
};

struct filing {
    struct filing *next;
    pthread_cond_t told;
    bool is_done;
};

static struct {
    sqlite3 *db;
    struct copied_row rows[MOST_ROWS];
    int count;
    char realm[32], serial[64];
    int64_t position, id, last_serial;
    sqlite3_stmt *head, *serial_write, *checkpoint, *tile;
    sqlite3_value *front, *note;
} store;

static struct {
    pthread_mutex_t lock;
    pthread_cond_t arrived;
    struct filing *first, **end;
    bool is_over;
} queue = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &queue.first, false };

static uint32_t *waits;
static long wait_count;
static double deadline;

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void must(int code)
{
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW) {
        fprintf(stderr, "limit_commit: %s\n", sqlite3_errmsg(store.db));
        exit(1);
    }
}

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v3(store.db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL));
    return statement;
}

static void step(sqlite3_stmt *statement)
{
    must(sqlite3_step(statement));
    must(sqlite3_reset(statement));
}

/* --- the rows of one filing --- */

static enum change change_of(const char *table, const char *column)
{
    static const struct {
        const char *table, *column;
        enum change change;
    } changes[] = {
        { "matter", "id", NEW_ID },           { "matter", "number", NEW_NUMBER },      { "matter_event", "matter", NEW_ID },
        { "matter_clock", "matter", NEW_ID }, { "message", "id", NEW_ID },             { "message", "number", NEW_NUMBER },
        { "request_token", "token", NEW_TOKEN }, { "log_leaf", "position", NEW_POSITION },
        { "matter_event", "position", NEW_POSITION },
    };
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (strcmp(changes[i].table, table) == 0 && strcmp(changes[i].column, column) == 0)
            return changes[i].change;
    return SAME;
}

/* Keeps every row of TABLE that WHERE (about the filing ?1) finds. */
static void copy_rows(const char *table, const char *where, const char *number)
{
    char sql[2048];
    snprintf(sql, sizeof sql, "select t.* from %s t, matter m where m.number = ?1 and %s", table, where);
    sqlite3_stmt *read = prepare(sql);
    must(sqlite3_bind_text(read, 1, number, -1, SQLITE_STATIC));
    while (sqlite3_step(read) == SQLITE_ROW && store.count < MOST_ROWS) {
        struct copied_row *row = &store.rows[store.count++];
        row->columns = sqlite3_column_count(read);
        int size = snprintf(sql, sizeof sql, "insert into %s values (?", table);
        for (int i = 1; i < row->columns; i++)
            size += snprintf(sql + size, sizeof sql - (size_t)size, ", ?");
        snprintf(sql + size, sizeof sql - (size_t)size, ")");
        row->insert = prepare(sql);
        for (int i = 0; i < row->columns; i++) {
            row->values[i] = sqlite3_value_dup(sqlite3_column_value(read, i));
            row->changes[i] = change_of(table, sqlite3_column_name(read, i));
            if (row->changes[i] == SAME)
                must(sqlite3_bind_value(row->insert, i + 1, row->values[i]));
        }
    }
    sqlite3_finalize(read);
}

static void read_model(const char *number)
{
    sqlite3_stmt *read = prepare("select m.realm, h.size, h.front, c.note, (select max(id) from matter) from matter m, log_head h, "
                                 "log_checkpoint c where m.number = ?1 and h.realm = m.realm and c.realm = m.realm "
                                 "order by c.size desc limit 1");
    must(sqlite3_bind_text(read, 1, number, -1, SQLITE_STATIC));
    if (sqlite3_step(read) != SQLITE_ROW) {
        fprintf(stderr, "limit_commit: there is no %s\n", number);
        exit(1);
    }
    snprintf(store.realm, sizeof store.realm, "%s", (const char *)sqlite3_column_text(read, 0));
    store.position = sqlite3_column_int64(read, 1);
    store.front = sqlite3_value_dup(sqlite3_column_value(read, 2));
    store.note = sqlite3_value_dup(sqlite3_column_value(read, 3));
    store.id = sqlite3_column_int64(read, 4);
    sqlite3_finalize(read);
    copy_rows("request_token", "t.realm = m.realm and t.result like '%' || m.number || '%' limit 1", number);
    copy_rows("log_leaf", "t.realm = m.realm and t.position = (select position from matter_event e where e.realm = m.realm and "
                          "e.matter = m.id and e.seq = 1)", number);
    copy_rows("matter", "t.realm = m.realm and t.id = m.id", number);
    copy_rows("matter_event", "t.realm = m.realm and t.matter = m.id and t.seq = 1", number);
    copy_rows("matter_clock", "t.realm = m.realm and t.matter = m.id and t.round = 1", number);
    copy_rows("message", "t.matter_realm = m.realm and t.number = m.number", number);
    read = prepare("select last from serial where realm = ?1 and key = 'bench'"); /* of an earlier run on this copy */
    must(sqlite3_bind_text(read, 1, store.realm, -1, SQLITE_STATIC));
    store.last_serial = sqlite3_step(read) == SQLITE_ROW ? sqlite3_column_int64(read, 0) : 0;
    sqlite3_finalize(read);
    store.head = prepare("update log_head set size = ?2, front = ?3, last_time = last_time + 1 where realm = ?1");
    store.serial_write = prepare("insert into serial (realm, key, last) values (?1, 'bench', ?2) "
                                 "on conflict (realm, key) do update set last = excluded.last");
    store.checkpoint = prepare("insert into log_checkpoint (realm, size, time, note) values (?1, ?2, 0, ?3)");
    store.tile = prepare("insert into log_tile (realm, level, tile, hashes) values (?1, 0, ?2, zeroblob(8192)) "
                         "on conflict do nothing");
}

static void write_filing(void)
{
    char number[64], token[32];
    store.id++;
    int64_t serial = ++store.last_serial;
    snprintf(number, sizeof number, "%s-QZ-1999-%08lld", store.realm, (long long)serial);
    snprintf(token, sizeof token, "%022llx", (unsigned long long)serial * 0x9E3779B97F4A7C15ULL);
    for (int i = 0; i < store.count; i++) {
        struct copied_row *row = &store.rows[i];
        for (int j = 0; j < row->columns; j++)
            switch (row->changes[j]) {
            case SAME: break;
            case NEW_ID: must(sqlite3_bind_int64(row->insert, j + 1, store.id)); break;
            case NEW_NUMBER: must(sqlite3_bind_text(row->insert, j + 1, number, -1, SQLITE_STATIC)); break;
            case NEW_TOKEN: must(sqlite3_bind_text(row->insert, j + 1, token, -1, SQLITE_STATIC)); break;
            case NEW_POSITION: must(sqlite3_bind_int64(row->insert, j + 1, store.position)); break;
            }
        step(row->insert);
    }
    if (++store.position % TILE == 0) {
        must(sqlite3_bind_text(store.tile, 1, store.realm, -1, SQLITE_STATIC));
        must(sqlite3_bind_int64(store.tile, 2, store.position / TILE - 1));
        step(store.tile);
    }
}

static void write_head(void)
{
    must(sqlite3_bind_text(store.head, 1, store.realm, -1, SQLITE_STATIC));
    must(sqlite3_bind_int64(store.head, 2, store.position));
    must(sqlite3_bind_value(store.head, 3, store.front));
    step(store.head);
    must(sqlite3_bind_text(store.serial_write, 1, store.realm, -1, SQLITE_STATIC));
    must(sqlite3_bind_int64(store.serial_write, 2, store.last_serial));
    step(store.serial_write);
    must(sqlite3_bind_text(store.checkpoint, 1, store.realm, -1, SQLITE_STATIC));
    must(sqlite3_bind_int64(store.checkpoint, 2, store.position));
    must(sqlite3_bind_value(store.checkpoint, 3, store.note));
    step(store.checkpoint);
}

/* --- the writer and the producers --- */

static void *writer_run(void *self)
{
    (void)self;
    sqlite3_stmt *begin = prepare("begin immediate"), *commit = prepare("commit");
    for (;;) {
        pthread_mutex_lock(&queue.lock);
        while (!queue.first && !queue.is_over)
            pthread_cond_wait(&queue.arrived, &queue.lock);
        struct filing *taken = queue.first;
        queue.first = NULL;
        queue.end = &queue.first;
        pthread_mutex_unlock(&queue.lock);
        if (!taken)
            break;
        step(begin);
        for (struct filing *filing = taken; filing; filing = filing->next)
            write_filing();
        write_head();
        step(commit);
        pthread_mutex_lock(&queue.lock);
        for (struct filing *filing = taken, *next; filing; filing = next) {
            next = filing->next;
            filing->is_done = true;
            pthread_cond_signal(&filing->told);
        }
        pthread_mutex_unlock(&queue.lock);
    }
    sqlite3_finalize(begin);
    sqlite3_finalize(commit);
    return NULL;
}

static void *producer_run(void *self)
{
    struct filing *filing = self;
    for (double began = now(CLOCK_MONOTONIC); began < deadline;) {
        pthread_mutex_lock(&queue.lock);
        filing->next = NULL;
        filing->is_done = false;
        *queue.end = filing;
        queue.end = &filing->next;
        pthread_cond_signal(&queue.arrived);
        while (!filing->is_done)
            pthread_cond_wait(&filing->told, &queue.lock);
        double end = now(CLOCK_MONOTONIC);
        if (wait_count < MOST_FILINGS)
            waits[wait_count++] = (uint32_t)((end - began) * 1e6);
        pthread_mutex_unlock(&queue.lock);
        began = end;
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

int main(int count, char **words)
{
    static struct filing filings[MOST_PRODUCERS];
    pthread_t threads[MOST_PRODUCERS], writer;
    long producers = count == 5 ? strtol(words[3], NULL, 10) : 0;
    waits = malloc(sizeof *waits * MOST_FILINGS);
    if (producers < 1 || producers > MOST_PRODUCERS || !waits) {
        fprintf(stderr, "usage: limit_commit DATABASE NUMBER PRODUCERS SECONDS\n");
        return 2;
    }
    must(sqlite3_open_v2(words[1], &store.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL));
    must(sqlite3_exec(store.db, "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; "
                           "pragma cache_size = -8192; pragma wal_autocheckpoint = 4000", NULL, NULL, NULL));
    read_model(words[2]);
    double began = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
    deadline = began + strtod(words[4], NULL);
    if (pthread_create(&writer, NULL, writer_run, NULL))
        return 1;
    for (long i = 0; i < producers; i++) {
        pthread_cond_init(&filings[i].told, NULL);
        if (pthread_create(&threads[i], NULL, producer_run, &filings[i]))
            return 1;
    }
    for (long i = 0; i < producers; i++)
        pthread_join(threads[i], NULL);
    double seconds = now(CLOCK_MONOTONIC) - began;
    pthread_mutex_lock(&queue.lock);
    queue.is_over = true;
    pthread_cond_signal(&queue.arrived);
    pthread_mutex_unlock(&queue.lock);
    pthread_join(writer, NULL);
    qsort(waits, (size_t)wait_count, sizeof *waits, by_size);
    printf("{\"requests\": %ld, \"seconds\": %.6f, \"cpu\": %.6f, \"rows\": %d, \"p50\": %u, \"p99\": %u, \"max\": %u}\n", wait_count,
           seconds, now(CLOCK_PROCESS_CPUTIME_ID) - used, store.count, waits[wait_count / 2], waits[wait_count * 99 / 100],
           waits[wait_count ? wait_count - 1 : 0]);
    return 0;
}
