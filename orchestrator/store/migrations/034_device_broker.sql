-- The broker of the configuration by which the device said hello last; '' is not known. What is sent to it goes there.
alter table device add column broker text not null default '';

-- As before, and where it listens.
create or replace view device_shown as
select d.id, d.hardware_model, d.hardware_revision, d.region, d.zone, d.slot, d.agent_version, d.position is not null as positioned,
       coalesce(st_y(d.position::geometry), 0) as lat, coalesce(st_x(d.position::geometry), 0) as lon, d.online,
       wg_ms(d.presence_at) as presence_at, wg_ms(d.seen_at) as seen_at, wg_ms(d.registered_at) as registered_at,
       wg_ms(d.revoked_at) as revoked_at, d.report_seq, d.attributes::text as attributes,
       coalesce((select json_object_agg(s.component, s.version order by s.component)::text
                 from device_software s where s.device_id = d.id), '{}') as software,
       coalesce((select json_agg(t.tag order by t.tag)::text from device_tag t where t.device_id = d.id), '[]') as tags,
       wg_ms(d.quarantined_at) as quarantined_at,
       (select string_agg(a.kind, ', ' order by a.kind) from alarm a where a.device_id = d.id and a.cleared_at is null) as alarms,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'cloned') as cloned_why,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'tampered') as tampered_why,
       (select a.why from alarm a where a.device_id = d.id and a.cleared_at is null and a.kind = 'quarantine') as held_why,
       d.broker
from device d;
