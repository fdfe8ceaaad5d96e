-- What was handed in, and what was done to it. Nothing here is ever updated or deleted.

-- One row per accepted spreadsheet.
create table submissions (
    submission uuid not null,
    domain varchar not null,
    as_of date not null,
    sender varchar not null,
    note varchar not null,
    file_sha256 varchar not null,
    file_name varchar not null,
    sheet varchar not null,
    row_count integer not null,
    is_example boolean not null,
    committed_at timestamp not null,
);

-- One row per file, as it came.
create table files (
    sha256 varchar not null,
    size bigint not null,
    content blob not null,
);

-- One row per thing that was done to a submission: committed, withdrawn, restored.
create table events (
    submission uuid not null,
    done_at timestamp not null,
    kind varchar not null,
    done_by varchar not null,
    reason varchar not null,
);

-- One row per submission and district that it mentions.
create table covered (
    submission uuid not null,
    district varchar not null,
);

-- One row per submission, district, indicator and, where the share fades, date from which it counts.
create table figures (
    submission uuid not null,
    district varchar not null,
    indicator varchar not null,
    since date,
    done bigint not null,
    required bigint not null,
);

-- One row per warning that a submission was accepted with.
create table warnings (
    submission uuid not null,
    kind varchar not null,
    sheet varchar not null,
    row integer,
    "column" varchar not null,
    value varchar not null,
    message varchar not null,
);

-- One row per fact about this store.
create table settings (
    name varchar not null,
    value varchar not null,
);
