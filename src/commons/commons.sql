-- name: list_names
-- What a list calls by name, in one go, each a JSON list: codes of places, {realm, id} of people, ids of organisations.
select 0, l.code, 0, l.name from json_each($1) j join place l on l.code = j.value
union all
select 1, p.realm, p.id, p.name
from json_each($2) j join person p on p.realm = j.value ->> 'realm' and p.id = cast(j.value ->> 'id' as bigint)
union all
select 2, null, o.id, o.name from json_each($3) j join organisation o on o.id = j.value;
-- postgres:
select 0, l.code, 0, l.name from json_array_elements_text(cast($1 as json)) j (value) join place l on l.code = j.value
union all
select 1, p.realm, p.id, p.name
from json_array_elements(cast($2 as json)) j (value)
     join person p on p.realm = j.value ->> 'realm' and p.id = cast(j.value ->> 'id' as bigint)
union all
select 2, null, o.id, o.name
from json_array_elements_text(cast($3 as json)) j (value) join organisation o on o.id = cast(j.value as bigint);

-- name: logs_every
-- The places that have a log with something in it.
select h.realm, p.name, h.size from log_head h join place p on p.code = h.realm where h.size > 0 order by h.realm;
