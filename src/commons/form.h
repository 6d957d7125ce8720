/* commons/form.h -- forms that a flow describes: drawn, read back, and shown again with what is wrong.
 * Owns:          the field of field.mustache made from what a flow asks; the list of problems
 * Must not know: which system, what happens with what was given
 * Begin at:      form_put(), form_given(), form_problems()
 *
 * The values a form shows are those of request_field(): typed just now and come back with a problem, or kept over a
 * sign-in. A field on the map (point) has no place on these forms yet and is left out unless the flow requires it.
 */
#ifndef COMMONS_FORM_H
#define COMMONS_FORM_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"
#include "civic/flow.h"
#include "http/http.h"
#include "record/matter_change.h"

struct form_choice {
    const char *value, *label, *note; /* note may be NULL */
};

struct form_problem {
    const char *field; /* key; NULL: of the whole form */
    const char *said;
};

/* What stands in a field before anybody has typed. */
struct form_first {
    const char *field, *value;
};

struct flow_form {
    const char *id;   /* begins the ids of its fields: "new", "answer" */
    const char *flow; /* key, for texts about its fields */
    struct request *request; /* whose values are shown; NULL: empty */
    const struct flow_ask *asks;
    int ask_count;
    const struct form_problem *problems;
    int problem_count;
    const struct form_first *firsts;
    int first_count;
    const struct form_choice *persons; /* of a field that names a person */
    int person_count;
    const struct form_choice *organisations;
    int organisation_count;
    const struct rules *rules; /* for bounds that a rule gives; with */
    const struct text *places; /* the codes from the matter's place upwards */
    int place_count;
};

/* The fields, in the flow's order, into the list FIELDS. */
void form_put(struct ctx *ctx, const struct flow_form *form, struct node *fields);
bool form_has_images(const struct flow_form *form);

/* What stands in a field: typed, or what was there at first. */
struct text form_shown(const struct flow_form *form, const char *field);

/* One field that no flow asks: a line, or a select when CHOICES isn't NULL. */
void form_put_own(struct ctx *ctx, const struct flow_form *form, struct node *fields, const char *field, const char *label,
                  const char *hint, bool is_required, const struct form_choice *choices, int choice_count);

/* The same for several lines. */
void form_put_lines(struct ctx *ctx, const struct flow_form *form, struct node *fields, const char *field, const char *label,
                    const char *hint);

/* {problems, has_problems, asks_pictures} of problems.mustache into MODEL. */
void form_put_problems(struct ctx *ctx, const struct flow_form *form, struct node *model);

/* What was sent, for flow_open() and flow_step(), and the pictures with it. */
int form_given(struct ctx *ctx, const struct flow_form *form, struct flow_given **ret);
int form_pictures(struct ctx *ctx, const struct flow_form *form, struct matter_picture **ret);

/* Everything that is wrong at once, as far as it can be told: what is required and empty, and ERR (may be NULL). */
int form_problems(struct ctx *ctx, const struct flow_form *form, const struct err *err, struct form_problem **ret);

/* The filing fields of a flow as asks. */
int form_asks_of(struct ctx *ctx, const struct flow *flow, struct flow_ask **ret);

/* 16 random bytes in base64url: a request token for a hidden field. */
const char *form_token(struct ctx *ctx);
#endif
