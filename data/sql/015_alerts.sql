-- What people are told of by themselves, and what became of it. Nothing here is ever updated or deleted.

-- One row per alert that somebody has acknowledged, for themselves. `alert` is its key, in which what it is about and since when stand: if
-- it comes about again it is another one.
create table acknowledgements (
    alert varchar not null,
    who varchar not null,
    acknowledged_at timestamp not null,
    is_example boolean not null,
);

-- One row per time that somebody said where an account's daily digest goes: a channel (mail, webhook) and its address, '' for nowhere. The
-- last row of an account and channel counts.
create table subscriptions (
    account uuid not null,
    channel varchar not null,
    address varchar not null,
    set_at timestamp not null,
    set_by varchar not null,
);

-- One row per thing that became of an account's digest of a day: begun, sent, failed (it surely did not arrive, and is tried again), unknown
-- (it may have arrived, and is not sent again). The last row counts.
create table digests (
    account uuid not null,
    channel varchar not null,
    day date not null,
    state varchar not null,
    noted_at timestamp not null,
    about varchar not null,
);
