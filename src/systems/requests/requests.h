/* systems/requests/requests.h -- 群众诉求: ask, complain, report, suggest; dispatched, answered, rated.
 * Owns:          flow.yaml, rules.yaml, views/; the addresses under /requests, and /inbox
 * Must not know: other systems
 * Basis:         唐山热线条例 as a model, 国办发〔2019〕51号 (rating); the numbers are in rules.yaml
 * Begin at:      requests_routes[], requests_face
 */
#ifndef SYSTEMS_REQUESTS_REQUESTS_H
#define SYSTEMS_REQUESTS_REQUESTS_H
#include "commons/face.h"
#include "http/http.h"

extern const struct route requests_routes[];
extern const struct matter_face requests_face;
#endif
