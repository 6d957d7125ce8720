/* commons/told.c */
#include "commons/told.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/texts.h"
#include "commons/moment.h"
#include "record/records.h"

#include <string.h>

enum { WORDS_SHOWN = 20 };

/* --- the matter --- */

static const struct matter_face *face_of(const struct told *told, const char *flow)
{
    for (const struct matter_face *const *face = told->faces; *face; face++)
        if (strcmp((*face)->flow, flow) == 0)
            return *face;
    return NULL;
}

/* What a reader who doesn't see it whole is told nothing of, unless everybody may know it. */
static struct seen *as_told(struct seen *seen)
{
    return seen->sight == SIGHT_WHOLE || seen->face->text_is_public ? seen : NULL;
}

/* NULL when the reader is told the number alone. */
static const struct err *find(struct told *told, const struct message *message, struct seen **ret)
{
    const struct matter_face *face = face_of(told, message->flow);
    *ret = NULL;
    for (int i = 0; i < told->count; i++)
        if (strcmp(told->seen[i]->matter->number, message->number) == 0) {
            *ret = as_told(told->seen[i]);
            return NULL;
        }
    if (!face || told->count == TOLD_MATTERS)
        return NULL;
    struct seen *seen = arena_new_of(told->ctx->arena, struct seen);
    const struct err *failed = matter_seen_number(told->ctx, text_of(message->number), face, seen);
    if (failed && err_root(failed)->kind == ERR_MISSING)
        return NULL;
    TRY(failed);
    told->seen[told->count++] = seen;
    *ret = as_told(seen);
    return NULL;
}

/* What it is about in a few words in one line; of an accusation, which stays off screens that others see, the number. */
static const char *about(const struct seen *seen)
{
    const char *field = seen->face->text;
    struct text said = { NULL, 0 };
    if (field && !seen->matter->is_sealed)
        said = node_find_text(seen->matter->data, key_intern(text_of(field)));
    size_t size = 0;
    int count = 0;
    while (size < said.size && count < WORDS_SHOWN && said.at[size] != '\n' && said.at[size] != '\r') {
        size += text_character_size((struct text){ said.at + size, said.size - size });
        count++;
    }
    if (!size)
        return seen->matter->number;
    return arena_printf(seen->ctx->arena, "%.*s%s", (int)size, said.at, size < said.size ? "…" : "");
}

/* --- the sentence --- */

/* The event and its messages are of one transaction: one moment. */
static const struct matter_event *event_of(const struct matter *matter, const struct message *message)
{
    for (int i = matter->event_count - 1; i >= 0; i--)
        if (matter->events[i].recorded == message->made && strcmp(matter->events[i].move->name, message->move) == 0)
            return &matter->events[i];
    return NULL;
}

static enum role reader_of(const struct seen *seen)
{
    if (seen->is_author)
        return ROLE_AUTHOR;
    return seen->roles & ROLE_BIT(ROLE_HANDLER) ? ROLE_HANDLER : ROLE_OWNER;
}

static const struct told_move *sentence_of(const struct seen *seen, const char *move)
{
    enum role reader = reader_of(seen);
    for (const struct told_move *row = seen->face->told; row && row->move; row++)
        if (strcmp(row->move, move) == 0 && row->reader == reader)
            return row;
    return NULL;
}

/* By how much CLOCK was extended when EVENT happened: without what was granted later in the same round. */
static int64_t extended_then(const struct matter *matter, const struct running_clock *clock, const struct matter_event *event)
{
    const struct flow *flow = matter->flow;
    const struct flow_clock *of = flow_clock_find(flow, text_of(clock->name));
    const struct key *asked = NULL; /* the answer that said by how much; an earlier move may have asked it */
    int64_t extended = clock->extended, by = 0;
    for (int i = 0; of && i < flow->move_count; i++)
        if (flow->moves[i].extends == of)
            asked = key_intern(text_of(flow->moves[i].extends_by->key));
    for (int i = 0; asked && i < matter->event_count; i++) {
        const struct matter_event *other = &matter->events[i];
        bool is_of_round = !clock->stopped || other->recorded <= clock->stopped;
        by = node_find_int(other->answers, asked, by);
        if (other->seq > event->seq && is_of_round && other->move->extends == of)
            extended -= by;
    }
    return extended;
}

/* As the clock stood when it was told: a message says what held then, and what came later has a message of its own. */
static const char *due_words(struct seen *seen, const struct matter_event *event, const char *name)
{
    struct moments moments;
    const struct matter *matter = seen->matter;
    for (int i = matter->clock_count - 1; name && i >= 0; i--) {
        const struct running_clock *clock = &matter->clocks[i];
        if (strcmp(clock->name, name) != 0 || clock->id > event->seq) /* a later round of it */
            continue;
        int64_t due = running_clock_due_then(law_now(seen->ctx)->calendar, clock, event->recorded, extended_then(matter, clock, event));
        moments_begin(&moments, seen->ctx, clock_now(seen->ctx->clock));
        return text_string(seen->ctx->arena, moments_say(&moments, due, MOMENT_DUE));
    }
    return NULL;
}

static const struct err *say_move(struct seen *seen, const struct message *message, const char **ret)
{
    const struct told_move *sentence = sentence_of(seen, message->move);
    const struct matter_event *event = event_of(seen->matter, message);
    const char *handler, *chosen, *due = sentence && event ? due_words(seen, event, sentence->clock) : NULL;
    if (!sentence || !event || (sentence->clock && !due))
        return NULL;
    TRY(seen_handler(seen, event, &handler));
    TRY(seen_chosen(seen, event, &chosen));
    *ret = texts_fill(seen->ctx, sentence->text, about(seen), handler, due ? due : "", chosen, NULL);
    return NULL;
}

static const char *say_warning(struct told *told, struct seen *seen, const struct message *message)
{
    struct ctx *ctx = told->ctx;
    struct moments moments;
    const struct flow *flow = flow_now(ctx, text_of(message->flow));
    const struct flow_clock *clock = flow ? flow_clock_find(flow, text_of(message->move)) : NULL;
    moments_begin(&moments, ctx, clock_now(ctx->clock));
    const char *due = text_string(ctx->arena, moments_say(&moments, message->due, MOMENT_DUE));
    return texts_fill(ctx, "message.warn", seen ? about(seen) : message->number,
                      clock ? label_say(&clock->label, ctx->language) : message->move, due, NULL);
}

static const char *say_plainly(struct told *told, const struct seen *seen, const struct message *message)
{
    struct ctx *ctx = told->ctx;
    const struct flow *flow = flow_now(ctx, text_of(message->flow));
    const struct flow_move *move = flow ? flow_move_find(flow, text_of(message->move)) : NULL;
    return texts_fill(ctx, message->what, seen && seen->face->text_is_public ? about(seen) : message->number,
                      move ? label_say(&move->label, ctx->language) : message->move, NULL);
}

const struct err *told_words(struct told *told, const struct message *message, const char **ret)
{
    struct seen *seen;
    *ret = NULL;
    TRY(find(told, message, &seen));
    if (strcmp(message->what, "message.warn") == 0) {
        *ret = say_warning(told, seen, message);
        return NULL;
    }
    if (seen && seen->sight == SIGHT_WHOLE && strcmp(message->what, "message.moved") == 0)
        TRY(say_move(seen, message, ret));
    if (!*ret)
        *ret = say_plainly(told, seen, message);
    return NULL;
}
