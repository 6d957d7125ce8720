/* app/command_test_mustache.c -- runs a file of the Mustache specification against our renderer. */
#include "app/commands.h"

#include "http/mustache.h"

#include <stdio.h>

static void report(void *self, const char *name, const char *wrong)
{
    (void)self;
    if (wrong)
        printf("failed: %s: %s\n", name, wrong);
}

const struct err *command_test_mustache(struct ctx *ctx, const struct options *options, int *ret_code)
{
    enum { MOST_BYTES = 4 << 20 };
    struct text bytes;
    int passed, failed;
    TRY(file_read(ctx, options->words[0], MOST_BYTES, &bytes));
    TRY(mustache_test_file(ctx, bytes, &passed, &failed, report, NULL));
    printf("%d passed, %d failed\n", passed, failed);
    *ret_code = failed ? EXIT_FAILED : EXIT_DONE;
    return NULL;
}
