-- Matters, their events, clocks, pictures and messages. Times are microseconds UTC; 0 is never stored for "not yet", null is.

-- migration: matter-0001
/* The bytes of every version of every flow that a matter began with. A reference table; can't be rebuilt. */
create table flow_version (
    flow text not null,       -- key of the flow
    version bigint not null,  -- first 63 bits of the SHA-256 of the bytes
    source bytea not null,    -- the file as it was
    since bigint not null,    -- when it was first seen
    primary key (flow, version)
) /*sqlite without rowid*/;

/* The State Council's calendar as imported. A reference table; can be imported again. */
create table calendar_day (
    day integer not null,     -- days since 1970-01-01
    worked integer not null,  -- 1: a weekend day on which people work; 0: a day off
    name text not null,       -- of the holiday
    primary key (day)
) /*sqlite without rowid*/;

/* One row a matter: what lists and conditions need. All but realm, id, number, flow, version of the flow, place, author and
   filed_at can be computed again from the events. */
create table matter (
    realm text not null,
    id bigint not null,
    number text not null,
    flow text not null,
    flow_version bigint not null,
    state text not null,
    owner text,               -- roles that the state waits for: " desk " or " desk handler "; null when closed
    place text not null,      -- code, down to a grid
    place_path text /*postgres collate "C" */ not null,
    village text not null,    -- code of its village, or of the town itself
    author_realm text,        -- home realm of who filed it; null: written down for somebody without an account
    author bigint,
    handler_realm text,
    handler bigint,           -- to whom it is given; null: to nobody
    handler_unit bigint,      -- organisation of the handler
    kind text,                -- fields that the flow mirrors here
    topic text,
    accused bigint,           -- person or organisation that an accusation names
    sealed integer not null,  -- 1: an accusation, nothing of it is public
    version bigint not null,  -- number of its latest event
    filed_at bigint not null,
    changed_at bigint not null,
    closed_at bigint,
    due bigint,               -- next last moment of a running clock; 9223372036854775807 when open without one; null when closed
    primary key (realm, id)
) /*sqlite without rowid*/;
/* Which index serves which list is told in matter.sql. */
create unique index matter_number on matter (realm, number);
create index matter_state on matter (realm, flow, state, id);
create index matter_kind on matter (realm, flow, kind, id);
create index matter_topic on matter (realm, flow, topic, id);
create index matter_village on matter (realm, village, id);
create index matter_due on matter (realm, due, id) where due is not null;
create index matter_village_due on matter (realm, village, due, id) where due is not null;
create index matter_author on matter (author, id) where author is not null;
create index matter_handler on matter (handler, id) where handler is not null;
create index matter_handler_due on matter (handler, due, id) where handler is not null and due is not null;
create index matter_unit on matter (handler_unit, id) where handler_unit is not null;
create index matter_unit_due on matter (handler_unit, due, id) where handler_unit is not null and due is not null;

/* What was said, event by event. Only added to; erasure empties bytes and salt and is itself an event. Can't be rebuilt. */
create table matter_event (
    realm text not null,
    matter bigint not null,
    seq bigint not null,      -- from 1; the matter's version after it
    move text not null,
    from_state text,          -- null of the opening
    to_state text not null,
    actor_realm text,
    actor bigint,             -- null: the system
    actor_role text not null,
    recorded_at bigint not null,
    due_at bigint,            -- of a move that a clock made: when it was due
    position bigint not null, -- of its leaf in the realm's log
    bytes text,               -- canonical JSON; null when erased
    salt bytea,               -- 32 bytes; null when erased
    primary key (realm, matter, seq)
) /*sqlite without rowid*/;

/* A clock of a matter; a round is one run of it from start to stop. */
create table matter_clock (
    realm text not null,
    matter bigint not null,
    name text not null,       -- of the flow's clock
    round bigint not null,    -- version of the matter whose event started it
    rule_key text,                -- null when the flow itself says how long
    source text,              -- of the rule as it was then; null when it has none or may not be shown
    started bigint not null,
    due bigint not null,
    unmoved integer not null, -- last day before it was moved off rest days
    provisional integer not null, -- 1: a year without a list lies within
    value bigint not null,    -- of the rule as it held
    extended bigint not null, -- by how much it was extended, in the same unit
    unit text not null,
    counted text not null,    -- how: H, ND, WD …
    paused_since bigint,      -- standing still since
    paused text not null,     -- spans that are over: from-to,from-to
    warn_at bigint,
    warned bigint,
    fired bigint,
    stopped bigint,
    next_at bigint,           -- when the scheduler must look at it; null: never again
    primary key (realm, matter, name, round)
) /*sqlite without rowid*/;
create index matter_clock_next on matter_clock (next_at) where next_at is not null;
create index matter_clock_running on matter_clock (realm, matter) where stopped is null and fired is null;

/* Pictures of a matter; the bytes are in the file store. */
create table matter_file (
    realm text not null,
    matter bigint not null,
    id bigint not null,       -- as it stands in the answers of its field
    event bigint not null,    -- seq of the event that brought it
    hash text not null,       -- SHA-256 of the stripped bytes: the name in the file store
    type text not null,       -- image/jpeg …
    primary key (realm, matter, id)
) /*sqlite without rowid*/;

/* What people are told, in the realm where the reader is at home. */
create table message (
    realm text not null,      -- of the reader
    person bigint not null,
    id bigint not null,
    matter_realm text not null,
    number text not null,
    flow text not null,
    move text not null,       -- what happened; of a warning the clock's name
    what text not null,       -- text key
    due bigint,               -- of a warning
    made bigint not null,
    read_at bigint,
    primary key (realm, person, id)
) /*sqlite without rowid*/;
create index message_unread on message (person, id) where read_at is null;

-- migration: matter-0002

-- Two filters at once without passing over rows: see the lists in matter.sql. They replace an index each of kind and topic.
create index matter_state_topic on matter (realm, flow, state, coalesce(topic, ''), coalesce(kind, ''), id);
create index matter_topic_kind on matter (realm, flow, coalesce(topic, ''), coalesce(kind, ''), id);
create index matter_state_due on matter (realm, flow, state, coalesce(topic, ''), coalesce(kind, ''), due, id) where due is not null;
drop index matter_kind;
drop index matter_topic;

-- migration: matter-0003

-- Asked for only after a calendar was imported, where passing over the clocks in their order does; every filing paid for it.
drop index matter_clock_running;
