-- Statements of app.

-- name: setting_by_name
-- One word of the operator.
select value from setting where name = $1;

-- name: setting_put
-- Written once: a second value for the same name touches no row.
insert into setting (name, value) values ($1, $2) on conflict (name) do nothing;

-- name: account_every
-- All accounts with their people, for the command line.
select a.login, a.realm, p.name, a.ended, p.id from account a join person p on p.realm = a.realm and p.id = a.person order by a.realm, a.login;

-- name: log_head_every
-- Every realm that has a log.
select realm, size, front from log_head order by realm;

-- name: log_checkpoint_every
-- What was signed, in the order of its sizes.
select size, note from log_checkpoint where realm = $1 order by size;

-- name: event_every
-- What each leaf of a realm commits to.
select position, bytes, salt, matter, seq, move, from_state, to_state, actor_realm, actor, actor_role, recorded_at, due_at
from matter_event where realm = $1 order by position;

-- name: look_every
-- What each look at a full number was sealed as; none from before the salt was kept.
select leaf, salt, id, person, which, purpose, by_realm, by_person, at from personal_look
where realm = $1 and salt is not null order by leaf;

-- name: matter_unlike_events
-- Matters whose row says something else than their events do: how many there were, or the state that the last one led to.
select m.number, m.version from matter m
left join matter_event e on e.realm = m.realm and e.matter = m.id and e.seq = m.version
where m.realm = $1 and (e.to_state is null or e.to_state <> m.state
    or m.version <> (select count(*) from matter_event n where n.realm = m.realm and n.matter = m.id))
order by m.number;

-- name: leaves_told
-- How many leaves of a realm belong to something: the event of a matter, a look at a full number, or a ballot.
select (select count(distinct e.position) from matter_event e join matter m on m.realm = e.realm and m.id = e.matter
        where e.realm = $1)
     + (select count(*) from personal_look l where l.realm = $1)
     + (select count(*) from poll_ballot b where b.realm = $1);

-- name: setting_replace
-- A word that changes: the version of the law.
insert into setting (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value;

-- name: rule_override_every
-- What places have set, all of it: it is little.
select place, rule_key, value, set_by, source from rule_override order by place, rule_key;

-- name: rule_override_put
-- A place's own value, over what it had set before.
insert into rule_override (place, rule_key, value, set_by, source) values ($1, $2, $3, $4, $5)
on conflict (place, rule_key) do update set value = excluded.value, set_by = excluded.set_by, source = excluded.source;

-- name: process_claim
-- The next number; of two at once one meets a conflict and tries again.
insert into process (number, nonce, opened)
select coalesce(max(number), 0) + 1, cast($1 as text), cast($2 as bigint) from process;

-- name: process_forget
-- Numbers that are given anew by now.
delete from process where number <= (select max(number) from process) - $1;

-- name: process_number
select number from process where nonce = $1;
