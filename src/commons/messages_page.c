/* commons/messages_page.c */
#include "commons/messages_page.h"

#include "base/arena.h"
#include "commons/moment.h"
#include "commons/told.h"
#include "record/message.h"

#include <string.h>

enum { MESSAGES_SHOWN = 50 };

static const char *href_of(struct ctx *ctx, const struct matter_face *const *faces, const struct message *message)
{
    for (; *faces; faces++)
        if (strcmp((*faces)->flow, message->flow) == 0)
            return matter_href(ctx, *faces, message->number, "");
    return NULL;
}

static const struct err *add_message(struct told *told, const struct message *message, struct node *list)
{
    struct ctx *ctx = told->ctx;
    const char *words;
    struct node *row = node_add_object(list);
    TRY(told_words(told, message, &words));
    node_put_string(row, KEY("href"), href_of(ctx, told->faces, message));
    node_put_string(row, KEY("words"), words);
    node_put_string(row, KEY("number"), message->number);
    moment_put(ctx, row, KEY("at"), message->made);
    node_put_bool(row, KEY("unread"), !message->read);
    return NULL;
}

const struct err *messages_page(struct ctx *ctx, struct request *request, const struct matter_face *const *faces,
                                struct answer *answer)
{
    struct message *messages;
    int count;
    int64_t after = 0;
    bool has_unread = false;
    if (!text_int(request_query(request, "after"), &after))
        after = 0;
    TRY(message_list(ctx, false, after, MESSAGES_SHOWN, &messages, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    struct node *list = node_put_list(model, KEY("messages"));
    struct told told = { .ctx = ctx, .faces = faces };
    for (int i = 0; i < count; i++) {
        TRY(add_message(&told, &messages[i], list));
        has_unread = has_unread || !messages[i].read;
    }
    node_put_string(model, KEY("action"), "/messages/read");
    if (count)
        node_put_id(model, KEY("up_to"), messages[0].id);
    node_put_bool(model, KEY("has_unread"), has_unread);
    node_put_bool(model, KEY("has_messages"), count > 0);
    if (count == MESSAGES_SHOWN)
        node_put_string(model, KEY("next_href"),
                        arena_printf(ctx->arena, "/messages?after=%lld", (long long)messages[count - 1].id));
    return NULL;
}

const struct err *messages_read(struct ctx *ctx, struct request *request, struct change *change)
{
    int64_t up_to;
    if (!text_int(request_field(request, "up_to"), &up_to))
        return err_field(ctx, "up_to", "messages.which");
    change->answer.location = "/messages";
    return message_read_check(ctx, up_to, &change->plan);
}
