-- Duties that no indicator measures, such as a publication: each time that somebody has recorded one as met, with the day and the
-- paper that shows it, or has taken that back (then without a day). The last record counts; nothing here is ever updated or deleted.
create table duty_records (
    record uuid not null,
    duty varchar not null,
    met_on date,
    reference varchar not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    is_example boolean not null,
);
