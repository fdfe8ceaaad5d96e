-- Review meetings, what was decided in them, and notes. Nothing here is ever updated or deleted; what was wrong is struck.

-- One row per review meeting of a place. `renews` is the window for which it counts as a briefing of all districts of the place, such
-- as `briefing` where the police chief has briefed on security; '' where it counts as none.
create table meetings (
    meeting uuid not null,
    place varchar not null,
    held_on date not null,
    chaired_by varchar not null,
    briefed_by varchar not null,
    renews varchar not null,
    remarks varchar not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    is_example boolean not null,
);

-- One row per action that was decided: in a meeting, or without one. `indicator` is what it should move; '' for none.
create table actions (
    action uuid not null,
    meeting uuid,
    place varchar not null,
    what varchar not null,
    who varchar not null,
    due date not null,
    indicator varchar not null,
    decided_on date not null,
    recorded_at timestamp not null,
    recorded_by varchar not null,
    is_example boolean not null,
);

-- One row per thing that was said of an action: done, dropped, or open again. The last one counts.
create table action_states (
    action uuid not null,
    state varchar not null,
    said_on date not null,
    remark varchar not null,
    said_at timestamp not null,
    said_by varchar not null,
);

-- One row per note on a place, or on an indicator of it.
create table notes (
    note uuid not null,
    place varchar not null,
    indicator varchar not null,
    written_on date not null,
    text varchar not null,
    written_at timestamp not null,
    written_by varchar not null,
    is_example boolean not null,
);

-- One row per meeting or note that was recorded wrongly, and counts no more.
create table struck (
    id uuid not null,
    struck_at timestamp not null,
    struck_by varchar not null,
    reason varchar not null,
);
