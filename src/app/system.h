/* app/system.h -- the list of systems: what each brings to the house.
 * Owns:          struct system and the one list of them (systems.c)
 * Must not know: how a system works inside
 * Begin at:      systems[]
 *
 * Adding one: its folder under src/systems, its row in systems.c, its rooms' meson.build; HACKING.md has the recipe.
 */
#ifndef APP_SYSTEM_H
#define APP_SYSTEM_H
#include "http/http.h"

struct migration;
struct matter_face;
struct matter_step;
struct plan;

struct system {
    const char *name;
    const char *about;
    const struct route *routes;
    const char *flow, *rules; /* names of its embedded files: "requests/flow.yaml"; NULL without */
    const struct matter_face *face; /* of its matters, for the lists of all systems; NULL without */
    const struct err *(*bind)(struct ctx *ctx, struct plan *plan, struct matter_step *step); /* struct flow_source; or NULL */
};

enum { SYSTEMS_MOST = 16 };
extern const struct system systems[]; /* ended by a NULL name */
#endif
