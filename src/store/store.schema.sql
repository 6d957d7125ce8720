-- migration: store-0001
/* One row for each form that was filed with a token, so that the same form sent twice is filed once, and so that a commit
   whose outcome is unknown can be looked up. Kept as long as a form may be sent again; can't be rebuilt. */
create table request_token (
    realm text not null,
    token text not null,
    result text not null,  -- where the first one led: an address, filled in by the writer
    time bigint not null,  -- recorded moment
    primary key (realm, token)
) /*sqlite without rowid*/;
