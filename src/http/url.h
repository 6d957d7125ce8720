/* http/url.h -- addresses and their percent signs: strict reading, safe writing.
 * Owns:          struct pairs (names and values in order), decoding, encoding
 * Must not know: sockets, routes
 * Begin at:      url_decode(), pairs_find()
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

struct pair {
    struct pair *next;
    struct text name, value;
};

struct pairs {
    struct pair *first, *last;
    int count;
};

enum { URL_MOST_PAIRS = 100, URL_MOST_SEGMENTS = 16 };

void pairs_add(struct pairs *pairs, struct arena *arena, struct text name, struct text value);
/* The first value of NAME; at NULL when there is none. */
struct text pairs_find(const struct pairs *pairs, struct text name);
/* The same, the case of ASCII letters not counting: for header names. */
struct text pairs_find_header(const struct pairs *pairs, const char *name);

/* False for a % that is not followed by two hexadecimal digits. */
bool url_decode(struct arena *arena, struct text text, bool plus_is_space, struct text *ret);
/* Everything but letters, digits and - . _ ~ becomes %XX; KEPT names more that may stand. */
void url_encode(struct buffer *out, struct text text, const char *kept);

/* name=value&… of a query or a form: at most URL_MOST_PAIRS, clean UTF-8. Fails with ERR_INPUT naming the field. */
fallible url_read_pairs(struct ctx *ctx, struct text text, struct pairs *pairs);

struct url_path {
    struct text whole; /* decoded */
    struct text segments[URL_MOST_SEGMENTS];
    int count; /* 0 is "/"; -1 too many: no such page */
};

/* Strict: begins with /, clean UTF-8 on one line, no encoded slash, no "." or ".." segments. */
fallible url_read_path(struct ctx *ctx, struct text text, struct url_path *ret);

/* What a form or a query may hold: strict UTF-8 without NUL. */
bool url_text_is_good(struct text value);
#endif
