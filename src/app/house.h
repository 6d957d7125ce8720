/* app/house.h -- everything the process holds, opened in order and closed in reverse.
 * Owns:          struct house: database, writer, ledger, keys, files, the law, the systems
 * Must not know: single requests
 * Begin at:      house_open(), house_close(); house_door() makes what http calls back (door.c)
 */
#ifndef APP_HOUSE_H
#define APP_HOUSE_H
#include "app/system.h"
#include "base/ctx.h"
#include "base/err.h"
#include "http/http.h"
#include "record/records.h"

#include <stdbool.h>

struct db;
struct migration;
struct plan;
struct writer;

struct house_settings {
    const char *database; /* sqlite:PATH or postgres://… */
    const char *files;    /* folder, or NULL */
    const char *keys;     /* folder; NULL takes "gongzhi-keys" beside an SQLite file */
    const char *host;     /* the logs' origins are HOST/log/REALM; NULL takes what init wrote down */
    const char *address;  /* of the site, printed on slips; NULL takes https://HOST */
    bool is_new;          /* init: make database, tables and keys */
    bool is_demo;
    int readers;          /* most snapshots at once; 0 the default */
};

struct house {
    struct ctx model; /* clock, ids, chance, records: every ctx begins as a copy of it */
    struct ctx *ctx;  /* the process's own: what lives as long as it */
    struct records records;
    struct db *db;
    struct writer *writer;
    _Atomic(struct http *) http; /* while serving; NULL yet when the first requests come */
    bool is_demo;
    int64_t law_version; /* of records.law: the setting "law" it was loaded with */
};

/* MODEL gives clock, ids, chance and language. The house is kept in memory of its own until house_close(). */
fallible house_open(struct ctx *ctx, const struct ctx *model, const struct house_settings *settings, struct house **ret);
void house_close(struct house *house); /* drains the writer first; NULL is fine */
static inline void house_end(struct house **house)
{
    house_close(*house);
}

/* Runs a plan and waits; a conflict is an error. For commands. */
fallible house_run(struct house *house, struct ctx *ctx, struct plan *plan);
/* The migrations of all rooms, bottom up. */
const struct migration *house_migrations(struct ctx *ctx, int *ret_count);

/* What http calls back. Its self is the house. */
struct http_house house_door(struct house *house);
#endif
