/* commons/poll_trustee.h -- the pages of those who keep a ballot honest: trustees make keys and open, the credential authority gives codes.
 * Owns:          the models of ballot_keys, ballot_codes, ballot_decrypt.mustache; taking what their browsers send
 * Must not know: any secret: seeds and codes never leave the browser that makes them
 * Begin at:      poll_keys_page(), poll_codes_page(), poll_decrypt_page(), and the check of each
 */
#ifndef COMMONS_POLL_TRUSTEE_H
#define COMMONS_POLL_TRUSTEE_H
#include "http/http.h"

fallible poll_keys_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST: `step`, `message`. */
fallible poll_keys_take(struct ctx *ctx, struct request *request, struct change *change);
fallible poll_codes_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST: `codes`, a JSON list; the first says before it is read whether one is waited for. */
fallible poll_codes_may_send(struct ctx *ctx, struct request *request);
fallible poll_codes_take(struct ctx *ctx, struct request *request, struct change *change);
fallible poll_decrypt_page(struct ctx *ctx, struct request *request, struct answer *answer);
/* POST: `partial_decryption`. */
fallible poll_decrypt_take(struct ctx *ctx, struct request *request, struct change *change);
#endif
