/* vote/standing.c */
#include "vote/standing.h"

#include "vote/decrypt.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

#include <stdlib.h>

/* Where each event leads. */
static const enum election_stage after[EVENT_TYPE_COUNT] = {
    [EVENT_SETUP] = STAGE_OPEN,
    [EVENT_BALLOT] = STAGE_OPEN,
    [EVENT_END_BALLOTS] = STAGE_CLOSED,
    [EVENT_ENCRYPTED_TALLY] = STAGE_TALLIED,
    [EVENT_SHUFFLE] = STAGE_SHUFFLED,
    [EVENT_END_SHUFFLES] = STAGE_SHUFFLED,
    [EVENT_PARTIAL_DECRYPTION] = STAGE_DECRYPTING,
    [EVENT_RESULT] = STAGE_RESULT,
};

static const struct err *set_up(struct ctx *ctx, struct standing *standing, const struct archive_event *event)
{
    if (standing->stage != STAGE_NOTHING)
        return err_new(ctx, ERR_INPUT, "vote.event_order");
    TRY(election_read(ctx, event->members[0].bytes, &standing->election));
    TRY(trustees_read(ctx, standing->election.group, event->members[1].bytes, &standing->trustees));
    if (!element_equal(&standing->trustees.joint_key, &standing->election.key))
        return err_new(ctx, ERR_INPUT, "vote.election_key");
    standing->parts = arena_array_of(ctx->arena, struct standing_part, standing->trustees.count);
    return voters_read(ctx, standing->election.group, event->members[2].bytes, &standing->voters);
}

static const struct err *keep_ballot(struct ctx *ctx, struct standing *standing, const struct archive_member *member)
{
    uint32_t count = standing->ballot_count;
    if (!hashes_put(&standing->hashes, &member->hash, count))
        return err_new(ctx, ERR_INPUT, "vote.ballot_twice");
    if ((count & (count - 1)) == 0) { /* room doubles */
        standing->ballots = reallocarray(standing->ballots, count ? 2 * (size_t)count : 1, sizeof(*standing->ballots));
        if (!standing->ballots)
            BUG("memory has run out");
    }
    standing->ballots[standing->ballot_count++] = member->bytes;
    return NULL;
}

static const struct err *keep_part(struct ctx *ctx, struct standing *standing, const struct archive_event *event)
{
    if (standing->part_count == standing->trustees.count)
        return err_new(ctx, ERR_INPUT, "vote.event_order");
    standing->parts[standing->part_count++] = (struct standing_part){ event->members[1].bytes, event->members[0].bytes,
                                                                      event->members[0].hash };
    return NULL;
}

static const struct err *keep(struct ctx *ctx, struct standing *standing, const struct archive_event *event)
{
    if ((event->type != EVENT_SETUP && standing->stage == STAGE_NOTHING) ||
        (event->type == EVENT_BALLOT && standing->stage != STAGE_OPEN))
        return err_new(ctx, ERR_INPUT, "vote.event_order");
    if (event->type == EVENT_SETUP)
        TRY(set_up(ctx, standing, event));
    else if (event->type == EVENT_BALLOT)
        TRY(keep_ballot(ctx, standing, &event->members[0]));
    else if (event->type == EVENT_PARTIAL_DECRYPTION)
        TRY(keep_part(ctx, standing, event));
    else if (event->type == EVENT_ENCRYPTED_TALLY) {
        standing->published_tally = event->members[0].bytes;
        standing->published_sizes = event->members[1].bytes;
        standing->tally_hash = event->members[0].hash;
    }
    standing->stage = after[event->type];
    return NULL;
}

/* One event, with memory of its own but for Setup's. */
static const struct err *read_next(struct ctx *ctx, struct standing *standing, bool *ret_is_end)
{
    struct archive_event event;
    struct ctx *step = ctx_begin(ctx);
    const struct err *e = err_again(ctx, archive_next(step, &standing->tip, &event, ret_is_end));
    ctx_end(step);
    return e || *ret_is_end ? e : keep(ctx, standing, &event);
}

const struct err *standing_read(struct ctx *ctx, struct text bytes, struct standing *ret)
{
    *ret = (struct standing){ 0 };
    bool is_end = false;
    TRY(archive_open(ctx, bytes, &ret->tip));
    while (!is_end) {
        const struct err *e = read_next(ctx, ret, &is_end);
        if (e) {
            standing_clear(ret);
            return e;
        }
    }
    return ret->stage == STAGE_NOTHING ? err_new(ctx, ERR_INPUT, "vote.archive_empty") : NULL;
}

void standing_clear(struct standing *standing)
{
    voters_clear(&standing->voters);
    hashes_clear(&standing->hashes);
    free(standing->ballots);
    standing->ballots = NULL;
}

const struct err *standing_cast(struct ctx *ctx, struct standing *standing, struct text bytes, struct buffer *out)
{
    struct ballot ballot;
    uint32_t number;
    struct sha256 hash = sha256_of(bytes);
    if (standing->stage != STAGE_OPEN)
        return err_new(ctx, ERR_CONFLICT, "vote.closed");
    TRY(ballot_read(ctx, &standing->election, bytes, &ballot));
    if (!voters_find(&standing->voters, ballot.credential))
        return err_new(ctx, ERR_INPUT, "vote.ballot_credential");
    if (hashes_find(&standing->hashes, &hash, &number))
        return err_new(ctx, ERR_INPUT, "vote.ballot_twice");
    TRY(ballot_check(ctx, &standing->election, &ballot));
    archive_append(&standing->tip, EVENT_BALLOT, &bytes, out);
    return NULL;
}

/* Adds one ballot, with memory of its own. */
static const struct err *add_ballot(struct ctx *ctx, struct standing *standing, struct text bytes, int64_t weight)
{
    struct ctx *step = ctx_begin(ctx);
    struct ballot ballot;
    const struct err *e = ballot_read(step, &standing->election, bytes, &ballot);
    if (!e)
        e = tally_add(step, &standing->tally, &ballot, weight, false);
    e = err_again(ctx, e);
    ctx_end(step);
    return e;
}

/* Which voter's ballot it is: its place in the list. */
static const struct err *find_voter(struct ctx *ctx, struct standing *standing, struct text bytes, ptrdiff_t *ret)
{
    struct ctx *step = ctx_begin(ctx);
    struct ballot ballot;
    const struct err *e = err_again(ctx, ballot_read(step, &standing->election, bytes, &ballot));
    struct voter *voter = e ? NULL : voters_find(&standing->voters, ballot.credential);
    ctx_end(step);
    if (e)
        return e;
    if (!voter)
        return err_new(ctx, ERR_INPUT, "vote.ballot_credential");
    *ret = voter - standing->voters.list;
    return NULL;
}

/* Each voter's last ballot counts. */
static const struct err *add_up(struct ctx *ctx, struct standing *standing)
{
    struct text *last = arena_array_of(ctx->arena, struct text, standing->voters.count);
    tally_begin(ctx, &standing->election, &standing->tally);
    for (uint32_t i = 0; i < standing->ballot_count; i++) {
        ptrdiff_t voter = 0;
        TRY(find_voter(ctx, standing, standing->ballots[i], &voter));
        last[voter] = standing->ballots[i];
    }
    for (uint32_t i = 0; i < standing->voters.count; i++)
        if (last[i].size > 0)
            TRY(add_ballot(ctx, standing, last[i], standing->voters.list[i].weight));
    return NULL;
}

const struct err *standing_close(struct ctx *ctx, struct standing *standing, struct buffer *out)
{
    scoped(buffer_clear) struct buffer tally = { 0 }, sized = { 0 };
    if (standing->stage != STAGE_OPEN && standing->stage != STAGE_CLOSED)
        return err_new(ctx, ERR_CONFLICT, "vote.closed");
    TRY(add_up(ctx, standing));
    tally_write(&standing->tally, &tally);
    struct sha256 hash = sha256_of(buffer_view(&tally));
    tally_write_sized(ctx, &standing->tally, &hash, &sized);
    const struct text members[2] = { buffer_view(&tally), buffer_view(&sized) };
    if (standing->stage == STAGE_OPEN)
        archive_append(&standing->tip, EVENT_END_BALLOTS, NULL, out);
    archive_append(&standing->tip, EVENT_ENCRYPTED_TALLY, members, out);
    standing->stage = STAGE_TALLIED;
    return NULL;
}

const struct err *standing_count(struct ctx *ctx, struct standing *standing)
{
    if (standing->published_tally.size == 0)
        return err_new(ctx, ERR_CONFLICT, "vote.not_closed");
    TRY(add_up(ctx, standing));
    TRY(tally_compare(ctx, &standing->tally, standing->published_tally, &standing->tally_hash,
                      standing->published_sizes));
    decryptions_begin(ctx, &standing->trustees, &standing->decryptions);
    for (int i = 0; i < standing->part_count; i++)
        TRY(decryption_add(ctx, &standing->tally, &standing->trustees, &standing->decryptions, standing->parts[i].owned,
                           standing->parts[i].part, &standing->parts[i].hash));
    return NULL;
}

const struct err *standing_accept(struct ctx *ctx, struct standing *standing, struct text part, struct text owned,
                                  struct buffer *out)
{
    struct sha256 hash = sha256_of(part);
    const struct text members[2] = { part, owned };
    if (standing->stage == STAGE_RESULT)
        return err_new(ctx, ERR_CONFLICT, "vote.finished");
    TRY(decryption_add(ctx, &standing->tally, &standing->trustees, &standing->decryptions, owned, part, &hash));
    archive_append(&standing->tip, EVENT_PARTIAL_DECRYPTION, members, out);
    standing->stage = STAGE_DECRYPTING;
    return NULL;
}

const struct err *standing_finish(struct ctx *ctx, struct standing *standing, struct buffer *out,
                                  struct text *ret_result)
{
    scoped(buffer_clear) struct buffer result = { 0 };
    if (standing->stage == STAGE_RESULT)
        return err_new(ctx, ERR_CONFLICT, "vote.finished");
    TRY(result_write(ctx, &standing->tally, &standing->trustees, &standing->decryptions, &result));
    const struct text members[1] = { buffer_view(&result) };
    archive_append(&standing->tip, EVENT_RESULT, members, out);
    standing->stage = STAGE_RESULT;
    if (ret_result)
        *ret_result = text_copy(ctx->arena, members[0]);
    return NULL;
}
