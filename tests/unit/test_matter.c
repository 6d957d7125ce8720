/* tests/unit/test_matter.c -- a request from its filing to its end, and everything that must not happen to it.
 * When this fails: record/matter_change.c (checks), matter_step.c (plans), matter.c (reading), receipt.c. */
#include "desk.h"

#include "base/json.h"
#include "civic/proof.h"
#include "record/message.h"
#include "record/receipt.h"

static void demand_state(const struct matter *matter, const char *state, int64_t version)
{
    assert_string_equal(matter->state->key, state);
    assert_int_equal(matter->version, version);
    assert_int_equal(matter->event_count, version);
    assert_true(!matter->closed == !matter->state->is_final);
}

static void a_request_makes_every_move_from_filing_to_closing(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_file(k, "zhang", VILLAGE "-Z01", "help");
    assert_string_equal(m->number, VILLAGE "-QZ-2026-00001");
    assert_string_equal(m->realm, TOWN);
    assert_string_equal(m->village, VILLAGE);
    assert_string_equal(m->kind, "help");
    assert_true(who_is(m->author, person_who(village_person(k->v, "zhang"))));
    assert_int_equal(m->filed, FIXTURE_NOW);
    assert_int_equal(m->due, FIXTURE_NOW + 2 * MICROS_PER_HOUR);
    demand_state(m, "filed", 1);
    m = desk_dispatch(k, m);
    demand_state(m, "assigned", 2);
    assert_true(who_is(m->handler, person_who(village_person(k->v, "he"))));
    assert_true(m->handler_unit != 0);
    assert_true(desk_clock(m, "dispatch")->stopped != 0);
    assert_int_equal(m->due, desk_clock(m, "sign")->due);
    m = desk_move(k, "he", m, "return", SAID("ground=not_my_duty", "reason=应由水利站办理"));
    demand_state(m, "filed", 3);
    assert_int_equal(m->handler.id, 0);
    m = desk_dispatch(k, m);
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    m = desk_move(k, "he", m, "ask_more_time", SAID("reason=等配件", "workdays=3"));
    m = desk_move(k, "wu", m, "refuse", SAID("reason=请先报价"));
    demand_state(m, "working", 7);
    int64_t before = desk_clock(m, "finish")->due;
    desk_pass(k, MICROS_PER_HOUR);
    m = desk_move(k, "he", m, "suspend", SAID("ground=force_majeure", "reason=暴雨"));
    assert_int_equal(desk_clock(m, "finish")->paused_since, clock_now(k->ctx->clock));
    assert_int_equal(m->due, MATTER_NO_DUE);
    desk_pass(k, 2 * MICROS_PER_DAY);
    m = desk_move(k, "he", m, "resume", SAID_NOTHING);
    assert_int_equal(desk_clock(m, "finish")->due,
                     before + MICROS_PER_DAY); /* of Monday and Tuesday the first was out anyway */
    m = desk_move(k, "he", m, "answer", SAID("result=已修好"));
    m = desk_move(k, "zhang", m, "reopen", SAID("reason=又灭了"));
    m = desk_move(k, "he", m, "answer", SAID("result=换了新灯"));
    m = desk_move(k, "zhang", m, "rate", SAID("solved=yes", "grade=satisfied"));
    demand_state(m, "closed", 13);
    assert_int_equal(m->closed, clock_now(k->ctx->clock));
    for (int i = 0; i < m->clock_count; i++)
        assert_true(m->clocks[i].stopped != 0);
    assert_true(text_is(node_find_text(m->data, KEY("text")), "路灯坏了"));
    assert_true(text_is(node_find_text(m->data, KEY("result")), "换了新灯"));
    assert_true(text_is(node_find_text(m->data, KEY("ground")), "force_majeure"));
    const struct flow_move *const *moves;
    assert_int_equal(flow_moves_for(k->ctx, m->flow, &m->known, ~(role_mask)0, clock_now(k->ctx->clock), &moves), 0);
    for (int i = 0; i < m->event_count; i++) {
        assert_int_equal(m->events[i].position, i);
        assert_int_equal(m->events[i].seq, i + 1);
    }
}

static void an_extension_is_granted_and_a_request_is_declined(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    int64_t before = desk_clock(m, "finish")->due;
    m = desk_move(k, "he", m, "ask_more_time", SAID("reason=等配件", "workdays=2"));
    m = desk_move(k, "wu", m, "grant", SAID_NOTHING);
    assert_true(desk_clock(m, "finish")->due > before);
    assert_int_equal(desk_clock(m, "finish")->extended, 2);
    assert_int_equal(m->due, desk_clock(m, "finish")->due);
    struct matter *other = desk_file(k, "li", VILLAGE, "consult");
    assert_string_equal(other->number, VILLAGE "-QZ-2026-00002");
    other = desk_move(k, "wu", other, "decline", SAID("ground=secret", "reason=涉及他人隐私"));
    demand_state(other, "declined", 2);
}

static void refused_moves_say_why(void **state)
{
    struct desk *k = *state;
    struct matter_change change;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    assert_fails(desk_check(k, "zhang", m, "dispatch", SAID(desk_id(k, "handler", "he")), &change), ERR_DENIED,
                 "flow.move.denied");
    assert_fails(desk_check(k, "wu", m, "fly", SAID_NOTHING, &change), ERR_MISSING, "flow.move.unknown");
    assert_fails(desk_check(k, "wu", m, "grant", SAID_NOTHING, &change), ERR_CONFLICT, "flow.move.state");
    assert_fails(desk_check(k, "wu", m, "dispatch", SAID_NOTHING, &change), ERR_INPUT, "flow.field.required");
    assert_fails(desk_check(k, "wu", m, "dispatch", SAID(desk_id(k, "handler", "shu")), &change), ERR_INPUT,
                 "matter.handler.unknown");
    assert_fails(desk_check(k, "wu", m, "dispatch", SAID(desk_id(k, "handler", "jiu")), &change), ERR_INPUT,
                 "matter.handler.unknown");
    assert_fails(desk_check(k, "chen", m, "dispatch", SAID_NOTHING, &change), ERR_MISSING, "matter.missing");
    assert_fails(desk_check(k, "gao", m, "dispatch", SAID_NOTHING, &change), ERR_MISSING, "matter.missing");
    assert_fails(desk_check(k, NULL, m, "rate", SAID_NOTHING, &change), ERR_MISSING, "matter.missing");
    m = desk_dispatch(k, m);
    assert_fails(desk_check(k, "wu", m, "sign", SAID_NOTHING, &change), ERR_DENIED, "flow.move.denied");
}

static void opening_is_held_against_place_rights_and_fields(void **state)
{
    struct desk *k = *state;
    struct matter_change change;
    const struct desk_said *said = SAID("category=help", "topic=errands", "text=一");
    struct matter_opening opening = desk_opening(k, "request", VILLAGE, said);
    desk_as(k, NULL);
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_DENIED, "flow.open.denied");
    desk_as(k, "gao");
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_DENIED, "flow.open.denied");
    desk_as(k, "zhang");
    opening.place = "999999999999";
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_MISSING, "place.missing");
    opening.place = VILLAGE "-Z09"; /* ended last year */
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_MISSING, "place.missing");
    opening = desk_opening(k, "request", VILLAGE, SAID("category=help", "topic=errands"));
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_INPUT, "flow.field.required");
    opening = desk_opening(k, "request", VILLAGE, SAID("category=help", "topic=errands", "text=一", "photos=4711"));
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_INPUT, "flow.field.id");
}

static void the_desk_writes_down_for_someone_without_an_account(void **state)
{
    struct desk *k = *state;
    struct matter_change change;
    struct matter *m;
    struct matter_opening opening = desk_opening(k, "request", VILLAGE,
                                                 SAID("category=help", "topic=errands", "text=口述"));
    opening.is_by_hand = true;
    desk_as(k, "zhang");
    assert_fails(matter_open_check(k->ctx, &opening, &change), ERR_DENIED, "matter.by_hand");
    desk_as(k, "wu");
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &change));
    village_run(k->v, change.plan);
    assert_ok(k->f, matter_load_by_id(k->ctx, TOWN, change.id, &m));
    assert_int_equal(m->author.id, 0);
    assert_string_equal(m->events[0].actor_role, "desk");
    assert_true(who_is(m->events[0].actor, person_who(village_person(k->v, "wu"))));
    opening.author = person_who(village_person(k->v, "li"));
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &change));
    village_run(k->v, change.plan);
    assert_ok(k->f, matter_load_by_id(k->ctx, TOWN, change.id, &m));
    assert_int_equal(matter_sight(village_person(k->v, "li"), m), SIGHT_WHOLE);
}

static void of_two_who_press_at_once_one_is_told(void **state)
{
    struct desk *k = *state;
    struct matter_change first, second;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    assert_ok(k->f, desk_check(k, "wu", m, "dispatch", SAID(desk_id(k, "handler", "he")), &first));
    assert_ok(k->f, desk_check(k, "wu", m, "decline", SAID("ground=secret", "reason=一"), &second));
    village_run(k->v, first.plan);
    struct outcome outcome = village_try(k->v, second.plan);
    assert_int_equal(outcome.kind, OUTCOME_CONFLICT);
    assert_string_equal(outcome.conflict, "matter.changed");
    demand_state(desk_again(k, m), "assigned", 2);
    struct matter_move stale = { .move = TEXT("sign"), .version = 1 };
    desk_as(k, "he");
    assert_fails(matter_move_check(k->ctx, desk_again(k, m), &stale, &second), ERR_CONFLICT, "matter.changed");
    stale.version = 2;
    assert_ok(k->f, matter_move_check(k->ctx, desk_again(k, m), &stale, &second));
}

static void a_form_sent_twice_counts_once(void **state)
{
    struct desk *k = *state;
    struct matter_change first, again;
    struct matter_opening opening = desk_opening(k, "request", VILLAGE,
                                                 SAID("category=help", "topic=errands", "text=一"));
    opening.token = TEXT("form-1");
    opening.leads_to = "/requests/";
    desk_as(k, "zhang");
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &first));
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &again)); /* both checked before the first is written */
    struct outcome outcome = village_try(k->v, first.plan);
    assert_int_equal(outcome.kind, OUTCOME_DONE);
    assert_string_equal(outcome.result, "/requests/" VILLAGE "-QZ-2026-00001");
    outcome = village_try(k->v, again.plan);
    assert_int_equal(outcome.kind, OUTCOME_REPLAYED);
    assert_string_equal(outcome.result, "/requests/" VILLAGE "-QZ-2026-00001");
    /* What is possible is left to the writer; what no longer is has been done: by this very form. */
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &again));
    assert_int_equal(village_try(k->v, again.plan).kind, OUTCOME_REPLAYED);
    opening.given_count = 0;
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &again));
    assert_null(again.plan);
    assert_string_equal(again.already, "/requests/" VILLAGE "-QZ-2026-00001");
    struct matter *m;
    assert_ok(k->f, matter_load(k->ctx, TOWN, TEXT(VILLAGE "-QZ-2026-00001"), &m));
    struct matter_move move = {
        .move = TEXT("decline"), .token = TEXT("form-2"), .leads_to = "/requests/", .version = 1
    };
    const struct desk_said *said = SAID("ground=secret", "reason=一");
    move.given = said->given;
    move.given_count = said->count;
    desk_as(k, "wu");
    assert_ok(k->f, matter_move_check(k->ctx, m, &move, &first));
    village_run(k->v, first.plan);
    assert_ok(k->f, matter_move_check(k->ctx, desk_again(k, m), &move, &again)); /* no conflict: it is the same press */
    assert_string_equal(again.already, "/requests/" VILLAGE "-QZ-2026-00001");
    assert_fails(matter_load(k->ctx, TOWN, TEXT(VILLAGE "-QZ-2026-00002"), &m), ERR_MISSING, "matter.missing");
}

static void a_token_is_its_persons_own(void **state)
{
    struct desk *k = *state;
    static const char *const tokens[] = { "1", "" };
    static const char *const people[] = { "zhang", "li" };
    for (int i = 0; i < 4; i++) { /* programs choose their own tokens, and forms may come without one */
        struct matter_change change;
        struct matter_opening opening = desk_opening(k, "request", VILLAGE,
                                                     SAID("category=report", "topic=errands", "text=一"));
        opening.token = text_of(tokens[i / 2]);
        opening.leads_to = "/requests/";
        desk_as(k, people[i % 2]);
        assert_ok(k->f, matter_open_check(k->ctx, &opening, &change));
        assert_null(change.already);
        assert_int_equal(village_try(k->v, change.plan).kind, OUTCOME_DONE);
    }
}

static void a_clock_set_back_does_not_turn_a_matter_back(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    desk_pass(k, -MICROS_PER_DAY);
    m = desk_dispatch(k, m);
    assert_int_equal(m->events[1].recorded, FIXTURE_NOW);
    assert_int_equal(m->changed, FIXTURE_NOW);
    assert_int_equal(desk_clock(m, "sign")->started, FIXTURE_NOW);
}

/* --- receipts --- */

static const char *receipt_fault(struct desk *k, struct text file, const char *vkey)
{
    struct receipt receipt;
    const struct err *failed = receipt_verify(k->ctx, file, text_of(vkey), NULL, &receipt);
    return failed ? err_root(failed)->said : NULL;
}

static void a_receipt_holds_and_one_changed_byte_is_found(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    for (int i = 0; i < 5; i++)
        desk_file(k, "li", VILLAGE, "report");
    for (int i = 0; i < m->event_count; i++) {
        struct receipt_held held;
        struct receipt receipt;
        assert_ok(k->f, receipt_of_event(k->ctx, m, &m->events[i], &held));
        assert_ok(k->f, receipt_verify(k->ctx, held.file, text_of(held.key), held.origin, &receipt));
        assert_true(text_equal(receipt.bytes, m->events[i].bytes));
        assert_int_equal(held.size, 7);
        for (size_t at = 0; at < held.file.size; at += 7) {
            char *changed = arena_copy(k->ctx->arena, held.file.at, held.file.size);
            changed[at] ^= 1;
            assert_non_null(receipt_fault(k, (struct text){ changed, held.file.size }, held.key));
        }
    }
}

static void an_event_is_canonical_and_an_accusation_leaves_nothing_in_the_log(void **state)
{
    struct desk *k = *state;
    struct matter *m[] = { desk_file(k, "zhang", VILLAGE, "help"), desk_file(k, "zhang", VILLAGE, "report") };
    m[1] = desk_move(k, "wu", m[1], "dispatch", SAID(desk_id(k, "handler", "he")));
    for (int i = 0; i < 2; i++) {
        struct node *node;
        scoped(buffer_clear) struct buffer again = { 0 };
        assert_ok(k->f, json_read(k->ctx, m[i]->events[0].bytes, &node));
        node_write_canonical(node, &again);
        assert_true(text_equal(buffer_view(&again), m[i]->events[0].bytes));
        assert_true(text_is(node_find_text(node, KEY("number")), m[i]->number));
        assert_int_equal(node_find_int(node, KEY("time"), 0), m[i]->filed);
    }
    struct text *entries;
    int count;
    assert_ok(k->f, ledger_entries(k->ctx, TOWN, 0, 10, &entries, &count));
    assert_int_equal(count, 3);
    struct node *open;
    assert_ok(k->f, json_read(k->ctx, entries[0], &open));
    assert_true(text_is(node_find_text(open, KEY("number")), m[0]->number));
    assert_true(text_is(node_find_text(open, KEY("state")), "filed"));
    assert_true(text_is(node_find_text(node_find(open, KEY("public")), KEY("category")), "help"));
    assert_null(memmem(entries[0].at, entries[0].size, "路灯", strlen("路灯")));
    for (int i = 1; i < 3; i++) {
        assert_ok(k->f, json_read(k->ctx, entries[i], &open));
        assert_int_equal(open->count, 1);
        assert_int_equal(node_find_text(open, KEY("commitment")).size, 64);
    }
}

/* --- sight --- */

static void each_sees_as_much_as_the_flow_says(void **state)
{
    struct desk *k = *state;
    static const struct {
        const char *who;
        enum sight plain, sealed;
    } all[] = { { "zhang", SIGHT_WHOLE, SIGHT_WHOLE }, { "li", SIGHT_PROGRESS, SIGHT_NONE },
                { "wu", SIGHT_WHOLE, SIGHT_WHOLE },    { "he", SIGHT_PROGRESS, SIGHT_NONE },
                { "ling", SIGHT_WHOLE, SIGHT_NONE },   { "shu", SIGHT_PROGRESS, SIGHT_NONE },
                { "gao", SIGHT_PROGRESS, SIGHT_NONE }, { "chen", SIGHT_PROGRESS, SIGHT_NONE },
                { "qu", SIGHT_PROGRESS, SIGHT_NONE },  { "guan", SIGHT_PROGRESS, SIGHT_NONE } };
    struct matter *plain = desk_file(k, "zhang", VILLAGE, "help"), *sealed = desk_file(k, "zhang", VILLAGE, "report");
    assert_true(sealed->is_sealed);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct person *person = village_person(k->v, all[i].who);
        if (matter_sight(person, plain) != all[i].plain || matter_sight(person, sealed) != all[i].sealed)
            fail_msg("%s sees %d and %d", all[i].who, matter_sight(person, plain), matter_sight(person, sealed));
    }
    assert_int_equal(matter_sight(NULL, plain), SIGHT_PROGRESS);
    assert_int_equal(matter_sight(NULL, sealed), SIGHT_NONE);
    village_import(k->v, IMPORT_PEOPLE, "person,name,place\ntong,童办,500116106000\n"); /* of one office with he */
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from\ntong,handler,500116106000,yx-office,2024-03-01\n");
    plain = desk_dispatch(k, plain);
    sealed = desk_dispatch(k, sealed);
    assert_int_equal(matter_sight(village_person(k->v, "tong"), plain), SIGHT_WHOLE); /* the office stands in for him */
    assert_int_equal(matter_sight(village_person(k->v, "tong"), sealed), SIGHT_NONE); /* but not with an accusation */
    struct matter_change change;
    assert_null(desk_check(k, "tong", plain, "sign", SAID_NOTHING, &change));
    assert_fails(desk_check(k, "tong", sealed, "sign", SAID_NOTHING, &change), ERR_MISSING, "matter.missing");
    assert_int_equal(matter_sight(village_person(k->v, "he"), plain), SIGHT_WHOLE);
    assert_int_equal(matter_sight(village_person(k->v, "he"), sealed), SIGHT_WHOLE);
    assert_true(matter_event_is_public(plain, &plain->events[1]));
    assert_false(matter_event_is_public(sealed, &sealed->events[1]));
}

static void an_accusation_never_reaches_the_accused(void **state)
{
    struct desk *k = *state;
    struct matter_change change;
    struct matter *m = desk_open(k, "zhang", "second", VILLAGE, SAID("category=report", desk_id(k, "accused", "he")));
    assert_int_equal(matter_sight(village_person(k->v, "he"), m), SIGHT_NONE);
    assert_fails(desk_check(k, "wu", desk_move(k, "shu", m, "check", SAID_NOTHING), "give",
                            SAID(desk_id(k, "handler", "he")), &change),
                 ERR_INPUT, "matter.handler.accused");
    /* Handlers of one office who also sit in the accused one, in another role, are of the accused. */
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from,to\nhe,contact,500230109000,gj-office,2024-03-01,\n");
    struct organisation *accused;
    assert_ok(k->f, organisation_find(k->ctx, TEXT("gj-office"), &accused));
    m = desk_open(k, "zhang", "second", VILLAGE, SAID("category=report", arena_printf(k->ctx->arena, "accused=%lld",
                                                                                      (long long)accused->id)));
    assert_fails(desk_check(k, "wu", desk_move(k, "shu", m, "check", SAID_NOTHING), "give",
                            SAID(desk_id(k, "handler", "he")), &change),
                 ERR_INPUT, "matter.handler.accused");
    /* Of a report that names nobody known nobody is barred, not even who handles in no office's name. */
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from,to\nling,handler,500116106000,,2024-03-01,\n");
    m = desk_move(k, "shu", desk_open(k, "zhang", "second", VILLAGE, SAID("category=report")), "check", SAID_NOTHING);
    desk_move(k, "wu", m, "give", SAID(desk_id(k, "handler", "ling")));
    m = desk_open(k, "zhang", "second", VILLAGE, SAID("category=report", desk_id(k, "accused", "shu")));
    assert_int_equal(matter_sight(village_person(k->v, "shu"), m),
                     SIGHT_NONE); /* though the state waits for this role */
    assert_fails(desk_check(k, "shu", m, "check", SAID_NOTHING, &change), ERR_MISSING, "matter.missing");
    m = desk_open(k, "zhang", "second", VILLAGE, SAID("category=report", desk_id(k, "accused", "wu")));
    m = desk_move(k, "shu", m, "check", SAID_NOTHING); /* tells the desk */
    struct message *messages;
    int count;
    desk_as(k, "wu");
    assert_ok(k->f, message_list(k->ctx, false, 0, 50, &messages, &count));
    for (int i = 0; i < count; i++)
        assert_string_not_equal(messages[i].number, m->number);
}

/* --- messages --- */

static void those_whom_a_move_tells_find_a_message(void **state)
{
    struct desk *k = *state;
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    struct message *messages;
    int count, unread;
    static const char *const told[] = { "zhang", "he" };
    for (int i = 0; i < 2; i++) {
        desk_as(k, told[i]);
        assert_ok(k->f, message_list(k->ctx, false, 0, 50, &messages, &count));
        assert_int_equal(count, 1);
        assert_string_equal(messages[0].number, m->number);
        assert_string_equal(messages[0].move, "dispatch");
        assert_ok(k->f, message_count_unread(k->ctx, 100, &unread));
        assert_int_equal(unread, 1);
        struct plan *plan;
        assert_ok(k->f, message_read_check(k->ctx, messages[0].id, &plan));
        village_run(k->v, plan);
        assert_ok(k->f, message_count_unread(k->ctx, 100, &unread));
        assert_int_equal(unread, 0);
        assert_ok(k->f, message_list(k->ctx, false, 0, 50, &messages, &count));
        assert_int_equal(messages[0].read, clock_now(k->ctx->clock));
    }
    desk_as(k, "wu"); /* who did it is not told */
    assert_ok(k->f, message_list(k->ctx, false, 0, 50, &messages, &count));
    assert_int_equal(count, 0);
}

/* How many messages of MOVE somebody has. */
static int told(struct desk *k, const char *who, const char *move)
{
    struct message *messages;
    int count, found = 0;
    desk_as(k, who);
    assert_ok(k->f, message_list(k->ctx, false, 0, 50, &messages, &count));
    for (int i = 0; i < count; i++)
        found += strcmp(messages[i].move, move) == 0;
    return found;
}

static void two_offices_are_one_reader_and_nobody_is_told_what_they_did(void **state)
{
    struct desk *k = *state;
    struct import_counts counts = village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from,to\n"
                                                                     "he,desk," TOWN ",,2024-03-01,\n");
    assert_int_equal(counts.added, 1);
    struct matter *m = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    m = desk_move(k, "he", m, "sign", SAID_NOTHING);
    m = desk_move(k, "he", m, "ask_more_time", SAID("reason=等配件", "workdays=3")); /* tells the desk */
    assert_int_equal(told(k, "wu", "ask_more_time"), 1);
    assert_int_equal(told(k, "he", "ask_more_time"), 0);
    m = desk_move(k, "wu", m, "refuse", SAID("reason=请先报价"));
    m = desk_move(k, "he", m, "answer", SAID("result=已修好"));
    desk_move(k, "zhang", m, "rate", SAID("solved=yes", "grade=satisfied")); /* tells handler and desk */
    assert_int_equal(told(k, "he", "rate"), 1);
    assert_int_equal(told(k, "wu", "rate"), 1);
    assert_int_equal(told(k, "zhang", "rate"), 0);
}

static void a_handler_reaches_whoever_asked_and_not_themselves(void **state)
{
    struct desk *k = *state;
    village_import(k->v, IMPORT_ROLES, "person,role,place,organisation,from,to\nhe,villager," VILLAGE "-Z01,,2024-03-01,\n");
    struct matter *theirs = desk_dispatch(k, desk_file(k, "zhang", VILLAGE, "help"));
    struct matter *own = desk_dispatch(k, desk_file(k, "he", VILLAGE, "help"));
    assert_true(matter_may_reach(village_person(k->v, "he"), theirs));
    assert_false(matter_may_reach(village_person(k->v, "he"), own));
    assert_false(matter_may_reach(village_person(k->v, "wu"), theirs));
}

/* --- pictures --- */

static void pictures_come_stripped_and_are_sealed_by_their_hash(void **state)
{
    struct desk *k = *state;
    struct matter_change change;
    struct matter *m;
    struct matter_file *files;
    struct text photo = read_file(k->f, "fuzz/corpus/picture/turned.jpg"), bytes;
    const char *type;
    int count;
    struct matter_opening opening = desk_opening(k, "request", VILLAGE,
                                                 SAID("category=help", "topic=errands", "text=一"));
    struct matter_picture pictures[] = { { TEXT("photos"), photo }, { TEXT("photos"), TEXT("<html>") } };
    opening.pictures = pictures;
    opening.picture_count = 2;
    desk_as(k, "zhang");
    const struct err *refused = matter_open_check(k->ctx, &opening, &change);
    assert_fails(refused, ERR_INPUT, "picture.type");
    assert_string_equal(err_root(refused)->field, "photos");
    pictures[1] = pictures[0];
    assert_ok(k->f, matter_open_check(k->ctx, &opening, &change));
    village_run(k->v, change.plan);
    assert_ok(k->f, matter_load_by_id(k->ctx, TOWN, change.id, &m));
    assert_ok(k->f, matter_files(k->ctx, m, &files, &count));
    assert_int_equal(count, 2);
    assert_ok(k->f, matter_file_read(k->ctx, m, files[1].id, &bytes, &type));
    assert_string_equal(type, "image/jpeg");
    assert_null(memmem(bytes.at, bytes.size, "abc", 3)); /* the maker of the camera */
    assert_non_null(memmem(m->events[0].bytes.at, m->events[0].bytes.size, files[0].hash, 64));
    assert_int_equal(node_find(m->data, KEY("photos"))->count, 2);
    assert_fails(matter_file_read(k->ctx, m, 4711, &bytes, &type), ERR_MISSING, "matter.file.missing");
}

/* --- versions of the flow --- */

static void a_matter_keeps_the_flow_it_began_with(void **state)
{
    struct desk *k = *state;
    struct plan *plan;
    struct matter *m = desk_file(k, "zhang", VILLAGE, "help");
    struct flow_source old = k->flows[0];
    struct text longer = text_of(arena_printf(k->ctx->arena, "%.*s\n# changed\n", (int)old.bytes.size, old.bytes.at));
    desk_flow(k, 0, "request", longer, k->law.rules);
    assert_ok(k->f, flows_store_check(k->ctx, TOWN, &plan));
    assert_non_null(plan);
    village_run(k->v, plan);
    assert_ok(k->f, flows_store_check(k->ctx, TOWN, &plan));
    assert_null(plan);
    m = desk_dispatch(k, m);
    assert_string_equal(m->flow->version, old.flow->version);
    assert_string_equal(desk_file(k, "zhang", VILLAGE, "help")->flow->version, k->flows[0].flow->version);
}

static void numbers_lead_to_their_realm(void **state)
{
    struct desk *k = *state;
    const char *realm;
    assert_ok(k->f, matter_realm_of(k->ctx, TEXT(VILLAGE "-QZ-2026-00001"), &realm));
    assert_string_equal(realm, TOWN);
    assert_fails(matter_realm_of(k->ctx, TEXT("1"), &realm), ERR_MISSING, "matter.missing");
    assert_fails(matter_realm_of(k->ctx, TEXT("999999999999-QZ-2026-00001"), &realm), ERR_MISSING, "matter.missing");
    assert_fails(matter_realm_of(k->ctx, (struct text){ NULL, 0 }, &realm), ERR_MISSING, "matter.missing");
    /* A grid right below the town lies in no village: the number is the town's, and still leads there. */
    village_import(k->v, IMPORT_PLACES, "code,name,kind,parent,valid_from\n"
                                        "500116106000001,街上,grid,500116106000,2024-01-01\n");
    struct matter *m = desk_file(k, "zhang", "500116106000001", "help");
    assert_string_equal(m->village, TOWN);
    assert_ok(k->f, matter_realm_of(k->ctx, text_of(m->number), &realm));
    assert_string_equal(realm, TOWN);
}

int main(void)
{
    log_quiet();
    const struct CMUnitTest tests[] = {
        AT_DESK(a_request_makes_every_move_from_filing_to_closing),
        AT_DESK(an_extension_is_granted_and_a_request_is_declined),
        AT_DESK(refused_moves_say_why),
        AT_DESK(opening_is_held_against_place_rights_and_fields),
        AT_DESK(the_desk_writes_down_for_someone_without_an_account),
        AT_DESK(of_two_who_press_at_once_one_is_told),
        AT_DESK(a_form_sent_twice_counts_once),
        AT_DESK(a_token_is_its_persons_own),
        AT_DESK(a_clock_set_back_does_not_turn_a_matter_back),
        AT_DESK(a_receipt_holds_and_one_changed_byte_is_found),
        AT_DESK(an_event_is_canonical_and_an_accusation_leaves_nothing_in_the_log),
        AT_DESK(each_sees_as_much_as_the_flow_says),
        AT_DESK(an_accusation_never_reaches_the_accused),
        AT_DESK(those_whom_a_move_tells_find_a_message),
        AT_DESK(two_offices_are_one_reader_and_nobody_is_told_what_they_did),
        AT_DESK(a_handler_reaches_whoever_asked_and_not_themselves),
        AT_DESK(pictures_come_stripped_and_are_sealed_by_their_hash),
        AT_DESK(a_matter_keeps_the_flow_it_began_with),
        AT_DESK(numbers_lead_to_their_realm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
