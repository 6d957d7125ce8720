-- Tables of places, people and their ways in. Moments are microseconds since 1970 UTC, days are day numbers since 1970 in
-- Shanghai, ids are made by the program (base/id.h). Every table but the reference tables (place, organisation) has the
-- realm first in its primary key, so that the schema can be spread over a cluster by realm. Nothing here can be rebuilt
-- from elsewhere unless it says so. The tables of matters are in matter.schema.sql.

-- migration: record-0001

-- Reference table: the tree of places. A place never changes code, parent or kind; it ends (valid_to) and another begins.
create table place (
    code text not null primary key,     -- 500116106200, a group 500116106200-Z01, a grid 500116106200001
    parent text,                        -- null of a district
    path text /*postgres collate "C" */ not null unique, -- /500116000000/500116106000/500116106200/: a subtree is a range of paths
    realm text not null,                -- nearest self or ancestor of kind town, else the district: fixed when the place is made
    kind text not null,                 -- district town village group grid
    name text not null,
    longitude bigint,                   -- WGS-84, in millionths of a degree; null when not known
    latitude bigint,
    valid_from bigint not null,         -- day
    valid_to bigint                     -- last day, or null while it stands
);
create index place_by_parent on place (parent, code);

-- Reference table: bodies and firms.
create table organisation (
    id bigint not null primary key,
    code text not null unique,          -- short latin slug
    name text not null,
    kind text not null,                 -- committee branch enterprise alliance department law_firm council
    place text not null,                -- code
    credit_code text                    -- unified social credit code
);
create index organisation_by_place on organisation (place, code);

create table household (
    realm text not null,
    id bigint not null,
    key text not null,                  -- number of the household book: 500116106200-0001
    place text not null,                -- code of a group or grid
    address text not null,
    head text,                          -- key of the head person, who may be imported later
    primary key (realm, id)
);
create unique index household_by_key on household (realm, key);
create index household_by_place on household (realm, place, key);

create table person (
    realm text not null,                -- home realm: of the place lived in when first entered
    id bigint not null,
    key text not null,                  -- of whoever delivered the list: p-hz-0001
    name text not null,
    sex bigint not null,                -- enum sex
    birth bigint,                       -- day
    place text not null,                -- code: the household's, or where a person without one lives
    household bigint,                   -- of the same realm
    relation text,                      -- to the head, as written in the household book
    identity_sealed text,               -- encrypted under a versioned field key, base64; context is realm, id and field (record/keys.h)
    identity_index text,                -- keyed hash in hex, to find by
    phone_sealed text,
    phone_index text,
    field_version bigint not null,      -- the oldest key version used in this row; 0 when nothing is sealed
    version bigint not null,            -- counts changes
    primary key (realm, id)
);
create unique index person_by_key on person (realm, key);
create index person_by_key_anywhere on person (key);
create unique index person_by_identity on person (realm, identity_index);
create index person_by_phone on person (realm, phone_index);
create index person_by_household on person (realm, household);
create index person_by_place on person (realm, place, name);
create index person_by_field_version on person (field_version);

-- Who holds which role where. In the realm of the person; the place may be anywhere.
create table role_held (
    realm text not null,
    person bigint not null,
    id bigint not null,
    role text not null,                 -- key in civic/role.h
    place text not null,                -- code: the role reaches all of its subtree
    organisation bigint,                -- in whose name
    valid_from bigint not null,         -- day
    valid_to bigint,                    -- last day, or null
    primary key (realm, person, id)
);
create index role_held_by_place on role_held (place, role);
create index role_held_by_organisation on role_held (organisation, role);

create table account (
    realm text not null,
    id bigint not null,
    person bigint not null,             -- of the same realm
    login text not null,                -- lower case
    password text not null,             -- Argon2id string
    must_change bigint not null,        -- 1: the password was given by someone else
    failures bigint not null,           -- wrong passwords in a row
    locked_until bigint,                -- no password is tried before
    ended bigint,                       -- when the account was closed
    made bigint not null,
    version bigint not null,            -- counts changes of password and closing
    primary key (realm, id)
);
create unique index account_by_login on account (realm, login);
create index account_by_login_anywhere on account (login);
create unique index account_by_person on account (realm, person);

-- Rows stay after their end, for whoever asks who was signed in. Only the hash of the secret is here.
create table session (
    realm text not null,
    id bigint not null,
    person bigint not null,
    account bigint,                     -- null for the role doors of the demo
    secret text not null,               -- SHA-256 of the cookie's secret, hex
    device text not null,               -- what the browser calls itself, shortened
    span bigint not null,               -- microseconds it may be idle
    made bigint not null,
    seen bigint not null,               -- at most ten minutes behind
    expires bigint not null,            -- seen + span
    ended bigint,
    primary key (realm, id)
);
create unique index session_by_secret on session (realm, secret);
create index session_by_person on session (realm, person, ended);

-- Each look at a full identity number or telephone number. Only ever added to.
create table personal_look (
    realm text not null,                -- of the person looked at
    id bigint not null,
    person bigint not null,
    which text not null,                -- identity phone
    purpose text not null,              -- in the words of whoever looked
    by_realm text not null,
    by_person bigint not null,
    at bigint not null,
    leaf bigint not null,               -- position in the realm's log
    primary key (realm, id)
);
create index personal_look_by_person on personal_look (realm, person, id);

-- migration: record-0002

-- People who work elsewhere stay with their household: `place` is then the household's, where they are cared for, and
-- `abode` the code of the place where they live now; null for everybody else.
alter table person add column abode text;

-- migration: record-0003

-- A household's number is looked for in every realm by an import, so that none is entered twice.
create index household_by_key_anywhere on household (key);

-- migration: record-0004

-- Wrong passwords are counted by name and address (record/guesses.h), no longer by account: else a stranger could shut
-- anybody out.
alter table account drop column failures;
alter table account drop column locked_until;

-- Wrong passwords of the last hours. Not worth a backup.
create table guess (
    realm text not null,                -- always the house's
    login text not null,                -- keyed hash of the name that was tried; empty: the address's own count
    address text not null,              -- keyed hash of where it was tried
    failures bigint not null,           -- in a row
    last bigint not null,
    waits_until bigint,                 -- no password is tried before
    primary key (realm, login, address)
);

-- migration: record-0005

-- Where people find the service desk of a place; places without one are served by the nearest above. A reference table, can
-- be imported again.
create table service_desk (
    place text not null primary key,    -- code
    address text,
    hours text,                         -- in words: 周一至周五 9:00–17:00
    phone text
);

-- The telephone of an office, which everybody may know; nobody's own.
alter table role_held add column phone text;

-- migration: record-0006

-- Sessions of long ago are looked for to be forgotten.
create index session_by_end on session (realm, expires);

-- Towns and districts among all places.
create index place_realm on place (code) where code = realm;

-- migration: record-0007

-- What opens the commitment in a look's leaf, so that a row that was changed is found; null of looks from before.
alter table personal_look add column salt bytea;
