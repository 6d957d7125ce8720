/* record/account.c -- passwords and sign-in. */
#include "record/account.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "base/id.h"
#include "record/accounts_sql.h"
#include "record/guesses.h"
#include "record/records.h"
#include "record/session.h"
#include "store/plan.h"

#include <sodium.h>

const struct password_cost PASSWORD_COST = { 2, 64U * 1024 * 1024 };
const struct password_cost PASSWORD_CHEAP = { crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN };

/* --- passwords --- */

fallible password_hash(struct ctx *ctx, struct text password, struct password_cost cost, const char **ret)
{
    char *encoded = arena_alloc(ctx->arena, crypto_pwhash_STRBYTES);
    if (crypto_pwhash_str_alg(encoded, password.at ? password.at : "", password.size, cost.operations, cost.memory,
                              crypto_pwhash_ALG_ARGON2ID13))
        return err_new(ctx, ERR_BUSY, "error.busy"); /* the only reason there is: no memory for it */
    *ret = encoded;
    return NULL;
}

bool password_fits(const char *encoded, struct text password)
{
    return password.size <= PASSWORD_MOST * 4 &&
           crypto_pwhash_str_verify(encoded, password.at ? password.at : "", password.size) == 0;
}

/* The same work as password_fits(), for a login that nobody has. */
static void password_pretend(struct text password, struct password_cost cost)
{
    static const uint8_t salt[crypto_pwhash_SALTBYTES] = { 0 };
    uint8_t out[32];
    if (password.size > PASSWORD_MOST * 4) /* refused at once there: it must not take longer here */
        return;
    if (crypto_pwhash(out, sizeof(out), password.at ? password.at : "", password.size, salt, cost.operations,
                      cost.memory, crypto_pwhash_ALG_ARGON2ID13))
        return;
}

/* aaaaaaaa, 12345678, 87654321, abcdefgh: each byte follows the one before by the same step of -1, 0 or 1. */
static bool is_plain_row(struct text password)
{
    int step = password.size > 1 ? password.at[1] - password.at[0] : 0;
    if (step < -1 || step > 1)
        return false;
    for (size_t i = 1; i < password.size; i++)
        if (password.at[i] - password.at[i - 1] != step)
            return false;
    return true;
}

static bool holds_word(struct text password, const char *word)
{
    size_t size = word ? strlen(word) : 0;
    return size >= 2 && password.size < size + 4 && strcasestr(password.at, word);
}

fallible password_check(struct ctx *ctx, struct text password, const char *login, const char *name)
{
    size_t size = text_characters(password);
    if (size < PASSWORD_LEAST)
        return err_field(ctx, "new", "password.short", arena_printf(ctx->arena, "%d", PASSWORD_LEAST));
    if (size > PASSWORD_MOST)
        return err_field(ctx, "new", "password.long", arena_printf(ctx->arena, "%d", PASSWORD_MOST));
    if (!text_is_clean(password))
        return err_field(ctx, "new", "password.unclean");
    struct text string = text_of(text_string(ctx->arena, password));
    if (is_plain_row(string) || holds_word(string, login) || holds_word(string, name))
        return err_field(ctx, "new", "password.guessable");
    return NULL;
}

const char *password_make(struct ctx *ctx)
{
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789"; /* 31: without i l o 0 1 */
    enum { LETTERS = sizeof(letters) - 1, PARTS = 3, PART = 4 };
    char *password = arena_alloc(ctx->arena, PARTS * (PART + 1) + 1);
    size_t at = 0;
    for (int i = 0; i < PARTS * PART; i++) {
        uint8_t byte;
        do
            ctx_random(ctx, &byte, 1);
        while (byte >= 256 / LETTERS * LETTERS);
        if (i && i % PART == 0)
            password[at++] = '-';
        password[at++] = letters[byte % LETTERS];
    }
    return password;
}

/* --- finding --- */

struct found {
    struct account account;
    const char *password;
};

static void account_read(const struct rows *rows, struct found *found)
{
    *found = (struct found){
        .account = { .realm = rows_string(rows, 0),
                     .id = rows_int(rows, 1),
                     .login = rows_string(rows, 3),
                     .must_change = rows_int(rows, 4) != 0,
                     .is_ended = !rows_is_null(rows, 5),
                     .version = rows_int(rows, 6) },
        .password = rows_string(rows, 7),
    };
    found->account.who = (struct who){ found->account.realm, rows_int(rows, 2) };
}

/* The only row, or NULL when there is none or more than one. */
static fallible account_only(struct ctx *ctx, const struct statement *statement, const struct value *values, int count,
                             struct found **ret)
{
    struct found *found = NULL;
    int rows_read = 0;
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, statement, values, count, &rows));
    while (rows_next(&rows)) {
        if (rows_read++)
            continue;
        found = arena_new_of(ctx->arena, struct found);
        account_read(&rows, found);
    }
    TRY(rows_close(&rows));
    *ret = rows_read == 1 ? found : NULL;
    return NULL;
}

/* Trimmed, ASCII letters small. */
static struct text login_plain(struct ctx *ctx, struct text login)
{
    char *plain = text_string(ctx->arena, text_trim(login));
    for (char *c = plain; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    return text_of(plain);
}

/* Without its realm. */
static struct text login_name(struct ctx *ctx, struct text login)
{
    struct text realm;
    return text_cut(login_plain(ctx, login), '@', &realm);
}

/* LOGIN may say its realm after an @, which wins over REALM. */
static fallible account_lookup(struct ctx *ctx, const char *realm, struct text login, struct found **ret)
{
    struct text rest = { NULL, 0 };
    login = login_plain(ctx, login);
    struct text name = text_cut(login, '@', &rest);
    if (rest.size)
        realm = text_string(ctx->arena, rest);
    if (realm)
        return account_only(ctx, &sql_account_by_login, VALUES(value_string(realm), value_text(name)), ret);
    return account_only(ctx, &sql_account_by_login_anywhere, VALUES(value_text(name)), ret);
}

fallible account_find(struct ctx *ctx, const char *realm, struct text login, struct account **ret)
{
    struct found *found;
    TRY(account_lookup(ctx, realm, login, &found));
    *ret = found ? &found->account : NULL;
    return NULL;
}

static fallible account_found_of(struct ctx *ctx, struct who who, struct found **ret)
{
    return account_only(ctx, &sql_account_by_person, VALUES(value_string(who.realm), value_int(who.id)), ret);
}

fallible account_of(struct ctx *ctx, struct who who, struct account **ret)
{
    struct found *found;
    TRY(account_found_of(ctx, who, &found));
    *ret = found ? &found->account : NULL;
    return NULL;
}

/* --- signing in --- */

/* Sets RET->why and returns true while the guesser waits. No password is tried then, right or wrong. */
static bool must_wait(struct ctx *ctx, const struct guesser *guesser, struct sign_in *ret)
{
    if (!guesser->waits_until)
        return false;
    ret->why = err_new(ctx, ERR_INPUT, "sign_in.locked", time_print(ctx->arena, guesser->waits_until));
    return true;
}

static void wrong(struct ctx *ctx, const struct guesser *guesser, const struct err *why, struct sign_in *ret)
{
    ret->plan = plan_new(ctx, HOUSE_REALM);
    guesses_count(ctx, ret->plan, guesser);
    ret->why = why;
}

static void begin(struct ctx *ctx, struct plan *plan, const struct account *account, const struct person *person,
                  struct text device, struct sign_in *ret)
{
    ret->plan = plan;
    ret->cookie = session_begin(ctx, plan, person, account->id, device, &ret->seconds);
    ret->is_right = true;
    ret->who = account->who;
}

/* One way for names that exist and names that don't: the same look, the same work, the same plan. */
static const struct err *try_password(struct ctx *ctx, struct text login, struct text password, struct password_cost cost,
                                      struct found **ret, bool *ret_fits)
{
    TRY(account_lookup(ctx, NULL, login, ret));
    bool is_known = *ret && !(*ret)->account.is_ended;
    if (!is_known)
        password_pretend(password, cost);
    *ret_fits = is_known && password_fits((*ret)->password, password);
    return NULL;
}

fallible account_sign_in(struct ctx *ctx, struct text login, struct text password, const struct comer *comer,
                         struct sign_in *ret)
{
    *ret = (struct sign_in){ 0 };
    struct found *found;
    struct guesser guesser;
    bool fits;
    TRY(guesses_look(ctx, login_name(ctx, login), comer->from, &guesser));
    if (must_wait(ctx, &guesser, ret))
        return NULL;
    TRY(try_password(ctx, login, password, comer->cost, &found, &fits));
    if (!fits) {
        wrong(ctx, &guesser, err_new(ctx, ERR_INPUT, "sign_in.wrong"), ret);
        return NULL;
    }
    const struct account *account = &found->account;
    struct person *person;
    TRY(person_load(ctx, account->who, day_of(clock_now(ctx->clock)), &person));
    struct plan *plan = plan_new(ctx, account->realm);
    plan_step(plan, &sql_account_is_still, 1, NULL,
              VALUES(value_string(account->realm), value_int(account->id), value_int(account->version)));
    guesses_right(ctx, plan, &guesser);
    begin(ctx, plan, account, person, comer->device, ret);
    ret->must_change = account->must_change;
    return NULL;
}

/* --- changing --- */

/* Latin letters, digits, Chinese and other characters; neither spaces nor what an address or a command would read. */
static bool login_is_sound(struct text login)
{
    size_t size = text_characters(login);
    if (size < LOGIN_LEAST || size > LOGIN_MOST || !text_is_clean(login))
        return false;
    for (size_t i = 0; i < login.size; i++)
        if ((uint8_t)login.at[i] <= ' ' || strchr("@/\\\"'<>&,;:%?#|`", login.at[i]))
            return false;
    return true;
}

static void set_password(struct ctx *ctx, struct plan *plan, const struct account *account, const char *encoded,
                         bool must_change)
{
    plan_step(plan, &sql_account_set_password, 1, NULL,
              VALUES(value_string(account->realm), value_int(account->id), value_int(account->version),
                     value_string(encoded), value_int(must_change)));
    plan_step(plan, &sql_sessions_end, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(account->realm), value_int(account->who.id), value_int(0),
                     value_int(clock_now(ctx->clock))));
}

/* In whatever realm: people sign in without saying theirs, and a second one of the name would be kept out. */
static fallible login_must_be_free(struct ctx *ctx, const char *realm, struct text login)
{
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_account_by_login_anywhere, VALUES(value_text(login)), &rows));
    const char *holder = rows_next(&rows) ? rows_string(&rows, 0) : NULL;
    TRY(rows_close(&rows));
    if (!holder)
        return NULL;
    if (strcmp(holder, realm) == 0)
        return err_field(ctx, "login", "account.login_taken", login.at);
    return err_field(ctx, "login", "account.login_elsewhere", login.at, holder);
}

fallible account_add(struct ctx *ctx, const struct person *person, struct text login, struct text password,
                     bool must_change, struct password_cost cost, struct plan **ret)
{
    login = login_plain(ctx, login);
    if (!login_is_sound(login))
        return err_field(ctx, "login", "account.login_form");
    struct account *other;
    TRY(login_must_be_free(ctx, person->realm, login));
    TRY(account_of(ctx, person_who(person), &other));
    if (other)
        return err_field(ctx, "login", "account.has_one", other->login);
    TRY(password_check(ctx, password, login.at, person->name));
    const char *encoded;
    TRY(password_hash(ctx, password, cost, &encoded));
    struct plan *plan = plan_new(ctx, person->realm);
    plan_step(plan, &sql_account_insert, 1, NULL,
              VALUES(value_string(person->realm), value_int(id_next(ctx)), value_int(person->id), value_text(login),
                     value_string(encoded), value_int(must_change), value_int(clock_now(ctx->clock))));
    *ret = plan;
    return NULL;
}

fallible account_change_password(struct ctx *ctx, const struct person *person, struct text old, struct text password,
                                 const struct comer *comer, struct sign_in *ret)
{
    *ret = (struct sign_in){ 0 };
    struct found *found;
    struct guesser guesser;
    TRY(account_found_of(ctx, person_who(person), &found));
    if (!found || found->account.is_ended)
        return err_new(ctx, ERR_MISSING, "account.missing");
    const struct account *account = &found->account;
    TRY(password_check(ctx, password, account->login, person->name));
    if (text_equal(old, password))
        return err_field(ctx, "new", "password.same");
    TRY(guesses_look(ctx, text_of(account->login), comer->from, &guesser));
    if (must_wait(ctx, &guesser, ret))
        return NULL;
    if (!password_fits(found->password, old)) {
        wrong(ctx, &guesser, err_field(ctx, "old", "password.old_wrong"), ret);
        return NULL;
    }
    const char *encoded;
    TRY(password_hash(ctx, password, comer->cost, &encoded));
    struct plan *plan = plan_new(ctx, account->realm);
    set_password(ctx, plan, account, encoded, false);
    guesses_right(ctx, plan, &guesser);
    begin(ctx, plan, account, person, comer->device, ret);
    return NULL;
}

fallible account_reset(struct ctx *ctx, const struct account *account, struct text password, struct password_cost cost,
                       struct plan **ret)
{
    TRY(password_check(ctx, password, account->login, NULL));
    const char *encoded;
    TRY(password_hash(ctx, password, cost, &encoded));
    struct plan *plan = plan_new(ctx, account->realm);
    set_password(ctx, plan, account, encoded, true);
    guesses_pardon(ctx, plan, text_of(account->login));
    *ret = plan;
    return NULL;
}

fallible account_end(struct ctx *ctx, const struct account *account, struct plan **ret)
{
    struct plan *plan = plan_new(ctx, account->realm);
    int64_t now = clock_now(ctx->clock);
    plan_step(
        plan, &sql_account_close, 1, NULL,
        VALUES(value_string(account->realm), value_int(account->id), value_int(account->version), value_int(now)));
    plan_step(plan, &sql_sessions_end, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(account->realm), value_int(account->who.id), value_int(0), value_int(now)));
    *ret = plan;
    return NULL;
}
