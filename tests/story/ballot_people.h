/* tests/story/ballot_people.h -- the people of a secret ballot as clients over HTTP: they make keys, codes and ballots on "their
 * own devices" with src/vote, as their browsers would, and send what is public.
 *
 *     struct election_day day;
 *     election_day_begin(&day, s, "common");      who votes, who keeps keys, who gives codes; the ballot is called
 *     election_day_prepare(&day);                 all three steps of all, and the codes
 *     election_day_open(&day);                    its hour has come
 *     struct page page = election_day_vote(&day, 0, day.codes[0], "[[1,0,0]]");
 */
#ifndef TESTS_STORY_BALLOT_PEOPLE_H
#define TESTS_STORY_BALLOT_PEOPLE_H
#include "story.h"

enum { TRUSTEES = 3, VOTERS = 5 };

struct election_day {
    struct story *s;
    const char *number;
    struct browser *secretary, *authority, *voters[VOTERS], *stranger; /* the first three voters keep keys too */
    const char *seeds[TRUSTEES];
    const char *codes[VOTERS];
    const char *public_codes; /* JSON */
    bool calls_as_program; /* what election_day_call() is answered is JSON */
};

/* Everybody of the ballot comes in; it isn't called yet. */
void election_day_people(struct election_day *day, struct story *s);
/* The form, filled and sent; KIND "one" with two answers and abstention, or "approve". */
struct page election_day_call(struct election_day *day, const char *tool, const char *kind);
struct page election_day_call_with(struct election_day *day, const char *tool, const char *kind, const char *authority);
void election_day_begin(struct election_day *day, struct story *s, const char *tool);

struct page ballot_json(struct election_day *day, struct browser *browser, const char *rest);
/* Fields sent as a program: JSON comes back. */
struct page ballot_post(struct election_day *day, struct browser *browser, const char *rest, const struct field *fields, int count);
const char *ballot_state(struct election_day *day);

/* The message of trustee I for the step that the server says is due. */
const char *trustee_message(struct election_day *day, int i);
/* That message sent. */
struct page trustee_step(struct election_day *day, int i);
void authority_make_codes(struct election_day *day);
struct page authority_send(struct election_day *day, const char *codes);
void election_day_prepare(struct election_day *day);
void election_day_open(struct election_day *day);
void election_day_close(struct election_day *day);

/* A ballot sealed with CODE. */
const char *ballot_sealed(struct election_day *day, const char *code, const char *choices);
struct page election_day_vote(struct election_day *day, int voter, const char *code, const char *choices);
/* The part of trustee I, made with its seed. */
const char *trustee_part(struct election_day *day, int i);
struct page trustee_opens(struct election_day *day, int i);
#endif
