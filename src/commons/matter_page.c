/* commons/matter_page.c */
#include "commons/matter_page.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/matter_reach.h"
#include "commons/moment.h"
#include "record/person.h"
#include "record/place.h"
#include "record/records.h"

#include <string.h>

/* --- clocks --- */

const char *clock_words(struct ctx *ctx, const struct flow *flow, const struct flow_clock *clock)
{
    const char *own = text_maybe(ctx, "clock", flow->key, clock->name, NULL);
    return own ? own : texts_fill(ctx, "clock.latest", label_say(&clock->label, ctx->language), NULL);
}

static bool is_running(const struct running_clock *clock)
{
    return !clock->stopped && !clock->paused_since;
}

const struct running_clock *clock_next(const struct matter *matter)
{
    const struct running_clock *next = NULL;
    for (int i = 0; i < matter->clock_count; i++)
        if (is_running(&matter->clocks[i]) && (!next || matter->clocks[i].due < next->due))
            next = &matter->clocks[i];
    return next;
}

void clock_put_basis(struct ctx *ctx, const struct running_clock *clock, struct node *node)
{
    node_put_string(node, KEY("rule"), period_words(ctx, clock->value + clock->extended, clock->unit));
    node_put_string(node, KEY("source"), clock->source ? clock->source : texts_say(ctx->language, "clock.own"));
    node_put_bool(node, KEY("provisional"), clock->is_provisional && !clock->stopped);
}

static void put_next(struct seen *seen, struct moments *moments, struct node *node)
{
    struct ctx *ctx = seen->ctx;
    const struct running_clock *clock = clock_next(seen->matter);
    const struct flow_clock *of = clock ? flow_clock_find(seen->matter->flow, text_of(clock->name)) : NULL;
    if (!of) {
        node_put(node, KEY("next"), (struct node){ .kind = NODE_NULL });
        return;
    }
    struct node *next = node_put_object(node, KEY("next"));
    node_put_string(next, KEY("what"), clock_words(ctx, seen->matter->flow, of));
    moments_put(moments, next, KEY("due"), clock->due, MOMENT_DUE);
    node_put_string(next, KEY("left"), left_words(ctx, law_now(ctx)->calendar, moments->now, clock->due, clock->unit));
    node_put_bool(next, KEY("late"), moments->now > clock->due);
    clock_put_basis(ctx, clock, next);
}

static void put_pauses(struct moments *moments, const struct running_clock *clock, struct node *node)
{
    struct node *pauses = node_put_list(node, KEY("pauses"));
    for (int i = 0; i < clock->paused_count; i++) {
        struct node *pause = node_add_object(pauses);
        node_put_text(pause, KEY("from"), moments_say(moments, clock->paused[i].from, MOMENT_LINE));
        node_put_text(pause, KEY("to"), moments_say(moments, clock->paused[i].to, MOMENT_LINE));
    }
    if (clock->paused_since) {
        struct node *pause = node_add_object(pauses);
        node_put_text(pause, KEY("from"), moments_say(moments, clock->paused_since, MOMENT_LINE));
        node_put_string(pause, KEY("to"), "");
    }
}

enum clock_end { END_NONE, END_MET, END_MISSED, END_CANCELLED, END_LAPSED };

/* How a clock ended: by what it waited for, in time or not; by being given back, started anew or overtaken by the end of the
 * matter; or by the move of the house that it was there for. */
static enum clock_end end_of(const struct matter *matter, const struct running_clock *clock, const struct flow_clock *of)
{
    if (!clock->stopped || !of)
        return END_NONE;
    if (clock->fired && of->then && of->then->to)
        return END_LAPSED;
    if (clock->fired || clock->stopped > clock->due)
        return END_MISSED;
    for (int i = 0; i < matter->event_count; i++) {
        const struct matter_event *event = &matter->events[i];
        uint64_t move = UINT64_C(1) << event->move->index;
        if (event->seq <= clock->id || !((of->stops | of->starts) & move))
            continue;
        return (of->stops & move) && event->to->index != 0 ? END_MET : END_CANCELLED;
    }
    return END_CANCELLED;
}

static void put_clock(struct seen *seen, struct moments *moments, const struct running_clock *clock, struct node *node)
{
    struct ctx *ctx = seen->ctx;
    const struct flow_clock *of = flow_clock_find(seen->matter->flow, text_of(clock->name));
    enum clock_end end = end_of(seen->matter, clock, of);
    bool is_paused = !clock->stopped && clock->paused_since;
    bool is_late = (is_running(clock) && moments->now > clock->due) || end == END_MISSED;
    node_put_string(node, KEY("name"), of ? label_say(&of->label, ctx->language) : clock->name);
    static const char *const ends[] = { [END_NONE] = "ended", [END_MET] = "met", [END_MISSED] = "missed",
                                        [END_CANCELLED] = "cancelled", [END_LAPSED] = "lapsed" };
    node_put_string(node, KEY("stands"),
                    clock->stopped ? ends[end] : is_late ? "late" : is_paused ? "paused" : "running");
    node_put_bool(node, KEY("running"), is_running(clock) && !is_late);
    node_put_bool(node, KEY("paused"), is_paused);
    node_put_bool(node, KEY("met"), end == END_MET);
    node_put_bool(node, KEY("cancelled"), end == END_CANCELLED);
    node_put_bool(node, KEY("lapsed"), end == END_LAPSED);
    node_put_bool(node, KEY("fired"), is_late);
    moments_put(moments, node, KEY("due"), clock->due, MOMENT_LINE);
    node_put_string(node, KEY("left"),
                    is_running(clock) ? left_words(ctx, law_now(ctx)->calendar, moments->now, clock->due, clock->unit) : NULL);
    clock_put_basis(ctx, clock, node);
    put_pauses(moments, clock, node);
}

/* Those that still count stand open, the others are folded away. */
static void put_clocks(struct seen *seen, struct moments *moments, struct node *model)
{
    const struct matter *matter = seen->matter;
    struct node *clocks = node_put_list(model, KEY("clocks")), *ended = node_put_list(model, KEY("ended"));
    for (int i = matter->clock_count - 1; i >= 0; i--)
        put_clock(seen, moments, &matter->clocks[i], node_add_object(matter->clocks[i].stopped ? ended : clocks));
    node_put_bool(model, KEY("has_clocks"), matter->clock_count > 0);
    node_put_bool(model, KEY("has_ended"), ended->count > 0);
    node_put_string(model, KEY("ended_count"), arena_printf(seen->ctx->arena, "%u", ended->count));
}

/* --- the head of the page --- */

static struct text said_in(const struct seen *seen, const char *field)
{
    return field ? node_find_text(seen->matter->data, key_intern(text_of(field))) : (struct text){ NULL, 0 };
}

static const char *kind_words(const struct seen *seen, const char *field)
{
    struct text value = said_in(seen, field);
    return value.size ? choice_words(seen->ctx, seen->matter->flow, field, text_string(seen->ctx->arena, value)) : "";
}

static const struct err *put_place(struct seen *seen, struct node *node)
{
    struct ctx *ctx = seen->ctx;
    struct place *place;
    const char *words;
    TRY(place_load(ctx, text_of(seen->matter->place), &place));
    TRY(place_words(ctx, place, &words));
    struct node *at = node_put_object(node, KEY("place"));
    node_put_string(at, KEY("name"), words);
    node_put_string(at, KEY("href"), arena_printf(ctx->arena, "/places/%s", place->code));
    return NULL;
}

static enum role nearest_role(role_mask mask)
{
    enum role role = 0;
    while (role < ROLE_COUNT - 1 && !(mask & ROLE_BIT(role)))
        role++;
    return role;
}

static const struct err *owner_of(struct seen *seen, const char **ret_name, const char **ret_unit)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    role_mask owner = matter->state->owner;
    *ret_unit = NULL;
    if ((owner & ROLE_BIT(ROLE_HANDLER)) && matter->handler.id) {
        if (who_is(matter->handler, person_who(ctx->person)))
            *ret_name = texts_say(ctx->language, "matter.you");
        else
            TRY(seen_name(seen, matter->handler, ret_name));
        struct organisation *unit;
        if (matter->handler_unit) {
            TRY(organisation_load(ctx, matter->handler_unit, &unit));
            *ret_unit = unit->name;
        }
        return NULL;
    }
    bool is_mine = (owner & ROLE_BIT(ROLE_AUTHOR)) && seen->is_author;
    *ret_name = is_mine ? texts_say(ctx->language, "matter.you")
                        : label_say(role_label(nearest_role(owner)), ctx->language);
    return NULL;
}

/* Where to ask: the office telephone of the handler, or that of the desk. */
static const struct err *owner_phone(struct seen *seen, const char **ret)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    *ret = NULL;
    if ((matter->state->owner & ROLE_BIT(ROLE_HANDLER)) && matter->handler.id) {
        struct holder *holders;
        int count;
        TRY(person_holders_above(ctx, ROLE_HANDLER, matter->place_path, day_of(clock_now(ctx->clock)), &holders, &count));
        for (int i = 0; i < count && !*ret; i++)
            if (who_is(holders[i].who, matter->handler))
                *ret = holders[i].phone;
        return NULL;
    }
    struct service_desk *desk = NULL;
    if (matter->state->owner & ROLE_BIT(ROLE_DESK))
        TRY(place_desk(ctx, matter->place_path, &desk));
    *ret = desk ? desk->phone : NULL;
    return NULL;
}

static const struct err *put_owner(struct seen *seen, struct node *node)
{
    if (!seen->matter->state->owner) {
        node_put(node, KEY("owner"), (struct node){ .kind = NODE_NULL });
        return NULL;
    }
    const char *name, *unit, *phone;
    TRY(owner_of(seen, &name, &unit));
    TRY(owner_phone(seen, &phone));
    struct node *owner = node_put_object(node, KEY("owner"));
    node_put_string(owner, KEY("name"), name);
    node_put_string(owner, KEY("unit"), unit);
    node_put_string(owner, KEY("phone"), phone);
    return NULL;
}

static const struct err *put_photos(struct seen *seen, struct node *node)
{
    struct ctx *ctx = seen->ctx;
    struct matter_file *files;
    int count;
    TRY(matter_files(ctx, seen->matter, &files, &count));
    struct node *photos = node_put_list(node, KEY("photos"));
    for (int i = 0; i < count; i++) {
        const char *rest = arena_printf(ctx->arena, "/photos/%d", i);
        const char *href = matter_href(ctx, seen->face, seen->matter->number, rest);
        const char *number = arena_printf(ctx->arena, "%d", i + 1);
        struct node *photo = node_add_object(photos);
        node_put_string(photo, KEY("href"), href);
        node_put_string(photo, KEY("thumb"), href);
        node_put_string(photo, KEY("words"), texts_fill(ctx, "matter.photo", number, NULL));
    }
    return NULL;
}

/* The latest event that answered what was asked, and has not been taken back by asking for it again. */
static const struct matter_event *answer_event(const struct seen *seen, struct text *ret)
{
    if (!seen->face->answer)
        return NULL;
    const struct key *key = key_intern(text_of(seen->face->answer));
    for (int i = seen->matter->event_count - 1; i > 0; i--) {
        *ret = node_find_text(seen->matter->events[i].answers, key);
        if (ret->size)
            return &seen->matter->events[i];
    }
    return NULL;
}

static const struct err *put_answer(struct seen *seen, struct moments *moments, struct node *node)
{
    struct text said;
    const struct matter_event *event = answer_event(seen, &said);
    if (!event) {
        node_put(node, KEY("answer"), (struct node){ .kind = NODE_NULL });
        return NULL;
    }
    const char *by;
    TRY(seen_actor(seen, event, &by));
    struct node *answer = node_put_object(node, KEY("answer"));
    node_put_text(answer, KEY("text"), said);
    node_put_string(answer, KEY("by"), by);
    moments_put(moments, answer, KEY("at"), event->recorded, MOMENT_LINE);
    return NULL;
}

static void put_mark(struct seen *seen, struct node *node)
{
    const struct matter_event *event = NULL;
    const struct matter_mark *mark = matter_mark_of(seen->matter, seen->face->marks, &event);
    struct text ground = event ? node_find_text(event->answers, KEY("ground")) : (struct text){ NULL, 0 };
    mark_put(seen->ctx, mark, seen->matter->flow, ground, node);
}

static const struct err *put_head(struct seen *seen, struct moments *moments, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct node *node = node_put_object(model, KEY("matter"));
    node_put_string(node, KEY("number"), matter->number);
    node_put_int(node, KEY("version"), matter->version);
    const char *kind = kind_words(seen, seen->face->kind), *topic = kind_words(seen, seen->face->topic);
    node_put_string(node, KEY("heading"), heading_words(ctx, kind, topic));
    node_put_string(node, KEY("kind"), kind);
    node_put_string(node, KEY("topic"), topic);
    put_mark(seen, node);
    node_put_text(node, KEY("text"), said_in(seen, seen->face->text));
    node_put_text(node, KEY("spot"), said_in(seen, seen->face->spot));
    node_put_text(node, KEY("accused"), said_in(seen, seen->face->accused));
    TRY(put_place(seen, node));
    if (seen->author) {
        struct node *author = node_put_object(node, KEY("author"));
        node_put_string(author, KEY("name"), seen->author);
        node_put_bool(author, KEY("mine"), seen->is_author);
        if (seen->author_href)
            node_put_string(author, KEY("href"), seen->author_href);
    }
    TRY(put_owner(seen, node));
    state_put(ctx, seen->face, matter->flow, matter->state, node, KEY("state"));
    moments_put(moments, node, KEY("filed"), matter->filed, MOMENT_FULL);
    TRY(put_photos(seen, node));
    put_next(seen, moments, node);
    TRY(put_answer(seen, moments, node));
    node_put_string(node, KEY("receipt_href"), matter_href(ctx, seen->face, matter->number, "/receipt"));
    node_put_string(node, KEY("log_href"), arena_printf(ctx->arena, "/log/%s", matter->realm));
    return NULL;
}

/* --- moves --- */

static const struct err *choices_of_handlers(struct seen *seen, struct flow_form *form)
{
    struct ctx *ctx = seen->ctx;
    struct place *town;
    struct holder *holders;
    int count;
    TRY(place_load(ctx, text_of(seen->matter->realm), &town));
    TRY(person_holders_within(ctx, ROLE_HANDLER, town->path, day_of(clock_now(ctx->clock)), &holders, &count));
    struct form_choice *choices = arena_array_of(ctx->arena, struct form_choice, count + 1);
    for (int i = 0; i < count; i++) {
        bool is_accused = seen->matter->accused &&
                          (holders[i].who.id == seen->matter->accused || holders[i].organisation == seen->matter->accused);
        is_accused = is_accused || matter_names(seen->matter, holders[i].name) ||
                     matter_names(seen->matter, holders[i].organisation_name);
        if (is_accused || who_is(holders[i].who, seen->matter->handler))
            continue;
        const char *value = arena_printf(ctx->arena, "%lld", (long long)holders[i].who.id);
        choices[form->person_count++] = (struct form_choice){ value, holders[i].name, holders[i].organisation_name };
    }
    form->persons = choices;
    return NULL;
}

static const struct err *choices_of_organisations(struct seen *seen, struct flow_form *form)
{
    struct ctx *ctx = seen->ctx;
    struct place *town;
    struct organisation *list;
    int count;
    TRY(place_load(ctx, text_of(seen->matter->realm), &town));
    TRY(organisation_list(ctx, town->path, &list, &count));
    struct form_choice *choices = arena_array_of(ctx->arena, struct form_choice, count + 1);
    for (int i = 0; i < count; i++)
        choices[i] = (struct form_choice){ arena_printf(ctx->arena, "%lld", (long long)list[i].id), list[i].name, NULL };
    form->organisations = choices;
    form->organisation_count = count;
    return NULL;
}

const struct err *move_form(struct seen *seen, const struct flow_move *move, const struct tried_move *tried, struct flow_form *ret)
{
    struct ctx *ctx = seen->ctx;
    bool is_tried = tried && tried->move == move;
    *ret = (struct flow_form){ .id = move->name, .flow = seen->matter->flow->key, .asks = move->asks, .ask_count = move->ask_count,
                          .rules = law_now(ctx)->rules };
    ret->place_count = place_codes(ctx, seen->matter->place_path, &ret->places);
    if (is_tried) {
        ret->request = tried->request;
        ret->problems = tried->problems;
        ret->problem_count = tried->problem_count;
    }
    for (int i = 0; i < move->ask_count; i++) {
        if (move->asks[i].field->type == FIELD_PERSON && !ret->persons)
            TRY(choices_of_handlers(seen, ret));
        if (move->asks[i].field->type == FIELD_ORG && !ret->organisations)
            TRY(choices_of_organisations(seen, ret));
    }
    return NULL;
}

static bool is_main(const struct seen *seen, const struct flow_move *move)
{
    for (const char *const *name = seen->face->main_moves; name && *name; name++)
        if (strcmp(*name, move->name) == 0)
            return true;
    return false;
}

static const struct err *add_move(struct seen *seen, const struct flow_move *move, const struct tried_move *tried,
                                  struct node *moves)
{
    struct ctx *ctx = seen->ctx;
    struct flow_form form;
    TRY(move_form(seen, move, tried, &form));
    bool main = is_main(seen, move);
    struct node *node = node_add_object(moves);
    node_put_string(node, KEY("id"), arena_printf(ctx->arena, "move-%s", move->name));
    node_put_string(node, KEY("name"), move->name);
    node_put_string(node, KEY("label"), label_say(&move->label, ctx->language));
    node_put_string(node, KEY("about"), text_maybe(ctx, "about", seen->face->flow, move->name, NULL));
    const char *rest = arena_printf(ctx->arena, "/moves/%s", move->name);
    node_put_string(node, KEY("action"), matter_href(ctx, seen->face, seen->matter->number, rest));
    node_put_string(node, KEY("token"), form_token(ctx));
    node_put_bool(node, KEY("main"), main);
    node_put_bool(node, KEY("open"), tried && tried->move ? tried->move == move : main);
    node_put_bool(node, KEY("direct"), move->ask_count == 0);
    node_put_bool(node, KEY("has_files"), form_has_images(&form));
    form_put(ctx, &form, node_put_list(node, KEY("fields")));
    return NULL;
}

static const struct err *put_nothing(struct seen *seen, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    if (!seen->matter->state->owner) {
        node_put_string(model, KEY("nothing"), texts_say(ctx->language, "matter.nothing_closed"));
        return NULL;
    }
    const char *name, *unit;
    TRY(owner_of(seen, &name, &unit));
    node_put_string(model, KEY("nothing"), texts_fill(ctx, "matter.nothing_with", name, NULL));
    return NULL;
}

static const struct err *put_moves(struct seen *seen, const struct tried_move *tried, int64_t now, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    const struct flow_move *const *possible;
    int count = flow_moves_for(ctx, seen->matter->flow, &seen->matter->known, seen->roles, now, &possible);
    struct node *moves = node_put_list(model, KEY("moves"));
    for (int main = 1; main >= 0; main--) /* the usual next step stands first */
        for (int i = 0; i < count; i++)
            if (is_main(seen, possible[i]) == (main == 1))
                TRY(add_move(seen, possible[i], tried, moves));
    node_put_bool(model, KEY("has_moves"), count > 0);
    if (count == 0)
        TRY(put_nothing(seen, model));
    struct flow_form form = { .id = "main" };
    if (tried && tried->move)
        form = (struct flow_form){ .id = tried->move->name, .asks = tried->move->asks, .ask_count = tried->move->ask_count,
                                   .problems = tried->problems, .problem_count = tried->problem_count };
    form_put_problems(ctx, &form, model);
    return NULL;
}

/* --- the history --- */

/* Whether the log holds more of it than anybody may read there. */
static bool is_private(const struct seen *seen, const struct matter_event *event)
{
    if (!matter_event_is_public(seen->matter, event))
        return true;
    node_each(link, event->answers) {
        const struct flow_field *field =
            flow_field_find(seen->matter->flow, (struct text){ link->key->name, link->key->size });
        if (!field || !field->is_public)
            return true;
    }
    return false;
}

static void put_by_hand(const struct seen *seen, struct node *details)
{
    struct ctx *ctx = seen->ctx;
    const char *words = seen_by_hand(seen);
    if (!words)
        return;
    struct node *detail = node_add_object(details);
    node_put_string(detail, KEY("label"), texts_say(ctx->language, "by_hand.for"));
    node_put_string(detail, KEY("value"), words);
}

static const struct err *add_event(struct seen *seen, struct moments *moments, const struct matter_event *event,
                                   struct node *history)
{
    struct ctx *ctx = seen->ctx;
    const char *who;
    TRY(seen_actor(seen, event, &who));
    struct node *node = node_add_object(history);
    node_put_string(node, KEY("what"), label_say(&event->move->label, ctx->language));
    node_put_string(node, KEY("who"), who);
    moments_put(moments, node, KEY("at"), event->recorded, MOMENT_LINE);
    if (event->from != event->to)
        state_put(ctx, seen->face, seen->matter->flow, event->to, node, KEY("state"));
    else
        node_put(node, KEY("state"), (struct node){ .kind = NODE_NULL });
    struct node *details = node_put_list(node, KEY("details"));
    if (event->from) /* what was filed stands at the head of the page */
        TRY(seen_put_answers(seen, event, details));
    else
        put_by_hand(seen, details);
    node_put_bool(node, KEY("private"), is_private(seen, event));
    node_put_string(node, KEY("leaf"), arena_printf(ctx->arena, "%lld", (long long)event->position));
    return NULL;
}

const struct err *matter_model(struct seen *seen, const struct tried_move *tried, struct node **ret)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *model = node_object(ctx->arena);
    TRY(put_head(seen, &moments, model));
    TRY(reach_put(seen, tried ? tried->look_refused : NULL, model));
    TRY(put_moves(seen, tried, moments.now, model));
    struct node *history = node_put_list(model, KEY("history"));
    for (int i = matter->event_count - 1; i >= 0; i--)
        TRY(add_event(seen, &moments, &matter->events[i], history));
    put_clocks(seen, &moments, model);
    *ret = model;
    return NULL;
}

/* --- the public line --- */

static struct node *progress_model(struct seen *seen)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *model = node_object(ctx->arena);
    struct node *node = node_put_object(model, KEY("matter"));
    node_put_string(node, KEY("number"), matter->number);
    node_put_string(node, KEY("kind"), kind_words(seen, seen->face->kind));
    state_put(ctx, seen->face, matter->flow, matter->state, node, KEY("state"));
    moments_put(&moments, node, KEY("filed"), matter->filed, MOMENT_SHORT);
    moments_put(&moments, node, KEY("due"), matter->due, MOMENT_DUE);
    node_put_bool(node, KEY("late"), matter->due && moments.now > matter->due);
    struct node *steps = node_put_list(model, KEY("steps"));
    for (int i = matter->event_count - 1; i >= 0; i--) {
        const struct matter_event *event = &matter->events[i];
        if (!matter_event_is_public(matter, event))
            continue;
        struct node *step = node_add_object(steps);
        node_put_string(step, KEY("what"), label_say(&event->move->label, ctx->language));
        moments_put(&moments, step, KEY("at"), event->recorded, MOMENT_LINE);
        state_put(ctx, seen->face, matter->flow, event->to, step, KEY("state"));
    }
    const char *back = matter_href(ctx, seen->face, matter->number, "");
    node_put_string(model, KEY("sign_in_href"), ctx->person ? NULL : arena_printf(ctx->arena, "/sign-in?back=%s", back));
    return model;
}

const struct err *matter_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    struct seen seen;
    TRY(matter_seen(ctx, request, face, &seen));
    if (seen.sight == SIGHT_WHOLE) {
        answer->view = "matter";
        return matter_model(&seen, NULL, &answer->model);
    }
    answer->view = "progress";
    answer->model = progress_model(&seen);
    return NULL;
}
