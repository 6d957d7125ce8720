/* tests/unit/test_faces.c -- the tables by which systems show their matters, held against their flows: no row names what isn't
 * there, each state has its shape, and whomever a move tells there is a sentence for.
 * When this fails: the struct matter_face of the system named, or its flow.yaml. */
#include "file.h"
#include "fixture.h"

#include "commons/poll_pages.h"
#include "systems/requests/requests.h"

#include <stdlib.h>

struct shown {
    const struct matter_face *face;
    const char *flow, *rules;
};

static const struct shown all[] = {
    { &requests_face, "src/systems/requests/flow.yaml", "src/systems/requests/rules.yaml" },
    { &poll_face, "src/systems/ballots/flow.yaml", "src/systems/ballots/rules.yaml" },
};

enum { FACES = sizeof all / sizeof *all };

static const struct flow *flow_of(struct fixture *f, const struct shown *shown)
{
    struct rules *rules;
    struct flow *flow;
    assert_ok(f, rules_read(f->ctx, shown->rules, read_file(f, shown->rules), &rules));
    assert_ok(f, flow_read(f->ctx, shown->flow, read_file(f, shown->flow), rules, &flow));
    assert_string_equal(flow->key, shown->face->flow);
    return flow;
}

static void demand(bool is_there, const struct flow *flow, const char *what, const char *name)
{
    if (!is_there)
        fail_msg("the face of %s: %s %s", flow->key, what, name);
}

static void each_state_has_a_shape_that_is_drawn(void **state)
{
    struct fixture *f = *state;
    struct text icons = read_file(f, "web/icons.svg");
    for (int i = 0; i < FACES; i++) {
        const struct flow *flow = flow_of(f, &all[i]);
        int count = 0;
        for (const struct state_shape *row = all[i].face->shapes; row->state; row++, count++) {
            const char *symbol = arena_printf(f->ctx->arena, "id=\"%s\"", row->shape);
            demand(flow_state_find(flow, text_of(row->state)) != NULL, flow, "no state", row->state);
            demand(memmem(icons.at, icons.size, symbol, strlen(symbol)) != NULL, flow, "no symbol", row->shape);
            for (const struct state_shape *before = all[i].face->shapes; before < row; before++)
                assert_string_not_equal(before->state, row->state);
        }
        assert_int_equal(count, flow->state_count);
    }
}

static void demand_field(const struct flow *flow, const char *key, const char *column)
{
    const struct flow_field *field = key ? flow_field_find(flow, text_of(key)) : NULL;
    demand(!key || field, flow, "no field", key);
    if (key && column)
        demand(field->column && strcmp(field->column, column) == 0, flow, "in another column:", key);
}

static void the_head_of_a_page_shows_fields_of_the_flow(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < FACES; i++) {
        const struct matter_face *face = all[i].face;
        const struct flow *flow = flow_of(f, &all[i]);
        demand_field(flow, face->kind, "category");
        demand_field(flow, face->topic, "topic");
        demand_field(flow, face->accused, "accused");
        demand_field(flow, face->text, NULL);
        demand_field(flow, face->spot, NULL);
        demand_field(flow, face->answer, NULL);
    }
}

static void lists_and_buttons_name_states_and_moves_of_the_flow(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < FACES; i++) {
        const struct matter_face *face = all[i].face;
        const struct flow *flow = flow_of(f, &all[i]);
        for (const char *const *move = face->main_moves; move && *move; move++)
            demand(flow_move_find(flow, text_of(*move)) != NULL, flow, "no move", *move);
        for (int k = 0; face->marks && k < MATTER_MARKS; k++) {
            const struct matter_mark *mark = &face->marks[k];
            demand(flow_move_find(flow, text_of(mark->move)) != NULL, flow, "no move", mark->move);
            demand(!mark->state || flow_state_find(flow, text_of(mark->state)), flow, "no state", mark->state);
        }
        for (const struct inbox_view *view = face->views; view && view->key; view++)
            demand(!view->state || flow_state_find(flow, text_of(view->state)), flow, "no state", view->state);
    }
}

/* Who reads the sentences of a move: all but author and handler have one together. */
static role_mask readers_of(const struct flow_move *move)
{
    role_mask own = move->tells & (ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_HANDLER));
    return own | (move->tells & ~own ? ROLE_BIT(ROLE_OWNER) : 0);
}

static void whomever_a_move_tells_there_is_a_sentence_for(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < FACES; i++) {
        const struct flow *flow = flow_of(f, &all[i]);
        role_mask said[64] = { 0 };
        for (const struct told_move *row = all[i].face->told; row && row->move; row++) {
            const struct flow_move *move = flow_move_find(flow, text_of(row->move));
            demand(move != NULL, flow, "no move", row->move);
            demand(readers_of(move) & ROLE_BIT(row->reader), flow, "a sentence nobody reads, of", row->move);
            demand(!(said[move->index] & ROLE_BIT(row->reader)), flow, "two sentences for one reader of", row->move);
            demand(!row->clock || flow_clock_find(flow, text_of(row->clock)), flow, "no clock", row->clock);
            said[move->index] |= ROLE_BIT(row->reader);
        }
        for (int k = 0; all[i].face->told && k < flow->move_count; k++)
            demand(said[k] == readers_of(&flow->moves[k]), flow, "somebody is told without a sentence of", flow->moves[k].name);
    }
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    fixture_begin(f);
    *state = f;
    return 0;
}

static int end(void **state)
{
    fixture_end(*state);
    free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_state_has_a_shape_that_is_drawn, begin, end),
        cmocka_unit_test_setup_teardown(the_head_of_a_page_shows_fields_of_the_flow, begin, end),
        cmocka_unit_test_setup_teardown(lists_and_buttons_name_states_and_moves_of_the_flow, begin, end),
        cmocka_unit_test_setup_teardown(whomever_a_move_tells_there_is_a_sentence_for, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
