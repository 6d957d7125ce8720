/* commons/matter_papers.c */
#include "commons/matter_papers.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/matter_page.h"
#include "commons/place_page.h"
#include "commons/moment.h"
#include "commons/qr.h"
#include "record/ledger.h"
#include "record/place.h"
#include "record/receipt.h"
#include "record/records.h"

#include <string.h>

const char *draft_key(struct ctx *ctx, const struct matter_face *face)
{
    return arena_printf(ctx->arena, "%s-%lld.%s", ctx->person ? ctx->person->realm : "",
                        ctx->person ? (long long)ctx->person->id : 0LL, face->flow);
}

static const struct err *seen_whole(struct ctx *ctx, struct request *request, const struct matter_face *face, struct seen *ret)
{
    TRY(matter_seen(ctx, request, face, ret));
    return ret->sight == SIGHT_WHOLE ? NULL : err_new(ctx, ERR_MISSING, "matter.missing");
}

/* 求助 · 安全 */
static const char *kind_words(const struct seen *seen)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    const char *words[2] = { "", "" };
    const char *const fields[2] = { seen->face->kind, seen->face->topic };
    for (int i = 0; i < 2; i++) {
        struct text value = fields[i] ? node_find_text(matter->data, key_intern(text_of(fields[i]))) : (struct text){ 0 };
        if (value.size)
            words[i] = choice_words(ctx, matter->flow, fields[i], text_string(ctx->arena, value));
    }
    return heading_words(ctx, words[0], words[1]);
}

static const struct flow_clock *flow_clock_of(const struct matter *matter, const struct running_clock *clock)
{
    return clock ? flow_clock_find(matter->flow, text_of(clock->name)) : NULL;
}

static const struct err *put_slip(struct seen *seen, struct moments *moments, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct place *place;
    const char *where;
    TRY(place_load(ctx, text_of(matter->village), &place));
    TRY(place_words(ctx, place, &where));
    struct node *slip = node_put_object(model, KEY("slip"));
    node_put_string(slip, KEY("number"), matter->number);
    node_put_string(slip, KEY("kind"), kind_words(seen));
    node_put_string(slip, KEY("place"), where);
    moments_put(moments, slip, KEY("filed"), matter->filed, MOMENT_FULL);
    const struct running_clock *clock = clock_next(matter);
    const struct flow_clock *of = flow_clock_of(matter, clock);
    if (of) {
        struct node *date = node_put_object(slip, KEY("date"));
        node_put_string(date, KEY("what"), clock_words(ctx, matter->flow, of));
        moments_put(moments, date, KEY("due"), clock->due, MOMENT_FULL); /* on paper there is no today */
    }
    const char *address =
        arena_printf(ctx->arena, "%s%s", ctx->records->address, matter_href(ctx, seen->face, matter->number, ""));
    node_put_string(slip, KEY("address"), address);
    TRY(desk_put(ctx, matter->place_path, slip));
    qr_put(ctx, slip, KEY("qr"), address);
    return NULL;
}

/* --- right after filing --- */

/* Only the one who filed it, or wrote it down for somebody, is told that it has just been filed. */
static bool has_filed(const struct seen *seen)
{
    return seen->is_author || (seen->matter->event_count && seen->ctx->person &&
                               who_is(seen->matter->events[0].actor, person_who(seen->ctx->person)));
}

static void put_filed_next(struct seen *seen, struct moments *moments, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    const struct running_clock *clock = clock_next(matter);
    const struct flow_clock *of = flow_clock_of(matter, clock);
    if (!of)
        return;
    enum role owner = 0;
    while (owner < ROLE_COUNT - 1 && !(matter->state->owner & ROLE_BIT(owner)))
        owner++;
    struct node *next = node_put_object(model, KEY("next"));
    const char *due = text_string(ctx->arena, moments_say(moments, clock->due, MOMENT_DUE));
    node_put_string(next, KEY("words"), texts_fill(ctx, "filed.words", label_say(role_label(owner), ctx->language),
                                                   label_say(&of->label, ctx->language), due, NULL));
    moments_put(moments, next, KEY("due"), clock->due, MOMENT_DUE);
    clock_put_basis(ctx, clock, next);
}

const struct err *filed_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    struct seen seen;
    TRY(seen_whole(ctx, request, face, &seen));
    const char *number = seen.matter->number;
    if (!has_filed(&seen)) {
        answer->location = matter_href(ctx, face, number, "");
        return NULL;
    }
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *model = answer->model = node_object(ctx->arena);
    struct node *node = node_put_object(model, KEY("matter"));
    node_put_string(node, KEY("number"), number);
    node_put_string(node, KEY("href"), matter_href(ctx, face, number, ""));
    node_put_string(node, KEY("receipt_href"), matter_href(ctx, face, number, "/receipt"));
    node_put_string(node, KEY("download_href"), matter_href(ctx, face, number, "/receipt.tlog-proof"));
    put_filed_next(&seen, &moments, model);
    node_put_string(model, KEY("draft"), draft_key(ctx, face));
    return put_slip(&seen, &moments, model);
}

/* --- the receipt --- */

/* A receipt tells the whole event, as the history on the matter's page does for whoever sees it whole: what a handler
 * gave as reasons too, for nothing that is said about somebody's request is hidden from them. Only what the author of an
 * accusation did is for the author and the desk alone: its bytes name who did it. */
static bool may_hold(const struct seen *seen, const struct matter_event *event)
{
    return !(seen->hides_author && who_is(event->actor, seen->matter->author));
}

static const struct err *event_asked(struct seen *seen, const struct request *request, const struct matter_event **ret)
{
    const struct matter *matter = seen->matter;
    int64_t seq = 1;
    struct text asked = request_query(request, "event");
    if (asked.size && !text_int(asked, &seq))
        seq = 0;
    for (int i = 0; i < matter->event_count; i++)
        if (matter->events[i].seq == seq && may_hold(seen, &matter->events[i])) {
            *ret = &matter->events[i];
            return NULL;
        }
    return err_new(seen->ctx, ERR_MISSING, "receipt.no_event");
}

static const struct err *put_said(struct seen *seen, const struct matter_event *event, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    struct node *said = node_put_list(model, KEY("said"));
    struct node *what = node_add_object(said);
    node_put_string(what, KEY("label"), texts_say(ctx->language, "receipt.move"));
    node_put_string(what, KEY("value"), label_say(&event->move->label, ctx->language));
    return seen_put_answers(seen, event, said);
}

static const char *of_event(struct seen *seen, const struct matter_event *event, const char *rest)
{
    if (event->seq != 1)
        rest = arena_printf(seen->ctx->arena, "%s?event=%lld", rest, (long long)event->seq);
    return matter_href(seen->ctx, seen->face, seen->matter->number, rest);
}

static void put_log(struct seen *seen, const struct receipt_held *held, struct node *model)
{
    struct ctx *ctx = seen->ctx;
    struct node *log = node_put_object(model, KEY("log"));
    node_put_string(log, KEY("origin"), held->origin);
    node_put_int(log, KEY("leaf"), held->position);
    node_put_int(log, KEY("size"), held->size);
    node_put_string(log, KEY("root"), held->root);
    node_put_string(log, KEY("key"), held->key);
    node_put_string(log, KEY("href"), arena_printf(ctx->arena, "/log/%s", seen->matter->realm));
    node_put_string(log, KEY("key_href"), arena_printf(ctx->arena, "/log/%s/key", seen->matter->realm));
}

const struct err *receipt_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    struct seen seen;
    const struct matter_event *event;
    struct receipt_held held;
    TRY(seen_whole(ctx, request, face, &seen));
    TRY(event_asked(&seen, request, &event));
    TRY(receipt_of_event(ctx, seen.matter, event, &held));
    struct moments moments;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    struct node *model = answer->model = node_object(ctx->arena);
    struct node *node = node_put_object(model, KEY("matter"));
    node_put_string(node, KEY("number"), seen.matter->number);
    node_put_string(node, KEY("href"), matter_href(ctx, face, seen.matter->number, ""));
    node_put_string(model, KEY("download_href"), of_event(&seen, event, "/receipt.tlog-proof"));
    node_put_string(model, KEY("file_name"), held.file_name);
    TRY(put_said(&seen, event, model));
    moments_put(&moments, model, KEY("recorded"), event->recorded, MOMENT_FULL);
    put_log(&seen, &held, model);
    return put_slip(&seen, &moments, model);
}

const struct err *receipt_download(struct ctx *ctx, struct request *request, const struct matter_face *face,
                                   struct answer *answer)
{
    struct seen seen;
    const struct matter_event *event;
    struct receipt_held held;
    TRY(seen_whole(ctx, request, face, &seen));
    TRY(event_asked(&seen, request, &event));
    TRY(receipt_of_event(ctx, seen.matter, event, &held));
    answer->content_type = "text/plain; charset=utf-8";
    answer->body = held.file;
    answer->file_name = held.file_name;
    return NULL;
}

/* --- pictures --- */

const struct err *photo_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    struct seen seen;
    struct matter_file *files;
    int count;
    int64_t position;
    TRY(seen_whole(ctx, request, face, &seen));
    TRY(matter_files(ctx, seen.matter, &files, &count));
    if (!text_int(request_param(request, "position"), &position) || position < 0 || position >= count)
        return err_new(ctx, ERR_MISSING, "matter.file.missing");
    /* Never kept by the browser: the next one at a shared counter would find it under its address. */
    return matter_file_read(ctx, seen.matter, files[position].id, &answer->body, &answer->content_type);
}
