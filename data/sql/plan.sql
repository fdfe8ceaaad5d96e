-- The policy of the election as tables, in memory, made anew whenever the store is opened.

-- One row per place that reports or is summed up.
create table plan.places (place varchar, name varchar, level varchar, position integer);

-- One row per place and district that lies in it.
create table plan.districts (place varchar, district varchar);

-- One row per indicator.
create table plan.indicators (
    indicator varchar, domain varchar, position integer, weight double, domain_weight double,
    due date, is_legal boolean, time_window varchar, fades boolean);

-- One row per indicator and day: the share that the plan wants by then. Before the first day and after the last it is level.
create table plan.line (indicator varchar, day date, expected double);

-- One row per legal duty that no indicator measures.
create table plan.unmeasured (duty varchar, due date);

-- One row per kind of window and day, the same days as the line: for how many days a report counts.
create table plan.windows (time_window varchar, day date, days integer);

-- The days asked for, each with the day on which the plan is to be read.
create macro plan.asked(days) as table
    select day, greatest(least(day, (select max(day) from plan.line)), (select min(day) from plan.line)) as plan_day
    from (select distinct unnest(days) as day);

-- The one place where a scope narrows a query: everything a person sees starts from these districts.
create macro plan.visible(scope) as table
    select distinct district from plan.districts where list_contains(scope, district);
