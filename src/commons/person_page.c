/* commons/person_page.c */
#include "commons/person_page.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/form.h"
#include "commons/moment.h"
#include "record/place.h"
#include "record/records.h"
#include "record/rights.h"
#include "store/plan.h"

enum { LOOKS_SHOWN = 50 };

static bool may_open(const struct ctx *ctx, struct who who, const char *place_path)
{
    struct thing thing = { .realm = who.realm, .place_path = place_path, .author = who };
    return may(ctx->person, "people.look", &thing);
}

const char *person_href(struct ctx *ctx, struct who who, const char *place_path)
{
    if (!who.id || !may_open(ctx, who, place_path))
        return NULL;
    return arena_printf(ctx->arena, "/people/%s/%lld", who.realm, (long long)who.id);
}

/* For whoever may not ask, the page does not exist. */
static const struct err *load(struct ctx *ctx, const struct request *request, struct person **ret)
{
    struct who who = { text_string(ctx->arena, request_param(request, "realm")), 0 };
    if (!text_int(request_param(request, "id"), &who.id))
        return err_new(ctx, ERR_MISSING, "person.missing");
    TRY(person_load(ctx, who, day_of(clock_now(ctx->clock)), ret));
    return may_open(ctx, who, (*ret)->place_path) ? NULL : err_new(ctx, ERR_MISSING, "person.missing");
}

static const char *label_of(const struct ctx *ctx, enum personal which)
{
    return texts_say(ctx->language, which == PERSONAL_IDENTITY ? "person.identity" : "person.phone");
}

/* The full number of a look that the address names, if it was this reader's, of this kind, and lately. */
static const struct err *put_full(struct ctx *ctx, const struct request *request, struct who who, enum personal which,
                                  const struct look *looks, int count, struct node *number)
{
    int64_t asked;
    if (!text_int(request_query(request, "look"), &asked))
        return NULL;
    for (int i = 0; i < count; i++) {
        if (looks[i].id != asked || looks[i].which != which || !who_is(looks[i].by, person_who(ctx->person)))
            continue;
        const char *full;
        const struct err *over = person_look_read(ctx, ctx->records->keys, who, asked, &full);
        if (over && over->kind != ERR_DENIED)
            return over;
        if (!over)
            node_put_string(number, KEY("full"), full);
    }
    return NULL;
}

static const struct err *put_numbers(struct ctx *ctx, const struct request *request, const struct person *person,
                                     const struct look *looks, int count, const struct err *refused, struct node *model)
{
    struct node *list = node_put_list(model, KEY("numbers"));
    for (enum personal which = 0; which < PERSONAL_COUNT; which++) {
        struct node *number = node_add_object(list);
        const char *masked;
        node_put_string(number, KEY("id"), personal_key(which));
        node_put_string(number, KEY("which"), personal_key(which));
        node_put_string(number, KEY("label"), label_of(ctx, which));
        TRY(person_masked(ctx, ctx->records->keys, person_who(person), which, &masked));
        node_put_string(number, KEY("masked"), masked);
        TRY(put_full(ctx, request, person_who(person), which, looks, count, number));
        if (!refused || !text_is(request_field(request, "which"), personal_key(which)))
            continue;
        node_put_string(number, KEY("purpose_error"), texts_of_err(ctx, refused));
        node_put_text(number, KEY("purpose"), request_field(request, "purpose"));
    }
    return NULL;
}

static void put_looks(struct ctx *ctx, const struct look *looks, int count, struct node *model)
{
    struct node *list = node_put_list(model, KEY("looks"));
    for (int i = 0; i < count; i++) {
        struct node *row = node_add_object(list);
        node_put_string(row, KEY("what"), label_of(ctx, looks[i].which));
        node_put_string(row, KEY("by"), looks[i].by_name ? looks[i].by_name : texts_say(ctx->language, "person.unknown"));
        node_put_string(row, KEY("purpose"), looks[i].purpose);
        moment_put(ctx, row, KEY("at"), looks[i].at);
        node_put_string(row, KEY("leaf"), arena_printf(ctx->arena, "%lld", (long long)looks[i].leaf));
    }
    node_put_bool(model, KEY("has_looks"), count > 0);
}

static const struct err *person_model(struct ctx *ctx, const struct request *request, const struct person *person,
                                      const struct err *refused, struct node **ret)
{
    struct node *model = *ret = node_object(ctx->arena);
    struct place *place;
    const char *words;
    struct look *looks;
    int count;
    TRY(place_load(ctx, text_of(person->place), &place));
    TRY(place_words(ctx, place, &words));
    TRY(person_looks(ctx, person_who(person), LOOKS_SHOWN, &looks, &count));
    struct node *node = node_put_object(model, KEY("person"));
    node_put_string(node, KEY("name"), person->name);
    node_put_string(node, KEY("place"), words);
    node_put_bool(node, KEY("mine"), who_is(person_who(person), person_who(ctx->person)));
    node_put_string(model, KEY("action"),
                    arena_printf(ctx->arena, "/people/%s/%lld/looks", person->realm, (long long)person->id));
    node_put_string(model, KEY("token"), form_token(ctx));
    TRY(put_numbers(ctx, request, person, looks, count, refused, model));
    put_looks(ctx, looks, count, model);
    return NULL;
}

const struct err *person_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct person *person;
    TRY(load(ctx, request, &person));
    return person_model(ctx, request, person, NULL, &answer->model);
}

const struct err *person_look_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct person *person;
    TRY(load(ctx, request, &person));
    int which = personal_find(request_field(request, "which"));
    if (which < 0)
        return err_field(ctx, "which", "people.look.none");
    int64_t look;
    const struct err *refused = person_look(ctx, person_who(person), (enum personal)which,
                                            request_field(request, "purpose"), &change->plan, &look);
    if (refused && refused->kind != ERR_INPUT)
        return refused;
    if (refused) {
        change->answer.status = 400;
        change->answer.view = "person";
        return person_model(ctx, request, person, refused, &change->answer.model);
    }
    change->answer.location = arena_printf(ctx->arena, "/people/%s/%lld?look=%lld", person->realm, (long long)person->id,
                                           (long long)look);
    struct text token = person_token(ctx, request_field(request, "token"));
    if (token.at)
        plan_token(change->plan, token, text_of(change->answer.location));
    return NULL;
}
