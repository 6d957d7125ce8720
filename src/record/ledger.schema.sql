-- The log of each realm: record/ledger.h tells what is kept and why so little.

-- migration: ledger-0001
/* One row a realm. Taken by every commit; can be rebuilt from log_leaf and log_checkpoint. */
create table log_head (
    realm text not null,
    size bigint not null,      -- leaves
    front bytea not null,      -- right edge of the tree (civic/tree.h, tree_front_write)
    last_time bigint not null, -- latest recorded moment: time never runs backwards
    primary key (realm)
) /*sqlite without rowid*/;

/* The entries as they were hashed. Can't be rebuilt. */
create table log_leaf (
    realm text not null,
    position bigint not null,
    entry text not null,
    primary key (realm, position)
) /*sqlite without rowid*/;

/* Hashes, 32 bytes each: of level 0 full tiles only, of the levels above also the last, growing one. Can be rebuilt. */
create table log_tile (
    realm text not null,
    level bigint not null,
    tile bigint not null,
    hashes bytea not null,
    primary key (realm, level, tile)
);

/* Every checkpoint that was signed. Can't be rebuilt. */
create table log_checkpoint (
    realm text not null,
    size bigint not null,
    time bigint not null,
    note text not null,        -- text and signature
    primary key (realm, size)
) /*sqlite without rowid*/;

/* Counters of the numbers that matters get. */
create table serial (
    realm text not null,
    key text not null,
    last bigint not null,
    primary key (realm, key)
) /*sqlite without rowid*/;
