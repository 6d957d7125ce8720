/* commons/poll_trustee.c */
#include "commons/poll_trustee.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/texts.h"
#include "commons/poll_pages.h"
#include "record/records.h"

static const struct err *trustee_asked(struct ctx *ctx, struct request *request, struct poll **ret, struct poll_trustee **ret_trustee)
{
    TRY(poll_asked(ctx, request, ret));
    *ret_trustee = poll_trustee_of(*ret, person_who(ctx->person));
    return *ret_trustee ? NULL : err_new(ctx, ERR_DENIED, "poll.not_trustee");
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

static void put_step(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee, struct node *model)
{
    bool waits;
    enum poll_step step = poll_step_of(poll, trustee, &waits);
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
    struct poll_trustee *trustee;
    struct text certificates, input;
    TRY(trustee_asked(ctx, request, &poll, &trustee));
    TRY(poll_key_input(ctx, poll, trustee, &certificates, &input));
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    put_step(ctx, poll, trustee, model);
    node_put_int(model, KEY("index"), trustee->number);
    node_put_int(model, KEY("size"), poll->trustee_count);
    node_put_int(model, KEY("threshold"), poll->needed);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("name"), trustee->name);
    TRY(put_json(ctx, model, KEY("certs"), certificates));
    TRY(put_json(ctx, model, KEY("vinput"), input));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/keys"));
    struct node *others = node_put_list(model, KEY("trustees"));
    for (int i = 0; i < poll->trustee_count; i++) {
        struct node *other = node_add_object(others);
        node_put_string(other, KEY("name"), poll->trustees[i].name);
        node_put_bool(other, KEY("certificate"), poll->trustees[i].certificate.size > 0);
        node_put_bool(other, KEY("polynomial"), poll->trustees[i].polynomial.size > 0);
        node_put_bool(other, KEY("share"), poll->trustees[i].share.size > 0);
    }
    return NULL;
}

const struct err *poll_keys_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_trustee *trustee;
    int64_t step;
    TRY(trustee_asked(ctx, request, &poll, &trustee));
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

/* The whole roll: the credential authority prints a slip for each, in a browser. */
const struct err *poll_codes_page(struct ctx *ctx, struct request *request, struct answer *answer)
{
    struct poll *poll;
    struct poll_voter *voters;
    int count;
    TRY(poll_asked(ctx, request, &poll));
    if (!who_is(poll->authority, person_who(ctx->person)))
        return err_new(ctx, ERR_DENIED, "poll.not_authority");
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

const struct err *poll_codes_may_send(struct ctx *ctx, struct request *request)
{
    struct poll *poll;
    TRY(poll_asked(ctx, request, &poll));
    return poll_codes_expected(ctx, poll);
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
    struct poll_trustee *trustee;
    struct poll_opening_view view;
    TRY(trustee_asked(ctx, request, &poll, &trustee));
    bool is_my_turn = poll_is(poll, "closed") && !trustee->has_opened;
    struct node *model = answer->model = node_object(ctx->arena);
    TRY(poll_put(ctx, poll, model));
    node_put_int(model, KEY("owner"), trustee->number);
    node_put_string(model, KEY("group"), poll->arithmetic);
    node_put_string(model, KEY("uuid"), poll->uuid);
    node_put_string(model, KEY("name"), trustee->name);
    node_put_bool(model, KEY("done"), trustee->has_opened);
    node_put_bool(model, KEY("is_my_turn"), is_my_turn);
    node_put_string(model, KEY("step_words"),
                    texts_say(ctx->language, trustee->has_opened       ? "ballot.next_opened"
                                             : poll_is(poll, "closed")  ? "ballot.next_decrypt"
                                             : poll_is(poll, "counted") ? "poll.counted"
                                                                        : "poll.part_early"));
    node_put_string(model, KEY("action"), poll_href(ctx, poll, "/decrypt"));
    if (!is_my_turn)
        return NULL;
    TRY(poll_part_input(ctx, poll, trustee, &view));
    node_put_string(model, KEY("fingerprint"), view.fingerprint);
    node_put_text(model, KEY("private_key"), view.private_key);
    node_put_text(model, KEY("encrypted_tally"), view.tally);
    node_put_text(model, KEY("verification_key"), view.verification_key);
    return NULL;
}

const struct err *poll_decrypt_take(struct ctx *ctx, struct request *request, struct change *change)
{
    struct poll *poll;
    struct poll_trustee *trustee;
    TRY(trustee_asked(ctx, request, &poll, &trustee));
    TRY(poll_part_check(ctx, poll, request_field(request, "partial_decryption"), &change->plan));
    struct node *model = node_object(ctx->arena);
    node_put_bool(model, KEY("accepted"), true);
    poll_done(ctx, request, change, poll_href(ctx, poll, ""), "flash.ballot_opened", model);
    return NULL;
}
