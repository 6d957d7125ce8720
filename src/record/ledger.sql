-- The log's statements: what the writer's seal does inside its transaction, and what the pages read.

-- name: log_head_take
-- The head of a realm; on PostgreSQL nobody else may take it before this commit.
select size, front, last_time from log_head where realm = $1;
-- postgres:
select size, front, last_time from log_head where realm = $1 for update;

-- name: log_head_begin
-- The head of a realm that has none yet.
insert into log_head (realm, size, front, last_time) values ($1, 0, $2, 0) on conflict do nothing;

-- name: log_head_write
-- The new head, if it is still the one that was taken ($5): the front says what every leaf before it is.
update log_head set size = $2, front = $3, last_time = $4 where realm = $1 and front = $5;

-- name: log_head_signed
-- Every log that has leaves, with the checkpoint of its size.
select h.realm, h.size, c.note from log_head h left join log_checkpoint c on c.realm = h.realm and c.size = h.size
where h.size > 0 order by h.realm;

-- name: log_leaf_add
insert into log_leaf (realm, position, entry) values ($1, $2, $3);

-- name: log_leaf_range
-- Entries from $2 up to but without $3.
select position, entry from log_leaf where realm = $1 and position >= $2 and position < $3 order by position;

-- name: log_tile_write
-- A full tile, or the last tile of a level above 0 with more hashes than before.
insert into log_tile (realm, level, tile, hashes) values ($1, $2, $3, $4)
on conflict (realm, level, tile) do update set hashes = excluded.hashes;

-- name: log_tile_read
select hashes from log_tile where realm = $1 and level = $2 and tile = $3;

-- name: log_checkpoint_add
insert into log_checkpoint (realm, size, time, note) values ($1, $2, $3, $4);

-- name: log_checkpoint_latest
select size, time, note from log_checkpoint where realm = $1 order by size desc limit 1;

-- name: serial_read
select last from serial where realm = $1 and key = $2;

-- name: serial_write
insert into serial (realm, key, last) values ($1, $2, $3) on conflict (realm, key) do update set last = excluded.last;
