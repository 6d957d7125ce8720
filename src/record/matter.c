/* record/matter.c -- reading matters, and deciding who may see how much of one. */
#include "record/matter_inside.h"

#include "base/arena.h"
#include "base/json.h"
#include "record/grow_inside.h"
#include "record/matter_sql.h"
#include "record/place.h"
#include "record/records.h"
#include "store/files.h"

#include <stdlib.h>

/* --- one row --- */

static struct who read_who(const struct rows *rows, int column)
{
    return rows_is_null(rows, column + 1) ? (struct who){ NULL, 0 }
                                          : (struct who){ rows_string(rows, column), rows_int(rows, column + 1) };
}

const struct err *matter_read_row(struct ctx *ctx, const struct rows *rows, struct matter *ret)
{
    struct matter m = { .realm = rows_string(rows, 0),
                        .id = rows_int(rows, 1),
                        .number = rows_string(rows, 2),
                        .place = rows_string(rows, 6),
                        .place_path = rows_string(rows, 7),
                        .village = rows_string(rows, 8),
                        .author = read_who(rows, 9),
                        .handler = read_who(rows, 11),
                        .handler_unit = rows_int(rows, 13),
                        .kind = rows_string(rows, 14),
                        .topic = rows_string(rows, 15),
                        .accused = rows_int(rows, 16),
                        .is_sealed = rows_int(rows, 17) != 0,
                        .version = rows_int(rows, 18),
                        .filed = rows_int(rows, 19),
                        .changed = rows_int(rows, 20),
                        .closed = rows_int(rows, 21),
                        .due = rows_int(rows, 22) };
    if (m.due == INT64_MAX)
        m.due = MATTER_NO_DUE;
    TRY(flow_of_version(ctx, rows_string(rows, 3), rows_int(rows, 4), &m.flow));
    m.state = flow_state_find(m.flow, rows_text(rows, 5));
    if (!m.state)
        return err_broken(ctx, "matter %s is in a state that its flow %s doesn't have", m.number, m.flow->key);
    *ret = m;
    return NULL;
}

/* --- events --- */

static const struct err *read_answers(struct ctx *ctx, const struct matter *matter, struct matter_event *event)
{
    struct node *whole;
    event->answers = node_object(ctx->arena);
    if (!event->bytes.at)
        return NULL;
    const struct err *failed = json_read(ctx, event->bytes, &whole);
    const struct node *answers = failed ? NULL : node_find(whole, KEY("answers"));
    if (!answers || answers->kind != NODE_OBJECT)
        return err_broken(ctx, "event %lld of matter %s can't be read", (long long)event->seq, matter->number);
    event->answers = answers;
    return NULL;
}

static const struct err *read_event(struct ctx *ctx, const struct rows *rows, const struct matter *matter,
                                    struct matter_event *ret)
{
    struct matter_event event = { .seq = rows_int(rows, 0),
                                  .move = flow_move_find(matter->flow, rows_text(rows, 1)),
                                  .to = flow_state_find(matter->flow, rows_text(rows, 3)),
                                  .actor = read_who(rows, 4),
                                  .actor_role = rows_string(rows, 6),
                                  .recorded = rows_int(rows, 7),
                                  .due = rows_int(rows, 8),
                                  .position = rows_int(rows, 9),
                                  .bytes = text_copy(ctx->arena, rows_text(rows, 10)),
                                  .salt = text_copy(ctx->arena, rows_blob(rows, 11)) };
    if (rows_is_null(rows, 10))
        event.bytes = (struct text){ NULL, 0 };
    if (!rows_is_null(rows, 2))
        event.from = flow_state_find(matter->flow, rows_text(rows, 2));
    if (!event.move || !event.to)
        return err_broken(ctx, "event %lld of matter %s doesn't fit its flow", (long long)event.seq, matter->number);
    TRY(read_answers(ctx, matter, &event));
    *ret = event;
    return NULL;
}

static const struct err *load_events(struct ctx *ctx, struct matter *matter)
{
    struct rows rows;
    const struct err *failed = NULL;
    struct matter_event *events = arena_array_of(ctx->arena, struct matter_event, matter->version);
    TRY(rows_open(ctx, ctx->snapshot, &sql_matter_events, VALUES(value_string(matter->realm), value_int(matter->id)),
                  &rows));
    while (!failed && rows_next(&rows)) {
        if (matter->event_count == matter->version)
            failed = err_broken(ctx, "matter %s has more events than versions", matter->number);
        else
            failed = read_event(ctx, &rows, matter, &events[matter->event_count++]);
    }
    const struct err *closed = rows_close(&rows);
    if (failed || closed)
        return failed ? failed : closed;
    if (matter->event_count != matter->version)
        return err_broken(ctx, "matter %s has %d events in version %lld", matter->number, matter->event_count,
                          (long long)matter->version);
    matter->events = events;
    return NULL;
}

/* --- clocks --- */

static const struct err *read_clock(struct ctx *ctx, const struct rows *rows, struct running_clock *ret)
{
    struct running_clock clock = { .name = rows_string(rows, 0),
                                   .id = rows_int(rows, 1),
                                   .key = rows_string(rows, 2),
                                   .source = rows_string(rows, 3),
                                   .started = rows_int(rows, 4),
                                   .due = rows_int(rows, 5),
                                   .unmoved = (int32_t)rows_int(rows, 6),
                                   .is_provisional = rows_int(rows, 7) != 0,
                                   .value = rows_int(rows, 8),
                                   .extended = rows_int(rows, 9),
                                   .paused_since = rows_int(rows, 12),
                                   .warn_at = rows_int(rows, 14),
                                   .warned = rows_int(rows, 15),
                                   .fired = rows_int(rows, 16),
                                   .stopped = rows_int(rows, 17) };
    int unit = unit_find(rows_text(rows, 10)), count = count_find(rows_text(rows, 11));
    if (unit < 0 || count < 0 || !spans_parse(ctx->arena, rows_text(rows, 13), &clock.paused, &clock.paused_count))
        return err_broken(ctx, "the clock %s can't be read", clock.name);
    clock.unit = (enum unit)unit;
    clock.count = (enum count)count;
    *ret = clock;
    return NULL;
}

static const struct err *load_clocks(struct ctx *ctx, struct matter *matter)
{
    struct rows rows;
    const struct err *failed = NULL;
    int most = (int)matter->version * (matter->flow->clock_count + 1);
    matter->clocks = arena_array_of(ctx->arena, struct running_clock, most);
    TRY(rows_open(ctx, ctx->snapshot, &sql_matter_clocks, VALUES(value_string(matter->realm), value_int(matter->id)),
                  &rows));
    while (!failed && rows_next(&rows)) {
        if (matter->clock_count == most)
            failed = err_broken(ctx, "matter %s has too many clocks", matter->number);
        else
            failed = read_clock(ctx, &rows, &matter->clocks[matter->clock_count++]);
    }
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

/* --- the whole --- */

static void gather(struct ctx *ctx, struct matter *matter)
{
    struct node *data = node_object(ctx->arena);
    struct flow_done *done = arena_array_of(ctx->arena, struct flow_done, matter->flow->move_count);
    for (int i = 0; i < matter->flow->move_count; i++)
        done[i].move = matter->flow->moves[i].name;
    for (int i = 0; i < matter->event_count; i++) {
        done[matter->events[i].move->index].times++;
        node_each (link, matter->events[i].answers)
            node_put(data, link->key, link->value);
    }
    matter->data = data;
    matter->known = (struct flow_matter){ .state = matter->state->key,
                                          .data = data,
                                          .done = done,
                                          .done_count = matter->flow->move_count,
                                          .clocks = matter->clocks,
                                          .clock_count = matter->clock_count };
}

static const struct err *load(struct ctx *ctx, const struct statement *statement, const char *realm, struct value which,
                              struct matter **ret)
{
    struct rows rows;
    struct matter *matter = arena_new_of(ctx->arena, struct matter);
    const struct err *failed = NULL;
    TRY(rows_open(ctx, ctx->snapshot, statement, VALUES(value_string(realm), which), &rows));
    bool found = rows_next(&rows);
    if (found)
        failed = matter_read_row(ctx, &rows, matter);
    TRY(rows_close(&rows));
    if (failed)
        return failed;
    if (!found)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    TRY(load_events(ctx, matter));
    TRY(load_clocks(ctx, matter));
    gather(ctx, matter);
    *ret = matter;
    return NULL;
}

fallible matter_load(struct ctx *ctx, const char *realm, struct text number, struct matter **ret)
{
    return load(ctx, &sql_matter_by_number, realm, value_text(number.at ? number : TEXT("")), ret);
}

fallible matter_load_by_id(struct ctx *ctx, const char *realm, int64_t id, struct matter **ret)
{
    return load(ctx, &sql_matter_by_id, realm, value_int(id), ret);
}

struct text matter_place_of(struct text number)
{
    enum { CODE = 12 };
    return number.size > CODE && number.at[CODE] == '-' ? (struct text){ number.at, CODE } : TEXT("");
}

fallible matter_realm_of(struct ctx *ctx, struct text number, const char **ret)
{
    struct place *place = NULL;
    struct text code = matter_place_of(number);
    if (code.size)
        TRY(place_find(ctx, code, &place));
    if (!place)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    *ret = place->realm;
    return NULL;
}

/* --- places in paths --- */

const char *matter_realm_path(struct ctx *ctx, const char *place_path, const char *realm)
{
    const char *found = strstr(place_path, arena_printf(ctx->arena, "/%s/", realm));
    return found ? arena_copy(ctx->arena, place_path, (size_t)(found - place_path) + strlen(realm) + 2) : place_path;
}

struct flow_world matter_world(struct ctx *ctx, const char *place_path)
{
    const struct law *law = law_now(ctx);
    struct flow_world world = { .rules = law->rules, .calendar = law->calendar };
    world.place_count = place_codes(ctx, place_path, &world.places);
    return world;
}

/* --- sight --- */

/* An accusation given to a person is that person's alone: the rest of the office is as much a stranger to it as anyone.
 */
struct thing matter_thing(const struct matter *matter)
{
    bool is_one_persons = matter->is_sealed && matter->handler.id;
    return (struct thing){ .realm = matter->realm,
                           .place_path = matter->place_path,
                           .author = matter->author,
                           .handler = matter->handler,
                           .handler_organisation = is_one_persons ? 0 : matter->handler_unit };
}

role_mask matter_roles(const struct person *person, const struct matter *matter)
{
    struct thing thing = matter_thing(matter);
    role_mask roles = rights_roles(person, &thing);
    return roles & matter->state->owner ? roles | ROLE_BIT(ROLE_OWNER) : roles;
}

role_mask matter_owner_roles(const struct flow *flow)
{
    role_mask roles = 0;
    if (flow->visible_to & ROLE_BIT(ROLE_OWNER))
        for (int i = 0; i < flow->state_count; i++)
            roles |= flow->states[i].owner;
    return roles;
}

role_mask matter_sight_roles(const struct flow *flow, bool is_sealed)
{
    role_mask parties = ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_HANDLER);
    role_mask roles = (flow->visible_to & ~ROLE_BIT(ROLE_OWNER)) | (matter_owner_roles(flow) & parties);
    return is_sealed ? roles & (parties | ROLE_BIT(ROLE_DESK)) : roles;
}

bool matter_accuses(const struct matter *matter, const struct person *person)
{
    if (!person || !matter->accused)
        return false;
    if (person->id == matter->accused)
        return true;
    for (int i = 0; i < person->role_count; i++)
        if (person->roles[i].organisation == matter->accused)
            return true;
    return false;
}

enum sight matter_sight(const struct person *person, const struct matter *matter)
{
    enum sight otherwise = matter->is_sealed ? SIGHT_NONE : SIGHT_PROGRESS;
    if (matter_accuses(matter, person))
        return otherwise;
    role_mask roles = matter_roles(person, matter);
    role_mask seeing = matter_sight_roles(matter->flow, matter->is_sealed);
    seeing |= matter_owner_roles(matter->flow) & matter->state->owner;
    return roles & seeing ? SIGHT_WHOLE : otherwise;
}

bool matter_event_is_public(const struct matter *matter, const struct matter_event *event)
{
    return !matter->is_sealed && event->move->is_public && event->to->is_public;
}

/* --- pictures --- */

fallible matter_files(struct ctx *ctx, const struct matter *matter, struct matter_file **ret, int *ret_count)
{
    struct rows rows;
    struct matter_file *files = NULL;
    int count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_matter_file_list, VALUES(value_string(matter->realm), value_int(matter->id)),
                  &rows));
    while (rows_next(&rows)) {
        files = arena_grow(ctx, files, count, sizeof *files);
        files[count++] = (struct matter_file){ .id = rows_int(&rows, 0),
                                               .hash = rows_string(&rows, 1),
                                               .type = rows_string(&rows, 2),
                                               .event = rows_int(&rows, 3) };
    }
    *ret = files;
    *ret_count = count;
    return rows_close(&rows);
}

fallible matter_file_read(struct ctx *ctx, const struct matter *matter, int64_t id, struct text *ret_bytes,
                          const char **ret_type)
{
    struct matter_file *files;
    int count;
    TRY(matter_files(ctx, matter, &files, &count));
    for (int i = 0; i < count; i++)
        if (files[i].id == id && ctx->records->files) {
            *ret_type = files[i].type;
            return files_read(ctx, ctx->records->files, files[i].hash, ret_bytes);
        }
    return err_new(ctx, ERR_MISSING, "matter.file.missing");
}
