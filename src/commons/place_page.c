/* commons/place_page.c -- a place: who is responsible, what was filed and voted on, what lies above and below. */
#include "commons/place_page.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/poll_pages.h"
#include "record/matter_counts.h"
#include "record/person.h"
#include "record/place.h"
#include "record/rights.h"

#include <string.h>

static const char *place_href(struct ctx *ctx, const char *code)
{
    return arena_printf(ctx->arena, "/places/%s", code);
}

static const struct err *put_place(struct ctx *ctx, const struct place *place, struct node *model)
{
    struct place *above;
    int count;
    TRY(place_ancestors(ctx, place, &above, &count));
    struct node *node = node_put_object(model, KEY("place"));
    node_put_string(node, KEY("name"), place->name);
    node_put_string(node, KEY("kind"), texts_say(ctx->language, place_kind_text(place->kind)));
    node_put_string(node, KEY("code"), place->code);
    struct node *list = node_put_list(node, KEY("above"));
    for (int i = count - 1; i >= 0; i--) {
        struct node *one = node_add_object(list);
        node_put_string(one, KEY("name"), above[i].name);
        node_put_string(one, KEY("href"), place_href(ctx, above[i].code));
    }
    return NULL;
}

/* 黄庄村三组 is 三组 on the page of 黄庄村. */
static const char *within(const char *outer, const char *inner)
{
    size_t size = strlen(outer);
    return strncmp(inner, outer, size) == 0 && inner[size] ? inner + size : inner;
}

static const struct err *put_below(struct ctx *ctx, const struct place *place, int32_t day, struct node *model)
{
    struct place *below;
    int count;
    TRY(place_children(ctx, text_of(place->code), day, &below, &count));
    struct node *list = node_put_list(model, KEY("below"));
    for (int i = 0; i < count; i++) {
        struct node *one = node_add_object(list);
        node_put_string(one, KEY("name"), within(place->name, below[i].name));
        node_put_string(one, KEY("href"), place_href(ctx, below[i].code));
        node_put_string(one, KEY("kind"), texts_say(ctx->language, place_kind_text(below[i].kind)));
    }
    node_put_bool(model, KEY("has_below"), count > 0);
    return NULL;
}

fallible desk_put(struct ctx *ctx, const char *place_path, struct node *node)
{
    struct service_desk *desk;
    TRY(place_desk(ctx, place_path, &desk));
    if (!desk) {
        node_put(node, KEY("desk"), (struct node){ .kind = NODE_NULL });
        return NULL;
    }
    struct node *object = node_put_object(node, KEY("desk"));
    node_put_string(object, KEY("name"), texts_fill(ctx, "place.desk_of", desk->place_name, NULL));
    node_put_string(object, KEY("address"), desk->address);
    node_put_string(object, KEY("hours"), desk->hours);
    node_put_string(object, KEY("phone"), desk->phone);
    return NULL;
}

/* Whose names everybody may read: who holds a public office towards villagers, and grid workers, whom the rules on grids
 * want shown with name and area (泸州网格条例 10). Clerks and leaders of the town answer by their office, not by name. */
static const enum role public_roles[] = { ROLE_VILLAGE_SECRETARY, ROLE_GROUP_LEADER, ROLE_GRID_WORKER, ROLE_SUPERVISOR,
                                          ROLE_LAWYER };

enum { SHOWN_MOST = 40 };

/* Of somebody responsible for a part of the place, which part: 二组; else in whose name. */
static void add_responsible(struct ctx *ctx, const struct place *place, const struct holder *holder, struct node *list)
{
    bool is_part = place_covers(place->path, holder->place_path) && strcmp(place->path, holder->place_path) != 0;
    const char *where = is_part || !holder->organisation_name ? holder->place_name : holder->organisation_name;
    struct node *one = node_add_object(list);
    node_put_string(one, KEY("role"), label_say(role_label(holder->role), ctx->language));
    node_put_string(one, KEY("name"), holder->name);
    node_put_string(one, KEY("unit"), where);
    node_put_string(one, KEY("phone"), holder->phone);
}

static const struct err *put_role(struct ctx *ctx, enum role role, const struct place *place, int32_t day, struct node *list)
{
    struct holder *holders;
    int count;
    TRY(person_holders_above(ctx, role, place->path, day, &holders, &count));
    for (int i = 0; i < count && list->count < SHOWN_MOST; i++)
        add_responsible(ctx, place, &holders[i], list);
    if (place->kind == PLACE_TOWN || place->kind == PLACE_DISTRICT)
        return NULL;
    TRY(person_holders_within(ctx, role, place->path, day, &holders, &count));
    for (int i = 0; i < count && list->count < SHOWN_MOST; i++)
        if (strcmp(holders[i].place_path, place->path) != 0) /* those of the place itself stand there already */
            add_responsible(ctx, place, &holders[i], list);
    return NULL;
}

static const struct err *put_responsible(struct ctx *ctx, const struct place *place, int32_t day, struct node *model)
{
    struct node *list = node_put_list(model, KEY("responsible"));
    for (size_t i = 0; i < sizeof public_roles / sizeof *public_roles; i++)
        TRY(put_role(ctx, public_roles[i], place, day, list));
    node_put_bool(model, KEY("has_responsible"), list->count > 0);
    return NULL;
}

const struct err *places_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    (void)request;
    struct place *districts;
    int count;
    TRY(place_children(ctx, (struct text){ NULL, 0 }, day_of(clock_now(ctx->clock)), &districts, &count));
    if (count == 1) {
        answer->location = place_href(ctx, districts[0].code);
        return NULL;
    }
    struct node *list = node_put_list(answer->model = node_object(ctx->arena), KEY("places"));
    for (int i = 0; i < count; i++) {
        struct node *one = node_add_object(list);
        node_put_string(one, KEY("name"), districts[i].name);
        node_put_string(one, KEY("href"), place_href(ctx, districts[i].code));
    }
    return NULL;
}

/* --- what was filed, what is voted on --- */

static void add_count(struct ctx *ctx, struct node *list, const char *label, int64_t count)
{
    bool is_more = count >= COUNTS_MOST;
    struct node *one = node_add_object(list);
    node_put_string(one, KEY("label"), texts_fill(ctx, label, arena_printf(ctx->arena, "%d", COUNTS_DAYS), NULL));
    node_put_string(one, KEY("value"),
                    arena_printf(ctx->arena, "%lld%s", (long long)(is_more ? COUNTS_MOST - 1 : count), is_more ? "+" : ""));
}

static const struct err *put_counts(struct ctx *ctx, const struct place *place, const struct matter_face *face, struct node *model)
{
    struct matter_counts counts;
    TRY(matter_counts(ctx, place, face->flow, &counts));
    struct node *node = node_put_object(model, KEY("counted"));
    node_put_string(node, KEY("title"), texts_say(ctx->language, face->counted));
    struct node *list = node_put_list(node, KEY("counts"));
    add_count(ctx, list, "place.filed", counts.filed);
    add_count(ctx, list, "place.open", counts.open);
    add_count(ctx, list, "place.late", counts.late);
    return NULL;
}

static const struct err *put_ballots(struct ctx *ctx, const struct place *place, struct node *model)
{
    enum { BALLOTS_SHOWN = 5 };
    struct poll *polls;
    int count;
    TRY(poll_list_within(ctx, place->realm, place->kind == PLACE_VILLAGE ? place->code : NULL, BALLOTS_SHOWN, &polls, &count));
    TRY(poll_rows_put(ctx, polls, count, node_put_list(model, KEY("ballots"))));
    node_put_bool(model, KEY("has_ballots"), count > 0);
    return NULL;
}

const struct err *place_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces, struct answer *answer)
{
    int32_t day = day_of(clock_now(ctx->clock));
    struct place *place;
    TRY(place_load(ctx, request_param(request, "code"), &place));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(put_place(ctx, place, model));
    struct thing here = { .realm = place->realm, .place_path = place->path };
    bool is_home = place->kind != PLACE_DISTRICT && place->kind != PLACE_TOWN;
    bool may_file = is_home && (!ctx->person || may(ctx->person, "request.file", &here));
    node_put_string(model, KEY("may_file_href"),
                    may_file ? arena_printf(ctx->arena, "/requests/new?place=%s", place->code) : NULL);
    TRY(desk_put(ctx, place->path, model));
    TRY(put_responsible(ctx, place, day, model));
    TRY(put_below(ctx, place, day, model));
    if (place->kind != PLACE_VILLAGE && place->kind != PLACE_TOWN)
        return NULL;
    TRY(put_ballots(ctx, place, model));
    for (; *faces; faces++)
        if ((*faces)->counted)
            return put_counts(ctx, place, *faces, model);
    return NULL;
}
