/* vote/archive.c -- tar of the oldest kind without an end: 512 bytes of header, the body, zeros up to a multiple of 512. */
#include "vote/archive.h"

#include "base/arena.h"
#include "base/buffer.h"
#include "base/ctx.h"
#include "base/json.h"

#include <stdio.h>

enum { BLOCK = 512, NAME_ROOM = 100, NAME_SIZE_MOST = HASH_DIGITS + 12, SIZE_AT = 124, TIME_AT = 136, SUM_AT = 148, KIND_AT = 156 };
enum { MOST_HEADER_BYTES = 256, MOST_EVENT_BYTES = 1024 };

struct member {
    struct text name, bytes;
};

static const struct {
    const char *name;
    int members;
} event_types[EVENT_TYPE_COUNT] = {
    [EVENT_SETUP] = { "Setup", 4 },
    [EVENT_BALLOT] = { "Ballot", 1 },
    [EVENT_END_BALLOTS] = { "EndBallots", 0 },
    [EVENT_ENCRYPTED_TALLY] = { "EncryptedTally", 2 },
    [EVENT_SHUFFLE] = { "Shuffle", 2 },
    [EVENT_END_SHUFFLES] = { "EndShuffles", 0 },
    [EVENT_PARTIAL_DECRYPTION] = { "PartialDecryption", 2 },
    [EVENT_RESULT] = { "Result", 1 },
};

const char *archive_hash(struct arena *arena, const struct sha256 *hash)
{
    return hex_encode(arena, sha256_text(hash));
}

bool archive_hash_is(const struct sha256 *hash, struct text hex)
{
    static const char digits[] = "0123456789abcdef";
    if (hex.size != HASH_DIGITS)
        return false;
    for (int i = 0; i < SHA256_SIZE; i++)
        if (hex.at[2 * i] != digits[hash->bytes[i] >> 4] || hex.at[2 * i + 1] != digits[hash->bytes[i] & 15])
            return false;
    return true;
}

/* Octal digits and a NUL. */
static bool read_octal(const char *at, int digits, uint64_t *ret)
{
    uint64_t number = 0;
    for (int i = 0; i < digits; i++) {
        if (at[i] < '0' || at[i] > '7')
            return false;
        number = number * 8 + (uint64_t)(at[i] - '0');
    }
    *ret = number;
    return at[digits] == '\0';
}

/* The one header that a member of this name, size and time can have. */
static void make_header(struct text name, uint64_t size, uint64_t time, char header[BLOCK])
{
    unsigned sum = 0;
    memset(header, 0, BLOCK);
    memcpy(header, name.at, name.size);
    memcpy(header + 100, "0000644", 8);
    memcpy(header + 108, "0000000", 8);
    memcpy(header + 116, "0000000", 8);
    snprintf(header + SIZE_AT, 12, "%011llo", (unsigned long long)size);
    snprintf(header + TIME_AT, 12, "%011llo", (unsigned long long)time);
    memset(header + SUM_AT, ' ', 8);
    header[KIND_AT] = '0';
    for (int i = 0; i < BLOCK; i++)
        sum += (unsigned char)header[i];
    snprintf(header + SUM_AT, 7, "%06o", sum);
}

static bool is_zero(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (at[i])
            return false;
    return true;
}

/* Takes one member off the front; its time must be the archive's, unless this is the first. */
static const struct err *take_member(struct ctx *ctx, struct archive *archive, bool is_first, struct member *ret)
{
    const char *at = archive->rest.at;
    char expected[BLOCK];
    uint64_t size, time;
    if (archive->rest.size < BLOCK)
        return err_new(ctx, ERR_INPUT, "vote.archive_cut");
    struct text name = { at, strnlen(at, NAME_ROOM) };
    if (name.size == 0 || name.size > NAME_SIZE_MOST || !read_octal(at + SIZE_AT, 11, &size) ||
        !read_octal(at + TIME_AT, 11, &time) || (!is_first && time != archive->time))
        return err_new(ctx, ERR_INPUT, "vote.archive_header");
    make_header(name, size, time, expected);
    if (memcmp(at, expected, BLOCK) != 0)
        return err_new(ctx, ERR_INPUT, "vote.archive_header");
    uint64_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    if (archive->rest.size - BLOCK < padded)
        return err_new(ctx, ERR_INPUT, "vote.archive_cut");
    if (!is_zero(at + BLOCK + size, padded - size))
        return err_new(ctx, ERR_INPUT, "vote.archive_header");
    *ret = (struct member){ name, { at + BLOCK, size } };
    archive->rest = (struct text){ at + BLOCK + padded, archive->rest.size - BLOCK - padded };
    archive->time = time;
    return NULL;
}

/* The body of the first member. */
static void write_description(uint64_t time, struct buffer *out)
{
    buffer_printf(out, "{\"version\":1,\"timestamp\":\"%llu\"}", (unsigned long long)time);
}

const struct err *archive_open(struct ctx *ctx, struct text bytes, struct archive *ret)
{
    struct archive archive = { .rest = bytes };
    struct member first;
    struct node *header;
    int64_t time;
    TRY(take_member(ctx, &archive, true, &first));
    if (!text_is(first.name, "BELENIOS") || first.bytes.size > MOST_HEADER_BYTES || json_read(ctx, first.bytes, &header))
        return err_new(ctx, ERR_INPUT, "vote.archive_none");
    if (node_find_int(header, KEY("version"), 0) != 1)
        return err_new(ctx, ERR_INPUT, "vote.archive_version");
    scoped(buffer_clear) struct buffer canonical = { 0 };
    write_description(archive.time, &canonical);
    if (!text_int(node_find_text(header, KEY("timestamp")), &time) || time < 0 || (uint64_t)time != archive.time ||
        !text_equal(first.bytes, buffer_view(&canonical)))
        return err_new(ctx, ERR_INPUT, "vote.archive_none");
    *ret = archive;
    return NULL;
}

static void add_hash(const struct sha256 *hash, struct buffer *out)
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < SHA256_SIZE; i++) {
        buffer_byte(out, digits[hash->bytes[i] >> 4]);
        buffer_byte(out, digits[hash->bytes[i] & 15]);
    }
}

/* The one text that the next event can have; PAYLOAD may be NULL. */
static void write_event(const struct archive *archive, enum archive_event_type type, const struct sha256 *payload,
                        struct buffer *out)
{
    buffer_byte(out, '{');
    if (archive->height > 0) {
        buffer_string(out, "\"parent\":\"");
        add_hash(&archive->last, out);
        buffer_string(out, "\",");
    }
    buffer_printf(out, "\"height\":%lld,\"type\":\"%s\"", (long long)archive->height, event_types[type].name);
    if (payload) {
        buffer_string(out, ",\"payload\":\"");
        add_hash(payload, out);
        buffer_byte(out, '"');
    }
    buffer_byte(out, '}');
}

/* The members before it leave few texts that the event can have: when it is one of them, nothing can be wrong with it. */
static bool is_event_of_members(const struct archive *archive, struct text bytes, struct archive_event *event)
{
    scoped(buffer_clear) struct buffer expected = { 0 };
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        if (event->count != event_types[type].members)
            continue;
        expected.size = 0;
        event->type = (enum archive_event_type)type;
        write_event(archive, event->type, event->count > 0 ? &event->members[event->count - 1].hash : NULL, &expected);
        if (text_equal(buffer_view(&expected), bytes))
            return true;
    }
    return false;
}

/* What is wrong with an event that is none of those that could stand here. */
static const struct err *read_event(struct ctx *ctx, const struct archive *archive, struct text bytes,
                                    struct archive_event *event)
{
    struct node *read;
    if (is_event_of_members(archive, bytes, event))
        return NULL;
    if (bytes.size > MOST_EVENT_BYTES || json_read(ctx, bytes, &read))
        return err_new(ctx, ERR_INPUT, "vote.event_form");
    struct text type = node_find_text(read, KEY("type"));
    int known = 0;
    while (known < EVENT_TYPE_COUNT && !text_is(type, event_types[known].name))
        known++;
    if (known == EVENT_TYPE_COUNT)
        return err_new(ctx, ERR_INPUT, "vote.event_type");
    event->type = (enum archive_event_type)known;
    if (node_find_int(read, KEY("height"), -1) != archive->height)
        return err_new(ctx, ERR_INPUT, "vote.event_height");
    struct text parent = node_find_text(read, KEY("parent"));
    if (archive->height == 0 ? parent.size != 0 : !archive_hash_is(&archive->last, parent))
        return err_new(ctx, ERR_INPUT, "vote.event_parent");
    if (event->count != event_types[known].members)
        return err_new(ctx, ERR_INPUT, "vote.event_members");
    struct text payload = node_find_text(read, KEY("payload"));
    if (event->count == 0 ? payload.size != 0 : !archive_hash_is(&event->members[event->count - 1].hash, payload))
        return err_new(ctx, ERR_INPUT, "vote.event_payload");
    return err_new(ctx, ERR_INPUT, "vote.event_form"); /* only the way of writing it is left */
}

const struct err *archive_next(struct ctx *ctx, struct archive *archive, struct archive_event *ret, bool *ret_is_end)
{
    struct archive_event event = { .height = archive->height };
    struct member member;
    archive->has_fault_hash = false;
    *ret_is_end = archive->rest.size == 0;
    while (archive->rest.size > 0) {
        TRY(take_member(ctx, archive, false, &member));
        archive->at_fault = sha256_of(member.bytes);
        archive->has_fault_hash = true;
        struct text digits = { member.name.at, member.name.size < HASH_DIGITS ? member.name.size : HASH_DIGITS };
        struct text kind = { member.name.at + digits.size, member.name.size - digits.size };
        bool is_event = text_is(kind, ".event.json");
        if (!is_event && !text_is(kind, ".data.json"))
            return err_new(ctx, ERR_INPUT, "vote.archive_header");
        if (!archive_hash_is(&archive->at_fault, digits))
            return err_new(ctx, ERR_INPUT, "vote.archive_hash", text_string(ctx->arena, digits));
        if (is_event) {
            TRY(read_event(ctx, archive, member.bytes, &event));
            event.hash = archive->last = archive->at_fault;
            archive->height++;
            archive->has_fault_hash = false;
            *ret = event;
            return NULL;
        }
        if (event.count == ARCHIVE_MOST_MEMBERS)
            return err_new(ctx, ERR_INPUT, "vote.event_members");
        event.members[event.count++] = (struct archive_member){ archive->at_fault, member.bytes };
    }
    if (event.count > 0)
        return err_new(ctx, ERR_INPUT, "vote.archive_leftover");
    return NULL;
}

int archive_member_count(enum archive_event_type type)
{
    return event_types[type].members;
}

const char *archive_type_name(enum archive_event_type type)
{
    return event_types[type].name;
}

static void write_member(struct text name, struct text bytes, uint64_t time, struct buffer *out)
{
    static const char zeros[BLOCK];
    char header[BLOCK];
    make_header(name, bytes.size, time, header);
    buffer_add(out, header, BLOCK);
    buffer_text(out, bytes);
    buffer_add(out, zeros, (BLOCK - bytes.size % BLOCK) % BLOCK);
}

/* A member that is named by its hash, which is returned. */
static struct sha256 write_hashed(struct text bytes, const char *kind, uint64_t time, struct buffer *out)
{
    struct sha256 hash = sha256_of(bytes);
    scoped(buffer_clear) struct buffer name = { 0 };
    add_hash(&hash, &name);
    buffer_string(&name, kind);
    write_member(buffer_view(&name), bytes, time, out);
    return hash;
}

void archive_begin(uint64_t time, struct archive *ret, struct buffer *out)
{
    scoped(buffer_clear) struct buffer description = { 0 };
    write_description(time, &description);
    write_member(TEXT("BELENIOS"), buffer_view(&description), time, out);
    *ret = (struct archive){ .time = time };
}

struct sha256 archive_append(struct archive *archive, enum archive_event_type type, const struct text *members,
                             struct buffer *out)
{
    scoped(buffer_clear) struct buffer event = { 0 };
    int count = archive_member_count(type);
    struct sha256 payload = { { 0 } };
    for (int i = 0; i < count; i++)
        payload = write_hashed(members[i], ".data.json", archive->time, out);
    write_event(archive, type, count > 0 ? &payload : NULL, &event);
    archive->last = write_hashed(buffer_view(&event), ".event.json", archive->time, out);
    archive->height++;
    return archive->last;
}
