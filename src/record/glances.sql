-- What a list shows of matters beyond their rows; asked for a page of one realm at once, what is left of the fifty is null.

-- name: glance_moves
-- All events of the few matters that are asked for: those that went back and forth.
select matter, move, bytes from matter_event where realm = $1 and seq > 1 and matter in (
  $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
  $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46,
  $47, $48, $49, $50, $51) and move in ($52, $53) order by matter, seq;
