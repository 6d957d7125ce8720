/* civic/read.c -- members of YAML maps, read strictly. */
#include "civic/read_inside.h"

static bool is_among(struct text key, const char *const *known)
{
    for (; *known; known++)
        if (text_is(key, *known))
            return true;
    return false;
}

const struct err *read_members(struct reader *reader, const struct yaml *map, const char *what,
                               const char *const *known)
{
    if (map->kind != YAML_MAP)
        return REFUSE(reader, map, "%s must be a map", what);
    for (int i = 0; i < map->count; i++)
        if (!is_among(map->keys[i], known))
            return REFUSE(reader, map->values[i], "%s has the unknown key %s", what, map->keys[i].at);
    return NULL;
}

const struct err *read_part(struct reader *reader, const struct yaml *map, const char *what, const char *key,
                            enum yaml_kind kind, const struct yaml **ret)
{
    static const char *const kinds[] = { [YAML_SCALAR] = "one value", [YAML_LIST] = "a list", [YAML_MAP] = "a map" };
    const struct yaml *found = yaml_find(map, key);
    if (!found)
        return REFUSE(reader, map, "%s has no %s", what, key);
    if (found->kind != kind)
        return REFUSE(reader, found, "%s of %s must be %s", key, what, kinds[kind]);
    *ret = found;
    return NULL;
}

const struct err *read_said(struct reader *reader, const struct yaml *map, const char *what, const char *key,
                            const char **ret)
{
    const struct yaml *found;
    TRY(read_part(reader, map, what, key, YAML_SCALAR, &found));
    if (text_trim(found->scalar).size == 0)
        return REFUSE(reader, found, "%s of %s is empty", key, what);
    if (!text_is_clean(found->scalar))
        return REFUSE(reader, found, "%s of %s is not clean text", key, what);
    *ret = found->scalar.at;
    return NULL;
}

bool is_word(struct text text, bool dots)
{
    if (text.size == 0 || text.size > 48 || text.at[0] < 'a' || text.at[0] > 'z' || text.at[text.size - 1] == '.')
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        bool is_dot = dots && c == '.' && text.at[i + 1] != '.';
        if (!is_dot && c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9'))
            return false;
    }
    return true;
}

const struct err *read_word(struct reader *reader, const struct yaml *scalar, const char *what, bool dots,
                            const char **ret)
{
    if (scalar->kind != YAML_SCALAR || !is_word(scalar->scalar, dots))
        return REFUSE(reader, scalar, "%s must be a word of a-z, 0-9 and _", what);
    *ret = scalar->scalar.at;
    return NULL;
}

const struct err *read_number(struct reader *reader, const struct yaml *scalar, const char *what, int64_t least,
                              int64_t most, int64_t *ret)
{
    int64_t number;
    if (scalar->kind != YAML_SCALAR || !text_int(scalar->scalar, &number) || number < least || number > most)
        return REFUSE(reader, scalar, "%s must be a whole number from %lld to %lld", what, (long long)least,
                      (long long)most);
    *ret = number;
    return NULL;
}

const struct err *read_flag(struct reader *reader, const struct yaml *map, const char *key, bool *ret)
{
    const struct yaml *found = yaml_find(map, key);
    *ret = found && found->kind == YAML_SCALAR && text_is(found->scalar, "true");
    if (found && !*ret && !(found->kind == YAML_SCALAR && text_is(found->scalar, "false")))
        return REFUSE(reader, found, "%s must be true or false", key);
    return NULL;
}
