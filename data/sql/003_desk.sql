-- The desk: files that were read and are not yet taken, what was settled about them, and what became of them; the cells that
-- were corrected, the rows that were held back, the spellings that were learned. Nothing here is ever updated or deleted.

-- One row per file (or table of a file) that was laid on the desk.
create table desk (
    staged uuid not null,
    file_sha256 varchar not null,
    file_name varchar not null,
    sender varchar not null,
    laid_at timestamp not null,
    laid_by varchar not null,
);

-- One row per reading of a file on the desk: what was settled about it (JSON), and what came out. The last one counts.
create table readings (
    staged uuid not null,
    read_at timestamp not null,
    read_by varchar not null,
    answers varchar not null,
    domain varchar,
    as_of date,
    districts varchar[] not null,
    row_count integer not null,
    blocking integer not null,
    warnings integer not null,
);

-- One row per file that left the desk: taken, with the submission that it became, or returned to its sender, with the reason.
create table departures (
    staged uuid not null,
    left_at timestamp not null,
    kind varchar not null,
    left_by varchar not null,
    reason varchar not null,
    submission uuid,
);

-- One row per cell that was corrected on the desk: what stood there, what was put in its place, and why.
create table corrections (
    submission uuid not null,
    row integer not null,
    "column" varchar not null,
    district varchar not null,
    original varchar not null,
    corrected varchar not null,
    reason varchar not null,
    corrected_by varchar not null,
);

-- One row per row of a file that was held back when the rest of it was taken. `holds` is its district, where that is known;
-- `cells` are its cells as they were sent (JSON, heading → text).
create table rejected (
    submission uuid not null,
    row integer not null,
    holds varchar,
    cells varchar not null,
    reasons varchar not null,
);

-- One row per time that rejected rows were declared settled without a new submission of their district.
create table settlings (
    submission uuid not null,
    settled_at timestamp not null,
    settled_by varchar not null,
    reason varchar not null,
);

-- One row per spelling that was learned: of a district, a heading or a choice; for one sender, or for all where that is empty.
create table spellings (
    spelling uuid not null,
    kind varchar not null,
    domain varchar not null,
    "column" varchar not null,
    written varchar not null,
    meant varchar not null,
    sender varchar not null,
    learned_at timestamp not null,
    learned_by varchar not null,
);

-- One row per spelling that was forgotten again.
create table forgotten (
    spelling uuid not null,
    forgotten_at timestamp not null,
    forgotten_by varchar not null,
);
