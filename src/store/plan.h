/* store/plan.h -- what a change will do, decided beforehand: statements, values, and how many rows each must touch.
 * Owns:          struct plan and its steps, late values
 * Must not know: what the statements mean; what is sealed (record's ledger)
 * Begin at:      plan_new(), plan_step(), then writer_submit() in store/writer.h
 *
 * A check (outside, possibly slow, on a snapshot) makes a plan; the writer runs it and reads nothing else. Conditions
 * stand in the statements ("… where version = $4") and in the number of rows expected. What can't be known before the
 * writer's turn is late:
 *   - the matter's number:  plan_wants_number() and the mark PLAN_NUMBER inside late texts
 *   - the recorded time:    the mark PLAN_TIME inside late texts (decimal microseconds), or value_late_time()
 *   - slots:                integers from the seal, value_late_slot(n): the leaf position of event n
 * The marks are control characters that our JSON never contains.
 */
#ifndef STORE_PLAN_H
#define STORE_PLAN_H
#include "store/db.h"

#define PLAN_NUMBER "\x01"
#define PLAN_TIME "\x02"

enum { PLAN_ANY_ROWS = -1, PLAN_SALT_SIZE = 32 };

struct plan_step {
    struct plan_step *next;
    const struct statement *statement;
    struct value *values;
    int count;
    int rows;             /* how many it must touch, or PLAN_ANY_ROWS */
    const char *conflict; /* the text key told when the count is another; NULL takes "error.conflict" */
};

/* One thing to be sealed into the realm's log, in order. The seal gives it a slot (its position). */
struct plan_leaf {
    struct plan_leaf *next;
    struct text open;  /* late text: canonical JSON object of the public fields, without the commitment */
    struct text bytes; /* late text: the stored event bytes that the commitment covers */
    uint8_t salt[PLAN_SALT_SIZE];
};

struct plan {
    struct arena *arena; /* the request's: must outlive the outcome */
    const char *realm;   /* 12-digit code: whose head row is taken */
    struct plan_step *first, *last;
    struct plan_leaf *first_leaf, *last_leaf;
    int leaves;
    const char *serial_key;    /* "QZ-2026": which counter of the realm, or NULL */
    const char *number_prefix; /* the number is PREFIX followed by the serial in at least serial_digits digits */
    int serial_digits;
    struct text token;  /* request token: a second plan with the same one is REPLAYED; at NULL for none */
    struct text result; /* late text kept with the token: where the first one led ("/requests/\x01") */
};

struct plan *plan_new(struct ctx *ctx, const char *realm);
/* Values are copied, not the bytes they borrow: those live in the plan's arena or for ever. */
void plan_step(struct plan *plan, const struct statement *statement, int rows, const char *conflict,
               const struct value *values, int count);
/* Returns the slot whose value is the leaf's position. */
int plan_leaf(struct plan *plan, struct text open, struct text bytes, const uint8_t salt[PLAN_SALT_SIZE]);
void plan_wants_number(struct plan *plan, const char *serial_key, const char *number_prefix, int serial_digits);
void plan_token(struct plan *plan, struct text token, struct text result);

static inline struct value value_late_text(struct text text)
{
    return (struct value){ VALUE_LATE_TEXT, 0, text };
}
static inline struct value value_late_time(void)
{
    return (struct value){ VALUE_LATE_TIME, 0, { NULL, 0 } };
}
static inline struct value value_late_slot(int slot)
{
    return (struct value){ VALUE_LATE_SLOT, slot, { NULL, 0 } };
}
#endif
