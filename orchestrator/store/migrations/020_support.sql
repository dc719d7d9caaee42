-- Support: what is kept so that failures can be compared, and devices that are not well be found, at a cost that does not grow
-- with the fleet. docs/support.md.

-- What the device ran when it was offered the update, and the state out of which it ended badly.
alter table place add column from_version text not null default '', add column ended_in text not null default '';
create index place_failed_at on place (campaign_id, state_at desc) where state in ('failed', 'rolled-back', 'silent');

-- Who succeeded, counted as it happens, by what is compared. '' is not known.
create table outcome_count (
    campaign_id bigint not null references campaign on delete cascade,
    attribute   text not null check (attribute in ('model', 'hardware', 'region', 'from')),
    value       text not null,
    devices     bigint not null,
    primary key (campaign_id, attribute, value)
);
insert into outcome_count
select p.campaign_id, a.attribute, a.value, count(*)
from place p join device d on d.id = p.device_id
cross join lateral (values ('model', d.hardware_model), ('region', d.region), ('from', ''),
                           ('hardware', case when d.hardware_revision = '' then ''
                                                      else d.hardware_model || '/' || d.hardware_revision end))
             as a(attribute, value)
where p.state = 'succeeded' group by 1, 2, 3;

-- Absences of ten minutes and more: how many, and their mean and mean deviation in seconds, each new one weighing an eighth and a
-- quarter (RFC 6298, 2.3). due_at: away, and by then it should be back. boot_run: boots in a row, each within ten minutes of the
-- one before. hello_seq: the last report it had written when it said hello. clock_off: whole minutes that its clock is ahead.
-- No column that every report changes may stand in an index, or in the condition of one.
alter table device
    add column absences       int not null default 0,
    add column absence_mean   real not null default 0,
    add column absence_spread real not null default 0,
    add column due_at         timestamptz,
    add column boot_run       int not null default 0,
    add column hello_seq      bigint not null default 0,
    add column clock_off      int not null default 0,
    add column certificate_ends timestamptz,
    add column updated_at     timestamptz;              -- when an update last succeeded

create function wg_absence(online boolean, since timestamptz, back timestamptz) returns real language sql immutable parallel safe
    as $$ select case when not online and back - since >= interval '10 minutes' then extract(epoch from back - since)::real end $$;
-- Three absences are a habit: their mean and four deviations, an hour at least. Who has none is missed after a day.
create function wg_due(gone timestamptz, absences int, mean real, spread real) returns timestamptz
    language sql immutable parallel safe
    as $$ select gone + greatest(3600, case when absences >= 3 then mean + 4 * spread else 86400 end) * interval '1 second' $$;

update device set due_at = wg_due(presence_at, 0, 0, 0) where not online and presence_at is not null;
update device d set updated_at = u.at
from (select device_id, max(state_at) as at from place where state = 'succeeded' group by 1) u where u.device_id = d.id;

create index device_due on device (due_at) where due_at is not null and revoked_at is null;
create index device_unheard on device (registered_at) where boot = '' and revoked_at is null;
create index device_boot_run on device (boot_at) where boot_run >= 3;
create index device_clock_off on device (id) where abs(clock_off) >= 5 and revoked_at is null;
create index device_certificate on device (certificate_ends) where certificate_ends is not null and revoked_at is null;

-- A person holds a device back: another alarm that does.
alter table alarm drop constraint alarm_kind_check;
alter table alarm add constraint alarm_kind_check
    check (kind in ('cloned', 'connect-storm', 'flood', 'revoked', 'escape', 'tampered', 'quarantine'));
drop index alarm_holds;
create index alarm_holds on alarm (kind, device_id) where cleared_at is null and kind in ('cloned', 'tampered', 'quarantine');

-- The fleet at the beginning of a day, UTC: what trends are held against.
create table fleet_day (
    day     date primary key,
    devices bigint not null,
    online  bigint not null
);
create table fleet_day_version (
    day       date not null references fleet_day on delete cascade,
    component text not null,
    version   text not null,
    devices   bigint not null,
    primary key (component, day, version)
);
create table fleet_day_finding (
    day     date not null references fleet_day on delete cascade,
    kind    text not null,
    devices bigint not null,
    primary key (day, kind)
);
