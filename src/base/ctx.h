/* base/ctx.h -- what a piece of work may touch: memory, time, ids, chance, and who asks.
 * Owns:          struct ctx
 * Must not know: what a snapshot, a person or a request is inside
 * Begin at:      ctx_begin(), ctx_end(); tests make one with tests/lib/fixture.h
 */
#ifndef BASE_CTX_H
#define BASE_CTX_H
#include <stddef.h>
#include <stdint.h>

struct arena;
struct clock;
struct id_source;
struct snapshot; /* store */
struct person;   /* record */
struct request;  /* http */
struct records;  /* record */

enum language { LANGUAGE_ZH, LANGUAGE_EN, LANGUAGE_COUNT };

/* Where chance comes from: the system, or a test's fixed sequence. */
struct chance {
    void (*fill)(struct chance *chance, void *bytes, size_t size);
};

struct ctx {
    struct arena *arena;
    struct clock *clock;
    struct id_source *ids;
    struct chance *chance;
    enum language language;
    struct snapshot *snapshot;   /* the read view, where there is one */
    const struct person *person; /* who asks; NULL for a stranger */
    struct request *request;     /* the HTTP request, where there is one */
    struct records *records;     /* what the process holds for all requests; NULL in commands without a database */
};

/* A new ctx with an arena of its own and everything else taken from MODEL. */
struct ctx *ctx_begin(const struct ctx *model);
void ctx_end(struct ctx *ctx);

struct chance *chance_system(void);
void ctx_random(struct ctx *ctx, void *bytes, size_t size);

/* "zh-CN", "en": for the lang attribute and for reading what a client asks for. */
const char *language_code(enum language language);
#endif
