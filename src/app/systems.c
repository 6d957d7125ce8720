/* app/systems.c -- the systems of this house, in the order of their pages. */
#include "app/system.h"

#include "systems/requests/requests.h"

const struct system systems[] = {
    { "requests", "people ask, the town answers in time", requests_routes, "requests/flow.yaml", "requests/rules.yaml" },
    { 0 },
};
