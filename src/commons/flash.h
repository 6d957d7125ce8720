/* commons/flash.h -- what has just been done, told once on the page that follows.
 * Owns:          the cookie that carries it
 * Must not know: what was done, how it is drawn (app's frame)
 * Begin at:      flash_tell()
 */
#ifndef COMMONS_FLASH_H
#define COMMONS_FLASH_H
#include "http/http.h"

/* Its value is a text key of ours that begins with "flash.": whoever reads it takes nothing else. */
#define FLASH_COOKIE "done"

/* The page that says it ends it; until then it waits a minute, for slow phones. */
void flash_tell(struct ctx *ctx, struct answer *answer, const char *key);
#endif
