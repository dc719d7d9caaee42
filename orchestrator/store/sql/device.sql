-- Held until the batch commits. Not "for update": orders that are made meanwhile refer to the device.
-- name: device_hold
select id, boot, link, online, boots_before, wg_ms(boot_at), boot_returns, wg_ms(boot_back_from), quarantined_at is not null,
       hello_seq, clock_off, journal, report_seq, coalesce(report_most, -1), broker
from device where id = any($1::text[]) order by id for no key update;

-- What a device does not say it does not know: then what the registry or a boundary said of it stays.
-- What it has forgotten was acknowledged, and what it counts from was given out: a database that was restored from a backup
-- has not heard of it, and goes on behind it (docs/operations.md).
-- name: device_upsert
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, slot, region, zone, position, attributes,
                    agent_version, boot, journal, report_seq, online, presence_at, seen_at, registered_at,
                    position_from, position_at, region_from, zone_from, changed_at, link, boots_before, boot_at, boot_returns,
                    boot_back_from, settled_at, due_at, hello_seq, certificate_ends, order_counter, broker)
select u.id, u.model, u.revision, u.revision_key, u.slot, u.region, u.zone,
       case when u.lat is null then null else st_setsrid(st_makepoint(u.lon, u.lat), 4326)::geography end,
       u.attributes::jsonb, u.agent, u.boot, u.journal, greatest(u.oldest - 1, 0), u.online, wg_at(u.at), wg_at(u.at), wg_at(u.at),
       case when u.lat is null then '' else 'hello' end, case when u.lat is null then null else wg_at(u.at) end,
       case when u.region = '' then '' else 'hello' end, case when u.zone = '' then '' else 'hello' end, now(),
       u.link, u.boots_before, wg_at(u.boot_at), u.boot_returns, wg_at(u.boot_back_from),
       case when u.trial then null else wg_at(u.at) end, case when u.online then null else wg_due(wg_at(u.at), 0, 0, 0) end,
       u.seq, wg_at(u.certificate), u.counter, u.broker
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::bigint[], $16::bigint[], $17::text[],
            $18::bigint[], $19::int[], $20::bigint[], $21::boolean[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[], $26::text[])
     as u(id, model, revision, revision_key, slot, region, zone, lat, lon, attributes, agent, boot, journal, online, at, link,
          boots_before, boot_at, boot_returns, boot_back_from, trial, seq, certificate, oldest, counter, broker)
order by u.id
on conflict (id) do update
set hardware_model = excluded.hardware_model, hardware_revision = excluded.hardware_revision,
    hardware_revision_key = excluded.hardware_revision_key, slot = excluded.slot,
    region = case when excluded.region <> '' or device.region_from = 'hello' then excluded.region else device.region end,
    region_from = case when excluded.region <> '' or device.region_from = 'hello' then excluded.region_from else device.region_from end,
    zone = case when excluded.zone <> '' or device.zone_from = 'hello' then excluded.zone else device.zone end,
    zone_from = case when excluded.zone <> '' or device.zone_from = 'hello' then excluded.zone_from else device.zone_from end,
    position = coalesce(excluded.position, device.position),
    position_from = case when excluded.position is null then device.position_from else 'hello' end,
    position_at = coalesce(excluded.position_at, device.position_at),
    attributes = device.registry_attributes || excluded.attributes,
    agent_version = excluded.agent_version, boot = excluded.boot, link = excluded.link,
    boots_before = excluded.boots_before, boot_at = excluded.boot_at, boot_returns = excluded.boot_returns,
    boot_back_from = excluded.boot_back_from, settled_at = coalesce(excluded.settled_at, device.settled_at),
    report_seq = case when device.journal = excluded.journal then greatest(device.report_seq, excluded.report_seq)
                      else excluded.report_seq end,
    report_most = case when device.journal = excluded.journal and excluded.report_seq <= device.report_seq then device.report_most end,
    order_counter = greatest(device.order_counter, excluded.order_counter),
    journal = excluded.journal,
    presence_at = case when device.online = excluded.online then device.presence_at else excluded.presence_at end,
    online = excluded.online, seen_at = excluded.seen_at,
    absences = device.absences
               + (wg_absence(device.online, device.presence_at, excluded.seen_at) is not null)::int,
    absence_mean = case when device.absences = 0
                        then coalesce(wg_absence(device.online, device.presence_at, excluded.seen_at), 0)
                        else device.absence_mean
                             + coalesce(wg_absence(device.online, device.presence_at, excluded.seen_at) - device.absence_mean, 0) / 8 end,
    absence_spread = case when device.absences = 0
                          then coalesce(wg_absence(device.online, device.presence_at, excluded.seen_at), 0) / 2
                          else device.absence_spread
                               + coalesce(abs(wg_absence(device.online, device.presence_at, excluded.seen_at) - device.absence_mean)
                                          - device.absence_spread, 0) / 4 end,
    due_at = case when excluded.online then null
                  else wg_due(excluded.seen_at, device.absences, device.absence_mean, device.absence_spread) end,
    boot_run = case when excluded.boot = device.boot or excluded.boot_returns > 0 then device.boot_run
                    when excluded.boot_at - device.boot_at < interval '10 minutes' then device.boot_run + 1 else 0 end,
    hello_seq = excluded.hello_seq, broker = excluded.broker,
    certificate_ends = coalesce(excluded.certificate_ends, device.certificate_ends),
    changed_at = case when device.hardware_model <> excluded.hardware_model
                        or device.hardware_revision <> excluded.hardware_revision
                        or (excluded.region <> '' and device.region <> excluded.region)
                        or (excluded.zone <> '' and device.zone <> excluded.zone)
                        or (excluded.position is not null and device.position is distinct from excluded.position)
                        or device.attributes <> device.registry_attributes || excluded.attributes
                      then now() else device.changed_at end;

-- A Last Will counts only for the boot and the connection that left it. It is the broker's word: the device was not seen.
-- It may overtake the hello of its connection, which then comes too late.
-- name: device_gone
update device d
set online = false, presence_at = case when d.online then wg_at(u.at) else d.presence_at end, link = greatest(d.link, u.link),
    due_at = case when d.online then wg_due(wg_at(u.at), d.absences, d.absence_mean, d.absence_spread) else d.due_at end
from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as u(id, boot, at, link)
where d.id = u.id and d.boot = u.boot and (d.online or u.link > d.link) and (u.link = 0 or u.link >= d.link);

-- name: device_software_replace
with given as (
    select device_id, component, version, version_key, debian_key, calver_key
    from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
         as u(device_id, component, version, version_key, debian_key, calver_key)
), gone as (
    delete from device_software s
    where s.device_id = any($1::text[])
      and not exists (select 1 from given g where g.device_id = s.device_id and g.component = s.component)
    returning s.device_id
), written as (
    insert into device_software (device_id, component, version, version_key, debian_key, calver_key)
    select device_id, component, version, version_key, debian_key, calver_key from given order by device_id, component
    on conflict (device_id, component) do update
    set version = excluded.version, version_key = excluded.version_key, debian_key = excluded.debian_key,
        calver_key = excluded.calver_key
    where device_software.version <> excluded.version
    returning device_id
)
insert into software_change (device_id)
select device_id from gone union select device_id from written
returning device_id;

-- name: device_software_proven
with written as (
    insert into device_software (device_id, component, version, version_key, debian_key, calver_key)
    select distinct on (u.device_id, u.component) u.device_id, u.component, u.version, u.version_key, u.debian_key, u.calver_key
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         as u(device_id, component, version, version_key, debian_key, calver_key)
    join device d on d.id = u.device_id
    order by u.device_id, u.component
    on conflict (device_id, component) do update
    set version = excluded.version, version_key = excluded.version_key, debian_key = excluded.debian_key,
        calver_key = excluded.calver_key
    where device_software.version <> excluded.version
    returning device_id
), moved as (
    insert into software_change (device_id) select distinct device_id from written
)
update device set updated_at = wg_at(($7::bigint[])[1]) where id = any($1::text[]);

-- Minutes that clocks are ahead, or behind; only of devices whose are not what they were.
-- name: device_clock
update device d set clock_off = u.minutes from unnest($1::text[], $2::int[]) as u(id, minutes) where d.id = u.id;

-- Every report up to report_seq is there: the run of numbers that follows on it without a gap; report_most is the greatest. $2:
-- who spoke itself. $3: how far the run goes, and no number is greater; null: not known. $4: the order in hand, null: not known;
-- $5: the device has leave to switch over.
-- What waits of a device is found by no index of what waits (is not distinct from), here and elsewhere: to a planner whose figures
-- are of before, all that waits looks as cheap.
-- An answer tells a device that its hello was heard. Where the end of its connection is the last that was heard of it, it
-- has none: it says hello until it gets one. (Who tells no number of its connection is answered whatever was heard.)
-- name: device_acknowledge
update device d
set seen_at = case when w.spoke then wg_at($6::bigint) else d.seen_at end,
    report_seq = case when w.run is not null then w.run
                 else coalesce((select max(run.seq)
                                from (select r.seq, r.seq - row_number() over (order by r.seq) as start
                                      from report r
                                      where r.device_id = d.id and r.journal = d.journal and r.seq > d.report_seq
                                        and r.received_at >= wg_at($6::bigint - 3024000000)
                                        and r.received_at <= wg_at($6::bigint + 86400000)) run
                                where run.start = d.report_seq), d.report_seq) end,
    report_most = case when w.run is not null then w.run
                  else coalesce((select max(r.seq) from report r
                                 where r.device_id = d.id and r.journal = d.journal
                                   and r.received_at >= wg_at($6::bigint - 3024000000)
                                   and r.received_at <= wg_at($6::bigint + 86400000)), 0) end
from unnest($1::text[], $2::boolean[], $3::bigint[], $4::text[], $5::boolean[]) as w(id, spoke, run, order_id, go)
where d.id = w.id
returning d.id, d.journal, d.report_seq,
          coalesce(w.order_id, (select q.order_id::text from place q where q.device_id = d.id and q.in_hand),
                   (select q.order_id::text from place q where q.device_id = d.id and q.order_id is not null
                      and q.state is not distinct from 'waiting' and q.cause in ('offline', 'deferred')
                    order by q.state_at desc, q.campaign_id limit 1), ''),
          case when w.order_id is not null then w.go
               else coalesce((select q.state in ('rebooting', 'probation') from place q where q.device_id = d.id and q.in_hand), false) end,
          d.online or d.link = 0, d.link, d.boot, d.broker;

-- What to tell devices whose places have moved without a word of theirs.
-- name: device_told
select d.id, d.journal, d.report_seq,
       coalesce((select case when q.state in ('rebooting', 'probation') then q.order_id::text end
                 from place q where q.device_id = d.id and q.in_hand), ''), true, true, d.link, d.boot, d.broker
from device d where d.id = any($1::text[]) and d.online order by d.id;

-- name: device_get
select * from device_shown where id = $1::text;

-- name: device_register
insert into device (id, registered_at) values ($1::text, wg_at($2::bigint)) on conflict (id) do nothing;

-- name: device_tag_add
with added as (
    insert into device_tag (device_id, tag) values ($1::text, $2::text) on conflict do nothing returning device_id
)
update device set changed_at = now() where id in (select device_id from added);

-- name: device_tag_remove
with removed as (
    delete from device_tag where device_id = $1::text and tag = $2::text returning device_id
)
update device set changed_at = now() where id in (select device_id from removed);

-- name: device_revoke
with why as materialized (
    select set_config('wavegate.reason', $4::text, true) as told
), before as (
    select id, revoked_at is not null as revoked from device where id = $1::text for no key update
), changed as (
    update device d set revoked_at = case when $2::boolean then wg_at($3::bigint) end, changed_at = now()
    from before b, why where d.id = b.id and b.revoked <> $2::boolean and why.told is not null
)
select revoked <> $2::boolean from before;

-- name: device_places
select c.name, c.state, c.cause, c.component, c.version, w.name, w.state, w.number, p.state, p.cause, p.detail, p.attempt,
       wg_ms(p.state_at), wg_ms(p.retry_at), p.bytes, p.bytes_total, p.spent, wg_ms(p.ready_at),
       case when p.state = 'waiting'
            then (select count(*) from place q where q.campaign_id = p.campaign_id and q.wave = p.wave
                  and q.stage = 'waiting' and q.rank < p.rank)
            else 0 end,
       coalesce((select o.refusal from update_order o where o.id = p.order_id and p.state = 'offered'), '')
from place p
join campaign c on c.id = p.campaign_id
join wave w on w.campaign_id = p.campaign_id and w.number = p.wave
where p.device_id = $1::text
order by c.id desc limit 100;

-- As place_claim asks: what is in hand elsewhere, then who goes first.
-- name: device_holder
select o.name, q.state <> 'waiting' as in_hand, o.priority, mine.priority, o.emergency
from campaign mine
join place q on q.device_id = $1::text and q.campaign_id <> mine.id
join campaign o on o.id = q.campaign_id
join wave w on w.campaign_id = q.campaign_id and w.number = q.wave
where mine.name = $2::text
  and (q.in_hand
       or (q.state = 'waiting' and o.state = 'running' and w.state not in ('pending', 'failed')
           and (q.retry_at is null or q.retry_at <= wg_at($3::bigint))
           and (o.open_zones is null
                or (select case when o.open_by_site then wg_site_zone(d) else d.zone end from device d where d.id = $1::text)
                   = any(o.open_zones))
           and (o.emergency, o.priority, -o.id) > (mine.emergency, mine.priority, -mine.id)))
order by in_hand desc, o.emergency desc, o.priority desc, o.id limit 1;

-- Who counts against a cap for each value of an attribute, as place_claim counts: of each attribute the device's own value,
-- how many have it, and the first of them; those that went silent last.
-- name: device_caps
select h.attribute, h.value, h.devices, h.device_id, h.campaign, h.state, wg_ms(h.state_at)
from (select a.name as attribute, d.attributes ->> a.name as value, d.id as device_id, c.name as campaign, q.state, q.state_at,
             count(*) over (partition by a.name) as devices,
             row_number() over (partition by a.name order by q.state = 'silent', q.state_at, d.id) as number
      from (select device_id, campaign_id, state, state_at from place
            where in_hand
            union all
            select device_id, campaign_id, state, state_at from place where stage = 'silent') q
      join device d on d.id = q.device_id and (q.state <> 'silent' or coalesce(d.settled_at, '-infinity') <= q.state_at)
      join campaign c on c.id = q.campaign_id
      cross join unnest($2::text[]) as a(name)
      where d.attributes ->> a.name = (select m.attributes ->> a.name from device m where m.id = $1::text)) h
where h.number <= 3
order by h.attribute, h.number;

-- name: device_site_zone
select coalesce(wg_site_zone(d), '') from device d where d.id = $1::text;

-- All time zones that devices have, each once, without reading them all.
-- name: device_zones
with recursive zones(zone) as (
    (select zone from device where zone ~>~ '' order by zone using ~<~ limit 1)
    union all
    select (select d.zone from device d where d.zone ~>~ z.zone order by d.zone using ~<~ limit 1) from zones z where z.zone is not null
)
select zone from zones where zone is not null order by zone limit 1000;

-- name: device_reports
select wg_ms(received_at), wg_ms(device_at), campaign, attempt, seq, state, cause, detail, remark
from (select * from report where device_id = $1::text order by received_at desc, seq desc limit $2::bigint) r
order by received_at, seq;
