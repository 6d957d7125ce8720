/* record/tries.h -- who may try something that costs much, how often in a minute; in memory, for whoever is known.
 * Owns:          struct tries, at most TRIES_MOST who try at once
 * Must not know: what is tried
 * Begin at:      tries_take()
 *
 * Wrong passwords are counted in the database (record/guesses.h), since anybody may guess at any. Here each who tries is on a
 * list, and a minute is soon over: what a restart forgets isn't worth a row.
 */
#ifndef RECORD_TRIES_H
#define RECORD_TRIES_H
#include <stdbool.h>
#include <stdint.h>

enum { TRIES_MOST = 1024 };

struct tries;

struct tries *tries_new(void);
void tries_free(struct tries *tries); /* NULL is fine */

/* One try more of WHO within OF, at NOW; false when MOST have been in this minute. Without TRIES always true. Any thread. */
bool tries_take(struct tries *tries, int64_t of, int64_t who, int64_t now, int64_t most);
/* It went well: it doesn't count. */
void tries_give_back(struct tries *tries, int64_t of, int64_t who, int64_t now);
#endif
