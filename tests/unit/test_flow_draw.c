/* When this fails, look in src/civic/flow_draw.c. */
#include "file.h"
#include "fixture.h"

#include "base/buffer.h"
#include "civic/flow.h"

struct drawn {
    struct fixture f;
    struct flow *flow;
    struct buffer out;
};

static void read_flow(struct drawn *d, const char *rules_path, const char *path)
{
    struct rules *rules;
    assert_ok(&d->f, rules_read(d->f.ctx, rules_path, read_file(&d->f, rules_path), &rules));
    assert_ok(&d->f, flow_read(d->f.ctx, path, read_file(&d->f, path), rules, &d->flow));
}

static int times(const struct buffer *out, const char *part)
{
    int count = 0;
    size_t size = strlen(part);
    for (size_t i = 0; i + size <= out->size; i++)
        count += memcmp(out->at + i, part, size) == 0;
    return count;
}

static bool names(const struct drawn *d, const struct label *label, enum language language)
{
    struct buffer said = { 0 };
    buffer_byte(&said, '>');
    buffer_html(&said, text_of(label_say(label, language)));
    buffer_string(&said, "</text>");
    buffer_byte(&said, '\0');
    bool found = times(&d->out, said.at) > 0;
    buffer_clear(&said);
    return found;
}

static void every_state_and_every_move_is_in_the_picture(void **state)
{
    static const char *const paths[] = { "docs/flows/petition.yaml", "docs/flows/hearing.yaml", "docs/flows/alarm.yaml",
                                         "docs/flows/pairing.yaml" };
    struct drawn *d = *state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        read_flow(d, "docs/flows/rules.yaml", paths[i]);
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            buffer_clear(&d->out);
            flow_draw(d->flow, (enum language)language, &d->out);
            for (int s = 0; s < d->flow->state_count; s++)
                assert_true(names(d, &d->flow->states[s].label, (enum language)language));
            for (int m = 0; m < d->flow->move_count; m++)
                if (d->flow->moves[m].to)
                    assert_true(names(d, &d->flow->moves[m].label, (enum language)language));
            assert_int_equal(times(&d->out, "rx=\""), d->flow->state_count);
            assert_int_equal(times(&d->out, "<text"), times(&d->out, "</text>"));
        }
    }
}

/* The box of a state: its name stands in it. Every picture of a flow must keep its boxes apart and inside. */
static void boxes_stand_apart_inside_the_picture(void **state)
{
    struct drawn *d = *state;
    int width, height, count = 0, boxes[64][4];
    read_flow(d, "docs/flows/rules.yaml", "docs/flows/petition.yaml");
    flow_draw(d->flow, LANGUAGE_ZH, &d->out);
    buffer_byte(&d->out, '\0');
    assert_int_equal(sscanf(strstr(d->out.at, "viewBox=\"0 0 "), "viewBox=\"0 0 %d %d", &width, &height), 2);
    for (const char *at = d->out.at; (at = strstr(at, "<rect x=")); at++, count++) {
        int *box = boxes[count];
        assert_int_equal(
            sscanf(at, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"", &box[0], &box[1], &box[2], &box[3]), 4);
        assert_true(box[0] > 0 && box[1] > 0 && box[0] + box[2] < width && box[1] + box[3] < height);
        for (int i = 0; i < count; i++)
            assert_true(boxes[i][0] + boxes[i][2] < box[0] || box[0] + box[2] < boxes[i][0] ||
                        boxes[i][1] + boxes[i][3] < box[1] || box[1] + box[3] < boxes[i][1]);
    }
    assert_int_equal(count, d->flow->state_count);
}

static void what_a_file_calls_things_is_escaped(void **state)
{
    struct drawn *d = *state;
    static const char bytes[] =
        "flow: x\nname: {zh: '<b>', en: '<b>'}\nnumber: '{year}-{serial:3}'\nopening: {zh: 开, en: '\"&'}\n"
        "opened_by: desk\nvisible_to: desk\nfields: []\nstates:\n  a: {zh: '<a>', en: '<a>', owner: desk}\n"
        "  z: {zh: '<z>', en: '<z>', final: true}\nmoves:\n"
        "  - {name: go, zh: '<i>', en: '<i>', from: a, to: z, by: desk}\n";
    struct rules *rules;
    assert_ok(&d->f, rules_read(d->f.ctx, "r", TEXT("rules: []\n"), &rules));
    assert_ok(&d->f, flow_read(d->f.ctx, "x", text_of(bytes), rules, &d->flow));
    flow_draw(d->flow, LANGUAGE_EN, &d->out);
    assert_int_equal(times(&d->out, "<b>") + times(&d->out, "<a>") + times(&d->out, "<z>") + times(&d->out, "<i>"), 0);
    assert_int_equal(times(&d->out, "&lt;z&gt;"), 1);
}

static void the_text_form_names_every_clock_with_its_rule(void **state)
{
    struct drawn *d = *state;
    read_flow(d, "src/systems/requests/rules.yaml", "src/systems/requests/flow.yaml");
    flow_print(d->flow, LANGUAGE_ZH, &d->out);
    assert_int_equal(times(&d->out, "派单 (dispatch): 已提交 -> 已派单 [受理台]\n"), 1);
    assert_int_equal(times(&d->out, "派单 (dispatch): order.dispatch => 超时提级\n"), 1);
    assert_int_equal(times(&d->out, "等待评价 (silence): 10 day ND => 逾期未评价，自动办结\n"), 1);
    assert_int_equal(times(&d->out, "已办结 (closed) #\n"), 1);
    assert_int_equal(times(&d->out, "提交 (file): -> 已提交 [村民, 网格员, 受理台]\n"), 1);
}

static int begin(void **state)
{
    static struct drawn drawn;
    memset(&drawn, 0, sizeof drawn);
    fixture_begin(&drawn.f);
    *state = &drawn;
    return 0;
}

static int end(void **state)
{
    struct drawn *d = *state;
    buffer_clear(&d->out);
    fixture_end(&d->f);
    return 0;
}

#define row(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        row(every_state_and_every_move_is_in_the_picture),
        row(boxes_stand_apart_inside_the_picture),
        row(what_a_file_calls_things_is_escaped),
        row(the_text_form_names_every_clock_with_its_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
