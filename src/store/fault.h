/* store/fault.h -- failures on demand, so that tests can have each of them at each place.
 * Owns:          one countdown for the process
 * Must not know: what is guarded
 * Begin at:      fault_arm() in a test, fault_here() in the store
 *
 *     for (int n = 0;; n++) {
 *         fault_arm(FAULT_FULL, n, 1);
 *         …the act…
 *         bool fired = fault_fired();
 *         …all or nothing holds…
 *         if (!fired)
 *             break;
 *     }
 *
 * Always compiled in; while nothing is armed a guarded call costs one relaxed load.
 */
#ifndef STORE_FAULT_H
#define STORE_FAULT_H
#include <stdatomic.h>
#include <stdbool.h>

enum fault {
    FAULT_NONE,
    FAULT_FAIL, /* the call fails as if the disk had erred */
    FAULT_FULL, /* no room: SQLite ends the whole transaction, as it may */
    FAULT_LOST, /* the connection to the server breaks (SQLite: as FAULT_FAIL) */
    FAULT_KILL, /* the process dies here by SIGKILL */
};

/* After N more guarded calls, the next TIMES of them fail. */
void fault_arm(enum fault fault, int n, int times);
/* Whether any has; disarms. */
bool fault_fired(void);

extern atomic_bool fault_is_armed;
enum fault fault_count(void);

/* At a guarded place: what shall go wrong here, nearly always nothing. */
static inline enum fault fault_here(void)
{
    return atomic_load_explicit(&fault_is_armed, memory_order_relaxed) ? fault_count() : FAULT_NONE;
}
#endif
