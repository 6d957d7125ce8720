/* record/message.h -- what people are told: an outbox written in the same transaction as its cause.
 * Owns:          table message
 * Must not know: channels outside the house (nothing is sent anywhere yet), how a message is drawn
 * Begin at:      message_step(), message_list()
 *
 * A message stands in the realm where its reader is at home. It names a matter and a text key with arguments, no words
 * of the matter itself: who opens it is asked for sight again.
 */
#ifndef RECORD_MESSAGE_H
#define RECORD_MESSAGE_H
#include "record/matter.h"

struct plan;

struct message {
    int64_t id;
    const char *matter_realm, *number;
    const char *flow, *move; /* keys: what happened; move is the clock's name when `what` is "message.warn" */
    const char *what;   /* text key: message.moved {0 number or public title, 1 label of the move}, message.taken {0 number, 1 the same}:
                           somebody else has it now, message.warn {0 number or first words, 1 label of
                           the clock, 2 its last moment}; commons/told.h puts it into words */
    int64_t due;        /* of a warning */
    int64_t made, read; /* read 0: not yet */
};

/* One reader more in PLAN. LATE_NUMBER: a number, or the mark PLAN_NUMBER. */
void message_step(struct ctx *ctx, struct plan *plan, struct who reader, const char *matter_realm,
                  const char *late_number, const char *flow, const char *move, const char *what, int64_t due);

/* The messages of ctx->person, newest first, after id AFTER (0: from the newest), at most MOST. */
fallible message_list(struct ctx *ctx, bool unread_only, int64_t after, int most, struct message **ret, int *ret_count);
/* Counted to at most MOST. */
fallible message_count_unread(struct ctx *ctx, int most, int *ret);
/* A plan that marks the messages of ctx->person up to and with id UP_TO as read. */
fallible message_read_check(struct ctx *ctx, int64_t up_to, struct plan **ret);
#endif
