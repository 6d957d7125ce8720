/* commons/qr.h -- an address as a QR code, drawn as one SVG path.
 * Owns:          the path and the quiet zone around it
 * Must not know: what the address leads to
 * Begin at:      qr_put()
 */
#ifndef COMMONS_QR_H
#define COMMONS_QR_H
#include "base/ctx.h"
#include "base/node.h"

/* {box, path} under KEY: box for viewBox, path for d; null when TEXT is too long for a code. */
void qr_put(struct ctx *ctx, struct node *object, const struct key *key, const char *text);
#endif
