/* vote/trustee_key.h -- one trustee's own key, and what the trustees publish together.
 * Owns:          the texts of a private and a public key, the list of trustees
 * Must not know: files; the ceremony of a threshold set
 * Begin at:      trustee_key_write(), trustees_write()
 */
#ifndef VOTE_TRUSTEE_KEY_H
#define VOTE_TRUSTEE_KEY_H
#include "vote/prove.h"

enum { TRUSTEE_ID_TEXT = 9, PRIVATE_KEY_TEXT = SECRET_TEXT + 2 };

/* {"pok":…,"public_key":"…"[,"name":"…"]}: the public side of X with its proof of possession; NAME may be empty. */
void trustee_key_write(struct ctx *ctx, struct group *group, const struct secret *x, struct text name,
                       struct buffer *out);

/* The short name of a key, from its public text: eight hexadecimal digits. */
void trustee_key_id(struct text public_key, char ret[TRUSTEE_ID_TEXT]);

/* The private key's text: a decimal in quotes. Whoever gets it wipes it. */
void private_key_write(const struct secret *x, char ret[PRIVATE_KEY_TEXT]);
bool private_key_read(struct group *group, struct text text, struct secret *ret);

/* The list as it goes into the archive: the keys of COUNT single trustees, then threshold sets. Checked by
 * trustees_read(). */
void trustees_write(const struct text *singles, int count, const struct text *sets, int set_count, struct buffer *out);
#endif
