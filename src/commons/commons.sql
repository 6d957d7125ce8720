-- name: place_names
-- The names of up to fifty places of a list, in one go; what is left over is null.
select code, name from place where code in (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
  $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
  $43, $44, $45, $46, $47, $48, $49, $50);

-- name: logs_every
-- The places that have a log with something in it.
select h.realm, p.name, h.size from log_head h join place p on p.code = h.realm where h.size > 0 order by h.realm;
