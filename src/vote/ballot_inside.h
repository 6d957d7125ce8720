/* vote/ballot_inside.h -- what ballot.c and ballot_read.c share. */
#ifndef VOTE_BALLOT_INSIDE_H
#define VOTE_BALLOT_INSIDE_H
#include "vote/ballot.h"

/* How many proofs the overall proof of an answer has: one for each number of choices that is allowed, and one for
 * blank. */
static inline int overall_count(const struct question *question)
{
    return question->most - question->least + 1 + question->has_blank;
}
#endif
