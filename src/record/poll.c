/* record/poll.c -- reading ballots and their rolls. */
#include "record/poll.h"

#include "base/arena.h"
#include "base/clock.h"
#include "record/place.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "record/rights.h"
#include "store/db.h"
#include "vote/election.h"

static void read_poll(struct ctx *ctx, const struct rows *rows, struct poll *ret)
{
    *ret = (struct poll){
        .realm = rows_string(rows, 0),
        .matter = rows_int(rows, 1),
        .number = rows_string(rows, 2),
        .uuid = rows_string(rows, 3),
        .title = rows_string(rows, 4),
        .about = rows_string(rows, 5),
        .arithmetic = rows_string(rows, 6),
        .questions = text_copy(ctx->arena, rows_text(rows, 7)),
        .opens = rows_int(rows, 8),
        .closes = rows_int(rows, 9),
        .needed = (int)rows_int(rows, 10),
        .roll = rows_string(rows, 11),
        .voters = rows_int(rows, 12),
        .authority = { rows_string(rows, 13), rows_int(rows, 14) },
        .ballots = rows_int(rows, 15),
        .sealed_at = rows_int(rows, 16),
        .state = rows_string(rows, 17),
        .place = rows_string(rows, 18),
        .place_path = rows_string(rows, 19),
        .village = rows_string(rows, 20),
        .voted = rows_int(rows, 21),
    };
}

static const struct err *load_trustees(struct ctx *ctx, struct poll *poll)
{
    struct rows rows;
    poll->trustees = arena_array_of(ctx->arena, struct poll_trustee, POLL_TRUSTEES_MOST);
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_trustee_list, VALUES(value_string(poll->realm), value_int(poll->matter)),
                  &rows));
    while (poll->trustee_count < POLL_TRUSTEES_MOST && rows_next(&rows))
        poll->trustees[poll->trustee_count++] = (struct poll_trustee){
            .number = (int)rows_int(&rows, 0),
            .who = { rows_string(&rows, 1), rows_int(&rows, 2) },
            .certificate = text_copy(ctx->arena, rows_text(&rows, 3)),
            .polynomial = text_copy(ctx->arena, rows_text(&rows, 4)),
            .share = text_copy(ctx->arena, rows_text(&rows, 5)),
            .name = rows_is_null(&rows, 6) ? "" : rows_string(&rows, 6),
        };
    TRY(rows_close(&rows));
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_part_by_kind,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_string("owned")), &rows));
    while (rows_next(&rows)) {
        int64_t number = rows_int(&rows, 2);
        if (number >= 1 && number <= poll->trustee_count)
            poll->trustees[number - 1].has_opened = true;
    }
    return rows_close(&rows);
}

static const struct err *load_rest(struct ctx *ctx, struct poll *poll)
{
    struct rows rows;
    TRY(load_trustees(ctx, poll));
    TRY(person_name(ctx, poll->authority, &poll->authority_name));
    if (!poll->authority_name)
        poll->authority_name = "";
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_credential_first, VALUES(value_string(poll->realm), value_int(poll->matter)),
                  &rows));
    poll->has_codes = rows_next(&rows);
    return rows_close(&rows);
}

static const struct err *load(struct ctx *ctx, const struct statement *statement, const char *realm, struct value key,
                              struct poll **ret)
{
    struct rows rows;
    struct poll *poll = arena_new_of(ctx->arena, struct poll);
    TRY(rows_open(ctx, ctx->snapshot, statement, VALUES(value_string(realm), key), &rows));
    bool is_found = rows_next(&rows);
    if (is_found)
        read_poll(ctx, &rows, poll);
    TRY(rows_close(&rows));
    if (!is_found)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    *ret = poll;
    return load_rest(ctx, poll);
}

fallible poll_load(struct ctx *ctx, struct text number, struct poll **ret)
{
    const char *realm;
    TRY(matter_realm_of(ctx, number, &realm));
    return load(ctx, &sql_poll_by_number, realm, value_text(number), ret);
}

fallible poll_load_by_id(struct ctx *ctx, const char *realm, int64_t matter, struct poll **ret)
{
    return load(ctx, &sql_poll_by_id, realm, value_int(matter), ret);
}

/* All rows of an opened statement, at most MOST. */
static const struct err *read_polls(struct ctx *ctx, struct rows *rows, int most, struct poll **ret, int *ret_count)
{
    int count = 0;
    *ret = arena_array_of(ctx->arena, struct poll, most + 1);
    while (rows_next(rows))
        read_poll(ctx, rows, &(*ret)[count++]);
    *ret_count = count;
    return rows_close(rows);
}

fallible poll_list(struct ctx *ctx, int64_t before, int most, struct poll **ret, int *ret_count)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_list, VALUES(value_int(before ? before : INT64_MAX), value_int(most)), &rows));
    return read_polls(ctx, &rows, most, ret, ret_count);
}

fallible poll_list_within(struct ctx *ctx, const char *realm, const char *village, int most, struct poll **ret, int *ret_count)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_list_within,
                  VALUES(value_string(realm), value_string(village ? village : ""), value_int(most)), &rows));
    return read_polls(ctx, &rows, most, ret, ret_count);
}

fallible poll_list_of_voter(struct ctx *ctx, struct who who, int most, struct poll **ret, int *ret_count)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_list_of_voter,
                  VALUES(value_string(who.realm), value_int(who.id), value_int(clock_now(ctx->clock)), value_int(most)), &rows));
    return read_polls(ctx, &rows, most, ret, ret_count);
}

fallible poll_ids(struct ctx *ctx, const char *realm, int64_t **ret, int *ret_count)
{
    struct rows rows;
    int count = 0;
    *ret = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_every, VALUES(value_string(realm)), &rows));
    while (rows_next(&rows)) {
        if ((count & (count - 1)) == 0) { /* room for the next power of two */
            int64_t *more = arena_array_of(ctx->arena, int64_t, count ? 2 * count : 1);
            if (count)
                memcpy(more, *ret, sizeof *more * (size_t)count);
            *ret = more;
        }
        (*ret)[count++] = rows_int(&rows, 0);
    }
    *ret_count = count;
    return rows_close(&rows);
}

/* --- who is who --- */

struct poll_trustee *poll_trustee_of(const struct poll *poll, struct who who)
{
    for (int i = 0; i < poll->trustee_count; i++)
        if (who_is(poll->trustees[i].who, who))
            return &poll->trustees[i];
    return NULL;
}

const char *poll_why_closed(const struct poll *poll, int64_t now)
{
    if (poll_is(poll, "cancelled"))
        return "poll.was_cancelled";
    if (now >= poll->closes || poll_is(poll, "closed") || poll_is(poll, "counted"))
        return "poll.not_open";
    if (poll_is_late(poll, now))
        return "poll.not_prepared";
    return poll_is(poll, "open") && now >= poll->opens ? NULL : "poll.not_yet";
}

bool poll_is_open(const struct poll *poll, int64_t now)
{
    return !poll_why_closed(poll, now);
}

bool poll_is_late(const struct poll *poll, int64_t now)
{
    return poll_is(poll, "preparing") && now >= poll->opens && now < poll->closes;
}

bool poll_is_kept_by(const struct poll *poll, const struct person *person)
{
    struct thing thing = { .realm = poll->realm, .place_path = poll->place_path };
    return person && may(person, "ballot.keep", &thing);
}

/* --- the roll --- */

static struct poll_voter read_voter(const struct rows *rows)
{
    return (struct poll_voter){ .number = rows_int(rows, 0),
                                .who = { rows_string(rows, 1), rows_int(rows, 2) },
                                .credential = rows_is_null(rows, 3) ? -1 : rows_int(rows, 3),
                                .voted = rows_int(rows, 4),
                                .name = rows_is_null(rows, 5) ? "" : rows_string(rows, 5) };
}

fallible poll_voters(struct ctx *ctx, const struct poll *poll, int64_t after, int most, struct poll_voter **ret,
                     int *ret_count)
{
    struct rows rows;
    int count = 0;
    *ret = arena_array_of(ctx->arena, struct poll_voter, most + 1);
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_voter_list,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(after), value_int(most)), &rows));
    while (rows_next(&rows))
        (*ret)[count++] = read_voter(&rows);
    *ret_count = count;
    return rows_close(&rows);
}

static const struct err *one_voter(struct ctx *ctx, struct rows *rows, struct poll_voter **ret)
{
    *ret = NULL;
    if (rows_next(rows)) {
        *ret = arena_new_of(ctx->arena, struct poll_voter);
        **ret = read_voter(rows);
    }
    return rows_close(rows);
}

fallible poll_voter_of(struct ctx *ctx, const struct poll *poll, struct who who, struct poll_voter **ret)
{
    struct rows rows;
    *ret = NULL;
    if (!who.id)
        return NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_voter_of,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_string(who.realm), value_int(who.id)),
                  &rows));
    return one_voter(ctx, &rows, ret);
}

fallible poll_voter_numbered(struct ctx *ctx, const struct poll *poll, int64_t number, struct poll_voter **ret)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_voter_by_number,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(number)), &rows));
    return one_voter(ctx, &rows, ret);
}

/* --- parts of the archive --- */

fallible poll_part(struct ctx *ctx, const struct poll *poll, const char *kind, struct text *ret)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_part_by_kind,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_string(kind)), &rows));
    bool is_found = rows_next(&rows);
    if (is_found)
        *ret = text_copy(ctx->arena, rows_text(&rows, 3));
    TRY(rows_close(&rows));
    return is_found ? NULL : err_new(ctx, ERR_MISSING, "poll.no_part");
}

fallible poll_fingerprint(struct ctx *ctx, const struct poll *poll, const char **ret)
{
    struct text election;
    TRY(poll_part(ctx, poll, "election", &election));
    struct sha256 hash = sha256_of(election);
    *ret = fingerprint_of(ctx->arena, &hash);
    return NULL;
}

/* --- the public list --- */

/* The mark that voters know a ballot by: its hash in base64, without padding. */
const char *poll_tracker(struct ctx *ctx, struct text hash_hex)
{
    struct text bytes;
    if (!hex_decode(ctx->arena, hash_hex, &bytes))
        return "";
    char *tracker = arena_string(ctx->arena, base64_encode(ctx->arena, bytes));
    size_t size = strlen(tracker);
    while (size && tracker[size - 1] == '=')
        tracker[--size] = '\0';
    return tracker;
}

const char *poll_tracker_hash(struct ctx *ctx, struct text tracker)
{
    enum { TRACKER_DIGITS = 43 };
    struct text bytes;
    tracker = text_trim(tracker);
    if (tracker.size != TRACKER_DIGITS ||
        !base64_decode(ctx->arena, text_of(arena_printf(ctx->arena, "%.*s=", TRACKER_DIGITS, tracker.at)), &bytes))
        return NULL;
    return hex_encode(ctx->arena, bytes);
}

fallible poll_track_list(struct ctx *ctx, const struct poll *poll, int64_t position, int most, struct poll_tracked **ret,
                         int *ret_count)
{
    struct rows rows;
    int count = 0;
    *ret = arena_array_of(ctx->arena, struct poll_tracked, most + 1);
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_ballot_track,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(position), value_int(most)), &rows));
    while (rows_next(&rows))
        (*ret)[count++] = (struct poll_tracked){ .position = rows_int(&rows, 0),
                                                 .tracker = poll_tracker(ctx, rows_text(&rows, 1)),
                                                 .accepted = rows_int(&rows, 2),
                                                 .is_superseded = rows_int(&rows, 3) != 0 };
    *ret_count = count;
    return rows_close(&rows);
}

fallible poll_track(struct ctx *ctx, const struct poll *poll, struct text tracker, bool *ret_found, struct poll_tracked *ret)
{
    struct rows rows;
    const char *hash = poll_tracker_hash(ctx, tracker);
    *ret_found = false;
    *ret = (struct poll_tracked){ 0 };
    if (!hash)
        return NULL;
    struct value realm = value_string(poll->realm), matter = value_int(poll->matter);
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_spoiled_find, VALUES(realm, matter, value_string(hash)), &rows));
    ret->is_opened = rows_next(&rows);
    TRY(rows_close(&rows));
    if (ret->is_opened)
        return NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_ballot_find, VALUES(realm, matter, value_string(hash)), &rows));
    *ret_found = rows_next(&rows);
    if (*ret_found)
        *ret = (struct poll_tracked){ .position = rows_int(&rows, 0),
                                      .accepted = rows_int(&rows, 2),
                                      .tracker = poll_tracker(ctx, text_of(hash)),
                                      .is_superseded = rows_int(&rows, 3) != rows_int(&rows, 0) };
    return rows_close(&rows);
}
