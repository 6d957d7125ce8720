/* commons/person_page.h -- one person: numbers masked, a full one only for a purpose that is recorded.
 * Owns:          /people/{realm}/{id} and its looks
 * Must not know: how numbers are kept (record/person.h), systems
 * Basis:         个人信息保护法 6, 51: as little as needed, and each look known
 * Begin at:      person_page(), person_look_check()
 */
#ifndef COMMONS_PERSON_PAGE_H
#define COMMONS_PERSON_PAGE_H
#include "http/http.h"
#include "record/person.h"

const struct err *person_page(struct ctx *ctx, struct request *request, struct answer *answer);
const struct err *person_look_check(struct ctx *ctx, struct request *request, struct change *change);

/* The address of a person's page if ctx->person may open it, else NULL. PLACE_PATH: where the person lives. */
const char *person_href(struct ctx *ctx, struct who who, const char *place_path);
#endif
