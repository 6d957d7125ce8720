/* commons/told.h -- messages in whole sentences, for whoever may still see what they are about.
 * Owns:          which sentence; the first words of the matter and the date in it
 * Must not know: any single system (its sentences stand in struct told_move of commons/face.h)
 * Begin at:      told_words()
 *
 * A message names a matter and what happened. Whoever no longer sees the matter whole is told number and move alone, or what
 * everybody may know of it instead of the number.
 */
#ifndef COMMONS_TOLD_H
#define COMMONS_TOLD_H
#include "commons/seen.h"
#include "record/message.h"

enum { TOLD_MATTERS = 50 };

/* Matters of one page of messages, loaded once each. */
struct told {
    struct ctx *ctx;
    const struct matter_face *const *faces; /* NULL-ended */
    struct seen *seen[TOLD_MATTERS];
    int count;
};

fallible told_words(struct told *told, const struct message *message, const char **ret);
#endif
