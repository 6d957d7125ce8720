/* record/matter_step.c -- one event of a matter and all that follows from it, as steps of a plan: what opening, moving
 * and firing clocks have in common. */
#include "record/matter_inside.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/day.h"
#include "record/grow_inside.h"
#include "record/matter_sql.h"
#include "record/message.h"
#include "record/place.h"
#include "record/records.h"

/* --- columns --- */

static const struct flow_field *column_field(const struct flow *flow, const char *column)
{
    for (int i = 0; i < flow->field_count; i++)
        if (flow->fields[i].column && strcmp(flow->fields[i].column, column) == 0)
            return &flow->fields[i];
    return NULL;
}

static const struct flow_field *handler_field(const struct flow *flow)
{
    const struct flow_field *field = column_field(flow, "handler");
    if (!field)
        field = flow_field_find(flow, TEXT("handler"));
    return field && (field->type == FIELD_PERSON || field->type == FIELD_ORG) ? field : NULL;
}

static struct text answer_of(const struct matter_step *step, const struct flow_field *field)
{
    return field ? node_find_text(step->result->answers, key_intern(text_of(field->key))) : (struct text){ NULL, 0 };
}

static void mirror(struct ctx *ctx, const struct matter_step *step, const char *column, const char **ret)
{
    struct text said = answer_of(step, column_field(step->matter->flow, column));
    if (said.size)
        *ret = text_string(ctx->arena, said);
}

/* The accused may be named by a person or an organisation; ids of both come from one source. Whoever belongs to the
 * accused organisation through any role is of the accused, not only through the one in which it would be handled. */
static const struct err *is_accused(struct ctx *ctx, const struct matter_step *step, const struct flow_field *field)
{
    struct matter matter = { .accused = step->accused };
    struct person *handler = NULL;
    if (!step->accused && !step->matter->is_sealed)
        return NULL;
    if (step->handler.id)
        TRY(person_load(ctx, step->handler, day_of(step->now), &handler));
    bool is_named = handler && matter_names(step->matter, handler->name);
    for (int i = 0; handler && i < handler->role_count; i++)
        is_named = is_named || matter_names(step->matter, handler->roles[i].organisation_name);
    if (is_named)
        return err_field(ctx, field->key, "matter.handler.accused");
    if ((step->accused && step->accused == step->handler_unit) || matter_accuses(&matter, handler))
        return err_field(ctx, field->key, "matter.handler.accused");
    return NULL;
}

static const struct err *take_handler(struct ctx *ctx, const struct flow_field *field, int64_t id,
                                      struct matter_step *step)
{
    const struct matter *matter = step->matter;
    const char *path = matter_realm_path(ctx, matter->place_path, matter->realm);
    bool found = false;
    if (field->type == FIELD_ORG) {
        struct organisation *unit;
        const struct err *failed = organisation_load(ctx, id, &unit);
        if (failed && err_root(failed)->kind != ERR_MISSING)
            return failed;
        found = !failed;
        step->handler = (struct who){ NULL, 0 };
        step->handler_unit = id;
    } else {
        struct holder *holders;
        int count;
        TRY(person_holders_within(ctx, ROLE_HANDLER, path, day_of(step->now), &holders, &count));
        for (int i = 0; i < count && !found; i++)
            if (holders[i].who.id == id) {
                found = true;
                step->handler = holders[i].who;
                step->handler_unit = holders[i].organisation;
            }
    }
    if (!found)
        return err_field(ctx, field->key, "matter.handler.unknown");
    if (matter->version && who_is(step->handler, matter->handler))
        return err_field(ctx, field->key, "matter.handler.same");
    return is_accused(ctx, step, field);
}

/* An id, or words of an accusation. */
static const struct err *take_accused(struct ctx *ctx, struct matter_step *step)
{
    const struct flow_field *field = column_field(step->matter->flow, "accused");
    struct text said = answer_of(step, field);
    int64_t id;
    if (!said.size)
        return NULL;
    if (field->type == FIELD_TEXT)
        return step->result->is_sealed ? matter_accused_find(ctx, step->matter, said, day_of(step->now), &step->accused) : NULL;
    if (text_int(said, &id))
        step->accused = id;
    return NULL;
}

const struct err *matter_step_columns(struct ctx *ctx, struct matter_step *step)
{
    const struct matter *matter = step->matter;
    const struct flow_field *field;
    int64_t id;
    step->kind = matter->kind;
    step->topic = matter->topic;
    step->accused = matter->accused;
    step->handler = matter->handler;
    step->handler_unit = matter->handler_unit;
    mirror(ctx, step, "category", &step->kind);
    mirror(ctx, step, "topic", &step->topic);
    TRY(take_accused(ctx, step));
    if (matter->version && step->result->state->index == 0 && step->result->move->to) { /* given back */
        step->handler = (struct who){ NULL, 0 };
        step->handler_unit = 0;
    }
    field = handler_field(matter->flow);
    if (text_int(answer_of(step, field), &id))
        TRY(take_handler(ctx, field, id, step));
    return NULL;
}

/* --- the event as it is sealed --- */

static void member(struct buffer *out, const char *name)
{
    if (out->at[out->size - 1] != '{')
        buffer_byte(out, ',');
    buffer_byte(out, '"');
    buffer_string(out, name);
    buffer_string(out, "\":");
}

static void member_text(struct buffer *out, const char *name, const char *value)
{
    member(out, name);
    buffer_json(out, text_of(value));
}

static void member_int(struct buffer *out, const char *name, int64_t value)
{
    member(out, name);
    buffer_int(out, value);
}

/* Numbers and marks need no escape: places, digits, letters and hyphens. */
static void member_number(struct buffer *out, const struct matter_step *step)
{
    member(out, "number");
    buffer_byte(out, '"');
    buffer_string(out, step->late_number);
    buffer_byte(out, '"');
}

static void member_time(struct buffer *out)
{
    member(out, "time");
    buffer_string(out, PLAN_TIME);
}

static void member_actor(struct buffer *out, const struct matter_step *step)
{
    member(out, "actor");
    buffer_byte(out, '{');
    if (step->actor.id) {
        member(out, "id");
        buffer_printf(out, "\"%lld\"", (long long)step->actor.id);
        member_text(out, "realm", step->actor.realm);
    }
    member_text(out, "role", role_key(step->actor_role));
    buffer_byte(out, '}');
}

static void member_files(struct buffer *out, const struct matter_step *step)
{
    member(out, "files");
    buffer_byte(out, '[');
    for (int i = 0; i < step->file_count; i++) {
        if (i)
            buffer_byte(out, ',');
        buffer_byte(out, '{');
        member_text(out, "hash", step->files[i].hash);
        member(out, "id");
        buffer_printf(out, "\"%lld\"", (long long)step->files[i].id);
        member_text(out, "type", step->files[i].type);
        buffer_byte(out, '}');
    }
    buffer_byte(out, ']');
}

static struct text finish(struct ctx *ctx, struct buffer *out)
{
    buffer_byte(out, '}');
    struct text text = text_copy(ctx->arena, buffer_view(out));
    buffer_clear(out);
    return text;
}

/* Canonical by construction: the members in the order of their names. Late text: number and time are marks. */
static struct text event_bytes(struct ctx *ctx, const struct matter_step *step)
{
    const struct matter *matter = step->matter;
    struct buffer out = { 0 };
    buffer_reserve(&out, 1024);
    buffer_byte(&out, '{');
    member_actor(&out, step);
    member(&out, "answers");
    node_write_canonical(step->result->answers, &out);
    if (step->due)
        member_int(&out, "due", step->due);
    if (step->facts) {
        member(&out, "facts");
        node_write_canonical(step->facts, &out);
    }
    if (step->file_count)
        member_files(&out, step);
    member_text(&out, "flow", matter->flow->key);
    if (!matter->version)
        member_text(&out, "flow_version", matter->flow->version);
    if (matter->version)
        member_text(&out, "from", matter->state->key);
    member(&out, "matter");
    buffer_printf(&out, "\"%lld\"", (long long)matter->id);
    member_text(&out, "move", step->result->move->name);
    member_number(&out, step);
    member_text(&out, "place", matter->place);
    member_text(&out, "realm", matter->realm);
    member_int(&out, "seq", matter->version + 1);
    member_time(&out);
    member_text(&out, "to", step->result->state->key);
    return finish(ctx, &out);
}

/* What the log shows in clear: nothing of an accusation, nothing of a move that isn't public. */
static struct text event_open(struct ctx *ctx, const struct matter_step *step)
{
    const struct flow_result *result = step->result;
    const struct flow *flow = step->matter->flow;
    struct node *shown = node_object(ctx->arena);
    struct buffer out = { 0 };
    if (result->is_sealed || !result->move->is_public || !result->state->is_public)
        return TEXT("{}");
    for (int i = 0; i < flow->field_count; i++) {
        const struct key *key = key_intern(text_of(flow->fields[i].key));
        const struct node *answer = flow->fields[i].is_public ? node_find(result->answers, key) : NULL;
        if (answer)
            node_put(shown, key, *answer);
    }
    for (const struct node_link *fact = step->facts ? step->facts->first : NULL; fact; fact = fact->next)
        node_put(shown, fact->key, fact->value);
    buffer_reserve(&out, 256);
    buffer_byte(&out, '{');
    member_text(&out, "flow", flow->key);
    member_text(&out, "move", result->move->name);
    member_number(&out, step);
    if (shown->count) {
        member(&out, "public");
        node_write_canonical(shown, &out);
    }
    member_text(&out, "state", result->state->key);
    member_time(&out);
    return finish(ctx, &out);
}

/* --- steps --- */

static struct value value_moment(int64_t moment)
{
    return moment ? value_int(moment) : value_null();
}

static struct value value_who_realm(struct who who)
{
    return who.id ? value_string(who.realm) : value_null();
}

static struct value next_look(const struct running_clock *clock)
{
    int64_t next = running_clock_next(clock);
    return next == INT64_MAX ? value_null() : value_int(next);
}

int64_t clocks_next_due(const struct running_clock *clocks, int count)
{
    int64_t due = INT64_MAX;
    for (int i = 0; i < count; i++)
        if (!clocks[i].stopped && !clocks[i].paused_since && clocks[i].due < due)
            due = clocks[i].due;
    return due;
}

void clock_step_add(struct ctx *ctx, struct plan *plan, const struct matter *matter, int64_t round,
                    const struct running_clock *clock)
{
    plan_step(plan, &sql_matter_clock_add, 1, "matter.changed",
              VALUES(value_string(matter->realm), value_int(matter->id), value_string(clock->name), value_int(round),
                     value_string(clock->key), value_string(clock->source), value_int(clock->started),
                     value_int(clock->due), value_int(clock->unmoved), value_int(clock->is_provisional),
                     value_int(clock->value), value_int(clock->extended), value_string(unit_key(clock->unit)),
                     value_string(count_key(clock->count)), value_moment(clock->paused_since),
                     value_string(spans_print(ctx->arena, clock->paused, clock->paused_count)),
                     value_moment(clock->warn_at), value_moment(clock->warned), value_moment(clock->fired),
                     value_moment(clock->stopped), next_look(clock)));
}

void clock_step_change(struct ctx *ctx, struct plan *plan, const struct matter *matter,
                       const struct running_clock *clock, bool is_firing)
{
    plan_step(plan, is_firing ? &sql_matter_clock_fire : &sql_matter_clock_change, 1, "matter.changed",
              VALUES(value_string(matter->realm), value_int(matter->id), value_string(clock->name),
                     value_int(clock->id), value_int(clock->due), value_int(clock->unmoved),
                     value_int(clock->is_provisional), value_int(clock->extended), value_moment(clock->paused_since),
                     value_string(spans_print(ctx->arena, clock->paused, clock->paused_count)),
                     value_moment(clock->warn_at), value_moment(clock->warned), value_moment(clock->fired),
                     value_moment(clock->stopped), next_look(clock)));
}

static void clock_steps(struct ctx *ctx, struct plan *plan, const struct matter_step *step)
{
    for (int i = 0; i < step->result->clock_count; i++) {
        struct running_clock clock = step->result->clocks[i];
        bool is_firing = i == step->fired_clock;
        if (is_firing)
            clock.fired = step->now;
        if (clock.changes & CLOCK_STARTED)
            clock_step_add(ctx, plan, step->matter, step->matter->version + 1, &clock);
        else if (clock.changes || is_firing)
            clock_step_change(ctx, plan, step->matter, &clock, is_firing);
    }
}

/* " desk handler ": so that "like '% desk %'" finds it. */
static const char *owner_words(struct ctx *ctx, role_mask owner)
{
    const char *words = " ";
    for (int role = 0; role < ROLE_COUNT; role++)
        if (owner & ROLE_BIT(role))
            words = arena_printf(ctx->arena, "%s%s ", words, role_key((enum role)role));
    return owner ? words : NULL;
}

static void add_row(struct ctx *ctx, struct plan *plan, const struct matter_step *step, struct value due)
{
    const struct matter *m = step->matter;
    const struct flow_state *state = step->result->state;
    plan_step(plan, &sql_matter_add, 1, "error.conflict",
              VALUES(value_string(m->realm), value_int(m->id), value_late_text(text_of(step->late_number)),
                     value_string(m->flow->key), value_int(flow_version_id(m->flow)), value_string(state->key),
                     value_string(owner_words(ctx, state->owner)), value_string(m->place), value_string(m->place_path),
                     value_string(m->village), value_who_realm(m->author), value_moment(m->author.id),
                     value_string(step->kind), value_string(step->topic), value_moment(step->accused),
                     value_int(step->result->is_sealed), value_late_time(),
                     state->is_final ? value_late_time() : value_null(), due));
}

static void move_row(struct ctx *ctx, struct plan *plan, const struct matter_step *step, struct value due)
{
    const struct matter *m = step->matter;
    const struct flow_state *state = step->result->state;
    plan_step(plan, &sql_matter_move, 1, "matter.changed",
              VALUES(value_string(m->realm), value_int(m->id), value_int(m->version), value_string(state->key),
                     value_string(owner_words(ctx, state->owner)), value_who_realm(step->handler),
                     value_moment(step->handler.id), value_moment(step->handler_unit), value_string(step->kind),
                     value_string(step->topic), value_moment(step->accused), value_late_time(),
                     state->is_final ? value_late_time() : value_null(), due));
}

static void add_event(struct ctx *ctx, struct plan *plan, const struct matter_step *step)
{
    const struct matter *m = step->matter;
    struct text bytes = event_bytes(ctx, step);
    uint8_t *salt = arena_alloc_raw(ctx->arena, PLAN_SALT_SIZE);
    ctx_random(ctx, salt, PLAN_SALT_SIZE);
    int slot = plan_leaf(plan, event_open(ctx, step), bytes, salt);
    plan_step(plan, &sql_matter_event_add, 1, "matter.changed",
              VALUES(value_string(m->realm), value_int(m->id), value_int(m->version + 1),
                     value_string(step->result->move->name), m->version ? value_string(m->state->key) : value_null(),
                     value_string(step->result->state->key), value_who_realm(step->actor), value_moment(step->actor.id),
                     value_string(role_key(step->actor_role)), value_late_time(), value_moment(step->due),
                     value_late_slot(slot), value_late_text(bytes),
                     value_blob((struct text){ (const char *)salt, PLAN_SALT_SIZE })));
}

/* --- telling --- */

struct telling {
    struct ctx *ctx;
    struct plan *plan;
    const struct matter_step *step;
    const char *move, *what;
    int64_t due;
    struct who *told;
    int count;
};

static void tell(struct telling *t, struct who who, int64_t organisation)
{
    int64_t accused = t->step->accused;
    if (!who.id || who_is(who, t->step->actor) || (accused && (accused == who.id || accused == organisation)))
        return;
    for (int i = 0; i < t->count; i++)
        if (who_is(t->told[i], who))
            return;
    t->told = arena_grow(t->ctx, t->told, t->count, sizeof *t->told);
    t->told[t->count++] = who;
    message_step(t->ctx, t->plan, who, t->step->matter->realm, t->step->late_number, t->step->matter->flow->key,
                 t->move, t->what, t->due);
}

static const struct err *tell_holders(struct telling *t, enum role role)
{
    struct holder *holders;
    int count;
    TRY(person_holders_above(t->ctx, role, t->step->matter->place_path, day_of(t->step->now), &holders, &count));
    for (int i = 0; i < count; i++)
        if (!matter_names(t->step->matter, holders[i].name))
            tell(t, holders[i].who, holders[i].organisation);
    return NULL;
}

const struct err *matter_tell(struct ctx *ctx, struct plan *plan, const struct matter_step *step, role_mask mask,
                              const char *move, const char *what, int64_t due)
{
    struct telling t = { .ctx = ctx, .plan = plan, .step = step, .move = move, .what = what, .due = due };
    const role_mask parties = ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_HANDLER);
    if (mask & ROLE_BIT(ROLE_OWNER))
        mask |= step->result->state->owner;
    if (step->result->is_sealed)
        mask &= parties | ROLE_BIT(ROLE_DESK);
    if (mask & ROLE_BIT(ROLE_AUTHOR))
        tell(&t, step->matter->author, 0);
    if (mask & ROLE_BIT(ROLE_HANDLER))
        tell(&t, step->handler, step->handler_unit);
    mask &= ~(parties | ROLE_BIT(ROLE_OWNER) | ROLE_BIT(ROLE_SYSTEM) | ROLE_BIT(ROLE_VILLAGER));
    for (int role = 0; role < ROLE_COUNT; role++)
        if (mask & ROLE_BIT(role))
            TRY(tell_holders(&t, (enum role)role));
    return NULL;
}

/* Whoever had it and has it no longer, by somebody else's doing, is told so. */
static void tell_former(struct ctx *ctx, struct plan *plan, const struct matter_step *step)
{
    const struct matter *matter = step->matter;
    if (!matter->handler.id || who_is(matter->handler, step->handler) || who_is(matter->handler, step->actor))
        return;
    message_step(ctx, plan, matter->handler, matter->realm, step->late_number, matter->flow->key, step->result->move->name,
                 "message.taken", 0);
}

/* --- all together --- */

/* What the flow's system adds; the flow in force stands for its older versions. */
static const struct err *bind(struct ctx *ctx, struct plan *plan, struct matter_step *step)
{
    for (int i = 0; i < ctx->records->flow_count; i++) {
        const struct flow_source *source = &ctx->records->flows[i];
        if (source->bind && strcmp(source->key, step->matter->flow->key) == 0)
            return source->bind(ctx, plan, step);
    }
    return NULL;
}

const struct err *matter_step_plan(struct ctx *ctx, struct plan *plan, const struct matter_step *made)
{
    struct matter_step own = *made, *step = &own;
    TRY(bind(ctx, plan, step));
    const struct flow_result *result = step->result;
    struct running_clock *clocks = result->clocks;
    struct value due = result->state->is_final ? value_null() : value_int(clocks_next_due(clocks, result->clock_count));
    if (step->matter->version)
        move_row(ctx, plan, step, due);
    else
        add_row(ctx, plan, step, due);
    add_event(ctx, plan, step);
    clock_steps(ctx, plan, step);
    for (int i = 0; i < step->file_count; i++)
        plan_step(plan, &sql_matter_file_add, 1, "error.conflict",
                  VALUES(value_string(step->matter->realm), value_int(step->matter->id), value_int(step->files[i].id),
                         value_int(step->matter->version + 1), value_string(step->files[i].hash),
                         value_string(step->files[i].type)));
    tell_former(ctx, plan, step);
    return matter_tell(ctx, plan, step, result->move->tells, result->move->name, "message.moved", 0);
}
