/* record/guesses.h -- wrong passwords, counted by who was meant and from where: whoever guesses waits, and nobody else.
 * Owns:          table guess; struct guess_limits
 * Must not know: whether a login exists, how a password is checked (account.h), what an address is
 * Begin at:      guesses_look(), guesses_count(), guesses_right()
 *
 * Two counts. One is of a login name from one address: after a few tries that address waits before the next, longer
 * each time. The person the name belongs to, at another address, notices nothing, so nobody can shut another out. The
 * other is of an address, whatever names were tried from it; it is more generous, because a whole office may share one.
 * Names that nobody has are counted like all others, so that a wait tells nothing about them. The name counts without
 * its realm: else "wu" and "wu@500116106000" sharing a count would tell where wu is at home.
 *
 * The table holds keyed hashes of names and addresses (keys_index()): people type passwords into the wrong field.
 * Numbers: src/app/sign_in.yaml.
 */
#ifndef RECORD_GUESSES_H
#define RECORD_GUESSES_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stdint.h>

struct plan;

/* From the TRIES-th wrong password on, each is followed by a wait: WAIT × n², n counting from 1, never longer than
 * WAIT_MOST. After FORGET without another all is forgotten. Moments in microseconds. */
struct guess_limit {
    int64_t tries, wait, wait_most, forget;
};

struct guess_limits {
    struct guess_limit login;   /* of one name from one address */
    struct guess_limit address; /* of one address */
};

/* From a file in the form of rules (civic/rules.h), which also says how long rows of sessions are kept. ERR_INPUT as
 * rules_read(), "yaml.refused" when a number is missing. */
fallible guess_limits_read(struct ctx *ctx, const char *name, struct text bytes, struct guess_limits *ret,
                           int64_t *ret_sessions_kept);

struct guesser {
    const char *login, *address; /* keyed hashes */
    int64_t waits_until;         /* 0: needn't wait now */
};

/* LOGIN as account.c compares it, without realm; FROM is what http calls the client's network. Reads ctx->snapshot. */
fallible guesses_look(struct ctx *ctx, struct text login, struct text from, struct guesser *ret);
/* Adds to PLAN: a wrong password. Guesses made side by side all count. */
void guesses_count(struct ctx *ctx, struct plan *plan, const struct guesser *guesser);
/* Adds to PLAN: a right one. The name's count from here begins anew. A conflict if the guesser must wait meanwhile. */
void guesses_right(struct ctx *ctx, struct plan *plan, const struct guesser *guesser);
/* Adds to PLAN: whoever waits for LOGIN needn't any more; a new password was given. */
void guesses_pardon(struct ctx *ctx, struct plan *plan, struct text login);
/* Adds to PLAN: what is too old to count goes. */
void guesses_forget(struct ctx *ctx, struct plan *plan);
#endif
