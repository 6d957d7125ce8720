/* record/matter_list.c -- from a scope and filters to the statement whose index serves them, and a page of rows. */
#include "record/matter_list.h"

#include "base/arena.h"
#include "base/day.h"
#include "record/matter_inside.h"
#include "record/matter_sql.h"
#include "record/place.h"

#include <stdlib.h>

/* --- scopes --- */

struct scopes {
    struct ctx *ctx;
    const struct person *person;
    struct matter_scope *at;
    int count, room;
};

static bool same_reach(const struct scope *a, const struct scope *b)
{
    const char *a_path = a->path ? a->path : "", *b_path = b->path ? b->path : "";
    const char *a_realm = a->realm ? a->realm : "", *b_realm = b->realm ? b->realm : "";
    return a->kind == b->kind && a->organisation == b->organisation && strcmp(a_path, b_path) == 0 &&
           strcmp(a_realm, b_realm) == 0;
}

static void add_scopes(struct scopes *all, role_mask roles, bool sees_sealed, bool only_owned)
{
    struct scope *found;
    int count = roles ? rights_scopes(all->ctx, all->person, roles, &found) : 0;
    for (int i = 0; i < count; i++) {
        bool is_there = false;
        for (int k = 0; k < all->count && !is_there; k++)
            is_there = !all->at[k].only_owned && same_reach(&all->at[k].scope, &found[i]);
        if (is_there)
            continue;
        if (all->count == all->room) {
            int room = all->room ? all->room * 2 : 8;
            struct matter_scope *more = arena_array_of(all->ctx->arena, struct matter_scope, room);
            if (all->count)
                memcpy(more, all->at, sizeof *more * (size_t)all->count);
            all->at = more;
            all->room = room;
        }
        all->at[all->count++] = (struct matter_scope){ found[i], sees_sealed, only_owned };
    }
}

int matter_scopes(struct ctx *ctx, const struct person *person, const struct flow *flow, struct matter_scope **ret)
{
    struct scopes all = { .ctx = ctx, .person = person };
    role_mask parties = ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_HANDLER);
    role_mask sealed = matter_sight_roles(flow, true), seeing = matter_sight_roles(flow, false);
    role_mask owned = matter_owner_roles(flow) & ~parties & ~sealed;
    if (person) {
        add_scopes(&all, sealed, true, false);
        add_scopes(&all, seeing & ~parties, false, false);
        for (int role = 0; role < ROLE_COUNT; role++) /* one by one: the row must wait for just this one */
            if (owned & ROLE_BIT(role))
                add_scopes(&all, ROLE_BIT(role), true, true);
    }
    *ret = all.at;
    return all.count;
}

/* --- one statement --- */

enum { SHARED = 9, KEY_ID = 8, OWN_MOST = 4 };

struct asked {
    struct ctx *ctx;
    const struct matter_scope *scope;
    const struct matter_filter *filter;
    struct matter_key after;
    int limit;
    bool is_by_due;
};

static bool wants_due(const struct matter_scope *scope, const struct matter_filter *filter)
{
    if (scope->scope.kind == SCOPE_OWN)
        return false;
    return filter->by_due || filter->due_before ||
           (!filter->state && (filter->is_open || filter->owner || scope->only_owned));
}

static bool is_final(const struct asked *asked)
{
    const struct flow *flow = asked->filter->flow ? flow_now(asked->ctx, text_of(asked->filter->flow)) : NULL;
    const struct flow_state *state = flow ? flow_state_find(flow, text_of(asked->filter->state)) : NULL;
    return state && state->is_final;
}

/* Most rows end up in a final state: another filter picks fewer. */
static const struct statement *realm_statement(const struct asked *asked)
{
    const struct matter_filter *filter = asked->filter;
    if (asked->is_by_due)
        return &sql_matters_realm_due;
    if (!filter->flow)
        return &sql_matters_realm;
    if (filter->state && (!(filter->kind || filter->topic) || !is_final(asked)))
        return &sql_matters_realm_state;
    if (filter->kind)
        return &sql_matters_realm_kind;
    return filter->topic ? &sql_matters_realm_topic : &sql_matters_realm;
}

/* The statement and the parameters of the scope alone, in OWN. */
static const struct statement *statement_of(const struct asked *asked, const char *realm, struct value *own,
                                            int *own_count)
{
    const struct scope *scope = &asked->scope->scope;
    int n = 0;
    const struct statement *statement = NULL;
    switch (scope->kind) {
    case SCOPE_OWN:
        own[n++] = value_int(scope->who.id);
        own[n++] = value_string(scope->who.realm);
        statement = &sql_matters_own;
        break;
    case SCOPE_GIVEN:
        if (scope->organisation) {
            own[n++] = value_int(scope->organisation);
            statement = asked->is_by_due ? &sql_matters_unit_due : &sql_matters_unit;
        } else {
            own[n++] = value_int(scope->who.id);
            own[n++] = value_string(scope->who.realm);
            statement = asked->is_by_due ? &sql_matters_given_due : &sql_matters_given;
        }
        break;
    case SCOPE_SUBTREE:
        if (scope->realm) {
            own[n++] = value_string(realm);
            own[n++] = value_string(matter_village_of(asked->ctx, scope->path));
            own[n++] = value_string(scope->path);
            own[n++] = value_string(scope->path_after);
            statement = asked->is_by_due ? &sql_matters_village_due : &sql_matters_village;
            break;
        }
        __attribute__((fallthrough)); /* a district, realm by realm */
    case SCOPE_REALM:
        own[n++] = value_string(realm);
        statement = realm_statement(asked);
        break;
    case SCOPE_KIND_COUNT:
        BUG("no scope");
    }
    *own_count = n;
    return statement;
}

static const char *owner_pattern(struct ctx *ctx, const char *role)
{
    return role ? arena_printf(ctx->arena, "%% %s %%", role) : NULL;
}

static int fill(const struct asked *asked, struct value *values)
{
    struct ctx *ctx = asked->ctx;
    const struct matter_filter *filter = asked->filter;
    const char *owner = asked->scope->only_owned ? role_key(asked->scope->scope.role) : filter->owner;
    int n = 0;
    values[n++] = value_string(filter->flow);
    values[n++] = value_string(filter->state);
    values[n++] = value_string(filter->kind);
    values[n++] = value_string(filter->topic);
    values[n++] = value_string(owner_pattern(ctx, owner));
    values[n++] = value_int(filter->is_open || filter->owner || filter->due_before || filter->by_due);
    values[n++] = value_int(asked->scope->sees_sealed);
    values[n++] = value_int(asked->limit);
    if (asked->is_by_due) {
        values[n++] = value_int(asked->after.id);
        values[n++] = value_int(asked->after.due);
    } else {
        values[n++] = value_int(asked->after.id ? asked->after.id : INT64_MAX);
    }
    return n;
}

/* What the statements don't say: a filter on both roles at once, and what an accusation hides. */
static bool passes(const struct asked *asked, const struct matter *matter)
{
    const struct matter_filter *filter = asked->filter;
    int owner = filter->owner ? role_find(text_of(filter->owner)) : -1;
    if (owner >= 0 && !(matter->state->owner & ROLE_BIT(owner)))
        return false;
    if (filter->due_before && (matter->due == MATTER_NO_DUE || matter->due >= filter->due_before))
        return false;
    return !matter_accuses(matter, asked->ctx->person);
}

struct page_rows {
    struct matter_row *rows;
    int64_t *dues; /* as the column has it: for the key */
    int count, seen;
    bool is_full; /* the limit was reached: there may be more */
    struct matter_key last;
};

/* Reads up to LIMIT rows of one realm (or of a scope that needs none). */
static const struct err *read_rows(const struct asked *asked, const char *realm, struct page_rows *page)
{
    struct ctx *ctx = asked->ctx;
    struct value values[SHARED + 1 + OWN_MOST], own[OWN_MOST];
    struct rows rows;
    const struct err *failed = NULL;
    int own_count, seen = 0, count = fill(asked, values);
    const struct statement *statement = statement_of(asked, realm, own, &own_count);
    memcpy(values + count, own, sizeof *own * (size_t)own_count);
    TRY(rows_open(ctx, ctx->snapshot, statement, values, count + own_count, &rows));
    while (!failed && rows_next(&rows)) {
        struct matter_row *row = &page->rows[page->count];
        int64_t due = rows_int(&rows, MATTER_COLUMNS - 1);
        if (asked->is_by_due && asked->filter->due_before && due >= asked->filter->due_before)
            break; /* in the order of due: no later row is before it */
        seen++;
        failed = matter_read_row(ctx, &rows, &row->matter);
        if (failed)
            break;
        page->last = (struct matter_key){ row->matter.id, asked->is_by_due ? due : 0 };
        if (!passes(asked, &row->matter))
            continue;
        row->handler_name = rows_string(&rows, MATTER_COLUMNS);
        row->unit_name = rows_string(&rows, MATTER_COLUMNS + 1);
        page->dues[page->count++] = due;
    }
    page->is_full = page->is_full || seen == asked->limit;
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* --- a district: the realms' lists, merged --- */

struct placed_row {
    struct matter_row row;
    int64_t due;
};

static int compare_newest(const void *a, const void *b)
{
    int64_t left = ((const struct placed_row *)a)->row.matter.id, right = ((const struct placed_row *)b)->row.matter.id;
    return left < right ? 1 : left > right ? -1 : 0;
}

static int compare_due(const void *a, const void *b)
{
    const struct placed_row *left = a, *right = b;
    if (left->due != right->due)
        return left->due < right->due ? -1 : 1;
    return -compare_newest(a, b);
}

static const struct err *read_district(const struct asked *asked, struct page_rows *page)
{
    struct ctx *ctx = asked->ctx;
    struct place *realms;
    int count, total = 0;
    TRY(place_realms(ctx, DAY_NONE, &realms, &count));
    struct placed_row *all = arena_array_of(ctx->arena, struct placed_row, count * asked->limit + 1);
    for (int i = 0; i < count; i++) {
        struct page_rows part = { .rows = arena_array_of(ctx->arena, struct matter_row, asked->limit),
                                  .dues = arena_array_of(ctx->arena, int64_t, asked->limit) };
        if (!place_covers(asked->scope->scope.path, realms[i].path))
            continue;
        TRY(read_rows(asked, realms[i].realm, &part));
        page->is_full = page->is_full || part.is_full;
        for (int k = 0; k < part.count; k++)
            all[total++] = (struct placed_row){ part.rows[k], part.dues[k] };
    }
    qsort(all, (size_t)total, sizeof *all, asked->is_by_due ? compare_due : compare_newest);
    if (total > asked->limit) {
        total = asked->limit;
        page->is_full = true;
    }
    for (int i = 0; i < total; i++) {
        page->rows[i] = all[i].row;
        page->dues[i] = all[i].due;
    }
    page->count = total;
    return NULL;
}

static const struct err *read_page(const struct asked *asked, struct page_rows *page)
{
    const struct scope *scope = &asked->scope->scope;
    page->rows = arena_array_of(asked->ctx->arena, struct matter_row, asked->limit);
    page->dues = arena_array_of(asked->ctx->arena, int64_t, asked->limit);
    if (scope->kind == SCOPE_SUBTREE && !scope->realm)
        return read_district(asked, page);
    return read_rows(asked, scope->realm, page);
}

/* --- pages --- */

fallible matter_list(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter,
                     struct matter_key after, int most, struct matter_page *ret)
{
    struct asked asked = { ctx, scope, filter, after, most + 1, wants_due(scope, filter) };
    struct page_rows rows = { 0 };
    TRY(read_page(&asked, &rows));
    struct matter_page page = { .rows = rows.rows, .count = rows.count, .has_more = rows.is_full, .next = rows.last };
    if (page.count > most)
        page.count = most;
    if (page.count == most && most > 0) { /* one more than asked for was read, to know whether there is one */
        const struct matter *last = &page.rows[most - 1].matter;
        page.has_more = rows.count > most || rows.is_full;
        page.next = (struct matter_key){ last->id, asked.is_by_due ? rows.dues[most - 1] : 0 };
    }
    *ret = page;
    return NULL;
}

fallible matter_count(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter, int most,
                      int *ret)
{
    struct asked asked = { ctx, scope, filter, { 0 }, most, wants_due(scope, filter) };
    struct page_rows rows = { 0 };
    TRY(read_page(&asked, &rows));
    *ret = rows.count;
    return NULL;
}

/* --- keys --- */

const char *matter_key_print(struct arena *arena, struct matter_key key)
{
    return key.due ? arena_printf(arena, "%lld-%lld", (long long)key.id, (long long)key.due)
                   : arena_printf(arena, "%lld", (long long)key.id);
}

bool matter_key_parse(struct text text, struct matter_key *ret)
{
    struct matter_key key = { 0 };
    struct text due, id = text_cut(text, '-', &due);
    bool has_due = id.size != text.size;
    if (!text_int(id, &key.id) || key.id <= 0)
        return false;
    if (has_due && (!text_int(due, &key.due) || key.due <= 0))
        return false;
    *ret = key;
    return true;
}
