/* vote/shelf.h -- elections that stay open: read once, with their tables, and lent to any number of threads.
 * Owns:          struct shelf, at most SHELF_MOST elections that nobody has borrowed
 * Must not know: where the texts come from, ballots
 * Begin at:      shelf_lend(), then shelf_find()
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

/* One whose text was given before, by its UUID, lent in the same way; false when it isn't here (any more). For whoever knows that an
 * election of that name has one text. */
bool shelf_find(struct ctx *ctx, struct shelf *shelf, struct text uuid, const struct election **ret);
/* The election whose text is BYTES; lent until ctx's arena goes. Without a SHELF it is read for this time. Fails as
 * election_read() does. Any thread. */
fallible shelf_lend(struct ctx *ctx, struct shelf *shelf, struct text bytes, const struct election **ret);
#endif
