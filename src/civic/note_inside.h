/* civic/note_inside.h -- reading notes and checkpoints for callers in this room that name a line themselves.
 * Owns:          nothing; note.c holds the bodies
 * Must not know: which text key a fault gets
 * Begin at:      note_read()
 */
#ifndef CIVIC_NOTE_INSIDE_H
#define CIVIC_NOTE_INSIDE_H
#include "civic/note.h"

/* All three return 0, or the number of the line at fault, from 1. */
size_t note_read(struct arena *arena, struct text bytes, struct note *ret);
size_t checkpoint_read(struct arena *arena, struct text text, struct checkpoint *ret);

/* A decimal number without sign or leading zeros. */
bool note_number_read(struct text text, uint64_t *ret);
/* Base64 of exactly one hash. */
bool note_hash_read(struct arena *arena, struct text text, struct sha256 *ret);
/* The verifier key, or false. */
bool note_key_read(struct arena *arena, struct text text, struct note_key *ret);
/* The first line of REST without its LF; false if REST has no LF. */
bool note_line_take(struct text *rest, struct text *ret_line);
#endif
