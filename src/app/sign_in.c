/* app/sign_in.c -- passwords are checked in the slow lane; everything else is quick. */
#include "app/sign_in.h"

#include "app/app_sql.h"
#include "app/visit.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/flash.h"
#include "commons/moment.h"
#include "commons/person_page.h"
#include "record/account.h"
#include "record/place.h"
#include "record/records.h"

#include <string.h>

static struct text user_agent(const struct request *request)
{
    return request_header(request, "User-Agent");
}

static struct comer comer_of(const struct request *request)
{
    return (struct comer){ user_agent(request), request_network(request), PASSWORD_COST };
}

static void remember(struct ctx *ctx, struct answer *answer, const char *cookie, int64_t seconds)
{
    answer_cookie(ctx, answer, HTTP_SESSION_COOKIE, cookie, seconds);
}

/* --- signing in --- */

/* The question that a kept field answered: any flow of the house may have asked it. NULL for csrf tokens and the like. */
static const struct flow_field *asked_field(const struct ctx *ctx, struct text key)
{
    for (int i = 0; i < ctx->records->flow_count; i++) {
        const struct flow_field *field = flow_field_find(ctx->records->flows[i].flow, key);
        if (field)
            return field;
    }
    return NULL;
}

static struct text value_in_words(const struct ctx *ctx, const struct flow_field *field, struct text value)
{
    const struct flow_item *item = field->list ? flow_item_find(field->list, value) : NULL;
    return item ? text_of(label_say(&item->label, ctx->language)) : value;
}

/* What was being written when the session ended: shown, and sent along. */
static void put_kept(struct ctx *ctx, const struct request *request, struct node *model)
{
    const struct node *kept = request_kept(ctx, request);
    if (!kept->count)
        return;
    struct node *node = node_put_object(model, KEY("kept"));
    struct node *texts = node_put_list(node, KEY("texts")), *hidden = node_put_list(node, KEY("hidden"));
    node_each(link, kept) {
        struct text name = node_find_text(&link->value, KEY("name")), value = node_find_text(&link->value, KEY("value"));
        struct node *sent = node_add_object(hidden);
        node_put_text(sent, KEY("name"), name);
        node_put_text(sent, KEY("value"), value);
        struct text key = { name.at + strlen("kept."), name.size - strlen("kept.") };
        const struct flow_field *field = asked_field(ctx, key);
        if (!field || !value.size)
            continue;
        struct node *shown = node_add_object(texts);
        node_put_string(shown, KEY("label"), label_say(&field->label, ctx->language));
        node_put_text(shown, KEY("value"), value_in_words(ctx, field, value));
    }
    node_put_bool(node, KEY("had_files"), request_had_files(request));
}

static const struct err *sign_in_model(struct ctx *ctx, struct request *request, const char *problem, struct node **ret)
{
    struct node *model = node_object(ctx->arena);
    node_put_string(model, KEY("action"), "/sign-in");
    node_put_string(model, KEY("back"), request_back(ctx, request));
    struct text login = request_field(request, "login");
    if (login.at)
        node_put_text(model, KEY("login"), login);
    if (problem)
        node_put_string(model, KEY("problem"), problem);
    put_kept(ctx, request, model);
    *ret = model;
    return doors_put(ctx, request, model);
}

static const struct err *sign_in_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    return sign_in_model(ctx, request, NULL, &answer->model);
}

const struct err *sign_in_again(struct ctx *ctx, struct request *request, const struct err *why, struct answer *answer)
{
    bool is_plain = strcmp(err_root(why)->said, "sign_in.needed") == 0;
    answer->view = "sign_in";
    return sign_in_model(ctx, request, is_plain ? NULL : texts_of_err(ctx, why), &answer->model);
}

/* What was kept over the sign-in travels on over the first change of the password. */
static struct node *password_model(struct ctx *ctx, const struct request *request, bool is_first, const char *problem)
{
    struct node *model = node_object(ctx->arena);
    node_put_string(model, KEY("action"), "/password");
    node_put_bool(model, KEY("first"), is_first);
    node_put_int(model, KEY("least"), PASSWORD_LEAST);
    node_put_string(model, KEY("hint"),
                    texts_fill(ctx, "password.hint", arena_printf(ctx->arena, "%d", PASSWORD_LEAST), NULL));
    if (problem)
        node_put_string(model, KEY("problem"), problem);
    if (request_kept(ctx, request)->count)
        node_put_string(model, KEY("back"), request_back(ctx, request));
    put_kept(ctx, request, model);
    return model;
}

static bool must_change(const struct request *request)
{
    const struct visit *visit = visit_of(request);
    return visit->session && visit->session->must_change;
}

static const struct err *come_in(struct ctx *ctx, struct request *request, const void *outcome, void *self,
                                 struct answer *answer)
{
    (void)outcome;
    const struct sign_in *found = self;
    if (!found->is_right) {
        answer->status = 401;
        answer->view = "sign_in";
        return sign_in_model(ctx, request, texts_of_err(ctx, found->why), &answer->model);
    }
    remember(ctx, answer, found->cookie, found->seconds);
    if (found->must_change && request_kept(ctx, request)->count) {
        answer->view = "change_password";
        answer->model = password_model(ctx, request, true, NULL);
    } else if (found->must_change) {
        answer->location = "/password";
    } else {
        answer->show = request_back(ctx, request);
    }
    return NULL;
}

static const struct err *sign_in_check(struct ctx *ctx, struct request *request, struct change *change)
{
    struct sign_in *found = arena_new_of(ctx->arena, struct sign_in);
    struct comer comer = comer_of(request);
    TRY(account_sign_in(ctx, request_field(request, "login"), request_field(request, "password"), &comer, found));
    if (!found->plan)
        return come_in(ctx, request, NULL, found, &change->answer);
    change->plan = found->plan;
    change->after = come_in;
    change->self = found;
    return NULL;
}

static const struct err *sign_out_check(struct ctx *ctx, struct request *request, struct change *change)
{
    const struct visit *visit = visit_of(request);
    change->answer.location = "/";
    remember(ctx, &change->answer, NULL, 0);
    if (visit->session)
        change->plan = session_end_one(ctx, person_who(ctx->person), visit->session->id);
    return NULL;
}

/* --- passwords --- */

static const struct err *password_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    answer->model = password_model(ctx, request, must_change(request), NULL);
    return NULL;
}

static const struct err *password_refused(struct ctx *ctx, struct request *request, const struct err *why,
                                          struct change *change)
{
    if (why->kind != ERR_INPUT)
        return why;
    change->answer.status = 400;
    change->answer.view = "change_password";
    change->answer.model = password_model(ctx, request, must_change(request), texts_of_err(ctx, why));
    return NULL;
}

/* A wrong old password is counted like one at the door: nothing has changed then but the count. */
static const struct err *password_settled(struct ctx *ctx, struct request *request, const void *outcome, void *self,
                                          struct answer *answer)
{
    (void)outcome;
    const struct sign_in *found = self;
    if (!found->is_right) {
        *answer = (struct answer){ .status = 400, .view = "change_password" };
        answer->model = password_model(ctx, request, must_change(request), texts_of_err(ctx, found->why));
        return NULL;
    }
    if (request_kept(ctx, request)->count)
        answer->show = request_back(ctx, request);
    else
        answer->location = "/";
    remember(ctx, answer, found->cookie, found->seconds);
    flash_tell(ctx, answer, "flash.password_changed");
    return NULL;
}

static const struct err *password_check_change(struct ctx *ctx, struct request *request, struct change *change)
{
    struct text fresh = request_field(request, "new");
    if (!text_equal(fresh, request_field(request, "again")))
        return password_refused(ctx, request, err_field(ctx, "again", "password.again_differs"), change);
    struct sign_in *found = arena_new_of(ctx->arena, struct sign_in);
    struct comer comer = comer_of(request);
    const struct err *refused =
        account_change_password(ctx, ctx->person, request_field(request, "old"), fresh, &comer, found);
    if (refused)
        return password_refused(ctx, request, refused, change);
    if (!found->plan)
        return password_settled(ctx, request, NULL, found, &change->answer);
    change->plan = found->plan;
    change->after = password_settled;
    change->self = found;
    return NULL;
}

/* --- sessions --- */

static const struct err *sessions_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    const struct visit *visit = visit_of(request);
    struct session *sessions;
    int count;
    TRY(session_list(ctx, person_who(ctx->person), &sessions, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    node_put_string(model, KEY("action"), "/sessions");
    node_put_string(model, KEY("password_href"), "/password");
    node_put_string(model, KEY("me_href"), person_href(ctx, person_who(ctx->person), ctx->person->place_path));
    struct node *list = node_put_list(model, KEY("sessions"));
    for (int i = 0; i < count; i++) {
        struct node *row = node_add_object(list);
        node_put_id(row, KEY("id"), sessions[i].id);
        node_put_string(row, KEY("device"), device_words(ctx, text_of(sessions[i].device)));
        moment_put(ctx, row, KEY("begun"), sessions[i].made);
        moment_put(ctx, row, KEY("seen"), sessions[i].seen);
        node_put_bool(row, KEY("here"), visit->session && sessions[i].id == visit->session->id);
    }
    node_put_bool(model, KEY("has_others"), count > 1);
    return NULL;
}

static const struct err *sessions_check(struct ctx *ctx, struct request *request, struct change *change)
{
    const struct visit *visit = visit_of(request);
    struct text which = request_field(request, "session");
    struct who who = person_who(ctx->person);
    int64_t id;
    change->answer.location = "/sessions";
    flash_tell(ctx, &change->answer, "flash.session_ended");
    if (text_is(which, "others"))
        change->plan = session_end_all(ctx, who, visit->session->id);
    else if (text_int(which, &id))
        change->plan = session_end_one(ctx, who, id);
    else
        return err_field(ctx, "session", "sessions.which");
    return NULL;
}

/* --- the demo's doors --- */

struct door {
    const char *realm, *login, *role;
};

const char *door_setting(struct ctx *ctx, const char *realm, const char *login, const char *role)
{
    return arena_printf(ctx->arena, "%s %s %s", realm, login, role);
}

/* *RET_REALM is NULL when there is no such door. */
static const struct err *read_door(struct ctx *ctx, int number, struct door *ret)
{
    struct rows rows;
    *ret = (struct door){ 0 };
    TRY(rows_open(ctx, ctx->snapshot, &sql_setting_by_name, VALUES(value_string(arena_printf(ctx->arena, "door.%d", number))),
                  &rows));
    if (rows_next(&rows)) {
        struct text rest = text_of(rows_string(&rows, 0));
        ret->realm = text_string(ctx->arena, text_cut(rest, ' ', &rest));
        ret->login = text_string(ctx->arena, text_cut(rest, ' ', &rest));
        ret->role = text_string(ctx->arena, rest);
    }
    return rows_close(&rows);
}

static const struct err *door_person(struct ctx *ctx, const struct door *door, struct person **ret)
{
    struct account *account;
    TRY(account_find(ctx, door->realm, text_of(door->login), &account));
    if (!account)
        return err_new(ctx, ERR_MISSING, "doors.missing");
    return person_load(ctx, account->who, day_of(clock_now(ctx->clock)), ret);
}

/* Which village's or town's it is: there are two secretaries. */
static const struct err *put_village(struct ctx *ctx, const struct person *person, struct node *row)
{
    struct place *village;
    TRY(place_load(ctx, text_of(place_village(ctx, person->place_path)), &village));
    node_put_string(row, KEY("place"), village->name);
    return NULL;
}

const struct err *doors_put(struct ctx *ctx, struct request *request, struct node *model)
{
    const struct visit *visit = visit_of(request);
    if (!visit->house->is_demo || !ctx->snapshot)
        return NULL;
    struct node *doors = node_put_object(model, KEY("doors"));
    node_put_string(doors, KEY("action"), "/doors");
    struct node *list = node_put_list(doors, KEY("list"));
    for (int number = 1;; number++) {
        struct door door;
        TRY(read_door(ctx, number, &door));
        if (!door.realm)
            return NULL;
        struct person *person;
        TRY(door_person(ctx, &door, &person));
        int role = role_find(text_of(door.role));
        struct node *row = node_add_object(list);
        node_put_int(row, KEY("value"), number);
        node_put_string(row, KEY("role"), role < 0 ? door.role : label_say(role_label((enum role)role), ctx->language));
        node_put_string(row, KEY("name"), person->name);
        TRY(put_village(ctx, person, row));
        node_put_string(row, KEY("about"), texts_say(ctx->language, arena_printf(ctx->arena, "doors.about.%s", door.role)));
    }
}

/* The doors stand on the sign-in page. */
static const struct err *doors_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    if (!visit_of(request)->house->is_demo)
        return err_new(ctx, ERR_MISSING, "doors.missing");
    answer->location = "/sign-in";
    return NULL;
}

static const struct err *doors_check(struct ctx *ctx, struct request *request, struct change *change)
{
    const struct visit *visit = visit_of(request);
    int64_t number;
    struct door door = { 0 };
    if (visit->house->is_demo && text_int(request_field(request, "door"), &number) && number > 0 && number < 100)
        TRY(read_door(ctx, (int)number, &door));
    if (!door.realm)
        return err_new(ctx, ERR_MISSING, "doors.missing");
    struct person *person;
    const char *cookie;
    int64_t seconds;
    TRY(door_person(ctx, &door, &person));
    TRY(session_plan(ctx, person, user_agent(request), &change->plan, &cookie, &seconds));
    remember(ctx, &change->answer, cookie, seconds);
    /* From the sign-in page back to where one stood, with what was typed. */
    struct text back = request_field(request, "back");
    if (back.size && !text_is(back, "/")) {
        change->answer.show = request_back(ctx, request);
        return NULL;
    }
    bool works_here = person->role_mask & (ROLE_BIT(ROLE_DESK) | ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_TOWN_LEADER));
    change->answer.location = works_here ? "/today" : "/";
    return NULL;
}

/* --- settings of this device --- */

static const struct err *settings_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    enum { A_YEAR = 365 * 24 * 3600 };
    struct text elder = request_query(request, "elder"), language = request_query(request, "language");
    if (text_is(elder, "1") || text_is(elder, "0"))
        answer_cookie(ctx, answer, COOKIE_ELDER, text_is(elder, "1") ? "1" : NULL, A_YEAR);
    if (text_is(language, "zh-CN") || text_is(language, "en"))
        answer_cookie(ctx, answer, COOKIE_LANGUAGE, text_string(ctx->arena, language), A_YEAR);
    answer->location = request_back(ctx, request);
    return NULL;
}

/* --- devices --- */

static bool mentions(struct text text, const char *word)
{
    return text.size && memmem(text.at, text.size, word, strlen(word)) != NULL;
}

const char *device_words(struct ctx *ctx, struct text agent)
{
    static const struct {
        const char *word, *said;
    } machines[] = { { "iPhone", "device.phone" }, { "Android", "device.phone" }, { "iPad", "device.tablet" },
                     { "Windows", "device.computer" }, { "Macintosh", "device.computer" }, { "Linux", "device.computer" } },
      programs[] = { { "MicroMessenger", "device.wechat" }, { "DingTalk", "device.dingtalk" }, { "Edg/", "device.edge" },
                     { "Firefox/", "device.firefox" }, { "Chrome/", "device.chrome" }, { "Safari/", "device.safari" } };
    const char *machine = "device.other", *program = NULL;
    for (size_t i = sizeof machines / sizeof *machines; i-- > 0;)
        if (mentions(agent, machines[i].word))
            machine = machines[i].said;
    for (size_t i = sizeof programs / sizeof *programs; i-- > 0;)
        if (mentions(agent, programs[i].word))
            program = programs[i].said;
    const char *said = texts_say(ctx->language, machine);
    return program ? arena_printf(ctx->arena, "%s · %s", said, texts_say(ctx->language, program)) : said;
}

const struct route sign_in_routes[] = {
    { "GET", "/sign-in", ACCESS_ANYONE, .page = sign_in_page, .view = "sign_in" },
    { "POST", "/sign-in", ACCESS_ANYONE, .check = sign_in_check, .is_slow = true, .is_secret = true,
      .most_body = HTTP_MOST_KEPT },
    { "POST", "/sign-out", ACCESS_SIGNED_IN, .check = sign_out_check },
    { "GET", "/password", ACCESS_SIGNED_IN, .page = password_page, .view = "change_password" },
    { "POST", "/password", ACCESS_SIGNED_IN, .check = password_check_change, .is_slow = true, .is_secret = true,
      .most_body = HTTP_MOST_KEPT },
    { "GET", "/sessions", ACCESS_SIGNED_IN, .page = sessions_page, .view = "sessions" },
    { "POST", "/sessions", ACCESS_SIGNED_IN, .check = sessions_check },
    { "GET", "/doors", ACCESS_ANYONE, .page = doors_page },
    { "POST", "/doors", ACCESS_ANYONE, .check = doors_check, .most_body = HTTP_MOST_KEPT },
    { "GET", "/settings", ACCESS_ANYONE, .page = settings_page },
    { 0 },
};
