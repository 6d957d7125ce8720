/* vote/crew.h -- several threads that do the same to many things.
 * Owns:          its threads, from crew_begin() to crew_end()
 * Must not know: what is done
 * Begin at:      crew_do()
 */
#ifndef VOTE_CREW_H
#define VOTE_CREW_H

struct crew;

/* THREADS counts the caller; with one there is no crew, which is fine: NULL. */
struct crew *crew_begin(int threads);
void crew_end(struct crew *crew);

/* WORK(WHAT, 0) … WORK(WHAT, COUNT - 1), each once, in any order and by any thread, the caller too; back when all are
 * done. */
void crew_do(struct crew *crew, int count, void (*work)(void *what, int i), void *what);
#endif
