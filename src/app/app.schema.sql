-- What app itself keeps. Everything else belongs to the rooms below.

-- migration: app-0001
-- Words of the operator that must not change by themselves: host (the logs' origins begin with it), opened (when init ran).
create table setting (
    name text not null primary key,
    value text not null
);
