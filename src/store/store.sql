-- The statements of store itself: what has been migrated, and the request tokens.

-- name: request_token_take
-- One row when the token is new. A second plan with the same token touches no row and is replayed.
insert into request_token (realm, token, result, time) values ($1, $2, $3, $4) on conflict do nothing;

-- name: request_token_find
-- Where the first plan with this token led.
select result from request_token where realm = $1 and token = $2;

-- name: request_token_forget
-- Tokens older than $2: a form is not sent again after that.
delete from request_token where realm = $1 and time < $2;

-- name: migration_list
-- What has been applied to this database.
select name from migration order by name;
