-- One row per day, place wholly in scope, domain and indicator; one with the indicator 'all' per place and domain; and
-- one with both 'all' per place. Sums first, shares after: no share is ever averaged over places.
with asked as (
    select * from plan.asked($days)
),

-- A place is answered for only when every district of it may be seen.
answerable as (
    select d.place, count(*) as districts
    from plan.districts d
    left join plan.visible($scope) v using (district)
    group by d.place
    having count(*) = count(v.district)
),

asked_places as (
    select p.place, p.name, p.level, p.position, a.districts
    from plan.places p
    join answerable a using (place)
    where list_contains($levels, p.level) and ($place is null or p.place = $place)
),

-- One row per day, district and domain that was reported, with whether that was lately enough.
pictured as (
    select p.*, p.as_of >= p.day - w.days as is_fresh
    from known_picture($days, $scope) p
    join asked a using (day)
    join plan.windows w on w.time_window = 'freshness' and w.day = a.plan_day
),

-- One row per day, place and domain: how many districts reported, and how many of those lately enough.
domain_coverage as (
    select
        p.day, d.place, p.domain,
        count(*) as reporting,
        count(*) filter (p.is_fresh) as fresh,
        max(p.as_of) as as_of,
    from pictured p
    join plan.districts d using (district)
    join asked_places using (place)
    group by all
),

place_coverage as (
    select day, place, count(*) as reporting, count(*) filter (is_fresh) as fresh
    from (
        select p.day, d.place, p.district, bool_and(p.is_fresh) as is_fresh
        from pictured p
        join plan.districts d using (district)
        join asked_places using (place)
        group by p.day, d.place, p.district
        having count(*) = (select count(distinct domain) from plan.indicators)
    )
    group by all
),

-- One row per day, place and indicator. What fades counts as done only within its window; a meeting that counts as a briefing of the
-- district renews all of it.
sums as (
    select
        p.day, d.place, f.indicator,
        sum(case
            when not i.fades then f.done
            when b.held_on >= p.day - w.days then f.required
            when f.since >= p.day - w.days then f.done
            else 0
        end)::bigint as done,
        sum(f.required)::bigint as required,
        count(distinct p.district) as reporting,
        count(distinct p.district) filter (p.is_fresh) as fresh,
        max(p.as_of) as as_of,
    from pictured p
    join asked a using (day)
    join figures f using (submission, district)
    join plan.indicators i on i.indicator = f.indicator and i.domain = p.domain
    left join plan.windows w on w.time_window = i.time_window and w.day = a.plan_day
    left join briefed($days, $known_on) b on i.fades and b.day = p.day and b.district = p.district and b.time_window = i.time_window
    join plan.districts d on d.district = p.district
    join asked_places using (place)
    group by all
),

indicators as (
    select
        a.day, p.place, p.districts, i.domain, i.indicator, i.position, i.weight, i.domain_weight,
        s.done,
        s.required,
        s.done / nullif(s.required, 0) as share,
        l.expected,
        coalesce(s.done >= s.required, false) as complete,
        coalesce(a.day > i.due and s.done < s.required, false) as overdue,
        overdue and i.is_legal as breached,
        coalesce(s.reporting, 0) as reporting,
        coalesce(s.fresh, 0) as fresh,
        s.as_of,
    from asked a
    cross join asked_places p
    cross join plan.indicators i
    join plan.line l on l.indicator = i.indicator and l.day = a.plan_day
    left join sums s on s.day = a.day and s.place = p.place and s.indicator = i.indicator
),

-- The weighted mean of a domain's indicators; one of which nothing is required, or nothing known, has no part in it.
-- Reports that tell nothing of any indicator are covered, but the domain's status is that of no report.
domains as (
    select
        i.day, i.place, i.districts, i.domain,
        min(i.position) as position,
        any_value(i.domain_weight) as domain_weight,
        sum(exact(i.share * i.weight)) / nullif(sum(exact(i.weight)) filter (i.share is not null), 0) as share,
        coalesce(
            sum(exact(i.expected * i.weight)) filter (i.share is not null) / nullif(sum(exact(i.weight)) filter (i.share is not null), 0),
            sum(exact(i.expected * i.weight)) / nullif(sum(exact(i.weight)), 0)) as expected,
        bool_and(i.complete) as complete,
        bool_or(i.breached) as breached,
        coalesce(any_value(c.reporting), 0) as reporting,
        coalesce(any_value(c.fresh), 0) as fresh,
        if(max(i.reporting) > 0, coalesce(any_value(c.reporting), 0), 0) as telling,
        any_value(c.as_of) as as_of,
    from indicators i
    left join domain_coverage c using (day, place, domain)
    group by i.day, i.place, i.districts, i.domain
),

-- The days on which a legal duty is missed that no indicator measures. It is the whole country's.
unmet as (
    select distinct a.day
    from asked a
    join plan.unmeasured u on a.day > u.due
    left join last_duty_records($known_on) r on r.duty = u.duty and r.met_on <= a.day
    where r.duty is null
),

-- The weighted mean of a place's domains. A district counts as reporting when it reported all of them.
overall as (
    select
        d.day, d.place, d.districts,
        sum(exact(d.share * d.domain_weight)) / nullif(sum(exact(d.domain_weight)) filter (d.share is not null), 0) as share,
        coalesce(
            sum(exact(d.expected * d.domain_weight)) filter (d.share is not null) / nullif(sum(exact(d.domain_weight)) filter (d.share is not null), 0),
            sum(exact(d.expected * d.domain_weight)) / nullif(sum(exact(d.domain_weight)), 0)) as expected,
        bool_and(d.complete) as complete,
        bool_or(d.breached) or (d.place in (select place from plan.places where level = 'national') and d.day in (select day from unmet)) as breached,
        sum(d.telling) as reports,
        sum(d.fresh) filter (d.telling > 0) as fresh_reports,
        sum(d.districts) as wanted,
        coalesce(any_value(c.reporting), 0) as reporting,
        coalesce(any_value(c.fresh), 0) as fresh,
        max(d.as_of) as as_of,
    from domains d
    left join place_coverage c using (day, place)
    group by d.day, d.place, d.districts
),

told as (
    select
        day, place, domain, indicator, position, done, required, share, expected,
        status_of(share, expected, complete, breached, overdue, reporting, fresh, districts, $behind) as status,
        as_of, reporting, fresh,
    from indicators
    union all
    select
        day, place, domain, 'all', position - 0.5, null, null, share, expected,
        status_of(share, expected, complete, breached, false, telling, fresh, districts, $behind),
        as_of, reporting, fresh,
    from domains
    union all
    select
        day, place, 'all', 'all', -1, null, null, share, expected,
        status_of(share, expected, complete, breached, false, reports, fresh_reports, wanted, $behind),
        as_of, reporting, fresh,
    from overall
)

select
    t.day, p.place as place_code, p.name as place, p.level, t.domain, t.indicator, t.done, t.required, t.share, t.expected,
    t.status, t.as_of, t.reporting, p.districts, t.fresh,
from told t
join asked_places p using (place)
where $domain is null or t.domain = $domain
order by t.day, p.position, t.position
