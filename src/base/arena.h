/* base/arena.h -- memory that lives as long as a request and goes all at once.
 * Owns:          chunks of memory, and the calls to make when they go
 * Must not know: what is kept in them
 * Begin at:      arena_new(), arena_alloc(), arena_free()
 *
 * Out of memory stops the process (style: transactions make that safe), so no function here returns NULL.
 * An arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* runs what arena_at_end() asked for, backwards; NULL is fine */

/* From now on what it keeps is overwritten before its memory is given back: for passwords' and keys' whole way through a
 * function, in an arena of their own. */
void arena_keep_secrets(struct arena *arena);

/* Zeroed, aligned to 16 bytes. */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc() but not zeroed, for bytes that are overwritten at once. */
void *arena_alloc_raw(struct arena *arena, size_t size);

/* A copy of SIZE bytes with a NUL after them. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size);
char *arena_string(struct arena *arena, const char *string);
char *arena_printf(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *format, va_list arguments) __attribute__((format(printf, 2, 0)));

/* CALL(WHAT) when the arena goes, last asked first: for what is not memory. */
void arena_at_end(struct arena *arena, void (*call)(void *what), void *what);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
#define arena_array_of(arena, type, count) ((type *)arena_alloc((arena), sizeof(type) * (size_t)(count)))
#endif
