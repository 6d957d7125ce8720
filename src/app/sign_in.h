/* app/sign_in.h -- coming in and going out: signing in, passwords, sessions, the demo's doors, settings of this device.
 * Owns:          these pages and their checks
 * Must not know: what people do once inside
 * Begin at:      sign_in_routes[]
 */
#ifndef APP_SIGN_IN_H
#define APP_SIGN_IN_H
#include "http/http.h"

extern const struct route sign_in_routes[];

/* The sign-in page in place of what a stranger was denied, with what the form held (request_kept()), and with WHY unless that is
 * just the missing sign-in. */
fallible sign_in_again(struct ctx *ctx, struct request *request, const struct err *why, struct answer *answer);

/* Adds "doors" (doors.mustache) to a page's model; nothing unless the house is a demo, nor without a snapshot. */
fallible doors_put(struct ctx *ctx, struct request *request, struct node *model);

/* A door of the demo, as a setting "door.N": realm, login, role. */
const char *door_setting(struct ctx *ctx, const char *realm, const char *login, const char *role);

/* Device in words from the User-Agent, as the list of sessions shows it: "手机 · 微信". */
const char *device_words(struct ctx *ctx, struct text user_agent);
#endif
