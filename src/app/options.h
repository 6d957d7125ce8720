/* app/options.h -- the command line: a table of options per command, read once, wrong use said in one line.
 * Owns:          the form of options: --name VALUE, --name=VALUE, --flag, and words
 * Must not know: what the commands do
 * Begin at:      options_read()
 */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H
#include "base/ctx.h"
#include "base/err.h"

#include <stdbool.h>

enum { OPTIONS_WORDS = 8 };

struct option_form {
    const char *name;  /* without the dashes */
    const char *value; /* what its value is called in the help ("URL"); NULL for a flag */
    const char *said;  /* text key of its explanation */
    bool is_required;
    bool is_many; /* may stand several times */
};

struct options {
    const struct option_form *forms; /* ended by a NULL name */
    const char **values;             /* by form; "" for a flag that stands; NULL where absent */
    const char **many;               /* values of the is_many option, NULL-ended */
    const char *words[OPTIONS_WORDS];
    int word_count;
};

/* Fails with ERR_INPUT options.unknown, .value_missing, .needless_value, .required, .twice, .too_many_words. */
fallible options_read(struct ctx *ctx, const struct option_form *forms, char *const *arguments, struct options *ret);
const char *option(const struct options *options, const char *name); /* NULL where absent */
bool option_is_set(const struct options *options, const char *name);
#endif
