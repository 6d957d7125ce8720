/* commons/face.h -- how a system's matters look: what a flow can't say because it is no matter of law.
 * Owns:          struct matter_face; the shape in which a state is drawn; addresses of matters
 * Must not know: any single system
 * Begin at:      struct matter_face; src/systems/requests/requests.c has one
 *
 * Every page of commons takes a face. A further system writes one, puts its rows into its table of routes, and has list,
 * matter page, progress line, receipt, inbox and today.
 *
 * Texts that a system may add to the catalogues, each by its key: ask.FLOW.FIELD (the question, instead of the field's
 * label), hint.FLOW.FIELD, note.FLOW.FIELD.ITEM (under an option), about.FLOW.MOVE (what happens then), clock.FLOW.CLOCK
 * (what its last moment is called).
 */
#ifndef COMMONS_FACE_H
#define COMMONS_FACE_H
#include "base/ctx.h"
#include "base/node.h"
#include "civic/flow.h"
#include "record/glance.h"

struct state_shape {
    const char *state;
    const char *shape; /* id of a symbol in web/icons.svg */
};

/* One view of the desk's inbox. */
struct inbox_view {
    const char *key;   /* in the address */
    const char *label; /* text key */
    const char *state; /* or NULL */
    bool is_late, is_open;
};

/* What a message about a move says, by who reads it. Of the text {0} are the first words of the matter, {1} who handles it, {2}
 * the last moment of the clock, {3} what was chosen with the move. */
struct told_move {
    const char *move;
    enum role reader;  /* ROLE_AUTHOR, ROLE_HANDLER, or ROLE_OWNER for everybody else */
    const char *text;  /* key */
    const char *clock; /* or NULL */
};

struct matter_face {
    const char *flow;   /* key */
    const char *prefix; /* of its addresses: "/requests" */
    const char *kind, *topic, *text, *spot, *accused; /* keys of the fields that stand at the head of its page; NULL without */
    const char *answer; /* key of the answer's field */
    bool text_is_public; /* what `text` names may be told to whoever has a message about it, in place of the number */
    const struct state_shape *shapes;   /* ended by a NULL state; others follow from the flow */
    const char *const *main_moves;      /* the usual next steps, NULL-ended */
    const struct matter_mark *marks;    /* MATTER_MARKS of what came back, or NULL */
    const struct told_move *told;       /* ended by a NULL move; of other moves the number and the label are told */
    const struct inbox_view *views;     /* ended by a NULL key; the first is the inbox itself */
    const char *title_own, *title_given, *title_place; /* text keys of lists; of the last {0} is the place */
    const char *counted; /* text key: what is counted on the page of a place; NULL: nothing */
};

/* {key, name, shape} under KEY. */
void state_put(struct ctx *ctx, const struct matter_face *face, const struct flow *flow, const struct flow_state *state,
               struct node *object, const struct key *key);

/* PREFIX/NUMBER and what follows: "" or "/receipt". */
const char *matter_href(struct ctx *ctx, const struct matter_face *face, const char *number, const char *rest);

/* What the item of a choice is called, or the value itself when the list no longer has it. */
const char *item_words(struct ctx *ctx, const struct flow_list *list, struct text value);
/* The same of a field named by a face; "" when NAME or VALUE is NULL. */
const char *choice_words(struct ctx *ctx, const struct flow *flow, const char *name, const char *value);

/* Kind and topic in words, once when they say the same: 求助 · 安全, 投诉. */
const char *heading_words(struct ctx *ctx, const char *kind, const char *topic);
/* {label, ground (in words, or null)} under KEY("mark"): what came back; null without a mark. */
void mark_put(struct ctx *ctx, const struct matter_mark *mark, const struct flow *flow, struct text ground, struct node *node);

/* A text that may be there or not: KEY put together from up to three parts with dots; NULL when there is none. */
const char *text_maybe(struct ctx *ctx, const char *kind, const char *flow, const char *what, const char *item);

/* The present flow of a face. BUG when no system brought it. */
const struct flow *face_flow(const struct ctx *ctx, const struct matter_face *face);
#endif
