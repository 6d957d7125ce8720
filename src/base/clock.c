/* base/clock.c */
#include "base/clock.h"

#include <time.h>

static int64_t system_now(struct clock *clock)
{
    (void)clock;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * MICROS_PER_SECOND + now.tv_nsec / 1000;
}

struct clock *clock_system(void)
{
    static struct clock system = { system_now };
    return &system;
}

static int64_t fake_now(struct clock *clock)
{
    return ((struct fake_clock *)clock)->at;
}

void fake_clock_init(struct fake_clock *fake, int64_t at)
{
    fake->clock.now = fake_now;
    fake->at = at;
}

void fake_clock_set(struct fake_clock *fake, int64_t at)
{
    fake->at = at;
}
