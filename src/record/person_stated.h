/* record/person_stated.h -- somebody who is in no list and was written down at the counter, as they said.
 * Owns:          nothing of its own: a row of person without household, relation, sex, birth and role
 * Must not know: what was written down for them
 * Basis:         个人信息保护法 6: name and telephone, no more, the telephone sealed as everybody's is
 * Begin at:      person_stated(), person_stated_step()
 *
 * Whoever was written down before under the same name and telephone is the same person again. A role, and with it a vote or
 * an account, is given by the lists alone.
 */
#ifndef RECORD_PERSON_STATED_H
#define RECORD_PERSON_STATED_H
#include "record/person.h"
#include "record/place.h"

struct stated {
    struct who who;
    const char *name, *place; /* code */
    const char *phone_sealed, *phone_index; /* NULL without a telephone */
    int64_t field_version;
    bool is_known; /* a row is there already */
};

/* NAME is needed, PHONE may be empty; blanks and hyphens in it don't matter. ERR_INPUT with FIELD_NAME or FIELD_PHONE:
 * those of name_check() and phone_check(). */
fallible person_stated(struct ctx *ctx, struct keys *keys, const struct place *place, struct text name, struct text phone,
                       const char *field_name, const char *field_phone, struct stated *ret);
/* Adds the row to a plan of the place's realm, unless it is there. */
void person_stated_step(struct ctx *ctx, struct plan *plan, const struct stated *stated);
#endif
