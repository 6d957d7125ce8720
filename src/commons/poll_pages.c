/* commons/poll_pages.c */
#include "commons/poll_pages.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/texts.h"
#include "commons/flash.h"
#include "commons/form.h"
#include "commons/moment.h"
#include "http/url.h"
#include "record/place.h"
#include "record/records.h"
#include "record/rights.h"

enum { POLLS_SHOWN = 30, TRACKED_SHOWN = 100 };

static const struct state_shape shapes[] = {
    { "preparing", "waiting" }, { "ready", "waiting" },  { "open", "moving" },
    { "closed", "asking" },     { "counted", "closed" }, { "cancelled", "refused" },
    { 0 },
};

const struct matter_face poll_face = {
    .flow = "ballot",
    .prefix = "/ballots",
    .text = "title",
    .text_is_public = true,
    .shapes = shapes,
    .title_own = "ballots.title",
    .title_given = "ballots.title",
    .title_place = "ballots.title_place",
};

/* --- what all pages share --- */

const struct err *poll_asked(struct ctx *ctx, const struct request *request, struct poll **ret)
{
    return poll_load(ctx, request_param(request, "number"), ret);
}

const char *poll_href(struct ctx *ctx, const struct poll *poll, const char *rest)
{
    return matter_href(ctx, &poll_face, poll->number, rest);
}

const char *poll_tracking_href(struct ctx *ctx, const char *number, const char *tracker)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, matter_href(ctx, &poll_face, number, "/tracking?tracker="));
    url_encode(&out, text_of(tracker), "");
    return arena_copy(ctx->arena, out.at, out.size);
}

static void put_moment(struct ctx *ctx, struct node *node, const struct key *key, int64_t at)
{
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    moments_put(&moments, node, key, at, MOMENT_FULL);
}

static void put_head(struct ctx *ctx, const struct poll *poll, const char *place, struct node *node)
{
    const struct flow *flow = face_flow(ctx, &poll_face);
    const struct flow_state *state = flow_state_find(flow, text_of(poll->state));
    node_put_string(node, KEY("number"), poll->number);
    node_put_string(node, KEY("href"), poll_href(ctx, poll, ""));
    node_put_string(node, KEY("title"), poll->title);
    node_put_string(node, KEY("about"), poll->about);
    if (state)
        state_put(ctx, &poll_face, flow, state, node, KEY("state"));
    node_put_string(node, KEY("place"), place);
    put_moment(ctx, node, KEY("opens"), poll->opens);
    put_moment(ctx, node, KEY("closes"), poll->closes);
    node_put_string(node, KEY("uuid"), poll->uuid);
    node_put_string(node, KEY("group"), poll->arithmetic);
}

const struct err *poll_put(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct place *place;
    const char *words;
    TRY(place_load(ctx, text_of(poll->village), &place));
    TRY(place_words(ctx, place, &words));
    put_head(ctx, poll, words, node_put_object(model, KEY("poll")));
    return NULL;
}

/* After the plan the location has its number: into the model with it. */
static const struct err *put_location(struct ctx *ctx, struct request *request, const void *outcome, void *self,
                                      struct answer *answer)
{
    (void)ctx;
    (void)request;
    (void)outcome;
    node_put_string(self, KEY("location"), answer->location);
    *answer = (struct answer){ .model = self };
    return NULL;
}

void poll_done(struct ctx *ctx, struct request *request, struct change *change, const char *location, const char *done,
               struct node *model)
{
    if (request_wants_json(request) && change->plan) {
        change->answer = (struct answer){ .location = location };
        change->after = put_location;
        change->self = model;
        return;
    }
    if (request_wants_json(request)) {
        node_put_string(model, KEY("location"), location);
        change->answer = (struct answer){ .model = model };
        return;
    }
    change->answer = (struct answer){ .location = location };
    flash_tell(ctx, &change->answer, done);
}

/* --- questions and numbers --- */

static const char *share_words(struct ctx *ctx, int64_t part, int64_t whole)
{
    int64_t tenths = whole ? (part * 1000 + whole / 2) / whole : 0;
    return arena_printf(ctx->arena, "%lld.%lld%%", (long long)(tenths / 10), (long long)(tenths % 10));
}

const struct err *poll_put_questions(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct poll_result *results;
    int count;
    bool has_result = poll_is(poll, "counted");
    TRY(poll_results(ctx, poll, &results, &count));
    struct node *list = node_put_list(model, KEY("questions"));
    for (int q = 0; q < count; q++) {
        struct node *question = node_add_object(list);
        node_put_string(question, KEY("asked"), results[q].asked);
        struct node *answers = node_put_list(question, KEY("answers"));
        for (int i = 0; i < results[q].count; i++) {
            int at = results[q].answers[0] ? i : (i + 1) % results[q].count; /* abstention last, as in the booth */
            struct node *answer = node_add_object(answers);
            const char *words = results[q].answers[at];
            node_put_string(answer, KEY("words"), words ? words : texts_say(ctx->language, "vote.blank"));
            if (!has_result)
                continue;
            int64_t n = results[q].counts[at];
            node_put_string(answer, KEY("count"), arena_printf(ctx->arena, "%lld", (long long)n));
            node_put_string(answer, KEY("share"), share_words(ctx, n, poll->voted));
            node_put_string(answer, KEY("width"), arena_printf(ctx->arena, "%lld", (long long)(poll->voted ? n * 1000 / poll->voted : 0)));
        }
    }
    node_put_bool(model, KEY("has_result"), has_result);
    return NULL;
}

/* --- the list --- */

const struct err *poll_rows_put(struct ctx *ctx, const struct poll *polls, int count, struct node *list)
{
    for (int i = 0; i < count; i++) {
        struct place *place;
        TRY(place_load(ctx, text_of(polls[i].village), &place));
        struct node *row = node_add_object(list);
        put_head(ctx, &polls[i], place->name, row);
        node_put_string(row, KEY("turnout"),
                        texts_fill(ctx, "ballot.turnout", arena_printf(ctx->arena, "%lld", (long long)polls[i].voted),
                                   arena_printf(ctx->arena, "%lld", (long long)polls[i].voters), NULL));
    }
    return NULL;
}

const struct err *polls_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *polls;
    int count;
    int64_t before = 0;
    if (!text_int(request_query(request, "before"), &before))
        before = 0;
    TRY(poll_list(ctx, before, POLLS_SHOWN, &polls, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_rows_put(ctx, polls, count, node_put_list(model, KEY("rows"))));
    node_put_bool(model, KEY("has_rows"), count > 0);
    node_put_string(model, KEY("new_href"), may(ctx->person, "ballot.open", NULL) ? "/ballots/new" : NULL);
    if (count == POLLS_SHOWN)
        node_put_string(model, KEY("next_href"),
                        arena_printf(ctx->arena, "/ballots?before=%lld", (long long)polls[count - 1].matter));
    return NULL;
}

/* --- one ballot --- */

static void add_next(struct ctx *ctx, const struct poll *poll, struct node *list, const char *words, const char *label,
                     const char *rest)
{
    struct node *next = node_add_object(list);
    node_put_string(next, KEY("words"), texts_say(ctx->language, words));
    node_put_string(next, KEY("label"), label ? texts_say(ctx->language, label) : NULL);
    node_put_string(next, KEY("href"), label ? poll_href(ctx, poll, rest) : NULL);
}

static void put_trustee_step(struct ctx *ctx, const struct poll *poll, struct node *list)
{
    const struct poll_trustee *trustee = poll_trustee_of(poll, person_who(ctx->person));
    bool waits;
    if (!trustee)
        return;
    if (poll_is(poll, "preparing")) {
        enum poll_step step = poll_step_of(poll, trustee, &waits);
        if (step == STEP_DONE)
            add_next(ctx, poll, list, "ballot.next_keys_done", NULL, NULL);
        else if (waits)
            add_next(ctx, poll, list, "ballot.next_keys_wait", NULL, NULL);
        else
            add_next(ctx, poll, list, "ballot.next_keys", "ballot.go_keys", "/keys");
    } else if (poll_is(poll, "closed")) {
        add_next(ctx, poll, list, trustee->has_opened ? "ballot.next_opened" : "ballot.next_decrypt",
                 trustee->has_opened ? NULL : "ballot.go_decrypt", "/decrypt");
    } else if (poll_is(poll, "ready")) {
        add_next(ctx, poll, list, "ballot.next_compare", "ballot.go_compare", "/keys");
    } else if (poll_is(poll, "open")) {
        add_next(ctx, poll, list, "ballot.next_keep", NULL, NULL);
    }
}

static const struct err *put_voter_step(struct ctx *ctx, const struct poll *poll, struct node *list)
{
    struct poll_voter *voter;
    TRY(poll_voter_of(ctx, poll, person_who(ctx->person), &voter));
    if (!voter)
        return NULL;
    if (poll_is_open(poll, clock_now(ctx->clock)))
        add_next(ctx, poll, list, voter->voted ? "ballot.next_voted" : "ballot.next_vote",
                 voter->voted ? "ballot.go_again" : "ballot.go_vote", "/booth");
    else if (poll_is(poll, "preparing") || poll_is(poll, "ready"))
        add_next(ctx, poll, list, "ballot.next_not_yet", NULL, NULL);
    else if (!poll_is(poll, "cancelled"))
        add_next(ctx, poll, list, voter->voted ? "ballot.next_did_vote" : "ballot.next_did_not", NULL, NULL);
    return NULL;
}

/* What this reader can do next, and nobody else's. */
static const struct err *put_next(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct node *list = node_put_list(model, KEY("next"));
    if (!ctx->person)
        return NULL;
    put_trustee_step(ctx, poll, list);
    if (who_is(poll->authority, person_who(ctx->person)) && poll_is(poll, "preparing"))
        add_next(ctx, poll, list, poll->has_codes ? "ballot.next_codes_done" : "ballot.next_codes",
                 poll->has_codes ? NULL : "ballot.go_codes", "/credentials");
    return put_voter_step(ctx, poll, list);
}

static const char *trustee_words(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee)
{
    bool waits;
    if (trustee->has_opened)
        return texts_say(ctx->language, "ballot.trustee_opened");
    if (poll_is(poll, "closed"))
        return texts_say(ctx->language, "ballot.trustee_to_open");
    enum poll_step step = poll_step_of(poll, trustee, &waits);
    if (step == STEP_DONE)
        return texts_say(ctx->language, "ballot.trustee_ready");
    if (poll_is(poll, "cancelled"))
        return texts_say(ctx->language, "ballot.trustee_not_ready");
    return texts_fill(ctx, "ballot.trustee_step", arena_printf(ctx->arena, "%d", ((int)step + 1) / 2), NULL);
}

static void put_people(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct node *list = node_put_list(model, KEY("trustees"));
    for (int i = 0; i < poll->trustee_count; i++) {
        struct node *trustee = node_add_object(list);
        node_put_int(trustee, KEY("number"), poll->trustees[i].number);
        node_put_string(trustee, KEY("name"), poll->trustees[i].name);
        node_put_string(trustee, KEY("words"), trustee_words(ctx, poll, &poll->trustees[i]));
    }
    node_put_string(model, KEY("trustees_about"),
                    texts_fill(ctx, "ballot.trustees_about", arena_printf(ctx->arena, "%d", poll->trustee_count),
                               arena_printf(ctx->arena, "%d", poll->needed), NULL));
    struct node *authority = node_put_object(model, KEY("authority"));
    node_put_string(authority, KEY("name"), poll->authority_name);
    node_put_string(authority, KEY("words"),
                    texts_say(ctx->language, poll->has_codes               ? "ballot.codes_ready"
                                             : poll_is(poll, "cancelled") ? "ballot.trustee_not_ready"
                                                                          : "ballot.codes_waiting"));
    if (poll_trustee_of(poll, person_who(ctx->person)) && !poll_is(poll, "cancelled"))
        node_put_string(model, KEY("keys_href"), poll_href(ctx, poll, "/keys"));
}

static void put_turnout(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct node *turnout = node_put_object(model, KEY("turnout"));
    const char *voted = arena_printf(ctx->arena, "%lld", (long long)poll->voted),
               *voters = arena_printf(ctx->arena, "%lld", (long long)poll->voters);
    node_put_string(turnout, KEY("voted"), voted);
    node_put_string(turnout, KEY("voters"), voters);
    node_put_string(turnout, KEY("words"), texts_fill(ctx, "ballot.turnout", voted, voters, NULL));
    node_put_string(turnout, KEY("share"), share_words(ctx, poll->voted, poll->voters));
    node_put_string(turnout, KEY("width"), arena_printf(ctx->arena, "%lld", (long long)(poll->voted * 1000 / poll->voters)));
    node_put_string(turnout, KEY("roll"),
                    texts_say(ctx->language, strcmp(poll->roll, "villagers") == 0 ? "ballot.roll_villagers" : "ballot.roll_representatives"));
}

/* 准备 → 投票 → 截止 → 开票 → 结果, as a picture. */
static void put_way(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    static const char *const steps[] = { "preparing", "ready", "open", "closed", "counted" };
    enum { STEPS = sizeof steps / sizeof *steps };
    const struct flow *flow = face_flow(ctx, &poll_face);
    struct node *list = node_put_list(model, KEY("way"));
    bool is_before = true;
    if (poll_is(poll, "cancelled"))
        return;
    for (int i = 0; i < STEPS; i++) {
        struct node *step = node_add_object(list);
        bool is_now = poll_is(poll, steps[i]);
        is_before = is_before && !is_now;
        node_put_string(step, KEY("name"), label_say(&flow_state_find(flow, text_of(steps[i]))->label, ctx->language));
        node_put_bool(step, KEY("done"), is_before);
        node_put_bool(step, KEY("now"), is_now);
    }
}

/* Which part of the preparation it was. */
static const char *step_words(struct ctx *ctx, const char *name, int64_t step)
{
    return texts_fill(ctx, "ballot.did_keys", name, arena_printf(ctx->arena, "%lld", (long long)(step + 1) / 2), NULL);
}

static const char *event_detail(struct ctx *ctx, const struct poll *poll, const struct matter_event *event)
{
    struct node *bytes;
    struct text reason = node_find_text(event->answers, KEY("reason"));
    if (reason.size)
        return text_string(ctx->arena, reason);
    if (!event->bytes.at || json_read(ctx, event->bytes, &bytes))
        return NULL;
    const struct node *facts = node_find(bytes, KEY("facts"));
    int64_t trustee = node_find_int(facts, KEY("trustee"), 0), step = node_find_int(facts, KEY("step"), 0);
    if (text_is(node_find_text(facts, KEY("kind")), "codes"))
        return texts_fill(ctx, "ballot.did_codes", poll->authority_name, NULL);
    if (trustee < 1 || trustee > poll->trustee_count)
        return NULL;
    const char *name = poll->trustees[trustee - 1].name;
    return step ? step_words(ctx, name, step) : name;
}

static const struct err *put_history(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct matter *matter;
    struct moments moments;
    TRY(poll_history(ctx, poll, &matter));
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *list = node_put_list(model, KEY("history"));
    for (int i = 0; i < matter->event_count; i++) {
        const struct matter_event *event = &matter->events[i];
        if (!matter_event_is_public(matter, event))
            continue;
        struct node *line = node_add_object(list);
        node_put_string(line, KEY("what"), label_say(&event->move->label, ctx->language));
        node_put_string(line, KEY("detail"), event_detail(ctx, poll, event));
        moments_put(&moments, line, KEY("at"), event->recorded, MOMENT_LINE);
    }
    return NULL;
}

/* The moves of whoever keeps it, as forms. */
static void put_keeper(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    if (!poll_is_kept_by(poll, ctx->person) || poll_is(poll, "counted") || poll_is(poll, "cancelled"))
        return;
    struct node *keeper = node_put_object(model, KEY("keeper"));
    bool is_open = poll_is(poll, "open");
    node_put_string(keeper, KEY("token"), form_token(ctx));
    node_put_string(keeper, KEY("cancel_action"), poll_href(ctx, poll, "/moves/cancel"));
    if (is_open && poll->voted == poll->voters)
        node_put_string(keeper, KEY("close_action"), poll_href(ctx, poll, "/moves/close_early"));
    if (poll_is_open(poll, clock_now(ctx->clock)))
        node_put_string(keeper, KEY("slips_href"), poll_href(ctx, poll, "/slips"));
}

static const struct err *put_archive(struct ctx *ctx, const struct poll *poll, struct node *model)
{
    struct poll_head head;
    const char *fingerprint;
    if (!poll->sealed_at)
        return NULL;
    TRY(poll_head(ctx, poll, &head));
    TRY(poll_fingerprint(ctx, poll, &fingerprint));
    struct node *node = node_put_object(model, KEY("archive"));
    node_put_string(node, KEY("href"), poll_href(ctx, poll, "/archive.bel"));
    node_put_string(node, KEY("file"), arena_printf(ctx->arena, "%s.bel", poll->number));
    node_put_string(node, KEY("fingerprint"), fingerprint);
    node_put_string(node, KEY("last"), head.last);
    node_put_int(node, KEY("events"), head.events);
    node_put_string(node, KEY("ballots"), arena_printf(ctx->arena, "%lld", (long long)poll->ballots));
    node_put_string(node, KEY("tracking_href"), poll_href(ctx, poll, "/tracking"));
    node_put_string(node, KEY("log_href"), arena_printf(ctx->arena, "/log/%s", poll->realm));
    node_put_bool(node, KEY("older_tool"), strcmp(poll->arithmetic, "Ed25519") != 0);
    return NULL;
}

const struct err *poll_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    TRY(poll_asked(ctx, request, &poll));
    int64_t now = clock_now(ctx->clock);
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    TRY(poll_put_questions(ctx, poll, model));
    put_people(ctx, poll, model);
    put_turnout(ctx, poll, model);
    put_way(ctx, poll, model);
    TRY(put_next(ctx, poll, model));
    put_keeper(ctx, poll, model);
    TRY(put_archive(ctx, poll, model));
    TRY(put_history(ctx, poll, model));
    bool is_cancelled = poll_is(poll, "cancelled");
    node_put_bool(model, KEY("cancelled"), is_cancelled);
    node_put_bool(model, KEY("late"), poll_is_late(poll, now));
    node_put_string(model, KEY("slip_href"), poll_is_open(poll, now) ? poll_href(ctx, poll, "/booth") : NULL);
    if (is_cancelled && poll_is_kept_by(poll, ctx->person))
        node_put_string(model, KEY("again_href"),
                        arena_printf(ctx->arena, "/ballots/new?place=%s&again=%s", poll->village, poll->number));
    return NULL;
}

/* --- the list of ballots --- */

static const struct err *put_asked_tracker(struct ctx *ctx, const struct poll *poll, struct text tracker, struct node *model)
{
    struct poll_tracked found;
    bool is_found;
    node_put_text(model, KEY("tracker"), tracker.at ? tracker : TEXT(""));
    if (!tracker.size)
        return NULL;
    TRY(poll_track(ctx, poll, tracker, &is_found, &found));
    node_put_bool(model, KEY("found"), is_found);
    node_put_bool(model, KEY("opened"), found.is_opened);
    node_put_bool(model, KEY("not_found"), !is_found && !found.is_opened);
    if (!is_found)
        return NULL;
    node_put_bool(model, KEY("superseded"), found.is_superseded);
    put_moment(ctx, model, KEY("accepted"), found.accepted);
    return NULL;
}

const struct err *poll_tracking_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_tracked *list;
    struct moments moments;
    int count;
    int64_t after = -1;
    TRY(poll_asked(ctx, request, &poll));
    if (!text_int(request_query(request, "after"), &after))
        after = -1;
    TRY(poll_track_list(ctx, poll, after, TRACKED_SHOWN, &list, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    TRY(put_asked_tracker(ctx, poll, request_query(request, "tracker"), model));
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *rows = node_put_list(model, KEY("rows"));
    for (int i = 0; i < count; i++) {
        struct node *row = node_add_object(rows);
        node_put_string(row, KEY("tracker"), list[i].tracker);
        moments_put(&moments, row, KEY("accepted"), list[i].accepted, MOMENT_LINE);
        node_put_bool(row, KEY("superseded"), list[i].is_superseded);
    }
    node_put_bool(model, KEY("has_rows"), count > 0);
    node_put_string(model, KEY("ballots"), arena_printf(ctx->arena, "%lld", (long long)poll->ballots));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/tracking"));
    if (count == TRACKED_SHOWN)
        node_put_string(model, KEY("next_href"),
                        arena_printf(ctx->arena, "%s?after=%lld", poll_href(ctx, poll, "/tracking"), (long long)list[count - 1].position));
    return NULL;
}

const struct err *poll_audit_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct text election;
    TRY(poll_asked(ctx, request, &poll));
    TRY(poll_part(ctx, poll, "election", &election));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_text(model, KEY("election"), election);
    node_put_string(model, KEY("election_href"), poll_href(ctx, poll, "/election.json"));
    return NULL;
}

/* --- files --- */

static const struct err *file(struct ctx *ctx, struct request *request, const char *kind, const char *name, struct answer *answer)
{
    struct poll *poll;
    TRY(poll_asked(ctx, request, &poll));
    TRY(poll_part(ctx, poll, kind, &answer->body));
    answer->content_type = "application/json";
    answer->file_name = name;
    answer->cache = "public, max-age=3600";
    return NULL;
}

const struct err *poll_election_file(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return file(ctx, request, "election", "election.json", answer);
}

const struct err *poll_trustees_file(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return file(ctx, request, "trustees", "trustees.json", answer);
}

const struct err *poll_credentials_file(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return file(ctx, request, "credentials", "public_creds.json", answer);
}

const struct err *poll_tally_file(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return file(ctx, request, "tally", "encrypted_tally.json", answer);
}

/* The stream outlives this request's ctx: it begins from what the process holds. The last event stands for all before it, so whoever
 * watches an archive asks for it again and again and gets it when it has grown. */
const struct err *poll_archive_file(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_head head;
    struct poll_stream *stream;
    TRY(poll_asked(ctx, request, &poll));
    TRY(poll_head(ctx, poll, &head));
    TRY(poll_stream_begin(ctx, poll, &stream));
    answer->version = head.last;
    answer->cache = "public, no-cache";
    answer->stream = (struct answer_stream){ stream, poll_stream_read, poll_stream_end };
    answer->content_type = "application/octet-stream";
    answer->file_name = arena_printf(ctx->arena, "%s.bel", poll->number);
    return NULL;
}
