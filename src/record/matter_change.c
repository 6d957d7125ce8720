/* record/matter_change.c -- what was sent for opening or moving a matter, held against the flow and the rights. */
#include "record/matter_change.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "record/matter_inside.h"
#include "record/person_inside.h"
#include "record/picture.h"
#include "record/place.h"
#include "record/records.h"
#include "store/files.h"
#include "store/writer.h"

/* --- pictures --- */

/* What was given, with an id for each picture behind the values of its field. The pictures themselves are looked at
 * only once all else is in order: that is the slow part. */
struct gathered {
    struct flow_given *given;
    int count;
    struct kept_file *files;
    int file_count;
};

static struct flow_given *given_for(struct gathered *all, struct text field)
{
    for (int i = 0; i < all->count; i++)
        if (text_equal(all->given[i].key, field))
            return &all->given[i];
    all->given[all->count] = (struct flow_given){ .key = field };
    return &all->given[all->count++];
}

static const struct err *gather(struct ctx *ctx, const struct flow *flow, const struct flow_given *given,
                                int given_count, const struct matter_picture *pictures, int picture_count,
                                struct gathered *ret)
{
    struct gathered all = { .given = arena_array_of(ctx->arena, struct flow_given, given_count + picture_count + 1),
                            .files = arena_array_of(ctx->arena, struct kept_file, picture_count + 1),
                            .file_count = picture_count };
    for (int i = 0; i < given_count; i++) {
        const struct flow_field *field = flow_field_find(flow, given[i].key);
        bool is_empty = given[i].count == 0 || (given[i].count == 1 && text_trim(given[i].values[0]).size == 0);
        if (field && field->type == FIELD_IMAGES && !is_empty) /* only this room gives ids to pictures */
            return err_field(ctx, field->key, "flow.field.id", label_say(&field->label, ctx->language));
        if (!field || field->type != FIELD_IMAGES)
            all.given[all.count++] = given[i];
    }
    for (int i = 0; i < picture_count; i++) {
        struct flow_given *field = given_for(&all, pictures[i].field);
        struct text *values = arena_array_of(ctx->arena, struct text, field->count + 1);
        if (field->count)
            memcpy(values, field->values, sizeof *values * (size_t)field->count);
        all.files[i].id = id_next(ctx);
        values[field->count++] = text_of(arena_printf(ctx->arena, "%lld", (long long)all.files[i].id));
        field->values = values;
    }
    *ret = all;
    return NULL;
}

static const struct err *keep_pictures(struct ctx *ctx, const struct matter_picture *pictures, struct gathered *all)
{
    if (all->file_count && !ctx->records->files)
        return err_broken(ctx, "pictures were sent, but there is no folder for files");
    for (int i = 0; i < all->file_count; i++) {
        struct picture picture;
        const struct err *failed = picture_clean(ctx, pictures[i].bytes, &picture);
        if (failed) {
            struct err *told = (struct err *)arena_copy(ctx->arena, failed, sizeof *failed);
            told->field = text_string(ctx->arena, pictures[i].field);
            return told;
        }
        all->files[i].type = picture.media_type;
        TRY(files_keep(ctx, ctx->records->files, picture.bytes, &all->files[i].hash));
    }
    return NULL;
}

/* --- what both share --- */

/* A check that fails because the same form was sent before has not failed: RET tells where the first one led. What is
 * possible is not asked about its token, which the writer takes or finds taken. */
static const struct err *or_already(struct ctx *ctx, const char *realm, struct text token, const struct err *failed,
                                    struct matter_change *ret)
{
    struct matter_change change = { 0 };
    token = person_token(ctx, token);
    if (!failed || !token.at || !realm)
        return failed;
    TRY(writer_find_token(ctx, ctx->snapshot, realm, token, &change.already));
    if (!change.already)
        return failed;
    *ret = change;
    return NULL;
}

static enum role nearest_role(role_mask mask)
{
    for (int role = 0; role < ROLE_COUNT; role++)
        if (mask & ROLE_BIT(role))
            return (enum role)role;
    return ROLE_SYSTEM;
}

static void keep_token(struct ctx *ctx, struct plan *plan, struct text token, const char *leads_to, const char *number,
                       const char *rest)
{
    token = person_token(ctx, token);
    if (token.at)
        plan_token(plan, token, text_of(arena_printf(ctx->arena, "%s%s%s", leads_to ? leads_to : "", number, rest ? rest : "")));
}

/* --- opening --- */

static const struct err *open_place(struct ctx *ctx, const struct matter_opening *opening, struct matter *matter)
{
    const struct place *place = opening->known;
    if (!place) {
        struct place *found;
        TRY(place_load(ctx, text_of(opening->place), &found));
        place = found;
    }
    int32_t today = day_of(matter->changed);
    if (today < place->valid_from || (place->valid_to != DAY_NONE && today > place->valid_to))
        return err_new(ctx, ERR_MISSING, "place.missing", opening->place);
    matter->realm = place->realm;
    matter->place = place->code;
    matter->place_path = place->path;
    matter->village = place_village(ctx, place->path);
    return NULL;
}

static const struct err *open_roles(struct ctx *ctx, const struct matter_opening *opening, const struct matter *matter,
                                    role_mask *ret)
{
    struct thing thing = matter_thing(matter);
    role_mask roles = rights_roles(ctx->person, &thing) & ~(ROLE_BIT(ROLE_AUTHOR) | ROLE_BIT(ROLE_SYSTEM));
    if (opening->is_by_hand) { /* whoever writes down for others does so in an office */
        roles &= ~ROLE_BIT(ROLE_VILLAGER);
        if (!flow_may_open(opening->flow, roles))
            return err_new(ctx, ERR_DENIED, "matter.by_hand");
    }
    *ret = roles;
    return NULL;
}

/* "{place}-QZ-{year}-{serial:5}": all before the serial is both prefix of the number and key of its counter. */
static const char *number_prefix(struct ctx *ctx, const struct matter *matter, int year, int *ret_digits)
{
    const char *format = matter->flow->number;
    const char *number = flow_number(ctx->arena, matter->flow, text_of(matter->village), year, 0);
    *ret_digits = format[strlen(format) - 2] - '0';
    return arena_copy(ctx->arena, number, strlen(number) - (size_t)*ret_digits);
}

static const struct err *open_check(struct ctx *ctx, const struct matter_opening *opening, struct matter *matter,
                                    struct matter_change *ret)
{
    struct matter_change change = { 0 };
    struct flow_result *result;
    struct gathered all;
    role_mask roles = 0;
    matter->flow = opening->flow;
    matter->changed = clock_now(ctx->clock);
    matter->author = opening->is_by_hand ? opening->author : person_who(ctx->person);
    TRY(open_place(ctx, opening, matter));
    TRY(open_roles(ctx, opening, matter, &roles));
    TRY(gather(ctx, opening->flow, opening->given, opening->given_count, opening->pictures, opening->picture_count,
               &all));
    struct flow_world world = matter_world(ctx, matter->place_path);
    TRY(flow_open(ctx, opening->flow, &world, roles, all.given, all.count, matter->changed, &result));
    TRY(keep_pictures(ctx, opening->pictures, &all));
    matter->id = id_next(ctx);
    matter->state = result->state;
    struct matter_step step = { .matter = matter,
                                .result = result,
                                .late_number = PLAN_NUMBER,
                                .actor = person_who(ctx->person),
                                .actor_role = nearest_role(roles & opening->flow->opened_by),
                                .now = matter->changed,
                                .fired_clock = -1,
                                .files = all.files,
                                .file_count = all.file_count };
    int digits;
    const char *prefix = number_prefix(ctx, matter, day_date(day_of(matter->changed)).year, &digits);
    TRY(matter_step_columns(ctx, &step));
    change.plan = plan_new(ctx, matter->realm);
    plan_wants_number(change.plan, prefix, prefix, digits);
    TRY(matter_step_plan(ctx, change.plan, &step));
    keep_token(ctx, change.plan, opening->token, opening->leads_to, PLAN_NUMBER, opening->leads_on);
    change.id = matter->id;
    change.result = result;
    *ret = change;
    return NULL;
}

fallible matter_open_check(struct ctx *ctx, const struct matter_opening *opening, struct matter_change *ret)
{
    struct matter *matter = arena_new_of(ctx->arena, struct matter);
    const struct err *failed = open_check(ctx, opening, matter, ret);
    return or_already(ctx, matter->realm, opening->token, failed, ret);
}

/* --- moving --- */

static const struct err *move_check(struct ctx *ctx, const struct matter *matter, const struct matter_move *asked,
                                    struct matter_change *ret)
{
    struct matter_change change = { .id = matter->id };
    struct flow_result *result;
    struct gathered all;
    if (matter_sight(ctx->person, matter) != SIGHT_WHOLE)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    role_mask roles = matter_roles(ctx->person, matter);
    int64_t now = clock_now(ctx->clock);
    if (now < matter->changed) /* the clock was set back: time never runs backwards in a matter */
        now = matter->changed;
    TRY(gather(ctx, matter->flow, asked->given, asked->given_count, asked->pictures, asked->picture_count, &all));
    struct flow_world world = matter_world(ctx, matter->place_path);
    TRY(flow_step(ctx, matter->flow, &world, &matter->known, roles, asked->move, all.given, all.count, now, &result));
    if (asked->version && asked->version != matter->version)
        return err_new(ctx, ERR_CONFLICT, "matter.changed");
    struct matter_step step = { .matter = matter,
                                .result = result,
                                .late_number = matter->number,
                                .actor = person_who(ctx->person),
                                .actor_role = nearest_role(roles & result->move->by),
                                .now = now,
                                .fired_clock = -1,
                                .files = all.files,
                                .file_count = all.file_count };
    TRY(matter_step_columns(ctx, &step));
    TRY(keep_pictures(ctx, asked->pictures, &all));
    change.plan = plan_new(ctx, matter->realm);
    TRY(matter_step_plan(ctx, change.plan, &step));
    keep_token(ctx, change.plan, asked->token, asked->leads_to, matter->number, NULL);
    change.result = result;
    *ret = change;
    return NULL;
}

fallible matter_move_check(struct ctx *ctx, const struct matter *matter, const struct matter_move *asked,
                           struct matter_change *ret)
{
    const struct err *failed = move_check(ctx, matter, asked, ret);
    return or_already(ctx, matter->realm, asked->token, failed, ret);
}

/* --- reaching the author --- */

bool matter_may_reach(const struct person *person, const struct matter *matter)
{
    return person && matter->author.id && !matter->is_sealed && !matter->closed &&
           !who_is(matter->author, person_who(person)) && matter_sight(person, matter) == SIGHT_WHOLE &&
           (matter_roles(person, matter) & ROLE_BIT(ROLE_HANDLER));
}

fallible matter_reach(struct ctx *ctx, const struct matter *matter, struct text purpose, struct plan **ret, int64_t *ret_look)
{
    if (!matter_may_reach(ctx->person, matter))
        return err_new(ctx, ERR_DENIED, "people.look.denied");
    return person_look_for(ctx, matter->author, PERSONAL_PHONE, purpose, matter->number, ret, ret_look);
}
