/* vote/shelf.h -- elections that stay open: read once, with their tables, and lent to any number of threads.
 * Owns:          struct shelf, at most SHELF_MOST elections that nobody has borrowed
 * Must not know: where the texts come from, ballots
 * Begin at:      shelf_lend()
 *
 * Reading an election costs as much as checking two of its ballots; a server that gets one ballot at a time would pay
 * that for each.
 */
#ifndef VOTE_SHELF_H
#define VOTE_SHELF_H
#include "vote/election.h"

enum { SHELF_MOST = 16 };

struct shelf;

struct shelf *shelf_new(void);
void shelf_free(struct shelf *shelf); /* everything has been given back; NULL is fine */

/* The election whose text is BYTES; lent until ctx's arena goes. Without a SHELF it is read for this time. Fails as
 * election_read() does. Any thread. */
fallible shelf_lend(struct ctx *ctx, struct shelf *shelf, struct text bytes, const struct election **ret);
#endif
