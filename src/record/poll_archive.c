/* record/poll_archive.c -- a ballot's public archive, made from its rows: the same bytes whoever asks, as far as it has come.
 *
 * The first event is put together once; the ballots follow in the order of their leaves, then what came behind them. Nothing of
 * it is kept as a file: what is kept are the objects, and their order says the rest. Where the chain stands after so many
 * ballots is remembered for a few elections, so that a page need not hash them all again. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "civic/proof.h"
#include "record/ledger.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "record/records.h"
#include "vote/verify.h"

#include <pthread.h>
#include <stdlib.h>

enum { BALLOTS_AT_ONCE = 64, HEADS_KEPT = 16, BEHIND_MOST = 3 + 2 * POLL_TRUSTEES_MOST };

/* --- the objects that are no ballots --- */

struct parts {
    struct text before[4]; /* election, trustees, credentials, setup */
    struct text *behind;   /* tally, sized, then partial and owned by turns, then the result */
    int before_count, behind_count;
    bool has_result;
};

static const struct err *load_parts(struct ctx *ctx, const struct poll *poll, struct parts *ret)
{
    struct rows rows;
    *ret = (struct parts){ .behind = arena_array_of(ctx->arena, struct text, BEHIND_MOST) };
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_part_list,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(0)), &rows));
    while (rows_next(&rows)) {
        int64_t seq = rows_int(&rows, 0);
        struct text bytes = text_copy(ctx->arena, rows_text(&rows, 3));
        if (seq <= SEQ_SETUP && ret->before_count < 4)
            ret->before[ret->before_count++] = bytes;
        else if (ret->behind_count < BEHIND_MOST)
            ret->behind[ret->behind_count++] = bytes;
        ret->has_result = ret->has_result || seq == SEQ_RESULT;
    }
    TRY(rows_close(&rows));
    return ret->before_count == 4 ? NULL : err_new(ctx, ERR_MISSING, "poll.no_part");
}

static void append_behind(struct archive *archive, const struct parts *parts, struct buffer *out)
{
    if (parts->behind_count < 2)
        return;
    archive_append(archive, EVENT_END_BALLOTS, NULL, out);
    archive_append(archive, EVENT_ENCRYPTED_TALLY, parts->behind, out);
    int opened_end = parts->behind_count - parts->has_result;
    for (int i = 2; i + 1 < opened_end; i += 2)
        archive_append(archive, EVENT_PARTIAL_DECRYPTION, parts->behind + i, out);
    if (parts->has_result)
        archive_append(archive, EVENT_RESULT, parts->behind + opened_end, out);
}

static uint64_t archive_time(const struct poll *poll)
{
    return (uint64_t)(poll->sealed_at / MICROS_PER_SECOND);
}

/* --- ballots --- */

/* Up to MOST ballots behind POSITION, which moves on; *RET_COUNT of them went into OUT. */
static const struct err *append_ballots(struct ctx *ctx, const char *realm, int64_t matter, struct archive *archive,
                                        int64_t *position, int64_t most, struct buffer *out, int64_t *ret_count)
{
    struct rows rows;
    *ret_count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_ballot_list,
                  VALUES(value_string(realm), value_int(matter), value_int(*position), value_int(most)), &rows));
    while (rows_next(&rows)) {
        struct text bytes = rows_text(&rows, 2);
        archive_append(archive, EVENT_BALLOT, &bytes, out);
        *position = rows_int(&rows, 0);
        ++*ret_count;
    }
    return rows_close(&rows);
}

/* --- where the chain stands --- */

struct known_head {
    char uuid[32];
    const struct db *db;
    int64_t sealed_at;
    struct archive archive; /* behind `ballots` ballots, the last one at `position` */
    int64_t position, ballots;
};

static struct known_head known_heads[HEADS_KEPT];
static int known_next;
static pthread_mutex_t known_lock = PTHREAD_MUTEX_INITIALIZER;

static struct known_head *known_of(const struct ctx *ctx, const struct poll *poll)
{
    for (int i = 0; i < HEADS_KEPT; i++)
        if (known_heads[i].db == ctx->records->db && known_heads[i].sealed_at == poll->sealed_at &&
            strcmp(known_heads[i].uuid, poll->uuid) == 0)
            return &known_heads[i];
    return NULL;
}

/* What is known, unless it is ahead of this snapshot. */
static bool recall(const struct ctx *ctx, const struct poll *poll, struct known_head *ret)
{
    pthread_mutex_lock(&known_lock);
    const struct known_head *known = known_of(ctx, poll);
    bool is_known = known && known->ballots <= poll->ballots;
    if (is_known)
        *ret = *known;
    pthread_mutex_unlock(&known_lock);
    return is_known;
}

static void remember(const struct ctx *ctx, const struct poll *poll, struct known_head *head)
{
    if (strlen(poll->uuid) >= sizeof head->uuid)
        return;
    head->db = ctx->records->db;
    head->sealed_at = poll->sealed_at;
    memcpy(head->uuid, poll->uuid, strlen(poll->uuid) + 1);
    pthread_mutex_lock(&known_lock);
    struct known_head *known = known_of(ctx, poll);
    if (!known) {
        known = &known_heads[known_next];
        known_next = (known_next + 1) % HEADS_KEPT;
        *known = *head;
    } else if (known->ballots < head->ballots) {
        *known = *head;
    }
    pthread_mutex_unlock(&known_lock);
}

void poll_heads_forget(const struct db *db)
{
    pthread_mutex_lock(&known_lock);
    for (int i = 0; i < HEADS_KEPT; i++)
        if (known_heads[i].db == db)
            known_heads[i] = (struct known_head){ 0 };
    pthread_mutex_unlock(&known_lock);
}

/* The chain behind the ballots of this snapshot. */
static const struct err *chain_ballots(struct ctx *ctx, const struct poll *poll, const struct parts *parts, struct known_head *ret)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    if (!recall(ctx, poll, ret)) {
        *ret = (struct known_head){ .position = -1 };
        archive_begin(archive_time(poll), &ret->archive, &out);
        archive_append(&ret->archive, EVENT_SETUP, parts->before, &out);
    }
    while (ret->ballots < poll->ballots) {
        int64_t most = poll->ballots - ret->ballots, count;
        out.size = 0;
        TRY(append_ballots(ctx, poll->realm, poll->matter, &ret->archive, &ret->position,
                           most < BALLOTS_AT_ONCE ? most : BALLOTS_AT_ONCE, &out, &count));
        if (!count)
            return err_broken(ctx, "%s has fewer ballots than it counts", poll->number);
        ret->ballots += count;
    }
    remember(ctx, poll, ret);
    return NULL;
}

fallible poll_head_with(struct ctx *ctx, const struct poll *poll, const struct poll_part_added *more, int count,
                        struct poll_head *ret)
{
    struct parts parts;
    struct known_head head;
    scoped(buffer_clear) struct buffer out = { 0 };
    TRY(load_parts(ctx, poll, &parts));
    for (int i = 0; i < count && parts.behind_count < BEHIND_MOST; i++) {
        parts.behind[parts.behind_count++] = more[i].bytes;
        parts.has_result = parts.has_result || more[i].seq == SEQ_RESULT;
    }
    TRY(chain_ballots(ctx, poll, &parts, &head));
    append_behind(&head.archive, &parts, &out);
    *ret = (struct poll_head){ head.archive.height, archive_hash(ctx->arena, &head.archive.last) };
    return NULL;
}

fallible poll_head(struct ctx *ctx, const struct poll *poll, struct poll_head *ret)
{
    return poll_head_with(ctx, poll, NULL, 0, ret);
}

/* --- the stream --- */

struct poll_stream {
    struct ctx *ctx; /* the stream's own; each piece is read with one of its own */
    const char *realm;
    int64_t matter, position, left; /* ballots still to come */
    struct parts parts;
    struct archive archive;
    struct buffer waiting; /* made and not yet taken */
    size_t taken;
    bool is_over;
};

fallible poll_stream_begin(struct ctx *ctx, const struct poll *poll, struct poll_stream **ret)
{
    struct ctx *own = ctx_begin(ctx);
    own->person = NULL;
    own->request = NULL;
    struct poll_stream *stream = arena_new_of(own->arena, struct poll_stream);
    const struct err *failed = load_parts(own, poll, &stream->parts);
    own->snapshot = NULL;
    if (failed) {
        bool is_missing = err_root(failed)->kind == ERR_MISSING;
        failed = is_missing ? err_new(ctx, ERR_MISSING, "poll.no_part") : err_broken(ctx, "%s", err_trace(ctx, failed));
        ctx_end(own);
        return failed;
    }
    stream->ctx = own;
    stream->realm = arena_string(own->arena, poll->realm);
    stream->matter = poll->matter;
    stream->position = -1;
    stream->left = poll->ballots;
    archive_begin(archive_time(poll), &stream->archive, &stream->waiting);
    archive_append(&stream->archive, EVENT_SETUP, stream->parts.before, &stream->waiting);
    *ret = stream;
    return NULL;
}

static const struct err *read_on(struct ctx *ctx, struct poll_stream *stream)
{
    int64_t count;
    TRY(snapshot_begin(ctx, ctx->records->db, &ctx->snapshot));
    const struct err *failed = append_ballots(ctx, stream->realm, stream->matter, &stream->archive, &stream->position,
                                              stream->left < BALLOTS_AT_ONCE ? stream->left : BALLOTS_AT_ONCE,
                                              &stream->waiting, &count);
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    if (!failed && !count)
        failed = err_broken(ctx, "ballots of an archive are missing");
    stream->left -= failed ? 0 : count;
    return failed;
}

/* The next piece into `waiting`; false when it can't be read. */
static bool refill(struct poll_stream *stream)
{
    stream->waiting.size = 0;
    stream->taken = 0;
    if (!stream->left) {
        append_behind(&stream->archive, &stream->parts, &stream->waiting);
        stream->is_over = true;
        return true;
    }
    struct ctx *ctx = ctx_begin(stream->ctx);
    const struct err *failed = read_on(ctx, stream);
    ctx_end(ctx);
    return !failed;
}

int64_t poll_stream_read(void *of, char *out, size_t room)
{
    struct poll_stream *stream = of;
    while (stream->taken == stream->waiting.size) {
        if (stream->is_over)
            return 0;
        if (!refill(stream))
            return -1;
    }
    size_t size = stream->waiting.size - stream->taken;
    if (size > room)
        size = room;
    memcpy(out, stream->waiting.at + stream->taken, size);
    stream->taken += size;
    return (int64_t)size;
}

void poll_stream_end(void *of)
{
    struct poll_stream *stream = of;
    if (!stream)
        return;
    buffer_clear(&stream->waiting);
    ctx_end(stream->ctx);
}

/* --- checking the database --- */

/* That the leaf of a ballot names it and commits to what is kept beside it. */
static const struct err *check_leaf(struct ctx *ctx, const struct poll *poll, const struct rows *rows, bool *ret_holds)
{
    struct text *entries, hash = rows_text(rows, 1), bytes = rows_text(rows, 2), event = rows_text(rows, 3),
                salt = rows_blob(rows, 4);
    struct node *entry;
    int count;
    struct sha256 computed = sha256_of(bytes);
    *ret_holds = false;
    TRY(ledger_entries(ctx, poll->realm, rows_int(rows, 0), 1, &entries, &count));
    if (!count || json_read(ctx, entries[0], &entry) || salt.size != RECEIPT_SALT_SIZE)
        return NULL;
    *ret_holds = archive_hash_is(&computed, hash) && text_equal(node_find_text(entry, KEY("ballot")), hash) &&
                 text_is(node_find_text(entry, KEY("election")), poll->uuid) &&
                 text_is(node_find_text(entry, KEY("commitment")),
                         leaf_commitment(ctx->arena, (const uint8_t *)salt.at, event));
    return NULL;
}

static const struct err *check_leaves(struct ctx *outer, const struct poll *poll, int64_t *ret_count, bool *ret_holds)
{
    struct rows rows;
    const struct err *failed = NULL;
    *ret_count = 0;
    *ret_holds = true;
    TRY(rows_open(outer, outer->snapshot, &sql_poll_ballot_leaves,
                  VALUES(value_string(poll->realm), value_int(poll->matter)), &rows));
    while (!failed && *ret_holds && rows_next(&rows)) {
        struct ctx *ctx = ctx_begin(outer);
        const struct err *one = check_leaf(ctx, poll, &rows, ret_holds);
        if (one)
            failed = err_broken(outer, "%s", err_trace(outer, one));
        ctx_end(ctx);
        ++*ret_count;
    }
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* The roll is the one that the first event sealed. */
static const struct err *check_roll(struct ctx *ctx, const struct poll *poll, const struct matter *matter, bool *ret_holds)
{
    struct node *terms;
    struct poll_voter *voters;
    int count;
    scoped(buffer_clear) struct buffer ids = { 0 };
    *ret_holds = false;
    if (json_read(ctx, node_find_text(matter->data, KEY("terms")), &terms))
        return NULL;
    TRY(poll_voters(ctx, poll, 0, (int)poll->voters + 1, &voters, &count));
    for (int i = 0; i < count; i++)
        buffer_printf(&ids, "%s/%lld\n", voters[i].who.realm, (long long)voters[i].who.id);
    struct sha256 hash = sha256_of(buffer_view(&ids));
    *ret_holds = text_is(node_find_text(terms, KEY("roll_hash")), hex_encode(ctx->arena, sha256_text(&hash))) &&
                 text_is(node_find_text(terms, KEY("uuid")), poll->uuid);
    return NULL;
}

/* What the sealed events say of the archive: how it began, and how it stood when it was last told. */
static const struct err *check_marks(struct ctx *ctx, const struct poll *poll, const struct matter *matter,
                                     const struct sha256 *last, bool *ret_holds)
{
    struct parts parts;
    struct archive archive;
    scoped(buffer_clear) struct buffer out = { 0 };
    TRY(load_parts(ctx, poll, &parts));
    archive_begin(archive_time(poll), &archive, &out);
    struct sha256 first = archive_append(&archive, EVENT_SETUP, parts.before, &out);
    *ret_holds = true;
    struct text told = { NULL, 0 };
    for (int i = 0; i < matter->event_count; i++) {
        struct node *event;
        if (!matter->events[i].bytes.at || json_read(ctx, matter->events[i].bytes, &event))
            continue;
        struct text mark = node_find_text(node_find(event, KEY("facts")), KEY("archive"));
        if (strcmp(matter->events[i].move->name, "complete") == 0)
            *ret_holds = *ret_holds && archive_hash_is(&first, mark);
        else if (mark.size)
            told = mark;
    }
    *ret_holds = *ret_holds && (!told.size || archive_hash_is(last, told));
    return NULL;
}

/* That no ballot was taken which a voter's device had opened. */
static const struct err *check_spoiled(struct ctx *ctx, const struct poll *poll, bool *ret_holds)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_spoiled_taken, VALUES(value_string(poll->realm), value_int(poll->matter)),
                  &rows));
    *ret_holds = !rows_next(&rows);
    return rows_close(&rows);
}

fallible poll_verify(struct ctx *ctx, const struct poll *poll, const char **ret_wrong)
{
    int64_t count;
    bool holds;
    struct matter *matter;
    TRY(matter_load_by_id(ctx, poll->realm, poll->matter, &matter));
    *ret_wrong = "verify.ballot_roll";
    TRY(check_roll(ctx, poll, matter, &holds));
    if (!holds)
        return NULL;
    *ret_wrong = "verify.ballot_leaves";
    TRY(check_leaves(ctx, poll, &count, &holds));
    if (!holds || count != poll->ballots)
        return NULL;
    *ret_wrong = "verify.ballot_spoiled";
    TRY(check_spoiled(ctx, poll, &holds));
    if (holds)
        *ret_wrong = NULL;
    return NULL;
}

fallible poll_verify_archive(struct ctx *ctx, const struct poll *poll, struct text archive, const char **ret_wrong)
{
    bool holds;
    struct matter *matter;
    struct election_report report;
    *ret_wrong = "verify.ballot_archive";
    const struct err *wrong = election_verify(ctx, archive, &report);
    if (wrong && err_root(wrong)->kind == ERR_INPUT)
        return NULL;
    TRY(wrong);
    TRY(matter_load_by_id(ctx, poll->realm, poll->matter, &matter));
    TRY(check_marks(ctx, poll, matter, &report.last_event, &holds));
    if (holds && text_is(report.election.uuid, poll->uuid) && (!poll_is(poll, "counted") || report.stage == STAGE_RESULT))
        *ret_wrong = NULL;
    return NULL;
}
