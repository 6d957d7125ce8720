/* base/json.h -- reading JSON into nodes (jansson does the parsing).
 * Owns:          limits of what is read: depth 64, and the caller's size
 * Must not know: what the document says
 * Begin at:      json_read()
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H
#include "base/err.h"
#include "base/node.h"

/* Any JSON value, a duplicate key refused; texts are copied into ctx's arena. Fails with ERR_INPUT "json.malformed". */
fallible json_read(struct ctx *ctx, struct text bytes, struct node **ret);
#endif
