/* systems/requests/new_request.c */
#include "systems/requests/new_request.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/matter_forms.h"
#include "commons/matter_papers.h"
#include "record/person.h"
#include "record/person_stated.h"
#include "record/place.h"
#include "record/records.h"
#include "record/rights.h"
#include "systems/requests/requests.h"

#include <string.h>

enum { STATUS_UNPROCESSABLE = 422 };

/* What is being filed, as far as the address and the form say. */
struct filing {
    struct ctx *ctx;
    struct request *request;
    struct flow_form form;
    bool is_by_hand, is_elsewhere; /* elsewhere: the address names a place */
    const struct place *place;    /* what it is about; by hand NULL until it is chosen */
    struct form_choice *villages; /* by hand: to choose from */
    int village_count;
    struct stated stated; /* by hand: for somebody who is in no list; or nobody */
};

/* --- by hand: for whom, and where --- */

static const struct err *add_children(struct filing *filing, const struct place *town, int32_t day)
{
    struct place *below;
    int count;
    TRY(place_children(filing->ctx, text_of(town->code), day, &below, &count));
    filing->villages = arena_array_of(filing->ctx->arena, struct form_choice, count + 2);
    for (int i = 0; i < count; i++)
        filing->villages[filing->village_count++] = (struct form_choice){ below[i].code, below[i].name, NULL };
    filing->villages[filing->village_count++] = (struct form_choice){ town->code, town->name, NULL };
    return NULL;
}

/* The desk that this person keeps: the one that cares for the chosen place, else the first. */
static const struct held_role *desk_of(const struct filing *filing)
{
    const struct person *person = filing->ctx->person;
    const struct held_role *first = NULL;
    for (int i = 0; i < person->role_count; i++) {
        const struct held_role *held = &person->roles[i];
        if (held->role != ROLE_DESK)
            continue;
        if (filing->place && place_covers(held->place_path, filing->place->path))
            return held;
        first = first ? first : held;
    }
    return first;
}

/* The town in which the desk sits: its villages, and the town itself for what lies in none. */
static const struct err *choose_villages(struct filing *filing)
{
    const struct held_role *desk = desk_of(filing);
    struct place *town;
    if (!desk)
        return NULL;
    TRY(place_load(filing->ctx, text_of(desk->place), &town));
    return add_children(filing, town, day_of(clock_now(filing->ctx->clock)));
}

/* Whom it is written down for: by the number of the identity card or of the telephone, which the desk is told and never
 * shown again, in the register of the desk's own town. An empty field means somebody who isn't in it. A telephone that
 * several people share says nothing: the request must not come to the wrong one's eyes. */
static const struct err *find_author(struct filing *filing, struct person **ret)
{
    struct ctx *ctx = filing->ctx;
    struct text number = text_trim(request_field(filing->request, "asker"));
    enum { PHONE_DIGITS = 11 };
    *ret = NULL;
    if (!number.size)
        return NULL;
    const struct held_role *desk = desk_of(filing);
    const char *realm = desk ? desk->place_realm : ctx->person->realm;
    int32_t day = day_of(clock_now(ctx->clock));
    bool is_shared = false;
    if (number.size == PHONE_DIGITS)
        TRY(person_find_phone(ctx, ctx->records->keys, realm, number, day, ret, &is_shared));
    else
        TRY(person_find_identity(ctx, ctx->records->keys, realm, number, day, ret));
    return *ret ? NULL : err_field(ctx, "asker", is_shared ? "by_hand.asker_shared" : "by_hand.asker_unknown");
}

/* Whoever is in no list is written down with the name they say and, if they like, a telephone. A number that was found and a
 * name beside it must belong together: it may be another's number. */
static const struct err *find_stated(struct filing *filing, const struct person *found)
{
    struct ctx *ctx = filing->ctx;
    struct text name = text_trim(request_field(filing->request, "asker_name"));
    struct text phone = text_trim(request_field(filing->request, "asker_phone"));
    if (found && name.size && !text_is(name, found->name))
        return err_field(ctx, "asker_name", "by_hand.name_differs");
    if (found || (!name.size && !phone.size))
        return NULL;
    if (!name.size)
        return err_field(ctx, "asker_name", "by_hand.name_needed");
    return filing->place ? person_stated(ctx, ctx->records->keys, filing->place, name, phone, "asker_name", "asker_phone", &filing->stated)
                         : NULL;
}

/* --- where --- */

/* The place in the address (a link on a place's page) or in the form (by hand); else where the person lives. */
static const struct err *find_place(struct filing *filing)
{
    struct ctx *ctx = filing->ctx;
    struct text chosen = request_field(filing->request, "place");
    if (!chosen.size) {
        chosen = request_query(filing->request, "place");
        filing->is_elsewhere = chosen.size != 0;
    }
    struct place *found = NULL;
    filing->place = chosen.size || filing->is_by_hand ? NULL : ctx->person->home;
    if (chosen.size)
        TRY(place_find(ctx, chosen, &found));
    else if (!filing->is_by_hand && !filing->place)
        TRY(place_load(ctx, text_of(ctx->person->place), &found));
    if (found)
        filing->place = found;
    return NULL;
}

static const struct err *begin(struct ctx *ctx, struct request *request, struct filing *ret)
{
    const struct flow *flow = face_flow(ctx, &requests_face);
    struct flow_ask *asks;
    int count = form_asks_of(ctx, flow, &asks);
    *ret = (struct filing){ .ctx = ctx, .request = request,
                            .is_by_hand = may(ctx->person, "request.file_for_another", NULL),
                            .form = { .id = "new", .flow = flow->key, .request = request, .asks = asks, .ask_count = count } };
    TRY(find_place(ret));
    return ret->is_by_hand ? choose_villages(ret) : NULL;
}

/* --- the page --- */

static const struct err *put_for_place(struct filing *filing, struct node *model)
{
    struct ctx *ctx = filing->ctx;
    const char *words = filing->is_by_hand ? texts_say(ctx->language, "by_hand.about") : ctx->person->place_name;
    if (filing->place)
        TRY(place_words(ctx, filing->place, &words));
    node_put_string(node_put_object(model, KEY("for_place")), KEY("name"), words);
    return NULL;
}

static void put_by_hand(struct filing *filing, struct node *model)
{
    struct ctx *ctx = filing->ctx;
    if (!filing->is_by_hand) {
        node_put(model, KEY("by_hand"), (struct node){ .kind = NODE_NULL });
        return;
    }
    struct node *fields = node_put_list(node_put_object(model, KEY("by_hand")), KEY("fields"));
    form_put_own(ctx, &filing->form, fields, "place", "by_hand.place", "by_hand.place_hint", true, filing->villages,
                 filing->village_count);
    form_put_own(ctx, &filing->form, fields, "asker", "by_hand.asker", "by_hand.asker_hint", false, NULL, 0);
    form_put_own(ctx, &filing->form, fields, "asker_name", "by_hand.name", "by_hand.name_hint", false, NULL, 0);
    form_put_own(ctx, &filing->form, fields, "asker_phone", "by_hand.phone", "by_hand.phone_hint", false, NULL, 0);
}

static const struct err *put_model(struct filing *filing, struct node **ret)
{
    struct ctx *ctx = filing->ctx;
    struct node *model = *ret = node_object(ctx->arena);
    node_put_string(model, KEY("action"),
                    filing->is_elsewhere && filing->place ? arena_printf(ctx->arena, "/requests?place=%s", filing->place->code) : "/requests");
    node_put_string(model, KEY("token"), form_token(ctx));
    node_put_string(model, KEY("title"), texts_say(ctx->language, filing->is_by_hand ? "by_hand.title" : "new_request.title"));
    /* What somebody else says, with name and telephone, is left on no device. */
    node_put_string(model, KEY("draft"), filing->is_by_hand ? NULL : draft_key(ctx, &requests_face));
    TRY(put_for_place(filing, model));
    form_put(ctx, &filing->form, node_put_list(model, KEY("fields")));
    form_put_problems(ctx, &filing->form, model);
    put_by_hand(filing, model);
    struct service_desk *desk;
    TRY(place_desk(ctx, ctx->person->place_path, &desk));
    node_put_string(model, KEY("desk_phone"), desk && !filing->is_by_hand ? desk->phone : NULL);
    return NULL;
}

const struct err *new_request_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct filing filing;
    TRY(begin(ctx, request, &filing));
    return put_model(&filing, &answer->model);
}

/* --- filing --- */

static const struct err *show_again(struct filing *filing, const struct err *wrong, struct answer *answer)
{
    struct form_problem *problems;
    filing->form.problem_count = form_problems(filing->ctx, &filing->form, wrong, &problems);
    filing->form.problems = problems;
    *answer = (struct answer){ .status = STATUS_UNPROCESSABLE, .view = "new_request" };
    return put_model(filing, &answer->model);
}

const struct err *new_request_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct filing filing;
    TRY(begin(ctx, request, &filing));
    struct person *author = NULL;
    const struct err *wrong = NULL;
    if (filing.is_by_hand)
        wrong = find_author(&filing, &author);
    if (filing.is_by_hand && !wrong)
        wrong = find_stated(&filing, author);
    if (wrong && err_root(wrong)->kind != ERR_INPUT)
        return wrong;
    if (!wrong && !filing.place)
        wrong = err_field(ctx, "place", filing.is_by_hand ? "by_hand.place_needed" : "place.missing",
                          text_string(ctx->arena, request_query(request, "place")));
    if (wrong)
        return show_again(&filing, wrong, &change->answer);
    struct opening_form opening = { .face = &requests_face, .form = filing.form, .place = filing.place,
                                    .is_by_hand = filing.is_by_hand, .author = author ? person_who(author) : filing.stated.who };
    TRY(open_check(ctx, &opening, change, &wrong));
    if (wrong)
        return show_again(&filing, wrong, &change->answer);
    if (change->plan && !author && filing.stated.who.id)
        person_stated_step(ctx, change->plan, &filing.stated);
    return NULL;
}
