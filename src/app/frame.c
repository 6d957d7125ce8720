/* app/frame.c */
#include "app/frame.h"

#include "app/sign_in.h"
#include "app/visit.h"
#include "base/arena.h"
#include "base/encode.h"
#include "base/log.h"
#include "base/texts.h"
#include "commons/flash.h"
#include "record/message.h"
#include "record/place.h"
#include "record/rights.h"

#include <string.h>

/* --- addresses that come back here --- */

static void add_escaped(struct buffer *out, struct text text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~/";
    for (size_t i = 0; i < text.size; i++)
        if (memchr(plain, text.at[i], sizeof plain - 1))
            buffer_byte(out, text.at[i]);
        else
            buffer_printf(out, "%%%02X", (unsigned char)text.at[i]);
}

/* This page's own address, to return to: only of pages, never of what a form was sent to. */
static const char *here(struct ctx *ctx, const struct request *request)
{
    if (!text_is(request_method(request), "GET") || text_is(request_path(request), "/sign-in"))
        return "/";
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_text(&out, request_path(request));
    struct text query = request_query_string(request);
    if (query.size) {
        buffer_byte(&out, '?');
        buffer_text(&out, query);
    }
    return arena_copy(ctx->arena, out.at, out.size);
}

static const char *address(struct ctx *ctx, const char *before, const char *back)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, before);
    add_escaped(&out, text_of(back));
    return arena_copy(ctx->arena, out.at, out.size);
}

/* --- navigation --- */

static void add_way(struct ctx *ctx, struct node *nav, const struct request *request, const char *href, const char *label,
                    int waiting)
{
    struct node *way = node_add_object(nav);
    struct text path = request_path(request);
    node_put_string(way, KEY("href"), href);
    node_put_string(way, KEY("label"), texts_say(ctx->language, label));
    node_put_bool(way, KEY("current"),
                  text_is(path, href) || (strlen(href) > 1 && text_starts(path, href) && path.at[strlen(href)] == '/'));
    if (waiting > 0)
        node_put_string(way, KEY("count"), waiting > 99 ? "99+" : arena_printf(ctx->arena, "%d", waiting));
}

static void put_navigation(struct ctx *ctx, const struct request *request, struct node *frame)
{
    struct node *nav = node_put_list(frame, KEY("nav"));
    const struct person *person = ctx->person;
    add_way(ctx, nav, request, "/", "nav.start", 0);
    if (!person) {
        add_way(ctx, nav, request, "/ballots", "nav.ballots", 0);
        return;
    }
    if (may(person, "today", NULL))
        add_way(ctx, nav, request, "/today", "nav.today", 0);
    if (may(person, "matter.list_desk", NULL))
        add_way(ctx, nav, request, "/inbox", "nav.inbox", 0);
    add_way(ctx, nav, request, "/requests", "nav.requests", 0);
    add_way(ctx, nav, request, "/ballots", "nav.ballots", 0);
    add_way(ctx, nav, request, arena_printf(ctx->arena, "/places/%s", place_village(ctx, person->place_path)), "nav.place", 0);
}

/* --- the person --- */

/* The office held, told first; whoever holds none is a villager. */
static enum role chief_role(const struct person *person)
{
    static const enum role offices[] = { ROLE_ADMINISTRATOR, ROLE_TOWN_LEADER, ROLE_DESK, ROLE_HANDLER,
                                         ROLE_VILLAGE_SECRETARY, ROLE_GRID_WORKER, ROLE_GROUP_LEADER };
    for (size_t i = 0; i < sizeof offices / sizeof *offices; i++)
        if (person->role_mask & ROLE_BIT(offices[i]))
            return offices[i];
    return ROLE_VILLAGER;
}

static void put_person(struct ctx *ctx, struct node *frame)
{
    const struct person *person = ctx->person;
    struct node *node = node_put_object(frame, KEY("person"));
    node_put_string(node, KEY("name"), person->name);
    node_put_string(node, KEY("role"), label_say(role_label(chief_role(person)), ctx->language));
    node_put_string(node, KEY("href"), "/sessions");
}

/* How many messages wait is asked only where people begin: a list of matters need not know. */
static void put_messages(struct ctx *ctx, const struct request *request, struct node *frame)
{
    static const char *const counted[] = { "/", "/today", "/messages" };
    struct node *messages = node_put_object(frame, KEY("messages"));
    node_put_string(messages, KEY("href"), "/messages");
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        int unread = 0;
        if (!text_is(request_path(request), counted[i]) || message_count_unread(ctx, 100, &unread) || !unread)
            continue;
        node_put_string(messages, KEY("count"), unread > 99 ? "99+" : arena_printf(ctx->arena, "%d", unread));
    }
}

/* One's own log; for a stranger the list of all. */
static void put_log(struct ctx *ctx, struct node *frame)
{
    const char *realm = ctx->person ? ctx->person->realm : NULL;
    struct node *log = node_put_object(frame, KEY("log"));
    node_put_string(log, KEY("href"), realm ? arena_printf(ctx->arena, "/log/%s", realm) : "/log");
    if (realm)
        node_put_string(log, KEY("key_href"), arena_printf(ctx->arena, "/log/%s/key", realm));
}

/* The place this page speaks for: a villager's village rather than the group, a town officer's town. */
static const char *place_name(struct ctx *ctx)
{
    if (!ctx->person)
        return texts_say(ctx->language, "frame.site");
    const char *code = place_village(ctx, ctx->person->place_path);
    struct place *village = NULL;
    if (strcmp(code, ctx->person->place) == 0 || place_find(ctx, text_of(code), &village) || !village)
        return ctx->person->place_name;
    return village->name;
}

/* What has just been done, said once: the cookie holds a text key of ours and nothing else, and goes with the page that says
 * it. Not above a form that came back or was refused: there it would be the word of another tab. */
static void put_flash(struct ctx *ctx, const struct request *request, struct answer *answer, struct node *frame)
{
    struct text key = request_cookie(request, FLASH_COOKIE);
    if (!text_starts(key, "flash.") || !text_is(request_method(request), "GET"))
        return;
    const char *said = texts_find(ctx->language, text_string(ctx->arena, key));
    answer_cookie(ctx, answer, FLASH_COOKIE, NULL, 0);
    if (said)
        node_put_string(node_put_object(frame, KEY("flash")), KEY("text"), said);
}

void frame_put(void *self, struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct node *model = answer->model;
    const struct house *house = self;
    const struct visit *visit = visit_of(request);
    bool is_elder = visit && visit->is_elder;
    const char *back = here(ctx, request);
    enum language other = ctx->language == LANGUAGE_ZH ? LANGUAGE_EN : LANGUAGE_ZH;
    struct node *frame = node_put_object(model, KEY("frame"));
    node_put_string(frame, KEY("lang"), language_code(ctx->language));
    node_put_bool(frame, KEY("elder"), is_elder);
    struct node *place = node_put_object(frame, KEY("place"));
    node_put_string(place, KEY("name"), place_name(ctx));
    node_put_bool(frame, KEY("demo"), house->is_demo);
    put_navigation(ctx, request, frame);
    if (ctx->person) {
        put_person(ctx, frame);
        put_messages(ctx, request, frame);
    }
    node_put_string(frame, KEY("sign_in_href"), address(ctx, "/sign-in?back=", back));
    node_put_string(frame, KEY("sign_out_action"), "/sign-out");
    node_put_string(frame, KEY("csrf"), request_csrf(ctx, request));
    put_flash(ctx, request, answer, frame);
    node_put_string(frame, KEY("elder_href"), address(ctx, is_elder ? "/settings?elder=0&back=" : "/settings?elder=1&back=", back));
    struct node *language = node_put_object(frame, KEY("other_language"));
    node_put_string(language, KEY("lang"), language_code(other));
    node_put_string(language, KEY("href"),
                    address(ctx, arena_printf(ctx->arena, "/settings?language=%s&back=", language_code(other)), back));
    put_log(ctx, frame);
    /* The doors stand on the first page, which knows nothing of them; without them it is still a page. */
    if (text_is(request_path(request), "/") && doors_put(ctx, request, model))
        log_warning("the demo's doors can't be read");
}

/* --- errors --- */

/* error.STATUS.PART, or that of 400 for a status without texts of its own. */
static const char *words(struct ctx *ctx, int status, const char *part)
{
    const char *said = texts_find(ctx->language, arena_printf(ctx->arena, "error.%d.%s", status, part));
    return said ? said : texts_say(ctx->language, arena_printf(ctx->arena, "error.400.%s", part));
}

static void add_action(struct ctx *ctx, struct node *actions, const char *href, const char *label, bool is_main)
{
    struct node *action = node_add_object(actions);
    node_put_string(action, KEY("href"), href);
    node_put_string(action, KEY("label"), texts_say(ctx->language, label));
    node_put_bool(action, KEY("main"), is_main);
}

const char *error_page(struct ctx *ctx, struct request *request, const struct err *err, struct answer *answer)
{
    int status = answer->status;
    const char *trace = NULL;
    struct node *model = node_object(ctx->arena);
    node_put_int(model, KEY("status"), status);
    node_put_string(model, KEY("title"), words(ctx, status, "title"));
    bool is_ours = err->kind == ERR_BROKEN;
    node_put_string(model, KEY("said"), is_ours ? words(ctx, status, "said") : texts_of_err(ctx, err));
    node_put_string(model, KEY("next"), words(ctx, status, "next"));
    struct node *actions = node_put_list(model, KEY("actions"));
    struct text path = request_path(request);
    /* After a conflict the page itself tells the present state: its address is the form's without what was to be done. */
    const char *moves = path.size ? memmem(path.at, path.size, "/moves/", 7) : NULL;
    if (status == 409 && moves)
        add_action(ctx, actions, text_string(ctx->arena, (struct text){ path.at, (size_t)(moves - path.at) }),
                   "error.see_present", true);
    add_action(ctx, actions, "/", "error.to_start", !(status == 409 && moves));
    if (is_ours) {
        uint8_t chance[4];
        ctx_random(ctx, chance, sizeof chance);
        trace = hex_encode(ctx->arena, (struct text){ (const char *)chance, sizeof chance });
        node_put_string(model, KEY("trace"), trace);
    }
    answer->model = model;
    answer->view = "error";
    if (status == 503 || status == 429)
        answer->retry_after = 5;
    return trace;
}
