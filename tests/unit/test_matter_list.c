/* tests/unit/test_matter_list.c -- a list shows exactly what its reader may see whole, in order, page by page, by an
 * index. When this fails: record/matter_list.c, matter_sight() in record/matter.c, the lists in matter.sql. */
#include "desk.h"

static const char *const people[] = {
    "zhang", "li", "chen", "wu", "he", "jiu", "ling", "shu", "ge", "gao", "guan", "qu", "tong"
};
enum { PEOPLE = sizeof people / sizeof *people, MATTERS = 90 };

static uint64_t chance(struct desk *k, uint64_t below)
{
    uint64_t value;
    ctx_random(k->ctx, &value, sizeof value);
    return value % below;
}

/* --- a random world --- */

static void open_one(struct desk *k, struct matter **ret)
{
    static const struct {
        const char *who, *place;
    } from[] = { { "zhang", VILLAGE "-Z01" },
                 { "li", VILLAGE },
                 { "chen", OTHER_VILLAGE "-Z01" },
                 { "ge", VILLAGE "001" },
                 { "wu", OTHER_VILLAGE },
                 { "gao", "500230109224" },
                 { "wu", TOWN },
                 { "chen", OTHER_VILLAGE } };
    static const char *const kinds[] = { "help", "report", "consult" }, *const topics[] = { "errands", "safety" };
    static const char *const others[] = { "he", "wu", "shu", "ling" };
    size_t i = chance(k, sizeof from / sizeof *from);
    if (strcmp(from[i].who, "ge") != 0 && chance(k, 3) == 0)
        *ret = desk_open(
            k, from[i].who, "second", from[i].place,
            SAID(chance(k, 2) ? "category=report" : "category=plain", desk_id(k, "accused", others[chance(k, 4)])));
    else
        *ret = desk_open(k, from[i].who, "request", from[i].place,
                         SAID(arena_printf(k->ctx->arena, "category=%s", kinds[chance(k, 3)]),
                              arena_printf(k->ctx->arena, "topic=%s", topics[chance(k, 2)]), "text=一"));
}

static const struct desk_said *anything(struct desk *k, const struct flow_move *move)
{
    const char *said[12] = { NULL };
    int count = 0;
    for (int i = 0; i < move->ask_count; i++) {
        const struct flow_ask *ask = &move->asks[i];
        const char *key = ask->field->key;
        if (ask->field->type == FIELD_CHOICE)
            said[count++] = arena_printf(k->ctx->arena, "%s=%s", key, ask->list->items[0].key);
        else if (ask->field->type == FIELD_PERSON)
            said[count++] = desk_id(k, key, chance(k, 2) ? "he" : "tong");
        else
            said[count++] = arena_printf(k->ctx->arena, "%s=1", key);
    }
    return desk_said(k, said);
}

static void move_one(struct desk *k, struct matter **matter)
{
    const struct flow_move *const *moves;
    struct matter_change change;
    const char *who = people[chance(k, PEOPLE)];
    role_mask roles = matter_roles(village_person(k->v, who), *matter);
    int count = flow_moves_for(k->ctx, (*matter)->flow, &(*matter)->known, roles, clock_now(k->ctx->clock), &moves);
    if (!count)
        return;
    const struct flow_move *move = moves[chance(k, (uint64_t)count)];
    if (desk_check(k, who, *matter, move->name, anything(k, move), &change))
        return; /* an accusation that would have reached the accused */
    village_run(k->v, change.plan);
    *matter = desk_again(k, *matter);
}

static struct matter **random_world(struct desk *k)
{
    struct matter **all = arena_array_of(k->ctx->arena, struct matter *, MATTERS);
    village_import(k->v, IMPORT_PEOPLE, "person,name,place\ntong,童办,500116106000\n"); /* of one office with he */
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from\ntong,handler,500116106000,yx-office,2024-03-01\n");
    for (int i = 0; i < MATTERS; i++) {
        desk_pass(k, MICROS_PER_MINUTE);
        open_one(k, &all[i]);
        for (uint64_t n = chance(k, 12); n; n--)
            move_one(k, &all[i]);
    }
    return all;
}

/* --- reading lists --- */

struct seen {
    struct matter_row rows[MATTERS + 1];
    int count;
};

/* The whole list, page by page. */
static struct seen *read_all(struct desk *k, const struct matter_scope *scope, const struct matter_filter *filter,
                             int most)
{
    struct seen *seen = arena_new_of(k->ctx->arena, struct seen);
    struct matter_key after = { 0 };
    struct matter_page page;
    do {
        assert_ok(k->f, matter_list(k->ctx, scope, filter, after, most, &page));
        assert_true(page.count <= most);
        for (int i = 0; i < page.count; i++) {
            assert_true(seen->count < MATTERS);
            seen->rows[seen->count++] = page.rows[i];
        }
        if (page.has_more) {
            const char *word = matter_key_print(k->ctx->arena, page.next);
            assert_true(matter_key_parse(text_of(word), &after));
        }
    } while (page.has_more);
    return seen;
}

static bool shows(const struct seen *seen, const struct matter *matter)
{
    int times = 0;
    for (int i = 0; i < seen->count; i++)
        times += seen->rows[i].matter.id == matter->id;
    assert_true(times <= 1);
    return times == 1;
}

static void the_lists_show_exactly_what_may_be_seen_whole(void **state)
{
    struct desk *k = *state;
    struct matter **all = random_world(k);
    int whole = 0, hidden = 0;
    for (int p = 0; p < PEOPLE; p++)
        for (int f = 0; f < 2; f++) {
            struct person *person = desk_as(k, people[p]);
            const struct matter_filter filter = { .flow = k->flows[f].key };
            struct matter_scope *scopes;
            struct seen *seen[20];
            int count = matter_scopes(k->ctx, person, k->flows[f].flow, &scopes);
            assert_true(count <= 20);
            for (int i = 0; i < count; i++)
                seen[i] = read_all(k, &scopes[i], &filter, 7);
            for (int i = 0; i < MATTERS; i++) {
                bool is_listed = false;
                if (strcmp(all[i]->flow->key, filter.flow) != 0)
                    continue;
                for (int s = 0; s < count; s++)
                    is_listed = shows(seen[s], all[i]) || is_listed;
                bool may_see = matter_sight(person, all[i]) == SIGHT_WHOLE;
                if (is_listed != may_see)
                    fail_msg("%s %s %s (%s, sealed %d), but the lists %s it", people[p],
                             may_see ? "may see" : "may not see", all[i]->number, all[i]->state->key, all[i]->is_sealed,
                             is_listed ? "show" : "don't show");
                whole += may_see;
                hidden += !may_see;
            }
        }
    assert_true(whole > 60 && hidden > 60); /* the world was one in which both happen */
    struct matter_scope *scopes;
    assert_int_equal(matter_scopes(k->ctx, NULL, k->flows[0].flow, &scopes), 0);
}

static bool fits(const struct matter_filter *filter, const struct matter *m)
{
    int owner = filter->owner ? role_find(text_of(filter->owner)) : -1;
    return (!filter->state || strcmp(filter->state, m->state->key) == 0) &&
           (!filter->kind || strcmp(filter->kind, m->kind) == 0) &&
           (!filter->topic || (m->topic && strcmp(filter->topic, m->topic) == 0)) &&
           (owner < 0 || (m->state->owner & ROLE_BIT(owner))) &&
           (!(filter->is_open || filter->owner || filter->by_due || filter->due_before) || !m->closed) &&
           (!filter->due_before || (m->due && m->due < filter->due_before));
}

static void demand_filtered(struct desk *k, const struct matter_scope *scope, struct matter_filter filter,
                            const char *flow)
{
    const struct matter_filter open = { .flow = flow };
    filter.flow = flow;
    struct seen *whole = read_all(k, scope, &open, 50), *part = read_all(k, scope, &filter, 3);
    int expected = 0, counted;
    for (int i = 0; i < whole->count; i++) {
        bool is_in = fits(&filter, &whole->rows[i].matter);
        expected += is_in;
        assert_int_equal(shows(part, &whole->rows[i].matter), is_in);
    }
    assert_int_equal(part->count, expected);
    assert_ok(k->f, matter_count(k->ctx, scope, &filter, 1000, &counted));
    assert_int_equal(counted, expected);
    bool by_due = scope->scope.kind != SCOPE_OWN &&
                  (filter.by_due || filter.due_before || (!filter.state && filter.owner));
    for (int i = 1; i < part->count; i++) {
        const struct matter *before = &part->rows[i - 1].matter, *after = &part->rows[i].matter;
        if (by_due)
            assert_true(!after->due || (before->due && before->due <= after->due));
        else if (!filter.is_open)
            assert_true(before->id > after->id);
    }
}

static void filters_take_away_and_nothing_else(void **state)
{
    struct desk *k = *state;
    random_world(k);
    const int64_t now = clock_now(k->ctx->clock);
    const struct matter_filter filters[] = { { .state = "filed" },
                                             { .state = "closed" },
                                             { .kind = "help" },
                                             { .topic = "safety" },
                                             { .kind = "help", .topic = "errands", .state = "filed" },
                                             { .kind = "consult", .state = "closed" },
                                             { .topic = "safety", .state = "working" },
                                             { .kind = "help", .topic = "safety" },
                                             { .topic = "errands", .due_before = now + 40 * MICROS_PER_DAY },
                                             { .kind = "help", .state = "assigned", .by_due = true },
                                             { .state = "filed", .due_before = now + 40 * MICROS_PER_DAY },
                                             { .topic = "safety", .owner = "handler", .by_due = true },
                                             { .owner = "desk" },
                                             { .owner = "handler" },
                                             { .is_open = true },
                                             { .by_due = true },
                                             { .due_before = now + MICROS_PER_DAY },
                                             { .due_before = now + 40 * MICROS_PER_DAY, .owner = "handler" } };
    static const char *const readers[] = { "zhang", "he", "wu", "ling", "shu" };
    for (size_t r = 0; r < sizeof readers / sizeof *readers; r++)
        for (int f = 0; f < 2; f++) {
            struct matter_scope *scopes;
            int count = matter_scopes(k->ctx, desk_as(k, readers[r]), k->flows[f].flow, &scopes);
            for (int s = 0; s < count; s++)
                for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
                    if (f == 0 || (!filters[i].topic && !(scopes[s].only_owned && filters[i].owner)))
                        demand_filtered(k, &scopes[s], filters[i], k->flows[f].key);
        }
}

/* A district's list is merged from its realms; what its reader may not see fills no page and ends none. */
static void rows_that_may_not_be_shown_end_no_page(void **state)
{
    struct desk *k = *state;
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from\nling,town_leader,500116000000,,2024-03-01\n");
    for (int i = 0; i < 2; i++) {
        desk_pass(k, MICROS_PER_MINUTE);
        desk_open(k, "zhang", "second", VILLAGE, SAID("category=plain", desk_id(k, "accused", "he")));
    }
    for (int i = 0; i < 9; i++) {
        desk_pass(k, MICROS_PER_MINUTE);
        desk_open(k, "zhang", "second", VILLAGE, SAID("category=plain", desk_id(k, "accused", "ling")));
    }
    const struct matter_filter filters[] = { { .flow = "second" }, { .flow = "second", .kind = "plain" },
                                             { .flow = "second", .by_due = true } };
    struct matter_scope *scopes;
    int districts = 0, count = matter_scopes(k->ctx, desk_as(k, "ling"), k->flows[1].flow, &scopes);
    for (int s = 0; s < count; s++) {
        if (scopes[s].scope.kind != SCOPE_SUBTREE || scopes[s].scope.realm)
            continue;
        districts++;
        for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
            for (int most = 1; most <= 3; most++)
                assert_int_equal(read_all(k, &scopes[s], &filters[i], most)->count, 2);
    }
    assert_int_equal(districts, 1);
}

/* A list is read choice by choice where the filter leaves one open: also those that only an earlier version knew. */
static void choices_that_a_flow_no_longer_has_are_still_listed(void **state)
{
    struct desk *k = *state;
    struct plan *plan;
    struct matter_scope *scopes;
    struct matter_page page;
    char changed[sizeof desk_second_flow];
    for (int i = 0; i < 3; i++)
        desk_open(k, "zhang", "second", VILLAGE, SAID("category=plain", desk_id(k, "accused", "he")));
    memcpy(changed, desk_second_flow, sizeof changed);
    memcpy(strstr(changed, "key: plain"), "key: fancy", strlen("key: fancy"));
    desk_flow(k, 1, "second", text_of(changed), k->law.rules);
    assert_ok(k->f, flows_store_check(k->ctx, TOWN, &plan));
    village_run(k->v, plan);
    desk_open(k, "zhang", "second", VILLAGE, SAID("category=fancy", desk_id(k, "accused", "he")));
    const struct matter_filter filter = { .flow = "second", .state = "asked", .by_due = true };
    int lists = 0, count = matter_scopes(k->ctx, desk_as(k, "ling"), k->flows[1].flow, &scopes);
    for (int s = 0; s < count; s++) {
        if (scopes[s].scope.kind != SCOPE_REALM)
            continue;
        assert_ok(k->f, matter_list(k->ctx, &scopes[s], &filter, (struct matter_key){ 0 }, 50, &page));
        assert_int_equal(page.count, 4);
        lists++;
    }
    assert_int_equal(lists, 1);
}

static void a_row_says_to_whom_it_was_given(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    const struct matter_filter filter = { .flow = "request", .state = "assigned" };
    struct matter_scope *scopes;
    struct matter_page page;
    matter_scopes(k->ctx, desk_as(k, "wu"), m->flow, &scopes);
    assert_ok(k->f, matter_list(k->ctx, &scopes[0], &filter, (struct matter_key){ 0 }, 50, &page));
    for (int i = 0; i < 5 && page.count == 0; i++)
        assert_ok(k->f, matter_list(k->ctx, &scopes[i + 1], &filter, (struct matter_key){ 0 }, 50, &page));
    assert_int_equal(page.count, 1);
    assert_int_equal(page.rows[0].matter.handler.id, m->handler.id);
    assert_int_equal(page.rows[0].matter.handler_unit, m->handler_unit);
    assert_int_equal(page.rows[0].matter.due, m->due);
}

static void keys_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "-", "0", "-1", "1-", "1-0", "1--1", "1-2-3", "x", " 1", "99999999999999999999"
    };
    struct matter_key key;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(matter_key_parse(text_of(bad[i]), &key));
    assert_true(matter_key_parse(TEXT("12-34"), &key));
    assert_int_equal(key.id, 12);
    assert_int_equal(key.due, 34);
}

/* SQLite's planner has no statistics: what it chooses for an empty table it chooses for a million rows. */
static void every_list_is_served_by_the_index_it_names(void **state)
{
    struct desk *k = *state;
    static const struct {
        const struct statement *statement;
        const char *index;
    } lists[] = { { &sql_matters_own, "matter_author" },
                  { &sql_matters_given, "matter_handler" },
                  { &sql_matters_given_due, "matter_handler_due" },
                  { &sql_matters_unit, "matter_unit" },
                  { &sql_matters_unit_due, "matter_unit_due" },
                  { &sql_matters_realm, "PRIMARY KEY" },
                  { &sql_matters_realm_due, "matter_due" },
                  { &sql_matters_realm_state, "matter_state" },
                  { &sql_matters_realm_state_topic, "matter_state_topic" },
                  { &sql_matters_realm_topic_kind, "matter_topic_kind" },
                  { &sql_matters_realm_state_due, "matter_state_due" },
                  { &sql_matters_village, "matter_village" },
                  { &sql_matters_village_due, "matter_village_due" },
                  { &sql_matter_by_number, "matter_number" },
                  { &sql_matter_counts_filed_village, "matter_village" },
                  { &sql_matter_counts_open_village, "matter_village_due" },
                  { &sql_matter_counts_filed_realm, "PRIMARY KEY" },
                  { &sql_matter_counts_open_realm, "matter_due" },
                  { &sql_clock_due_list, "matter_clock_next" },
                  { &sql_message_list_unread, "message_unread" } };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct statement *explain = arena_new_of(k->ctx->arena,
                                                 struct statement); /* the store knows statements by address */
        struct value nothing[20] = { { 0 } };
        struct rows rows;
        const char *named = arena_printf(k->ctx->arena, " %s ", lists[i].index);
        const char *all = "";
        bool is_served = false;
        *explain = *lists[i].statement;
        explain->name = arena_printf(k->ctx->arena, "explain_%s", explain->name);
        explain->sql = arena_printf(k->ctx->arena, "explain query plan %s", explain->sql);
        assert_ok(k->f, rows_open(k->ctx, k->ctx->snapshot, explain, nothing, explain->parameters, &rows));
        while (rows_next(&rows)) {
            const char *said = rows_string(&rows, 3);
            all = arena_printf(k->ctx->arena, "%s; %s", all, said);
            is_served = is_served || strstr(arena_printf(k->ctx->arena, "%s ", said), named);
            bool is_counted = strcmp(said, "SCAN f") == 0; /* the rows that a limited selection f left */
            if (strstr(said, "TEMP B-TREE") || (strstr(said, "SCAN") && !is_counted))
                fail_msg("%s: %s", lists[i].statement->name, said);
        }
        assert_ok(k->f, rows_close(&rows));
        if (!is_served)
            fail_msg("%s is not served by %s but: %s", lists[i].statement->name, lists[i].index, all);
    }
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        AT_DESK(the_lists_show_exactly_what_may_be_seen_whole),
        AT_DESK(filters_take_away_and_nothing_else),
        AT_DESK(rows_that_may_not_be_shown_end_no_page),
        AT_DESK(choices_that_a_flow_no_longer_has_are_still_listed),
        AT_DESK(a_row_says_to_whom_it_was_given),
        cmocka_unit_test(keys_are_read_strictly),
        { "every_list_is_served_by_the_index_it_names (SQLite)", every_list_is_served_by_the_index_it_names,
          desk_setup_sqlite, desk_teardown, NULL },
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
