/* tests/story/ballot_devices.h -- what keyholders, registrar and voters do on their own devices, with src/vote: no HTTP here, as
 * both rooms have their own words for the same things. Everything lives in the fixture's ctx. */
#ifndef TESTS_STORY_BALLOT_DEVICES_H
#define TESTS_STORY_BALLOT_DEVICES_H
#include "fixture.h"

#include "base/text.h"

struct device_ceremony {
    const char *group;
    int index, size, needed, step;
    struct text certificates[16], input;
    int count;
};

const char *device_seed(struct fixture *f);
const char *device_key_message(struct fixture *f, const struct device_ceremony *ceremony, const char *seed);
/* Public halves as JSON; RET_CODES has COUNT places. */
const char *device_codes(struct fixture *f, const char *group, const char *uuid, int count, const char **ret_codes);
const char *device_ballot(struct fixture *f, const char *election, const char *code, const char *choices);
const char *device_part(struct fixture *f, const char *election, const char *private_key, const char *tally, const char *seed);
/* What election_verify() says of an archive that holds; fails the test when it doesn't. */
struct device_report {
    int voters, ballots, counted;
    bool has_result;
    int64_t **result;
    const char *last; /* hash of the last event */
};
struct device_report device_verify(struct fixture *f, struct text archive);
#endif
