-- Alarms: what looks wrong with a device's identity, and who has looked at it.

create table alarm (
    id          bigint generated always as identity primary key,
    device_id   text not null references device on delete cascade,
    kind        text not null check (kind in ('cloned', 'connect-storm', 'flood', 'revoked', 'escape')),
    count       bigint not null check (count > 0),
    first_at    timestamptz not null,
    last_at     timestamptz not null,
    why         text not null,          -- what showed it last
    cleared_at  timestamptz,            -- null: open
    cleared_by  text not null default '',
    cleared_why text not null default ''
);
create unique index alarm_open on alarm (device_id, kind) where cleared_at is null;
create index alarm_cloned on alarm (device_id) where cleared_at is null and kind = 'cloned';
create index alarm_device on alarm (device_id, cleared_at);

-- Since then nothing is offered to it. By policy, while an alarm says that it is cloned.
alter table device add column quarantined_at timestamptz;
create index device_quarantined on device (id) where quarantined_at is not null;

-- The boots before the present one, "nonce/link" each, newest first, four at most; since when the present one is heard; how
-- often a boot came back behind another, and, where the present one did for the first time, since when that other was heard.
alter table device
    add column boots_before   text not null default '',
    add column boot_at        timestamptz,
    add column boot_returns   int not null default 0,
    add column boot_back_from timestamptz;
