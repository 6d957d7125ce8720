/* tests/story/ballot_devices.h -- app/demo_devices.h for stories: what can't fail, as texts in the fixture's ctx. No HTTP here, as
 * both rooms have their own words for the same things. */
#ifndef TESTS_STORY_BALLOT_DEVICES_H
#define TESTS_STORY_BALLOT_DEVICES_H
#include "fixture.h"

#include "app/demo_devices.h"

const char *key_message(struct fixture *f, const struct device_ceremony *ceremony, const char *seed);
/* Public halves as JSON; RET_CODES has COUNT places. */
const char *make_codes(struct fixture *f, const char *group, const char *uuid, int count, const char **ret_codes);
const char *seal_ballot(struct fixture *f, const char *election, const char *code, const char *choices);
const char *open_part(struct fixture *f, const char *election, const char *private_key, const char *tally, const char *seed);

/* What election_verify() says of an archive that holds; fails the test when it doesn't. */
struct device_report {
    int voters, ballots, counted;
    bool has_result;
    int64_t **result;
    const char *last, *fingerprint; /* hash of the last event; as the command prints it */
};
struct device_report verify_election(struct fixture *f, struct text archive);
#endif
