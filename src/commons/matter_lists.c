/* commons/matter_lists.c */
#include "commons/matter_lists.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/texts.h"
#include "commons/matter_table.h"
#include "commons/seen.h"
#include "commons/start.h"
#include "record/matter_list.h"
#include "record/records.h"
#include "record/rights.h"

#include <string.h>

enum { COUNT_MOST = 99 };

/* --- which scope --- */

static bool is_of_place(const struct matter_scope *scope)
{
    return scope->scope.kind == SCOPE_REALM || scope->scope.kind == SCOPE_SUBTREE;
}

static const char *list_key(const struct matter_scope *scope)
{
    return is_of_place(scope) ? "place" : scope->scope.kind == SCOPE_GIVEN ? "given" : "own";
}

/* What was asked for; else the widest: the first of a place that shows every state, then what was given, then one's own. */
static const struct matter_scope *scope_choose(const struct matter_scope *scopes, int count, struct text asked)
{
    const struct matter_scope *best = NULL;
    for (int i = 0; i < count; i++) {
        if (asked.size && text_is(asked, list_key(&scopes[i])) && !scopes[i].only_owned)
            return &scopes[i];
        bool is_wider = !best || (is_of_place(&scopes[i]) && !is_of_place(best)) ||
                        (scopes[i].scope.kind == SCOPE_GIVEN && best->scope.kind == SCOPE_OWN);
        if (is_wider && !scopes[i].only_owned)
            best = &scopes[i];
    }
    return best;
}

static const char *scope_place(const struct ctx *ctx, const struct matter_scope *scope)
{
    const struct person *person = ctx->person;
    for (int i = 0; i < person->role_count; i++) {
        const struct held_role *held = &person->roles[i];
        bool is_it = held->role == scope->scope.role && (scope->scope.kind == SCOPE_SUBTREE
                                                             ? scope->scope.path && strcmp(held->place_path, scope->scope.path) == 0
                                                             : scope->scope.realm && strcmp(held->place_realm, scope->scope.realm) == 0);
        if (is_it)
            return held->place_name;
    }
    return person->place_name;
}

static const char *scope_title(struct ctx *ctx, const struct matter_face *face, const struct matter_scope *scope)
{
    if (is_of_place(scope))
        return texts_fill(ctx, face->title_place, scope_place(ctx, scope), NULL);
    return texts_say(ctx->language, scope->scope.kind == SCOPE_GIVEN ? face->title_given : face->title_own);
}

/* --- filters --- */

/* The flow's own key of what was asked, or NULL. */
static const char *state_asked(const struct flow *flow, const struct request *request)
{
    const struct flow_state *state = flow_state_find(flow, request_query(request, "state"));
    return state ? state->key : NULL;
}

static const struct flow_list *list_of(const struct flow *flow, const char *field)
{
    const struct flow_field *found = field ? flow_field_find(flow, text_of(field)) : NULL;
    return found ? found->list : NULL;
}

static const char *item_asked(const struct flow *flow, const char *field, struct text asked)
{
    const struct flow_list *list = list_of(flow, field);
    const struct flow_item *item = list && asked.size ? flow_item_find(list, asked) : NULL;
    return item ? item->key : NULL;
}

static void add_choice(struct ctx *ctx, struct node *list, const char *key, const struct label *label, const char *chosen)
{
    struct node *choice = node_add_object(list);
    node_put_string(choice, KEY("value"), key);
    node_put_string(choice, KEY("label"), label_say(label, ctx->language));
    node_put_string(choice, KEY("note"), NULL);
    node_put_bool(choice, KEY("chosen"), chosen && strcmp(chosen, key) == 0);
}

static void put_items(struct ctx *ctx, const struct flow_list *list, struct node *filters, const struct key *key,
                      const char *chosen)
{
    struct node *choices = node_put_list(filters, key);
    for (int i = 0; list && i < list->count; i++)
        add_choice(ctx, choices, list->items[i].key, &list->items[i].label, chosen);
}

static void put_filters(struct ctx *ctx, const struct matter_face *face, const struct flow *flow,
                        const struct matter_filter *filter, struct node *model)
{
    struct node *filters = node_put_object(model, KEY("filters"));
    bool is_active = filter->state || filter->kind || filter->topic || filter->due_before;
    node_put_string(filters, KEY("action"), face->prefix);
    node_put_bool(filters, KEY("open"), is_active);
    node_put_bool(filters, KEY("active"), is_active);
    node_put_string(filters, KEY("clear_href"), face->prefix);
    struct node *states = node_put_list(filters, KEY("state"));
    for (int i = 0; i < flow->state_count; i++)
        add_choice(ctx, states, flow->states[i].key, &flow->states[i].label, filter->state);
    put_items(ctx, list_of(flow, face->kind), filters, KEY("kind"), filter->kind);
    put_items(ctx, list_of(flow, face->topic), filters, KEY("topic"), filter->topic);
    node_put_bool(filters, KEY("late"), filter->due_before != 0);
}

/* --- pages --- */

struct address {
    struct buffer out;
    bool has_query;
};

static void address_add(struct address *address, const char *name, const char *value)
{
    if (!value)
        return;
    buffer_byte(&address->out, address->has_query ? '&' : '?');
    buffer_string(&address->out, name);
    buffer_byte(&address->out, '=');
    buffer_string(&address->out, value);
    address->has_query = true;
}

static const char *address_end(struct ctx *ctx, struct address *address)
{
    const char *kept = arena_copy(ctx->arena, address->out.at, address->out.size);
    buffer_clear(&address->out);
    return kept;
}

static const char *list_href(struct ctx *ctx, const struct matter_face *face, const char *list,
                             const struct matter_filter *filter, const char *after)
{
    struct address address = { 0 };
    buffer_string(&address.out, face->prefix);
    address_add(&address, "list", list);
    address_add(&address, "state", filter->state);
    address_add(&address, "kind", filter->kind);
    address_add(&address, "topic", filter->topic);
    address_add(&address, "late", filter->due_before ? "1" : NULL);
    address_add(&address, "after", after);
    return address_end(ctx, &address);
}

static void put_page(struct node *model, const char *first_href, const char *next_href)
{
    struct node *page = node_put_object(model, KEY("page"));
    node_put_string(page, KEY("first_href"), first_href);
    node_put_string(page, KEY("next_href"), next_href);
}

static const struct err *key_asked(struct ctx *ctx, const struct request *request, struct matter_key *ret)
{
    struct text asked = request_query(request, "after");
    *ret = (struct matter_key){ 0 };
    if (asked.size && !matter_key_parse(asked, ret))
        return err_field(ctx, "after", "matters.after");
    return NULL;
}

/* --- the list --- */

static void put_new(struct ctx *ctx, const struct matter_face *face, struct node *model)
{
    bool is_by_hand = may(ctx->person, "request.file_for_another", NULL);
    node_put_string(model, KEY("new_href"), arena_printf(ctx->arena, "%s/new", face->prefix));
    node_put_string(model, KEY("new_words"), texts_say(ctx->language, is_by_hand ? "by_hand.title" : "matters.new"));
}

static const struct err *put_list(struct ctx *ctx, struct request *request, const struct matter_face *face,
                                  const struct flow *flow, const struct matter_scope *scope, struct node *model)
{
    struct text asked_list = request_query(request, "list");
    const char *list = asked_list.size ? list_key(scope) : NULL;
    struct matter_filter filter = { .flow = flow->key, .state = state_asked(flow, request),
                                    .kind = item_asked(flow, face->kind, request_query(request, "kind")),
                                    .topic = item_asked(flow, face->topic, request_query(request, "topic")),
                                    .said = face->text };
    if (text_is(request_query(request, "late"), "1"))
        filter.due_before = clock_now(ctx->clock);
    struct matter_key after;
    struct matter_page page;
    TRY(key_asked(ctx, request, &after));
    TRY(matter_list(ctx, scope, &filter, after, MATTER_PAGE, &page));
    node_put_string(model, KEY("title"), scope_title(ctx, face, scope));
    if (flow_may_open(flow, ctx->person->role_mask))
        put_new(ctx, face, model);
    if (scope->scope.kind != SCOPE_OWN)
        put_filters(ctx, face, flow, &filter, model);
    TRY(table_put(ctx, face, page.rows, page.count, model));
    put_page(model, after.id ? list_href(ctx, face, list, &filter, NULL) : NULL,
             page.has_more ? list_href(ctx, face, list, &filter, matter_key_print(ctx->arena, page.next)) : NULL);
    return NULL;
}

/* The number as it is written, whatever the keyboard made of it: small letters, blanks, and the wide letters, digits and dashes
 * (U+FF0D to U+FF5A) that a Chinese keyboard sends. */
static struct text tidy_number(struct ctx *ctx, struct text typed)
{
    char *made = text_string(ctx->arena, typed);
    size_t size = 0;
    for (size_t i = 0; i < typed.size; i++) {
        unsigned char c = (unsigned char)typed.at[i];
        if (c == 0xEF && i + 2 < typed.size) {
            unsigned point = (0xFu << 12) | (((unsigned char)typed.at[i + 1] & 0x3Fu) << 6) | ((unsigned char)typed.at[i + 2] & 0x3Fu);
            if (point >= 0xFF0D && point <= 0xFF5A) {
                c = (unsigned char)(point - 0xFF00 + ' ');
                i += 2;
            }
        }
        if (c >= 'a' && c <= 'z')
            c = (unsigned char)(c - 'a' + 'A');
        if (c != ' ')
            made[size++] = (char)c;
    }
    return (struct text){ made, size };
}

static const struct err *look_up(struct ctx *ctx, struct text typed, const struct matter_face *face, struct answer *answer)
{
    struct seen seen;
    struct text number = text_trim(typed);
    const struct err *err = matter_seen_number(ctx, tidy_number(ctx, number), face, &seen);
    if (err && err_root(err)->kind == ERR_MISSING) {
        answer->status = 404;
        answer->view = "start";
        return start_model(ctx, number, "start.not_found", &answer->model);
    }
    TRY(err);
    answer->location = matter_href(ctx, face, seen.matter->number, "");
    return NULL;
}

const struct err *matters_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    struct text number = request_query(request, "number");
    if (number.at)
        return look_up(ctx, number, face, answer);
    if (!ctx->person)
        return err_new(ctx, ERR_DENIED, "sign_in.needed");
    const struct flow *flow = face_flow(ctx, face);
    struct matter_scope *scopes;
    int count = matter_scopes(ctx, ctx->person, flow, &scopes);
    const struct matter_scope *scope = scope_choose(scopes, count, request_query(request, "list"));
    if (!scope)
        return err_new(ctx, ERR_DENIED, "rights.denied");
    answer->model = node_object(ctx->arena);
    return put_list(ctx, request, face, flow, scope, answer->model);
}

/* --- the inbox --- */

static struct matter_filter filter_of(struct ctx *ctx, const struct flow *flow, const struct inbox_view *view)
{
    return (struct matter_filter){ .flow = flow->key, .state = view->state, .is_open = view->is_open, .by_due = true,
                                   .due_before = view->is_late ? clock_now(ctx->clock) : 0 };
}

static const struct inbox_view *view_asked(const struct matter_face *face, struct text asked)
{
    for (const struct inbox_view *view = face->views; view->key; view++)
        if (text_is(asked, view->key))
            return view;
    return face->views;
}

static const char *view_href(struct ctx *ctx, const struct matter_face *face, const struct inbox_view *view, const char *after)
{
    struct address address = { 0 };
    buffer_string(&address.out, "/inbox");
    address_add(&address, "view", view == face->views ? NULL : view->key);
    address_add(&address, "after", after);
    return address_end(ctx, &address);
}

static const char *count_text(struct ctx *ctx, int count)
{
    return count > COUNT_MOST ? arena_printf(ctx->arena, "%d+", COUNT_MOST) : arena_printf(ctx->arena, "%d", count);
}

static const struct err *put_views(struct ctx *ctx, const struct matter_face *face, const struct flow *flow,
                                   const struct matter_scope *scope, const struct inbox_view *current, struct node *model)
{
    struct node *views = node_put_list(model, KEY("views"));
    for (const struct inbox_view *view = face->views; view->key; view++) {
        struct matter_filter filter = filter_of(ctx, flow, view);
        int count = 0;
        TRY(matter_count(ctx, scope, &filter, COUNT_MOST + 1, &count));
        struct node *node = node_add_object(views);
        node_put_string(node, KEY("href"), view_href(ctx, face, view, NULL));
        node_put_string(node, KEY("label"), texts_say(ctx->language, view->label));
        node_put_string(node, KEY("count"), count ? count_text(ctx, count) : NULL);
        node_put_bool(node, KEY("current"), view == current);
    }
    return NULL;
}

const struct err *inbox_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer)
{
    const struct flow *flow = face_flow(ctx, face);
    struct matter_scope *scopes;
    int count = matter_scopes(ctx, ctx->person, flow, &scopes);
    const struct matter_scope *scope = scope_choose(scopes, count, TEXT("place"));
    if (!scope || !is_of_place(scope))
        return err_new(ctx, ERR_DENIED, "rights.denied");
    const struct inbox_view *view = view_asked(face, request_query(request, "view"));
    struct matter_filter filter = filter_of(ctx, flow, view);
    filter.said = face->text;
    struct matter_key after;
    struct matter_page page;
    TRY(key_asked(ctx, request, &after));
    TRY(matter_list(ctx, scope, &filter, after, MATTER_PAGE, &page));
    struct node *model = answer->model = node_object(ctx->arena);
    node_put_string(model, KEY("title"), texts_fill(ctx, "inbox.title", scope_place(ctx, scope), NULL));
    if (may(ctx->person, "request.file_for_another", NULL))
        node_put_string(model, KEY("by_hand_href"), arena_printf(ctx->arena, "%s/new", face->prefix));
    TRY(put_views(ctx, face, flow, scope, view, model));
    TRY(table_put(ctx, face, page.rows, page.count, model));
    put_page(model, after.id || after.due ? view_href(ctx, face, view, NULL) : NULL,
             page.has_more ? view_href(ctx, face, view, matter_key_print(ctx->arena, page.next)) : NULL);
    return NULL;
}

/* --- today --- */

struct pile {
    struct node *rows;
    int count;
    bool has_more;
};

struct desk {
    struct ctx *ctx;
    struct matter_table table;
    struct pile late, soon, waiting;
    int64_t now, soon_until;
    bool has_rows; /* or only numbers */
    struct seen_ids {
        int64_t ids[4 * MATTER_PAGE];
        int count;
    } seen;
};

/* Two scopes may show the same matter: a desk clerk who was given one. */
static bool is_new(struct desk *desk, int64_t id)
{
    for (int i = 0; i < desk->seen.count; i++)
        if (desk->seen.ids[i] == id)
            return false;
    if (desk->seen.count < (int)(sizeof desk->seen.ids / sizeof *desk->seen.ids))
        desk->seen.ids[desk->seen.count++] = id;
    return true;
}

static void deal_out(struct desk *desk, const struct matter_face *face, const struct matter_row *row)
{
    int64_t due = row->matter.due;
    struct pile *pile = !due || due > desk->soon_until ? &desk->waiting : due < desk->now ? &desk->late : &desk->soon;
    if (desk->has_rows)
        table_add(&desk->table, face, row, pile->rows);
    pile->count++;
}

/* What waits for this reader in one scope: for the role held; of one's own matters the author's turn; a role that no state
 * waits for (a leader's) is shown what is late. */
static struct matter_filter filter_today(const struct desk *desk, const struct flow *flow, const struct matter_scope *scope)
{
    struct matter_filter filter = { .flow = flow->key, .is_open = true, .by_due = true };
    enum role role = scope->scope.kind == SCOPE_OWN ? ROLE_AUTHOR : scope->scope.kind == SCOPE_GIVEN ? ROLE_HANDLER : scope->scope.role;
    bool is_owner = false;
    for (int i = 0; i < flow->state_count; i++)
        is_owner = is_owner || (flow->states[i].owner & ROLE_BIT(role));
    if (is_owner)
        filter.owner = role_key(role);
    else
        filter.due_before = desk->now;
    return filter;
}

static const struct err *take_scope(struct desk *desk, const struct matter_face *face, const struct flow *flow,
                                    const struct matter_scope *scope)
{
    struct matter_filter filter = filter_today(desk, flow, scope);
    filter.said = face->text;
    struct matter_page page;
    TRY(matter_list(desk->ctx, scope, &filter, (struct matter_key){ 0 }, MATTER_PAGE, &page));
    if (desk->has_rows)
        TRY(table_know(&desk->table, face, page.rows, page.count));
    for (int i = 0; i < page.count; i++)
        if (is_new(desk, page.rows[i].matter.id))
            deal_out(desk, face, &page.rows[i]);
    if (page.has_more) {
        int64_t last = page.count ? page.rows[page.count - 1].matter.due : 0;
        struct pile *cut = !last || last > desk->soon_until ? &desk->waiting : last < desk->now ? &desk->late : &desk->soon;
        cut->has_more = true;
    }
    return NULL;
}

static void begin_pile(struct pile *pile, struct ctx *ctx)
{
    *pile = (struct pile){ .rows = node_list(ctx->arena) };
}

static void put_pile(struct ctx *ctx, struct node *model, const struct key *key, const struct pile *pile)
{
    struct node *node = node_put_object(model, key);
    node_put_bool(node, KEY("has_rows"), pile->count > 0);
    node_put(node, KEY("rows"), *pile->rows);
    node_put_string(node, KEY("count"), arena_printf(ctx->arena, "%d%s", pile->count, pile->has_more ? "+" : ""));
}

static const struct err *look_at_today(struct ctx *ctx, const struct matter_face *const *faces, bool has_rows, struct desk **ret)
{
    struct desk *desk = *ret = arena_new_of(ctx->arena, struct desk);
    desk->ctx = ctx;
    desk->has_rows = has_rows;
    desk->now = clock_now(ctx->clock);
    desk->soon_until = day_end(calendar_workday_from(law_now(ctx)->calendar, day_of(desk->now) + 1, 1, NULL));
    table_begin(&desk->table, ctx);
    begin_pile(&desk->late, ctx);
    begin_pile(&desk->soon, ctx);
    begin_pile(&desk->waiting, ctx);
    for (; *faces; faces++) {
        const struct flow *flow = face_flow(ctx, *faces);
        struct matter_scope *scopes;
        int count = matter_scopes(ctx, ctx->person, flow, &scopes);
        for (int i = 0; i < count; i++)
            TRY(take_scope(desk, *faces, flow, &scopes[i]));
    }
    return NULL;
}

const struct err *today_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces,
                             struct answer *answer)
{
    (void)request;
    struct desk *desk;
    TRY(look_at_today(ctx, faces, true, &desk));
    struct node *model = answer->model = node_object(ctx->arena);
    node_put_string(model, KEY("day"), workday_words(ctx, law_now(ctx)->calendar, day_of(desk->now)));
    put_pile(ctx, model, KEY("overdue"), &desk->late);
    put_pile(ctx, model, KEY("soon"), &desk->soon);
    put_pile(ctx, model, KEY("waiting"), &desk->waiting);
    return NULL;
}

/* --- the same in numbers, on the first page --- */

static void add_number(struct ctx *ctx, struct node *list, const char *label, const struct pile *pile, bool is_late)
{
    struct node *number = node_add_object(list);
    node_put_string(number, KEY("href"), "/today");
    node_put_string(number, KEY("label"), texts_say(ctx->language, label));
    node_put_string(number, KEY("count"), arena_printf(ctx->arena, "%d%s", pile->count, pile->has_more ? "+" : ""));
    node_put_bool(number, KEY("late"), is_late && pile->count);
}

static const struct err *put_inbox_views(struct ctx *ctx, const struct matter_face *face, struct node *staff)
{
    const struct flow *flow = face_flow(ctx, face);
    struct matter_scope *scopes;
    int count = matter_scopes(ctx, ctx->person, flow, &scopes);
    const struct matter_scope *scope = scope_choose(scopes, count, TEXT("place"));
    return scope && is_of_place(scope) ? put_views(ctx, face, flow, scope, NULL, staff) : NULL;
}

const struct err *work_put(struct ctx *ctx, const struct matter_face *const *faces, struct node *model)
{
    struct desk *desk;
    TRY(look_at_today(ctx, faces, false, &desk));
    struct node *staff = node_put_object(model, KEY("staff"));
    node_put_string(staff, KEY("day"), workday_words(ctx, law_now(ctx)->calendar, day_of(desk->now)));
    struct node *numbers = node_put_list(staff, KEY("numbers"));
    add_number(ctx, numbers, "today.late", &desk->late, true);
    add_number(ctx, numbers, "today.due", &desk->soon, false);
    add_number(ctx, numbers, "today.waiting", &desk->waiting, false);
    if (may(ctx->person, "matter.list_desk", NULL))
        TRY(put_inbox_views(ctx, *faces, staff));
    node_put_bool(staff, KEY("has_views"), node_find(staff, KEY("views")) != NULL);
    if (may(ctx->person, "request.file_for_another", NULL))
        node_put_string(staff, KEY("by_hand_href"), arena_printf(ctx->arena, "%s/new", (*faces)->prefix));
    return NULL;
}
