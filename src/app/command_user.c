/* app/command_user.c -- gongzhi user: accounts from the command line, the first one before anybody can sign in. */
#include "app/commands.h"

#include "app/app_sql.h"
#include "app/house.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/day.h"
#include "record/account.h"
#include "store/writer.h"

#include <stdio.h>
#include <string.h>

const struct option_form command_user_options[] = { OPTIONS_OF_HOUSE, { 0 } };

const struct option_form command_user_add_options[] = {
    OPTIONS_OF_HOUSE,
    { "person", "KEY", "option.user_person", .is_required = true },
    { "login", "NAME", "option.user_login", .is_required = true },
    { "realm", "CODE", "option.user_realm" },
    { 0 },
};

/* The house with a snapshot of it in ctx, until the block ends. */
struct visit_from_shell {
    struct house *house;
    struct ctx *ctx;
};

static void shell_end(struct visit_from_shell *shell)
{
    if (shell->ctx)
        snapshot_end(shell->ctx->snapshot);
    house_close(shell->house);
}

static const struct err *shell_begin(struct ctx *ctx, const struct options *options, struct visit_from_shell *ret)
{
    struct house_settings settings = { .database = option(options, "db"), .keys = option(options, "keys"),
                                       .files = option(options, "files") };
    TRY(house_open(ctx, ctx, &settings, &ret->house));
    ctx->records = &ret->house->records;
    ret->ctx = ctx;
    return snapshot_begin(ctx, ret->house->db, &ctx->snapshot);
}

static const struct err *find(struct ctx *ctx, const char *login, struct account **ret)
{
    struct text realm, name = text_cut(text_of(login), '@', &realm);
    TRY(account_find(ctx, realm.size ? text_string(ctx->arena, realm) : NULL, name, ret));
    return *ret ? NULL : err_new(ctx, ERR_MISSING, "command.user.missing", login);
}

const struct err *command_user_add(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(shell_end) struct visit_from_shell shell = { 0 };
    TRY(shell_begin(ctx, options, &shell));
    struct person *person;
    TRY(person_find(ctx, option(options, "realm"), text_of(option(options, "person")), day_of(clock_now(ctx->clock)), &person));
    if (!person)
        return err_new(ctx, ERR_MISSING, "command.user.no_person", option(options, "person"));
    const char *password = password_make(ctx);
    struct plan *plan;
    TRY(account_add(ctx, person, text_of(option(options, "login")), text_of(password), true, PASSWORD_COST, &plan));
    TRY(house_run(shell.house, ctx, plan));
    printf("%s\n", texts_fill(ctx, "command.user.added", option(options, "login"), person->name, password, NULL));
    return NULL;
}

/* 受理台 永兴镇, 村民 黄庄村: today's roles. */
static const struct err *roles_of(struct ctx *ctx, struct who who, const char **ret)
{
    struct person *person;
    TRY(person_load(ctx, who, day_of(clock_now(ctx->clock)), &person));
    *ret = "";
    for (int i = 0; i < person->role_count; i++)
        *ret = arena_printf(ctx->arena, "%s%s%s %s", *ret, i ? ", " : "",
                            label_say(role_label(person->roles[i].role), ctx->language), person->roles[i].place_name);
    return NULL;
}

struct listed {
    const char *login, *realm, *name;
    int64_t person;
    bool is_closed;
};

static const struct err *list_accounts(struct ctx *ctx, struct listed **ret, int *ret_count)
{
    struct rows rows;
    struct listed *list = NULL;
    int count = 0, room = 0;
    TRY(rows_open(ctx, ctx->snapshot, &sql_account_every, VALUES_NONE, &rows));
    while (rows_next(&rows)) {
        if (count == room) {
            room = room ? room * 2 : 32;
            struct listed *grown = arena_array_of(ctx->arena, struct listed, room);
            if (count)
                memcpy(grown, list, sizeof *list * (size_t)count);
            list = grown;
        }
        list[count++] = (struct listed){ rows_string(&rows, 0), rows_string(&rows, 1), rows_string(&rows, 2),
                                         rows_int(&rows, 4), rows_int(&rows, 3) != 0 };
    }
    *ret = list;
    *ret_count = count;
    return rows_close(&rows);
}

const struct err *command_user_list(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(shell_end) struct visit_from_shell shell = { 0 };
    TRY(shell_begin(ctx, options, &shell));
    struct listed *list;
    int count;
    TRY(list_accounts(ctx, &list, &count));
    for (int i = 0; i < count; i++) {
        const char *roles;
        TRY(roles_of(ctx, (struct who){ list[i].realm, list[i].person }, &roles));
        printf("%s@%s\t%s\t%s\t%s\n", list[i].login, list[i].realm, list[i].name, roles,
               list[i].is_closed ? texts_say(ctx->language, "command.user.closed") : "");
    }
    return NULL;
}

const struct err *command_user_password(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(shell_end) struct visit_from_shell shell = { 0 };
    TRY(shell_begin(ctx, options, &shell));
    struct account *account;
    TRY(find(ctx, options->words[0], &account));
    const char *password = password_make(ctx);
    struct plan *plan;
    TRY(account_reset(ctx, account, text_of(password), PASSWORD_COST, &plan));
    TRY(house_run(shell.house, ctx, plan));
    printf("%s\n", texts_fill(ctx, "command.user.reset", options->words[0], password, NULL));
    return NULL;
}

const struct err *command_user_close(struct ctx *ctx, const struct options *options, int *ret_code)
{
    (void)ret_code;
    scoped(shell_end) struct visit_from_shell shell = { 0 };
    TRY(shell_begin(ctx, options, &shell));
    struct account *account;
    TRY(find(ctx, options->words[0], &account));
    struct plan *plan;
    TRY(account_end(ctx, account, &plan));
    TRY(house_run(shell.house, ctx, plan));
    printf("%s\n", texts_fill(ctx, "command.user.closed_now", options->words[0], NULL));
    return NULL;
}
