/* commons/matter_forms.c */
#include "commons/matter_forms.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/flash.h"
#include "commons/moment.h"
#include "record/place.h"
#include "record/person.h"
#include "store/writer.h"

#include <string.h>

enum { STATUS_UNPROCESSABLE = 422, STATUS_CONFLICT = 409 };

/* --- a stale page --- */

static void put_kept(struct ctx *ctx, const struct flow_form *form, struct node *model)
{
    struct node *kept = node_put_list(model, KEY("kept"));
    for (int i = 0; i < form->ask_count; i++) {
        const struct flow_field *field = form->asks[i].field;
        struct text value = request_field(form->request, field->key);
        if (field->type != FIELD_TEXT || !value.size)
            continue;
        struct node *node = node_add_object(kept);
        node_put_string(node, KEY("id"), arena_printf(ctx->arena, "kept-%s", field->key));
        node_put_string(node, KEY("label"), label_say(&field->label, ctx->language));
        node_put_text(node, KEY("value"), value);
    }
    node_put_bool(model, KEY("has_kept"), kept->count > 0);
}

static void add_action(struct ctx *ctx, struct node *actions, const char *href, const char *label, bool is_main)
{
    struct node *action = node_add_object(actions);
    node_put_string(action, KEY("href"), href);
    node_put_string(action, KEY("label"), texts_say(ctx->language, label));
    node_put_bool(action, KEY("main"), is_main);
}

/* It was possible a moment ago: the matter as it now is, and what the person had written. */
static void conflict_answer(struct seen *seen, const struct flow_form *form, const struct err *err, struct answer *answer)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *model = node_object(ctx->arena);
    node_put_int(model, KEY("status"), STATUS_CONFLICT);
    node_put_string(model, KEY("title"), texts_say(ctx->language, "error.409.title"));
    node_put_string(model, KEY("said"), texts_of_err(ctx, err));
    node_put_string(model, KEY("next"), texts_say(ctx->language, "error.409.next"));
    struct node *node = node_put_object(model, KEY("matter"));
    const char *href = matter_href(ctx, seen->face, matter->number, "");
    node_put_string(node, KEY("number"), matter->number);
    node_put_string(node, KEY("href"), href);
    state_put(ctx, seen->face, matter->flow, matter->state, node, KEY("state"));
    moments_put(&moments, node, KEY("changed"), matter->changed, MOMENT_FULL);
    put_kept(ctx, form, model);
    struct node *actions = node_put_list(model, KEY("actions"));
    add_action(ctx, actions, href, "error.see_present", true);
    *answer = (struct answer){ .status = STATUS_CONFLICT, .model = model, .view = "error" };
}

/* --- a move --- */

static const struct err *show_again(struct seen *seen, const struct flow_move *move, const struct flow_form *form,
                                    const struct err *wrong, struct answer *answer)
{
    struct form_problem *problems;
    int count = form_problems(seen->ctx, form, wrong, &problems);
    struct tried_move tried = { move, form->request, problems, count };
    *answer = (struct answer){ .status = STATUS_UNPROCESSABLE, .view = "matter" };
    return matter_model(seen, &tried, &answer->model);
}

static const struct err *version_of(struct ctx *ctx, const struct request *request, int64_t *ret)
{
    struct text sent = request_field(request, "version");
    *ret = 0;
    if (sent.size && (!text_int(sent, ret) || *ret < 1))
        return err_field(ctx, "version", "matter.version");
    return NULL;
}

const struct err *move_check(struct ctx *ctx, struct request *request, const struct matter_face *face, struct change *change)
{
    struct seen seen;
    TRY(matter_seen(ctx, request, face, &seen));
    if (seen.sight != SIGHT_WHOLE)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    struct text name = request_param(request, "move");
    const struct flow_move *move = flow_move_find(seen.matter->flow, name);
    if (!move || move->index == 0)
        return err_new(ctx, ERR_MISSING, "flow.move.unknown", text_string(ctx->arena, name));
    struct flow_form form;
    const struct tried_move typed = { .move = move, .request = request };
    TRY(move_form(&seen, move, &typed, &form));
    struct flow_given *given;
    struct matter_picture *pictures;
    struct matter_move asked = { .move = name, .token = request_field(request, "token"),
                                 .leads_to = arena_printf(ctx->arena, "%s/", face->prefix) };
    TRY(version_of(ctx, request, &asked.version));
    asked.given_count = form_given(ctx, &form, &given);
    asked.given = given;
    asked.picture_count = form_pictures(ctx, &form, &pictures);
    asked.pictures = pictures;
    struct matter_change made = { 0 };
    const struct err *err = matter_move_check(ctx, seen.matter, &asked, &made);
    enum err_kind kind = err ? err_root(err)->kind : ERR_KIND_COUNT;
    if (kind == ERR_INPUT)
        return show_again(&seen, move, &form, err, &change->answer);
    if (kind == ERR_CONFLICT) {
        conflict_answer(&seen, &form, err, &change->answer);
        return NULL;
    }
    TRY(err);
    change->plan = made.plan;
    change->answer = (struct answer){ .location = made.already ? made.already
                                                               : matter_href(ctx, face, seen.matter->number, "") };
    flash_tell(ctx, &change->answer, "flash.moved");
    return NULL;
}

/* --- opening --- */

/* Whoever goes back after filing meets the form again, filled, under a new token: the browser's note of the last number lets the
 * same words be known. Only within minutes, only one's own, and never when pictures come with it. */
#define COOKIE_FILED "filed"
enum { FILED_SECONDS = 600 };

static bool says_the_same(const struct matter *matter, const struct flow_given *given, int count)
{
    for (int i = 0; i < count; i++)
        if (given[i].count != 1 ||
            !text_equal(node_find_text(matter->data, key_intern(given[i].key)), given[i].values[0]))
            return false;
    return matter->data->count == (uint32_t)count; /* nothing left out either */
}

/* The number of the same request, if it was filed just now; else NULL. Failing to find out is no failure: it is filed. */
static const char *filed_just_now(struct ctx *ctx, const struct opening_form *opening, const struct matter_opening *asked)
{
    struct text number = request_cookie(opening->form.request, COOKIE_FILED);
    const char *realm;
    struct matter *matter;
    if (!number.size || asked->is_by_hand || asked->picture_count)
        return NULL;
    if (matter_realm_of(ctx, number, &realm) || matter_load(ctx, realm, number, &matter))
        return NULL;
    bool is_mine = who_is(matter->author, person_who(ctx->person)) && strcmp(matter->flow->key, asked->flow->key) == 0 &&
                   strcmp(matter->place, asked->place) == 0;
    bool is_fresh = matter->version == 1 && clock_now(ctx->clock) - matter->filed < FILED_SECONDS * MICROS_PER_SECOND;
    return is_mine && is_fresh && says_the_same(matter, asked->given, asked->given_count) ? matter->number : NULL;
}

static const struct err *note_filed(struct ctx *ctx, struct request *request, const void *outcome, void *self,
                                    struct answer *answer)
{
    (void)request;
    (void)self;
    answer_cookie(ctx, answer, COOKIE_FILED, ((const struct outcome *)outcome)->number, FILED_SECONDS);
    return NULL;
}

const struct err *open_check(struct ctx *ctx, const struct opening_form *opening, struct change *change,
                             const struct err **ret_wrong)
{
    struct flow_given *given;
    struct matter_picture *pictures;
    struct matter_opening asked = { .flow = face_flow(ctx, opening->face), .place = opening->place->code, .known = opening->place,
                                    .is_by_hand = opening->is_by_hand, .author = opening->author,
                                    .token = request_field(opening->form.request, "token"),
                                    .leads_to = arena_printf(ctx->arena, "%s/", opening->face->prefix),
                                    .leads_on = "/filed" };
    asked.given_count = form_given(ctx, &opening->form, &given);
    asked.given = given;
    asked.picture_count = form_pictures(ctx, &opening->form, &pictures);
    asked.pictures = pictures;
    struct matter_change made = { 0 };
    *ret_wrong = NULL;
    const char *before = filed_just_now(ctx, opening, &asked);
    if (before) {
        change->answer = (struct answer){ .location = matter_href(ctx, opening->face, before, "/filed") };
        flash_tell(ctx, &change->answer, "flash.filed_before");
        return NULL;
    }
    const struct err *err = matter_open_check(ctx, &asked, &made);
    if (err && err_root(err)->kind == ERR_INPUT) {
        *ret_wrong = err;
        return NULL;
    }
    TRY(err);
    change->plan = made.plan;
    const char *filed = made.already ? made.already : matter_href(ctx, opening->face, PLAN_NUMBER, "/filed");
    change->answer = (struct answer){ .location = filed };
    change->after = note_filed;
    return NULL;
}
