/* app/visit.h -- one request as the house sees it: who came, from which device, and what the writer said.
 * Owns:          struct visit, kept with the request (request_session())
 * Must not know: routes
 * Begin at:      visit_of()
 */
#ifndef APP_VISIT_H
#define APP_VISIT_H
#include "app/house.h"
#include "record/session.h"
#include "store/writer.h"

struct visit {
    struct house *house;
    const struct session *session; /* NULL for a stranger */
    bool is_elder;           /* large type */
    /* While a plan is with the writer: */
    void (*done)(void *waiting);
    void *waiting;
    struct outcome outcome;
    bool waits_for_writer; /* who came was found before; the answer needs no second look */
    bool was_checked_again;
};

static inline struct visit *visit_of(const struct request *request)
{
    return request_session(request);
}

#define COOKIE_LANGUAGE "language"
#define COOKIE_ELDER "elder"
#endif
