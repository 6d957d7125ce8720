-- What several files of this room ask for, in the order in which one function reads it.

-- fragment: place_columns
-- place.c: place_read().
l.code, l.name, l.path, l.realm, l.parent, l.kind, l.longitude, l.latitude, l.valid_from, l.valid_to

-- fragment: person_columns
-- person.c: person_read(); l is the place lived in.
p.realm, p.id, p.key, p.name, p.sex, p.birth, p.place, l.path, l.name, p.household, p.relation, p.abode

-- fragment: role_columns
-- person.c: person_add_role(); rl is the place it is held in.
r.role, r.place, rl.path, rl.name, rl.realm, r.organisation, o.code, o.name, r.valid_from, r.valid_to
