/* vote/ballot_read.c -- the form of a ballot. A ballot of an election can be written in one way only: fields in their
 * order, no spaces, texts without escapes. So it is read by expecting exactly that; and only when something else stands
 * there is it read as JSON, to say what is wrong.
 */
#include "vote/ballot_inside.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

enum { MOST_BYTES = 1 << 20 };

/* What was being read when something unexpected stood there. */
enum place { PLACE_TOP, PLACE_CHOICES, PLACE_INDIVIDUAL, PLACE_OVERALL, PLACE_BLANK, PLACE_SIGNATURE, PLACE_COUNT };

static const char *const said_of[PLACE_COUNT] = {
    [PLACE_TOP] = "vote.ballot_form",
    [PLACE_CHOICES] = "vote.ballot_answer_form",
    [PLACE_INDIVIDUAL] = "vote.ballot_individual_proof",
    [PLACE_OVERALL] = "vote.ballot_overall_proof",
    [PLACE_BLANK] = "vote.ballot_blank_proof",
    [PLACE_SIGNATURE] = "vote.ballot_signature",
};

struct reading {
    const char *at, *end;
    bool is_lost;
    enum place place;
    int question;
};

static void expect_text(struct reading *reading, struct text text)
{
    if (reading->is_lost || (size_t)(reading->end - reading->at) < text.size ||
        memcmp(reading->at, text.at, text.size) != 0)
        reading->is_lost = true;
    else
        reading->at += text.size;
}

#define EXPECT(reading, literal) expect_text((reading), TEXT(literal))

/* What stands up to the next quotation mark, which is passed. Every text of a ballot is plain: what has an escape or is
 * no UTF-8 is none of those that are asked for later. */
static struct text take(struct reading *reading)
{
    size_t rest = (size_t)(reading->end - reading->at);
    const char *end = reading->is_lost ? NULL : memchr(reading->at, '"', rest);
    if (!end) {
        reading->is_lost = true;
        return (struct text){ 0 };
    }
    struct text taken = { reading->at, (size_t)(end - reading->at) };
    reading->at = end + 1;
    return taken;
}

static void read_proof(struct reading *reading, struct written_proof *ret)
{
    EXPECT(reading, "{\"challenge\":\"");
    ret->challenge = take(reading);
    EXPECT(reading, ",\"response\":\"");
    ret->response = take(reading);
    EXPECT(reading, "}");
}

static struct written_proof *read_proofs(struct reading *reading, struct written_proof *ret, int count)
{
    EXPECT(reading, "[");
    for (int i = 0; i < count && !reading->is_lost; i++) {
        if (i > 0)
            EXPECT(reading, ",");
        read_proof(reading, &ret[i]);
    }
    EXPECT(reading, "]");
    return ret;
}

static struct written_proof *room_for(struct ctx *ctx, int count)
{
    return arena_array_of(ctx->arena, struct written_proof, count);
}

static void read_answer(struct ctx *ctx, struct reading *reading, const struct question *question, struct answer *ret)
{
    int count = question->choice_count;
    ret->choices = arena_array_of(ctx->arena, struct written_choice, count);
    reading->place = PLACE_CHOICES;
    EXPECT(reading, "{\"choices\":[");
    for (int i = 0; i < count && !reading->is_lost; i++) {
        if (i > 0)
            EXPECT(reading, ",");
        EXPECT(reading, "{\"alpha\":\"");
        ret->choices[i].alpha = take(reading);
        EXPECT(reading, ",\"beta\":\"");
        ret->choices[i].beta = take(reading);
        EXPECT(reading, "}");
    }
    EXPECT(reading, "],\"individual_proofs\":");
    reading->place = reading->is_lost ? reading->place : PLACE_INDIVIDUAL;
    ret->individual = room_for(ctx, 2 * count);
    EXPECT(reading, "[");
    for (int i = 0; i < count && !reading->is_lost; i++) {
        if (i > 0)
            EXPECT(reading, ",");
        read_proofs(reading, &ret->individual[2 * i], 2);
    }
    EXPECT(reading, "]");
    reading->place = reading->is_lost ? reading->place : PLACE_OVERALL;
    EXPECT(reading, ",\"overall_proof\":");
    ret->overall = read_proofs(reading, room_for(ctx, overall_count(question)), overall_count(question));
    if (question->has_blank) {
        reading->place = reading->is_lost ? reading->place : PLACE_BLANK;
        EXPECT(reading, ",\"blank_proof\":");
        ret->blank = read_proofs(reading, room_for(ctx, 2), 2);
    }
    EXPECT(reading, "}");
}

bool ballot_credential(struct text bytes, struct text *ret)
{
    struct reading reading = { .at = bytes.at, .end = bytes.at + bytes.size };
    EXPECT(&reading, "{\"election_uuid\":\"");
    take(&reading);
    EXPECT(&reading, ",\"election_hash\":\"");
    take(&reading);
    EXPECT(&reading, ",\"credential\":\"");
    *ret = take(&reading);
    return !reading.is_lost;
}

/* Which of the two is wrong may wait; here only what stands where. */
struct names {
    struct text uuid, fingerprint;
};

static void read_all(struct ctx *ctx, const struct election *election, struct reading *reading, struct names *names,
                     struct ballot *ballot)
{
    EXPECT(reading, "{\"election_uuid\":\"");
    names->uuid = take(reading);
    EXPECT(reading, ",\"election_hash\":\"");
    names->fingerprint = take(reading);
    EXPECT(reading, ",\"credential\":\"");
    ballot->credential = take(reading);
    EXPECT(reading, ",\"answers\":[");
    ballot->answers = arena_array_of(ctx->arena, struct answer, election->question_count);
    for (int i = 0; i < election->question_count && !reading->is_lost; i++) {
        if (i > 0)
            EXPECT(reading, ",");
        reading->question = i;
        read_answer(ctx, reading, &election->questions[i], &ballot->answers[i]);
    }
    if (reading->is_lost)
        return;
    reading->place = PLACE_TOP;
    EXPECT(reading, "]");
    ballot->unsigned_part = (struct text){ ballot->bytes.at, (size_t)(reading->at - ballot->bytes.at) };
    EXPECT(reading, ",\"signature\":{\"hash\":\"");
    ballot->signed_hash = take(reading);
    EXPECT(reading, ",\"proof\":");
    reading->place = reading->is_lost ? reading->place : PLACE_SIGNATURE;
    read_proof(reading, &ballot->signature);
    EXPECT(reading, "}}");
    if (reading->at != reading->end)
        reading->is_lost = true;
}

/* That a ballot knows every name in it. What else somebody sends is not worth reading as JSON, which costs more the
 * more names there are. */
static bool has_known_names(struct text bytes)
{
    static const char *const known[] = { "election_uuid",     "election_hash", "credential",  "answers",
                                         "signature",         "choices",       "alpha",       "beta",
                                         "individual_proofs", "overall_proof", "blank_proof", "challenge",
                                         "response",          "hash",          "proof" };
    const char *at = bytes.at, *end = bytes.at + bytes.size;
    while ((at = memchr(at, '"', (size_t)(end - at)))) {
        const char *begin = ++at;
        while (at < end && *at != '"')
            at += *at == '\\' && end - at > 1 ? 2 : 1;
        struct text name = { begin, (size_t)(at - begin) };
        at += at < end;
        while (at < end && memchr(" \t\r\n", *at, 4))
            at++;
        bool is_known = at == end || *at != ':';
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && !is_known; i++)
            is_known = text_is(name, known[i]);
        if (!is_known)
            return false;
    }
    return true;
}

/* What is wrong with it: the whole first, then the part that was being read. */
static const struct err *find_fault(struct ctx *ctx, const struct election *election, const struct reading *reading,
                                    struct text bytes)
{
    scoped(buffer_clear) struct buffer again = { 0 };
    struct node *read;
    if (!has_known_names(bytes))
        return err_new(ctx, ERR_INPUT, said_of[reading->place], arena_printf(ctx->arena, "%d", reading->question + 1));
    if (json_read(ctx, bytes, &read) ||
        !has_fields(read, true, FIELDS("election_uuid", "election_hash", "credential", "answers", "signature")))
        return err_new(ctx, ERR_INPUT, "vote.ballot_form");
    node_write(read, &again);
    if (!text_equal(buffer_view(&again), bytes))
        return err_new(ctx, ERR_INPUT, "vote.ballot_canonical");
    if (!text_equal(node_find_text(read, KEY("election_uuid")), election->uuid) ||
        !text_is(node_find_text(read, KEY("election_hash")), election->fingerprint))
        return err_new(ctx, ERR_INPUT, "vote.ballot_other_election");
    if (!has_fields(node_find(read, KEY("signature")), true, FIELDS("hash", "proof")) ||
        !is_list_of(node_find(read, KEY("answers")), (uint32_t)election->question_count))
        return err_new(ctx, ERR_INPUT, "vote.ballot_form");
    return err_new(ctx, ERR_INPUT, said_of[reading->place], arena_printf(ctx->arena, "%d", reading->question + 1));
}

const struct err *ballot_read(struct ctx *ctx, const struct election *election, struct text bytes, struct ballot *ret)
{
    struct ballot ballot = { .bytes = bytes };
    struct names names;
    if (bytes.size > MOST_BYTES)
        return err_new(ctx, ERR_INPUT, "vote.ballot_large");
    if (bytes.size == 0)
        return err_new(ctx, ERR_INPUT, "vote.ballot_form");
    struct reading reading = { .at = bytes.at, .end = bytes.at + bytes.size };
    read_all(ctx, election, &reading, &names, &ballot);
    if (reading.is_lost)
        return find_fault(ctx, election, &reading, bytes);
    if (!text_equal(names.uuid, election->uuid) || !text_is(names.fingerprint, election->fingerprint))
        return err_new(ctx, ERR_INPUT, "vote.ballot_other_election");
    *ret = ballot;
    return NULL;
}
