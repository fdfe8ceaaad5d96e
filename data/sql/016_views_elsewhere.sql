-- The views and macros over the tables belong to the program that asks, which makes them anew in its own memory, and are kept no more.
drop view if exists in_force;
drop view if exists ledger;
drop view if exists named_now;
drop view if exists rejected_rows;
drop macro table if exists standing;
drop macro table if exists picture;
drop macro table if exists last_duty_records;
drop macro table if exists standing_meetings;
drop macro table if exists briefed;
drop macro table if exists visible_files;
drop macro table if exists handed_in;
drop macro table if exists wholly_visible;
drop macro table if exists told_warnings;
drop macro if exists status_of;
