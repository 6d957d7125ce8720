/* app/commands.h -- the commands that the table in commands.c lists, each in a file command_<name>.c.
 * Owns:          their names and the options that several share
 * Must not know: anything else
 * Begin at:      commands.c
 */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H
#include "app/command.h"
#include "base/texts.h"

/* Which database, and where its keys are: every command that opens the house. */
#define OPTIONS_OF_HOUSE                                                                                               \
    { "db", "URL", "option.db", .is_required = true }, { "keys", "DIR", "option.keys" }, { "files", "DIR", "option.files" }

extern const struct option_form command_init_options[], command_demo_options[], command_serve_options[],
    command_backup_options[], command_import_options[], command_verify_receipt_options[], command_verify_election_options[],
    command_verify_database_options[], command_flow_options[], command_user_options[], command_user_add_options[],
    command_keys_options[],
    command_vote_trustee_certificate_options[], command_vote_trustee_check_options[], command_vote_trustee_polynomial_options[],
    command_vote_trustee_inputs_options[], command_vote_trustee_output_options[], command_vote_trustee_finish_options[],
    command_vote_trustee_confirm_options[],
    command_vote_credentials_options[], command_vote_trustee_key_options[], command_vote_trustees_options[],
    command_vote_election_options[], command_vote_open_options[], command_vote_seal_options[], command_vote_archive_options[],
    command_vote_decrypt_options[], command_no_options[];

#define COMMAND(name)                                                                                                  \
    const struct err *command_##name(struct ctx *ctx, const struct options *options, int *ret_code)

COMMAND(init);
COMMAND(demo);
COMMAND(serve);
COMMAND(backup);
COMMAND(restore);
COMMAND(import_places);
COMMAND(import_organisations);
COMMAND(import_households);
COMMAND(import_people);
COMMAND(import_roles);
COMMAND(import_calendar);
COMMAND(import_rules);
COMMAND(verify_receipt);
COMMAND(verify_election);
COMMAND(verify_database);
COMMAND(flow_check);
COMMAND(flow_draw);
COMMAND(user_add);
COMMAND(user_list);
COMMAND(user_password);
COMMAND(user_close);
COMMAND(keys_rotate);
COMMAND(vote_token);
COMMAND(vote_credentials);
COMMAND(vote_trustee_key);
COMMAND(vote_trustees);
COMMAND(vote_election);
COMMAND(vote_open);
COMMAND(vote_seal);
COMMAND(vote_cast);
COMMAND(vote_close);
COMMAND(vote_decrypt);
COMMAND(vote_accept);
COMMAND(vote_result);
COMMAND(vote_trustee_certificate);
COMMAND(vote_trustee_check);
COMMAND(vote_trustee_polynomial);
COMMAND(vote_trustee_inputs);
COMMAND(vote_trustee_output);
COMMAND(vote_trustee_finish);
COMMAND(vote_trustee_confirm);
COMMAND(test_mustache);
#endif
