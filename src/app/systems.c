/* app/systems.c -- the systems of this house, in the order of their pages. */
#include "app/system.h"

#include "commons/poll_pages.h"
#include "record/poll.h"
#include "systems/ballots/ballots.h"
#include "systems/requests/requests.h"

const struct system systems[] = {
    { "requests", "people ask, the town answers in time", requests_routes, "requests/flow.yaml", "requests/rules.yaml",
      &requests_face, NULL },
    { "ballots", "a village votes in secret, anyone can check the count", ballots_routes, "ballots/flow.yaml", "ballots/rules.yaml",
      &poll_face, poll_bind },
    { 0 },
};
_Static_assert(sizeof systems / sizeof *systems <= SYSTEMS_MOST + 1, "the tables made of all systems have room for them");
