/* http/routes.h -- from a path to its route, decided once at the start.
 * Owns:          struct routes
 * Must not know: who may use a route
 * Begin at:      routes_compile(), routes_find()
 */
#ifndef HTTP_ROUTES_H
#define HTTP_ROUTES_H
#include "http/http.h"
#include "http/url.h"

struct routes;

/* Refuses: ACCESS_UNSET, a path or method that can't be read, no page or no check, ACCESS_ACT without an act, and two routes for
 * the same path and method. HAS_VIEW says whether a view is known (NULL: all are). In ARENA. */
fallible routes_compile(struct ctx *ctx, struct arena *arena, const struct route *const *tables,
                        bool (*has_view)(void *self, const char *view), void *self, struct routes **ret);

/* The route for PATH and METHOD ("GET", "POST"), literal segments before {names}; its params into PARAMS. NULL when there is
 * none: *RET_ALLOWED is then what the path does answer ("GET, HEAD"), or NULL for an unknown path. */
const struct route *routes_find(struct ctx *ctx, const struct routes *routes, const struct url_path *path,
                                struct text method, struct pairs *params, const char **ret_allowed);
#endif
