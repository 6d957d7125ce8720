/* civic/note.h -- signed notes and the checkpoint that a log signs.
 * Owns:          verifier keys, signing and opening a note, the text of a checkpoint
 * Must not know: where keys are kept, what the log holds, what time it is
 * Basis:         C2SP signed-note, tlog-checkpoint, tlog-cosignature (types 0x01 and 0x04)
 * Begin at:      note_signer_make(), note_sign(), note_open(), checkpoint_open()
 *
 *     gongzhi.example/log/500116106000          <- the text: origin, size, root; ends in LF
 *     600
 *     mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=
 *                                               <- the last empty line divides
 *     — gongzhi.example/log/500116106000 Az3grsLX…   <- em dash, name, base64(key id ‖ signature)
 *
 * Parsing is strict and notes have one form only: what note_parse() takes is byte for byte what was written.
 */
#ifndef CIVIC_NOTE_H
#define CIVIC_NOTE_H
#include "base/encode.h"
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct ctx;

enum note_kind {
    NOTE_ED25519 = 0x01,     /* signs the text */
    NOTE_COSIGNATURE = 0x04, /* a witness: signs a time and a checkpoint's text; such a key signs nothing else */
};

enum {
    NOTE_KEY_SIZE = 32,
    NOTE_SEED_SIZE = 32,
    NOTE_SIGNATURES = 64, /* lines at most */
    NOTE_MOST_BYTES = 1 << 20,
};

struct note_key {
    struct text name;
    enum note_kind kind;
    uint32_t id; /* first four bytes of SHA-256(name ‖ LF ‖ kind ‖ public key) */
    uint8_t public_key[NOTE_KEY_SIZE];
};

/* Keeps the secret half; wipe it with sodium_memzero() when done. */
struct note_signer {
    struct note_key key;
    uint8_t secret[64];
};

/* A name holds no white space and no plus, and is UTF-8. */
bool note_name_is_good(struct text name);

/* The verifier key text: name+hex(id)+base64(kind ‖ key). The name is borrowed from TEXT.
 * ERR_INPUT note.bad_key when malformed, of an unknown kind, or when the id does not fit. */
fallible note_key_parse(struct ctx *ctx, struct text text, struct note_key *ret);
const char *note_key_print(struct arena *arena, const struct note_key *key);

/* The signer of a seed (32 secret random bytes). NAME is borrowed. BUG on a bad name. */
void note_signer_make(struct text name, enum note_kind kind, const uint8_t seed[static NOTE_SEED_SIZE],
                      struct note_signer *ret);

/* One signature line with its LF. TEXT is the note's text up to and with its last LF.
 * SECONDS (since 1970) is signed by a NOTE_COSIGNATURE key and ignored by NOTE_ED25519. */
const char *note_signature_line(struct arena *arena, const struct note_signer *signer, struct text text,
                                uint64_t seconds);

/* The whole note: TEXT, an empty line, the signer's line. More lines may be appended to it as they are. */
struct text note_sign(struct arena *arena, const struct note_signer *signer, struct text text);

struct note_signature {
    struct text name;
    uint32_t id;
    struct text bytes;          /* after the id */
    const struct note_key *key; /* set by note_open() where the signature was checked and is good */
    uint64_t seconds;           /* of a checked cosignature */
};

struct note {
    struct text text; /* with its last LF, as it is signed */
    size_t count;
    struct note_signature *signatures; /* in the order of the lines */
};

/* The form alone; nothing is verified. ERR_INPUT note.malformed {line} . */
fallible note_parse(struct ctx *ctx, struct text bytes, struct note *ret);

/* Parses and verifies. Lines of unknown keys are left alone; a second line of the same key is not looked at.
 * ERR_INPUT note.bad_signature {name} when a known key's signature is wrong; note.unknown_key when no known key signed.
 */
fallible note_open(struct ctx *ctx, struct text bytes, const struct note_key *keys, size_t key_count, struct note *ret);

/* Is BYTES (what follows the key id in a signature line) KEY's signature of TEXT? RET_SECONDS may be NULL. */
bool note_signature_is_good(const struct note_key *key, struct text text, struct text bytes, uint64_t *ret_seconds);

/* ---- checkpoints ---- */

struct checkpoint {
    struct text origin;
    uint64_t size;
    struct sha256 root;
    struct text extensions; /* further lines, each non-empty with its LF; usually empty */
};

/* The text to be signed. BUG if the origin or an extension can't stand in a checkpoint. */
const char *checkpoint_print(struct arena *arena, const struct checkpoint *checkpoint);

/* A note's text as a checkpoint, borrowed. ERR_INPUT checkpoint.malformed {line}. */
fallible checkpoint_parse(struct ctx *ctx, struct text text, struct checkpoint *ret);

/* Opens a signed checkpoint and demands the origin: a good signature under another origin is a wrong log
 * (ERR_INPUT checkpoint.other_origin {found} {expected}). KEYS[0] is the log's key and must have signed; other keys are
 * its witnesses'. RET_NOTE may be NULL. */
fallible checkpoint_open(struct ctx *ctx, struct text bytes, const struct note_key *keys, size_t key_count,
                         struct text origin, struct checkpoint *ret, struct note *ret_note);
#endif
