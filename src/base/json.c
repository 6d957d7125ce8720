/* base/json.c
 * Some documents hold a trustee's secrets, so whatever jansson gives back to the heap is overwritten first.
 */
#include "base/json.h"

#include "base/arena.h"
#include "base/ctx.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

/* Putting looks through all members before, and their names stay interned: an object that is larger is no document of
 * ours. */
enum { MOST_DEPTH = 64, MOST_MEMBERS = 1000 };

static void free_wiped(void *at)
{
    if (at)
        sodium_memzero(at, malloc_usable_size(at));
    free(at);
}

static void use_wiping(void)
{
    json_set_alloc_funcs(malloc, free_wiped);
}

/* Why it can't be converted, or NULL. */
static const char *convert(struct arena *arena, json_t *from, struct node *to, int depth)
{
    if (depth > MOST_DEPTH)
        return "json.too_deep";
    if (json_object_size(from) > MOST_MEMBERS)
        return "json.too_wide";
    const char *wrong;
    const char *name;
    json_t *value;
    size_t index;
    *to = (struct node){ .arena = arena };
    switch (json_typeof(from)) {
    case JSON_NULL:
        return NULL;
    case JSON_TRUE:
    case JSON_FALSE:
        to->kind = NODE_BOOL;
        to->is_true = json_is_true(from);
        return NULL;
    case JSON_INTEGER:
        to->kind = NODE_INT;
        to->number = json_integer_value(from);
        return NULL;
    case JSON_REAL:
        to->kind = NODE_REAL;
        to->real = json_real_value(from);
        return NULL;
    case JSON_STRING:
        to->kind = NODE_TEXT;
        to->text = text_copy(arena, (struct text){ json_string_value(from), json_string_length(from) });
        return NULL;
    case JSON_ARRAY:
        to->kind = NODE_LIST;
        json_array_foreach(from, index, value)
        {
            struct node item;
            if ((wrong = convert(arena, value, &item, depth + 1)))
                return wrong;
            node_add(to, item);
        }
        return NULL;
    case JSON_OBJECT:
        to->kind = NODE_OBJECT;
        json_object_foreach(from, name, value)
        {
            struct node member;
            if ((wrong = convert(arena, value, &member, depth + 1)))
                return wrong;
            node_put(to, key_intern(text_of(name)), member);
        }
        return NULL;
    }
    return "json.malformed";
}

const struct err *json_read(struct ctx *ctx, struct text bytes, struct node **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    json_error_t error;
    pthread_once(&once, use_wiping);
    json_t *root = json_loadb(bytes.at ? bytes.at : "", bytes.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!root)
        return err_new(ctx, ERR_INPUT, "json.malformed", arena_printf(ctx->arena, "%d", error.line), error.text);
    struct node *node = arena_new_of(ctx->arena, struct node);
    const char *wrong = convert(ctx->arena, root, node, 0);
    json_decref(root);
    if (wrong)
        return err_new(ctx, ERR_INPUT, wrong);
    *ret = node;
    return NULL;
}
