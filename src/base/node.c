/* base/node.c -- lists and objects are linked, so that a nested node keeps its address while its parent grows. */
#include "base/node.h"

#include "base/arena.h"
#include "base/err.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* --- keys: one open-addressing table for the process, only ever added to --- */

static pthread_mutex_t keys_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct key **keys;
static size_t keys_count, keys_room;

static size_t name_hash(struct text name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.at[i]) * UINT64_C(1099511628211);
    return (size_t)hash;
}

static const struct key **slot_of(const struct key **table, size_t room, struct text name)
{
    size_t i = name_hash(name) & (room - 1);
    while (table[i] && !text_equal((struct text){ table[i]->name, table[i]->size }, name))
        i = (i + 1) & (room - 1);
    return &table[i];
}

static void keys_grow(void)
{
    size_t room = keys_room ? keys_room * 2 : 512;
    const struct key **table = calloc(room, sizeof *table);
    if (!table)
        BUG("out of memory");
    for (size_t i = 0; i < keys_room; i++)
        if (keys[i])
            *slot_of(table, room, (struct text){ keys[i]->name, keys[i]->size }) = keys[i];
    free(keys);
    keys = table;
    keys_room = room;
}

static const struct key *key_new(struct text name)
{
    struct key *key = malloc(sizeof *key);
    char *copy = malloc(name.size + 1);
    if (!key || !copy)
        BUG("out of memory");
    if (name.size)
        memcpy(copy, name.at, name.size);
    copy[name.size] = '\0';
    *key = (struct key){ copy, name.size };
    return key;
}

const struct key *key_intern(struct text name)
{
    pthread_mutex_lock(&keys_lock);
    if (keys_count * 2 >= keys_room)
        keys_grow();
    const struct key **slot = slot_of(keys, keys_room, name);
    if (!*slot) {
        *slot = key_new(name);
        keys_count++;
    }
    const struct key *key = *slot;
    pthread_mutex_unlock(&keys_lock);
    return key;
}

/* --- building --- */

static struct node container(struct arena *arena, enum node_kind kind)
{
    return (struct node){ .kind = kind, .arena = arena };
}

struct node *node_object(struct arena *arena)
{
    struct node *node = arena_new_of(arena, struct node);
    *node = container(arena, NODE_OBJECT);
    return node;
}

struct node *node_list(struct arena *arena)
{
    struct node *node = arena_new_of(arena, struct node);
    *node = container(arena, NODE_LIST);
    return node;
}

static struct node *append(struct node *parent, const struct key *key, struct node value)
{
    struct node_link *link = arena_alloc_raw(parent->arena, sizeof *link);
    *link = (struct node_link){ .key = key, .value = value };
    if (parent->last)
        parent->last->next = link;
    else
        parent->first = link;
    parent->last = link;
    parent->count++;
    return &link->value;
}

static struct node *put(struct node *object, const struct key *key, struct node value)
{
    if (object->kind != NODE_OBJECT)
        BUG("a member \"%s\" for what is no object", key->name);
    for (struct node_link *link = object->first; link; link = link->next)
        if (link->key == key) {
            link->value = value;
            return &link->value;
        }
    return append(object, key, value);
}

static struct node *add(struct node *list, struct node value)
{
    if (list->kind != NODE_LIST)
        BUG("an item for what is no list");
    return append(list, NULL, value);
}

static struct node of_text(struct text text)
{
    return (struct node){ .kind = NODE_TEXT, .text = text };
}

static struct node of_string(const char *string)
{
    return string ? of_text(text_of(string)) : (struct node){ .kind = NODE_NULL };
}

static struct node of_int(int64_t number)
{
    return (struct node){ .kind = NODE_INT, .number = number };
}

void node_put(struct node *object, const struct key *key, struct node value)
{
    put(object, key, value);
}

void node_put_text(struct node *object, const struct key *key, struct text text)
{
    put(object, key, of_text(text));
}

void node_put_string(struct node *object, const struct key *key, const char *string)
{
    put(object, key, of_string(string));
}

void node_put_int(struct node *object, const struct key *key, int64_t number)
{
    put(object, key, of_int(number));
}

void node_put_id(struct node *object, const struct key *key, int64_t id)
{
    put(object, key, of_string(arena_printf(object->arena, "%lld", (long long)id)));
}

void node_put_bool(struct node *object, const struct key *key, bool is_true)
{
    put(object, key, (struct node){ .kind = NODE_BOOL, .is_true = is_true });
}

struct node *node_put_object(struct node *object, const struct key *key)
{
    return put(object, key, container(object->arena, NODE_OBJECT));
}

struct node *node_put_list(struct node *object, const struct key *key)
{
    return put(object, key, container(object->arena, NODE_LIST));
}

void node_add(struct node *list, struct node value)
{
    add(list, value);
}

void node_add_string(struct node *list, const char *string)
{
    add(list, of_string(string));
}

void node_add_int(struct node *list, int64_t number)
{
    add(list, of_int(number));
}

struct node *node_add_object(struct node *list)
{
    return add(list, container(list->arena, NODE_OBJECT));
}

/* --- finding --- */

const struct node *node_find(const struct node *object, const struct key *key)
{
    if (!object || object->kind != NODE_OBJECT)
        return NULL;
    node_each(link, object)
        if (link->key == key)
            return &link->value;
    return NULL;
}

struct text node_find_text(const struct node *object, const struct key *key)
{
    const struct node *found = node_find(object, key);
    return found && found->kind == NODE_TEXT ? found->text : TEXT("");
}

int64_t node_find_int(const struct node *object, const struct key *key, int64_t otherwise)
{
    const struct node *found = node_find(object, key);
    return found && found->kind == NODE_INT ? found->number : otherwise;
}

bool node_find_bool(const struct node *object, const struct key *key)
{
    const struct node *found = node_find(object, key);
    return found && found->kind == NODE_BOOL && found->is_true;
}

/* --- writing --- */

/* The shortest decimal that reads back as the same number. */
static void write_real(double real, struct buffer *out)
{
    char digits[40];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, real);
        if (strtod(digits, NULL) == real)
            break;
    }
    buffer_string(out, isfinite(real) ? digits : "null");
}

static int by_name(const void *a, const void *b)
{
    const struct key *left = (*(const struct node_link *const *)a)->key, *right = (*(const struct node_link *const *)b)->key;
    int order = memcmp(left->name, right->name, left->size < right->size ? left->size : right->size);
    return order ? order : (left->size > right->size) - (left->size < right->size);
}

static void write(const struct node *node, struct buffer *out, bool is_canonical);

static void write_member(const struct node_link *link, bool is_first, struct buffer *out, bool is_canonical)
{
    if (!is_first)
        buffer_byte(out, ',');
    buffer_json(out, (struct text){ link->key->name, link->key->size });
    buffer_byte(out, ':');
    write(&link->value, out, is_canonical);
}

static void write_sorted(const struct node *object, struct buffer *out)
{
    const struct node_link **links = arena_array_of(object->arena, const struct node_link *, object->count + 1);
    size_t count = 0;
    node_each(link, object)
        links[count++] = link;
    qsort(links, count, sizeof *links, by_name);
    for (size_t i = 0; i < count; i++)
        write_member(links[i], i == 0, out, true);
}

static void write(const struct node *node, struct buffer *out, bool is_canonical)
{
    switch (node->kind) {
    case NODE_NULL:
        buffer_string(out, "null");
        break;
    case NODE_BOOL:
        buffer_string(out, node->is_true ? "true" : "false");
        break;
    case NODE_INT:
        buffer_int(out, node->number);
        break;
    case NODE_REAL:
        if (is_canonical)
            BUG("a real number in canonical JSON");
        write_real(node->real, out);
        break;
    case NODE_TEXT:
        buffer_json(out, node->text);
        break;
    case NODE_LIST:
        buffer_byte(out, '[');
        node_each(link, node) {
            if (link != node->first)
                buffer_byte(out, ',');
            write(&link->value, out, is_canonical);
        }
        buffer_byte(out, ']');
        break;
    case NODE_OBJECT:
        buffer_byte(out, '{');
        if (is_canonical)
            write_sorted(node, out);
        else
            node_each(link, node)
                write_member(link, link == node->first, out, false);
        buffer_byte(out, '}');
        break;
    }
}

void node_write(const struct node *node, struct buffer *out)
{
    write(node, out, false);
}

void node_write_canonical(const struct node *node, struct buffer *out)
{
    write(node, out, true);
}
