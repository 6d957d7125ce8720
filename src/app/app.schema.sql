-- What app itself keeps. Everything else belongs to the rooms below.

-- migration: app-0001
-- Words of the operator that must not change by themselves: host (the logs' origins begin with it).
create table setting (
    name text not null primary key,
    value text not null
);

-- migration: app-0002
-- What a place has set instead of a default (civic/rules.h), with who set it and where that stands.
create table rule_override (
    place text not null,  -- code; holds there and in everything within, unless a nearer place says otherwise
    rule_key text not null, -- key: "order.sign"
    value bigint not null,
    set_by text not null,
    source text not null,
    primary key (place, rule_key)
);

-- migration: app-0003
-- Each process that opens the database takes the next number: it stands in the ids that it makes (base/id.h). The last 1024.
create table process (
    number bigint not null primary key,
    nonce text not null,  -- of the process, so that it finds its own row
    opened bigint not null
);
create unique index process_nonce on process (nonce);
