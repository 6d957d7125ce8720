/* civic/role.c -- the table of roles. */
#include "civic/role.h"

#include <stddef.h>

static const struct {
    const char *key;
    struct label label;
} roles[ROLE_COUNT] = {
#define ROLE_ROW(name, key, zh, en) [ROLE_##name] = { key, { { zh, en } } },
    ROLES(ROLE_ROW)
#undef ROLE_ROW
};

_Static_assert(ROLE_COUNT <= 64, "a mask of roles has 64 bits");

int role_find(struct text key)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (text_is(key, roles[i].key))
            return i;
    return -1;
}

const char *role_key(enum role role)
{
    return roles[role].key;
}

const struct label *role_label(enum role role)
{
    return &roles[role].label;
}
