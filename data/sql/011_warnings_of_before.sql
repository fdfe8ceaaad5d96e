-- Of which districts a warning tells what stood there before the sheet, or stands beside it: null where it tells of the sheet alone.
-- Of those that were stored until now it is known for warnings about a row; the others are told to who sees the whole country.
alter table warnings add column tells_of varchar[];
update warnings set tells_of = [coalesce(district, '')]
where kind in ('back_dated', 'printed_total', 'fell', 'ten_times', 'ten_times_neighbours', 'disagrees', 'rows_disappear');
