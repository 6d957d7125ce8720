-- Statements of matters. Lists at the end, with the index that serves each.

-- ---- versions of flows, the calendar ----

-- name: flow_version_source
select source from flow_version where flow = $1 and version = $2;

-- name: flow_versions
select version from flow_version where flow = $1;

-- name: flow_version_add
insert into flow_version (flow, version, source, since) values ($1, $2, $3, $4) on conflict do nothing;

-- name: calendar_day_list
select day, worked, name from calendar_day order by day;

-- name: calendar_day_clear
-- A year is replaced whole.
delete from calendar_day where day >= $1 and day <= $2;

-- name: calendar_day_add
insert into calendar_day (day, worked, name) values ($1, $2, $3)
on conflict (day) do update set worked = excluded.worked, name = excluded.name;

-- ---- one matter ----

-- fragment: matter_columns
-- In the order of matter.c: matter_read_row().
m.realm, m.id, m.number, m.flow, m.flow_version, m.state, m.place, m.place_path, m.village, m.author_realm, m.author,
m.handler_realm, m.handler, m.handler_unit, m.kind, m.topic, m.accused, m.sealed, m.version, m.filed_at, m.changed_at, m.closed_at,
m.due

-- name: matter_by_number
-- Index matter_number.
select {{matter_columns}} from matter m where m.realm = $1 and m.number = $2;

-- name: matter_by_id
select {{matter_columns}} from matter m where m.realm = $1 and m.id = $2;

-- name: matter_events
select seq, move, from_state, to_state, actor_realm, actor, actor_role, recorded_at, due_at, position, bytes, salt
from matter_event where realm = $1 and matter = $2 order by seq;

-- name: matter_clocks
select name, round, rule_key, source, started, due, unmoved, provisional, value, extended, unit, counted, paused_since, paused,
       warn_at, warned, fired, stopped
from matter_clock where realm = $1 and matter = $2 order by round, name;

-- name: matter_file_list
select id, hash, type, event from matter_file where realm = $1 and matter = $2 order by id;

-- name: matter_add
insert into matter (realm, id, number, flow, flow_version, state, owner, place, place_path, village, author_realm, author, kind,
                    topic, accused, sealed, version, filed_at, changed_at, closed_at, due)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 1, $17, $17, $18, $19);

-- name: matter_move
-- Only from the version that was checked ($3).
update matter set version = version + 1, state = $4, owner = $5, handler_realm = $6, handler = $7, handler_unit = $8, kind = $9,
                  topic = $10, accused = $11, changed_at = $12, closed_at = $13, due = $14
where realm = $1 and id = $2 and version = $3;

-- name: matter_due
-- The next last moment after the calendar changed; no event, no new version, but the version that was checked.
update matter set due = $4 where realm = $1 and id = $2 and version = $3;

-- name: matter_event_add
insert into matter_event (realm, matter, seq, move, from_state, to_state, actor_realm, actor, actor_role, recorded_at, due_at,
                          position, bytes, salt)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: matter_clock_add
insert into matter_clock (realm, matter, name, round, rule_key, source, started, due, unmoved, provisional, value, extended, unit,
                          counted, paused_since, paused, warn_at, warned, fired, stopped, next_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21);

-- name: matter_clock_change
update matter_clock set due = $5, unmoved = $6, provisional = $7, extended = $8, paused_since = $9, paused = $10, warn_at = $11,
                        warned = $12, fired = $13, stopped = $14, next_at = $15
where realm = $1 and matter = $2 and name = $3 and round = $4;

-- name: matter_clock_fire
-- The clock that fires: once only.
update matter_clock set due = $5, unmoved = $6, provisional = $7, extended = $8, paused_since = $9, paused = $10, warn_at = $11,
                        warned = $12, fired = $13, stopped = $14, next_at = $15
where realm = $1 and matter = $2 and name = $3 and round = $4 and fired is null;

-- name: matter_clock_warn
-- The clock that warns: once only, and not after it stopped.
update matter_clock set warned = $5, next_at = $6
where realm = $1 and matter = $2 and name = $3 and round = $4 and warned is null and stopped is null;

-- name: matter_file_add
insert into matter_file (realm, matter, id, event, hash, type) values ($1, $2, $3, $4, $5, $6);

-- ---- clocks ----

-- name: clock_due_list
-- Index matter_clock_next.
select realm, matter, next_at from matter_clock where next_at is not null and next_at <= $1 order by next_at limit $2;

-- name: clock_running_matters
-- Matters with a clock that runs, after ($1, $2): passes over the clocks in the order of their key.
select distinct realm, matter from matter_clock
where stopped is null and fired is null and (realm > $1 or (realm = $1 and matter > $2)) order by realm, matter limit $3;

-- ---- messages ----

-- name: message_add
insert into message (realm, person, id, matter_realm, number, flow, move, what, due, made)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: message_list
select id, matter_realm, number, flow, move, what, due, made, read_at from message
where realm = $1 and person = $2 and id < $3 order by id desc limit $4;

-- name: message_list_unread
-- Index message_unread.
select id, matter_realm, number, flow, move, what, due, made, read_at from message
where (cast($1 as text) is null or realm = $1) and person = $2 and read_at is null and id < $3 order by id desc limit $4;

-- name: message_mark_read
update message set read_at = $4 where realm = $1 and person = $2 and id <= $3 and read_at is null;

-- ---- public numbers of a place ----
-- Of flow $2, nothing of accusations, counted to at most $3: what an index holds together and no more.

-- name: matter_counts_filed_village
-- Index matter_village: from id $4 on. Without its order SQLite would walk the month of the whole town along the primary key.
select count(*)
from (select 1 as one from matter where realm = $1 and village = $5 and id >= $4 and flow = $2 and sealed = 0
      order by realm, village, id limit $3) f;

-- name: matter_counts_open_village
-- Index matter_village_due, those past their last moment ($4) first.
select count(*), sum(case when due < $4 then 1 else 0 end)
from (select due from matter where realm = $1 and village = $5 and due is not null and flow = $2 and sealed = 0 order by due, id limit $3) f;

-- name: matter_counts_filed_realm
-- The primary key.
select count(*) from (select 1 as one from matter where realm = $1 and id >= $4 and flow = $2 and sealed = 0 limit $3) f;

-- name: matter_counts_open_realm
-- Index matter_due.
select count(*), sum(case when due < $4 then 1 else 0 end)
from (select due from matter where realm = $1 and due is not null and flow = $2 and sealed = 0 order by due, id limit $3) f;

-- ---- lists ----

-- All have the same columns and the same parameters: $1 flow, $2 state, $3 kind, $4 topic, $5 pattern of the owner (null: any),
-- $6 1: open ones only, $7 1: sealed ones too, $8 how many, $9 1: with the event that opened each (null: without), $10 id of the
-- key; the ones by due moment also $11 due of the key. What follows is the scope; an accusation that a person was given is not
-- its office's.
-- Each is served by the index it names, in its order, so that a page costs as many rows as it shows and those a filter passes
-- over, whatever the table holds; the event that opened a matter is found by its primary key. A filter written with `is null or`
-- can't draw SQLite's planner to another index. In a realm no filter of a page passes over anything: an index holds state, topic
-- and kind before what it is ordered by, and where one of them was not asked for, matter_list.c reads a list for each value it
-- may have and merges them.

-- fragment: matter_rows
select {{matter_columns}}, e.bytes
from matter m left join matter_event e on e.realm = m.realm and e.matter = m.id and e.seq = $9

-- fragment: newest_first
(cast($5 as text) is null or m.owner like $5) and ($6 = 0 or m.closed_at is null) and m.sealed <= $7 and m.id < $10
order by m.id desc limit $8

-- fragment: due_first
(cast($5 as text) is null or m.owner like $5) and ($6 = 0 or m.closed_at is null) and m.sealed <= $7
and m.due is not null and (m.due, m.id) > ($11, $10)
order by m.due, m.id limit $8

-- fragment: if_state
(cast($2 as text) is null or m.state = $2)

-- fragment: if_kind_topic
(cast($3 as text) is null or m.kind = $3) and (cast($4 as text) is null or m.topic = $4)

-- fragment: if_any
(cast($1 as text) is null or m.flow = $1) and {{if_state}} and {{if_kind_topic}}

-- fragment: kind_and_topic
-- Both said, "" for what a matter has not.
coalesce(m.topic, '') = $4 and coalesce(m.kind, '') = $3

-- name: matters_own
-- Index matter_author.
{{matter_rows}} where m.author = $11 and m.author_realm = $12 and {{if_any}} and {{newest_first}};

-- name: matters_given
-- Index matter_handler.
{{matter_rows}} where m.handler = $11 and m.handler_realm = $12 and {{if_any}} and {{newest_first}};

-- name: matters_given_due
-- Index matter_handler_due.
{{matter_rows}} where m.handler = $12 and m.handler_realm = $13 and {{if_any}} and {{due_first}};

-- name: matters_unit
-- Index matter_unit.
{{matter_rows}} where m.handler_unit = $11 and (m.sealed = 0 or m.handler is null) and {{if_any}} and {{newest_first}};

-- name: matters_unit_due
-- Index matter_unit_due.
{{matter_rows}} where m.handler_unit = $12 and (m.sealed = 0 or m.handler is null) and {{if_any}} and {{due_first}};

-- name: matters_realm
-- The primary key.
{{matter_rows}} where m.realm = $11 and {{if_any}} and {{newest_first}};

-- name: matters_realm_due
-- Index matter_due.
{{matter_rows}} where m.realm = $12 and {{if_any}} and {{due_first}};

-- name: matters_realm_state
-- Index matter_state.
{{matter_rows}} where m.realm = $11 and m.flow = $1 and m.state = $2 and {{if_kind_topic}} and {{newest_first}};

-- name: matters_realm_state_topic
-- Index matter_state_topic.
{{matter_rows}} where m.realm = $11 and m.flow = $1 and m.state = $2 and {{kind_and_topic}} and {{newest_first}};

-- name: matters_realm_state_due
-- Index matter_state_due.
{{matter_rows}} where m.realm = $12 and m.flow = $1 and m.state = $2 and {{kind_and_topic}} and {{due_first}};

-- name: matters_realm_topic_kind
-- Index matter_topic_kind.
{{matter_rows}} where m.realm = $11 and m.flow = $1 and {{if_state}} and {{kind_and_topic}} and {{newest_first}};

-- name: matters_village
-- Index matter_village; a group or grid of the village passes over its neighbours.
{{matter_rows}}
where m.realm = $11 and m.village = $12 and m.place_path >= $13 and m.place_path < $14 and {{if_any}} and {{newest_first}};

-- name: matters_village_due
-- Index matter_village_due.
{{matter_rows}}
where m.realm = $12 and m.village = $13 and m.place_path >= $14 and m.place_path < $15 and {{if_any}} and {{due_first}};
