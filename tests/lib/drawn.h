/* tests/lib/drawn.h -- chance that a test decides: what secret_draw() gives next, and a sequence that repeats for all
 * else. libsodium's own door for another source of random bytes; no program of src may call it
 * (tests/source/check_source.py).
 */
#ifndef TESTS_DRAWN_H
#define TESTS_DRAWN_H
#include "fixture.h"

#include "vote/group.h"
#include "vote/secret.h"

#include <sodium.h>

enum { DRAWN_MOST = 256 };

static struct {
    struct scalar next[DRAWN_MOST];
    int count, taken;
    uint64_t state;
} drawn;

static const char *drawn_name(void)
{
    return "a test";
}

static void drawn_fill(void *const bytes, const size_t size)
{
    if (size == SECRET_WIDE && drawn.taken < drawn.count) {
        memset(bytes, 0, SECRET_WIDE - SCALAR_SIZE);
        memcpy((uint8_t *)bytes + SECRET_WIDE - SCALAR_SIZE, drawn.next[drawn.taken++].at, SCALAR_SIZE);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        drawn.state = drawn.state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        ((uint8_t *)bytes)[i] = (uint8_t)(drawn.state >> 56);
    }
}

static uint32_t drawn_random(void)
{
    uint32_t number;
    drawn_fill(&number, sizeof(number));
    return number;
}

/* Chance is the test's from here on. */
static inline void drawn_begin(void)
{
    static struct randombytes_implementation chance = { drawn_name, drawn_random, NULL, NULL, drawn_fill, NULL };
    drawn.count = drawn.taken = 0;
    drawn.state = 1;
    randombytes_set_implementation(&chance);
    assert_true(sodium_init() >= 0);
}

static inline void drawn_push(struct scalar scalar)
{
    assert_true(drawn.count < DRAWN_MOST);
    drawn.next[drawn.count++] = scalar;
}

/* Everything that was pushed has been drawn, and nothing else since. */
static inline void assert_all_drawn(void)
{
    assert_int_equal(drawn.taken, drawn.count);
    drawn.count = drawn.taken = 0;
}
#endif
