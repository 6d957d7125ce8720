-- Places and organisations.

-- name: place_by_code
select {{place_columns}} from place l where l.code = $1;

-- name: place_children
-- Those that stand at some time between $3 and $2.
select {{place_columns}} from place l
where l.parent = $1 and l.valid_from <= $2 and (l.valid_to is null or l.valid_to >= $3) order by l.code;

-- name: place_districts
select {{place_columns}} from place l
where l.parent is null and l.valid_from <= $1 and (l.valid_to is null or l.valid_to >= $2) order by l.code;

-- name: place_realms
select {{place_columns}} from place l
where l.code = l.realm and l.valid_from <= $1 and (l.valid_to is null or l.valid_to >= $2) order by l.code;

-- name: place_insert
insert into place (code, name, path, realm, parent, kind, longitude, latitude, valid_from, valid_to)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: place_update
update place set name = $2, longitude = $3, latitude = $4, valid_from = $5, valid_to = $6 where code = $1;

-- name: desk_nearest
-- Of the desks in any of six places (fewer: the same again) the innermost.
select d.place, p.name, d.address, d.hours, d.phone from service_desk d join place p on p.code = d.place
where d.place in ($1, $2, $3, $4, $5, $6) order by length(p.path) desc limit 1;

-- name: desk_put
insert into service_desk (place, address, hours, phone) values ($1, $2, $3, $4)
on conflict (place) do update set address = excluded.address, hours = excluded.hours, phone = excluded.phone;

-- fragment: organisation_columns
o.id, o.code, o.name, o.place, p.path, o.credit_code, o.kind

-- name: organisation_by_id
select {{organisation_columns}} from organisation o join place p on p.code = o.place where o.id = $1;

-- name: organisation_by_code
select {{organisation_columns}} from organisation o join place p on p.code = o.place where o.code = $1;

-- name: organisation_within
-- Of the places whose path lies in the range.
select {{organisation_columns}} from place p join organisation o on o.place = p.code where p.path >= $1 and p.path < $2 order by o.code;

-- name: organisation_insert
insert into organisation (id, code, name, kind, place, credit_code) values ($1, $2, $3, $4, $5, $6);

-- name: organisation_update
update organisation set name = $2, kind = $3, place = $4, credit_code = $5 where id = $1;
