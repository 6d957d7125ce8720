/* systems/ballots/ballots.c -- the routes of secret ballots; calling one is in new_ballot.c, the pages are src/commons/poll_*.h. */
#include "systems/ballots/ballots.h"

#include "commons/poll_booth.h"
#include "commons/poll_desk.h"
#include "commons/poll_trustee.h"
#include "commons/poll_pages.h"
#include "systems/ballots/new_ballot.h"

/* A ballot of as many questions and answers as there may be, in the larger arithmetic; a trustee's message; the codes of 20,000. */
enum { BALLOT_MOST = 256 << 10, MESSAGE_BODY_MOST = 256 << 10, CODES_MOST = 16 << 20 };

/* What is sent here is sealed or public: none of it is kept over a sign-in, as it would not fit (is_secret). */
const struct route ballots_routes[] = {
    { "GET", "/ballots", ACCESS_ANYONE, .page = polls_page, .view = "ballots" },
    { "GET", "/ballots/new", ACCESS_ACT, "ballot.open", .page = new_ballot_page, .view = "new_ballot" },
    { "POST", "/ballots/new", ACCESS_ACT, "ballot.open", .check = new_ballot_check },
    { "GET", "/ballots/{number}", ACCESS_ANYONE, .page = poll_page, .view = "ballot" },
    { "GET", "/ballots/{number}/keys", ACCESS_SIGNED_IN, .page = poll_keys_page, .view = "ballot_keys" },
    { "POST", "/ballots/{number}/keys", ACCESS_SIGNED_IN, .check = poll_keys_take, .is_slow = true, .is_secret = true,
      .most_body = MESSAGE_BODY_MOST },
    { "GET", "/ballots/{number}/credentials", ACCESS_SIGNED_IN, .page = poll_codes_page, .view = "ballot_codes" },
    { "POST", "/ballots/{number}/credentials", ACCESS_SIGNED_IN, .check = poll_codes_take, .is_slow = true, .is_secret = true,
      .most_body = CODES_MOST, .may_send = poll_codes_may_send },
    { "GET", "/ballots/{number}/booth", ACCESS_ANYONE, .page = poll_booth_page, .view = "ballot_booth" },
    { "POST", "/ballots/{number}/booth", ACCESS_ANYONE, .check = poll_booth_check, .is_slow = true, .is_secret = true,
      .most_body = BALLOT_MOST },
    { "GET", "/ballots/{number}/audit", ACCESS_ANYONE, .page = poll_audit_page, .view = "ballot_audit" },
    { "GET", "/ballots/{number}/tracking", ACCESS_ANYONE, .page = poll_tracking_page, .view = "ballot_tracking" },
    { "GET", "/ballots/{number}/decrypt", ACCESS_SIGNED_IN, .page = poll_decrypt_page, .view = "ballot_decrypt" },
    { "POST", "/ballots/{number}/decrypt", ACCESS_SIGNED_IN, .check = poll_decrypt_take, .is_slow = true, .is_secret = true,
      .most_body = MESSAGE_BODY_MOST },
    { "GET", "/ballots/{number}/slips", ACCESS_SIGNED_IN, .page = poll_slips_page, .view = "ballot_slips" },
    { "POST", "/ballots/{number}/slips", ACCESS_SIGNED_IN, .check = poll_slip_take },
    { "POST", "/ballots/{number}/moves/{move}", ACCESS_SIGNED_IN, .check = poll_move_take, .is_slow = true },
    { "GET", "/ballots/{number}/archive.bel", ACCESS_ANYONE, .page = poll_archive_file },
    { "GET", "/ballots/{number}/election.json", ACCESS_ANYONE, .page = poll_election_file },
    { "GET", "/ballots/{number}/trustees.json", ACCESS_ANYONE, .page = poll_trustees_file },
    { "GET", "/ballots/{number}/public_creds.json", ACCESS_ANYONE, .page = poll_credentials_file },
    { "GET", "/ballots/{number}/encrypted_tally.json", ACCESS_ANYONE, .page = poll_tally_file },
    { 0 },
};
