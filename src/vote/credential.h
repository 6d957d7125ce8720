/* vote/credential.h -- what a voter seals with: a short text, the number it stands for, and its public side.
 * Owns:          both forms that voters may type (15 and 22 characters), the public list; an election's token
 * Must not know: who a voter is: the public list is sorted by key, so that its order tells nothing
 * Begin at:      credential_draw(), credential_secret(); credentials_write()
 */
#ifndef VOTE_CREDENTIAL_H
#define VOTE_CREDENTIAL_H
#include "vote/secret.h"

enum { TOKEN_TEXT = 15, CREDENTIAL_TEXT = 26 };

/* 14 characters of Base58 that name an election (its "uuid"), and NUL. Not secret. */
void token_draw(char ret[TOKEN_TEXT]);

/* A new credential of the longer form, groups of five, six, five and six characters with dashes between, and NUL. */
void credential_draw(char ret[CREDENTIAL_TEXT]);

/* What somebody has typed (dashes and blanks as they like) in the one way it is written; false if it is no credential.
 */
bool credential_read(struct text typed, char ret[CREDENTIAL_TEXT]);

/* The number behind a credential as credential_draw() or credential_read() gave it. */
void credential_secret(struct group *group, struct text uuid, const char credential[CREDENTIAL_TEXT],
                       struct secret *ret);

void credential_wipe(char (*credential)[CREDENTIAL_TEXT]);

struct credential_row {
    struct point key;
    int64_t weight;
};

/* The public list as it goes into the archive; sorts ROWS. Weights stand there when one of them isn't 1. */
void credentials_write(struct group *group, struct credential_row *rows, size_t count, struct buffer *out);
#endif
