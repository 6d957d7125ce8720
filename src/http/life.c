/* http/life.c -- what happens to a request between being read and being answered; begin at life_run().
 *
 *   GET    arrive, admit, page, compose, leave
 *   POST   (a long body: origin, arrive, admit, may_send, leave, and only then is it read)
 *          origin, arrive, admit, token, check … a plan: leave, (the writer), arrive, settle, compose, leave
 *                                           … no plan: compose, leave
 *         after a conflict the check runs once more: at once, or in the lane when it is slow
 * Runs on a server thread, or up to the plan on a lane's; only one thread has the exchange at any time.
 */
#include "http/http_inside.h"

#include "base/arena.h"
#include "base/log.h"

enum { MOST_CHECKS = 3 };

static const struct err *arrive(struct exchange *exchange)
{
    struct http_house *house = &exchange->http->house;
    if (exchange->has_arrived)
        BUG("arrived twice");
    exchange->has_arrived = true;
    return house->arrive(house->self, exchange->ctx, exchange->request);
}

static void leave(struct exchange *exchange)
{
    struct http_house *house = &exchange->http->house;
    if (exchange->has_arrived)
        house->leave(house->self, exchange->ctx, exchange->request);
    exchange->has_arrived = false;
}

/* --- errors --- */

static bool is_stranger_denied(const struct exchange *exchange, const struct err *err)
{
    return err->kind == ERR_DENIED && !exchange->ctx->person && exchange->route;
}

static const char *sign_in_address(struct exchange *exchange)
{
    struct buffer out = { 0 };
    buffer_string(&out, "/sign-in?back=");
    url_encode(&out, text_of(request_back(exchange->ctx, exchange->request)), "/");
    char *copy = arena_copy(exchange->ctx->arena, out.at, out.size);
    buffer_clear(&out);
    return copy;
}

/* Between arrive and leave: fills the response for ERR. STATUS 0 takes the kind's. */
static void complain(struct exchange *exchange, const struct err *err, int status)
{
    struct http_house *house = &exchange->http->house;
    const struct err *root = err_root(err);
    struct request *request = exchange->request;
    struct answer answer = { 0 };
    bool is_stranger = is_stranger_denied(exchange, root);
    request->has_fresh_session = false;
    bool is_secret = exchange->route && exchange->route->is_secret;
    request->may_keep = text_is(request->method, "POST") && !is_secret && strcmp(root->said, "http.foreign") != 0;
    if (is_stranger && !request->wants_json && !text_is(request->method, "POST")) {
        answer.location = sign_in_address(exchange);
    } else {
        answer.status = status ? status : is_stranger && request->wants_json ? 401 : reply_status_of(root->kind);
        house->complain(house->self, exchange->ctx, request, err, &answer);
    }
    const struct err *worse = answer.model || answer.location || answer.body.size ?
                                  reply_compose(exchange, &answer, NULL) :
                                  err_broken(exchange->ctx, "nothing to say about %s", root->said);
    if (worse) {
        log_trouble("an error page could not be made: %s", err_trace(exchange->ctx, worse));
        reply_plain(exchange, answer.status ? answer.status : 500);
    }
}

void life_refuse(struct exchange *exchange, const struct err *err, int status)
{
    if (!exchange->has_arrived) {
        const struct err *also = arrive(exchange);
        if (also)
            log_trouble("%s", err_trace(exchange->ctx, also));
    }
    complain(exchange, err, status);
    leave(exchange);
}

/* --- pages --- */

static const struct err *show_page(struct exchange *exchange, const struct route *route)
{
    struct http_house *house = &exchange->http->house;
    struct answer answer = { 0 };
    TRY(house->admit(house->self, exchange->ctx, exchange->request, route));
    TRY(route->page(exchange->ctx, exchange->request, &answer));
    return reply_compose(exchange, &answer, route->view);
}

/* answer.show: another of our pages, within this request, with what was kept in its fields. */
static const struct err *show_other(struct exchange *exchange, struct answer *answer)
{
    struct ctx *ctx = exchange->ctx;
    struct request *request = exchange->request;
    struct text rest, target = text_of(answer->show);
    struct text path = text_cut(target, '?', &rest);
    struct pairs query = { 0 }, params = { 0 };
    struct url_path segments;
    const char *allowed;
    TRY(url_read_path(ctx, path, &segments));
    TRY(url_read_pairs(ctx, rest, &query));
    const struct route *route = routes_find(ctx, exchange->http->routes, &segments, TEXT("GET"), &params, &allowed);
    if (!route)
        return err_new(ctx, ERR_MISSING, "http.no_page");
    request_refill(request);
    request->method = TEXT("GET");
    request->target = target;
    request->path = segments;
    request->query_string = rest;
    request->query = query;
    request->params = params;
    exchange->route = route;
    struct http_house *house = &exchange->http->house;
    struct answer other = { .cookies = answer->cookies };
    TRY(house->admit(house->self, ctx, request, route));
    TRY(route->page(ctx, request, &other));
    return reply_compose(exchange, &other, route->view);
}

/* The answer of a check or of settle becomes the response. Between arrive and leave. */
static const struct err *answer_change(struct exchange *exchange, struct answer *answer)
{
    if (answer->show && !http_is_own_address(text_of(answer->show)))
        answer->show = "/";
    if (answer->show && !request_kept(exchange->ctx, exchange->request)->count) {
        answer->location = answer->show;
        answer->show = NULL;
    }
    if (!answer->show)
        return reply_compose(exchange, answer, exchange->route->view);
    leave(exchange);
    TRY(arrive(exchange)); /* anew: with the session that has just begun */
    const struct err *refused = show_other(exchange, answer);
    if (!refused || err_root(refused)->kind == ERR_BROKEN)
        return refused;
    /* Not a page for whoever has just come in. They have come in all the same: the page itself says the rest. */
    answer->location = answer->show;
    return reply_compose(exchange, answer, NULL);
}

/* --- changes --- */

bool life_is_slow(const struct exchange *exchange)
{
    if (exchange->route->is_slow || !exchange->route->is_slow_with_uploads)
        return exchange->route->is_slow;
    for (const struct upload *upload = request_uploads(exchange->request); upload; upload = upload->next)
        if (upload->bytes.size) /* a browser sends an empty part when no file was chosen */
            return true;
    return false;
}

/* After arrive; a plan leaves at once. */
static const struct err *check(struct exchange *exchange, enum verdict *ret)
{
    exchange->change = (struct change){ 0 };
    exchange->request->has_fresh_session = false;
    exchange->checks++;
    TRY(exchange->route->check(exchange->ctx, exchange->request, &exchange->change));
    *ret = exchange->change.plan ? VERDICT_PLAN : VERDICT_READY;
    return exchange->change.plan ? NULL : answer_change(exchange, &exchange->change.answer);
}

static const struct err *run(struct exchange *exchange, enum verdict *ret)
{
    struct http_house *house = &exchange->http->house;
    struct ctx *ctx = exchange->ctx;
    struct request *request = exchange->request;
    bool is_again = exchange->checks_again;
    exchange->checks_again = false;
    bool is_change = exchange->route->check != NULL && text_is(request->method, "POST");
    if (is_change && !is_again)
        TRY(guard_origin(ctx, request));
    TRY(arrive(exchange));
    if (!is_change)
        return show_page(exchange, exchange->route);
    TRY(house->admit(house->self, ctx, request, exchange->route));
    if (!is_again)
        TRY(guard_token(ctx, request));
    return check(exchange, ret);
}

static const struct err *may_send(struct exchange *exchange)
{
    struct http_house *house = &exchange->http->house;
    const struct route *route = exchange->route;
    TRY(guard_origin(exchange->ctx, exchange->request));
    TRY(arrive(exchange));
    TRY(house->admit(house->self, exchange->ctx, exchange->request, route));
    return route->may_send ? route->may_send(exchange->ctx, exchange->request) : NULL;
}

const struct err *life_may_send(struct exchange *exchange)
{
    const struct err *err = may_send(exchange);
    leave(exchange);
    return err;
}

enum verdict life_run(struct exchange *exchange)
{
    enum verdict verdict = VERDICT_READY;
    const struct err *err = run(exchange, &verdict);
    if (err) {
        life_refuse(exchange, err, 0);
        return VERDICT_READY;
    }
    leave(exchange);
    return verdict;
}

static const struct err *settle(struct exchange *exchange, enum verdict *ret)
{
    struct http_house *house = &exchange->http->house;
    bool again = false;
    TRY(arrive(exchange));
    TRY(house->settle(house->self, exchange->ctx, exchange->request, &exchange->change, &again));
    if (!again)
        return answer_change(exchange, &exchange->change.answer);
    if (exchange->checks >= MOST_CHECKS)
        return err_new(exchange->ctx, ERR_CONFLICT, "http.still_changing");
    if (life_is_slow(exchange)) { /* never on a thread that answers pages */
        exchange->checks_again = true;
        *ret = VERDICT_LANE;
        return NULL;
    }
    TRY(house->admit(house->self, exchange->ctx, exchange->request, exchange->route));
    return check(exchange, ret);
}

enum verdict life_settle(struct exchange *exchange)
{
    enum verdict verdict = VERDICT_READY;
    const struct err *err = settle(exchange, &verdict);
    if (err) {
        life_refuse(exchange, err, 0);
        return VERDICT_READY;
    }
    leave(exchange);
    return verdict;
}
