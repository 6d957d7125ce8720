-- Statements of app.

-- name: setting_by_name
-- One word of the operator.
select value from setting where name = $1;

-- name: setting_put
-- Written once: a second value for the same name touches no row.
insert into setting (name, value) values ($1, $2) on conflict (name) do nothing;
