-- The door: who has an account, which sessions there are, and what was done. Secrets stand here as digests only.

-- One row per account. Accounts are disabled, never deleted: their names stand beside what they did.
create table accounts (
    account uuid not null,
    login varchar not null,       -- what is typed to sign in: lower case, one account each
    name varchar not null,        -- what stands beside all that the account does
    role varchar not null,
    sees varchar[] not null,      -- codes of places
    submits varchar[] not null,   -- codes of places
    domains varchar[] not null,   -- names of the domains for which it submits
    is_disabled boolean not null,
    password varchar,             -- an Argon2id hash; null until one is chosen
    made_at timestamp not null,
    made_by varchar not null,
);

-- One row per link with which a password is chosen. Each is good once, until it expires or another is made.
create table invitations (
    digest varchar not null,      -- SHA-256 of the secret in the link
    account uuid not null,
    made_at timestamp not null,
    made_by varchar not null,
    expires_at timestamp not null,
    used_at timestamp,
);

-- One row per signing in.
create table sessions (
    session uuid not null,
    digest varchar not null,      -- SHA-256 of the secret in the cookie
    account uuid not null,
    began_at timestamp not null,
    seen_at timestamp not null,
    expires_at timestamp not null,
    ended_at timestamp,
    ended_by varchar,
    address varchar not null,
    browser varchar not null,
);

-- One row per act, in order, each with the hash of the one before it. Nothing here is ever updated or deleted.
create table audit (
    number bigint not null,
    done_at timestamp not null,
    who varchar not null,
    act varchar not null,
    about varchar not null,       -- JSON
    hash varchar not null,
);
