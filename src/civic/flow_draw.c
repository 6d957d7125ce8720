/* civic/flow_draw.c -- a flow as a picture and as lines.
 *
 * States are boxes in rows by their distance from the first. Moves that lead between the same two states share one
 * arrow with a line of label each. An arrow to the next row runs through the gap between the rows; any other runs in a
 * lane of its own: on the right when it goes down, on the left when it goes back up. Moves that stay are named in the
 * box. So no arrow crosses a box. */
#include "civic/flow_inside.h"

enum {
    BOX_HEIGHT = 48,
    GAP = 40,  /* between boxes of a row */
    LINE = 18, /* of text */
    LANE = 14, /* between arrows that run beside each other */
    MARGIN = 16,
    NARROW = 8, /* width of an ASCII character */
    WIDE = 14   /* and of any other */
};

struct arrow {
    int from, to; /* states */
    uint64_t moves;
    int lane; /* 0: through the gap; otherwise counted from the boxes outwards */
    int y;    /* of the first line of its label */
    int slot_out, slot_in;
};

struct box {
    int row, x, y, width, height;
    int outs, ins; /* arrows that leave below and come in above */
};

struct drawing {
    const struct flow *flow;
    enum language language;
    struct buffer *out;
    struct box boxes[FLOW_MOST];
    struct arrow arrows[FLOW_MOST * FLOW_MOST / 4];
    int arrow_count, row_count;
    int lanes_left, lanes_right, left, right, width, height;
    int row_y[FLOW_MOST + 1];
};

static int text_width(const char *said)
{
    int width = 0;
    for (struct text rest = text_of(said); rest.size;) {
        size_t size = text_character_size(rest);
        size += size == 0;
        width += size == 1 ? NARROW : WIDE;
        rest = (struct text){ rest.at + size, rest.size - size };
    }
    return width;
}

static const char *state_said(const struct drawing *d, int state)
{
    return label_say(&d->flow->states[state].label, d->language);
}

static const char *move_said(const struct drawing *d, int move)
{
    return label_say(&d->flow->moves[move].label, d->language);
}

static int bit_count(uint64_t mask)
{
    return __builtin_popcountll(mask);
}

/* --- arrows --- */

static struct arrow *arrow_between(struct drawing *d, int from, int to)
{
    for (int i = 0; i < d->arrow_count; i++)
        if (d->arrows[i].from == from && d->arrows[i].to == to)
            return &d->arrows[i];
    if (d->arrow_count == (int)(sizeof d->arrows / sizeof *d->arrows))
        return NULL; /* a picture of a thousand arrows says nothing; the text form has them all */
    struct arrow *arrow = &d->arrows[d->arrow_count++];
    *arrow = (struct arrow){ .from = from, .to = to };
    return arrow;
}

static void collect_arrows(struct drawing *d)
{
    for (int m = 1; m < d->flow->move_count; m++)
        for (int s = 0; d->flow->moves[m].to && s < d->flow->state_count; s++) {
            if (!(d->flow->moves[m].from & FLOW_BIT(s)))
                continue;
            struct arrow *arrow = arrow_between(d, s, d->flow->moves[m].to->index);
            if (arrow)
                arrow->moves |= FLOW_BIT(m);
        }
}

static int label_width(const struct drawing *d, uint64_t moves)
{
    int widest = 0;
    for (int m = 0; m < d->flow->move_count; m++)
        if ((moves & FLOW_BIT(m)) && text_width(move_said(d, m)) > widest)
            widest = text_width(move_said(d, m));
    return widest;
}

/* --- where everything stands --- */

static bool stays_in(const struct flow *flow, int move, int state)
{
    return !flow->moves[move].to && (flow->moves[move].from & FLOW_BIT(state)) &&
           !(flow->moves[move].by == ROLE_BIT(ROLE_SYSTEM)); /* the system's stand below the picture */
}

static void measure_boxes(struct drawing *d)
{
    int rows[FLOW_MOST];
    flow_distances(d->flow, rows);
    for (int s = 0; s < d->flow->state_count; s++) {
        struct box *box = &d->boxes[s];
        int widest = text_width(state_said(d, s)), lines = 1;
        for (int m = 1; m < d->flow->move_count; m++)
            if (stays_in(d->flow, m, s)) {
                int width = text_width(move_said(d, m)) + 2 * WIDE;
                widest = width > widest ? width : widest;
                lines++;
            }
        box->row = rows[s];
        box->width = (widest < 80 ? 80 : widest) + 32;
        box->height = BOX_HEIGHT + (lines - 1) * LINE;
        if (box->row + 1 > d->row_count)
            d->row_count = box->row + 1;
    }
    for (int i = 0; i < d->arrow_count; i++) {
        struct arrow *arrow = &d->arrows[i];
        d->boxes[arrow->from].outs++;
        d->boxes[arrow->to].ins++;
        int down = d->boxes[arrow->to].row - d->boxes[arrow->from].row;
        arrow->lane = down == 1 ? 0 : down > 1 ? ++d->lanes_right : ++d->lanes_left;
    }
}

/* The widest label of the arrows in the lanes of one side. */
static int side_label(const struct drawing *d, bool is_right)
{
    int widest = 0;
    for (int i = 0; i < d->arrow_count; i++) {
        bool goes_right = d->boxes[d->arrows[i].to].row > d->boxes[d->arrows[i].from].row;
        if (d->arrows[i].lane && goes_right == is_right && label_width(d, d->arrows[i].moves) > widest)
            widest = label_width(d, d->arrows[i].moves);
    }
    return widest;
}

/* What must fit below a row: the arrows to the next, one under the other, and the bends of those that leave and come.
 */
static int gap_below(struct drawing *d, int row)
{
    int lines = 0, bends = 0;
    for (int i = 0; i < d->arrow_count; i++) {
        struct arrow *arrow = &d->arrows[i];
        if (d->boxes[arrow->from].row == row)
            lines += bit_count(arrow->moves);
        else if (d->boxes[arrow->to].row == row + 1)
            bends++;
    }
    return lines * LINE + bends * LANE + 3 * LANE;
}

static void place_rows(struct drawing *d)
{
    int y = MARGIN + LINE + LANE * (1 + d->boxes[0].ins);
    for (int row = 0; row < d->row_count; row++) {
        int x = 0, tallest = 0;
        for (int s = 0; s < d->flow->state_count; s++) {
            struct box *box = &d->boxes[s];
            if (box->row != row)
                continue;
            int needs = (box->outs > box->ins ? box->outs : box->ins) * LANE + 2 * LANE;
            box->width = box->width < needs ? needs : box->width;
            box->x = x;
            box->y = y;
            x += box->width + GAP;
            tallest = box->height > tallest ? box->height : tallest;
        }
        d->row_y[row] = y + tallest;
        y += tallest + gap_below(d, row);
        d->right = x - GAP > d->right ? x - GAP : d->right;
    }
    d->height = y + MARGIN;
}

/* The rows stand in the middle; the lanes and their labels left and right of them. */
static void centre_rows(struct drawing *d)
{
    int row_width[FLOW_MOST] = { 0 }, inner = d->right;
    for (int i = 0; i < d->arrow_count; i++) { /* a label that stands beside an arrow in a gap needs room too */
        int width = label_width(d, d->arrows[i].moves) + 2 * MARGIN;
        inner = inner < d->boxes[d->arrows[i].from].width + width ? d->boxes[d->arrows[i].from].width + width : inner;
    }
    for (int s = 0; s < d->flow->state_count; s++) {
        int end = d->boxes[s].x + d->boxes[s].width;
        row_width[d->boxes[s].row] = end > row_width[d->boxes[s].row] ? end : row_width[d->boxes[s].row];
    }
    d->left = MARGIN + side_label(d, false) + LANE * (d->lanes_left + 1);
    for (int s = 0; s < d->flow->state_count; s++)
        d->boxes[s].x += d->left + (inner - row_width[d->boxes[s].row]) / 2;
    d->right = d->left + inner;
    d->width = d->right + LANE * (d->lanes_right + 1) + side_label(d, true) + MARGIN;
}

/* From where an arrow comes to a box, or where it goes from it: by this the arrows of an edge are put in order. */
static int side_of(const struct drawing *d, const struct arrow *arrow, bool is_out)
{
    if (arrow->lane)
        return d->boxes[arrow->to].row > d->boxes[arrow->from].row ? d->width + arrow->lane : -arrow->lane;
    const struct box *other = &d->boxes[is_out ? arrow->to : arrow->from];
    return other->x + other->width / 2;
}

static void order_slots(struct drawing *d)
{
    for (int i = 0; i < d->arrow_count; i++)
        for (int k = 0; k < d->arrow_count; k++) {
            struct arrow *one = &d->arrows[i], *other = &d->arrows[k];
            int out = side_of(d, other, true) - side_of(d, one, true),
                in = side_of(d, other, false) - side_of(d, one, false);
            one->slot_out += one->from == other->from && (out < 0 || (out == 0 && k < i));
            one->slot_in += one->to == other->to && (in < 0 || (in == 0 && k < i));
        }
}

/* --- drawing: attributes only, so that the picture may stand in a page whose policy allows no styles --- */

enum voice { NAME, OWNER, MOVE, BY_SYSTEM };

#define ARROW "<path fill=\"none\" stroke=\"#555\" marker-end=\"url(#tip)\" "

static void say(struct drawing *d, int x, int y, enum voice voice, const char *anchor, const char *said)
{
    static const char *const looks[] = {
        [NAME] = "font-weight=\"bold\"",
        [OWNER] = "font-size=\"12\" fill=\"#555\"",
        [MOVE] = "stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\"",
        [BY_SYSTEM] = "font-size=\"12\" fill=\"#555\" stroke=\"#fff\" stroke-width=\"4\" paint-order=\"stroke\"",
    };
    buffer_printf(d->out, "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" %s>", x, y, anchor, looks[voice]);
    buffer_html(d->out, text_of(said));
    buffer_string(d->out, "</text>\n");
}

static void say_moves(struct drawing *d, int x, int y, const char *anchor, uint64_t moves)
{
    for (int m = 0; m < d->flow->move_count; m++)
        if (moves & FLOW_BIT(m)) {
            say(d, x, y, d->flow->moves[m].by == ROLE_BIT(ROLE_SYSTEM) ? BY_SYSTEM : MOVE, anchor, move_said(d, m));
            y += LINE;
        }
}

static int slot_x(const struct box *box, int slot, int slots)
{
    return box->x + box->width * (slot + 1) / (slots + 1);
}

/* Out of the lower edge, along a level of its own below the row, and into the upper edge of the other box: directly, or
 * by the lane at the side. */
static void draw_arrow(struct drawing *d, struct arrow *arrow, int *level)
{
    const struct box *from = &d->boxes[arrow->from], *to = &d->boxes[arrow->to];
    int x1 = slot_x(from, arrow->slot_out, from->outs), x2 = slot_x(to, arrow->slot_in, to->ins);
    int y1 = from->y + from->height, lines = bit_count(arrow->moves);
    int along = d->row_y[from->row] + LANE + level[from->row];
    level[from->row] += lines * LINE;
    if (!arrow->lane) {
        buffer_printf(d->out, ARROW "d=\"M%d %dV%dH%dV%d\"/>\n", x1, y1, along, x2, to->y);
        bool is_right = x2 >= x1;
        say_moves(d, is_right ? x1 + 5 : x1 - 5, along + LINE - 5, is_right ? "start" : "end", arrow->moves);
        return;
    }
    bool goes_right = to->row > from->row;
    int lane = goes_right ? d->right + arrow->lane * LANE : d->left - arrow->lane * LANE;
    int above = to->y - LANE - arrow->slot_in * LANE / 2;
    buffer_printf(d->out, ARROW "d=\"M%d %dV%dH%dV%dH%dV%d\"/>\n", x1, y1, along, lane, above, x2, to->y);
    int x = goes_right ? d->right + (d->lanes_right + 1) * LANE : d->left - (d->lanes_left + 1) * LANE;
    say_moves(d, x, along + 5, goes_right ? "start" : "end", arrow->moves);
}

static void draw_box(struct drawing *d, int s)
{
    const struct box *box = &d->boxes[s];
    const struct flow_state *state = &d->flow->states[s];
    buffer_printf(d->out,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"%d\" fill=\"#fdfcf8\" stroke=\"#333\" "
                  "stroke-width=\"%d\"/>\n",
                  box->x, box->y, box->width, box->height, state->is_final ? 20 : 4, state->is_final ? 3 : 1);
    int middle = box->x + box->width / 2;
    say(d, middle, box->y + (state->owner ? 21 : 29), NAME, "middle", state_said(d, s));
    if (state->owner)
        say(d, middle, box->y + 39, OWNER, "middle",
            label_say(role_label((enum role)__builtin_ctzll(state->owner)), d->language));
    int y = box->y + 39 + LINE;
    for (int m = 1; m < d->flow->move_count; m++)
        if (stays_in(d->flow, m, s)) {
            scoped(buffer_clear) struct buffer said = { 0 };
            buffer_printf(&said, "\xE2\x86\xBB %s", move_said(d, m));
            buffer_byte(&said, '\0');
            say(d, middle, y, MOVE, "middle", said.at);
            y += LINE;
        }
}

static void draw_all(struct drawing *d)
{
    int level[FLOW_MOST] = { 0 };
    buffer_printf(
        d->out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" "
        "font-family=\"sans-serif\" font-size=\"14\">\n<title>",
        d->width, d->height, d->width, d->height);
    buffer_html(d->out, text_of(label_say(&d->flow->label, d->language)));
    buffer_string(d->out,
                  "</title>\n<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" "
                  "markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#555\"/></marker></defs>\n"
                  "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
    const struct box *first = &d->boxes[0];
    int x = first->x + 8;
    buffer_printf(d->out, ARROW "d=\"M%d %dV%d\"/>\n", x, MARGIN + 4, first->y);
    say(d, x + 6, MARGIN + 8, MOVE, "start", move_said(d, 0));
    for (int i = 0; i < d->arrow_count; i++)
        draw_arrow(d, &d->arrows[i], level);
    for (int s = 0; s < d->flow->state_count; s++)
        draw_box(d, s);
    buffer_string(d->out, "</svg>\n");
}

void flow_draw(const struct flow *flow, enum language language, struct buffer *out)
{
    struct arena *arena = arena_new();
    struct drawing *d = arena_new_of(arena, struct drawing);
    d->flow = flow;
    d->language = language;
    d->out = out;
    collect_arrows(d);
    measure_boxes(d);
    place_rows(d);
    centre_rows(d);
    order_slots(d);
    draw_all(d);
    arena_free(arena);
}

/* --- as lines --- */

static void print_roles(struct buffer *out, enum language language, role_mask mask)
{
    const char *between = "";
    for (int role = 0; role < ROLE_COUNT; role++)
        if (mask & ROLE_BIT(role)) {
            buffer_printf(out, "%s%s", between, label_say(role_label((enum role)role), language));
            between = ", ";
        }
}

static void print_states(const struct flow *flow, enum language language, uint64_t states, struct buffer *out)
{
    const char *between = "";
    for (int s = 0; s < flow->state_count; s++)
        if (states & FLOW_BIT(s)) {
            buffer_printf(out, "%s%s", between, label_say(&flow->states[s].label, language));
            between = " | ";
        }
}

static void print_length(const struct flow_clock *clock, struct buffer *out)
{
    if (clock->key)
        buffer_string(out, clock->key);
    else if (clock->keys)
        for (int i = 0; i < clock->by->list->count; i++)
            buffer_printf(out, "%s%s: %s", i ? ", " : "", clock->by->list->items[i].key, clock->keys[i]);
    else if (clock->at)
        buffer_string(out, clock->at->key);
    else
        buffer_printf(out, "%lld %s %s", (long long)clock->own.value, unit_key(clock->own.unit),
                      count_key(clock->own.count));
}

static void print_move(const struct flow *flow, enum language language, const struct flow_move *move,
                       struct buffer *out)
{
    buffer_printf(out, "  %s (%s): ", label_say(&move->label, language), move->name);
    print_states(flow, language, move->from, out);
    buffer_string(out, move->from ? " -> " : "-> ");
    buffer_string(out, move->to ? label_say(&move->to->label, language) : "=");
    buffer_string(out, " [");
    print_roles(out, language, move->by);
    buffer_string(out, "]\n");
}

void flow_print(const struct flow *flow, enum language language, struct buffer *out)
{
    buffer_printf(out, "%s (%s) %s\n\n", label_say(&flow->label, language), flow->key, flow->version);
    for (int s = 0; s < flow->state_count; s++) {
        const struct flow_state *state = &flow->states[s];
        buffer_printf(out, "  %s (%s)%s", label_say(&state->label, language), state->key,
                      state->is_final ? " #" : " [");
        print_roles(out, language, state->owner);
        buffer_string(out, state->is_final ? "\n" : "]\n");
    }
    buffer_string(out, "\n");
    for (int m = 0; m < flow->move_count; m++)
        print_move(flow, language, &flow->moves[m], out);
    buffer_string(out, flow->clock_count ? "\n" : "");
    for (int c = 0; c < flow->clock_count; c++) {
        const struct flow_clock *clock = &flow->clocks[c];
        buffer_printf(out, "  %s (%s): ", label_say(&clock->label, language), clock->name);
        print_length(clock, out);
        if (clock->then)
            buffer_printf(out, " => %s", label_say(&clock->then->label, language));
        buffer_string(out, "\n");
    }
}
