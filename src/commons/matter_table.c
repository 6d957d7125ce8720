/* commons/matter_table.c */
#include "commons/matter_table.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/commons_sql.h"
#include "store/db.h"
#include "record/place.h"

#include <string.h>

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

/* --- who has it --- */

/* Whose name a row shows: the person's it is given to, or the office's of one given to nobody in particular. */
static bool holder_of(const struct matter *matter, struct table_holder *ret)
{
    if (!(matter->state->owner & ROLE_BIT(ROLE_HANDLER)))
        return false;
    bool is_person = matter->handler.id != 0;
    *ret = (struct table_holder){ .realm = is_person ? matter->handler.realm : NULL,
                                  .id = is_person ? matter->handler.id : matter->handler_unit };
    return ret->id != 0;
}

static struct table_holder *find_holder(struct matter_table *table, const char *realm, int64_t id)
{
    for (int i = 0; i < table->holder_count; i++) {
        struct table_holder *holder = &table->holders[i];
        if (holder->id == id && (realm && holder->realm ? strcmp(holder->realm, realm) == 0 : holder->realm == realm))
            return holder;
    }
    return NULL;
}

static void want_holder(struct matter_table *table, const struct matter *matter)
{
    struct table_holder holder;
    if (holder_of(matter, &holder) && table->holder_count < TABLE_HOLDERS && !find_holder(table, holder.realm, holder.id))
        table->holders[table->holder_count++] = holder;
}

/* --- names --- */

static struct value as_json(struct ctx *ctx, const struct node *list)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(list, &out);
    return value_text(text_copy(ctx->arena, buffer_view(&out)));
}

static void take_name(struct matter_table *table, const struct rows *rows)
{
    enum { OF_PLACE, OF_PERSON, OF_ORGANISATION };
    const char *name = rows_string(rows, 3);
    if (rows_int(rows, 0) == OF_PLACE) {
        uint8_t slot = *slot_of(table, rows_string(rows, 1));
        if (slot)
            table->places[slot - 1].name = name;
        return;
    }
    struct table_holder *holder = find_holder(table, rows_string(rows, 1), rows_int(rows, 2));
    if (holder)
        holder->name = name;
}

/* Asks for the names of places and holders from these numbers on. */
static const struct err *ask_names(struct matter_table *table, int place, int holder)
{
    struct ctx *ctx = table->ctx;
    struct node *places = node_list(ctx->arena), *people = node_list(ctx->arena), *organisations = node_list(ctx->arena);
    for (; place < table->place_count; place++)
        node_add_string(places, table->places[place].code);
    for (; holder < table->holder_count; holder++) {
        struct table_holder *one = &table->holders[holder];
        if (one->realm) {
            struct node *person = node_add_object(people);
            node_put_string(person, KEY("realm"), one->realm);
            node_put_int(person, KEY("id"), one->id);
        } else {
            node_add_int(organisations, one->id);
        }
    }
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_list_names,
                  VALUES(as_json(ctx, places), as_json(ctx, people), as_json(ctx, organisations)), &rows));
    while (rows_next(&rows))
        take_name(table, &rows);
    return rows_close(&rows);
}

static const struct err *know_names(struct matter_table *table, const struct matter_row *rows, int count)
{
    int place = table->place_count, holder = table->holder_count;
    for (int i = 0; i < count; i++) {
        want_place(table, rows[i].matter.village);
        want_place(table, rows[i].matter.place);
        want_holder(table, &rows[i].matter);
    }
    bool is_known = place == table->place_count && holder == table->holder_count;
    return is_known ? NULL : ask_names(table, place, holder);
}

const struct err *table_know(struct matter_table *table, const struct matter_face *face, const struct matter_row *rows,
                             int count)
{
    table->rows = rows;
    table->glances = arena_array_of(table->ctx->arena, struct glance, count + 1);
    TRY(matter_glance(table->ctx, rows, count, face->marks, table->glances));
    return know_names(table, rows, count);
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

static const char *owner_words(struct matter_table *table, const struct matter *matter)
{
    role_mask owner = matter->state->owner;
    if (!owner)
        return "";
    struct who reader = person_who(table->ctx->person);
    if (((owner & ROLE_BIT(ROLE_AUTHOR)) && who_is(matter->author, reader)) ||
        ((owner & ROLE_BIT(ROLE_HANDLER)) && who_is(matter->handler, reader)))
        return texts_say(table->ctx->language, "matter.you");
    struct table_holder holder;
    const struct table_holder *known = holder_of(matter, &holder) ? find_holder(table, holder.realm, holder.id) : NULL;
    if (known && known->name)
        return known->name;
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
    node_put_string(node, KEY("owner"), owner_words(table, matter));
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
