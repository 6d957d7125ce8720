/* base/err.h -- one idiom for failure: a pointer to what went wrong, NULL when nothing did.
 * Owns:          struct err, the kinds of failure, BUG()
 * Must not know: HTTP statuses (http's table), log levels (app's)
 * Begin at:      fallible, TRY(), err_new()
 *
 *     fallible desk_open(struct ctx *ctx, int64_t id)
 *     {
 *         TRY(desk_load(ctx, id, &desk));
 *         if (desk->is_closed)
 *             return err_new(ctx, ERR_CONFLICT, "desk.closed", desk->name);
 *         return NULL;
 *     }
 *
 * `said` is the key of a text in the catalogues (po/), safe to show anybody; `detail` is for the log only.
 * The deepest cause holds the `said` that a person reads. An err lives in the arena of the ctx it was made with.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H
#include <stddef.h>

struct ctx;

enum err_kind {
    ERR_INPUT,    /* what was sent can't be right: the sender can mend it */
    ERR_DENIED,   /* not this person, not now */
    ERR_MISSING,  /* no such thing, or none this person may know of */
    ERR_CONFLICT, /* it was possible a moment ago; the present state is another */
    ERR_BUSY,     /* too much at once: the same again later may do */
    ERR_BROKEN,   /* our side: disk, database, network, a damaged file */
    ERR_KIND_COUNT
};

enum { ERR_ARGUMENTS = 4 };

struct err {
    enum err_kind kind;
    const char *said;                     /* text key */
    const char *arguments[ERR_ARGUMENTS]; /* for {0} {1} … in the text; unused ones are NULL */
    const char *field;                    /* the form field or column at fault, or NULL */
    const char *detail;                   /* for the log, or NULL */
    const char *file;
    int line;
    const struct err *cause;
};

#define fallible __attribute__((warn_unused_result)) const struct err *
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        const struct err *e_ = (call);                                                                                 \
        if (e_)                                                                                                        \
            return e_;                                                                                                 \
    } while (0)
#define scoped(end) __attribute__((cleanup(end)))

/* err_new(ctx, kind, "text.key", "argument", …): at most ERR_ARGUMENTS strings, copied. */
#define err_new(ctx, kind, ...) err_make((ctx), (kind), __FILE__, __LINE__, (const char *const[]){ __VA_ARGS__, NULL })

/* The same with the field at fault, for forms and imports. */
#define err_field(ctx, field, ...)                                                                                     \
    err_make_field((ctx), (field), __FILE__, __LINE__, (const char *const[]){ __VA_ARGS__, NULL })

/* err_broken(ctx, "printf format for the log", …): kind ERR_BROKEN with the general text "error.broken". */
#define err_broken(ctx, ...) err_make_broken((ctx), __FILE__, __LINE__, __VA_ARGS__)

/* Adds what was being done, file and line, for the log. NULL stays NULL. */
#define err_wrap(ctx, err, ...) err_make_wrap((ctx), (err), __FILE__, __LINE__, __VA_ARGS__)

fallible err_make(struct ctx *ctx, enum err_kind kind, const char *file, int line, const char *const *said_and_arguments);
fallible err_make_field(struct ctx *ctx, const char *field, const char *file, int line,
                        const char *const *said_and_arguments);
fallible err_make_broken(struct ctx *ctx, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
fallible err_make_wrap(struct ctx *ctx, const struct err *err, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What a person reads of ERR (its root), in a ctx that lasts longer. NULL stays NULL. */
fallible err_again(struct ctx *ctx, const struct err *err);

/* The deepest cause: whose kind, said and field count. */
const struct err *err_root(const struct err *err);

/* One line for the log: every layer's place and detail. In ctx's arena. */
const char *err_trace(struct ctx *ctx, const struct err *err);

/* Our own mistake: says so and stops the process. */
#define BUG(...) bug_stop(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void bug_stop(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
#endif
