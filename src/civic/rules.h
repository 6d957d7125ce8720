/* civic/rules.h -- the numbers of the law, as data: each with where it stands and how sure we are of it.
 * Owns:          struct rules: rules by key, what a place has set instead, floors that nobody may undercut
 * Must not know: which flows use them, where overrides are kept
 * Begin at:      rules_read(), rules_for()
 *
 *     rules:
 *       - {key: order.sign, value: 1, unit: workday, count: WD, source: 唐山热线条例 23, mark: customary,
 *          floor: {at_most: 3, source: …}, name: {zh: 签收, en: Signing}}
 *
 * `value` is a whole number or p/q. A rule without a source is refused. `floor` (or its mirror, a ceiling) is what a
 * place may not go beyond: `at_least` and `at_most` with a source of its own. An `unsure` rule may be computed with but
 * never shown as law: ask rule_may_show() before printing a source. Rules never change once made; rules_with() makes
 * new ones with overrides over them.
 */
#ifndef CIVIC_RULES_H
#define CIVIC_RULES_H
#include "base/err.h"
#include "base/text.h"
#include "civic/calendar.h"
#include "civic/label.h"

#include <stdbool.h>
#include <stdint.h>

enum mark {
    MARK_VERIFIED,  /* read in the text of the source */
    MARK_CUSTOMARY, /* common practice, or another place's rule taken as a model */
    MARK_UNSURE,    /* not confirmed: never shown as law */
    MARK_COUNT
};

struct rule_floor {
    bool has_least, has_most;
    int64_t least, most; /* in the rule's unit */
    const char *source;  /* NULL when there is no floor */
};

/* One rule as it holds in one place: also what rules_for() gives, with the override's value, source and mark. */
struct rule {
    const char *key;
    struct label name;
    int64_t value, of; /* a share is value/of; of is 1 otherwise */
    enum unit unit;
    enum count count;
    const char *source;
    enum mark mark;
    struct rule_floor floor;
    const char *place; /* the place that set it; NULL: the default */
    const char *by;    /* who set it there; NULL: nobody did */
    int line;          /* in its file */
};

struct rule_override {
    struct text place, key;
    int64_t value;
    struct text by, source;
};

struct rules;

/* NAME is what messages call the file. ERR_INPUT "yaml.refused" or "yaml.malformed" with file, line, reason. */
fallible rules_read(struct ctx *ctx, const char *name, struct text bytes, struct rules **ret);
/* All of PARTS in one, without their overrides; ERR_INPUT "rules.twice" {key} when a key stands in two. */
fallible rules_join(struct ctx *ctx, const struct rules *const *parts, int count, struct rules **ret);

/* overrides:
 *   - {place: "500116106000", key: order.sign, value: 2, by: 永兴镇人民政府, source: 永府发〔2026〕1号} */
fallible rules_read_overrides(struct ctx *ctx, const char *name, struct text bytes, struct rule_override **ret,
                              int *ret_count);
/* RULES with OVERRIDES over them. ERR_INPUT "rules.override.unknown" {key}, "rules.override.source" {key} (it says not
 * who or where), "rules.override.floor" and "rules.override.ceiling" {key, value, bound, source of the bound},
 * "rules.override.twice" {key, place}, "rules.override.value" {key, value} (no number this rule can have),
 * "rules.override.share" {key} (shares of a body can't be set by a place). */
fallible rules_with(struct ctx *ctx, const struct rules *rules, const struct rule_override *overrides, int count,
                    struct rules **ret);

/* The default, or NULL. */
const struct rule *rules_find(const struct rules *rules, struct text key);
/* As it holds in a place. PLACES are the codes of the place and its ancestors, the nearest (longest) first; the first
 * with an override wins. NULL only when there is no such rule. */
const struct rule *rules_for(const struct rules *rules, struct text key, const struct text *places, int count);

/* Every rule in the order of the files: for the page that shows them. */
int rules_count(const struct rules *rules);
const struct rule *rules_at(const struct rules *rules, int index);

static inline struct period rule_period(const struct rule *rule)
{
    return (struct period){ rule->value, rule->unit, rule->count };
}

/* Whether its source may be shown to people as a rule in force. */
static inline bool rule_may_show(const struct rule *rule)
{
    return rule->mark != MARK_UNSURE;
}

#endif
