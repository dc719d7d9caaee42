-- Filters that are not given fold away: the connections that ask have their plans made for the values
-- (plan_cache_mode), so that a rare value is found by its index and a frequent one on the way along the ids.
-- name: device_page
select d.*
from device_shown d
where id > $1::text
  and ($2::text is null or online = ($2::text = 'online'))
  and ($3::text is null or region = $3::text or region like $3::text || '-%')
  and ($4::text is null or hardware_model = $4::text)
  and ($5::text is null or exists (select 1 from device_software s where s.device_id = d.id and s.component = $5::text
                                   and ($6::text is null or s.version = $6::text)))
  and ($7::text is null or exists (select 1 from device_tag t where t.device_id = d.id and t.tag = $7::text))
  and ($8::text is null or exists (select 1 from device_group g where g.device_id = d.id and g.name = $8::text))
  and ($9::text is null or exists (select 1 from alarm a where a.device_id = d.id and a.cleared_at is null
                                   and ($9::text = 'any' or a.kind = $9::text)))
  and ($10::text is null or id between $10::text and $10::text || chr(1114111))
  and ($11::jsonb is null or wg_in_scopes($11::jsonb, d.id, d.region, d.hardware_model))
order by id limit $12::bigint;

-- name: device_fleet
with fleet as (
    select region, hardware_model, online, quarantined_at, presence_at
    from device d where $1::jsonb is null or wg_in_scopes($1::jsonb, d.id, d.region, d.hardware_model)
), sums as (
    select count(*) as devices, count(*) filter (where online) as online,
           count(*) filter (where not online and (presence_at is null or presence_at < now() - interval '7 days')) as stale,
           count(*) filter (where quarantined_at is not null) as quarantined
    from fleet
)
select jsonb_build_object(
    'devices', devices, 'online', online, 'stale', stale, 'quarantined', quarantined,
    'alarms', (select count(*) from alarm a where cleared_at is null
               and ($1::jsonb is null or (select wg_in_scopes($1::jsonb, d.id, d.region, d.hardware_model)
                                          from device d where d.id = a.device_id))),
    'regions', coalesce((select jsonb_agg(to_jsonb(r) order by r.devices desc, r.region) from (
        select region, count(*) as devices, count(*) filter (where online) as online from fleet
        group by region order by 2 desc, 1 limit 50) r), '[]'),
    'hardware', coalesce((select jsonb_agg(to_jsonb(h) order by h.devices desc, h.model) from (
        select hardware_model as model, count(*) as devices from fleet group by 1 order by 2 desc, 1 limit 50) h), '[]'),
    'versions', coalesce((select jsonb_agg(to_jsonb(v) order by v.devices desc, v.component, v.version) from (
        select s.component, s.version, count(*) as devices from device_software s join device d on d.id = s.device_id
        where $1::jsonb is null or wg_in_scopes($1::jsonb, d.id, d.region, d.hardware_model)
        group by 1, 2 order by 3 desc, 1, 2 limit 50) v), '[]'))::text
from sums;

-- name: device_map
with placed as (
    select least(floor((st_x(position::geometry) - $1::float8) / (($3::float8 - $1::float8) / $5::int)), $5::int - 1) as x,
           floor((st_y(position::geometry) - $2::float8) / (($3::float8 - $1::float8) / $5::int)) as y, online
    from device d
    where position::geometry && st_makeenvelope($1::float8, $2::float8, $3::float8, $4::float8, 4326)
      and ($6::jsonb is null or wg_in_scopes($6::jsonb, d.id, d.region, d.hardware_model))
), cells as (
    select x, y, count(*) as devices, count(*) filter (where online) as online from placed group by x, y
)
select jsonb_build_object(
    'cells', coalesce((select jsonb_agg(jsonb_build_object(
        'west', $1::float8 + x * (($3::float8 - $1::float8) / $5::int),
        'south', $2::float8 + y * (($3::float8 - $1::float8) / $5::int),
        'east', $1::float8 + (x + 1) * (($3::float8 - $1::float8) / $5::int),
        'north', $2::float8 + (y + 1) * (($3::float8 - $1::float8) / $5::int),
        'devices', devices, 'online', online) order by y, x) from cells), '[]'),
    'without_position', (select count(*) from device d where position is null
                         and ($6::jsonb is null or wg_in_scopes($6::jsonb, d.id, d.region, d.hardware_model))))::text;

-- name: device_in_scopes
select $2::jsonb is null or wg_in_scopes($2::jsonb, id, region, hardware_model) from device where id = $1::text;
