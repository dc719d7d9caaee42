-- Devices that have asked what there is for them, until every campaign under way has looked at them.
create table device_question (
    device_id text primary key references device on delete cascade,
    instance  bigint generated always as identity,  -- another one each time it asks
    boot      text not null,
    link      bigint not null,
    ask       bigint not null check (ask > 0),      -- the device's own number
    asked_at  timestamptz not null,
    seen      bigint[] not null default '{}',       -- campaigns that have looked at it since
    later     boolean not null default false        -- one of them will take it, once it can
);
