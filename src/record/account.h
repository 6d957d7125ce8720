/* record/account.h -- passwords: an account is a person's way in, by a login name and a password.
 * Owns:          table account; Argon2id, changing on first use
 * Must not know: cookies and pages (http, app); what may be done once inside (rights)
 * Begin at:      account_sign_in(), account_add(), account_change_password()
 *
 * Hashing takes tens of milliseconds and tens of megabytes by design: the three functions that do it are marked slow
 * and belong into the slow lane (route.is_slow), which bounds how many run at once. An unknown login costs the same
 * hash as a wrong password and gets the same answer. Who tries too many passwords waits (record/guesses.h). Login names are
 * kept in lower case; an account isn't given one that any realm has already, so that nobody must say the realm to come in.
 * Where two realms have one all the same (their databases were brought together), "name@500116106000" says whose is meant.
 */
#ifndef RECORD_ACCOUNT_H
#define RECORD_ACCOUNT_H
#include "base/ctx.h"
#include "base/err.h"
#include "base/text.h"
#include "record/person.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct plan;

/* --- settings: no law, our own judgement; tests take PASSWORD_CHEAP --- */

enum { PASSWORD_LEAST = 8, PASSWORD_MOST = 128, LOGIN_LEAST = 2, LOGIN_MOST = 32 };

struct password_cost {
    unsigned long long operations;
    size_t memory;
};
extern const struct password_cost PASSWORD_COST;  /* 2 passes over 64 MiB (RFC 9106, second choice, one lane) */
extern const struct password_cost PASSWORD_CHEAP; /* the least that libsodium takes */

/* --- passwords (slow) --- */

/* An encoded string "$argon2id$v=19$…", its salt from the system. */
fallible password_hash(struct ctx *ctx, struct text password, struct password_cost cost, const char **ret);
bool password_fits(const char *encoded, struct text password);
/* Long enough, clean, not the login or the name, not one character repeated, not a plain row: ERR_INPUT with the field
 * "new": "password.short" {least}, "password.long" {most}, "password.unclean", "password.guessable". */
fallible password_check(struct ctx *ctx, struct text password, const char *login, const char *name);

/* --- signing in (slow) --- */

struct sign_in {
    struct plan *plan;  /* to be submitted in either case; NULL when there is nothing to write */
    bool is_right;      /* if the plan is done: signed in */
    const char *cookie; /* then: the value of the session cookie */
    int64_t seconds;    /* and how long the browser may keep it; 0: until it is closed */
    bool must_change;   /* and whether the password must be changed before anything else */
    struct who who;
    const struct err *why; /* if not right: ERR_INPUT "sign_in.wrong", or "sign_in.locked" {until} */
};

/* Who asks to be let in. */
struct comer {
    struct text device; /* what the browser calls itself */
    struct text from;   /* the client's network (request_network()): who guesses from there waits */
    struct password_cost cost;
};

/* LOGIN may say its realm after an @. A conflict of the plan (must wait, or closed meanwhile) means: check again. */
fallible account_sign_in(struct ctx *ctx, struct text login, struct text password, const struct comer *comer,
                         struct sign_in *ret);

/* --- changing --- */

struct account {
    const char *realm;
    int64_t id;
    struct who who;
    const char *login;
    bool must_change, is_ended;
    int64_t version;
};

/* Absence is ordinary: *RET is NULL then. REALM may be NULL when the login is known in one realm only. */
fallible account_find(struct ctx *ctx, const char *realm, struct text login, struct account **ret);
fallible account_of(struct ctx *ctx, struct who who, struct account **ret);

/* A plan for a new account with a first password that must be changed (slow). ERR_INPUT: "account.login_form",
 * "account.login_taken", "account.login_elsewhere" {login, realm}, "account.has_one", and password_check()'s. Whoever calls has asked may(). */
fallible account_add(struct ctx *ctx, const struct person *person, struct text login, struct text password,
                     bool must_change, struct password_cost cost, struct plan **ret);
/* The person's own change (slow): ends every session of the account and begins a new one for this browser. ERR_INPUT
 * password_check()'s and "password.same"; ERR_MISSING "account.missing" without an account. A wrong OLD is a failure
 * like any other: RET has a plan that counts it, and why, "password.old_wrong" or "sign_in.locked" {until}. */
fallible account_change_password(struct ctx *ctx, const struct person *person, struct text old, struct text password,
                                 const struct comer *comer, struct sign_in *ret);
/* A given password that must be changed at first use (slow): ends every session, ends every wait for this name, opens a
 * closed account. */
fallible account_reset(struct ctx *ctx, const struct account *account, struct text password, struct password_cost cost,
                       struct plan **ret);
/* Closes the account and ends every session. */
fallible account_end(struct ctx *ctx, const struct account *account, struct plan **ret);
/* A first password that can be read out over a counter: 12 characters without those that look alike. */
const char *password_make(struct ctx *ctx);
#endif
