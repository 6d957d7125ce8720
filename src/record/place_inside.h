/* record/place_inside.h -- a place as a column of other rows has it.
 * Owns:          the order of a place's columns in a statement
 * Must not know: who asks
 * Begin at:      place_read()
 */
#ifndef RECORD_PLACE_INSIDE_H
#define RECORD_PLACE_INSIDE_H
#include "record/place.h"
#include "store/db.h"

/* The ten columns of place_by_code, the code being column FIRST. */
void place_read(const struct rows *rows, int first, struct place *place);
#endif
