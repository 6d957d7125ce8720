/* base/buffer.h -- bytes that grow.
 * Owns:          struct buffer (heap memory, freed by buffer_clear())
 * Must not know: what the bytes mean, but for the three escapes every writer needs (HTML, JSON, hex)
 * Begin at:      struct buffer b = { 0 }; buffer_add(); buffer_clear()
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
    char *at; /* not NUL-terminated; NULL while empty */
    size_t size, room;
};

void buffer_clear(struct buffer *buffer);
void buffer_grow(struct buffer *buffer, size_t more); /* as buffer_reserve() when there is no room */

static inline void buffer_reserve(struct buffer *buffer, size_t more)
{
    if (buffer->room - buffer->size < more)
        buffer_grow(buffer, more);
}

static inline void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
    if (!size)
        return;
    buffer_reserve(buffer, size);
    memcpy(buffer->at + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_string(struct buffer *buffer, const char *string);
void buffer_text(struct buffer *buffer, struct text text);
void buffer_byte(struct buffer *buffer, char byte);
void buffer_int(struct buffer *buffer, int64_t number); /* decimal */
void buffer_printf(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Text with & < > " ' as entities. */
void buffer_html(struct buffer *buffer, struct text text);
/* Text as a JSON string with its quotes; control characters as \u00xx; what is not UTF-8 becomes U+FFFD. */
void buffer_json(struct buffer *buffer, struct text text);

static inline struct text buffer_view(const struct buffer *buffer)
{
    return (struct text){ buffer->at, buffer->size };
}

/* Gives the heap block away (to free()) and leaves the buffer empty. */
char *buffer_take(struct buffer *buffer, size_t *ret_size);
#endif
