/* store/fault.c */
#include "store/fault.h"

#include <pthread.h>
#include <signal.h>

atomic_bool fault_is_armed;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static enum fault armed;
static int calls_left, times_left;
static bool has_fired;

void fault_arm(enum fault fault, int n, int times)
{
    pthread_mutex_lock(&lock);
    armed = fault;
    calls_left = n;
    times_left = times;
    has_fired = false;
    atomic_store(&fault_is_armed, true);
    pthread_mutex_unlock(&lock);
}

bool fault_fired(void)
{
    pthread_mutex_lock(&lock);
    atomic_store(&fault_is_armed, false);
    bool fired = has_fired;
    pthread_mutex_unlock(&lock);
    return fired;
}

enum fault fault_count(void)
{
    enum fault now = FAULT_NONE;
    pthread_mutex_lock(&lock);
    if (!atomic_load(&fault_is_armed) || times_left <= 0) {
        now = FAULT_NONE;
    } else if (calls_left > 0) {
        calls_left--;
    } else {
        times_left--;
        has_fired = true;
        now = armed;
    }
    pthread_mutex_unlock(&lock);
    if (now == FAULT_KILL)
        raise(SIGKILL);
    return now;
}
