/* commons/seen.c */
#include "commons/seen.h"

#include "base/arena.h"
#include "base/day.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/person_page.h"
#include "record/person.h"
#include "record/place.h"

#include <string.h>

/* Who accuses is known to themselves and to the desk that takes it in; to nobody else who works on it. */
static bool hides_author(const struct seen *seen)
{
    return seen->matter->is_sealed && !seen->is_author && !(seen->roles & ROLE_BIT(ROLE_DESK));
}

static const struct err *see_author(struct seen *seen)
{
    struct ctx *ctx = seen->ctx;
    struct who author = seen->matter->author;
    if (!author.id || seen->hides_author)
        return NULL;
    if (seen->is_author) {
        seen->author = ctx->person->name;
        return NULL;
    }
    struct person *person;
    TRY(person_load(ctx, author, day_of(clock_now(ctx->clock)), &person));
    seen->author = person_name_shown(ctx, ctx->person, author, person->household, person->place_path, text_of(person->name));
    seen->author_href = person_href(ctx, author, person->place_path);
    return NULL;
}

const struct err *matter_seen_number(struct ctx *ctx, struct text number, const struct matter_face *face, struct seen *ret)
{
    *ret = (struct seen){ .ctx = ctx, .face = face };
    const char *realm;
    TRY(matter_realm_of(ctx, number, &realm));
    TRY(matter_load(ctx, realm, number, &ret->matter));
    const struct matter *matter = ret->matter;
    ret->sight = matter_sight(ctx->person, matter);
    if (ret->sight == SIGHT_NONE || strcmp(matter->flow->key, face->flow) != 0)
        return err_new(ctx, ERR_MISSING, "matter.missing");
    ret->roles = matter_roles(ctx->person, matter);
    ret->is_author = (ret->roles & ROLE_BIT(ROLE_AUTHOR)) != 0;
    ret->hides_author = hides_author(ret);
    return ret->sight == SIGHT_WHOLE ? see_author(ret) : NULL;
}

const struct err *matter_seen(struct ctx *ctx, const struct request *request, const struct matter_face *face, struct seen *ret)
{
    TRY(matter_seen_number(ctx, request_param(request, "number"), face, ret));
    ret->request = request;
    return NULL;
}

const struct err *seen_name(struct seen *seen, struct who who, const char **ret)
{
    for (int i = 0; i < seen->name_count; i++)
        if (who_is(seen->names[i].who, who)) {
            *ret = seen->names[i].name;
            return NULL;
        }
    const char *name = NULL;
    TRY(person_name(seen->ctx, who, &name));
    *ret = name ? name : "";
    if (seen->name_count < SEEN_NAMES)
        seen->names[seen->name_count++] = (struct seen_name){ who, *ret };
    return NULL;
}

static const char *role_words(struct ctx *ctx, const char *key)
{
    int role = key ? role_find(text_of(key)) : -1;
    return role < 0 ? "" : label_say(role_label((enum role)role), ctx->language);
}

const struct err *seen_actor(struct seen *seen, const struct matter_event *event, const char **ret)
{
    struct ctx *ctx = seen->ctx;
    if (!event->actor.id) {
        *ret = label_say(role_label(ROLE_SYSTEM), ctx->language);
        return NULL;
    }
    if (who_is(event->actor, seen->matter->author)) {
        *ret = seen->is_author ? texts_say(ctx->language, "matter.you")
               : seen->author  ? seen->author
                               : label_say(role_label(ROLE_AUTHOR), ctx->language);
        return NULL;
    }
    const char *name;
    TRY(seen_name(seen, event->actor, &name));
    *ret = arena_printf(ctx->arena, "%s · %s", name, role_words(ctx, event->actor_role));
    return NULL;
}

const char *seen_by_hand(const struct seen *seen)
{
    const struct matter *matter = seen->matter;
    if (!matter->events[0].actor.id || who_is(matter->events[0].actor, matter->author))
        return NULL;
    if (seen->hides_author)
        return texts_say(seen->ctx->language, "by_hand.secret");
    return seen->author ? seen->author : texts_say(seen->ctx->language, "by_hand.nobody");
}

/* A person is named by an id alone: in the realm of the matter, or where the one who has it now is at home. */
static const struct err *person_words(struct seen *seen, struct text value, const char **ret)
{
    struct who who = { seen->matter->realm, 0 };
    *ret = "";
    if (!text_int(value, &who.id))
        return NULL;
    if (seen->matter->handler.id == who.id)
        who.realm = seen->matter->handler.realm;
    return seen_name(seen, who, ret);
}

static const struct err *organisation_words(struct seen *seen, struct text value, const char **ret)
{
    int64_t id;
    *ret = "";
    if (!text_int(value, &id))
        return NULL;
    struct organisation *organisation;
    TRY(organisation_load(seen->ctx, id, &organisation));
    *ret = organisation->name;
    return NULL;
}

static const struct flow_list *list_asked(const struct flow_move *move, const struct flow_field *field)
{
    for (int i = 0; i < move->ask_count; i++)
        if (move->asks[i].field == field && move->asks[i].list)
            return move->asks[i].list;
    return field->list;
}

static const struct err *answer_words(struct seen *seen, const struct flow_move *move, const struct flow_field *field,
                                      const struct node *value, const char **ret)
{
    struct ctx *ctx = seen->ctx;
    *ret = NULL;
    if (value->kind == NODE_INT) {
        *ret = arena_printf(ctx->arena, "%lld", (long long)value->number);
        return NULL;
    }
    if (value->kind != NODE_TEXT || field->type == FIELD_IMAGES)
        return NULL;
    if (field->type == FIELD_PERSON)
        return person_words(seen, value->text, ret);
    if (field->type == FIELD_ORG)
        return organisation_words(seen, value->text, ret);
    *ret = field->type == FIELD_CHOICE ? item_words(ctx, list_asked(move, field), value->text)
                                       : text_string(ctx->arena, value->text);
    return NULL;
}

const struct err *seen_handler(struct seen *seen, const struct matter_event *event, const char **ret)
{
    struct ctx *ctx = seen->ctx;
    const struct matter *matter = seen->matter;
    struct who who = matter->handler;
    text_int(node_find_text(event->answers, KEY("handler")), &who.id);
    *ret = "";
    if (!who.id)
        return NULL;
    if (who.id != matter->handler.id)
        who.realm = matter->realm;
    TRY(seen_name(seen, who, ret));
    if (who.id != matter->handler.id || !matter->handler_unit)
        return NULL;
    struct organisation *unit;
    TRY(organisation_load(ctx, matter->handler_unit, &unit));
    *ret = texts_fill(ctx, "told.handler", *ret, unit->name, NULL);
    return NULL;
}

const struct err *seen_chosen(struct seen *seen, const struct matter_event *event, const char **ret)
{
    const struct flow *flow = seen->matter->flow;
    *ret = "";
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        const struct node *value = node_find(event->answers, key_intern(text_of(field->key)));
        const char *said = NULL;
        if (value && (field->type == FIELD_CHOICE || field->type == FIELD_INT))
            TRY(answer_words(seen, event->move, field, value, &said));
        if (said)
            *ret = **ret ? texts_fill(seen->ctx, "told.both", *ret, said, NULL) : said;
    }
    return NULL;
}

const struct err *seen_put_answers(struct seen *seen, const struct matter_event *event, struct node *list)
{
    const struct flow *flow = seen->matter->flow;
    for (int i = 0; i < flow->field_count; i++) {
        const struct flow_field *field = &flow->fields[i];
        const struct node *value = node_find(event->answers, key_intern(text_of(field->key)));
        const char *said = NULL;
        if (value)
            TRY(answer_words(seen, event->move, field, value, &said));
        if (!said)
            continue;
        struct node *answer = node_add_object(list);
        node_put_string(answer, KEY("label"), label_say(&field->label, seen->ctx->language));
        node_put_string(answer, KEY("value"), said);
    }
    return NULL;
}
