/* app/demo_walk.c */
#include "app/demo_walk.h"

#include "app/demo_ballots.h"

#include "base/arena.h"
#include "base/day.h"
#include "base/json.h"
#include "record/clocks.h"
#include "record/matter_change.h"
#include "record/person.h"
#include "store/writer.h"

#include <stdlib.h>

enum { OLDEST_DAYS = 200, GIVEN_MOST = 8 };

int64_t demo_begins_before(void)
{
    return OLDEST_DAYS * MICROS_PER_DAY;
}

/* One thing that happens: the filing (move NULL) or a move of one request. */
struct step {
    int64_t at;
    int order; /* in the file, for steps of one moment */
    const struct node *request, *move;
    const char **number; /* of the request, once filed */
};

/* --- reading the file --- */

static int64_t micros_of_hours(const struct node *hours)
{
    if (!hours)
        return 0;
    return hours->kind == NODE_REAL ? (int64_t)(hours->real * 3600.0) * MICROS_PER_SECOND : hours->number * MICROS_PER_HOUR;
}

static int by_time(const void *a, const void *b)
{
    const struct step *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->order - right->order;
}

static int count_steps(const struct node *requests)
{
    int count = 0;
    node_each(link, requests) {
        const struct node *moves = node_find(&link->value, KEY("steps"));
        count += 1 + (moves ? (int)moves->count : 0);
    }
    return count;
}

static struct step *list_steps(struct ctx *ctx, const struct node *requests, int64_t midnight, int *ret_count)
{
    struct step *steps = arena_array_of(ctx->arena, struct step, count_steps(requests));
    int count = 0;
    node_each(link, requests) {
        const struct node *request = &link->value, *moves = node_find(request, KEY("steps"));
        int64_t at = midnight - node_find_int(request, KEY("days_ago"), 1) * MICROS_PER_DAY +
                     node_find_int(request, KEY("hour"), 9) * MICROS_PER_HOUR;
        const char **number = arena_new_of(ctx->arena, const char *);
        steps[count] = (struct step){ at, count, request, NULL, number };
        count++;
        if (!moves)
            continue;
        node_each(move, moves) {
            at += micros_of_hours(node_find(&move->value, KEY("after_hours")));
            steps[count] = (struct step){ at, count, request, &move->value, number };
            count++;
        }
    }
    qsort(steps, (size_t)count, sizeof *steps, by_time);
    *ret_count = count;
    return steps;
}

/* --- what a step gives --- */

struct given {
    struct flow_given fields[GIVEN_MOST];
    struct text values[GIVEN_MOST];
    int count;
};

static void give(struct given *given, const char *key, struct text value)
{
    if (!value.at)
        return;
    given->values[given->count] = value;
    given->fields[given->count] = (struct flow_given){ text_of(key), &given->values[given->count], 1 };
    given->count++;
}

static void give_text(struct given *given, const struct node *from, const struct key *member, const char *key)
{
    struct text value = node_find_text(from, member);
    if (value.size)
        give(given, key, value);
}

static const struct err *find_person(struct ctx *ctx, struct text key, struct person **ret)
{
    TRY(person_find(ctx, NULL, key, day_of(clock_now(ctx->clock)), ret));
    return *ret ? NULL : err_broken(ctx, "requests.json: there is no person %.*s", (int)key.size, key.at);
}

static const struct err *give_move(struct ctx *ctx, const struct node *move, struct given *given)
{
    static const char *const grades[] = { "very_dissatisfied", "dissatisfied", "fairly_satisfied", "satisfied", "very_satisfied" };
    give_text(given, move, KEY("ground"), "ground");
    give_text(given, move, KEY("reason"), "reason");
    give_text(given, move, KEY("suggest_unit"), "suggest_unit");
    give_text(given, move, KEY("result"), "result");
    struct text handler = node_find_text(move, KEY("handler"));
    if (handler.size) {
        struct person *person;
        TRY(find_person(ctx, handler, &person));
        give(given, "handler", text_of(arena_printf(ctx->arena, "%lld", (long long)person->id)));
    }
    int64_t workdays = node_find_int(move, KEY("workdays"), 0), grade = node_find_int(move, KEY("grade"), 0);
    if (workdays)
        give(given, "workdays", text_of(arena_printf(ctx->arena, "%lld", (long long)workdays)));
    if (grade >= 1 && grade <= 5) {
        give(given, "solved", node_find_bool(move, KEY("solved")) ? TEXT("yes") : TEXT("no"));
        give(given, "grade", text_of(grades[grade - 1]));
    }
    return NULL;
}

/* --- doing a step --- */

static const struct err *file_request(struct ctx *ctx, const struct demo_walk *walk, const struct step *step,
                                      struct matter_change *ret)
{
    (void)walk;
    struct given given = { 0 };
    give_text(&given, step->request, KEY("kind"), "category");
    give_text(&given, step->request, KEY("topic"), "topic");
    give_text(&given, step->request, KEY("text"), "text");
    give_text(&given, step->request, KEY("spot"), "where");
    struct matter_opening opening = {
        .flow = flow_now(ctx, TEXT("request")),
        .place = text_string(ctx->arena, node_find_text(step->request, KEY("place"))),
        .given = given.fields,
        .given_count = given.count,
    };
    struct person *author;
    TRY(find_person(ctx, node_find_text(step->request, KEY("author")), &author));
    ctx->person = author;
    return matter_open_check(ctx, &opening, ret);
}

static const struct err *make_move(struct ctx *ctx, const struct step *step, struct matter_change *ret)
{
    struct given given = { 0 };
    struct person *person;
    struct matter *matter;
    const char *realm;
    TRY(find_person(ctx, node_find_text(step->move, KEY("by")), &person));
    ctx->person = person;
    TRY(give_move(ctx, step->move, &given));
    TRY(matter_realm_of(ctx, text_of(*step->number), &realm));
    TRY(matter_load(ctx, realm, text_of(*step->number), &matter));
    struct matter_move asked = { .move = node_find_text(step->move, KEY("move")), .given = given.fields, .given_count = given.count };
    return matter_move_check(ctx, matter, &asked, ret);
}

static const struct err *do_step_in(struct ctx *ctx, struct demo_walk *walk, const struct step *step)
{
    struct matter_change change;
    TRY(snapshot_begin(ctx, walk->house->db, &ctx->snapshot));
    const struct err *failed = step->move ? make_move(ctx, step, &change) : file_request(ctx, walk, step, &change);
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    TRY(failed);
    struct outcome outcome;
    TRY(writer_run(ctx, walk->house->writer, change.plan, &outcome));
    if (outcome.kind != OUTCOME_DONE)
        return err_broken(ctx, "a step of the demo met a conflict: %s", outcome.conflict);
    if (!step->move)
        *step->number = outcome.number;
    return NULL;
}

/* Everything of one step is gone afterwards, but for the number. */
static const struct err *do_step(struct ctx *outer, struct demo_walk *walk, struct step *step)
{
    struct ctx *ctx = ctx_begin(&walk->house->model);
    const struct err *failed = do_step_in(ctx, walk, step);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "%s of \"%.20s…\": %s",
                                 step->move ? text_string(outer->arena, node_find_text(step->move, KEY("move"))) : "filing",
                                 text_string(outer->arena, node_find_text(step->request, KEY("text"))), err_trace(ctx, failed));
    else if (!step->move)
        *step->number = arena_string(outer->arena, *step->number);
    ctx_end(ctx);
    return failed;
}

static const struct err *fire_clocks(struct ctx *outer, struct demo_walk *walk, int64_t now)
{
    struct ctx *ctx = ctx_begin(&walk->house->model);
    int fired;
    const struct err *failed = clocks_fire_all(ctx, walk->house->writer, now, &fired);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "clocks: %s", err_trace(ctx, failed));
    ctx_end(ctx);
    return failed;
}

/* When the next clock is due by UNTIL; INT64_MAX when none is. */
static const struct err *next_due(struct ctx *outer, struct demo_walk *walk, int64_t until, int64_t *ret)
{
    struct ctx *ctx = ctx_begin(&walk->house->model);
    struct clock_due *due;
    int count = 0;
    const struct err *failed = snapshot_begin(ctx, walk->house->db, &ctx->snapshot);
    if (!failed)
        failed = clocks_due(ctx, until, 1, &due, &count);
    *ret = failed || !count ? INT64_MAX : due[0].at;
    snapshot_end(ctx->snapshot);
    if (failed)
        failed = err_make_broken(outer, __FILE__, __LINE__, "clocks: %s", err_trace(outer, failed));
    ctx_end(ctx);
    return failed;
}

/* Clocks fire at the moment they are due. */
const struct err *demo_let_time_pass(struct ctx *ctx, struct demo_walk *walk, int64_t until)
{
    for (;;) {
        int64_t due;
        TRY(next_due(ctx, walk, until, &due));
        if (due > until)
            break;
        if (due > clock_now(&walk->clock->clock))
            fake_clock_set(walk->clock, due);
        TRY(fire_clocks(ctx, walk, clock_now(&walk->clock->clock)));
    }
    fake_clock_set(walk->clock, until);
    return NULL;
}

const struct err *demo_walk_requests(struct ctx *ctx, struct demo_walk *walk, struct text json)
{
    struct node *requests;
    TRY(json_read(ctx, json, &requests));
    int64_t midnight = clock_now(&walk->clock->clock) + demo_begins_before();
    int count;
    struct step *steps = list_steps(ctx, requests, midnight, &count);
    struct demo_ballots *ballots;
    TRY(demo_ballots_begin(ctx, midnight, &ballots));
    for (int i = 0; i < count && steps[i].at <= midnight; i++) {
        TRY(demo_ballots_until(ctx, walk, ballots, steps[i].at));
        TRY(demo_let_time_pass(ctx, walk, steps[i].at));
        TRY(do_step(ctx, walk, &steps[i]));
        walk->requests += !steps[i].move;
        walk->moves += steps[i].move != NULL;
        walk->progress(walk->self, i + 1, count);
    }
    TRY(demo_ballots_until(ctx, walk, ballots, midnight));
    return demo_let_time_pass(ctx, walk, midnight);
}
