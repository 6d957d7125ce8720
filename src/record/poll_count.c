/* record/poll_count.c -- closing a ballot and opening its result: the sums under seal, the trustees' parts, the numbers.
 *
 * The sums are made from the last ballot of each code when the ballot is closed, in memory that doesn't grow with their number.
 * A part that isn't right is refused and changes nothing; with the last part that is needed the result stands in the same plan. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "record/matter_change.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "store/db.h"
#include "vote/ceremony.h"
#include "vote/decrypt.h"

enum { BALLOTS_AT_ONCE = 64 };

/* --- the sums --- */

/* Some ballots in memory of their own; *RET_COUNT 0 at the end. */
static const struct err *add_some(struct ctx *ctx, const struct poll *poll, struct tally *tally, int64_t *position,
                                  int *ret_count)
{
    struct rows rows;
    const struct err *failed = NULL;
    *ret_count = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_ballot_counting,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(*position), value_int(BALLOTS_AT_ONCE)),
                  &rows));
    while (!failed && rows_next(&rows)) {
        struct ballot ballot;
        *position = rows_int(&rows, 0);
        ++*ret_count;
        failed = ballot_read(ctx, tally->election, text_copy(ctx->arena, rows_text(&rows, 1)), &ballot);
        ballot.is_checked = true; /* before it was stored */
        if (!failed)
            failed = tally_add(ctx, tally, &ballot, 1, false);
    }
    const struct err *closed = rows_close(&rows);
    return failed ? failed : closed;
}

static const struct err *sum_up(struct ctx *outer, const struct poll *poll, const struct election *election,
                                struct tally *ret)
{
    int64_t position = -1;
    int count;
    tally_begin(outer, election, ret);
    do {
        struct ctx *ctx = ctx_begin(outer);
        const struct err *failed = add_some(ctx, poll, ret, &position, &count);
        if (failed)
            failed = err_broken(outer, "%s: %s", poll->number, err_trace(outer, failed));
        ctx_end(ctx);
        TRY(failed);
    } while (count);
    return NULL;
}

static const struct err *load_election(struct ctx *ctx, const struct poll *poll, struct election *ret)
{
    struct text bytes;
    TRY(poll_part(ctx, poll, "election", &bytes));
    return election_read(ctx, bytes, ret);
}

/* --- closing --- */

static const struct err *close_poll(struct ctx *ctx, struct plan *plan, const struct poll *poll, const struct node **ret_facts)
{
    struct election election;
    struct tally tally;
    struct poll_head head;
    scoped(buffer_clear) struct buffer sums = { 0 }, sized = { 0 };
    TRY(load_election(ctx, poll, &election));
    TRY(sum_up(ctx, poll, &election, &tally));
    tally_write(&tally, &sums);
    struct text bytes = text_copy(ctx->arena, buffer_view(&sums));
    struct sha256 hash = sha256_of(bytes);
    tally_write_sized(ctx, &tally, &hash, &sized);
    struct poll_part_added parts[] = { { SEQ_TALLY, "tally", 0, bytes },
                                       { SEQ_SIZED, "sized", 0, text_copy(ctx->arena, buffer_view(&sized)) } };
    TRY(poll_head_with(ctx, poll, parts, 2, &head));
    poll_part_step(plan, poll, parts[0]);
    poll_part_step(plan, poll, parts[1]);
    plan_step(plan, &sql_poll_keep_ballots, 1, "matter.changed",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_int(poll->ballots)));
    struct node *facts = node_object(ctx->arena);
    node_put_string(facts, KEY("archive"), head.last);
    node_put_int(facts, KEY("ballots"), poll->ballots);
    node_put_int(facts, KEY("voted"), tally.counted);
    *ret_facts = facts;
    for (int i = 0; i < poll->trustee_count; i++)
        poll_tell(ctx, plan, poll, poll->trustees[i].who, "message.ballot_decrypt");
    return NULL;
}

fallible poll_bind(struct ctx *ctx, struct plan *plan, struct matter_step *step)
{
    const char *move = step->result->move->name;
    bool opens = strcmp(move, "open") == 0, closes_early = strcmp(move, "close_early") == 0,
         closes = closes_early || strcmp(move, "close") == 0, cancels = strcmp(move, "cancel") == 0;
    struct poll *poll;
    if (!opens && !closes && !cancels)
        return NULL;
    TRY(poll_load_by_id(ctx, step->matter->realm, step->matter->id, &poll));
    if (closes_early && poll->voted < poll->voters)
        return err_new(ctx, ERR_CONFLICT, "poll.not_all_voted",
                       arena_printf(ctx->arena, "%lld", (long long)(poll->voters - poll->voted)));
    if (opens)
        return poll_tell_voters(ctx, plan, poll, "message.ballot_open");
    if (cancels)
        return poll_is(poll, "open") ? poll_tell_voters(ctx, plan, poll, "message.ballot_cancelled") : NULL;
    return close_poll(ctx, plan, poll, &step->facts);
}

/* --- parts --- */

struct opening {
    struct election election;
    struct trustees trustees;
    struct tally tally;
    struct decryptions decryptions;
    int opened;
};

static const struct err *add_opened(struct ctx *ctx, const struct poll *poll, struct opening *opening)
{
    struct rows partial, owned;
    const struct err *failed = NULL;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_part_by_kind,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_string("partial")), &partial));
    failed = rows_open(ctx, ctx->snapshot, &sql_poll_part_by_kind,
                       VALUES(value_string(poll->realm), value_int(poll->matter), value_string("owned")), &owned);
    if (failed) {
        const struct err *closed = rows_close(&partial);
        return closed ? closed : failed;
    }
    while (!failed && rows_next(&partial) && rows_next(&owned)) {
        struct text part = text_copy(ctx->arena, rows_text(&partial, 3));
        struct sha256 hash = sha256_of(part);
        failed = decryption_add(ctx, &opening->tally, &opening->trustees, &opening->decryptions,
                                text_copy(ctx->arena, rows_text(&owned, 3)), part, &hash);
        opening->opened++;
    }
    const struct err *closed = rows_close(&partial), *also = rows_close(&owned);
    return failed ? failed : closed ? closed : also;
}

static const struct err *load_opening(struct ctx *ctx, const struct poll *poll, struct opening *ret)
{
    struct text trustees;
    *ret = (struct opening){ 0 };
    TRY(load_election(ctx, poll, &ret->election));
    TRY(poll_part(ctx, poll, "trustees", &trustees));
    TRY(trustees_read(ctx, ret->election.group, trustees, &ret->trustees));
    TRY(sum_up(ctx, poll, &ret->election, &ret->tally));
    decryptions_begin(ctx, &ret->trustees, &ret->decryptions);
    return add_opened(ctx, poll, ret);
}

fallible poll_part_input(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee,
                         struct poll_opening_view *ret)
{
    struct ceremony ceremony;
    struct election election;
    struct trustees read;
    struct text trustees;
    scoped(buffer_clear) struct buffer key = { 0 };
    TRY(poll_part(ctx, poll, "tally", &ret->tally));
    TRY(poll_part(ctx, poll, "trustees", &trustees));
    TRY(poll_ceremony(ctx, poll, &ceremony));
    TRY(ceremony_private_key(ctx, &ceremony, trustee->number, &ret->private_key));
    TRY(load_election(ctx, poll, &election));
    TRY(trustees_read(ctx, election.group, trustees, &read));
    group_encode(election.group, &read.keys[trustee->number - 1], &key);
    ret->verification_key = text_copy(ctx->arena, buffer_view(&key));
    ret->fingerprint = election.fingerprint;
    return NULL;
}

static const struct err *may_open(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee)
{
    if (!trustee)
        return err_new(ctx, ERR_DENIED, "poll.not_trustee");
    if (poll_is(poll, "counted"))
        return err_new(ctx, ERR_CONFLICT, "poll.counted");
    if (!poll_is(poll, "closed"))
        return err_new(ctx, ERR_CONFLICT, "poll.part_early");
    if (trustee->has_opened)
        return err_new(ctx, ERR_CONFLICT, "poll.part_done");
    return NULL;
}

fallible poll_part_check(struct ctx *ctx, const struct poll *poll, struct text part, struct plan **ret)
{
    const struct poll_trustee *trustee = poll_trustee_of(poll, person_who(ctx->person));
    struct opening opening;
    struct poll_head head;
    TRY(may_open(ctx, poll, trustee));
    part = text_copy(ctx->arena, text_trim(part));
    if (!part.size || part.size > MESSAGE_MOST)
        return err_field(ctx, "partial_decryption", "poll.message_size");
    TRY(load_opening(ctx, poll, &opening));
    struct sha256 hash = sha256_of(part);
    scoped(buffer_clear) struct buffer owner = { 0 };
    decryption_write_owned(ctx, trustee->number, &hash, &owner);
    struct text owned = text_copy(ctx->arena, buffer_view(&owner));
    TRY(decryption_add(ctx, &opening.tally, &opening.trustees, &opening.decryptions, owned, part, &hash));
    int seq = SEQ_FIRST_PART + 2 * opening.opened, count = 2;
    struct poll_part_added parts[3] = { { seq, "partial", trustee->number, part }, { seq + 1, "owned", trustee->number, owned } };
    bool is_last = opening.opened + 1 >= poll->needed;
    if (is_last) {
        scoped(buffer_clear) struct buffer result = { 0 };
        TRY(result_write(ctx, &opening.tally, &opening.trustees, &opening.decryptions, &result));
        parts[count++] = (struct poll_part_added){ SEQ_RESULT, "result", 0, text_copy(ctx->arena, buffer_view(&result)) };
    }
    TRY(poll_head_with(ctx, poll, parts, count, &head));
    *ret = plan_new(ctx, poll->realm);
    for (int i = 0; i < count; i++)
        poll_part_step(*ret, poll, parts[i]);
    if (is_last)
        TRY(poll_tell_voters(ctx, *ret, poll, "message.ballot_counted"));
    struct node *facts = node_object(ctx->arena);
    node_put_string(facts, KEY("archive"), head.last);
    node_put_int(facts, KEY("trustee"), trustee->number);
    return poll_step_plan(ctx, poll, is_last ? "count" : "unseal", ROLE_TRUSTEE, facts, ret);
}

/* --- the numbers --- */

static void read_question(struct ctx *ctx, const struct node *question, const struct node *numbers, struct poll_result *ret)
{
    const struct node *answers = node_find(question, KEY("answers"));
    bool has_blank = node_find_bool(question, KEY("blank"));
    ret->asked = text_string(ctx->arena, node_find_text(question, KEY("question")));
    ret->answers = arena_array_of(ctx->arena, const char *, answers->count + 1);
    ret->counts = arena_array_of(ctx->arena, int64_t, answers->count + 1);
    ret->count = has_blank;
    node_each(link, answers)
        ret->answers[ret->count++] = text_string(ctx->arena, link->value.text);
    int i = 0;
    for (const struct node_link *link = numbers ? numbers->first : NULL; link && i < ret->count; link = link->next, i++)
        if (link->value.kind == NODE_INT)
            ret->counts[i] = link->value.number;
}

fallible poll_results(struct ctx *ctx, const struct poll *poll, struct poll_result **ret, int *ret_count)
{
    struct node *questions, *result = NULL;
    TRY(json_read(ctx, poll->questions, &questions));
    if (poll_is(poll, "counted")) {
        struct text bytes;
        TRY(poll_part(ctx, poll, "result", &bytes));
        TRY(json_read(ctx, bytes, &result));
    }
    const struct node *all = node_find(result, KEY("result"));
    const struct node_link *numbers = all ? all->first : NULL;
    *ret = arena_array_of(ctx->arena, struct poll_result, questions->count + 1);
    *ret_count = 0;
    node_each(link, questions) {
        read_question(ctx, &link->value, numbers ? &numbers->value : NULL, &(*ret)[(*ret_count)++]);
        numbers = numbers ? numbers->next : NULL;
    }
    return NULL;
}

/* --- what people move --- */

fallible poll_history(struct ctx *ctx, const struct poll *poll, struct matter **ret)
{
    return matter_load_by_id(ctx, poll->realm, poll->matter, ret);
}

fallible poll_move_check(struct ctx *ctx, const struct poll *poll, struct text move, struct text reason, struct text token,
                         const char *leads_to, struct matter_change *ret)
{
    struct matter *matter;
    struct flow_given given[] = { { TEXT("reason"), &reason, 1 } };
    bool is_cancel = text_is(move, "cancel");
    if (!is_cancel && !text_is(move, "close_early"))
        return err_new(ctx, ERR_MISSING, "flow.move.unknown", text_string(ctx->arena, move));
    TRY(matter_load_by_id(ctx, poll->realm, poll->matter, &matter));
    struct matter_move asked = { .move = move, .given = given, .given_count = is_cancel && reason.size, .token = token,
                                 .leads_to = leads_to };
    return matter_move_check(ctx, matter, &asked, ret);
}
