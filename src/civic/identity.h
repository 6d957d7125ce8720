/* civic/identity.h -- numbers and names that people and bodies are known by: are they well formed, what do they tell.
 * Owns:          resident identity numbers, unified social credit codes, mobile numbers, names; how each is masked
 * Must not know: whose they are, how they are kept (record encrypts them)
 * Basis:         GB 11643-1999 (18 characters; the old 15-digit numbers are no valid documents), GB 32100-2015
 * Begin at:      identity_parse(), identity_mask()
 */
#ifndef CIVIC_IDENTITY_H
#define CIVIC_IDENTITY_H
#include "base/err.h"
#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct ctx;

enum sex { SEX_UNKNOWN, SEX_MALE, SEX_FEMALE };

enum { IDENTITY_SIZE = 18, CREDIT_CODE_SIZE = 18, PHONE_SIZE = 11, NAME_LEAST = 2, NAME_MOST = 30 };

struct identity {
    char number[IDENTITY_SIZE + 1]; /* with a capital X */
    int32_t birth;                  /* day number (base/day.h) */
    enum sex sex;
};

/* TODAY: the day after which nobody is born yet. A small x is taken as X. The six digits of the place are not looked
 * up: a number keeps the code of its first registration. ERR_INPUT: identity.length, identity.digit {place},
 * identity.birth, identity.future, identity.check. */
fallible identity_parse(struct ctx *ctx, struct text number, int32_t today, struct identity *ret);

/* 500116********0012. What has not 18 characters is masked whole. */
const char *identity_mask(struct arena *arena, struct text number);

/* ERR_INPUT: credit_code.length, credit_code.letter {place}, credit_code.check. Capitals only. */
fallible credit_code_check(struct ctx *ctx, struct text code);

/* 11 digits of a mainland mobile number. ERR_INPUT phone.form. */
fallible phone_check(struct ctx *ctx, struct text phone);
const char *phone_mask(struct arena *arena, struct text phone); /* 138****0000 */

/* 2 to 30 characters: Chinese characters of every plane, letters with or without marks, the middle dot U+00B7 of
 * minority names; between letters also a space, hyphen or apostrophe. ERR_INPUT: name.length, name.character {the
 * character}. */
fallible name_check(struct ctx *ctx, struct text name);
#endif
