-- Accounts and sessions. An account's columns are always in the order of account.c: account_read().

-- name: account_by_login
select realm, id, person, login, must_change, ended, failures, locked_until, version, password from account
where realm = $1 and login = $2;

-- name: account_by_login_anywhere
-- Two are enough to know that the realm must be said.
select realm, id, person, login, must_change, ended, failures, locked_until, version, password from account
where login = $1 order by realm limit 2;

-- name: account_by_person
select realm, id, person, login, must_change, ended, failures, locked_until, version, password from account
where realm = $1 and person = $2;

-- name: account_insert
insert into account (realm, id, person, login, password, must_change, failures, locked_until, ended, made, version)
values ($1, $2, $3, $4, $5, $6, 0, null, null, $7, 1);

-- name: account_count_failure
-- Counts without a version, so that guesses made side by side all count. From the $4th failure in a row on the account
-- rests: n² times $5 from now ($3), but no longer than $6.
update account set
    failures = failures + 1,
    locked_until = case
        when failures + 1 < $4 then null
        when (failures + 2 - $4) * (failures + 2 - $4) * $5 > $6 then $3 + $6
        else $3 + (failures + 2 - $4) * (failures + 2 - $4) * $5
    end
where realm = $1 and id = $2;

-- name: account_forget_failures
-- After a right password: only if it is still the same password, the account is open and doesn't rest at $4.
update account set failures = 0, locked_until = null
where realm = $1 and id = $2 and version = $3 and ended is null and (locked_until is null or locked_until <= $4);

-- name: account_set_password
-- Also opens a closed account and lifts the lock.
update account set password = $4, must_change = $5, failures = 0, locked_until = null, ended = null, version = version + 1
where realm = $1 and id = $2 and version = $3;

-- name: account_close
update account set ended = $4, version = version + 1 where realm = $1 and id = $2 and version = $3 and ended is null;

-- name: session_by_secret
-- On the path of every page, so in one question: the live session, its person, whether the password must be changed, and a
-- row for each role held on day $4 (roles_of_person says the same columns).
select s.realm, s.id, s.account, s.device, s.made, s.seen, s.expires, s.span, a.must_change,
       p.realm, p.id, p.key, p.name, p.sex, p.birth, p.place, l.path, l.name, p.household, p.relation,
       p.abode, r.role, r.place, rl.path, rl.name, rl.realm, r.organisation, o.code, o.name, r.valid_from, r.valid_to
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
