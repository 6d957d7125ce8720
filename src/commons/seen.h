/* commons/seen.h -- one matter as one reader may see it: loaded, with sight, roles and the names of those in it.
 * Owns:          struct seen; which name of whom is written out
 * Must not know: how the page looks
 * Begin at:      matter_seen()
 */
#ifndef COMMONS_SEEN_H
#define COMMONS_SEEN_H
#include "commons/face.h"
#include "http/http.h"
#include "record/matter.h"

enum { SEEN_NAMES = 32 };

struct seen_name {
    struct who who;
    const char *name;
};

struct seen {
    struct ctx *ctx;
    const struct matter_face *face;
    const struct request *request; /* of its page; NULL when a number was looked up */
    struct matter *matter;
    enum sight sight;
    role_mask roles;
    bool is_author;     /* the reader filed it */
    bool hides_author;  /* an accusation: this reader isn't told who made it */
    const char *author; /* the name as this reader may see it; NULL when hidden or nobody */
    const char *author_href; /* the author's page, for whoever may ask for a number there; or NULL */
    struct seen_name names[SEEN_NAMES]; /* asked for once */
    int name_count;
};

/* The matter of {number} in the address. ERR_MISSING "matter.missing" when there is none of this face or the reader may not
 * even know of it. */
fallible matter_seen(struct ctx *ctx, const struct request *request, const struct matter_face *face, struct seen *ret);
fallible matter_seen_number(struct ctx *ctx, struct text number, const struct matter_face *face, struct seen *ret);

/* Who made an event, in words: 您 · 张某某 · 李建国 · 承办人 · 系统. */
fallible seen_actor(struct seen *seen, const struct matter_event *event, const char **ret);
/* For whom it was written down by hand, in words of this reader; NULL when the author filed it. */
const char *seen_by_hand(const struct seen *seen);
/* The handler whom an event named, else the present one, with the unit where it is known: 唐长勇（村建办）; "" when nobody. */
fallible seen_handler(struct seen *seen, const struct matter_event *event, const char **ret);
/* What was chosen or counted in an event, in words, without what was written: 不属于本辖区; 已解决，满意; 3. */
fallible seen_chosen(struct seen *seen, const struct matter_event *event, const char **ret);
/* A person's name, or "" when nobody is known under it. */
fallible seen_name(struct seen *seen, struct who who, const char **ret);
/* What was answered in an event, in words and in the flow's order, as {label, value} into LIST. Pictures are left out. */
fallible seen_put_answers(struct seen *seen, const struct matter_event *event, struct node *list);
#endif
