/* app/door.c -- what http calls back: who comes, may they, hand the plan on, what became of it. */
#include "app/visit.h"

#include "app/frame.h"
#include "app/sign_in.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/texts.h"
#include "record/rights.h"

#include <string.h>

/* --- arriving and leaving --- */

static enum language language_asked(const struct request *request)
{
    struct text chosen = request_cookie(request, COOKIE_LANGUAGE);
    if (!chosen.size)
        chosen = request_header(request, "Accept-Language");
    /* Chinese is the language of the house: only who asks for English first gets it. */
    return text_starts(chosen, "en") ? LANGUAGE_EN : LANGUAGE_ZH;
}

static const struct err *find_person(struct ctx *ctx, const struct request *request, struct visit *visit)
{
    visit->session = NULL;
    ctx->person = NULL;
    TRY(session_find(ctx, request_cookie(request, HTTP_SESSION_COOKIE), &visit->session));
    if (visit->session && !visit->session->account && !visit->house->is_demo)
        visit->session = NULL; /* begun at a door without a password, while this database was a demo's */
    if (visit->session)
        ctx->person = visit->session->person;
    return NULL;
}

static const struct err *arrive(void *self, struct ctx *ctx, struct request *request)
{
    struct visit *visit = visit_of(request);
    if (!visit) {
        visit = arena_new_of(ctx->arena, struct visit);
        visit->house = self;
        request_set_session(request, visit);
    }
    ctx->language = language_asked(request);
    visit->is_elder = text_is(request_cookie(request, COOKIE_ELDER), "1");
    bool is_known = visit->waits_for_writer && visit->session;
    visit->waits_for_writer = false;
    const struct err *failed = snapshot_begin(ctx, visit->house->db, &ctx->snapshot);
    if (failed) {
        ctx->person = NULL; /* the page that says so asks the database nothing */
        return failed;
    }
    return is_known ? NULL : find_person(ctx, request, visit);
}

static void forget(void *self, const struct outcome *outcome)
{
    (void)outcome;
    ctx_end(self);
}

/* Notes that the session was seen; nobody waits for it, so the note has a ctx of its own. */
static void note_seen(struct visit *visit)
{
    struct ctx *ctx = ctx_begin(&visit->house->model);
    struct plan *plan = session_seen(ctx, visit->session);
    if (plan)
        writer_submit(visit->house->writer, plan, forget, ctx);
    else
        ctx_end(ctx);
}

static void leave(void *self, struct ctx *ctx, struct request *request)
{
    (void)self;
    snapshot_end(ctx->snapshot);
    ctx->snapshot = NULL;
    struct visit *visit = visit_of(request);
    if (visit && visit->session && clock_now(ctx->clock) - visit->session->seen > SESSION_SEEN_EVERY)
        note_seen(visit);
}

/* --- rights --- */

static bool leads_out_of_first_use(const struct route *route)
{
    return strcmp(route->path, "/password") == 0 || strcmp(route->path, "/sign-out") == 0 ||
           strcmp(route->path, "/sign-in") == 0 || strcmp(route->path, "/settings") == 0;
}

static const struct err *admit(void *self, struct ctx *ctx, struct request *request, const struct route *route)
{
    (void)self;
    const struct visit *visit = visit_of(request);
    if (visit->session && visit->session->must_change && !leads_out_of_first_use(route)) {
        if (route->access != ACCESS_ANYONE || route->view)
            return err_new(ctx, ERR_DENIED, "password.change_first");
        ctx->person = NULL; /* what programs fetch stays what anyone gets */
    }
    if (route->access == ACCESS_ANYONE)
        return NULL;
    if (!ctx->person)
        return err_new(ctx, ERR_DENIED, "sign_in.needed");
    if (route->access == ACCESS_ACT)
        return must(ctx, route->act, NULL);
    return NULL;
}

/* --- plans --- */

static void told(void *self, const struct outcome *outcome)
{
    struct visit *visit = self;
    visit->outcome = *outcome;
    visit->done(visit->waiting);
}

static void submit(void *self, struct ctx *ctx, struct request *request, struct change *change, void (*done)(void *),
                   void *waiting)
{
    (void)ctx;
    struct house *house = self;
    struct visit *visit = visit_of(request);
    visit->done = done;
    visit->waiting = waiting;
    visit->waits_for_writer = true;
    writer_submit(house->writer, change->plan, told, visit);
}

/* A check may lead to a number that only the writer knew. */
static const char *with_number(struct ctx *ctx, const char *location, const char *number)
{
    const char *mark = location ? strstr(location, PLAN_NUMBER) : NULL;
    if (!mark || !number)
        return location;
    return arena_printf(ctx->arena, "%.*s%s%s", (int)(mark - location), location, number, mark + strlen(PLAN_NUMBER));
}

static const struct err *settle(void *self, struct ctx *ctx, struct request *request, struct change *change, bool *ret_again)
{
    (void)self;
    struct visit *visit = visit_of(request);
    const struct outcome *outcome = &visit->outcome;
    switch (outcome->kind) {
    case OUTCOME_DONE:
        change->answer.location = with_number(ctx, change->answer.location, outcome->number);
        return change->after ? change->after(ctx, request, outcome, change->self, &change->answer) : NULL;
    case OUTCOME_REPLAYED:
        change->answer = (struct answer){ .location = outcome->result, .cookies = change->answer.cookies };
        return NULL;
    case OUTCOME_CONFLICT:
        *ret_again = !visit->was_checked_again;
        visit->was_checked_again = true;
        /* What is checked anew is checked with the rights of now. */
        return *ret_again ? find_person(ctx, request, visit) : err_new(ctx, ERR_CONFLICT, outcome->conflict);
    case OUTCOME_FAILED:
        break;
    }
    return outcome->err;
}

/* --- errors --- */

static bool is_first_use(const struct visit *visit, const struct err *err)
{
    return visit && visit->session && visit->session->must_change &&
           strcmp(err_root(err)->said, "password.change_first") == 0;
}

static void complain(void *self, struct ctx *ctx, struct request *request, const struct err *err, struct answer *answer)
{
    (void)self;
    if (is_first_use(visit_of(request), err)) {
        answer->status = 0;
        answer->location = "/password";
        return;
    }
    if (err->kind == ERR_DENIED && !ctx->person && !request_wants_json(request) && !sign_in_again(ctx, request, err, answer))
        return;
    const char *trace = error_page(ctx, request, err, answer);
    if (err->kind == ERR_BROKEN)
        log_trouble("%s %.*s: %s", trace, (int)request_path(request).size, request_path(request).at, err_trace(ctx, err));
}

struct http_house house_door(struct house *house)
{
    return (struct http_house){
        .self = house,
        .model = &house->model,
        .arrive = arrive,
        .admit = admit,
        .leave = leave,
        .submit = submit,
        .settle = settle,
        .frame = frame_put,
        .complain = complain,
    };
}
