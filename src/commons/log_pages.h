/* commons/log_pages.h -- the public log of a realm: a page in plain words, and the files that programs fetch.
 * Owns:          the model of log.mustache; /log/{realm}/checkpoint, /tile/…, /key
 * Must not know: what a leaf says
 * Basis:         C2SP tlog-tiles: the checkpoint is short-lived, a tile never changes
 * Begin at:      log_page(), log_tile()
 */
#ifndef COMMONS_LOG_PAGES_H
#define COMMONS_LOG_PAGES_H
#include "base/ctx.h"
#include "base/err.h"
#include "http/http.h"

fallible logs_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible log_page(struct ctx *ctx, struct request *request, struct answer *answer);
fallible log_checkpoint(struct ctx *ctx, struct request *request, struct answer *answer);
fallible log_tile(struct ctx *ctx, struct request *request, struct answer *answer);
fallible log_key(struct ctx *ctx, struct request *request, struct answer *answer);
#endif
