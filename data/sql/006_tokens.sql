-- Tokens: with what a program asks for figures or hands in files, in the name of an account. Only digests are kept.

create table tokens (
    token uuid not null,
    digest varchar not null,      -- SHA-256 of the token
    account uuid not null,
    name varchar not null,        -- what it is for, as its owner says
    may varchar[] not null,       -- what can be done with it
    place varchar not null,       -- the code of the place to which it is narrowed
    made_at timestamp not null,
    expires_at timestamp not null,
    used_at timestamp,
    ended_at timestamp,
    ended_by varchar,
);
