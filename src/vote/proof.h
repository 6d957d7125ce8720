/* vote/proof.h -- the one kind of proof in an election: who knows an exponent, told by a hash.
 * Owns:          struct zk_proof, hashing to a number, checking knowledge of one exponent, what JSON must look like
 * Must not know: whose proof it is, what it proves about a ballot
 * Begin at:      zk_check()
 */
#ifndef VOTE_PROOF_H
#define VOTE_PROOF_H
#include "base/node.h"
#include "vote/group.h"

#include <stdarg.h>

struct ctx;

struct zk_proof {
    struct scalar challenge, response;
};

/* {"challenge":"…","response":"…"}, exactly; both below q. */
bool zk_read(struct group *group, const struct node *node, struct zk_proof *ret);
/* A list of COUNT of them. */
bool zk_read_list(struct group *group, const struct node *node, struct zk_proof *ret, int count);

/* base^response · element^challenge: what the prover committed to. */
void zk_commitment(struct group *group, const struct zk_proof *proof, const struct element *base,
                   const struct element *element, struct element *ret);

/* The hash of PREFIX ‖ elements with commas between, as a number. */
struct scalar zk_hash(const struct group *group, struct text prefix, const struct element *elements, int count);

/* Knowledge of log KEY to the generator, with the prefix WORD ‖ MIDDLE ‖ "|". */
bool zk_check(struct group *group, const struct zk_proof *proof, const struct element *key, const char *word,
              struct text middle);

/* An object with exactly these members; with IS_ORDERED in this order. NAMES ends with NULL. */
bool has_fields(const struct node *node, bool is_ordered, const char *const *names);
#define FIELDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static inline bool is_list_of(const struct node *node, uint32_t count)
{
    return node && node->kind == NODE_LIST && node->count == count;
}

static inline struct text text_of_node(const struct node *node)
{
    return node && node->kind == NODE_TEXT ? node->text : (struct text){ 0 };
}

/* A number that may stand as text when it is large: not negative, not above MOST. */
bool count_read(const struct node *node, int64_t most, int64_t *ret);

/* The same for what is never large (min, threshold, owner, …): a JSON number. */
bool small_read(const struct node *node, int64_t most, int64_t *ret);

/* As elections write a weight or a result: a number up to 2^30 - 1, above it a text. */
void count_write(int64_t count, struct buffer *out);

/* A text of the arena. */
struct text element_text(struct group *group, struct arena *arena, const struct element *element);
#endif
