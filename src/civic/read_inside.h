/* civic/read_inside.h -- what the readers of rules and flows share: every mistake named with file, line and reason.
 * Owns:          struct reader (a file being read), looking members up and refusing what isn't known
 * Must not know: what the members mean
 * Begin at:      REFUSE(), read_members(), read_word()
 */
#ifndef CIVIC_READ_INSIDE_H
#define CIVIC_READ_INSIDE_H
#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/yaml.h"

#include <stdbool.h>

struct reader {
    struct ctx *ctx;
    const char *name; /* of the file, for messages */
};

#define REFUSE(reader, at, ...) yaml_refuse((reader)->ctx, (reader)->name, (at)->line, __VA_ARGS__)

/* MAP must be a map whose members are all among KNOWN (ends with NULL). */
fallible read_members(struct reader *reader, const struct yaml *map, const char *what, const char *const *known);
/* The member, which must be there and of that kind. */
fallible read_part(struct reader *reader, const struct yaml *map, const char *what, const char *key,
                   enum yaml_kind kind, const struct yaml **ret);
/* A scalar member that must be there, clean and not empty. */
fallible read_said(struct reader *reader, const struct yaml *map, const char *what, const char *key, const char **ret);
/* Whether the text is a key: a-z first, then a-z, 0-9, _ and, where DOTS says, dots between. At most 48 bytes. */
bool is_word(struct text text, bool dots);
/* The scalar as such a key. */
fallible read_word(struct reader *reader, const struct yaml *scalar, const char *what, bool dots, const char **ret);
/* A whole number from LEAST to MOST. */
fallible read_number(struct reader *reader, const struct yaml *scalar, const char *what, int64_t least, int64_t most,
                     int64_t *ret);
/* The member as true or false; absent is false. */
fallible read_flag(struct reader *reader, const struct yaml *map, const char *key, bool *ret);
#endif
