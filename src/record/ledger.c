/* record/ledger.c -- the writer's seal: leaves, tiles, serials and one signed checkpoint per commit and realm. */
#include "record/ledger_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "civic/proof.h"
#include "civic/tiles.h"
#include "record/keys.h"
#include "record/ledger_sql.h"

#include <sodium.h>
#include <stdlib.h>

struct counter {
    struct counter *next;
    const char *key;
    int64_t last, marked, stored;
};

/* What a realm's rows hold as our last commit left them, so that the next one need not ask. log_head_write holds only if the
 * row is then what we took it for: after a commit that failed, or another process's, the rows are read again. */
struct log {
    struct log *next;
    char realm[16];
    bool is_known;
    uint8_t front[TREE_FRONT_BYTES];
    size_t front_size;
    int64_t last_time;
    struct counter *counters;
    bool edge_is_known;
    struct sha256 edge[TREE_TILE_WIDTH]; /* leaf hashes of the last tile */
    struct note_signer signer;
    char *origin;
};

/* One realm in one commit. In the arena of the commit's ctx, but for what grows. */
struct head {
    struct log *log;
    int64_t old_size, last_time;
    struct text old_front;
    struct tree_front front;
    bool edge_is_known;  /* the hashes of the last tile before this commit stand at the beginning of `edge` */
    struct sha256 *edge; /* leaf hashes: from the beginning of that tile, or from old_size on when not known */
    size_t edge_count, edge_room;
    struct done *done; /* hashes of levels ≥ 1 that became final */
    size_t done_count, done_room;
    struct counter *counters;
    struct { /* what take_back() returns to */
        struct tree_front front;
        size_t edge_count, done_count;
    } mark;
};

struct done {
    unsigned level;
    uint64_t index;
    struct sha256 hash;
};

/* --- the ledger --- */

fallible ledger_open(struct ctx *ctx, const struct ledger_settings *settings, struct ledger **ret)
{
    if (!note_name_is_good(text_of(settings->host)))
        return err_new(ctx, ERR_INPUT, "log.host", settings->host);
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (!ledger)
        BUG("out of memory");
    ledger->host = strdup(settings->host);
    if (!ledger->host)
        BUG("out of memory");
    ledger->keys = settings->keys;
    *ret = ledger;
    return NULL;
}

static void counters_free(struct counter *counters)
{
    for (struct counter *next; counters; counters = next) {
        next = counters->next;
        free((char *)(uintptr_t)counters->key);
        free(counters);
    }
}

static void log_free(struct log *log)
{
    counters_free(log->counters);
    sodium_memzero(&log->signer, sizeof log->signer);
    free(log->origin);
    free(log);
}

void ledger_close(struct ledger *ledger)
{
    if (!ledger)
        return;
    while (ledger->logs) {
        struct log *log = ledger->logs;
        ledger->logs = log->next;
        log_free(log);
    }
    free((char *)ledger->host);
    free(ledger);
}

const char *ledger_origin(struct ctx *ctx, const struct ledger *ledger, const char *realm)
{
    return arena_printf(ctx->arena, "%s/log/%s", ledger->host, realm);
}

static void make_signer(struct ctx *ctx, const struct ledger *ledger, const char *realm, uint8_t seed[KEY_SIZE],
                        struct note_signer *ret)
{
    note_signer_make(text_of(ledger_origin(ctx, ledger, realm)), NOTE_ED25519, seed, ret);
    sodium_memzero(seed, KEY_SIZE);
}

fallible ledger_signer_find(struct ctx *ctx, const struct ledger *ledger, const char *realm, struct note_signer *ret,
                            bool *ret_found)
{
    uint8_t seed[KEY_SIZE];
    TRY(keys_log_seed(ctx, ledger->keys, realm, seed, ret_found));
    if (*ret_found)
        make_signer(ctx, ledger, realm, seed, ret);
    return NULL;
}

fallible ledger_signer(struct ctx *ctx, const struct ledger *ledger, const char *realm, int64_t size,
                       struct note_signer *ret)
{
    bool found;
    TRY(ledger_signer_find(ctx, ledger, realm, ret, &found));
    if (!found && size > 0)
        return err_new(ctx, ERR_BROKEN, "log.key_missing", realm, arena_printf(ctx->arena, "%lld", (long long)size));
    if (!found) {
        uint8_t seed[KEY_SIZE];
        TRY(keys_make_log_seed(ctx, ledger->keys, realm, seed));
        make_signer(ctx, ledger, realm, seed, ret);
    }
    return NULL;
}

static struct log *find_log(const struct ledger *ledger, const char *realm)
{
    for (struct log *log = ledger->logs; log; log = log->next)
        if (strcmp(log->realm, realm) == 0)
            return log;
    return NULL;
}

static const struct err *log_of(struct ctx *ctx, struct ledger *ledger, const char *realm, int64_t size,
                                struct log **ret)
{
    struct note_signer signer;
    *ret = find_log(ledger, realm);
    if (*ret)
        return NULL;
    if (strlen(realm) >= sizeof(((struct log *)0)->realm))
        return err_broken(ctx, "%s is no realm", realm);
    TRY(ledger_signer(ctx, ledger, realm, size, &signer));
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        BUG("out of memory");
    memcpy(log->realm, realm, strlen(realm) + 1);
    log->origin = strdup(ledger_origin(ctx, ledger, realm));
    if (!log->origin)
        BUG("out of memory");
    log->signer = signer;
    log->signer.key.name = text_of(log->origin);
    sodium_memzero(&signer, sizeof signer);
    log->next = ledger->logs;
    ledger->logs = log;
    *ret = log;
    return NULL;
}

/* --- taking the head --- */

static const struct err *read_row(struct ctx *ctx, struct tx *tx, const char *realm, struct head *head, bool *ret_found)
{
    struct rows rows;
    TRY(tx_read(ctx, tx, &sql_log_head_take, VALUES(value_string(realm)), &rows));
    *ret_found = rows_next(&rows);
    if (*ret_found) {
        head->old_size = rows_int(&rows, 0);
        head->old_front = text_copy(ctx->arena, rows_blob(&rows, 1));
        head->last_time = rows_int(&rows, 2);
    }
    return rows_close(&rows);
}

static const struct err *read_head(struct ctx *ctx, struct ledger *ledger, struct tx *tx, const char *realm, struct head *head)
{
    bool found;
    TRY(read_row(ctx, tx, realm, head, &found));
    if (!found) { /* the first plan of this realm; another process may be about to begin it too */
        uint8_t empty[TREE_FRONT_BYTES];
        size_t size = tree_front_write(&head->front, empty);
        struct text blob = { arena_copy(ctx->arena, empty, size), size };
        TRY(tx_step(ctx, tx, &sql_log_head_begin, PLAN_ANY_ROWS, VALUES(value_string(realm), value_blob(blob))));
        TRY(read_row(ctx, tx, realm, head, &found));
    }
    if (!found || !tree_front_read(head->old_front, &head->front) || (int64_t)head->front.size != head->old_size)
        return err_broken(ctx, "the head of log %s is damaged", realm);
    TRY(log_of(ctx, ledger, realm, head->old_size, &head->log));
    struct log *log = head->log;
    head->edge_is_known = log->edge_is_known && text_equal(head->old_front, (struct text){ (char *)log->front, log->front_size });
    counters_free(log->counters);
    log->counters = NULL;
    return NULL;
}

/* As our last commit left it. */
static void know_head(struct ctx *ctx, struct log *log, struct head *head)
{
    head->log = log;
    head->old_front = text_copy(ctx->arena, (struct text){ (char *)log->front, log->front_size });
    if (!tree_front_read(head->old_front, &head->front))
        BUG("the front of log %s", log->realm);
    head->old_size = (int64_t)head->front.size;
    head->last_time = log->last_time;
    head->edge_is_known = log->edge_is_known;
}

static const struct err *seal_open(void *self, struct ctx *ctx, struct tx *tx, const char *realm, void **ret_head,
                                   int64_t *ret_not_before)
{
    struct ledger *ledger = self;
    struct head *head = arena_new_of(ctx->arena, struct head);
    struct log *known = find_log(ledger, realm);
    if (known && known->is_known)
        know_head(ctx, known, head);
    else
        TRY(read_head(ctx, ledger, tx, realm, head));
    head->edge_is_known = head->edge_is_known || head->old_size % TREE_TILE_WIDTH == 0;
    size_t kept = head->edge_is_known ? (size_t)(head->old_size % TREE_TILE_WIDTH) : 0;
    head->edge_room = kept + 64;
    head->edge = malloc(head->edge_room * sizeof *head->edge);
    if (!head->edge)
        BUG("out of memory");
    memcpy(head->edge, head->log->edge, kept * sizeof *head->edge);
    head->edge_count = kept;
    *ret_head = head;
    *ret_not_before = head->last_time;
    return NULL;
}

/* --- plan by plan --- */

static struct counter *find_counter(struct counter *counters, const char *key)
{
    while (counters && strcmp(counters->key, key) != 0)
        counters = counters->next;
    return counters;
}

static const struct err *read_counter(struct ctx *ctx, struct tx *tx, const struct head *head, const char *key, int64_t *ret)
{
    const struct counter *known = find_counter(head->log->counters, key);
    struct rows rows;
    if (known) {
        *ret = known->last;
        return NULL;
    }
    TRY(tx_read(ctx, tx, &sql_serial_read, VALUES(value_string(head->log->realm), value_string(key)), &rows));
    *ret = rows_next(&rows) ? rows_int(&rows, 0) : 0;
    return rows_close(&rows);
}

static const struct err *seal_serial(void *self, struct ctx *ctx, struct tx *tx, void *taken, const char *key,
                                     int64_t *ret)
{
    (void)self;
    struct head *head = taken;
    struct counter *counter = find_counter(head->counters, key);
    if (!counter) {
        counter = arena_new_of(ctx->arena, struct counter);
        counter->key = arena_string(ctx->arena, key);
        TRY(read_counter(ctx, tx, head, key, &counter->stored));
        counter->last = counter->marked = counter->stored;
        counter->next = head->counters;
        head->counters = counter;
    }
    *ret = ++counter->last;
    return NULL;
}

/* The end of the JSON string that begins at I (its opening quote), or SIZE. */
static size_t string_end(struct text json, size_t i)
{
    for (i++; i < json.size && json.at[i] != '"'; i++)
        if (json.at[i] == '\\')
            i++;
    return i < json.size ? i + 1 : json.size;
}

/* Where in the canonical object OPEN the member "commitment" belongs: the place of the first name that sorts behind it,
 * or of the closing brace. Names are compared as they are written; none of ours needs an escape. */
static size_t commitment_place(struct text open)
{
    static const struct text name = { "\"commitment\"", sizeof "\"commitment\"" - 1 };
    int depth = 0;
    bool is_name = true;
    for (size_t i = 0; i < open.size; i++) {
        char c = open.at[i];
        if (c == '"') {
            size_t end = string_end(open, i);
            if (depth == 1 && is_name) {
                size_t shorter = end - i < name.size ? end - i : name.size;
                if (memcmp(open.at + i, name.at, shorter) > 0)
                    return i;
                is_name = false;
            }
            i = end - 1;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            if (--depth == 0)
                return i;
        } else if (c == ',' && depth == 1) {
            is_name = true;
        }
    }
    return open.size;
}

static struct text entry_make(struct arena *arena, struct text open, const char *commitment)
{
    struct buffer out = { 0 };
    size_t place = commitment_place(open);
    bool is_last = place + 1 >= open.size;
    buffer_reserve(&out, open.size + 90);
    buffer_add(&out, open.at, place);
    if (is_last && place > 1)
        buffer_byte(&out, ',');
    buffer_string(&out, "\"commitment\":\"");
    buffer_string(&out, commitment);
    buffer_byte(&out, '"');
    if (!is_last)
        buffer_byte(&out, ',');
    buffer_add(&out, open.at + place, open.size - place);
    struct text entry = text_copy(arena, buffer_view(&out));
    buffer_clear(&out);
    return entry;
}

static const struct err *seal_append(void *self, struct ctx *ctx, struct tx *tx, void *taken, struct text open,
                                     struct text bytes, const uint8_t salt[PLAN_SALT_SIZE], int64_t time,
                                     int64_t *ret_position)
{
    (void)self, (void)time;
    struct head *head = taken;
    if (open.size < 2 || open.at[0] != '{' || open.at[open.size - 1] != '}')
        return err_broken(ctx, "the open part of a leaf is no object");
    struct text entry = entry_make(ctx->arena, open, leaf_commitment(ctx->arena, salt, bytes));
    if (entry.size > TILE_ENTRY_MOST)
        return err_broken(ctx, "a leaf of %zu bytes", entry.size);
    struct sha256 hash = tree_leaf_hash(entry);
    struct tree_done done;
    int64_t position = (int64_t)head->front.size;
    tree_append(&head->front, &hash, &done);
    if (head->edge_count == head->edge_room) {
        head->edge_room *= 2;
        head->edge = realloc(head->edge, head->edge_room * sizeof *head->edge);
        if (!head->edge)
            BUG("out of memory");
    }
    head->edge[head->edge_count++] = hash;
    for (unsigned i = 0; i < done.count; i++) {
        if (head->done_count == head->done_room) {
            head->done_room = head->done_room ? head->done_room * 2 : 16;
            head->done = realloc(head->done, head->done_room * sizeof *head->done);
            if (!head->done)
                BUG("out of memory");
        }
        head->done[head->done_count++] = (struct done){ done.hashes[i].level, done.hashes[i].index,
                                                        done.hashes[i].hash };
    }
    *ret_position = position;
    return tx_step(ctx, tx, &sql_log_leaf_add, 1,
                   VALUES(value_string(head->log->realm), value_int(position), value_text(entry)));
}

static void seal_mark(void *self, void *taken)
{
    (void)self;
    struct head *head = taken;
    head->mark.front = head->front;
    head->mark.edge_count = head->edge_count;
    head->mark.done_count = head->done_count;
    for (struct counter *counter = head->counters; counter; counter = counter->next)
        counter->marked = counter->last;
}

static void seal_take_back(void *self, void *taken)
{
    (void)self;
    struct head *head = taken;
    head->front = head->mark.front;
    head->edge_count = head->mark.edge_count;
    head->done_count = head->mark.done_count;
    for (struct counter *counter = head->counters; counter; counter = counter->next)
        counter->last = counter->marked;
}

/* --- closing --- */

/* Reads the leaf hashes of the last tile as it was before this commit: needed only when the tile becomes full and this
 * process doesn't know them. */
static const struct err *learn_edge(struct ctx *ctx, struct tx *tx, struct head *head)
{
    size_t missing = (size_t)(head->old_size % TREE_TILE_WIDTH);
    int64_t start = head->old_size - (int64_t)missing;
    struct sha256 *edge = malloc((missing + head->edge_count) * sizeof *edge);
    struct rows rows;
    size_t count = 0;
    if (!edge)
        BUG("out of memory");
    const struct err *failed = tx_read(
        ctx, tx, &sql_log_leaf_range,
        VALUES(value_string(head->log->realm), value_int(start), value_int(head->old_size)), &rows);
    if (!failed) {
        while (rows_next(&rows))
            if (count < missing)
                edge[count++] = tree_leaf_hash(rows_text(&rows, 1));
        failed = rows_close(&rows);
    }
    if (!failed && count != missing)
        failed = err_broken(ctx, "the log %s misses leaves behind %lld", head->log->realm, (long long)start);
    if (failed) {
        free(edge);
        return failed;
    }
    memcpy(edge + missing, head->edge, head->edge_count * sizeof *edge);
    free(head->edge);
    head->edge = edge;
    head->edge_count += missing;
    head->edge_room = head->edge_count;
    head->edge_is_known = true;
    return NULL;
}

static const struct err *write_tile(struct ctx *ctx, struct tx *tx, struct head *head, unsigned level, uint64_t tile,
                                    struct text hashes)
{
    return tx_step(
        ctx, tx, &sql_log_tile_write, PLAN_ANY_ROWS,
        VALUES(value_string(head->log->realm), value_int(level), value_int((int64_t)tile), value_blob(hashes)));
}

static const struct err *write_leaf_tiles(struct ctx *ctx, struct tx *tx, struct head *head)
{
    uint64_t tile = (uint64_t)head->old_size / TREE_TILE_WIDTH;
    if (head->front.size / TREE_TILE_WIDTH == tile)
        return NULL;
    if (!head->edge_is_known)
        TRY(learn_edge(ctx, tx, head));
    for (size_t from = 0; from + TREE_TILE_WIDTH <= head->edge_count; from += TREE_TILE_WIDTH, tile++) {
        struct text hashes = { arena_copy(ctx->arena, head->edge + from, LOG_TILE_BYTES), LOG_TILE_BYTES };
        TRY(write_tile(ctx, tx, head, 0, tile, hashes));
    }
    return NULL;
}

/* The hashes of DONE that lie in one tile, put behind those that are there. */
static const struct err *grow_tile(struct ctx *ctx, struct tx *tx, struct head *head, unsigned level, uint64_t tile)
{
    uint8_t *hashes = arena_alloc(ctx->arena, LOG_TILE_BYTES);
    size_t count = 0;
    struct rows rows;
    TRY(tx_read(ctx, tx, &sql_log_tile_read,
                VALUES(value_string(head->log->realm), value_int(level), value_int((int64_t)tile)), &rows));
    if (rows_next(&rows)) {
        struct text old = rows_blob(&rows, 0);
        if (old.size <= LOG_TILE_BYTES && old.size % SHA256_SIZE == 0) {
            memcpy(hashes, old.at, old.size);
            count = old.size / SHA256_SIZE;
        }
    }
    TRY(rows_close(&rows));
    for (size_t i = 0; i < head->done_count; i++) {
        const struct done *done = &head->done[i];
        if (done->level != level || done->index / TREE_TILE_WIDTH != tile)
            continue;
        if (done->index % TREE_TILE_WIDTH != count)
            return err_broken(ctx, "tile %u/%llu of log %s has %zu hashes", level, (unsigned long long)tile,
                              head->log->realm, count);
        memcpy(hashes + count++ * SHA256_SIZE, done->hash.bytes, SHA256_SIZE);
    }
    return write_tile(ctx, tx, head, level, tile, (struct text){ (char *)hashes, count * SHA256_SIZE });
}

static const struct err *write_high_tiles(struct ctx *ctx, struct tx *tx, struct head *head)
{
    for (unsigned level = 1; level <= TREE_DONE_LEVELS; level++) {
        bool any = false;
        uint64_t last = 0;
        for (size_t i = 0; i < head->done_count; i++) {
            uint64_t tile = head->done[i].index / TREE_TILE_WIDTH;
            if (head->done[i].level != level || (any && tile == last))
                continue;
            any = true;
            last = tile;
            TRY(grow_tile(ctx, tx, head, level, tile));
        }
        if (!any)
            return NULL;
    }
    return NULL;
}

static const struct err *write_counters(struct ctx *ctx, struct tx *tx, const struct head *head)
{
    for (const struct counter *counter = head->counters; counter; counter = counter->next)
        if (counter->last != counter->stored)
            TRY(tx_step(ctx, tx, &sql_serial_write, PLAN_ANY_ROWS,
                        VALUES(value_string(head->log->realm), value_string(counter->key), value_int(counter->last))));
    return NULL;
}

static const struct err *write_checkpoint(struct ctx *ctx, struct tx *tx, const struct head *head, int64_t time)
{
    struct checkpoint checkpoint = { .origin = text_of(head->log->origin),
                                     .size = head->front.size,
                                     .root = tree_root(&head->front) };
    struct text note = note_sign(ctx->arena, &head->log->signer, text_of(checkpoint_print(ctx->arena, &checkpoint)));
    return tx_step(
        ctx, tx, &sql_log_checkpoint_add, 1,
        VALUES(value_string(head->log->realm), value_int((int64_t)head->front.size), value_int(time), value_text(note)));
}

static const struct err *seal_close(void *self, struct ctx *ctx, struct tx *tx, void *taken, int64_t time)
{
    (void)self;
    struct head *head = taken;
    if ((int64_t)head->front.size == head->old_size)
        return err_broken(ctx, "a number of log %s was taken without a leaf", head->log->realm);
    TRY(write_counters(ctx, tx, head));
    TRY(write_leaf_tiles(ctx, tx, head));
    TRY(write_high_tiles(ctx, tx, head));
    TRY(write_checkpoint(ctx, tx, head, time));
    uint8_t front[TREE_FRONT_BYTES];
    size_t front_size = tree_front_write(&head->front, front);
    struct text new_front = { arena_copy(ctx->arena, front, front_size), front_size };
    TRY(tx_step(ctx, tx, &sql_log_head_write, 1,
                VALUES(value_string(head->log->realm), value_int((int64_t)head->front.size), value_blob(new_front),
                       value_int(time), value_blob(head->old_front))));
    head->last_time = time;
    return NULL;
}

static void head_clear(struct head *head)
{
    free(head->edge);
    free(head->done);
    head->edge = NULL;
    head->done = NULL;
}

/* The next commit begins where this one ends. */
static void advance(const struct head *head)
{
    struct log *log = head->log;
    size_t kept = head->front.size % TREE_TILE_WIDTH;
    log->front_size = tree_front_write(&head->front, log->front);
    log->last_time = head->last_time;
    log->edge_is_known = head->edge_is_known;
    if (head->edge_is_known)
        memcpy(log->edge, head->edge + head->edge_count - kept, kept * sizeof *log->edge);
    for (const struct counter *counter = head->counters; counter; counter = counter->next) {
        struct counter *known = find_counter(log->counters, counter->key);
        if (!known) {
            known = calloc(1, sizeof *known);
            if (!known || !(known->key = strdup(counter->key)))
                BUG("out of memory");
            known->next = log->counters;
            log->counters = known;
        }
        known->last = counter->last;
    }
    log->is_known = true;
}

static void seal_committed(void *self, void *taken)
{
    (void)self;
    struct head *head = taken;
    advance(head);
    head_clear(head);
}

static void seal_lost(void *self, void *taken)
{
    (void)self;
    struct head *head = taken;
    head->log->is_known = false;
    head_clear(head);
}

struct seal ledger_seal(struct ledger *ledger)
{
    return (struct seal){ .self = ledger,
                          .open = seal_open,
                          .serial = seal_serial,
                          .append = seal_append,
                          .mark = seal_mark,
                          .take_back = seal_take_back,
                          .close = seal_close,
                          .committed = seal_committed,
                          .lost = seal_lost };
}
