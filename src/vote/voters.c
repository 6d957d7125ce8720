/* vote/voters.c -- the list of public credentials: a JSON list of texts, "key" or "key,weight". It may be as long as a
 * country's roll, so it is read text by text, and whether the keys are members of the group is asked by many threads.
 */
#include "vote/election.h"

#include "base/arena.h"
#include "base/ctx.h"
#include "base/json.h"

#include <stdlib.h>

enum { TOGETHER = 256, MOST_LINE = 1024 };
static const int64_t most_weight = INT64_C(1) << 53;

struct line {
    struct text text, key, weight;
    struct sha256 hash; /* of the key */
    bool has_weight, is_member;
};

struct reading {
    struct group *group;
    const char *at, *end;
    bool is_begun, is_over;
    struct line lines[TOGETHER];
};

static void skip_space(struct reading *reading)
{
    while (reading->at < reading->end && strchr(" \t\n\r", *reading->at) && *reading->at)
        reading->at++;
}

static bool skip(struct reading *reading, char mark)
{
    skip_space(reading);
    if (reading->at == reading->end || *reading->at != mark)
        return false;
    reading->at++;
    return true;
}

/* The text that begins here, its escapes read. */
static bool take_text(struct ctx *ctx, struct reading *reading, struct text *ret)
{
    const char *begin = reading->at;
    bool has_escape = false;
    if (!skip(reading, '"'))
        return false;
    begin = reading->at;
    while (reading->at < reading->end && *reading->at != '"') {
        has_escape = has_escape || *reading->at == '\\';
        reading->at += *reading->at == '\\' && reading->end - reading->at > 1 ? 2 : 1;
    }
    *ret = (struct text){ begin, (size_t)(reading->at - begin) };
    if (reading->at == reading->end || ret->size > MOST_LINE)
        return false;
    reading->at++;
    if (!has_escape)
        return true;
    struct node *read;
    if (json_read(ctx, (struct text){ begin - 1, ret->size + 2 }, &read) || read->kind != NODE_TEXT)
        return false;
    *ret = read->text;
    return true;
}

/* The next texts of the list, at most TOGETHER; false when it is none. */
static bool take_lines(struct ctx *ctx, struct reading *reading, int *ret_count)
{
    *ret_count = 0;
    if (!reading->is_begun && !skip(reading, '['))
        return false;
    if (!reading->is_begun)
        reading->is_over = skip(reading, ']');
    reading->is_begun = true;
    while (!reading->is_over && *ret_count < TOGETHER) {
        if (!take_text(ctx, reading, &reading->lines[(*ret_count)++].text))
            return false;
        reading->is_over = skip(reading, ']');
        if (!reading->is_over && !skip(reading, ','))
            return false;
    }
    if (reading->is_over)
        skip_space(reading);
    return !reading->is_over || reading->at == reading->end;
}

static void read_line(void *what, int i)
{
    struct reading *reading = what;
    struct line *line = &reading->lines[i];
    struct element element;
    line->key = text_cut(line->text, ',', &line->weight);
    line->has_weight = line->key.size != line->text.size;
    line->hash = sha256_of(line->key);
    line->is_member = group_decode(reading->group, line->key, &element) &&
                      !element_equal(&element, &reading->group->neutral);
}

static void make_room(struct voters *voters)
{
    if (voters->count < voters->room)
        return;
    voters->room += voters->room / 2 + TOGETHER;
    voters->list = reallocarray(voters->list, voters->room, sizeof(*voters->list));
    if (!voters->list || voters->room > UINT32_MAX / 2)
        BUG("memory has run out");
}

static const struct err *add_voter(struct ctx *ctx, const struct line *line, struct voters *voters)
{
    struct voter voter = { .weight = 1 };
    struct node written = { .kind = NODE_TEXT, .text = line->weight };
    const char *said = NULL;
    if (!line->is_member)
        said = "vote.credential_form";
    else if (line->has_weight && !count_read(&written, most_weight - voters->total_weight, &voter.weight))
        said = "vote.credential_weight";
    else if (!hashes_put(&voters->by_credential, &line->hash, voters->count))
        said = "vote.credential_twice";
    if (said)
        return err_new(ctx, ERR_INPUT, said, arena_printf(ctx->arena, "%u", voters->count + 1));
    make_room(voters);
    voters->total_weight += voter.weight;
    voters->list[voters->count++] = voter;
    return NULL;
}

/* One round, with memory of its own. */
static const struct err *read_some(struct ctx *ctx, struct crew *crew, struct reading *reading, struct voters *voters)
{
    struct ctx *step = ctx_begin(ctx);
    int count;
    const struct err *e = NULL;
    bool is_formed = take_lines(step, reading, &count);
    if (is_formed) {
        crew_do(crew, count, read_line, reading);
        for (int i = 0; i < count && !e; i++)
            e = add_voter(ctx, &reading->lines[i], voters);
    } else
        e = err_new(ctx, ERR_INPUT, "vote.credentials_form");
    ctx_end(step);
    return e;
}

const struct err *voters_read_by(struct ctx *ctx, struct crew *crew, struct group *group, struct text bytes,
                                 struct voters *ret)
{
    struct reading *reading = arena_new_of(ctx->arena, struct reading);
    if (bytes.size == 0)
        return err_new(ctx, ERR_INPUT, "vote.credentials_form");
    reading->group = group;
    reading->at = bytes.at;
    reading->end = bytes.at + bytes.size;
    while (!reading->is_over)
        TRY(read_some(ctx, crew, reading, ret));
    return NULL;
}

const struct err *voters_read(struct ctx *ctx, struct group *group, struct text bytes, struct voters *ret)
{
    return voters_read_by(ctx, NULL, group, bytes, ret);
}

struct voter *voters_find(const struct voters *voters, struct text credential)
{
    struct sha256 hash = sha256_of(credential);
    uint32_t number;
    return hashes_find(&voters->by_credential, &hash, &number) ? &voters->list[number] : NULL;
}

void voters_clear(struct voters *voters)
{
    hashes_clear(&voters->by_credential);
    free(voters->list);
    voters->list = NULL;
    voters->count = voters->room = 0;
}
