-- What somebody must have besides a password: the secret that their telephone's program shares with this one (RFC 6238). A code is
-- good once: `used_step` is the thirty seconds of the last one. One row per account that has set one up and not taken it away.
create table second_factors (
    account uuid not null,
    secret varchar not null,
    made_at timestamp not null,
    used_step bigint not null,
);
