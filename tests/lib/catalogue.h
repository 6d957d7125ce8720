/* tests/lib/catalogue.h -- the real texts of po/, for tests that read what a person reads (link with texts_table). */
#ifndef TESTS_CATALOGUE_H
#define TESTS_CATALOGUE_H
#include "base/texts.h"

extern const struct texts_entry texts_table[];
extern const size_t texts_table_count;

static inline void catalogue_use(void)
{
    texts_use(texts_table, texts_table_count);
}
#endif
