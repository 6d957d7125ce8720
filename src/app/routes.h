/* app/routes.h -- every address of the house, put together from the rooms' tables.
 * Owns:          the order of the tables; /health
 * Must not know: what a page shows
 * Begin at:      house_routes()
 */
#ifndef APP_ROUTES_H
#define APP_ROUTES_H
#include "http/http.h"

/* NULL-ended, for http_settings. */
const struct route *const *house_routes(void);
#endif
