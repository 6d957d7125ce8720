-- Households, people, the roles they hold, looks at their numbers.

-- fragment: person_rows
select {{person_columns}} from person p join place l on l.code = p.place

-- name: person_by_id
{{person_rows}} where p.realm = $1 and p.id = $2;

-- name: person_by_key
{{person_rows}} where p.realm = $1 and p.key = $2;

-- name: person_by_key_anywhere
{{person_rows}} where p.key = $1 order by p.realm limit 1;

-- name: person_by_identity
{{person_rows}} where p.realm = $1 and p.identity_index = $2;

-- name: person_by_phone
-- Two are enough to know that it is shared.
{{person_rows}} where p.realm = $1 and p.phone_index = $2 order by p.id limit 2;

-- name: person_by_phone_and_name
-- Written down at the counter before, or in the register: the first is as good as any.
select id from person where realm = $1 and phone_index = $2 and name = $3 order by id limit 1;

-- name: person_name
select name from person where realm = $1 and id = $2;

-- name: person_numbers
-- What is sealed, with what the checks before a look need.
select p.identity_sealed, p.phone_sealed, l.path from person p join place l on l.code = p.place
where p.realm = $1 and p.id = $2;

-- name: person_for_import
select id, name, sex, birth, place, household, relation, identity_sealed, identity_index, phone_sealed, phone_index,
       field_version, version, realm, abode
from person where key = $1 order by realm limit 1;

-- name: person_insert
insert into person (realm, id, key, name, sex, birth, place, household, relation, identity_sealed, identity_index,
                    phone_sealed, phone_index, field_version, abode, version)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1);

-- name: person_update
update person set name = $4, sex = $5, birth = $6, place = $7, household = $8, relation = $9, identity_sealed = $10,
       identity_index = $11, phone_sealed = $12, phone_index = $13, field_version = $14, abode = $15, version = version + 1
where realm = $1 and id = $2 and version = $3;

-- name: person_sealed_before
-- The next rows sealed under a field key older than $1.
select realm, id, identity_sealed, phone_sealed, version from person
where field_version > 0 and field_version < $1 order by field_version, realm, id limit $2;

-- name: person_reseal
update person set identity_sealed = $4, phone_sealed = $5, field_version = $6, version = version + 1
where realm = $1 and id = $2 and version = $3;

-- name: roles_of_person
-- $3 is the day.
select {{role_columns}}
from role_held r join place rl on rl.code = r.place left join organisation o on o.id = r.organisation
where r.realm = $1 and r.person = $2 and r.valid_from <= $3 and (r.valid_to is null or r.valid_to >= $3) order by r.id;

-- fragment: holder_columns
-- In the order of person.c: holders_read().
r.realm, r.person, p.name, r.place, l.path, l.name, r.organisation, o.name, r.phone

-- name: role_holders_at
-- Of one role on day $2 in any of six places (fewer: the same again), the innermost first.
select {{holder_columns}}
from role_held r join place l on l.code = r.place join person p on p.realm = r.realm and p.id = r.person
     left join organisation o on o.id = r.organisation
where r.role = $1 and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2)
      and r.place in ($3, $4, $5, $6, $7, $8)
order by length(l.path) desc, r.realm, r.person, r.id;

-- name: role_holders_within
-- Of one role on day $2 in the places whose path lies in the range.
select {{holder_columns}}
from place l join role_held r on r.place = l.code join person p on p.realm = r.realm and p.id = r.person
     left join organisation o on o.id = r.organisation
where r.role = $1 and r.valid_from <= $2 and (r.valid_to is null or r.valid_to >= $2) and l.path >= $3 and l.path < $4
order by l.path, coalesce(o.name, ''), p.name, r.realm, r.person, r.id;

-- name: role_for_import
-- Roles of one person in one place, whatever their days.
select id, organisation, valid_from, valid_to, phone from role_held
where realm = $1 and person = $2 and role = $3 and place = $4;

-- name: role_insert
insert into role_held (realm, person, id, role, place, organisation, valid_from, valid_to, phone)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: role_change
update role_held set valid_to = $4, phone = $5 where realm = $1 and person = $2 and id = $3;

-- name: household_for_import
select realm, id, place, address, head from household where key = $1 order by realm limit 1;

-- name: household_insert
insert into household (realm, id, key, place, address, head) values ($1, $2, $3, $4, $5, $6);

-- name: household_update
update household set place = $3, address = $4, head = $5 where realm = $1 and id = $2;

-- name: household_members_move
-- A person of a household belongs to the household's place.
update person set place = $3, version = version + 1 where realm = $1 and household = $2;

-- name: look_insert
insert into personal_look (realm, id, person, which, purpose, by_realm, by_person, at, leaf, salt)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: look_by_id
select person, which, by_realm, by_person, at from personal_look where realm = $1 and id = $2;

-- name: looks_at_person
select k.id, k.at, k.which, k.purpose, k.by_realm, k.by_person, p.name, k.leaf
from personal_look k left join person p on p.realm = k.by_realm and p.id = k.by_person
where k.realm = $1 and k.person = $2 order by k.id desc limit $3;
