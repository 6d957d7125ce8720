/* commons/matter_table.c */
#include "commons/matter_table.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/commons_sql.h"
#include "store/db.h"
#include "record/place.h"

#include <string.h>

enum { PLACES_AT_ONCE = 50 }; /* parameters of place_names */

void table_begin(struct matter_table *table, struct ctx *ctx)
{
    *table = (struct matter_table){ .ctx = ctx };
    moments_begin(&table->moments, ctx, clock_now(ctx->clock));
}

/* --- places --- */

/* The slot of a code: its own, or the empty one where it would go. The table is never more than half full. */
static uint8_t *slot_of(struct matter_table *table, const char *code)
{
    uint32_t hash = 2166136261u;
    for (const char *at = code; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 16777619u;
    uint8_t *slot = &table->slots[hash % TABLE_SLOTS];
    while (*slot && strcmp(table->places[*slot - 1].code, code) != 0)
        slot = slot + 1 < table->slots + TABLE_SLOTS ? slot + 1 : table->slots;
    return slot;
}

static void want_place(struct matter_table *table, const char *code)
{
    uint8_t *slot = slot_of(table, code);
    if (*slot || table->place_count == TABLE_PLACES)
        return;
    table->places[table->place_count++].code = code;
    *slot = (uint8_t)table->place_count;
}

static const struct err *ask_places(struct matter_table *table, int from, int count)
{
    struct value values[PLACES_AT_ONCE];
    for (int i = 0; i < PLACES_AT_ONCE; i++)
        values[i] = i < count ? value_string(table->places[from + i].code) : value_null();
    struct rows rows;
    TRY(rows_open(table->ctx, table->ctx->snapshot, &sql_place_names, values, PLACES_AT_ONCE, &rows));
    while (rows_next(&rows)) {
        uint8_t slot = *slot_of(table, rows_string(&rows, 0));
        if (slot)
            table->places[slot - 1].name = rows_string(&rows, 1);
    }
    return rows_close(&rows);
}

static const struct err *know_places(struct matter_table *table, const struct matter_row *rows, int count)
{
    int from = table->place_count;
    for (int i = 0; i < count; i++) {
        want_place(table, rows[i].matter.village);
        want_place(table, rows[i].matter.place);
    }
    for (; from < table->place_count; from += PLACES_AT_ONCE) {
        int left = table->place_count - from;
        TRY(ask_places(table, from, left < PLACES_AT_ONCE ? left : PLACES_AT_ONCE));
    }
    return NULL;
}

const struct err *table_know(struct matter_table *table, const struct matter_face *face, const struct matter_row *rows,
                             int count)
{
    table->rows = rows;
    table->glances = arena_array_of(table->ctx->arena, struct glance, count + 1);
    TRY(matter_glance(table->ctx, rows, count, face->marks, table->glances));
    return know_places(table, rows, count);
}

static const char *place_name(struct matter_table *table, const char *code)
{
    uint8_t slot = *slot_of(table, code);
    return slot && table->places[slot - 1].name ? table->places[slot - 1].name : code;
}

/* 黄庄村, 黄庄村二组 */
static void put_place(struct matter_table *table, const struct matter *matter, struct node *node)
{
    const char *village = place_name(table, matter->village);
    node_put_string(node, KEY("place"), strcmp(matter->village, matter->place) == 0
                                            ? village
                                            : place_join(table->ctx, village, place_name(table, matter->place)));
}

/* --- rows --- */

/* The object of a state is made once and stands in every row that is in it. */
static struct node state_node(struct matter_table *table, const struct matter_face *face, const struct matter *matter)
{
    int index = matter->state->index;
    if (table->flow != matter->flow) {
        table->flow = matter->flow;
        memset(table->states, 0, sizeof table->states);
    }
    if (index < TABLE_STATES && table->states[index].kind == NODE_OBJECT)
        return table->states[index];
    struct node *holder = node_object(table->ctx->arena);
    state_put(table->ctx, face, matter->flow, matter->state, holder, KEY("state"));
    struct node made = *node_find(holder, KEY("state"));
    if (index < TABLE_STATES)
        table->states[index] = made;
    return made;
}

static const char *owner_words(const struct matter_table *table, const struct matter_row *row)
{
    role_mask owner = row->matter.state->owner;
    if (!owner)
        return "";
    struct who reader = person_who(table->ctx->person);
    if (((owner & ROLE_BIT(ROLE_AUTHOR)) && who_is(row->matter.author, reader)) ||
        ((owner & ROLE_BIT(ROLE_HANDLER)) && who_is(row->matter.handler, reader)))
        return texts_say(table->ctx->language, "matter.you");
    const char *name = row->handler_name ? row->handler_name : row->unit_name;
    if ((owner & ROLE_BIT(ROLE_HANDLER)) && name)
        return name;
    enum role role = 0;
    while (role < ROLE_COUNT - 1 && !(owner & ROLE_BIT(role)))
        role++;
    return label_say(role_label(role), table->ctx->language);
}

void table_add(struct matter_table *table, const struct matter_face *face, const struct matter_row *row, struct node *list)
{
    struct ctx *ctx = table->ctx;
    const struct matter *matter = &row->matter;
    struct node *node = node_add_object(list);
    node_put_string(node, KEY("href"), matter_href(ctx, face, matter->number, ""));
    node_put_string(node, KEY("number"), matter->number);
    const char *kind = choice_words(ctx, matter->flow, face->kind, matter->kind);
    const char *topic = choice_words(ctx, matter->flow, face->topic, matter->topic);
    const struct glance *glance = &table->glances[row - table->rows];
    node_put_string(node, KEY("heading"), heading_words(ctx, kind, topic));
    node_put_string(node, KEY("kind"), kind);
    node_put_string(node, KEY("topic"), topic);
    if (row->said.size)
        node_put_text(node, KEY("said"), row->said);
    else
        node_put_string(node, KEY("said"), NULL);
    mark_put(ctx, glance->mark, matter->flow, glance->ground, node);
    put_place(table, matter, node);
    node_put_string(node, KEY("owner"), owner_words(table, row));
    node_put(node, KEY("state"), state_node(table, face, matter));
    moments_put(&table->moments, node, KEY("due"), matter->due, MOMENT_DUE_SHORT);
    node_put_bool(node, KEY("late"), matter->due && matter->due < table->moments.now);
    moments_put(&table->moments, node, KEY("filed"), matter->filed, MOMENT_SHORT);
}

const struct err *table_put(struct ctx *ctx, const struct matter_face *face, const struct matter_row *rows, int count,
                            struct node *model)
{
    struct matter_table table;
    table_begin(&table, ctx);
    TRY(table_know(&table, face, rows, count));
    struct node *list = node_put_list(model, KEY("rows"));
    for (int i = 0; i < count; i++)
        table_add(&table, face, &rows[i], list);
    node_put_bool(model, KEY("has_rows"), count > 0);
    return NULL;
}
