-- One row per disagreement that was settled: between which two figures, and what was found. Never updated or deleted; what was settled
-- wrongly is struck. `one` is what counts, `other` what it is held against, each with its sender and its day: with other figures there is
-- another disagreement.
create table settlements (
    settlement uuid not null,
    kind varchar not null,
    domain varchar not null,
    place varchar not null,
    "column" varchar not null,
    row_key varchar not null,
    one varchar not null,
    other varchar not null,
    note varchar not null,
    settled_at timestamp not null,
    settled_by varchar not null,
    is_example boolean not null,
);
