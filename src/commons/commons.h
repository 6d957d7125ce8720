/* commons/commons.h -- the pages that belong to no single system.
 * Owns:          /, /places/{code}, /people/{realm}/{id}, /log/{realm}…
 * Must not know: systems; what surrounds a page (app's frame)
 * Begin at:      commons_routes[]; a system's own pages: commons/face.h
 */
#ifndef COMMONS_COMMONS_H
#define COMMONS_COMMONS_H
#include "http/http.h"

extern const struct route commons_routes[];
#endif
