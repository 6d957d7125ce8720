/* record/poll.h -- secret ballots that anyone can check: an election of src/vote inside a matter of the flow `ballot`.
 * Owns:          tables poll, poll_… (poll.schema.sql): terms, trustees' public messages, the roll, ballots, the archive
 * Must not know: pages; any secret: seeds, keys and codes are made and kept by people, on their own devices
 * Basis:         Belenios (reference/belenios.md); the credential authority is never who runs the house, so nobody alone can add voters
 * Begin at:      poll_load(); poll_open_check(); poll_bind(), which is called with every event of such a matter
 *
 *     preparing   each trustee sends three messages (poll_keys.c), the credential authority the public halves of the codes
 *     ready       with the last of them the election and the archive's first event are put together
 *     open        ballots: verified in the check, appended by the plan if the ballot is still open by state and by moment
 *     closed      the archive's end of ballots and the sums under seal stand in the closing's plan
 *     counted     each trustee's part; with the last that is needed, the result
 *
 * Whoever acts in one of these ways is asked here, not by the caller: all take ctx->person, but a ballot cast with a slip.
 * Each accepted ballot is a leaf of the realm's log (its hash and the election's uuid, in clear); its position is its place in
 * the archive, so the archive follows from the log, and the signed checkpoint covers it.
 */
#ifndef RECORD_POLL_H
#define RECORD_POLL_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"
#include "record/matter.h"
#include "record/person.h"

#include <stdbool.h>
#include <stdint.h>

struct plan;
struct matter_step;
struct place;
struct matter_change;

enum { POLL_QUESTIONS_MOST = 3, POLL_ANSWERS_MOST = 20, POLL_TRUSTEES_MOST = 9 };

struct poll_trustee {
    int number; /* from 1 */
    struct who who;
    const char *name;
    struct text certificate, polynomial, share; /* empty: not yet */
    bool has_opened;                            /* its part of the result is there */
};

struct poll {
    const char *realm;
    int64_t matter;
    const char *number, *uuid, *title, *about, *arithmetic;
    struct text questions; /* JSON list as the election has it */
    int64_t opens, closes;
    int needed;
    const char *roll;    /* "representatives", "villagers" */
    int64_t voters, voted, ballots;
    struct who authority;
    int64_t sealed_at;   /* 0: not put together yet */
    const char *state;   /* key of the flow's state */
    const char *place, *place_path, *village;
    /* Filled by poll_load(), not in lists: */
    const char *authority_name;
    struct poll_trustee *trustees;
    int trustee_count;
    bool has_codes; /* the credential authority has sent the public halves */
};

static inline bool poll_is(const struct poll *poll, const char *state)
{
    return strcmp(poll->state, state) == 0;
}

/* ERR_MISSING "matter.missing". */
fallible poll_load(struct ctx *ctx, struct text number, struct poll **ret);
fallible poll_load_by_id(struct ctx *ctx, const char *realm, int64_t matter, struct poll **ret);
/* Of the whole house, the latest first, those made before BEFORE (0: from the latest). */
fallible poll_list(struct ctx *ctx, int64_t before, int most, struct poll **ret, int *ret_count);

/* Of a village (VILLAGE NULL: of the whole realm) but for the cancelled ones, the latest first. */
fallible poll_list_within(struct ctx *ctx, const char *realm, const char *village, int most, struct poll **ret, int *ret_count);
/* In which WHO may vote now, the first to close first. */
fallible poll_list_of_voter(struct ctx *ctx, struct who who, int most, struct poll **ret, int *ret_count);

/* Which trustee WHO is, or NULL. */
struct poll_trustee *poll_trustee_of(const struct poll *poll, struct who who);
/* Whether ballots are taken at NOW: by state and by moment. */
bool poll_is_open(const struct poll *poll, int64_t now);
/* Whether its hour has come and the preparation isn't whole. */
bool poll_is_late(const struct poll *poll, int64_t now);
/* Why not, as a text key: "poll.not_yet", "poll.not_prepared", "poll.not_open", "poll.was_cancelled"; NULL while they are. */
const char *poll_why_closed(const struct poll *poll, int64_t now);
/* Whether ctx->person keeps this ballot: desk or village secretary here. */
bool poll_is_kept_by(const struct poll *poll, const struct person *person);

/* --- the roll --- */

struct poll_voter {
    int64_t number; /* on the roll, from 1 */
    struct who who;
    const char *name;
    int64_t credential; /* -1: none used yet */
    int64_t voted;      /* 0: not yet */
};

/* From after number AFTER. */
fallible poll_voters(struct ctx *ctx, const struct poll *poll, int64_t after, int most, struct poll_voter **ret,
                     int *ret_count);
/* *RET is NULL for who isn't on the roll. */
fallible poll_voter_of(struct ctx *ctx, const struct poll *poll, struct who who, struct poll_voter **ret);
fallible poll_voter_numbered(struct ctx *ctx, const struct poll *poll, int64_t number, struct poll_voter **ret);

/* --- opening (poll_open.c) --- */

enum poll_kind { POLL_ONE, POLL_APPROVE, POLL_UP_TO, POLL_KIND_COUNT };
const char *poll_kind_key(enum poll_kind kind); /* "one", "approve", "up_to" */
int poll_kind_find(struct text key);

struct poll_question {
    struct text asked;
    enum poll_kind kind;
    struct text answers; /* one on each line; of POLL_APPROVE none are given */
    struct text most;    /* of POLL_UP_TO: a number */
    bool has_blank;
};

/* As they were asked, for whoever calls the same once more; RET has room for POLL_QUESTIONS_MOST. */
fallible poll_questions_of(struct ctx *ctx, const struct poll *poll, struct poll_question *ret, int *ret_count);

struct poll_opening {
    const struct place *place; /* the village whose people are asked */
    struct text title, about, opens, closes, tool, roll;
    struct poll_question questions[POLL_QUESTIONS_MOST];
    int question_count;
    struct who trustees[POLL_TRUSTEES_MOST];
    int trustee_count;
    struct who authority;
    struct text token;
    const char *leads_to;
};

/* Errors: those of matter_open_check(); ERR_INPUT with the field: "poll.…". */
fallible poll_open_check(struct ctx *ctx, const struct poll_opening *opening, struct matter_change *ret);

/* How many trustees a ballot in PLACE has (NULL: none yet). */
int64_t poll_trustees_asked(struct ctx *ctx, const struct place *place);

/* Whom a form offers: for trustee and credential authority those who hold an office in the village or above it, representatives too;
 * each once. The credential authority is a supervisor by custom: they stand first. */
struct poll_candidate {
    struct who who;
    const char *name, *place_name;
    enum role role;
};
fallible poll_candidates(struct ctx *ctx, const struct place *place, struct poll_candidate **ret, int *ret_count);

/* --- preparing (poll_keys.c) --- */

enum poll_step { STEP_CERTIFICATE = 1, STEP_POLYNOMIAL = 3, STEP_SHARE = 5, STEP_DONE = 0 };
/* The trustee's next step, and whether it must wait for the others. */
enum poll_step poll_step_of(const struct poll *poll, const struct poll_trustee *trustee, bool *ret_waits);
/* What the others have said: all certificates as far as there (JSON list), and for step 5 the input; at NULL before. */
fallible poll_key_input(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee,
                        struct text *ret_certificates, struct text *ret_input);
/* One message of ctx->person, checked against the steps before. Nothing changes when it isn't right:
 * ERR_DENIED "poll.not_trustee", ERR_CONFLICT "poll.step_…", ERR_INPUT "vote.ceremony_…" */
fallible poll_key_check(struct ctx *ctx, const struct poll *poll, int64_t step, struct text message, struct plan **ret);
/* Whether ctx->person has codes to send now: ERR_DENIED "poll.not_authority", ERR_CONFLICT "poll.keys_over", "poll.codes_done". */
fallible poll_codes_expected(struct ctx *ctx, const struct poll *poll);
/* The public halves of the codes as a JSON list. Those errors, and ERR_INPUT "poll.codes_…". */
fallible poll_codes_check(struct ctx *ctx, const struct poll *poll, struct text codes, struct plan **ret);

/* Where the chains of archives stood, which the process remembers, is forgotten: before the database is closed. */
struct db;
void poll_heads_forget(const struct db *db);

/* --- voting (poll_cast.c) --- */

struct poll_cast {
    struct text number; /* which ballot of the house it is for */
    struct text ballot; /* as sent */
    struct text slip;   /* code of a one-time slip; empty: ctx->person votes */
};

/* *RET_TRACKER is the ballot's mark on the public list. Each refusal has a text of its own, "poll.ballot_…", "vote.ballot_…". */
fallible poll_cast_check(struct ctx *ctx, const struct poll_cast *cast, struct plan **ret, const char **ret_tracker);

struct poll_spoil {
    struct text number;
    struct text tracker; /* of the sealed ballot that is about to be opened */
    struct text slip;
};

/* Before a voter's device opens a sealed ballot to be looked at: who sees it open could cast it, so it is taken no more. *RET is
 * NULL when that has been said before. ERR_INPUT "poll.tracker_unknown". */
fallible poll_spoil_check(struct ctx *ctx, const struct poll_spoil *spoil, struct plan **ret);

/* A slip for the voter with NUMBER on the roll. *RET_CODE stands nowhere but in the answer. */
fallible poll_slip_check(struct ctx *ctx, const struct poll *poll, int64_t number, struct plan **ret,
                         const char **ret_code, int64_t *ret_expires);
/* Whose slip it is: ERR_INPUT "poll.slip_unknown", "poll.slip_used", "poll.slip_over". */
fallible poll_slip_voter(struct ctx *ctx, const struct poll *poll, struct text code, struct poll_voter **ret,
                         int64_t *ret_slip);

/* How long a slip is valid. */
int64_t poll_slip_minutes(struct ctx *ctx, const struct poll *poll);

struct poll_slip {
    int64_t id, made, expires, used;
    int64_t voter;
    const char *name;
};
fallible poll_slips(struct ctx *ctx, const struct poll *poll, int most, struct poll_slip **ret, int *ret_count);

/* --- the public list --- */

struct poll_tracked {
    int64_t position, accepted;
    const char *tracker;
    bool is_superseded; /* the voter voted again */
    bool is_opened;     /* it was opened to be looked at, and is not on the list */
};
/* In their order, from after POSITION (-1: from the first). */
fallible poll_track_list(struct ctx *ctx, const struct poll *poll, int64_t position, int most, struct poll_tracked **ret,
                         int *ret_count);
/* *RET_FOUND says whether the list has it; what was opened to be looked at never is. Blanks around are passed over. */
fallible poll_track(struct ctx *ctx, const struct poll *poll, struct text tracker, bool *ret_found,
                    struct poll_tracked *ret);

/* --- opening the result (poll_count.c) --- */

struct poll_opening_view {
    struct text private_key, tally, verification_key; /* what this trustee needs; texts of the ceremony and the archive */
    const char *fingerprint;
};
fallible poll_part_input(struct ctx *ctx, const struct poll *poll, const struct poll_trustee *trustee,
                         struct poll_opening_view *ret);
/* One trustee's part, from ctx->person. */
fallible poll_part_check(struct ctx *ctx, const struct poll *poll, struct text part, struct plan **ret);

struct poll_result {
    const char *asked;
    const char **answers; /* of a question with blank votes NULL stands first for them */
    int64_t *counts;
    int count;
};
/* Also before the count, then all counts are 0. */
fallible poll_results(struct ctx *ctx, const struct poll *poll, struct poll_result **ret, int *ret_count);

/* --- moves of people (cancel, close_early) --- */

fallible poll_move_check(struct ctx *ctx, const struct poll *poll, struct text move, struct text reason, struct text token,
                         const char *leads_to, struct matter_change *ret);
/* The public line: what happened when, in the order it did. */
fallible poll_history(struct ctx *ctx, const struct poll *poll, struct matter **ret);

/* For the system that brings the flow: adds what a move of a ballot does besides. */
fallible poll_bind(struct ctx *ctx, struct plan *plan, struct matter_step *step);

/* --- the archive (poll_archive.c) --- */

/* What everybody can know the election by, as `gongzhi verify election` prints it. ERR_MISSING "poll.no_part". */
fallible poll_fingerprint(struct ctx *ctx, const struct poll *poll, const char **ret);

/* The bytes of one object: "election" "trustees" "credentials" "tally" "result"; ERR_MISSING "poll.no_part". */
fallible poll_part(struct ctx *ctx, const struct poll *poll, const char *kind, struct text *ret);

struct poll_head {
    int64_t events;
    const char *last; /* hash of the last event, hexadecimal */
};
/* Where the archive stands in this snapshot. ERR_MISSING "poll.no_part" before it is put together. */
fallible poll_head(struct ctx *ctx, const struct poll *poll, struct poll_head *ret);

/* The archive as it stands when this is called, piece by piece: memory doesn't grow with the number of ballots, and ballots may
 * come in meanwhile. It lives on its own, beyond CTX; poll_stream_end() when done. */
struct poll_stream;
fallible poll_stream_begin(struct ctx *ctx, const struct poll *poll, struct poll_stream **ret);
/* At most ROOM bytes; 0 at the end, -1 when it can't be read on. */
int64_t poll_stream_read(void *stream, char *out, size_t room);
void poll_stream_end(void *stream);

/* Whether what is kept of a ballot says the same as the log: its roll, the ballots taken; and that none of them had been opened.
 * *RET_WRONG is a text key, or NULL. */
fallible poll_verify(struct ctx *ctx, const struct poll *poll, const char **ret_wrong);
/* Then whether ARCHIVE, which the stream has given, holds, and is the one that the log tells of. */
fallible poll_verify_archive(struct ctx *ctx, const struct poll *poll, struct text archive, const char **ret_wrong);
/* Every ballot of a realm by id, for whoever checks the database. */
fallible poll_ids(struct ctx *ctx, const char *realm, int64_t **ret, int *ret_count);
#endif
