/* record/poll_keys.c -- preparing a ballot: the trustees' three messages, the codes' public halves, the election. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "base/json.h"
#include "record/message.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "record/records.h"
#include "vote/ceremony.h"
#include "vote/election.h"
#include "vote/trustees.h"

/* --- what all steps of a ballot share --- */

fallible poll_step_plan(struct ctx *ctx, const struct poll *poll, const char *move, enum role role, const struct node *facts,
                        struct plan **ret)
{
    struct matter *matter;
    struct flow_result *result;
    TRY(matter_load_by_id(ctx, poll->realm, poll->matter, &matter));
    int64_t now = clock_now(ctx->clock);
    if (now < matter->changed)
        now = matter->changed;
    struct flow_world world = matter_world(ctx, matter->place_path);
    TRY(flow_step(ctx, matter->flow, &world, &matter->known, ROLE_BIT(role), text_of(move), NULL, 0, now, &result));
    struct matter_step step = { .matter = matter,
                                .result = result,
                                .late_number = matter->number,
                                .actor = person_who(ctx->person),
                                .actor_role = role,
                                .now = now,
                                .fired_clock = -1,
                                .facts = facts };
    TRY(matter_step_columns(ctx, &step));
    struct plan *plan = *ret ? *ret : plan_new(ctx, matter->realm);
    TRY(matter_step_plan(ctx, plan, &step));
    *ret = plan;
    return NULL;
}

void poll_part_step(struct plan *plan, const struct poll *poll, struct poll_part_added part)
{
    plan_step(plan, &sql_poll_part_add, 1, "matter.changed",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_int(part.seq), value_string(part.kind),
                     part.trustee ? value_int(part.trustee) : value_null(), value_text(part.bytes)));
}

void poll_tell(struct ctx *ctx, struct plan *plan, const struct poll *poll, struct who who, const char *what)
{
    message_step(ctx, plan, who, poll->realm, poll->number, "ballot", "", what, 0);
}

fallible poll_tell_voters(struct ctx *ctx, struct plan *plan, const struct poll *poll, const char *what)
{
    enum { AT_ONCE = 500 };
    int64_t after = 0;
    int count;
    do {
        struct poll_voter *voters;
        TRY(poll_voters(ctx, poll, after, AT_ONCE, &voters, &count));
        for (int i = 0; i < count; i++)
            poll_tell(ctx, plan, poll, voters[i].who, what);
        after = count ? voters[count - 1].number : after;
    } while (count == AT_ONCE);
    return NULL;
}

static struct group *group_of(struct ctx *ctx, const struct poll *poll)
{
    struct group *group = group_open(ctx->arena, text_of(poll->arithmetic));
    if (!group)
        BUG("no arithmetic %s", poll->arithmetic);
    return group;
}

/* The ceremony as far as it has come. */
fallible poll_ceremony(struct ctx *ctx, const struct poll *poll, struct ceremony *ret)
{
    TRY(ceremony_begin(ctx, group_of(ctx, poll), poll->trustee_count, poll->needed, ret));
    for (int i = 0; i < poll->trustee_count; i++) {
        ret->certificates[i] = poll->trustees[i].certificate;
        ret->polynomials[i] = poll->trustees[i].polynomial;
        ret->outputs[i] = poll->trustees[i].share;
    }
    return NULL;
}

/* --- whose turn it is --- */

static bool all_have(const struct poll *poll, enum poll_step step)
{
    for (int i = 0; i < poll->trustee_count; i++) {
        const struct poll_trustee *trustee = &poll->trustees[i];
        struct text said = step == STEP_CERTIFICATE ? trustee->certificate
                           : step == STEP_POLYNOMIAL ? trustee->polynomial
                                                     : trustee->share;
        if (!said.size)
            return false;
    }
    return true;
}

enum poll_step poll_step_of(const struct poll *poll, const struct poll_trustee *trustee, bool *ret_waits)
{
    *ret_waits = false;
    if (!trustee->certificate.size)
        return STEP_CERTIFICATE;
    if (!trustee->polynomial.size) {
        *ret_waits = !all_have(poll, STEP_CERTIFICATE);
        return STEP_POLYNOMIAL;
    }
    if (!trustee->share.size) {
        *ret_waits = !all_have(poll, STEP_POLYNOMIAL);
        return STEP_SHARE;
    }
    return STEP_DONE;
}

fallible poll_key_input(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee,
                        struct text *ret_certificates, struct text *ret_input)
{
    struct ceremony ceremony;
    scoped(buffer_clear) struct buffer out = { 0 };
    *ret_input = (struct text){ 0 };
    buffer_byte(&out, '[');
    for (int i = 0; i < poll->trustee_count; i++) {
        if (!poll->trustees[i].certificate.size)
            continue;
        if (out.size > 1)
            buffer_byte(&out, ',');
        buffer_text(&out, poll->trustees[i].certificate);
    }
    buffer_byte(&out, ']');
    *ret_certificates = text_copy(ctx->arena, buffer_view(&out));
    if (!all_have(poll, STEP_POLYNOMIAL))
        return NULL;
    TRY(poll_ceremony(ctx, poll, &ceremony));
    return ceremony_assemble_input(ctx, &ceremony, trustee->number, ret_input);
}

/* --- putting together --- */

static struct text make_election(struct ctx *ctx, const struct poll *poll, struct group *group, const struct element *key)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    buffer_string(&out, "{\"version\":1,\"description\":");
    buffer_json(&out, text_of(poll->about));
    buffer_string(&out, ",\"name\":");
    buffer_json(&out, text_of(poll->title));
    buffer_printf(&out, ",\"group\":\"%s\",\"public_key\":\"", poll->arithmetic);
    group_encode(group, key, &out);
    buffer_string(&out, "\",\"questions\":");
    buffer_text(&out, poll->questions);
    buffer_printf(&out, ",\"uuid\":\"%s\",\"credential_authority\":", poll->uuid);
    buffer_json(&out, text_of(poll->authority_name));
    buffer_byte(&out, '}');
    return text_copy(ctx->arena, buffer_view(&out));
}

static struct text hash_member(struct ctx *ctx, struct text bytes)
{
    struct sha256 hash = sha256_of(bytes);
    return text_of(archive_hash(ctx->arena, &hash));
}

/* The list of trustees as the archive has it, once all have sent everything. */
static const struct err *finish_trustees(struct ctx *ctx, const struct poll *poll, struct text *ret)
{
    struct ceremony ceremony;
    struct text set;
    TRY(poll_ceremony(ctx, poll, &ceremony));
    TRY(ceremony_finish(ctx, &ceremony, &set));
    *ret = text_of(arena_printf(ctx->arena, "[[\"Pedersen\",%.*s]]", (int)set.size, set.at));
    return NULL;
}

/* Everybody has sent everything: election, archive and its first event, which FACTS tell. */
static const struct err *put_together(struct ctx *ctx, struct plan *plan, const struct poll *poll, struct text credentials,
                                      struct node *facts)
{
    struct group *group = group_of(ctx, poll);
    struct trustees read;
    struct election election;
    struct text trustees;
    TRY(finish_trustees(ctx, poll, &trustees));
    TRY(trustees_read(ctx, group, trustees, &read));
    struct text bytes = make_election(ctx, poll, group, &read.joint_key);
    TRY(election_read(ctx, bytes, &election));
    struct text setup = text_of(arena_printf(ctx->arena, "{\"election\":\"%s\",\"trustees\":\"%s\",\"credentials\":\"%s\"}",
                                             hash_member(ctx, bytes).at, hash_member(ctx, trustees).at,
                                             hash_member(ctx, credentials).at));
    poll_part_step(plan, poll, (struct poll_part_added){ SEQ_ELECTION, "election", 0, bytes });
    poll_part_step(plan, poll, (struct poll_part_added){ SEQ_TRUSTEES, "trustees", 0, trustees });
    poll_part_step(plan, poll, (struct poll_part_added){ SEQ_CREDENTIALS, "credentials", 0, credentials });
    poll_part_step(plan, poll, (struct poll_part_added){ SEQ_SETUP, "setup", 0, setup });
    plan_step(plan, &sql_poll_seal, 1, "matter.changed",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_int(clock_now(ctx->clock))));
    scoped(buffer_clear) struct buffer discarded = { 0 };
    struct archive archive;
    archive_begin(0, &archive, &discarded);
    struct sha256 head = archive_append(&archive, EVENT_SETUP, (const struct text[]){ bytes, trustees, credentials, setup }, &discarded);
    node_put_string(facts, KEY("archive"), archive_hash(ctx->arena, &head));
    node_put_string(facts, KEY("election"), poll->uuid);
    node_put_string(facts, KEY("fingerprint"), election.fingerprint);
    node_put_int(facts, KEY("voters"), poll->voters);
    for (int i = 0; i < poll->trustee_count; i++) /* what is published is compared once more with what was read out */
        poll_tell(ctx, plan, poll, poll->trustees[i].who, "message.ballot_compare");
    return NULL;
}

/* --- a trustee's message --- */

static const struct err *expect_step(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee, int64_t step)
{
    bool waits;
    if (!poll_is(poll, "preparing"))
        return err_new(ctx, ERR_CONFLICT, "poll.keys_over");
    enum poll_step due = poll_step_of(poll, trustee, &waits);
    if (step != STEP_CERTIFICATE && step != STEP_POLYNOMIAL && step != STEP_SHARE)
        return err_field(ctx, "step", "poll.step_unknown");
    if (due == STEP_DONE || step < (int64_t)due)
        return err_new(ctx, ERR_CONFLICT, "poll.step_done");
    if (step > (int64_t)due || waits)
        return err_new(ctx, ERR_CONFLICT, "poll.step_early");
    return NULL;
}

static const struct err *take_message(struct ctx *ctx, struct poll *poll, struct poll_trustee *trustee, int64_t step,
                                      struct text message, const struct statement **ret)
{
    struct ceremony ceremony;
    TRY(poll_ceremony(ctx, poll, &ceremony));
    switch (step) {
    case STEP_CERTIFICATE:
        TRY(ceremony_check_certificate(ctx, &ceremony, trustee->number, message));
        trustee->certificate = message;
        *ret = &sql_poll_trustee_certify;
        break;
    case STEP_POLYNOMIAL:
        TRY(ceremony_check_polynomial(ctx, &ceremony, trustee->number, message));
        trustee->polynomial = message;
        *ret = &sql_poll_trustee_deal;
        break;
    default:
        TRY(ceremony_check_output(ctx, &ceremony, trustee->number, message));
        trustee->share = message;
        *ret = &sql_poll_trustee_share;
        break;
    }
    return NULL;
}

static struct node *message_facts(struct ctx *ctx, const char *kind, int64_t trustee, int64_t step, struct text message)
{
    struct node *facts = node_object(ctx->arena);
    if (trustee)
        node_put_int(facts, KEY("trustee"), trustee);
    node_put_string(facts, KEY("kind"), kind);
    node_put_text(facts, KEY("message"), hash_member(ctx, message));
    if (step)
        node_put_int(facts, KEY("step"), step);
    return facts;
}

/* With the last message of a step the next one begins, for the others too; who sent it has the page open. */
static void tell_next(struct ctx *ctx, struct plan *plan, const struct poll *poll, int64_t step)
{
    if (step == STEP_SHARE || !all_have(poll, (enum poll_step)step))
        return;
    for (int i = 0; i < poll->trustee_count; i++)
        if (!who_is(poll->trustees[i].who, person_who(ctx->person)))
            poll_tell(ctx, plan, poll, poll->trustees[i].who,
                      step == STEP_CERTIFICATE ? "message.ballot_keys_2" : "message.ballot_keys_3");
}

fallible poll_key_check(struct ctx *ctx, const struct poll *known, int64_t step, struct text message, struct plan **ret)
{
    struct poll *poll = (void *)arena_copy(ctx->arena, known, sizeof *known);
    poll->trustees = (void *)arena_copy(ctx->arena, known->trustees,
                                          sizeof *known->trustees * (size_t)known->trustee_count);
    struct poll_trustee *trustee = poll_trustee_of(poll, person_who(ctx->person));
    const struct statement *statement;
    if (!trustee)
        return err_new(ctx, ERR_DENIED, "poll.not_trustee");
    message = text_copy(ctx->arena, text_trim(message));
    if (!message.size || message.size > MESSAGE_MOST)
        return err_field(ctx, "message", "poll.message_size");
    TRY(expect_step(ctx, poll, trustee, step));
    TRY(take_message(ctx, poll, trustee, step, message, &statement));
    struct plan *plan = *ret = plan_new(ctx, poll->realm);
    plan_step(plan, statement, 1, "matter.changed",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_int(trustee->number), value_text(message)));
    struct node *facts = message_facts(ctx, "trustee", trustee->number, step, message);
    tell_next(ctx, plan, poll, step);
    bool is_complete = all_have(poll, STEP_SHARE) && poll->has_codes;
    if (is_complete) {
        struct text credentials; /* kept as they were sent until now */
        TRY(poll_part(ctx, poll, "codes", &credentials));
        TRY(put_together(ctx, plan, poll, credentials, facts));
    }
    return poll_step_plan(ctx, poll, is_complete ? "complete" : "prepare", ROLE_TRUSTEE, facts, ret);
}

/* --- the credential authority's list --- */

/* The pairs of digits from the end: how a point's bytes are written backwards. */
static int compare_backwards(struct text a, struct text b)
{
    size_t size = a.size < b.size ? a.size : b.size;
    for (size_t i = 2; i <= size; i += 2) {
        int order = memcmp(a.at + a.size - i, b.at + b.size - i, 2);
        if (order)
            return order;
    }
    return 0;
}

/* As texts, as numbers, or as the bytes of points: none of these orders tells anything about the roll. */
static bool is_sorted(const struct node *list)
{
    bool by_text = true, by_number = true, by_bytes = true;
    for (const struct node_link *link = list->first; link && link->next; link = link->next) {
        struct text a = link->value.text, b = link->next->value.text;
        int order = memcmp(a.at, b.at, a.size < b.size ? a.size : b.size);
        by_text = by_text && (order < 0 || (order == 0 && a.size < b.size));
        by_number = by_number && (a.size < b.size || (a.size == b.size && order < 0));
        by_bytes = by_bytes && compare_backwards(a, b) < 0;
    }
    return by_text || by_number || by_bytes;
}

static const struct err *read_codes(struct ctx *ctx, const struct poll *poll, struct text sent, struct node **ret)
{
    struct voters voters = { 0 };
    struct node *list;
    if (json_read(ctx, sent, &list) || list->kind != NODE_LIST)
        return err_field(ctx, "codes", "poll.codes_form");
    node_each(link, list)
        if (link->value.kind != NODE_TEXT || memchr(link->value.text.at, ',', link->value.text.size))
            return err_field(ctx, "codes", "poll.codes_form");
    if (list->count != poll->voters)
        return err_field(ctx, "codes", "poll.codes_count", arena_printf(ctx->arena, "%u", list->count),
                         arena_printf(ctx->arena, "%lld", (long long)poll->voters));
    if (!is_sorted(list))
        return err_field(ctx, "codes", "poll.codes_order");
    TRY(voters_read(ctx, group_of(ctx, poll), sent, &voters));
    voters_clear(&voters);
    *ret = list;
    return NULL;
}

enum { SEQ_CODES = 0 };

fallible poll_codes_expected(struct ctx *ctx, const struct poll *poll)
{
    if (!who_is(poll->authority, person_who(ctx->person)))
        return err_new(ctx, ERR_DENIED, "poll.not_authority");
    if (!poll_is(poll, "preparing"))
        return err_new(ctx, ERR_CONFLICT, "poll.keys_over");
    return poll->has_codes ? err_new(ctx, ERR_CONFLICT, "poll.codes_done") : NULL;
}

fallible poll_codes_check(struct ctx *ctx, const struct poll *poll, struct text codes, struct plan **ret)
{
    struct node *list = NULL;
    TRY(poll_codes_expected(ctx, poll));
    TRY(read_codes(ctx, poll, codes, &list));
    scoped(buffer_clear) struct buffer out = { 0 };
    node_write(list, &out);
    struct text bytes = text_copy(ctx->arena, buffer_view(&out));
    struct plan *plan = *ret = plan_new(ctx, poll->realm);
    int number = 0;
    node_each(link, list)
        plan_step(plan, &sql_poll_credential_add, 1, "matter.changed",
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_text(link->value.text), value_int(number++)));
    poll_part_step(plan, poll, (struct poll_part_added){ SEQ_CODES, "codes", 0, bytes });
    struct node *facts = message_facts(ctx, "codes", 0, 0, bytes);
    bool is_complete = all_have(poll, STEP_SHARE);
    if (is_complete)
        TRY(put_together(ctx, plan, poll, bytes, facts));
    return poll_step_plan(ctx, poll, is_complete ? "complete" : "prepare", ROLE_AUTHORITY, facts, ret);
}
