/* base/texts.h -- what the program says to people, in every language, by key.
 * Owns:          looking a key up, filling {0} {1} …
 * Must not know: which texts there are (po/ holds them; the build makes one table)
 * Begin at:      texts_use() once, then texts_find() and texts_fill()
 */
#ifndef BASE_TEXTS_H
#define BASE_TEXTS_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stddef.h>

struct texts_entry {
    const char *key;
    const char *said[LANGUAGE_COUNT];
};

/* The table, sorted by key; lives for ever. Call once before threads. */
void texts_use(const struct texts_entry *entries, size_t count);

/* The text, or NULL when there is none. */
const char *texts_find(enum language language, const char *key);
/* The text, or the key itself so that a hole shows (a test finds it first). */
const char *texts_say(enum language language, const char *key);
/* With {0} {1} … replaced by the strings after the key; ends with NULL. In ctx's arena, in ctx's language. */
const char *texts_fill(struct ctx *ctx, const char *key, ...) __attribute__((sentinel));
/* What an error says to a person, in ctx's language. */
const char *texts_of_err(struct ctx *ctx, const struct err *err);
#endif
