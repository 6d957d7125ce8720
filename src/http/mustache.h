/* http/mustache.h -- Mustache templates over nodes: the specification's required modules and inheritance.
 * Owns:          compiling a set of templates, rendering one
 * Must not know: HTTP, pages, languages beyond looking a text up
 * Begin at:      mustache_compile(), mustache_render()
 *
 * Two roots besides the model are resolved while compiling, per language: {{t.KEY}} is the text of the catalogues under
 * KEY, escaped; {{asset.NAME}} the address of a static file. A name unknown to either refuses to compile, with template and
 * line. {{{raw}}} is refused but for the fields named in the allow list (templates_raw_allowed[]).
 */
#ifndef HTTP_MUSTACHE_H
#define HTTP_MUSTACHE_H
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/err.h"
#include "base/node.h"

struct mustache; /* one compiled set, one language; read-only after compiling, shared by threads */

struct mustache_source {
    const char *name; /* partials and parents are found by it */
    struct text text;
};

struct mustache_settings {
    const char *(*text)(void *self, const char *key);   /* {{t.KEY}}; NULL when there is none; NULL function: no such root */
    const char *(*asset)(void *self, const char *name); /* {{asset.NAME}} */
    void *self;
    const char *const *raw_allowed; /* names that may stand unescaped, NULL-ended; NULL allows all (the spec's tests) */
    bool is_strict; /* an unknown partial or parent refuses to compile; otherwise it is empty, as the specification has it */
};

fallible mustache_compile(struct ctx *ctx, const struct mustache_source *sources, int count,
                          const struct mustache_settings *settings, struct mustache **ret);
bool mustache_has(const struct mustache *mustache, const char *name);
void mustache_free(struct mustache *mustache);
/* Fails with ERR_MISSING when there is no template NAME, ERR_BROKEN when partials nest over 64 deep. */
fallible mustache_render(struct ctx *ctx, const struct mustache *mustache, const char *name, const struct node *model,
                         struct buffer *out);

/* Runs a file of the Mustache specification (JSON, "tests"); REPORT (may be NULL) is told each test's name and what was wrong,
 * NULL when it passed. Fails only when the file itself can't be read. */
fallible mustache_test_file(struct ctx *ctx, struct text json, int *ret_passed, int *ret_failed,
                            void (*report)(void *self, const char *name, const char *wrong), void *self);
#endif
