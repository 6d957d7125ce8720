/* base/clock.h -- what time it is, asked in one place so that tests may say.
 * Owns:          struct clock, the system's clock, a clock that a test sets
 * Must not know: days (base/day.h), working days (civic)
 * Begin at:      clock_now()
 *
 * Times are microseconds since 1970-01-01T00:00Z in an int64_t, passed in and never asked twice in one act.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include <stdint.h>

struct clock {
    int64_t (*now)(struct clock *clock);
};

struct clock *clock_system(void);

static inline int64_t clock_now(struct clock *clock)
{
    return clock->now(clock);
}

struct fake_clock {
    struct clock clock;
    _Atomic int64_t at;
};

void fake_clock_init(struct fake_clock *fake, int64_t at);
void fake_clock_set(struct fake_clock *fake, int64_t at);

#define MICROS_PER_SECOND INT64_C(1000000)
#define MICROS_PER_MINUTE (60 * MICROS_PER_SECOND)
#define MICROS_PER_HOUR (60 * MICROS_PER_MINUTE)
#define MICROS_PER_DAY (24 * MICROS_PER_HOUR)
#endif
