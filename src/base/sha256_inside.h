/* base/sha256_inside.h -- SHA-256 where the processor knows it, for encode.c.
 * Owns:          the choice by processor
 * Must not know: what is hashed
 * Begin at:      sha256_by_processor()
 */
#ifndef BASE_SHA256_INSIDE_H
#define BASE_SHA256_INSIDE_H
#include "base/encode.h"

/* The hash of the PARTS one after the other; false when this processor has no instructions for it. */
bool sha256_by_processor(const struct text *parts, int count, struct sha256 *ret);
#endif
