/* vote/ceremony.h -- how the trustees of a threshold set make its key together, as its carrier sees it.
 * Owns:          struct ceremony, the checks of each public step, what is handed on, the finished set (layout C)
 * Must not know: any trustee's seed or secret (threshold.h), where messages are kept, who is signed in
 * Begin at:      ceremony_begin(); then what each step's comment says
 *
 *     step 1   trustee  threshold_certificate()  → ceremony_check_certificate()
 *     step 3   trustee  threshold_polynomial()   → ceremony_check_polynomial()      with all certificates
 *     step 4                                        ceremony_assemble_input()       with all polynomials
 *     step 5   trustee  threshold_output()       → ceremony_check_output()
 *     step 6                                        ceremony_finish(), ceremony_private_key()
 *
 * Messages are the JSON texts of belenios-tool, so that a browser and this program's command line can be mixed. Nothing
 * here is secret: private messages are sealed for their recipients. A step is checked against those before it; whoever
 * calls lays a text that passed into the ceremony, nothing is changed here. All fail with ERR_INPUT "vote.ceremony_…"
 * {the trustee's number}.
 */
#ifndef VOTE_CEREMONY_H
#define VOTE_CEREMONY_H
#include "vote/signed.h"

#include "base/err.h"

enum { CEREMONY_MOST = 100 };

struct ceremony {
    struct group *group;
    int size, needed;
    struct text *certificates, *polynomials, *outputs; /* by trustee from 0; an empty text: not there yet */
};

/* SIZE trustees of whom NEEDED suffice. Fails with "vote.ceremony_size" {most}. The lists lie in ctx's arena. */
fallible ceremony_begin(struct ctx *ctx, struct group *group, int size, int needed, struct ceremony *ret);

/* INDEX counts from 1. A step that is there already is refused with "vote.ceremony_already". */
fallible ceremony_check_certificate(struct ctx *ctx, const struct ceremony *ceremony, int index,
                                    struct text certificate);
fallible ceremony_check_polynomial(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text polynomial);
fallible ceremony_check_output(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text output);

/* What trustee INDEX needs for step 5. */
fallible ceremony_assemble_input(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text *ret);

/* The set as it is published: {"threshold":…,…}, to stand in a list of trustees as ["Pedersen",…]. */
fallible ceremony_finish(struct ctx *ctx, const struct ceremony *ceremony, struct text *ret);

/* Trustee INDEX's sealed key out of its output: to be kept for opening, and only the own seed reads it. */
fallible ceremony_private_key(struct ctx *ctx, const struct ceremony *ceremony, int index, struct text *ret);

enum { COMPARE_CODE_TEXT = 35 };

/* "1234 5678 9012 3456 7890 1234 5678" and NUL: the same for all who hold the same certificates, to be read out over
 * the telephone. A carrier who shows different trustees different certificates may choose on both sides, so that half
 * the digits would be enough to find two sets that look alike: hence so many, and a hash that takes its time. Fails as
 * ceremony_certificates(). */
fallible ceremony_compare_code(struct ctx *ctx, const struct ceremony *ceremony, char ret[COMPARE_CODE_TEXT]);

/* The ceremony that COUNT certificates, in any order, were made for; all of them are checked. Fails as
 * ceremony_check_certificate() does, with the number that the certificate gives itself, or "vote.ceremony_none",
 * "vote.ceremony_certificates_count" {there, needed}. */
fallible ceremony_gather(struct ctx *ctx, const struct text *certificates, int count, struct ceremony *ret);
/* Whose step this is, by who has signed it; 0: nobody's. */
int ceremony_sender_of_polynomial(struct ctx *ctx, const struct ceremony *ceremony, struct text polynomial);
int ceremony_sender_of_output(struct ctx *ctx, const struct ceremony *ceremony, struct text output);

/* All certificates, read and checked; RET has room for ceremony->size. */
fallible ceremony_certificates(struct ctx *ctx, const struct ceremony *ceremony, struct certificate *ret);
#endif
