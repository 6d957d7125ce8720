/* tests/lib/receipts.h -- a small log in memory with a deterministic key, and receipts from it. */
#ifndef TESTS_RECEIPTS_H
#define TESTS_RECEIPTS_H
#include "memory_tiles.h"

#include "base/buffer.h"
#include "base/node.h"
#include "civic/note.h"
#include "civic/proof.h"

#define RECEIPTS_ORIGIN "gongzhi.example/log/500116106000"

/* What the log keeps of one event: the event itself, the salt, and the public entry. */
struct kept_event {
    struct text bytes, leaf;
    uint8_t salt[RECEIPT_SALT_SIZE];
};

static inline struct text event_bytes(struct arena *arena, uint64_t number)
{
    struct node *event = node_object(arena);
    scoped(buffer_clear) struct buffer out = { 0 };
    node_put_string(event, KEY("act"), number % 3 ? "file" : "answer");
    node_put_int(event, KEY("serial"), (int64_t)number);
    node_put_string(event, KEY("text"), arena_printf(arena, "第 %d 件：门口的路灯不亮了 \"3#\"", (int)number));
    node_write_canonical(event, &out);
    return text_copy(arena, buffer_view(&out));
}

/* Event NUMBER of an invented realm: the same for ever, salt included. */
static inline struct kept_event event_make(struct arena *arena, uint64_t number)
{
    struct kept_event event = { .bytes = event_bytes(arena, number) };
    struct sha256 salt = sha256_of(text_of(arena_printf(arena, "salt %d", (int)number)));
    memcpy(event.salt, salt.bytes, RECEIPT_SALT_SIZE);
    struct node *leaf = node_object(arena);
    scoped(buffer_clear) struct buffer out = { 0 };
    node_put_string(leaf, KEY("commitment"), leaf_commitment(arena, event.salt, event.bytes));
    node_put_string(leaf, KEY("matter"), arena_printf(arena, "QZ-2026-%05d", (int)(number / 3)));
    node_put_string(leaf, KEY("move"), number % 3 ? "file" : "answer");
    node_write_canonical(leaf, &out);
    event.leaf = text_copy(arena, buffer_view(&out));
    return event;
}

static inline void receipts_signer(uint8_t first, const char *name, enum note_kind kind, struct note_signer *ret)
{
    uint8_t seed[NOTE_SEED_SIZE];
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)(first + i);
    note_signer_make(text_of(name), kind, seed, ret);
}
#endif
