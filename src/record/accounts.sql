-- Accounts, wrong passwords and sessions.

-- fragment: account_rows
-- In the order of account.c: account_read().
select realm, id, person, login, must_change, ended, version, password from account

-- name: account_by_login
{{account_rows}} where realm = $1 and login = $2;

-- name: account_by_login_anywhere
-- Two are enough to know that the realm must be said, one that the name is taken.
{{account_rows}} where login = $1 order by realm limit 2;

-- name: account_by_person
{{account_rows}} where realm = $1 and person = $2;

-- name: account_insert
insert into account (realm, id, person, login, password, must_change, ended, made, version)
values ($1, $2, $3, $4, $5, $6, null, $7, 1);

-- name: account_is_still
-- After a right password: only if it is still the same password and the account is open.
update account set version = version where realm = $1 and id = $2 and version = $3 and ended is null;

-- name: guess_waits
-- Until when this name ($2) from here ($4), or this address with any name ($3: none), must wait.
select waits_until from guess
where realm = $1 and (login = $2 or login = $3) and address = $4 and waits_until > $5;

-- name: guess_count
-- Counts without a version, so that guesses made side by side all count. Older than $5 is forgotten. From the $6th in a
-- row on there is a wait: n² times $7 from now ($4), but no longer than $8.
insert into guess (realm, login, address, failures, last, waits_until) values ($1, $2, $3, 1, $4, null)
on conflict (realm, login, address) do update set
    failures = case when guess.last < $5 then 1 else guess.failures + 1 end,
    last = $4,
    waits_until = case
        when guess.last < $5 or guess.failures + 1 < $6 then null
        when (guess.failures + 2 - $6) * (guess.failures + 2 - $6) * $7 > $8 then $4 + $8
        else $4 + (guess.failures + 2 - $6) * (guess.failures + 2 - $6) * $7
    end;

-- name: guess_must_not_wait
-- Touches what a right password would have to wait for: there must be none.
update guess set last = last where realm = $1 and (login = $2 or login = $3) and address = $4 and waits_until > $5;

-- name: guess_clear
delete from guess where realm = $1 and login = $2 and address = $3;

-- name: guess_pardon
delete from guess where realm = $1 and login = $2;

-- name: guess_forget
delete from guess where realm = $1 and last < $2;

-- name: account_set_password
-- Also opens a closed account.
update account set password = $4, must_change = $5, ended = null, version = version + 1
where realm = $1 and id = $2 and version = $3;

-- name: account_close
update account set ended = $4, version = version + 1 where realm = $1 and id = $2 and version = $3 and ended is null;

-- name: session_by_secret
-- On the path of every page, so in one question: the live session, its person, whether the password must be changed, a
-- row for each role held on day $4, and the place lived in.
select s.realm, s.id, s.account, s.device, s.made, s.seen, s.expires, s.span, a.must_change,
       {{person_columns}}, {{role_columns}}, {{place_columns}}
from session s join person p on p.realm = s.realm and p.id = s.person join place l on l.code = p.place
     left join account a on a.realm = s.realm and a.id = s.account
     left join role_held r on r.realm = p.realm and r.person = p.id
                              and r.valid_from <= $4 and (r.valid_to is null or r.valid_to >= $4)
     left join place rl on rl.code = r.place left join organisation o on o.id = r.organisation
where s.realm = $1 and s.secret = $2 and s.ended is null and s.expires > $3
order by r.id;

-- name: session_insert
insert into session (realm, id, person, account, secret, device, span, made, seen, expires, ended)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, null);

-- name: session_note_seen
update session set seen = $3, expires = $4 where realm = $1 and id = $2 and ended is null and seen < $3;

-- name: sessions_of_person
select realm, id, account, device, made, seen, expires, span from session
where realm = $1 and person = $2 and ended is null and expires > $3 order by seen desc, id desc;

-- name: session_end
update session set ended = $4 where realm = $1 and person = $2 and id = $3 and ended is null;

-- name: sessions_end
-- All of a person's but $3.
update session set ended = $4 where realm = $1 and person = $2 and id <> $3 and ended is null;

-- name: sessions_forget
-- Index session_by_end.
delete from session where realm = $1 and expires < $2;
