-- One open alarm a device and kind; of clients that are no devices of ours there is none.
-- name: alarm_raise
insert into alarm as a (device_id, kind, count, first_at, last_at, why)
select d.id, u.kind, u.count, wg_at(u.at), wg_at(u.at), u.why
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[]) as u(device_id, kind, count, at, why)
join device d on d.id = u.device_id
order by d.id, u.kind
on conflict (device_id, kind) where cleared_at is null do update
set count = a.count + excluded.count, last_at = greatest(a.last_at, excluded.last_at), why = excluded.why;

-- Open ones, or also those that were cleared, newest first; of one device, or of all.
-- name: alarm_list
select device_id, kind, count, wg_ms(first_at), wg_ms(last_at), why, wg_ms(cleared_at), cleared_by, cleared_why
from alarm
where (cleared_at is null or $2::boolean) and ($1::text is null or device_id = $1::text)
order by cleared_at is not null, last_at desc, id desc limit $3::bigint;

-- The device first, as everybody who writes of both.
-- name: alarm_clear
with held as materialized (
    select id from device where id = $1::text for no key update
), cleared as (
    update alarm set cleared_at = wg_at($3::bigint), cleared_by = $4::text,
                     cleared_why = set_config('wavegate.reason', $5::text, true)
    where device_id = (select id from held) and cleared_at is null and ($2::text is null or kind = $2::text)
    returning kind
), free as (
    update device set quarantined_at = null
    where id = $1::text and exists (select 1 from cleared where kind in ('cloned', 'tampered', 'quarantine'))
      and not exists (select 1 from alarm a where a.device_id = $1::text and a.cleared_at is null
                      and a.kind in ('cloned', 'tampered', 'quarantine') and a.kind not in (select kind from cleared))
)
select kind from cleared order by kind;

-- The newest of a device that were cleared are kept.
-- name: alarm_forget
delete from alarm where id in (select id from alarm where device_id = $1::text and cleared_at is not null
                               order by cleared_at desc, id desc offset 20);

-- Devices with an open alarm of these kinds; who is held by a batch of reports waits for the next look.
-- name: device_quarantine
with suspect as materialized (
    select device_id from alarm
    where cleared_at is null and kind in ('cloned', 'tampered', 'quarantine') and kind = any($2::text[])
), held as (
    select d.id from device d
    where d.id = any(array(select device_id from suspect)) and d.quarantined_at is null
    order by d.id for no key update skip locked
), taken as (
    update device d set quarantined_at = wg_at($1::bigint) where d.id = any(array(select id from held))
    returning d.id
)
select exists (select 1 from suspect), (select count(*) from taken);

-- Those whose kind of alarm holds nobody back any more.
-- name: device_free
update device set quarantined_at = null
where id = any(array(
    select d.id from device d
    where d.quarantined_at is not null
      and not exists (select 1 from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = any($1::text[]))
    order by d.id for no key update skip locked));
