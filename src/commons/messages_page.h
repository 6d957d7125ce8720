/* commons/messages_page.h -- what the house has told a person: moves and warnings that concern them.
 * Owns:          the page of messages, marking them as read
 * Must not know: how a message comes to be (record/message.h), single systems (faces give the addresses)
 * Begin at:      messages_page()
 */
#ifndef COMMONS_MESSAGES_PAGE_H
#define COMMONS_MESSAGES_PAGE_H
#include "base/err.h"
#include "commons/face.h"
#include "http/http.h"

/* FACES: NULL-ended, of every system whose matters send messages. */
fallible messages_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces,
                       struct answer *answer);
fallible messages_read(struct ctx *ctx, struct request *request, struct change *change);
#endif
