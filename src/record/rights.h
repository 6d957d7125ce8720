/* record/rights.h -- one answer to every "may": person × act × thing; no unless a line says yes.
 * Owns:          the table of acts and roles (rights.c), how far each role reaches, the scopes of lists
 * Must not know: what happens once it is allowed; flows (they speak of roles: rights_roles() says which are held)
 * Begin at:      may(), rights_roles(), rights_scopes()
 *
 * An act belongs to roles, and each line says how far: in the place where the role is held and everything within it, in
 * the whole realm of that place, or only for what is one's own. The moves of a matter aren't acts: the flow decides
 * them from rights_roles(). Lists are asked by scope; tests hold rights_scopes() against rights_roles() for every pair.
 * Roles are those of the day for which the person was loaded.
 */
#ifndef RECORD_RIGHTS_H
#define RECORD_RIGHTS_H
#include "civic/role.h"
#include "record/person.h"

#include <stdbool.h>
#include <stdint.h>

/* What an act is done to. Unknown members stay zero; nothing is allowed because a member is missing. */
struct thing {
    const char *realm;            /* 12-digit code */
    const char *place_path;       /* of the place it concerns, or of the place where a person lives */
    struct who author;            /* who filed it; of a person: that person */
    struct who handler;           /* to whom it was given */
    int64_t handler_organisation; /* to which it was given; 0: to none */
};

/* Whether PERSON (NULL: a stranger) may do ACT to THING. THING NULL asks whether there is anything at all that the
 * person may do it to: enough for a route, never for the act itself. An act that is not in the table is our own
 * mistake. */
bool may(const struct person *person, const char *act, const struct thing *thing);
/* ERR_DENIED "rights.denied" unless may(). */
fallible must(struct ctx *ctx, const char *act, const struct thing *thing);

/* The roles that PERSON holds in respect of one thing: AUTHOR who filed it; HANDLER only to whom (or in whose
 * organisation as a handler) it was given; a villager in the whole realm of the place lived in; every other role in its
 * place and within. OWNER and SYSTEM are never among them: the flow's state says who the owner is. */
role_mask rights_roles(const struct person *person, const struct thing *thing);

/* --- lists --- */

/* Which rows of a list a person sees; each kind has its statement and its index. */
enum scope_kind {
    SCOPE_OWN,     /* author is WHO */
    SCOPE_GIVEN,   /* handler is WHO, or handler_organisation is ORGANISATION when that isn't 0 */
    SCOPE_REALM,   /* realm is REALM: the role's place is the whole realm */
    SCOPE_SUBTREE, /* realm is REALM, place_path >= PATH and < PATH_AFTER (record/place.h) */
    SCOPE_KIND_COUNT
};

struct scope {
    enum scope_kind kind;
    enum role role;       /* through which */
    struct who who;       /* of OWN and GIVEN */
    int64_t organisation; /* of GIVEN: one scope for the person (0) and one for each organisation */
    const char *realm;    /* of REALM and SUBTREE; NULL with SUBTREE: a district, all realms within PATH */
    const char *path, *path_after;
};

/* The scopes through which PERSON sees what is visible to the roles VISIBLE_TO (a flow's visible_to), nearest first,
 * none covered by another. A row is visible when any of them holds. OWNER in VISIBLE_TO is passed over: whoever knows the
 * flow gives the roles that own its states instead. */
int rights_scopes(struct ctx *ctx, const struct person *person, role_mask visible_to, struct scope **ret);
/* The same rule in C. */
bool scope_holds(const struct scope *scope, const struct thing *thing);

/* --- the table, for tests, papers and pages that list one's rights --- */

enum reach {
    REACH_PLACE,  /* where the role is held, and within */
    REACH_REALM,  /* in the realm of the place where it is held */
    REACH_ANYONE, /* whoever is signed in, for what is their own */
};

struct right {
    const char *act;
    role_mask roles; /* 0 with REACH_ANYONE */
    enum reach reach;
    bool is_own_too; /* also to what is one's own (author), whatever the role */
};

extern const struct right rights[]; /* ends with act NULL; two lines for one act add up */
#endif
