/* civic/flow_inside.h -- what the files of the flow machine share.
 * Owns:          struct flow_reader; the order of reading (names first, then what refers to them)
 * Must not know: who calls the machine
 * Begin at:      flow_read() in flow_read.c, then flow_read_parts.c, flow_read_moves.c and flow_check.c
 */
#ifndef CIVIC_FLOW_INSIDE_H
#define CIVIC_FLOW_INSIDE_H
#include "civic/flow.h"
#include "civic/read_inside.h"

struct flow_reader {
    struct reader reader; /* first, so that REFUSE() and read_…() take its address */
    struct flow *flow;
    const struct rules *rules;
    const struct yaml *root;
    /* Where each thing stands, in the order of the arrays of struct flow. */
    const struct yaml *states, *clocks, *moves;
    const struct yaml **fields;
    const struct yaml **lists;
};

#define FLOW_BIT(index) (UINT64_C(1) << (index))

/* flow_read_parts.c: lists, fields, states; and words that name roles, states, moves */
fallible flow_read_lists(struct flow_reader *r);
fallible flow_read_fields(struct flow_reader *r);
fallible flow_read_states(struct flow_reader *r);
fallible flow_read_roles(struct flow_reader *r, const struct yaml *map, const char *what, const char *key,
                         bool is_needed, role_mask *ret);
fallible flow_read_number_format(struct flow_reader *r);
fallible flow_read_sealed(struct flow_reader *r);

/* flow_read_moves.c: moves and clocks, which refer to each other */
fallible flow_read_move_names(struct flow_reader *r);
fallible flow_read_clocks(struct flow_reader *r);
fallible flow_read_moves(struct flow_reader *r);

/* flow_check.c: what only the whole can show */
fallible flow_check(struct flow_reader *r);

/* flow_answers.c: what was given for the fields asked, checked */
fallible flow_take_answers(struct ctx *ctx, const struct flow_world *world, const struct flow_move *move,
                           const struct flow_given *given, int given_count, struct node **ret);

/* flow_clocks.c: what a move does to the clocks. RESULT has its move, state and answers. */
fallible flow_move_clocks(struct ctx *ctx, const struct flow *flow, const struct flow_world *world,
                          const struct flow_matter *matter, int64_t now, struct flow_result *result);

/* flow.c: how often the move was made */
int flow_times(const struct flow_matter *matter, const struct flow_move *move);

static inline bool flow_clock_runs(const struct running_clock *clock)
{
    return clock->started && !clock->stopped;
}
#endif
