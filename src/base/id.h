/* base/id.h -- ids: 63 bits, ordered by time, with a process number inside.
 * Owns:          struct id_source
 * Must not know: what is named by an id
 * Begin at:      id_next()
 *
 * From the high end: 41 bits of milliseconds since 2020-01-01, 10 bits of process number, 12 bits of sequence.
 * Ids are strings in JSON.
 * The process number keeps two processes on one database apart. It can't come from the machine: in containers every
 * process is number 1. So main() begins with a random one, and the database gives each process that opens it the next
 * of its own in turn (src/app/house.c); 1024 more must have opened it before a number comes again.
 * A source may be used by several threads; it never gives the same id twice, even when the clock is set back (it then
 * goes on from the last millisecond it used).
 */
#ifndef BASE_ID_H
#define BASE_ID_H
#include <pthread.h>
#include <stdint.h>

struct ctx;

enum { ID_PROCESSES = 1024 };

struct id_source {
    pthread_mutex_t lock;
    int64_t last_millisecond;
    uint32_t process; /* 0–1023 */
    uint32_t sequence;
};

void id_source_init(struct id_source *source, uint32_t process);
/* Another process number from now on. */
void id_source_number(struct id_source *source, uint32_t process);
int64_t id_next(struct ctx *ctx);
/* No id that is made at MICROS or later is smaller. */
int64_t id_least(int64_t micros);
#endif
