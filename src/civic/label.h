/* civic/label.h -- what a thing that is defined by data is called, in every language of the house.
 * Owns:          struct label
 * Must not know: the catalogues of po/ (those are the program's texts; these come with the data)
 * Begin at:      label_say()
 */
#ifndef CIVIC_LABEL_H
#define CIVIC_LABEL_H
#include "base/ctx.h"
#include "base/err.h"

struct yaml;

struct label {
    const char *said[LANGUAGE_COUNT]; /* after reading none is NULL or empty */
};

static inline const char *label_say(const struct label *label, enum language language)
{
    return label->said[language];
}

/* The members zh and en of MAP; refused with file and line when one is missing, empty or unclean. WHAT names the thing.
 */
fallible label_read(struct ctx *ctx, const char *name, const struct yaml *map, const char *what, struct label *ret);
#endif
