/* systems/ballots/new_ballot.c
 * The page asks for the village first when the person keeps several (a desk), since the names to choose from follow from it. */
#include "systems/ballots/new_ballot.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/poll_pages.h"
#include "record/matter_change.h"
#include "record/place.h"
#include "record/records.h"
#include "record/rights.h"
#include "store/plan.h"

#include <string.h>

enum { STATUS_UNPROCESSABLE = 422, OWN_FIELDS = 5, FIRSTS_MOST = 40 };

/* What is being called, as far as the address and the form say. */
struct calling {
    struct ctx *ctx;
    struct request *request;
    struct flow_form form;
    struct place *place;          /* NULL until a village is chosen */
    struct form_choice *villages; /* to choose from */
    int village_count;
    struct form_choice *people;
    int person_count;
    struct form_first *firsts; /* what stands in the form at first */
    const char *again;         /* number of the ballot that is called once more; NULL: none */
};

/* --- which village --- */

static const struct err *add_village(struct calling *calling, const struct place *place)
{
    for (int i = 0; i < calling->village_count; i++)
        if (strcmp(calling->villages[i].value, place->code) == 0)
            return NULL;
    struct form_choice *more = arena_array_of(calling->ctx->arena, struct form_choice, calling->village_count + 1);
    if (calling->village_count)
        memcpy(more, calling->villages, sizeof *more * (size_t)calling->village_count);
    more[calling->village_count++] = (struct form_choice){ place->code, place->name, NULL };
    calling->villages = more;
    return NULL;
}

static const struct err *list_villages(struct calling *calling)
{
    struct ctx *ctx = calling->ctx;
    int32_t today = day_of(clock_now(ctx->clock));
    for (int i = 0; i < ctx->person->role_count; i++) {
        const struct held_role *held = &ctx->person->roles[i];
        struct place *place, *below;
        int count;
        if (held->role != ROLE_DESK && held->role != ROLE_VILLAGE_SECRETARY)
            continue;
        TRY(place_load(ctx, text_of(held->place), &place));
        if (place->kind == PLACE_VILLAGE)
            TRY(add_village(calling, place));
        if (place->kind != PLACE_TOWN)
            continue;
        TRY(place_children(ctx, text_of(place->code), today, &below, &count));
        for (int k = 0; k < count; k++)
            if (below[k].kind == PLACE_VILLAGE)
                TRY(add_village(calling, &below[k]));
    }
    return NULL;
}

static const struct err *find_village(struct calling *calling)
{
    struct text chosen = request_field(calling->request, "place");
    if (!chosen.size)
        chosen = request_query(calling->request, "place");
    TRY(list_villages(calling));
    if (!chosen.size && calling->village_count == 1)
        chosen = text_of(calling->villages[0].value);
    for (int i = 0; i < calling->village_count; i++)
        if (text_is(chosen, calling->villages[i].value))
            return place_load(calling->ctx, chosen, &calling->place);
    return NULL;
}

/* --- the names to choose from --- */

static const char *who_value(struct ctx *ctx, struct who who)
{
    return arena_printf(ctx->arena, "%s/%lld", who.realm, (long long)who.id);
}

static struct who who_chosen(struct ctx *ctx, struct text value)
{
    struct text id;
    struct who who = { text_string(ctx->arena, text_cut(value, '/', &id)), 0 };
    if (!text_int(id, &who.id))
        who.id = 0;
    return who;
}

static const struct err *list_people(struct calling *calling)
{
    struct ctx *ctx = calling->ctx;
    struct poll_candidate *candidates;
    int count;
    if (!calling->place)
        return NULL;
    TRY(poll_candidates(ctx, calling->place, &candidates, &count));
    calling->people = arena_array_of(ctx->arena, struct form_choice, count + 1);
    for (int i = 0; i < count; i++)
        calling->people[calling->person_count++] = (struct form_choice){
            who_value(ctx, candidates[i].who), candidates[i].name,
            arena_printf(ctx->arena, "%s · %s", label_say(role_label(candidates[i].role), ctx->language), candidates[i].place_name)
        };
    return NULL;
}

/* --- what stands there at first --- */

static void put_first(struct calling *calling, const char *field, const char *value)
{
    if (calling->form.first_count == FIRSTS_MOST)
        BUG("more first values than room");
    calling->firsts[calling->form.first_count++] = (struct form_first){ field, value };
}

static const char *numbered(struct ctx *ctx, const char *field, int number)
{
    return number ? arena_printf(ctx->arena, "%s_%d", field, number + 1) : field;
}

static const struct err *put_questions_again(struct calling *calling, const struct poll *poll)
{
    struct ctx *ctx = calling->ctx;
    struct poll_question questions[POLL_QUESTIONS_MOST];
    int count;
    TRY(poll_questions_of(ctx, poll, questions, &count));
    for (int i = 0; i < count; i++) {
        put_first(calling, numbered(ctx, "question", i), text_string(ctx->arena, questions[i].asked));
        put_first(calling, numbered(ctx, "kind", i), poll_kind_key(questions[i].kind));
        put_first(calling, numbered(ctx, "answers", i), text_string(ctx->arena, questions[i].answers));
        put_first(calling, numbered(ctx, "most", i), text_string(ctx->arena, questions[i].most));
        put_first(calling, numbered(ctx, "blank", i), questions[i].has_blank ? "yes" : "");
    }
    return NULL;
}

/* A moment that is over is asked for anew. */
static void put_moment_again(struct calling *calling, const char *field, int64_t at)
{
    if (at > clock_now(calling->ctx->clock))
        put_first(calling, field, arena_printf(calling->ctx->arena, "%.16s", time_print_rfc3339(calling->ctx->arena, at)));
}

/* A ballot that was cancelled, since its preparation went wrong, is called with the same contents: ?again= its number. */
static const struct err *put_again(struct calling *calling)
{
    struct ctx *ctx = calling->ctx;
    struct text number = request_query(calling->request, "again");
    struct poll *poll;
    if (!number.size || !calling->place)
        return NULL;
    TRY(poll_load(ctx, number, &poll));
    if (!poll_is_kept_by(poll, ctx->person) || strcmp(poll->village, calling->place->code) != 0)
        return NULL;
    calling->again = poll->number;
    put_first(calling, "title", poll->title);
    put_first(calling, "about", poll->about);
    put_moment_again(calling, "opens", poll->opens);
    put_moment_again(calling, "closes", poll->closes);
    put_first(calling, "tool", strcmp(poll->arithmetic, "Ed25519") == 0 ? "common" : "older");
    put_first(calling, "roll", poll->roll);
    put_first(calling, "authority", who_value(ctx, poll->authority));
    for (int i = 0; i < poll->trustee_count; i++)
        put_first(calling, arena_printf(ctx->arena, "trustee_%d", i + 1), who_value(ctx, poll->trustees[i].who));
    return put_questions_again(calling, poll);
}

static const struct err *begin(struct ctx *ctx, struct request *request, struct calling *ret)
{
    const struct flow *flow = face_flow(ctx, &poll_face);
    struct flow_ask *asks;
    int count = form_asks_of(ctx, flow, &asks);
    struct form_first *firsts = arena_array_of(ctx->arena, struct form_first, FIRSTS_MOST);
    *ret = (struct calling){ .ctx = ctx, .request = request, .firsts = firsts,
                             .form = { .id = "new", .flow = flow->key, .request = request, .asks = asks, .firsts = firsts,
                                       .ask_count = count - 1 /* the last, terms, is the house's */ } };
    TRY(find_village(ret));
    TRY(put_again(ret));
    put_first(ret, "tool", ctx->records->is_demo ? "older" : "common"); /* the first that is found counts */
    return list_people(ret);
}

/* --- the page --- */

static void put_question(struct calling *calling, struct node *list, int number)
{
    struct ctx *ctx = calling->ctx;
    static const char *const names[] = { "question", "kind", "answers", "most", "blank" };
    const char *fields[OWN_FIELDS];
    struct form_choice *kinds = arena_array_of(ctx->arena, struct form_choice, POLL_KIND_COUNT),
                       *blanks = arena_array_of(ctx->arena, struct form_choice, 2);
    for (int i = 0; i < POLL_KIND_COUNT; i++)
        kinds[i] = (struct form_choice){ poll_kind_key((enum poll_kind)i),
                                         texts_say(ctx->language, arena_printf(ctx->arena, "ballot.kind.%s", poll_kind_key((enum poll_kind)i))),
                                         NULL };
    blanks[0] = (struct form_choice){ "no", texts_say(ctx->language, "ballot.blank_no"), NULL };
    blanks[1] = (struct form_choice){ "yes", texts_say(ctx->language, "ballot.blank_yes"), NULL };
    for (int i = 0; i < OWN_FIELDS; i++)
        fields[i] = numbered(ctx, names[i], number);
    struct node *question = node_add_object(list);
    node_put_string(question, KEY("title"), texts_fill(ctx, "ballot.question_n", arena_printf(ctx->arena, "%d", number + 1), NULL));
    node_put_bool(question, KEY("open"), number == 0 || form_shown(&calling->form, fields[0]).size > 0);
    struct node *list_of = node_put_list(question, KEY("fields"));
    form_put_own(ctx, &calling->form, list_of, fields[0], "ballot.question", "ballot.question_hint", number == 0, NULL, 0);
    form_put_own(ctx, &calling->form, list_of, fields[1], "ballot.kind", NULL, number == 0, kinds, POLL_KIND_COUNT);
    form_put_lines(ctx, &calling->form, list_of, fields[2], "ballot.answers", "ballot.answers_hint");
    form_put_own(ctx, &calling->form, list_of, fields[3], "ballot.most", "ballot.most_hint", false, NULL, 0);
    form_put_own(ctx, &calling->form, list_of, fields[4], "ballot.blank", "ballot.blank_hint", false, blanks, 2);
}

static void put_people(struct calling *calling, struct node *model)
{
    struct ctx *ctx = calling->ctx;
    struct form_choice *rolls = arena_array_of(ctx->arena, struct form_choice, 2);
    rolls[0] = (struct form_choice){ "representatives", texts_say(ctx->language, "ballot.roll_representatives"), NULL };
    rolls[1] = (struct form_choice){ "villagers", texts_say(ctx->language, "ballot.roll_villagers"), NULL };
    struct node *fields = node_put_list(model, KEY("people"));
    form_put_own(ctx, &calling->form, fields, "roll", "ballot.roll", "ballot.roll_hint", true, rolls, 2);
    int64_t count = poll_trustees_asked(ctx, calling->place);
    for (int64_t i = 1; i <= count; i++)
        form_put_own(ctx, &calling->form, fields, arena_printf(ctx->arena, "trustee_%lld", (long long)i),
                     arena_printf(ctx->arena, "ballot.trustee_%lld", (long long)(i > 3 ? 3 : i)),
                     i == 1 ? "ballot.trustee_hint" : NULL, true, calling->people, calling->person_count);
    form_put_own(ctx, &calling->form, fields, "authority", "ballot.authority", "ballot.authority_hint", true, calling->people,
                 calling->person_count);
}

static const struct err *put_model(struct calling *calling, struct node **ret)
{
    struct ctx *ctx = calling->ctx;
    struct node *model = *ret = node_object(ctx->arena);
    node_put_string(model, KEY("action"), "/ballots/new");
    node_put_string(model, KEY("token"), form_token(ctx));
    node_put_string(model, KEY("again"), calling->again);
    struct node *villages = node_put_list(model, KEY("villages"));
    for (int i = 0; !calling->place && i < calling->village_count; i++) {
        struct node *village = node_add_object(villages);
        node_put_string(village, KEY("name"), calling->villages[i].label);
        node_put_string(village, KEY("href"), arena_printf(ctx->arena, "/ballots/new?place=%s", calling->villages[i].value));
    }
    form_put_problems(ctx, &calling->form, model);
    if (!calling->place)
        return NULL;
    struct node *place = node_put_object(model, KEY("place"));
    node_put_string(place, KEY("code"), calling->place->code);
    node_put_string(place, KEY("name"), calling->place->name);
    form_put(ctx, &calling->form, node_put_list(model, KEY("fields")));
    struct node *questions = node_put_list(model, KEY("asked"));
    for (int i = 0; i < POLL_QUESTIONS_MOST; i++)
        put_question(calling, questions, i);
    put_people(calling, model);
    return NULL;
}

const struct err *new_ballot_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct calling calling;
    TRY(begin(ctx, request, &calling));
    return put_model(&calling, &answer->model);
}

/* --- sending it --- */

static struct text own_field(const struct calling *calling, const char *name, int number)
{
    return request_field(calling->request, numbered(calling->ctx, name, number));
}

static const struct err *read_form(struct calling *calling, struct poll_opening *ret)
{
    struct ctx *ctx = calling->ctx;
    struct request *request = calling->request;
    *ret = (struct poll_opening){ .place = calling->place,
                                  .title = request_field(request, "title"),
                                  .about = request_field(request, "about"),
                                  .opens = request_field(request, "opens"),
                                  .closes = request_field(request, "closes"),
                                  .tool = request_field(request, "tool"),
                                  .roll = request_field(request, "roll"),
                                  .authority = who_chosen(ctx, request_field(request, "authority")),
                                  .token = request_field(request, "token"),
                                  .leads_to = "/ballots/" };
    for (int i = 0; i < POLL_QUESTIONS_MOST; i++) {
        struct text asked = text_trim(own_field(calling, "question", i));
        if (!asked.size && i)
            continue;
        int kind = poll_kind_find(own_field(calling, "kind", i));
        const char *field = i ? arena_printf(ctx->arena, "kind_%d", i + 1) : "kind";
        if (asked.size && kind < 0)
            return err_field(ctx, field, "poll.kind");
        ret->questions[ret->question_count++] = (struct poll_question){
            asked, kind < 0 ? POLL_ONE : (enum poll_kind)kind, own_field(calling, "answers", i), own_field(calling, "most", i),
            text_is(own_field(calling, "blank", i), "yes")
        };
    }
    int64_t count = poll_trustees_asked(ctx, calling->place);
    for (int i = 0; i < count && i < POLL_TRUSTEES_MOST; i++)
        ret->trustees[ret->trustee_count++] =
            who_chosen(ctx, request_field(request, arena_printf(ctx->arena, "trustee_%d", i + 1)));
    return NULL;
}

static const struct err *show_again(struct calling *calling, const struct err *wrong, struct answer *answer)
{
    struct form_problem *problems;
    calling->form.problem_count = form_problems(calling->ctx, &calling->form, wrong, &problems);
    calling->form.problems = problems;
    *answer = (struct answer){ .status = STATUS_UNPROCESSABLE, .view = "new_ballot" };
    return put_model(calling, &answer->model);
}

const struct err *new_ballot_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct calling calling;
    struct poll_opening opening;
    struct matter_change made = { 0 };
    TRY(begin(ctx, request, &calling));
    const struct err *wrong = calling.place ? NULL : err_field(ctx, "place", "by_hand.place_needed");
    if (!wrong)
        wrong = read_form(&calling, &opening);
    if (!wrong)
        wrong = poll_open_check(ctx, &opening, &made);
    if (wrong && err_root(wrong)->kind == ERR_INPUT)
        return show_again(&calling, wrong, &change->answer);
    TRY(wrong);
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    change->plan = made.plan;
    poll_done(ctx, request, change, made.already ? made.already : "/ballots/" PLAN_NUMBER, "flash.ballot_called", model);
    return NULL;
}
