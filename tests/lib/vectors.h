/* tests/lib/vectors.h -- published test data: main() takes --vectors DIR, vector_json() and vector_read() look there.
 */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H
#include "file.h"

#include "base/encode.h"
#include "base/json.h"
#include "base/node.h"

#include <stdlib.h>

static const char *vectors_folder;

static inline void vectors_from(int count, char **arguments)
{
    if (count != 3 || strcmp(arguments[1], "--vectors") != 0) {
        fprintf(stderr, "usage: %s --vectors DIR\n", arguments[0]);
        exit(2);
    }
    vectors_folder = arguments[2];
}

static inline struct text vector_read(struct fixture *f, const char *name)
{
    return read_file(f, arena_printf(f->ctx->arena, "%s/%s", vectors_folder, name));
}

static inline const struct node *json_of(struct fixture *f, struct text bytes)
{
    struct node *node;
    assert_ok(f, json_read(f->ctx, bytes, &node));
    return node;
}

static inline const struct node *vector_json(struct fixture *f, const char *name)
{
    return json_of(f, vector_read(f, name));
}

static inline struct text vector_base64(struct fixture *f, struct text text)
{
    struct text bytes;
    if (!base64_decode(f->ctx->arena, text, &bytes))
        fail_msg("no base64: %.*s", (int)text.size, text.at);
    return bytes;
}

static inline struct text vector_hex(struct fixture *f, struct text text)
{
    struct text bytes;
    if (!hex_decode(f->ctx->arena, text, &bytes))
        fail_msg("no hex: %.*s", (int)text.size, text.at);
    return bytes;
}

static inline struct sha256 hash_from(struct text bytes)
{
    struct sha256 hash;
    assert_int_equal(bytes.size, SHA256_SIZE);
    memcpy(hash.bytes, bytes.at, SHA256_SIZE);
    return hash;
}

/* Says which case of a file failed. */
#define assert_case(name, condition)                                                                                   \
    do {                                                                                                               \
        struct text name_ = (name);                                                                                    \
        if (!(condition))                                                                                              \
            fail_msg("case \"%.*s\": %s", (int)name_.size, name_.at, #condition);                                      \
    } while (0)

static inline int begin_fixture(void **state)
{
    static struct fixture fixture;
    fixture_begin(&fixture);
    *state = &fixture;
    return 0;
}

static inline int end_fixture(void **state)
{
    fixture_end(*state);
    return 0;
}

#define vector_test(name) cmocka_unit_test_setup_teardown(name, begin_fixture, end_fixture)
#endif
