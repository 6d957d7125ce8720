/* vote/draft.h -- an election before its first ballot: its text from a template, and the archive's first event.
 * Owns:          which parts of a template become the election, in which order; what Setup holds
 * Must not know: files
 * Begin at:      election_write(), archive_set_up()
 */
#ifndef VOTE_DRAFT_H
#define VOTE_DRAFT_H
#include "vote/archive.h"
#include "vote/election.h"

/* TEMPLATE is an object with "name", "description", "questions" and perhaps "administrator", "credential_authority".
 * KEY is the trustees' joint key. What is written passes election_read(); fails as that does, or with
 * "vote.template_form". */
fallible election_write(struct ctx *ctx, struct group *group, struct text uuid, const struct element *key,
                        struct text template, struct buffer *out);

/* A list of credentials ("key", "key,weight", "key,weight,login") without the voters' names. */
fallible credentials_strip(struct ctx *ctx, struct text credentials, struct buffer *out);

/* A new archive of TIME with its Setup event, checked as election_verify() would. CREDENTIALS are
 * stripped. */
fallible archive_set_up(struct ctx *ctx, uint64_t time, struct text election, struct text trustees,
                        struct text credentials, struct archive *ret, struct buffer *out);
#endif
