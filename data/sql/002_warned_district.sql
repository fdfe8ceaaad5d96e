-- A warning about one row names the row's district, so that nobody looks through all rows for it.
alter table warnings add column district varchar;
