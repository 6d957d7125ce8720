/* test_vote_strict.c -- vote/verify: archives that belenios-tool lets pass and gongzhi must not. Each is a good archive with
 * events added, left out or changed, and chained anew.
 */
#include "vectors.h"

#include "base/buffer.h"
#include "vote/archive.h"
#include "vote/verify.h"

#include <stdio.h>

enum { MOST_EVENTS = 64 };

static const char *const type_names[EVENT_TYPE_COUNT] = {
    "Setup", "Ballot", "EndBallots", "EncryptedTally", "Shuffle", "EndShuffles", "PartialDecryption", "Result",
};

struct story {
    uint64_t time;
    int count;
    struct archive_event events[MOST_EVENTS];
};

static struct story read_story(struct fixture *f, const char *name)
{
    struct story story = { 0 };
    struct archive archive;
    bool is_end = false;
    assert_ok(f, archive_open(f->ctx, vector_read(f, name), &archive));
    story.time = archive.time;
    for (;;) {
        assert_true(story.count < MOST_EVENTS);
        assert_ok(f, archive_next(f->ctx, &archive, &story.events[story.count], &is_end));
        if (is_end)
            return story;
        story.count++;
    }
}

static void add_member(struct buffer *out, uint64_t time, const char *name, struct text bytes)
{
    static const char zeros[512];
    char header[512] = "";
    unsigned sum = 0;
    snprintf(header, 100, "%s", name);
    memcpy(header + 100, "0000644\0" "0000000\0" "0000000", 24);
    snprintf(header + 124, 12, "%011zo", bytes.size);
    snprintf(header + 136, 12, "%011llo", (unsigned long long)time);
    memset(header + 148, ' ', 8);
    header[156] = '0';
    for (int i = 0; i < 512; i++)
        sum += (unsigned char)header[i];
    snprintf(header + 148, 7, "%06o", sum);
    buffer_add(out, header, 512);
    buffer_text(out, bytes);
    buffer_add(out, zeros, (512 - bytes.size % 512) % 512);
}

static void add_hashed(struct fixture *f, struct buffer *out, uint64_t time, struct text bytes, const char *kind,
                       struct sha256 *ret)
{
    *ret = sha256_of(bytes);
    add_member(out, time, arena_printf(f->ctx->arena, "%s.%s.json", archive_hash(f->ctx->arena, ret), kind), bytes);
}

static const struct err *verify_story(struct fixture *f, const struct story *story, struct election_report *report)
{
    scoped(buffer_clear) struct buffer out = { 0 };
    struct sha256 last, payload;
    add_member(&out, story->time, "BELENIOS",
               text_of(arena_printf(f->ctx->arena, "{\"version\":1,\"timestamp\":\"%llu\"}", (unsigned long long)story->time)));
    for (int i = 0; i < story->count; i++) {
        scoped(buffer_clear) struct buffer event = { 0 };
        for (int j = 0; j < story->events[i].count; j++)
            add_hashed(f, &out, story->time, story->events[i].members[j].bytes, "data", &payload);
        buffer_byte(&event, '{');
        if (i > 0)
            buffer_printf(&event, "\"parent\":\"%s\",", archive_hash(f->ctx->arena, &last));
        buffer_printf(&event, "\"height\":%d,\"type\":\"%s\"", i, type_names[story->events[i].type]);
        if (story->events[i].count > 0)
            buffer_printf(&event, ",\"payload\":\"%s\"", archive_hash(f->ctx->arena, &payload));
        buffer_byte(&event, '}');
        add_hashed(f, &out, story->time, buffer_view(&event), "event", &last);
    }
    return election_verify(f->ctx, text_copy(f->ctx->arena, buffer_view(&out)), report);
}

static void assert_said(struct fixture *f, const struct story *story, const char *said, int64_t event)
{
    struct election_report report;
    const struct err *e = verify_story(f, story, &report);
    assert_non_null(e);
    assert_string_equal(err_root(e)->said, said);
    assert_int_equal(report.event, event);
}

static int find(const struct story *story, enum archive_event_type type)
{
    int i = 0;
    while (story->events[i].type != type)
        assert_true(++i < story->count);
    return i;
}

static void repeat(struct story *story, int which, int at)
{
    struct archive_event event = story->events[which];
    memmove(&story->events[at + 1], &story->events[at], (size_t)(story->count - at) * sizeof(event));
    story->events[at] = event;
    story->count++;
}

static void leave_out(struct story *story, int which)
{
    story->count--;
    memmove(&story->events[which], &story->events[which + 1], (size_t)(story->count - which) * sizeof(story->events[0]));
}

static const char good[] = "good/ed25519-single.bel";

static void the_same_told_again_passes(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    struct election_report report;
    assert_ok(f, verify_story(f, &story, &report));
    assert_int_equal(report.stage, STAGE_RESULT);
}

static void events_out_of_order_are_refused(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    int end = find(&story, EVENT_END_BALLOTS), result = find(&story, EVENT_RESULT);
    repeat(&story, end, end);
    assert_said(f, &story, "vote.event_order", end + 1);
    story = read_story(f, good);
    repeat(&story, result, story.count);
    assert_said(f, &story, "vote.event_order", result + 1);
    story = read_story(f, good);
    repeat(&story, 0, 1);
    assert_said(f, &story, "vote.event_order", 1);
    story = read_story(f, good);
    leave_out(&story, end);
    assert_said(f, &story, "vote.event_order", end);
    story = read_story(f, good);
    leave_out(&story, 0);
    assert_said(f, &story, "vote.event_order", 0);
    story = read_story(f, good);
    repeat(&story, end, end + 1);
    story.events[end + 1].type = EVENT_SHUFFLE;
    story.events[end + 1].count = 2;
    story.events[end + 1].members[0] = story.events[end + 1].members[1] = story.events[0].members[0];
    assert_said(f, &story, "vote.event_order", end + 1);
}

static void a_trustee_opens_once(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    int part = find(&story, EVENT_PARTIAL_DECRYPTION);
    repeat(&story, part, part);
    assert_said(f, &story, "vote.decryption_twice", part + 1);
    story = read_story(f, good);
    leave_out(&story, part);
    assert_said(f, &story, "vote.decryptions_missing", part);
}

static void a_trustee_who_is_none_does_not_open(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    int part = find(&story, EVENT_PARTIAL_DECRYPTION);
    struct archive_member *members = story.events[part].members;
    static const char *const owners[] = { "0", "2", "4294967297" };
    for (int i = 0; i < 3; i++) {
        members[1].bytes = text_of(arena_printf(f->ctx->arena, "{\"owner\":%s,\"payload\":\"%s\"}", owners[i],
                                                archive_hash(f->ctx->arena, &members[0].hash)));
        assert_said(f, &story, "vote.decryption_owner", part);
    }
}

/* r + q opens to the same element as r. */
static void a_result_beyond_the_weight_is_refused(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    int result = find(&story, EVENT_RESULT);
    static const char *const results[] = {
        "{\"result\":[[\"7237005577332262213973186563042994240857116359379907606001950938285454250995\",5,7]]}",
        "{\"result\":[[19,5,7]]}",
        "{\"result\":[[-6,5,7]]}",
        "{\"result\":[[\"06\",5,7]]}",
        "{\"result\":[[6.0,5,7]]}",
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        story.events[result].members[0].bytes = text_of(results[i]);
        assert_said(f, &story, "vote.result_range", result);
    }
    story.events[result].members[0].bytes = TEXT("{\"result\":[[6,5]]}");
    assert_said(f, &story, "vote.result_form", result);
    story.events[result].members[0].bytes = TEXT("{\"result\":[[\"6\",5,7]]}");
    struct election_report report;
    assert_ok(f, verify_story(f, &story, &report));
}

static void the_published_sizes_must_be_right(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good);
    int tally = find(&story, EVENT_ENCRYPTED_TALLY);
    struct archive_member *members = story.events[tally].members;
    const char *hash = archive_hash(f->ctx->arena, &members[0].hash);
    members[1].bytes = text_of(arena_printf(f->ctx->arena, "{\"num_tallied\":18,\"total_weight\":19,\"encrypted_tally\":\"%s\"}", hash));
    assert_said(f, &story, "vote.tally_weight", tally);
    members[1].bytes = text_of(arena_printf(f->ctx->arena, "{\"num_tallied\":17,\"total_weight\":18,\"encrypted_tally\":\"%s\"}", hash));
    assert_said(f, &story, "vote.tally_counted", tally);
    members[1].bytes = text_of(arena_printf(f->ctx->arena, "{\"num_tallied\":\"18\",\"total_weight\":18,\"encrypted_tally\":\"%s\"}", hash));
    assert_said(f, &story, "vote.tally_form", tally);
}

static void a_ballot_of_another_election_is_refused(void **state)
{
    struct fixture *f = *state;
    struct story story = read_story(f, good), other = read_story(f, "good/ed25519-weighted.bel");
    story.events[2].members[0] = other.events[1].members[0];
    assert_said(f, &story, "vote.ballot_other_election", 2);
    story.events[2].members[0].bytes = TEXT("{\"election_uuid\":1}");
    assert_said(f, &story, "vote.ballot_form", 2);
    story.events[2].members[0].bytes = TEXT("[[[[");
    assert_said(f, &story, "vote.ballot_form", 2);
}

int main(int count, char **arguments)
{
    vectors_from(count, arguments);
    const struct CMUnitTest tests[] = {
        vector_test(the_same_told_again_passes),
        vector_test(events_out_of_order_are_refused),
        vector_test(a_trustee_opens_once),
        vector_test(a_trustee_who_is_none_does_not_open),
        vector_test(a_result_beyond_the_weight_is_refused),
        vector_test(the_published_sizes_must_be_right),
        vector_test(a_ballot_of_another_election_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
