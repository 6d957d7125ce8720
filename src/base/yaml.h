/* base/yaml.h -- YAML as a tree that remembers its lines, so that a mistake can be shown where it stands.
 * Owns:          struct yaml; limits (depth 32, no anchors, no tags, no second document)
 * Must not know: flows and rules (civic)
 * Begin at:      yaml_read(), yaml_find()
 */
#ifndef BASE_YAML_H
#define BASE_YAML_H
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
    enum yaml_kind kind;
    int line;           /* from 1 */
    struct text scalar; /* of a scalar; also NUL-terminated */
    bool is_quoted;
    int count;            /* items, or members */
    struct text *keys;    /* of a map, in the file's order */
    struct yaml **values; /* items of a list, values of a map */
};

/* ERR_INPUT "yaml.malformed" with arguments file, line, reason. NAME is what messages call the file. */
fallible yaml_read(struct ctx *ctx, const char *name, struct text bytes, struct yaml **ret);

/* The value under KEY, or NULL: also when MAP is NULL or no map. */
struct yaml *yaml_find(const struct yaml *map, const char *key);
/* Its scalar, or an empty text (at NULL) when it is absent or no scalar. */
struct text yaml_find_text(const struct yaml *map, const char *key);

/* ERR_INPUT "yaml.refused" with file, line, reason: for whoever reads meaning from the tree. REASON is English. */
fallible yaml_refuse(struct ctx *ctx, const char *name, int line, const char *reason, ...)
    __attribute__((format(printf, 4, 5)));
#endif
