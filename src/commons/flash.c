/* commons/flash.c */
#include "commons/flash.h"

enum { SECONDS_TO_ARRIVE = 60 };

void flash_tell(struct ctx *ctx, struct answer *answer, const char *key)
{
    answer_cookie(ctx, answer, FLASH_COOKIE, key, SECONDS_TO_ARRIVE);
}
