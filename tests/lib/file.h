/* tests/lib/file.h -- a file of the source tree as text; the program's working directory is the root of the source. */
#ifndef TESTS_FILE_H
#define TESTS_FILE_H
#include "fixture.h"

#include "base/text.h"

#include <stdio.h>

static inline struct text read_file(struct fixture *f, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s can't be opened: run the test with the source's root as its working directory", path);
    size_t room = 1 << 20;
    char *bytes = arena_alloc_raw(f->ctx->arena, room + 1);
    size_t size = fread(bytes, 1, room, file);
    fclose(file);
    bytes[size] = '\0';
    return (struct text){ bytes, size };
}
#endif
