/* app/demo_ballots.c */
#include "app/demo_ballots.h"

#include "app/demo_devices.h"
#include "base/arena.h"
#include "base/day.h"
#include "record/matter_change.h"
#include "record/person.h"
#include "record/place.h"
#include "record/poll.h"
#include "store/writer.h"

#include <stdlib.h>

#define JIANGUO "500230109221"
enum { BALLOTS = 4, TRUSTEES = 3, VOTERS = 15, STEPS_MOST = 96 };

static const char *const trustees[TRUSTEES] = { "p-jg-0012", "p-jg-0034", "p-jg-0043" };
static const char secretary[] = "p-jg-0110", authority[] = "p-jg-0006";
static const char *const voters[VOTERS] = { "p-jg-0003", "p-jg-0007", "p-jg-0012", "p-jg-0018", "p-jg-0024",
                                            "p-jg-0025", "p-jg-0029", "p-jg-0034", "p-jg-0035", "p-jg-0041",
                                            "p-jg-0047", "p-jg-0050", "p-jg-0051", "p-jg-0053", "p-jg-0056" };

enum tells { TELLS_NOTHING, TELLS_CODE, TELLS_KEYS }; /* a code comes with the keys */

/* Day and hour of each thing, from the midnight of today. */
struct script {
    const char *title, *about, *asked, *answers;
    enum poll_kind kind;
    int called, called_hour;
    int opens, opens_hour, closes, closes_hour;
    int first, votes;    /* how many vote, in the order of the list, and from which of them on */
    const char *choices; /* of each who votes: the place of the answer, "0" the first of what is sealed */
    bool is_prepared, is_opened;
    enum tells tells;    /* secrets in its text, with which a visitor may try it */
};

static const struct script scripts[BALLOTS] = {
    { "文化广场改造方案", "两个方案都在村民代表会议上讲过，造价相同。方案一：加盖雨棚，下雨也能用。方案二：扩建停车场，逢场不堵路。",
      "文化广场改造，您选哪个方案？", "方案一：加盖雨棚\n方案二：扩建停车场", POLL_ONE, -21, 10, -14, 9, -14, 18, 0, 13, "1121120212112", true, true,
      TELLS_NOTHING },
    { "路灯先装哪一段", "今年只够装二十盏路灯，先装一段。", "路灯先装哪一段？", "一组到二组的村道\n三组水井到学校\n五组桥头到公路", POLL_ONE, -3, 10,
      -1, 9, 14, 18, 1, 5, "21312", true, false, TELLS_CODE },
    { "村集体收入用于困难户慰问", "拟从今年村集体经营收入中拿出两万元慰问困难户，名单已公示。", "同意从村集体收入中拿出两万元慰问困难户吗？", "",
      POLL_APPROVE, -1, 15, 0, 0, 30, 18, 0, 0, "", false, false, TELLS_NOTHING },
    { "村道限高杆装在哪里", "超重货车压坏了村道，要装一道限高杆。两个位置都请镇交管站看过。", "限高杆装在哪里？", "村口老槐树\n桥头", POLL_ONE, -8, 10, -2, 9, -1, 18,
      0, 12, "121121212110", true, false, TELLS_KEYS },
};

enum what { DO_CALL, DO_CODES, DO_KEY, DO_VOTE, DO_OPEN };

struct ballot_step {
    int64_t at;
    int order;
    enum what what;
    int ballot, who;
};

struct demo_ballots {
    int64_t midnight;
    struct ballot_step steps[STEPS_MOST];
    int count, done;
    const char *numbers[BALLOTS];
    const char *seeds[BALLOTS][TRUSTEES];
    const char *codes[BALLOTS][VOTERS]; /* by number on the roll */
};

/* --- what happens when --- */

static void add(struct demo_ballots *ballots, int day, int minute, enum what what, int ballot, int who)
{
    int64_t at = ballots->midnight + day * MICROS_PER_DAY + minute * MICROS_PER_MINUTE;
    ballots->steps[ballots->count] = (struct ballot_step){ at, ballots->count, what, ballot, who };
    ballots->count++;
}

static int by_time(const void *a, const void *b)
{
    const struct ballot_step *left = a, *right = b;
    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return left->order - right->order;
}

const struct err *demo_ballots_begin(struct ctx *ctx, int64_t midnight, struct demo_ballots **ret)
{
    struct demo_ballots *ballots = *ret = arena_new_of(ctx->arena, struct demo_ballots);
    ballots->midnight = midnight;
    for (int b = 0; b < BALLOTS; b++) {
        const struct script *script = &scripts[b];
        for (int i = 0; i < TRUSTEES; i++)
            ballots->seeds[b][i] = device_seed(ctx);
        for (int i = 0; i < VOTERS; i++)
            ballots->codes[b][i] = device_code(ctx);
        add(ballots, script->called, script->called_hour * 60, DO_CALL, b, 0);
        if (!script->is_prepared)
            continue;
        add(ballots, script->called + 1, 9 * 60, DO_CODES, b, 0);
        for (int step = 0; step < 3; step++)
            for (int i = 0; i < TRUSTEES; i++)
                add(ballots, script->called + 1, 10 * 60 + 45 * step + 9 * i, DO_KEY, b, i);
        for (int i = 0; i < script->votes; i++)
            add(ballots, script->opens, script->opens_hour * 60 + 12 + 23 * i, DO_VOTE, b, script->first + i);
        for (int i = 0; script->is_opened && i < 2; i++)
            add(ballots, script->closes, script->closes_hour * 60 + 20 + 11 * i, DO_OPEN, b, i);
    }
    qsort(ballots->steps, (size_t)ballots->count, sizeof *ballots->steps, by_time);
    return NULL;
}

/* --- doing it --- */

static const struct err *find(struct ctx *ctx, const char *key, struct person **ret)
{
    TRY(person_find(ctx, NULL, text_of(key), day_of(clock_now(ctx->clock)), ret));
    return *ret ? NULL : err_broken(ctx, "the demo's ballots: there is no person %s", key);
}

static struct text moment(struct ctx *ctx, const struct demo_ballots *ballots, int day, int hour)
{
    int32_t date = day_of(ballots->midnight) + day;
    return text_of(arena_printf(ctx->arena, "%sT%02d:00", day_print(ctx->arena, date), hour));
}

static const struct err *keys_of(struct ctx *ctx, const struct demo_ballots *ballots, int b, const char **ret)
{
    const char *list = "";
    for (int i = 0; i < TRUSTEES; i++) {
        struct person *holder;
        TRY(find(ctx, trustees[i], &holder));
        list = arena_printf(ctx->arena, "%s%s%s %s", list, i ? "，" : "", holder->name, ballots->seeds[b][i]);
    }
    *ret = list;
    return NULL;
}

/* A visitor may vote in the open one, with the code of the representative of the doors, and open the closed one. */
static const struct err *about_of(struct ctx *ctx, const struct demo_ballots *ballots, int b, const char **ret)
{
    const struct script *script = &scripts[b];
    const char *keys;
    struct person *voter;
    *ret = script->about;
    if (script->tells == TELLS_NOTHING)
        return NULL;
    TRY(keys_of(ctx, ballots, b, &keys));
    TRY(find(ctx, voters[0], &voter));
    const char *try = script->tells == TELLS_CODE
                          ? arena_printf(ctx->arena, "村民代表%s还没有投票，投票码是 %s，可以用它投票。", voter->name, ballots->codes[b][0])
                          : "票已投完，等开票：从任意两位开票人的入口进来，用钥匙开票。";
    *ret = arena_printf(ctx->arena, "%s\n\n演示说明：%s开票钥匙：%s。真正的投票里，这些只有本人知道。", script->about, try, keys);
    return NULL;
}

static const struct err *call(struct ctx *ctx, const struct demo_ballots *ballots, int b, struct plan **ret)
{
    const struct script *script = &scripts[b];
    struct place *place;
    struct person *person;
    const char *about;
    struct matter_change change;
    TRY(place_load(ctx, TEXT(JIANGUO), &place));
    TRY(about_of(ctx, ballots, b, &about));
    struct poll_opening opening = { .place = place,
                                    .title = text_of(script->title),
                                    .about = text_of(about),
                                    .opens = moment(ctx, ballots, script->opens, script->opens_hour),
                                    .closes = moment(ctx, ballots, script->closes, script->closes_hour),
                                    .tool = TEXT("older"),
                                    .roll = TEXT("representatives"),
                                    .question_count = 1,
                                    .trustee_count = TRUSTEES };
    opening.questions[0] = (struct poll_question){ .asked = text_of(script->asked),
                                                   .kind = script->kind,
                                                   .answers = text_of(script->answers),
                                                   .has_blank = script->kind != POLL_APPROVE };
    for (int i = 0; i < TRUSTEES; i++) {
        TRY(find(ctx, trustees[i], &person));
        opening.trustees[i] = person_who(person);
    }
    TRY(find(ctx, authority, &person));
    opening.authority = person_who(person);
    TRY(find(ctx, secretary, &person));
    ctx->person = person;
    TRY(poll_open_check(ctx, &opening, &change));
    *ret = change.plan;
    return NULL;
}

static const struct err *make_codes(struct ctx *ctx, const struct demo_ballots *ballots, int b, const struct poll *poll,
                                    struct plan **ret)
{
    struct text list;
    TRY(device_public_codes(ctx, poll->arithmetic, poll->uuid, ballots->codes[b], VOTERS, &list));
    return poll_codes_check(ctx, poll, list, ret);
}

static const struct err *make_key(struct ctx *ctx, const struct demo_ballots *ballots, int b, int who, const struct poll *poll,
                                  struct plan **ret)
{
    const struct poll_trustee *holder = &poll->trustees[who];
    struct text message, certificates;
    bool waits;
    struct device_ceremony ceremony = { .group = poll->arithmetic, .index = holder->number, .size = poll->trustee_count,
                                        .needed = poll->needed, .step = (int)poll_step_of(poll, holder, &waits) };
    for (int i = 0; i < poll->trustee_count && poll->trustees[i].certificate.size; i++)
        ceremony.certificates[ceremony.count++] = poll->trustees[i].certificate;
    TRY(poll_key_input(ctx, poll, holder, &certificates, &ceremony.input));
    TRY(device_key_message(ctx, &ceremony, ballots->seeds[b][who], &message));
    return poll_key_check(ctx, poll, ceremony.step, message, ret);
}

/* The choice as one 1 among zeros. */
static const char *bits(struct ctx *ctx, int place, int count)
{
    char *text = arena_alloc(ctx->arena, (size_t)count * 2 + 4);
    char *at = text;
    *at++ = '[';
    *at++ = '[';
    for (int i = 0; i < count; i++) {
        if (i)
            *at++ = ',';
        *at++ = i == place ? '1' : '0';
    }
    *at++ = ']';
    *at++ = ']';
    return text;
}

static const struct err *vote(struct ctx *ctx, const struct demo_ballots *ballots, int b, int who, const struct poll *poll,
                              struct plan **ret)
{
    struct poll_cast cast = { .number = text_of(poll->number) };
    struct poll_result *questions;
    struct text election;
    const char *tracker;
    int count;
    TRY(poll_results(ctx, poll, &questions, &count));
    TRY(poll_part(ctx, poll, "election", &election));
    TRY(device_ballot(ctx, election, ballots->codes[b][who], bits(ctx, scripts[b].choices[who - scripts[b].first] - '0', questions[0].count), &cast.ballot));
    return poll_cast_check(ctx, &cast, ret, &tracker);
}

static const struct err *open_part(struct ctx *ctx, const struct demo_ballots *ballots, int b, int who, const struct poll *poll,
                                   struct plan **ret)
{
    struct poll_opening_view view;
    struct text election, part;
    TRY(poll_part(ctx, poll, "election", &election));
    TRY(poll_part_input(ctx, poll, &poll->trustees[who], &view));
    TRY(device_part(ctx, election, view.private_key, view.tally, ballots->seeds[b][who], &part));
    return poll_part_check(ctx, poll, part, ret);
}

static const char *actor(const struct ballot_step *step)
{
    return step->what == DO_CODES ? authority : step->what == DO_VOTE ? voters[step->who] : trustees[step->who];
}

static const struct err *decide(struct ctx *ctx, const struct demo_ballots *ballots, const struct ballot_step *step,
                                struct plan **ret)
{
    struct poll *poll;
    struct person *person;
    int b = step->ballot;
    if (step->what == DO_CALL)
        return call(ctx, ballots, b, ret);
    TRY(poll_load(ctx, text_of(ballots->numbers[b]), &poll));
    TRY(find(ctx, actor(step), &person));
    ctx->person = person;
    switch (step->what) {
    case DO_CODES:
        return make_codes(ctx, ballots, b, poll, ret);
    case DO_KEY:
        return make_key(ctx, ballots, b, step->who, poll, ret);
    case DO_VOTE:
        return vote(ctx, ballots, b, step->who, poll, ret);
    default:
        return open_part(ctx, ballots, b, step->who, poll, ret);
    }
}

static const struct err *do_step(struct ctx *outer, struct demo_walk *walk, struct demo_ballots *ballots,
                                 const struct ballot_step *step)
{
    struct ctx *ctx = ctx_begin(&walk->house->model);
    struct plan *plan = NULL;
    struct outcome outcome = { 0 };
    const struct err *failed = snapshot_begin(ctx, walk->house->db, &ctx->snapshot);
    if (!failed) {
        failed = decide(ctx, ballots, step, &plan);
        snapshot_end(ctx->snapshot);
        ctx->snapshot = NULL;
    }
    if (!failed)
        failed = writer_run(ctx, walk->house->writer, plan, &outcome);
    if (!failed && outcome.kind != OUTCOME_DONE)
        failed = err_broken(ctx, "a conflict: %s", outcome.conflict);
    if (failed)
        failed = err_broken(outer, "the demo's ballot %d, step %d: %s", step->ballot, (int)step->what, err_trace(ctx, failed));
    else if (step->what == DO_CALL)
        ballots->numbers[step->ballot] = arena_string(outer->arena, outcome.number);
    ctx_end(ctx);
    return failed;
}

const struct err *demo_ballots_until(struct ctx *ctx, struct demo_walk *walk, struct demo_ballots *ballots, int64_t until)
{
    for (; ballots->done < ballots->count && ballots->steps[ballots->done].at <= until; ballots->done++) {
        const struct ballot_step *step = &ballots->steps[ballots->done];
        TRY(demo_let_time_pass(ctx, walk, step->at));
        TRY(do_step(ctx, walk, ballots, step));
    }
    return NULL;
}
