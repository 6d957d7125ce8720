/* vote/verify.c -- one pass over the archive. Ballots are gathered to be checked by several threads at once; then each
 * takes its turn, in order, as if it had been the only one: the first failure in the archive is the one that is told.
 */
#include "vote/verify.h"

#include "vote/archive.h"
#include "vote/tally.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_OBJECT_BYTES = 16 << 20, TOGETHER_BYTES = 4 << 20, TOGETHER = 256, MOST_TOGETHER = 4096 };

/* A ballot that waits for its turn, with what has been found out about it meanwhile. */
struct waiting {
    struct ctx *ctx; /* its memory */
    struct archive_event event;
    struct ballot ballot;
    struct voter *voter;
    const struct err *form, *proofs; /* why not, or NULL */
};

struct verifying {
    struct ctx *ctx;
    struct election_report *report;
    struct trustees trustees;
    struct voters voters;
    struct hashes ballots;
    struct tally tally;
    struct decryptions decryptions;
    struct crew *crew;
    struct waiting *waiting;
    int waiting_count, waiting_most;
    size_t waiting_bytes;
};

static void end_verifying(struct verifying *verifying)
{
    for (int i = 0; i < verifying->waiting_count; i++)
        ctx_end(verifying->waiting[i].ctx);
    crew_end(verifying->crew);
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

/* What failed is member INDEX of the event. */
static void blame(struct verifying *verifying, const struct archive_event *event, int index)
{
    verifying->report->hash = event->members[index].hash;
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
    TRY(voters_read_by(ctx, verifying->crew, report->election.group, event->members[CREDENTIALS].bytes,
                       &verifying->voters));
    report->voters = verifying->voters.count;
    report->trustees = verifying->trustees.count;
    report->has_oldest_layout = verifying->trustees.has_oldest_layout;
    tally_begin(ctx, &report->election, &verifying->tally);
    decryptions_begin(ctx, &verifying->trustees, &verifying->decryptions);
    return NULL;
}

/* --- ballots --- */

/* All that does not depend on other ballots. By any thread. */
static void check_waiting(void *what, int i)
{
    const struct verifying *verifying = what;
    struct waiting *waiting = &verifying->waiting[i];
    const struct election *election = &verifying->report->election;
    waiting->form = ballot_read(waiting->ctx, election, waiting->event.members[0].bytes, &waiting->ballot);
    if (waiting->form)
        return;
    waiting->voter = voters_find(&verifying->voters, waiting->ballot.credential);
    if (waiting->voter)
        waiting->proofs = ballot_check(waiting->ctx, election, &waiting->ballot);
}

/* The ballot before this one of the same voter no longer counts. */
static const struct err *replace_ballot(struct verifying *verifying, struct waiting *waiting)
{
    struct voter *voter = waiting->voter;
    struct ballot before;
    if (voter->ballot.size > 0) {
        TRY(ballot_read(waiting->ctx, &verifying->report->election, voter->ballot, &before));
        before.is_checked = true;
        TRY(tally_add(waiting->ctx, &verifying->tally, &before, voter->weight, true));
    }
    TRY(tally_add(waiting->ctx, &verifying->tally, &waiting->ballot, voter->weight, false));
    voter->ballot = waiting->ballot.bytes;
    return NULL;
}

static const struct err *judge(struct verifying *verifying, struct waiting *waiting)
{
    if (waiting->form)
        return waiting->form;
    if (!waiting->voter)
        return err_new(waiting->ctx, ERR_INPUT, "vote.ballot_credential");
    if (!hashes_put(&verifying->ballots, &waiting->event.members[0].hash, (uint32_t)verifying->report->ballots))
        return err_new(waiting->ctx, ERR_INPUT, "vote.ballot_twice");
    return waiting->proofs ? waiting->proofs : replace_ballot(verifying, waiting);
}

static void event_passed(struct verifying *verifying, const struct archive_event *event)
{
    struct election_report *report = verifying->report;
    report->stage = order[event->type].to;
    report->has_hash = false;
    report->events = event->height + 1;
    report->last_event = event->hash;
}

/* The turn of one of them. */
static const struct err *take_ballot(struct verifying *verifying, struct waiting *waiting)
{
    struct election_report *report = verifying->report;
    report->event = waiting->event.height;
    report->ballot = report->ballots + 1;
    report->has_hash = true;
    blame(verifying, &waiting->event, 0);
    TRY(err_again(verifying->ctx, judge(verifying, waiting)));
    report->ballot = 0;
    report->ballots++;
    report->counted = verifying->tally.counted;
    report->weight = verifying->tally.weight;
    event_passed(verifying, &waiting->event);
    return NULL;
}

/* All that wait. */
static const struct err *take_ballots(struct verifying *verifying)
{
    int count = verifying->waiting_count;
    const struct err *e = NULL;
    crew_do(verifying->crew, count, check_waiting, verifying);
    for (int i = 0; i < count && !e; i++)
        e = take_ballot(verifying, &verifying->waiting[i]);
    for (int i = 0; i < count; i++)
        ctx_end(verifying->waiting[i].ctx);
    verifying->waiting_count = 0;
    verifying->waiting_bytes = 0;
    return e;
}

static void let_wait(struct verifying *verifying, const struct archive_event *event)
{
    verifying->waiting[verifying->waiting_count++] = (struct waiting){ .ctx = ctx_begin(verifying->ctx),
                                                                       .event = *event };
    verifying->waiting_bytes += event->members[0].bytes.size;
}

/* --- all events --- */

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

/* One that is no ballot. */
static const struct err *check_event(struct verifying *verifying, const struct archive_event *event)
{
    struct ctx *ctx = verifying->ctx;
    struct election_report *report = verifying->report;
    TRY(check_sizes(verifying, event));
    switch (event->type) {
    case EVENT_SETUP:
        return set_up(verifying, event);
    case EVENT_ENCRYPTED_TALLY:
        blame(verifying, event, 1);
        return tally_compare(ctx, &verifying->tally, event->members[0].bytes, &event->members[0].hash,
                             event->members[1].bytes);
    case EVENT_PARTIAL_DECRYPTION:
        blame(verifying, event, 0);
        return decryption_add(ctx, &verifying->tally, &verifying->trustees, &verifying->decryptions,
                              event->members[1].bytes, event->members[0].bytes, &event->members[0].hash);
    case EVENT_RESULT:
        blame(verifying, event, 0);
        return result_check(ctx, &verifying->tally, &verifying->trustees, &verifying->decryptions,
                            event->members[0].bytes, &report->result);
    case EVENT_BALLOT:
    case EVENT_END_BALLOTS:
    case EVENT_SHUFFLE:
    case EVENT_END_SHUFFLES:
    case EVENT_TYPE_COUNT:
        break;
    }
    return NULL;
}

/* Ballots wait until there are enough of them, or something else comes. */
static const struct err *take_event(struct verifying *verifying, const struct archive_event *event)
{
    struct election_report *report = verifying->report;
    bool is_ballot = event->type == EVENT_BALLOT && (order[EVENT_BALLOT].from & IN(report->stage));
    if (is_ballot) {
        let_wait(verifying, event);
        return verifying->waiting_count < verifying->waiting_most && verifying->waiting_bytes < TOGETHER_BYTES
                   ? NULL
                   : take_ballots(verifying);
    }
    TRY(take_ballots(verifying));
    report->event = event->height;
    report->hash = event->hash;
    report->has_hash = true;
    if (!(order[event->type].from & IN(report->stage)))
        return err_new(verifying->ctx, ERR_INPUT, "vote.event_order");
    TRY(check_event(verifying, event));
    event_passed(verifying, event);
    return NULL;
}

/* Reads the next event; what is wrong with it comes after what is wrong with the ballots that wait. */
static const struct err *read_event(struct verifying *verifying, struct archive *archive, bool *ret_is_end)
{
    struct election_report *report = verifying->report;
    struct archive_event event;
    struct ctx *step = ctx_begin(verifying->ctx);
    const struct err *e = err_again(verifying->ctx, archive_next(step, archive, &event, ret_is_end));
    ctx_end(step);
    if (!e && !*ret_is_end)
        return take_event(verifying, &event);
    TRY(take_ballots(verifying));
    report->event = archive->height;
    if (e && archive->has_fault_hash) {
        report->hash = archive->at_fault;
        report->has_hash = true;
    }
    return e || report->stage != STAGE_NOTHING ? e : err_new(verifying->ctx, ERR_INPUT, "vote.archive_empty");
}

static void begin_verifying(struct verifying *verifying, int threads)
{
    verifying->crew = crew_begin(threads);
    verifying->waiting_most = threads > MOST_TOGETHER / TOGETHER ? MOST_TOGETHER
                                                                 : TOGETHER * (threads > 1 ? threads : 1);
    verifying->waiting = arena_array_of(verifying->ctx->arena, struct waiting, verifying->waiting_most);
}

const struct err *election_verify_by(struct ctx *ctx, struct text bytes, const struct verify_manner *manner,
                                     struct election_report *ret)
{
    *ret = (struct election_report){ 0 };
    scoped(end_verifying) struct verifying verifying = { .ctx = ctx, .report = ret };
    struct archive archive;
    bool is_end = false;
    int64_t told = 0;
    TRY(archive_open(ctx, bytes, &archive));
    begin_verifying(&verifying, manner->threads);
    while (!is_end) {
        TRY(read_event(&verifying, &archive, &is_end));
        if (manner->passed && verifying.waiting_count == 0 && ret->ballots >= told + TOGETHER) {
            told = ret->ballots;
            manner->passed(manner->what, archive.rest, told);
        }
    }
    return NULL;
}

const struct err *election_verify(struct ctx *ctx, struct text bytes, struct election_report *ret)
{
    return election_verify_by(ctx, bytes, &(struct verify_manner){ 0 }, ret);
}

const struct err *election_continues(struct ctx *ctx, struct text older, struct text newer)
{
    if (older.size > newer.size || memcmp(older.at, newer.at, older.size) != 0)
        return err_new(ctx, ERR_INPUT, "vote.not_continued");
    return NULL;
}
