/* commons/matter_papers.h -- what the holder of a matter takes home: the number, the slip, the receipt, the pictures.
 * Owns:          the models of filed.mustache, receipt.mustache and slip.mustache; the download of a receipt
 * Must not know: any single system; how a receipt is made (record/receipt.h)
 * Begin at:      filed_page(), receipt_page()
 */
#ifndef COMMONS_MATTER_PAPERS_H
#define COMMONS_MATTER_PAPERS_H
#include "commons/seen.h"

fallible filed_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);
/* ?event=n: of another event than the opening. */
fallible receipt_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);
fallible receipt_download(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);
fallible photo_page(struct ctx *ctx, struct request *request, const struct matter_face *face, struct answer *answer);

/* The key under which a device keeps the text of a new matter until it is filed: different for each person. */
const char *draft_key(struct ctx *ctx, const struct matter_face *face);
#endif
