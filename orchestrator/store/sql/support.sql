-- Who succeeded, by what is compared. Rows are locked in the order of their key.
-- name: outcome_count_add
insert into outcome_count as o (campaign_id, attribute, value, devices)
select $1::bigint, a.attribute, a.value, count(*)
from unnest($2::text[]) as u(id)
cross join lateral (select hardware_model, hardware_revision, region from device where id = u.id limit 1) d
cross join lateral (select from_version from place where campaign_id = $1::bigint and device_id = u.id limit 1) p
cross join lateral (values ('model', d.hardware_model), ('region', d.region), ('from', p.from_version),
                           ('hardware', case when d.hardware_revision = '' then ''
                                                      else d.hardware_model || '/' || d.hardware_revision end))
             as a(attribute, value)
group by a.attribute, a.value order by a.attribute, a.value
on conflict (campaign_id, attribute, value) do update set devices = o.devices + excluded.devices;

-- name: failure_outcomes
select attribute, value, devices from outcome_count where campaign_id = $1::bigint and value <> '' and devices > 0;

-- The same of devices within the scopes $2, of the newest $3 of the last waves: counted now, for who sees a part of the fleet. Under
-- 'all' there is how many they are.
-- name: failure_outcomes_within
with met as materialized (
    select d.hardware_model, d.hardware_revision, d.region, p.from_version
    from (select device_id, from_version from place where campaign_id = $1::bigint and stage = 'succeeded'
          order by wave desc, stage_at desc limit $3::bigint) p
    cross join lateral (select * from device m where m.id = p.device_id
                        and wg_in_scopes($2::jsonb, m.id, m.region, m.hardware_model) limit 1) d
)
select a.attribute, a.value, count(*)
from met
cross join lateral (values ('all', 'all'), ('model', hardware_model), ('region', region), ('from', from_version),
                           ('hardware', case when hardware_revision = '' then ''
                                             else hardware_model || '/' || hardware_revision end))
             as a(attribute, value)
where a.value <> '' group by a.attribute, a.value;

-- The newest $3 that failed, of the newest $5, within the scopes $4.
-- name: failure_list
select p.device_id, p.state, p.cause, p.detail, p.ended_in, p.from_version, wg_ms(p.state_at), d.hardware_model,
       case when d.hardware_revision = '' then '' else d.hardware_model || '/' || d.hardware_revision end, d.region, w.name
from (select * from (select device_id, wave, state, cause, detail, ended_in, from_version, state_at from place
                     where campaign_id = $1::bigint and stage in ('failed', 'silent')
                       and ($2::int is null or wave = $2::int)
                     order by stage_at desc limit $5::bigint) newest
      where $4::jsonb is null or (select wg_in_scopes($4::jsonb, m.id, m.region, m.hardware_model)
                                  from device m where m.id = newest.device_id)
      order by state_at desc limit $3::bigint) p
join device d on d.id = p.device_id
join wave w on w.campaign_id = $1::bigint and w.number = p.wave
order by p.state_at desc, p.device_id;

-- ---- what a person does to one device ----

-- name: act_audit
select wg_audit(wg_at($1::bigint), $2::text, $3::text, $4::text, $5::jsonb);

-- Held until the transaction ends.
-- name: act_place
select p.state, p.cause, wg_ms(p.retry_at), c.state
from campaign c join place p on p.campaign_id = c.id
where c.name = $2::text and p.device_id = $1::text
for update of p;

-- name: place_cancelled
select p.device_id, p.wave, p.state, p.cause, p.attempt, coalesce(p.order_id::text, ''), p.spent, p.campaign_id, c.digest, p.detail
from campaign c join place p on p.campaign_id = c.id
where c.name = $2::text and p.device_id = $1::text
  and p.state in ('waiting', 'offered', 'accepted', 'deferred', 'downloading', 'installing')
for update of p;

-- name: act_retry
update place p set retry_at = null
from campaign c where c.id = p.campaign_id and c.name = $2::text and p.device_id = $1::text and p.state = 'waiting';

-- The newest reason stays; *fresh in the first column.
-- name: act_quarantine
with held as materialized (
    select id, quarantined_at, set_config('wavegate.by_hand', 'on', true) from device where id = $1::text for no key update
), known as materialized (
    select exists (select from alarm where device_id = $1::text and kind = 'quarantine' and cleared_at is null) as held_back
), raised as (
    insert into alarm as a (device_id, kind, count, first_at, last_at, why)
    select id, 'quarantine', 1, wg_at($2::bigint), wg_at($2::bigint), $3::text from held
    on conflict (device_id, kind) where cleared_at is null do update
    set count = a.count + 1, last_at = excluded.last_at, why = excluded.why
), put as (
    update device d set quarantined_at = wg_at($2::bigint) from held h where d.id = h.id and h.quarantined_at is null
    returning d.id
)
select not held_back, exists (select from put) from held, known;

-- ---- what is unwell: count up to $2, and the worst $3, of devices within the scopes $4 ----
-- Who sees a part is told of all that are there: what that costs grows with the devices that are not well, wherever they are.
-- Columns: count, device, model, revision, region, since, and two numbers and a text of the kind's own.

-- Away for longer than its own habit; who stays away for ninety days is not used.
-- name: health_silent
with found as materialized (
    select id, hardware_model, hardware_revision, region, presence_at, due_at, absences, absence_mean
    from device where due_at < wg_at($1::bigint) and due_at is not null and revoked_at is null
      and presence_at >= wg_at($1::bigint) - interval '90 days'
      and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
    limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(presence_at),
       wg_ms(due_at) - wg_ms(presence_at), absences, ''
from found
order by extract(epoch from wg_at($1::bigint) - presence_at) / greatest(extract(epoch from due_at - presence_at), 1) desc, id
limit $3::bigint;

-- name: health_unused
with found as materialized (
    (select id, hardware_model, hardware_revision, region, registered_at as since, 0 as heard
     from device where boot = '' and revoked_at is null and registered_at < wg_at($1::bigint) - interval '7 days'
       and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
     limit $2::bigint)
    union all
    (select id, hardware_model, hardware_revision, region, presence_at, 1
     from device where due_at < wg_at($1::bigint) and due_at is not null and revoked_at is null
       and presence_at < wg_at($1::bigint) - interval '90 days'
       and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
     limit $2::bigint)
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(since), heard, 0, ''
from found order by since, id limit $3::bigint;

-- It failed, or still waits, in a campaign that began a week ago or earlier, and no update has ever succeeded. By the places
-- that are not through, which are few beside the fleet.
-- name: health_never_updated
with tried as materialized (
    select d.id, d.hardware_model, d.hardware_revision, d.region, c.started_at, c.name
    from campaign c
    cross join lateral (select f.device_id from place f
                        where f.campaign_id = c.id and f.stage in ('failed', 'silent')
                        union all
                        select w.device_id from place w where w.campaign_id = c.id and w.stage = 'waiting'
                        union all
                        select h.device_id from place h
                        where h.campaign_id = c.id and h.stage in ('offered', 'deferred', 'going')) p
    cross join lateral (select * from device m
                        where m.id = p.device_id and m.updated_at is null and m.boot <> '' and m.revoked_at is null
                          and ($4::jsonb is null or wg_in_scopes($4::jsonb, m.id, m.region, m.hardware_model)) limit 1) d
    where c.started_at < wg_at($1::bigint) - interval '7 days'
    limit 3 * $2::bigint
), found as materialized (
    select id, min(hardware_model) as hardware_model, min(hardware_revision) as hardware_revision, min(region) as region,
           min(started_at) as started_at, count(*) as offers, (array_agg(name order by started_at))[1] as name
    from tried group by id limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(started_at), offers, 0, name
from found order by started_at, id limit $3::bigint;

-- Three releases of the component, or more, are newer than what it runs.
-- name: health_behind
with line as (
    select component, version_key, version, added_at from (
        select component, version, version_key, added_at,
               row_number() over (partition by component order by version_key desc) as place
        from release where version_key <> '') r
    where place = 3
), found as materialized (
    select d.id, d.hardware_model, d.hardware_revision, d.region, s.component, s.version, l.added_at,
           (select count(*) from release n where n.component = s.component and n.version_key > s.version_key) as newer
    from line l
    cross join lateral (select * from device_software s
                        where s.component = l.component and s.version_key < l.version_key and s.version_key > ''
                          and ($4::jsonb is null or (select wg_in_scopes($4::jsonb, m.id, m.region, m.hardware_model)
                                                     from device m where m.id = s.device_id))
                        limit $2::bigint) s
    join device d on d.id = s.device_id and d.revoked_at is null
    limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(added_at), newer, $1::bigint * 0,
       component || ' ' || version
from found order by newer desc, id limit $3::bigint;

-- name: health_crash_looping
with found as materialized (
    select id, hardware_model, hardware_revision, region, boot_at, boot_run
    from device where boot_run >= 3 and boot_at > wg_at($1::bigint) - interval '1 hour' and revoked_at is null
      and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
    limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(boot_at), boot_run + 1, 0, ''
from found order by boot_run desc, id limit $3::bigint;

-- name: health_wrong_clock
with found as materialized (
    select id, hardware_model, hardware_revision, region, seen_at, clock_off
    from device where abs(clock_off) >= 5 and revoked_at is null
      and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
    limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(seen_at), clock_off, $1::bigint * 0, ''
from found order by abs(clock_off) desc, id limit $3::bigint;

-- name: health_certificate
with found as materialized (
    select id, hardware_model, hardware_revision, region, certificate_ends, seen_at
    from device where certificate_ends < wg_at($1::bigint) + interval '14 days' and certificate_ends is not null
      and revoked_at is null
      and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
    limit $2::bigint
)
select (select count(*) from found), id, hardware_model, hardware_revision, region, wg_ms(certificate_ends), wg_ms(seen_at), 0, ''
from found order by certificate_ends, id limit $3::bigint;

-- name: health_alarm
with found as materialized (
    select device_id, count(*) as alarms, string_agg(kind, ', ' order by kind) as kinds, min(first_at) as since
    from (select device_id, kind, first_at from alarm where cleared_at is null and kind <> 'quarantine'
            and ($4::jsonb is null or (select wg_in_scopes($4::jsonb, d.id, d.region, d.hardware_model)
                                       from device d where d.id = device_id))
          limit $2::bigint) a
    group by device_id
)
select (select count(*) from found), d.id, d.hardware_model, d.hardware_revision, d.region, wg_ms(f.since), f.alarms,
       $1::bigint * 0, f.kinds
from (select * from found order by alarms desc, since, device_id limit $3::bigint) f join device d on d.id = f.device_id
order by f.alarms desc, f.since, d.id;

-- name: health_quarantine
with found as materialized (
    select id, hardware_model, hardware_revision, region, quarantined_at
    from device where quarantined_at is not null
      and ($4::jsonb is null or wg_in_scopes($4::jsonb, id, region, hardware_model))
    limit $2::bigint
)
select (select count(*) from found), f.id, f.hardware_model, f.hardware_revision, f.region, wg_ms(f.quarantined_at),
       $1::bigint * 0, 0,
       coalesce((select string_agg(a.kind || ': ' || a.why, '; ' order by a.kind) from alarm a
                 where a.device_id = f.id and a.cleared_at is null and a.kind in ('cloned', 'tampered', 'quarantine')), '')
from (select * from found order by quarantined_at, id limit $3::bigint) f
order by f.quarantined_at, f.id;

-- ---- the fleet, day by day ----

-- The first who comes on a day writes it: a row if that is this one.
-- name: fleet_day_begin
insert into fleet_day (day, devices, online)
select (wg_at($1::bigint) at time zone 'UTC')::date, count(*), count(*) filter (where online) from device
where not exists (select from fleet_day where day = (wg_at($1::bigint) at time zone 'UTC')::date)
having not exists (select from fleet_day where day = (wg_at($1::bigint) at time zone 'UTC')::date)
on conflict do nothing
returning day;

-- name: fleet_day_versions
insert into fleet_day_version (day, component, version, devices)
select (wg_at($1::bigint) at time zone 'UTC')::date, component, version, count(*) from device_software group by component, version
on conflict do nothing;

-- name: fleet_day_finding
insert into fleet_day_finding (day, kind, devices)
values ((wg_at($1::bigint) at time zone 'UTC')::date, $2::text, $3::bigint) on conflict do nothing;

-- Three years are kept.
-- name: fleet_day_forget
delete from fleet_day where day < (wg_at($1::bigint) at time zone 'UTC')::date - 1100;

-- name: fleet_day_exists
select exists (select from fleet_day where day = (wg_at($1::bigint) at time zone 'UTC')::date);

-- The newest day, and the one a week ago or the last before it, two weeks back at most.
-- name: fleet_day_last
select n.day::text, n.devices, n.online, coalesce(w.day::text, '')
from (select * from fleet_day order by day desc limit 1) n
left join lateral (select day from fleet_day
                   where day <= (wg_at($1::bigint) at time zone 'UTC')::date - 7
                     and day >= (wg_at($1::bigint) at time zone 'UTC')::date - 14
                   order by day desc limit 1) w on true;

-- name: fleet_day_findings
select kind, devices from fleet_day_finding where day = $1::date;

-- name: fleet_day_list
select f.day::text, f.devices, f.online,
       coalesce((select json_object_agg(v.version, v.devices) from fleet_day_version v
                 where v.component = $1::text and v.day = f.day)::text, '{}')
from (select * from fleet_day order by day desc limit $2::bigint) f order by f.day;

-- name: release_newest
select component from release order by added_at desc, component limit 1;

-- ---- all that is known of one device, beside its row ----

-- name: device_detail
select coalesce((select json_agg(g.name order by g.name) from device_group g where g.device_id = d.id)::text, '[]'),
       d.age_recipient, d.enrolment <> '', wg_ms(d.settled_at), wg_ms(d.boot_at), d.boot_run, wg_ms(d.due_at), d.absences,
       d.absence_mean::bigint, d.clock_off, wg_ms(d.certificate_ends), wg_ms(d.updated_at),
       coalesce((select a.detail ->> 'reason' from audit a
                 where a.subject = d.id and a.kind = 'device' and (a.detail ->> 'revoked')::boolean
                 order by a.number desc limit 1), '')
from device d where d.id = $1::text;

-- Without their text.
-- name: device_log_heads
select wg_ms(received_at), wg_ms(device_at), campaign, attempt, order_id, source, cut, octet_length(text)
from device_log where device_id = $1::text order by id desc limit $2::bigint;
