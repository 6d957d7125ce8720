/* fuzz/target.h -- what a fuzz target is: one function over bytes, called by libFuzzer or by replay.c.
 * Owns:          FUZZ_DEMAND(), which stops the run where a belief does not hold
 * Must not know: any parser
 * Begin at:      fuzz_note.c, the shortest target
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H
#include "base/arena.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define FUZZ_DEMAND(condition)                                                                                         \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            BUG("the fuzzer found: not %s", #condition);                                                               \
    } while (0)
#endif
