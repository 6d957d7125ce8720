/* record/matter_list.c -- from a scope and filters to the statement whose index serves them, and a page of rows. */
#include "record/matter_list.h"

#include "base/arena.h"
#include "base/day.h"
#include "record/glance.h"
#include "record/grow_inside.h"
#include "record/matter_inside.h"
#include "record/matter_sql.h"
#include "record/matter_values.h"
#include "record/place.h"
#include "record/records.h"

/* --- scopes --- */

struct scopes {
    struct ctx *ctx;
    const struct person *person;
    struct matter_scope *at;
    int count;
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
        all->at = arena_grow(all->ctx, all->at, all->count, sizeof *all->at);
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

enum { SHARED = 10, OWN_MOST = 4 };

struct asked {
    struct ctx *ctx;
    const struct matter_scope *scope;
    const struct matter_filter *filter;
    struct matter_key after;
    int limit;
    bool is_by_due;
    bool is_plain; /* what a row may hold isn't known, or too much: rows are passed over */
    const char *said; /* what stands in front of the words in stored bytes, or NULL */
};

static bool wants_due(const struct matter_scope *scope, const struct matter_filter *filter)
{
    if (scope->scope.kind == SCOPE_OWN)
        return false;
    return filter->by_due || filter->due_before ||
           (!filter->state && (filter->is_open || filter->owner || scope->only_owned));
}

/* --- what the index of a list wants to know --- */

/* A list in the order of its index: of one realm, and of one state, kind and topic where the index wants them. Read in
 * parts, as the page needs them. */
struct stream {
    const char *realm, *state, *kind, *topic; /* the last three as asked, or each that is possible */
    struct matter_key after;
    struct matter_row *rows; /* of the last part */
    int64_t *dues;           /* as the column has them: for the key */
    int next, count;
    bool is_over; /* nothing is left behind this part */
};

/* Which of state, kind and topic must be said to read a list without passing over rows. */
struct wants {
    const struct statement *statement;
    bool state, kind_and_topic;
};

static struct wants wants_of(const struct asked *asked)
{
    const struct matter_filter *filter = asked->filter;
    bool either = filter->kind || filter->topic, any = either || filter->state;
    enum scope_kind kind = asked->scope->scope.kind;
    bool is_realm = kind == SCOPE_REALM || (kind == SCOPE_SUBTREE && !asked->scope->scope.realm);
    if (!is_realm)
        return (struct wants){ 0 };
    if (asked->is_by_due)
        return filter->flow && any && !asked->is_plain ? (struct wants){ &sql_matters_realm_state_due, true, true }
                                                       : (struct wants){ &sql_matters_realm_due, false, false };
    if (filter->flow && either && !asked->is_plain)
        return filter->state ? (struct wants){ &sql_matters_realm_state_topic, true, true }
                             : (struct wants){ &sql_matters_realm_topic_kind, false, true };
    if (filter->flow && filter->state)
        return (struct wants){ &sql_matters_realm_state, true, false };
    return (struct wants){ &sql_matters_realm, false, false };
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
            own[n++] = value_string(place_village(asked->ctx, scope->path));
            own[n++] = value_string(scope->path);
            own[n++] = value_string(scope->path_after);
            statement = asked->is_by_due ? &sql_matters_village_due : &sql_matters_village;
            break;
        }
        __attribute__((fallthrough)); /* a district, realm by realm */
    case SCOPE_REALM:
        own[n++] = value_string(realm);
        statement = wants_of(asked).statement;
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

static const char *owner_asked(const struct asked *asked)
{
    return asked->scope->only_owned ? role_key(asked->scope->scope.role) : asked->filter->owner;
}

static int fill(const struct asked *asked, const struct stream *stream, int limit, struct value *values)
{
    struct ctx *ctx = asked->ctx;
    const struct matter_filter *filter = asked->filter;
    int n = 0;
    values[n++] = value_string(filter->flow);
    values[n++] = value_string(stream->state);
    values[n++] = value_string(stream->kind);
    values[n++] = value_string(stream->topic);
    values[n++] = value_string(owner_pattern(ctx, owner_asked(asked)));
    values[n++] = value_int(filter->is_open || filter->owner || filter->due_before || filter->by_due);
    values[n++] = value_int(asked->scope->sees_sealed);
    values[n++] = value_int(limit);
    values[n++] = asked->said ? value_int(1) : value_null();
    if (asked->is_by_due) {
        values[n++] = value_int(stream->after.id);
        values[n++] = value_int(stream->after.due);
    } else {
        values[n++] = value_int(stream->after.id ? stream->after.id : INT64_MAX);
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

/* Reads the next part of a stream, up to LIMIT rows. */
static const struct err *read_part(const struct asked *asked, struct stream *stream, int limit)
{
    struct ctx *ctx = asked->ctx;
    struct value values[SHARED + 1 + OWN_MOST], own[OWN_MOST];
    struct rows rows;
    const struct err *failed = NULL;
    int own_count, seen = 0, count = fill(asked, stream, limit, values);
    const struct statement *statement = statement_of(asked, stream->realm, own, &own_count);
    memcpy(values + count, own, sizeof *own * (size_t)own_count);
    stream->next = stream->count = 0;
    TRY(rows_open(ctx, ctx->snapshot, statement, values, count + own_count, &rows));
    while (!failed && rows_next(&rows)) {
        struct matter_row *row = &stream->rows[stream->count];
        int64_t due = rows_int(&rows, MATTER_COLUMNS - 1);
        if (asked->is_by_due && asked->filter->due_before && due >= asked->filter->due_before)
            break; /* in the order of due: no later row is before it */
        seen++;
        failed = matter_read_row(ctx, &rows, &row->matter);
        if (failed)
            break;
        stream->after = (struct matter_key){ row->matter.id, asked->is_by_due ? due : 0 };
        if (!passes(asked, &row->matter))
            continue;
        row->said = asked->said ? glance_words(ctx, rows_text(&rows, MATTER_COLUMNS), asked->said) : (struct text){ 0 };
        stream->dues[stream->count++] = due;
    }
    stream->is_over = seen < limit;
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* --- one list, or several merged: of the realms of a district, of what was not asked for --- */

enum { STREAMS_MOST = 1000 };

struct streams {
    struct stream *at;
    int count, part; /* rows of a part */
};

/* What a filter leaves open, as the values a row may have; ONE when it says it, or when the index doesn't care. */
struct open_choice {
    const char **values, *one;
    int count;
};

static void choose(struct open_choice *choice, const char *asked, bool is_wanted, const char **values, int count)
{
    choice->one = asked;
    choice->values = asked || !is_wanted ? &choice->one : values;
    choice->count = asked || !is_wanted ? 1 : count;
}

/* The states, kinds and topics to read one by one. False: there are too many, or nobody knows which. */
static bool open_choices(const struct asked *asked, struct wants wants, int realms, struct open_choice choices[3])
{
    const struct matter_filter *filter = asked->filter;
    struct matter_values values = { 0 };
    const char *owner = owner_asked(asked);
    int role = owner ? role_find(text_of(owner)) : -1;
    const struct matter_values_asked which = { .is_open = asked->is_by_due,
                                               .owners = role >= 0 ? ROLE_BIT(role) : 0,
                                               .sees_sealed = asked->scope->sees_sealed };
    bool is_said = (!wants.state || filter->state) && (!wants.kind_and_topic || (filter->kind && filter->topic));
    if (!is_said && !matter_values(asked->ctx, filter->flow, &which, &values))
        return false;
    choose(&choices[0], filter->state, wants.state, values.states, values.state_count);
    choose(&choices[1], filter->kind, wants.kind_and_topic, values.kinds, values.kind_count);
    choose(&choices[2], filter->topic, wants.kind_and_topic, values.topics, values.topic_count);
    return realms * choices[0].count * choices[1].count * choices[2].count <= STREAMS_MOST;
}

static void add_streams(const struct asked *asked, struct streams *all, const char *realm,
                        const struct open_choice choices[3])
{
    for (int s = 0; s < choices[0].count; s++)
        for (int k = 0; k < choices[1].count; k++)
            for (int t = 0; t < choices[2].count; t++)
                all->at[all->count++] = (struct stream){ .realm = realm,
                                                         .state = choices[0].values[s],
                                                         .kind = choices[1].values[k],
                                                         .topic = choices[2].values[t],
                                                         .after = asked->after };
}

/* The realms of the scope; one, whatever its name, of a scope that needs none. */
static const struct err *scope_realms(const struct asked *asked, const char ***ret, int *ret_count)
{
    const struct scope *scope = &asked->scope->scope;
    struct place *places = NULL;
    int count = 0, kept = 0;
    bool is_district = scope->kind == SCOPE_SUBTREE && !scope->realm;
    if (is_district)
        TRY(place_realms(asked->ctx, DAY_NONE, &places, &count));
    const char **realms = arena_array_of(asked->ctx->arena, const char *, count + 1);
    if (!is_district)
        realms[kept++] = scope->realm;
    for (int i = 0; i < count; i++)
        if (place_covers(scope->path, places[i].path))
            realms[kept++] = places[i].realm;
    *ret = realms;
    *ret_count = kept;
    return NULL;
}

/* How many rows to read of each of COUNT lists at once. A row that is read and not shown costs about what asking again
 * costs on SQLite; on PostgreSQL asking is dear, so there each gives some more than its share at once. */
static int part_size(const struct asked *asked, int count)
{
    bool asking_is_dear = db_kind_of(asked->ctx->records->db) == DB_POSTGRES;
    if (count == 1)
        return asked->limit;
    int part = asking_is_dear ? asked->limit * 5 / (count * 4) + 4 : asked->limit / (count * 4) + 4;
    return part < asked->limit ? part : asked->limit;
}

static const struct err *open_streams(struct asked *asked, struct streams *ret)
{
    struct arena *arena = asked->ctx->arena;
    struct open_choice choices[3];
    const char **realms;
    int count;
    TRY(scope_realms(asked, &realms, &count));
    asked->is_plain = !open_choices(asked, wants_of(asked), count, choices);
    if (asked->is_plain) {
        choose(&choices[0], asked->filter->state, false, NULL, 0);
        choose(&choices[1], asked->filter->kind, false, NULL, 0);
        choose(&choices[2], asked->filter->topic, false, NULL, 0);
    }
    int most = count * choices[0].count * choices[1].count * choices[2].count;
    struct streams all = { .at = arena_array_of(arena, struct stream, most + 1) };
    for (int i = 0; i < count; i++)
        add_streams(asked, &all, realms[i], choices);
    all.part = part_size(asked, all.count);
    for (int i = 0; i < all.count; i++) {
        all.at[i].rows = arena_alloc_raw(arena, sizeof *all.at[i].rows * (size_t)all.part);
        all.at[i].dues = arena_alloc_raw(arena, sizeof *all.at[i].dues * (size_t)all.part);
    }
    *ret = all;
    return NULL;
}

static bool comes_before(const struct asked *asked, const struct stream *a, const struct stream *b)
{
    int64_t a_due = a->dues[a->next], b_due = b->dues[b->next];
    if (asked->is_by_due && a_due != b_due)
        return a_due < b_due;
    int64_t a_id = a->rows[a->next].matter.id, b_id = b->rows[b->next].matter.id;
    return asked->is_by_due ? a_id < b_id : a_id > b_id;
}

/* The stream whose next row is the first of all; NULL when all are over. */
static const struct err *first_stream(const struct asked *asked, struct streams *all, struct stream **ret)
{
    struct stream *first = NULL;
    for (int i = 0; i < all->count; i++) {
        struct stream *stream = &all->at[i];
        while (stream->next == stream->count && !stream->is_over) /* again when none of a part may be shown */
            TRY(read_part(asked, stream, all->part));
        if (stream->next < stream->count && (!first || comes_before(asked, stream, first)))
            first = stream;
    }
    *ret = first;
    return NULL;
}

struct page_rows {
    struct matter_row *rows;
    int64_t *dues;
    int count;
};

/* Up to asked->limit rows; fewer only when there are no more. */
static const struct err *read_page(struct asked *asked, struct page_rows *ret)
{
    struct streams all;
    TRY(open_streams(asked, &all));
    struct page_rows page = {
        .rows = arena_alloc_raw(asked->ctx->arena, sizeof *page.rows * (size_t)(asked->limit + 1)),
        .dues = arena_alloc_raw(asked->ctx->arena, sizeof *page.dues * (size_t)(asked->limit + 1))
    };
    while (page.count < asked->limit) {
        struct stream *first;
        TRY(first_stream(asked, &all, &first));
        if (!first)
            break;
        page.rows[page.count] = first->rows[first->next];
        page.dues[page.count++] = first->dues[first->next++];
    }
    *ret = page;
    return NULL;
}

/* --- pages --- */

fallible matter_list(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter,
                     struct matter_key after, int most, struct matter_page *ret)
{
    /* One more than asked for, to know whether there is one. */
    struct asked asked = { ctx, scope, filter, after, most + 1, wants_due(scope, filter), .said = glance_name(ctx, filter->said) };
    struct page_rows rows;
    TRY(read_page(&asked, &rows));
    struct matter_page page = { .rows = rows.rows, .count = rows.count, .has_more = rows.count > most };
    if (page.has_more && most > 0) {
        page.count = most;
        page.next = (struct matter_key){ page.rows[most - 1].matter.id, asked.is_by_due ? rows.dues[most - 1] : 0 };
    }
    *ret = page;
    return NULL;
}

fallible matter_count(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter, int most,
                      int *ret)
{
    struct asked asked = { ctx, scope, filter, { 0 }, most, wants_due(scope, filter), .said = NULL };
    struct page_rows rows;
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
