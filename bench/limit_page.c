/* bench/limit_page.c -- two limits of the list page: reading its rows from SQLite, and writing them escaped.
 *
 * usage: limit_page read|write DATABASE REALM STATE SECONDS THREADS
 *   read   a statement prepared once for exactly this filter, stepped through, every column taken
 *   write  the same rows, held in memory, written as the template writes them: snprintf and an escaping loop
 * Prints one line of JSON: pages, seconds of the clock and of the processor, bytes or rows of one page.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { ROWS = 50, COLUMNS = 26, SAID_BYTES = 60, MOST_THREADS = 16, PAGE_ROOM = 256 * 1024 };
enum { NUMBER = 2, PLACE = 6, KIND = 14, TOPIC = 15, FILED = 19, DUE = 22, HANDLER_NAME = 23, SAID = 25 };

/* The columns of record's list statements and the event that opened each, with the conditions of one filter only. A page asks
 * for the names it shows once, not for each row: here the place's code stands for the handler's name. */
static const char page_sql[] =
    "select m.realm, m.id, m.number, m.flow, m.flow_version, m.state, m.place, m.place_path, m.village, m.author_realm, "
    "m.author, m.handler_realm, m.handler, m.handler_unit, m.kind, m.topic, m.accused, m.sealed, m.version, m.filed_at, "
    "m.changed_at, m.closed_at, m.due, m.place, m.village, e.bytes "
    "from matter m indexed by matter_state left join matter_event e on e.realm = m.realm and e.matter = m.id and e.seq = 1 "
    "where m.realm = ?1 and m.flow = 'request' and m.state = ?2 order by m.id desc limit 50";

struct cell {
    char *text; /* NULL: a number or null */
    int64_t number;
};

static struct {
    const char *database, *realm, *state;
    bool writes;
    double seconds;
    struct cell cells[ROWS][COLUMNS];
    int rows;
} asked;

struct work {
    pthread_t thread;
    long pages;
    size_t size; /* of the last page: bytes or rows */
};

static double seconds_of(const struct timespec *time)
{
    return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

static double now(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return seconds_of(&time);
}

/* --- reading --- */

static void fail(sqlite3 *db)
{
    fprintf(stderr, "limit_page: %s\n", sqlite3_errmsg(db));
    exit(1);
}

static sqlite3_stmt *open_page(sqlite3 **ret_db)
{
    sqlite3_stmt *page = NULL;
    if (sqlite3_open_v2(asked.database, ret_db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_prepare_v3(*ret_db, page_sql, -1, SQLITE_PREPARE_PERSISTENT, &page, NULL) ||
        sqlite3_bind_text(page, 1, asked.realm, -1, SQLITE_STATIC) ||
        sqlite3_bind_text(page, 2, asked.state, -1, SQLITE_STATIC))
        fail(*ret_db);
    return page;
}

static int read_page(sqlite3 *db, sqlite3_stmt *page, int64_t *sum)
{
    int rows = 0, code;
    for (; (code = sqlite3_step(page)) == SQLITE_ROW; rows++)
        for (int i = 0; i < COLUMNS; i++) {
            if (sqlite3_column_type(page, i) == SQLITE_TEXT)
                *sum += *sqlite3_column_text(page, i) + sqlite3_column_bytes(page, i);
            else
                *sum += sqlite3_column_int64(page, i);
        }
    if (code != SQLITE_DONE)
        fail(db);
    sqlite3_reset(page);
    return rows;
}

static void keep_rows(void)
{
    sqlite3 *db;
    sqlite3_stmt *page = open_page(&db);
    for (; asked.rows < ROWS && sqlite3_step(page) == SQLITE_ROW; asked.rows++)
        for (int i = 0; i < COLUMNS; i++) {
            struct cell *cell = &asked.cells[asked.rows][i];
            cell->number = sqlite3_column_int64(page, i);
            if (sqlite3_column_type(page, i) == SQLITE_TEXT)
                cell->text = strdup((const char *)sqlite3_column_text(page, i));
        }
    sqlite3_finalize(page);
    sqlite3_close(db);
}

/* --- writing --- */

static char *add_escaped(char *out, const char *text)
{
    for (; text && *text; text++)
        switch (*text) {
        case '&': memcpy(out, "&amp;", 5), out += 5; break;
        case '<': memcpy(out, "&lt;", 4), out += 4; break;
        case '>': memcpy(out, "&gt;", 4), out += 4; break;
        case '"': memcpy(out, "&quot;", 6), out += 6; break;
        case '\'': memcpy(out, "&#39;", 5), out += 5; break;
        default: *out++ = *text;
        }
    return out;
}

/* The beginning of what was asked, as the page shows it: out of the event's bytes, whole characters. */
static char *add_said(char *out, const char *bytes)
{
    static const char name[] = "\"text\":\"";
    char said[SAID_BYTES + 1];
    size_t size = 0;
    const char *from = bytes ? strstr(bytes, name) : NULL;
    if (!from)
        return out;
    for (from += sizeof name - 1; size < SAID_BYTES && from[size] && from[size] != '"'; size++)
        said[size] = from[size];
    while (size && ((unsigned char)from[size] & 0xc0) == 0x80)
        size--;
    said[size] = '\0';
    return add_escaped(out, said);
}

static char *add(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

/* A moment as the page shows it, in Shanghai's time. */
static char *add_moment(char *out, int64_t micros)
{
    int64_t seconds = micros / 1000000 + 8 * 3600, day = seconds / 86400 + 719468, rest = seconds % 86400;
    int64_t era = day / 146097, of_era = day % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
    int y = (int)(year + era * 400 + (month >= 10)), m = (int)(month < 10 ? month + 3 : month - 9);
    int d = (int)(of_year - (153 * month + 2) / 5 + 1);
    return out + snprintf(out, 160, "<time datetime=\"%04d-%02d-%02dT%02d:%02d:%02d+08:00\">%d年%d月%d日 %02d:%02d</time>", y, m, d,
                          (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60), y, m, d, (int)(rest / 3600),
                          (int)(rest / 60 % 60));
}

static size_t write_page(char *page)
{
    char *out = page;
    for (int i = 0; i < asked.rows; i++) {
        const struct cell *cells = asked.cells[i];
        out = add(out, "<tr><th scope=\"row\"><a href=\"/requests/");
        out = add_escaped(out, cells[NUMBER].text);
        out = add(out, "\">");
        out = add_escaped(out, cells[NUMBER].text);
        out = add(out, "</a></th><td class=\"big\">");
        out = add_escaped(out, cells[KIND].text);
        out = add(out, " · ");
        out = add_escaped(out, cells[TOPIC].text);
        out = add(out, "<p class=\"said\">");
        out = add_said(out, cells[SAID].text);
        out = add(out, "</p></td><td data-name=\"地点\">");
        out = add_escaped(out, cells[PLACE].text);
        out = add(out, "</td><td class=\"is\"><span class=\"state working\"><svg class=\"icon\" aria-hidden=\"true\">"
                       "<use href=\"/static/icons.0123456789abcdef.svg#working\"/></svg>");
        out = add_escaped(out, asked.state);
        out = add(out, "</span></td><td data-name=\"承办\">");
        out = add_escaped(out, cells[HANDLER_NAME].text);
        out = add(out, "</td><td data-name=\"提交\">");
        out = add_moment(out, cells[FILED].number);
        out = add(out, "</td><td data-name=\"最后期限\" class=\"due\">");
        if (cells[DUE].number && cells[DUE].number != INT64_MAX)
            out = add_moment(out, cells[DUE].number);
        out = add(out, "</td></tr>\n");
    }
    return (size_t)(out - page);
}

/* --- both --- */

static void *work_run(void *self)
{
    struct work *work = self;
    static volatile int64_t kept;
    sqlite3 *db = NULL;
    sqlite3_stmt *page = asked.writes ? NULL : open_page(&db);
    char *out = asked.writes ? malloc(PAGE_ROOM) : NULL;
    int64_t sum = 0;
    for (double end = now(CLOCK_MONOTONIC) + asked.seconds; now(CLOCK_MONOTONIC) < end; work->pages++) {
        work->size = asked.writes ? write_page(out) : (size_t)read_page(db, page, &sum);
        sum += out ? out[work->size / 2] : 0;
    }
    kept = sum; /* so that nothing is left out as useless */
    (void)kept;
    sqlite3_finalize(page);
    sqlite3_close(db);
    free(out);
    return NULL;
}

int main(int count, char **words)
{
    static struct work works[MOST_THREADS];
    long threads = count == 7 ? strtol(words[6], NULL, 10) : 0;
    if (threads < 1 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: limit_page read|write DATABASE REALM STATE SECONDS THREADS\n");
        return 2;
    }
    asked.writes = strcmp(words[1], "write") == 0;
    asked.database = words[2], asked.realm = words[3], asked.state = words[4];
    asked.seconds = strtod(words[5], NULL);
    if (asked.writes)
        keep_rows();
    double began = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
    long pages = 0;
    for (long i = 0; i < threads; i++)
        if (pthread_create(&works[i].thread, NULL, work_run, &works[i]))
            return 1;
    for (long i = 0; i < threads; i++) {
        pthread_join(works[i].thread, NULL);
        pages += works[i].pages;
    }
    printf("{\"pages\": %ld, \"seconds\": %.6f, \"cpu\": %.6f, \"size\": %zu}\n", pages, now(CLOCK_MONOTONIC) - began,
           now(CLOCK_PROCESS_CPUTIME_ID) - used, works[0].size);
    return 0;
}
