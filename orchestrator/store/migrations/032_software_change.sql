-- Devices whose software is another than before, for those that look at who has changed (plan_join); kept for an hour. In device itself the
-- moment is in an index, and whoever moves it writes all indexes of the row, those of positions and attributes too: 42 us beside 2 here.
-- Only what devices report: what people change of them is rare, and stays in device.changed_at.
create table software_change (
    at        timestamptz not null default now(),
    device_id text not null
);
create index software_change_at on software_change (at);
