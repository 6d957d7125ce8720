/* record/matter_inside.h -- what loading, listing, changing and the clocks of matters share.
 * Owns:          reading a row; the steps of a plan that every change of a matter has
 * Must not know: forms
 * Begin at:      matter_read_row(), matter_step_plan()
 */
#ifndef RECORD_MATTER_INSIDE_H
#define RECORD_MATTER_INSIDE_H
#include "record/matter.h"
#include "record/rights.h"
#include "store/plan.h"

/* The columns from realm to due, in the order of the statements; 23 of them. */
enum { MATTER_COLUMNS = 23 };
const struct err *matter_read_row(struct ctx *ctx, const struct rows *rows, struct matter *ret);

struct thing matter_thing(const struct matter *matter);

/* Roles that see a matter in every state, of those that a flow's visible_to names. */
role_mask matter_sight_roles(const struct flow *flow, bool is_sealed);
/* Roles that see it while its state waits for them. */
role_mask matter_owner_roles(const struct flow *flow);
bool matter_accuses(const struct matter *matter, const struct person *person);

/* The person or organisation of the realm that words about the accused mean; 0 when they name none. */
const struct err *matter_accused_find(struct ctx *ctx, const struct matter *matter, struct text said, int32_t day, int64_t *ret);

/* The path of the realm within a path that lies in it. */
const char *matter_realm_path(struct ctx *ctx, const char *place_path, const char *realm);

/* --- changing --- */

struct kept_file {
    int64_t id;
    const char *hash, *type;
};

/* One event and all that follows from it. MATTER is as it is before (version 0 of one that opens); RESULT says what
 * follows. */
struct matter_step {
    const struct matter *matter;
    const struct flow_result *result;
    const char *late_number; /* the number, or PLAN_NUMBER */
    struct who actor;        /* nobody: the system */
    enum role actor_role;
    int64_t now;
    int64_t due;     /* of a clock's move, or 0 */
    int fired_clock; /* the place of the clock in result->clocks that fires with this move, or -1 */
    const struct kept_file *files;
    int file_count;
    const struct node *facts; /* public, of the house's own making: what was not asked of anybody; NULL without */
    const void *own;          /* what who made this step hands to the flow's bind; NULL without */
    /* after the move: */
    struct who handler;
    int64_t handler_unit, accused;
    const char *kind, *topic;
};

/* What the answers of STEP's result say of kind, topic, accused and handler; before that, as MATTER has it. */
const struct err *matter_step_columns(struct ctx *ctx, struct matter_step *step);
/* Row, event with its leaf, clocks, files and messages. */
const struct err *matter_step_plan(struct ctx *ctx, struct plan *plan, const struct matter_step *step);

/* One clock of a matter as parameters: shared by adding and changing. */
void clock_step_add(struct ctx *ctx, struct plan *plan, const struct matter *matter, int64_t round,
                    const struct running_clock *clock);
void clock_step_change(struct ctx *ctx, struct plan *plan, const struct matter *matter,
                       const struct running_clock *clock, bool is_firing);
/* The column due: the least of the running clocks, INT64_MAX without one. */
int64_t clocks_next_due(const struct running_clock *clocks, int count);

/* Readers of what happened: those of MASK in respect of the matter, each once, without ACTOR and without the accused.
 */
const struct err *matter_tell(struct ctx *ctx, struct plan *plan, const struct matter_step *step, role_mask mask,
                              const char *move, const char *what, int64_t due);

struct flow_world matter_world(struct ctx *ctx, const char *place_path);
#endif
