/* base/text.h -- text that carries its length, and what UTF-8 allows.
 * Owns:          struct text (borrowed bytes: whoever made it says how long they live)
 * Must not know: languages
 * Begin at:      text_of(), text_is_clean()
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct arena;

struct text {
    const char *at;
    size_t size;
};

#define TEXT(literal) ((struct text){ "" literal, sizeof(literal) - 1 })

static inline struct text text_of(const char *string)
{
    return (struct text){ string, string ? strlen(string) : 0 };
}

static inline bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static inline bool text_is(struct text a, const char *string)
{
    return text_equal(a, text_of(string));
}

bool text_starts(struct text text, const char *prefix);
bool text_ends(struct text text, const char *suffix);
struct text text_trim(struct text text); /* without ASCII white space and U+3000 at both ends */

/* A NUL-terminated copy. */
char *text_string(struct arena *arena, struct text text);
struct text text_copy(struct arena *arena, struct text text);

/* Bytes of the first character: 1 to 4, or 0 if the text is empty or does not begin with strict UTF-8
 * (no overlong forms, no surrogates, nothing above U+10FFFF). */
size_t text_character_size(struct text text);

/* Strict UTF-8 throughout. */
bool text_is_utf8(struct text text);

/* Strict UTF-8 without NUL and control characters (tab, line feed and carriage return may stand; no U+007F–U+009F,
 * no bidirectional overrides U+202A–U+202E, U+2066–U+2069). */
bool text_is_clean(struct text text);

/* A copy without the characters that text_is_clean() refuses, and without bytes that are not UTF-8. */
struct text text_cleaned(struct arena *arena, struct text text);

/* Characters (code points); what is not UTF-8 counts a byte as one. */
size_t text_characters(struct text text);

/* A decimal number with an optional minus, nothing else; false if it is none or too large. */
bool text_int(struct text text, int64_t *ret);

/* The part before the first SEPARATOR; *REST is what follows it (empty at the end). */
struct text text_cut(struct text text, char separator, struct text *rest);
#endif
