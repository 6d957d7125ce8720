/* record/poll_cast.c -- one ballot, from what was sent to a plan; and one-time slips for those without a device. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "record/records.h"
#include "record/tries.h"
#include "vote/ballot.h"
#include "vote/shelf.h"

enum { SLIP_DIGITS = 10 };

/* --- slips --- */

/* Without what is easily misread; the ten digits are shown as two groups. */
static const char slip_alphabet[] = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

static const char *slip_hash(struct ctx *ctx, const struct poll *poll, struct text code)
{
    char digits[SLIP_DIGITS + 1];
    int count = 0;
    for (size_t i = 0; i < code.size; i++) {
        char c = code.at[i] >= 'a' && code.at[i] <= 'z' ? (char)(code.at[i] - 'a' + 'A') : code.at[i];
        if (c == '-' || c == ' ')
            continue;
        if (count == SLIP_DIGITS)
            return "";
        digits[count++] = c;
    }
    struct sha256 hash = sha256_of(text_of(arena_printf(ctx->arena, "slip|%s|%.*s", poll->uuid, count, digits)));
    return hex_encode(ctx->arena, sha256_text(&hash));
}

fallible poll_slip_check(struct ctx *ctx, const struct poll *poll, int64_t number, struct plan **ret, const char **ret_code,
                         int64_t *ret_expires)
{
    struct poll_voter *voter;
    int64_t now = clock_now(ctx->clock);
    const char *closed = poll_why_closed(poll, now);
    if (!poll_is_kept_by(poll, ctx->person) || who_is(poll->authority, person_who(ctx->person))) /* an office may come later */
        return err_new(ctx, ERR_DENIED, "rights.denied");
    if (closed)
        return err_new(ctx, ERR_CONFLICT, closed);
    TRY(poll_voter_numbered(ctx, poll, number, &voter));
    if (!voter)
        return err_field(ctx, "voter", "poll.not_on_roll");
    char code[SLIP_DIGITS + 2] = { 0 };
    for (int i = 0; i < SLIP_DIGITS; i++) {
        uint8_t chance;
        ctx_random(ctx, &chance, 1);
        code[i + (i >= SLIP_DIGITS / 2)] = slip_alphabet[chance & 31];
    }
    code[SLIP_DIGITS / 2] = '-';
    int64_t expires = now + poll_slip_minutes(ctx, poll) * MICROS_PER_MINUTE;
    if (expires > poll->closes)
        expires = poll->closes;
    struct node *facts = node_object(ctx->arena);
    node_put_string(facts, KEY("kind"), "slip");
    node_put_int(facts, KEY("voter"), number);
    *ret = plan_new(ctx, poll->realm);
    plan_step(*ret, &sql_poll_slip_add, 1, "error.conflict",
              VALUES(value_string(poll->realm), value_int(id_next(ctx)), value_int(poll->matter), value_int(number),
                     value_string(slip_hash(ctx, poll, text_of(code))), value_int(now), value_int(expires),
                     value_string(ctx->person->realm), value_int(ctx->person->id)));
    *ret_code = arena_string(ctx->arena, code);
    *ret_expires = expires;
    bool is_desk = (ctx->person->role_mask & ROLE_BIT(ROLE_DESK)) != 0;
    return poll_step_plan(ctx, poll, "slip", is_desk ? ROLE_DESK : ROLE_VILLAGE_SECRETARY, facts, ret);
}

fallible poll_slip_voter(struct ctx *ctx, const struct poll *poll, struct text code, struct poll_voter **ret, int64_t *ret_slip)
{
    struct rows rows;
    int64_t voter = 0, expires = 0;
    bool is_used = false, is_found = false;
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_slip_find,
                  VALUES(value_string(poll->realm), value_string(slip_hash(ctx, poll, text_trim(code)))), &rows));
    if (rows_next(&rows) && rows_int(&rows, 1) == poll->matter) {
        is_found = true;
        *ret_slip = rows_int(&rows, 0);
        voter = rows_int(&rows, 2);
        expires = rows_int(&rows, 3);
        is_used = !rows_is_null(&rows, 4);
    }
    TRY(rows_close(&rows));
    if (!is_found)
        return err_field(ctx, "slip", "poll.slip_unknown");
    if (is_used)
        return err_field(ctx, "slip", "poll.slip_used");
    if (clock_now(ctx->clock) > expires)
        return err_field(ctx, "slip", "poll.slip_over");
    TRY(poll_voter_numbered(ctx, poll, voter, ret));
    return *ret ? NULL : err_broken(ctx, "a slip for nobody on the roll of %s", poll->number);
}

int64_t poll_slip_minutes(struct ctx *ctx, const struct poll *poll)
{
    return poll_rule(ctx, poll->place_path, "ballot.slip");
}

fallible poll_slips(struct ctx *ctx, const struct poll *poll, int most, struct poll_slip **ret, int *ret_count)
{
    struct rows rows;
    int count = 0;
    *ret = arena_array_of(ctx->arena, struct poll_slip, most + 1);
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_slip_list,
                  VALUES(value_string(poll->realm), value_int(poll->matter), value_int(most)), &rows));
    while (rows_next(&rows))
        (*ret)[count++] = (struct poll_slip){ .id = rows_int(&rows, 0), .voter = rows_int(&rows, 1),
                                              .made = rows_int(&rows, 2), .expires = rows_int(&rows, 3),
                                              .used = rows_int(&rows, 4),
                                              .name = rows_is_null(&rows, 7) ? "" : rows_string(&rows, 7) };
    *ret_count = count;
    return rows_close(&rows);
}

/* --- a ballot --- */

/* What is known of a ballot that was sent and of whoever sent it: one question, for it is asked for each. */
struct casting {
    struct poll poll;         /* which, when, in what state, where; no terms, no people */
    struct poll_voter *self;  /* ctx->person on the roll, without a name; NULL: not on it */
    int64_t credential;       /* place of its code in the list; -1: it isn't there */
    int64_t owner;            /* number on the roll of who used that; -1: nobody yet */
    int64_t times;            /* ballots with it */
    bool is_twice;            /* these bytes have come before */
    bool is_spoiled;          /* or were opened, to be looked at */
};

static int64_t int_or(const struct rows *rows, int column, int64_t otherwise)
{
    return rows_is_null(rows, column) ? otherwise : rows_int(rows, column);
}

static void read_casting(struct ctx *ctx, const struct rows *rows, struct who who, struct casting *ret)
{
    *ret = (struct casting){ .poll = { .realm = rows_string(rows, 0),
                                       .matter = rows_int(rows, 1),
                                       .number = rows_string(rows, 2),
                                       .uuid = rows_string(rows, 3),
                                       .opens = rows_int(rows, 4),
                                       .closes = rows_int(rows, 5),
                                       .state = rows_string(rows, 6),
                                       .place_path = rows_string(rows, 7) },
                             .credential = int_or(rows, 11, -1),
                             .owner = int_or(rows, 12, -1),
                             .times = rows_int(rows, 13),
                             .is_twice = !rows_is_null(rows, 14),
                             .is_spoiled = !rows_is_null(rows, 15) };
    if (rows_is_null(rows, 8))
        return;
    ret->self = arena_new_of(ctx->arena, struct poll_voter);
    *ret->self = (struct poll_voter){ .number = rows_int(rows, 8), .who = who, .credential = int_or(rows, 9, -1),
                                      .voted = rows_int(rows, 10), .name = "" };
}

/* Early: the plan asks again whatever is found here, so it needs no view that stands still. CREDENTIAL is empty when only the
 * ballot's name is known. */
static const struct err *find_casting(struct ctx *ctx, struct text number, struct text credential, const char *hash,
                                      struct casting *ret)
{
    struct who who = person_who(ctx->person);
    struct rows rows;
    TRY(rows_open_early(ctx, ctx->snapshot, &sql_poll_casting,
                        VALUES(value_text(matter_place_of(number)), value_text(number), value_string(who.realm),
                               value_int(who.id), value_text(credential), value_string(hash)),
                        &rows));
    bool is_found = rows_next(&rows);
    if (is_found)
        read_casting(ctx, &rows, who, ret);
    TRY(rows_close(&rows));
    return is_found ? NULL : err_new(ctx, ERR_MISSING, "matter.missing");
}

/* A code belongs to whoever used it first, and whoever has used one keeps it. */
static const struct err *check_code(struct ctx *ctx, const struct casting *casting, const struct poll_voter *voter)
{
    if (casting->credential < 0)
        return err_new(ctx, ERR_INPUT, "poll.ballot_code_unknown");
    if (casting->is_twice)
        return err_new(ctx, ERR_INPUT, "poll.ballot_twice");
    if (casting->is_spoiled)
        return err_new(ctx, ERR_INPUT, "poll.ballot_spoiled");
    if (voter->credential >= 0 && voter->credential != casting->credential)
        return err_new(ctx, ERR_INPUT, "poll.ballot_code_other");
    if (casting->owner >= 0 && casting->owner != voter->number)
        return err_new(ctx, ERR_INPUT, "poll.ballot_code_taken");
    int64_t most = poll_rule(ctx, casting->poll.place_path, "ballot.again");
    if (casting->times >= most)
        return err_new(ctx, ERR_INPUT, "poll.ballot_often", arena_printf(ctx->arena, "%lld", (long long)most));
    return NULL;
}

/* What costs most. Who sends wrong ones on purpose takes it from the others: taken before and given back when it was right, so
 * that many at once count too. */
static const struct err *check_proofs(struct ctx *ctx, const struct poll *poll, const struct poll_voter *voter,
                                      const struct election *election, struct ballot *ballot)
{
    struct tries *tries = ctx->records->ballot_tries;
    int64_t now = clock_now(ctx->clock), most = poll_rule(ctx, poll->place_path, "ballot.wrong");
    if (!tries_take(tries, poll->matter, voter->number, now, most))
        return err_new(ctx, ERR_BUSY, "poll.ballot_wrong_often");
    TRY(ballot_check(ctx, election, ballot));
    tries_give_back(tries, poll->matter, voter->number, now);
    return NULL;
}

/* Its text is asked for only when the shelf hasn't got it: once put together, an election never changes. */
static const struct err *borrow_election(struct ctx *ctx, const struct poll *poll, const struct election **ret)
{
    struct text text;
    if (shelf_find(ctx, ctx->records->elections, text_of(poll->uuid), ret))
        return NULL;
    TRY(poll_part(ctx, poll, "election", &text));
    return shelf_lend(ctx, ctx->records->elections, text, ret);
}

static const struct err *check_ballot(struct ctx *ctx, const struct casting *casting, const struct poll_voter *voter,
                                      struct text bytes)
{
    const struct election *election;
    struct ballot ballot;
    TRY(borrow_election(ctx, &casting->poll, &election));
    TRY(ballot_read(ctx, election, bytes, &ballot));
    TRY(check_code(ctx, casting, voter));
    return check_proofs(ctx, &casting->poll, voter, election, &ballot);
}

/* What the leaf shows and commits to is the same, but for the number of the matter: nothing about the voter. */
static struct text event_bytes(struct ctx *ctx, const struct poll *poll, const char *hash)
{
    return text_of(arena_printf(ctx->arena,
                                "{\"ballot\":\"%s\",\"election\":\"%s\",\"kind\":\"ballot\",\"number\":\"%s\",\"realm\":\"%s\","
                                "\"time\":" PLAN_TIME "}",
                                hash, poll->uuid, poll->number, poll->realm));
}

static void add_ballot(struct ctx *ctx, struct plan *plan, const struct poll *poll, const char *hash, struct text bytes,
                       int64_t credential)
{
    uint8_t *salt = arena_alloc_raw(ctx->arena, PLAN_SALT_SIZE);
    ctx_random(ctx, salt, PLAN_SALT_SIZE);
    struct text event = event_bytes(ctx, poll, hash);
    struct text open = text_of(arena_printf(ctx->arena, "{\"ballot\":\"%s\",\"election\":\"%s\"}", hash, poll->uuid));
    int slot = plan_leaf(plan, open, event, salt);
    plan_step(plan, &sql_poll_spoiled_absent, 0, "poll.ballot_spoiled",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_string(hash)));
    plan_step(plan, &sql_poll_ballot_add, 1, "poll.ballot_twice",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_late_slot(slot), value_string(hash),
                     value_int(credential), value_text(bytes), value_late_text(event),
                     value_blob((struct text){ (const char *)salt, PLAN_SALT_SIZE }), value_late_time()));
}

/* The holder of the slip, else ctx->person, while ballots are taken: whoever comes late or early is told which. *RET_SLIP is 0
 * without one. */
static const struct err *find_voter(struct ctx *ctx, const struct casting *casting, struct text slip, struct poll_voter **ret,
                                    int64_t *ret_slip)
{
    const char *closed = poll_why_closed(&casting->poll, clock_now(ctx->clock));
    *ret = casting->self;
    *ret_slip = 0;
    if (slip.size)
        TRY(poll_slip_voter(ctx, &casting->poll, slip, ret, ret_slip));
    if (!*ret)
        return err_new(ctx, ERR_DENIED, "poll.not_on_roll");
    return closed ? err_new(ctx, ERR_CONFLICT, closed) : NULL;
}

fallible poll_cast_check(struct ctx *ctx, const struct poll_cast *cast, struct plan **ret, const char **ret_tracker)
{
    struct casting casting;
    const struct poll *poll = &casting.poll;
    struct poll_voter *voter;
    int64_t slip;
    struct text credential, bytes = text_copy(ctx->arena, cast->ballot);
    struct sha256 hash = sha256_of(bytes);
    const char *hex = archive_hash(ctx->arena, &hash);
    if (!ballot_credential(bytes, &credential))
        credential = TEXT(""); /* what is wrong with it is said later */
    TRY(find_casting(ctx, cast->number, credential, hex, &casting));
    TRY(find_voter(ctx, &casting, cast->slip, &voter, &slip));
    TRY(check_ballot(ctx, &casting, voter, bytes));
    struct plan *plan = *ret = plan_new(ctx, poll->realm);
    plan_step(plan, &sql_poll_take_ballot, 1, "poll.not_open",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_late_time()));
    plan_step(plan, &sql_poll_voter_vote, 1, "poll.ballot_code_other",
              VALUES(value_string(poll->realm), value_int(poll->matter), value_int(voter->number), value_int(casting.credential),
                     value_late_time()));
    if (slip)
        plan_step(plan, &sql_poll_slip_use, 1, "poll.slip_used",
                  VALUES(value_string(poll->realm), value_int(slip), value_late_time()));
    add_ballot(ctx, plan, poll, hex, bytes, casting.credential);
    *ret_tracker = poll_tracker(ctx, text_of(hex));
    return NULL;
}

/* --- a ballot that is opened, never to be cast --- */

fallible poll_spoil_check(struct ctx *ctx, const struct poll_spoil *spoil, struct plan **ret)
{
    struct casting casting;
    const struct poll *poll = &casting.poll;
    struct poll_voter *voter;
    int64_t slip;
    const char *hash = poll_tracker_hash(ctx, spoil->tracker);
    *ret = NULL;
    if (!hash)
        return err_field(ctx, "spoil", "poll.tracker_unknown");
    TRY(find_casting(ctx, spoil->number, TEXT(""), hash, &casting));
    TRY(find_voter(ctx, &casting, spoil->slip, &voter, &slip));
    if (casting.is_spoiled) /* the answer was lost on its way */
        return NULL;
    struct value realm = value_string(poll->realm), matter = value_int(poll->matter);
    *ret = plan_new(ctx, poll->realm);
    plan_step(*ret, &sql_poll_hold_open, 1, "poll.not_open", VALUES(realm, matter, value_late_time()));
    plan_step(*ret, &sql_poll_ballot_absent, 0, "poll.ballot_twice", VALUES(realm, matter, value_string(hash)));
    plan_step(*ret, &sql_poll_spoil, 1, "poll.spoil_often",
              VALUES(realm, matter, value_int(voter->number), value_string(hash),
                     value_int(poll_rule(ctx, poll->place_path, "ballot.checks")), value_late_time()));
    return NULL;
}
