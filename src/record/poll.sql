-- Statements of secret ballots.

-- name: poll_add
insert into poll (realm, matter, number, uuid, title, about, arithmetic, questions, opens, closes, needed, roll, voters,
                  authority_realm, authority, ballots)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0);

-- fragment: poll_rows
-- In the order of poll.c: read_poll(); the last column says who voted in all.
select p.realm, p.matter, p.number, p.uuid, p.title, p.about, p.arithmetic, p.questions, p.opens, p.closes, p.needed, p.roll,
       p.voters, p.authority_realm, p.authority, p.ballots, p.sealed_at, m.state, m.place, m.place_path, m.village,
       (select count(*) from poll_voter v where v.realm = p.realm and v.matter = p.matter and v.voted_at is not null)
from poll p join matter m on m.realm = p.realm and m.id = p.matter

-- name: poll_by_number
{{poll_rows}} where p.realm = $1 and p.number = $2;

-- name: poll_casting
-- All that is asked for each ballot that comes in, at once; a roll of any length costs the same. The ballot with number $2, which
-- begins with the code $1; the entry of person $3, $4 on its roll; code $5: its place in the list, who on the roll used it, for how
-- many ballots; the position of the ballot with hash $6, and when that was opened.
select p.realm, p.matter, p.number, p.uuid, p.opens, p.closes, m.state, m.place_path, v.number, v.credential, v.voted_at,
       c.number, o.number,
       (select count(*) from poll_ballot b where b.realm = c.realm and b.matter = c.matter and b.credential = c.number),
       (select h.position from poll_ballot h where h.realm = p.realm and h.matter = p.matter and h.hash = $6),
       (select s.spoiled_at from poll_spoiled s where s.realm = p.realm and s.matter = p.matter and s.hash = $6)
from place l join poll p on p.realm = l.realm and p.number = $2
join matter m on m.realm = p.realm and m.id = p.matter
left join poll_voter v on v.realm = p.realm and v.matter = p.matter and v.person_realm = $3 and v.person = $4
left join poll_credential c on c.realm = p.realm and c.matter = p.matter and c.credential = $5
left join poll_voter o on o.realm = c.realm and o.matter = c.matter and o.credential = c.number
where l.code = $1;

-- name: poll_by_id
{{poll_rows}} where p.realm = $1 and p.matter = $2;

-- name: poll_list
-- All ballots of the house, the latest first, those made before $1.
{{poll_rows}} where p.matter < $1 order by p.matter desc limit $2;

-- name: poll_list_within
-- Those of a realm, the latest first; of one village, or with '' of every one. A realm has few: the village is not to draw
-- SQLite's planner to the index of all its matters.
select p.realm, p.matter, p.number, p.uuid, p.title, p.about, p.arithmetic, p.questions, p.opens, p.closes, p.needed, p.roll,
       p.voters, p.authority_realm, p.authority, p.ballots, p.sealed_at, m.state, m.place, m.place_path, m.village,
       (select count(*) from poll_voter v where v.realm = p.realm and v.matter = p.matter and v.voted_at is not null)
from poll p join matter m on m.realm = p.realm and m.id = p.matter
where p.realm = $1 and ($2 = '' or coalesce(m.village, '') = $2) and m.state <> 'cancelled' order by p.matter desc limit $3;

-- name: poll_list_of_voter
-- Those that are open at $3 and on whose roll somebody stands, the first to close first.
select p.realm, p.matter, p.number, p.uuid, p.title, p.about, p.arithmetic, p.questions, p.opens, p.closes, p.needed, p.roll,
       p.voters, p.authority_realm, p.authority, p.ballots, p.sealed_at, m.state, m.place, m.place_path, m.village,
       (select count(*) from poll_voter v where v.realm = p.realm and v.matter = p.matter and v.voted_at is not null)
from poll_voter r join poll p on p.realm = r.realm and p.matter = r.matter join matter m on m.realm = p.realm and m.id = p.matter
where r.person = $2 and r.person_realm = $1 and p.opens <= $3 and p.closes > $3 and m.state = 'open'
order by p.closes limit $4;

-- name: poll_every
-- Of one realm, for whoever checks the database.
select matter, number from poll where realm = $1 order by matter;

-- name: poll_seal
-- Put together once.
update poll set sealed_at = $3 where realm = $1 and matter = $2 and sealed_at is null;

-- name: poll_take_ballot
-- One ballot more, as long as the ballot is open by state and by the moment that is recorded ($3).
update poll set ballots = ballots + 1
where realm = $1 and matter = $2 and opens <= $3 and closes > $3
  and exists (select 1 from matter m where m.realm = poll.realm and m.id = poll.matter and m.state = 'open');

-- name: poll_hold_open
-- Nothing more: but it is still open ($3 as above), and whoever takes a ballot meanwhile waits for this plan.
update poll set ballots = ballots
where realm = $1 and matter = $2 and opens <= $3 and closes > $3
  and exists (select 1 from matter m where m.realm = poll.realm and m.id = poll.matter and m.state = 'open');

-- name: poll_keep_ballots
-- Whoever closes has counted exactly these.
update poll set ballots = ballots where realm = $1 and matter = $2 and ballots = $3;

-- ---- trustees ----

-- name: poll_trustee_add
insert into poll_trustee (realm, matter, number, person_realm, person) values ($1, $2, $3, $4, $5);

-- name: poll_trustee_list
select k.number, k.person_realm, k.person, k.certificate, k.polynomial, k.share, p.name
from poll_trustee k left join person p on p.realm = k.person_realm and p.id = k.person
where k.realm = $1 and k.matter = $2 order by k.number;

-- name: poll_trustee_certify
update poll_trustee set certificate = $4 where realm = $1 and matter = $2 and number = $3 and certificate is null;

-- name: poll_trustee_deal
update poll_trustee set polynomial = $4 where realm = $1 and matter = $2 and number = $3 and polynomial is null;

-- name: poll_trustee_share
update poll_trustee set share = $4 where realm = $1 and matter = $2 and number = $3 and share is null;

-- ---- the roll ----

-- name: poll_voter_add
insert into poll_voter (realm, matter, number, person_realm, person) values ($1, $2, $3, $4, $5);

-- fragment: voter_rows
select v.number, v.person_realm, v.person, v.credential, v.voted_at, p.name
from poll_voter v left join person p on p.realm = v.person_realm and p.id = v.person

-- name: poll_voter_list
-- From after number $3.
{{voter_rows}} where v.realm = $1 and v.matter = $2 and v.number > $3 order by v.number limit $4;

-- name: poll_voter_of
{{voter_rows}} where v.realm = $1 and v.matter = $2 and v.person_realm = $3 and v.person = $4;

-- name: poll_voter_by_number
{{voter_rows}} where v.realm = $1 and v.matter = $2 and v.number = $3;

-- name: poll_voter_vote
-- Ticked, and bound to the code that came first.
update poll_voter set credential = $4, voted_at = $5
where realm = $1 and matter = $2 and number = $3 and (credential is null or credential = $4);

-- name: poll_candidates_holding
-- Who holds role $1 on day $2 in a place whose path lies from $3 to before $4, born by day $5 (or with no day of birth known).
select p.realm, p.id, min(p.name), min(r.place)
from place l join role_held r on r.place = l.code and r.role = $1 and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2)
join person p on p.realm = r.realm and p.id = r.person
where l.path >= $3 and l.path < $4 and (p.birth is null or p.birth <= $5)
group by p.realm, p.id order by min(r.place), min(p.key);

-- ---- codes, ballots, parts ----

-- name: poll_credential_add
insert into poll_credential (realm, matter, credential, number) values ($1, $2, $3, $4);

-- name: poll_credential_first
select number from poll_credential where realm = $1 and matter = $2 limit 1;

-- name: poll_ballot_add
insert into poll_ballot (realm, matter, position, hash, credential, bytes, event, salt, accepted_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: poll_ballot_absent
-- Touches the ballot with hash $3: there must be none.
update poll_ballot set hash = hash where realm = $1 and matter = $2 and hash = $3;

-- name: poll_spoiled_find
select spoiled_at from poll_spoiled where realm = $1 and matter = $2 and hash = $3;

-- name: poll_spoiled_absent
-- Touches the opened ballot with hash $3: there must be none.
update poll_spoiled set hash = hash where realm = $1 and matter = $2 and hash = $3;

-- name: poll_spoiled_taken
-- For whoever checks the database: an opened ballot that was taken all the same. There must be none.
select s.hash from poll_spoiled s join poll_ballot b on b.realm = s.realm and b.matter = s.matter and b.hash = s.hash
where s.realm = $1 and s.matter = $2 limit 1;

-- name: poll_spoil
-- One opened ballot more of voter $3, who may open $5.
insert into poll_spoiled (realm, matter, hash, voter, spoiled_at)
select v.realm, v.matter, cast($4 as text), v.number, cast($6 as bigint) from poll_voter v
where v.realm = $1 and v.matter = $2 and v.number = $3
  and (select count(*) from poll_spoiled s where s.realm = v.realm and s.matter = v.matter and s.voter = v.number) < $5;

-- name: poll_ballot_find
select b.position, b.credential, b.accepted_at,
       (select max(l.position) from poll_ballot l where l.realm = b.realm and l.matter = b.matter and l.credential = b.credential)
from poll_ballot b where b.realm = $1 and b.matter = $2 and b.hash = $3;

-- name: poll_ballot_list
-- In their order, from after position $3.
select position, hash, bytes from poll_ballot where realm = $1 and matter = $2 and position > $3 order by position limit $4;

-- name: poll_ballot_track
-- The public list, from after position $3; the last column says whether the voter voted again.
select b.position, b.hash, b.accepted_at,
       case when exists (select 1 from poll_ballot l where l.realm = b.realm and l.matter = b.matter
                         and l.credential = b.credential and l.position > b.position) then 1 else 0 end
from poll_ballot b where b.realm = $1 and b.matter = $2 and b.position > $3 order by b.position limit $4;

-- name: poll_ballot_leaves
-- For whoever checks the database.
select position, hash, bytes, event, salt from poll_ballot where realm = $1 and matter = $2 order by position;

-- name: poll_ballot_counting
-- The last ballot of each code, in their order, from after position $3.
select b.position, b.bytes from poll_ballot b
where b.realm = $1 and b.matter = $2 and b.position > $3
  and not exists (select 1 from poll_ballot l where l.realm = b.realm and l.matter = b.matter
                  and l.credential = b.credential and l.position > b.position)
order by b.position limit $4;

-- name: poll_part_add
insert into poll_part (realm, matter, seq, kind, trustee, bytes) values ($1, $2, $3, $4, $5, $6);

-- name: poll_part_list
-- From after $3.
select seq, kind, trustee, bytes from poll_part where realm = $1 and matter = $2 and seq > $3 order by seq;

-- name: poll_part_by_kind
select seq, kind, trustee, bytes from poll_part where realm = $1 and matter = $2 and kind = $3 order by seq;

-- ---- slips ----

-- name: poll_slip_add
insert into poll_slip (realm, id, matter, voter, code, made_at, expires, by_realm, by_person)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: poll_slip_find
select id, matter, voter, expires, used_at from poll_slip where realm = $1 and code = $2;

-- name: poll_slip_use
update poll_slip set used_at = $3 where realm = $1 and id = $2 and used_at is null and expires >= $3;

-- name: poll_slip_list
-- The latest made of one ballot.
select s.id, s.voter, s.made_at, s.expires, s.used_at, v.person_realm, v.person, p.name
from poll_slip s join poll_voter v on v.realm = s.realm and v.matter = s.matter and v.number = s.voter
left join person p on p.realm = v.person_realm and p.id = v.person
where s.realm = $1 and s.matter = $2 order by s.id desc limit $3;
