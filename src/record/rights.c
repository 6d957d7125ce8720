/* record/rights.c -- the table of acts and roles, and the few lines that read it. */
#include "record/rights.h"

#include "base/arena.h"
#include "record/place.h"

#define R(role) ROLE_BIT(ROLE_##role)

/* Whoever works for a village, a town or a district. */
#define OFFICE                                                                                                         \
    (R(HANDLER) | R(CONTACT) | R(GROUP_LEADER) | R(GRID_WORKER) | R(VILLAGE_DUTY) | R(VILLAGE_SECRETARY) |             \
     R(SUPERVISOR) | R(DESK) | R(TOWN_DUTY) | R(TOWN_LEADER) | R(PETITION_OFFICE) | R(HIGHER_BODY) | R(CHAIR) |        \
     R(PANEL) | R(LAWYER) | R(JUDICIAL_OFFICE) | R(INSTRUCTOR) | R(ALLIANCE_OFFICE) | R(COUNTY_CENTRE) |               \
     R(DISTRICT_OFFICIAL) | R(ADMINISTRATOR))

/* Adding an act: a line here, then a row in tests/unit/test_rights.c, which walks every role against every act. */
const struct right rights[] = {
    /* clang-format off */
    /* act                      who                                                              how far       own too */
    { "request.file",             R(VILLAGER) | R(GRID_WORKER) | R(DESK),                          REACH_REALM,  false },
    { "request.file_for_another", R(DESK),                                                         REACH_PLACE,  false },
    { "matter.list_desk",         R(DESK) | R(TOWN_LEADER),                                        REACH_PLACE,  false },
    { "today",                    OFFICE,                                                          REACH_PLACE,  false },
    { "ballot.open",              R(VILLAGE_SECRETARY) | R(DESK),                                  REACH_PLACE,  false },
    { "ballot.keep",              R(VILLAGE_SECRETARY) | R(DESK),                                  REACH_PLACE,  false },
    { "place.show_private",       R(GROUP_LEADER) | R(GRID_WORKER) | R(VILLAGE_SECRETARY) | R(DESK), REACH_PLACE, false },
    { "people.look",              R(VILLAGE_SECRETARY) | R(DESK),                                  REACH_PLACE,  true },
    { "people.import",            R(ADMINISTRATOR),                                                REACH_PLACE,  false },
    /* clang-format on */
    { 0 },
};

/* --- one thing --- */

static bool is_in_realm(const struct held_role *held, const struct thing *thing)
{
    return (thing->realm && held->place_realm && strcmp(thing->realm, held->place_realm) == 0) ||
           place_covers(held->place_path, thing->place_path);
}

static bool allows(const struct right *right, const struct person *person, const struct thing *thing)
{
    if (right->reach == REACH_ANYONE && !thing)
        return true;
    if (thing && right->is_own_too && who_is(thing->author, person_who(person)))
        return true;
    if (!(right->roles & person->role_mask))
        return false;
    if (!thing)
        return true;
    for (int i = 0; i < person->role_count; i++) {
        const struct held_role *held = &person->roles[i];
        if (!(right->roles & ROLE_BIT(held->role)))
            continue;
        if (right->reach == REACH_REALM ? is_in_realm(held, thing) : place_covers(held->place_path, thing->place_path))
            return true;
    }
    return false;
}

bool may(const struct person *person, const char *act, const struct thing *thing)
{
    bool known = false, yes = false;
    for (const struct right *right = rights; right->act; right++) {
        if (strcmp(right->act, act) != 0)
            continue;
        known = true;
        yes = yes || (person && allows(right, person, thing));
    }
    if (!known)
        BUG("no such act: %s", act);
    return yes;
}

fallible must(struct ctx *ctx, const char *act, const struct thing *thing)
{
    return may(ctx->person, act, thing) ? NULL : err_new(ctx, ERR_DENIED, "rights.denied");
}

static bool holds_for(const struct person *person, int64_t organisation)
{
    for (int i = 0; i < person->role_count; i++)
        if (person->roles[i].role == ROLE_HANDLER && person->roles[i].organisation == organisation)
            return true;
    return false;
}

role_mask rights_roles(const struct person *person, const struct thing *thing)
{
    role_mask roles = 0;
    if (!person)
        return 0;
    if (who_is(thing->author, person_who(person)))
        roles |= R(AUTHOR);
    if ((person->role_mask & R(HANDLER)) &&
        (who_is(thing->handler, person_who(person)) ||
         (thing->handler_organisation && holds_for(person, thing->handler_organisation))))
        roles |= R(HANDLER);
    for (int i = 0; i < person->role_count; i++) {
        const struct held_role *held = &person->roles[i];
        if (ROLE_BIT(held->role) & (ROLES_OF_A_MATTER | R(HANDLER)))
            continue;
        bool reaches = held->role == ROLE_VILLAGER ? is_in_realm(held, thing)
                                                   : place_covers(held->place_path, thing->place_path);
        if (reaches)
            roles |= ROLE_BIT(held->role);
    }
    return roles;
}

/* --- lists --- */

static bool text_same(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Whether everything that INNER shows is shown by OUTER. */
static bool scope_covers(const struct scope *outer, const struct scope *inner)
{
    if (outer->kind == SCOPE_SUBTREE && (inner->kind == SCOPE_SUBTREE || inner->kind == SCOPE_REALM))
        return inner->path && place_covers(outer->path, inner->path);
    if (outer->kind == SCOPE_REALM && (inner->kind == SCOPE_SUBTREE || inner->kind == SCOPE_REALM))
        return text_same(outer->realm, inner->realm);
    return outer->kind == inner->kind && outer->kind == SCOPE_GIVEN && outer->organisation == inner->organisation;
}

struct scopes {
    struct scope *all;
    int count;
};

static void scopes_add(struct ctx *ctx, struct scopes *scopes, struct scope scope)
{
    for (int i = 0; i < scopes->count; i++)
        if (scope_covers(&scopes->all[i], &scope))
            return;
    int kept = 0;
    for (int i = 0; i < scopes->count; i++)
        if (!scope_covers(&scope, &scopes->all[i]))
            scopes->all[kept++] = scopes->all[i];
    struct scope *grown = arena_array_of(ctx->arena, struct scope, kept + 1);
    if (kept)
        memcpy(grown, scopes->all, sizeof(*grown) * (size_t)kept);
    grown[kept] = scope;
    *scopes = (struct scopes){ grown, kept + 1 };
}

/* A path of one code is a district's: its scope crosses realms. */
static bool is_district(const char *path)
{
    const char *slash = path && *path ? strchr(path + 1, '/') : NULL;
    return slash && !slash[1];
}

static struct scope scope_of_place(struct ctx *ctx, const struct held_role *held)
{
    struct scope scope = { .role = held->role, .realm = held->place_realm, .path = held->place_path };
    bool is_whole = held->role == ROLE_VILLAGER || text_same(held->place, held->place_realm);
    if (is_whole && !is_district(held->place_path)) {
        scope.kind = SCOPE_REALM;
        return scope;
    }
    scope.kind = SCOPE_SUBTREE;
    scope.path_after = place_path_after(ctx, held->place_path);
    if (is_district(held->place_path))
        scope.realm = NULL;
    return scope;
}

int rights_scopes(struct ctx *ctx, const struct person *person, role_mask visible_to, struct scope **ret)
{
    struct scopes scopes = { 0 };
    *ret = NULL;
    if (!person)
        return 0;
    struct who who = person_who(person);
    if (visible_to & R(AUTHOR))
        scopes_add(ctx, &scopes, (struct scope){ .kind = SCOPE_OWN, .role = ROLE_AUTHOR, .who = who });
    if (visible_to & person->role_mask & R(HANDLER)) {
        scopes_add(ctx, &scopes, (struct scope){ .kind = SCOPE_GIVEN, .role = ROLE_HANDLER, .who = who });
        for (int i = 0; i < person->role_count; i++)
            if (person->roles[i].role == ROLE_HANDLER && person->roles[i].organisation)
                scopes_add(ctx, &scopes,
                           (struct scope){ .kind = SCOPE_GIVEN,
                                           .role = ROLE_HANDLER,
                                           .who = who,
                                           .organisation = person->roles[i].organisation });
    }
    for (int i = 0; i < person->role_count; i++) {
        role_mask bit = ROLE_BIT(person->roles[i].role);
        if ((bit & visible_to) && !(bit & (ROLES_OF_A_MATTER | R(HANDLER))))
            scopes_add(ctx, &scopes, scope_of_place(ctx, &person->roles[i]));
    }
    *ret = scopes.all;
    return scopes.count;
}

bool scope_holds(const struct scope *scope, const struct thing *thing)
{
    switch (scope->kind) {
    case SCOPE_OWN:
        return who_is(thing->author, scope->who);
    case SCOPE_GIVEN:
        return scope->organisation ? thing->handler_organisation == scope->organisation
                                   : who_is(thing->handler, scope->who);
    case SCOPE_REALM:
        return text_same(thing->realm, scope->realm);
    case SCOPE_SUBTREE:
        return (!scope->realm || text_same(thing->realm, scope->realm)) && place_covers(scope->path, thing->place_path);
    case SCOPE_KIND_COUNT:
        break;
    }
    return false;
}
