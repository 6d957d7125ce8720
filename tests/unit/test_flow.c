/* When this fails, look in src/civic/flow.c (moves), flow_clocks.c (time), flow_answers.c (what is asked) and
 * flow_read*.c, flow_check.c (files). */
#include "file.h"
#include "fixture.h"

#include "base/day.h"
#include "civic/flow.h"

#include <dirent.h>
#include <stdlib.h>

struct desk {
    struct fixture f;
    struct rules *rules;
    struct calendar *calendar;
    struct flow *flow;
    struct flow_world world;
    struct flow_matter matter; /* as the caller would keep it */
    struct node *data;
    struct flow_done done[16];
    struct flow_result *result;
};

static const char requests_flow[] = "src/systems/requests/flow.yaml";
static const char requests_rules[] = "src/systems/requests/rules.yaml";

static int64_t at(const char *date, int hour, int minute)
{
    int32_t day;
    if (!day_parse(text_of(date), &day))
        fail_msg("no date: %s", date);
    return day_start(day) + hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE;
}

static int64_t end_of(const char *date)
{
    return at(date, 24, 0) - 1;
}

/* --- walking: given fields are written "key=value", images "key=1,2" --- */

static int given_of(struct desk *d, const char *const *pairs, struct flow_given **ret)
{
    struct flow_given *given = arena_array_of(d->f.ctx->arena, struct flow_given, 16);
    int count = 0;
    for (; pairs && pairs[count]; count++) {
        struct text value, key = text_cut(text_of(pairs[count]), '=', &value);
        struct text *values = arena_array_of(d->f.ctx->arena, struct text, 16);
        given[count] = (struct flow_given){ key, values, 0 };
        bool is_list = text_is(key, "photos");
        for (struct text rest = value; rest.size || !given[count].count;)
            values[given[count].count++] = is_list ? text_cut(rest, ',', &rest) : text_cut(rest, '\0', &rest);
    }
    *ret = given;
    return count;
}

static void keep(struct desk *d)
{
    d->matter.state = d->result->state->key;
    d->matter.clocks = d->result->clocks;
    d->matter.clock_count = d->result->clock_count;
    node_each (link, d->result->answers)
        node_put(d->data, link->key, link->value);
    for (int i = 0; i < 16; i++) {
        if (!d->done[i].move) {
            d->done[i] = (struct flow_done){ d->result->move->name, 1 };
            d->matter.done_count = i + 1;
            break;
        }
        if (strcmp(d->done[i].move, d->result->move->name) == 0) {
            d->done[i].times++;
            break;
        }
    }
}

static const struct err *try_open(struct desk *d, role_mask roles, int64_t now, const char *const *pairs)
{
    struct flow_given *given;
    int count = given_of(d, pairs, &given);
    d->data = node_object(d->f.ctx->arena);
    d->matter = (struct flow_matter){ .data = d->data, .done = d->done };
    memset(d->done, 0, sizeof d->done);
    TRY(flow_open(d->f.ctx, d->flow, &d->world, roles, given, count, now, &d->result));
    keep(d);
    return NULL;
}

static const struct err *try_move(struct desk *d, role_mask roles, const char *move, int64_t now,
                                  const char *const *pairs)
{
    struct flow_given *given;
    int count = given_of(d, pairs, &given);
    TRY(flow_step(d->f.ctx, d->flow, &d->world, &d->matter, roles, text_of(move), given, count, now, &d->result));
    keep(d);
    return NULL;
}

#define PAIRS(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define BY(role) ROLE_BIT(ROLE_##role)
#define open_matter(d, now, ...) assert_ok(&(d)->f, try_open((d), BY(VILLAGER), (now), PAIRS(__VA_ARGS__)))
#define move(d, role, name, now, ...) assert_ok(&(d)->f, try_move((d), BY(role), name, (now), PAIRS(__VA_ARGS__)))
#define move_plain(d, role, name, now) assert_ok(&(d)->f, try_move((d), BY(role), name, (now), NULL))

static const struct running_clock *running(struct desk *d, const char *name)
{
    const struct running_clock *found = NULL;
    for (int i = 0; i < d->matter.clock_count; i++)
        if (strcmp(d->matter.clocks[i].name, name) == 0)
            found = &d->matter.clocks[i]; /* the latest */
    if (!found)
        fail_msg("no clock %s", name);
    return found;
}

static const char *moves_for(struct desk *d, role_mask roles, int64_t now)
{
    const struct flow_move *const *moves;
    const char *names = "";
    int count = flow_moves_for(d->f.ctx, d->flow, &d->matter, roles, now, &moves);
    for (int i = 0; i < count; i++)
        names = arena_printf(d->f.ctx->arena, "%s%s%s", names, i ? " " : "", moves[i]->name);
    return names;
}

#define FILED "category=complaint", "topic=errands", "text=路灯坏了"

static void to_working(struct desk *d)
{
    open_matter(d, at("2026-03-02", 9, 0), FILED);
    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    move_plain(d, HANDLER, "sign", at("2026-03-02", 11, 0));
}

/* --- the requests' own flow --- */

static void a_request_walks_the_whole_way(void **state)
{
    struct desk *d = *state;
    open_matter(d, at("2026-03-02", 9, 0), FILED, "where=三组水井旁", "photos=11,12", "spot=106.123456,29.01");
    assert_string_equal(d->result->state->key, "filed");
    assert_false(d->result->is_sealed);
    assert_int_equal(running(d, "dispatch")->due, at("2026-03-02", 11, 0));
    assert_string_equal(running(d, "dispatch")->source, "参照唐山市12345热线条例第20条");
    assert_int_equal(running(d, "dispatch")->changes, CLOCK_STARTED);

    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    assert_int_equal(d->result->tells, ROLE_BIT(ROLE_HANDLER) | ROLE_BIT(ROLE_AUTHOR));
    assert_int_equal(running(d, "dispatch")->stopped, at("2026-03-02", 10, 0));
    assert_int_equal(running(d, "dispatch")->changes, CLOCK_STOPPED);
    assert_int_equal(running(d, "sign")->due, end_of("2026-03-03"));
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-09"));
    assert_string_equal(running(d, "finish")->key, "order.finish_other");

    move_plain(d, HANDLER, "sign", at("2026-03-02", 11, 0));
    assert_int_equal(running(d, "sign")->stopped, at("2026-03-02", 11, 0));
    assert_int_equal(running(d, "finish")->changes, 0);
    move(d, HANDLER, "answer", at("2026-03-04", 11, 0), "result=已修好");
    assert_int_equal(running(d, "finish")->stopped, at("2026-03-04", 11, 0));
    assert_int_equal(running(d, "silence")->due, end_of("2026-03-16")); /* the 14th is a Saturday */
    assert_null(running(d, "silence")->source);
    move(d, AUTHOR, "rate", at("2026-03-05", 8, 0), "solved=yes", "grade=very_satisfied");
    assert_true(d->result->state->is_final);
    for (int i = 0; i < d->matter.clock_count; i++)
        assert_true(d->matter.clocks[i].stopped > 0);
    assert_string_equal(moves_for(d, ~UINT64_C(0), at("2026-03-05", 8, 0)), "");
    assert_true(text_is(node_find_text(d->data, KEY("result")), "已修好"));
    const struct node *photos = node_find(d->data, KEY("photos"));
    assert_int_equal(photos->count, 2);
}

static void a_question_has_less_time_and_a_place_may_set_its_own(void **state)
{
    struct desk *d = *state;
    open_matter(d, at("2026-03-02", 9, 0), "category=consult", "topic=education", "text=怎么报名");
    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    assert_string_equal(running(d, "finish")->key, "order.finish_question");
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-04"));
    assert_int_equal(running(d, "finish")->warn_at, at("2026-03-03", 0, 0));

    const struct rule_override override = { TEXT("500116106000"), TEXT("order.finish_question"), 3,
                                            TEXT("永兴镇人民政府"), TEXT("永府发〔2026〕1号") };
    struct text places[] = { TEXT("500116106200"), TEXT("500116106000"), TEXT("500116000000") };
    struct rules *rules;
    assert_ok(&d->f, rules_with(d->f.ctx, d->rules, &override, 1, &rules));
    d->world = (struct flow_world){ rules, d->calendar, places, 3 };
    open_matter(d, at("2026-03-02", 9, 0), "category=consult", "topic=education", "text=怎么报名");
    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-05"));
    assert_string_equal(running(d, "finish")->source, "永府发〔2026〕1号");
    assert_int_equal(running(d, "finish")->value, 3);
}

static void everybody_sees_exactly_their_buttons(void **state)
{
    struct desk *d = *state;
    int64_t now = at("2026-03-02", 12, 0);
    open_matter(d, at("2026-03-02", 9, 0), FILED);
    assert_string_equal(moves_for(d, BY(DESK), now), "dispatch decline");
    assert_string_equal(moves_for(d, BY(AUTHOR), now), "");
    assert_string_equal(moves_for(d, BY(HANDLER), now), "");
    assert_string_equal(moves_for(d, BY(SYSTEM), now), "escalate");
    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    assert_string_equal(moves_for(d, BY(HANDLER), now), "sign return");
    assert_string_equal(moves_for(d, BY(DESK), now), "reassign urge");
    assert_string_equal(moves_for(d, BY(TOWN_LEADER), now), "reassign urge");
    move_plain(d, HANDLER, "sign", now);
    assert_string_equal(moves_for(d, BY(HANDLER), now), "suspend ask_more_time answer");
    move(d, HANDLER, "answer", now, "result=好了");
    assert_string_equal(moves_for(d, BY(AUTHOR) | BY(VILLAGER), now), "rate reopen");
    assert_string_equal(moves_for(d, BY(SYSTEM), now), "lapse escalate");
}

static void a_move_that_is_not_possible_says_why(void **state)
{
    struct desk *d = *state;
    int64_t now = at("2026-03-02", 12, 0);
    to_working(d);
    assert_fails(try_move(d, BY(DESK), "fly", now, NULL), ERR_MISSING, "flow.move.unknown");
    assert_fails(try_move(d, BY(DESK), "file", now, NULL), ERR_MISSING, "flow.move.unknown");
    assert_fails(try_move(d, BY(DESK), "answer", now, NULL), ERR_DENIED, "flow.move.denied");
    const struct err *err = try_move(d, BY(DESK), "dispatch", now, PAIRS("handler=1"));
    assert_fails(err, ERR_CONFLICT, "flow.move.state");
    assert_string_equal(err->arguments[0], "派单");
    assert_string_equal(err->arguments[1], "办理中");
    assert_fails(try_open(d, BY(TOWN_LEADER), now, PAIRS(FILED)), ERR_DENIED, "flow.open.denied");
}

static void a_request_may_be_reopened_once_and_returned_twice(void **state)
{
    struct desk *d = *state;
    int64_t now = at("2026-03-04", 9, 0);
    to_working(d);
    move(d, HANDLER, "answer", now, "result=好了");
    move(d, AUTHOR, "reopen", now + 1, "reason=又坏了");
    assert_string_equal(d->result->state->key, "working");
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-11")); /* a new clock of its own */
    assert_int_equal(running(d, "finish")->stopped, 0);
    move(d, HANDLER, "answer", now + 2, "result=换了新的");
    assert_string_equal(moves_for(d, BY(AUTHOR), now + 3), "rate");
    assert_fails(try_move(d, BY(AUTHOR), "reopen", now + 3, PAIRS("reason=x")), ERR_CONFLICT, "flow.move.most");

    open_matter(d, now, FILED);
    for (int i = 0; i < 2; i++) {
        move(d, DESK, "dispatch", now, "handler=77");
        move(d, HANDLER, "return", now, "ground=not_my_duty", "reason=不归我管");
    }
    assert_int_equal(running(d, "dispatch")->stopped, 0); /* the desk's clock runs again */
    move(d, DESK, "dispatch", now, "handler=78");
    assert_string_equal(moves_for(d, BY(HANDLER), now), "sign");
}

static void more_time_is_asked_before_the_due_day_and_once(void **state)
{
    struct desk *d = *state;
    to_working(d); /* due at the end of 9 March */
    assert_fails(
        try_move(d, BY(HANDLER), "ask_more_time", at("2026-03-10", 0, 0), PAIRS("reason=等配件", "workdays=3")),
        ERR_CONFLICT, "flow.move.after_due");
    assert_string_equal(moves_for(d, BY(HANDLER), at("2026-03-10", 0, 0)), "suspend answer");
    move(d, HANDLER, "ask_more_time", end_of("2026-03-09"), "reason=等配件", "workdays=3");
    move_plain(d, DESK, "grant", at("2026-03-10", 9, 0));
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-12"));
    assert_int_equal(running_clock_due_then(d->calendar, running(d, "finish"), at("2026-03-09", 9, 0), 0), end_of("2026-03-09"));
    assert_int_equal(running_clock_due_then(d->calendar, running(d, "finish"), at("2026-03-10", 9, 0), 3), end_of("2026-03-12"));
    assert_int_equal(running(d, "finish")->extended, 3);
    assert_int_equal(running(d, "finish")->changes, CLOCK_EXTENDED);
    assert_string_equal(moves_for(d, BY(HANDLER), at("2026-03-10", 9, 0)), "suspend answer");
}

static void a_suspended_request_gets_its_time_back(void **state)
{
    struct desk *d = *state;
    to_working(d);
    move(d, HANDLER, "suspend", at("2026-03-04", 9, 0), "ground=force_majeure", "reason=山洪");
    assert_int_equal(running(d, "finish")->changes, CLOCK_PAUSED);
    assert_int_equal(running(d, "finish")->paused_since, at("2026-03-04", 9, 0));
    assert_int_equal(running_clock_next(running(d, "finish")), INT64_MAX);
    struct flow_fired *fired;
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-05-01", 0, 0), &fired), 0);
    move_plain(d, HANDLER, "resume", at("2026-03-06", 9, 0));
    assert_int_equal(running(d, "finish")->changes, CLOCK_RESUMED);
    assert_int_equal(running(d, "finish")->paused_count, 1);
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-11")); /* the 4th and the 5th are given back */
    move(d, HANDLER, "suspend", at("2026-03-09", 9, 0), "ground=person_unreachable", "reason=再等");
    move_plain(d, HANDLER, "resume", at("2026-03-10", 9, 0));
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-12"));
    assert_int_equal(running_clock_due_then(d->calendar, running(d, "finish"), at("2026-03-05", 9, 0), 0), end_of("2026-03-09"));
    assert_int_equal(running_clock_due_then(d->calendar, running(d, "finish"), at("2026-03-06", 9, 0), 0), end_of("2026-03-11"));
    assert_int_equal(running_clock_due_then(d->calendar, running(d, "finish"), at("2026-03-10", 9, 0), 0), end_of("2026-03-12"));
    assert_string_equal(spans_print(d->f.ctx->arena, running(d, "finish")->paused, 2),
                        "1772586000000000-1772758800000000,1773018000000000-1773104400000000");
}

static void clocks_warn_then_fire_and_the_machine_says_which_move(void **state)
{
    struct desk *d = *state;
    struct flow_fired *fired;
    to_working(d);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-03-05", 23, 59), &fired), 0);
    assert_int_equal(running_clock_next(running(d, "finish")), at("2026-03-06", 0, 0));
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-03-06", 0, 0), &fired), 1);
    assert_true(fired[0].is_warning);
    struct running_clock *clock = &d->result->clocks[fired[0].clock];
    assert_string_equal(clock->name, "finish");
    clock->warned = at("2026-03-06", 0, 0);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, end_of("2026-03-09"), &fired), 0);
    assert_int_equal(running_clock_next(clock), at("2026-03-10", 0, 0));
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-03-10", 0, 0), &fired), 1);
    assert_false(fired[0].is_warning);
    assert_string_equal(fired[0].then->name, "escalate");
    assert_int_equal(fired[0].due, end_of("2026-03-09"));
    clock->fired = at("2026-03-10", 0, 0);
    move_plain(d, SYSTEM, "escalate", at("2026-03-10", 0, 0));
    assert_string_equal(d->result->state->key, "working");
    assert_int_equal(d->result->tells, ROLE_BIT(ROLE_DESK) | ROLE_BIT(ROLE_TOWN_LEADER));
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-06-10", 0, 0), &fired), 0);
    move(d, HANDLER, "suspend", at("2026-03-11", 9, 0), "ground=force_majeure");
    move_plain(d, HANDLER, "resume", at("2026-03-13", 9, 0)); /* standing still after the end gives no time back */
    assert_int_equal(running(d, "finish")->due, end_of("2026-03-09"));
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-06-10", 0, 0), &fired), 0);
}

static void an_extension_granted_late_lets_the_clock_fire_again(void **state)
{
    struct desk *d = *state;
    to_working(d);
    move(d, HANDLER, "ask_more_time", at("2026-03-09", 9, 0), "reason=等配件", "workdays=3");
    for (int i = 0; i < d->matter.clock_count; i++)
        if (strcmp(d->result->clocks[i].name, "finish") == 0)
            d->result->clocks[i].fired = d->result->clocks[i].warned = at("2026-03-10", 0, 0);
    move_plain(d, DESK, "grant", at("2026-03-10", 9, 0));
    assert_int_equal(running(d, "finish")->fired, 0);
    assert_int_equal(running(d, "finish")->warned, 0);
    assert_int_equal(running_clock_next(running(d, "finish")), at("2026-03-11", 0, 0));
}

static void silence_lapses(void **state)
{
    struct desk *d = *state;
    struct flow_fired *fired;
    to_working(d);
    move(d, HANDLER, "answer", at("2026-03-04", 11, 0), "result=已修好");
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, at("2026-03-17", 0, 0), &fired), 1);
    assert_string_equal(fired[0].then->name, "lapse");
    move_plain(d, SYSTEM, "lapse", at("2026-03-17", 0, 0));
    assert_string_equal(d->result->state->key, "closed");
    assert_int_equal(running(d, "silence")->stopped, at("2026-03-17", 0, 0));
}

static void a_provisional_end_is_computed_again_when_the_calendar_comes(void **state)
{
    struct desk *d = *state;
    open_matter(d, at("2026-12-30", 9, 0), FILED);
    move(d, DESK, "dispatch", at("2026-12-30", 10, 0), "handler=77");
    assert_true(running(d, "finish")->is_provisional);
    assert_int_equal(running(d, "finish")->due, end_of("2027-01-06"));
    static const char *const csv =
        "date,type,name\n2026-10-01,off,a\n2027-01-01,off,元旦\n2027-01-02,off,元旦\n2027-01-03,work,"
        "元旦\n2027-05-01,off,b\n";
    struct calendar *calendar;
    assert_ok(&d->f, calendar_read(d->f.ctx, "c", text_of(csv), &calendar));
    struct running_clock *clocks = flow_recompute(d->f.ctx, d->flow, calendar, d->matter.clocks, d->matter.clock_count);
    for (int i = 0; i < d->matter.clock_count; i++)
        if (strcmp(clocks[i].name, "finish") == 0) {
            assert_int_equal(clocks[i].changes, CLOCK_MOVED);
            assert_false(clocks[i].is_provisional);
            assert_int_equal(clocks[i].due, end_of("2027-01-06"));
        } else if (strcmp(clocks[i].name, "dispatch") == 0) {
            assert_int_equal(clocks[i].changes, 0); /* stopped */
        }
}

static void an_accusation_is_sealed(void **state)
{
    struct desk *d = *state;
    open_matter(d, at("2026-03-02", 9, 0), "category=report", "topic=complaints", "text=有人挪用");
    assert_true(d->result->is_sealed);
    move(d, DESK, "dispatch", at("2026-03-02", 10, 0), "handler=77");
    assert_true(d->result->is_sealed);
}

static void what_is_asked_is_checked(void **state)
{
    struct desk *d = *state;
    int64_t now = at("2026-03-02", 9, 0);
    static const struct {
        const char *said, *field, *pairs[8];
    } cases[] = {
        { "flow.field.required", "text", { "category=help", "topic=safety" } },
        { "flow.field.required", "text", { "category=help", "topic=safety", "text= \xE3\x80\x80 " } },
        { "flow.field.choice", "category", { "category=praise", "topic=safety", "text=x" } },
        { "flow.field.unclean", "text", { "category=help", "topic=safety", "text=a\x01" } },
        { "flow.field.unclean", "text", { "category=help", "topic=safety", "text=\xFF" } },
        { "flow.field.point", "spot", { FILED, "spot=106" } },
        { "flow.field.point", "spot", { FILED, "spot=181,20" } },
        { "flow.field.point", "spot", { FILED, "spot=106.5,90.5" } },
        { "flow.field.point", "spot", { FILED, "spot=106.,20" } },
        { "flow.field.id", "photos", { FILED, "photos=11,a" } },
        { "flow.field.id", "photos", { FILED, "photos=11,01" } },
        { "flow.field.most", "photos", { FILED, "photos=1,2,3,4,5,6,7,8,9,10" } },
        { "flow.field.unknown", "grade", { FILED, "grade=satisfied" } },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct err *err = try_open(d, BY(VILLAGER), now, cases[i].pairs);
        if (!err)
            fail_msg("case %zu is taken", i);
        assert_string_equal(err->said, cases[i].said);
        assert_string_equal(err->field, cases[i].field);
        assert_int_equal(err->kind, ERR_INPUT);
    }
    to_working(d);
    assert_fails(try_move(d, BY(HANDLER), "ask_more_time", now, PAIRS("reason=x", "workdays=0")), ERR_INPUT,
                 "flow.field.range");
    assert_fails(try_move(d, BY(HANDLER), "ask_more_time", now, PAIRS("reason=x", "workdays=三")), ERR_INPUT,
                 "flow.field.number");
    assert_fails(try_move(d, BY(HANDLER), "suspend", now, PAIRS("ground=not_my_duty", "reason=x")), ERR_INPUT,
                 "flow.field.choice"); /* of another move's list */
}

static void lengths_are_counted_in_characters(void **state)
{
    struct desk *d = *state;
    char text[3 * 2001 + 8] = "text=";
    for (int i = 0; i < 2000; i++)
        memcpy(text + 5 + 3 * i, "村", 3);
    open_matter(d, at("2026-03-02", 9, 0), "category=help", "topic=safety", text);
    memcpy(text + 5 + 3 * 2000, "村", 3);
    assert_fails(try_open(d, BY(VILLAGER), at("2026-03-02", 9, 0), PAIRS("category=help", "topic=safety", text)),
                 ERR_INPUT, "flow.field.length");
}

static void a_number_is_written_from_its_format(void **state)
{
    struct desk *d = *state;
    assert_string_equal(flow_number(d->f.ctx->arena, d->flow, TEXT("500116106"), 2026, 42), "500116106-QZ-2026-00042");
    assert_string_equal(flow_number(d->f.ctx->arena, d->flow, TEXT("1"), 2026, 1234567), "1-QZ-2026-1234567");
}

static void the_version_is_the_hash_of_the_file(void **state)
{
    struct desk *d = *state;
    struct text bytes = read_file(&d->f, requests_flow);
    struct flow *same, *other;
    assert_ok(&d->f, flow_read(d->f.ctx, requests_flow, bytes, d->rules, &same));
    assert_string_equal(same->version, d->flow->version);
    assert_int_equal(strlen(same->version), 64);
    char *more = arena_printf(d->f.ctx->arena, "%s\n", bytes.at);
    assert_ok(&d->f, flow_read(d->f.ctx, requests_flow, text_of(more), d->rules, &other));
    assert_string_not_equal(other->version, d->flow->version);
}

/* --- corners, on a flow of their own --- */

static const char corners[] =
    "flow: corners\nname: {zh: 角, en: Corners}\nnumber: '{year}-{serial:3}'\nopening: {zh: 开, en: Open}\n"
    "opened_by: villager\nvisible_to: [author, desk]\nfields: []\n"
    "states:\n  still: {zh: 停, en: Still, owner: desk}\n  busy: {zh: 忙, en: Busy, owner: desk}\n  end: {zh: 完, en: "
    "End, final: true}\n"
    "clocks:\n"
    "  hours: {zh: 小时, en: Hours, hours: 4, starts: [file, again], paused_in: still, warn: 30 minutes, then: nudge}\n"
    "  days: {zh: 天, en: Days, days: 1, starts: file, then: only_still}\n"
    "moves:\n  - {name: begin, zh: 开始, en: Begin, from: still, to: busy, by: desk}\n"
    "  - {name: rest, zh: 休息, en: Rest, from: busy, to: still, by: desk}\n"
    "  - {name: again, zh: 重来, en: Again, from: busy, stays: true, by: desk}\n"
    "  - {name: finish, zh: 结束, en: Finish, from: any, to: end, by: desk}\n"
    "  - {name: nudge, zh: 提醒, en: Nudge, from: any, stays: true, by: system, most: 1}\n"
    "  - {name: jump, zh: 跳, en: Jump, from: any, to: busy, by: desk}\n"
    "  - {name: only_still, zh: 仅停, en: Only still, from: still, stays: true, by: system}\n";

static void read_corners(struct desk *d)
{
    assert_ok(&d->f, flow_read(d->f.ctx, "corners.yaml", text_of(corners), d->rules, &d->flow));
    assert_ok(&d->f, try_open(d, BY(VILLAGER), at("2026-03-02", 9, 0), NULL));
}

static void a_clock_may_begin_standing_still_and_counts_hours_only_while_it_runs(void **state)
{
    struct desk *d = *state;
    read_corners(d);
    assert_int_equal(running(d, "hours")->changes, CLOCK_STARTED | CLOCK_PAUSED);
    move_plain(d, DESK, "begin", at("2026-03-02", 12, 0));
    assert_int_equal(running(d, "hours")->due, at("2026-03-02", 16, 0));
    assert_int_equal(running(d, "hours")->warn_at, at("2026-03-02", 15, 30));
    move_plain(d, DESK, "rest", at("2026-03-02", 15, 45));
    move_plain(d, DESK, "begin", at("2026-03-03", 9, 0));
    assert_int_equal(running(d, "hours")->due, at("2026-03-03", 9, 15));
    move_plain(d, DESK, "rest", at("2026-03-03", 9, 1));
    move_plain(d, DESK, "finish", at("2026-03-03", 10, 0));
    assert_int_equal(running(d, "hours")->stopped, at("2026-03-03", 10, 0));
    assert_int_equal(running(d, "hours")->paused_since, 0);
    assert_int_equal(running(d, "hours")->paused_count, 3); /* the last span ends with the clock */
}

static void a_clock_that_is_started_while_it_runs_is_another(void **state)
{
    struct desk *d = *state;
    read_corners(d);
    move_plain(d, DESK, "begin", at("2026-03-02", 9, 0));
    move_plain(d, DESK, "again", at("2026-03-02", 11, 0));
    assert_int_equal(d->matter.clock_count, 3);
    assert_int_equal(d->matter.clocks[0].stopped, at("2026-03-02", 11, 0));
    assert_int_equal(d->matter.clocks[0].changes, CLOCK_STOPPED);
    assert_string_equal(d->matter.clocks[2].name, "hours");
    assert_int_equal(d->matter.clocks[2].due, at("2026-03-02", 15, 0));
    assert_int_equal(d->matter.clocks[2].changes, CLOCK_STARTED);
}

static void any_state_means_neither_the_final_nor_the_one_it_leads_to(void **state)
{
    struct desk *d = *state;
    int64_t now = at("2026-03-02", 9, 0);
    read_corners(d);
    assert_string_equal(moves_for(d, BY(DESK), now), "begin finish jump");
    move_plain(d, DESK, "jump", now);
    assert_string_equal(moves_for(d, BY(DESK), now), "rest again finish");
    move_plain(d, DESK, "finish", now);
    assert_string_equal(moves_for(d, BY(DESK), now), "");
}

static void what_is_due_comes_in_order_and_only_with_moves_that_are_possible(void **state)
{
    struct desk *d = *state;
    struct flow_fired *fired;
    read_corners(d);
    move_plain(d, DESK, "begin", at("2026-03-02", 9, 0));
    int64_t late = at("2026-03-05", 0, 0);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, late, &fired), 2);
    assert_string_equal(d->matter.clocks[fired[0].clock].name, "hours");
    assert_string_equal(fired[0].then->name, "nudge");
    assert_string_equal(d->matter.clocks[fired[1].clock].name, "days");
    assert_null(fired[1].then); /* not in this state */
    move_plain(d, SYSTEM, "nudge", late);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, late, &fired), 2);
    assert_null(fired[0].then); /* used up */
}

static void an_unsure_rule_counts_but_its_source_is_not_shown(void **state)
{
    struct desk *d = *state;
    static const char rules[] =
        "rules:\n  - {key: a.b, value: 2, unit: hour, count: H, source: 据说, mark: unsure, name: {zh: 甲, "
        "en: A}}\n";
    assert_ok(&d->f, rules_read(d->f.ctx, "r", text_of(rules), &d->rules));
    const char *sure = strstr(corners, "hours: 4");
    const char *bytes = arena_printf(d->f.ctx->arena, "%.*skey: a.b%s", (int)(sure - corners), corners, sure + 8);
    assert_ok(&d->f, flow_read(d->f.ctx, "corners.yaml", text_of(bytes), d->rules, &d->flow));
    d->world.rules = d->rules;
    assert_ok(&d->f, try_open(d, BY(VILLAGER), at("2026-03-02", 9, 0), NULL));
    assert_string_equal(running(d, "hours")->key, "a.b");
    assert_int_equal(running(d, "hours")->due, at("2026-03-02", 11, 0));
    assert_null(running(d, "hours")->source);
}

static void every_role_is_found_by_its_key(void **state)
{
    (void)state;
    for (int i = 0; i < ROLE_COUNT; i++) {
        assert_int_equal(role_find(text_of(role_key((enum role)i))), i);
        for (int language = 0; language < LANGUAGE_COUNT; language++)
            assert_true(strlen(label_say(role_label((enum role)i), (enum language)language)) > 0);
    }
    assert_int_equal(role_find(TEXT("mayor")), -1);
}

/* --- the language --- */

static void the_language_is_enough_for_the_other_flows(void **state)
{
    struct desk *d = *state;
    static const char *const names[] = { "petition", "hearing", "alarm", "pairing" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *rules_path = arena_printf(d->f.ctx->arena, "docs/flows/rules.yaml");
        const char *path = arena_printf(d->f.ctx->arena, "docs/flows/%s.yaml", names[i]);
        struct rules *rules;
        struct flow *flow;
        assert_ok(&d->f, rules_read(d->f.ctx, rules_path, read_file(&d->f, rules_path), &rules));
        assert_ok(&d->f, flow_read(d->f.ctx, path, read_file(&d->f, path), rules, &flow));
        assert_string_equal(flow->key, names[i]);
        assert_true(flow->clock_count > 0);
    }
}

static void load(struct desk *d, const char *name)
{
    const char *rules_path = arena_printf(d->f.ctx->arena, "docs/flows/rules.yaml");
    const char *path = arena_printf(d->f.ctx->arena, "docs/flows/%s.yaml", name);
    assert_ok(&d->f, rules_read(d->f.ctx, rules_path, read_file(&d->f, rules_path), &d->rules));
    d->world.rules = d->rules;
    assert_ok(&d->f, flow_read(d->f.ctx, path, read_file(&d->f, path), d->rules, &d->flow));
}

static void a_hearing_stops_only_the_clock_that_names_it(void **state)
{
    struct desk *d = *state;
    load(d, "petition");
    assert_ok(&d->f, try_open(d, BY(PETITION_OFFICE), at("2026-03-02", 9, 0),
                              PAIRS("kind=appeal", "text=征地补偿", "petitioner=5")));
    move(d, PETITION_OFFICE, "accept", at("2026-03-03", 9, 0), "handler=9");
    assert_int_equal(running(d, "handle")->due, end_of("2026-05-06")); /* 2 May falls into the holiday */
    move_plain(d, HANDLER, "hear", at("2026-03-10", 9, 0));
    assert_int_equal(running(d, "handle")->paused_since, 0); /* 信访条例 34 says nothing of hearings */
    move_plain(d, HANDLER, "heard", at("2026-03-20", 9, 0));
    move(d, HANDLER, "ask_extension", at("2026-03-23", 9, 0), "reason=复杂", "days=30");
    move_plain(d, TOWN_LEADER, "approve_extension", at("2026-03-24", 9, 0));
    assert_int_equal(running(d, "handle")->unmoved, day_of(at("2026-06-01", 9, 0)));
    move(d, HANDLER, "decide", at("2026-03-25", 9, 0), "outcome=support", "opinion=予以支持");
    move(d, AUTHOR, "ask_review", at("2026-03-30", 9, 0), "reason=不服");
    move(d, HIGHER_BODY, "decide_review", at("2026-04-10", 9, 0), "outcome=reject", "opinion=维持");
    move(d, AUTHOR, "ask_recheck", at("2026-04-15", 9, 0), "reason=不服");
    assert_int_equal(running(d, "recheck")->due, end_of("2026-05-15"));
    move_plain(d, HIGHER_BODY, "hear_recheck", at("2026-04-20", 9, 0));
    assert_int_equal(running(d, "recheck")->paused_since, at("2026-04-20", 9, 0)); /* 信访条例 36 */
    move_plain(d, HIGHER_BODY, "heard_recheck", at("2026-04-27", 9, 0));
    assert_int_equal(running(d, "recheck")->unmoved, day_of(at("2026-05-22", 9, 0)));
}

static void an_extension_is_bounded_by_its_rule(void **state)
{
    struct desk *d = *state;
    load(d, "petition");
    assert_ok(&d->f, try_open(d, BY(PETITION_OFFICE), at("2026-03-02", 9, 0),
                              PAIRS("kind=appeal", "text=征地补偿", "petitioner=5")));
    move(d, PETITION_OFFICE, "accept", at("2026-03-03", 9, 0), "handler=9");
    const struct err *err = try_move(d, BY(HANDLER), "ask_extension", at("2026-03-23", 9, 0),
                                     PAIRS("reason=复杂", "days=31"));
    assert_fails(err, ERR_INPUT, "flow.field.range");
    assert_string_equal(err->arguments[2], "30");
}

static void an_alarm_climbs_by_minutes_until_somebody_acknowledges(void **state)
{
    struct desk *d = *state;
    struct flow_fired *fired;
    load(d, "alarm");
    int64_t now = at("2026-10-03", 23, 58);
    assert_ok(&d->f, try_open(d, BY(SYSTEM), now, PAIRS("condition=smoke", "level=red", "device=8")));
    static const char *const owners[] = { "contact", "group_leader", "grid_worker", "village_duty", "town_duty" };
    for (int i = 0; i < 5; i++) {
        assert_string_equal(role_key((enum role)__builtin_ctzll(d->result->state->owner)), owners[i]);
        now += 5 * MICROS_PER_MINUTE;
        assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, now, &fired),
                         0); /* the last moment is still in time */
        now += 1;
        assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, now, &fired), 1);
        assert_non_null(fired[0].then);
        if (i == 4)
            break;
        move_plain(d, SYSTEM, fired[0].then->name, now);
    }
    move_plain(d, TOWN_DUTY, "acknowledge_at_town", now);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, now + MICROS_PER_HOUR, &fired), 0);
}

/* --- clocks that end at a moment somebody chose --- */

static void a_clock_may_end_at_a_moment_that_was_filed(void **state)
{
    struct desk *d = *state;
    const char *rules = "src/systems/ballots/rules.yaml", *path = "src/systems/ballots/flow.yaml";
    struct flow_fired *fired;
    assert_ok(&d->f, rules_read(d->f.ctx, rules, read_file(&d->f, rules), &d->rules));
    d->world.rules = d->rules;
    assert_ok(&d->f, flow_read(d->f.ctx, path, read_file(&d->f, path), d->rules, &d->flow));
    int64_t now = at("2026-03-02", 9, 0), closes = at("2026-03-03", 18, 0);
    const struct err *err = try_open(d, BY(DESK), now, PAIRS("title=t", "opens=2026-03-03T09:00", "closes=2026-03-03",
                                                             "tool=common", "terms={}"));
    assert_fails(err, ERR_INPUT, "flow.field.moment");
    assert_ok(&d->f, try_open(d, BY(DESK), now, PAIRS("title=t", "opens=2026-03-03T09:00", "closes=2026-03-03T18:00",
                                                      "tool=common", "terms={}")));
    assert_int_equal(running(d, "lapsing")->due, closes - 1);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, closes - 1, &fired), 0);
    assert_int_equal(flow_due(d->f.ctx, d->flow, &d->matter, closes, &fired), 1);
    assert_string_equal(fired[0].then->name, "lapse");
    struct running_clock *again = flow_recompute(d->f.ctx, d->flow, NULL, d->matter.clocks, d->matter.clock_count);
    assert_int_equal(again[0].due, closes - 1); /* no calendar moves it */
    assert_int_equal(again[0].changes, 0);
}

static const char asking_again[] =
    "flow: again\nname: {zh: 再问, en: Again}\nnumber: '{year}-{serial:3}'\nopening: {zh: 开, en: Open}\n"
    "opened_by: villager\nvisible_to: [author, desk]\n"
    "lists:\n  kinds:\n    - {key: consult, zh: 咨询, en: Question}\n    - {key: help, zh: 求助, en: Help}\n"
    "fields:\n  - {key: kind, zh: 类别, en: Kind, type: choice, of: kinds, required: true}\n"
    "asked:\n  - {key: minutes, zh: 分钟, en: Minutes, type: int, least: 0, most: 200000}\n"
    "states:\n  open: {zh: 开, en: Open, owner: desk}\n  end: {zh: 完, en: End, final: true}\n"
    "clocks:\n"
    "  finish: {zh: 办结, en: Finish, by: kind, key: {consult: order.finish_question, else: order.finish_other}, starts: sort}\n"
    "  wait: {zh: 等, en: Wait, minutes: 10000, starts: file}\n"
    "moves:\n  - {name: sort, zh: 归类, en: Sort, from: open, stays: true, by: desk, asks: [kind]}\n"
    "  - {name: longer, zh: 延长, en: Longer, from: open, stays: true, by: desk, asks: [minutes], extends: wait, extends_by: minutes}\n"
    "  - {name: finish, zh: 结束, en: Finish, from: open, to: end, by: desk}\n";

static void a_clock_goes_by_what_the_move_that_starts_it_was_told(void **state)
{
    struct desk *d = *state;
    assert_ok(&d->f, flow_read(d->f.ctx, "again.yaml", text_of(asking_again), d->rules, &d->flow));
    open_matter(d, at("2026-03-02", 9, 0), "kind=help");
    move(d, DESK, "sort", at("2026-03-02", 10, 0), "kind=consult");
    assert_string_equal(running(d, "finish")->key, "order.finish_question");
    move(d, DESK, "sort", at("2026-03-02", 11, 0), "kind=help");
    assert_string_equal(running(d, "finish")->key, "order.finish_other");
}

static void no_extension_makes_a_clock_end_earlier(void **state)
{
    struct desk *d = *state;
    assert_ok(&d->f, flow_read(d->f.ctx, "again.yaml", text_of(asking_again), d->rules, &d->flow));
    open_matter(d, at("2026-03-02", 9, 0), "kind=help");
    int64_t before = running(d, "wait")->due;
    move(d, DESK, "longer", at("2026-03-02", 10, 0), "minutes=200000");
    assert_int_equal(running(d, "wait")->due, before + (period_most(UNIT_MINUTE) - 10000) * MICROS_PER_MINUTE);
    move(d, DESK, "longer", at("2026-03-02", 11, 0), "minutes=1");
    assert_int_equal(running(d, "wait")->due, before + (period_most(UNIT_MINUTE) - 10000) * MICROS_PER_MINUTE);
}

/* --- files with a mistake --- */

/* Each file in tests/data/flows/bad begins with a line "# expect LINE: REASON". */
static void one_bad_file(struct desk *d, const char *name)
{
    const char *path = arena_printf(d->f.ctx->arena, "tests/data/flows/bad/%s", name);
    struct text bytes = read_file(&d->f, path), rest, reason;
    struct text first = text_cut(bytes, '\n', &rest);
    assert_true(text_starts(first, "# expect "));
    struct text line = text_cut((struct text){ first.at + 9, first.size - 9 }, ':', &reason);
    struct flow *flow;
    const struct err *err = flow_read(d->f.ctx, path, bytes, d->rules, &flow);
    if (!err)
        fail_msg("%s is accepted", name);
    assert_string_equal(err->arguments[0], path);
    if (!text_is(line, err->arguments[1]) || !text_is(text_trim(reason), err->arguments[2]))
        fail_msg("%s: line %s: %s", name, err->arguments[1], err->arguments[2]);
}

static void each_kind_of_mistake_is_refused_with_line_and_reason(void **state)
{
    struct desk *d = *state;
    struct dirent **entries;
    const char *path = "tests/data/flows/bad/bad.rules.yaml";
    assert_ok(&d->f, rules_read(d->f.ctx, path, read_file(&d->f, path), &d->rules));
    int count = scandir("tests/data/flows/bad", &entries, NULL, alphasort), tried = 0;
    assert_true(count > 0);
    for (int i = 0; i < count; i++) {
        struct text name = text_of(entries[i]->d_name);
        if (text_ends(name, ".yaml") && !text_ends(name, ".rules.yaml")) {
            one_bad_file(d, entries[i]->d_name);
            tried++;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(tried >= 100);
}

static int begin(void **state)
{
    static struct desk desk;
    struct desk *d = &desk;
    memset(d, 0, sizeof *d);
    fixture_begin(&d->f);
    const char *days = "tests/vectors/calendar/holidays-2024-2026.csv";
    assert_ok(&d->f, calendar_read(d->f.ctx, days, read_file(&d->f, days), &d->calendar));
    assert_ok(&d->f, rules_read(d->f.ctx, requests_rules, read_file(&d->f, requests_rules), &d->rules));
    assert_ok(&d->f, flow_read(d->f.ctx, requests_flow, read_file(&d->f, requests_flow), d->rules, &d->flow));
    d->world = (struct flow_world){ d->rules, d->calendar, NULL, 0 };
    *state = d;
    return 0;
}

static int end(void **state)
{
    struct desk *d = *state;
    fixture_end(&d->f);
    return 0;
}

#define row(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        row(a_request_walks_the_whole_way),
        row(a_question_has_less_time_and_a_place_may_set_its_own),
        row(everybody_sees_exactly_their_buttons),
        row(a_move_that_is_not_possible_says_why),
        row(a_request_may_be_reopened_once_and_returned_twice),
        row(more_time_is_asked_before_the_due_day_and_once),
        row(a_suspended_request_gets_its_time_back),
        row(clocks_warn_then_fire_and_the_machine_says_which_move),
        row(an_extension_granted_late_lets_the_clock_fire_again),
        row(silence_lapses),
        row(a_provisional_end_is_computed_again_when_the_calendar_comes),
        row(an_accusation_is_sealed),
        row(what_is_asked_is_checked),
        row(lengths_are_counted_in_characters),
        row(a_number_is_written_from_its_format),
        row(the_version_is_the_hash_of_the_file),
        row(a_clock_may_begin_standing_still_and_counts_hours_only_while_it_runs),
        row(a_clock_that_is_started_while_it_runs_is_another),
        row(any_state_means_neither_the_final_nor_the_one_it_leads_to),
        row(what_is_due_comes_in_order_and_only_with_moves_that_are_possible),
        row(an_unsure_rule_counts_but_its_source_is_not_shown),
        row(every_role_is_found_by_its_key),
        row(the_language_is_enough_for_the_other_flows),
        row(a_clock_may_end_at_a_moment_that_was_filed),
        row(a_clock_goes_by_what_the_move_that_starts_it_was_told),
        row(no_extension_makes_a_clock_end_earlier),
        row(a_hearing_stops_only_the_clock_that_names_it),
        row(an_extension_is_bounded_by_its_rule),
        row(an_alarm_climbs_by_minutes_until_somebody_acknowledges),
        row(each_kind_of_mistake_is_refused_with_line_and_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
