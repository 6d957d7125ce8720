/* record/person_inside.h -- reading a person out of a row, and what else only this room may do with one.
 * Owns:          the order of a person's columns in a statement
 * Must not know: who asks, and whether they may
 * Begin at:      person_read()
 */
#ifndef RECORD_PERSON_INSIDE_H
#define RECORD_PERSON_INSIDE_H
#include "record/grow_inside.h"
#include "record/person.h"
#include "store/db.h"

/* The columns of a person, FIRST being the realm; without roles. */
void person_read(const struct rows *rows, int first, struct person *person);
/* One role more, from the ten columns that roles_of_person has, FIRST being the role. */
void person_add_role(struct ctx *ctx, const struct rows *rows, int first, struct person *person);
/* The roles held on DAY. */
fallible person_read_roles(struct ctx *ctx, struct person *person, int32_t day);
/* What sealing of one field of one person is bound to. */
const char *person_seal_context(struct ctx *ctx, struct who who, enum personal which);

/* person_look() for whoever may reach this person because of the matter NUMBER: the caller has made sure of it. */
fallible person_look_for(struct ctx *ctx, struct who who, enum personal which, struct text purpose, const char *number,
                         struct plan **ret, int64_t *ret_look);

/* A telephone as people write it, without blanks and hyphens. */
struct text phone_plain(struct ctx *ctx, struct text written);
#endif
