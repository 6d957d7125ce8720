/* vote/election.h -- what an election asks, and who may vote in it.
 * Owns:          struct election (questions, key, fingerprint), struct voters (public credentials with weights)
 * Must not know: ballots, archives
 * Begin at:      election_read(), voters_read()
 */
#ifndef VOTE_ELECTION_H
#define VOTE_ELECTION_H
#include "vote/crew.h"
#include "vote/hashes.h"
#include "vote/proof.h"

#include "base/err.h"

struct question {
    struct text asked;
    const struct text *answers;
    int answer_count;
    bool has_blank;
    int least, most;
    int choice_count; /* ciphertexts: the answers, and the blank bit in front */
};

/* Never changes once it is read: threads may share it. */
struct election {
    struct group *group;
    struct text name, uuid;
    const char *fingerprint; /* base64 without padding, as hashes of proofs want it */
    struct element key;
    struct group_table key_table;
    struct question *questions;
    int question_count;
    struct element *generator_powers; /* g^0 … g^(most answers) */
};

/* Fails with ERR_INPUT: "vote.unsupported_group", "vote.unsupported_question" for kinds we don't offer,
 * "vote.election_…" for what is wrong. */
fallible election_read(struct ctx *ctx, struct text bytes, struct election *ret);

/* What may name an election. */
bool is_uuid(struct text text);

struct voter {
    int64_t weight;
    struct text ballot; /* the last one, in the archive's bytes; empty before */
};

struct voters {
    struct hashes by_credential; /* the hash of the credential's text */
    struct voter *list;
    uint32_t count, room;
    int64_t total_weight;
};

/* Members of the group, none twice, weights bounded. What it makes is on the heap, for voters_clear(), also after a failure; at
 * most 90 bytes for each. */
fallible voters_read(struct ctx *ctx, struct group *group, struct text bytes, struct voters *ret);
fallible voters_read_by(struct ctx *ctx, struct crew *crew, struct group *group, struct text bytes, struct voters *ret);
struct voter *voters_find(const struct voters *voters, struct text credential); /* or NULL */
void voters_clear(struct voters *voters);

/* Base64 without padding. */
const char *fingerprint_of(struct arena *arena, const struct sha256 *hash);
#endif
