/* base/texts.c */
#include "base/texts.h"

#include "base/arena.h"
#include "base/buffer.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct texts_entry *table;
static size_t table_count;

void texts_use(const struct texts_entry *entries, size_t count)
{
    table = entries;
    table_count = count;
}

static int by_key(const void *key, const void *entry)
{
    return strcmp(key, ((const struct texts_entry *)entry)->key);
}

const char *texts_find(enum language language, const char *key)
{
    const struct texts_entry *found =
        table_count ? bsearch(key, table, table_count, sizeof *table, by_key) : NULL;
    return found ? found->said[language] : NULL;
}

const char *texts_say(enum language language, const char *key)
{
    const char *found = texts_find(language, key);
    return found ? found : key;
}

static const char *fill(struct ctx *ctx, const char *form, const char *const *arguments)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    for (const char *at = form; *at; at++) {
        bool is_slot = at[0] == '{' && at[1] >= '0' && at[1] < '0' + ERR_ARGUMENTS && at[2] == '}';
        if (!is_slot) {
            buffer_byte(&out, *at);
            continue;
        }
        const char *argument = arguments[at[1] - '0'];
        buffer_string(&out, argument ? argument : "");
        at += 2;
    }
    return arena_copy(ctx->arena, out.at ? out.at : "", out.size);
}

const char *texts_fill(struct ctx *ctx, const char *key, ...)
{
    const char *arguments[ERR_ARGUMENTS] = { 0 };
    va_list list;
    va_start(list, key);
    for (int i = 0; i < ERR_ARGUMENTS; i++) {
        arguments[i] = va_arg(list, const char *);
        if (!arguments[i])
            break;
    }
    va_end(list);
    return fill(ctx, texts_say(ctx->language, key), arguments);
}

const char *texts_of_err(struct ctx *ctx, const struct err *err)
{
    const struct err *root = err_root(err);
    return fill(ctx, texts_say(ctx->language, root->said), root->arguments);
}
