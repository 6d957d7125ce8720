-- Secret ballots: what record/poll.h keeps beside the matter of flow `ballot`. Times are microseconds UTC; "not yet" is null.
-- Nothing secret stands here: neither a trustee's secret nor a voter's code, nor what anybody chose.

-- migration: poll-0001
/* One row a ballot. Everything but `ballots` and `sealed_at` is also in the first event of its matter. */
create table poll (
    realm text not null,
    matter bigint not null,
    number text not null,
    uuid text not null,       -- of the election, 14 characters
    title text not null,
    about text not null,
    arithmetic text not null, -- the group: Ed25519 or BELENIOS-2048
    questions text not null,  -- JSON list, as the election will have it
    opens bigint not null,
    closes bigint not null,
    needed bigint not null,   -- trustees without whom nothing is opened
    roll text not null,       -- of whom the roll was made: representatives, villagers
    voters bigint not null,   -- entries of the roll
    authority_realm text not null,
    authority bigint not null,
    ballots bigint not null,  -- accepted so far: condition of whoever closes
    sealed_at bigint,         -- when election and archive were put together; its seconds stand in every header of the archive
    primary key (realm, matter)
) /*sqlite without rowid*/;
create unique index poll_number on poll (realm, number);
create unique index poll_uuid on poll (uuid);

/* Who opens the result together; and what each gave so far, all of it public or sealed to its owner. */
create table poll_trustee (
    realm text not null,
    matter bigint not null,
    number bigint not null,    -- from 1
    person_realm text not null,
    person bigint not null,
    certificate text,          -- step 1
    polynomial text,           -- step 3
    share text,                -- step 5: the answer with the key sealed to its owner
    primary key (realm, matter, number)
) /*sqlite without rowid*/;
create index poll_trustee_person on poll_trustee (person, matter);

/* The roll. `credential` is the place of the code's public half in the list, once a ballot came with it. */
create table poll_voter (
    realm text not null,
    matter bigint not null,
    number bigint not null,    -- from 1
    person_realm text not null,
    person bigint not null,
    credential bigint,
    voted_at bigint,           -- that they voted and when last; what is nowhere
    primary key (realm, matter, number)
) /*sqlite without rowid*/;
create index poll_voter_person on poll_voter (person, matter);
create unique index poll_voter_credential on poll_voter (realm, matter, credential);

/* Public halves of the voters' codes, sorted, so that their order tells nothing. */
create table poll_credential (
    realm text not null,
    matter bigint not null,
    credential text not null,
    number bigint not null,    -- place in the list, from 0
    primary key (realm, matter, credential)
) /*sqlite without rowid*/;

/* Ballots as they were sent, in the order of their leaves. Can't be rebuilt. */
create table poll_ballot (
    realm text not null,
    matter bigint not null,
    position bigint not null,  -- of its leaf in the realm's log
    hash text not null,        -- SHA-256 in hexadecimal: its name in the archive
    credential bigint not null,
    bytes text not null,
    event text not null,       -- what the leaf commits to; says nothing about the voter
    salt bytea not null,
    accepted_at bigint not null,
    primary key (realm, matter, position)
) /*sqlite without rowid*/;
create unique index poll_ballot_hash on poll_ballot (realm, matter, hash);
create index poll_ballot_credential on poll_ballot (realm, matter, credential, position);

/* Everything else that stands in the archive, in its order. Can't be rebuilt. */
create table poll_part (
    realm text not null,
    matter bigint not null,
    seq bigint not null,       -- below 10 before the ballots, above behind them
    kind text not null,        -- election trustees credentials setup tally sized partial owned result
    trustee bigint,          -- of partial and owned: whose
    bytes text not null,
    primary key (realm, matter, seq)
) /*sqlite without rowid*/;
create unique index poll_part_trustee on poll_part (realm, matter, kind, trustee);

/* One-time slips for the assisted terminal. Only the hash of the code is here. */
create table poll_slip (
    realm text not null,
    id bigint not null,
    matter bigint not null,
    voter bigint not null,     -- number on the roll
    code text not null,        -- SHA-256, hexadecimal
    made_at bigint not null,
    expires bigint not null,
    used_at bigint,
    by_realm text not null,    -- who made it
    by_person bigint not null,
    primary key (realm, id)
) /*sqlite without rowid*/;
create unique index poll_slip_code on poll_slip (realm, code);

-- migration: poll-0002
/* Sealed ballots that were opened to be looked at: never to be cast. Of the ballot only its name is known here. */
create table poll_spoiled (
    realm text not null,
    matter bigint not null,
    hash text not null,        -- SHA-256 in hexadecimal
    voter bigint not null,     -- number on the roll: for how many ballots
    spoiled_at bigint not null,
    primary key (realm, matter, hash)
) /*sqlite without rowid*/;
create index poll_spoiled_voter on poll_spoiled (realm, matter, voter);
