-- One row per place wholly in scope and indicator that does not fade: what is done and required on a day, and the pace of the
-- last days in units a day. The pace is the median of the slopes between every two days on which a report of the place counts
-- (Theil and Sen), so that one odd report does not move it; `low` and `high` are the slopes that a tenth lie below and above.
-- What a district first tells of an indicator stands for the days before too: that it began to report is no progress.
with answerable as (
    select p.place, p.name, p.position, count(*) as districts
    from plan.places p
    join plan.districts d using (place)
    left join plan.visible($scope) v using (district)
    group by all
    having count(*) = count(v.district)
),

held as (
    select s.district, s.domain, s.submission::uuid as submission, s.as_of, if(s.next_as_of <= $on, s.next_as_of, date 'infinity') as until
    from known_spans s
    join plan.visible($scope) v using (district)
    where s.as_of <= $on
),

told as (
    select
        s.district, i.domain, i.indicator, f.done, f.required, s.until,
        if(lag(s.as_of) over (partition by s.district, i.indicator order by s.as_of) is null, date '-infinity', s.as_of) as since,
    from held s
    join plan.indicators i on i.domain = s.domain and not i.fades
    join figures f on f.submission = s.submission and f.district = s.district and f.indicator = i.indicator
    qualify s.until > $on - $days
),

reports as (
    select d.place, h.domain, h.as_of as day, h.district
    from held h
    join plan.districts d using (district)
    join answerable using (place)
    where h.as_of >= $on - $days
),

lately as (select place, domain, count(distinct district) as districts from reports group by all),

-- By itself, or it would be joined by the domain alone first: at 780 districts and a year of weeks, forty million rows.
counted as materialized (
    select r.place, r.domain, r.day, d.district
    from (select distinct place, domain, day from reports) r
    join plan.districts d using (place)
),

points as (
    select c.place, t.indicator, c.day, sum(t.done)::bigint as done, sum(t.required)::bigint as required
    from counted c
    join told t on t.district = c.district and t.domain = c.domain and t.since <= c.day and c.day < t.until
    group by all
),

paces as (
    select
        early.place, early.indicator,
        quantile_cont((late.done - early.done) / (late.day - early.day), [0.1, 0.5, 0.9]) as slopes,
    from points early
    join points late on late.place = early.place and late.indicator = early.indicator and late.day > early.day
    group by all
),

ends as (
    select
        place, indicator, count(*) as days, max(day) as as_of, min(day) as since,
        max_by(done, day) as done, max_by(required, day) as required,
        min_by(done, day) as done_before, min_by(required, day) as required_before,
    from points
    group by all
)

select
    a.place, a.name, e.indicator, e.as_of, e.since, e.days, e.done, e.required, e.done_before, e.required_before,
    l.districts as lately, a.districts, p.slopes[2] as pace, p.slopes[1] as low, p.slopes[3] as high,
from answerable a
join ends e using (place)
join plan.indicators i using (indicator)
join lately l on l.place = e.place and l.domain = i.domain
left join paces p on p.place = e.place and p.indicator = e.indicator
order by a.position, i.position
