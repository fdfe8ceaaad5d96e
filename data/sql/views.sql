-- Views over what was handed in, made anew whenever the store is opened.

-- One row per stretch of time in which a submission counts: from its commit or restoring until its withdrawal.
create or replace view in_force as
select submission, since, until
from (
    select
        submission,
        kind,
        done_at as since,
        coalesce(lead(done_at) over (partition by submission order by done_at), timestamp 'infinity') as until,
    from events
)
where kind in ('committed', 'restored');

-- One row per submission, with what it is today.
create or replace view ledger as
select
    s.*,
    last_event.kind as state,
    last_event.done_at as state_since,
    last_event.done_by as state_by,
    last_event.reason,
    (select count(*) from covered c where c.submission = s.submission) as districts,
    (select count(*) from warnings w where w.submission = s.submission) as warnings,
from submissions s
join (
    select submission, max_by(kind, done_at) as kind, max(done_at) as done_at, max_by(done_by, done_at) as done_by, max_by(reason, done_at) as reason
    from events
    group by submission
) last_event using (submission);

-- One row per district in scope, domain and as-of date: the submission that counts for it, as known at a time. Of two with the
-- same date it is the one committed later.
create or replace macro standing(known_on, scope) as table
    select c.district, s.domain, s.as_of, max_by(s.submission, (s.committed_at, s.submission)) as submission
    from plan.visible(scope) v
    join covered c using (district)
    join submissions s using (submission)
    join in_force f using (submission)
    where f.since <= known_on and known_on < f.until
    group by all;

-- The same, each with the day from which it is the picture no longer: the as-of date of the next.
create or replace macro spans(known_on, scope) as table
    select *, coalesce(lead(as_of) over (partition by district, domain order by as_of), date 'infinity') as next_as_of
    from standing(known_on, scope);

-- One row per day, district in scope and domain: the submission that is that district's picture on that day, as
-- known at a time. The newest as-of date counts.
create or replace macro picture(days, known_on, scope) as table
    select a.day, s.district, s.domain, s.submission, s.as_of
    from (select distinct unnest(days) as day) a
    join spans(known_on, scope) s on s.as_of <= a.day and a.day < s.next_as_of;

-- The same from the table `known_spans`, which is laid beside the question: the spans of all districts as known at one time.
create or replace macro known_picture(days, scope) as table
    select a.day, s.district, s.domain, s.submission::uuid as submission, s.as_of
    from (select distinct unnest(days) as day) a
    join known_spans s on s.as_of <= a.day and a.day < s.next_as_of
    join plan.visible(scope) v using (district);

-- One row per duty that somebody has recorded as met, or taken back: the last record, as known at a time.
create or replace macro last_duty_records(known_on) as table
    select * from duty_records where recorded_at <= known_on
    qualify row_number() over (partition by duty order by recorded_at desc, record desc) = 1;

-- One row per meeting that was not struck, as known at a time.
create or replace macro standing_meetings(known_on) as table
    select * from meetings m where m.recorded_at <= known_on and m.meeting not in (select id from struck where struck_at <= known_on);

-- One row per day, district and window: when the last meeting was held that counts as a briefing of that district, as known at a time.
create or replace macro briefed(days, known_on) as table
    select a.day, d.district, m.renews as time_window, max(m.held_on) as held_on
    from (select distinct unnest(days) as day) a
    join standing_meetings(known_on) m on m.held_on <= a.day and m.renews <> ''
    join plan.districts d on d.place = m.place
    group by all;

-- One row per file: all districts that its tables name, and whether these are all that it can be about.
create or replace view named_now as
select file_sha256, list_distinct(flatten(list(districts))) as districts, bool_and(is_known and len(districts) > 0) as is_known
from (select * from named qualify row_number() over (partition by file_sha256, sheet, header_row order by told_at desc) = 1)
group by file_sha256;

-- The files that hold nothing from beyond a scope, as far as that can be told; where it can't, only the whole country sees them.
create or replace macro visible_files(scope) as table
    select n.file_sha256
    from named_now n,
        (select coalesce(list(district), []) as seen, count(*) = (select count(distinct district) from plan.districts) as is_everything
         from plan.visible(scope)) v
    where v.is_everything or (n.is_known and list_has_all(v.seen, n.districts));

-- The submissions that `own` committed, as long as every district that they cover is one of `theirs`.
create or replace macro handed_in(own, theirs) as table
    select c.submission
    from covered c
    left join plan.visible(theirs) v using (district)
    where own <> '' and c.submission in (select submission from events where kind = 'committed' and done_by = own)
    group by c.submission
    having count(*) = count(v.district);

-- The submissions of which more may be told than what they say of one's own districts: every district that they cover lies in
-- scope, and every one that their file names; and those that `own` handed in.
create or replace macro wholly_visible(scope, own, theirs) as table
    select c.submission
    from covered c
    join submissions s using (submission)
    left join plan.visible(scope) v using (district)
    where s.file_sha256 in (select file_sha256 from visible_files(scope))
    group by c.submission
    having count(*) = count(v.district)
    union
    select submission from handed_in(own, theirs);

-- The warnings that may be told where their submission may be: what stood before, or stands beside, in a district is told to who
-- sees that district.
create or replace macro told_warnings(scope) as table
    select w.*
    from warnings w,
        (select coalesce(list(district), []) as seen, count(*) = (select count(distinct district) from plan.districts) as is_everything
         from plan.visible(scope)) v
    where w.tells_of is null or v.is_everything or list_has_all(v.seen, w.tells_of);

-- A figure that is added up, so that the sum is the same in whichever order the rows come: the last digits of a sum of floating numbers hang on it.
create or replace macro exact(figure) as figure::decimal(38, 18);

-- The status of a share: a word. What was not reported and what is out of date come before the rest, except that a
-- missed legal duty holds its place at Critical. A few reports that are on plan say nothing of the many that are missing.
create or replace macro status_of(share, expected, complete, breached, overdue, reports, fresh, wanted, behind) as
case
    when reports = 0 then 'not_reported'
    when breached then 'critical'
    when fresh * 2 < reports then 'stale'
    when overdue then 'critical'
    when complete and reports = wanted then 'ready'
    when share is null or share >= expected - 1e-9 then if(reports * 2 < wanted, 'not_reported', 'on_track')
    when share >= expected - behind - 1e-9 then 'behind'
    else 'critical'
end;

-- One row per row that was held back when the rest of its file was taken, with whether that is settled: somebody said so, its
-- submission is withdrawn, a later submission of the domain brought its district, or the same file brought the row itself.
create or replace view rejected_rows as
select
    r.*,
    own.submission is null
        or r.submission in (select submission from settlings)
        or exists (
            select 1
            from submissions later
            join in_force f on f.submission = later.submission and f.until = timestamp 'infinity'
            where later.domain = s.domain and later.committed_at > s.committed_at and later.as_of >= s.as_of and (
                exists (select 1 from covered c where c.submission = later.submission and c.district = r.holds)
                or (later.file_sha256 = s.file_sha256
                    and not exists (select 1 from rejected again where again.submission = later.submission and again.row = r.row)))
        ) as is_settled,
from rejected r
join submissions s using (submission)
left join in_force own on own.submission = r.submission and own.until = timestamp 'infinity';
