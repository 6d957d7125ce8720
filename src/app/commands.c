/* app/commands.c -- everything that `gongzhi WORD …` can be. */
#include "app/commands.h"

#define ONE_FILE "FILE", 1, 1

const struct command commands[] = {
    { "init", NULL, 0, 0, "command.init.summary", command_init_options, command_init },
    { "serve", NULL, 0, 0, "command.serve.summary", command_serve_options, command_serve },
    { "demo", NULL, 0, 0, "command.demo.summary", command_demo_options, command_demo },
    { "import places", ONE_FILE, "command.import.places", command_import_options, command_import_places },
    { "import organisations", ONE_FILE, "command.import.organisations", command_import_options, command_import_organisations },
    { "import households", ONE_FILE, "command.import.households", command_import_options, command_import_households },
    { "import people", ONE_FILE, "command.import.people", command_import_options, command_import_people },
    { "import roles", ONE_FILE, "command.import.roles", command_import_options, command_import_roles },
    { "import calendar", ONE_FILE, "command.import.calendar", command_import_options, command_import_calendar },
    { "import rules", ONE_FILE, "command.import.rules", command_import_options, command_import_rules },
    { "user add", NULL, 0, 0, "command.user.add", command_user_add_options, command_user_add },
    { "user list", NULL, 0, 0, "command.user.list", command_user_options, command_user_list },
    { "user password", "LOGIN", 1, 1, "command.user.password", command_user_options, command_user_password },
    { "user close", "LOGIN", 1, 1, "command.user.close", command_user_options, command_user_close },
    { "backup", "FOLDER", 1, 1, "command.backup.summary", command_backup_options, command_backup },
    { "restore", "FOLDER", 1, 1, "command.restore.summary", command_backup_options, command_restore },
    { "verify receipt", ONE_FILE, "command.verify_receipt.summary", command_verify_receipt_options, command_verify_receipt },
    { "verify election", ONE_FILE, "command.verify_election.summary", command_verify_election_options, command_verify_election },
    { "verify database", NULL, 0, 0, "command.verify_database.summary", command_verify_database_options,
      command_verify_database },
    { "flow check", ONE_FILE, "command.flow_check.summary", command_flow_options, command_flow_check },
    { "flow draw", ONE_FILE, "command.flow_draw.summary", command_flow_options, command_flow_draw },
    { "vote trustee certificate", NULL, 0, 0, "command.vote_trustee.certificate",
      command_vote_trustee_certificate_options, command_vote_trustee_certificate },
    { "vote trustee check", NULL, 0, 0, "command.vote_trustee.check",
      command_vote_trustee_check_options, command_vote_trustee_check },
    { "vote trustee polynomial", NULL, 0, 0, "command.vote_trustee.polynomial",
      command_vote_trustee_polynomial_options, command_vote_trustee_polynomial },
    { "vote trustee inputs", NULL, 0, 0, "command.vote_trustee.inputs",
      command_vote_trustee_inputs_options, command_vote_trustee_inputs },
    { "vote trustee output", "INPUT", 1, 1, "command.vote_trustee.output",
      command_vote_trustee_output_options, command_vote_trustee_output },
    { "vote trustee finish", NULL, 0, 0, "command.vote_trustee.finish",
      command_vote_trustee_finish_options, command_vote_trustee_finish },
    { "test-mustache", ONE_FILE, "command.test_mustache.summary", command_no_options, command_test_mustache },
    { 0 },
};

const struct option_form command_no_options[] = { { 0 } };
