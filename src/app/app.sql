-- Statements of app.

-- name: setting_by_name
-- One word of the operator.
select value from setting where name = $1;

-- name: setting_put
-- Written once: a second value for the same name touches no row.
insert into setting (name, value) values ($1, $2) on conflict (name) do nothing;

-- name: account_every
-- All accounts with their people, for the command line.
select a.login, a.realm, p.name, a.ended from account a join person p on p.realm = a.realm and p.id = a.person order by a.realm, a.login;

-- name: log_head_every
-- Every realm that has a log.
select realm, size from log_head order by realm;

-- name: log_checkpoint_every
-- What was signed, in the order of its sizes.
select size, note from log_checkpoint where realm = $1 order by size;

-- name: event_every
-- What each leaf of a realm commits to.
select position, bytes, salt from matter_event where realm = $1 order by position;
