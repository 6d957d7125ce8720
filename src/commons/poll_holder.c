/* commons/poll_holder.c */
#include "commons/poll_holder.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/texts.h"
#include "commons/poll_pages.h"
#include "record/records.h"

static const struct err *holder_asked(struct ctx *ctx, struct request *request, struct poll **ret, struct poll_keyholder **ret_holder)
{
    TRY(poll_asked(ctx, request, ret));
    *ret_holder = poll_keyholder_of(*ret, person_who(ctx->person));
    return *ret_holder ? NULL : err_new(ctx, ERR_DENIED, "poll.not_keyholder");
}

/* JSON of ours or checked before as a member. */
static const struct err *put_json(struct ctx *ctx, struct node *model, const struct key *key, struct text text)
{
    struct node *read;
    if (!text.size) {
        node_put(model, key, (struct node){ .kind = NODE_NULL });
        return NULL;
    }
    TRY(json_read(ctx, text, &read));
    node_put(model, key, *read);
    return NULL;
}

/* --- keys --- */

static void put_step(struct ctx *ctx, const struct poll *poll, const struct poll_keyholder *holder, struct node *model)
{
    bool waits;
    enum poll_step step = poll_step_of(poll, holder, &waits);
    bool is_over = !poll_is(poll, "preparing");
    if (step == STEP_DONE || is_over)
        node_put_string(model, KEY("step"), "done");
    else
        node_put_int(model, KEY("step"), step);
    node_put_bool(model, KEY("waits"), waits && !is_over);
    node_put_bool(model, KEY("is_my_turn"), step != STEP_DONE && !waits && !is_over);
    node_put_string(model, KEY("step_words"),
                    is_over               ? texts_say(ctx->language, "ballot.keys_over")
                    : step == STEP_DONE   ? texts_say(ctx->language, "ballot.next_keys_done")
                    : waits               ? texts_say(ctx->language, "ballot.next_keys_wait")
                                          : texts_fill(ctx, "ballot.keys_step", arena_printf(ctx->arena, "%d", ((int)step + 1) / 2), NULL));
}

const struct err *poll_keys_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_keyholder *holder;
    struct text certificates, input;
    TRY(holder_asked(ctx, request, &poll, &holder));
    TRY(poll_key_input(ctx, poll, holder, &certificates, &input));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    put_step(ctx, poll, holder, model);
    node_put_int(model, KEY("index"), holder->number);
    node_put_int(model, KEY("size"), poll->keyholder_count);
    node_put_int(model, KEY("threshold"), poll->needed);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("name"), holder->name);
    TRY(put_json(ctx, model, KEY("certs"), certificates));
    TRY(put_json(ctx, model, KEY("vinput"), input));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/keys"));
    struct node *others = node_put_list(model, KEY("keyholders"));
    for (int i = 0; i < poll->keyholder_count; i++) {
        struct node *other = node_add_object(others);
        node_put_string(other, KEY("name"), poll->keyholders[i].name);
        node_put_bool(other, KEY("certificate"), poll->keyholders[i].certificate.size > 0);
        node_put_bool(other, KEY("polynomial"), poll->keyholders[i].polynomial.size > 0);
        node_put_bool(other, KEY("share"), poll->keyholders[i].share.size > 0);
    }
    return NULL;
}

const struct err *poll_keys_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_keyholder *holder;
    int64_t step;
    TRY(holder_asked(ctx, request, &poll, &holder));
    if (!text_int(request_field(request, "step"), &step))
        return err_field(ctx, "step", "poll.step_unknown");
    TRY(poll_key_check(ctx, poll, step, request_field(request, "message"), &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_href(ctx, poll, "/keys"), "flash.ballot_step", model);
    return NULL;
}

/* --- codes --- */

enum { ROLL_SHOWN = 20000 };

/* The whole roll: the registrar prints a slip for each, in a browser. */
const struct err *poll_codes_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_voter *voters;
    int count;
    TRY(poll_asked(ctx, request, &poll));
    if (!who_is(poll->registrar, person_who(ctx->person)))
        return err_new(ctx, ERR_DENIED, "poll.not_registrar");
    TRY(poll_voters(ctx, poll, 0, ROLL_SHOWN, &voters, &count));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_bool(model, KEY("done"), poll->has_codes);
    node_put_bool(model, KEY("is_my_turn"), !poll->has_codes && poll_is(poll, "preparing"));
    node_put_int(model, KEY("voters"), count); /* not `count`: the frame looks for that in each way of its own */
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/credentials"));
    node_put_string(model, KEY("booth_address"),
                    arena_printf(ctx->arena, "%s%s", ctx->records->address, poll_href(ctx, poll, "/booth")));
    struct node *roll = node_put_list(model, KEY("roll"));
    for (int i = 0; i < count; i++) {
        struct node *voter = node_add_object(roll);
        node_put_int(voter, KEY("number"), voters[i].number);
        node_put_string(voter, KEY("name"), voters[i].name);
    }
    return NULL;
}

const struct err *poll_codes_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    TRY(poll_asked(ctx, request, &poll));
    TRY(poll_codes_check(ctx, poll, request_field(request, "codes"), &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_href(ctx, poll, "/credentials"), "flash.ballot_step", model);
    return NULL;
}

/* --- opening --- */

const struct err *poll_decrypt_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_keyholder *holder;
    struct poll_opening_view view;
    TRY(holder_asked(ctx, request, &poll, &holder));
    bool is_my_turn = poll_is(poll, "closed") && !holder->has_opened;
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    node_put_int(model, KEY("owner"), holder->number);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("name"), holder->name);
    node_put_bool(model, KEY("done"), holder->has_opened);
    node_put_bool(model, KEY("is_my_turn"), is_my_turn);
    node_put_string(model, KEY("step_words"),
                    texts_say(ctx->language, holder->has_opened       ? "ballot.next_opened"
                                             : poll_is(poll, "closed")  ? "ballot.next_decrypt"
                                             : poll_is(poll, "counted") ? "poll.counted"
                                                                        : "poll.part_early"));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/decrypt"));
    if (!is_my_turn)
        return NULL;
    TRY(poll_part_input(ctx, poll, holder, &view));
    node_put_string(model, KEY("fingerprint"), view.fingerprint);
    node_put_text(model, KEY("private_key"), view.private_key);
    node_put_text(model, KEY("encrypted_tally"), view.tally);
    node_put_text(model, KEY("verification_key"), view.verification_key);
    return NULL;
}

const struct err *poll_decrypt_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_keyholder *holder;
    TRY(holder_asked(ctx, request, &poll, &holder));
    TRY(poll_part_check(ctx, poll, request_field(request, "partial_decryption"), &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_href(ctx, poll, ""), "flash.ballot_opened", model);
    return NULL;
}
