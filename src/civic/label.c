/* civic/label.c -- reading the members zh and en. */
#include "civic/label.h"

#include "base/text.h"
#include "base/yaml.h"

const struct err *label_read(struct ctx *ctx, const char *name, const struct yaml *map, const char *what,
                             struct label *ret)
{
    static const char *const members[LANGUAGE_COUNT] = { [LANGUAGE_ZH] = "zh", [LANGUAGE_EN] = "en" };
    struct label label;
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        struct text said = yaml_find_text(map, members[i]);
        if (text_trim(said).size == 0)
            return yaml_refuse(ctx, name, map->line, "%s has no name in %s", what, members[i]);
        if (!text_is_clean(said))
            return yaml_refuse(ctx, name, map->line, "the name of %s in %s is not clean text", what, members[i]);
        label.said[i] = said.at; /* NUL-terminated by yaml_read() */
    }
    *ret = label;
    return NULL;
}
