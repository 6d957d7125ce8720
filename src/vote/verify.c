/* vote/verify.c -- one pass over the archive; a ballot's memory goes when it has been checked. */
#include "vote/verify.h"

#include "vote/archive.h"
#include "vote/tally.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_OBJECT_BYTES = 16 << 20 };

struct verifying {
    struct ctx *ctx;
    struct election_report *report;
    struct trustees trustees;
    struct voters voters;
    struct hashes ballots;
    struct tally tally;
    struct decryptions decryptions;
};

static void end_verifying(struct verifying *verifying)
{
    voters_clear(&verifying->voters);
    hashes_clear(&verifying->ballots);
}

/* Which events may follow in which stage, and where they lead. */
#define IN(stage) (1U << (stage))
static const struct {
    unsigned from;
    enum election_stage to;
} order[EVENT_TYPE_COUNT] = {
    [EVENT_SETUP] = { IN(STAGE_NOTHING), STAGE_OPEN },
    [EVENT_BALLOT] = { IN(STAGE_OPEN), STAGE_OPEN },
    [EVENT_END_BALLOTS] = { IN(STAGE_OPEN), STAGE_CLOSED },
    [EVENT_ENCRYPTED_TALLY] = { IN(STAGE_CLOSED), STAGE_TALLIED },
    [EVENT_SHUFFLE] = { 0, STAGE_NOTHING },
    [EVENT_END_SHUFFLES] = { IN(STAGE_TALLIED), STAGE_SHUFFLED },
    [EVENT_PARTIAL_DECRYPTION] = { IN(STAGE_TALLIED) | IN(STAGE_SHUFFLED) | IN(STAGE_DECRYPTING), STAGE_DECRYPTING },
    [EVENT_RESULT] = { IN(STAGE_TALLIED) | IN(STAGE_SHUFFLED) | IN(STAGE_DECRYPTING), STAGE_RESULT },
};

/* The same failure in a ctx that lasts longer. */
static const struct err *told_again(struct ctx *ctx, const struct err *err)
{
    if (!err)
        return NULL;
    err = err_root(err);
    return err_new(ctx, err->kind, err->said, err->arguments[0], err->arguments[1], err->arguments[2], err->arguments[3]);
}

/* What failed is member INDEX of the event. */
static void blame(struct verifying *verifying, const struct archive_event *event, int index)
{
    verifying->report->hash = event->members[index].hash;
}

static const struct err *read_voters(struct verifying *verifying, struct text bytes)
{
    struct ctx *ctx = ctx_begin(verifying->ctx);
    struct voters voters = { 0 };
    const struct err *e = told_again(verifying->ctx, voters_read(ctx, verifying->report->election.group, bytes, &voters));
    if (!e && voters.count > 0) {
        struct voter *kept = arena_array_of(verifying->ctx->arena, struct voter, voters.count);
        memcpy(kept, voters.list, voters.count * sizeof(*kept));
        voters.list = kept;
    }
    verifying->voters = voters;
    ctx_end(ctx);
    return e;
}

static const struct err *set_up(struct verifying *verifying, const struct archive_event *event)
{
    enum { ELECTION, TRUSTEES, CREDENTIALS, SETUP };
    struct ctx *ctx = verifying->ctx;
    struct election_report *report = verifying->report;
    struct node *setup;
    blame(verifying, event, SETUP);
    if (json_read(ctx, event->members[SETUP].bytes, &setup) ||
        !has_fields(setup, false, FIELDS("election", "trustees", "credentials")) ||
        !archive_hash_is(&event->members[ELECTION].hash, node_find_text(setup, KEY("election"))) ||
        !archive_hash_is(&event->members[TRUSTEES].hash, node_find_text(setup, KEY("trustees"))) ||
        !archive_hash_is(&event->members[CREDENTIALS].hash, node_find_text(setup, KEY("credentials"))))
        return err_new(ctx, ERR_INPUT, "vote.setup_form");
    blame(verifying, event, ELECTION);
    TRY(election_read(ctx, event->members[ELECTION].bytes, &report->election));
    blame(verifying, event, TRUSTEES);
    TRY(trustees_read(ctx, report->election.group, event->members[TRUSTEES].bytes, &verifying->trustees));
    blame(verifying, event, ELECTION);
    if (!element_equal(&verifying->trustees.joint_key, &report->election.key))
        return err_new(ctx, ERR_INPUT, "vote.election_key");
    blame(verifying, event, CREDENTIALS);
    TRY(read_voters(verifying, event->members[CREDENTIALS].bytes));
    report->voters = verifying->voters.count;
    report->trustees = verifying->trustees.count;
    report->has_oldest_layout = verifying->trustees.has_oldest_layout;
    tally_begin(ctx, &report->election, &verifying->tally);
    decryptions_begin(ctx, &verifying->trustees, &verifying->decryptions);
    return NULL;
}

/* The ballot before this one of the same voter no longer counts. */
static const struct err *replace_ballot(struct ctx *ctx, struct verifying *verifying, struct voter *voter,
                                        const struct ballot *ballot)
{
    struct ballot before;
    if (voter->ballot.size > 0) {
        TRY(ballot_read(ctx, &verifying->report->election, voter->ballot, &before));
        TRY(tally_add(ctx, &verifying->tally, &before, voter->weight, true));
    }
    TRY(tally_add(ctx, &verifying->tally, ballot, voter->weight, false));
    voter->ballot = ballot->bytes;
    return NULL;
}

static const struct err *take_ballot(struct ctx *ctx, struct verifying *verifying, const struct archive_member *member)
{
    const struct election *election = &verifying->report->election;
    struct ballot ballot;
    TRY(ballot_read(ctx, election, member->bytes, &ballot));
    struct voter *voter = voters_find(&verifying->voters, ballot.credential);
    if (!voter)
        return err_new(ctx, ERR_INPUT, "vote.ballot_credential");
    if (!hashes_put(&verifying->ballots, &member->hash, (uint32_t)verifying->report->ballots))
        return err_new(ctx, ERR_INPUT, "vote.ballot_twice");
    TRY(ballot_check(ctx, election, &ballot));
    return replace_ballot(ctx, verifying, voter, &ballot);
}

static const struct err *ballot_event(struct verifying *verifying, const struct archive_event *event)
{
    struct ctx *ctx = ctx_begin(verifying->ctx);
    blame(verifying, event, 0);
    verifying->report->ballot = verifying->report->ballots + 1;
    const struct err *e = told_again(verifying->ctx, take_ballot(ctx, verifying, &event->members[0]));
    ctx_end(ctx);
    if (!e) {
        verifying->report->ballot = 0;
        verifying->report->ballots++;
        verifying->report->counted = verifying->tally.counted;
        verifying->report->weight = verifying->tally.weight;
    }
    return e;
}

static const struct err *check_sizes(struct verifying *verifying, const struct archive_event *event)
{
    for (int i = 0; i < event->count; i++) {
        bool is_credentials = event->type == EVENT_SETUP && i == 2;
        if (event->members[i].bytes.size > MOST_OBJECT_BYTES && !is_credentials) {
            blame(verifying, event, i);
            return err_new(verifying->ctx, ERR_INPUT, "vote.object_large");
        }
    }
    return NULL;
}

static const struct err *check_event(struct verifying *verifying, const struct archive_event *event)
{
    struct ctx *ctx = verifying->ctx;
    struct election_report *report = verifying->report;
    report->hash = event->hash;
    report->has_hash = true;
    if (!(order[event->type].from & IN(report->stage)))
        return err_new(ctx, ERR_INPUT, "vote.event_order");
    TRY(check_sizes(verifying, event));
    switch (event->type) {
    case EVENT_SETUP:
        TRY(set_up(verifying, event));
        break;
    case EVENT_BALLOT:
        TRY(ballot_event(verifying, event));
        break;
    case EVENT_ENCRYPTED_TALLY:
        blame(verifying, event, 1);
        TRY(tally_compare(ctx, &verifying->tally, event->members[0].bytes, &event->members[0].hash, event->members[1].bytes));
        break;
    case EVENT_PARTIAL_DECRYPTION:
        blame(verifying, event, 0);
        TRY(decryption_add(ctx, &verifying->tally, &verifying->trustees, &verifying->decryptions, event->members[1].bytes,
                           event->members[0].bytes, &event->members[0].hash));
        break;
    case EVENT_RESULT:
        blame(verifying, event, 0);
        TRY(result_check(ctx, &verifying->tally, &verifying->trustees, &verifying->decryptions, event->members[0].bytes,
                         &report->result));
        break;
    case EVENT_END_BALLOTS:
    case EVENT_SHUFFLE:
    case EVENT_END_SHUFFLES:
    case EVENT_TYPE_COUNT:
        break;
    }
    report->stage = order[event->type].to;
    report->has_hash = false;
    return NULL;
}

const struct err *election_verify(struct ctx *ctx, struct text bytes, struct election_report *ret)
{
    *ret = (struct election_report){ 0 };
    scoped(end_verifying) struct verifying verifying = { .ctx = ctx, .report = ret };
    struct archive archive;
    struct archive_event event;
    bool is_end = false;
    TRY(archive_open(ctx, bytes, &archive));
    for (;;) {
        struct ctx *step = ctx_begin(ctx);
        ret->event = archive.height;
        const struct err *e = told_again(ctx, archive_next(step, &archive, &event, &is_end));
        ctx_end(step);
        if (e && archive.has_fault_hash) {
            ret->hash = archive.at_fault;
            ret->has_hash = true;
        }
        if (e || is_end)
            return e || ret->stage != STAGE_NOTHING ? e : err_new(ctx, ERR_INPUT, "vote.archive_empty");
        TRY(check_event(&verifying, &event));
        ret->events = archive.height;
        ret->last_event = event.hash;
    }
}

const struct err *election_continues(struct ctx *ctx, struct text older, struct text newer)
{
    if (older.size > newer.size || memcmp(older.at, newer.at, older.size) != 0)
        return err_new(ctx, ERR_INPUT, "vote.not_continued");
    return NULL;
}
