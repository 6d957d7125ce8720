/* record/matter_accused.c -- whom an accusation means that names the accused in words. */
#include "record/matter_inside.h"

#include "base/arena.h"
#include "base/day.h"
#include "record/place.h"

/* --- words --- */

static bool says(struct text said, const char *name)
{
    size_t size = name ? strlen(name) : 0;
    return size && said.size >= size && memmem(said.at, said.size, name, size);
}

static struct text words_of(const struct matter *matter)
{
    for (int i = 0; i < matter->flow->field_count; i++) {
        const struct flow_field *field = &matter->flow->fields[i];
        if (field->type == FIELD_TEXT && field->column && strcmp(field->column, "accused") == 0)
            return node_find_text(matter->data, key_intern(text_of(field->key)));
    }
    return (struct text){ NULL, 0 };
}

bool matter_names(const struct matter *matter, const char *name)
{
    return matter->is_sealed && says(words_of(matter), name);
}

/* --- from words to one row --- */

struct search {
    struct ctx *ctx;
    const char *realm_path;
    struct text said;
    int32_t day;
    int64_t id;
    size_t size; /* of the name that was found in the words; 0: none was */
};

/* The longest name in the words counts: 李强生 holds 李强, and means the other. Of two the same, the one found first. */
static void take_longest(struct search *search, const char *name, int64_t id)
{
    if (!says(search->said, name) || strlen(name) <= search->size)
        return;
    search->size = strlen(name);
    search->id = id;
}

/* A name in full, or the one name that has what was said in it: 村建办. */
static const struct err *search_organisations(struct search *search)
{
    struct organisation *list;
    int count, partly = 0;
    int64_t only = 0;
    char *said = text_string(search->ctx->arena, search->said);
    TRY(organisation_list(search->ctx, search->realm_path, &list, &count));
    for (int i = 0; i < count; i++) {
        take_longest(search, list[i].name, list[i].id);
        if (says(text_of(list[i].name), said)) {
            only = list[i].id;
            partly++;
        }
    }
    if (!search->id && partly == 1)
        search->id = only;
    return NULL;
}

static const struct err *search_holders(struct search *search, enum role role)
{
    struct holder *holders;
    int count;
    TRY(person_holders_within(search->ctx, role, search->realm_path, search->day, &holders, &count));
    for (int i = 0; i < count; i++)
        take_longest(search, holders[i].name, holders[i].who.id);
    return NULL;
}

/* Whoever holds an office in the realm; those who would see it first. */
static const struct err *search_people(struct search *search)
{
    const role_mask none = ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_SYSTEM) | ROLE_BIT(ROLE_VILLAGER);
    TRY(search_holders(search, ROLE_DESK));
    TRY(search_holders(search, ROLE_HANDLER));
    for (int role = 0; role < ROLE_COUNT; role++)
        if (!(none & ROLE_BIT(role)))
            TRY(search_holders(search, (enum role)role));
    return NULL;
}

/* An accusation of the whole desk must not lie where nobody sees it: then only its handlers are kept away, by name. */
static const struct err *spare_the_last(struct search *search, const char *place_path)
{
    struct holder *holders;
    int count, left = 0;
    TRY(person_holders_above(search->ctx, ROLE_DESK, place_path, search->day, &holders, &count));
    for (int i = 0; i < count; i++)
        left += holders[i].who.id != search->id && holders[i].organisation != search->id;
    if (count && !left)
        search->id = 0;
    return NULL;
}

const struct err *matter_accused_find(struct ctx *ctx, const struct matter *matter, struct text said, int32_t day, int64_t *ret)
{
    struct search search = { .ctx = ctx, .realm_path = matter_realm_path(ctx, matter->place_path, matter->realm),
                             .said = text_trim(said), .day = day };
    enum { NAME_SHORTEST = 2 };
    *ret = 0;
    if (text_characters(search.said) < NAME_SHORTEST)
        return NULL;
    TRY(search_organisations(&search));
    if (!search.id)
        TRY(search_people(&search));
    if (search.id)
        TRY(spare_the_last(&search, matter->place_path));
    *ret = search.id;
    return NULL;
}
