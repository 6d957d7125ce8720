/* systems/ballots/ballots.h -- 无记名投票: a village asks its people, in secret, and anyone can check the count.
 * Owns:          flow.yaml, rules.yaml, views/; the addresses under /ballots
 * Must not know: other systems; how an election is sealed (src/vote, src/record/poll.h)
 * Basis:         村民委员会组织法 13 (voting age); statutory elections of a committee stay with booths and paper
 * Begin at:      ballots_routes[]
 */
#ifndef SYSTEMS_BALLOTS_BALLOTS_H
#define SYSTEMS_BALLOTS_BALLOTS_H
#include "http/http.h"

extern const struct route ballots_routes[];
#endif
