/* record/guesses.c */
#include "record/guesses.h"

#include "base/arena.h"
#include "base/clock.h"
#include "record/accounts_sql.h"
#include "record/keys.h"
#include "record/records.h"
#include "store/plan.h"

/* --- numbers --- */

static const struct err *read_limit(struct ctx *ctx, const char *name, const struct rules *rules, const char *key,
                                    enum unit unit, int64_t *ret)
{
    const struct rule *rule = rules_find(rules, text_of(key));
    int64_t each = unit == UNIT_MINUTE ? MICROS_PER_MINUTE : unit == UNIT_DAY ? MICROS_PER_DAY : 1;
    if (!rule || rule->unit != unit || rule->value < 1 || rule->value > INT32_MAX)
        return err_new(ctx, ERR_INPUT, "yaml.refused", name, arena_printf(ctx->arena, "%d", rule ? rule->line : 1),
                       arena_printf(ctx->arena, "%s must be a number of %ss", key, unit_key(unit)));
    *ret = rule->value * each;
    return NULL;
}

fallible guess_limits_read(struct ctx *ctx, const char *name, struct text bytes, struct guess_limits *ret,
                           int64_t *ret_sessions_kept)
{
    struct rules *rules;
    struct guess_limits limits;
    TRY(rules_read(ctx, name, bytes, &rules));
    TRY(read_limit(ctx, name, rules, "sign_in.login_tries", UNIT_TIME, &limits.login.tries));
    TRY(read_limit(ctx, name, rules, "sign_in.login_wait", UNIT_MINUTE, &limits.login.wait));
    TRY(read_limit(ctx, name, rules, "sign_in.login_wait_most", UNIT_MINUTE, &limits.login.wait_most));
    TRY(read_limit(ctx, name, rules, "sign_in.login_forget", UNIT_MINUTE, &limits.login.forget));
    TRY(read_limit(ctx, name, rules, "sign_in.address_tries", UNIT_TIME, &limits.address.tries));
    TRY(read_limit(ctx, name, rules, "sign_in.address_wait", UNIT_MINUTE, &limits.address.wait));
    TRY(read_limit(ctx, name, rules, "sign_in.address_wait_most", UNIT_MINUTE, &limits.address.wait_most));
    TRY(read_limit(ctx, name, rules, "sign_in.address_forget", UNIT_MINUTE, &limits.address.forget));
    TRY(read_limit(ctx, name, rules, "session.kept", UNIT_DAY, ret_sessions_kept));
    *ret = limits;
    return NULL;
}

/* --- counting --- */

#define OF_NO_LOGIN "" /* the row of an address alone */

static const char *login_hash(struct ctx *ctx, struct text login)
{
    return keys_index(ctx, ctx->records->keys, "guess.login", login);
}

fallible guesses_look(struct ctx *ctx, struct text login, struct text from, struct guesser *ret)
{
    struct guesser guesser = { .login = login_hash(ctx, login),
                               .address = keys_index(ctx, ctx->records->keys, "guess.address", from) };
    struct rows rows;
    TRY(rows_open(ctx, ctx->snapshot, &sql_guess_waits,
                  VALUES(value_string(HOUSE_REALM), value_string(guesser.login), value_string(OF_NO_LOGIN),
                         value_string(guesser.address), value_int(clock_now(ctx->clock))),
                  &rows));
    while (rows_next(&rows))
        if (rows_int(&rows, 0) > guesser.waits_until)
            guesser.waits_until = rows_int(&rows, 0);
    *ret = guesser;
    return rows_close(&rows);
}

static void count(struct ctx *ctx, struct plan *plan, const char *login, const char *address,
                  const struct guess_limit *limit)
{
    int64_t now = clock_now(ctx->clock);
    plan_step(plan, &sql_guess_count, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(HOUSE_REALM), value_string(login), value_string(address), value_int(now),
                     value_int(now - limit->forget), value_int(limit->tries), value_int(limit->wait),
                     value_int(limit->wait_most)));
}

void guesses_count(struct ctx *ctx, struct plan *plan, const struct guesser *guesser)
{
    const struct guess_limits *limits = &ctx->records->guess_limits;
    count(ctx, plan, guesser->login, guesser->address, &limits->login);
    count(ctx, plan, OF_NO_LOGIN, guesser->address, &limits->address);
}

void guesses_right(struct ctx *ctx, struct plan *plan, const struct guesser *guesser)
{
    struct value realm = value_string(HOUSE_REALM), now = value_int(clock_now(ctx->clock));
    plan_step(plan, &sql_guess_must_not_wait, 0, NULL,
              VALUES(realm, value_string(guesser->login), value_string(OF_NO_LOGIN), value_string(guesser->address),
                     now));
    plan_step(plan, &sql_guess_clear, PLAN_ANY_ROWS, NULL,
              VALUES(realm, value_string(guesser->login), value_string(guesser->address)));
}

void guesses_pardon(struct ctx *ctx, struct plan *plan, struct text login)
{
    plan_step(plan, &sql_guess_pardon, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(HOUSE_REALM), value_string(login_hash(ctx, login))));
}

void guesses_forget(struct ctx *ctx, struct plan *plan)
{
    const struct guess_limits *limits = &ctx->records->guess_limits;
    int64_t kept = limits->login.forget > limits->address.forget ? limits->login.forget : limits->address.forget;
    plan_step(plan, &sql_guess_forget, PLAN_ANY_ROWS, NULL,
              VALUES(value_string(HOUSE_REALM), value_int(clock_now(ctx->clock) - kept)));
}
