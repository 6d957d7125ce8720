/* record/poll_open.c -- calling a ballot: its questions, who opens the result, who hands out codes, and the roll. */
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/json.h"
#include "record/matter_change.h"
#include "record/place.h"
#include "record/poll_inside.h"
#include "record/poll_sql.h"
#include "record/records.h"
#include "record/rights.h"

#include <stdlib.h>

enum { ASKED_MOST = 200, ANSWER_MOST = 60, ROLL_MOST = 20000, UUID_DIGITS = 14 };

/* One on each line. */
#define APPROVE_ANSWERS "同意\n反对\n弃权"

static const char *const kinds[POLL_KIND_COUNT] = { "one", "approve", "up_to" };

const char *poll_kind_key(enum poll_kind kind)
{
    return kinds[kind];
}

int poll_kind_find(struct text key)
{
    for (int i = 0; i < POLL_KIND_COUNT; i++)
        if (text_is(key, kinds[i]))
            return i;
    return -1;
}

int64_t poll_rule(struct ctx *ctx, const char *place_path, const char *key)
{
    const struct text *codes;
    int count = place_codes(ctx, place_path, &codes);
    const struct rule *rule = rules_for(law_now(ctx)->rules, text_of(key), codes, count);
    if (!rule)
        BUG("no rule %s", key);
    return rule->value;
}

int64_t poll_trustees_asked(struct ctx *ctx, const struct place *place)
{
    int64_t count = place ? poll_rule(ctx, place->path, "ballot.trustees") : 0;
    return count < POLL_TRUSTEES_MOST ? count : POLL_TRUSTEES_MOST;
}

/* --- questions --- */

static const char *field_of(struct ctx *ctx, const char *name, int question)
{
    return question ? arena_printf(ctx->arena, "%s_%d", name, question + 1) : name;
}

static bool is_said(struct text text, size_t most)
{
    return text.size && text_is_clean(text) && text_characters(text) <= most && !memchr(text.at, '\n', text.size);
}

/* The lines of what was typed, as a list of texts. */
static const struct err *read_answers(struct ctx *ctx, const struct poll_question *question, const char *field,
                                      struct node *list)
{
    struct text rest = question->answers, line;
    while (rest.size) {
        line = text_trim(text_cut(rest, '\n', &rest));
        if (!line.size)
            continue;
        if (!is_said(line, ANSWER_MOST))
            return err_field(ctx, field, "poll.answer", arena_printf(ctx->arena, "%d", ANSWER_MOST));
        node_each(link, list)
            if (text_equal(link->value.text, line))
                return err_field(ctx, field, "poll.answer_twice", text_string(ctx->arena, line));
        node_add(list, (struct node){ .kind = NODE_TEXT, .text = text_copy(ctx->arena, line) });
    }
    if (list->count < 2 || list->count > POLL_ANSWERS_MOST)
        return err_field(ctx, field, "poll.answers", arena_printf(ctx->arena, "%d", POLL_ANSWERS_MOST));
    return NULL;
}

/* As the election has it: {"answers":[…],"blank":true,"min":…,"max":…,"question":…}. */
static const struct err *read_question(struct ctx *ctx, const struct poll_question *question, int number, struct node *list)
{
    struct text asked = text_trim(question->asked);
    const char *field = field_of(ctx, "question", number), *most_field = field_of(ctx, "most", number);
    if (!is_said(asked, ASKED_MOST))
        return err_field(ctx, field, "poll.question", arena_printf(ctx->arena, "%d", ASKED_MOST));
    struct node *node = node_add_object(list);
    struct node *answers = node_put_list(node, KEY("answers"));
    int64_t most = 1;
    if (question->kind == POLL_APPROVE) {
        struct poll_question fixed = { .answers = TEXT(APPROVE_ANSWERS) };
        TRY(read_answers(ctx, &fixed, field, answers));
    } else {
        TRY(read_answers(ctx, question, field_of(ctx, "answers", number), answers));
        if (question->has_blank)
            node_put_bool(node, KEY("blank"), true);
    }
    if (question->kind == POLL_UP_TO && (!text_int(text_trim(question->most), &most) || most < 1 || most > answers->count))
        return err_field(ctx, most_field, "poll.most", arena_printf(ctx->arena, "%u", answers->count));
    node_put_int(node, KEY("min"), 1);
    node_put_int(node, KEY("max"), most);
    node_put_text(node, KEY("question"), text_copy(ctx->arena, asked));
    return NULL;
}

static struct text lines_of(struct ctx *ctx, const struct node *list)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    node_each(link, list) {
        if (out.size)
            buffer_byte(&out, '\n');
        buffer_text(&out, link->value.text);
    }
    return text_copy(ctx->arena, buffer_view(&out));
}

fallible poll_questions_of(struct ctx *ctx, const struct poll *poll, struct poll_question *ret, int *ret_count)
{
    struct node *list;
    *ret_count = 0;
    TRY(json_read(ctx, poll->questions, &list));
    node_each(link, list) {
        if (*ret_count == POLL_QUESTIONS_MOST)
            break;
        int64_t most = node_find_int(&link->value, KEY("max"), 1);
        struct poll_question made = { .asked = node_find_text(&link->value, KEY("question")),
                                      .kind = most > 1 ? POLL_UP_TO : POLL_ONE,
                                      .answers = lines_of(ctx, node_find(&link->value, KEY("answers"))),
                                      .has_blank = node_find_bool(&link->value, KEY("blank")) };
        if (text_is(made.answers, APPROVE_ANSWERS) && most == 1 && !made.has_blank) {
            made.kind = POLL_APPROVE;
            made.answers = TEXT("");
        }
        if (most > 1)
            made.most = text_of(arena_printf(ctx->arena, "%lld", (long long)most));
        ret[(*ret_count)++] = made;
    }
    return NULL;
}

static struct text written(struct ctx *ctx, const struct node *node, bool is_canonical)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    if (is_canonical)
        node_write_canonical(node, &out);
    else
        node_write(node, &out);
    return text_copy(ctx->arena, buffer_view(&out));
}

/* --- who --- */

fallible poll_candidates(struct ctx *ctx, const struct place *place, struct poll_candidate **ret, int *ret_count)
{
    static const enum role within[] = { ROLE_SUPERVISOR, ROLE_REPRESENTATIVE, ROLE_VILLAGE_SECRETARY, ROLE_GROUP_LEADER,
                                        ROLE_GRID_WORKER, ROLE_VILLAGE_DUTY, ROLE_CONTACT };
    static const enum role above[] = { ROLE_SUPERVISOR, ROLE_JUDICIAL_OFFICE, ROLE_LAWYER, ROLE_PETITION_OFFICE };
    enum { WITHIN = sizeof within / sizeof *within, ALL = WITHIN + sizeof above / sizeof *above };
    int count = 0, room = 64;
    struct poll_candidate *list = arena_array_of(ctx->arena, struct poll_candidate, room);
    int32_t today = day_of(clock_now(ctx->clock));
    for (int i = 0; i < ALL; i++) {
        struct holder *holders;
        int found;
        if (i < WITHIN)
            TRY(person_holders_within(ctx, within[i], place->path, today, &holders, &found));
        else
            TRY(person_holders_above(ctx, above[i - WITHIN], place->path, today, &holders, &found));
        if (count + found > room) {
            room = 2 * (count + found);
            struct poll_candidate *more = arena_array_of(ctx->arena, struct poll_candidate, room);
            memcpy(more, list, sizeof *more * (size_t)count);
            list = more;
        }
        for (int k = 0; k < found; k++) {
            bool is_known = false;
            for (int j = 0; j < count && !is_known; j++)
                is_known = who_is(list[j].who, holders[k].who);
            if (!is_known)
                list[count++] = (struct poll_candidate){ holders[k].who, holders[k].name, holders[k].place_name,
                                                         holders[k].role };
        }
    }
    *ret = list;
    *ret_count = count;
    return NULL;
}

static bool is_candidate(const struct poll_candidate *list, int count, struct who who)
{
    for (int i = 0; i < count; i++)
        if (who_is(list[i].who, who))
            return true;
    return false;
}

static bool keeps_the_house(const struct person *person)
{
    return (person->role_mask & (ROLE_BIT(ROLE_DESK) | ROLE_BIT(ROLE_ADMINISTRATOR))) != 0;
}

/* The credential authority knows whose code is whose: neither who runs the house nor who calls the ballot, and no trustee; nor who makes
 * one-time slips, since a code and a slip together are the vote of somebody who stays away. Who calls a ballot names those who keep it
 * honest, and is none of them. */
static const struct err *check_people(struct ctx *ctx, const struct poll_opening *opening)
{
    struct poll_candidate *list;
    struct person *authority, *trustee;
    int count;
    int32_t today = day_of(clock_now(ctx->clock));
    const struct thing thing = { .realm = opening->place->realm, .place_path = opening->place->path };
    TRY(poll_candidates(ctx, opening->place, &list, &count));
    if (!is_candidate(list, count, opening->authority))
        return err_field(ctx, "authority", "poll.authority_needed");
    TRY(person_load(ctx, opening->authority, today, &authority));
    if (keeps_the_house(authority) || may(authority, "ballot.keep", &thing) || who_is(opening->authority, person_who(ctx->person)))
        return err_field(ctx, "authority", "poll.authority_operator");
    for (int i = 0; i < opening->trustee_count; i++) {
        const char *field = arena_printf(ctx->arena, "trustee_%d", i + 1);
        if (!is_candidate(list, count, opening->trustees[i]))
            return err_field(ctx, field, "poll.trustee_needed");
        if (who_is(opening->trustees[i], person_who(ctx->person)))
            return err_field(ctx, field, "poll.trustee_caller");
        if (who_is(opening->trustees[i], opening->authority))
            return err_field(ctx, field, "poll.trustee_authority");
        for (int k = 0; k < i; k++)
            if (who_is(opening->trustees[i], opening->trustees[k]))
                return err_field(ctx, field, "poll.trustee_twice");
        TRY(person_load(ctx, opening->trustees[i], today, &trustee));
        if (keeps_the_house(trustee))
            return err_field(ctx, field, "poll.trustee_operator");
    }
    return NULL;
}

/* --- the roll --- */

struct roll {
    struct who *list;
    int count;
    const char *hash; /* of the ids in order */
};

static const struct err *make_roll(struct ctx *ctx, const struct poll_opening *opening, int64_t closes, struct roll *ret)
{
    const char *role = text_is(opening->roll, "representatives") ? "representative"
                       : text_is(opening->roll, "villagers")     ? "villager"
                                                                  : NULL;
    if (!role)
        return err_field(ctx, "roll", "poll.roll");
    const char *path = opening->place->path;
    int age = (int)poll_rule(ctx, path, "ballot.voting_age");
    int32_t born_by = day_add_months(day_of(closes - 1), -12 * age), today = day_of(clock_now(ctx->clock));
    struct rows rows;
    scoped(buffer_clear) struct buffer ids = { 0 };
    int room = 64;
    *ret = (struct roll){ .list = arena_array_of(ctx->arena, struct who, room) };
    TRY(rows_open(ctx, ctx->snapshot, &sql_poll_candidates_holding,
                  VALUES(value_string(role), value_int(today), value_string(path), value_string(place_path_after(ctx, path)),
                         value_int(born_by)),
                  &rows));
    bool is_more = false;
    while (!is_more && rows_next(&rows)) {
        if (ret->count == ROLL_MOST) {
            is_more = true;
            continue;
        }
        if (ret->count == room) {
            struct who *more = arena_array_of(ctx->arena, struct who, 2 * room);
            memcpy(more, ret->list, sizeof *more * (size_t)room);
            ret->list = more;
            room *= 2;
        }
        struct who who = { rows_string(&rows, 0), rows_int(&rows, 1) };
        ret->list[ret->count++] = who;
        buffer_printf(&ids, "%s/%lld\n", who.realm, (long long)who.id);
    }
    TRY(rows_close(&rows));
    if (is_more)
        return err_field(ctx, "roll", "poll.roll_large", arena_printf(ctx->arena, "%d", ROLL_MOST));
    int64_t least = poll_rule(ctx, path, "ballot.voters_least");
    if (ret->count < least)
        return err_field(ctx, "roll", "poll.roll_small", arena_printf(ctx->arena, "%d", ret->count),
                         arena_printf(ctx->arena, "%lld", (long long)least));
    struct sha256 hash = sha256_of(buffer_view(&ids));
    ret->hash = hex_encode(ctx->arena, sha256_text(&hash));
    return NULL;
}

/* --- all together --- */

static const char *make_uuid(struct ctx *ctx)
{
    static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    char *uuid = arena_alloc(ctx->arena, UUID_DIGITS + 1);
    for (int i = 0; i < UUID_DIGITS;) {
        uint8_t chance;
        ctx_random(ctx, &chance, 1);
        if (chance < 4 * 58) /* each digit as likely as any other */
            uuid[i++] = digits[chance % 58];
    }
    return uuid;
}

static void put_who(struct ctx *ctx, struct node *node, struct who who)
{
    node_put_string(node, KEY("id"), arena_printf(ctx->arena, "%lld", (long long)who.id));
    node_put_string(node, KEY("realm"), who.realm);
}

static struct text make_terms(struct ctx *ctx, const struct poll_opening *opening, const struct poll *poll,
                              const struct node *questions, const struct roll *roll)
{
    struct node *terms = node_object(ctx->arena);
    node_put_string(terms, KEY("arithmetic"), poll->arithmetic);
    struct node *holders = node_put_list(terms, KEY("trustees"));
    for (int i = 0; i < opening->trustee_count; i++)
        put_who(ctx, node_add_object(holders), opening->trustees[i]);
    node_put_int(terms, KEY("needed"), poll->needed);
    node_put(terms, KEY("questions"), *questions);
    put_who(ctx, node_put_object(terms, KEY("authority")), opening->authority);
    node_put_string(terms, KEY("roll"), poll->roll);
    node_put_string(terms, KEY("roll_hash"), roll->hash);
    node_put_string(terms, KEY("uuid"), poll->uuid);
    node_put_int(terms, KEY("voters"), roll->count);
    return written(ctx, terms, true);
}

static void add_rows(struct ctx *ctx, struct plan *plan, const struct poll *poll, const struct poll_opening *opening,
                     const struct roll *roll)
{
    struct value realm = value_string(poll->realm), matter = value_int(poll->matter);
    plan_step(plan, &sql_poll_add, 1, "error.conflict",
              VALUES(realm, matter, value_late_text(TEXT(PLAN_NUMBER)), value_string(poll->uuid), value_string(poll->title),
                     value_string(poll->about), value_string(poll->arithmetic), value_text(poll->questions),
                     value_int(poll->opens), value_int(poll->closes), value_int(poll->needed), value_string(poll->roll),
                     value_int(roll->count), value_string(poll->authority.realm), value_int(poll->authority.id)));
    for (int i = 0; i < opening->trustee_count; i++)
        plan_step(plan, &sql_poll_trustee_add, 1, "error.conflict",
                  VALUES(realm, matter, value_int(i + 1), value_string(opening->trustees[i].realm),
                         value_int(opening->trustees[i].id)));
    for (int i = 0; i < roll->count; i++)
        plan_step(plan, &sql_poll_voter_add, 1, "error.conflict",
                  VALUES(realm, matter, value_int(i + 1), value_string(roll->list[i].realm), value_int(roll->list[i].id)));
    struct poll late = *poll;
    late.number = PLAN_NUMBER;
    for (int i = 0; i < opening->trustee_count; i++)
        poll_tell(ctx, plan, &late, opening->trustees[i], "message.ballot_keys");
    poll_tell(ctx, plan, &late, opening->authority, "message.ballot_codes");
}

static const struct err *check_terms(struct ctx *ctx, const struct poll_opening *opening, struct poll *poll,
                                     struct node *questions, struct roll *roll)
{
    TRY(must(ctx, "ballot.open", &(struct thing){ .realm = opening->place->realm, .place_path = opening->place->path }));
    if (!moment_parse(opening->opens, &poll->opens))
        return err_field(ctx, "opens", "poll.opens");
    if (!moment_parse(opening->closes, &poll->closes))
        return err_field(ctx, "closes", "poll.closes");
    if (poll->closes <= poll->opens || poll->closes <= clock_now(ctx->clock))
        return err_field(ctx, "closes", "poll.closes_early");
    if (!opening->question_count)
        return err_field(ctx, "question", "poll.question", arena_printf(ctx->arena, "%d", ASKED_MOST));
    for (int i = 0; i < opening->question_count; i++)
        TRY(read_question(ctx, &opening->questions[i], i, questions));
    poll->needed = (int)poll_rule(ctx, opening->place->path, "ballot.trustees_needed");
    if (opening->trustee_count != poll_trustees_asked(ctx, opening->place))
        return err_field(ctx, "trustee_1", "poll.trustees_all");
    TRY(check_people(ctx, opening));
    return make_roll(ctx, opening, poll->closes, roll);
}

fallible poll_open_check(struct ctx *ctx, const struct poll_opening *opening, struct matter_change *ret)
{
    struct poll poll = { .realm = opening->place->realm, .authority = opening->authority };
    struct node *questions = node_list(ctx->arena);
    struct roll roll = { 0 };
    poll.title = text_string(ctx->arena, text_trim(opening->title));
    poll.about = text_string(ctx->arena, text_trim(opening->about));
    TRY(check_terms(ctx, opening, &poll, questions, &roll));
    poll.arithmetic = text_is(opening->tool, "older") ? "BELENIOS-2048" : "Ed25519";
    poll.roll = text_is(opening->roll, "villagers") ? "villagers" : "representatives";
    poll.uuid = make_uuid(ctx);
    poll.questions = written(ctx, questions, false);
    struct text terms = make_terms(ctx, opening, &poll, questions, &roll);
    struct text values[] = { opening->title, opening->about, opening->opens, opening->closes, opening->tool, terms };
    struct flow_given given[] = { { TEXT("title"), &values[0], 1 }, { TEXT("about"), &values[1], 1 },
                                  { TEXT("opens"), &values[2], 1 }, { TEXT("closes"), &values[3], 1 },
                                  { TEXT("tool"), &values[4], 1 },  { TEXT("terms"), &values[5], 1 } };
    struct matter_opening asked = { .flow = flow_now(ctx, TEXT("ballot")), .place = opening->place->code,
                                    .known = opening->place, .given = given, .given_count = 6, .token = opening->token,
                                    .leads_to = opening->leads_to };
    TRY(matter_open_check(ctx, &asked, ret));
    poll.matter = ret->id;
    if (ret->plan)
        add_rows(ctx, ret->plan, &poll, opening, &roll);
    return NULL;
}
