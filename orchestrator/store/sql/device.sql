-- Held until the batch commits. Not "for update": orders that are made meanwhile refer to the device.
-- name: device_hold
select id, journal, boot, report_seq from device where id = any($1::text[]) order by id for no key update;

-- name: device_upsert
insert into device (id, hardware_model, hardware_revision, hardware_revision_key, slot, region, zone, position, attributes,
                    agent_version, boot, journal, report_seq, online, presence_at, seen_at, registered_at)
select u.id, u.model, u.revision, u.revision_key, u.slot, u.region, u.zone,
       case when u.lat is null then null else st_setsrid(st_makepoint(u.lon, u.lat), 4326)::geography end,
       u.attributes::jsonb, u.agent, u.boot, u.journal, 0, u.online, wg_at(u.at), wg_at(u.at), wg_at(u.at)
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[], $9::float8[],
            $10::text[], $11::text[], $12::text[], $13::text[], $14::boolean[], $15::bigint[])
     as u(id, model, revision, revision_key, slot, region, zone, lat, lon, attributes, agent, boot, journal, online, at)
order by u.id
on conflict (id) do update
set hardware_model = excluded.hardware_model, hardware_revision = excluded.hardware_revision,
    hardware_revision_key = excluded.hardware_revision_key, slot = excluded.slot, region = excluded.region,
    zone = excluded.zone, position = coalesce(excluded.position, device.position), attributes = excluded.attributes,
    agent_version = excluded.agent_version, boot = excluded.boot,
    report_seq = case when device.journal = excluded.journal then device.report_seq else 0 end,
    journal = excluded.journal,
    presence_at = case when device.online = excluded.online then device.presence_at else excluded.presence_at end,
    online = excluded.online, seen_at = excluded.seen_at;

-- A Last Will counts only for the boot that left it.
-- name: device_gone
update device d set online = false, presence_at = wg_at(u.at), seen_at = wg_at(u.at)
from unnest($1::text[], $2::text[], $3::bigint[]) as u(id, boot, at)
where d.id = u.id and d.boot = u.boot and d.online;

-- name: device_software_replace
with given as (
    select device_id, component, version, version_key
    from unnest($2::text[], $3::text[], $4::text[], $5::text[]) as u(device_id, component, version, version_key)
), gone as (
    delete from device_software s
    where s.device_id = any($1::text[])
      and not exists (select 1 from given g where g.device_id = s.device_id and g.component = s.component)
)
insert into device_software (device_id, component, version, version_key)
select device_id, component, version, version_key from given order by device_id, component
on conflict (device_id, component) do update
set version = excluded.version, version_key = excluded.version_key
where device_software.version <> excluded.version;

-- name: device_software_proven
insert into device_software (device_id, component, version, version_key)
select distinct on (u.device_id, u.component) u.device_id, u.component, u.version, u.version_key
from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as u(device_id, component, version, version_key)
join device d on d.id = u.device_id
order by u.device_id, u.component
on conflict (device_id, component) do update set version = excluded.version, version_key = excluded.version_key;

-- Every report up to report_seq is there: the run of numbers that follows on it without a gap.
-- name: device_acknowledge
update device d
set seen_at = wg_at($2::bigint),
    report_seq = coalesce((select max(run.seq)
                           from (select r.seq, r.seq - row_number() over (order by r.seq) as start
                                 from report r
                                 where r.device_id = d.id and r.journal = d.journal and r.seq > d.report_seq) run
                           where run.start = d.report_seq), d.report_seq)
where d.id = any($1::text[])
returning d.id, d.journal, d.report_seq;

-- name: device_get
select id, hardware_model, hardware_revision, region, zone, slot, agent_version, position is not null,
       coalesce(st_y(position::geometry), 0), coalesce(st_x(position::geometry), 0), online, wg_ms(presence_at),
       wg_ms(seen_at), wg_ms(registered_at), wg_ms(revoked_at), report_seq, attributes::text,
       coalesce((select json_object_agg(component, version order by component)::text
                 from device_software s where s.device_id = d.id), '{}'),
       coalesce((select json_agg(tag order by tag)::text from device_tag t where t.device_id = d.id), '[]')
from device d where id = $1::text;

-- name: device_list
select id, hardware_model, hardware_revision, region, zone, slot, agent_version, position is not null,
       coalesce(st_y(position::geometry), 0), coalesce(st_x(position::geometry), 0), online, wg_ms(presence_at),
       wg_ms(seen_at), wg_ms(registered_at), wg_ms(revoked_at), report_seq, attributes::text,
       coalesce((select json_object_agg(component, version order by component)::text
                 from device_software s where s.device_id = d.id), '{}'),
       coalesce((select json_agg(tag order by tag)::text from device_tag t where t.device_id = d.id), '[]')
from device d
where id > $1::text and ($2::text is null or online = ($2::text = 'online'))
  and ($3::text is null or exists (select 1 from device_tag t where t.device_id = d.id and t.tag = $3::text))
order by id limit $4::bigint;

-- name: device_register
insert into device (id, registered_at) values ($1::text, wg_at($2::bigint)) on conflict (id) do nothing;

-- name: device_tag_add
insert into device_tag (device_id, tag) values ($1::text, $2::text) on conflict do nothing;

-- name: device_tag_remove
delete from device_tag where device_id = $1::text and tag = $2::text;

-- name: device_places
select c.name, c.state, c.cause, c.component, c.version, w.name, w.state, w.number, p.state, p.cause, p.detail, p.attempt,
       wg_ms(p.state_at), wg_ms(p.retry_at), p.bytes, p.bytes_total,
       (select coalesce(sum(n.devices), 0) from wave_count n
        where n.campaign_id = c.id
          and n.state in ('offered', 'accepted', 'downloading', 'installing', 'rebooting', 'probation')),
       case when p.state = 'waiting'
            then (select count(*) from place q where q.campaign_id = p.campaign_id and q.wave = p.wave
                  and q.state = 'waiting' and q.rank < p.rank)
            else 0 end
from place p
join campaign c on c.id = p.campaign_id
join wave w on w.campaign_id = p.campaign_id and w.number = p.wave
where p.device_id = $1::text
order by c.id desc limit 100;

-- name: device_reports
select wg_ms(received_at), wg_ms(device_at), campaign, attempt, seq, state, cause, detail, remark
from (select * from report where device_id = $1::text order by received_at desc, seq desc limit $2::bigint) r
order by received_at, seq;
