-- Every version of the election's file under which the dashboard was started. Nothing here is ever updated or deleted.
create table policies (
    number integer not null,
    known_at timestamp not null,
    known_by varchar not null,
    sha256 varchar not null,
    text varchar not null,
);
