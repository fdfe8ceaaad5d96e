-- What a file names, beyond what of it was taken: who may see it depends on that.

-- One row per table of a file and reading of it: the districts that it names, whoever may submit for them, and whether all of its
-- names are known. Of each table the last one counts.
create table named (
    file_sha256 varchar not null,
    sheet varchar not null,
    header_row integer not null,
    told_at timestamp not null,
    districts varchar[] not null,
    is_known boolean not null,
);

-- What was taken before: a file of which rows were held back may name anything.
insert into named
select s.file_sha256, s.sheet, 0, max(s.committed_at), list(distinct c.district), count(r.submission) = 0
from submissions s
join covered c using (submission)
left join rejected r using (submission)
group by all;

-- For whose files a spelling was learned: those that one person laid on the desk, or anybody's where that is empty.
alter table spellings add column only_of varchar default '';
