/* record/matter_list.h -- lists of matters: page by page, by key, without totals.
 * Owns:          the list statements (matter.sql) and which index serves each
 * Must not know: how rows are drawn
 * Begin at:      matter_scopes(), matter_list()
 *
 * A scope is one reason why a person may see whole matters: they are theirs, they or their office were given them (an
 * accusation that was given to a person is not the office's), or a role is held in a realm or place that the flow's
 * visible_to names (record/rights.h). matter_scopes() gives exactly the scopes a
 * person has, and a list never shows a row whose matter_sight() is not WHOLE: a test holds the two against each other.
 * Rows come newest first (by id) unless `by_due`; a page takes up to `most` rows and tells the key of the next.
 */
#ifndef RECORD_MATTER_LIST_H
#define RECORD_MATTER_LIST_H
#include "record/matter.h"
#include "record/rights.h"

struct matter_scope {
    struct scope scope;
    bool sees_sealed; /* accusations are in it */
    bool only_owned;  /* only while the state waits for scope.role */
};

/* All scopes of PERSON for a flow, own and given first; a row is visible when any of them holds it. None for a
 * stranger. */
int matter_scopes(struct ctx *ctx, const struct person *person, const struct flow *flow, struct matter_scope **ret);

enum { MATTER_PAGE = 50 };

struct matter_filter {
    const char *flow;  /* key */
    const char *state; /* key, or NULL */
    const char *kind, *topic;
    const char *owner;  /* key of the role that the state waits for: waiting for me; or NULL */
    bool is_open;       /* not closed */
    int64_t due_before; /* open and with a last moment before this one (late: now); 0: all. Implies by_due */
    bool by_due;        /* open ones only, the earliest last moment first, those without one last */
    const char *said;   /* key of the text whose first words each row brings; NULL: none */
};

struct matter_key { /* where a page begins: after this row. {0}: from the first */
    int64_t id, due;
};

struct matter_row {
    struct matter matter; /* without data, events, clocks */
    struct text said;     /* first words of what it was opened with (record/glance.h); empty when erased or not filed */
};

struct matter_page {
    struct matter_row *rows;
    int count;
    bool has_more;
    struct matter_key next; /* when has_more */
};

fallible matter_list(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter,
                     struct matter_key after, int most, struct matter_page *ret);

/* How many, counted to at most MOST (then the page says "more than"): for today and the inbox. */
fallible matter_count(struct ctx *ctx, const struct matter_scope *scope, const struct matter_filter *filter, int most,
                      int *ret);

/* A key as one word for an address, and back; false for anything else. */
const char *matter_key_print(struct arena *arena, struct matter_key key);
bool matter_key_parse(struct text text, struct matter_key *ret);
#endif
