/* systems/requests/requests.c -- the face of requests, and their routes; filing one is in new_request.c. */
#include "systems/requests/requests.h"

#include "commons/matter_forms.h"
#include "commons/matter_lists.h"
#include "commons/matter_page.h"
#include "commons/matter_papers.h"
#include "commons/matter_reach.h"
#include "systems/requests/new_request.h"

static const struct state_shape shapes[] = {
    { "filed", "waiting" },     { "assigned", "waiting" }, { "working", "moving" }, { "asking", "asking" },
    { "suspended", "paused" }, { "answered", "answered" }, { "closed", "closed" },  { "declined", "refused" },
    { 0 },
};

static const char *const main_moves[] = { "dispatch", "sign", "resume", "grant", "answer", "rate", NULL };

static const struct matter_mark marks[MATTER_MARKS] = {
    { "return", "filed", "requests.returned" }, /* until it is dispatched again */
    { "reopen", NULL, "requests.reopened" },
};

static const struct told_move told[] = {
    { "dispatch", ROLE_AUTHOR, "told.dispatch_author", "finish" },
    { "dispatch", ROLE_HANDLER, "told.dispatch_handler", "sign" },
    { "reassign", ROLE_AUTHOR, "told.reassign_author", "finish" },
    { "reassign", ROLE_HANDLER, "told.reassign_handler", "sign" },
    { "urge", ROLE_HANDLER, "told.urge", "finish" },
    { "decline", ROLE_AUTHOR, "told.decline", NULL },
    { "return", ROLE_OWNER, "told.return", "dispatch" },
    { "suspend", ROLE_AUTHOR, "told.suspend_author", NULL },
    { "suspend", ROLE_OWNER, "told.suspend", NULL },
    { "resume", ROLE_AUTHOR, "told.resume", "finish" },
    { "ask_more_time", ROLE_OWNER, "told.ask_more_time", "finish" },
    { "grant", ROLE_AUTHOR, "told.grant_author", "finish" },
    { "grant", ROLE_HANDLER, "told.grant", "finish" },
    { "refuse", ROLE_HANDLER, "told.refuse", "finish" },
    { "answer", ROLE_AUTHOR, "told.answer", "silence" },
    { "rate", ROLE_HANDLER, "told.rate", NULL },
    { "rate", ROLE_OWNER, "told.rate", NULL },
    { "reopen", ROLE_HANDLER, "told.reopen", "finish" },
    { "reopen", ROLE_OWNER, "told.reopen", "finish" },
    { "lapse", ROLE_AUTHOR, "told.lapse", NULL },
    { "escalate", ROLE_OWNER, "told.escalate", NULL },
    { 0 },
};

static const struct inbox_view views[] = {
    { "new", "inbox.new", "filed", .is_open = true },
    { "asking", "inbox.asking", "asking", .is_open = true },
    { "late", "inbox.late", NULL, .is_late = true, .is_open = true },
    { "open", "inbox.open", NULL, .is_open = true },
    { 0 },
};

const struct matter_face requests_face = {
    .flow = "request",
    .prefix = "/requests",
    .kind = "category",
    .topic = "topic",
    .text = "text",
    .spot = "where",
    .accused = "accused",
    .answer = "result",
    .shapes = shapes,
    .main_moves = main_moves,
    .marks = marks,
    .told = told,
    .views = views,
    .title_own = "requests.title_own",
    .title_given = "requests.title_given",
    .title_place = "requests.title_place",
    .counted = "requests.counted",
};

#define PAGE_OF_FACE(name, function)                                                                                   \
    static const struct err *name(struct ctx *ctx, struct request *request, struct answer *answer)                     \
    {                                                                                                                  \
        return function(ctx, request, &requests_face, answer);                                                         \
    }

PAGE_OF_FACE(list, matters_page)
PAGE_OF_FACE(show, matter_page)
PAGE_OF_FACE(filed, filed_page)
PAGE_OF_FACE(receipt, receipt_page)
PAGE_OF_FACE(receipt_file, receipt_download)
PAGE_OF_FACE(photo, photo_page)
PAGE_OF_FACE(inbox, inbox_page)

static const struct err *move(struct ctx *ctx, struct request *request, struct change *change)
{
    return move_check(ctx, request, &requests_face, change);
}

static const struct err *look(struct ctx *ctx, struct request *request, struct change *change)
{
    return reach_check(ctx, request, &requests_face, change);
}

enum { BODY_MOST = 48 << 20 }; /* nine photos of a phone */

const struct route requests_routes[] = {
    /* For anyone, because a number may be looked up there; without one the page asks for the sign-in itself. */
    { "GET", "/requests", ACCESS_ANYONE, .page = list, .view = "matters" },
    { "GET", "/requests/new", ACCESS_ACT, "request.file", .page = new_request_page, .view = "new_request" },
    { "POST", "/requests", ACCESS_ACT, "request.file", .check = new_request_check, .takes_uploads = true,
      .is_slow_with_uploads = true, .most_body = BODY_MOST },
    { "GET", "/requests/{number}", ACCESS_ANYONE, .page = show, .view = "matter" },
    { "GET", "/requests/{number}/filed", ACCESS_SIGNED_IN, .page = filed, .view = "filed" },
    { "POST", "/requests/{number}/moves/{move}", ACCESS_SIGNED_IN, .check = move, .takes_uploads = true,
      .is_slow_with_uploads = true, .most_body = BODY_MOST },
    { "POST", "/requests/{number}/look", ACCESS_SIGNED_IN, .check = look },
    { "GET", "/requests/{number}/receipt", ACCESS_SIGNED_IN, .page = receipt, .view = "receipt" },
    { "GET", "/requests/{number}/receipt.tlog-proof", ACCESS_SIGNED_IN, .page = receipt_file },
    { "GET", "/requests/{number}/photos/{position}", ACCESS_SIGNED_IN, .page = photo },
    { "GET", "/inbox", ACCESS_ACT, "matter.list_desk", .page = inbox, .view = "inbox" },
    { 0 },
};
