/* civic/flow.h -- the life of a matter as data: states, moves, clocks, fields, and who may do what.
 * Owns:          the language of flow.yaml (docs/flows.md tells it), the machine that says which moves are possible and
 *                what a move changes
 * Must not know: where matters, events and clocks are kept; people's names; how a page is drawn
 * Begin at:      flow_read(), flow_moves_for(), flow_open(), flow_step(), flow_due()
 *
 * The machine is pure: it is given what is known of a matter (struct flow_matter) and the moment, and says what follows
 * (struct flow_result). It changes nothing it is given. A matter keeps the version of the flow it began with: whoever
 * stores matters stores the bytes of each version once, by `version`, and reads them again with flow_read().
 *
 *     const struct flow_move *const *moves;
 *     int count = flow_moves_for(ctx, flow, &matter, roles, now, &moves);      // the buttons of this page
 *     struct flow_result *result;
 *     TRY(flow_step(ctx, flow, &world, &matter, roles, move, given, given_count, now, &result));
 *     // store result->state, result->answers over the matter's data, result->clocks; tell result->tells
 *
 * A flow that has been read is never changed; everything in it lives in the arena of the ctx it was read with, so read
 * what must last with the process's own ctx.
 */
#ifndef CIVIC_FLOW_H
#define CIVIC_FLOW_H
#include "base/err.h"
#include "base/node.h"
#include "base/text.h"
#include "civic/calendar.h"
#include "civic/label.h"
#include "civic/role.h"
#include "civic/rules.h"

#include <stdbool.h>
#include <stdint.h>

/* --- what a file says --- */

enum { FLOW_MOST = 64, FLOW_MOST_CLOCKS = 16, FLOW_ALL = INT32_MAX };

enum field_type {
    FIELD_TEXT,   /* at most `length` characters; never public */
    FIELD_CHOICE, /* the key of an item of `list` */
    FIELD_POINT,  /* "longitude,latitude" in degrees, WGS-84 */
    FIELD_IMAGES, /* up to `most` ids of files */
    FIELD_DAY,    /* YYYY-MM-DD */
    FIELD_MOMENT, /* YYYY-MM-DDTHH:MM, in Shanghai */
    FIELD_INT,    /* from `least` to `most` */
    FIELD_PERSON, /* an id */
    FIELD_ORG,    /* an id */
    FIELD_TYPE_COUNT
};

struct flow_item {
    const char *key;
    struct label label;
};

struct flow_list {
    const char *key;
    struct flow_item *items;
    int count;
};

struct flow_field {
    const char *key;
    struct label label;
    struct label hint; /* said[…] are NULL when the file gives none */
    enum field_type type;
    const struct flow_list *list;       /* of a choice; NULL when each asking names its own */
    int64_t least, most;                /* of ints and images */
    const char *least_rule, *most_rule; /* of ints: the rule that says it, as it holds in the matter's place; or NULL */
    int length;
    bool is_required;   /* of a filing field; an asked field is required unless the move says `key?` */
    bool is_public;     /* may stand in the public leaf of the log and on the progress line */
    const char *column; /* the indexed column of the matter that mirrors it, or NULL */
    bool is_filed;      /* of `fields`: asked when the matter is opened; otherwise of `asked` */
};

struct flow_state {
    const char *key;
    struct label label;
    int index;       /* its bit in masks of states; 0 is where a matter begins */
    role_mask owner; /* the role the matter now waits for; 0 of a final state */
    bool is_final, is_public;
};

struct flow_ask {
    const struct flow_field *field;
    const struct flow_list *list; /* of a choice: the list to choose from here */
    bool is_required;
};

struct flow_clock {
    const char *name;
    struct label label;
    int index;                    /* its bit in masks of clocks */
    const char *key;              /* the rule; NULL when `by` chooses or the flow itself says how long */
    const struct flow_field *by;  /* the choice that decides which rule */
    const char **keys;            /* of `by`: for each item of its list */
    struct period own;            /* of a clock that is no matter of law: how long; value -1 otherwise */
    const struct flow_field *at;  /* a required moment that was filed: due right before it; or NULL */
    uint64_t starts, stops;       /* moves; bit 0 is the opening */
    uint64_t paused_in;           /* states */
    struct period warn;           /* value 0: no warning */
    const struct flow_move *then; /* or NULL */
};

struct flow_move {
    const char *name;
    struct label label;
    int index;                   /* its bit in masks of moves; 0 is the opening, which `opening` of the file names */
    uint64_t from;               /* states; 0 of the opening */
    const struct flow_state *to; /* NULL: the state stays */
    role_mask by;
    struct flow_ask *asks;
    int ask_count;
    int most;                            /* how often in the life of a matter; FLOW_ALL: any number */
    const struct flow_clock *before_due; /* possible only while this clock runs and isn't due; or NULL */
    const struct flow_clock *extends;    /* or NULL */
    const struct flow_field *extends_by; /* the answer that says by how much, in the unit of the clock's rule */
    role_mask tells;
    bool is_public;       /* the event shows on the public progress line */
    const char *fired_by; /* of a move of the system that no clock fires: what does, e.g. "reading"; or NULL */
};

struct flow {
    const char *key;
    struct label label;
    const char *version; /* SHA-256 of the file, 64 lower-case hexadecimal digits */
    const char *number;  /* "{place}-QZ-{year}-{serial:5}" */
    role_mask opened_by, visible_to;
    struct flow_list *lists;
    struct flow_field *fields; /* those filed first, in the file's order, then those asked */
    struct flow_state *states;
    struct flow_clock *clocks;
    struct flow_move *moves; /* [0] is the opening */
    int list_count, field_count, filed_count, state_count, clock_count, move_count;
    const struct flow_field *sealed_by; /* a matter with one of these choices is sealed; or NULL */
    uint64_t sealed_items;              /* items of its list */
};

/* Reads and checks. RULES holds every rule that clocks may name. ERR_INPUT "yaml.malformed" or "yaml.refused" with
 * NAME, line and reason. */
fallible flow_read(struct ctx *ctx, const char *name, struct text bytes, const struct rules *rules, struct flow **ret);

/* NULL when there is none. */
const struct flow_state *flow_state_find(const struct flow *flow, struct text key);
const struct flow_move *flow_move_find(const struct flow *flow, struct text name);
const struct flow_field *flow_field_find(const struct flow *flow, struct text key);
const struct flow_clock *flow_clock_find(const struct flow *flow, struct text name);
const struct flow_list *flow_list_find(const struct flow *flow, struct text key);
const struct flow_item *flow_item_find(const struct flow_list *list, struct text key);

/* The states by their distance from the first (any number of moves the most direct way); -1: unreachable. */
void flow_distances(const struct flow *flow, int *ret);

/* The number of the SERIAL-th matter of the year in a place. */
const char *flow_number(struct arena *arena, const struct flow *flow, struct text place, int year, int64_t serial);

/* --- what is known of one matter --- */

/* A clock of a matter; a row of the clock table. 0 stands for "not yet" in every moment. */
struct running_clock {
    int64_t id;         /* the caller's; 0 of a clock that a move has just started */
    const char *name;   /* of the flow's clock */
    const char *key;    /* of the rule, or NULL */
    const char *source; /* of the rule when it was started; NULL when it has none or may not be shown */
    int64_t started, due;
    int32_t unmoved; /* the last day before it was moved off rest days */
    bool is_provisional;
    int64_t value, extended; /* value of the rule, and by how much it was extended, both in `unit` */
    enum unit unit;
    enum count count;
    int64_t paused_since; /* standing still since; due is then as it was and nothing fires */
    struct span *paused;  /* over: spans_print() makes a column of them */
    int paused_count;
    int64_t warn_at; /* when to warn; 0: never */
    int64_t warned, fired,
        stopped;      /* an extension or a resumption that gives time again sets warned and fired back to 0 */
    unsigned changes; /* of a result: CLOCK_STARTED … as bits; 0: as it was */
};

enum clock_change {
    CLOCK_STARTED = 1,
    CLOCK_STOPPED = 2,
    CLOCK_PAUSED = 4,
    CLOCK_RESUMED = 8,
    CLOCK_EXTENDED = 16,
    CLOCK_MOVED = 32 /* flow_recompute(): another calendar gave another due moment */
};

/* How often a move was made. */
struct flow_done {
    const char *move;
    int times;
};

struct flow_matter {
    const char *state;
    /* An object: the fields as filed, overlaid by the answers of every move since, the latest winning (node_put() of
     * each member of flow_result.answers). All values are texts, but images, which are lists of texts, and ints. */
    const struct node *data;
    const struct flow_done *done; /* moves that aren't listed were never made */
    int done_count;
    const struct running_clock *clocks; /* all, or those not stopped: the machine looks at no others */
    int clock_count;
};

/* What the rules are, and where: the codes of the matter's place and its ancestors, nearest first. */
struct flow_world {
    const struct rules *rules;
    const struct calendar *calendar;
    const struct text *places;
    int place_count;
};

/* What a form or a program sent for one field: several values for images, otherwise one; count 0 or one empty value
 * means nothing was given. */
struct flow_given {
    struct text key;
    const struct text *values;
    int count;
};

/* --- what follows --- */

struct flow_result {
    const struct flow_move *move;
    const struct flow_state *state; /* after the move */
    struct node *answers;           /* checked, by key, in the flow's order: only what this move asked and got */
    struct running_clock *clocks;   /* those given, in their order, then those started; see `changes` */
    int clock_count;
    role_mask tells;
    bool is_sealed; /* of the matter as it is now: nothing of it may be public */
};

/* Whether a person with ROLES may open a matter. */
bool flow_may_open(const struct flow *flow, role_mask roles);

/* Opens a matter: checks GIVEN against the filing fields and starts the clocks. ERR_DENIED "flow.open.denied"; errors
 * of fields as flow_step(). */
fallible flow_open(struct ctx *ctx, const struct flow *flow, const struct flow_world *world, role_mask roles,
                   const struct flow_given *given, int given_count, int64_t now, struct flow_result **ret);

/* The moves that a person with ROLES may make now, in the flow's order: exactly the buttons of the page. Never the
 * system's own unless ROLES has ROLE_SYSTEM. */
int flow_moves_for(struct ctx *ctx, const struct flow *flow, const struct flow_matter *matter, role_mask roles,
                   int64_t now, const struct flow_move *const **ret);

/* Makes a move. Checked in this order:
 *   ERR_MISSING  "flow.move.unknown"    {move}
 *   ERR_DENIED   "flow.move.denied"     {label of the move}: not by these roles
 *   ERR_CONFLICT "flow.move.state"      {label of the move, label of the present state}: the page was stale
 *   ERR_CONFLICT "flow.move.most"       {label of the move, how often it may be made}
 *   ERR_CONFLICT "flow.move.after_due"  {label of the move, label of the clock}
 *   ERR_INPUT with the field: "flow.field.required" {label}, "flow.field.unclean" {label}, "flow.field.length" {label,
 *   most}, "flow.field.choice" {label}, "flow.field.number" {label}, "flow.field.range" {label, least, most},
 *   "flow.field.day" {label}, "flow.field.moment" {label}, "flow.field.point" {label}, "flow.field.id" {label}, "flow.field.most" {label, most},
 *   "flow.field.unknown" {key}: nothing is asked under that key
 * Labels are in ctx's language. Entering a final state stops every clock. */
fallible flow_step(struct ctx *ctx, const struct flow *flow, const struct flow_world *world,
                   const struct flow_matter *matter, role_mask roles, struct text move, const struct flow_given *given,
                   int given_count, int64_t now, struct flow_result **ret);

/* Whether nothing of a matter with this DATA may be public. */
bool flow_is_sealed(const struct flow *flow, const struct node *data);

/* --- clocks --- */

struct flow_fired {
    int clock;                    /* its place in the array given */
    bool is_warning;              /* otherwise `then` */
    int64_t due;                  /* when it should have happened: warn_at, or due */
    const struct flow_move *then; /* of a due clock: the move to make as ROLE_SYSTEM. NULL: the flow declares none, or
                                     it isn't possible in the present state: mark the clock as fired all the same */
};

/* What is to be done by NOW, the earliest first: warnings of clocks that are neither stopped, standing still, warned
 * nor due, and due clocks that haven't fired. The caller makes each move by flow_step() and sets `warned` or `fired` in
 * the same transaction (where fired is null); it asks again after a move, as that may have stopped others. */
int flow_due(struct ctx *ctx, const struct flow *flow, const struct flow_matter *matter, int64_t now,
             struct flow_fired **ret);

/* When the clock would have been due as it stood at moment AT, extended by EXTENDED at that time: without the pauses that came after. */
int64_t running_clock_due_then(const struct calendar *calendar, const struct running_clock *clock, int64_t at, int64_t extended);

/* The next moment at which flow_due() will have something, or INT64_MAX: the indexed column of a clock row. */
int64_t running_clock_next(const struct running_clock *clock);

/* The clocks with due moments computed again, after a calendar was imported; stopped and fired ones stay as they are.
 * A clock whose due moment, warning or provisional mark changed has CLOCK_MOVED. */
struct running_clock *flow_recompute(struct ctx *ctx, const struct flow *flow, const struct calendar *calendar,
                                     const struct running_clock *clocks, int count);

/* --- a picture --- */

/* The flow as one SVG element (states in rows by their distance from the start, moves as labelled arrows), in LANGUAGE.
 */
void flow_draw(const struct flow *flow, enum language language, struct buffer *out);
/* The same as plain text: a line for each state, move and clock. */
void flow_print(const struct flow *flow, enum language language, struct buffer *out);
#endif
