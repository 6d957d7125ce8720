/* base/err.c */
#include "base/err.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct err *make(struct ctx *ctx, enum err_kind kind, const char *file, int line)
{
    struct err *err = arena_new_of(ctx->arena, struct err);
    err->kind = kind;
    err->file = file;
    err->line = line;
    return err;
}

static void fill(struct ctx *ctx, struct err *err, const char *const *said_and_arguments)
{
    err->said = said_and_arguments[0];
    for (int i = 0; i < ERR_ARGUMENTS && said_and_arguments[i + 1]; i++)
        err->arguments[i] = arena_string(ctx->arena, said_and_arguments[i + 1]);
}

const struct err *err_make(struct ctx *ctx, enum err_kind kind, const char *file, int line,
                           const char *const *said_and_arguments)
{
    struct err *err = make(ctx, kind, file, line);
    fill(ctx, err, said_and_arguments);
    return err;
}

const struct err *err_make_field(struct ctx *ctx, const char *field, const char *file, int line,
                                 const char *const *said_and_arguments)
{
    struct err *err = make(ctx, ERR_INPUT, file, line);
    err->field = arena_string(ctx->arena, field);
    fill(ctx, err, said_and_arguments);
    return err;
}

const struct err *err_make_broken(struct ctx *ctx, const char *file, int line, const char *format, ...)
{
    struct err *err = make(ctx, ERR_BROKEN, file, line);
    err->said = "error.broken";
    va_list arguments;
    va_start(arguments, format);
    err->detail = arena_vprintf(ctx->arena, format, arguments);
    va_end(arguments);
    return err;
}

const struct err *err_make_wrap(struct ctx *ctx, const struct err *cause, const char *file, int line, const char *format,
                                ...)
{
    if (!cause)
        return NULL;
    struct err *err = make(ctx, cause->kind, file, line);
    err->said = cause->said;
    err->field = cause->field;
    err->cause = cause;
    va_list arguments;
    va_start(arguments, format);
    err->detail = arena_vprintf(ctx->arena, format, arguments);
    va_end(arguments);
    return err;
}

const struct err *err_again(struct ctx *ctx, const struct err *err)
{
    if (!err)
        return NULL;
    err = err_root(err);
    struct err *again = make(ctx, err->kind, err->file, err->line);
    again->said = err->said;
    for (int i = 0; i < ERR_ARGUMENTS && err->arguments[i]; i++)
        again->arguments[i] = arena_string(ctx->arena, err->arguments[i]);
    again->field = err->field ? arena_string(ctx->arena, err->field) : NULL;
    again->detail = err->detail ? arena_string(ctx->arena, err->detail) : NULL;
    return again;
}

const struct err *err_root(const struct err *err)
{
    while (err && err->cause)
        err = err->cause;
    return err;
}

const char *err_trace(struct ctx *ctx, const struct err *err)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    for (; err; err = err->cause) {
        buffer_printf(&out, "%s%s:%d", out.size ? " <- " : "", err->file, err->line);
        if (!err->cause) {
            buffer_printf(&out, " %s", err->said);
            for (int i = 0; i < ERR_ARGUMENTS && err->arguments[i]; i++)
                buffer_printf(&out, " [%s]", err->arguments[i]);
        }
        if (err->detail)
            buffer_printf(&out, " (%s)", err->detail);
    }
    return arena_copy(ctx->arena, out.at ? out.at : "", out.size);
}

void bug_stop(const char *file, int line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "gongzhi: our own mistake at %s:%d: ", file, line);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}
