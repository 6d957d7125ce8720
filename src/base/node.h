/* base/node.h -- the one model behind both faces of a page: a small tree of values in the request's arena.
 * Owns:          struct node, struct key (interned names), writing a tree as JSON
 * Must not know: templates and HTTP (http), what the fields mean
 * Begin at:      node_object(), node_put_text(), KEY()
 *
 *     struct node *page = node_object(ctx->arena);
 *     node_put_text(page, KEY("number"), number);
 *     struct node *rows = node_put_list(page, KEY("rows"));
 *     struct node *row = node_add_object(rows);
 *
 * Keys are interned once for the process, so that a template finds a field by comparing pointers. Texts are borrowed,
 * not copied. The order of putting is the order of writing. Putting a key twice replaces its value.
 */
#ifndef BASE_NODE_H
#define BASE_NODE_H
#include "base/buffer.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;

struct key {
    const char *name;
    size_t size;
};

const struct key *key_intern(struct text name); /* threads may; lives for ever */

/* KEY("name"): interned the first time the line runs. */
#define KEY(literal)                                                                                                   \
    ({                                                                                                                 \
        static const struct key *_Atomic key_;                                                                         \
        const struct key *found_ = key_;                                                                               \
        if (!found_)                                                                                                   \
            key_ = found_ = key_intern(TEXT(literal));                                                                 \
        found_;                                                                                                        \
    })

enum node_kind { NODE_NULL, NODE_BOOL, NODE_INT, NODE_REAL, NODE_TEXT, NODE_LIST, NODE_OBJECT };

struct node_link;

struct node {
    enum node_kind kind;
    uint32_t count; /* of items or members */
    union {
        bool is_true;
        int64_t number;
        double real;
        struct text text;
        struct {
            struct node_link *first, *last;
        };
    };
    struct arena *arena; /* of lists and objects: where their items go */
};

struct node_link {
    struct node_link *next;
    const struct key *key; /* NULL in a list */
    struct node value;
};

struct node *node_object(struct arena *arena);
struct node *node_list(struct arena *arena);

void node_put(struct node *object, const struct key *key, struct node value);
void node_put_text(struct node *object, const struct key *key, struct text text);
void node_put_string(struct node *object, const struct key *key, const char *string); /* NULL puts null */
void node_put_int(struct node *object, const struct key *key, int64_t number);
void node_put_id(struct node *object, const struct key *key, int64_t id); /* ids are strings in JSON */
void node_put_bool(struct node *object, const struct key *key, bool is_true);
struct node *node_put_object(struct node *object, const struct key *key);
struct node *node_put_list(struct node *object, const struct key *key);

void node_add(struct node *list, struct node value);
void node_add_string(struct node *list, const char *string);
void node_add_int(struct node *list, int64_t number);
struct node *node_add_object(struct node *list);

/* The member, or NULL: also when OBJECT is NULL or no object. */
const struct node *node_find(const struct node *object, const struct key *key);
/* The member's text, or an empty one. */
struct text node_find_text(const struct node *object, const struct key *key);
int64_t node_find_int(const struct node *object, const struct key *key, int64_t otherwise);
bool node_find_bool(const struct node *object, const struct key *key);

#define node_each(link, container) for (const struct node_link *link = (container)->first; link; link = link->next)

/* JSON without spaces, members in the order they were put. */
void node_write(const struct node *node, struct buffer *out);
/* Canonical JSON: members sorted by the bytes of their names, no spaces, no reals; the bytes that are hashed. */
void node_write_canonical(const struct node *node, struct buffer *out);
#endif
